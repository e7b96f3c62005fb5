//! Which elements of an array were there before: what is written anew keeps what was said of them.

use jiff::Timestamp;

use super::Mode;
use super::align::{Alignment, Row};
use super::ground::Ground;
use super::holds::Rules;
use crate::json::Json;
use crate::scenario::expected::Expected;

/// Finds the counterparts of elements, in all arrays of one document.
pub(in crate::expect) struct Counterparts {
    ground: Ground,
    now: Timestamp,
}

impl Counterparts {
    /// In a new document; `now` is what matchers take for now.
    pub(in crate::expect) fn new(now: Timestamp) -> Self {
        Self { ground: Ground::default(), now }
    }

    /// For each element that came the expected one that it stands for, if any does: as a difference would show them.
    pub(in crate::expect) fn of(&self, expected: &[Expected], came: &[Json]) -> Vec<Option<usize>> {
        let mut found = vec![None; came.len()];
        if expected.is_empty() {
            return found;
        }
        let rules = Rules { mode: Mode::Exactly, now: self.now, ground: &self.ground };
        let (expected, came): (Vec<_>, Vec<_>) = (expected.iter().collect(), came.iter().collect());
        for row in Alignment::find(rules, &expected, &came, None).rows.iter() {
            if let Row::Pair(at, to) | Row::Moved(at, to) = row {
                found[to] = Some(at);
            }
        }
        found
    }
}
