//! Elements that have nothing to tell them apart by: which of them are the same on both sides and in one order.
//!
//! A longest common subsequence finds the most of them, and takes long where much differs. Then elements that are there
//! once on each side, found by their fingerprints, divide the lists, and only what lies between is compared further. What
//! still takes too long is compared element by element.

use std::collections::{HashMap, HashSet};

use super::fingerprint::{fingerprint, of_members, of_tree};
use super::holds::Rules;
use super::lcs;
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};

/// With so few elements on one side, it does not matter how much differs.
const FEW: usize = 8;

type Pairs = Vec<(usize, usize)>;

/// The pairs of elements that are as expected, in order; and whether there may be more, so that the others were paired by
/// their places.
pub(super) fn anchors(rules: Rules<'_>, expected: &[&Expected], actual: &[&Json]) -> (Pairs, bool) {
    let same = |at: usize, came: usize| rules.holds(expected[at], actual[came]);
    let shorter = expected.len().min(actual.len());
    let front = (0..shorter).take_while(|at| same(*at, *at)).count();
    let back = (1..=shorter - front).take_while(|at| same(expected.len() - at, actual.len() - at)).count();
    let mut pairs: Pairs = (0..front).map(|at| (at, at)).collect();
    let middle = Gap { at: front..expected.len() - back, came: front..actual.len() - back };
    let coarse = match middle.common(rules, expected, actual, rules.ground.patience() / 2) {
        Some(common) => {
            pairs.extend(common);
            false
        }
        None => between(rules, expected, actual, &middle, &mut pairs),
    };
    pairs.extend((1..=back).rev().map(|at| (expected.len() - at, actual.len() - at)));
    (pairs, coarse)
}

/// A part of both lists.
struct Gap {
    at: std::ops::Range<usize>,
    came: std::ops::Range<usize>,
}

impl Gap {
    /// A longest common subsequence, unless it takes too long. `kept` is patience that others may still need.
    fn common(&self, rules: Rules<'_>, expected: &[&Expected], actual: &[&Json], kept: u64) -> Option<Pairs> {
        let same = |at: usize, came: usize| {
            let (expected, actual) = (expected[self.at.start + at], actual[self.came.start + came]);
            let same = rules.ground.align(|| rules.holds(expected, actual));
            (rules.ground.patience() > kept).then_some(same)
        };
        let (n, m) = (self.at.len(), self.came.len());
        let pairs = if n.min(m) <= FEW { lcs::of_few(n, m, same) } else { lcs::pairs(n, m, same) }?;
        Some(pairs.into_iter().map(|(at, came)| (self.at.start + at, self.came.start + came)).collect())
    }

    /// Element by element.
    fn coarse(&self) -> impl Iterator<Item = (usize, usize)> {
        self.at.clone().zip(self.came.clone())
    }
}

/// Adds the pairs of a part that differs much. Whether some were paired by their places.
fn between(rules: Rules<'_>, expected: &[&Expected], actual: &[&Json], whole: &Gap, pairs: &mut Pairs) -> bool {
    let mut coarse = false;
    let (mut at, mut came) = (whole.at.start, whole.came.start);
    let single = if rules.ground.is_spent() { Vec::new() } else { single(rules, expected, actual, whole) };
    for (next, next_came) in single.into_iter().chain([(whole.at.end, whole.came.end)]) {
        let gap = Gap { at: at..next, came: came..next_came };
        match gap.common(rules, expected, actual, 0) {
            Some(common) => pairs.extend(common),
            None => {
                pairs.extend(gap.coarse());
                coarse = true;
            }
        }
        if next < whole.at.end && next_came < whole.came.end {
            pairs.push((next, next_came));
        }
        (at, came) = (next + 1, next_came + 1);
    }
    coarse
}

/// Elements that are there once on each side, as many of them as are in one order.
fn single(rules: Rules<'_>, expected: &[&Expected], actual: &[&Json], whole: &Gap) -> Pairs {
    let names: HashSet<&str> = whole.at.clone().flat_map(|at| names(expected[at])).collect();
    let mut work = 0;
    // The place of the one of that fingerprint; of several, nothing.
    let mut places: HashMap<u64, (Option<usize>, Option<usize>)> = HashMap::new();
    let mut seen: HashMap<u64, (u32, u32)> = HashMap::new();
    for at in whole.at.clone() {
        if let Some(print) = of_tree(expected[at], &mut work) {
            places.entry(print).or_default().0 = Some(at);
            seen.entry(print).or_default().0 += 1;
        }
    }
    rules.ground.add_aligning(2 * work);
    for came in whole.came.clone() {
        let exactly = rules.mode == super::Mode::Exactly;
        let print = if exactly { fingerprint(actual[came]) } else { of_members(actual[came], &names) };
        if let Some((Some(_), found)) = places.get_mut(&print) {
            *found = Some(came);
            seen.entry(print).or_default().1 += 1;
        }
    }
    let once = places.into_iter().filter(|(print, _)| seen.get(print) == Some(&(1, 1)));
    let mut pairs: Pairs = once.filter_map(|(_, (at, came))| Some((at?, came?))).collect();
    pairs.retain(|(at, came)| rules.holds(expected[*at], actual[*came]));
    pairs.sort_unstable();
    let in_order = longest_increasing(&pairs);
    pairs.into_iter().zip(in_order).filter_map(|(pair, in_order)| in_order.then_some(pair)).collect()
}

/// The names of an object's members.
fn names(expected: &Expected) -> impl Iterator<Item = &str> {
    let members = match &expected.tree {
        Tree::Object(members) => &members[..],
        _ => &[],
    };
    members.iter().map(|member| &*member.key.value as &str)
}

/// Which pairs belong to a longest run that is in order on both sides.
pub(super) fn longest_increasing(pairs: &[(usize, usize)]) -> Vec<bool> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    for (at, (_, came)) in pairs.iter().enumerate() {
        let length = tails.partition_point(|tail| pairs[*tail].1 < *came);
        before[at] = length.checked_sub(1).map(|shorter| tails[shorter]);
        if length == tails.len() {
            tails.push(at);
        } else {
            tails[length] = at;
        }
    }
    let mut chosen = vec![false; pairs.len()];
    let mut next = tails.last().copied();
    while let Some(at) = next {
        chosen[at] = true;
        next = before[at];
    }
    chosen
}
