//! The name of a session: everything that makes two logins two goes into it, and none of it can be had back out.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use aws_lc_rs::{hmac, rand};

use super::lock::Lock;
use super::{StoreError, VERSION, file};
use crate::auth::identity::Identity;
use crate::json::Json;
use crate::source::{Entry, Node};

/// Bytes of the key.
const LENGTH: usize = 32;

/// Bytes of the name's last part: enough that no two sessions ever share it.
const PART: usize = 16;

/// Making a key takes no time: who holds the lock longer than this has been stopped.
const LIMIT: Duration = Duration::from_secs(5);

/// Keys of a provider's file that no token depends on: they tell how tokens are used, shown, renewed and given back.
/// Environments and credentials count by what they come to.
const APART: &[&str] =
    &["provider", "title", "docs", "environments", "credentials", "send", "reauth_on", "refresh", "revoke", "jwks"];

/// A random key of the store, without which nobody can try passwords against the names of its files.
pub(super) struct NameKey(hmac::Key);

impl std::fmt::Debug for NameKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameKey(***)")
    }
}

impl NameKey {
    /// The key of the store in that folder; a new one where there is none. One that is damaged gives way to a new one: then
    /// the sessions of before are not found again, and are had anew.
    pub(super) fn of(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("key");
        if let Some(key) = read(&path)? {
            return Ok(key);
        }
        file::make_folder(folder)?;
        let since = Instant::now();
        let lock_path = folder.join("key.lock");
        let _lock = loop {
            if let Some(lock) = Lock::try_take(&lock_path)? {
                break lock;
            }
            if since.elapsed() > LIMIT {
                return Err(StoreError::Busy { path: lock_path, waited: since.elapsed() });
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        if let Some(key) = read(&path)? {
            return Ok(key);
        }
        let mut bytes = [0; LENGTH];
        rand::fill(&mut bytes).map_err(|_| StoreError::Io {
            path: path.clone(),
            source: io::Error::other("this machine provides no random numbers"),
        })?;
        file::write(&path, &bytes, "key")?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// `simacan.stg.default.` and a fingerprint: people find the file, and no two sessions share it.
    pub(super) fn name(&self, identity: &Identity) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        // Each part with its length before it, so that no two lists of parts run together to the same.
        let mut add = |part: &str| {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        };
        add(&VERSION.to_string());
        let key = &identity.key;
        for part in [&*key.provider, &key.environment, &key.persona, &key.client, &key.scope] {
            add(part);
        }
        for (name, value) in identity.members() {
            add(name);
            add(value);
        }
        add("credentials");
        for (name, _) in identity.origins() {
            add(name);
            add(identity.credential(name).unwrap_or_default());
        }
        // Whose token was exchanged for it.
        for other in [&identity.subject, &identity.actor].into_iter().flatten() {
            add(&self.name(other));
        }
        let written = &identity.provider.written;
        add(written);
        for (name, value) in named_variables(written, identity) {
            add(&name);
            add(&value);
        }
        let tag = context.sign();
        let mut name = String::new();
        for part in [&*key.provider, &key.environment, &key.persona] {
            name.extend(part.chars().take(40).map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }));
            name.push('.');
        }
        // An ending of its own would be taken for the file's: the fingerprint is in hexadecimal and has none.
        name.extend(tag.as_ref().iter().take(PART).map(|byte| format!("{byte:02x}")));
        name
    }
}

fn read(path: &Path) -> Result<Option<NameKey>, StoreError> {
    match fs::read(path) {
        Ok(bytes) if bytes.len() == LENGTH => Ok(Some(NameKey(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Io { path: path.to_owned(), source }),
    }
}

/// Variables of the environment that the provider's file names, and their values: an audience may stand there.
fn named_variables(written: &str, identity: &Identity) -> Vec<(String, String)> {
    let Some(env) = identity.scope.get("env") else { return Vec::new() };
    let names = env.try_iter().into_iter().flatten().map(|name| name.to_string());
    let mut named: Vec<_> = names
        .filter(|name| written.contains(&format!("env.{name}")) || written.contains("env["))
        .map(|name| {
            let value = env.get_attr(&name).map(|value| value.to_string()).unwrap_or_default();
            (name, value)
        })
        .collect();
    named.sort();
    named
}

/// What of a provider's file a token depends on, in one form whatever its layout: two files that log in differently
/// never share a session.
pub(in crate::auth) fn written(provider: &Node) -> Box<str> {
    let of_login = |entry: &&Entry| !APART.contains(&&**entry.key);
    let entries = provider.entries().unwrap_or_default().iter().filter(of_login);
    Json::object(entries.map(|entry| (entry.key.value.clone(), entry.value.to_json()))).to_string().into()
}
