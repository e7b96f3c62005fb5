//! The differences as text: one block a place, what was expected in lines with `-`, what came in lines with `+`. What
//! differs within a line is marked by a line of `^` below it; where there is colour, it is drawn from those marks (see
//! [`crate::source::painted`]).

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::preview::cut;
use super::super::text::{JOINER, goes_on};
use super::super::{Differences, TextLine};
use super::Layout;
use super::blocks::{Block, Row, blocks};
use crate::json::Json;

/// Where remarks begin, if what they remark on is shorter.
const REMARKS: usize = 31;

/// The differences as lines that begin with `-`, `+` or a space. `actual` is the whole document that came, which the
/// paths are of. Empty if there is no difference; else it ends with a line break.
pub fn listing(differences: &Differences, actual: Option<&Json>, layout: Layout) -> String {
    let mut page = Page { out: String::new(), width: layout.width };
    for block in blocks(differences, actual, layout.limit) {
        match block {
            Block::Place { path, remark, lines } => {
                page.head(&path, &remark);
                page.out.push_str(&text_lines(&lines, layout.width));
            }
            Block::Elements { path, counts, rows } => {
                page.head(&path, &counts);
                rows.iter().for_each(|row| page.row(row));
            }
            Block::Remark(text) => page.wrapped(&text),
        }
    }
    page.out
}

/// Two texts line by line, without a line break at the end.
pub(in crate::expect) fn text_listing(lines: &[TextLine]) -> String {
    let mut text = text_lines(lines, 200);
    text.truncate(text.trim_end_matches('\n').len());
    text
}

struct Page {
    out: String,
    width: usize,
}

impl Page {
    /// A place and what is remarked on it. What has no room beside the place goes on below it.
    fn head(&mut self, path: &str, remark: &str) {
        let room = self.width.saturating_sub(2);
        let path = cut(path, room);
        let (taken, long) = (2 + path.width(), remark.width());
        let _ = write!(self.out, "  {path}");
        if remark.is_empty() {
            self.out.push('\n');
            return;
        }
        let column = REMARKS.max(taken + 2);
        if column + long <= self.width {
            let _ = writeln!(self.out, "{:1$}{remark}", "", column - taken);
        } else if taken + 2 + long <= self.width {
            let _ = writeln!(self.out, "  {remark}");
        } else {
            self.out.push('\n');
            self.wrapped(&format!("  {remark}"));
        }
    }

    /// A sentence over as many lines as it needs.
    fn wrapped(&mut self, text: &str) {
        let mut line = String::from(" ");
        for word in text.split(' ') {
            if line.width() + 1 + word.width() > self.width && line.len() > 1 {
                self.out.push_str(&line);
                self.out.push('\n');
                line = String::from("   ");
            }
            line.push(' ');
            line.push_str(&cut(word, self.width.saturating_sub(4)));
        }
        self.out.push_str(&line);
        self.out.push('\n');
    }

    /// A line of an array: the value gives way to the remark.
    fn row(&mut self, row: &Row) {
        let value = row.value.as_ref().map_or_else(
            || "…".to_owned(),
            |value| cut(value, self.width.saturating_sub(row.remark.width() + row.place.width() + 7)),
        );
        let text = format!("{}   {} {value}", row.sign, row.place);
        let text = cut(&text, self.width.saturating_sub(row.remark.width() + 2));
        let gap = REMARKS.saturating_sub(text.width()).max(2);
        let gap = if text.width() + gap + row.remark.width() > self.width { 2 } else { gap };
        let _ = writeln!(self.out, "{text}{:gap$}{}", "", row.remark);
    }
}

/// Asks for the form of an emoji of the character before it.
const EMOJI: char = '\u{fe0f}';

/// A character, the columns it takes, and whether it is marked.
type Cell = (char, usize, bool);

/// Lines of text with their marks, cut to a width; two that stand for each other are cut at one place.
fn text_lines(lines: &[TextLine], width: usize) -> String {
    let mut out = String::new();
    let room = width.saturating_sub(4).max(8);
    for (at, line) in lines.iter().enumerate() {
        if line.mark == '…' {
            let _ = writeln!(out, "  … {}", line.text());
            let kept = out.trim_end().len();
            out.truncate(kept);
            out.push('\n');
            continue;
        }
        let other = partner(lines, at).into_iter().flat_map(cells);
        let (cells, front) = fit(cells(line), other, room);
        let text: String = front.chars().chain(cells.iter().map(|(c, ..)| *c)).collect();
        let _ = writeln!(out, "{}", format!("{}   {text}", line.mark).trim_end());
        if cells.iter().any(|(_, _, marked)| *marked) {
            let marks = cells.iter().map(|(_, width, marked)| (if *marked { "^" } else { " " }).repeat(*width));
            let marks: String = std::iter::once(" ".repeat(4 + front.width())).chain(marks).collect();
            let _ = writeln!(out, "{}", marks.trim_end());
        }
    }
    out
}

/// The line that a line stands for: of as many lines that went as came, the one at the same place.
fn partner(lines: &[TextLine], at: usize) -> Option<&TextLine> {
    let mark = lines[at].mark;
    let run = |from: usize, mark: char| lines[from..].iter().take_while(|line| line.mark == mark).count();
    let before = |to: usize, mark: char| lines[..to].iter().rev().take_while(|line| line.mark == mark).count();
    match mark {
        '-' => {
            let first = at - before(at, '-');
            let (went, came) = (run(first, '-'), run(first + run(first, '-'), '+'));
            (went == came).then(|| &lines[at + went])
        }
        '+' => {
            let first = at - before(at, '+');
            let (came, went) = (run(first, '+'), before(first, '-'));
            (went == came).then(|| &lines[at - went])
        }
        _ => None,
    }
}

/// The characters of a line. None is looked at before it is asked for: a line may be as long as an answer.
fn cells(line: &TextLine) -> impl Iterator<Item = Cell> + Clone {
    let chars = line.parts.iter().flat_map(|part| part.text.chars().map(|c| (c, part.marked)));
    chars.scan(None, |before: &mut Option<(char, usize)>, (c, marked)| {
        let width = match *before {
            // An emoji of several takes the columns of one.
            Some((JOINER | EMOJI, _) | (_, 2)) if goes_on(before.map(|(c, _)| c), c) => 0,
            // A sign that is to be shown as an emoji is as wide as one.
            Some((_, 1)) if c == EMOJI => 1,
            _ => c.width().unwrap_or(0),
        };
        *before = Some((c, width));
        Some((c, width, marked))
    })
}

/// The part of a line that fits, around the first difference from the other; and what stands before it.
fn fit(
    cells: impl Iterator<Item = Cell> + Clone,
    other: impl Iterator<Item = Cell> + Clone,
    room: usize,
) -> (Vec<Cell>, &'static str) {
    if has_room(cells.clone(), room) && has_room(other.clone(), room) {
        return (cells.collect(), "");
    }
    let same = cells.clone().zip(other).take_while(|(a, b)| a.0 == b.0 && a.2 == b.2);
    let before: usize = same.map(|((_, width, _), _)| width).sum();
    // A third of what is shown stands before the difference, for the reader to find the place.
    let skip = if before <= room * 2 / 3 { 0 } else { before - room / 3 };
    let mut skipped = 0;
    let kept = cells.skip_while(move |(_, width, _)| {
        skipped += width;
        skip > 0 && skipped <= skip
    });
    let front = if skip > 0 { "…" } else { "" };
    let room = room - front.width();
    if has_room(kept.clone(), room) {
        return (kept.collect(), front);
    }
    let mut taken = 0;
    let fits = |(_, width, _): &Cell| {
        taken += width;
        taken < room
    };
    (kept.take_while(fits).chain([('…', 1, false)]).collect(), front)
}

/// Whether all of a line fits.
fn has_room(mut cells: impl Iterator<Item = Cell>, room: usize) -> bool {
    let mut taken = 0;
    cells.all(|(_, width, _)| {
        taken += width;
        taken <= room
    })
}
