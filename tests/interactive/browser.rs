//! The authorization code with oidc-provider: by browser, by form, pushed, for a service, and renewed.

use super::support::Project;
use super::support::outside::{oidc, start};
use super::{DISCOVERY, at_oidc, log_in, project, run, with_browser};

#[test]
fn a_run_without_a_person_names_the_command_and_a_later_one_needs_none() {
    let native = format!(
        "flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid, offline_access], params: {{ prompt: consent }} }}\n"
    );
    let project = with_browser(at_oidc("native", &native));
    let outcome = run(&project, &[]);
    outcome.exits(6);
    snapbox::assert_data_eq!(
        outcome.diagnostics(),
        snapbox::str![[r#"
error[auth.person]: the login at own (test) needs a person
 --> scenario.yaml:2:7
  |
2 | auth: own
  |       ^^^
  |
  = help: run `callsheet auth login own --env test`, then run this again

"#]]
    );
    let outcome = log_in(&project, &[]);
    outcome.exits(0).says("Log in to own (test) in the browser.").says("and can be renewed");
    assert!(project.read("page").starts_with("200 Back to the terminal - callsheet"), "{}", project.read("page"));
    run(&project, &["-v"]).exits(0).says("from the token store");
}

#[test]
fn a_persona_and_a_scope_are_part_of_the_command() {
    let native = format!("flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid] }}\n");
    let project = with_browser(at_oidc("native", &native)).file(
        "scenario.yaml",
        "scenario: Somebody else\nauth: { provider: own, as: planner, scope: [openid, read] }\nsteps:\n  - get: /api\n    expect: { json: { scope: openid read } }\n",
    );
    let project = project.variable("OWN_PLANNER_CLIENT_ID", "native");
    run(&project, &[])
        .exits(6)
        .says("the login at own (test) of planner needs a person")
        .says("run `callsheet auth login own --env test --as planner --scope 'openid read'`, then");
    log_in(&project, &["--as", "planner", "--scope", "openid read"])
        .exits(0)
        .says("logged in to own (test) as planner");
    run(&project, &[]).exits(0);
}

#[test]
fn every_loopback_name_and_a_fixed_port_come_back() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it has an address").port();
    drop(taken);
    for redirect in [
        "http://localhost/callback".to_owned(),
        "http://127.0.0.1:0/callback".to_owned(),
        format!("http://127.0.0.1:{port}/callback"),
        format!("http://localhost:{port}/callback"),
    ] {
        let native = format!(
            "flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid], redirect_uri: \"{redirect}\" }}\n"
        );
        log_in(&with_browser(at_oidc("native", &native)), &[]).exits(0);
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("it has an address").port();
    let native = format!(
        "flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid], redirect_uri: \"http://127.0.0.1:{port}/callback\" }}\n"
    );
    log_in(&with_browser(at_oidc("native", &native)), &[])
        .exits(3)
        .says(&format!("cannot listen at http://127.0.0.1:{port}/callback"));
}

/// The login page of oidc-provider, filled in without a person.
fn by_form(client: &str, authorize: &str, rest: &str) -> Project {
    let provider = format!(
        "flow: authorization_code\n{DISCOVERY}authorize: {{ by: form, redirect_uri: https://app.example.com/callback, form: {{ login: \"{{{{ username }}}}\", password: \"{{{{ password }}}}\" }}, {authorize} }}\n{rest}"
    );
    at_oidc(client, &provider).variable("OWN_USERNAME", "anna").variable("OWN_PASSWORD", "hush-hush")
}

#[test]
fn the_pages_are_got_through_by_form() {
    let project = by_form("web", "scope: [openid, read]", "");
    project.write(
        "scenario.yaml",
        "scenario: By form\nauth: { provider: own, expect: { id_token: <jwt>, refresh_token: <any> } }\nsteps:\n  - get: /api\n    expect: { json: { sub: anna, client_id: web } }\n",
    );
    project.run(&["-v"]).exits(0).says("fetched");
}

#[test]
fn a_request_is_pushed() {
    // The client must push: without `par` the provider refuses.
    by_form("par", "scope: [openid], par: true", "").run(&[]).exits(0);
    by_form("par", "scope: [openid], par: \"{{ base }}/request\"", "").run(&[]).exits(0);
    by_form("par", "scope: [openid]", "").run(&[]).exits(3).says("Pushed Authorization Request must be used");
    by_form("par", "scope: [openid], par: true", "")
        .variable("OWN_CLIENT_SECRET", "another")
        .run(&[])
        .exits(3)
        .says("refused the pushed authorization request: 401 invalid_client");
}

#[test]
fn a_token_is_for_the_services_that_are_named() {
    let rest = "login: { resource: \"https://api.example.com/trips\" }\n";
    let project = by_form("web", "scope: [openid, read]", rest);
    project.write(
        "scenario.yaml",
        "scenario: For a service\nauth: { provider: own, expect: { claims: { aud: \"https://api.example.com/trips\" } } }\nsteps:\n  - get: /api\n    expect: { json: { aud: \"https://api.example.com/trips\", scope: read } }\n",
    );
    project.run(&[]).exits(0);
    let machine = format!(
        "flow: client_credentials\n{DISCOVERY}login: {{ scope: read, resource: [\"https://api.example.com/one\"] }}\n"
    );
    let project = at_oidc("machine", &machine);
    project.write(
        "scenario.yaml",
        "scenario: For a service\nauth: { provider: own, expect: { claims: { aud: \"https://api.example.com/one\" } } }\nsteps:\n  - get: /api\n",
    );
    project.run(&[]).exits(0);
}

#[test]
fn refresh_tokens_rotate_and_are_kept() {
    let server = start("node", "oidc.mjs", &["--expires-in", "2"]);
    let native = format!(
        "flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid] }}\nrefresh: {{ rotates: true }}\n"
    );
    let project = with_browser(project(&server.base, "native", &native));
    log_in(&project, &[]).exits(0);
    // Each run finds a token that has ended, and the refresh token that the run before it has left.
    for _ in 0..2 {
        std::thread::sleep(std::time::Duration::from_millis(2100));
        run(&project, &["-v"]).exits(0).says("refreshed");
    }
}

#[test]
fn an_issuer_that_is_another_is_refused() {
    let native = format!(
        "flow: authorization_code\nissuer: https://issuer.example\nauthorize: {{ url: \"{oidc}/auth\", scope: [openid] }}\nlogin: {{ post: \"{oidc}/token\" }}\n",
        oidc = oidc()
    );
    log_in(&with_browser(at_oidc("native", &native)), &[])
        .exits(3)
        .says("its `iss` is http://127.0.0.1:")
        .says("but the provider is https://issuer.example");
}

#[test]
fn a_login_that_is_not_finished_ends_in_time() {
    let native = format!("flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid], timeout: 300ms }}\n");
    log_in(&at_oidc("native", &native), &["--no-browser"])
        .exits(3)
        .says("the login at own (test) was not finished: nobody logged in within 300 ms");
}
