//! Signing as JWS has it (RFC 7515) with the algorithms of RFC 7518 and RFC 8037: what templates sign with `jwt_sign`, and
//! what logins prove themselves with. It makes signatures and looks at none.

mod der;
mod jwk;
mod key;
mod pem;
#[cfg(test)]
mod tests;

pub use key::{KeyError, SigningKey};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::Json;

/// How something is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, -384, -512 (RFC 7518, section 3.3).
    RS256,
    /// See above.
    RS384,
    /// See above.
    RS512,
    /// RSASSA-PSS (section 3.5).
    PS256,
    /// See above.
    PS384,
    /// See above.
    PS512,
    /// ECDSA on P-256 (section 3.4).
    ES256,
    /// ECDSA on P-384.
    ES384,
    /// Ed25519 (RFC 8037, section 3.1).
    EdDSA,
    /// HMAC (RFC 7518, section 3.2).
    HS256,
    /// See above.
    HS384,
    /// See above.
    HS512,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 12] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// The word of RFC 7518 and RFC 8037.
    pub fn word(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// The algorithm of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == word)
    }

    /// Whether both sides hold the key.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }

    /// What it signs with, in words.
    pub fn takes(self) -> &'static str {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => "an RSA key",
            Self::ES256 => "an EC key on the curve P-256",
            Self::ES384 => "an EC key on the curve P-384",
            Self::EdDSA => "an Ed25519 key",
            Self::HS256 | Self::HS384 | Self::HS512 => "a secret",
        }
    }
}

/// The compact form of a header and claims, signed (RFC 7515, section 7.1).
///
/// # Errors
/// The key is none for the algorithm.
pub fn sign(header: &Json, claims: &Json, key: &SigningKey, algorithm: Algorithm) -> Result<String, KeyError> {
    sign_bytes(header.to_string().as_bytes(), claims.to_string().as_bytes(), key, algorithm)
}

fn sign_bytes(header: &[u8], payload: &[u8], key: &SigningKey, algorithm: Algorithm) -> Result<String, KeyError> {
    let mut signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(algorithm, signed.as_bytes())?;
    signed.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut signed);
    Ok(signed)
}
