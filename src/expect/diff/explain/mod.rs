//! What two values that differ do not say by themselves: that one is the other's text, three days later, or the same to
//! the eye. Each explanation is a clause without a full stop, and nothing where the values say it all.

mod moment;
mod number;
mod text;
pub(super) mod unicode;

pub(super) use number::number;
pub(super) use text::text;

use super::holds::Rules;
use crate::json::{self, Json};
use crate::scenario::expected::{Expected, Tree};

/// A text longer than this is not read as JSON.
const JSON_TEXT: usize = 1_000_000;

/// Why a value is of another type than was expected.
pub(super) fn types(rules: Rules<'_>, expected: &Expected, actual: &Json) -> String {
    let came = actual.kind().with_article();
    match (&expected.tree, actual) {
        (Tree::Array(_) | Tree::Object(_), Json::String(text)) if is_encoded(rules, expected, text) => {
            return format!("a string that holds this {} as JSON: it was encoded twice", short(expected));
        }
        (Tree::Array(items), _) if items.len() == 1 && rules.holds(&items[0], actual) => {
            return "the element itself, without an array around it".to_owned();
        }
        (_, Json::Array(items)) if items.len() == 1 && rules.holds(expected, &items[0]) => {
            return "the same in an array of one".to_owned();
        }
        _ => {}
    }
    let wanted = type_of(expected);
    match likeness(expected, actual) {
        Some(alike) => format!("{came} {alike}, not {wanted}"),
        None => format!("{came}, not {wanted}"),
    }
}

/// How two scalars of different types are alike: `"1"` and `1`.
fn likeness(expected: &Expected, actual: &Json) -> Option<&'static str> {
    let expected = match &expected.tree {
        Tree::Array(_) | Tree::Object(_) => return None,
        _ => expected.as_json()?,
    };
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.to_string()),
        Json::Array(_) | Json::Object(_) => None,
        other => Some(other.to_string()),
    };
    let (expected, actual) = (text(&expected)?, text(actual)?);
    if expected == actual {
        return Some("of the same text");
    }
    let number = |text: &str| json::Number::parse(text.trim());
    match (number(&expected), number(&actual)) {
        (Some(expected), Some(actual)) if expected == actual => Some("of the same value"),
        _ if expected.eq_ignore_ascii_case(actual.trim()) => Some("of nearly the same text"),
        _ => None,
    }
}

/// Whether a text is the JSON of what is expected.
fn is_encoded(rules: Rules<'_>, expected: &Expected, text: &str) -> bool {
    let begins = text.trim_start().starts_with(['{', '[']);
    begins && text.len() <= JSON_TEXT && json::parse(text.as_bytes()).is_ok_and(|json| rules.holds(expected, &json))
}

fn short(expected: &Expected) -> &'static str {
    if matches!(expected.tree, Tree::Array(_)) { "array" } else { "object" }
}

fn type_of(expected: &Expected) -> &'static str {
    match &expected.tree {
        Tree::Null => "null",
        Tree::Bool(_) => "a boolean",
        Tree::Number(_) => "a number",
        Tree::String(_) | Tree::Template(_) => "a string",
        Tree::Array(_) => "an array",
        Tree::Object(_) => "an object",
        Tree::Matcher(_) | Tree::Operators(_) => "what was expected",
    }
}
