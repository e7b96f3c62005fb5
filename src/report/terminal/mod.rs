//! The report that people read while the run goes on. Scenarios are shown in the order of the plan, whatever the order
//! they end in, each as soon as those before it have been shown.
//!
//! Passing scenarios have one line each, however many there are: a log of two runs can then be compared line by line, and
//! who wants less says `-q`.

mod block;
mod margin;
pub(super) mod paint;
mod progress;
mod recap;
mod screen;
mod table;

pub use screen::{ColourChoice, Screen};

use std::io::{self, Write};
use std::time::{Duration, Instant};

use self::block::Told;
use self::progress::Progress;
use self::recap::{Bad, Figures};
use super::summary::{Counts, Scenario, Summary};
use super::{Report, ReportError};
use crate::event::{Event, Kind};

/// How long lines wait to be written with others.
const PATIENCE: Duration = Duration::from_millis(100);

/// The same on a terminal, where somebody looks on.
const PATIENCE_OF_A_PERSON: Duration = Duration::from_millis(30);

/// Text that is written without waiting for more.
const ENOUGH: usize = 64 * 1024;

/// The lines of a screen, where it is not known.
const ROWS: usize = 40;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// `-q`: what failed, and the figures.
    Quiet,
    /// A line for what passed, a block for what failed.
    #[default]
    Normal,
    /// `-v`: every step, with the heads of requests and responses.
    Verbose,
    /// `-vv`: whole exchanges, as far as the events hold them.
    Full,
}

/// The human report.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    screen: Screen,
    verbosity: Verbosity,
    progress: Option<Progress>,
    summary: Summary,
    counts: Counts,
    bad: Vec<Bad>,
    told: Told,
    /// The place in the plan of the scenario that is shown next.
    next: usize,
    /// Text that waits to be written.
    pending: String,
    written: Instant,
    /// Whether anything has been shown.
    shown: bool,
    /// Whether a blank line has to come before what is shown next.
    gap: bool,
    /// Lines shown since the first block.
    lines: Option<usize>,
    ended: bool,
}

/// What blocks and lines are made for.
struct Page<'r> {
    screen: Screen,
    verbosity: Verbosity,
    environment: &'r str,
    seed: Option<u64>,
}

impl Terminal {
    /// Writes to `out`, for `screen`.
    pub fn new(out: Box<dyn Write + Send>, screen: Screen, verbosity: Verbosity) -> Self {
        Self {
            out,
            screen,
            verbosity,
            progress: screen.animated.then(Progress::new),
            summary: Summary::default(),
            counts: Counts::default(),
            bad: Vec::new(),
            told: Told::default(),
            next: 0,
            pending: String::new(),
            written: Instant::now(),
            shown: false,
            gap: false,
            lines: None,
            ended: false,
        }
    }

    fn page(&self) -> Page<'_> {
        let plan = self.summary.plan.as_ref();
        Page {
            screen: self.screen,
            verbosity: self.verbosity,
            environment: plan.map_or("", |plan| &plan.environment),
            seed: plan.map(|plan| plan.seed),
        }
    }

    /// Shows the scenarios whose turn it is.
    fn advance(&mut self) {
        while let Some(scenario) = self.summary.scenarios.get(&self.next)
            && scenario.outcome.is_some()
        {
            self.show_next(self.next);
        }
    }

    fn show_next(&mut self, instance: usize) {
        if let Some(scenario) = self.summary.scenarios.remove(&instance) {
            self.next = instance + 1;
            self.show(&scenario);
        }
    }

    fn show(&mut self, scenario: &Scenario) {
        let verdict = scenario.verdict();
        self.counts.add(verdict);
        if verdict.is_bad() {
            self.bad.push(Bad::of(scenario));
            if let Some(line) = block::as_above(scenario, &self.told, &self.page()) {
                return self.add_line(&line);
            }
        } else if self.verbosity == Verbosity::Quiet {
            return;
        } else if self.verbosity < Verbosity::Verbose && scenario.warnings.is_empty() {
            let line = block::line(scenario, &self.page());
            return self.add_line(&line);
        }
        let mut told = std::mem::take(&mut self.told);
        let block = block::block(scenario, &mut told, &self.page());
        self.told = told;
        if verdict.is_bad() {
            self.lines.get_or_insert(0);
        }
        if verdict.is_bad() || self.verbosity == Verbosity::Full || !scenario.warnings.is_empty() {
            self.add_block(&block);
        } else {
            self.add_line(&block);
        }
    }

    fn add_line(&mut self, line: &str) {
        if std::mem::take(&mut self.gap) {
            self.pending.push('\n');
        }
        self.add(line);
    }

    /// A block has a blank line before and after it.
    fn add_block(&mut self, block: &str) {
        self.gap = self.shown;
        self.add_line(block);
        self.gap = true;
    }

    fn add(&mut self, text: &str) {
        self.shown = true;
        self.pending.push_str(text);
        if let Some(lines) = &mut self.lines {
            *lines += text.matches('\n').count();
        }
    }

    /// Shows what is left, and the figures.
    fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.summary.close();
        while let Some((&instance, _)) = self.summary.scenarios.first_key_value() {
            self.show_next(instance);
        }
        let bad = std::mem::take(&mut self.bad);
        let rows = self.screen.rows.unwrap_or(ROWS);
        if bad.len() > 1 || (!bad.is_empty() && self.lines.is_some_and(|lines| lines > rows)) {
            let list = recap::list(&bad, &self.page());
            self.add_block(&list);
        }
        let finished = self.summary.finished.as_ref();
        let figures = Figures {
            counts: finished.map_or(self.counts, Counts::from),
            planned: self.summary.plan.as_ref().map_or(0, |plan| plan.scenarios),
            requests: finished.map(|finished| (finished.requests, finished.login_requests)),
            duration_ms: self.summary.duration_ms(),
            interrupted: self.summary.interrupted || finished.is_none(),
            bad: &bad,
        };
        let figures = recap::figures(&figures, &self.page());
        if self.verbosity == Verbosity::Quiet { self.add_line(&figures) } else { self.add_block(&figures) }
    }

    fn patience(&self) -> Duration {
        if self.screen.is_terminal() { PATIENCE_OF_A_PERSON } else { PATIENCE }
    }

    fn write(&mut self) -> Result<(), ReportError> {
        self.written = Instant::now();
        if self.pending.is_empty() {
            return Ok(());
        }
        let (out, text) = (&mut self.out, &self.pending);
        let mut write = || out.write_all(text.as_bytes()).and_then(|()| out.flush());
        let written = match &self.progress {
            Some(progress) => progress.suspend(write),
            None => write(),
        };
        self.pending.clear();
        written.map_err(|source: io::Error| ReportError { path: "the terminal report".to_owned(), source })
    }
}

impl Report for Terminal {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        let whole = self.verbosity >= Verbosity::Verbose;
        self.summary.event(event, |step| whole || step.verdict.is_bad());
        match &event.kind {
            Kind::ScenarioFinished(_) => self.advance(),
            Kind::Warning { .. } if !self.summary.warnings.is_empty() => {
                for problem in std::mem::take(&mut self.summary.warnings) {
                    let text = block::warning(&problem, self.screen.colour, self.screen.columns);
                    self.add_block(&text);
                }
            }
            Kind::Interrupted => {
                self.add_block(
                    "interrupted: no new step starts, and teardowns are run; press Ctrl-C again to stop at once\n",
                );
            }
            Kind::RunFinished(_) => self.end(),
            _ => {}
        }
        if let Some(progress) = &mut self.progress {
            progress.event(event);
        }
        if self.ended || self.pending.len() > ENOUGH || self.written.elapsed() >= self.patience() {
            return self.write();
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), ReportError> {
        self.write()?;
        if let Some(progress) = &mut self.progress {
            progress.idle();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.end();
        if let Some(progress) = &mut self.progress {
            progress.clear();
        }
        self.write()
    }
}
