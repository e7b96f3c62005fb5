//! Texts that have no types: the cells of a table, the fields of a form, what a path finds in XML or HTML. `12.50` that is
//! expected of them is the number, `"12.50"` the text: what is expected says as what the text is read.
//!
//! The verdict and the listing stay those of the diff: only what came is put into the types that are expected of it. Columns
//! are looked at as a whole, since which row belongs to which is for the diff to find.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{matcher, render, tree};
use crate::http::Response;
use crate::json::{Json, Number};
use crate::scenario::expected::{Expected, Operators, Tree};
use crate::scenario::matcher::Matcher;
use crate::source::Diagnostic;
use crate::template::Scope;

/// So many different matchers of one column are asked.
const MATCHERS: usize = 32;

/// The document of an answer, in the types that are expected of it where it has none of its own.
pub(super) fn of<'j>(
    expected: &Expected,
    document: &'j Json,
    response: &Response,
    scope: &Scope,
) -> Result<Cow<'j, Json>, Box<Diagnostic>> {
    if response.is_untyped() { typed(expected, document, scope).map(Cow::Owned) } else { Ok(Cow::Borrowed(document)) }
}

/// Texts, in the types that are expected of them.
pub(super) fn typed(expected: &Expected, texts: &Json, scope: &Scope) -> Result<Json, Box<Diagnostic>> {
    let rendered = render::render(expected, scope).map_err(Box::new)?;
    let mut shape = Shape::default();
    shape.add(&rendered);
    Ok(shape.read(texts, Timestamp::now()))
}

/// What is expected of all values at one place.
#[derive(Default)]
struct Shape<'e> {
    numbers: bool,
    booleans: bool,
    literals: HashSet<&'e str>,
    /// Each with how it is written, by which they are told apart.
    matchers: Vec<(String, &'e Matcher)>,
    members: HashMap<&'e str, Shape<'e>>,
    elements: Option<Box<Shape<'e>>>,
}

impl<'e> Shape<'e> {
    fn add(&mut self, expected: &'e Expected) {
        match &expected.tree {
            Tree::Null | Tree::Template(_) => {}
            Tree::Bool(_) => self.booleans = true,
            Tree::Number(_) => self.numbers = true,
            Tree::String(text) => drop(self.literals.insert(text)),
            Tree::Matcher(matcher) => {
                let written = matcher.to_string();
                if self.matchers.len() < MATCHERS && self.matchers.iter().all(|(known, _)| *known != written) {
                    self.matchers.push((written, matcher));
                }
            }
            Tree::Array(items) => items.iter().for_each(|item| self.elements.get_or_insert_default().add(item)),
            Tree::Object(members) => {
                members.iter().for_each(|member| self.members.entry(&member.key.value).or_default().add(&member.value));
            }
            Tree::Operators(operators) => {
                let Operators { each, contains, unordered, exactly, length: _, by: _, json: _ } = &**operators;
                [each, contains].into_iter().flatten().for_each(|tree| self.elements.get_or_insert_default().add(tree));
                [unordered, exactly].into_iter().flatten().for_each(|tree| self.add(tree));
            }
        }
    }

    fn read(&self, value: &Json, now: Timestamp) -> Json {
        match value {
            Json::String(text) => self.scalar(text, now).unwrap_or_else(|| value.clone()),
            Json::Array(items) => {
                let whole = match &self.elements {
                    Some(elements) => Json::array(items.iter().map(|item| elements.read(item, now))),
                    None => value.clone(),
                };
                // A matcher speaks of the list as a whole: `<each integer>`.
                let holds = |value: &Json| {
                    self.matchers.iter().any(|(_, matcher)| matcher::check(matcher, Some(value), now).is_ok())
                };
                if self.matchers.is_empty() || holds(&whole) {
                    return whole;
                }
                let numbers =
                    Json::array(items.iter().map(|item| item.as_str().and_then(plain).unwrap_or_else(|| item.clone())));
                if holds(&numbers) { numbers } else { whole }
            }
            Json::Object(object) => Json::object(object.iter().map(|(name, value)| {
                (name, self.members.get(name).map_or_else(|| value.clone(), |shape| shape.read(value, now)))
            })),
            other => other.clone(),
        }
    }

    /// The type that a text is to have, if any but text.
    fn scalar(&self, text: &str, now: Timestamp) -> Option<Json> {
        if self.literals.contains(text) {
            return None;
        }
        let typed = plain(text)?;
        let asked = match &typed {
            Json::Bool(_) => self.booleans,
            _ => self.numbers,
        };
        let as_text = Json::from(text);
        let (mut wanted, mut kept) = (asked, false);
        for (_, matcher) in &self.matchers {
            match (matcher::check(matcher, Some(&as_text), now), matcher::check(matcher, Some(&typed), now)) {
                (Ok(()), Err(_)) => kept = true,
                (Err(_), Ok(())) => wanted = true,
                // Where a number is expected, and another came, it is no news that a text holds it.
                (Err(why), Err(_)) => wanted |= why.starts_with(tree::A_STRING),
                (Ok(()), Ok(())) => {}
            }
        }
        (wanted && !kept).then_some(typed)
    }
}

/// A number or boolean that a text looks like; white space around it means nothing.
fn plain(text: &str) -> Option<Json> {
    match text.trim() {
        "true" => Some(Json::Bool(true)),
        "false" => Some(Json::Bool(false)),
        text => Number::parse(text).map(Json::Number),
    }
}
