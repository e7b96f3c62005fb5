//! Texts of several lines, line by line.

use std::ops::Range;

use super::super::lcs;
use super::{MARKED, Piece, TextLine, keep_start, marked, near};

/// Lines shown before and after a change.
const AROUND: usize = 2;
/// So many characters of a line are looked at for those that are shown; not all of them take a column.
const LOOKED_AT: usize = 10 * MARKED;
/// Texts of more lines that may differ are not compared line by line.
const COMPARED: usize = 4_000_000;
/// More lines than this are only counted.
const SHOWN: usize = 40;

/// Two texts of several lines: what went, what came, and a little of what stayed around it.
pub(in crate::expect) fn line_by_line(expected: &str, actual: &str) -> Vec<TextLine> {
    let (expected, actual) = (ended(expected), ended(actual));
    // Only what lies between the first and the last difference is made into lines.
    let front = same_at_the_start(expected, actual);
    let back = same_at_the_end(&expected[front..], &actual[front..]);
    let behind = &expected[expected.len() - back..];
    let break_before = usize::from(back > 0);
    let a = split(expected, front..expected.len() - back - break_before);
    let b = split(actual, front..actual.len() - back - break_before);
    let mut page = Lines::default();
    if let Some(same) = expected[..front].strip_suffix('\n') {
        let nearest: Vec<&str> = same.rsplit('\n').take(AROUND).collect();
        nearest.into_iter().rev().for_each(|line| page.same(line));
    }
    let common = if a.len() + b.len() > COMPARED {
        Vec::new()
    } else {
        lcs::pairs(a.len(), b.len(), |at, came| Some(a[at] == b[came])).unwrap_or_default()
    };
    let (mut at, mut came) = (0, 0);
    for (next, next_came) in common.into_iter().chain([(a.len(), b.len())]) {
        page.change(&a[at..next], &b[came..next_came]);
        if let Some(line) = a.get(next) {
            page.same(line);
        }
        (at, came) = (next + 1, next_came + 1);
    }
    if back > 0 {
        behind.split('\n').take(AROUND).for_each(|line| page.same(line));
    }
    page.finish()
}

/// A line break at the end begins no line.
fn ended(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

/// How many bytes of whole lines, their line breaks among them, begin both texts.
fn same_at_the_start(expected: &str, actual: &str) -> usize {
    let same = expected.bytes().zip(actual.bytes()).take_while(|(a, b)| a == b).count();
    expected.as_bytes()[..same].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// How many bytes of whole lines end both texts, behind a line break.
fn same_at_the_end(expected: &str, actual: &str) -> usize {
    let same = expected.bytes().rev().zip(actual.bytes().rev()).take_while(|(a, b)| a == b).count();
    let end = &expected.as_bytes()[expected.len() - same..];
    end.iter().position(|byte| *byte == b'\n').map_or(0, |at| end.len() - at - 1)
}

/// The lines of a part of a text; an empty text has none.
fn split(text: &str, part: Range<usize>) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text[part].split('\n').collect() }
}

/// The start of a line, unmarked.
fn plain(mark: char, line: &str) -> TextLine {
    let seen = line.char_indices().nth(LOOKED_AT).map_or(line, |(end, _)| &line[..end]);
    TextLine::plain(mark, keep_start(&Piece::line(seen).all(), MARKED))
}

#[derive(Default)]
struct Lines {
    shown: Vec<TextLine>,
    /// Lines that are the same, of which it is not known yet whether they are shown.
    waiting: Vec<TextLine>,
    /// How many of them were left out.
    left_out: usize,
    /// Lines that are not shown because there are too many.
    more: usize,
}

impl Lines {
    fn same(&mut self, line: &str) {
        let first = self.shown.is_empty();
        if !first && self.left_out == 0 && self.waiting.len() < AROUND {
            // Right behind a change.
        } else if self.waiting.len() >= if first { AROUND } else { 2 * AROUND } {
            let behind = if first { 0 } else { AROUND };
            self.waiting.remove(behind);
            self.left_out += 1;
        }
        self.waiting.push(plain(' ', line));
    }

    fn change(&mut self, left: &[&str], right: &[&str]) {
        if left.is_empty() && right.is_empty() {
            return;
        }
        let behind = if self.shown.is_empty() { 0 } else { AROUND.min(self.waiting.len()) };
        let waiting = std::mem::take(&mut self.waiting);
        for (at, line) in waiting.into_iter().enumerate() {
            if at == behind && self.left_out > 0 && !self.shown.is_empty() {
                self.push(TextLine::plain('…', String::new()));
            }
            self.push(line);
        }
        self.left_out = 0;
        let (mut old, mut new) = (Vec::new(), Vec::new());
        if left.len() == right.len() && left.len() <= SHOWN {
            for (left, right) in left.iter().zip(right) {
                let (left, right) = near(left, right);
                let (left, right) = marked(&Piece::line(&left), &Piece::line(&right));
                old.push(TextLine { mark: '-', parts: left });
                new.push(TextLine { mark: '+', parts: right });
            }
        } else {
            old.extend(left.iter().take(SHOWN).map(|line| plain('-', line)));
            new.extend(right.iter().take(SHOWN).map(|line| plain('+', line)));
            self.more += left.len().saturating_sub(SHOWN) + right.len().saturating_sub(SHOWN);
        }
        old.into_iter().chain(new).for_each(|line| self.push(line));
    }

    fn push(&mut self, line: TextLine) {
        if self.shown.len() < SHOWN { self.shown.push(line) } else { self.more += 1 }
    }

    fn finish(mut self) -> Vec<TextLine> {
        let behind = std::mem::take(&mut self.waiting);
        behind.into_iter().take(AROUND).for_each(|line| self.push(line));
        if self.more > 0 {
            let lines = if self.more == 1 { "line" } else { "lines" };
            self.shown.push(TextLine::plain('…', format!("and {} more {lines}", self.more)));
        }
        self.shown
    }
}
