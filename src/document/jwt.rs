//! A JSON Web Token (RFC 7519) as a body: its header and its claims. Nothing here looks at the signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{self, Json};

/// `{ header, claims }`
pub(super) fn token(text: &str) -> Result<Json, String> {
    let text = text.trim();
    let parts: Vec<&str> = text.split('.').collect();
    let (header, claims) = match parts.as_slice() {
        [header, claims, _] => (header, claims),
        [_, _, _, _, _] => {
            return Err("it has five parts: the token is encrypted (JWE), and cannot be looked into".to_owned());
        }
        [_] => return Err("a JWT has three parts with dots between them, and this has none".to_owned()),
        parts => return Err(format!("a JWT has three parts with dots between them, and this has {}", parts.len())),
    };
    Ok(Json::object([("header", part(header, "header")?), ("claims", part(claims, "claims")?)]))
}

fn part(text: &str, what: &str) -> Result<Json, String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("its {what} part is not base64url"))?;
    let value = json::parse(&bytes).map_err(|error| format!("its {what} part is not JSON: {error}"))?;
    if value.as_object().is_none() {
        return Err(format!("its {what} part is {}, not an object", value.kind().with_article()));
    }
    Ok(value)
}
