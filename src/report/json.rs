//! A run as one JSON document, for programs that want the whole and not the stream.
//!
//! Its shape, version 1: members may be added within a version; none is renamed or removed. Members that have nothing to
//! say are left out, unless they stand at the top.
//!
//! ```text
//! version        1
//! tool           "callsheet 0.1.0"
//! run            the run's id, a UUID
//! started_at     RFC 3339, UTC
//! environment    the environment's name
//! seed           what --seed repeats it by
//! jobs           how many scenarios ran at once
//! duration_ms    milliseconds
//! requests       calls that steps made; null if the run did not end by itself
//! login_requests requests made to log in; null if the run did not end by itself
//! exit_code      the exit code that the scenarios make; null if the run did not end by itself
//! interrupted    whether it was told to stop
//! counts         { passed, flaky, failed, errored, skipped }, scenarios by verdict
//! planned        how many scenarios were to run
//! scenarios      [ { title, case, file, line, tags, started_at, verdict, reason, duration_ms, warnings, steps } ]
//! warnings       [ problem ], what belongs to no scenario
//! ```
//!
//! A step has the members that it has in the event stream: see [`crate::event::Step`].

use std::io;
use std::sync::Arc;

use serde::Serialize;

use super::destination::Destination;
use super::summary::{Counts, Scenario, Summary};
use super::{Report, ReportError};
use crate::event::{Case, Event, Step, Verdict};
use crate::source::Located;

/// The version of the document.
pub(super) const VERSION: u32 = 1;

/// Writes the document when the run has ended.
pub struct JsonReport {
    summary: Summary,
    destination: Destination,
}

impl JsonReport {
    /// Writes to `destination`.
    pub fn new(destination: Destination) -> Self {
        Self { summary: Summary::default(), destination }
    }
}

impl Report for JsonReport {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.summary.event(event, |_| true);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.summary.close();
        let document = Document::of(&self.summary);
        self.destination.write(|out| {
            serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
            out.write_all(b"\n")
        })
    }
}

#[derive(Serialize)]
struct Document<'s> {
    version: u32,
    tool: Option<&'s str>,
    run: &'s str,
    started_at: &'s str,
    environment: Option<&'s str>,
    seed: Option<u64>,
    jobs: Option<usize>,
    duration_ms: f64,
    requests: Option<usize>,
    login_requests: Option<usize>,
    exit_code: Option<u8>,
    interrupted: bool,
    counts: Counts,
    planned: usize,
    scenarios: Vec<Entry<'s>>,
    warnings: &'s [Located],
}

#[derive(Serialize)]
struct Entry<'s> {
    title: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<&'s Case>,
    file: &'s str,
    line: usize,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'s [String],
    started_at: &'s str,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'s str>,
    duration_ms: f64,
    #[serde(skip_serializing_if = "<[Located]>::is_empty")]
    warnings: &'s [Located],
    steps: &'s [Arc<Step>],
}

impl<'s> Document<'s> {
    fn of(summary: &'s Summary) -> Self {
        let (plan, finished) = (summary.plan.as_ref(), summary.finished.as_ref());
        let mut counts = Counts::default();
        summary.scenarios.values().for_each(|scenario| counts.add(scenario.verdict()));
        Self {
            version: VERSION,
            tool: plan.map(|plan| plan.tool.as_str()),
            run: &summary.run,
            started_at: &summary.started_at,
            environment: plan.map(|plan| plan.environment.as_str()),
            seed: plan.map(|plan| plan.seed),
            jobs: plan.map(|plan| plan.jobs),
            duration_ms: summary.duration_ms(),
            requests: finished.map(|finished| finished.requests),
            login_requests: finished.map(|finished| finished.login_requests),
            exit_code: finished.map(|finished| finished.exit_code),
            interrupted: summary.interrupted || finished.is_none(),
            counts,
            planned: plan.map_or(summary.scenarios.len(), |plan| plan.scenarios),
            scenarios: summary.scenarios.values().map(Entry::of).collect(),
            warnings: &summary.warnings,
        }
    }
}

impl<'s> Entry<'s> {
    fn of(scenario: &'s Scenario) -> Self {
        let started = &scenario.started;
        Self {
            title: &started.title,
            case: started.case.as_ref(),
            file: &started.file,
            line: started.line,
            tags: &started.tags,
            started_at: &scenario.started_at,
            verdict: scenario.verdict(),
            reason: scenario.reason(),
            duration_ms: scenario.duration_ms(),
            warnings: &scenario.warnings,
            steps: &scenario.steps,
        }
    }
}
