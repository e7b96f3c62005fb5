//! Assertions, proofs and keys in no output, whatever a server makes of them.

use crate::jwt::{field, key};
use crate::support::{Project, Recorder, Seen, json};

/// Says everything it was sent.
fn echo(seen: &Seen) -> Vec<u8> {
    let mut said: Vec<(String, String)> = seen.headers.clone();
    said.push(("body".to_owned(), seen.text()));
    for name in ["assertion", "client_assertion", "subject_token"] {
        said.extend(field(seen, name).map(|value| (name.to_owned(), value)));
    }
    let mut object: serde_json::Map<String, serde_json::Value> =
        said.into_iter().map(|(name, value)| (name, value.into())).collect();
    if seen.path() == "/token" {
        object.insert("access_token".to_owned(), "acc3ssT0kenQwErTyUiOp".into());
        object.insert("token_type".to_owned(), "DPoP".into());
    }
    if seen.path() == "/refuses" {
        let body =
            serde_json::json!({ "error": "invalid_client", "error_description": format!("no: {}", seen.text()) });
        return json(401, &body.to_string());
    }
    json(200, &serde_json::Value::Object(object).to_string())
}

const ENVIRONMENTS: &str = "environments: { default: { base: \"{{ env.at }}\", api: \"{{ env.at }}\" } }\ndpop: true\n";

#[test]
fn nothing_that_is_signed_is_shown() {
    let flows = [
        ("client_credentials", "login: { post: \"{{ base }}/token\", client_auth: private_key_jwt }\n"),
        (
            "jwt_bearer",
            "assertion: { claims: { iss: x } }\nlogin: { post: \"{{ base }}/token\", client_auth: private_key_jwt }\n",
        ),
        (
            "token_exchange",
            "exchange: { subject_token: \"{{ private_key | b64encode }}\" }\nlogin: { post: \"{{ base }}/token\", client_auth: private_key_jwt }\n",
        ),
        ("client_credentials", "login: { post: \"{{ base }}/refuses\", client_auth: private_key_jwt }\n"),
    ];
    // As it comes out of a file, out of a variable, and as JSON.
    let in_letters = key("p256.pkcs8").replace('\n', "\\n");
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for private in [key("p256.pkcs8"), in_letters, jwk.to_owned()] {
        for (flow, rest) in flows {
            let server = Recorder::start(echo);
            let provider = format!(
                "provider: own\nflow: {flow}\n{ENVIRONMENTS}credentials: {{ client_id: {{}}, private_key: {{}} }}\n{rest}"
            );
            let project = Project::with_vars(&[("at", &server.base())])
                .file("providers/own.yaml", &provider)
                .file(
                    "scenario.yaml",
                    "scenario: Calls\nauth: own\nsteps:\n  - get: /api\n    expect: { json: { dpop: no, authorization: no } }\n",
                )
                .variable("OWN_CLIENT_ID", "c")
                .variable("OWN_PRIVATE_KEY", &private);
            let reports =
                ["-vv", "--report", "junit=junit.xml", "--report", "json=run.json", "--report", "events=run.ndjson"];
            let outcome = project.run(&reports);
            assert_ne!(outcome.code, 0, "{}", outcome.all());
            let mut secrets: Vec<String> = private.split(['\n', '\\', '"']).map(str::to_owned).collect();
            for seen in server.seen() {
                let of_form = ["assertion", "client_assertion", "subject_token"].map(|name| field(&seen, name));
                let proof = seen.header("dpop").map(str::to_owned);
                for whole in of_form.into_iter().flatten().chain(proof) {
                    secrets.extend(whole.split('.').map(str::to_owned));
                }
            }
            // What every key has, and what nobody takes for one.
            secrets.retain(|secret| secret.len() > 30 && !secret.contains("-----"));
            assert!(secrets.len() >= 5, "{secrets:?}\n{}", outcome.all());
            for (name, text) in [
                ("the terminal", outcome.all()),
                ("JUnit", project.read("junit.xml")),
                ("JSON", project.read("run.json")),
                ("the events", project.read("run.ndjson")),
            ] {
                for secret in &secrets {
                    assert!(!text.contains(secret.as_str()), "{flow}: {name} shows {secret}\n{text}");
                }
                if !rest.contains("refuses") && name != "JUnit" {
                    assert!(text.contains("{{auth.own.dpop}}"), "{flow}: {name} masks no proof\n{text}");
                }
            }
        }
    }
}
