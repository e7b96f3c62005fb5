//! The dispatcher alone emits events: in one order, stamped, and redacted before anyone sees them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::event::{Class, Event, Finding, Kind, RunFinished, RunStarted, Sink, Verdict};
use crate::secret::Redactor;
use crate::source::Diagnostic;

use super::stop::Stopper;

/// After this long without an event, reports show what they held back.
const IDLE: Duration = Duration::from_millis(100);

/// The way to the dispatcher. Whoever has something to tell emits it there and then, one at a time: no other thread has
/// to be woken for it.
#[derive(Clone)]
pub(super) struct Outbox(Arc<Mutex<Dispatcher>>);

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

impl Outbox {
    pub(super) fn tell(&self, instance: Option<usize>, kind: Kind) {
        let mut dispatcher = self.lock();
        dispatcher.quiet = false;
        dispatcher.emit(instance, kind);
    }

    /// Tells that the user interrupted, once, and lets reports show what they held back whenever nothing happens for a
    /// while. Never ends by itself.
    pub(super) async fn attend(&self, stopper: &Stopper) {
        let mut interrupted = std::pin::pin!(stopper.interrupted());
        let mut told = false;
        let mut clock = tokio::time::interval(IDLE);
        loop {
            tokio::select! {
                biased;
                () = &mut interrupted, if !told => {
                    told = true;
                    self.lock().emit(None, Kind::Interrupted);
                }
                _ = clock.tick() => {
                    let mut dispatcher = self.lock();
                    if dispatcher.quiet {
                        dispatcher.sink.idle();
                    }
                    dispatcher.quiet = true;
                }
            }
        }
    }

    /// Emits the last event; gives what it says, and the sink back. What is told after it goes unheard.
    pub(super) fn end(&self, requests: usize, login_requests: usize) -> (RunFinished, Box<dyn Sink>) {
        self.lock().end(requests, login_requests)
    }

    fn lock(&self) -> MutexGuard<'_, Dispatcher> {
        // A report that panics ends the run; what the others were told stays good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What takes the place of the sink once the run is over.
struct Nowhere;

impl Sink for Nowhere {
    fn event(&mut self, _: &Event) {}

    fn finish(self: Box<Self>) -> Vec<Diagnostic> {
        Vec::new()
    }
}

/// Emits the events of one run.
pub(super) struct Dispatcher {
    run: String,
    started: Instant,
    redactor: Arc<Redactor>,
    sink: Box<dyn Sink>,
    tally: Tally,
    /// Whether nothing was told since the clock last ticked.
    quiet: bool,
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
    person: bool,
    environment: bool,
    interrupted: bool,
}

impl Dispatcher {
    /// The dispatcher of a run, as the way to it. It has told that the run begins.
    pub(super) fn begin(run: String, redactor: Arc<Redactor>, sink: Box<dyn Sink>, started: RunStarted) -> Outbox {
        let mut dispatcher = Self {
            run,
            started: Instant::now(),
            redactor,
            sink,
            tally: Tally::default(),
            quiet: true,
            stamped: (0, String::new()),
        };
        dispatcher.emit(None, Kind::RunStarted(started));
        Outbox(Arc::new(Mutex::new(dispatcher)))
    }

    fn end(&mut self, requests: usize, login_requests: usize) -> (RunFinished, Box<dyn Sink>) {
        let tally = &self.tally;
        let codes = [
            (tally.expectation, 1),
            (tally.auth, 3),
            (tally.person, 6),
            (tally.environment, 4),
            (tally.interrupted, 130),
        ];
        let exit_code = codes.into_iter().find_map(|(applies, code)| applies.then_some(code)).unwrap_or(0);
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
        (finished, std::mem::replace(&mut self.sink, Box::new(Nowhere)))
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
                Class::Person => self.person = true,
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
