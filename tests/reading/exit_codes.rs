//! What the process exits with, each code by its cause, which of several comes first, and what signals do.

use crate::support::{Outcome, Project, Recorder, json, nobody, reply};

/// A provider that refuses every login.
const REFUSING: &str = "provider: refusing
flow: client_credentials
environments: { test: { base: \"AT\" } }
credentials: { client_id: {}, client_secret: {} }
login: { post: \"{{ base }}/token\" }
";

const PASSES: &str = "scenario: Passes\nsteps: [{ get: \"{{ env.at }}/ok\" }]\n";
const FAILS: &str = "scenario: Fails\nsteps: [{ get: \"{{ env.at }}/ok\", expect: 404 }]\n";
const REFUSED: &str = "scenario: Refused\nauth: refusing\nsteps: [{ get: \"{{ env.at }}/ok\" }]\n";
const UNREACHABLE: &str = "scenario: Unreachable\nsteps: [{ get: \"{{ env.nobody }}/\" }]\n";

/// Runs these scenarios against a server that answers, refuses logins, and is slow where asked.
fn run(scenarios: &[&str], arguments: &[&str]) -> Outcome {
    let server = Recorder::start(|seen| match seen.path() {
        "/token" => json(401, "{\"error\": \"invalid_client\"}"),
        "/slow" => {
            std::thread::sleep(std::time::Duration::from_secs(2));
            json(200, "{}")
        }
        "/broken" => Vec::new(),
        "/text" => reply(200, &[("content-type", "text/plain")], "no JSON"),
        _ => json(200, "{\"id\": 1}"),
    });
    let mut project = Project::with_vars(&[("at", &server.base()), ("nobody", &nobody())])
        .file("providers/refusing.yaml", &REFUSING.replace("AT", &server.base()))
        .variable("REFUSING_TEST_CLIENT_ID", "me")
        .variable("REFUSING_TEST_CLIENT_SECRET", "wrong");
    for (number, scenario) in scenarios.iter().enumerate() {
        project = project.file(&format!("{number}.yaml"), scenario);
    }
    project.run(arguments)
}

#[track_caller]
fn ends_with(code: i32, id: &str, step: &str) {
    let outcome = run(&[&format!("scenario: A\nsteps:\n  - {step}\n")], &[]);
    outcome.exits(code).says(&format!("error[{id}]"));
}

#[test]
fn zero_is_for_what_passed_or_was_skipped() {
    run(&[PASSES], &[]).exits(0).says("1 passed");
    run(&["scenario: A\nsteps:\n  - { get: \"{{ env.nobody }}\", when: \"1 > 2\" }\n"], &[]).exits(0);
    run(&["scenario: A\nsteps: [{ pause: 1ms }]\n"], &[]).exits(0);
}

#[test]
fn one_is_for_expectations_templates_and_captures() {
    ends_with(1, "expect.status", "{ get: \"{{ env.at }}/ok\", expect: 404 }");
    ends_with(1, "expect.json", "{ get: \"{{ env.at }}/ok\", expect: { json: { id: 2 } } }");
    ends_with(1, "expect.that", "{ get: \"{{ env.at }}/ok\", expect: { that: [\"json.id == 2\"] } }");
    ends_with(1, "expect.body", "{ get: \"{{ env.at }}/text\", expect: { json: { id: 2 } } }");
    ends_with(1, "expect.within", "{ get: \"{{ env.at }}/slow\", expect: { within: 100ms } }");
    ends_with(1, "capture.nothing", "{ get: \"{{ env.at }}/ok\", capture: { _x: $.nothing } }");
    ends_with(1, "template.undefined", "{ get: \"{{ env.at }}/{{ env.at.x }}\" }");
}

#[test]
fn two_is_for_files_options_and_reports() {
    run(&["scenario: A\nstep: []\n"], &[]).exits(2);
    run(&[PASSES], &["--no-such-option"]).exits(2);
    run(&[PASSES], &["--jobs", "0"]).exits(2);
    run(&[PASSES], &["--only", "zzzzzzzz"]).exits(2);
    run(&[PASSES], &["--report", "jnit=out.xml"]).exits(2).says("error[report.unknown-kind]").lacks("1 passed");
    run(&[PASSES], &["--credential", "nonsense"]).exits(2).says("error[cli.credential]").lacks("1 passed");
    run(&[PASSES], &["--report", "junit=0.yaml/out.xml"]).exits(2).says("error[report.write]");
    Project::new().callsheet(&["frobnicate"]).exits(2);
}

#[test]
fn three_is_for_auth() {
    run(&[REFUSED], &[]).exits(3).says("error[auth.refused]");
    let missing = Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { stg: {} }\n")
        .file("scenario.yaml", "scenario: A\nauth: simacan\nsteps: []\n")
        .run(&[]);
    missing.exits(3).says("error[auth.credentials]").says("SIMACAN_STG_PASSWORD");
}

#[test]
fn four_is_for_the_environment() {
    ends_with(4, "http.connect", "{ get: \"{{ env.nobody }}/\" }");
    ends_with(4, "http.timeout", "{ get: \"{{ env.at }}/slow\", timeout: 100ms }");
    run(&["scenario: A\nsteps: [{ get: \"{{ env.at }}/broken\" }]\n"], &[]).exits(4);
    run(&["scenario: A\ntimeout: 200ms\nsteps: [{ get: \"{{ env.at }}/slow\" }]\n"], &[])
        .exits(4)
        .says("error[scenario.timeout]");
}

#[test]
fn the_first_that_applies_is_the_one() {
    run(&[UNREACHABLE, PASSES], &[]).exits(4);
    run(&[UNREACHABLE, REFUSED, PASSES], &[]).exits(3);
    run(&[UNREACHABLE, REFUSED, FAILS, PASSES], &[]).exits(1);
    run(&[FAILS, REFUSED, UNREACHABLE], &[]).exits(1);
    run(&[FAILS], &["--report", "junit=0.yaml/out.xml"]).exits(2);
}

#[cfg(unix)]
mod signals {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use crate::support::{Recorder, json};

    /// How long a call takes that nobody wants to wait for.
    const LONG: Duration = Duration::from_secs(20);

    struct Interrupted {
        code: Option<i32>,
        stdout: String,
        /// From the first signal on.
        took: Duration,
        asked: Vec<String>,
    }

    /// Runs a scenario whose step `/long` takes long, and signals the process once for each path, as soon as that path
    /// has been asked for.
    fn interrupted(scenario: &str, signals: &[(&str, &str)]) -> Interrupted {
        let server = Recorder::start(|seen| {
            if seen.path().ends_with("long") {
                std::thread::sleep(LONG);
            }
            json(200, "{}")
        });
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = format!("callsheet: 1\nenvironments: {{ test: {{ vars: {{ at: \"{}\" }} }} }}\n", server.base());
        std::fs::write(folder.path().join("callsheet.yaml"), config).expect("a file can be written");
        std::fs::write(folder.path().join("scenario.yaml"), scenario).expect("a file can be written");
        let mut child = Command::new(env!("CARGO_BIN_EXE_callsheet"))
            .args(["run", "--seed", "7", "--report", "junit=out.xml"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut first = None;
        for (path, signal) in signals {
            let patience = Instant::now();
            while !server.seen().iter().any(|seen| seen.path() == *path) {
                assert!(patience.elapsed() < LONG, "{path} was never asked for");
                std::thread::sleep(Duration::from_millis(10));
            }
            let sent = Command::new("kill").args([*signal, &child.id().to_string()]).status();
            assert!(sent.expect("`kill` starts").success());
            first.get_or_insert_with(Instant::now);
        }
        let mut stdout = String::new();
        child.stdout.take().expect("it is piped").read_to_string(&mut stdout).expect("all output is UTF-8");
        let code = child.wait().expect("it ends").code();
        let took = first.map_or(Duration::ZERO, |first| first.elapsed());
        Interrupted { code, stdout, took, asked: server.seen().iter().map(|seen| seen.target.clone()).collect() }
    }

    const SCENARIO: &str = "scenario: Long
steps:
  - get: \"{{ env.at }}/long\"
  - get: \"{{ env.at }}/never\"
teardown:
  - get: \"{{ env.at }}/down\"
";

    #[test]
    fn one_abandons_the_steps_and_runs_the_teardown() {
        for signal in ["-INT", "-TERM"] {
            let ended = interrupted(SCENARIO, &[("/long", signal)]);
            assert_eq!(ended.code, Some(130), "{}", ended.stdout);
            assert_eq!(ended.asked, ["/long", "/down"]);
            assert!(ended.took < LONG / 2, "it took {:?}", ended.took);
        }
    }

    #[test]
    fn a_second_one_ends_it_at_once() {
        let scenario = SCENARIO.replace("/down", "/down/long");
        let ended = interrupted(&scenario, &[("/long", "-INT"), ("/down/long", "-INT")]);
        assert_eq!(ended.code, Some(130), "{}", ended.stdout);
        assert_eq!(ended.asked, ["/long", "/down/long"]);
        assert!(ended.took < LONG / 2, "it took {:?}", ended.took);
    }

    #[test]
    fn a_failure_before_it_comes_first() {
        let scenario = SCENARIO.replace("steps:\n", "cases: [{ n: 1 }, { n: 2 }]\nsteps:\n  - { get: \"{{ env.at }}/first/{{ case.n }}\", expect: { that: [\"case.n == 2\"] } }\n");
        let ended = interrupted(&scenario, &[("/long", "-INT")]);
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    }
}
