//! The line at the bottom of the terminal while a run goes on: how far it has come, and what is under way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::text::{cut_middle, one_line};
use super::margin::Margin;
use crate::event::{Event, Kind};

/// A run that is over before this shows no progress at all: a line that only flashes tells nothing.
const PATIENCE: Duration = Duration::from_millis(250);

/// The columns that one name may take.
const NAME_COLUMNS: usize = 32;

/// The progress of a run. Draws on standard error.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    since: Instant,
    planned: usize,
    done: usize,
    bad: usize,
    running: BTreeMap<usize, String>,
}

impl Progress {
    /// Progress that is shown once the run has taken a moment.
    pub(super) fn new() -> Self {
        Self { bar: None, since: Instant::now(), planned: 0, done: 0, bad: 0, running: BTreeMap::new() }
    }

    /// Takes the next event.
    pub(super) fn event(&mut self, event: &Event) {
        match (&event.kind, event.instance) {
            (Kind::RunStarted(plan), _) => self.planned = plan.scenarios,
            (Kind::ScenarioStarted(started), Some(instance)) => {
                self.running.insert(instance, cut_middle(&one_line(&started.title), NAME_COLUMNS).into_owned());
            }
            (Kind::ScenarioFinished(outcome), Some(instance)) => {
                self.running.remove(&instance);
                self.done += 1;
                self.bad += usize::from(outcome.verdict.is_bad());
            }
            (Kind::RunFinished(_), _) => return self.clear(),
            _ => return,
        }
        self.show();
    }

    /// Draws what has changed with time alone.
    pub(super) fn idle(&mut self) {
        self.show();
        if let Some(bar) = &self.bar {
            bar.tick();
        }
    }

    /// Runs `with` while the line is not there.
    pub(super) fn suspend<T>(&self, with: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(with),
            None => with(),
        }
    }

    /// Takes the line away for good.
    pub(super) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self) {
        if self.bar.is_none() && self.since.elapsed() >= PATIENCE && self.done < self.planned {
            self.bar = Some(bar(self.planned));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done as u64);
            bar.set_message(self.message());
        }
    }

    fn message(&self) -> String {
        let mut parts = Vec::new();
        if self.bad > 0 {
            parts.push(format!("{} not passed", self.bad));
        }
        let names: Vec<&str> = self.running.values().take(3).map(String::as_str).collect();
        let more = self.running.len() - names.len();
        if !names.is_empty() {
            parts.push(names.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() });
        }
        parts.join(" · ")
    }
}

fn bar(planned: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner:.cyan} {pos} of {len} · {elapsed} · {wide_msg}");
    // A template that cannot be read would be a slip of this file, and no reason to have no progress at all.
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ");
    ProgressBar::with_draw_target(Some(planned as u64), ProgressDrawTarget::term_like_with_hz(Box::new(Margin), 10))
        .with_style(style)
}
