//! Small keys of provider files: the moment a token ends, credentials that may be absent.

use snapbox::str;

use crate::support::{Project, Recorder, Seen, json};

const SCENARIO: &str = "scenario: A call\nauth: own\nsteps:\n  - get: /api\n  - pause: 1200ms\n  - get: /api\n";

fn project(server: &Recorder, rest: &str) -> Project {
    Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            &format!("provider: own\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\n{rest}"),
        )
        .file("scenario.yaml", SCENARIO)
        .variable("OWN_CLIENT_ID", "c")
}

#[test]
fn a_token_ends_at_the_moment_that_is_named() {
    let in_a_second = || jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1);
    let moments: [fn(jiff::Timestamp) -> String; 4] = [
        |time| format!("\"{time}\""),
        |time| time.as_second().to_string(),
        |time| format!("\"{}\"", time.as_second()),
        |time| time.as_millisecond().to_string(),
    ];
    for moment in moments {
        let server = Recorder::start(move |seen: &Seen| match seen.path() {
            "/token" => json(200, &format!(r#"{{"access_token":"t","ends":{{"at":{}}}}}"#, moment(in_a_second()))),
            _ => json(200, "{}"),
        });
        let rest = "flow: client_credentials\ncredentials: { client_id: {} }\nlogin: { post: \"{{ base }}/token\" }\ntoken: { expires_at: $.ends.at }\n";
        project(&server, rest).run(&[]).exits(0);
        let logins = server.seen().iter().filter(|seen| seen.path() == "/token").count();
        assert_eq!(logins, 2, "{}", server.told());
    }
}

#[test]
fn a_moment_is_a_lifetime_too() {
    let server = Recorder::start(|seen: &Seen| match seen.path() {
        "/token" => {
            let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3600);
            json(200, &format!(r#"{{"access_token":"t","expires_at":"{ends}","expires_in":null}}"#))
        }
        _ => json(200, "{}"),
    });
    let scenario = "scenario: A call\nauth: { provider: own, expect: { expires_in: EXPECTED } }\nsteps:\n  - get: /api\n    expect: { that: auth.own.expires_in > 3590 }\n";
    let expecting = |expected: &str, token: &str| {
        let rest = format!(
            "flow: client_credentials\ncredentials: {{ client_id: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\" }}\n{token}"
        );
        project(&server, &rest).file("scenario.yaml", &scenario.replace("EXPECTED", expected)).run(&[])
    };
    let token = "token: { expires_at: $.expires_at }\n";
    expecting("<about 3600 ± 2>", token).exits(0);
    expecting("<integer >= 3500>", token).exits(0);
    expecting("<integer < 3500>", token).exits(1).says("`expires_in` of the token response is not what was expected");
    // Nobody has said that this is a moment: the answer names no lifetime.
    expecting("<integer>", "").exits(1).says("`expires_in` of the token response is not what was expected");
    // The same of a login of the file's own.
    let custom = "flow: custom\nrequests:\n  - post: \"{{ base }}/token\"\n    capture: { session: $.access_token, ends: $.expires_at }\ntoken: { access_token: session, expires_at: ends }\n";
    let project = project(&server, custom).file("scenario.yaml", &scenario.replace("EXPECTED", "<about 3600 ± 2>"));
    project.run(&[]).exits(0);
}

#[test]
fn a_moment_far_away_ends_nothing() {
    let server = Recorder::start(|seen: &Seen| match seen.path() {
        "/token" => json(200, r#"{"access_token":"t","expires_at":"2099-12-31T23:59:59+01:00"}"#),
        _ => json(200, "{}"),
    });
    let rest = "flow: client_credentials\ncredentials: { client_id: {} }\nlogin: { post: \"{{ base }}/token\" }\ntoken: { expires_at: $.expires_at }\n";
    project(&server, rest).run(&[]).exits(0);
    assert_eq!(server.seen().iter().filter(|seen| seen.path() == "/token").count(), 1);
}

#[test]
fn a_credential_may_be_absent() {
    let server = Recorder::start(|seen: &Seen| match seen.path() {
        "/token" => json(200, r#"{"access_token":"t"}"#),
        _ => json(200, "{}"),
    });
    let rest = "flow: client_credentials\ncredentials: { client_id: {}, client_secret: { optional: true }, tenant: { optional: true } }\nlogin: { post: \"{{ base }}/token\", headers: { x-tenant: \"<{{ tenant }}>\" } }\n";
    let project = project(&server, rest).file("scenario.yaml", "scenario: A call\nauth: own\nsteps:\n  - get: /api\n");
    project.run(&[]).exits(0);
    let project = project.variable("OWN_CLIENT_SECRET", "s").variable("OWN_TENANT", "t");
    project.run(&[]).exits(0);
    let [absent, _, present, _] = &server.seen()[..] else { panic!("{}", server.told()) };
    assert_eq!(absent.header("x-tenant"), Some("<>"));
    assert_eq!(absent.header("authorization"), None);
    assert!(absent.text().ends_with("client_id=c"), "{}", absent.text());
    assert_eq!((present.header("x-tenant"), present.header("authorization")), (Some("<t>"), Some("Basic Yzpz")));
    snapbox::assert_data_eq!(
        project.without("OWN_CLIENT_ID").run(&[]).diagnostics(),
        str![[r#"
error[auth.credentials]: credentials for own (test) are missing: `client_id`
 --> scenario.yaml:2:7
  |
2 | auth: own
  |       ^^^
  |
  = note: `client_id` was not found in --credential own.client_id, the environment variables (OWN_TEST_CLIENT_ID, OWN_CLIENT_ID), .env.test (no such file), .env (no such file), the project's secrets (own_client_id)
  = help: set OWN_TEST_CLIENT_ID, or write it to .env.test

"#]]
    );
}
