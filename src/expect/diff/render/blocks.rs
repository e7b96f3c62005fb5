//! What is shown of the differences: a block for each place, and one for each array in which elements came, went or moved.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::{Difference, Differences, ELSEWHERE, Kind, Part, TextLine, region, shown};
use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};

/// Elements in a row that all came, or all went, are listed up to this many.
const RUN: usize = 3;
/// The regions that are named where differences are only counted.
const REGIONS: usize = 3;

/// A part of the page.
pub(super) enum Block {
    /// One difference that is no matter of an array's elements.
    Place {
        path: String,
        remark: String,
        /// What was expected and what came.
        lines: Vec<TextLine>,
    },
    /// An array whose elements came, went or moved.
    Elements { path: String, counts: String, rows: Vec<Row> },
    /// A remark on the whole.
    Remark(String),
}

/// A line of an array.
pub(super) struct Row {
    /// `-`, `+` or a space.
    pub(super) sign: char,
    /// Which elements, as `[0]` or `[2..5]`.
    pub(super) place: String,
    /// The value, unless it is left out.
    pub(super) value: Option<String>,
    pub(super) remark: String,
}

/// The blocks of some differences. `actual` is the whole document that came, which the paths are of.
pub(super) fn blocks(differences: &Differences, actual: Option<&Json>, limit: usize) -> Vec<Block> {
    let whole = differences.more.is_empty();
    let mut page = Page { blocks: Vec::new(), limit, shown: 0, whole };
    let arrays = Arrays::of(&differences.list);
    let mut left_out = differences.more.clone();
    let mut listed: HashSet<&NormalizedPath> = HashSet::new();
    for (at, difference) in differences.list.iter().enumerate() {
        if page.shown >= limit {
            differences.list[at..].iter().filter(|rest| !arrays.is_listed(rest, &listed)).for_each(|rest| {
                *left_out.entry(region(&rest.path)).or_default() += 1;
            });
            break;
        }
        // An array stands before what differs inside its elements.
        for (array, changes) in arrays.around(difference) {
            if page.shown < limit && listed.insert(array) {
                let skipped = page.array(array, changes, actual);
                if skipped > 0 {
                    *left_out.entry(region(array)).or_default() += skipped;
                }
            }
        }
        if arrays.of_element(difference).is_none() {
            page.place(difference);
        }
    }
    page.more(&left_out);
    for path in &differences.coarse {
        let object = actual.and_then(|root| path.find(root)).is_some_and(|value| value.as_object().is_some());
        let why = if object {
            "too many members are missing to look for renamed ones"
        } else {
            "too different to be aligned; element by element"
        };
        page.blocks.push(Block::Remark(format!("compared coarsely from here: {} ({why})", shown(path))));
    }
    page.blocks
}

/// The arrays in which elements came, went or moved.
struct Arrays<'d> {
    changes: HashMap<NormalizedPath, Changes<'d>>,
}

#[derive(Default)]
struct Changes<'d> {
    /// Elements that came, went or moved, in the order they were found.
    rows: Vec<(usize, &'d Difference)>,
    /// Elements that have differences of their own inside.
    inside: BTreeSet<usize>,
}

impl<'d> Arrays<'d> {
    fn of(list: &'d [Difference]) -> Self {
        let mut changes: HashMap<NormalizedPath, Changes<'d>> = HashMap::new();
        for difference in list {
            if let (Some(place), Some((array, _))) = (place(difference), parent(&difference.path)) {
                changes.entry(array).or_default().rows.push((place, difference));
            }
        }
        if changes.is_empty() {
            return Self { changes };
        }
        for difference in list {
            let mut elements = difference.path.elements();
            if place(difference).is_some() {
                // Its own array has a row for it.
                elements = &elements[..elements.len() - 1];
            }
            for (at, element) in elements.iter().enumerate() {
                if let PathElement::Index(index) = element
                    && let Some(changed) = changes.get_mut(&NormalizedPath::new(elements[..at].to_vec()))
                {
                    changed.inside.insert(*index);
                }
            }
        }
        Self { changes }
    }

    /// The arrays around a difference in which elements came, went or moved, the outermost first.
    fn around(&self, difference: &Difference) -> Vec<(&NormalizedPath, &Changes<'d>)> {
        if self.changes.is_empty() {
            return Vec::new();
        }
        let elements = difference.path.elements();
        let indices = elements.iter().enumerate().filter(|(_, element)| matches!(element, PathElement::Index(_)));
        let arrays = indices.map(|(at, _)| NormalizedPath::new(elements[..at].to_vec()));
        arrays.filter_map(|array| self.changes.get_key_value(&array)).collect()
    }

    /// The array that a difference is listed in.
    fn of_element(&self, difference: &Difference) -> Option<(&NormalizedPath, &Changes<'d>)> {
        place(difference)?;
        self.changes.get_key_value(&parent(&difference.path)?.0)
    }

    fn is_listed(&self, difference: &Difference, listed: &HashSet<&NormalizedPath>) -> bool {
        self.of_element(difference).is_some_and(|(array, _)| listed.contains(array))
    }
}

/// Where, in what came, an element stands that came, went or moved.
fn place(difference: &Difference) -> Option<usize> {
    match (&difference.kind, difference.path.elements().last()) {
        (Kind::Removed { before }, _) => Some(*before),
        (Kind::Inserted | Kind::Moved { .. }, Some(PathElement::Index(index))) => Some(*index),
        _ => None,
    }
}

fn parent(path: &NormalizedPath) -> Option<(NormalizedPath, &PathElement)> {
    let (last, rest) = path.elements().split_last()?;
    Some((NormalizedPath::new(rest.to_vec()), last))
}

struct Page {
    blocks: Vec<Block>,
    limit: usize,
    /// How many differences are shown.
    shown: usize,
    /// Whether all differences are known, so that what stands behind the last of them is the same.
    whole: bool,
}

impl Page {
    fn place(&mut self, difference: &Difference) {
        self.shown += 1;
        let word = match &difference.kind {
            Kind::Missing => "missing",
            Kind::Unexpected => "not expected",
            Kind::Renamed { .. } => "renamed?",
            _ => "",
        };
        let remark = match (word, difference.why.as_str()) {
            ("", why) => why.to_owned(),
            (word, "") => word.to_owned(),
            (word, why) => format!("{word}; {why}"),
        };
        let line = |mark: char, text: &str| {
            let part = Part { text: text.to_owned(), marked: false };
            (!text.is_empty()).then(|| TextLine { mark, parts: vec![part] })
        };
        let lines = if difference.lines.is_empty() {
            [line('-', &difference.expected), line('+', &difference.actual)].into_iter().flatten().collect()
        } else {
            difference.lines.clone()
        };
        self.blocks.push(Block::Place { path: shown(&difference.path), remark, lines });
    }

    /// An array whose elements came, went or moved. Gives how many of its differences were left out.
    fn array(&mut self, array: &NormalizedPath, changes: &Changes<'_>, actual: Option<&Json>) -> usize {
        let came = actual.and_then(|root| array.find(root)).and_then(Json::as_array).map(<[Json]>::len);
        let count = |wanted: fn(&Kind) -> bool| changes.rows.iter().filter(|(_, row)| wanted(&row.kind)).count();
        let inserted = count(|kind| matches!(kind, Kind::Inserted));
        let removed = count(|kind| matches!(kind, Kind::Removed { .. }));
        let counts = match came {
            Some(came) if !self.whole => format!("({came} came)"),
            Some(came) if removed != inserted => {
                format!("({} expected, {came} came)", (came + removed).saturating_sub(inserted))
            }
            Some(1) => "(1 element)".to_owned(),
            Some(came) => format!("({came} elements)"),
            None => String::new(),
        };
        let mut rows: Vec<(usize, &Difference)> = changes.rows.clone();
        // What went stands before what came in its place.
        rows.sort_by_key(|(place, row)| (*place, !matches!(row.kind, Kind::Removed { .. })));
        let mut lines = Vec::new();
        let (mut next, mut at) = (0, 0);
        while at < rows.len() && self.shown < self.limit {
            let (place, row) = rows[at];
            untouched(&mut lines, next..place, &changes.inside);
            let run = run_length(&rows[at..]);
            let listed = if run > RUN + 1 { RUN } else { run };
            lines.extend(rows[at..at + listed].iter().map(|(_, row)| element(row)));
            if listed < run {
                let (sign, word) = signs(row);
                let (first, last) = (index(rows[at + listed].1), index(rows[at + run - 1].1));
                let remark = format!("{} more {word}", run - listed);
                lines.push(Row { sign, place: format!("[{first}..{last}]"), value: None, remark });
            }
            self.shown += run;
            let (last, row) = rows[at + run - 1];
            next = next.max(if matches!(row.kind, Kind::Removed { .. }) { last } else { last + 1 });
            at += run;
        }
        if self.whole && at == rows.len() {
            untouched(&mut lines, next..came.unwrap_or(next), &changes.inside);
        }
        self.blocks.push(Block::Elements { path: shown(array), counts, rows: lines });
        rows.len() - at
    }

    /// How many differences are not shown, and where they are.
    fn more(&mut self, left_out: &BTreeMap<String, usize>) {
        let total: usize = left_out.values().sum();
        if total == 0 {
            return;
        }
        let mut regions: Vec<(&String, &usize)> = left_out.iter().filter(|(region, _)| *region != ELSEWHERE).collect();
        regions.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let mut places: Vec<String> =
            regions.iter().take(REGIONS).map(|(region, count)| format!("{count} in {region}")).collect();
        let elsewhere = total - regions.iter().take(REGIONS).map(|(_, count)| **count).sum::<usize>();
        if elsewhere > 0 {
            places.push(format!("{elsewhere} elsewhere"));
        }
        let noun = if total == 1 { "difference" } else { "differences" };
        self.blocks.push(Block::Remark(match places.as_slice() {
            [_] => format!("… and {total} more {noun} in {}", regions[0].0),
            _ => format!("… and {total} more {noun}: {}", places.join(", ")),
        }));
    }
}

fn element(row: &Difference) -> Row {
    let (sign, word) = signs(row);
    let (value, remark) = match &row.kind {
        Kind::Moved { from } => (&row.actual, format!("moved here from [{from}]")),
        Kind::Removed { .. } => (&row.expected, word.to_owned()),
        _ => (&row.actual, word.to_owned()),
    };
    Row { sign, place: format!("[{}]", index(row)), value: Some(value.clone()), remark }
}

/// Elements that are as expected, or whose differences have blocks of their own.
fn untouched(rows: &mut Vec<Row>, range: std::ops::Range<usize>, inside: &BTreeSet<usize>) {
    let mut start = range.start;
    while start < range.end {
        let next = inside.range(start..range.end).next().copied().unwrap_or(range.end);
        let (end, remark) = if next > start {
            (next, "same")
        } else {
            let run = inside.range(start..range.end).zip(start..).take_while(|(place, at)| *place == at).count();
            (start + run, if run == 1 { "differs, see below" } else { "differ, see below" })
        };
        let place = if end - start == 1 { format!("[{start}]") } else { format!("[{start}..{}]", end - 1) };
        rows.push(Row { sign: ' ', place, value: None, remark: remark.to_owned() });
        start = end;
    }
}

/// How many rows from the first on are of one kind and side by side.
fn run_length(rows: &[(usize, &Difference)]) -> usize {
    let kind = std::mem::discriminant(&rows[0].1.kind);
    let mut length = 1;
    while let Some((_, next)) = rows.get(length) {
        let moved = matches!(next.kind, Kind::Moved { .. });
        let follows = std::mem::discriminant(&next.kind) == kind && index(next) == index(rows[length - 1].1) + 1;
        let together = !matches!(next.kind, Kind::Removed { .. }) || rows[length].0 == rows[0].0;
        if moved || !follows || !together {
            break;
        }
        length += 1;
    }
    length
}

fn index(row: &Difference) -> usize {
    match row.path.elements().last() {
        Some(PathElement::Index(index)) => *index,
        _ => 0,
    }
}

fn signs(row: &Difference) -> (char, &'static str) {
    match row.kind {
        Kind::Removed { .. } => ('-', "missing"),
        _ => ('+', "not expected"),
    }
}
