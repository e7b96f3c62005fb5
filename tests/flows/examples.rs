//! The examples are the first thing a newcomer runs: they are green with no configuration, and whatever the environment
//! of the process holds.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use crate::support::plain;

fn callsheet(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callsheet"))
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the binary starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("all output is UTF-8")
}

#[test]
fn the_examples_are_green() {
    let hostile = [
        ("SIMACAN_PASSWORD", "real"),
        ("SIMACAN_USERNAME", "real"),
        ("LAVANDA_CLIENT_SECRET", "\u{201c}real\u{201d}"),
        ("COGNITO_CLIENT_ID", ""),
        ("GRIDSHARE_PASSWORD", "real"),
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("ALL_PROXY", "http://127.0.0.1:9"),
        ("http_proxy", "http://127.0.0.1:9"),
        ("CI", "true"),
        ("LANG", "C"),
    ];
    for variables in [&hostile[..], &[]] {
        let started = Instant::now();
        let output = callsheet(&["run", "examples", "--seed", "7"], variables);
        let took = started.elapsed();
        assert!(output.status.success(), "{}{}", stdout(&output), String::from_utf8_lossy(&output.stderr));
        assert!(took < Duration::from_secs(6), "it took {took:?}; a release build needs well under two seconds");
    }
}

#[test]
fn the_examples_check_without_a_warning() {
    let output = callsheet(&["check", "examples"], &[]);
    assert_data_eq!(
        stdout(&output),
        str![[r#"
21 scenarios checked: no error
ignored, because they are not callsheet files: examples/failing (another project)

"#]]
    );
}

#[test]
fn each_example_runs_alone() {
    for folder in ["simacan", "lavanda", "cognito", "gridshare", "http", "own"] {
        let output = callsheet(&["run", &format!("examples/{folder}")], &[]);
        assert!(output.status.success(), "{folder}: {}{}", stdout(&output), String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_failing_example_shows_all_that_differs() {
    // What could be accepted of it is not kept: the examples stay as they are.
    let output = callsheet(&["run", "examples/failing", "--seed", "7"], &[("CI", "true")]);
    assert_eq!(output.status.code(), Some(1));
    assert_data_eq!(
        plain(&stdout(&output)),
        str![[r#"
✗ A trip can be read back  mock · TIME · examples/failing/trip.yaml
  ✓ auth  simacan as planner  fetched · TIME
  ✓ PATCH  Cancel a trip  200 · TIME
  ✗ GET  Read the trip  200 · TIME  1 of 2 expectations failed

error[expect.json]: $.licencePlate is missing, perhaps renamed to `plate`, and 2 more things differ
  --> examples/failing/trip.yaml:15:9
   |
15 |         licencePlate: BX-24-KL
   |         ^^^^^^^^^^^^ the answer has no `licencePlate`; was it renamed to `plate`?

  $.licencePlate               renamed?
-  "licencePlate": "BX-24-KL"
+   "plate": "BX-24-KL"
  $.state
-  "PLANNED"
+   "CANCELLED"
  $.stops                      (2 expected, 3 came)
    [0] …                      same
+   [1] { "id": "S-1001-2", "name": "Utrecht", "eta": "MOMENT" }  not expected
    [2] …                      same

  request   GET http://127.0.0.1:PORT/simacan/trips-api/v1/trips/T-1001
            Authorization: Bearer {{auth.simacan.planner.access_token}}
  response  200 OK · TIME · 323 B
            content-type: application/json
            {
              "id": "T-1001",
              "plate": "BX-24-KL",
              "state": "CANCELLED",
              "stops": [
                { "id": "S-1001-1", "name": "Amersfoort", "eta": "MOMENT" },
                { "id": "S-1001-2", "name": "Utrecht", "eta": "MOMENT" },
            …
  by hand   curl http://127.0.0.1:PORT/simacan/trips-api/v1/trips/T-1001 -H 'Authorization: Bearer {{auth.simacan.planner.access_token}}'
  rerun     callsheet run examples/failing/trip.yaml --only 'examples/failing/trip.yaml:11' --seed 7

1 failed · 2 requests + 1 to log in · TIME · mock · seed 7

"#]]
    );
}
