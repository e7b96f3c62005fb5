//! A run as JUnit XML, the way CI servers read it: a test suite is a scenario (one of its cases), a test case a step.
//! An expectation that did not hold is a `failure`; that it could not be found out is an `error`.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report as Document, TestCase, TestCaseStatus, TestRerun, TestSuite};

use super::destination::Destination;
use super::exchange::{self, Detail};
use super::summary::{Scenario, Summary};
use super::text::{count, harmless, one_line};
use super::{Report, ReportError};
use crate::event::{Class, Event, Phase, RunStarted, Step, Verdict};
use crate::source::{Colour, render};

/// The columns that texts are cut to; an XML file has no width of its own.
const COLUMNS: usize = 120;

/// Writes the document when the run has ended.
pub struct JunitReport {
    summary: Summary,
    destination: Destination,
}

impl JunitReport {
    /// Writes to `destination`.
    pub fn new(destination: Destination) -> Self {
        Self { summary: Summary::default(), destination }
    }
}

impl Report for JunitReport {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.summary.event(event, |step| step.verdict.is_bad());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.summary.close();
        let document = document(&self.summary);
        self.destination.write(|out| document.serialize(out).map_err(io::Error::other))
    }
}

fn document(summary: &Summary) -> Document {
    let mut document = Document::new("callsheet");
    document.set_time(time(summary.duration_ms()));
    if let Ok(run) = summary.run.parse() {
        document.set_uuid(run);
    }
    document.add_test_suites(summary.scenarios.values().map(|scenario| suite(scenario, summary.plan.as_ref())));
    document
}

fn suite(scenario: &Scenario, plan: Option<&RunStarted>) -> TestSuite {
    let started = &scenario.started;
    let mut suite = TestSuite::new(one_line(&scenario.title()));
    suite.set_time(time(scenario.duration_ms()));
    suite.extra.insert("timestamp".into(), scenario.started_at.as_str().into());
    suite.extra.insert("file".into(), one_line(&started.file).into());
    if let Some(plan) = plan {
        suite.add_property(Property::new("environment", &plan.environment));
        suite.add_property(Property::new("seed", plan.seed.to_string()));
    }
    suite.add_properties(started.tags.iter().map(|tag| Property::new("tag", one_line(tag))));
    if let Some(rerun) = scenario.culprit().and_then(|step| step.rerun.as_ref()) {
        suite.add_property(Property::new("rerun", one_line(&format!("callsheet run {rerun}"))));
    }
    if scenario.verdict() == Verdict::Flaky {
        suite.set_system_out("flaky: passed only on a retry");
    }
    if !scenario.warnings.is_empty() {
        let warnings: Vec<String> = scenario.warnings.iter().map(|problem| render(problem, Colour::Never)).collect();
        suite.set_system_err(harmless(&warnings.join("\n\n")));
    }
    let mut seen = HashMap::new();
    suite.add_test_cases(scenario.steps.iter().map(|step| {
        let mut case = test_case(step, scenario);
        // Servers tell test cases apart by their names alone.
        let times: &mut usize = seen.entry(case.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            case.name = format!("{} ({times})", case.name.as_str()).into();
        }
        case
    }));
    if let Some(status) = whole(scenario) {
        let mut case = TestCase::new("scenario", status);
        case.set_classname(classname(scenario)).set_time(Duration::ZERO);
        suite.add_test_case(case);
    }
    suite
}

/// What is to be said of the scenario as a whole, where its steps do not say it.
fn whole(scenario: &Scenario) -> Option<TestCaseStatus> {
    let reason = scenario.reason().map(|reason| one_line(reason).into_owned());
    let mut status = match scenario.verdict() {
        Verdict::Failed | Verdict::Errored if scenario.culprit().is_none() => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("scenario.given-up");
            status
        }
        Verdict::Skipped if scenario.steps.is_empty() => TestCaseStatus::skipped(),
        _ if scenario.steps.is_empty() => TestCaseStatus::success(),
        _ => return None,
    };
    if let Some(reason) = reason {
        status.set_message(reason);
    }
    Some(status)
}

fn test_case(step: &Step, scenario: &Scenario) -> TestCase {
    let part = match step.phase {
        Phase::Setup => "setup: ",
        Phase::Teardown => "teardown: ",
        Phase::Auth | Phase::Steps => "",
    };
    let mut case = TestCase::new(format!("{part}{}", one_line(&step.title())), status(step));
    case.set_classname(classname(scenario)).set_time(time(step.duration_ms));
    case.set_assertions(step.expectations.total);
    case.extra.insert("file".into(), one_line(&step.file).into());
    case.extra.insert("line".into(), step.line.to_string().into());
    if !step.notes.is_empty() {
        case.set_system_out(harmless(&step.notes.join("\n")));
    }
    case
}

fn status(step: &Step) -> TestCaseStatus {
    match step.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Flaky => {
            let mut rerun = TestRerun::new(kind(step));
            rerun.set_message(format!("passed only after {}", count(step.attempts as usize, "attempt")));
            if let Some(first) = step.findings.first() {
                rerun.set_type(&first.problem.id).set_description(findings(step));
            }
            let mut status = TestCaseStatus::success();
            status.add_rerun(rerun);
            status
        }
        Verdict::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(step.reason.as_deref().unwrap_or("skipped")));
            status
        }
        Verdict::Failed | Verdict::Errored => {
            let mut status = TestCaseStatus::non_success(kind(step));
            if let Some(first) = step.findings.first() {
                status.set_type(&first.problem.id).set_message(message(step));
            }
            status.set_description(description(step));
            status
        }
    }
}

/// What did not hold is a failure, everything else an error; of a step that has both, its verdict decides.
fn kind(step: &Step) -> NonSuccessKind {
    let expectations = step.findings.iter().filter(|finding| finding.class == Class::Expectation).count();
    let failed = match expectations {
        0 if !step.findings.is_empty() => false,
        all if all == step.findings.len() && all > 0 => true,
        _ => step.verdict == Verdict::Failed || step.verdict == Verdict::Flaky,
    };
    if failed { NonSuccessKind::Failure } else { NonSuccessKind::Error }
}

fn message(step: &Step) -> String {
    let messages: Vec<_> = step.findings.iter().map(|finding| one_line(&finding.problem.message)).collect();
    messages.join("; ")
}

fn findings(step: &Step) -> String {
    let problems: Vec<_> = step.findings.iter().map(|finding| render(&finding.problem, Colour::Never)).collect();
    harmless(&problems.join("\n\n")).into_owned()
}

/// What a person reads: the findings, then what was sent and what came, then how to run it again.
fn description(step: &Step) -> String {
    let mut text = findings(step);
    let mut lines = exchange::lines(step, Detail::Excerpt, COLUMNS);
    if let Some(rerun) = &step.rerun {
        lines.push(exchange::Line { label: "rerun", aside: false, text: format!("callsheet run {rerun}") });
    }
    if !lines.is_empty() {
        text.push('\n');
    }
    for line in lines {
        text.push('\n');
        text.push_str(&super::text::padded(line.label, exchange::LABEL_COLUMNS));
        text.push_str(&harmless(&line.text));
    }
    text
}

/// Where the scenario stands, in the manner of a class: servers make a tree of what stands between the dots.
fn classname(scenario: &Scenario) -> String {
    let started = &scenario.started;
    let path = started.file.trim_start_matches("./");
    let path = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")).unwrap_or(path);
    let name = one_line(path).replace(['/', '\\'], ".");
    match &started.case {
        None => name,
        Some(case) => format!("{name} (case {})", case.number),
    }
}

fn time(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}
