//! The verdict: whether a value is as expected. Nothing is allocated for what is equal.

use jiff::Timestamp;

use super::Mode;
use super::assign::Assignment;
use crate::expect::matcher::{self, measured};
use crate::json::{self, Json, Object};
use crate::scenario::expected::{Expected, Member, Operators, Tree};

/// What a comparison goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Whether objects may have more members.
    pub(super) mode: Mode,
    /// What matchers take for now.
    pub(super) now: Timestamp,
}

impl Rules {
    /// The same, with no more members allowed.
    pub(super) fn exactly(self) -> Self {
        Self { mode: Mode::Exactly, ..self }
    }

    /// Whether a value is as expected.
    pub(super) fn holds(self, expected: &Expected, actual: &Json) -> bool {
        match (&expected.tree, actual) {
            (Tree::Null, Json::Null) => true,
            (Tree::Bool(expected), Json::Bool(actual)) => expected == actual,
            (Tree::Number(expected), Json::Number(actual)) => expected == actual,
            (Tree::String(expected), Json::String(actual)) => **expected == **actual,
            (Tree::Array(expected), Json::Array(actual)) => {
                expected.len() == actual.len()
                    && expected.iter().zip(actual).all(|(expected, actual)| self.holds(expected, actual))
            }
            (Tree::Object(expected), Json::Object(actual)) => self.members_hold(expected, actual),
            (Tree::Matcher(matcher), _) => matcher::check(matcher, Some(actual), self.now).is_ok(),
            (Tree::Operators(operators), _) => self.operators_hold(operators, actual),
            // A template that nobody rendered is no more than its text.
            (Tree::Template(template), Json::String(actual)) => template.text() == &**actual,
            _ => false,
        }
    }

    /// Whether it is as expected that nothing is there.
    pub(super) fn holds_absent(self, expected: &Expected) -> bool {
        matches!(&expected.tree, Tree::Matcher(matcher) if matcher::check(matcher, None, self.now).is_ok())
    }

    fn members_hold(self, expected: &[Member], actual: &Object) -> bool {
        let mut found = 0;
        let mut pairs = Members::of(actual);
        for member in expected {
            match pairs.get(&member.key.value) {
                Some(value) if self.holds(&member.value, value) => found += 1,
                None if self.holds_absent(&member.value) => {}
                _ => return false,
            }
        }
        self.mode == Mode::Contains || found == actual.len()
    }

    fn operators_hold(self, operators: &Operators, actual: &Json) -> bool {
        let Operators { each, contains, unordered, length, by, exactly, json } = operators;
        let items = actual.as_array();
        exactly.as_ref().is_none_or(|tree| self.exactly().holds(tree, actual))
            && json.as_ref().is_none_or(|tree| within(actual).is_ok_and(|inner| self.holds(tree, &inner)))
            && length.as_ref().is_none_or(|length| self.length_holds(length, actual))
            && each
                .as_ref()
                .is_none_or(|tree| items.is_some_and(|items| items.iter().all(|item| self.holds(tree, item))))
            && contains
                .as_ref()
                .is_none_or(|tree| items.is_some_and(|items| items.iter().any(|item| self.holds(tree, item))))
            && unordered.as_ref().is_none_or(|tree| match (&tree.tree, items) {
                (Tree::Array(expected), Some(items)) => {
                    let by = by.as_ref().map(|by| &*by.value as &str);
                    expected.len() == items.len() && Assignment::find(self, expected, items, by).is_complete()
                }
                _ => false,
            })
    }

    pub(super) fn length_holds(self, length: &Expected, actual: &Json) -> bool {
        // `<length 1..10>` speaks of the value that has the length, `<1..10>` of the length.
        if measures(length) {
            return self.holds(length, actual);
        }
        measured(actual).is_ok_and(|(measured, _)| self.holds(length, &Json::from(measured as u64)))
    }
}

/// The JSON that a text holds, for `$json`.
///
/// # Errors
/// Why it holds none, as a clause.
pub(super) fn within(text: &Json) -> Result<Json, String> {
    let Json::String(text) = text else {
        return Err(format!("{}, not a text that is JSON", text.kind().with_article()));
    };
    json::parse(text.as_bytes()).map_err(|error| format!("this text is not JSON: {error}"))
}

/// Whether a `$length` is a matcher that measures by itself.
pub(super) fn measures(length: &Expected) -> bool {
    matches!(&length.tree, Tree::Matcher(matcher) if matcher.measures())
}

/// The members of an object, looked up in the order they are likely to be asked for: both sides are mostly written in
/// one order, and then no member is searched.
pub(super) struct Members<'j, I> {
    object: &'j Object,
    next: I,
    ahead: Option<(&'j str, &'j Json)>,
}

impl<'j> Members<'j, ()> {
    pub(super) fn of(object: &'j Object) -> Members<'j, impl Iterator<Item = (&'j str, &'j Json)>> {
        let mut next = object.iter();
        let ahead = next.next();
        Members { object, next, ahead }
    }
}

impl<'j, I: Iterator<Item = (&'j str, &'j Json)>> Members<'j, I> {
    pub(super) fn get(&mut self, name: &str) -> Option<&'j Json> {
        match self.ahead {
            Some((key, value)) if key == name => {
                self.ahead = self.next.next();
                Some(value)
            }
            _ => self.object.get(name),
        }
    }
}
