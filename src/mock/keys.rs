//! The signing keys of the look-alikes. They are fixed and public, so that starting the mock costs no
//! key generation; a token signed with one proves nothing outside a test.

use std::sync::LazyLock;

use jsonwebtoken::jwk::{Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

/// A key pair with the name it has in the provider's key set.
pub(super) struct SigningKey {
    pub(super) kid: &'static str,
    pub(super) algorithm: Algorithm,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    pub(super) jwk: Jwk,
}

/// The key of Lavanda (RS256).
pub(super) static LAVANDA: LazyLock<SigningKey> =
    LazyLock::new(|| rsa("lavanda-2026-1", include_bytes!("keys/lavanda.pem")));
/// The key of the Cognito user pool (RS256).
pub(super) static COGNITO: LazyLock<SigningKey> =
    LazyLock::new(|| rsa("cognito-2026-1", include_bytes!("keys/cognito.pem")));
/// The key of Gridshare (RS256).
pub(super) static GRIDSHARE: LazyLock<SigningKey> =
    LazyLock::new(|| rsa("gridshare-2026-1", include_bytes!("keys/gridshare.pem")));
/// The key of Simacan (ES256, so that not every provider signs alike).
pub(super) static SIMACAN: LazyLock<SigningKey> = LazyLock::new(|| {
    let encoding = EncodingKey::from_ec_pem(include_bytes!("keys/simacan.pem"));
    signing_key("simacan-2026-1", Algorithm::ES256, encoding)
});

fn rsa(kid: &'static str, pem: &[u8]) -> SigningKey {
    signing_key(kid, Algorithm::RS256, EncodingKey::from_rsa_pem(pem))
}

fn signing_key(
    kid: &'static str,
    algorithm: Algorithm,
    encoding: jsonwebtoken::errors::Result<EncodingKey>,
) -> SigningKey {
    const EMBEDDED: &str = "the embedded keys are valid, as a test shows";
    let encoding = encoding.expect(EMBEDDED);
    let mut jwk = Jwk::from_encoding_key(&encoding, algorithm).expect(EMBEDDED);
    let decoding = DecodingKey::from_jwk(&jwk).expect(EMBEDDED);
    jwk.common.key_id = Some(kid.to_owned());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.key_operations = Some(vec![KeyOperations::Verify]);
    SigningKey { kid, algorithm, encoding, decoding, jwk }
}
