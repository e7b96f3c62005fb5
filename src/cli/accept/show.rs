//! What is pending, as people read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::choose::{Item, Pile};
use crate::pending::{Change, Desk, Pending, Proposal, Taken};
use crate::report::Screen;
use crate::source::{Diagnostic, FileId, SourceFile, Sources, Span, render};

/// Lines of one change that are shown.
const SHOWN: usize = 40;

/// A change with its place and what the file would say.
pub(super) fn item(item: &Item<'_>, taken: &Taken, desk: &mut Desk, screen: Screen) -> Result<String, String> {
    let [before, after] = desk.preview(item.pending, item.proposal, taken)?;
    let mut sources = Sources::default();
    let first = desk.first(item.pending, &item.proposal.file).unwrap_or_default();
    let file = sources.add(SourceFile::new(item.proposal.file.as_str(), first));
    let at = span(file, item.proposal);
    let mut problem =
        Diagnostic::error("", what(item.change, &item.proposal.path)).at(at, "").details(diff(&before, &after));
    if let Some(caution) = &item.caution {
        problem = problem.note(plain(caution));
    }
    if let Change::Snapshot { notes, .. } = item.change {
        problem = notes.iter().fold(problem, |problem, note| problem.note(plain(note)));
    }
    let mut located = problem.locate(&sources);
    located.id.clone_from(&item.proposal.id);
    Ok(format!("{}\n{}\n", head(item.proposal), render(&located, screen.colour)))
}

/// The scenario and the step.
fn head(proposal: &Proposal) -> String {
    let case = proposal.case.as_ref().map(|case| format!(" · case {case}")).unwrap_or_default();
    plain(&format!("{} › {}{case}", proposal.scenario, proposal.step))
}

fn what(change: &Change, path: &str) -> String {
    let path = plain(path);
    match change {
        Change::Replace { .. } => format!("{path} came otherwise"),
        Change::RemoveMember { .. } | Change::RemoveElement { .. } => format!("{path} did not come"),
        Change::RenameMember { .. } => format!("{path} came under this name"),
        Change::AddMember { .. } if path == "status" => "the status came otherwise".to_owned(),
        Change::AddMember { .. } | Change::InsertElement { .. } => format!("{path} came as well"),
        Change::MoveElement { .. } => format!("{path} came at this place"),
        Change::Snapshot { path, was: None, .. } => format!("the snapshot {} is new", plain(path)),
        Change::Snapshot { path, .. } => format!("the snapshot {} came otherwise", plain(path)),
    }
}

fn span(file: FileId, proposal: &Proposal) -> Span {
    Span::new(file, proposal.at.0 as usize..proposal.at.1 as usize)
}

/// The lines that would change, with one before and after.
fn diff(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(1).iter().enumerate() {
        if at > 0 {
            lines.push("  …".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines
                .push(format!("{mark} {}", plain(change.value().trim_end_matches(['\n', '\r']))).trim_end().to_owned());
        }
    }
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("  … and {more} more lines"));
    }
    lines.join("\n")
}

/// All that is pending.
pub(super) fn list(pile: &Pile<'_>, desk: &mut Desk, screen: Screen) -> String {
    let mut out = String::new();
    let mut unwritable = Vec::new();
    for one in &pile.items {
        match item(one, &Taken::Came, desk, screen) {
            Ok(text) => {
                out.push_str(&text);
                out.push('\n');
            }
            Err(why) => unwritable.push((one.pending, one.proposal, why)),
        }
    }
    let refused: Vec<_> = pile.refused.iter().chain(&unwritable).collect();
    out.push_str(&refusals(&refused, desk));
    let asked = pile.items.iter().filter(|item| item.caution.is_some()).count();
    let can = pile.items.len() - unwritable.len();
    let _ = write!(out, "{}", count(can, "change"));
    let _ = write!(
        out,
        " can be accepted{}",
        if asked == 0 { String::new() } else { format!(", {asked} of them only one by one") }
    );
    let _ = writeln!(out, "{}", if refused.is_empty() { String::new() } else { format!("; {} cannot", refused.len()) });
    out
}

/// What cannot be accepted, and why.
pub(super) fn refusals(refused: &[&(&Pending, &Proposal, String)], desk: &mut Desk) -> String {
    if refused.is_empty() {
        return String::new();
    }
    let mut out = "cannot be accepted:\n".to_owned();
    for (pending, proposal, why) in refused {
        let line = line(pending, proposal, desk);
        let what = if proposal.path.is_empty() { &proposal.id } else { &proposal.path };
        let case = proposal.case.as_ref().map(|case| format!(" · case {case}")).unwrap_or_default();
        let _ = writeln!(out, "  {}{line}  {}{}: {why}", proposal.file, plain(what), plain(&case));
    }
    out.push('\n');
    out
}

fn line(pending: &Pending, proposal: &Proposal, desk: &mut Desk) -> String {
    let first = desk.first(pending, &proposal.file);
    let before = first.ok().and_then(|text| text.get(..proposal.at.0 as usize));
    before.map(|before| format!(":{}", before.matches('\n').count() + 1)).unwrap_or_default()
}

/// A change in a sentence: the file and the place in the answer.
pub(super) fn place(item: &Item<'_>) -> String {
    format!("{} of {}", plain(&item.proposal.path), item.proposal.file)
}

/// What was done, file by file; and what `--all` left.
pub(super) fn summary(
    pile: &Pile<'_>,
    done: &[&Item<'_>],
    taken: &[(usize, Result<Taken, String>)],
    all: bool,
) -> String {
    let mut out = String::new();
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for item in done {
        *files.entry(item.written_to()).or_default() += 1;
    }
    for (file, changes) in &files {
        let _ = writeln!(out, "{file}: {}", count(*changes, "change"));
    }
    // What a file does not say as it came is said here, where nobody was asked.
    for item in done {
        if let Change::Snapshot { path, notes, .. } = item.change {
            for note in notes {
                let _ = writeln!(out, "{path}: {}", plain(note));
            }
        }
    }
    if files.is_empty() {
        out.push_str("nothing was written\n");
    }
    let left: Vec<&Item<'_>> = pile
        .items
        .iter()
        .enumerate()
        .filter(|(at, _)| !taken.iter().any(|(took, _)| took == at))
        .map(|(_, item)| item)
        .collect();
    if all {
        for item in &left {
            let _ = writeln!(out, "left: {}: {}", place(item), plain(item.caution.as_deref().unwrap_or_default()));
        }
    } else if !left.is_empty() {
        let _ = writeln!(out, "{} still pending", count(left.len(), "change"));
    }
    for (_, proposal, why) in pile.refused.iter().filter(|_| all) {
        let what = if proposal.path.is_empty() { &proposal.id } else { &proposal.path };
        let _ = writeln!(out, "left: {} of {}: {}", plain(what), proposal.file, plain(why));
    }
    out
}

pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A text of someone else's, without what would steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\t' { '\u{fffd}' } else { letter }).collect()
}
