//! A key to sign with: what it is read from, what it can do.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Algorithm, jwk, pem};
use crate::json::{self, Json};

/// A key to sign with. It does not show itself.
pub struct SigningKey {
    pair: Pair,
    id: Option<Box<str>>,
}

pub(super) enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret(Vec<u8>),
}

/// Why a text is no key, or not the right one. Never holds a part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct KeyError {
    message: String,
    /// What to do.
    pub help: Option<&'static str>,
}

impl KeyError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kind())
    }
}

impl SigningKey {
    pub(super) fn of(pair: Pair, id: Option<Box<str>>) -> Self {
        Self { pair, id }
    }

    /// Reads a private key in PEM (PKCS#8, PKCS#1 or SEC 1) or as a JWK.
    ///
    /// # Errors
    /// What the text is instead.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if let Some(block) = pem::block(text) {
            return of_pem(block).map(|pair| Self::of(pair, None));
        }
        if text.contains("-----BEGIN ") {
            return Err(KeyError::new("the PEM is cut off").help("it ends with a line `-----END …-----`"));
        }
        if text.starts_with('{') {
            let jwk = json::parse(text.as_bytes())
                .map_err(|_| KeyError::new("it starts like JSON, but is not valid JSON"))?;
            return jwk::read(&jwk);
        }
        Err(KeyError::new("it is neither PEM nor a JWK")
            .help("give the whole text, starting with `-----BEGIN …`, or the JSON of the key"))
    }

    /// A secret that both sides have: a JWK of the kind `oct`, or the text itself.
    ///
    /// # Errors
    /// The text is a key of another kind.
    pub fn shared(text: &str) -> Result<Self, KeyError> {
        let is_jwk = || text.trim_start().starts_with('{') && text.contains("\"kty\"");
        if text.contains("-----BEGIN ") || is_jwk() {
            return Self::read(text);
        }
        Ok(Self::secret(text))
    }

    /// The text itself as a secret that both sides have.
    pub fn secret(text: &str) -> Self {
        Self::of(Pair::Secret(text.as_bytes().to_vec()), None)
    }

    /// A new key on the curve P-256.
    ///
    /// # Errors
    /// The machine has no random numbers.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| KeyError::new("this machine provides no random numbers"))?;
        Ok(Self::of(Pair::P256(pair), None))
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        self.algorithm().takes()
    }

    /// The `kid` of a JWK.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The algorithm that keys of this kind sign with unless another is asked for.
    pub fn algorithm(&self) -> Algorithm {
        match &self.pair {
            Pair::Rsa(_) => Algorithm::RS256,
            Pair::P256(_) => Algorithm::ES256,
            Pair::P384(_) => Algorithm::ES384,
            Pair::Ed25519(_) => Algorithm::EdDSA,
            Pair::Secret(_) => Algorithm::HS256,
        }
    }

    /// Whether it can sign so.
    ///
    /// # Errors
    /// What it is, and what the algorithm takes.
    pub fn fits(&self, algorithm: Algorithm) -> Result<(), KeyError> {
        if algorithm.takes() == self.kind() {
            return Ok(());
        }
        Err(KeyError::new(format!("it is {}, and {} needs {}", self.kind(), algorithm.word(), algorithm.takes())))
    }

    /// The public members of an EC key on P-256 as a JWK, in the order of RFC 7638.
    pub fn public_jwk(&self) -> Option<Json> {
        let Pair::P256(pair) = &self.pair else { return None };
        // An uncompressed point: 4, x, y.
        let point = pair.public_key().as_ref();
        let (x, y) = point.get(1..)?.split_at_checked(32)?;
        let text = |bytes| Json::from(URL_SAFE_NO_PAD.encode(bytes));
        Some(Json::object([("crv", Json::from("P-256")), ("kty", Json::from("EC")), ("x", text(x)), ("y", text(y))]))
    }

    /// The private key in PKCS#8, for whoever keeps it.
    pub fn to_pkcs8(&self) -> Option<Vec<u8>> {
        let Pair::P256(pair) = &self.pair else { return None };
        pair.to_pkcs8v1().ok().map(|document| document.as_ref().to_vec())
    }

    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.fits(algorithm)?;
        let failed = |_| KeyError::new(format!("it cannot sign with {}", algorithm.word()));
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &'static dyn RsaEncoding = match algorithm {
                    Algorithm::RS384 => &RSA_PKCS1_SHA384,
                    Algorithm::RS512 => &RSA_PKCS1_SHA512,
                    Algorithm::PS256 => &RSA_PSS_SHA256,
                    Algorithm::PS384 => &RSA_PSS_SHA384,
                    Algorithm::PS512 => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(failed)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Secret(secret) => {
                let digest = match algorithm {
                    Algorithm::HS384 => hmac::HMAC_SHA384,
                    Algorithm::HS512 => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                Ok(hmac::sign(&hmac::Key::new(digest, secret), message).as_ref().to_vec())
            }
        }
    }
}

fn of_pem(block: pem::Block) -> Result<Pair, KeyError> {
    let pem::Block { label, der } = block;
    if !label.ends_with("PRIVATE KEY") {
        let what = format!("it is a {}, but only a private key can sign", label.to_lowercase());
        return Err(KeyError::new(what).help("give the private key that belongs to it"));
    }
    let encrypted = "decrypt it first: openssl pkey -in FILE -out PLAIN_FILE";
    if label == "ENCRYPTED PRIVATE KEY" {
        return Err(KeyError::new("the key is encrypted with a passphrase").help(encrypted));
    }
    let Some(der) = der else {
        let what = KeyError::new("the PEM is broken, or encrypted with a passphrase");
        return Err(what.help("compare it with the file it was copied from"));
    };
    let rsa = |pair| Pair::Rsa(Box::new(pair));
    let read = if label == "RSA PRIVATE KEY" {
        RsaKeyPair::from_der(&der).ok().map(rsa)
    } else {
        let curve = |algorithm| EcdsaKeyPair::from_private_key_der(algorithm, &der);
        RsaKeyPair::from_pkcs8(&der)
            .ok()
            .map(rsa)
            .or_else(|| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok().map(Pair::Ed25519))
            .or_else(|| curve(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().map(Pair::P256))
            .or_else(|| curve(&ECDSA_P384_SHA384_FIXED_SIGNING).ok().map(Pair::P384))
    };
    read.ok_or_else(|| {
        KeyError::new("the PEM contains no key that can be used")
            .help("RSA keys of 2048 bits or more, EC keys on P-256 and P-384, and Ed25519 keys can be used")
    })
}
