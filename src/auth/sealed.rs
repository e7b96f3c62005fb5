//! A session that can be carried over a place that others see, as a secret of a CI server is set: encrypted in the format
//! of age (<https://age-encryption.org/v1>), to a passphrase or to public keys, as text.

use std::io::{Read, Write};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor, x25519};

use super::store::StoredSession;
use crate::secret::Secret;

/// What a session is encrypted to.
pub enum Lock {
    /// Whoever knows the passphrase.
    Passphrase(Secret),
    /// Whoever has the private key of one of these, as `age-keygen` makes them.
    Recipients(Vec<Recipient>),
}

/// What opens an encrypted session.
pub enum Key {
    /// The passphrase.
    Passphrase(Secret),
    /// The private keys of a file that `age-keygen` wrote.
    Identities(Vec<x25519::Identity>),
}

/// A public key: `age1…`.
#[derive(Clone)]
pub struct Recipient(x25519::Recipient);

impl Recipient {
    /// Reads one, or tells why it is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("AGE-SECRET-KEY-") {
            return Err("it is a private key; the public one starts with age1");
        }
        text.trim()
            .parse()
            .map(Self)
            .map_err(|_| "it is not a public key of age: a key starts with age1, and must be copied completely")
    }
}

/// Why an encrypted session cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It is not in the format of age.
    #[error("it is not an encrypted session: {0}")]
    Format(String),
    /// It was encrypted to a passphrase, and keys were given; or the other way round.
    #[error("it was encrypted to {to}, and {given} given")]
    Kind {
        /// What it was encrypted to.
        to: &'static str,
        /// What was given.
        given: &'static str,
    },
    /// Another passphrase, or none of the keys.
    #[error("{0}")]
    Wrong(&'static str),
    /// What it holds is no session of this version.
    #[error("it does not contain a session: {0}")]
    Session(String),
}

/// Reads the private keys of a file that `age-keygen` wrote: one a line, beside comments.
///
/// # Errors
/// There is none in it.
pub fn identities(text: &str) -> Result<Vec<x25519::Identity>, &'static str> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Result<Vec<_>, _> = lines.map(str::parse).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(keys),
        Ok(_) => Err("there is no key in it"),
        Err(_) => Err("it contains something else: a private key of age starts with AGE-SECRET-KEY-1"),
    }
}

/// Encrypts a session, as text.
///
/// # Errors
/// The library could not.
pub fn seal(session: &StoredSession, lock: &Lock) -> Result<String, SealError> {
    let failed = |error: &dyn std::fmt::Display| SealError::Format(error.to_string());
    let encryptor = match lock {
        Lock::Passphrase(passphrase) => Encryptor::with_user_passphrase(SecretString::from(passphrase.expose())),
        Lock::Recipients(recipients) => {
            Encryptor::with_recipients(recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient))
                .map_err(|error| failed(&error))?
        }
    };
    let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).map_err(|error| failed(&error))?;
    let mut writer = encryptor.wrap_output(armor).map_err(|error| failed(&error))?;
    writer.write_all(session.to_text().as_bytes()).map_err(|error| failed(&error))?;
    let text = writer.finish().and_then(ArmoredWriter::finish).map_err(|error| failed(&error))?;
    String::from_utf8(text).map_err(|error| failed(&error))
}

/// Whether the text was encrypted to a passphrase.
///
/// # Errors
/// It is not in the format of age.
pub fn wants_passphrase(text: &str) -> Result<bool, SealError> {
    decryptor(text).map(|decryptor| decryptor.is_scrypt())
}

/// Opens an encrypted session.
///
/// # Errors
/// Why it cannot be opened, or what is wrong with what it holds.
pub fn open(text: &str, key: &Key) -> Result<StoredSession, SealError> {
    let decryptor = decryptor(text)?;
    let opened = match (key, decryptor.is_scrypt()) {
        (Key::Passphrase(passphrase), true) => {
            let identity = age::scrypt::Identity::new(SecretString::from(passphrase.expose()));
            decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))
        }
        (Key::Identities(keys), false) => decryptor.decrypt(keys.iter().map(|key| key as &dyn age::Identity)),
        (Key::Passphrase(_), false) => {
            return Err(SealError::Kind { to: "public keys", given: "a passphrase was" });
        }
        (Key::Identities(_), true) => return Err(SealError::Kind { to: "a passphrase", given: "private keys were" }),
    };
    let mut plain = Vec::new();
    let mut reader = opened.map_err(|error| match error {
        DecryptError::DecryptionFailed | DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed => {
            SealError::Wrong(match key {
                Key::Passphrase(_) => "the passphrase is wrong",
                Key::Identities(_) => "it was not encrypted for any of these keys",
            })
        }
        DecryptError::ExcessiveWork { .. } => {
            SealError::Format("checking its passphrase would take this machine far too long".into())
        }
        other => SealError::Format(other.to_string()),
    })?;
    // Each part is authenticated: what was cut off or altered is found here.
    reader.read_to_end(&mut plain).map_err(|error| SealError::Format(error.to_string()))?;
    StoredSession::of_text(&plain).map_err(|wrong| SealError::Session(wrong.to_string()))
}

fn decryptor(text: &str) -> Result<Decryptor<ArmoredReader<std::io::BufReader<&[u8]>>>, SealError> {
    // Secrets of CI servers lose the line break at their end, and get white space around them.
    let text = text.trim();
    if !text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") {
        return Err(SealError::Format("it does not start with -----BEGIN AGE ENCRYPTED FILE-----".into()));
    }
    Decryptor::new_buffered(ArmoredReader::new(text.as_bytes())).map_err(|error| SealError::Format(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(plain: &str) -> Result<StoredSession, SealError> {
        let passphrase = || Secret::new("correct horse");
        let encryptor = Encryptor::with_user_passphrase(SecretString::from(passphrase().expose()));
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).expect("armor");
        let mut writer = encryptor.wrap_output(armor).expect("a writer");
        writer.write_all(plain.as_bytes()).expect("written");
        let text = writer.finish().and_then(ArmoredWriter::finish).expect("finished");
        open(&String::from_utf8(text).expect("text"), &Key::Passphrase(passphrase()))
    }

    #[test]
    fn what_is_encrypted_must_be_a_session_of_this_version() {
        let error = opened(r#"{ "version": 99, "provider": "own" }"#).expect_err("another version");
        assert!(error.to_string().contains("it has version 99"), "{error}");
        let error = opened("a shopping list").expect_err("no session");
        assert!(error.to_string().starts_with("it does not contain a session"), "{error}");
    }
}
