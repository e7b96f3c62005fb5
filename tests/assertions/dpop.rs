//! Proof of possession (RFC 9449): a server that looks at every proof as section 4.3 says.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use crate::jwt::{checked, field, header};
use crate::support::{Outcome, Project, Recorder, Seen, json, reply};

/// What a server remembers.
#[derive(Default)]
struct Memory {
    ids: HashSet<String>,
    /// The key of the first proof: all others are of the same.
    key: Option<Value>,
    refused: Vec<String>,
    tokens: usize,
}

/// A server that asks for these nonces: at the token endpoint, and at the API.
struct Server {
    recorder: Recorder,
    memory: Arc<Mutex<Memory>>,
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// What is wrong with a request's proof.
fn wrong(seen: &Seen, memory: &mut Memory, nonce: Option<&str>) -> Option<String> {
    let proofs: Vec<_> = seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("dpop")).collect();
    let [(_, proof)] = proofs[..] else { return Some(format!("{} proofs", proofs.len())) };
    let head = header(proof);
    if head["typ"] != "dpop+jwt" || head["alg"] != "ES256" || head["jwk"].get("d").is_some() {
        return Some(format!("the header {head}"));
    }
    let part = |name: &str| head["jwk"][name].as_str().expect("a text").to_owned();
    let public = DecodingKey::from_ec_components(&part("x"), &part("y")).expect("a key");
    let (_, claims) = checked(proof, &public, Algorithm::ES256);
    if memory.key.get_or_insert_with(|| head["jwk"].clone()) != &head["jwk"] {
        return Some("another key".to_owned());
    }
    let said = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let access = seen.header("authorization").and_then(|value| value.strip_prefix("DPoP "));
    let host = seen.header("host").expect("it has one");
    let now = u64::try_from(jiff::Timestamp::now().as_second()).expect("after 1970");
    for (holds, what) in [
        (memory.ids.insert(said("jti")), "a jti that came before"),
        (said("htm") == seen.method, "another method"),
        (said("htu") == format!("http://{host}{}", seen.path()), "another URL"),
        (claims["iat"].as_u64().is_some_and(|iat| now.abs_diff(iat) < 10), "another time"),
        (claims.get("ath").and_then(Value::as_str).map(str::to_owned) == access.map(hash), "another token"),
        (seen.path() == "/token" || access.is_some(), "no token"),
        (nonce.is_none() || claims.get("nonce").and_then(Value::as_str) == nonce, "another nonce"),
    ] {
        if !holds {
            return Some(format!("{what}: {claims}"));
        }
    }
    None
}

fn start(at_login: Option<&'static str>, at_api: Option<&'static str>) -> Server {
    let memory = Arc::new(Mutex::new(Memory::default()));
    let inner = Arc::clone(&memory);
    let recorder = Recorder::start(move |seen| {
        let mut memory = inner.lock().expect("nobody panics here");
        let of_login = seen.path() == "/token";
        let nonce = if of_login { at_login } else { at_api };
        if let Some(nonce) = nonce.filter(|nonce| !carries(seen, nonce)) {
            let challenge = "DPoP error=\"use_dpop_nonce\", error_description=\"needs a nonce\"";
            let fields = [("dpop-nonce", nonce), ("content-type", "application/json"), ("www-authenticate", challenge)];
            let (status, fields) = if of_login { (400, &fields[..2]) } else { (401, &fields[..]) };
            return reply(status, fields, r#"{"error":"use_dpop_nonce"}"#);
        }
        if let Some(what) = wrong(seen, &mut memory, nonce) {
            memory.refused.push(format!("{} {}: {what}", seen.method, seen.target));
            return json(401, r#"{"error":"invalid_dpop_proof"}"#);
        }
        match seen.path() {
            "/token" => {
                memory.tokens += 1;
                let number = memory.tokens;
                let kind = if field(seen, "scope").as_deref() == Some("bearer") { "Bearer" } else { "dpop" };
                json(
                    200,
                    &format!(
                        r#"{{"access_token":"t{number}","refresh_token":"r{number}","token_type":"{kind}","expires_in":60}}"#
                    ),
                )
            }
            "/moved" => reply(302, &[("location", "/api?after=redirect")], ""),
            "/choosy" if seen.header("authorization") == Some("DPoP t1") => json(401, "{}"),
            "/flaky" if memory.ids.len() < 4 => json(503, "{}"),
            _ => json(200, "{}"),
        }
    });
    Server { recorder, memory }
}

fn carries(seen: &Seen, nonce: &str) -> bool {
    let Some(proof) = seen.header("dpop") else { return false };
    let payload = proof.split('.').nth(1).expect("it has parts");
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON");
    payload["nonce"] == nonce
}

fn project(server: &Server, rest: &str, steps: &str) -> Project {
    let provider = format!(
        "provider: own\nflow: password\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\nlogin: {{ post: \"{{{{ base }}}}/token\" }}\ncredentials: {{ username: {{}}, password: {{}} }}\n{rest}"
    );
    Project::with_vars(&[("at", &server.recorder.base())])
        .file("providers/own.yaml", &provider)
        .file("scenario.yaml", &format!("scenario: Calls\nauth: own\nsteps:\n{steps}"))
        .variable("OWN_USERNAME", "u")
        .variable("OWN_PASSWORD", "p")
}

fn run(server: &Server, rest: &str, steps: &str) -> Outcome {
    let outcome = project(server, rest, steps).run(&["-v"]);
    let memory = server.memory.lock().expect("nobody panics here");
    assert_eq!(memory.refused, Vec::<String>::new(), "{}", outcome.all());
    outcome
}

/// The paths that were asked for, in their order.
fn paths(server: &Server) -> Vec<String> {
    server.recorder.seen().iter().map(|seen| seen.target.clone()).collect()
}

#[test]
fn every_request_has_a_proof_of_its_own() {
    let server = start(None, None);
    run(&server, "dpop: true\n", "  - get: /api?a=1#part\n  - post: /api\n    json: {}\n").exits(0);
    assert_eq!(paths(&server), ["/token", "/api?a=1", "/api"]);
}

#[test]
fn nonces_are_given_once_asked_for_and_kept() {
    let server = start(Some("n1"), Some("n1"));
    run(&server, "dpop: { alg: ES256 }\n", "  - get: /api\n  - get: /api\n").exits(0);
    // Both are at one origin: what the token endpoint asks for, the API need not ask for again.
    assert_eq!(paths(&server), ["/token", "/token", "/api", "/api"]);
}

#[test]
fn a_nonce_of_the_api_is_no_renewal() {
    let server = start(None, Some("n2"));
    let outcome = run(&server, "dpop: true\n", "  - get: /api\n  - get: /api\n");
    outcome.exits(0).says("sent again with the nonce of the 401").lacks("refreshed");
    assert_eq!(paths(&server), ["/token", "/api", "/api", "/api"]);
}

#[test]
fn redirects_and_retries_have_new_proofs() {
    let server = start(None, Some("n3"));
    let steps = "  - get: /moved\n  - get: /flaky\n    retry: { times: 3, backoff: 1ms }\n";
    run(&server, "dpop: true\n", steps).exits(0);
    assert_eq!(paths(&server)[..4], ["/token", "/moved", "/moved", "/api?after=redirect"]);
}

#[test]
fn the_key_stays_with_the_session() {
    let server = start(Some("n4"), None);
    run(&server, "dpop: true\n", "  - get: /choosy\n").exits(0).says("refreshed after a 401");
    // That the key is the same for both tokens, the server has seen.
    assert_eq!(server.memory.lock().expect("nobody panics here").tokens, 2);
    assert_eq!(paths(&server), ["/token", "/token", "/choosy", "/token", "/choosy"]);
}

#[test]
fn a_session_on_disk_keeps_its_key() {
    let server = start(None, Some("n5"));
    let project = project(&server, "dpop: true\nrefresh: { rotates: true }\n", "  - get: /api\n");
    let run = || project.run(&["-v", "--token-store", "tokens"]);
    run().exits(0).says("fetched");
    run().exits(0).says("from the token store");
    project.write("scenario.yaml", "scenario: Calls\nauth: own\nsteps:\n  - get: /choosy\n");
    run().exits(0).says("refreshed after a 401");
    run().exits(0).says("from the token store");
    let memory = server.memory.lock().expect("nobody panics here");
    assert_eq!((memory.refused.as_slice(), memory.tokens), (&[][..], 2));
}

#[test]
fn another_session_has_another_key() {
    let (one, other) = (start(None, None), start(None, None));
    for server in [&one, &other] {
        run(server, "dpop: true\n", "  - get: /api\n").exits(0);
    }
    let key = |server: &Server| server.memory.lock().expect("nobody panics here").key.clone();
    assert_ne!(key(&one), key(&other));
}

#[test]
fn a_token_that_is_no_dpop_token_is_sent_as_it_is() {
    let recorder = Recorder::start(|seen| match seen.path() {
        "/token" => json(200, r#"{"access_token":"t","token_type":"bearer"}"#),
        _ => json(200, "{}"),
    });
    let server = Server { recorder, memory: Arc::default() };
    run(&server, "dpop: true\n", "  - get: /api\n").exits(0);
    let seen = server.recorder.seen();
    assert_eq!((seen[1].header("authorization"), seen[1].header("dpop")), (Some("Bearer t"), None));
}

#[test]
fn a_server_that_is_never_content_is_asked_twice_only() {
    let recorder = Recorder::start(|_| {
        reply(400, &[("dpop-nonce", "n"), ("content-type", "application/json")], r#"{"error":"use_dpop_nonce"}"#)
    });
    let server = Server { recorder, memory: Arc::default() };
    let outcome = run(&server, "dpop: true\n", "  - get: /api\n");
    outcome.exits(3).says("refused the password login: 400 use_dpop_nonce");
    assert_eq!(paths(&server), ["/token", "/token"]);
}

#[test]
fn another_algorithm_is_refused_by_check() {
    let server = start(None, None);
    let outcome = run(&server, "dpop: { alg: RS256 }\n", "  - get: /api\n");
    outcome.exits(2).says("`dpop` cannot sign with RS256");
    assert_eq!(paths(&server), Vec::<String>::new());
}
