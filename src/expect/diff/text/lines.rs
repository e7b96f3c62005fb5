//! Texts of several lines, line by line.

use super::super::lcs;
use super::{MARKED, Piece, TextLine, keep_start, marked};

/// Lines shown before and after a change.
const AROUND: usize = 2;
/// More lines than this are only counted.
const SHOWN: usize = 40;

/// Two texts of several lines: what went, what came, and a little of what stayed around it.
pub(in crate::expect) fn line_by_line(expected: &str, actual: &str) -> Vec<TextLine> {
    let (a, b): (Vec<&str>, Vec<&str>) = (split(expected), split(actual));
    let front = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    let common = lcs::pairs(left.len(), right.len(), |at, came| Some(left[at] == right[came])).unwrap_or_default();
    let same = (0..front).map(|at| (at, at));
    let same = same.chain(common.into_iter().map(|(at, came)| (front + at, front + came)));
    let same = same.chain((1..=back).rev().map(|at| (a.len() - at, b.len() - at)));
    let mut page = Lines::default();
    let (mut at, mut came) = (0, 0);
    for (next, next_came) in same.chain([(a.len(), b.len())]) {
        page.change(&a[at..next], &b[came..next_came]);
        if let Some(line) = a.get(next) {
            page.same(line);
        }
        (at, came) = (next + 1, next_came + 1);
    }
    page.finish()
}

/// The lines; a line break at the end begins no line.
fn split(text: &str) -> Vec<&str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    if text.is_empty() { Vec::new() } else { text.split('\n').collect() }
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
        self.waiting.push(TextLine::plain(' ', keep_start(&Piece::line(line).all(), MARKED)));
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
                let (left, right) = marked(&Piece::line(left), &Piece::line(right));
                old.push(TextLine { mark: '-', parts: left });
                new.push(TextLine { mark: '+', parts: right });
            }
        } else {
            let line =
                |mark: char| move |line: &&str| TextLine::plain(mark, keep_start(&Piece::line(line).all(), MARKED));
            old.extend(left.iter().take(SHOWN).map(line('-')));
            new.extend(right.iter().take(SHOWN).map(line('+')));
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
