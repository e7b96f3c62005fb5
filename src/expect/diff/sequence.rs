//! Elements that have nothing to tell them apart by: which of them are the same on both sides and in one order.
//!
//! A longest common subsequence finds the most of them, and takes long where much differs. Then elements that are there
//! once on each side, found by their fingerprints, divide the lists, and only what lies between is compared further. What
//! still takes too long is compared element by element.

use std::collections::HashSet;
use std::ops::Range;

use super::fingerprint::{fingerprint, of_members, of_tree};
use super::holds::Rules;
use super::lcs;
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};

/// With so few elements on one side, it does not matter how much differs, unless so many pairs are to be looked at.
const FEW: usize = 8;
const PAIRS_OF_FEW: usize = 4_000_000;
/// So many fingerprints are collected before those that repeat are left out.
const COLLECTED: usize = 65_536;

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
    at: Range<usize>,
    came: Range<usize>,
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
        let few = n.min(m) <= FEW && n.saturating_mul(m) <= PAIRS_OF_FEW;
        let pairs = if few { lcs::of_few(n, m, same) } else { lcs::pairs(n, m, same) }?;
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
        if let Some(common) = gap.common(rules, expected, actual, 0) {
            pairs.extend(common);
        } else {
            pairs.extend(gap.coarse());
            coarse = true;
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
    let exactly = rules.mode == super::Mode::Exactly;
    let mut work = 0;
    let wanted = |at: usize| of_tree(expected[at], &mut work);
    let came = |at: usize| Some(if exactly { fingerprint(actual[at]) } else { of_members(actual[at], &names) });
    let mut pairs = once_in_both(whole.at.clone(), wanted, whole.came.clone(), came);
    rules.ground.add_aligning(work);
    pairs.retain(|(at, came)| rules.holds(expected[*at], actual[*came]));
    pairs.sort_unstable();
    let in_order = longest_increasing(&pairs);
    pairs.into_iter().zip(in_order).filter_map(|(pair, in_order)| in_order.then_some(pair)).collect()
}

/// The pairs of places at which there is the same fingerprint, if it is there once on each side; in no order.
pub(super) fn once_in_both(
    at: Range<usize>,
    mut wanted: impl FnMut(usize) -> Option<u64>,
    came_at: Range<usize>,
    mut came: impl FnMut(usize) -> Option<u64>,
) -> Pairs {
    // What cannot be in the other list is not collected.
    let mut there = Sieve::of(at.len());
    at.clone().filter_map(&mut wanted).for_each(|print| there.add(print));
    let came = came_at.filter_map(|at| Some((came(at)?, at)));
    let came = once(came.filter(|(print, _)| there.may_have(*print)));
    let mut there = Sieve::of(came.len());
    came.iter().for_each(|single| there.add(single.print()));
    let wanted = at.filter_map(|at| Some((wanted(at)?, at)));
    both(&once(wanted.filter(|(print, _)| there.may_have(*print))), &came)
}

/// An element by its fingerprint, packed: a list of millions has as many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Single {
    print: [u32; 2],
    at: u32,
}

impl Single {
    fn print(self) -> u64 {
        u64::from(self.print[0]) << 32 | u64::from(self.print[1])
    }
}

/// Those whose fingerprint no other has, in the order of their fingerprints.
fn once(prints: impl Iterator<Item = (u64, usize)>) -> Vec<Single> {
    let mut kept: Vec<Single> = Vec::new();
    let mut repeated: HashSet<u64> = HashSet::new();
    let mut most = COLLECTED;
    for (print, at) in prints {
        if repeated.contains(&print) {
            continue;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the two halves, and fewer elements than a u32 counts")]
        kept.push(Single { print: [(print >> 32) as u32, print as u32], at: at as u32 });
        if kept.len() >= most {
            leave_out_repeated(&mut kept, &mut repeated);
            most = COLLECTED.max(2 * kept.len());
        }
    }
    leave_out_repeated(&mut kept, &mut repeated);
    kept
}

fn leave_out_repeated(kept: &mut Vec<Single>, repeated: &mut HashSet<u64>) {
    kept.sort_unstable();
    repeated.extend(kept.windows(2).filter(|two| two[0].print == two[1].print).map(|two| two[0].print()));
    if !repeated.is_empty() {
        kept.retain(|single| !repeated.contains(&single.print()));
    }
}

/// Which fingerprints may be among some, by a few of their bits.
struct Sieve {
    bits: Vec<u64>,
}

impl Sieve {
    /// For so many fingerprints.
    fn of(count: usize) -> Self {
        // Sixteen bits for each, so that few are there by chance.
        Self { bits: vec![0; (count / 4).next_power_of_two()] }
    }

    fn place(&self, print: u64) -> (usize, u64) {
        let word = (print >> 6) as usize & (self.bits.len() - 1);
        (word, 1 << (print & 63))
    }

    fn add(&mut self, print: u64) {
        let (word, bit) = self.place(print);
        self.bits[word] |= bit;
    }

    fn may_have(&self, print: u64) -> bool {
        let (word, bit) = self.place(print);
        self.bits[word] & bit != 0
    }
}

/// The places of what is in both lists.
fn both(wanted: &[Single], came: &[Single]) -> Pairs {
    let mut rest = came.iter().peekable();
    let mut pairs = Vec::new();
    for single in wanted {
        while rest.next_if(|other| other.print < single.print).is_some() {}
        if let Some(other) = rest.next_if(|other| other.print == single.print) {
            pairs.push((single.at as usize, other.at as usize));
        }
    }
    pairs
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
    // Places among the pairs, of which there are fewer than a u32 counts; the last of them stands for none.
    const NONE: u32 = u32::MAX;
    let mut tails: Vec<u32> = Vec::new();
    let mut before: Vec<u32> = vec![NONE; pairs.len()];
    for (at, (_, came)) in pairs.iter().enumerate() {
        let length = tails.partition_point(|tail| pairs[*tail as usize].1 < *came);
        before[at] = length.checked_sub(1).map_or(NONE, |shorter| tails[shorter]);
        let at = u32::try_from(at).unwrap_or(NONE);
        if length == tails.len() {
            tails.push(at);
        } else {
            tails[length] = at;
        }
    }
    let mut chosen = vec![false; pairs.len()];
    let mut next = tails.last().copied().unwrap_or(NONE);
    while let Some(one) = chosen.get_mut(next as usize) {
        *one = true;
        next = before[next as usize];
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::once_in_both;

    /// By counting them all.
    fn counted(wanted: &[u64], came: &[u64]) -> Vec<(usize, usize)> {
        let count = |all: &[u64]| {
            let mut times: HashMap<u64, usize> = HashMap::new();
            all.iter().for_each(|print| *times.entry(*print).or_default() += 1);
            times
        };
        let (times, times_came) = (count(wanted), count(came));
        let once = |print: &u64| times.get(print) == Some(&1) && times_came.get(print) == Some(&1);
        let pairs = wanted.iter().enumerate().filter(|(_, print)| once(print));
        pairs.filter_map(|(at, print)| Some((at, came.iter().position(|other| other == print)?))).collect()
    }

    fn found(wanted: &[u64], came: &[u64]) -> Vec<(usize, usize)> {
        let mut pairs = once_in_both(0..wanted.len(), |at| Some(wanted[at]), 0..came.len(), |at| Some(came[at]));
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn few_values_in_long_lists_leave_those_that_are_there_once() {
        let list = |single: usize| -> Vec<u64> {
            (0..400_000).map(|at| if at == single { 1_000 } else { (at as u64 * 7919) % 97 }).collect()
        };
        assert_eq!(found(&list(70_000), &list(250_000)), [(70_000, 250_000)]);
    }

    proptest::proptest! {
        #[test]
        fn as_by_counting(wanted in proptest::collection::vec(0_u64..40, 0..30), came in proptest::collection::vec(0_u64..40, 0..30)) {
            // As hashes are: spread over all bits.
            let spread = |all: Vec<u64>| -> Vec<u64> {
                all.into_iter().map(|value| (value + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
            };
            let (wanted, came) = (spread(wanted), spread(came));
            proptest::prop_assert_eq!(found(&wanted, &came), counted(&wanted, &came));
        }
    }
}
