//! The verdict: whether a value is as expected. Nothing is allocated for what is equal.

use std::collections::HashSet;

use jiff::Timestamp;

use super::Mode;
use super::assign::Assignment;
use super::ground::Ground;
use crate::expect::matcher::{self, measured};
use crate::json::{self, Json, Object};
use crate::scenario::expected::{Expected, Member, Operators, Tree};

/// What a comparison goes by.
#[derive(Clone, Copy)]
pub(super) struct Rules<'g> {
    /// Whether objects may have more members.
    pub(super) mode: Mode,
    /// What matchers take for now.
    pub(super) now: Timestamp,
    /// What is ignored, and what has been found out.
    pub(super) ground: &'g Ground,
}

impl Rules<'_> {
    /// The same, with no more members allowed.
    pub(super) fn exactly(self) -> Self {
        Self { mode: Mode::Exactly, ..self }
    }

    /// The same of a document that is there for a moment only: what is found out of it must not be kept by its addresses.
    pub(super) fn apart(self, ground: &Ground) -> Rules<'_> {
        Rules { mode: self.mode, now: self.now, ground }
    }

    /// Whether a value is as expected, or is not looked at.
    pub(super) fn holds(self, expected: &Expected, actual: &Json) -> bool {
        if self.ignores_expected(expected) || self.ignores(actual) {
            return true;
        }
        match (&expected.tree, actual) {
            (Tree::Array(_), Json::Array(_))
            | (Tree::Object(_), Json::Object(_))
            | (Tree::Operators(_), Json::Array(_) | Json::Object(_)) => {
                let exactly = self.mode == Mode::Exactly;
                self.ground.verdict(expected, actual, exactly, || self.decide(expected, actual))
            }
            _ => {
                self.ground.count();
                self.decide(expected, actual)
            }
        }
    }

    fn decide(self, expected: &Expected, actual: &Json) -> bool {
        match (&expected.tree, actual) {
            (Tree::Null, Json::Null) => true,
            (Tree::Bool(expected), Json::Bool(actual)) => expected == actual,
            (Tree::Number(expected), Json::Number(actual)) => expected == actual,
            (Tree::String(expected), Json::String(actual)) => **expected == **actual,
            (Tree::Array(expected), Json::Array(actual)) => self.elements_hold(expected, actual),
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
        self.ignores_expected(expected)
            || matches!(&expected.tree, Tree::Matcher(matcher) if matcher::check(matcher, None, self.now).is_ok())
    }

    /// Whether a value that came is not looked at.
    pub(super) fn ignores(self, actual: &Json) -> bool {
        self.ground.ignored.as_ref().is_some_and(|ignored| ignored.has_actual(actual))
    }

    /// Whether what is expected is not looked at.
    pub(super) fn ignores_expected(self, expected: &Expected) -> bool {
        self.ground.ignored.as_ref().is_some_and(|ignored| ignored.has_expected(expected))
    }

    fn elements_hold(self, expected: &[Expected], actual: &[Json]) -> bool {
        if self.ground.ignored.is_none() {
            return expected.len() == actual.len()
                && expected.iter().zip(actual).all(|(expected, actual)| self.holds(expected, actual));
        }
        let mut came = actual.iter().filter(|actual| !self.ignores(actual));
        let held = expected.iter().filter(|expected| !self.ignores_expected(expected));
        held.into_iter().all(|expected| came.next().is_some_and(|actual| self.holds(expected, actual)))
            && came.next().is_none()
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
        if self.mode == Mode::Contains || found == actual.len() {
            return true;
        }
        // What is ignored may be there too. Whoever ignores nothing does not pay for it.
        self.ground.ignored.is_some() && {
            let named: HashSet<&str> = expected.iter().map(|member| &*member.key.value as &str).collect();
            actual.iter().all(|(name, value)| self.ignores(value) || named.contains(name))
        }
    }

    fn operators_hold(self, operators: &Operators, actual: &Json) -> bool {
        let Operators { each, contains, unordered, length, by, exactly, json } = operators;
        let looked_at = |items: &'_ [Json]| Elements::came(self, items).refs.len();
        let items = actual.as_array();
        let all = |tree: &Expected| {
            items.is_some_and(|items| items.iter().all(|item| self.ignores(item) || self.holds(tree, item)))
        };
        let some = |tree: &Expected| {
            items.is_some_and(|items| items.iter().any(|item| !self.ignores(item) && self.holds(tree, item)))
        };
        exactly.as_ref().is_none_or(|tree| self.exactly().holds(tree, actual))
            && json
                .as_ref()
                .is_none_or(|tree| within(actual).is_ok_and(|inner| self.apart(&Ground::default()).holds(tree, &inner)))
            && length.as_ref().is_none_or(|length| self.length_holds(length, actual))
            && each.as_ref().is_none_or(all)
            && contains.as_ref().is_none_or(some)
            && unordered.as_ref().is_none_or(|tree| match (&tree.tree, items) {
                (Tree::Array(expected), Some(items)) => {
                    let by = by.as_ref().map(|by| &*by.value as &str);
                    let expected = Elements::expected(self, expected);
                    expected.refs.len() == looked_at(items)
                        && Assignment::find(self, &expected.refs, &Elements::came(self, items).refs, by).is_complete()
                }
                _ => false,
            })
    }

    pub(super) fn length_holds(self, length: &Expected, actual: &Json) -> bool {
        // `<length 1..10>` speaks of the value that has the length, `<1..10>` of the length.
        match self.measured(actual) {
            Ok((counted, _)) if measures(length) && measured(actual).is_ok_and(|(all, _)| counted < all) => {
                self.holds(length, &Json::array(std::iter::repeat_n(Json::Null, counted)))
            }
            _ if measures(length) => self.holds(length, actual),
            Ok((counted, _)) => self.holds(length, &Json::from(counted as u64)),
            Err(_) => false,
        }
    }

    /// The length of a value, what is not looked at left out, and what it is counted in.
    pub(super) fn measured(self, actual: &Json) -> Result<(usize, &'static str), String> {
        let (length, what) = measured(actual)?;
        let ignored = match (&self.ground.ignored, actual) {
            (None, _) => 0,
            (_, Json::Array(items)) => items.iter().filter(|item| self.ignores(item)).count(),
            (_, Json::Object(object)) => object.iter().filter(|(_, value)| self.ignores(value)).count(),
            _ => 0,
        };
        Ok((length - ignored, what))
    }
}

/// Elements that are looked at, and their places among all.
pub(super) struct Elements<'e, T> {
    pub(super) refs: Vec<&'e T>,
    /// The places, unless all are looked at.
    places: Option<Vec<usize>>,
    all: usize,
}

impl<'e> Elements<'e, Expected> {
    pub(super) fn expected(rules: Rules<'_>, items: &'e [Expected]) -> Self {
        Self::of(items, rules.ground.ignored.is_some(), |item| rules.ignores_expected(item))
    }
}

impl<'e> Elements<'e, Json> {
    pub(super) fn came(rules: Rules<'_>, items: &'e [Json]) -> Self {
        Self::of(items, rules.ground.ignored.is_some(), |item| rules.ignores(item))
    }
}

impl<'e, T> Elements<'e, T> {
    fn of(items: &'e [T], some: bool, ignored: impl Fn(&T) -> bool) -> Self {
        if !some {
            return Self { refs: items.iter().collect(), places: None, all: items.len() };
        }
        let kept = items.iter().enumerate().filter(|(_, item)| !ignored(item));
        let (places, refs): (Vec<usize>, Vec<&T>) = kept.unzip();
        Self { refs, places: Some(places), all: items.len() }
    }

    /// The place, among all elements, of one that is looked at; of one behind the last, the end.
    pub(super) fn place(&self, at: usize) -> usize {
        match &self.places {
            None => at,
            Some(places) => places.get(at).copied().unwrap_or(self.all),
        }
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
