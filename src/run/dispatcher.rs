//! The dispatcher alone emits events: in one order, stamped, and redacted before anyone sees them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::event::{Class, Event, Finding, Kind, RunFinished, RunStarted, Sink, Verdict};
use crate::secret::Redactor;

use super::stop::Stopper;

/// After this long without an event, reports show what they held back.
const IDLE: Duration = Duration::from_millis(100);

/// What the tasks of a run tell the dispatcher.
pub(super) struct Message {
    pub(super) instance: Option<usize>,
    pub(super) kind: Kind,
}

/// The way to the dispatcher.
#[derive(Debug, Clone)]
pub(super) struct Outbox(mpsc::UnboundedSender<Message>);

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({:?})", self.instance)
    }
}

impl Outbox {
    pub(super) fn tell(&self, instance: Option<usize>, kind: Kind) {
        // The dispatcher outlives every task; where it does not, the run is over and nobody listens.
        let _ = self.0.send(Message { instance, kind });
    }
}

/// Emits the events of one run.
pub(super) struct Dispatcher {
    run: String,
    started: Instant,
    redactor: Arc<Redactor>,
    sink: Box<dyn Sink>,
    inbox: mpsc::UnboundedReceiver<Message>,
    tally: Tally,
    /// The last stamp: its millisecond and its text.
    stamped: (i64, String),
}

/// What the last event sums up.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    flaky: usize,
    failed: usize,
    errored: usize,
    skipped: usize,
    expectation: bool,
    auth: bool,
    environment: bool,
    interrupted: bool,
}

impl Dispatcher {
    pub(super) fn new(run: String, redactor: Arc<Redactor>, sink: Box<dyn Sink>) -> (Self, Outbox) {
        let (sender, inbox) = mpsc::unbounded_channel();
        let dispatcher = Self {
            run,
            started: Instant::now(),
            redactor,
            sink,
            inbox,
            tally: Tally::default(),
            stamped: (0, String::new()),
        };
        (dispatcher, Outbox(sender))
    }

    pub(super) fn begin(&mut self, started: RunStarted) {
        self.emit(None, Kind::RunStarted(started));
    }

    /// Emits what the tasks tell, until all of them are gone; and, once, that the user interrupted.
    pub(super) async fn run(&mut self, stopper: &Stopper) {
        let mut interrupted = std::pin::pin!(stopper.interrupted());
        let mut told = false;
        let mut clock = tokio::time::interval(IDLE);
        let mut quiet = true;
        loop {
            tokio::select! {
                biased;
                () = &mut interrupted, if !told => {
                    told = true;
                    self.emit(None, Kind::Interrupted);
                }
                message = self.inbox.recv() => match message {
                    Some(Message { instance, kind }) => {
                        quiet = false;
                        self.emit(instance, kind);
                    }
                    None => return,
                },
                _ = clock.tick() => {
                    if quiet {
                        self.sink.idle();
                    }
                    quiet = true;
                }
            }
        }
    }

    /// Emits the last event; gives what it says, and the sink back.
    pub(super) fn end(mut self, requests: usize, login_requests: usize) -> (RunFinished, Box<dyn Sink>) {
        let tally = &self.tally;
        let exit_code = [(tally.expectation, 1), (tally.auth, 3), (tally.environment, 4), (tally.interrupted, 130)]
            .into_iter()
            .find_map(|(applies, code)| applies.then_some(code))
            .unwrap_or(0);
        let finished = RunFinished {
            passed: tally.passed,
            flaky: tally.flaky,
            failed: tally.failed,
            errored: tally.errored,
            skipped: tally.skipped,
            requests,
            login_requests,
            duration_ms: millis(self.started.elapsed()),
            exit_code,
        };
        self.emit(None, Kind::RunFinished(finished.clone()));
        (finished, self.sink)
    }

    /// The time to the millisecond. Events come faster than that: most share a stamp, which is written once.
    fn stamp(&mut self) -> String {
        let now = jiff::Timestamp::now();
        let millisecond = now.as_millisecond();
        if self.stamped.0 != millisecond {
            self.stamped = (millisecond, format!("{now:.3}"));
        }
        self.stamped.1.clone()
    }

    fn emit(&mut self, instance: Option<usize>, kind: Kind) {
        self.tally.count(&kind);
        let at = self.stamp();
        let elapsed_ms = millis(self.started.elapsed());
        let mut event = Event { run: self.run.clone(), at, elapsed_ms, instance, kind };
        event.for_each_text(|text| self.redactor.apply(text));
        self.sink.event(&event);
    }
}

impl Tally {
    fn count(&mut self, kind: &Kind) {
        match kind {
            Kind::StepFinished(step) => step.findings.iter().for_each(|Finding { class, .. }| match class {
                Class::Expectation | Class::Scenario => self.expectation = true,
                Class::Auth => self.auth = true,
                Class::Environment => self.environment = true,
            }),
            Kind::ScenarioFinished(finished) => match finished.verdict {
                Verdict::Passed => self.passed += 1,
                Verdict::Flaky => self.flaky += 1,
                Verdict::Failed => self.failed += 1,
                Verdict::Errored => self.errored += 1,
                Verdict::Skipped => self.skipped += 1,
            },
            Kind::Interrupted => self.interrupted = true,
            _ => {}
        }
    }
}

/// A duration in milliseconds, to the microsecond.
pub(super) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
