//! `private_key_jwt` and `client_secret_jwt` (RFC 7523, section 2.2; OpenID Connect Core, section 9).

use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::{Algorithm, DecodingKey};
use snapbox::str;

use crate::jwt::{checked, header, key, needed, public};
use crate::support::{Project, Recorder, Seen, json};

const SECRET: &str = "a secret of more than thirty-two bytes & signs";
const SCENARIO: &str = "scenario: A call\nauth: own\nsteps:\n  - get: /api\n";

/// Hands out tokens to whoever asks, and takes the second at its API, not the first.
fn serve(seen: &Seen) -> Vec<u8> {
    match (seen.path(), needed_grant(seen).as_str()) {
        ("/token", "refresh_token") => json(200, r#"{"access_token":"second","token_type":"Bearer","expires_in":60}"#),
        ("/token", _) => {
            json(200, r#"{"access_token":"first","refresh_token":"again","token_type":"Bearer","expires_in":60}"#)
        }
        ("/choosy", _) if seen.header("authorization") == Some("Bearer first") => json(401, "{}"),
        _ => json(200, "{}"),
    }
}

fn needed_grant(seen: &Seen) -> String {
    crate::jwt::field(seen, "grant_type").unwrap_or_default()
}

fn provider(rest: &str) -> String {
    format!(
        "provider: own\nflow: client_credentials\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\n{rest}"
    )
}

fn project(server: &Recorder, rest: &str) -> Project {
    Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", &provider(rest))
        .file("scenario.yaml", SCENARIO)
        .variable("OWN_CLIENT_ID", "the client")
}

const BY_KEY: &str = "credentials: { client_id: {}, private_key: {} }\nlogin: { post: \"{{ base }}/token\", client_auth: private_key_jwt }\n";

#[test]
fn every_kind_of_key_signs_with_every_algorithm_it_can() {
    let server = Recorder::start(serve);
    let (rs, ps) = (["RS256", "RS384", "RS512"], ["PS256", "PS384", "PS512"]);
    let mut asked = 0;
    for (file, name, algorithms) in [
        ("rsa.pkcs8", "rsa", [rs, ps].concat()),
        ("rsa.pkcs1", "rsa", vec!["", "RS256"]),
        ("p256.pkcs8", "p256", vec!["", "ES256"]),
        ("p256.sec1", "p256", vec![""]),
        ("p384.pkcs8", "p384", vec!["", "ES384"]),
        ("p384.sec1", "p384", vec![""]),
        ("ed25519", "ed25519", vec!["", "EdDSA"]),
    ] {
        for algorithm in algorithms {
            let alg = if algorithm.is_empty() {
                String::new()
            } else {
                format!("client_assertion: {{ alg: {algorithm} }}\n")
            };
            // In one line with `\n` in letters, as variables of CI systems often have it.
            let in_letters = key(file).replace('\n', "\\n");
            project(&server, &format!("{BY_KEY}{alg}")).variable("OWN_PRIVATE_KEY", &in_letters).run(&[]).exits(0);
            let request = server.seen().into_iter().filter(|seen| seen.path() == "/token").nth(asked).expect("a login");
            asked += 1;
            let assertion = needed(&request, "client_assertion");
            let said = header(&assertion)["alg"].as_str().expect("a text").to_owned();
            assert!(algorithm.is_empty() || said == algorithm, "{file}: {said}");
            let (header, claims) = checked(&assertion, &public(name), said.parse().expect("an algorithm"));
            assert_eq!(header["typ"], "JWT");
            assert_eq!((&claims["iss"], &claims["sub"]), (&"the client".into(), &"the client".into()));
            assert_eq!(claims["aud"], format!("{}/token", server.base()));
            assert_eq!(claims["exp"].as_u64().expect("a number") - claims["iat"].as_u64().expect("a number"), 300);
            assert_eq!(needed(&request, "client_id"), "the client");
            let kind = needed(&request, "client_assertion_type");
            assert_eq!(kind, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            assert_eq!(request.header("authorization"), None);
        }
    }
}

#[test]
fn a_secret_signs_too() {
    let server = Recorder::start(serve);
    for (at, algorithm) in ["", "HS256", "HS384", "HS512"].into_iter().enumerate() {
        let alg =
            if algorithm.is_empty() { String::new() } else { format!("client_assertion: {{ alg: {algorithm} }}\n") };
        let rest = format!(
            "credentials: {{ client_id: {{}}, client_secret: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\", client_auth: client_secret_jwt }}\n{alg}"
        );
        project(&server, &rest).variable("OWN_CLIENT_SECRET", SECRET).run(&[]).exits(0);
        let request = server.seen().into_iter().filter(|seen| seen.path() == "/token").nth(at).expect("a login");
        let wanted: Algorithm = if algorithm.is_empty() { Algorithm::HS256 } else { algorithm.parse().expect("one") };
        checked(&needed(&request, "client_assertion"), &DecodingKey::from_secret(SECRET.as_bytes()), wanted);
        assert!(!request.text().contains("client_secret="), "{}", request.text());
    }
}

#[test]
fn a_revocation_may_be_all_that_is_signed() {
    let server = Recorder::start(serve);
    let rest = "credentials: { client_id: {}, client_secret: {}, private_key: {} }\nlogin: { post: \"{{ base }}/token\" }\nrevoke: { post: \"{{ base }}/revoke\", client_auth: private_key_jwt }\nclient_assertion: { alg: ES256 }\n";
    let project =
        project(&server, rest).variable("OWN_CLIENT_SECRET", SECRET).variable("OWN_PRIVATE_KEY", &key("p256.pkcs8"));
    project.run(&["--token-store", "kept"]).exits(0);
    let logout = ["auth", "logout", "own", "--env", "test", "--token-store", "kept"];
    project.callsheet(&logout).exits(0).says("revoked");
    let seen = server.seen();
    let request = seen.iter().find(|seen| seen.path() == "/revoke").expect("a revocation");
    let (_, claims) = checked(&needed(request, "client_assertion"), &public("p256"), Algorithm::ES256);
    assert_eq!((&claims["sub"], request.header("authorization")), (&"the client".into(), None));
}

#[test]
fn a_jwk_brings_its_own_kid() {
    let server = Recorder::start(serve);
    // RFC 8037, appendix A.1.
    let jwk = r#"{"kty":"OKP","kid":"from the key","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    project(&server, BY_KEY).variable("OWN_PRIVATE_KEY", jwk).run(&[]).exits(0);
    let public = DecodingKey::from_ed_components("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").expect("a key");
    let (header, _) = checked(&needed(&server.seen()[0], "client_assertion"), &public, Algorithm::EdDSA);
    assert_eq!(header["kid"], "from the key");
}

#[test]
fn what_is_signed_can_be_changed() {
    let server = Recorder::start(serve);
    let rest = r#"credentials: { client_id: {}, key_id: {} }
login: { post: "{{ base }}/token", client_auth: private_key_jwt, scope: [read, write] }
client_assertion:
  key: "{{ file('key.pem') }}"
  alg: PS256
  kid: "{{ key_id }}"
  audience: example.com
  lifetime: 90s
  claims: { sub: "{{ client_id }} of {{ env.at }}", jti: null, scp: "{{ scope }}", nested: { list: [1, true] }, none: null }
  headers: { typ: client-authentication+jwt, x5t: abc }
"#;
    // The path is relative to the provider's file.
    let project = project(&server, rest).file("providers/key.pem", &key("rsa.pkcs8")).variable("OWN_KEY_ID", "k1");
    project.run(&[]).exits(0);
    let (header, claims) = checked(&needed(&server.seen()[0], "client_assertion"), &public("rsa"), Algorithm::PS256);
    assert_eq!(
        header,
        serde_json::json!({ "alg": "PS256", "kid": "k1", "typ": "client-authentication+jwt", "x5t": "abc" })
    );
    let iat = claims["iat"].as_u64().expect("a number");
    assert_eq!(
        claims,
        serde_json::json!({
            "iss": "the client",
            "aud": "example.com",
            "iat": iat,
            "exp": iat + 90,
            "sub": format!("the client of {}", server.base()),
            "scp": "read write",
            "nested": { "list": [1, true] },
        })
    );
}

#[test]
fn a_refresh_is_signed_anew() {
    let server = Recorder::start(serve);
    let rest = BY_KEY.to_owned() + "refresh: {}\n";
    let project = project(&server, &rest)
        .file("scenario.yaml", "scenario: A call\nauth: own\nsteps:\n  - get: /choosy\n")
        .variable("OWN_PRIVATE_KEY", &key("p256.pkcs8"));
    project.run(&["-v"]).exits(0).says("refreshed after a 401");
    let asked: Vec<Seen> = server.seen().into_iter().filter(|seen| seen.path() == "/token").collect();
    let claims = |seen: &Seen| checked(&needed(seen, "client_assertion"), &public("p256"), Algorithm::ES256).1;
    let [login, refresh] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(needed(refresh, "grant_type"), "refresh_token");
    assert_eq!(claims(login)["aud"], claims(refresh)["aud"]);
    assert_ne!(claims(login)["jti"], claims(refresh)["jti"]);
}

#[test]
fn keys_that_do_not_fit_are_told_before_any_call() {
    let server = Recorder::start(serve);
    let with = |rest: &str, name: &str, value: &str| {
        let outcome = project(&server, rest).variable(name, value).run(&[]);
        outcome.exits(3);
        outcome.lacks("MIIE").lacks("MIGH").diagnostics()
    };
    let of_rs256 = format!("{BY_KEY}client_assertion:\n  alg: RS256\n");
    snapbox::assert_data_eq!(
        with(&of_rs256, "OWN_PRIVATE_KEY", &key("p256.pkcs8")),
        str![[r#"
error[auth.key]: the key of `client_assertion` cannot be used: it is an EC key on the curve P-256, and RS256 needs an RSA key
 --> providers/own.yaml:7:8
  |
7 |   alg: RS256
  |        ^^^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: OWN_PRIVATE_KEY came from environment variables

"#]]
    );
    snapbox::assert_data_eq!(
        with(BY_KEY, "OWN_PRIVATE_KEY", &key("encrypted")),
        str![[r#"
error[auth.key]: the key of `client_assertion` cannot be used: the key is encrypted with a passphrase
 --> providers/own.yaml:5:49
  |
5 | login: { post: "{{ base }}/token", client_auth: private_key_jwt }
  |                                                 ^^^^^^^^^^^^^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: OWN_PRIVATE_KEY came from environment variables
  = help: decrypt it first: openssl pkey -in FILE -out PLAIN_FILE

"#]]
    );
    snapbox::assert_data_eq!(
        with(BY_KEY, "OWN_PRIVATE_KEY", &key("rsa.public")),
        str![[r#"
error[auth.key]: the key of `client_assertion` cannot be used: it is a public key, but only a private key can sign
 --> providers/own.yaml:5:49
  |
5 | login: { post: "{{ base }}/token", client_auth: private_key_jwt }
  |                                                 ^^^^^^^^^^^^^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: OWN_PRIVATE_KEY came from environment variables
  = help: give the private key that belongs to it

"#]]
    );
    snapbox::assert_data_eq!(
        with(BY_KEY, "OWN_PRIVATE_KEY", "hush"),
        str![[r#"
error[auth.key]: the key of `client_assertion` cannot be used: it is neither PEM nor a JWK
 --> providers/own.yaml:5:49
  |
5 | login: { post: "{{ base }}/token", client_auth: private_key_jwt }
  |                                                 ^^^^^^^^^^^^^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: OWN_PRIVATE_KEY came from environment variables
  = help: give the whole text, starting with `-----BEGIN …`, or the JSON of the key

"#]]
    );
    let by_secret = "credentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\", client_auth: client_secret_jwt }\n";
    snapbox::assert_data_eq!(
        with(by_secret, "OWN_CLIENT_SECRET", &key("rsa.pkcs8")),
        str![[r#"
error[auth.key]: the key of `client_assertion` cannot be used: it is an RSA key, and HS256 needs a secret
 --> providers/own.yaml:5:49
  |
5 | login: { post: "{{ base }}/token", client_auth: client_secret_jwt }
  |                                                 ^^^^^^^^^^^^^^^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: OWN_CLIENT_SECRET came from environment variables

"#]]
    );
    assert_eq!(server.told(), "");
}

#[test]
fn what_the_file_says_wrongly_is_told_by_check() {
    let server = Recorder::start(serve);
    let check = |rest: &str| {
        let outcome = project(&server, rest).callsheet(&["check"]);
        outcome.exits(2);
        outcome.diagnostics()
    };
    let wrong = "credentials: { client_id: {}, private_key: {} }\nlogin: { post: \"{{ base }}/token\", client_auth: private_key_jwt }\n";
    snapbox::assert_data_eq!(
        check(&format!("{wrong}client_assertion: {{ alg: HS256 }}\n")),
        str![[r#"
error[provider.alg]: `private_key_jwt` signs with a private key, not HS256
 --> providers/own.yaml:6:26
  |
6 | client_assertion: { alg: HS256 }
  |                          ^^^^^
  |
  = help: choose another `alg`, or write `client_auth: client_secret_jwt`

"#]]
    );
    snapbox::assert_data_eq!(
        check(&format!("{wrong}client_assertion: {{ alg: RS265, claims: {{ a: \"{{{{ nobody }}}}\" }} }}\n")),
        str![[r#"
error[format.value]: `RS265` is not a signature algorithm
 --> providers/own.yaml:6:26
  |
6 | client_assertion: { alg: RS265, claims: { a: "{{ nobody }}" } }
  |                          ^^^^^
  |
  = help: did you mean `RS256`?

"#]]
    );
    snapbox::assert_data_eq!(
        check(
            "credentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\" }\nclient_assertion: { kid: k }\n"
        ),
        str![[r#"
error[provider.flow]: `client_assertion` is never used
 --> providers/own.yaml:6:19
  |
6 | client_assertion: { kid: k }
  |                   ^^^^^^^^^^
  |
  = help: write `client_auth: private_key_jwt` or `client_auth: client_secret_jwt` under `login`

"#]]
    );
    snapbox::assert_data_eq!(
        check("credentials: { client_id: {} }\nlogin: { post: \"{{ base }}/token\", client_auth: private_key_jwt }\n"),
        str![[r#"
error[provider.credential]: `client_assertion` without a `key` needs the credential `private_key`
 --> providers/own.yaml:5:49
  |
5 | login: { post: "{{ base }}/token", client_auth: private_key_jwt }
  |                                                 ^^^^^^^^^^^^^^^
  |
  = help: add it: `credentials: { private_key: {} }`

"#]]
    );
}

#[test]
fn a_refusal_says_what_the_server_says() {
    static TIMES: AtomicUsize = AtomicUsize::new(0);
    let server = Recorder::start(|seen| {
        TIMES.fetch_add(1, Ordering::Relaxed);
        // A server that repeats what it does not like.
        let assertion = needed(seen, "client_assertion");
        json(
            401,
            &format!(r#"{{"error":"invalid_client","error_description":"{assertion} is not signed by the client"}}"#),
        )
    });
    let project = project(&server, BY_KEY).variable("OWN_PRIVATE_KEY", &key("ed25519"));
    let outcome = project.run(&[]);
    outcome.exits(3).lacks("eyJ");
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[auth.refused]: own (test) refused the client_credentials login: 401 invalid_client "…"
 --> scenario.yaml:2:7
  |
2 | auth: own
  |       ^^^
  |
  = note: POST http://127.0.0.1:PORT/token
  = help: OWN_CLIENT_ID and OWN_PRIVATE_KEY came from environment variables

"#]]
    );
    assert_eq!(TIMES.load(Ordering::Relaxed), 1);
}
