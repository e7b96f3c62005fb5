//! `signature`: whose keys, which algorithms, keys that change, keys that cannot be had.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Stage, json, nobody};

fn scenario(provider: &str, signature: &str) -> String {
    format!("scenario: Signed\nauth: {{ provider: {provider}, expect: {{ signature: {signature} }} }}\nsteps: []\n")
}

#[test]
fn the_tokens_of_every_look_alike_are_signed_by_its_keys() {
    for name in ["lavanda", "cognito", "simacan", "gridshare"] {
        let outcome = Stage::new().scenario(&scenario(name, "jwks")).run(&["-v"]);
        outcome.exits(0).says("1 passed");
    }
}

#[test]
fn a_body_that_is_a_token_is_checked_with_the_keys_of_whom_the_step_acts_with() {
    let scenario = |text: &str| {
        format!(
            "scenario: A token as a body\nauth: gridshare\nsteps:\n  - post: \"{{{{ mock.base }}}}/echo/body\"\n    headers: {{ content-type: application/jwt }}\n    text: \"{text}\"\n    expect: {{ jwt: {{ claims: {{ exp: <in the future> }}, signature: jwks }} }}\n"
        )
    };
    let project = |text: &str| {
        Project::new()
            .file("callsheet.yaml", "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n")
            .file("token.yaml", &scenario(text))
    };
    project("{{ auth.gridshare.access_token }}").run(&[]).exits(0).says("1 passed");
    // The same claims under a signature of the same length that is none.
    let forged = "{{ auth.gridshare.access_token | replace(auth.gridshare.access_token | regex_capture('([^.]{20})$'), 'AAAAAAAAAAAAAAAAAAAA') }}";
    project(forged).run(&[]).exits(1).says("error[expect.signature]: the token in the body cannot be trusted");
}

/// A token service that signs as a test wants, and what it publishes.
struct Signer {
    server: Recorder,
    published: Arc<AtomicUsize>,
}

/// Keys that a process makes once.
fn keys() -> &'static [(EncodingKey, String); 2] {
    static KEYS: OnceLock<[(EncodingKey, String); 2]> = OnceLock::new();
    KEYS.get_or_init(|| {
        ["first", "second"].map(|kid| {
            let key =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
            let key = EncodingKey::from_ec_der(key.as_ref());
            let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).expect("a JWK");
            jwk.common.key_id = Some(kid.to_owned());
            (key, serde_json::to_string(&jwk).expect("JSON"))
        })
    })
}

/// A token of one of the keys, by the name of any.
fn token(key: usize, kid: &str) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, &json!({ "sub": "joe" }), &keys()[key].0).expect("a token")
}

impl Signer {
    /// Hands out this token; publishes with the nth answer the nth of these documents, and the last one ever after.
    fn start(token: String, documents: Vec<(u16, String)>) -> Self {
        let published = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&published);
        let server = Recorder::start(move |seen| {
            if seen.path() == "/token" {
                return json(200, &format!(r#"{{"access_token":"{token}","id_token":"{token}"}}"#));
            }
            let at = counted.fetch_add(1, Ordering::SeqCst).min(documents.len() - 1);
            json(documents[at].0, &documents[at].1)
        });
        Self { server, published }
    }

    fn project(&self, jwks: &str, signature: &str) -> Project {
        let provider = format!(
            "provider: own\nflow: client_credentials\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\" }} }}\ncredentials: {{ client_id: {{ default: me }}, client_secret: {{ default: a-shared-secret }} }}\nlogin: {{ post: \"{{{{ base }}}}/token\", client_auth: post }}\n{jwks}"
        );
        Project::with_vars(&[("at", &self.server.base())])
            .file("providers/own.yaml", &provider)
            .file("scenario.yaml", &scenario("own", signature))
    }

    fn run(&self, signature: &str) -> crate::support::Outcome {
        self.project("jwks: \"{{ base }}/keys\"\n", signature).run(&[])
    }

    fn fetched(&self) -> usize {
        self.published.load(Ordering::SeqCst)
    }
}

fn set(keys: &[&str]) -> (u16, String) {
    (200, format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
}

#[test]
fn a_signature_by_another_key_of_the_same_name_does_not_hold() {
    let signer = Signer::start(token(1, "first"), vec![set(&[&keys()[0].1])]);
    let outcome = signer.run("jwks");
    outcome.exits(1);
    assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[expect.signature]: the access token cannot be trusted: the signature is wrong
 --> scenario.yaml:2:45
  |
2 | auth: { provider: own, expect: { signature: jwks } }
  |                                             ^^^^
  |
  = note: checked as ES256 with first (EC P-256)

"#]]
    );
}

#[test]
fn keys_that_have_changed_are_fetched_once_more() {
    let old = set(&[&keys()[0].1]);
    let signer = Signer::start(token(1, "second"), vec![old.clone(), set(&[&keys()[0].1, &keys()[1].1])]);
    signer.run("jwks").exits(0);
    assert_eq!(signer.fetched(), 2);
    // A name that is in neither is asked for once more and not again, by however many.
    let signer = Signer::start(token(1, "third"), vec![old]);
    let project = signer.project("jwks: \"{{ base }}/keys\"\n", "jwks");
    for number in 0..5 {
        project.write(&format!("more-{number}.yaml"), &scenario("own", "jwks"));
    }
    let outcome = project.run(&[]);
    outcome.exits(1).says("there is no key `third`").says("the keys are first");
    assert_eq!(signer.fetched(), 2);
}

#[test]
fn keys_that_cannot_be_had_are_no_failed_expectation() {
    let failing = Signer::start(token(0, "first"), vec![(503, "{}".to_owned())]);
    failing.run("jwks").exits(3).says("error[auth.keys]").says("the answer is 503").lacks("expect.signature");
    let html = Signer::start(token(0, "first"), vec![(200, "<html>".to_owned())]);
    html.run("jwks").exits(3).says("is not JSON");
    let other = Signer::start(token(0, "first"), vec![(200, "{\"issuer\":\"x\"}".to_owned())]);
    other.run("jwks").exits(3).says("has no `keys`");
    other.run(&format!("\"{}/jwks\"", nobody())).exits(3).says("error[auth.keys]");
    other.run("http://keys.example.com/jwks").exits(3).says("keys that come over plain http cannot be trusted");
    other.project("", "jwks").run(&[]).exits(3).says("the provider does not say where they are").says("`jwks: URL`");
}

/// A publisher of that discovery document; `KEYS` and `BASE` in it are the signer and the publisher itself.
fn publisher(signer: &Signer, status: u16, document: &str) -> (Recorder, String) {
    let document = document.replace("KEYS", &signer.server.base());
    let publisher = Recorder::start(move |seen| {
        json(status, &document.replace("BASE", &format!("http://{}", seen.header("host").unwrap_or_default())))
    });
    let discovery = format!("discovery: {}/.well-known/openid-configuration\n", publisher.base());
    (publisher, discovery)
}

#[test]
fn keys_are_found_by_discovery() {
    let signer = Signer::start(token(0, "first"), vec![set(&[&keys()[0].1])]);
    let (found, discovery) = publisher(&signer, 200, r#"{"issuer":"BASE","jwks_uri":"KEYS/keys"}"#);
    signer.project(&discovery, "jwks").run(&[]).exits(0);
    assert_eq!((signer.fetched(), found.seen().len()), (1, 1));
    // The file may name the member, too.
    signer.project(&format!("{discovery}jwks: \"{{{{ jwks_uri }}}}?all\"\n"), "jwks").run(&[]).exits(0);
    assert!(signer.server.told().contains("GET /keys?all"), "{}", signer.server.told());
}

/// The login takes its endpoint from the document, and the check of the signature its keys.
#[test]
fn one_document_is_fetched_once_for_logins_and_keys() {
    let signer = Signer::start(token(0, "first"), vec![set(&[&keys()[0].1])]);
    let (found, discovery) =
        publisher(&signer, 200, r#"{"issuer":"BASE","token_endpoint":"KEYS/token","jwks_uri":"KEYS/keys"}"#);
    let project = signer.project(&discovery, "{ of: [access_token, id_token] }");
    let provider = project.read("providers/own.yaml").replace("post: \"{{ base }}/token\", ", "");
    project.write("providers/own.yaml", &provider);
    for number in 0..4 {
        project.write(&format!("more-{number}.yaml"), &scenario("own", "jwks"));
    }
    project.run(&[]).exits(0).says("5 passed");
    assert_eq!((signer.fetched(), found.seen().len()), (1, 1), "{}", found.told());
}

#[test]
fn a_document_that_says_nothing_of_keys_is_no_failed_expectation() {
    let signer = Signer::start(token(0, "first"), vec![set(&[&keys()[0].1])]);
    for (status, document, says) in [
        (200, r#"{"issuer":"https://issuer.example","jwks_uri":"KEYS/keys"}"#, "has the issuer https://issuer.example"),
        (200, r#"{"issuer":"BASE"}"#, "it has no `jwks_uri`"),
        (503, "{}", "could not answer the request for its discovery document: 503"),
    ] {
        let (found, discovery) = publisher(&signer, status, document);
        let project = signer.project(&discovery, "jwks");
        for number in 0..4 {
            project.write(&format!("more-{number}.yaml"), &scenario("own", "jwks"));
        }
        project.run(&[]).exits(3).says(says).lacks("expect.signature");
        assert_eq!(found.seen().len(), 1, "a failure is shared: {}", found.told());
    }
    assert_eq!(signer.fetched(), 0);
}

#[test]
fn keys_are_given_by_a_file_a_url_or_a_secret() {
    let signer = Signer::start(token(0, "first"), vec![set(&[&keys()[0].1])]);
    let project = signer.project("", "keys/jwks.json").file("keys/jwks.json", &set(&[&keys()[0].1]).1);
    project.run(&[]).exits(0);
    project.write(
        "scenario.yaml",
        &scenario("own", "{ jwks: \"{{ env.at }}/keys\", of: [access_token, id_token], alg: ES256 }"),
    );
    project.run(&[]).exits(0);
    project.write("scenario.yaml", &scenario("own", "{ file: keys/jwks.json, alg: [RS256, PS256] }"));
    project.run(&[]).exits(1).says("the access_token is signed with ES256, but one of RS256, PS256 was expected");
    project.write("scenario.yaml", &scenario("own", "client_secret"));
    project.run(&[]).exits(1).says("no key can be used for ES256");
    project.write("scenario.yaml", &scenario("own", "{ secret: a-shared-secret }"));
    project.run(&[]).exits(1).says("no key can be used for ES256");
    project.write("scenario.yaml", &scenario("own", "keys/none.pem"));
    project.run(&[]).exits(1).says("error[run.keys]").says("cannot be read");

    let shared = EncodingKey::from_secret(b"a-shared-secret");
    let hmac = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &json!({}), &shared).expect("a token");
    let signer = Signer::start(hmac, vec![set(&[&keys()[0].1])]);
    signer.run("client_secret").exits(0);
    signer.run("{ secret: a-shared-secret, of: id_token }").exits(0);
    signer.run("{ secret: another-secret }").exits(1).says("the signature is wrong");
    signer.run("jwks").exits(1).says("no key can be used for HS256");
}

#[test]
fn an_ed25519_key_is_published_like_any_other() {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let key = EncodingKey::from_ed_der(pair.to_pkcs8().expect("a key").as_ref());
    let x = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, pair.public_key());
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"ed","x":"{x}"}}"#);
    let header = Header { kid: Some("ed".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let token = jsonwebtoken::encode(&header, &json!({ "sub": "joe" }), &key).expect("a token");
    let signer = Signer::start(token.clone(), vec![set(&[&keys()[0].1, &jwk])]);
    signer.run("{ jwks: \"{{ env.at }}/keys\", alg: EdDSA }").exits(0);
    let tampered = token.replacen(".ey", ".eY", 1);
    let signer = Signer::start(tampered, vec![set(&[&jwk])]);
    signer.run("jwks").exits(1).says("the signature is wrong").says("checked as EdDSA with ed (Ed25519)");
}

/// A set that gives a symmetric key away must not make a token good that anyone could have signed with it.
#[test]
fn a_published_secret_is_not_believed() {
    let given_away = r#"{"kty":"oct","kid":"k","k":"YS1zaGFyZWQtc2VjcmV0"}"#;
    let header = Header { kid: Some("k".to_owned()), ..Header::new(Algorithm::HS256) };
    let hmac =
        jsonwebtoken::encode(&header, &json!({}), &EncodingKey::from_secret(b"a-shared-secret")).expect("a token");
    let outcome = Signer::start(hmac, vec![set(&[given_away])]).run("jwks");
    outcome.exits(1).says("a key of that name cannot be used: it is a symmetric key");
}

#[test]
fn an_opaque_token_has_no_signature() {
    let signer = Signer::start("opaque-0123456789".to_owned(), vec![set(&[&keys()[0].1])]);
    signer.run("jwks").exits(1).says("it is not a JWT, so it has no signature");
    let unsigned = "eyJhbGciOiJub25lIn0.e30.".to_owned();
    Signer::start(unsigned, vec![set(&[&keys()[0].1])]).run("jwks").exits(1).says("it is not signed");
}

#[test]
fn what_is_written_wrongly_is_told_before_any_call() {
    let check = |signature: &str| {
        let project = Project::new().file("scenario.yaml", &scenario("simacan", signature));
        project.callsheet(&["check"])
    };
    check("jwsk").exits(2).says("did you mean `jwks`?");
    check("{ jwks: https://a.example, secret: b }").exits(2).says("keys must come from one place");
    check("{ of: refresh_token }").exits(2).says("`access_token` or `id_token`");
    check("{ kid: a }").exits(2).says("kid");
    check("\"{{ nowhere }}/keys.pem\"").exits(2).says("the variable `nowhere` is not defined");
    check("{ of: [id_token, access_token] }").exits(0);
}
