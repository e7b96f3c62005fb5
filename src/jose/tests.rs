//! The examples of the RFCs, and keys as openssl writes them.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Algorithm, SigningKey, sign, sign_bytes};
use crate::json::{self, Json};

/// RFC 7515, appendix A.2.1.
const RSA: &str = r#"{"kty":"RSA",
"n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
"e":"AQAB",
"d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
"p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
"q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
"dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
"dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
"qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}"#;
/// Appendix A.3.1.
const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
/// Appendix A.1.1.
const OCT: &str =
    r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
/// RFC 8037, appendix A.1.
const OKP: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// What the examples of RFC 7515 sign.
const PAYLOAD: &[u8] = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

fn key(text: &str) -> SigningKey {
    SigningKey::read(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A key as openssl wrote it.
macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../tests/assertions/keys/", $name, ".pem"))
    };
}

#[test]
fn the_signatures_are_those_of_the_rfcs() {
    let hs256 = sign_bytes(b"{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", PAYLOAD, &key(OCT), Algorithm::HS256);
    let signature = |signed: &str| signed.rsplit('.').next().map(str::to_owned).expect("it has dots");
    assert_eq!(signature(&hs256.expect("signed")), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let rs256 = sign_bytes(br#"{"alg":"RS256"}"#, PAYLOAD, &key(RSA), Algorithm::RS256).expect("signed");
    assert_eq!(
        rs256,
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    // RFC 8037, appendix A.4.
    let eddsa = sign_bytes(br#"{"alg":"EdDSA"}"#, b"Example of Ed25519 signing", &key(OKP), Algorithm::EdDSA);
    assert_eq!(
        eddsa.expect("signed"),
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

/// Every algorithm's signature holds for the public key, as the library that checks them sees it.
#[test]
fn every_algorithm_makes_signatures_that_hold() {
    let rsa = |jwk: &Json| {
        let part =
            |name| URL_SAFE_NO_PAD.decode(jwk.get(name).and_then(Json::as_str).expect("text")).expect("base64url");
        signature::RsaPublicKeyComponents { n: part("n"), e: part("e") }
    };
    let public = rsa(&json::parse(RSA.as_bytes()).expect("JSON"));
    for (algorithm, check) in [
        (Algorithm::RS256, &signature::RSA_PKCS1_2048_8192_SHA256),
        (Algorithm::RS384, &signature::RSA_PKCS1_2048_8192_SHA384),
        (Algorithm::RS512, &signature::RSA_PKCS1_2048_8192_SHA512),
        (Algorithm::PS256, &signature::RSA_PSS_2048_8192_SHA256),
        (Algorithm::PS384, &signature::RSA_PSS_2048_8192_SHA384),
        (Algorithm::PS512, &signature::RSA_PSS_2048_8192_SHA512),
    ] {
        let (message, signed) = parts(&sign_bytes(b"{}", b"x", &key(RSA), algorithm).expect("signed"));
        public.verify(check, message.as_bytes(), &signed).unwrap_or_else(|_| panic!("{}", algorithm.word()));
    }
    let jwk = json::parse(EC.as_bytes()).expect("JSON");
    let point = |name| URL_SAFE_NO_PAD.decode(jwk.get(name).and_then(Json::as_str).expect("text")).expect("base64url");
    let public = [vec![4], point("x"), point("y")].concat();
    holds(&signature::ECDSA_P256_SHA256_FIXED, &public, &key(EC), Algorithm::ES256);
    assert_eq!(key(EC).public_jwk(), json::parse(br#"{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#).ok());
}

fn holds(check: &'static dyn VerificationAlgorithm, public: &[u8], key: &SigningKey, algorithm: Algorithm) {
    let (message, signed) = parts(&sign_bytes(b"{}", b"x", key, algorithm).expect("signed"));
    UnparsedPublicKey::new(check, public).verify(message.as_bytes(), &signed).expect("the signature holds");
}

fn parts(signed: &str) -> (String, Vec<u8>) {
    let (message, signature) = signed.rsplit_once('.').expect("it has dots");
    (message.to_owned(), URL_SAFE_NO_PAD.decode(signature).expect("base64url"))
}

#[test]
fn keys_are_read_in_all_forms_that_openssl_writes() {
    for (text, algorithm) in [
        (pem!("rsa.pkcs8"), Algorithm::RS256),
        (pem!("rsa.pkcs1"), Algorithm::RS256),
        // With a block of parameters before the key, as `openssl ecparam -genkey` writes it.
        (pem!("p256.sec1"), Algorithm::ES256),
        (pem!("p256.pkcs8"), Algorithm::ES256),
        (pem!("p384.sec1"), Algorithm::ES384),
        (pem!("p384.pkcs8"), Algorithm::ES384),
        (pem!("ed25519"), Algorithm::EdDSA),
    ] {
        let in_letters = text.replace('\n', "\\n");
        let twice = text.replace('\n', "\\\\n");
        let windows = text.replace('\n', "\r\n");
        let spaces = text.replace('\n', " ");
        let indented = text.replace('\n', "\n    ");
        for form in [text, &in_letters, &twice, &windows, &spaces, &indented] {
            let key = key(form);
            assert_eq!(key.algorithm(), algorithm, "{form}");
            sign(&Json::from("h"), &Json::from("c"), &key, algorithm).expect("it signs");
        }
    }
    // The same key in two forms makes the same signature.
    let signed = |text| sign_bytes(b"{}", b"x", &key(text), Algorithm::RS512).expect("signed");
    assert_eq!(signed(pem!("rsa.pkcs8")), signed(pem!("rsa.pkcs1")));
    assert_eq!(key(&EC.replace('{', r#"{"kid":"one","#)).id(), Some("one"));
}

#[test]
fn what_is_no_private_key_is_told_apart() {
    let said = |text: &str| SigningKey::read(text).expect_err("it is none").to_string();
    assert_eq!(said(pem!("encrypted")), "the key is encrypted with a passphrase");
    assert_eq!(said(pem!("encrypted.old")), "the PEM is broken, or encrypted with a passphrase");
    assert_eq!(said(pem!("rsa.public")), "it is a public key, but only a private key can sign");
    assert_eq!(said(&pem!("rsa.pkcs8")[..900]), "the PEM is cut off");
    assert_eq!(said("hush"), "it is neither PEM nor a JWK");
    assert_eq!(said("{ not json"), "it starts like JSON, but is not valid JSON");
    assert_eq!(said(r#"{"kty":"RSA","n":"AQAB"}"#), "the JWK is a public key: it has no `d`");
    assert_eq!(
        said(r#"{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}"#),
        "the JWK has no primes: `p`, `q`, `dp`, `dq`, `qi`"
    );
    assert_eq!(said(r#"{"kty":"EC","crv":"P-521","d":"AA"}"#), "it is a JWK of the kind EC on the curve P-521");
    assert_eq!(said(&EC.replace("x_FE", "x_FF")), "the members of the JWK do not belong together");
    assert_eq!(said(&OKP.replace("11qY", "11qZ")), "the members of the JWK do not belong together");
    assert_eq!(said(&OCT.replace("\"oct\"", "\"AES\"")), "it is a JWK of the kind AES");
    let short = "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    assert_eq!(said(short), "the PEM contains no key that can be used");
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let said = |text: &str, algorithm| {
        sign(&Json::Null, &Json::Null, &key(text), algorithm).expect_err("it does not fit").to_string()
    };
    assert_eq!(said(EC, Algorithm::RS256), "it is an EC key on the curve P-256, and RS256 needs an RSA key");
    assert_eq!(said(RSA, Algorithm::HS256), "it is an RSA key, and HS256 needs a secret");
    assert_eq!(
        said(pem!("p384.sec1"), Algorithm::ES256),
        "it is an EC key on the curve P-384, and ES256 needs an EC key on the curve P-256"
    );
    assert!(SigningKey::shared("a text").expect("it is one").fits(Algorithm::HS512).is_ok());
    assert_eq!(SigningKey::shared(RSA).expect("it is a key").kind(), "an RSA key");
    assert_eq!(format!("{:?}", key(RSA)), "SigningKey(an RSA key)");
}

#[test]
fn algorithms_have_the_words_of_the_rfcs() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::parse(algorithm.word()), Some(algorithm));
    }
    assert_eq!(Algorithm::parse("none"), None);
}
