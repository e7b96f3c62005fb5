//! The differences as a unified diff of both documents, laid out alike: members stand in the order they are expected in,
//! and what is as a matcher says, is ignored, or may be more than expected, is the same on both sides.

use std::fmt::Write;
use std::ops::Range;

use jiff::Timestamp;

use self::page::Page;
use super::super::align::{Alignment, Row};
use super::super::fingerprint;
use super::super::ground::Ground;
use super::super::holds::{Elements, Members, Rules};
use super::super::ignore::Ignored;
use super::super::sequence::{longest_increasing, once_in_both};
use super::super::walk::unnamed;
use super::super::{Mode, lcs};
use crate::json::{Json, Object};
use crate::jsonpath::JsonPath;
use crate::scenario::expected::{Expected, Member, Tree};
use crate::source::Spanned;

mod page;

/// Lines shown before and after a change.
const AROUND: usize = 3;

/// The diff, with the names of both documents at its head. Empty where nothing differs.
pub fn text(
    names: [&str; 2],
    expected: &Expected,
    actual: &Json,
    mode: Mode,
    ignore: &[Spanned<JsonPath>],
    now: Timestamp,
) -> String {
    let ignored = (!ignore.is_empty()).then(|| Ignored::of(ignore, expected, Some(actual)).0);
    let ground = Ground::new(ignored);
    ground.keep_verdicts();
    let rules = Rules { mode, now, ground: &ground };
    if rules.holds(expected, actual) {
        return String::new();
    }
    let mut pages = Pages { wanted: Page::default(), came: Page::default() };
    pages.value(rules, expected, actual, 0);
    hunks(names, &pages.wanted, &pages.came)
}

/// Both documents, laid out alike. What holds is the same on both sides.
struct Pages {
    wanted: Page,
    came: Page,
}

impl Pages {
    fn value(&mut self, rules: Rules<'_>, expected: &Expected, actual: &Json, level: usize) {
        if rules.holds(expected, actual) {
            return self.same(expected, level);
        }
        match (&expected.tree, actual) {
            (Tree::Object(members), Json::Object(object)) => self.object(rules, members, object, level),
            (Tree::Array(items), Json::Array(elements)) => self.array(rules, items, elements, level),
            _ => {
                self.wanted.expected(expected, level);
                let written = match &expected.tree {
                    Tree::Matcher(matcher) => Some(matcher.to_string()),
                    Tree::Template(template) => Some(template.text().to_owned()),
                    _ => None,
                };
                match actual {
                    // A text that came and looks like the matcher that it is not: as a file would have it.
                    Json::String(text) if written.is_some_and(|written| *written == **text) => {
                        self.came.scalar(&Json::from(format!("\\{text}")));
                    }
                    _ => self.came.json(actual, level),
                }
            }
        }
    }

    fn same(&mut self, expected: &Expected, level: usize) {
        let from = self.wanted.mark();
        self.wanted.expected(expected, level);
        self.came.copy(&self.wanted, from..self.wanted.mark());
    }

    fn object(&mut self, rules: Rules<'_>, members: &[Member], object: &Object, level: usize) {
        let (mut wanted, mut came) = (self.wanted.open('{', level), self.came.open('{', level));
        let mut lookup = Members::of(object);
        for member in members {
            let name = &*member.key.value;
            self.wanted.member(&mut wanted, name);
            if let Some(value) = lookup.get(name) {
                self.came.member(&mut came, name);
                self.value(rules, &member.value, value, level + 1);
            } else if rules.holds_absent(&member.value) {
                self.came.member(&mut came, name);
                self.same(&member.value, level + 1);
            } else {
                self.wanted.expected(&member.value, level + 1);
            }
        }
        if rules.mode == Mode::Exactly {
            for (name, value) in unnamed(rules, members, object) {
                self.came.member(&mut came, name);
                self.came.json(value, level + 1);
            }
        }
        self.wanted.close(&wanted, '}');
        self.came.close(&came, '}');
    }

    fn array(&mut self, rules: Rules<'_>, items: &[Expected], elements: &[Json], level: usize) {
        let (items, elements) = (Elements::expected(rules, items), Elements::came(rules, elements));
        let rows = Alignment::find(rules, &items.refs, &elements.refs, None).rows;
        let (mut wanted, mut came) = (self.wanted.open('[', level), self.came.open('[', level));
        if rows.iter().any(|row| matches!(row, Row::Moved(..))) {
            // What was expected is written apart, and brought into its order then.
            let page = std::mem::take(&mut self.wanted);
            let mut places = Vec::with_capacity(items.refs.len());
            for row in rows.iter() {
                let from = self.wanted.mark();
                match row {
                    Row::Pair(at, to) | Row::Moved(at, to) => {
                        self.came.element(&mut came);
                        self.value(rules, items.refs[at], elements.refs[to], level + 1);
                        places.push((at, from..self.wanted.mark()));
                    }
                    Row::Removed(at, _) => {
                        self.wanted.expected(items.refs[at], level + 1);
                        places.push((at, from..self.wanted.mark()));
                    }
                    Row::Inserted(to) => {
                        self.came.element(&mut came);
                        self.came.json(elements.refs[to], level + 1);
                    }
                }
            }
            places.sort_unstable_by_key(|(at, _)| *at);
            let apart = std::mem::replace(&mut self.wanted, page);
            for (_, range) in places {
                self.wanted.element(&mut wanted);
                self.wanted.copy(&apart, range);
            }
        } else {
            // Without moves, the rows are in the order of both sides.
            for row in rows.iter() {
                match row {
                    Row::Pair(at, to) | Row::Moved(at, to) => {
                        self.wanted.element(&mut wanted);
                        self.came.element(&mut came);
                        self.value(rules, items.refs[at], elements.refs[to], level + 1);
                    }
                    Row::Removed(at, _) => {
                        self.wanted.element(&mut wanted);
                        self.wanted.expected(items.refs[at], level + 1);
                    }
                    Row::Inserted(to) => {
                        self.came.element(&mut came);
                        self.came.json(elements.refs[to], level + 1);
                    }
                }
            }
        }
        self.wanted.close(&wanted, ']');
        self.came.close(&came, ']');
    }
}

/// A change: lines that went, and lines that came in their place.
type Change = (Range<usize>, Range<usize>);

fn hunks(names: [&str; 2], wanted: &Page, came: &Page) -> String {
    let changes = changes(wanted, came);
    if changes.is_empty() {
        return String::new();
    }
    let mut out = format!("--- {}\n+++ {}\n", names[0], names[1]);
    let mut rest = &changes[..];
    while let Some(first) = rest.first() {
        // Changes between which there is no more than what is shown around either belong together.
        let near = |two: &[Change]| two[1].0.start - two[0].0.end <= 2 * AROUND;
        let count = 1 + rest.windows(2).take_while(|two| near(two)).count();
        let (hunk, more) = rest.split_at(count);
        let last = &hunk[count - 1];
        let before = AROUND.min(first.0.start);
        let behind = AROUND.min(wanted.lines() - last.0.end);
        let range = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => format!("{}", from + 1),
            length => format!("{},{length}", from + 1),
        };
        let left = range(first.0.start - before, last.0.end + behind);
        let right = range(first.1.start - before, last.1.end + behind);
        let _ = writeln!(out, "@@ -{left} +{right} @@");
        let mut add = |mark: char, page: &Page, lines: Range<usize>| {
            for at in lines {
                let (indent, line) = page.line(at);
                let _ = writeln!(out, "{mark}{:indent$}{line}", "");
            }
        };
        let mut at = first.0.start - before;
        for (went, new) in hunk {
            add(' ', wanted, at..went.start);
            add('-', wanted, went.clone());
            add('+', came, new.clone());
            at = went.end;
        }
        add(' ', wanted, at..at + behind);
        rest = more;
    }
    out
}

fn changes(wanted: &Page, came: &Page) -> Vec<Change> {
    let same = |at: usize, to: usize| wanted.line(at) == came.line(to);
    let (length, length_came) = (wanted.lines(), came.lines());
    let shorter = length.min(length_came);
    let front = (0..shorter).take_while(|at| same(*at, *at)).count();
    let back = (1..=shorter - front).take_while(|at| same(length - at, length_came - at)).count();
    let (left, right) = (front..length - back, front..length_came - back);
    let mut pairs = common(wanted, came, left.clone(), right.clone()).unwrap_or_else(|| {
        // Lines that are there once on each side divide what takes too long as a whole.
        let mut pairs = Vec::new();
        let (mut at, mut at_came) = (left.start, right.start);
        for (next, next_came) in
            single(wanted, came, left.clone(), right.clone()).into_iter().chain([(left.end, right.end)])
        {
            pairs.extend(common(wanted, came, at..next, at_came..next_came).unwrap_or_default());
            if next < left.end {
                pairs.push((next, next_came));
            }
            (at, at_came) = (next + 1, next_came + 1);
        }
        pairs
    });
    pairs.push((left.end, right.end));
    let (mut at, mut at_came, mut changes) = (front, front, Vec::new());
    for (next, next_came) in pairs {
        if at < next || at_came < next_came {
            changes.push((at..next, at_came..next_came));
        }
        (at, at_came) = (next + 1, next_came + 1);
    }
    changes
}

fn common(wanted: &Page, came: &Page, left: Range<usize>, right: Range<usize>) -> Option<Vec<(usize, usize)>> {
    let same = |at: usize, to: usize| Some(wanted.line(left.start + at) == came.line(right.start + to));
    let pairs = lcs::pairs(left.len(), right.len(), same)?;
    Some(pairs.into_iter().map(|(at, to)| (left.start + at, right.start + to)).collect())
}

fn single(wanted: &Page, came: &Page, left: Range<usize>, right: Range<usize>) -> Vec<(usize, usize)> {
    let print = |page: &Page, at: usize| Some(fingerprint::hash(&page.line(at)));
    let mut pairs = once_in_both(left, |at| print(wanted, at), right, |at| print(came, at));
    pairs.retain(|(at, to)| wanted.line(*at) == came.line(*to));
    pairs.sort_unstable();
    let in_order = longest_increasing(&pairs);
    pairs.into_iter().zip(in_order).filter_map(|(pair, in_order)| in_order.then_some(pair)).collect()
}
