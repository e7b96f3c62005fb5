//! The four types of values of XPath 1.0 and how they become one another (sections 3.2 to 4.4).

use crate::markup::tree::{NodeId, Tree};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nodes, each once, in the order of the document.
    Nodes(Vec<NodeId>),
    Boolean(bool),
    Number(f64),
    Text(String),
}

impl Value {
    pub(super) fn boolean(&self) -> bool {
        match self {
            Self::Nodes(nodes) => !nodes.is_empty(),
            Self::Boolean(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
        }
    }

    pub(super) fn number(&self, tree: &Tree) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Boolean(value) => f64::from(u8::from(*value)),
            other => number_of(&other.text(tree)),
        }
    }

    pub(super) fn text(&self, tree: &Tree) -> String {
        match self {
            Self::Nodes(nodes) => nodes.first().map(|node| tree.text(*node)).unwrap_or_default(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(number) => text_of(*number),
            Self::Text(text) => text.clone(),
        }
    }
}

/// The number that a text is; not a number where it is none (section 4.4).
pub(super) fn number_of(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain && digits.bytes().any(|byte| byte.is_ascii_digit()) { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// How a number is written (section 4.2): without an exponent, and without a fraction where it has none.
pub(super) fn text_of(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    }
}
