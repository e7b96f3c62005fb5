//! The end of the human report: what went wrong once more in short, and the figures.

use std::collections::HashMap;

use super::super::summary::{Counts, Scenario};
use super::super::text::{count, cut_middle, duration, one_line, padded, width};
use super::Page;
use super::paint::{Tone, mark, paint};
use crate::event::{Class, Verdict};

/// So many scenarios are listed once more; a list of hundreds is no help.
const MOST: usize = 40;

/// A title is not cut to fewer columns than these.
const FEWEST: usize = 20;

/// A scenario that failed or errored, in short.
#[derive(Debug)]
pub(super) struct Bad {
    verdict: Verdict,
    title: String,
    place: String,
    class: Option<Class>,
    /// The identifier of what went wrong first.
    id: String,
    /// What went wrong, for those in which the same may have gone wrong as in others: identifier and message.
    cause: Option<(String, String)>,
}

impl Bad {
    /// Remembers a scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let culprit = scenario.culprit();
        let first = culprit.and_then(|step| step.findings.first());
        let place = match (first.and_then(|finding| finding.problem.places.first()), culprit) {
            (Some(place), _) => format!("{}:{}", place.path, place.line),
            (None, Some(step)) => format!("{}:{}", step.file, step.line),
            (None, None) => format!("{}:{}", scenario.started.file, scenario.started.line),
        };
        let shared = first.filter(|finding| matches!(finding.class, Class::Auth | Class::Person | Class::Environment));
        Self {
            verdict: scenario.verdict(),
            title: one_line(&scenario.title()).into_owned(),
            place: one_line(&place).into_owned(),
            class: scenario.class(),
            id: first.map(|finding| finding.problem.id.clone()).unwrap_or_default(),
            cause: shared.map(|finding| (finding.problem.id.clone(), finding.problem.message.clone())),
        }
    }
}

/// The list of what went wrong: a line each, those with one cause as one.
pub(super) fn list(all: &[Bad], page: &Page<'_>) -> String {
    let mut by_cause: HashMap<&(String, String), usize> = HashMap::new();
    for cause in all.iter().filter_map(|bad| bad.cause.as_ref()) {
        *by_cause.entry(cause).or_default() += 1;
    }
    let mut shown: Vec<(&Bad, usize)> = Vec::new();
    for bad in all {
        match bad.cause.as_ref().map(|cause| by_cause.remove(cause)) {
            None => shown.push((bad, 0)),
            Some(Some(times)) => shown.push((bad, times - 1)),
            // The first one of the same cause stands for it.
            Some(None) => {}
        }
    }
    let widest = |of: fn(&Bad) -> &str| shown.iter().take(MOST).map(|(bad, _)| width(of(bad))).max().unwrap_or(0);
    let (titles, places, ids) = (widest(|bad| &bad.title), widest(|bad| &bad.place), widest(|bad| &bad.id));
    // On a terminal the identifier gives way first, then the title; in a log there is room for everything.
    let room = if page.screen.is_terminal() { page.screen.columns.saturating_sub(4 + 2 + places) } else { usize::MAX };
    let with_ids = titles.saturating_add(2 + ids) <= room;
    let titles = titles.min(room.max(FEWEST));
    let mut out = String::new();
    for (bad, more) in shown.iter().take(MOST) {
        out.push_str("  ");
        paint(&mut out, page.screen.colour, Tone::of(bad.verdict), mark(bad.verdict));
        let title = cut_middle(&bad.title, titles);
        out.push(' ');
        out.push_str(&padded(&title, titles + 2));
        let place = if with_ids { padded(&bad.place, places + 2) + &bad.id } else { bad.place.clone() };
        paint(&mut out, page.screen.colour, Tone::Quiet, place.trim_end());
        out.push('\n');
        if *more > 0 {
            paint(&mut out, page.screen.colour, Tone::Quiet, &format!("    and {more} more for the same reason\n"));
        }
    }
    if shown.len() > MOST {
        paint(&mut out, page.screen.colour, Tone::Quiet, &format!("    and {} more\n", shown.len() - MOST));
    }
    out
}

/// The figures of a run.
pub(super) struct Figures<'r> {
    /// Scenarios by verdict.
    pub(super) counts: Counts,
    /// Scenarios that were to run.
    pub(super) planned: usize,
    /// Calls that steps made, and requests made to log in, if that is known.
    pub(super) requests: Option<(usize, usize)>,
    /// Milliseconds.
    pub(super) duration_ms: f64,
    /// Whether it was told to stop, or came to no end.
    pub(super) interrupted: bool,
    /// What failed or errored.
    pub(super) bad: &'r [Bad],
}

/// The last lines.
pub(super) fn figures(run: &Figures<'_>, page: &Page<'_>) -> String {
    let mut out = String::new();
    let colour = page.screen.colour;
    let verdicts = [
        (run.counts.failed, "failed", Tone::Bad),
        (run.counts.errored, "errored", Tone::Unclear),
        (run.counts.passed, "passed", Tone::Good),
        (run.counts.flaky, "flaky", Tone::Doubtful),
        (run.counts.skipped, "skipped", Tone::Quiet),
    ];
    let mut first = true;
    for (number, name, tone) in verdicts.into_iter().filter(|(number, ..)| *number > 0) {
        if !std::mem::take(&mut first) {
            out.push_str(", ");
        }
        paint(&mut out, colour, tone, &format!("{number} {name}"));
    }
    if first {
        out.push_str("no scenario ran");
    }
    let mut facts = String::new();
    if let Some((requests, logins)) = run.requests {
        facts = format!(" · {}", count(requests, "request"));
        if logins > 0 {
            facts = format!("{facts} + {logins} to log in");
        }
    }
    facts = format!("{facts} · {} · {}", duration(run.duration_ms), page.environment);
    if let Some(seed) = page.seed {
        facts = format!("{facts} · seed {seed}");
    }
    paint(&mut out, colour, Tone::Quiet, &facts);
    out.push('\n');
    for line in [causes(run.bad, page), left(run)].into_iter().flatten() {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The errors by what kind of thing went wrong.
fn causes(bad: &[Bad], page: &Page<'_>) -> Option<String> {
    let errored = |class| bad.iter().filter(move |bad| bad.verdict == Verdict::Errored && bad.class == Some(class));
    let late = errored(Class::Environment).filter(|bad| bad.id.ends_with(".timeout")).count();
    let kinds = [
        (errored(Class::Auth).count(), "could not authenticate".to_owned()),
        (errored(Class::Person).count(), "wait for a person to log in".to_owned()),
        (errored(Class::Environment).count() - late, format!("could not reach {}", page.environment)),
        (late, "ran out of time".to_owned()),
        (errored(Class::Scenario).count(), "could not be run as written".to_owned()),
    ];
    let said: Vec<String> =
        kinds.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn left(run: &Figures<'_>) -> Option<String> {
    let left = run.planned.saturating_sub(run.counts.total());
    match (run.interrupted, left) {
        (false, _) => None,
        (true, 0) => Some("interrupted".to_owned()),
        (true, left) => Some(format!("interrupted: {left} of {} did not run", count(run.planned, "scenario"))),
    }
}
