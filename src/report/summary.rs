//! The fold that reports share: the events of a run, gathered scenario by scenario in the order of the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::event::{Class, Event, Kind, RunFinished, RunStarted, ScenarioFinished, ScenarioStarted, Step, Verdict};
use crate::source::Located;

/// A run, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// The run, a UUID.
    pub(crate) run: String,
    /// When it began, in RFC 3339.
    pub(crate) started_at: String,
    /// Its plan.
    pub(crate) plan: Option<RunStarted>,
    /// The scenarios, by their place in the plan.
    pub(crate) scenarios: BTreeMap<usize, Scenario>,
    /// Warnings that belong to no scenario.
    pub(crate) warnings: Vec<Located>,
    /// Whether it was told to stop.
    pub(crate) interrupted: bool,
    /// How it ended.
    pub(crate) finished: Option<RunFinished>,
    /// Milliseconds, as far as is known.
    pub(crate) elapsed_ms: f64,
}

/// A scenario, as far as it is known.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// Its title, its case and where it stands.
    pub(crate) started: ScenarioStarted,
    /// When it began, in RFC 3339.
    pub(crate) started_at: String,
    /// Milliseconds between the beginning of the run and its own.
    pub(crate) started_ms: f64,
    /// The steps that have ended.
    pub(crate) steps: Vec<Arc<Step>>,
    /// Warnings that belong to it.
    pub(crate) warnings: Vec<Located>,
    /// How it ended.
    pub(crate) outcome: Option<ScenarioFinished>,
}

/// Scenarios by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) flaky: usize,
    pub(crate) failed: usize,
    pub(crate) errored: usize,
    pub(crate) skipped: usize,
}

impl Summary {
    /// Takes the next event. `keep` says of a step whether what was sent and what came is needed.
    pub(crate) fn event(&mut self, event: &Event, keep: impl FnOnce(&Step) -> bool) {
        self.elapsed_ms = self.elapsed_ms.max(event.elapsed_ms);
        match &event.kind {
            Kind::RunStarted(plan) => {
                self.run.clone_from(&event.run);
                self.started_at.clone_from(&event.at);
                self.plan = Some(plan.clone());
            }
            Kind::ScenarioStarted(started) => {
                if let Some(instance) = event.instance {
                    self.scenarios.insert(instance, Scenario::new(started.clone(), event));
                }
            }
            Kind::StepFinished(step) => {
                if let Some(scenario) = self.of(event) {
                    let spare = step.exchange.is_some() && !keep(step);
                    scenario.steps.push(if spare { Arc::new(without_exchange(step)) } else { step.clone() });
                }
            }
            Kind::ScenarioFinished(outcome) => {
                if let Some(scenario) = self.of(event) {
                    scenario.outcome = Some(outcome.clone());
                }
            }
            Kind::Warning { problem } => match self.of(event) {
                Some(scenario) => scenario.warnings.push(problem.clone()),
                None => self.warnings.push(problem.clone()),
            },
            Kind::Interrupted => self.interrupted = true,
            Kind::RunFinished(finished) => self.finished = Some(finished.clone()),
        }
    }

    /// Ends what is still open: a run that was killed has no last event, and is reported all the same.
    pub(crate) fn close(&mut self) {
        for scenario in self.scenarios.values_mut().filter(|scenario| scenario.outcome.is_none()) {
            scenario.outcome = Some(ScenarioFinished {
                verdict: Verdict::Errored,
                reason: Some("interrupted".to_owned()),
                duration_ms: (self.elapsed_ms - scenario.started_ms).max(0.0),
            });
        }
    }

    /// Milliseconds that the run took.
    pub(crate) fn duration_ms(&self) -> f64 {
        self.finished.as_ref().map_or(self.elapsed_ms, |finished| finished.duration_ms)
    }

    fn of(&mut self, event: &Event) -> Option<&mut Scenario> {
        self.scenarios.get_mut(&event.instance?)
    }
}

impl Scenario {
    fn new(started: ScenarioStarted, event: &Event) -> Self {
        let (started_at, started_ms) = (event.at.clone(), event.elapsed_ms);
        Self { started, started_at, started_ms, steps: Vec::new(), warnings: Vec::new(), outcome: None }
    }

    /// How it ended. What has not ended is not known to hold.
    pub(crate) fn verdict(&self) -> Verdict {
        self.outcome.as_ref().map_or(Verdict::Errored, |outcome| outcome.verdict)
    }

    /// Why it was skipped or given up.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.outcome.as_ref().and_then(|outcome| outcome.reason.as_deref())
    }

    /// Milliseconds.
    pub(crate) fn duration_ms(&self) -> f64 {
        self.outcome.as_ref().map_or(0.0, |outcome| outcome.duration_ms)
    }

    /// Its title, with the case where it has several.
    pub(crate) fn title(&self) -> String {
        match &self.started.case {
            None => self.started.title.clone(),
            Some(case) if case.label.is_empty() => format!("{} [{}]", self.started.title, case.number),
            Some(case) => format!("{} [{}]", self.started.title, case.label),
        }
    }

    /// The step that decided its verdict.
    pub(crate) fn culprit(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.verdict.is_bad()).map(|step| &**step)
    }

    /// What kind of thing went wrong: the first that is no expectation, if there is one.
    pub(crate) fn class(&self) -> Option<Class> {
        let bad = self.steps.iter().filter(|step| step.verdict.is_bad());
        let mut classes = bad.flat_map(|step| &step.findings).map(|finding| finding.class);
        let first = classes.next()?;
        Some(std::iter::once(first).chain(classes).find(|class| *class != Class::Expectation).unwrap_or(first))
    }
}

impl Counts {
    /// Counts one more.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Passed => &mut self.passed,
            Verdict::Flaky => &mut self.flaky,
            Verdict::Failed => &mut self.failed,
            Verdict::Errored => &mut self.errored,
            Verdict::Skipped => &mut self.skipped,
        } += 1;
    }

    /// All of them.
    pub(crate) fn total(self) -> usize {
        self.passed + self.flaky + self.failed + self.errored + self.skipped
    }
}

impl From<&RunFinished> for Counts {
    fn from(run: &RunFinished) -> Self {
        let RunFinished { passed, flaky, failed, errored, skipped, .. } = *run;
        Self { passed, flaky, failed, errored, skipped }
    }
}

/// A copy of a step without what was sent and what came, which is most of it.
fn without_exchange(step: &Step) -> Step {
    Step {
        phase: step.phase,
        id: step.id.clone(),
        name: step.name.clone(),
        action: step.action.clone(),
        target: step.target.clone(),
        file: step.file.clone(),
        line: step.line,
        depth: step.depth,
        verdict: step.verdict,
        reason: step.reason.clone(),
        status: step.status,
        duration_ms: step.duration_ms,
        attempts: step.attempts,
        expectations: step.expectations,
        notes: step.notes.clone(),
        findings: step.findings.clone(),
        exchange: None,
        earlier: Vec::new(),
        coverage: None,
        mutants: None,
        rerun: step.rerun.clone(),
    }
}
