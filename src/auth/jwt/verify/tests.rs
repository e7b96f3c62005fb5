//! The examples of RFC 7515, appendix A, and of RFC 8037, appendix A; then everything that must not pass.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::{ALGORITHMS, Unverified, Verified, verify};
use crate::auth::jwt::keys::{KeySet, Published};
use crate::json;

const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const A1_KEY: &str =
    r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const A1_HEAD: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
const A1_SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A2_KEY: &str = r#"{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;
const A2_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const A3_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const A3_SIGNATURE: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const A4: &str = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
const A4_KEY: &str = r#"{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#;
const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const ED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn set(text: &str) -> KeySet {
    KeySet::of_file(text.as_bytes()).expect("a key set")
}

fn jwks(keys: &[&str]) -> KeySet {
    set(&format!("{{\"keys\":[{}]}}", keys.join(",")))
}

fn head(header: &str) -> String {
    URL_SAFE_NO_PAD.encode(header)
}

fn a1() -> String {
    format!("{A1_HEAD}.{PAYLOAD}.{A1_SIGNATURE}")
}

fn a2() -> String {
    format!("{}.{PAYLOAD}.{A2_SIGNATURE}", head(r#"{"alg":"RS256"}"#))
}

fn a3() -> String {
    format!("{}.{PAYLOAD}.{A3_SIGNATURE}", head(r#"{"alg":"ES256"}"#))
}

fn passed(alg: &str) -> Verified {
    Verified { alg: alg.into(), kid: None }
}

#[test]
fn the_examples_of_the_standards_hold() {
    assert_eq!(verify(&a1(), &set(A1_KEY)), Ok(passed("HS256")), "RFC 7515, A.1");
    assert_eq!(verify(&a2(), &set(A2_KEY)), Ok(passed("RS256")), "RFC 7515, A.2");
    assert_eq!(verify(&a3(), &set(A3_KEY)), Ok(passed("ES256")), "RFC 7515, A.3");
    assert_eq!(verify(ED, &set(ED_KEY)), Ok(passed("EdDSA")), "RFC 8037, A.4");
    let all = jwks(&[A1_KEY, A2_KEY, A3_KEY, ED_KEY]);
    for token in [a1(), a2(), a3(), ED.to_owned()] {
        assert!(verify(&token, &all).is_ok(), "without a `kid` every fitting key is tried");
    }
}

#[test]
fn a_token_without_a_signature_never_holds() {
    let unsecured = format!("eyJhbGciOiJub25lIn0.{PAYLOAD}.");
    let all = jwks(&[A1_KEY, A2_KEY, A3_KEY, ED_KEY]);
    assert_eq!(verify(&unsecured, &all), Err(Unverified::Unsigned), "RFC 7515, A.5");
    for alg in ["none", "None", "NONE", "nOnE"] {
        let head = head(&format!("{{\"alg\":\"{alg}\"}}"));
        assert_eq!(verify(&format!("{head}.{PAYLOAD}.{A1_SIGNATURE}"), &all), Err(Unverified::Unsigned), "{alg}");
    }
    let no_alg = format!("{}.{PAYLOAD}.{A1_SIGNATURE}", head("{}"));
    assert_eq!(verify(&no_alg, &all), Err(Unverified::Unsigned));
    assert_eq!(verify(&format!("{A1_HEAD}.{PAYLOAD}."), &all), Err(Unverified::Unsigned));
}

#[test]
fn what_the_crate_cannot_verify_is_named() {
    let found = verify(A4, &set(A4_KEY)).expect_err("ES512");
    assert_eq!(found.to_string(), "its algorithm ES512 is not supported", "RFC 7515, A.4");
    assert!(found.notes()[0].contains("EdDSA"), "{:?}", found.notes());
    let critical = format!("{}.{PAYLOAD}.{A1_SIGNATURE}", head(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#));
    assert!(matches!(verify(&critical, &set(A1_KEY)), Err(Unverified::Critical(_))));
}

#[test]
fn one_letter_changed_anywhere_is_noticed() {
    for (token, keys) in [(a1(), A1_KEY), (a2(), A2_KEY), (a3(), A3_KEY), (ED.to_owned(), ED_KEY)] {
        let keys = set(keys);
        let parts: Vec<&str> = token.split('.').collect();
        for part in [1, 2] {
            for at in [0, parts[part].len() / 2] {
                let mut changed = parts[part].as_bytes().to_vec();
                changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(changed).expect("text");
                let mut parts = parts.clone();
                parts[part] = &changed;
                let found = verify(&parts.join("."), &keys);
                assert!(matches!(found, Err(Unverified::Signature { .. })), "{token} part {part} at {at}: {found:?}");
            }
        }
    }
}

/// The public key is no secret: whoever signs with it by HMAC has signed nothing.
#[test]
fn a_public_key_never_verifies_an_hmac() {
    let public = json::parse(A2_KEY.as_bytes()).expect("JSON");
    let modulus = public.get("n").and_then(crate::json::Json::as_str).expect("n");
    let pem = PEM_RSA.as_bytes();
    for secret in [URL_SAFE_NO_PAD.decode(modulus).expect("base64url"), modulus.into(), A2_KEY.into(), pem.into()] {
        let forged =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &json!({}), &EncodingKey::from_secret(&secret))
                .expect("a token");
        for keys in [set(A2_KEY), set(PEM_RSA), jwks(&[A2_KEY, A3_KEY])] {
            assert!(matches!(verify(&forged, &keys), Err(Unverified::NoKey { .. })));
        }
    }
}

#[test]
fn the_algorithm_must_be_one_of_the_key() {
    let with = |key: &str, more: &str| set(&key.replacen('{', &format!("{{{more},"), 1));
    assert!(verify(&a2(), &with(A2_KEY, r#""alg":"RS256","use":"sig""#)).is_ok());
    let only = with(A2_KEY, r#""alg":"PS256""#);
    assert!(matches!(verify(&a2(), &only), Err(Unverified::NoKey { .. })));
    let encrypts = with(A2_KEY, r#""use":"enc""#);
    assert!(encrypts.keys.is_empty() && encrypts.left_out[0].1.contains("enc"));
    assert!(with(A2_KEY, r#""key_ops":["encrypt"]"#).keys.is_empty());
    assert!(!with(A2_KEY, r#""key_ops":["verify"]"#).keys.is_empty());
    assert!(with(A2_KEY, r#""alg":"HS256""#).keys.is_empty(), "an RSA key for HMAC is none");
    assert!(with(A3_KEY, r#""alg":"ES384""#).keys.is_empty(), "a P-256 key for ES384 is none");
}

#[test]
fn a_published_secret_verifies_nothing() {
    let json = json::parse(A1_KEY.as_bytes()).expect("JSON");
    let published = KeySet::of_json(&json, Published::Yes).expect("a key set");
    assert!(published.keys.is_empty());
    assert!(published.left_out[0].1.contains("symmetric"), "{:?}", published.left_out);
}

#[test]
fn a_kid_picks_its_key_and_no_other() {
    let named = |kid: &str, key: &str| key.replacen('{', &format!("{{\"kid\":\"{kid}\","), 1);
    let keys = jwks(&[&named("one", A2_KEY), &named("two", A3_KEY), ED_KEY]);
    let token = |header: &str| format!("{}.{PAYLOAD}.{A2_SIGNATURE}", head(header));
    let three = verify(&token(r#"{"alg":"RS256","kid":"three"}"#), &keys).expect_err("no such key");
    assert_eq!(three.to_string(), "there is no key `three`");
    assert_eq!(three.notes(), ["the keys are one, two, a key without `kid`"]);
    assert!(three.may_be_rotated());
    let two = verify(&token(r#"{"alg":"RS256","kid":"two"}"#), &keys).expect_err("another kind");
    assert_eq!(
        (two.to_string().as_str(), two.notes()),
        ("no key can be used for RS256", vec!["the keys are two (EC P-256)".to_owned()])
    );
    // The header is signed too: with another one the same signature is wrong, but it was checked with the key that is named.
    let one = verify(&token(r#"{"alg":"RS256","kid":"one"}"#), &keys).expect_err("another header");
    assert_eq!(one.notes(), ["checked as RS256 with one (RSA)"]);
    let left_out = jwks(&[&named("weak", r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#), ED_KEY]);
    let weak = verify(&token(r#"{"alg":"RS256","kid":"weak"}"#), &left_out).expect_err("left out");
    assert!(weak.notes()[1].contains("at least 2048 are needed"), "{:?}", weak.notes());
}

#[test]
fn every_algorithm_that_is_promised_verifies_what_the_crate_signs() {
    let rsa = include_bytes!("../../../mock/keys/lavanda.pem");
    let claims = json!({ "sub": "joe" });
    for name in ALGORITHMS {
        let algorithm: Algorithm = name.parse().expect("an algorithm");
        let (encoding, keys) = match name.as_bytes()[0] {
            b'R' | b'P' => (EncodingKey::from_rsa_pem(rsa).expect("a key"), None),
            b'H' => (EncodingKey::from_secret(b"a secret"), Some(KeySet::of_secret(b"a secret"))),
            _ if name == "EdDSA" => {
                let (encoding, jwk) = ed25519("");
                (encoding, Some(set(&jwk)))
            }
            _ => {
                let document = match name {
                    "ES256" => ec(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING),
                    _ => ec(&aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING),
                };
                (EncodingKey::from_ec_der(&document), None)
            }
        };
        let keys = keys.unwrap_or_else(|| {
            let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&encoding, algorithm).expect("a JWK");
            set(&serde_json::to_string(&jwk).expect("JSON"))
        });
        let token = jsonwebtoken::encode(&Header::new(algorithm), &claims, &encoding).expect("a token");
        assert_eq!(verify(&token, &keys), Ok(passed(name)), "{name}");
        assert!(verify(&token, &jwks(&[A1_KEY, A2_KEY, A3_KEY, ED_KEY])).is_err(), "{name} by other keys");
    }
}

/// A key pair, and its public half as a JWK with more members. The private half comes as PKCS#8 version 2 (RFC 5958), which
/// holds the public key, too; the crate signs with it, and only makes no JWK of it, for it knows version 1 by its length.
fn ed25519(more: &str) -> (EncodingKey, String) {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let pair = Ed25519KeyPair::generate().expect("a key");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    let private = pair.to_pkcs8().expect("a key");
    (EncodingKey::from_ed_der(private.as_ref()), format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"{more}}}"#))
}

#[test]
fn ed25519_keys_verify_as_providers_publish_them() {
    let claims = json!({ "sub": "joe" });
    for more in
        ["", r#","use":"sig""#, r#","alg":"EdDSA","use":"sig""#, r#","alg":"Ed25519""#, r#","key_ops":["verify"]"#]
    {
        let (encoding, jwk) = ed25519(&format!(r#","kid":"ed"{more}"#));
        let (other, _) = ed25519("");
        let header = Header { kid: Some("ed".to_owned()), ..Header::new(Algorithm::EdDSA) };
        let sign = |key: &EncodingKey| jsonwebtoken::encode(&header, &claims, key).expect("a token");
        let published = json::parse(format!("{{\"keys\":[{A2_KEY},{jwk}]}}").as_bytes()).expect("JSON");
        let published = KeySet::of_json(&published, Published::Yes).expect("a key set");
        let expected = Verified { alg: "EdDSA".into(), kid: Some("ed".into()) };
        assert_eq!(verify(&sign(&encoding), &published), Ok(expected), "{more}");
        assert!(matches!(verify(&sign(&other), &published), Err(Unverified::Signature { .. })), "{more}");
    }
    // RFC 9864 names the algorithm after the curve.
    let (encoding, jwk) = ed25519("");
    let message = format!("{}.{PAYLOAD}", head(r#"{"alg":"Ed25519"}"#));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &encoding, Algorithm::EdDSA).expect("signed");
    assert_eq!(verify(&format!("{message}.{signature}"), &set(&jwk)), Ok(passed("Ed25519")));
}

#[test]
fn what_is_no_ed25519_key_is_left_out_with_the_reason() {
    let of = |x: &str| jwks(&[&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)]);
    let short = of(&URL_SAFE_NO_PAD.encode([7; 31]));
    assert_eq!(short.left_out[0].1, "its `x` has 31 bytes, and an Ed25519 key has 32");
    // What stands in a JWK as `x` is the public key itself, not its DER.
    let der = of(&URL_SAFE_NO_PAD.encode([7; 44]));
    assert_eq!(der.left_out[0].1, "its `x` has 44 bytes, and an Ed25519 key has 32");
    assert!(of("!!!").left_out[0].1.contains("`x` is not base64url"));
    let other = jwks(&[r#"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#]);
    assert_eq!(other.left_out[0].1, "keys of the kind OKP X25519 are not supported");
    assert!(short.keys.is_empty() && der.keys.is_empty() && other.keys.is_empty());
}

fn ec(algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm) -> Vec<u8> {
    aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &aws_lc_rs::rand::SystemRandom::new())
        .expect("a key")
        .as_ref()
        .to_vec()
}

#[test]
fn public_keys_in_pem_are_read() {
    for (pem, what) in [(PEM_RSA, "RSA"), (PEM_EC, "EC P-256"), (PEM_EC384, "EC P-384"), (PEM_ED, "Ed25519")] {
        assert_eq!(&*set(&format!("\n{pem}\n")).keys[0].what, what);
    }
    let private = KeySet::of_file(include_bytes!("../../../mock/keys/lavanda.pem")).expect_err("a private key");
    assert!(private.contains("private key") && private.contains("openssl"), "{private}");
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    assert!(KeySet::of_file(certificate.as_bytes()).expect_err("a certificate").contains("certificate"));
    assert!(KeySet::of_file(b"").expect_err("nothing").contains("neither PEM nor JSON"));
    assert!(KeySet::of_file(b"{\"issuer\":1}").expect_err("another document").contains("no `keys`"));
}

#[test]
fn no_text_makes_it_panic() {
    let keys = jwks(&[A1_KEY, A2_KEY, A3_KEY, ED_KEY]);
    let long = "a.".repeat(10_000);
    for text in ["", ".", "..", "...", "a.b.c", "é.é.é", "eyJ9.eyJ9.eyJ9", &long, "e30.e30.!!!"] {
        assert!(verify(text, &keys).is_err(), "{text}");
    }
    let head = head(r#"{"alg":"RS256"}"#);
    assert!(matches!(verify(&format!("{head}.{PAYLOAD}.!!!"), &keys), Err(Unverified::Signature { .. })));
}

const PEM_RSA: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqdY8v2gRs/kWSdfrw6Om\n\
JRG235PSAIqc1sCp5G07oa8BRV81vSjaY8FGzbwfNW/9rbH76WZuRfLrafX5Wi6U\n\
RGcmHpVdqOOE8M3Wq/sEB0b0167scYvB+ltt/BqRvSnPS3V5ae4CfrlmKXmoyYnv\n\
1SZMaQd+Od642ym809xu0K5FDs4J5OEtmU6rsePkFpYRDbHfOSxfJ64k2X664iZH\n\
i44IYKvEznGg1NmsuUbkSGa45AH9rJa7IzGFbhLz2V2qbugUh4iy9QBCXqMY6Ruz\n\
Moe6fOQuYOboB4vkGBVgwIQXWTNtPSEDNQAc2wHavFF2zyX8wg5Tj5jlHDQMI03W\n\
8wIDAQAB\n\
-----END PUBLIC KEY-----";
const PEM_EC: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExsoKwhiNXjstEtSScixWPSBtvH1k\n\
dEzqOMlSk7nOIEJHrsv5VT8iIxQLQuvIo613qRzOc+485HFiL4gjSZlSnQ==\n\
-----END PUBLIC KEY-----";
const PEM_EC384: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEQtkrkFwYVwTX33vrVbbr0unlyET1uYe+\n\
oyEJxg3Gq15sE/AcxpY7nMWs4eAae5fbm/SvDhP/Q66zC5OoW8GYQoMsS7d0hBSu\n\
2Nyjz0VbxjT3ZmCv1gJLNHVy2cATAwMi\n\
-----END PUBLIC KEY-----";
const PEM_ED: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MCowBQYDK2VwAyEAi+7a5R3Uoux6TWNg2Z8x6Rj6F7CnFWfgJ9wiIFS8pMM=\n\
-----END PUBLIC KEY-----";
