//! A key as JSON (RFC 7517): private keys of the kinds `RSA`, `EC`, `OKP` and `oct` (RFC 7518, section 6; RFC 8037).

use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::der;
use super::key::{KeyError, Pair, SigningKey};
use crate::json::Json;

/// Reads a private key.
pub(super) fn read(jwk: &Json) -> Result<SigningKey, KeyError> {
    let text = |name: &str| jwk.get(name).and_then(Json::as_str);
    let kind = text("kty").ok_or_else(|| KeyError::new("the JWK has no `kty`"))?;
    let bytes = |name: &str| {
        let text = text(name).ok_or_else(|| match name {
            "d" => KeyError::new("the JWK is a public key: it has no `d`").help("give the private one"),
            _ => KeyError::new(format!("the JWK has no `{name}`")),
        })?;
        let decoded = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        decoded.map_err(|_| KeyError::new(format!("`{name}` of the JWK is not base64url")))
    };
    let inconsistent = |_| KeyError::new("the members of the JWK do not belong together");
    let pair = match (kind, text("crv")) {
        ("oct", _) => Pair::Secret(bytes("k")?),
        ("RSA", _) => {
            let d = bytes("d")?;
            if jwk.get("p").is_none() {
                let what = KeyError::new("the JWK has no primes: `p`, `q`, `dp`, `dq`, `qi`");
                return Err(what.help("export the key with all its members, or give it as PEM"));
            }
            let integers =
                [bytes("n")?, bytes("e")?, d, bytes("p")?, bytes("q")?, bytes("dp")?, bytes("dq")?, bytes("qi")?];
            let der = der::rsa_private_key(&integers);
            Pair::Rsa(Box::new(RsaKeyPair::from_der(&der).map_err(inconsistent)?))
        }
        ("EC", Some(curve @ ("P-256" | "P-384"))) => {
            let (algorithm, wrap): (_, fn(EcdsaKeyPair) -> Pair) = match curve {
                "P-256" => (&ECDSA_P256_SHA256_FIXED_SIGNING, Pair::P256),
                _ => (&ECDSA_P384_SHA384_FIXED_SIGNING, Pair::P384),
            };
            // An uncompressed point (SEC 1, section 2.3.3).
            let (d, point) = (bytes("d")?, [vec![4], bytes("x")?, bytes("y")?].concat());
            wrap(EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, &point).map_err(inconsistent)?)
        }
        ("OKP", Some("Ed25519")) => {
            let (d, x) = (bytes("d")?, bytes("x")?);
            Pair::Ed25519(Ed25519KeyPair::from_seed_and_public_key(&d, &x).map_err(inconsistent)?)
        }
        (kind, Some(curve)) => return Err(unknown(&format!("a JWK of the kind {kind} on the curve {curve}"))),
        (kind, None) => return Err(unknown(&format!("a JWK of the kind {kind}"))),
    };
    let id = text("kid").filter(|id| !id.is_empty()).map(Box::from);
    Ok(SigningKey::of(pair, id))
}

fn unknown(what: &str) -> KeyError {
    KeyError::new(format!("it is {what}")).help("RSA, EC on P-256 or P-384, OKP on Ed25519 and oct are supported")
}
