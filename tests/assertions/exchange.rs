//! Exchanged tokens (RFC 8693), where the test is the server.

use std::sync::atomic::{AtomicUsize, Ordering};

use snapbox::str;

use crate::grants::{ENVIRONMENTS, project};
use crate::jwt::{field, needed};
use crate::support::{Project, Recorder, Seen, json};

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

/// The same, but only the subject's second token is exchanged, with that error.
fn choosy(error: &'static str) -> impl Fn(&Seen) -> Vec<u8> {
    let logins = AtomicUsize::new(0);
    move |seen| match seen.path() {
        "/idp" => {
            let number = logins.fetch_add(1, Ordering::Relaxed) + 1;
            json(200, &format!(r#"{{"access_token":"subject-{number}","token_type":"Bearer","expires_in":60}}"#))
        }
        "/token" if field(seen, "subject_token").as_deref() != Some("subject-2") => {
            json(400, &format!(r#"{{"error":"{error}"}}"#))
        }
        _ => exchanging(seen),
    }
}

#[test]
fn a_subject_is_renewed_once_where_it_had_been_there_before() {
    let paths = |server: &Recorder| server.seen().iter().map(|seen| seen.path().to_owned()).collect::<Vec<_>>();
    let first = "scenario: First\nauth: idp\nsteps:\n  - get: /api\n";
    let idp = IDP.replace("{ base:", "{ api: \"{{ env.at }}\", base:");
    let run = |server: &Recorder| {
        let project = exchange(server, "exchange: { subject: idp }\n").file("providers/idp.yaml", &idp);
        let project = project.file("a.yaml", first);
        project.callsheet(&["run", "a.yaml", "scenario.yaml", "--jobs", "1"])
    };
    // RFC 8693, section 2.2.2, and what others say.
    for error in ["invalid_request", "invalid_grant", "invalid_token"] {
        let server = Recorder::start(choosy(error));
        run(&server).exits(0);
        assert_eq!(paths(&server), ["/idp", "/api", "/token", "/idp", "/token", "/api"], "{error}");
    }
    // A refusal that is none of the subject's, and a subject that is new.
    let server = Recorder::start(choosy("invalid_client"));
    run(&server).exits(3).says("400 invalid_client");
    assert_eq!(paths(&server), ["/idp", "/api", "/token"]);
    let server = Recorder::start(choosy("invalid_grant"));
    exchange(&server, "exchange: { subject: idp }\n").run(&[]).exits(3).says("400 invalid_grant");
    assert_eq!(paths(&server), ["/idp", "/token"]);
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
  |
  = help: name a type of token that it has, such as `urn:ietf:params:oauth:token-type:access_token`

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
