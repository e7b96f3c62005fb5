//! One number for a value, the same for equal values whatever their spelling.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::json::{Json, Number};
use crate::scenario::expected::{Expected, Tree};

/// The fingerprint of a value. Equal values have the same; others most probably not.
pub(in crate::expect) fn fingerprint(value: &Json) -> u64 {
    match value {
        Json::Null => hash(&(0_u8, 0_u8)),
        Json::Bool(value) => boolean(*value),
        Json::Number(value) => number(value),
        Json::String(text) => string(text),
        Json::Array(items) => {
            let mut hasher = DefaultHasher::new();
            4_u8.hash(&mut hasher);
            items.iter().for_each(|item| hasher.write_u64(fingerprint(item)));
            hasher.finish()
        }
        Json::Object(object) => {
            // A sum does not care for the order of the members.
            let members = object.iter().map(|(key, value)| hash(&(key, fingerprint(value))));
            hash(&(5_u8, members.fold(0_u64, u64::wrapping_add)))
        }
    }
}

/// The fingerprint of what a literal scalar is expected to be; anything else has none.
pub(super) fn literal(expected: &Expected) -> Option<u64> {
    match &expected.tree {
        Tree::Bool(value) => Some(boolean(*value)),
        Tree::Number(value) => Some(number(value)),
        Tree::String(text) => Some(string(text)),
        _ => None,
    }
}

fn boolean(value: bool) -> u64 {
    hash(&(1_u8, value))
}

fn number(value: &Number) -> u64 {
    // Numbers of one value have one nearest float; both zeros are one value.
    let float = value.as_f64();
    hash(&(2_u8, if float == 0.0 { 0 } else { float.to_bits() }))
}

fn string(text: &str) -> u64 {
    hash(&(3_u8, text))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
