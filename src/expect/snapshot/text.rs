//! A text held against the one that was stored, line by line.

use super::Shelf;
use super::stored::{Text, merge, merged};
use crate::expect::lines;
use crate::source::{Diagnostic, Span};

/// How much of a line is shown beside the caret.
const SHOWN: usize = 60;

/// What is different, unless nothing is.
pub(super) fn compare(shelf: &Shelf<'_>, stored: &Text, came: &str) -> Option<Diagnostic> {
    let written = stored.source.text();
    // Git may have given the file the line breaks of Windows on the way; that is no difference of the answer.
    if written == came || (written.contains("\r\n") && !came.contains('\r') && written.replace("\r\n", "\n") == came) {
        return None;
    }
    if let Some(at) = merge(written, stored.file) {
        return Some(merged(stored.source.name(), at));
    }
    let mut at = 0;
    let mut lines = came.lines();
    let mut differs = None;
    for line in written.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        match lines.next() {
            Some(other) if other.trim_end_matches('\r') == text => {}
            other => {
                differs = Some((at..at + text.len(), other));
                break;
            }
        }
        at += line.len();
    }
    let (range, label) = match differs {
        Some((range, Some(other))) => (range, format!("the answer has `{}`", cut(other))),
        Some((range, None)) => (range, "the answer ends before this line".to_owned()),
        // All lines are the same: what came goes on, or its line breaks are others.
        None => match lines.next() {
            Some(more) => (written.len()..written.len(), format!("the answer goes on with `{}`", cut(more))),
            None => (written.len()..written.len(), "the line breaks are different".to_owned()),
        },
    };
    let message = format!("the answer is not the snapshot `{}`", shelf.name());
    let problem = Diagnostic::error("expect.snapshot", message).at(Span::new(stored.file, range), label);
    Some(match lines::between(written, came) {
        Some(listing) => problem.details(listing),
        None => problem,
    })
}

fn cut(line: &str) -> String {
    line.chars().take(SHOWN).chain(line.chars().nth(SHOWN).map(|_| '…')).collect()
}
