//! The steps of a scenario, one a line, what is alike below what is alike.

use super::super::exchange::{self, Detail};
use super::super::summary::Scenario;
use super::super::text::{count, cut_end, cut_middle, duration, one_line, pad, width};
use super::paint::{Tone, mark, paint};
use super::{Page, Verbosity};
use crate::event::{Phase, Step, Verdict};

/// The columns that what a step is done to takes at least, so that tables of different scenarios look alike.
const SUBJECT_COLUMNS: usize = 22;

/// The columns that the outcome takes at least.
const FACTS_COLUMNS: usize = 14;

/// So many steps in a row that passed are all shown; of more, only some.
const PASSED: usize = 12;

/// The same for those that were skipped for one reason.
const SKIPPED: usize = 5;

/// So many of them are shown at either end.
const ENDS: usize = 2;

/// A wait for a token that others fetch is worth saying from here on.
const WAITED_MS: f64 = 100.0;

/// A line of the table.
struct Row<'s> {
    step: &'s Step,
    action: String,
    subject: String,
    facts: String,
    tail: String,
}

/// Adds the table.
pub(super) fn steps(out: &mut String, scenario: &Scenario, page: &Page<'_>) {
    let rows: Vec<Row<'_>> = scenario.steps.iter().map(|step| Row::of(step, page)).collect();
    let columns = Columns::of(&rows, page.screen.columns);
    let parts = scenario.steps.iter().any(|step| matches!(step.phase, Phase::Setup | Phase::Teardown));
    let mut phase = Phase::Auth;
    let mut at = 0;
    while at < rows.len() {
        let step = rows[at].step;
        if parts && step.phase != phase && step.phase != Phase::Auth {
            out.push_str("  ");
            paint(out, page.screen.colour, Tone::Quiet, phase_name(step.phase));
            out.push('\n');
        }
        phase = step.phase;
        let alike = rows[at..].iter().take_while(|row| row.is_like(&rows[at])).count();
        let most = if step.verdict == Verdict::Skipped { SKIPPED } else { PASSED };
        if alike > most && page.verbosity < Verbosity::Verbose {
            let (first, last) = (at + ENDS, at + alike - ENDS);
            rows[at..first].iter().for_each(|row| row.add(out, &columns, page));
            let said = if step.verdict == Verdict::Skipped { "were skipped" } else { "passed" };
            let indent = " ".repeat(2 + 2 * step.depth);
            paint(out, page.screen.colour, Tone::Quiet, &format!("{indent}… {} {said}\n", count(last - first, "step")));
            rows[last..at + alike].iter().for_each(|row| row.add(out, &columns, page));
        } else {
            rows[at..at + alike].iter().for_each(|row| row.add(out, &columns, page));
        }
        at += alike;
    }
}

/// The columns of a table.
struct Columns {
    action: usize,
    subject: usize,
    facts: usize,
}

impl Columns {
    fn of(rows: &[Row<'_>], all: usize) -> Self {
        let widest = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let action = widest(|row| width(&row.action)).max(4);
        let facts = widest(|row| if row.tail.is_empty() { 0 } else { width(&row.facts) }).max(FACTS_COLUMNS);
        let outcome = widest(|row| width(&row.facts)).max(widest(|row| {
            if row.tail.is_empty() { 0 } else { width(&row.facts).max(FACTS_COLUMNS) + 2 + width(&row.tail).min(34) }
        }));
        // Mark and action, with the space around them.
        let before = 4 + action + 2;
        let most = all.saturating_sub(before + 2 + outcome).max(SUBJECT_COLUMNS);
        let subject = widest(|row| width(&row.subject) + 2 * row.step.depth).clamp(SUBJECT_COLUMNS, most);
        Self { action, subject, facts }
    }
}

impl<'s> Row<'s> {
    fn of(step: &'s Step, page: &Page<'_>) -> Self {
        let subject = one_line(step.name.as_deref().unwrap_or(&step.target)).into_owned();
        let (facts, tail) = match step.verdict {
            Verdict::Skipped => (one_line(step.reason.as_deref().unwrap_or("skipped")).into_owned(), String::new()),
            _ if step.phase == Phase::Auth => (auth_facts(step), tail(step, page)),
            _ => (call_facts(step), tail(step, page)),
        };
        Self { step, action: one_line(&step.action).into_owned(), subject, facts, tail }
    }

    fn is_like(&self, other: &Self) -> bool {
        let key = |row: &Self| (row.step.phase, row.step.depth, row.step.verdict, row.step.reason.clone());
        matches!(self.step.verdict, Verdict::Passed | Verdict::Skipped) && key(self) == key(other)
            || std::ptr::eq(self.step, other.step)
    }

    fn add(&self, out: &mut String, columns: &Columns, page: &Page<'_>) {
        let (colour, step) = (page.screen.colour, self.step);
        let indent = 2 * step.depth;
        pad(out, 0, 2 + indent);
        paint(out, colour, Tone::of(step.verdict), mark(step.verdict));
        out.push(' ');
        out.push_str(&self.action);
        pad(out, width(&self.action), columns.action + 2);
        // A path is known by its ends, a way of calling it wrongly by its beginning.
        let cut = if self.step.action == "auth_check" { cut_end } else { cut_middle };
        let subject = cut(&self.subject, columns.subject.saturating_sub(indent));
        out.push_str(&subject);
        pad(out, width(&subject) + indent, columns.subject + 2);
        let taken = 4 + columns.action + 2 + columns.subject + 2;
        let room = page.screen.columns.saturating_sub(taken).max(FACTS_COLUMNS);
        let room = if page.screen.is_terminal() { room } else { usize::MAX };
        let facts = cut_end(&self.facts, room);
        paint(out, colour, if step.verdict.is_bad() { Tone::Plain } else { Tone::Quiet }, &facts);
        if !self.tail.is_empty() {
            pad(out, width(&facts), columns.facts + 2);
            let tone = if step.verdict.is_bad() { Tone::of(step.verdict) } else { Tone::Quiet };
            paint(out, colour, tone, &cut_end(&self.tail, room.saturating_sub(columns.facts + 2).max(FACTS_COLUMNS)));
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
        if page.verbosity >= Verbosity::Verbose && !step.verdict.is_bad() {
            let detail = if page.verbosity == Verbosity::Full { Detail::Whole } else { Detail::Head };
            exchange(out, step, detail, 6 + indent, page);
        }
    }
}

/// Adds what was sent and what came.
pub(super) fn exchange(out: &mut String, step: &Step, detail: Detail, indent: usize, page: &Page<'_>) {
    let columns = page.screen.columns.saturating_sub(indent + exchange::LABEL_COLUMNS);
    for line in exchange::lines(step, detail, columns) {
        labelled(out, &line, indent, page);
    }
}

/// Adds a line with its label.
pub(super) fn labelled(out: &mut String, line: &exchange::Line, indent: usize, page: &Page<'_>) {
    pad(out, 0, indent);
    paint(out, page.screen.colour, Tone::Quiet, line.label);
    pad(out, width(line.label), exchange::LABEL_COLUMNS);
    let tone = if line.aside { Tone::Quiet } else { Tone::Plain };
    paint(out, page.screen.colour, tone, &super::super::text::harmless(&line.text));
    out.push('\n');
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Auth => "auth",
        Phase::Setup => "setup",
        Phase::Steps => "steps",
        Phase::Teardown => "teardown",
    }
}

/// Where a token came from, which the first note says, and what that took if it took anything worth saying.
fn auth_facts(step: &Step) -> String {
    let took = duration(step.duration_ms);
    match step.notes.first() {
        None => took,
        Some(origin) if step.duration_ms < 0.5 => one_line(origin).into_owned(),
        // Whoever reuses a token may have waited a moment for the one who fetched it.
        Some(origin) if origin.starts_with("reused") && step.duration_ms < WAITED_MS => one_line(origin).into_owned(),
        Some(origin) => format!("{} · {took}", one_line(origin)),
    }
}

fn call_facts(step: &Step) -> String {
    match step.status {
        Some(status) => format!("{status} · {}", duration(step.duration_ms)),
        None => duration(step.duration_ms),
    }
}

/// What is to be said of a step after its outcome.
fn tail(step: &Step, page: &Page<'_>) -> String {
    let mut parts = Vec::new();
    let failed = step.expectations.total - step.expectations.held.min(step.expectations.total);
    if step.verdict.is_bad() {
        match step.findings.first() {
            _ if failed > 0 => parts.push(format!("{failed} of {} expectations failed", step.expectations.total)),
            Some(finding) => parts.push(finding.problem.id.clone()),
            None => {}
        }
    }
    // How an auth step went is said by its first note already; the rest is for who wants to know more.
    let notes = match step.phase {
        Phase::Auth if page.verbosity < Verbosity::Verbose => &[],
        Phase::Auth => step.notes.get(1..).unwrap_or_default(),
        _ => step.notes.as_slice(),
    };
    parts.extend(notes.chunk_by(|a, b| a == b).map(|alike| match alike.len() {
        1 => one_line(&alike[0]).into_owned(),
        times => format!("{}, {times} times", one_line(&alike[0])),
    }));
    if step.attempts > 1 && notes.is_empty() {
        parts.push(count(step.attempts as usize, "attempt"));
    }
    if page.verbosity >= Verbosity::Verbose && step.name.is_some() {
        parts.push(one_line(&step.target).into_owned());
    }
    parts.join(" · ")
}
