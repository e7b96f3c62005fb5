//! The mutants as a person reads them: the score, then what nobody noticed, the gravest first, and what would.

use super::super::paste::broken;
use super::super::terminal::paint::{Tone, paint};
use super::super::terminal::{Screen, Verbosity};
use super::super::text::{count, cut_middle, one_line, padded, width};
use super::survivors::{Survivor, said, survivors};
use super::{Answers, Fold};
use crate::event::{Change, Fate};

/// So many places of the answers of one endpoint are listed unless all are asked for.
const LISTED: usize = 8;
/// So many of them with what would catch them.
const PASTED: usize = 3;
/// So many endpoints are listed unless all are asked for.
const ENDPOINTS: usize = 20;
/// The columns of a place at least, so that the changes stand below each other.
const PATH: usize = 28;

pub(super) fn page(fold: &Fold, screen: Screen, verbosity: Verbosity) -> String {
    let mut out = String::new();
    if verbosity > Verbosity::Quiet {
        out.push('\n');
    }
    if fold.failed {
        out.push_str("mutants: none were judged, for the run did not pass; first see to that\n");
        return out;
    }
    let figures = fold.figures();
    let score = figures.score();
    if score.whole == 0 {
        out.push_str("mutants: no answer came that could be changed\n");
        return out;
    }
    paint(&mut out, screen.colour, Tone::Strong, &format!("mutants: {}", score.text()));
    out.push_str(&format!(" caught, {} of {}; ", score.part, score.whole));
    let tone = if figures.survived > 0 { Tone::Bad } else { Tone::Good };
    paint(&mut out, screen.colour, tone, &format!("{} survived", figures.survived));
    out.push('\n');
    let apart = [
        (figures.allowed, "allowed by what is written"),
        (figures.carried, "kept for later steps"),
        (figures.more, "not tried, of large answers"),
    ];
    let apart: Vec<String> =
        apart.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    if !apart.is_empty() {
        paint(&mut out, screen.colour, Tone::Quiet, &format!("not counted: {}\n", apart.join(", ")));
    }
    if verbosity > Verbosity::Quiet {
        endpoints(&mut out, fold, screen, verbosity >= Verbosity::Verbose);
    }
    out
}

fn endpoints(out: &mut String, fold: &Fold, screen: Screen, all: bool) {
    let mut listed: Vec<(&Answers, Vec<Survivor>)> =
        fold.answers.iter().map(|answers| (answers, survivors(answers))).collect();
    if !all {
        listed.retain(|(_, survivors)| !survivors.is_empty());
    }
    listed.sort_by_key(|(answers, survivors)| {
        let gravest = survivors.first().and_then(|survivor| survivor.changes.first().copied());
        // What an error says is looked at after what a success says.
        (gravest.is_none(), answers.status >= 400, gravest, std::cmp::Reverse(answers.figures().survived))
    });
    let most = if all { listed.len() } else { ENDPOINTS };
    for (answers, survivors) in listed.iter().take(most) {
        out.push('\n');
        head(out, fold, answers, screen);
        let shown = if all { survivors.len() } else { LISTED };
        let paths = survivors.iter().take(shown).map(|survivor| width(&survivor.path)).max().unwrap_or(0);
        let column = paths.clamp(PATH.min(screen.columns / 3), screen.columns / 2);
        let mut file = None;
        for (at, survivor) in survivors.iter().take(shown).enumerate() {
            // The step is named where it is another one than that of the line above.
            if file != Some(&survivor.place) {
                let (path, line) = &survivor.place;
                paint(out, screen.colour, Tone::Quiet, &format!("  {}:{line}\n", one_line(path)));
                file = Some(&survivor.place);
            }
            line(out, survivor, column, all || at < PASTED, screen);
        }
        if survivors.len() > shown {
            let more = count(survivors.len() - shown, "place");
            paint(out, screen.colour, Tone::Quiet, &format!("  and {more} more; -v shows all\n"));
        }
        if all {
            apart(out, answers, Fate::Carried, "kept for later steps", screen);
            apart(out, answers, Fate::Allowed, "allowed by what is written", screen);
        }
    }
    if listed.len() > most {
        let more = count(listed.len() - most, "endpoint");
        paint(out, screen.colour, Tone::Quiet, &format!("\nand {more} more; -v shows all\n"));
    }
}

fn head(out: &mut String, fold: &Fold, answers: &Answers, screen: Screen) {
    let figures = answers.figures();
    let score = figures.score();
    let facts = format!("{} of {} caught · {}", score.part, score.whole, score.text());
    let columns = screen.columns.min(100).saturating_sub(width(&facts) + 2);
    let name = one_line(&fold.name(answers)).into_owned();
    paint(out, screen.colour, Tone::Strong, &padded(&cut_middle(&name, columns), columns));
    out.push_str("  ");
    paint(out, screen.colour, if figures.survived == 0 { Tone::Good } else { Tone::Quiet }, &facts);
    out.push('\n');
}

fn line(out: &mut String, survivor: &Survivor, column: usize, with_paste: bool, screen: Screen) {
    let changes: Vec<&str> = survivor.changes.iter().map(|change| said(*change)).collect();
    let mut changes = if survivor.unseen { "nobody looks at it".to_owned() } else { changes.join(", ") };
    if survivor.below > 0 {
        let joined = if survivor.unseen { "nor at" } else { "and all of" };
        changes.push_str(&format!(", {joined} {} below it", count(survivor.below, "place")));
    }
    let path = one_line(&survivor.path).into_owned();
    let path = if screen.is_terminal() { cut_middle(&path, column).into_owned() } else { path };
    out.push_str("  ");
    let grave = survivor.changes.first().is_some_and(|change| *change <= Change::Removed);
    paint(out, screen.colour, if grave { Tone::Bad } else { Tone::Doubtful }, &padded(&path, column));
    out.push_str(&format!("  {changes}\n"));
    if let (Some(paste), true) = (&survivor.paste, with_paste) {
        for line in broken(&one_line(paste), screen.columns.saturating_sub(4)) {
            out.push_str("    ");
            paint(out, screen.colour, Tone::Good, &line);
            out.push('\n');
        }
    }
}

/// What is not counted, in a line for each place.
fn apart(out: &mut String, answers: &Answers, fate: Fate, what: &str, screen: Screen) {
    let mut places: Vec<(&str, Vec<&str>)> = Vec::new();
    for mutant in answers.mutants.iter().filter(|mutant| mutant.fate == fate) {
        match places.iter_mut().find(|(path, _)| *path == mutant.path) {
            Some((_, changes)) => changes.push(said(mutant.change)),
            None => places.push((&mutant.path, vec![said(mutant.change)])),
        }
    }
    if places.is_empty() {
        return;
    }
    let mut text = format!("  {what}:\n");
    for (path, changes) in places {
        text.push_str(&format!("    {} ({})\n", one_line(path), changes.join(", ")));
    }
    paint(out, screen.colour, Tone::Quiet, &text);
}
