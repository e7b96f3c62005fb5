//! Signed JWTs as the grant (RFC 7523, section 2.1) and exchanged tokens (RFC 8693).

use jsonwebtoken::Algorithm;
use snapbox::str;

use crate::jwt::{checked, field, key, needed, public};
use crate::support::{Project, Recorder, Seen, json};

const SCENARIO: &str = "scenario: A call\nauth: own\nsteps:\n  - get: /api\n    expect: { json: { token: <any> } }\n";
const ENVIRONMENTS: &str =
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

fn project(server: &Recorder, provider: &str) -> Project {
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

/// Two logins: a person's at `own`'s identity provider, and the exchange for what the API takes.
fn exchanging(seen: &Seen) -> Vec<u8> {
    match seen.path() {
        "/idp" => json(
            200,
            &format!(
                r#"{{"access_token":"at of {user}","id_token":"it of {user}","token_type":"Bearer","expires_in":60}}"#,
                user = field(seen, "username").unwrap_or_default()
            ),
        ),
        "/token" => json(
            200,
            r#"{"access_token":"exchanged","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":60}"#,
        ),
        "/refuses" => json(400, r#"{"error":"invalid_grant","error_description":"no"}"#),
        _ => json(200, &format!(r#"{{"token":"{}"}}"#, seen.header("authorization").unwrap_or_default())),
    }
}

const IDP: &str = "provider: idp\nenvironments: { default: { base: \"{{ env.at }}\" } }\nflow: password\nlogin: { post: \"{{ base }}/idp\" }\ncredentials: { username: {}, password: {} }\n";
const EXCHANGE: &str = "flow: token_exchange\ncredentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\", scope: read }\n";

fn exchange(server: &Recorder, rest: &str) -> Project {
    project(server, &format!("{EXCHANGE}{rest}"))
        .file("providers/idp.yaml", IDP)
        .variable("OWN_CLIENT_ID", "c")
        .variable("OWN_CLIENT_SECRET", "s")
        .variable("OWN_ALICE_CLIENT_ID", "c")
        .variable("OWN_ALICE_CLIENT_SECRET", "s")
        .variable("IDP_USERNAME", "anna")
        .variable("IDP_PASSWORD", "p1")
        .variable("IDP_ALICE_USERNAME", "alice")
        .variable("IDP_ALICE_PASSWORD", "p2")
}

#[test]
fn the_token_of_another_provider_is_fetched_once_and_exchanged() {
    let server = Recorder::start(exchanging);
    let project = exchange(&server, "exchange: { subject: idp }\n")
        .file("second.yaml", "scenario: Both\nauth: own\nsteps:\n  - get: /api\n    auth: idp\n    expect: { json: { token: Bearer at of anna } }\n    base_url: x\n".replace("    base_url: x\n", "").as_str());
    // The second scenario's API is that of `own`.
    project.run(&["-v"]).exits(0);
    let logins: Vec<Seen> = server.seen().into_iter().filter(|seen| seen.path() != "/api").collect();
    let [idp, own] = &logins[..] else { panic!("{}", server.told()) };
    assert_eq!((idp.path(), own.path()), ("/idp", "/token"));
    assert_eq!(
        own.text(),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=at+of+anna&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&scope=read"
    );
    assert_eq!(own.header("authorization"), Some("Basic Yzpz"));
}

#[test]
fn the_subject_is_that_of_the_persona_and_other_tokens_take_part() {
    let server = Recorder::start(exchanging);
    let rest = r"exchange:
  subject: idp
  subject_token_type: urn:ietf:params:oauth:token-type:id_token
  actor: { provider: idp, as: default }
  requested_token_type: urn:ietf:params:oauth:token-type:jwt
";
    let project = exchange(&server, rest)
        .file("scenario.yaml", "scenario: A call\nauth: { provider: own, as: alice, expect: { refresh_token: <absent> } }\nsteps:\n  - get: /api\n");
    project.run(&[]).exits(0);
    let own = server.seen().into_iter().find(|seen| seen.path() == "/token").expect("an exchange");
    assert_eq!(needed(&own, "subject_token"), "it of alice");
    assert_eq!(needed(&own, "subject_token_type"), "urn:ietf:params:oauth:token-type:id_token");
    assert_eq!(needed(&own, "actor_token"), "at of anna");
    assert_eq!(needed(&own, "actor_token_type"), "urn:ietf:params:oauth:token-type:access_token");
    assert_eq!(needed(&own, "requested_token_type"), "urn:ietf:params:oauth:token-type:jwt");
}

#[test]
fn a_token_that_is_given_is_exchanged() {
    let server = Recorder::start(exchanging);
    let provider = EXCHANGE.replace("client_secret: {}", "client_secret: {}, subject_token: {}")
        + "exchange: { subject_token: \"{{ subject_token }}\", subject_token_type: \"urn:ietf:params:oauth:token-type:jwt\" }\n";
    project(&server, &provider)
        .variable("OWN_CLIENT_ID", "c")
        .variable("OWN_CLIENT_SECRET", "s")
        .variable("OWN_SUBJECT_TOKEN", "given")
        .run(&[])
        .exits(0);
    assert_eq!(needed(&server.seen()[0], "subject_token"), "given");
}

#[test]
fn whose_login_fails_is_the_one_who_is_told() {
    let server = Recorder::start(exchanging);
    let project =
        exchange(&server, "exchange: { subject: idp }\n").file("providers/idp.yaml", &IDP.replace("/idp", "/refuses"));
    let outcome = project.run(&[]);
    outcome.exits(3);
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[auth.refused]: idp (test) refused the password login: 400 invalid_grant "no"
 --> scenario.yaml:2:7
  |
2 | auth: own
  |       ^^^
  |
  = note: POST http://127.0.0.1:PORT/refuses
  = help: IDP_USERNAME and IDP_PASSWORD came from environment variables

"#]]
    );
    // A missing credential of the other is told before any call.
    let outcome = exchange(&server, "exchange: { subject: idp }\n").without("IDP_PASSWORD").run(&[]);
    outcome.exits(3);
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[auth.credentials]: credentials for idp (test) are missing: `password`
 --> scenario.yaml:2:7
  |
2 | auth: own
  |       ^^^
  |
  = note: `password` was not found in --credential idp.password, the environment variables (IDP_TEST_PASSWORD, IDP_PASSWORD), .env.test (no such file), .env (no such file), the project's secrets (idp_password)
  = help: set IDP_TEST_PASSWORD, or write it to .env.test

"#]]
    );
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_token_that_the_other_does_not_have_is_told() {
    let server = Recorder::start(exchanging);
    let rest = "exchange: { subject: idp, subject_token_type: \"urn:ietf:params:oauth:token-type:refresh_token\" }\n";
    let outcome = exchange(&server, rest).run(&[]);
    outcome.exits(3);
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[auth.exchange]: idp has no token of the type urn:ietf:params:oauth:token-type:refresh_token
 --> providers/own.yaml:6:22
  |
6 | exchange: { subject: idp, subject_token_type: "urn:ietf:params:oauth:token-type:refresh_token" }
  |                      ^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---

"#]]
    );
}

#[test]
fn circles_and_strangers_are_told_by_check() {
    let server = Recorder::start(exchanging);
    let check = |rest: &str, other: &str| {
        let outcome = exchange(&server, rest).file("providers/idp.yaml", other).callsheet(&["check"]);
        outcome.exits(2);
        outcome.diagnostics()
    };
    let circle = format!("provider: idp\n{ENVIRONMENTS}{EXCHANGE}exchange: {{ subject: own }}\n");
    snapbox::assert_data_eq!(
        check("exchange: { subject: idp }\n", &circle),
        str![[r#"
error[provider.exchange]: no login can come first: `idp` exchanges a token of `own`, which exchanges a token of `idp`
 --> providers/own.yaml:6:22
  |
6 | exchange: { subject: idp }
  |                      ^^^
  |
  = help: give one of these providers a flow with a login of its own

"#]]
    );
    snapbox::assert_data_eq!(
        check("exchange: { subject: own }\n", IDP),
        str![[r#"
error[provider.exchange]: no login can come first: `own` exchanges a token of `own`
 --> providers/own.yaml:6:22
  |
6 | exchange: { subject: own }
  |                      ^^^
  |
  = help: give one of these providers a flow with a login of its own

"#]]
    );
    snapbox::assert_data_eq!(
        check("exchange: { subject: ipd }\n", IDP),
        str![[r#"
error[provider.unknown]: there is no provider `ipd`
 --> providers/own.yaml:6:22
  |
6 | exchange: { subject: ipd }
  |                      ^^^
  |
  = help: did you mean `idp`?

"#]]
    );
    snapbox::assert_data_eq!(
        check("exchange: { actor: idp, subject_token_type: x }\n", IDP),
        str![[r#"
error[format.missing-key]: `exchange` does not say which token to exchange
 --> providers/own.yaml:6:11
  |
6 | exchange: { actor: idp, subject_token_type: x }
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `subject: PROVIDER` or `subject_token: "{{ … }}"`

"#]]
    );
    snapbox::assert_data_eq!(
        check("exchange: { subject: idp, subject_token: x, actor_token_type: y }\n", IDP),
        str![[r#"
error[provider.exchange]: `subject` and `subject_token` both say which token to use
 --> providers/own.yaml:6:22
  |
6 | exchange: { subject: idp, subject_token: x, actor_token_type: y }
  |                      ^^^ one             - the other
  |
  = help: remove one of the two
error[provider.exchange]: `actor_token_type` is given, but no actor token
 --> providers/own.yaml:6:45
  |
6 | exchange: { subject: idp, subject_token: x, actor_token_type: y }
  |                                             ^^^^^^^^^^^^^^^^
  |
  = help: add `actor` or `actor_token`, or remove `actor_token_type`

"#]]
    );
}
