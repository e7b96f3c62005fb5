//! A credential goes to its provider's hosts and nowhere else.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Stage, built_in, json, reply, with_environments};

#[test]
fn a_step_with_another_hosts_url_gets_no_token() {
    let other = Recorder::start(|_| json(200, "{}"));
    let stage = Stage::new().with(|project| {
        project.file(
            "scenario.yaml",
            &format!(
                "scenario: A stray call\nauth: simacan\nsteps:\n  - get: {}/anything\n",
                other.base().replace("127.0.0.1", "localhost")
            ),
        )
    });
    assert_data_eq!(
        stage.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.host]: a credential of simacan (test) may not be sent to localhost:PORT
 --> scenario.yaml:4:10
  |
4 |   - get: http://localhost:PORT/anything
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: the `hosts` of the provider allow only 127.0.0.1:PORT
  = help: is the URL right, and the environment? If the host is right, add it to the provider's `hosts`

"#]]
    );
    assert_eq!(other.seen().len(), 0);
}

#[test]
fn the_same_step_without_auth_is_a_plain_call() {
    let other = Recorder::start(|_| json(200, "{}"));
    let stage = Stage::new().with(|project| {
        project.file(
            "scenario.yaml",
            &format!(
                "scenario: A stray call\nauth: simacan\nsteps:\n  - get: {}/anything\n    auth: none\n",
                other.base()
            ),
        )
    });
    stage.run(&[]).exits(0);
    assert_eq!(other.seen().len(), 1);
    assert_eq!(other.seen()[0].header("authorization"), None);
}

#[test]
fn a_redirect_takes_no_token_along() {
    let other = Recorder::start(|_| json(200, "{}"));
    let to = format!("{}/away", other.base());
    let api = Recorder::start(move |_| reply(302, &[("location", &to)], ""));
    let stage = Stage::new().with(|project| {
        let environments =
            format!("environments:\n  test: {{ base: \"{{{{ env.at }}}}/simacan/api/v1\", api: {0}, hosts: [\"127.0.0.1\"] }}\n", api.base());
        let provider = with_environments(&built_in("simacan"), &environments);
        project.file("providers/simacan.yaml", &provider).file("scenario.yaml", "scenario: Moved\nauth: simacan\nsteps:\n  - get: /trips\n")
    });
    stage.run(&[]).exits(0);
    assert!(api.seen()[0].header("authorization").is_some());
    assert_eq!(other.seen().len(), 1);
    assert_eq!(other.seen()[0].header("authorization"), None);
}

#[test]
fn a_providers_token_never_reaches_another_provider() {
    let stage = Stage::new().scenario(
        r#"
scenario: Two providers in one scenario
auth: simacan
steps:
  - get: "{{ env.at }}/cognito/api/items"
    auth: cognito
  - get: "{{ env.trips }}/trips"
"#,
    );
    stage.run(&[]).exits(0);
    assert_eq!(stage.mock.counters().violations.token_sent_to_another_site, 0);
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let project = Project::with_vars(&[])
        .file("callsheet.yaml", "callsheet: 1\nproviders: [providers]\nenvironments: { test: {} }\n")
        .file(
            "providers/simacan.yaml",
            &with_environments(
                &built_in("simacan"),
                "environments:\n  test: { base: \"http://auth.example.invalid/v1\" }\n",
            ),
        )
        .file("scenario.yaml", "scenario: A login\nauth: simacan\nsteps: []\n")
        .variable("SIMACAN_USERNAME", "anna")
        .variable("SIMACAN_PASSWORD", "hush-hush");
    assert_data_eq!(
        project.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.insecure]: a credential of simacan (test) would be sent unencrypted, over plain http, to http://auth.example.invalid/v1/auth/password
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = help: use https; plain http is allowed to this machine, and to hosts that `hosts` lists as `http://HOST`

"#]]
    );
}

#[test]
fn a_staging_token_does_not_go_to_production() {
    // The hosts are those of the built-in file; the login goes to the mock.
    let stage = Stage::new().with(|project| {
        let environments = "environments:\n  test: { base: \"{{ env.at }}/simacan/api/v1\", hosts: [\"*-stg.services.simacan.com\", \"127.0.0.1\"] }\n";
        project
            .file("providers/simacan.yaml", &with_environments(&built_in("simacan"), environments))
            .file("scenario.yaml", "scenario: A slip\nauth: simacan\nsteps:\n  - get: https://trips.services.simacan.com/api/v1/trips\n")
    });
    assert_data_eq!(
        stage.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.host]: a credential of simacan (test) may not be sent to trips.services.simacan.com
 --> scenario.yaml:4:10
  |
4 |   - get: https://trips.services.simacan.com/api/v1/trips
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: the `hosts` of the provider allow only *-stg.services.simacan.com, 127.0.0.1
  = help: is the URL right, and the environment? If the host is right, add it to the provider's `hosts`

"#]]
    );
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1);
}
