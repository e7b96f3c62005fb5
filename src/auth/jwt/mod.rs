//! JSON Web Tokens (RFC 7519), looked into: [`decode`] never trusts; whether a signature holds, [`verify`] says. Those that
//! a login signs are made in `sign.rs`.

pub mod keys;
pub(super) mod sign;
pub mod verify;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{self, Json};

/// The two readable parts of a signed token.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The JOSE header.
    pub header: Json,
    /// The claims.
    pub claims: Json,
}

/// Decodes a token in the compact form of RFC 7515; `None` for any other text.
pub fn decode(token: &str) -> Option<Decoded> {
    let mut parts = token.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Decoded { header: object(header)?, claims: object(claims)? })
}

fn object(part: &str) -> Option<Json> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    json::parse(&bytes).ok().filter(|json| json.as_object().is_some())
}
