//! The JWTs that a login signs: client assertions (RFC 7523, section 2.2) and authorization grants (section 2.1). Each is
//! new, with a `jti` of its own: servers remember those they have seen.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::auth::file::Field;
use crate::auth::proof::Assertion;
use crate::jose::{self, Algorithm, KeyError, SigningKey};
use crate::json::{Json, ObjectBuilder};
use crate::source::{Diagnostic, Keys};
use crate::template::Scope;

/// A key and the algorithm it signs an assertion with.
#[derive(Debug)]
pub(in crate::auth) struct Signer {
    key: SigningKey,
    algorithm: Algorithm,
}

impl Signer {
    /// Reads the key of an assertion.
    ///
    /// # Errors
    /// The text is no key, or not one for the algorithm: at the line that names it.
    pub(in crate::auth) fn read(how: &Assertion, text: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |error: KeyError, at| {
            let problem = Diagnostic::error("auth.key", format!("the key of `{}` cannot be used: {error}", how.name));
            let problem = problem.at(at, "");
            Box::new(match error.help {
                Some(help) => problem.help(help),
                None => problem,
            })
        };
        let key_at = if how.key.span() == crate::source::Span::default() { how.at } else { how.key.span() };
        let key = if how.shared { SigningKey::shared(text) } else { SigningKey::read(text) };
        let key = key.map_err(|error| wrong(error, key_at))?;
        let algorithm = match &how.alg {
            Some(alg) => alg.value,
            // A private key where a secret is due is told apart from the secret's own algorithm.
            None if how.shared => Algorithm::HS256,
            None => key.algorithm(),
        };
        let at = how.alg.as_ref().map_or(key_at, |alg| alg.span);
        key.fits(algorithm).map_err(|error| wrong(error, at))?;
        Ok(Self { key, algorithm })
    }

    /// Signs a JWT of these claims, in the order and with the changes that the file asks for, for `audience` unless the
    /// file names another.
    ///
    /// # Errors
    /// A template of the file that cannot be rendered.
    pub(in crate::auth) fn sign(
        &self,
        how: &Assertion,
        claims: Vec<(&str, Json)>,
        audience: &str,
        scope: &Scope,
    ) -> Result<String, Diagnostic> {
        let audience = match &how.audience {
            Some(audience) => Json::from(&*audience.render(scope)?),
            None => Json::from(audience),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut all = claims;
        all.extend([
            ("aud", audience),
            ("jti", Json::from(unguessable()?)),
            ("iat", Json::from(now)),
            ("exp", Json::from(now.saturating_add(how.lifetime.as_secs()))),
        ]);
        let mut header = vec![("typ", Json::from("JWT")), ("alg", Json::from(self.algorithm.word()))];
        let kid = match &how.kid {
            Some(kid) => Some(kid.render(scope)?.into_owned()).filter(|kid| !kid.is_empty()),
            None => self.key.id().map(str::to_owned),
        };
        header.extend(kid.map(|kid| ("kid", Json::from(kid))));
        let (header, claims) = (merged(header, &how.headers, scope)?, merged(all, &how.claims, scope)?);
        jose::sign(&header, &claims, &self.key, self.algorithm).map_err(|error| {
            Diagnostic::error("auth.key", format!("the key cannot be used: {error}"))
                .at(how.at, "")
                .help("the key must be a private one, of the kind that `alg` needs")
        })
    }
}

/// The usual members and those of the file, which take their place; `null` and an empty scope leave a member out.
fn merged(usual: Vec<(&str, Json)>, written: &Keys<Field>, scope: &Scope) -> Result<Json, Diagnostic> {
    let mut object = ObjectBuilder::default();
    for (name, value) in usual.into_iter().filter(|(name, _)| written.get(name).is_none()) {
        object.push(name.into(), value);
    }
    for (name, field) in written.iter() {
        let value = field.evaluate(scope)?;
        let nothing = matches!(value, Json::Null) || value.as_str() == Some("") && field.refers_to("scope");
        if !nothing {
            object.push(name.value.clone(), value);
        }
    }
    Ok(Json::Object(object.finish()))
}

/// 128 bits that no one can guess, for a `jti`.
pub(in crate::auth) fn unguessable() -> Result<String, Diagnostic> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| no_random())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// That nothing can be made that no one can guess.
pub(in crate::auth) fn no_random() -> Diagnostic {
    Diagnostic::error("auth.random", "this machine provides no random numbers")
        .help("in a container or sandbox, allow access to `/dev/urandom`")
}
