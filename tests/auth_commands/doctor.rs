//! `auth doctor`: each thing that goes wrong is found, and what to do about it is said.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Project, Recorder, Seen, Stage, built_in, json, nobody, plain, reply};

fn doctor(project: &Project, arguments: &[&str]) -> Outcome {
    project.callsheet(&[&["auth", "doctor"], arguments].concat())
}

/// A project with a provider of client credentials at a server that answers the token request so, and with the rest of
/// the provider's file.
fn at(rest: &str, answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> (Project, Recorder) {
    let server = Recorder::start(move |seen| if seen.method == "HEAD" { reply(405, &[], "") } else { answer(seen) });
    let text = format!(
        "provider: own\nflow: client_credentials\ndocs: https://docs.test/auth\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\" }} }}\n{rest}"
    );
    let project = Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", &text)
        .variable("OWN_CLIENT_ID", "shop")
        .variable("OWN_CLIENT_SECRET", "the-secret-of-shop");
    (project, server)
}

const LOGIN: &str = "login: { post: \"{{ base }}/token\" }\n";

fn refusing(status: u16, body: &'static str) -> (Project, Recorder) {
    at(LOGIN, move |_| json(status, body))
}

#[test]
fn all_is_well() {
    let stage = Stage::new();
    assert_data_eq!(
        doctor(&stage.project, &["simacan"]).exits(0).plain(),
        str![[r#"
simacan (test)

  ✓ provider  Simacan Auth API, flow password
  ✓ username  SIMACAN_TEST_USERNAME, from environment variables
  ✓ password  SIMACAN_TEST_PASSWORD, from environment variables
  ✓ hosts  credentials are sent to 127.0.0.1:PORT only
  ✓ connection  127.0.0.1 answers in TIME
  ✓ clock  this machine's clock is the same as the provider's
  ✓ login  a token was issued in TIME
  ✓ token  TIME left, and can be renewed
  ✓ issuer  http://127.0.0.1:PORT/simacan

nothing is wrong

"#]]
    );
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1);
    // It keeps nothing, and takes nothing that is kept.
    doctor(&stage.project, &["simacan", "--token-store", "kept"]).exits(0);
    assert!(!stage.project.names().contains(&"kept".to_owned()));
    doctor(&Project::new(), &["simacan", "--env", "mock", "--as", "planner"])
        .exits(0)
        .says("simacan (mock) as planner");
}

#[test]
fn as_json_it_is_the_same() {
    let stage = Stage::new().with(|project| project.without("SIMACAN_TEST_PASSWORD"));
    let outcome = doctor(&stage.project, &["simacan", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&outcome.exits(3).stdout).expect("JSON");
    assert_eq!(json["healthy"], false);
    assert_eq!(
        (&json["provider"], &json["environment"], &json["persona"]),
        (&"simacan".into(), &"test".into(), &"default".into())
    );
    let states: Vec<(&str, &str)> = json["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| (finding["id"].as_str().expect("a text"), finding["state"].as_str().expect("a text")))
        .collect();
    assert_eq!(states, [("provider", "ok"), ("credential", "ok"), ("credential", "wrong"), ("login", "skipped")]);
    let password = json["findings"][2].as_object().expect("a finding");
    assert_eq!(password.keys().collect::<Vec<_>>(), ["id", "state", "subject", "text", "notes", "help"]);
}

#[test]
fn credentials_that_cannot_be_right_are_found() {
    for (value, said) in [
        ("", "is empty"),
        ("   ", "is empty"),
        ("\"secret\"", "straight quotes"),
        ("\u{201c}secret\u{201d}", "curly quotes"),
        ("sec\u{2019}ret", "has curly quotes in it"),
        ("sec\nret", "has a line break inside"),
        ("secret\u{200b}", "has an invisible character"),
        ("Bearer abc", "starts with the name of a scheme, such as `Bearer`"),
        ("<client secret>", "looks like a placeholder"),
        ("sk_live_0123", "contains `live`, and this is the environment test"),
    ] {
        let (project, server) = refusing(401, "{}");
        let project = project.variable("OWN_TEST_CLIENT_SECRET", value);
        let outcome = doctor(&project, &["own"]);
        outcome.exits(3);
        let text = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(said), "{value:?}: {}", outcome.stdout);
        // Nothing that is right in form is shown.
        assert!(value.len() < 6 || !outcome.all().contains(value), "{value:?}: {}", outcome.stdout);
        drop(server);
    }
}

#[test]
fn a_line_break_at_the_end_is_worth_a_word_and_no_more() {
    let (project, _server) = at(LOGIN, |_| json(200, r#"{ "access_token": "access-1-of-own", "expires_in": 60 }"#));
    let project = project.variable("OWN_TEST_CLIENT_SECRET", "the-secret-of-shop\n");
    doctor(&project, &["own"]).exits(0).says("! client_secret").says("has spaces or a line break around it");
}

#[test]
fn credentials_of_another_environment_are_found() {
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { stg: {}, prod: {} }\ndefault_environment: stg\n")
        .variable("SIMACAN_PROD_USERNAME", "ann")
        .variable("SIMACAN_STG_PASWORD", "secret-1");
    assert_data_eq!(
        doctor(&project, &["simacan"]).exits(3).lacks("secret-1").plain(),
        str![[r#"
simacan (stg)

  ✓ provider  Simacan Auth API, flow password
  ✗ username  is missing
                it was not found in --credential simacan.username, the environment variables
                (SIMACAN_STG_USERNAME, SIMACAN_USERNAME), .env.stg (no such file), .env (no such
                file), the project's secrets (simacan_username)
              → SIMACAN_PROD_USERNAME is set, which is for prod: give --env prod, or set
                SIMACAN_STG_USERNAME for stg
  ✗ password  is missing
                it was not found in --credential simacan.password, the environment variables
                (SIMACAN_STG_PASSWORD, SIMACAN_PASSWORD), .env.stg (no such file), .env (no such
                file), the project's secrets (simacan_password)
              → SIMACAN_STG_PASWORD is set: did you mean SIMACAN_STG_PASSWORD?
              → set SIMACAN_STG_PASSWORD, or write it to .env.stg
  - login  not tried: a credential is missing

2 things are wrong

"#]]
    );
    let (project, server) = at(LOGIN, |_| json(200, r#"{ "access_token": "access-1-of-own", "expires_in": 60 }"#));
    let project = project
        .file(
            "callsheet.yaml",
            &format!("callsheet: 1\nproviders: [providers]\nenvironments: {{ test: {{ vars: {{ at: \"{}\" }} }}, prod: {{}} }}\ndefault_environment: test\n", server.base()),
        )
        .variable("OWN_PROD_CLIENT_SECRET", "the-secret-of-shop");
    doctor(&project, &["own"])
        .exits(0)
        .says("the same value as\n")
        .says("OWN_PROD_CLIENT_SECRET, which is for prod")
        .lacks("the-secret-of-shop");
}

#[test]
fn what_a_refusal_means_is_said() {
    for (status, body, id, said) in [
        (
            401,
            r#"{ "error": "invalid_client" }"#,
            "client-auth",
            "they were sent as `basic`; `--probe` tries the other ways",
        ),
        (
            400,
            r#"{ "error": "unauthorized_client" }"#,
            "login",
            "does not allow this client to use the flow `client_credentials`",
        ),
        (400, r#"{ "error": "invalid_scope" }"#, "scope", "no scope was requested, and the provider needs one"),
        (
            400,
            r#"{ "error": "invalid_request", "error_description": "redirect_uri mismatch" }"#,
            "redirect-uri",
            "redirect_uri mismatch",
        ),
        (404, "{}", "endpoint", "there is no token endpoint at that URL"),
        (415, "{}", "login", "the provider wants the fields in another format"),
    ] {
        let (project, server) = refusing(status, body);
        let outcome = doctor(&project, &["own", "--json"]);
        let json: serde_json::Value = serde_json::from_str(&outcome.exits(3).stdout).expect("JSON");
        let wrong: Vec<_> =
            json["findings"].as_array().expect("a list").iter().filter(|one| one["state"] == "wrong").collect();
        assert_eq!(wrong.len(), 1, "{}", outcome.stdout);
        assert_eq!(wrong[0]["id"], id, "{}", outcome.stdout);
        assert!(outcome.stdout.contains(said), "{said}: {}", outcome.stdout);
        assert!(outcome.stdout.contains("https://docs.test/auth"));
        let logins = server.seen().iter().filter(|seen| seen.method == "POST").count();
        assert_eq!(logins, 1, "one login is made, and no more");
    }
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_named() {
    let stage = Stage::new().with(|project| {
        let file =
            project.read("providers/gridshare.yaml").replace("https://www.example.com", "https://www.example.com/cb");
        project.file("providers/gridshare.yaml", &file)
    });
    let outcome = doctor(&stage.project, &["gridshare"]);
    let text = outcome.exits(3).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the redirect URI that was sent is https://www.example.com/cb"), "{}", outcome.stdout);
}

#[test]
fn the_way_of_client_authentication_is_probed_only_when_asked() {
    let takes_post = |seen: &Seen| {
        if seen.text().contains("client_secret=the-secret-of-shop") {
            json(200, r#"{ "access_token": "access-1-of-own", "expires_in": 60 }"#)
        } else {
            json(401, r#"{ "error": "invalid_client" }"#)
        }
    };
    let (project, server) = at(LOGIN, takes_post);
    doctor(&project, &["own"]).exits(3);
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 1);
    let probed = doctor(&project, &["own", "--probe"]);
    assert_data_eq!(
        plain(&probed.exits(3).stderr),
        str![[r#"
sending the client's secret to http://127.0.0.1:PORT/token as `post`

"#]]
    );
    probed
        .says("the provider accepts `post`, not `basic`")
        .says("write `client_auth: post` under `login`")
        .lacks("the-secret-of-shop");
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 3);
}

#[test]
fn where_no_way_is_taken_the_secret_is_wrong() {
    let (project, _server) = refusing(401, r#"{ "error": "invalid_client" }"#);
    doctor(&project, &["own", "--probe"]).exits(3).says("`post` is refused too: the client ID or secret is");
}

#[test]
fn the_discovery_document_says_which_ways_there_are() {
    let server = Recorder::start(|seen| match seen.path() {
        _ if seen.method == "HEAD" => reply(405, &[], ""),
        "/.well-known/openid-configuration" => {
            let base = format!("http://{}", seen.header("host").unwrap_or_default());
            json(
                200,
                &format!(
                    r#"{{ "issuer": "{base}", "token_endpoint": "{base}/token", "grant_types_supported": ["authorization_code"], "token_endpoint_auth_methods_supported": ["private_key_jwt"] }}"#
                ),
            )
        }
        _ => json(401, r#"{ "error": "invalid_client" }"#),
    });
    let project = Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            "provider: own\nflow: client_credentials\nenvironments: { default: { base: \"{{ env.at }}\" } }\ndiscovery: \"{{ base }}/.well-known/openid-configuration\"\nlogin: { scope: [read] }\n",
        )
        .variable("OWN_CLIENT_ID", "shop")
        .variable("OWN_CLIENT_SECRET", "the-secret-of-shop");
    assert_data_eq!(
        doctor(&project, &["own", "--probe"]).exits(3).lacks("the-secret-of-shop").plain(),
        str![[r#"
own (test)

  ✓ provider  own, flow client_credentials
  ✓ client_id  OWN_CLIENT_ID, from environment variables
  ✓ client_secret  OWN_CLIENT_SECRET, from environment variables
  ✓ hosts  credentials are sent to 127.0.0.1:PORT only
  ✓ connection  127.0.0.1 answers in TIME
  ! discovery  http://127.0.0.1:PORT does not list the grant type `client_credentials`
                     it offers authorization_code
                   → allow this grant type for the client in the provider's settings, or use another
                     flow
  ✗ login  own (test) refused the client_credentials login: 401 invalid_client
                     POST http://127.0.0.1:PORT/token
                   → the client ID or secret is wrong or for another environment, or the provider
                     wants them in another way: they were sent as `basic`
                   → OWN_CLIENT_ID and OWN_CLIENT_SECRET came from environment variables
  ✗ probe  there is no other way to try
                     the provider's discovery document offers private_key_jwt

2 things are wrong

"#]]
    );
}

#[test]
fn a_clock_that_is_off_is_found() {
    let server = Recorder::start(|seen| {
        let date = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("content-type", "application/json")];
        if seen.method == "HEAD" {
            reply(200, &date, "")
        } else {
            reply(200, &date, r#"{ "access_token": "access-1-of-own" }"#)
        }
    });
    let project = Project::with_vars(&[("at", &server.base())])
        .file("providers/own.yaml", "provider: own\nflow: password\nenvironments: { default: { base: \"{{ env.at }}\" } }\nlogin: { post: \"{{ base }}/token\" }\n")
        .variable("OWN_USERNAME", "ann")
        .variable("OWN_PASSWORD", "the-password-of-ann");
    doctor(&project, &["own"]).exits(3).says("✗ clock").says("ahead of the").says("1 thing is wrong");
}

#[test]
fn a_scope_that_was_not_granted_is_found() {
    let login = "login: { post: \"{{ base }}/token\", scope: [read, write] }\n";
    let (project, _server) =
        at(login, |_| json(200, r#"{ "access_token": "access-1-of-own", "expires_in": 60, "scope": "read" }"#));
    doctor(&project, &["own"]).exits(3).says("requested but not granted: write").says("granted: read");
    doctor(&project, &["own", "--scope", "read"]).exits(0).says("✓ scope");
}

#[test]
fn a_token_of_another_environment_is_found() {
    // Its issuer is https://prod.own.test.
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL3Byb2Qub3duLnRlc3QifQ.c2ln";
    let server = Recorder::start(move |_| json(200, &format!(r#"{{ "access_token": "{token}", "expires_in": 60 }}"#)));
    let project = Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            "provider: own\nflow: password\nenvironments: { test: { base: \"{{ env.at }}\" }, prod: { base: \"https://prod.own.test\" } }\nlogin: { post: \"{{ base }}/token\" }\n",
        )
        .variable("OWN_TEST_USERNAME", "ann")
        .variable("OWN_TEST_PASSWORD", "the-password-of-ann");
    doctor(&project, &["own"]).exits(3).says("✗ issuer").says("which belongs to prod").lacks(token);
}

#[test]
fn an_api_outside_of_the_hosts_is_found() {
    let (project, _server) = at(LOGIN, |_| json(200, r#"{ "access_token": "access-1-of-own", "expires_in": 60 }"#));
    let text = project
        .read("providers/own.yaml")
        .replace("base: \"{{ env.at }}\"", "base: \"{{ env.at }}\", api: \"https://api.test\", hosts: [id.test]");
    let project = project.file("providers/own.yaml", &text);
    doctor(&project, &["own"])
        .exits(3)
        .says("✗ hosts")
        .says("the API is at api.test, but credentials may be sent to id.test only");
}

#[test]
fn a_provider_that_cannot_be_reached_is_no_refusal() {
    let (project, _server) = refusing(401, "{}");
    let away = project.read("providers/own.yaml").replace("{{ env.at }}", &nobody());
    let project = project.file("providers/own.yaml", &away);
    assert_data_eq!(
        doctor(&project, &["own"]).exits(3).plain(),
        str![[r#"
own (test)

  ✓ provider  own, flow client_credentials
  ✓ client_id  OWN_CLIENT_ID, from environment variables
  ✓ client_secret  OWN_CLIENT_SECRET, from environment variables
  ✓ hosts  credentials are sent to 127.0.0.1:PORT only
  ✗ connection  127.0.0.1:PORT refused the connection: nothing listens on that port
                   → check that the service is running, and that host and port are right
                   → the URL is that of the environment test
  - login  not tried: the provider cannot be reached

1 thing is wrong

"#]]
    );
    let nowhere = away.replace(&nobody(), "https://nowhere.invalid");
    let project = project.file("providers/own.yaml", &nowhere);
    doctor(&project, &["own"]).exits(3).says("the host nowhere.invalid was not found").says("not tried");
    let plain = away.replace(&nobody(), "http://id.test");
    doctor(&project.file("providers/own.yaml", &plain), &["own"]).exits(3).says("over plain http").says("use https");
}

#[test]
fn a_port_that_speaks_no_tls_is_found() {
    let (project, server) = refusing(401, "{}");
    let text = project.read("providers/own.yaml").replace("{{ env.at }}", &server.base().replace("http:", "https:"));
    doctor(&project.file("providers/own.yaml", &text), &["own"])
        .exits(3)
        .says("✗ connection")
        .says("this port does not use TLS, or wants");
}

#[test]
fn proxies_that_apply_are_named_without_their_password() {
    let (project, _server) = at(LOGIN, |_| json(200, r#"{ "access_token": "access-1-of-own", "expires_in": 60 }"#));
    let project = project.variable("HTTP_PROXY", "http://me:secret@127.0.0.1:1/");
    doctor(&project, &["own"]).exits(0).says("HTTP_PROXY is set; 127.0.0.1 is this machine").lacks("secret@");
    let text = project.read("providers/own.yaml").replace("{{ env.at }}", "https://id.test");
    let project = project.file("providers/own.yaml", &text).variable("https_proxy", "http://me:secret@127.0.0.1:1/");
    doctor(&project, &["own"])
        .exits(3)
        .says("id.test is reached through http://127.0.0.1:1/ (https_proxy)")
        .says("NO_PROXY=id.test")
        .lacks("secret@");
    let project = project.variable("NO_PROXY", "other.test,.test");
    doctor(&project, &["own"]).exits(3).says("NO_PROXY exempts id.test (.test)");
}

#[test]
fn faults_of_the_provider_are_told() {
    for (fault, said) in [
        ("status=503", "could not answer the password login: 503"),
        ("malformed", "without a token"),
        ("html=200", "without a token"),
        ("reset", "closed the connection"),
    ] {
        let file = format!("{}\n", built_in("simacan")).replace(
            "fields: { username: \"{{ username }}\", password: \"{{ password }}\" }",
            &format!("fields: {{ username: \"{{{{ username }}}}\", password: \"{{{{ password }}}}\" }}\n  headers: {{ x-mock-fault: \"{fault}\" }}"),
        );
        let project = Project::new().file("simacan.yaml", &file);
        let outcome = doctor(&project, &["simacan", "--env", "mock"]);
        let text = outcome.exits(3).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(said) && text.contains("✗ login"), "{fault}: {}", outcome.stdout);
    }
}

#[test]
fn what_is_sent_with_each_request_needs_no_login() {
    let (project, server) = refusing(401, "{}");
    let text = format!("provider: key\nflow: bearer\nenvironments: {{ default: {{ api: \"{}\" }} }}\n", server.base());
    let project = project.file("providers/key.yaml", &text).variable("KEY_TOKEN", "the-token-itself");
    doctor(&project, &["key"]).exits(0).says("the credential is sent with each request").lacks("the-token-itself");
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[test]
fn a_login_that_takes_a_person_names_the_command() {
    let (project, server) = refusing(400, "{}");
    let text = format!(
        "provider: by-hand\nflow: authorization_code\ncredentials: {{ client_id: {{}} }}\nenvironments: {{ default: {{ base: \"{}\" }} }}\nauthorize: {{ url: \"{{{{ base }}}}/a\" }}\nlogin: {{ post: \"{{{{ base }}}}/t\" }}\n",
        server.base()
    );
    let project = project.file("providers/by-hand.yaml", &text).variable("BY_HAND_CLIENT_ID", "c");
    doctor(&project, &["by-hand"]).exits(3).says("callsheet auth login by-hand --env test");
}

#[test]
fn a_wrong_option_is_no_finding() {
    let project = Project::new();
    doctor(&project, &["simacam", "--env", "mock"]).exits(2).says("did you mean `simacan`?");
    doctor(&project, &["stripe", "--env", "mock", "--credential", "stripe"]).exits(2);
}
