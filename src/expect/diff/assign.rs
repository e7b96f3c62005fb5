//! Elements in any order: which element that came stands for which that was expected.
//!
//! An expected element may fit several that came, so that taking the first that fits could leave another without; a
//! maximum matching of the bipartite graph finds an assignment wherever there is one.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::fingerprint::{fingerprint, literal};
use super::holds::Rules;
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};

/// So many pairs are looked at before it is given up.
const QUESTIONS: usize = 10_000_000;
/// So many values of them.
const WORK: u64 = 100_000_000;
/// So many members are looked at for one that tells the elements apart.
const NAMES: usize = 16;

/// Which elements stand for each other.
pub(super) struct Assignment {
    /// For each expected element, the one that came.
    pub(super) partners: Vec<Option<usize>>,
    /// Whether all pairs that mattered were looked at.
    pub(super) searched: bool,
}

impl Assignment {
    /// Whether every expected element has its own.
    pub(super) fn is_complete(&self) -> bool {
        self.partners.iter().all(Option::is_some)
    }

    /// A maximum assignment. `by` names the member that tells elements apart, if the file says so.
    pub(super) fn find(rules: Rules<'_>, expected: &[&Expected], actual: &[&Json], by: Option<&str>) -> Self {
        let mut search = Search {
            rules,
            expected,
            actual,
            buckets: Buckets::of(expected, actual, by),
            partners: vec![None; expected.len()],
            taken: vec![None; actual.len()],
            questions: QUESTIONS,
            work: rules.ground.work() + WORK,
        };
        for at in 0..expected.len() {
            search.take_free(at);
        }
        // Where all that could fit are alike, an exchange gains nothing.
        let alike = search.buckets.as_ref().is_some_and(|buckets| buckets.alike);
        for at in 0..if alike { 0 } else { expected.len() } {
            if search.partners[at].is_none() {
                search.augment(at);
            }
        }
        Self { searched: search.questions > 0, partners: search.partners }
    }
}

struct Search<'s> {
    rules: Rules<'s>,
    expected: &'s [&'s Expected],
    actual: &'s [&'s Json],
    buckets: Option<Buckets>,
    partners: Vec<Option<usize>>,
    taken: Vec<Option<usize>>,
    /// How many more candidates may be looked at.
    questions: usize,
    /// And how much work may have been done in all.
    work: u64,
}

impl Search<'_> {
    fn fits(&self, at: usize, candidate: usize) -> bool {
        self.rules.holds(self.expected[at], self.actual[candidate])
    }

    /// The next element that could fit, by its number among those that could. Each costs a question.
    fn candidate(&mut self, at: usize, number: usize) -> Option<usize> {
        let candidate = match &self.buckets {
            Some(buckets) => buckets.candidates(at).get(number).map(|came| *came as usize),
            None => (number < self.actual.len()).then_some(number),
        }?;
        if self.rules.ground.work() > self.work {
            self.questions = 0;
        }
        self.questions = self.questions.checked_sub(1)?;
        Some(candidate)
    }

    /// Takes the first free element that fits, beginning with the one at the same place.
    fn take_free(&mut self, at: usize) {
        if self.taken.get(at) == Some(&None) && self.fits(at, at) {
            return self.pair(at, at);
        }
        let mut number = self.buckets.as_mut().map_or(0, |buckets| buckets.pass(at, &self.taken));
        while let Some(candidate) = self.candidate(at, number) {
            if self.taken[candidate].is_none() && self.fits(at, candidate) {
                return self.pair(at, candidate);
            }
            number += 1;
        }
    }

    fn pair(&mut self, at: usize, candidate: usize) {
        self.partners[at] = Some(candidate);
        self.taken[candidate] = Some(at);
    }

    /// Looks for a chain of exchanges that frees an element for `start` (breadth first, so that no depth is too deep).
    fn augment(&mut self, start: usize) {
        // For each element that came and was reached: the expected one it was reached from.
        let mut reached: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            let mut number = 0;
            while let Some(candidate) = self.candidate(at, number) {
                number += 1;
                if reached.contains_key(&candidate) || !self.fits(at, candidate) {
                    continue;
                }
                reached.insert(candidate, at);
                match self.taken[candidate] {
                    Some(holder) => queue.push_back(holder),
                    None => return self.exchange(candidate, &reached),
                }
            }
        }
    }

    fn exchange(&mut self, free: usize, reached: &HashMap<usize, usize>) {
        let mut candidate = free;
        while let Some(at) = reached.get(&candidate).copied() {
            let before = self.partners[at];
            self.pair(at, candidate);
            match before {
                Some(before) => candidate = before,
                None => return,
            }
        }
    }
}

/// Elements that came, by a value that must be equal for two to fit: so that only few pairs need be compared.
struct Buckets {
    /// The places of elements that came: those of one value side by side, in their order.
    came: Vec<u32>,
    /// For each expected element, those that could fit.
    of_expected: Vec<Range<u32>>,
    /// For each of `came` that begins a bucket, how many at its beginning are known to be taken.
    passed: Vec<u32>,
    /// Whether the elements are nothing but that value, so that all in a bucket are alike.
    alike: bool,
}

impl Buckets {
    fn of(expected: &[&Expected], actual: &[&Json], by: Option<&str>) -> Option<Self> {
        let scalars: Option<Vec<u64>> = expected.iter().map(|item| literal(item)).collect();
        let (keys, name) = match scalars {
            Some(scalars) => (scalars, None),
            None => telling(expected, by).map(|(keys, name)| (keys, Some(name)))?,
        };
        let value = |item: &'_ Json| match &name {
            Some(name) => item.get(name).map(fingerprint),
            None => Some(fingerprint(item)),
        };
        let came = sorted(actual.iter().map(|item| value(item)));
        let mut of_expected = vec![0..0; expected.len()];
        let (mut start, mut end, mut last) = (0, 0, None);
        for (key, at) in sorted(keys.into_iter().map(Some)) {
            if last.replace(key) != Some(key) {
                start = end + came[end..].iter().take_while(|(value, _)| *value < key).count();
                end = start + came[start..].iter().take_while(|(value, _)| *value == key).count();
            }
            of_expected[at as usize] = narrow(start)..narrow(end);
        }
        let came: Vec<u32> = came.into_iter().map(|(_, at)| at).collect();
        Some(Self { passed: vec![0; came.len()], came, of_expected, alike: name.is_none() })
    }

    fn candidates(&self, at: usize) -> &[u32] {
        let Range { start, end } = self.of_expected[at];
        &self.came[start as usize..end as usize]
    }

    /// How many of the first candidates have been taken.
    fn pass(&mut self, at: usize, taken: &[Option<usize>]) -> usize {
        // A range without elements may begin where that of others does.
        let Range { start, end } = self.of_expected[at];
        if start == end {
            return 0;
        }
        let start = start as usize;
        let passed = self.passed[start];
        let more = self.candidates(at)[passed as usize..].iter().take_while(|came| taken[**came as usize].is_some());
        let passed = passed + narrow(more.count());
        self.passed[start] = passed;
        passed as usize
    }
}

/// Keys and their places, in the order of the keys.
fn sorted(keys: impl Iterator<Item = Option<u64>>) -> Vec<(u64, u32)> {
    let mut all: Vec<(u64, u32)> = keys.enumerate().filter_map(|(at, key)| Some((key?, narrow(at)))).collect();
    all.sort_unstable();
    all
}

/// What is held in memory has fewer elements than a u32 counts.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The member that tells expected elements apart best, and its values.
fn telling(expected: &[&Expected], by: Option<&str>) -> Option<(Vec<u64>, String)> {
    let Tree::Object(first) = &expected.first()?.tree else { return None };
    let names = first.iter().take(NAMES).map(|member| &*member.key.value as &str);
    let distinct = |keys: &[u64]| keys.iter().collect::<std::collections::HashSet<_>>().len();
    by.into_iter()
        .chain(names)
        .filter_map(|name| Some((keys(expected, name)?, name.to_owned())))
        .max_by_key(|(keys, _)| distinct(keys))
}

/// The values of a member, if every expected element has it as a literal scalar.
fn keys(expected: &[&Expected], name: &str) -> Option<Vec<u64>> {
    expected.iter().map(|item| member_key(item, name)).collect()
}

/// The fingerprint of an expected element's member, if it is a literal scalar.
pub(super) fn member_key(expected: &Expected, name: &str) -> Option<u64> {
    match &expected.tree {
        Tree::Object(members) => {
            members.iter().find(|member| &*member.key.value == name).and_then(|member| literal(&member.value))
        }
        _ => None,
    }
}
