//! Which element that came is shown against which that was expected, where an array is not as expected.

use std::collections::{HashMap, HashSet};

use super::assign::member_key;
use super::fingerprint::fingerprint;
use super::holds::Rules;
use super::sequence::{self, longest_increasing};
use super::similar::{ALIKE, same_kind};
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};

/// The members that tell elements apart by nature, the most telling first.
const IDENTITIES: [&str; 10] = ["id", "_id", "uuid", "guid", "key", "code", "slug", "sku", "ref", "name"];
/// How the names of others that do end: `tripId`, `order_id`.
const ENDINGS: [&str; 4] = ["Id", "ID", "_id", "-id"];
/// So many members of the first element are looked at for one of them.
const NAMES: usize = 16;
/// So many pairs of leftover elements are looked at for the most alike.
const MAX_LEFTOVER_PAIRS: usize = 4_096;
/// So many for one that is the same at another place.
const MAX_MOVED_PAIRS: usize = 100_000;

/// A line of the alignment, in the order of what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// The expected element and the one that came in its place, as expected or not.
    Pair(usize, usize),
    /// The expected element that came at another place.
    Moved(usize, usize),
    /// An expected element that is missing, and the place where it would have come.
    Removed(usize, usize),
    /// An element that is not expected.
    Inserted(usize),
}

/// Rows in their order, packed: a list of millions of elements has as many.
#[derive(Default)]
pub(super) struct Rows(Vec<Packed>);

#[derive(Clone, Copy)]
struct Packed {
    form: Form,
    at: u32,
    came: u32,
}

#[derive(Clone, Copy)]
enum Form {
    Pair,
    Moved,
    Removed,
    Inserted,
}

impl Rows {
    fn push(&mut self, row: Row) {
        let (form, at, came) = match row {
            Row::Pair(at, came) => (Form::Pair, at, came),
            Row::Moved(at, came) => (Form::Moved, at, came),
            Row::Removed(at, before) => (Form::Removed, at, before),
            Row::Inserted(came) => (Form::Inserted, 0, came),
        };
        // What is held in memory has fewer elements than a u32 counts.
        let narrow = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        self.0.push(Packed { form, at: narrow(at), came: narrow(came) });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row> {
        self.0.iter().map(|Packed { form, at, came }| {
            let (at, came) = (*at as usize, *came as usize);
            match form {
                Form::Pair => Row::Pair(at, came),
                Form::Moved => Row::Moved(at, came),
                Form::Removed => Row::Removed(at, came),
                Form::Inserted => Row::Inserted(came),
            }
        })
    }
}

/// How two arrays are shown against each other.
pub(super) struct Alignment {
    pub(super) rows: Rows,
    /// Whether they were too different for more than comparing element by element.
    pub(super) coarse: bool,
}

impl Alignment {
    pub(super) fn find(rules: Rules<'_>, expected: &[&Expected], actual: &[&Json], by: Option<&str>) -> Self {
        if let Some((anchors, moved)) = by_identity(expected, actual, by) {
            let mut builder = Builder { rules, expected, actual, moved, rows: Rows::default() };
            // A member that the file names says what is the same element; one that was guessed may itself have changed.
            builder.fill(&anchors, by.is_none());
            return Self { rows: builder.rows, coarse: false };
        }
        let (anchors, coarse) = sequence::anchors(rules, expected, actual);
        let moved = moved(rules, expected, actual, &anchors);
        let mut builder = Builder { rules, expected, actual, moved, rows: Rows::default() };
        builder.fill(&anchors, true);
        Self { rows: builder.rows, coarse }
    }
}

type Anchors = Vec<(usize, usize)>;
/// Elements that came at another place: from the one that came to the expected one.
type MovedTo = HashMap<usize, usize>;

/// Pairs elements by the member that tells them apart: those in order, and those that came at another place.
fn by_identity(expected: &[&Expected], actual: &[&Json], by: Option<&str>) -> Option<(Anchors, MovedTo)> {
    let places = match by {
        Some(name) => identity(expected, actual, name, false),
        None => guessed(expected).into_iter().find_map(|name| identity(expected, actual, name, true)),
    }?;
    let in_order = longest_increasing(&places);
    let (anchors, others): (Vec<_>, Vec<_>) = places.into_iter().zip(in_order).partition(|(_, in_order)| *in_order);
    let moved = others.into_iter().map(|((at, came), _)| (came, at)).collect();
    Some((anchors.into_iter().map(|(pair, _)| pair).collect(), moved))
}

/// The members by which these elements may be told apart.
fn guessed<'e>(expected: &[&'e Expected]) -> Vec<&'e str> {
    let Some(Tree::Object(first)) = expected.first().map(|first| &first.tree) else { return Vec::new() };
    let names = || first.iter().take(NAMES).map(|member| &*member.key.value as &str);
    let known = IDENTITIES.into_iter().filter_map(|known| names().find(|name| *name == known));
    let ending =
        names().filter(|name| ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending)));
    known.chain(ending).collect()
}

/// The pairs of elements with the same value of a member, if that member tells all elements apart. `all` says that every
/// element must have it.
fn identity(expected: &[&Expected], actual: &[&Json], name: &str, all: bool) -> Option<Vec<(usize, usize)>> {
    let mut came: HashMap<u64, usize> = HashMap::with_capacity(actual.len());
    for (at, item) in actual.iter().enumerate() {
        let scalar = item.get(name).filter(|value| !matches!(value, Json::Null | Json::Array(_) | Json::Object(_)));
        let repeated = scalar.is_some_and(|value| came.insert(fingerprint(value), at).is_some());
        if repeated || (all && scalar.is_none()) {
            return None;
        }
    }
    let mut seen = HashSet::with_capacity(expected.len());
    let mut pairs = Vec::new();
    for (at, item) in expected.iter().enumerate() {
        match member_key(item, name) {
            Some(key) => {
                if !seen.insert(key) {
                    return None;
                }
                pairs.extend(came.get(&key).map(|came| (at, *came)));
            }
            None if all => return None,
            None => {}
        }
    }
    (!pairs.is_empty() || !all).then_some(pairs)
}

/// Elements outside the anchors that came as expected, only elsewhere.
fn moved(rules: Rules<'_>, expected: &[&Expected], actual: &[&Json], anchors: &[(usize, usize)]) -> MovedTo {
    let (unpaired, came) = (expected.len() - anchors.len(), actual.len() - anchors.len());
    if unpaired.saturating_mul(came) > MAX_MOVED_PAIRS || rules.ground.is_spent() {
        return MovedTo::new();
    }
    let left = outside(expected.len(), anchors.iter().map(|(at, _)| *at));
    let mut came = outside(actual.len(), anchors.iter().map(|(_, came)| *came));
    let mut moved = MovedTo::new();
    for at in left {
        // Two of these in one gap are no move, but neither would they have been left out of the anchors.
        let same = |came: &usize| rules.ground.align(|| rules.holds(expected[at], actual[*came]));
        if let Some(found) = came.iter().position(same) {
            moved.insert(came.remove(found), at);
        }
    }
    moved
}

/// The places that are not taken; those that are come in their order.
fn outside(length: usize, taken: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut taken = taken.peekable();
    (0..length).filter(|at| taken.next_if_eq(at).is_none()).collect()
}

struct Builder<'b> {
    rules: Rules<'b>,
    expected: &'b [&'b Expected],
    actual: &'b [&'b Json],
    moved: MovedTo,
    rows: Rows,
}

impl Builder<'_> {
    /// Makes the rows: the anchors, and what stands in the gaps between them.
    fn fill(&mut self, anchors: &[(usize, usize)], pair_leftovers: bool) {
        let elsewhere: HashSet<usize> = self.moved.values().copied().collect();
        let (mut from, mut came_from) = (0, 0);
        let end = (self.expected.len(), self.actual.len());
        for (at, came) in anchors.iter().copied().chain([end]) {
            if from < at || came_from < came {
                let left: Vec<usize> = (from..at).filter(|at| !elsewhere.contains(at)).collect();
                let new: Vec<usize> = (came_from..came).filter(|came| !self.moved.contains_key(came)).collect();
                let pairs = if pair_leftovers { self.pairs(&left, &new) } else { Vec::new() };
                self.gap(&left, &pairs, came_from..came);
            }
            if (at, came) != end {
                self.rows.push(Row::Pair(at, came));
            }
            (from, came_from) = (at + 1, came + 1);
        }
    }

    fn gap(&mut self, left: &[usize], pairs: &[(usize, usize)], came: std::ops::Range<usize>) {
        // Both stand in their order, here and among the leftovers.
        let mut taken = pairs.iter().map(|(at, _)| *at).peekable();
        let mut left = left.iter().copied().filter(|at| taken.next_if_eq(at).is_none()).peekable();
        let mut pairs = pairs.iter().copied().peekable();
        let mut begin = came.start;
        for came in came {
            // Of what lies between two pairs, what went stands before what came.
            if came == begin {
                let until = pairs.peek().map_or(usize::MAX, |(at, _)| *at);
                while let Some(missing) = left.next_if(|missing| *missing < until) {
                    self.rows.push(Row::Removed(missing, came));
                }
            }
            if let Some((at, _)) = pairs.next_if(|(_, to)| *to == came) {
                self.rows.push(Row::Pair(at, came));
                begin = came + 1;
            } else if let Some(at) = self.moved.get(&came) {
                self.rows.push(Row::Moved(*at, came));
            } else {
                self.rows.push(Row::Inserted(came));
            }
        }
        left.for_each(|missing| self.rows.push(Row::Removed(missing, begin)));
    }

    /// Which of the elements left over in a gap are shown as one that changed.
    fn pairs(&self, left: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
        if left.is_empty() || new.is_empty() {
            return Vec::new();
        }
        if left.len() == new.len() {
            let both = left.iter().copied().zip(new.iter().copied());
            return both.filter(|(at, came)| self.could_be_one(*at, *came)).collect();
        }
        if left.len().saturating_mul(new.len()) > MAX_LEFTOVER_PAIRS || self.rules.ground.is_spent() {
            return Vec::new();
        }
        self.rules.ground.align(|| self.most_alike(left, new))
    }

    /// Whether two elements at one place are rather one that changed: scalars always are.
    fn could_be_one(&self, at: usize, came: usize) -> bool {
        let (expected, actual) = (self.expected[at], self.actual[came]);
        match (&expected.tree, actual) {
            (Tree::Object(_), Json::Object(_)) => self.rules.likeness(expected, actual) >= ALIKE / 2.0,
            (Tree::Object(_) | Tree::Array(_), _) => same_kind(expected, actual),
            _ => true,
        }
    }

    /// The pairing in order with the greatest sum of likeness.
    fn most_alike(&self, left: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
        let columns = new.len() + 1;
        let mut best = vec![0.0_f64; (left.len() + 1) * columns];
        let mut scores = vec![0.0_f64; left.len() * new.len()];
        for (i, at) in left.iter().enumerate().rev() {
            for (j, came) in new.iter().enumerate().rev() {
                let score = self.rules.likeness(self.expected[*at], self.actual[*came]);
                let score = if score >= ALIKE { score } else { 0.0 };
                scores[i * new.len() + j] = score;
                let paired = if score > 0.0 { score + best[(i + 1) * columns + j + 1] } else { 0.0 };
                best[i * columns + j] = paired.max(best[(i + 1) * columns + j]).max(best[i * columns + j + 1]);
            }
        }
        let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
        while i < left.len() && j < new.len() {
            let score = scores[i * new.len() + j];
            // The same sums in the same order give the same floats; a step is taken that reaches the best.
            let paired = score + best[(i + 1) * columns + j + 1];
            if score > 0.0 && paired >= best[i * columns + j] {
                pairs.push((left[i], new[j]));
                (i, j) = (i + 1, j + 1);
            } else if best[(i + 1) * columns + j] >= best[i * columns + j + 1] {
                i += 1;
            } else {
                j += 1;
            }
        }
        pairs
    }
}
