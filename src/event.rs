//! The event stream of a run: the only truth about it. The dispatcher emits it, already redacted; every report is a fold
//! over it, made while the run goes on or later from the stream that `--report events=FILE` wrote.
//!
//! The stream is public and versioned: one JSON object a line, told apart by `event`. Members may be added within a
//! version; none is renamed or removed.

mod scrutiny;

pub use scrutiny::{Change, Coverage, Endpoint, Fate, Look, Member, Mutant, Mutants};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use crate::source::Difference;
use crate::source::{Diagnostic, Located, Sources};

/// The version of the stream, in [`Kind::RunStarted`].
pub const VERSION: u32 = 1;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The run, a UUID.
    pub run: String,
    /// When, in RFC 3339 with milliseconds, UTC.
    pub at: String,
    /// Milliseconds since the run began.
    pub elapsed_ms: f64,
    /// The scenario it belongs to, by its place in the plan: what is shown in input order is shown in this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<usize>,
    /// What happened.
    #[serde(flatten)]
    pub kind: Kind,
}

/// Where events go: the run emits into it, reports are behind it.
pub trait Sink: Send {
    /// Takes the next event.
    fn event(&mut self, event: &Event);

    /// No event has come for about 100 ms: a good time to show what was held back.
    fn idle(&mut self) {}

    /// Writes what is left to write; gives what went wrong.
    fn finish(self: Box<Self>) -> Vec<Diagnostic> {
        Vec::new()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Kind {
    /// The plan stands; the first event.
    RunStarted(RunStarted),
    /// A scenario (one of its cases) begins.
    ScenarioStarted(ScenarioStarted),
    /// A step has ended. Steps of one scenario come in their order. Reports share it: none needs a copy.
    StepFinished(Arc<Step>),
    /// A scenario has ended.
    ScenarioFinished(ScenarioFinished),
    /// Something worth knowing that changes no verdict.
    Warning {
        /// What it is.
        problem: Located,
    },
    /// The run was told to stop: no new scenario begins, teardowns run.
    Interrupted,
    /// The last event.
    RunFinished(RunFinished),
}

/// The plan of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The version of this stream.
    pub version: u32,
    /// Who ran it, as `callsheet 0.1.0`.
    pub tool: String,
    /// The environment's name.
    pub environment: String,
    /// What everything random came from; `--seed` repeats it.
    pub seed: u64,
    /// How many scenarios (cases counted singly) will run.
    pub scenarios: usize,
    /// How many of them at once.
    pub jobs: usize,
}

/// A scenario, or one of its cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioStarted {
    /// The title.
    pub title: String,
    /// The case, where the scenario has several: its number from 1 and its values in short, as `lang=nl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Case>,
    /// The file, as the user named it.
    pub file: String,
    /// The line of the title.
    pub line: usize,
    /// The tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// One of the cases of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number, from 1.
    pub number: usize,
    /// Its values in short.
    pub label: String,
}

/// How something ended, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All that was expected held.
    Passed,
    /// It was not run, and is not missed: its `when` did not hold.
    Skipped,
    /// It passed, but only on a retry.
    Flaky,
    /// An expectation did not hold.
    Failed,
    /// It could not be found out whether the expectations hold.
    Errored,
}

impl Verdict {
    /// Whether something is wrong: it failed or errored.
    pub fn is_bad(self) -> bool {
        self >= Self::Failed
    }
}

/// The part of a scenario that a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The auth step, step 0.
    Auth,
    /// `setup`
    Setup,
    /// `steps`
    Steps,
    /// `teardown`
    Teardown,
}

/// A step that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The part of the scenario.
    pub phase: Phase,
    /// The `id` it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The `name` it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does, as `GET`, `auth`, `pause`, `use`.
    pub action: String,
    /// What it does it to: the path and query of a call, the provider and persona of an auth step.
    pub target: String,
    /// The file it stands in: the scenario's, or that of a fragment.
    pub file: String,
    /// The line it stands on.
    pub line: usize,
    /// How many fragments deep it stands; 0 in the scenario itself.
    #[serde(default)]
    pub depth: usize,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it was skipped, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Milliseconds, waits and retries included.
    pub duration_ms: f64,
    /// How many calls were made: more than 1 after retries, polling and replays.
    pub attempts: u32,
    /// How many expectations were looked at, and how many held.
    pub expectations: Count,
    /// What is worth saying of a step even if it passed, as `reused, 52m left` or `renewed after a 401`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Everything that did not hold or went wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What was sent and what came: of steps that failed, and of all steps where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Box<Exchange>>,
    /// Answers before the last one that are worth showing: the last three of a poll that ran out of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Exchange>,
    /// What the expectations look at, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Box<Coverage>>,
    /// What the expectations made of the answer changed in one place at a time, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutants: Option<Box<Mutants>>,
    /// The options that rerun the scenario from this place, as `--only 'trip.yaml:24' --seed 7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<String>,
}

/// Expectations of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Those that held.
    pub held: usize,
    /// Those that were looked at.
    pub total: usize,
}

/// What kind of thing a finding tells of; the exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An expectation did not hold: exit code 1.
    Expectation,
    /// A provider refused, or auth could not be had: exit code 3.
    Auth,
    /// A login needs a person: exit code 6.
    Person,
    /// The environment could not be reached or timed out: exit code 4.
    Environment,
    /// A template could not be rendered, a capture found nothing, a file was not there: exit code 1.
    Scenario,
}

/// Something that did not hold or went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind of thing it tells of.
    pub class: Class,
    /// What it is.
    pub problem: Located,
    /// What a comparison found, place by place: the first hundred. The text of the problem tells the same to people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
}

/// So many differences of one finding are kept in an event.
const DIFFERENCES: usize = 100;

impl Finding {
    /// A problem as events hold it, its places resolved.
    pub fn of(class: Class, problem: &Diagnostic, sources: &Sources) -> Self {
        let differences = problem.differences.iter().take(DIFFERENCES).cloned().collect();
        Self { class, problem: problem.locate(sources), differences }
    }
}

/// What was sent and what came back, redacted and cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Header fields of the request.
    pub request_headers: Vec<(String, String)>,
    /// The body of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_body: Option<Excerpt>,
    /// What came, unless nothing came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Answer>,
    /// The same request as a curl command.
    pub curl: String,
    /// Milliseconds.
    pub duration_ms: f64,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The HTTP version: `1.1` or `2`.
    pub http: String,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Excerpt>,
}

/// A body, cut where it is long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The text, or the beginning of it.
    pub text: String,
    /// How many bytes there were in all.
    pub bytes: usize,
    /// Whether it was cut.
    pub cut: bool,
}

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioFinished {
    /// How.
    pub verdict: Verdict,
    /// Why it was skipped or given up, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Milliseconds.
    pub duration_ms: f64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// Scenarios that passed, the flaky ones not among them.
    pub passed: usize,
    /// Scenarios that passed only on a retry.
    pub flaky: usize,
    /// Scenarios in which an expectation did not hold.
    pub failed: usize,
    /// Scenarios of which it could not be found out.
    pub errored: usize,
    /// Scenarios that did not run.
    pub skipped: usize,
    /// Calls that steps made, those made to log in not among them.
    pub requests: usize,
    /// Requests that were made to log in: for pages, forms and tokens.
    #[serde(default)]
    pub login_requests: usize,
    /// Milliseconds.
    pub duration_ms: f64,
    /// The code the process exits with.
    pub exit_code: u8,
}

impl Event {
    /// Passes every text that came from outside to `with`: the redactor.
    pub fn for_each_text(&mut self, mut with: impl FnMut(&mut String)) {
        match &mut self.kind {
            Kind::RunStarted(_) | Kind::Interrupted | Kind::RunFinished(_) => {}
            Kind::ScenarioStarted(started) => {
                with(&mut started.title);
                started.tags.iter_mut().for_each(&mut with);
                started.case.iter_mut().for_each(|case| with(&mut case.label));
            }
            Kind::StepFinished(step) => Arc::make_mut(step).for_each_text(&mut with),
            Kind::ScenarioFinished(finished) => finished.reason.iter_mut().for_each(with),
            Kind::Warning { problem } => located_texts(problem, &mut with),
        }
    }
}

impl Step {
    /// What it is called: the name it was given, else what it does.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => format!("{} {}", self.action, self.target).trim_end().to_owned(),
        }
    }

    fn for_each_text(&mut self, with: &mut impl FnMut(&mut String)) {
        self.name.iter_mut().chain(&mut self.reason).chain(&mut self.notes).chain(&mut self.rerun).for_each(&mut *with);
        with(&mut self.target);
        for finding in &mut self.findings {
            located_texts(&mut finding.problem, with);
            for Difference { path, kind: _, expected, actual, why } in &mut finding.differences {
                [path, expected, actual, why].into_iter().for_each(&mut *with);
            }
        }
        self.coverage.iter_mut().for_each(|coverage| coverage.for_each_text(with));
        self.mutants.iter_mut().for_each(|mutants| mutants.for_each_text(with));
        for exchange in self.exchange.iter_mut().map(|boxed| &mut **boxed).chain(&mut self.earlier) {
            with(&mut exchange.url);
            with(&mut exchange.curl);
            let answer = exchange.response.iter_mut();
            let (headers, bodies): (Vec<_>, Vec<_>) =
                answer.map(|answer| (&mut answer.headers, &mut answer.body)).unzip();
            for (_, value) in exchange.request_headers.iter_mut().chain(headers.into_iter().flatten()) {
                with(value);
            }
            for body in exchange.request_body.iter_mut().chain(bodies.into_iter().flatten()) {
                with(&mut body.text);
            }
        }
    }
}

fn located_texts(problem: &mut Located, with: &mut impl FnMut(&mut String)) {
    with(&mut problem.message);
    with(&mut problem.details);
    problem.notes.iter_mut().chain(&mut problem.help).for_each(&mut *with);
    for place in &mut problem.places {
        with(&mut place.text);
        place.source.iter_mut().for_each(&mut *with);
    }
}
