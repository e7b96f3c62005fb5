//! The differences as text: one block a place, what was expected in lines with `-`, what came in lines with `+`. However
//! big the document, only what differs is shown, and where.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::preview::{cut, focus};
use super::{Difference, Differences, Kind, region};
use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};

/// Where remarks begin, if what they remark on is shorter.
const REMARKS: usize = 31;
/// Elements in a row that all came, or all went, are listed up to this many.
const RUN: usize = 3;
/// The regions that are named where differences are only counted.
const REGIONS: usize = 3;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Lines are cut to this many columns.
    pub width: usize,
    /// More differences than this are only counted.
    pub limit: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self { width: 100, limit: 20 }
    }
}

/// The differences as lines that begin with `-`, `+` or a space. `actual` is the whole document that came, which the
/// paths are of. Empty if there is no difference; else it ends with a line break.
pub fn listing(differences: &Differences, actual: Option<&Json>, layout: Layout) -> String {
    let mut page = Page { out: String::new(), layout, shown: 0, whole: differences.more.is_empty() };
    let arrays = Arrays::of(&differences.list);
    let mut left_out = differences.more.clone();
    let mut listed: Vec<&NormalizedPath> = Vec::new();
    for (at, difference) in differences.list.iter().enumerate() {
        if page.shown >= layout.limit {
            differences.list[at..].iter().filter(|rest| !arrays.is_listed(rest, &listed)).for_each(|rest| {
                *left_out.entry(region(&rest.path)).or_default() += 1;
            });
            break;
        }
        match arrays.of_element(difference) {
            Some((array, changes)) if !listed.contains(&array) => {
                listed.push(array);
                let skipped = page.array(array, changes, actual);
                if skipped > 0 {
                    *left_out.entry(region(array)).or_default() += skipped;
                }
            }
            Some(_) => {}
            None => page.block(difference),
        }
    }
    page.more(&left_out);
    if differences.coarse {
        page.line(' ', " large arrays that differ too much to be aligned were compared element by element", "");
    }
    page.out
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
        for difference in list.iter().filter(|difference| place(difference).is_none()) {
            let elements = difference.path.elements();
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

    /// The array that a difference is listed in.
    fn of_element(&self, difference: &Difference) -> Option<(&NormalizedPath, &Changes<'d>)> {
        place(difference)?;
        self.changes.get_key_value(&parent(&difference.path)?.0)
    }

    fn is_listed(&self, difference: &Difference, listed: &[&NormalizedPath]) -> bool {
        self.of_element(difference).is_some_and(|(array, _)| listed.contains(&array))
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
    out: String,
    layout: Layout,
    shown: usize,
    /// Whether all differences are known, so that what stands behind the last of them is the same.
    whole: bool,
}

impl Page {
    /// One difference that is no matter of an array's elements.
    fn block(&mut self, difference: &Difference) {
        self.shown += 1;
        let remark = match &difference.kind {
            Kind::Missing => "missing".to_owned(),
            Kind::Unexpected => "not expected".to_owned(),
            Kind::Renamed { .. } => "renamed?".to_owned(),
            Kind::Value | Kind::Type | Kind::Matcher | Kind::NotContained | Kind::Length => difference.why.clone(),
            Kind::Removed { .. } | Kind::Inserted | Kind::Moved { .. } => String::new(),
        };
        self.line(' ', &format!(" {}", difference.path.shorthand()), &remark);
        let room = self.layout.width.saturating_sub(4);
        if !difference.expected.is_empty() {
            let text = focus(&difference.expected, &difference.actual, room);
            self.line('-', &format!("   {text}"), "");
        }
        if !difference.actual.is_empty() {
            let text = focus(&difference.actual, &difference.expected, room);
            self.line('+', &format!("   {text}"), "");
        }
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
            Some(came) => format!("({came} elements)"),
            None => String::new(),
        };
        self.line(' ', &format!(" {}", array.shorthand()), &counts);
        let mut rows: Vec<(usize, &Difference)> = changes.rows.clone();
        // What went stands before what came in its place.
        rows.sort_by_key(|(place, row)| (*place, !matches!(row.kind, Kind::Removed { .. })));
        let mut next = 0;
        let mut at = 0;
        while at < rows.len() {
            if self.shown >= self.layout.limit {
                return rows.len() - at;
            }
            let (place, row) = rows[at];
            self.untouched(next..place, &changes.inside);
            let run = run_length(&rows[at..]);
            let shown = if run > RUN + 1 { RUN } else { run };
            for (_, row) in &rows[at..at + shown] {
                self.element(row);
            }
            if shown < run {
                let (sign, word) = signs(row);
                let first = index(rows[at + shown].1);
                let last = index(rows[at + run - 1].1);
                self.line(sign, &format!("   [{first}..{last}] …"), &format!("{} more {word}", run - shown));
            }
            self.shown += run;
            let (last, row) = rows[at + run - 1];
            next = next.max(if matches!(row.kind, Kind::Removed { .. }) { last } else { last + 1 });
            at += run;
        }
        if self.whole {
            self.untouched(next..came.unwrap_or(next), &changes.inside);
        }
        0
    }

    fn element(&mut self, row: &Difference) {
        let (sign, word) = signs(row);
        let (value, word) = match &row.kind {
            Kind::Moved { from } => (&row.actual, format!("moved here from [{from}]")),
            Kind::Removed { .. } => (&row.expected, word.to_owned()),
            _ => (&row.actual, word.to_owned()),
        };
        let room = self.layout.width.saturating_sub(word.width() + 12);
        self.line(sign, &format!("   [{}] {}", index(row), cut(value, room)), &word);
    }

    /// Elements that are as expected, or whose differences have blocks of their own.
    fn untouched(&mut self, range: std::ops::Range<usize>, inside: &BTreeSet<usize>) {
        let mut start = range.start;
        while start < range.end {
            let next = inside.range(start..range.end).next().copied().unwrap_or(range.end);
            let (end, remark) = if next > start {
                (next, "same")
            } else {
                let run = inside.range(start..range.end).zip(start..).take_while(|(place, at)| *place == at).count();
                (start + run, "differs, see below")
            };
            let places = if end - start == 1 { format!("[{start}]") } else { format!("[{start}..{}]", end - 1) };
            self.line(' ', &format!("   {places} …"), remark);
            start = end;
        }
    }

    /// How many differences are not shown, and where they are.
    fn more(&mut self, left_out: &BTreeMap<String, usize>) {
        let total: usize = left_out.values().sum();
        if total == 0 {
            return;
        }
        let mut regions: Vec<(&String, &usize)> = left_out.iter().collect();
        regions.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let mut places: Vec<String> =
            regions.iter().take(REGIONS).map(|(region, count)| format!("{count} in {region}")).collect();
        let elsewhere: usize = regions.iter().skip(REGIONS).map(|(_, count)| **count).sum();
        if elsewhere > 0 {
            places.push(format!("{elsewhere} elsewhere"));
        }
        let noun = if total == 1 { "difference" } else { "differences" };
        let text = match places.as_slice() {
            [_] => format!(" … and {total} more {noun} in {}", regions[0].0),
            _ => format!(" … and {total} more {noun}: {}", places.join(", ")),
        };
        self.line(' ', &text, "");
    }

    /// A line: its sign, its text, and a remark in the column of remarks. The text gives way to the remark.
    fn line(&mut self, sign: char, text: &str, remark: &str) {
        let width = self.layout.width;
        let remark = cut(remark, width / 2);
        let room = if remark.is_empty() { width - 1 } else { width.saturating_sub(remark.width() + 3) };
        let text = cut(text, room);
        self.out.push(sign);
        self.out.push_str(text.trim_end());
        if !remark.is_empty() {
            let pad = REMARKS.saturating_sub(1 + text.width()).max(2);
            let pad = if 1 + text.width() + pad + remark.width() > width { 2 } else { pad };
            // Writing to a `String` cannot fail.
            let _ = write!(self.out, "{:pad$}{remark}", "");
        }
        self.out.push('\n');
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
