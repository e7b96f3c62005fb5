//! `auth token`: the token alone, and the exit codes of a run.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Stage, nobody};

#[test]
fn the_token_and_a_newline_are_all_that_is_printed() {
    let stage = Stage::new();
    let printed = stage.project.callsheet(&["auth", "token", "simacan"]);
    printed.exits(0);
    assert_eq!(printed.stderr, "");
    let token = printed.stdout.strip_suffix('\n').expect("a newline at its end");
    assert_eq!(token.split('.').count(), 3, "{token}");
    assert!(!token.contains(char::is_whitespace));
}

#[test]
fn a_kept_session_is_used_again() {
    let stage = Stage::new();
    let token = || stage.project.callsheet(&["auth", "token", "simacan", "--token-store", "kept"]);
    let first = token();
    assert_eq!(first.exits(0).stdout, token().exits(0).stdout);
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1);
    let planner = stage.project.callsheet(&["auth", "token", "simacan", "--as", "planner", "--token-store", "kept"]);
    assert_ne!(planner.exits(0).stdout, first.stdout);
}

#[test]
fn the_embedded_providers_serve_without_a_project() {
    let printed = Project::new().callsheet(&["auth", "token", "cognito", "--env", "mock"]);
    assert_eq!(printed.exits(0).stdout.lines().count(), 1);
}

#[test]
fn what_is_wrong_goes_to_standard_error_with_the_code_of_a_run() {
    let stage = Stage::new().with(|project| {
        project
            .file("providers/away.yaml", &format!("provider: away\nflow: password\nlogin: {{ post: \"{}/t\" }}\n", nobody()))
            .file(
                "providers/browser.yaml",
                "provider: browser\nflow: authorization_code\ncredentials: { client_id: {} }\nauthorize: { url: \"https://id.test/a\" }\nlogin: { post: \"https://id.test/t\" }\n",
            )
            .file("scenario.yaml", "scenario: Of no concern here\nsteps: [{ get: }]\n")
            .variable("AWAY_USERNAME", "u")
            .variable("AWAY_PASSWORD", "p")
            .variable("BROWSER_CLIENT_ID", "c")
            .variable("SIMACAN_TEST_PASSWORD", "wrong-password")
    });
    for (arguments, code, said) in [
        (&["simacan"][..], 3, "error[auth.refused]"),
        (&["gridshare", "--as", "nobody"], 3, "error[auth.credentials]"),
        (&["away"], 4, "error[auth.unreachable]"),
        (&["browser"], 6, "callsheet auth login browser --env test"),
        (&["simacam"], 2, "did you mean `simacan`?"),
        (&["simacan", "--env", "tset"], 2, "did you mean `test`?"),
        (&["simacan", "--credential", "simacan"], 2, "error[cli.credential]"),
        (&["simacan", "--project", "nowhere"], 2, "nowhere does not exist"),
    ] {
        let outcome = stage.project.callsheet(&[&["auth", "token"], arguments].concat());
        outcome.exits(code).says(said).lacks("wrong-password");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_provider_of_the_project_that_cannot_be_read_stops_only_those_who_name_it() {
    let stage = Stage::new().with(|project| project.file("providers/broken.yaml", "provider: broken\nflow: passwrd\n"));
    stage.project.callsheet(&["auth", "token", "simacan"]).exits(0);
    assert_data_eq!(
        stage.project.callsheet(&["auth", "token", "broken"]).exits(2).plain(),
        str![[r#"
error[format.value]: `passwrd` is not a flow
 --> providers/broken.yaml:2:7
  |
2 | flow: passwrd
  |       ^^^^^^^
  |
  = help: did you mean `password`?


"#]]
    );
}

#[test]
fn what_has_no_token_says_so() {
    let project = Project::new()
        .variable("TWILIO_PASSWORD", "p")
        .variable("TWILIO_USERNAME", "u")
        .variable("TWILIO_ACCOUNT_SID", "AC");
    project.callsheet(&["auth", "token", "twilio"]).exits(3).says("twilio has no token: its flow is `basic`");
}
