//! An expected tree as it is written into a snapshot again, and with some of its values masked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::below;
use crate::json::{Json, Type};
use crate::jsonpath::{NormalizedPath, PathElement};
use crate::scenario::expected::{Expected, Member, Operators, Tree};
use crate::scenario::matcher::{Matcher, Noun};

/// The tree as it is written: matchers in their brackets, what only looks like one escaped, members in order.
pub(super) fn written(expected: &Expected) -> Json {
    match &expected.tree {
        Tree::Null => Json::Null,
        Tree::Bool(value) => Json::Bool(*value),
        Tree::Number(number) => Json::Number(number.clone()),
        Tree::String(text) => Json::from(&*Expected::escape(text)),
        // A snapshot holds no templates; one that was read as a text is one.
        Tree::Template(template) => Json::from(&*Expected::escape(template.text())),
        Tree::Matcher(matcher) => Json::from(matcher.to_string()),
        Tree::Array(items) => Json::array(items.iter().map(written)),
        Tree::Object(members) => object(members.iter().map(|member| (&*member.key.value, written(&member.value)))),
        Tree::Operators(operators) => self::operators(operators),
    }
}

fn operators(operators: &Operators) -> Json {
    let by = operators.by.iter().map(|by| ("$by", Json::from(&*by.value)));
    Json::object(by.chain(operators.named().map(|(key, tree)| (key, written(tree)))))
}

/// An object with its members in order, their names escaped.
pub(super) fn object<'m>(members: impl Iterator<Item = (&'m str, Json)>) -> Json {
    let sorted: BTreeMap<&str, Json> = members.collect();
    Json::object(sorted.into_iter().map(|(name, value)| (Arc::<str>::from(&*Expected::escape_name(name)), value)))
}

/// The document as queries see it: matchers are texts.
pub(super) fn plain(expected: &Expected) -> Json {
    match &expected.tree {
        Tree::Array(items) => Json::array(items.iter().map(plain)),
        Tree::Object(members) => {
            Json::object(members.iter().map(|member| (member.key.value.clone(), plain(&member.value))))
        }
        Tree::Operators(_) => Json::Null,
        Tree::Matcher(matcher) => Json::from(matcher.to_string()),
        _ => expected.as_json().unwrap_or_default(),
    }
}

/// The tree with the literal values at some places, which are in order, replaced by matchers of their type.
pub(super) fn masked(expected: &Expected, places: &[NormalizedPath]) -> Expected {
    masked_at(expected, places, 0)
}

fn masked_at(expected: &Expected, places: &[NormalizedPath], depth: usize) -> Expected {
    let Some(first) = places.first() else { return expected.clone() };
    let here = first.elements().len() == depth;
    let tree = match &expected.tree {
        Tree::Matcher(_) | Tree::Operators(_) => return expected.clone(),
        tree if here => Tree::Matcher(Arc::new(of_type(match tree {
            Tree::Null => Type::Null,
            Tree::Bool(_) => Type::Boolean,
            Tree::Number(_) => Type::Number,
            Tree::Array(_) => Type::Array,
            Tree::Object(_) => Type::Object,
            _ => Type::String,
        }))),
        Tree::Array(items) => Tree::Array(
            items
                .iter()
                .enumerate()
                .map(|(at, item)| masked_at(item, below(places, depth, &PathElement::Index(at)), depth + 1))
                .collect(),
        ),
        Tree::Object(members) => Tree::Object(
            members
                .iter()
                .map(|member| {
                    let element = PathElement::Name((&*member.key.value).into());
                    let value = masked_at(&member.value, below(places, depth, &element), depth + 1);
                    Member { key: member.key.clone(), value }
                })
                .collect(),
        ),
        scalar => scalar.clone(),
    };
    Expected::new(tree, expected.span)
}

/// The matcher of a type. What null will be when it is none is not known: it need only be there.
pub(super) fn of_type(kind: Type) -> Matcher {
    Matcher::Type(match kind {
        Type::Null => return Matcher::Any,
        Type::Boolean => Noun::Boolean,
        Type::Number => Noun::Number,
        Type::String => Noun::String,
        Type::Array => Noun::Array,
        Type::Object => Noun::Object,
    })
}
