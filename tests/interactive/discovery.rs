//! The discovery document: fetched once, of the issuer that is expected, and less than what is written out. And what an id
//! token must say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::support::{Outcome, Recorder, json, reply};
use super::{DISCOVERY, at_oidc, log_in, project, run, with_browser};

/// A provider with a document; `BASE` in it is the provider itself.
fn server(document: &'static str) -> Recorder {
    Recorder::start(move |seen| {
        let base = format!("http://{}", seen.header("host").unwrap_or_default());
        match seen.path() {
            "/.well-known/openid-configuration" => json(200, &document.replace("BASE", &base)),
            "/token" | "/written" => json(200, r#"{"access_token":"t0ken-of-code","token_type":"Bearer"}"#),
            _ => json(200, "{}"),
        }
    })
}

const MACHINE: &str = "flow: client_credentials\n";

#[test]
fn it_is_fetched_once_and_what_is_written_wins() {
    let found = server(r#"{"issuer":"BASE","token_endpoint":"BASE/token"}"#);
    let all = project(&found.base(), "app", &format!("{MACHINE}{DISCOVERY}"))
        .file("scenario.yaml", "scenario: Each its own\ncases: [{ n: 1 }, { n: 2 }, { n: 3 }]\nauth: { provider: own, fresh: true }\nsteps:\n  - get: /api\n");
    all.run(&[]).exits(0);
    let asked = |path: &str| found.seen().iter().filter(|seen| seen.path() == path).count();
    assert_eq!((asked("/.well-known/openid-configuration"), asked("/token")), (1, 3), "{}", found.told());

    let written = server(r#"{"issuer":"BASE","token_endpoint":"BASE/token"}"#);
    project(&written.base(), "app", &format!("{MACHINE}{DISCOVERY}login: {{ post: \"{{{{ base }}}}/written\" }}\n"))
        .run(&[])
        .exits(0);
    let paths: Vec<String> = written.seen().iter().map(|seen| seen.path().to_owned()).collect();
    assert_eq!(paths, ["/written", "/api"]);
}

#[test]
fn a_document_of_somebody_else_is_refused() {
    let other = server(r#"{"issuer":"https://issuer.example","token_endpoint":"BASE/token"}"#);
    project(&other.base(), "app", &format!("{MACHINE}{DISCOVERY}"))
        .run(&[])
        .exits(3)
        .says("the discovery document of own (test) cannot be used: it has the issuer https://issuer.example, but its URL says http://127.0.0.1:");
    project(&other.base(), "app", &format!("{MACHINE}{DISCOVERY}issuer: https://issuer.example/\n"))
        .run(&[])
        .exits(3)
        .says("but the provider's file says https://issuer.example/");
    project(&other.base(), "app", &format!("{MACHINE}{DISCOVERY}issuer: https://issuer.example\n")).run(&[]).exits(0);
    // Without a word about the issuer, nobody knows whose it is.
    let nobody = server(r#"{"token_endpoint":"BASE/token"}"#);
    project(&nobody.base(), "app", &format!("{MACHINE}{DISCOVERY}")).run(&[]).exits(3).says("it has no issuer");
}

#[test]
fn what_a_document_lacks_is_named() {
    let server = server(r#"{"issuer":"BASE","authorization_endpoint":"BASE/auth"}"#);
    project(&server.base(), "app", &format!("{MACHINE}{DISCOVERY}"))
        .run(&[])
        .exits(3)
        .says("it has no `token_endpoint`")
        .says("write `login.post` into the provider's file");
    let device = format!("flow: device_code\n{DISCOVERY}login: {{ post: \"{{{{ base }}}}/token\" }}\n");
    log_in(&project(&server.base(), "app", &device), &["--no-browser"])
        .exits(3)
        .says("it has no `device_authorization_endpoint`")
        .says("write `device.post`");
}

#[test]
fn a_document_that_is_none_is_told() {
    type Answer = fn() -> Vec<u8>;
    let answers: [(Answer, i32, &str); 4] = [
        (|| json(404, r#"{"error":"not_found"}"#), 3, "answered 404 not_found"),
        (|| reply(200, &[("content-type", "text/html")], "<h1>Hello</h1>"), 3, "is not a JSON object"),
        (|| json(200, "[]"), 3, "is not a JSON object"),
        (|| json(503, "{}"), 3, "could not answer the request for its discovery document: 503"),
    ];
    for (answer, code, says) in answers {
        let server = Recorder::start(move |_| answer());
        project(&server.base(), "app", &format!("{MACHINE}{DISCOVERY}")).run(&[]).exits(code).says(says);
    }
    project("http://127.0.0.1:1", "app", &format!("{MACHINE}{DISCOVERY}")).run(&[]).exits(4);
    let plain = format!("{MACHINE}discovery: http://issuer.example/.well-known/openid-configuration\n");
    project("http://127.0.0.1:1", "app", &plain).run(&[]).exits(3).says("over plain http, to http://issuer.example/");
}

#[test]
fn without_a_document_every_endpoint_is_needed() {
    let outcome = project("http://127.0.0.1:1", "app", "flow: authorization_code\nauthorize: {}\nlogin: {}\n")
        .callsheet(&["check"]);
    outcome.exits(2);
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        snapbox::str![[r#"
error[format.missing-key]: `authorize` needs the key `url`
 --> providers/own.yaml:4:12
  |
4 | authorize: {}
  |            ^^
  |
  = help: write it, or write `discovery: URL` if the provider publishes its endpoints (OpenID Connect Discovery)
error[format.missing-key]: `login` needs the key `post`
 --> providers/own.yaml:5:8
  |
5 | login: {}
  |        ^^
  |
  = help: write it, or write `discovery: URL` if the provider publishes its endpoints (OpenID Connect Discovery)

"#]]
    );
}

/// What came of an id token with these claims; `NONCE` and `BASE` stand for what was sent and for the provider.
fn with_claims(claims: &'static str) -> Outcome {
    with_token(r#"{"alg":"RS256"}"#, claims, "")
}

/// The same with a header, for a provider of which more is said.
fn with_token(header: &'static str, claims: &'static str, more: &str) -> Outcome {
    let nonce = std::sync::Mutex::new(String::new());
    let server = Recorder::start(move |seen| {
        let base = format!("http://{}", seen.header("host").unwrap_or_default());
        match seen.path() {
            "/authorize" => {
                let url: url::Url = format!("{base}{}", seen.target).parse().expect("a URL");
                *nonce.lock().expect("nobody panics") = super::parameter(&url, "nonce").unwrap_or_default();
                let redirect = super::parameter(&url, "redirect_uri").unwrap_or_default();
                let state = super::parameter(&url, "state").unwrap_or_default();
                reply(302, &[("location", &format!("{redirect}?code=a-good-code&state={state}"))], "")
            }
            "/token" => {
                let claims = claims.replace("NONCE", &nonce.lock().expect("nobody panics")).replace("BASE", &base);
                let token = [header, &claims, "signature"].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
                let token = if claims.is_empty() { String::new() } else { token };
                json(200, &format!(r#"{{"access_token":"t0ken-of-code","id_token":"{token}"}}"#))
            }
            "/jwks" => json(200, KEYS),
            _ => json(200, "{}"),
        }
    });
    let provider = format!(
        "flow: authorization_code\nissuer: \"{{{{ base }}}}\"\nauthorize: {{ url: \"{{{{ base }}}}/authorize\", scope: [openid] }}\nlogin: {{ post: \"{{{{ base }}}}/token\" }}\n{more}"
    );
    log_in(&with_browser(project(&server.base(), "app", &provider)), &[])
}

#[test]
fn an_id_token_must_be_of_this_provider_for_this_client_and_of_this_login() {
    for (claims, says) in [
        ("", "it is missing, although a nonce was sent for it"),
        (
            r#"{"iss":"https://issuer.example","aud":"app","exp":4102444800,"nonce":"NONCE"}"#,
            "its `iss` is https://issuer.example, not http://127.0.0.1:",
        ),
        (r#"{"aud":"app","exp":4102444800,"nonce":"NONCE"}"#, "it has no `iss`"),
        (r#"{"iss":"BASE","aud":"other","exp":4102444800,"nonce":"NONCE"}"#, "its `aud` is other, not the client app"),
        (
            r#"{"iss":"BASE","aud":["app","other"],"azp":"other","exp":4102444800,"nonce":"NONCE"}"#,
            "its `azp` is other",
        ),
        (r#"{"iss":"BASE","aud":"app","nonce":"NONCE"}"#, "it has no `exp`"),
        (r#"{"iss":"BASE","aud":"app","exp":1600000000,"nonce":"NONCE"}"#, "it has expired"),
        (r#"{"iss":"BASE","aud":"app","exp":4102444800,"nbf":4102444700,"nonce":"NONCE"}"#, "it is not valid yet"),
        (
            r#"{"iss":"BASE","aud":"app","exp":4102444800,"nonce":"another"}"#,
            "its `nonce` is not the one that was sent",
        ),
        (r#"{"iss":"BASE","aud":"app","exp":4102444800}"#, "it has no `nonce`, although one was sent"),
    ] {
        with_claims(claims).exits(3).says("error[auth.id-token]").says(says);
    }
}

/// The public half of `tests/outside/keys/rsa.pem`.
const KEYS: &str = r#"{"keys":[{"kty":"RSA","e":"AQAB","n":"zZ9kp3KutmmmJDAkbzwWJR9GUlSZ8T4TfydCfWceCkQbWH0MleqKujLbjYiDlMf-b4_T7F2c9bZ7dYMzfiZjCC3MRd-Wk6boHM_dWc79JPSZoa0zKdN7i8ZTfaXHs-HijMDPuGTrKthf1FDv3ltkaSxkQs14jp4mOF8yY5CckpdxzlsKAd-yOKjKBpVNS4-KcxZ9yiqq2d5OiyXuEtnSeDV9-n_9vliFue2y_5INwtd8I-uWzx1MNH3cQfnqomdpc5XwyK9bvhQZonfcAk7mMcicznKiZ3ji0074rHzvNiMDrYIQZ95d89-5J7JZmYXtRBS0V7N7vNAxWrF7u9-nLw"}]}"#;

#[test]
fn an_id_token_must_be_signed_by_the_provider() {
    let good = r#"{"iss":"BASE","aud":"app","exp":4102444800,"nonce":"NONCE"}"#;
    let jwks = "jwks: \"{{ base }}/jwks\"\n";
    with_token(r#"{"alg":"RS256"}"#, good, jwks).exits(3).says("cannot be trusted: the signature is wrong");
    with_token(r#"{"alg":"none"}"#, good, jwks).exits(3).says("cannot be trusted: it is not signed");
    // Nobody said where the keys are: what came over the connection to the provider is the provider's.
    with_token(r#"{"alg":"RS256"}"#, good, "").exits(0);
    let secret = "credentials: { client_id: {}, client_secret: {} }\n";
    with_token(r#"{"alg":"HS256"}"#, good, secret).exits(3).says("cannot be trusted: the signature is wrong");
}

#[test]
fn a_document_that_is_left_out_needs_no_login_mapping() {
    // All of it comes from the document of oidc-provider; the run after it from the store.
    let project = with_browser(at_oidc("native", &format!("flow: authorization_code\n{DISCOVERY}")));
    log_in(&project, &["--scope", "openid"]).exits(0);
    run(&project, &[]).exits(6).says("run `callsheet auth login own --env test`, then run this again");
}
