//! The coverage as a person reads it: the figures, endpoint by endpoint, what nobody looks at, and where to begin.

use super::super::paste::broken;
use super::super::terminal::paint::{Tone, paint};
use super::super::terminal::{Screen, Verbosity};
use super::super::text::{count, cut_middle, one_line, padded, width};
use super::{Answers, Fold, blind};
use crate::event::Look;

/// So many members of one endpoint are listed unless all are asked for.
const LISTED: usize = 12;
/// So many endpoints are listed with what nobody looks at, unless all are asked for.
const ENDPOINTS: usize = 20;
/// The columns of the figures of a line, with the space before them.
const FIGURES: usize = 44;

pub(super) fn page(fold: &Fold, screen: Screen, verbosity: Verbosity) -> String {
    let mut out = String::new();
    let figures = fold.figures();
    let (seen, by_value) = (figures.seen(), figures.by_value());
    if verbosity > Verbosity::Quiet {
        out.push('\n');
    }
    if seen.whole == 0 {
        out.push_str("coverage: no answer came that expectations could look at\n");
        return out;
    }
    paint(&mut out, screen.colour, Tone::Strong, &format!("coverage: {}", seen.text()));
    let members = count(seen.whole, "member");
    out.push_str(&format!(" of {members} looked at, {} by value\n", by_value.text()));
    if verbosity == Verbosity::Quiet {
        return out;
    }
    out.push('\n');
    table(&mut out, fold, screen);
    unseen(&mut out, fold, screen, verbosity);
    spots(&mut out, fold, screen);
    out
}

fn table(out: &mut String, fold: &Fold, screen: Screen) {
    let names: Vec<String> =
        fold.endpoints.iter().map(|answers| one_line(&fold.name(&answers.endpoint)).into_owned()).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let first = widest.clamp(20, screen.columns.saturating_sub(FIGURES).max(20));
    let head = format!(
        "{}  {:>7} {:>7} {:>5} {:>5} {:>6} {:>6}",
        padded("", first),
        "answers",
        "members",
        "value",
        "weak",
        "unseen",
        "seen"
    );
    paint(out, screen.colour, Tone::Quiet, &head);
    out.push('\n');
    for (answers, name) in fold.endpoints.iter().zip(&names) {
        let figures = answers.figures();
        let line = format!(
            "{}  {:>7} {:>7} {:>5} {:>5} {:>6} ",
            padded(&cut_middle(name, first), first),
            answers.count,
            figures.members(),
            figures.value,
            figures.type_ + figures.presence,
            figures.unseen
        );
        out.push_str(&line);
        let tone = match figures.seen().percent() {
            Some(100) => Tone::Good,
            Some(0..50) => Tone::Doubtful,
            _ => Tone::Plain,
        };
        paint(out, screen.colour, tone, &format!("{:>6}", figures.seen().text()));
        out.push('\n');
    }
}

fn unseen(out: &mut String, fold: &Fold, screen: Screen, verbosity: Verbosity) {
    let all = verbosity >= Verbosity::Verbose;
    let blind: Vec<&Answers> = fold.endpoints.iter().filter(|answers| answers.figures().unseen > 0).collect();
    if blind.is_empty() {
        return;
    }
    out.push_str("\nnot looked at\n");
    let most = if all { blind.len() } else { ENDPOINTS };
    for answers in blind.iter().take(most) {
        out.push_str("  ");
        paint(out, screen.colour, Tone::Strong, &one_line(&fold.name(&answers.endpoint)));
        out.push('\n');
        let paths = |look: Look| answers.members.iter().filter(move |member| member.look == look);
        list(out, paths(Look::Unseen).map(|member| member.path.as_str()), all, screen);
        if answers.more > 0 {
            paint(out, screen.colour, Tone::Quiet, &format!("    {} more members were not told\n", answers.more));
        }
        if all {
            for (look, said) in [(Look::Presence, "only whether it is there"), (Look::Type, "only its type")] {
                if paths(look).next().is_some() {
                    paint(out, screen.colour, Tone::Quiet, &format!("    {said}:\n"));
                    list(out, paths(look).map(|member| member.path.as_str()), all, screen);
                }
            }
        }
    }
    if blind.len() > most {
        paint(
            out,
            screen.colour,
            Tone::Quiet,
            &format!("  and {} more; -v shows all\n", count(blind.len() - most, "endpoint")),
        );
    }
}

/// Paths one after the other, in lines that fit.
fn list<'p>(out: &mut String, paths: impl Iterator<Item = &'p str>, all: bool, screen: Screen) {
    let paths: Vec<&str> = paths.collect();
    let shown = if all { paths.len() } else { paths.len().min(LISTED) };
    let mut items: Vec<String> = paths[..shown].iter().map(|path| one_line(path).into_owned()).collect();
    if paths.len() > shown {
        items.push(format!("and {} more", paths.len() - shown));
    }
    let mut line = String::new();
    let last = items.len().saturating_sub(1);
    for (at, item) in items.into_iter().enumerate() {
        let item = if at == last { item } else { format!("{item},") };
        if !line.is_empty() && 4 + width(&line) + 1 + width(&item) > screen.columns.min(100) {
            out.push_str(&format!("    {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&item);
    }
    out.push_str(&format!("    {line}\n"));
}

fn spots(out: &mut String, fold: &Fold, screen: Screen) {
    let spots = blind::spots(fold);
    if spots.is_empty() {
        return;
    }
    out.push_str("\nthe most telling blind spots\n");
    for (at, spot) in spots.iter().enumerate() {
        out.push_str(&format!("  {}. ", at + 1));
        let path = if spot.path == "$" { String::new() } else { format!("  {}", one_line(&spot.path)) };
        paint(out, screen.colour, Tone::Strong, &format!("{}{path}", one_line(&spot.endpoint)));
        out.push_str(&format!("\n     {}\n     ", one_line(&spot.why)));
        let (file, line) = &spot.place;
        paint(out, screen.colour, Tone::Quiet, &format!("{}:{line}, below `expect`:", one_line(file)));
        out.push('\n');
        for line in broken(&one_line(&spot.paste), screen.columns.saturating_sub(7)) {
            out.push_str("       ");
            paint(out, screen.colour, Tone::Good, &line);
            out.push('\n');
        }
    }
}
