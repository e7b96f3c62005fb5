//! The differences as a unified diff of both documents, laid out alike: members stand in the order they are expected in,
//! and what is as a matcher says, is ignored, or may be more than expected, is the same on both sides.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use jiff::Timestamp;

use super::super::align::{Alignment, Row};
use super::super::ground::Ground;
use super::super::holds::{Elements, Members, Rules};
use super::super::ignore::Ignored;
use super::super::sequence::longest_increasing;
use super::super::text::safe_json;
use super::super::walk::unnamed;
use super::super::{Mode, lcs};
use crate::json::{Json, ObjectBuilder};
use crate::jsonpath::JsonPath;
use crate::scenario::expected::{Expected, Tree};
use crate::source::Spanned;

/// Lines shown before and after a change.
const AROUND: usize = 3;
/// Deeper values are laid out on one line.
const DEEPEST: usize = 40;

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
    let (wanted, came) = both(rules, expected, actual);
    let lines = |value: Json| {
        let mut out = String::new();
        lay_out(&value, 0, &mut out);
        safe_json(&out)
    };
    let (wanted, came) = (lines(wanted), lines(came));
    hunks(names, &wanted.lines().collect::<Vec<_>>(), &came.lines().collect::<Vec<_>>())
}

/// Both documents, laid out alike. What holds is the same on both sides.
fn both(rules: Rules<'_>, expected: &Expected, actual: &Json) -> (Json, Json) {
    if rules.holds(expected, actual) {
        let same = written(expected);
        return (same.clone(), same);
    }
    match (&expected.tree, actual) {
        (Tree::Object(members), Json::Object(object)) => {
            let (mut wanted, mut came) = (ObjectBuilder::default(), ObjectBuilder::default());
            let mut lookup = Members::of(object);
            for member in members.iter() {
                let name = &member.key.value;
                if let Some(value) = lookup.get(name) {
                    let (left, right) = both(rules, &member.value, value);
                    wanted.push(name.clone(), left);
                    came.push(name.clone(), right);
                } else {
                    let left = written(&member.value);
                    if rules.holds_absent(&member.value) {
                        came.push(name.clone(), left.clone());
                    }
                    wanted.push(name.clone(), left);
                }
            }
            if rules.mode == Mode::Exactly {
                unnamed(rules, members, object)
                    .into_iter()
                    .for_each(|(name, value)| came.push(name.into(), value.clone()));
            }
            (Json::Object(wanted.finish()), Json::Object(came.finish()))
        }
        (Tree::Array(items), Json::Array(elements)) => {
            let (items, elements) = (Elements::expected(rules, items), Elements::came(rules, elements));
            let mut wanted: Vec<Option<Json>> = items.refs.iter().map(|_| None).collect();
            let mut came: Vec<Json> = elements.refs.iter().map(|_| Json::Null).collect();
            for row in Alignment::find(rules, &items.refs, &elements.refs, None).rows {
                match row {
                    Row::Pair(at, to) | Row::Moved(at, to) => {
                        let (left, right) = both(rules, items.refs[at], elements.refs[to]);
                        (wanted[at], came[to]) = (Some(left), right);
                    }
                    Row::Removed(at, _) => wanted[at] = Some(written(items.refs[at])),
                    Row::Inserted(to) => came[to] = elements.refs[to].clone(),
                }
            }
            (Json::array(wanted.into_iter().flatten()), Json::array(came))
        }
        _ => {
            let left = written(expected);
            // A text that came and looks like the matcher that it is not: as a file would have it.
            let right = match actual {
                Json::String(text) if left == *actual => Json::from(format!("\\{text}")),
                _ => actual.clone(),
            };
            (left, right)
        }
    }
}

/// Adds a value over several lines, two spaces a level; what lies very deep stays on one line, or its indentation would
/// outgrow it.
fn lay_out(value: &Json, level: usize, out: &mut String) {
    let begin = |out: &mut String, at: usize, level: usize| {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n("  ", level));
    };
    match value {
        Json::Array(items) if !items.is_empty() && level < DEEPEST => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                begin(out, at, level + 1);
                lay_out(item, level + 1, out);
            }
            begin(out, 0, level);
            out.push(']');
        }
        Json::Object(object) if !object.is_empty() && level < DEEPEST => {
            out.push('{');
            for (at, (name, item)) in object.iter().enumerate() {
                begin(out, at, level + 1);
                out.push_str(&format!("{}: ", Json::from(name)));
                lay_out(item, level + 1, out);
            }
            begin(out, 0, level);
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// What is expected, as a file would have it.
fn written(expected: &Expected) -> Json {
    match &expected.tree {
        Tree::Matcher(matcher) => Json::from(matcher.to_string()),
        Tree::Template(template) => Json::from(template.text()),
        Tree::Array(items) => Json::array(items.iter().map(written)),
        Tree::Object(members) => {
            let mut object = ObjectBuilder::default();
            members.iter().for_each(|member| object.push(member.key.value.clone(), written(&member.value)));
            Json::Object(object.finish())
        }
        Tree::Operators(operators) => {
            let by = operators.by.as_ref().map(|by| ("$by", Json::from(&*by.value)));
            let trees = [
                ("$each", &operators.each),
                ("$contains", &operators.contains),
                ("$unordered", &operators.unordered),
                ("$length", &operators.length),
                ("$exactly", &operators.exactly),
            ];
            let trees = trees.into_iter().filter_map(|(key, tree)| Some((key, written(tree.as_ref()?))));
            Json::object(by.into_iter().chain(trees))
        }
        _ => expected.as_json().unwrap_or_default(),
    }
}

/// A change: lines that went, and lines that came in their place.
type Change = (Range<usize>, Range<usize>);

fn hunks(names: [&str; 2], wanted: &[&str], came: &[&str]) -> String {
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
        let behind = AROUND.min(wanted.len() - last.0.end);
        let range = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => format!("{}", from + 1),
            length => format!("{},{length}", from + 1),
        };
        let left = range(first.0.start - before, last.0.end + behind);
        let right = range(first.1.start - before, last.1.end + behind);
        let _ = writeln!(out, "@@ -{left} +{right} @@");
        let mut add = |mark: char, lines: &[&str]| {
            lines.iter().for_each(|line| {
                let _ = writeln!(out, "{mark}{line}");
            });
        };
        let mut at = first.0.start - before;
        for (went, new) in hunk {
            add(' ', &wanted[at..went.start]);
            add('-', &wanted[went.clone()]);
            add('+', &came[new.clone()]);
            at = went.end;
        }
        add(' ', &wanted[at..at + behind]);
        rest = more;
    }
    out
}

fn changes(wanted: &[&str], came: &[&str]) -> Vec<Change> {
    let front = wanted.iter().zip(came).take_while(|(a, b)| a == b).count();
    let back = wanted[front..].iter().rev().zip(came[front..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (front..wanted.len() - back, front..came.len() - back);
    let mut same = common(wanted, came, left.clone(), right.clone()).unwrap_or_else(|| {
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
    same.push((left.end, right.end));
    let (mut at, mut at_came, mut changes) = (front, front, Vec::new());
    for (next, next_came) in same {
        if at < next || at_came < next_came {
            changes.push((at..next, at_came..next_came));
        }
        (at, at_came) = (next + 1, next_came + 1);
    }
    changes
}

fn common(wanted: &[&str], came: &[&str], left: Range<usize>, right: Range<usize>) -> Option<Vec<(usize, usize)>> {
    let same = |at: usize, to: usize| Some(wanted[left.start + at] == came[right.start + to]);
    let pairs = lcs::pairs(left.len(), right.len(), same)?;
    Some(pairs.into_iter().map(|(at, to)| (left.start + at, right.start + to)).collect())
}

fn single(wanted: &[&str], came: &[&str], left: Range<usize>, right: Range<usize>) -> Vec<(usize, usize)> {
    let mut seen: HashMap<&str, (u32, u32, usize, usize)> = HashMap::new();
    for at in left {
        let line = seen.entry(wanted[at]).or_default();
        (line.0, line.2) = (line.0 + 1, at);
    }
    for at in right {
        if let Some(line) = seen.get_mut(came[at]) {
            (line.1, line.3) = (line.1 + 1, at);
        }
    }
    let once = seen.into_values().filter(|(went, came, ..)| (*went, *came) == (1, 1));
    let mut pairs: Vec<(usize, usize)> = once.map(|(_, _, at, to)| (at, to)).collect();
    pairs.sort_unstable();
    let in_order = longest_increasing(&pairs);
    pairs.into_iter().zip(in_order).filter_map(|(pair, in_order)| in_order.then_some(pair)).collect()
}
