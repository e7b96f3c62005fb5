//! What becomes of a scenario that is cut short, by the user or because its time is used up: the step that ran is told
//! as far as it had come, and those that were never begun are named.

use std::time::{Duration, Instant};

use super::dispatcher::millis;
use super::record;
use super::scenario::{ScenarioRun, TEARDOWN_LIMIT};
use crate::event::{Class, Finding, Phase, Step as StepEvent, Verdict};
use crate::http::Request;
use crate::source::{Diagnostic, Span};

/// A step that runs, as far as it has come.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) event: StepEvent,
    pub(super) at: Span,
    pub(super) started: Instant,
    /// What was sent and not yet answered.
    pub(super) sent: Option<(Request, Instant)>,
}

impl Current {
    pub(super) fn new(event: StepEvent, at: Span) -> Self {
        Self { event, at, started: Instant::now(), sent: None }
    }
}

/// Why a phase ended before its last step.
pub(super) enum Cut {
    Failed,
    Interrupted,
    /// The scenario's own time was used up.
    TimedOut(Duration),
    /// The time of every teardown was.
    TeardownTimedOut,
}

impl ScenarioRun<'_> {
    /// Tells of the step that was cut short and of those that were never begun, and why in words.
    pub(super) fn cut(&mut self, cut: &Cut) -> Option<String> {
        let seconds = crate::source::Duration;
        let (reason, advice) = match *cut {
            Cut::Failed => return None,
            Cut::Interrupted => ("interrupted".to_owned(), None),
            Cut::TimedOut(limit) => (
                format!("the scenario's `timeout` of {} ended", seconds(limit)),
                Some("allow more with the scenario's `timeout`, or find out why the service is slow"),
            ),
            Cut::TeardownTimedOut => (
                format!("the {} that a teardown may take ended", seconds(TEARDOWN_LIMIT)),
                Some("find out why the service is slow; what was not cleaned up may have to be removed by hand"),
            ),
        };
        let problem = |at: Span| {
            let advice = advice?;
            let problem = Diagnostic::error("scenario.timeout", format!("{reason} in this step")).at(at, "");
            let limit = self.instance.file.scenario.at.key("timeout").filter(|_| matches!(cut, Cut::TimedOut(_)));
            let problem = limit.into_iter().fold(problem, |problem, at| problem.at(at, "it is set here"));
            Some(Finding::of(Class::Environment, &problem.help(advice), &self.environment.sources))
        };
        let event = match self.current.take() {
            Some(current) => {
                let finding = problem(current.at);
                let mut event = self.abandoned(current);
                event.findings.extend(finding);
                event.reason = advice.is_none().then(|| reason.clone());
                Some(event)
            }
            // Not even the first step was begun.
            None => problem(self.instance.file.scenario.title.span).map(|finding| {
                let mut event = self.bare(Phase::Setup, "timeout", self.instance.file.scenario.title.span);
                event.verdict = Verdict::Errored;
                event.findings.push(finding);
                event
            }),
        };
        self.seen.errored = true;
        if let Some(event) = event {
            self.tell(event);
        }
        self.skip_all(&reason);
        Some(reason)
    }

    /// The event of a step that was cut short.
    fn abandoned(&self, current: Current) -> StepEvent {
        let mut event = current.event;
        event.duration_ms = millis(current.started.elapsed());
        event.verdict = Verdict::Errored;
        event.rerun = Some(self.rerun(event.line));
        if let Some((request, since)) = current.sent {
            let options = &self.environment.options;
            let exchange =
                record::exchange(&request, None, since.elapsed(), &self.environment.redactor, options.excerpt);
            event.exchange = Some(Box::new(exchange));
        }
        event
    }
}
