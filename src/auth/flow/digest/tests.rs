//! The examples of the RFCs, and what they leave out computed by another implementation.

use super::*;

fn asked(field: &str) -> Asked {
    Challenge::read(field).iter().find_map(Asked::of).expect("a challenge that can be answered")
}

fn answered(field: &str, user: &str, password: &str, cnonce: &str, target: &str) -> (String, String) {
    asked(field).answer(user, password, cnonce, 1, &Said { method: "GET", target, body: b"" })
}

#[test]
fn the_examples_of_rfc_7616() {
    // Section 3.9.1: two challenges, the better one first.
    let of = |algorithm: &str| {
        format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    };
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    for (algorithm, response) in [
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
    ] {
        let (field, came) = answered(&of(algorithm), "Mufasa", "Circle of Life", cnonce, "/dir/index.html");
        assert_eq!(came, response, "{algorithm}");
        assert_eq!(
            field,
            format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, cnonce=\"{cnonce}\", qop=auth, \
                 response=\"{response}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            )
        );
    }
    let both = format!("{}, {}", of("SHA-256"), of("MD5"));
    assert_eq!(asked(&both).hash, Hash::Sha256);
}

#[test]
fn a_user_that_is_hidden_and_not_ascii() {
    // Section 3.9.2 as its erratum 4897 corrects it: the RFC computed SHA-512 and cut it.
    let field = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                 nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                 opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=USERHASH";
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let answer = |userhash: &str| {
        answered(&field.replace("USERHASH", userhash), "J\u{e4}s\u{f8}n Doe", "Secret, or not?", cnonce, "/doe.json")
    };
    let (hidden, response) = answer("true");
    assert_eq!(response, "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
    assert!(
        hidden.contains("username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\""),
        "{hidden}"
    );
    assert!(hidden.ends_with(", userhash=true"), "{hidden}");
    let (shown, _) = answer("false");
    assert!(shown.starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm"), "{shown}");
}

#[test]
fn the_example_of_rfc_2617_and_a_service_of_rfc_2069() {
    let field = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                 nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    let (sent, response) = answered(field, "Mufasa", "Circle Of Life", "0a4f113b", "/dir/index.html");
    assert_eq!(response, "6629fae49393a05397450978507c4ef1");
    // What the service does not name is not named to it.
    assert!(!sent.contains("algorithm"), "{sent}");
    // RFC 2069, section 2.4, with its erratum 749.
    let old = "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
    let (sent, response) = answered(old, "Mufasa", "CircleOfLife", "0a4f113b", "/dir/index.html");
    assert_eq!(response, "1949323746fe6a43ef61f9606e7febea");
    assert!(!sent.contains("nc=") && !sent.contains("qop"), "{sent}");
}

#[test]
fn what_cannot_be_answered_is_passed_over() {
    for field in [
        "Basic realm=\"a\"",
        "Digest realm=\"a\"",
        "Digest nonce=\"a\"",
        "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-1",
        "Digest realm=\"a\", nonce=\"b\", qop=\"auth-conf\"",
        "",
    ] {
        assert_eq!(Challenge::read(field).iter().find_map(Asked::of), None, "{field}");
    }
    let second = "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-1, Digest realm=\"c\", nonce=\"d\"";
    assert_eq!(asked(second).realm, "c");
}
