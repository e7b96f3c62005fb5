//! The files that a run writes.

use serde_json::Value;

use crate::bench::{Report, list, scenario, text, with};
use crate::support::Project;

const MIXED: &str = "steps:
  - { name: good, get: /anything }
  - { name: left out, get: /anything, when: false }
  - { name: 'bad <&\"', post: /json, json: { v: \"<&\\u0001\" }, expect: { json: { v: 1 } } }
  - { name: after, get: /anything }
teardown:
  - { name: away, get: 'http://127.0.0.1:1/' }
";

fn mixed() -> Project {
    with(MIXED)
}

#[test]
fn several_at_once_and_nothing_half_written_stays() {
    let project = mixed();
    project.run(&["--report", "junit=out/j.xml", "--report", "json=r.json", "--report", "events=e.jsonl"]).exits(1);
    assert_eq!(project.names(), ["callsheet.yaml", "e.jsonl", "echo.yaml", "out", "r.json"]);

    let junit = project.read("out/j.xml");
    assert!(junit.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{junit}");
    well_formed(&junit);
    assert_eq!(junit.matches("<testcase ").count(), 5, "a test case a step: {junit}");
    assert_eq!(junit.matches("<failure").count(), 1, "{junit}");
    assert_eq!(junit.matches("<error").count(), 1, "{junit}");
    assert_eq!(junit.matches("<skipped").count(), 2, "{junit}");
    assert!(junit.contains("tests=\"5\""), "{junit}");

    let report = Report(serde_json::from_str(&project.read("r.json")).expect("a report is JSON"));
    assert_eq!(report.0["version"], 1);
    assert_eq!(report.0["exit_code"], 1);
    let verdicts: Vec<_> = report.steps().iter().map(|step| text(&step["verdict"])).collect();
    assert_eq!(verdicts, ["passed", "skipped", "failed", "skipped", "errored"]);

    let events: Vec<Value> = project
        .read("e.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is an object of JSON"))
        .collect();
    let kinds: Vec<_> = events.iter().map(|event| text(&event["event"])).collect();
    assert_eq!(kinds.first(), Some(&"run_started"));
    assert_eq!(events[0]["version"], 1);
    assert_eq!(kinds.last(), Some(&"run_finished"));
    let steps: Vec<_> = events.iter().filter(|event| event["event"] == "step_finished").collect();
    assert_eq!(steps.len(), 5);
    // The JSON report is a fold over the events, and tells the same of each step.
    for (event, step) in steps.iter().zip(report.steps()) {
        for member in ["name", "verdict", "status", "attempts", "findings", "rerun"] {
            assert_eq!(event[member], step[member], "{member}");
        }
    }
}

/// Every element is closed, no text holds what must be escaped, and no character is one that XML has not.
fn well_formed(xml: &str) {
    assert!(!xml.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "a control character: {xml}");
    let tag = regex::Regex::new(r#"<(/?)([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(/?)>|<\?[^>]*\?>"#)
        .expect("the pattern is one");
    let bare = regex::Regex::new(r"&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);").expect("the pattern is one");
    let mut open: Vec<String> = Vec::new();
    let mut end = 0;
    for found in tag.captures_iter(xml) {
        let whole = found.get(0).expect("the whole match");
        let between = &xml[end..whole.start()];
        assert!(!between.contains('<'), "an open `<` in {between:?}");
        assert!(!bare.replace_all(between, "").contains('&'), "an open `&` in {between:?}");
        end = whole.end();
        let Some(name) = found.get(2) else { continue };
        match (&found[1], &found[4]) {
            ("/", _) => assert_eq!(open.pop().as_deref(), Some(name.as_str())),
            (_, "/") => {}
            _ => open.push(name.as_str().to_owned()),
        }
    }
    assert!(open.is_empty(), "{open:?} stay open");
}

#[test]
fn a_report_of_an_earlier_run_is_replaced() {
    let project = mixed().file("r.json", "an old one");
    project.run(&["--report", "json=r.json"]).exits(1);
    assert!(serde_json::from_str::<Value>(&project.read("r.json")).is_ok());
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_any_call() {
    // A file stands where a folder is needed.
    let project = with("steps:\n  - get: /anything\n").file("there", "x");
    for kind in ["junit", "json", "events"] {
        let outcome = project.run(&["--report", &format!("{kind}=there/r")]);
        outcome.exits(2).says("there/r");
        let outcome = project.run(&["--report", &format!("{kind}=.")]);
        outcome.exits(2);
    }
    assert_eq!(project.read("there"), "x");
    project.run(&["--report", "html=x"]).exits(2).says("html");
    project.run(&["--report", "json"]).exits(2);
}

#[test]
fn to_standard_output() {
    for kind in ["json", "events", "junit"] {
        let outcome = mixed().run(&["--report", &format!("{kind}=-")]);
        outcome.exits(1);
        match kind {
            "json" => assert!(serde_json::from_str::<Value>(&outcome.stdout).is_ok(), "{}", outcome.stdout),
            "events" => {
                assert!(
                    outcome.stdout.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()),
                    "{}",
                    outcome.stdout
                );
            }
            _ => well_formed(&outcome.stdout),
        }
        // What a person reads goes to the other one.
        assert!(outcome.stderr.contains("bad <&"), "{}", outcome.stderr);
    }
}

#[test]
fn a_case_and_a_flaky_step() {
    let body =
        scenario("cases: [{ n: 1 }, { n: 2 }]\nsteps:\n  - { get: '/flaky/{{ case.n }}', retry: { backoff: 1ms } }\n");
    let project = crate::bench::project().file("sub/c.yaml", &body);
    project.run(&["--report", "junit=j.xml", "--report", "json=r.json"]).exits(0);
    let junit = project.read("j.xml");
    well_formed(&junit);
    assert!(junit.contains("sub.c (case 1)") && junit.contains("sub.c (case 2)"), "{junit}");
    assert!(!junit.contains("<failure"), "{junit}");
    let report = Report(serde_json::from_str(&project.read("r.json")).expect("a report is JSON"));
    assert_eq!(report.0["counts"]["flaky"], 2);
    assert_eq!(list(&report.0["scenarios"]).len(), 2);
}

#[test]
fn differences_are_told_as_data_without_the_secrets_in_them() {
    let steps = "steps:
  - name: differs
    post: /anything
    json: { status: PLANNED, n: '1', list: [3, 1, 2], key: '{{ secrets.key }}' }
    expect: { json: { json: { state: PLANNED, n: 1, list: [1, 2, 3], key: other, gone: 1 } } }
";
    let config = "callsheet: 1\nenvironments: { mock: { serve: builtin, secrets: { key: { env: THE_KEY } } } }\n";
    let project = with(steps).file("callsheet.yaml", config).variable("THE_KEY", "hunter2-hunter2");
    project.run(&["--report", "json=r.json", "--report", "events=e.jsonl"]).exits(1).lacks("hunter2");
    let report = Report(serde_json::from_str(&project.read("r.json")).expect("a report is JSON"));
    let differences = list(&report.step("differs")["findings"][0]["differences"]);
    let told: Vec<_> = differences.iter().map(|one| format!("{} {}", text(&one["path"]), text(&one["kind"]))).collect();
    assert_eq!(
        told,
        ["$.json.state renamed", "$.json.n type", "$.json.list[0] moved", "$.json.key value", "$.json.gone missing"]
    );
    assert_eq!(differences[1]["expected"], "1");
    assert_eq!(differences[1]["actual"], "\"1\"");
    assert_eq!(differences[1]["why"], "a string of the same text, not a number");
    assert_eq!(differences[4].get("actual"), None, "nothing came");
    for file in ["r.json", "e.jsonl"] {
        assert!(!project.read(file).contains("hunter2"), "{file}");
    }
}
