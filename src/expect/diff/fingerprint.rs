//! One number for a value, the same for equal values whatever their spelling.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::{FixedState, FoldHasher};

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
            let mut hasher = hasher();
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

/// The fingerprint of the one value that is expected, and how many values were looked at for it. Nothing, where a matcher
/// or an operator stands in it.
pub(super) fn of_tree(expected: &Expected, work: &mut u64) -> Option<u64> {
    *work += 1;
    match &expected.tree {
        Tree::Null => Some(hash(&(0_u8, 0_u8))),
        Tree::Array(items) => {
            let mut hasher = hasher();
            4_u8.hash(&mut hasher);
            for item in items.iter() {
                hasher.write_u64(of_tree(item, work)?);
            }
            Some(hasher.finish())
        }
        Tree::Object(members) => {
            let mut sum = 0_u64;
            for member in members.iter() {
                let key: &str = &member.key.value;
                sum = sum.wrapping_add(hash(&(key, of_tree(&member.value, work)?)));
            }
            Some(hash(&(5_u8, sum)))
        }
        _ => literal(expected),
    }
}

/// The fingerprint that an object would have with members of these names alone.
pub(super) fn of_members(value: &Json, names: &HashSet<&str>) -> u64 {
    match value {
        Json::Object(object) => {
            let members = object.iter().filter(|(key, _)| names.contains(key));
            let members = members.map(|(key, value)| hash(&(key, fingerprint(value))));
            hash(&(5_u8, members.fold(0_u64, u64::wrapping_add)))
        }
        _ => fingerprint(value),
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

/// The same in every run, so that two documents are always aligned in one way.
fn hasher() -> FoldHasher<'static> {
    FixedState::with_seed(0).build_hasher()
}

/// One number for anything that is compared for equality.
pub(super) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = hasher();
    value.hash(&mut hasher);
    hasher.finish()
}
