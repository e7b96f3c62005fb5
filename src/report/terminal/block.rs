//! A scenario as a person reads it: one line if it passed; if not, its steps, everything that did not hold with the
//! place in the file, what was sent and what came, and how to run it again.

use std::collections::HashSet;

use super::super::exchange::{Detail, Line};
use super::super::summary::Scenario;
use super::super::text::{cut_middle, duration, harmless, one_line, pad, width};
use super::paint::{Tone, mark, paint};
use super::{Page, Verbosity, table};
use crate::event::{Class, Finding, Phase, Step, Verdict};
use crate::source::{Colour, Severity, render_within};

/// The column at which the facts of a scenario begin, where the screen is wide enough.
const FACTS_AT: usize = 66;

/// A path is not cut to fewer columns than these: it is left out.
const PATH_COLUMNS: usize = 16;

/// What has been told in full, so that it need not be told again: an unreachable environment is told once, not once
/// for every scenario.
#[derive(Debug, Default)]
pub(super) struct Told(HashSet<(String, String)>);

impl Told {
    fn key(finding: &Finding) -> Option<(String, String)> {
        let shared = matches!(finding.class, Class::Auth | Class::Person | Class::Environment);
        shared.then(|| (finding.problem.id.clone(), finding.problem.message.clone()))
    }

    fn has(&self, finding: &Finding) -> bool {
        Self::key(finding).is_some_and(|key| self.0.contains(&key))
    }

    /// Notes a finding; whether it is news.
    fn is_news(&mut self, finding: &Finding) -> bool {
        Self::key(finding).is_none_or(|key| self.0.insert(key))
    }
}

/// The line of a scenario that needs no more than that.
pub(super) fn line(scenario: &Scenario, page: &Page<'_>) -> String {
    let (facts, path) = match scenario.verdict() {
        Verdict::Skipped => (scenario.reason().unwrap_or("skipped").to_owned(), None),
        Verdict::Passed => (facts(scenario, page), None),
        Verdict::Flaky => {
            (format!("{} · {}", facts(scenario, page), scenario.reason().unwrap_or("passed on a retry")), None)
        }
        Verdict::Failed | Verdict::Errored => (facts(scenario, page), Some(scenario.started.file.as_str())),
    };
    head(scenario, &facts, path, page)
}

/// The line of a scenario in which nothing went wrong but what has been told in full before.
pub(super) fn as_above(scenario: &Scenario, told: &Told, page: &Page<'_>) -> Option<String> {
    let bad = || scenario.steps.iter().filter(|step| step.verdict.is_bad());
    let mut findings = bad().flat_map(|step| &step.findings).peekable();
    let id = findings.peek()?.problem.id.clone();
    if page.verbosity >= Verbosity::Verbose || !findings.all(|finding| told.has(finding)) {
        return None;
    }
    Some(head(scenario, &format!("{id}, as above"), None, page))
}

/// Everything about a scenario.
pub(super) fn block(scenario: &Scenario, told: &mut Told, page: &Page<'_>) -> String {
    let mut out = line(scenario, page);
    if scenario.verdict().is_bad() || page.verbosity >= Verbosity::Verbose {
        table::steps(&mut out, scenario, page);
    }
    if let Some(reason) = scenario.reason().filter(|_| scenario.verdict().is_bad()) {
        out.push_str("  ");
        paint(&mut out, page.screen.colour, Tone::of(scenario.verdict()), mark(scenario.verdict()));
        out.push(' ');
        out.push_str(&one_line(reason));
        out.push('\n');
    }
    for problem in &scenario.warnings {
        out.push('\n');
        out.push_str(&render_within(problem, page.screen.colour, page.screen.columns));
        out.push('\n');
    }
    for step in scenario.steps.iter().filter(|step| step.verdict.is_bad()) {
        findings(&mut out, step, told, page);
    }
    out
}

/// Adds what went wrong in a step.
fn findings(out: &mut String, step: &Step, told: &mut Told, page: &Page<'_>) {
    let mut news = false;
    for finding in &step.findings {
        out.push('\n');
        if told.is_news(finding) {
            news = true;
            out.push_str(&render_within(&finding.problem, page.screen.colour, page.screen.columns));
        } else {
            known(out, finding, page);
        }
        out.push('\n');
    }
    if !news && !step.findings.is_empty() {
        return;
    }
    out.push('\n');
    let detail = if page.verbosity == Verbosity::Full { Detail::Whole } else { Detail::Excerpt };
    table::exchange(out, step, detail, 2, page);
    let mut add = |label, text| table::labelled(out, &Line { label, aside: false, text }, 2, page);
    if let Some(rerun) = &step.rerun {
        add("rerun", format!("callsheet run {}", one_line(rerun)));
    }
    if let Some(seed) = page.seed
        && !step.rerun.as_ref().is_some_and(|rerun| rerun.contains("--seed"))
    {
        add("seed", seed.to_string());
    }
}

/// Adds the head line of a finding that was told in full before.
fn known(out: &mut String, finding: &Finding, page: &Page<'_>) {
    let problem = &finding.problem;
    let tone = if problem.severity == Severity::Error { Tone::Bad } else { Tone::Doubtful };
    paint(out, page.screen.colour, tone, &format!("{}[{}]", problem.severity.name(), problem.id));
    out.push_str(": ");
    out.push_str(&harmless(&problem.message));
    paint(out, page.screen.colour, Tone::Quiet, " (as above)");
}

fn facts(scenario: &Scenario, page: &Page<'_>) -> String {
    let mut facts = format!("{} · {}", page.environment, duration(scenario.duration_ms()));
    match scenario.culprit().filter(|_| scenario.verdict().is_bad()).map(|step| step.phase) {
        Some(Phase::Setup) => facts.push_str(" · setup failed"),
        Some(Phase::Teardown) => facts.push_str(" · teardown failed"),
        Some(Phase::Auth | Phase::Steps) | None => {}
    }
    facts
}

/// Mark, title, facts and path. The facts of all scenarios begin in one column as long as there is room. On a terminal
/// the path is cut first, then the title; in a log, where people search for titles, nothing is.
fn head(scenario: &Scenario, facts: &str, path: Option<&str>, page: &Page<'_>) -> String {
    let columns = page.screen.columns;
    let mut facts = one_line(facts).into_owned();
    let mut title = one_line(&scenario.title()).into_owned();
    let mut path = path.map(|path| one_line(path).into_owned());
    if page.screen.is_terminal() {
        title = cut_middle(&title, columns.saturating_sub(4 + width(&facts)).max(20)).into_owned();
        let room = columns.saturating_sub(2 + width(&title) + 2 + width(&facts) + 3);
        path =
            path.filter(|path| room >= PATH_COLUMNS.min(width(path))).map(|path| cut_middle(&path, room).into_owned());
    }
    if let Some(path) = path {
        facts = format!("{facts} · {path}");
    }
    let mut at = FACTS_AT.min(columns * 2 / 3);
    if page.screen.is_terminal() {
        at = at.min(columns.saturating_sub(width(&facts)));
    }

    let mut out = String::with_capacity(columns + 32);
    let verdict = scenario.verdict();
    paint(&mut out, page.screen.colour, Tone::of(verdict), mark(verdict));
    out.push(' ');
    let tone = match verdict {
        Verdict::Failed | Verdict::Errored => Tone::Strong,
        Verdict::Skipped => Tone::Quiet,
        Verdict::Passed | Verdict::Flaky => Tone::Plain,
    };
    paint(&mut out, page.screen.colour, tone, &title);
    pad(&mut out, 2 + width(&title), at.max(2 + width(&title) + 2));
    paint(&mut out, page.screen.colour, Tone::Quiet, &facts);
    out.push('\n');
    out
}

/// A problem that belongs to no scenario.
pub(super) fn warning(problem: &crate::source::Located, colour: Colour, columns: usize) -> String {
    let mut out = render_within(problem, colour, columns);
    out.push('\n');
    out
}
