//! Token endpoints that fail in the ways token endpoints fail.

use std::time::Duration;

use callsheet::mock::{Fault, FaultKind, RetryAfter, Site};
use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Recorder, Stage, built_in, json, nobody, reply, with_environments};

const LOGIN: &str = "scenario: A login\nauth: simacan\nsteps: []\n";

/// A login at another address.
fn at(base: &str, more: &str) -> Stage {
    let environments = format!("environments:\n  test: {{ base: \"{base}\" }}\n");
    Stage::new().scenario(LOGIN).with(|project| {
        let provider = with_environments(&built_in("simacan"), &environments);
        project.file("providers/simacan.yaml", &format!("{provider}{more}"))
    })
}

fn befallen(kind: FaultKind) -> (Stage, Outcome) {
    let stage = Stage::new().scenario(LOGIN);
    stage.mock.inject(Fault::new(Site::Simacan, kind).always());
    let outcome = stage.run(&[]);
    (stage, outcome)
}

#[test]
fn a_refusal_keeps_the_providers_words_and_says_where_the_credentials_came_from() {
    let stage = Stage::new().scenario(LOGIN).with(|project| project.variable("SIMACAN_TEST_PASSWORD", "wrong"));
    assert_data_eq!(
        stage.run(&[]).exits(3).plain(),
        str![[r#"
! A login  test · TIME · scenario.yaml
  ! auth  simacan  TIME  auth.refused

error[auth.refused]: simacan (test) refused the password login: 401 invalid_grant "Bad credentials"
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password
  = help: SIMACAN_TEST_USERNAME and SIMACAN_TEST_PASSWORD came from environment variables

  rerun     callsheet run scenario.yaml --only 'scenario.yaml:2' --seed 7

1 errored · 0 requests + 1 to log in · TIME · test · seed 7
1 could not authenticate

"#]]
    );
}

#[test]
fn a_login_page_that_comes_back_is_a_refusal() {
    let stage = Stage::new()
        .scenario("scenario: A login\nauth: gridshare\nsteps: []\n")
        .with(|project| project.variable("GRIDSHARE_TEST_PASSWORD", "wrong"));
    assert_data_eq!(
        stage.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.refused]: gridshare (test) refused the form login: "Incorrect username or password."
 --> scenario.yaml:2:7
  |
2 | auth: gridshare
  |       ^^^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/gridshare/login
  = help: GRIDSHARE_TEST_CLIENT_ID, GRIDSHARE_TEST_CLIENT_SECRET, GRIDSHARE_TEST_USERNAME and GRIDSHARE_TEST_PASSWORD came from environment variables

"#]]
    );
}

#[test]
fn a_scope_that_is_refused_at_the_authorization_endpoint_is_told() {
    let stage = Stage::new()
        .scenario("scenario: A login\nauth: { provider: gridshare, scope: [lunar/everything] }\nsteps: []\n");
    assert_data_eq!(
        stage.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.refused]: gridshare (test) refused the authorization: invalid_scope "the scope is unknown or malformed"
 --> scenario.yaml:2:19
  |
2 | auth: { provider: gridshare, scope: [lunar/everything] }
  |                   ^^^^^^^^^

"#]]
    );
}

#[test]
fn a_token_request_follows_no_redirect() {
    let other = Recorder::start(|_| json(200, r#"{"access_token":"x"}"#));
    let to = format!("{}/elsewhere", other.base());
    let moved = Recorder::start(move |_| reply(307, &[("location", &to)], ""));
    assert_data_eq!(
        at(&moved.base(), "").run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.redirected]: simacan (test) answered a token request with a redirect: 307 to http://127.0.0.1:PORT/elsewhere
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/auth/password
  = help: credentials are never sent on to another URL: correct the URL in the provider's file

"#]]
    );
    assert_eq!(other.seen().len(), 0);
}

#[test]
fn a_500_is_told_as_unavailable() {
    let (stage, outcome) = befallen(FaultKind::Status(500, None));
    assert_data_eq!(
        outcome.exits(3).diagnostics(),
        str![[r#"
error[auth.unavailable]: simacan (test) could not answer the password login: 500 injected_fault "Internal Server Error"
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password

"#]]
    );
    assert_eq!(stage.mock.counters().requests, 1);
}

#[test]
fn a_429_passes_on_how_long_to_wait() {
    let (_, outcome) = befallen(FaultKind::Status(429, Some(RetryAfter::Seconds(30))));
    assert_data_eq!(
        outcome.exits(3).diagnostics(),
        str![[r#"
error[auth.unavailable]: simacan (test) could not answer the password login: 429 injected_fault "Too Many Requests"
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password
  = note: it asks to wait, `Retry-After`: 30

"#]]
    );
}

#[test]
fn a_reset_is_the_environments_fault() {
    let (_, outcome) = befallen(FaultKind::Reset);
    assert_data_eq!(
        outcome.exits(4).diagnostics(),
        str![[r#"
error[auth.unreachable]: simacan (test) cannot be reached: 127.0.0.1:PORT closed the connection before the answer was complete: Connection reset by peer
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password
  = help: the provider closed the connection: look at its log

"#]]
    );
}

#[test]
fn nobody_there_is_the_environments_fault() {
    assert_data_eq!(
        at(&nobody(), "").run(&[]).exits(4).diagnostics(),
        str![[r#"
error[auth.unreachable]: simacan (test) cannot be reached: 127.0.0.1:PORT refused the connection: nothing listens on that port
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/auth/password
  = help: check that the service is running, and that host and port are right

"#]]
    );
}

#[test]
fn a_slow_login_runs_into_the_scenarios_time() {
    let stage = Stage::new().scenario("scenario: A login\nauth: simacan\ntimeout: 300ms\nsteps: []\n");
    stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Slow(Duration::from_secs(20))).always());
    assert_data_eq!(
        stage.run(&[]).exits(4).diagnostics(),
        str![[r#"
error[scenario.timeout]: the scenario's `timeout` of TIME ended in this step
 --> scenario.yaml:2:1
  |
2 | auth: simacan
  | ^^^^
3 | timeout: 300ms
  | ------- it is set here
  |
  = help: allow more with the scenario's `timeout`, or find out why the service is slow

"#]]
    );
}

#[test]
fn html_in_place_of_a_token_is_told() {
    let (_, outcome) = befallen(FaultKind::Html(200));
    assert_data_eq!(
        outcome.exits(3).diagnostics(),
        str![[r#"
error[auth.answer]: simacan (test) answered the password login without a token: 200 with text/html that is not JSON (expected value at line 1, column 1)
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password
  = help: is this the token endpoint? If the answer has the token under another name, write `token: { access_token: $.NAME }` in the provider's file

"#]]
    );
}

#[test]
fn broken_json_in_place_of_a_token_is_told() {
    let (_, outcome) = befallen(FaultKind::Malformed);
    assert_data_eq!(
        outcome.exits(3).diagnostics(),
        str![[r#"
error[auth.answer]: simacan (test) answered the password login without a token: 200 with application/json that is not JSON (EOF while parsing a string at line 1, column 649)
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password
  = help: is this the token endpoint? If the answer has the token under another name, write `token: { access_token: $.NAME }` in the provider's file

"#]]
    );
}

#[test]
fn an_answer_that_is_cut_off_is_told() {
    let (_, outcome) = befallen(FaultKind::Truncated);
    assert_data_eq!(
        outcome.exits(4).diagnostics(),
        str![[r#"
error[auth.unreachable]: simacan (test) cannot be reached: 127.0.0.1:PORT closed the connection before the answer was complete: end of file before message length reached
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/simacan/api/v1/auth/password
  = help: the provider closed the connection: look at its log

"#]]
    );
}

#[test]
fn an_answer_without_a_token_is_told_by_its_members() {
    let odd = Recorder::start(|_| json(200, r#"{"accessToken":"abc-secret-abc","expires_in":3600}"#));
    let outcome = at(&odd.base(), "").run(&[]);
    outcome.lacks("abc-secret-abc");
    assert_data_eq!(
        outcome.exits(3).diagnostics(),
        str![[r#"
error[auth.answer]: simacan (test) answered the password login without a token: 200, but there is no text at $.access_token; it has `accessToken`, `expires_in`
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: POST http://127.0.0.1:PORT/auth/password
  = help: is this the token endpoint? If the answer has the token under another name, write `token: { access_token: $.NAME }` in the provider's file

"#]]
    );
}

#[test]
fn a_state_that_is_not_ours_is_not_trusted() {
    let forger = Recorder::start(|_| reply(302, &[("location", "https://www.example.com?code=abc&state=forged")], ""));
    let environments =
        format!("environments:\n  test: {{ base: \"{}\", api: \"{}\" }}\n", forger.base(), forger.base());
    let stage = Stage::new().scenario("scenario: A login\nauth: gridshare\nsteps: []\n").with(|project| {
        project.file("providers/gridshare.yaml", &with_environments(&built_in("gridshare"), &environments))
    });
    assert_data_eq!(
        stage.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.redirect]: the browser came back from gridshare (test) with an answer that cannot be trusted: the `state` of the redirect is not the one that was sent
 --> scenario.yaml:2:7
  |
2 | auth: gridshare
  |       ^^^^^^^^^

"#]]
    );
    assert_eq!(forger.seen().len(), 1, "the code is not exchanged");
}
