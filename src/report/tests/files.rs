//! What CI servers and programs read.

use super::super::{Destination, JsonReport, JunitReport, events};
use super::run::{self, Run, TRIP, auth, exchange, failed, finding, skipped, step};
use super::{Paper, tell};
use crate::event::{Case, Class, Event, Kind, Phase, Step, Verdict};
use snapbox::{assert_data_eq, file};

fn junit(events: &[Event]) -> String {
    let paper = Paper::default();
    tell(&mut JunitReport::new(Destination::stream("paper", Box::new(paper.clone()))), events);
    paper.text()
}

fn json(events: &[Event]) -> String {
    let paper = Paper::default();
    tell(&mut JsonReport::new(Destination::stream("paper", Box::new(paper.clone()))), events);
    paper.text()
}

fn stream(events: &[Event]) -> String {
    let paper = Paper::default();
    let mut report = events::EventsReport::new(Destination::stream("paper", Box::new(paper.clone()))).unwrap();
    tell(&mut report, events);
    paper.text()
}

/// Some of everything.
fn mixed() -> Vec<Event> {
    let mut run = Run::of(6);
    run.scenario(0, "A trip pushed to staging can be read back", TRIP, Verdict::Failed, run::trip_differs());
    run.scenario(1, "A planner may log in", "./examples/login.yaml", Verdict::Errored, run::auth_refused());
    let case = Case { number: 2, label: "lang=nl".to_owned() };
    run.begin_case(2, "Greeted in the right language", "greet.yaml", Some(case));
    let held = finding(Class::Environment, "environment.status", "the answer was 503", vec![]);
    run.step(2, Step { phase: Phase::Setup, ..step("POST", "/fleet", 201, 9.0) });
    run.step(
        2,
        Step { verdict: Verdict::Flaky, attempts: 3, findings: vec![held], ..step("GET", "/greeting", 200, 640.0) },
    );
    run.step(2, Step { notes: vec!["renewed after a 401".to_owned()], ..step("GET", "/greeting", 200, 12.0) });
    run.step(2, skipped(step("GET", "/bonjour", 0, 0.0), "case.lang is nl"));
    run.end(2, Verdict::Flaky, None, 661.0);
    run.begin(3, "Only where writing is allowed", "write.yaml");
    run.end(3, Verdict::Skipped, Some("prod is read-only"), 0.0);
    run.begin(4, "Takes too long", "slow.yaml");
    run.step(4, step("GET", "/slow", 200, 60_000.0));
    run.end(4, Verdict::Errored, Some("it took longer than its timeout of 60s"), 60_000.0);
    run.scenario(
        5,
        "Passes",
        "passes.yaml",
        Verdict::Passed,
        vec![auth("reused, 52m left"), step("GET", "/a", 200, 3.0)],
    );
    run.finished(1)
}

/// A run that was killed while a scenario went on.
fn killed() -> Vec<Event> {
    let mut run = Run::of(3);
    run.begin(0, "Never ends", "a.yaml");
    run.step(0, step("GET", "/slow", 200, 4000.0));
    run.scenario(1, "Ends", "b.yaml", Verdict::Passed, vec![step("GET", "/b", 200, 3.0)]);
    run.events
}

#[test]
fn junit_has_a_suite_for_a_scenario_and_a_case_for_a_step() {
    assert_data_eq!(junit(&mixed()), file!["../snapshots/mixed.junit.xml"].raw());
}

#[test]
fn json_has_everything_in_one_document() {
    assert_data_eq!(json(&mixed()), file!["../snapshots/mixed.json"].raw());
}

#[test]
fn reports_of_a_killed_run_are_valid() {
    let document = quick_junit::Report::deserialize_from_str(&junit(&killed())).unwrap();
    assert_eq!((document.tests, document.errors, document.failures), (3, 1, 0));
    assert!(junit(&killed()).contains(r#"<error message="interrupted" type="scenario.given-up"/>"#));
    let document: serde_json::Value = serde_json::from_str(&json(&killed())).unwrap();
    assert_eq!(document["interrupted"], true);
    assert_eq!(document["exit_code"], serde_json::Value::Null);
    assert_eq!(document["planned"], 3);
    assert_eq!(document["scenarios"][0]["verdict"], "errored");
    assert_eq!(document["scenarios"][0]["reason"], "interrupted");
    assert_eq!(document["scenarios"][1]["verdict"], "passed");
}

#[test]
fn a_run_of_nothing_is_reported_all_the_same() {
    assert_eq!(quick_junit::Report::deserialize_from_str(&junit(&[])).unwrap().tests, 0);
    let document: serde_json::Value = serde_json::from_str(&json(&[])).unwrap();
    assert_eq!(document["scenarios"], serde_json::json!([]));
}

#[test]
fn nothing_that_comes_from_outside_breaks_the_xml() {
    let nasty = "]]> <b>&amp; \u{0}\u{1b}[31mred\u{1b}]0;never ended \u{8}\u{b}\u{fffe}\u{ffff}\u{85}\u{202e}\"'\ttab\r\n\u{1f600}";
    let mut exchange = exchange("GET", &format!("https://a/{nasty}"), 500, nasty);
    exchange.request_headers.push(("authorization".to_owned(), nasty.to_owned()));
    let mut wrong = finding(Class::Expectation, nasty, nasty, vec![run::place(nasty, 1, [nasty, nasty, nasty], nasty)]);
    wrong.problem.details = nasty.to_owned();
    wrong.problem.notes.push(nasty.to_owned());
    let call = Step { name: Some(nasty.to_owned()), ..step(nasty, nasty, 500, f64::NAN) };
    let mut bad = Step { exchange: Some(exchange), rerun: Some(nasty.to_owned()), ..failed(call, vec![wrong]) };
    bad.notes.push(nasty.to_owned());
    let mut run = Run::of(1);
    run.begin_case(0, nasty, nasty, Some(Case { number: 1, label: nasty.to_owned() }));
    run.step(0, bad);
    run.step(0, skipped(step("GET", "/", 0, 0.0), nasty));
    run.end(0, Verdict::Failed, Some(nasty), -1.0);
    let xml = junit(&run.events);
    let document = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    assert_eq!((document.tests, document.failures, document.skipped), (2, 1, 1));
    assert!(!xml.chars().any(|char| char.is_control() && char != '\n'), "{xml:?}");
    assert!(!xml.contains(['\u{fffe}', '\u{ffff}']));
    assert!(xml.contains("never ended"), "an open escape sequence swallows nothing");
    serde_json::from_str::<serde_json::Value>(&json(&run.events)).unwrap();
}

#[test]
fn steps_of_one_name_are_told_apart() {
    let mut run = Run::of(1);
    run.scenario(0, "Twice", "a.yaml", Verdict::Passed, vec![step("GET", "/a", 200, 1.0), step("GET", "/a", 200, 1.0)]);
    let xml = junit(&run.finished(0));
    assert!(xml.contains(r#"name="GET /a""#) && xml.contains(r#"name="GET /a (2)""#), "{xml}");
}

#[test]
fn a_stream_is_read_as_it_was_written() {
    let events = mixed();
    let written = stream(&events);
    assert_eq!(written.lines().count(), events.len());
    let read = events::read("run.ndjson", written.as_bytes()).unwrap();
    assert_eq!(read.events, events);
    assert!(read.problems.is_empty());
    assert_eq!(junit(&read.events), junit(&events), "a report made later is the same report");
}

#[test]
fn a_stream_that_breaks_off_is_read_as_far_as_it_goes() {
    let written = stream(&mixed());
    let half = &written[..written.len() - 40];
    let read = events::read("run.ndjson", half.as_bytes()).unwrap();
    assert_eq!(read.events.len(), written.lines().count() - 1);
    let problems: Vec<_> = read.problems.iter().map(|problem| (problem.id, problem.message.as_str())).collect();
    let message = format!("run.ndjson:{}: the file ends in the middle of this line", written.lines().count());
    assert_eq!(problems, [("events.truncated", message.as_str())]);
}

#[test]
fn what_a_later_version_adds_to_a_stream_is_passed_over() {
    let interrupted = stream(&[Event {
        run: "r".to_owned(),
        at: "2026-11-03T10:00:00Z".to_owned(),
        elapsed_ms: 1.0,
        instance: None,
        kind: Kind::Interrupted,
    }]);
    let text = interrupted.replace('{', r#"{"shard":3,"#)
        + "\n"
        + &interrupted.replace("interrupted", "paused")
        + "nonsense\n";
    let read = events::read("run.ndjson", text.as_bytes()).unwrap();
    assert_eq!(read.events.len(), 1);
    let problems: Vec<_> = read.problems.iter().map(|problem| (problem.id, problem.message.as_str())).collect();
    assert_eq!(problems[0], ("events.unknown", "run.ndjson:3: an event `paused` is not known to this version"));
    assert_eq!(problems[1].0, "events.unreadable");
    assert_eq!(problems.len(), 2);
}
