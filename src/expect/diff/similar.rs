//! How like what is expected a value is, where it is not as expected: to show it against the nearest.

use super::holds::Rules;
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};

/// From here on two values are shown as one that changed, and not as one that went and another that came.
pub(super) const ALIKE: f64 = 0.34;

impl Rules<'_> {
    /// From 0, nothing alike, to 1, as expected. Looks one level deep.
    pub(super) fn likeness(self, expected: &Expected, actual: &Json) -> f64 {
        if self.holds(expected, actual) {
            return 1.0;
        }
        match (&expected.tree, actual) {
            (Tree::Object(members), Json::Object(object)) => {
                let score = |name: &str, value: &Expected| match object.get(name) {
                    Some(actual) if self.holds(value, actual) => 1.0,
                    Some(_) => ALIKE,
                    None => 0.0,
                };
                let sum: f64 = members.iter().map(|member| score(&member.key.value, &member.value)).sum();
                sum / count(members.len())
            }
            (Tree::Array(items), Json::Array(actual)) => {
                let held = items.iter().zip(actual).filter(|(expected, actual)| self.holds(expected, actual)).count();
                ALIKE + (1.0 - ALIKE) * count(held) / count(items.len().max(actual.len()))
            }
            (Tree::Matcher(_) | Tree::Operators(_), _) => ALIKE,
            // Two numbers, or two texts, are somewhat alike; not enough to pair them where others could be paired.
            _ if same_kind(expected, actual) => ALIKE / 2.0,
            _ => 0.0,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a score needs no more than a float holds")]
fn count(number: usize) -> f64 {
    number.max(1) as f64
}

pub(super) fn same_kind(expected: &Expected, actual: &Json) -> bool {
    matches!(
        (&expected.tree, actual),
        (Tree::Null, Json::Null)
            | (Tree::Bool(_), Json::Bool(_))
            | (Tree::Number(_), Json::Number(_))
            | (Tree::String(_) | Tree::Template(_), Json::String(_))
            | (Tree::Array(_), Json::Array(_))
            | (Tree::Object(_), Json::Object(_))
    )
}
