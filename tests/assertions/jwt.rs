//! What the servers of these tests make of a JWT, and what they find in forms.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::support::Seen;

/// A key as openssl wrote it.
pub(crate) fn key(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/assertions/keys/{name}.pem"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The header and the claims of a JWT whose signature holds.
#[track_caller]
pub(crate) fn checked(jwt: &str, public: &DecodingKey, algorithm: Algorithm) -> (Value, Value) {
    let mut validation = Validation::new(algorithm);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let claims =
        jsonwebtoken::decode::<Value>(jwt, public, &validation).unwrap_or_else(|error| panic!("{error}: {jwt}")).claims;
    (header(jwt), claims)
}

/// The header of a JWT, as it is written.
pub(crate) fn header(jwt: &str) -> Value {
    use base64::Engine as _;
    let part = jwt.split('.').next().expect("it has parts");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// The public key of a file.
pub(crate) fn public(name: &str) -> DecodingKey {
    let pem = key(&format!("{name}.public"));
    let made = match name {
        "rsa" => DecodingKey::from_rsa_pem(pem.as_bytes()),
        "ed25519" => DecodingKey::from_ed_pem(pem.as_bytes()),
        _ => DecodingKey::from_ec_pem(pem.as_bytes()),
    };
    made.expect("openssl wrote a public key")
}

/// A field of a form.
pub(crate) fn field(seen: &Seen, name: &str) -> Option<String> {
    url::form_urlencoded::parse(&seen.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A field of a form that must be there.
#[track_caller]
pub(crate) fn needed(seen: &Seen, name: &str) -> String {
    field(seen, name).unwrap_or_else(|| panic!("no {name} in {}", seen.text()))
}
