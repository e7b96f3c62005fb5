//! Keys as OpenSSL writes them: SEC1, PKCS#8 and PKCS#1, plain and encrypted.

use super::*;

const CERTIFICATE: &str = include_str!("fixtures/cert.pem");
const SEC1: &str = include_str!("fixtures/sec1.pem");
const PKCS8: &str = include_str!("fixtures/p8.pem");
const RSA_CERTIFICATE: &str = include_str!("fixtures/rsacert.pem");
const PKCS1: &str = include_str!("fixtures/rsa1.pem");

/// A day on which the certificates are valid.
fn today() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().expect("a moment")
}

fn identified(certificate: &str, key: &str, now: Timestamp) -> Result<Tls, (bool, Unusable)> {
    let mut tls = Tls::default();
    tls.identify(certificate, key, now).map(|()| tls)
}

#[test]
fn every_kind_of_key_makes_a_client() {
    for (certificate, key) in [(CERTIFICATE, SEC1), (CERTIFICATE, PKCS8), (RSA_CERTIFICATE, PKCS1)] {
        let tls = identified(certificate, key, today()).expect("they belong together");
        tls.apply(reqwest::Client::builder()).expect("both are read").build().expect("a client");
        assert!(tls.has_certificate() && !tls.without_certificate().has_certificate());
    }
    // OpenSSL writes the curve before the key unless it is told not to, and `cat` puts all in one file.
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let all = format!("{CERTIFICATE}{parameters}{SEC1}");
    assert!(identified(&all, &all, today()).is_ok());
}

#[test]
fn a_key_does_not_print_itself() {
    let tls = identified(CERTIFICATE, PKCS8, today()).expect("they belong together");
    assert!(!format!("{tls:?}").contains("BEGIN"), "{tls:?}");
}

#[test]
fn what_is_of_no_use_is_told_for_what_it_is() {
    let refused = |certificate: &str, key: &str| identified(certificate, key, today()).expect_err("of no use");
    for encrypted in [include_str!("fixtures/enc.pem"), include_str!("fixtures/rsaenc.pem")] {
        assert_eq!(refused(CERTIFICATE, encrypted), (false, Unusable::Encrypted));
    }
    assert_eq!(refused(CERTIFICATE, PKCS1), (false, Unusable::Mismatch));
    assert_eq!(refused(CERTIFICATE, CERTIFICATE), (false, Unusable::NoKey));
    assert_eq!(refused(PKCS8, PKCS8), (true, Unusable::NoCertificate));
    assert_eq!(refused("", ""), (true, Unusable::NoCertificate));
    assert_eq!(refused("0\u{82}\u{1}\u{80}", PKCS8), (true, Unusable::NoCertificate));
    let cut = &CERTIFICATE[..CERTIFICATE.len() - 60];
    assert_eq!(refused(cut, PKCS8), (true, Unusable::BadCertificate));
    let other = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(refused(other, PKCS8), (true, Unusable::BadCertificate));
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert!(matches!(refused(CERTIFICATE, no_key), (false, Unusable::BadKey(_))));
}

#[test]
fn the_dates_of_a_certificate_are_its_own() {
    // As `openssl x509 -noout -dates` tells them.
    let chain = certificates(CERTIFICATE).expect("a certificate");
    let (from, until) = validity(&chain[0]).expect("dates");
    assert_eq!((from.to_string(), until.to_string()), ("2026-11-21T10:02:32Z".into(), "2026-12-21T10:02:32Z".into()));
    let at = |moment: &str| identified(CERTIFICATE, PKCS8, moment.parse().expect("a moment")).map(|_| ());
    assert_eq!(at("2026-12-21T10:02:33Z"), Err((true, Unusable::Expired("2026-12-21".into()))));
    assert_eq!(at("2026-11-21T10:02:31Z"), Err((true, Unusable::NotYet("2026-11-21".into()))));
    assert_eq!(at("2026-12-21T10:02:32Z"), Ok(()));
}

#[test]
fn no_bytes_make_the_dates_panic() {
    let chain = certificates(CERTIFICATE).expect("a certificate");
    for end in 0..chain[0].len() {
        assert_eq!(validity(&chain[0][..end]), None, "{end}");
        let mut bent = chain[0].to_vec();
        bent[end] ^= 0xff;
        let _ = validity(&bent);
    }
}

#[test]
fn profiles_are_told_apart_by_what_is_in_them() {
    let mut authority = Tls::default();
    authority.trust(CERTIFICATE).expect("a certificate");
    let client = identified(CERTIFICATE, PKCS8, today()).expect("they belong together");
    let both = client.over(Some(&authority));
    let fingerprints = [Tls::default(), authority.clone(), client, both.clone()].map(|tls| tls.fingerprint());
    for (at, one) in fingerprints.iter().enumerate() {
        assert!(!fingerprints[..at].contains(one), "{at}");
    }
    assert_eq!(both.without_certificate(), authority);
}
