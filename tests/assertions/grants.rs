//! Signed JWTs as the grant (RFC 7523, section 2.1), and what they have in common with exchanged tokens.

use jsonwebtoken::Algorithm;
use snapbox::str;

use crate::jwt::{checked, field, key, needed, public};
use crate::support::{Project, Recorder, Seen, json};

const SCENARIO: &str = "scenario: A call\nauth: own\nsteps:\n  - get: /api\n    expect: { json: { token: <any> } }\n";
pub(super) const ENVIRONMENTS: &str =
    "environments: { default: { base: \"{{ env.at }}\", api: \"{{ env.at }}\", host: accounts.example.com } }\n";

fn serve(seen: &Seen) -> Vec<u8> {
    match seen.path() {
        "/token" => json(200, r#"{"access_token":"granted","token_type":"Bearer","expires_in":60}"#),
        "/app/installations/7/access_tokens" => {
            json(201, r#"{"token":"ghs_installation","expires_at":"2099-01-01T00:00:00Z","permissions":{}}"#)
        }
        _ => json(200, &format!(r#"{{"token":"{}"}}"#, seen.header("authorization").unwrap_or_default())),
    }
}

pub(super) fn project(server: &Recorder, provider: &str) -> Project {
    Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", &format!("provider: own\n{ENVIRONMENTS}{provider}"))
        .file("scenario.yaml", SCENARIO)
}

#[test]
fn the_scope_can_be_a_claim() {
    // As Google has it.
    let server = Recorder::start(serve);
    let provider = r#"flow: jwt_bearer
credentials: { client_email: {}, private_key: {}, private_key_id: { secret: false } }
assertion:
  alg: RS256
  kid: "{{ private_key_id }}"
  lifetime: 1h
  claims: { iss: "{{ client_email }}", scope: "{{ scope }}" }
login:
  post: "{{ base }}/token"
  client_auth: none
  scope: [read, write]
  fields: { grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer, assertion: "{{ assertion }}" }
"#;
    project(&server, provider)
        .variable("OWN_CLIENT_EMAIL", "robot@example.com")
        .variable("OWN_PRIVATE_KEY_ID", "k1")
        .variable("OWN_PRIVATE_KEY", &key("rsa.pkcs8"))
        .run(&[])
        .exits(0);
    let login = &server.seen()[0];
    let (header, claims) = checked(&needed(login, "assertion"), &public("rsa"), Algorithm::RS256);
    assert_eq!(header["kid"], "k1");
    assert_eq!((&claims["iss"], &claims["scope"]), (&"robot@example.com".into(), &"read write".into()));
    assert_eq!(claims["aud"], format!("{}/token", server.base()));
    assert_eq!(claims["exp"].as_u64(), claims["iat"].as_u64().map(|iat| iat + 3600));
    assert_eq!(needed(login, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(login.text().matches('=').count(), 2, "{}", login.text());
}

#[test]
fn the_assertion_can_be_a_bearer_token_of_a_json_request_without_fields() {
    // As GitHub has it.
    let server = Recorder::start(serve);
    let provider = r#"flow: jwt_bearer
credentials: { app_id: {}, installation_id: {}, private_key: {} }
assertion: { alg: RS256, claims: { iss: "{{ app_id }}", aud: null, jti: null, iat: "{{ now('-60s', 'epoch') | int }}" } }
login:
  post: "{{ base }}/app/installations/{{ installation_id }}/access_tokens"
  encoding: json
  client_auth: none
  headers: { Authorization: "Bearer {{ assertion }}", Accept: application/vnd.github+json }
  fields: {}
token: { access_token: $.token, expires_at: $.expires_at }
"#;
    project(&server, provider)
        .variable("OWN_APP_ID", "12345")
        .variable("OWN_INSTALLATION_ID", "7")
        .variable("OWN_PRIVATE_KEY", &key("rsa.pkcs1"))
        .run(&["-v"])
        .exits(0);
    let [login, call] = &server.seen()[..] else { panic!("{}", server.told()) };
    let assertion = login.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).expect("a token");
    let (_, claims) = checked(assertion, &public("rsa"), Algorithm::RS256);
    let mut names: Vec<&String> = claims.as_object().expect("an object").keys().collect();
    names.sort();
    assert_eq!(names, ["exp", "iat", "iss"]);
    assert_eq!(claims["iss"], "12345");
    assert_eq!(claims["exp"].as_u64(), claims["iat"].as_u64().map(|iat| iat + 360));
    assert_eq!((login.text().as_str(), login.header("content-type")), ("{}", Some("application/json")));
    assert_eq!(call.header("authorization"), Some("Bearer ghs_installation"));
}

#[test]
fn the_audience_can_be_a_bare_host() {
    // As Docusign has it; and the fields are the standard's.
    let server = Recorder::start(serve);
    let provider = r#"flow: jwt_bearer
credentials: { client_id: {}, user_id: {}, private_key: {} }
assertion: { audience: "{{ host }}", claims: { iss: "{{ client_id }}", sub: "{{ user_id }}", scope: "{{ scope }}" } }
login: { post: "{{ base }}/token", client_auth: none }
"#;
    let project = project(&server, provider)
        .variable("OWN_CLIENT_ID", "the client")
        .variable("OWN_USER_ID", "somebody")
        .variable("OWN_PRIVATE_KEY", &key("p384.sec1"));
    project.run(&[]).exits(0);
    let login = &server.seen()[0];
    let (_, claims) = checked(&needed(login, "assertion"), &public("p384"), Algorithm::ES384);
    assert_eq!((&claims["aud"], &claims["sub"]), (&"accounts.example.com".into(), &"somebody".into()));
    assert_eq!((claims.get("scope"), field(login, "scope")), (None, None));
}

#[test]
fn what_jwt_bearer_lacks_is_told() {
    let server = Recorder::start(serve);
    let outcome = project(
        &server,
        "flow: jwt_bearer\ncredentials: { client_id: {} }\nlogin: { post: \"{{ base }}/token\", client_auth: none }\nexchange: { subject: b }\n",
    )
    .callsheet(&["check"]);
    outcome.exits(2);
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[format.missing-key]: the flow `jwt_bearer` needs the key `assertion`
 --> providers/own.yaml:3:7
  |
3 | flow: jwt_bearer
  |       ^^^^^^^^^^
  |
  = help: `callsheet provider new NAME --flow jwt_bearer` writes a complete file to compare with
error[provider.flow]: `exchange` does not belong to the flow `jwt_bearer`
 --> providers/own.yaml:6:1
  |
...
6 | exchange: { subject: b }
  | ^^^^^^^^
  |
  = help: remove it, or choose another flow

"#]]
    );
}

#[test]
fn grants_find_the_token_endpoint_by_discovery_alone() {
    let discovering = |seen: &Seen| match seen.path() {
        "/.well-known/openid-configuration" => {
            let base = format!("http://{}", seen.header("host").unwrap_or_default());
            json(200, &format!(r#"{{"issuer":"{base}","token_endpoint":"{base}/token"}}"#))
        }
        _ => serve(seen),
    };
    for flow in [
        "flow: jwt_bearer\nassertion: { claims: { iss: \"{{ client_id }}\" } }\n",
        "flow: token_exchange\nexchange: { subject_token: given }\n",
    ] {
        let server = Recorder::start(discovering);
        let provider = format!("{flow}discovery: \"{{{{ base }}}}/.well-known/openid-configuration\"\n");
        project(&server, &provider)
            .variable("OWN_CLIENT_ID", "robot")
            .variable("OWN_CLIENT_SECRET", "hush")
            .variable("OWN_PRIVATE_KEY", &key("rsa.pkcs8"))
            .run(&[])
            .exits(0);
        let asked: Vec<_> = server.seen().iter().map(|seen| seen.path().to_owned()).collect();
        assert_eq!(asked, ["/.well-known/openid-configuration", "/token", "/api"], "{flow}");
    }
}
