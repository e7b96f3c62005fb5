//! Where credentials come from, which of several counts, and what is said of those that are missing or cannot be right.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Seen, Stage};

const LOGIN: &str = "scenario: A login\nauth: simacan\nsteps: []\n";

/// A stage on which only the user's name is known.
fn without_password() -> Stage {
    Stage::recorded().scenario(LOGIN).with(|project| project.without("SIMACAN_TEST_PASSWORD"))
}

/// The password that was sent.
fn sent(stage: &Stage) -> String {
    let seen = stage.wire.seen();
    let login = seen.iter().find(|seen| seen.path().ends_with("/auth/password")).expect("a login was made");
    let text = login.text();
    let (_, password) = text.split_once("password=").expect("it has a password");
    password.to_owned()
}

#[test]
fn all_that_is_missing_is_named_with_every_place() {
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { stg: {} }\n")
        .file("a.yaml", "scenario: Trips\nauth: simacan\nsteps: []\n")
        .file("b.yaml", "scenario: More trips\nauth: { provider: simacan, as: planner }\nsteps: []\n")
        .file(".env", "SIMACAN_PLANNER_USERNAME=anna\n");
    assert_data_eq!(
        project.run(&[]).exits(3).plain(),
        str![[r#"
error[auth.credentials]: credentials for simacan (stg) are missing: `username`, `password`
 --> a.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: `username` was not found in --credential simacan.username, the environment variables (SIMACAN_STG_USERNAME, SIMACAN_USERNAME), .env.stg (no such file), .env, the project's secrets (simacan_username)
  = note: `password` was not found in --credential simacan.password, the environment variables (SIMACAN_STG_PASSWORD, SIMACAN_PASSWORD), .env.stg (no such file), .env, the project's secrets (simacan_password)
  = help: set SIMACAN_STG_USERNAME and SIMACAN_STG_PASSWORD, or write them to .env.stg

error[auth.credentials]: credentials for simacan (stg) as planner are missing: `password`
 --> b.yaml:2:19
  |
2 | auth: { provider: simacan, as: planner }
  |                   ^^^^^^^
  |
  = note: `password` was not found in --credential simacan.planner.password, the environment variables (SIMACAN_STG_PLANNER_PASSWORD, SIMACAN_PLANNER_PASSWORD), .env.stg (no such file), .env, the project's secrets (simacan_planner_password)
  = help: set SIMACAN_STG_PLANNER_PASSWORD, or write it to .env.stg
  = help: each persona has its own credentials: those of the default persona are not used for it

2 errors; nothing was called

"#]]
    );
}

#[test]
fn the_places_count_in_their_order() {
    let places: [(&str, &dyn Fn(Project) -> Project); 6] = [
        ("secrets", &|project| {
            let config = project.read("callsheet.yaml") + "    secrets: { simacan_password: { env: ANY_NAME } }\n";
            project.file("callsheet.yaml", &config).variable("ANY_NAME", "from-secrets")
        }),
        ("env-file", &|project| project.file(".env", "SIMACAN_PASSWORD=from-env-file\n")),
        ("env-test-file", &|project| project.file(".env.test", "SIMACAN_PASSWORD=from-env-test-file\n")),
        ("variable", &|project| project.variable("SIMACAN_PASSWORD", "from-variable")),
        ("test-variable", &|project| project.variable("SIMACAN_TEST_PASSWORD", "from-test-variable")),
        ("option", &|project| project),
    ];
    let mut stage = without_password();
    for (at, (name, add)) in places.into_iter().enumerate() {
        stage = stage.with(add);
        let option: &[&str] = if at == 5 { &["--credential", "simacan.password=from-option"] } else { &[] };
        let logins = stage.wire.seen().len();
        stage.run(option).exits(3);
        let seen = stage.wire.seen();
        assert_eq!(seen.len(), logins + 1);
        assert!(seen[logins].text().ends_with(&format!("password=from-{name}")), "{name}: {}", seen[logins].text());
    }
}

#[test]
fn a_credential_is_read_from_a_file() {
    let stage = without_password().with(|project| project.file("secret.txt", "plan-the-trips\r\n"));
    stage
        .run(&[
            "--credential",
            "simacan.password=@secret.txt",
            "--credential",
            "simacan.username=planner@haulier.example",
        ])
        .exits(0);
    assert_eq!(sent(&stage), "plan-the-trips");
}

#[test]
fn a_persona_has_variables_of_its_own_and_a_partner_shares_its_client() {
    let stage = Stage::recorded()
        .scenario("scenario: A viewer\nauth: { provider: gridshare, as: viewer }\nsteps:\n  - get: /api/v1/devices\n")
        .with(|project| {
            project.without("GRIDSHARE_TEST_VIEWER_CLIENT_ID").without("GRIDSHARE_TEST_VIEWER_CLIENT_SECRET")
        });
    stage.run(&[]).exits(0);
    let logins: Vec<String> = stage
        .wire
        .seen()
        .iter()
        .filter(|seen| seen.path().ends_with("/login") && seen.method == "POST")
        .map(Seen::text)
        .collect();
    assert_eq!(logins.len(), 1);
    assert!(logins[0].contains("viewer%40example.com"), "{logins:?}");
}

#[test]
fn a_persona_does_not_borrow_the_default_password() {
    let stage = Stage::new()
        .scenario("scenario: A login\nauth: { provider: simacan, as: planner }\nsteps: []\n")
        .with(|project| project.without("SIMACAN_TEST_PLANNER_PASSWORD"));
    assert_data_eq!(
        stage.run(&[]).exits(3).plain(),
        str![[r#"
error[auth.credentials]: credentials for simacan (test) as planner are missing: `password`
 --> scenario.yaml:2:19
  |
2 | auth: { provider: simacan, as: planner }
  |                   ^^^^^^^
  |
  = note: `password` was not found in --credential simacan.planner.password, the environment variables (SIMACAN_TEST_PLANNER_PASSWORD, SIMACAN_PLANNER_PASSWORD), .env.test (no such file), .env (no such file), the project's secrets (simacan_planner_password)
  = help: set SIMACAN_TEST_PLANNER_PASSWORD, or write it to .env.test
  = help: each persona has its own credentials: those of the default persona are not used for it


"#]]
    );
    assert_eq!(stage.mock.counters().requests, 0);
}

#[test]
fn a_persona_can_be_named_by_a_template() {
    let stage = Stage::new().scenario(
        "scenario: As {{ case.who }}\ncases: [{ who: planner }, { who: auditor }]\nauth: { provider: simacan, as: \"{{ case.who }}\" }\nbase_url: \"{{ env.trips }}\"\nsteps:\n  - get: /trips\n    expect: { that: \"auth.simacan.claims.sub is startingwith(case.who)\" }\n",
    );
    stage.run(&[]).exits(0).says("2 passed");
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 2);
}

#[test]
fn an_empty_password_is_none() {
    let stage = without_password().with(|project| project.variable("SIMACAN_TEST_PASSWORD", ""));
    assert_data_eq!(
        stage.run(&[]).exits(3).plain(),
        str![[r#"
error[auth.credentials]: the credential simacan.password is empty
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: SIMACAN_TEST_PASSWORD came from environment variables
  = help: give it a value there


"#]]
    );
    assert_eq!(stage.wire.seen().len(), 0);
}

#[test]
fn quotes_around_a_password_are_noticed_and_kept() {
    let stage = without_password().with(|project| project.variable("SIMACAN_TEST_PASSWORD", "\"plan-the-trips\""));
    assert_data_eq!(
        stage.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.credentials]: the credential simacan.password has straight quotes around it
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = note: SIMACAN_TEST_PASSWORD came from environment variables
  = help: remove the quotes: they would be sent as a part of the credential

"#]]
    );
}

#[test]
fn curly_quotes_around_a_secret_are_refused_before_any_call() {
    let stage = Stage::new()
        .scenario("scenario: A login\nauth: lavanda\nsteps: []\n")
        .with(|project| project.variable("LAVANDA_TEST_CLIENT_SECRET", "\u{201c}demo-reader-secret\u{201d}"));
    assert_data_eq!(
        stage.run(&[]).exits(3).plain(),
        str![[r#"
error[auth.credentials]: the credential lavanda.client_secret has curly quotes around it
 --> scenario.yaml:2:7
  |
2 | auth: lavanda
  |       ^^^^^^^
  |
  = note: LAVANDA_TEST_CLIENT_SECRET came from environment variables
  = help: remove the quotes: they would be sent as a part of the credential


"#]]
    );
    assert_eq!(stage.mock.counters().requests, 0);
}

#[test]
fn a_credential_option_with_a_typo_is_told() {
    let stage = Stage::new().scenario(LOGIN);
    assert_data_eq!(
        stage.run(&["--credential", "simacan.pasword=x"]).exits(2).plain(),
        str![[r#"
error[cli.credential]: --credential: simacan has no credential `pasword`
 --> scenario.yaml:2:7
  |
2 | auth: simacan
  |       ^^^^^^^
  |
  = help: did you mean `password`?


"#]]
    );
    assert_data_eq!(
        stage.run(&["--credential", "simacan"]).exits(2).plain(),
        str![[r#"
error[cli.credential]: --credential needs PROVIDER.NAME=VALUE or PROVIDER.PERSONA.NAME=VALUE
 = help: for example --credential simacan.password=@password.txt, which reads the value from a file


"#]]
    );
}

#[test]
fn a_broken_env_file_is_told_by_its_line_and_not_its_text() {
    let stage =
        Stage::new().scenario(LOGIN).with(|project| project.file(".env", "GOOD=1\nSIMACAN_PASSWORD=hush hush'\n"));
    let outcome = stage.run(&[]);
    outcome.exits(2).lacks("hush");
    assert_data_eq!(
        outcome.plain(),
        str![[r#"
error[auth.dotenv]: line 2 of .env is not in the form NAME=value
 = help: put single quotes around a value with spaces, quotes, `#` or `$`: NAME='value'


"#]]
    );
}

#[test]
fn the_embedded_mock_never_sees_a_real_password() {
    let project = Project::new()
        .file("scenario.yaml", LOGIN)
        .variable("SIMACAN_PASSWORD", "a-real-one")
        .variable("SIMACAN_USERNAME", "somebody")
        .variable("HTTP_PROXY", "http://127.0.0.1:9")
        .variable("ALL_PROXY", "http://127.0.0.1:9")
        .file(".env", "SIMACAN_PASSWORD=another\n");
    project.run(&["--env", "mock", "."]).exits(0);
}
