//! Whether the signature of a token holds (RFC 7515, section 5.2). The key decides what it verifies and the token's `alg`
//! must fit it, so that no public key is ever taken for a secret; a token without a signature never passes. Claims are not
//! looked at here.

use std::fmt;
use std::str::FromStr;

use jsonwebtoken::Algorithm;

use super::keys::{Key, KeySet};
use crate::json::Json;

/// The algorithms that can be verified.
pub const ALGORITHMS: [&str; 12] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256", "HS384", "HS512"];

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The algorithm.
    pub alg: Box<str>,
    /// The `kid` of the key that verified it, if it has one.
    pub kid: Option<Box<str>>,
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unverified {
    /// The token is opaque.
    NoJwt,
    /// `alg` is `none`, or there is no signature.
    Unsigned,
    /// The algorithm is none of [`ALGORITHMS`].
    Algorithm(Box<str>),
    /// The header names extensions that must be understood and are not (RFC 7515, section 4.1.11).
    Critical(Box<str>),
    /// No key has that `kid`.
    Kid {
        /// The token's.
        kid: Box<str>,
        /// Those that there are.
        known: Vec<String>,
        /// Why the key of that name was left out, if it was.
        left_out: Option<String>,
    },
    /// No key may verify the algorithm.
    NoKey {
        /// The token's.
        alg: Box<str>,
        /// The keys that might have been meant, each as `name (kind)`.
        keys: Vec<String>,
    },
    /// The keys fit, and the signature is of none of them.
    Signature {
        /// The algorithm.
        alg: Box<str>,
        /// The keys it was checked with.
        keys: Vec<String>,
    },
}

impl fmt::Display for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoJwt => f.write_str("it is not a JWT, so it has no signature"),
            Self::Unsigned => f.write_str("it is not signed: its `alg` is none, or its signature is empty"),
            Self::Algorithm(alg) => write!(f, "its algorithm {alg} is not supported"),
            Self::Critical(names) => write!(f, "its header requires extensions that are not supported: {names}"),
            Self::Kid { kid, .. } => write!(f, "there is no key `{kid}`"),
            Self::NoKey { alg, .. } => write!(f, "no key can be used for {alg}"),
            Self::Signature { .. } => f.write_str("the signature is wrong"),
        }
    }
}

impl Unverified {
    /// What helps to understand.
    pub fn notes(&self) -> Vec<String> {
        let listed = |keys: &[String]| if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
        match self {
            Self::Algorithm(_) => vec![format!("supported algorithms: {}", ALGORITHMS.join(", "))],
            Self::Kid { known, left_out, .. } => {
                let left_out = left_out.iter().map(|why| format!("a key of that name cannot be used: {why}"));
                std::iter::once(format!("the keys are {}", listed(known))).chain(left_out).collect()
            }
            Self::NoKey { keys, .. } => vec![format!("the keys are {}", listed(keys))],
            Self::Signature { alg, keys } => vec![format!("checked as {alg} with {}", listed(keys))],
            Self::NoJwt | Self::Unsigned | Self::Critical(_) => Vec::new(),
        }
    }

    /// Whether newer keys might verify it.
    pub fn may_be_rotated(&self) -> bool {
        matches!(self, Self::Kid { .. })
    }
}

/// Verifies a token in the compact form with the keys of a set: the one that its `kid` names, else every one that fits.
///
/// # Errors
/// Why the signature does not hold.
pub fn verify(token: &str, keys: &KeySet) -> Result<Verified, Unverified> {
    // What is signed need not be JSON for the signature to hold; the header must be.
    let (message, signature) = token.rsplit_once('.').ok_or(Unverified::NoJwt)?;
    let (head, payload) = message.split_once('.').ok_or(Unverified::NoJwt)?;
    let header = super::object(head).filter(|_| !payload.contains('.')).ok_or(Unverified::NoJwt)?;
    let member = |name: &str| header.get(name).and_then(Json::as_str);
    let alg = member("alg").unwrap_or("none");
    if signature.is_empty() || alg.eq_ignore_ascii_case("none") {
        return Err(Unverified::Unsigned);
    }
    if let Some(critical) = header.get("crit") {
        return Err(Unverified::Critical(critical.to_string().into()));
    }
    // RFC 9864 gives EdDSA over Ed25519 a name of its own.
    let name = if alg == "Ed25519" { "EdDSA" } else { alg };
    let algorithm = Algorithm::from_str(name).map_err(|_| Unverified::Algorithm(alg.into()))?;
    let candidates = candidates(keys, member("kid"))?;
    let fitting: Vec<&Key> = candidates.iter().copied().filter(|key| key.algorithms.contains(&algorithm)).collect();
    if fitting.is_empty() {
        return Err(Unverified::NoKey { alg: alg.into(), keys: candidates.iter().map(|key| told(key)).collect() });
    }
    let holds = |key: &&&Key| {
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.decoding, algorithm).unwrap_or_default()
    };
    match fitting.iter().find(holds) {
        Some(key) => Ok(Verified { alg: alg.into(), kid: key.kid.clone() }),
        None => Err(Unverified::Signature { alg: alg.into(), keys: fitting.iter().map(|key| told(key)).collect() }),
    }
}

/// The keys of that `kid`. Without one all of them; and where no key has a name, as in a PEM file, the name says nothing.
fn candidates<'k>(keys: &'k KeySet, kid: Option<&str>) -> Result<Vec<&'k Key>, Unverified> {
    let all = || keys.keys.iter().collect();
    let Some(kid) = kid else { return Ok(all()) };
    let left_out = keys.left_out.iter().find(|(name, _)| name.as_deref() == Some(kid));
    if left_out.is_none() && !keys.keys.is_empty() && keys.keys.iter().all(|key| key.kid.is_none()) {
        return Ok(all());
    }
    let named: Vec<&Key> = keys.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect();
    if named.is_empty() {
        let left_out = left_out.map(|(_, why)| why.clone());
        return Err(Unverified::Kid { kid: kid.into(), known: keys.kids(), left_out });
    }
    Ok(named)
}

fn told(key: &Key) -> String {
    let name = key.kid.as_deref().unwrap_or("a key without `kid`");
    format!("{name} ({})", key.what)
}

#[cfg(test)]
mod tests;
