//! A fifth provider is a file, not code.

use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, json};

/// A project with one provider of its own, whose API is a recorder.
fn with(provider: &str, step: &str) -> (Project, Recorder) {
    let api = Recorder::start(|_| json(200, r#"{"ok":true}"#));
    let project = Project::with_vars(&[("api", &api.base())])
        .file("providers/own.yaml", provider)
        .file("scenario.yaml", &format!("scenario: A call\nauth: own\nsteps:\n{step}"));
    (project, api)
}

#[test]
fn an_api_key_in_a_header() {
    let (project, api) = with(
        r#"
provider: own
flow: api_key
environments: { default: { api: "{{ env.api }}" } }
credentials: { key: { secret: true } }
send: { header: X-Api-Key, value: "{{ key }}" }
"#,
        "  - get: /things\n",
    );
    let outcome = project.variable("OWN_KEY", "hush-hush-key").run(&["-vv"]);
    outcome.exits(0).lacks("hush-hush-key").says("{{credentials.own.key}}");
    assert_eq!(api.seen()[0].header("x-api-key"), Some("hush-hush-key"));
}

#[test]
fn an_api_key_in_the_query() {
    let (project, api) = with(
        r#"
provider: own
flow: api_key
environments: { default: { api: "{{ env.api }}" } }
credentials: { key: { secret: true } }
send: { query: key, value: "{{ key }}" }
"#,
        "  - get: /things?page=1\n",
    );
    let outcome = project.variable("OWN_KEY", "hush+hush/key").run(&["-vv"]);
    outcome.exits(0).lacks("hush%2Bhush").lacks("hush+hush").says("{{credentials.own.key}}");
    assert_eq!(api.seen()[0].target, "/things?page=1&key=hush%2Bhush%2Fkey");
}

#[test]
fn basic() {
    let (project, api) = with(
        "provider: own\nflow: basic\nenvironments: { default: { api: \"{{ env.api }}\" } }\n",
        "  - get: /things\n",
    );
    let outcome = project.variable("OWN_USERNAME", "anna").variable("OWN_PASSWORD", "hüsh:hush").run(&["-vv"]);
    outcome.exits(0).lacks("hüsh").lacks("YW5uYTpo");
    assert_eq!(api.seen()[0].header("authorization"), Some("Basic YW5uYTpow7xzaDpodXNo"));
}

#[test]
fn bearer() {
    let (project, api) = with(
        "provider: own\nflow: bearer\nenvironments: { default: { api: \"{{ env.api }}\" } }\n",
        "  - get: /things\n    expect: 200\n",
    );
    let outcome = project.variable("OWN_TOKEN", "given-token-0123").run(&["-vv"]);
    outcome.exits(0).lacks("given-token-0123").says("given, not fetched");
    assert_eq!(api.seen()[0].header("authorization"), Some("Bearer given-token-0123"));
}

#[test]
fn standard_client_credentials_in_five_lines() {
    let server = Recorder::start(|seen| match seen.path() {
        "/token" => json(200, r#"{"access_token":"token-of-the-server","token_type":"Bearer","expires_in":600}"#),
        _ => json(200, "{}"),
    });
    let project = Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            "provider: own\nflow: client_credentials\nenvironments: { default: { base: \"{{ env.at }}\", api: \"{{ env.at }}/api\" } }\ncredentials: { client_id: {}, client_secret: { secret: true } }\nlogin: { post: \"{{ base }}/token\" }\n",
        )
        .file("scenario.yaml", "scenario: A call\nauth: { provider: own, scope: [a, b] }\nsteps:\n  - get: /things\n")
        .variable("OWN_CLIENT_ID", "me")
        .variable("OWN_CLIENT_SECRET", "s3cr3t-s3cr3t");
    project.run(&[]).exits(0);
    assert_data_eq!(
        server.told(),
        str![[r#"
POST /token
content-type: application/x-www-form-urlencoded
authorization: Basic bWU6czNjcjN0LXMzY3IzdA==
grant_type=client_credentials&scope=a+b

GET /api/things
authorization: Bearer token-of-the-server

"#]]
    );
}

#[test]
fn a_provider_that_does_not_exist_is_asked_back() {
    let project = Project::with_vars(&[]).file("scenario.yaml", "scenario: A call\nauth: simakan\nsteps: []\n");
    let project = project.file("callsheet.yaml", "callsheet: 1\n");
    assert_data_eq!(
        project.run(&[]).exits(2).plain(),
        str![[r#"
error[provider.unknown]: there is no provider `simakan`
 --> scenario.yaml:2:7
  |
2 | auth: simakan
  |       ^^^^^^^
  |
  = help: did you mean `simacan`?


"#]]
    );
}

#[test]
fn a_project_provider_stands_in_place_of_a_built_in_one() {
    let (project, api) = with(
        "provider: own\nflow: none\nenvironments: { default: { api: \"{{ env.api }}\" } }\n",
        "  - get: /things\n",
    );
    project.write(
        "providers/simacan.yaml",
        "provider: simacan\nflow: none\nenvironments: { default: { api: \"{{ env.api }}\" } }\n",
    );
    project.write("scenario.yaml", "scenario: A call\nauth: simacan\nsteps:\n  - get: /things\n");
    project.run(&[]).exits(0);
    assert_eq!(api.seen()[0].header("authorization"), None);
}

#[test]
fn a_provider_whose_file_is_wrong_is_not_said_to_be_missing() {
    let (project, _) = with("provider: own\nflow: telepathy\n", "  - get: /things\n");
    assert_data_eq!(
        project.run(&[]).exits(2).plain(),
        str![[r#"
error[format.value]: `telepathy` is not a flow
 --> providers/own.yaml:2:7
  |
2 | flow: telepathy
  |       ^^^^^^^^^
  |
  = help: use one of client_credentials, password, authorization_code, jwt_bearer, token_exchange, device_code, bearer, api_key, basic, digest, aws_sigv4, custom, none


"#]]
    );
}

/// A client whose token answers hold these members besides the token; the first call of a scenario gets a 401.
fn client(members: &'static str, login: &str, scenario: &str) -> (Project, Recorder) {
    let server = Recorder::start(move |seen| match seen.path() {
        "/token" if seen.text().contains("refresh_token=") => json(200, r#"{"access_token":"the-second-token"}"#),
        "/token" => json(200, &format!(r#"{{"access_token":"the-first-token","refresh_token":"to-renew"{members}}}"#)),
        "/once" if seen.header("authorization") == Some("Bearer the-first-token") => json(401, "{}"),
        _ => json(200, "{}"),
    });
    let provider = format!(
        "provider: own\nflow: password\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\nlogin: {{ post: \"{{{{ base }}}}/token\"{login} }}\n"
    );
    let project = Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", &provider)
        .file("scenario.yaml", scenario)
        .variable("OWN_USERNAME", "anna")
        .variable("OWN_PASSWORD", "hush-hush");
    (project, server)
}

const SCOPED: &str = r#"
scenario: A call
auth: { provider: own, scope: [a, b], expect: { scope: SCOPE } }
steps:
  - get: /things/{{ auth.own.scope }}
  - get: /once
  - get: /things/{{ auth.own.scope }}
"#;

#[test]
fn an_answer_without_a_scope_grants_what_was_asked_for() {
    for (members, scope) in [("", "a b"), (r#","scope":null"#, "a b"), (r#","scope":"a""#, "a")] {
        let (project, server) = client(members, "", &SCOPED.replace("SCOPE", scope));
        project.run(&[]).exits(0);
        // What a renewal leaves out is as it was before.
        let path = format!("/things/{}", scope.replace(' ', "%20"));
        let seen = server.seen().iter().filter(|seen| seen.target == path).count();
        assert_eq!(seen, 2, "{members}: {}", server.told());
    }
    // What no request has asked for has not been granted.
    let fields = ", fields: { username: \"{{ username }}\", password: \"{{ password }}\" }";
    let scenario = "scenario: A call\nauth: { provider: own, scope: [a, b], expect: { scope: <absent> } }\nsteps: []\n";
    let (project, _server) = client("", fields, scenario);
    project.run(&[]).exits(0);
}

/// Every character that form encoding changes, and some more.
const ODD_ID: &str = "a:b c";
const ODD_SECRET: &str = "p%40+ss/ é&=~*";

/// What stands in the `Authorization` of the token request of a client with odd credentials.
fn sent_by_an_odd_client(login: &str) -> String {
    let server = Recorder::start(|_| json(200, r#"{"access_token":"the-token-of-the-server"}"#));
    let provider = format!(
        "provider: own\nflow: client_credentials\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\nlogin: {{ post: \"{{{{ base }}}}/token\", {login} }}\n"
    );
    let project = Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", &provider)
        .file("scenario.yaml", "scenario: A call\nauth: own\nsteps:\n  - get: /things\n")
        .variable("OWN_CLIENT_ID", ODD_ID)
        .variable("OWN_CLIENT_SECRET", ODD_SECRET);
    let outcome = project.run(&["-vv"]);
    outcome.exits(0);
    let sent = server.seen()[0].header("authorization").expect("it is sent").to_owned();
    outcome.lacks(sent.trim_start_matches("Basic ")).lacks(ODD_SECRET);
    sent
}

#[test]
fn a_client_is_form_encoded_before_basic_unless_a_header_says_otherwise() {
    // RFC 6749, section 2.3.1: base64 of `a%3Ab+c:p%2540%2Bss%2F+%C3%A9%26%3D%7E*`.
    assert_eq!(
        sent_by_an_odd_client("client_auth: basic"),
        "Basic YSUzQWIrYzpwJTI1NDAlMkJzcyUyRislQzMlQTklMjYlM0QlN0Uq"
    );
    // As RFC 7617 has it, for services that decode nothing: base64 of `a:b c:p%40+ss/ é&=~*`.
    let plain =
        r#"client_auth: none, headers: { Authorization: "Basic {{ (client_id ~ ':' ~ client_secret) | b64encode }}" }"#;
    assert_eq!(sent_by_an_odd_client(plain), "Basic YTpiIGM6cCU0MCtzcy8gw6kmPX4q");
}

#[test]
fn the_flow_basic_encodes_nothing() {
    let (project, api) = with(
        "provider: own\nflow: basic\nenvironments: { default: { api: \"{{ env.api }}\" } }\n",
        "  - get: /things\n",
    );
    let outcome = project.variable("OWN_USERNAME", "a b%3A").variable("OWN_PASSWORD", ODD_SECRET).run(&["-vv"]);
    // Base64 of `a b%3A:p%40+ss/ é&=~*`.
    let sent = "YSBiJTNBOnAlNDArc3MvIMOpJj1+Kg==";
    outcome.exits(0).lacks(sent).lacks(ODD_SECRET);
    assert_eq!(api.seen()[0].header("authorization"), Some(&*format!("Basic {sent}")));
}

#[test]
fn a_login_form_without_inputs_is_refused() {
    let own = |form: &str| {
        let provider = "provider: own\nflow: authorization_code\nenvironments: { default: { base: https://own.test, api: https://own.test } }\nauthorize:\n  url: \"{{ base }}/authorize\"\n  redirect_uri: https://own.test/callback\nFORM\nlogin: { post: \"{{ base }}/token\" }\n";
        with(&provider.replace("FORM", form), "  - get: /things\n").0
    };
    for form in ["  form: {}\n  by: form", "  form: {}"] {
        assert_data_eq!(
            own(form).callsheet(&["check"]).exits(2).diagnostics(),
            str![[r#"
error[provider.form]: `form` is empty
 --> providers/own.yaml:7:3
  |
7 |   form: {}
  |   ^^^^
  |
  = help: name the inputs of the login page: `form: { username: "{{ username }}", … }`
  = help: or write `by: form` without `form`: then the inputs are guessed

"#]]
        );
    }
    own("  by: form").callsheet(&["check"]).exits(0);
}
