//! Which elements of an array were there before: what is written anew keeps what was said of them.

use jiff::Timestamp;

use super::Mode;
use super::align::{Alignment, Row};
use super::holds::Rules;
use crate::json::Json;
use crate::scenario::expected::Expected;

/// For each element that came the expected one that it stands for, if any does: as a difference would show them.
pub(in crate::expect) fn counterparts(expected: &[Expected], came: &[Json], now: Timestamp) -> Vec<Option<usize>> {
    let mut found = vec![None; came.len()];
    if expected.is_empty() {
        return found;
    }
    let rules = Rules { mode: Mode::Exactly, now };
    for row in Alignment::find(rules, expected, came, None).rows {
        if let Row::Pair(at, to) | Row::Moved(at, to) = row {
            found[to] = Some(at);
        }
    }
    found
}
