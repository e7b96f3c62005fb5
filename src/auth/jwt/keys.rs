//! Keys that signatures are checked with: a JWK Set (RFC 7517), a single JWK, a public key in PEM, a shared secret. A key
//! knows which algorithms it may verify; what it is not good for, it is never asked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::json::{self, Json};

/// Smaller RSA keys verify nothing (RFC 7518, section 3.3).
const RSA_BITS: usize = 2048;

/// How long a public key of Ed25519 is (RFC 8032, section 5.1.5).
const ED25519_BYTES: usize = 32;

/// A key that verifies.
#[derive(Debug)]
pub struct Key {
    /// `kid`
    pub kid: Option<Box<str>>,
    /// What it is: `RSA`, `EC P-256`.
    pub what: Box<str>,
    /// The algorithms it may verify: those of its kind, or the one that its `alg` names.
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

/// The keys that a token may be signed with.
#[derive(Debug, Default)]
pub struct KeySet {
    /// The keys in their order.
    pub keys: Vec<Key>,
    /// Those that were left out, each with the reason: an unknown kind, a key for encryption.
    pub left_out: Vec<(Option<Box<str>>, String)>,
}

/// Where a key set comes from: whoever publishes a symmetric key has given it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// Anyone can read it: symmetric keys in it are left out.
    Yes,
    /// It is the user's own file.
    No,
}

impl KeySet {
    /// Reads a JWK Set, or a single JWK.
    ///
    /// # Errors
    /// Why it is neither.
    pub fn of_json(json: &Json, published: Published) -> Result<Self, String> {
        let single = std::slice::from_ref(json);
        let written = match json.get("keys") {
            Some(keys) => keys.as_array().ok_or_else(|| "its `keys` are not a list".to_owned())?,
            None if json.get("kty").is_some() => single,
            None => return Err("it is not a key set: it has no `keys`".to_owned()),
        };
        let mut set = Self::default();
        for jwk in written {
            match key(jwk, published) {
                Ok(key) => set.keys.push(key),
                Err(why) => set.left_out.push((text(jwk, "kid").map(Box::from), why)),
            }
        }
        Ok(set)
    }

    /// Reads a file of the user's own: a JWK Set, a JWK, or a public key in PEM.
    ///
    /// # Errors
    /// Why it is none of them.
    pub fn of_file(bytes: &[u8]) -> Result<Self, String> {
        // Text may stand before the key (RFC 7468, section 2).
        if bytes.windows(11).any(|window| window == b"-----BEGIN ") {
            return Ok(Self { keys: vec![pem(bytes)?], left_out: Vec::new() });
        }
        let json = json::parse(bytes).map_err(|error| format!("it is neither PEM nor JSON ({error})"))?;
        Self::of_json(&json, Published::No)
    }

    /// The one key that a shared secret is: for HS256, HS384 and HS512.
    pub fn of_secret(secret: &[u8]) -> Self {
        let key = Key {
            kid: None,
            what: "a shared secret".into(),
            algorithms: vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
            decoding: DecodingKey::from_secret(secret),
        };
        Self { keys: vec![key], left_out: Vec::new() }
    }

    /// The `kid` of every key, for messages.
    pub fn kids(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.kid.as_deref().unwrap_or("a key without `kid`").to_owned()).collect()
    }
}

fn text<'j>(jwk: &'j Json, name: &str) -> Option<&'j str> {
    jwk.get(name).and_then(Json::as_str)
}

/// A key of a set, or why it verifies nothing.
fn key(jwk: &Json, published: Published) -> Result<Key, String> {
    if let Some(purpose) = text(jwk, "use")
        && purpose != "sig"
    {
        return Err(format!("its `use` is `{purpose}`, not `sig`"));
    }
    if let Some(operations) = jwk.get("key_ops").and_then(Json::as_array)
        && !operations.iter().any(|operation| matches!(operation.as_str(), Some("verify" | "sign")))
    {
        return Err("its `key_ops` do not allow `verify`".to_owned());
    }
    let member = |name: &str| text(jwk, name).ok_or_else(|| format!("it has no `{name}`"));
    let broken = |error: jsonwebtoken::errors::Error| format!("it cannot be read: {error}");
    let (what, kind, decoding): (_, &[Algorithm], _) = match (member("kty")?, text(jwk, "crv")) {
        ("RSA", _) => {
            let (modulus, exponent) = (member("n")?, member("e")?);
            let bits = URL_SAFE_NO_PAD.decode(modulus).map(|bytes| significant_bits(&bytes)).unwrap_or_default();
            if bits < RSA_BITS {
                return Err(format!("it is an RSA key of {bits} bits, and at least {RSA_BITS} are needed"));
            }
            ("RSA", RSA, DecodingKey::from_rsa_components(modulus, exponent).map_err(broken)?)
        }
        ("EC", Some("P-256")) => (
            "EC P-256",
            &[Algorithm::ES256],
            DecodingKey::from_ec_components(member("x")?, member("y")?).map_err(broken)?,
        ),
        ("EC", Some("P-384")) => (
            "EC P-384",
            &[Algorithm::ES384],
            DecodingKey::from_ec_components(member("x")?, member("y")?).map_err(broken)?,
        ),
        ("OKP", Some("Ed25519")) => {
            let x = member("x")?;
            let bytes = URL_SAFE_NO_PAD.decode(x).map_err(|_| "its `x` is not base64url".to_owned())?;
            // Any other length is taken here, and then verifies nothing.
            if bytes.len() != ED25519_BYTES {
                let length = bytes.len();
                return Err(format!("its `x` has {length} bytes, and an Ed25519 key has {ED25519_BYTES}"));
            }
            ("Ed25519", &[Algorithm::EdDSA], DecodingKey::from_ed_components(x).map_err(broken)?)
        }
        ("oct", _) if published == Published::Yes => {
            return Err("it is a symmetric key: everybody who can read it could sign with it".to_owned());
        }
        ("oct", _) => {
            let secret = URL_SAFE_NO_PAD.decode(member("k")?.trim_end_matches('='));
            ("oct", HMAC, DecodingKey::from_secret(&secret.map_err(|_| "its `k` is not base64url".to_owned())?))
        }
        (kty, Some(curve)) => return Err(format!("keys of the kind {kty} {curve} are not supported")),
        (kty, None) => return Err(format!("keys of the kind {kty} are not supported")),
    };
    let algorithms = match text(jwk, "alg") {
        None => kind.to_vec(),
        // RFC 9864 names the curve where RFC 8037 names the family.
        Some("Ed25519") if kind == [Algorithm::EdDSA] => kind.to_vec(),
        Some(alg) => kind.iter().copied().filter(|one| format!("{one:?}") == alg).collect(),
    };
    match (algorithms.is_empty(), text(jwk, "alg")) {
        (true, Some(alg)) => Err(format!("its `alg` is {alg}, which does not fit a key of the kind {what}")),
        _ => Ok(Key { kid: text(jwk, "kid").map(Box::from), what: what.into(), algorithms, decoding }),
    }
}

const RSA: &[Algorithm] =
    &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];
const HMAC: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

/// The length of a number in bits, leading zeros not counted.
fn significant_bits(bytes: &[u8]) -> usize {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(zeros).map_or(0, |byte| 8 - byte.leading_zeros() as usize);
    (bytes.len() - zeros).saturating_sub(1) * 8 + first
}

/// A public key in PEM (`BEGIN PUBLIC KEY`, for RSA also `BEGIN RSA PUBLIC KEY`).
fn pem(bytes: &[u8]) -> Result<Key, String> {
    let label = String::from_utf8_lossy(bytes);
    let label = label.split("-----BEGIN ").nth(1).and_then(|rest| rest.split("-----").next()).unwrap_or_default();
    if !label.ends_with("PUBLIC KEY") {
        let what = label.to_lowercase();
        return Err(format!(
            "it contains a {what}, but a public key is needed (`openssl pkey -pubout`, `openssl x509 -pubkey -noout`)"
        ));
    }
    let (what, algorithms, decoding) = if let Ok(decoding) = DecodingKey::from_rsa_pem(bytes) {
        ("RSA", RSA.to_vec(), decoding)
    } else if let Ok(decoding) = DecodingKey::from_ec_pem(bytes) {
        // An uncompressed point: one byte and two coordinates.
        match decoding.try_get_as_bytes().map_or(0, <[u8]>::len) {
            65 => ("EC P-256", vec![Algorithm::ES256], decoding),
            97 => ("EC P-384", vec![Algorithm::ES384], decoding),
            _ => return Err("it contains a key on a curve that is not supported; P-256 and P-384 are".to_owned()),
        }
    } else if let Ok(decoding) = DecodingKey::from_ed_pem(bytes) {
        ("Ed25519", vec![Algorithm::EdDSA], decoding)
    } else {
        return Err("it contains a public key of a kind that is not supported; RSA, EC and Ed25519 are".to_owned());
    };
    Ok(Key { kid: None, what: what.into(), algorithms, decoding })
}
