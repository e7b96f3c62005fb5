//! What would have to change in an expected tree for it to hold: the walk once more, with whole values in place of what
//! people are shown. What holds is left alone, so that matchers, templates and comments there stay.

use jiff::Timestamp;

use super::align::{Alignment, Row};
use super::assign::Assignment;
use super::holds::{Members, Rules, measures};
use super::walk;
use super::Mode;
use crate::expect::matcher::measured;
use crate::expect::nature::nature_of;
use crate::expect::written::{member_name, written, written_literally};
use crate::json::{Json, Object};
use crate::jsonpath::{NormalizedPath, PathElement};
use crate::pending::{Change, Offer};
use crate::scenario::expected::{Expected, Member, Operators, Tree};
use crate::source::Span;

/// A change of one place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::expect) struct Proposed {
    /// What was written there.
    pub(in crate::expect) at: Span,
    /// The place in what came.
    pub(in crate::expect) path: NormalizedPath,
    pub(in crate::expect) offer: Offer,
}

/// The changes that would make a tree hold. `rendered` is the tree with its templates rendered.
pub(in crate::expect) fn propose(
    expected: &Expected,
    rendered: &Expected,
    actual: &Json,
    rules: Rules,
    root: &NormalizedPath,
) -> Vec<Proposed> {
    let mut walk = Walk { path: root.elements().to_vec(), found: Vec::new(), now: rules.now };
    walk.value(rules, expected, rendered, actual);
    walk.found
}

impl Rules {
    /// The rules of a comparison without more than a mode.
    pub(in crate::expect) fn of(mode: Mode, now: Timestamp) -> Self {
        Self { mode, now }
    }
}

struct Walk {
    path: Vec<PathElement>,
    found: Vec<Proposed>,
    now: Timestamp,
}

impl Walk {
    fn offer(&mut self, at: Span, offer: Offer) {
        self.found.push(Proposed { at, path: NormalizedPath::new(self.path.clone()), offer });
    }

    fn change(&mut self, at: Span, change: Result<Change, String>) {
        self.offer(at, change.map_or_else(Offer::Refused, Offer::Change));
    }

    fn below(&mut self, element: PathElement, with: impl FnOnce(&mut Self)) {
        self.path.push(element);
        with(self);
        self.path.pop();
    }

    fn value(&mut self, rules: Rules, expected: &Expected, rendered: &Expected, actual: &Json) {
        if rules.holds(rendered, actual) {
            return;
        }
        match (&expected.tree, &rendered.tree, actual) {
            (Tree::Template(template), ..) => {
                let why = format!("a template stands here: {}", template.text());
                self.ask(expected.span, actual, why);
            }
            (Tree::Matcher(matcher), ..) if matcher.is_templated() => {
                self.ask(expected.span, actual, format!("a matcher with a template stands here: {matcher}"));
            }
            (Tree::Object(members), Tree::Object(rendered), Json::Object(object)) => {
                self.object(rules, expected.span, members, rendered, object);
            }
            (Tree::Array(items), Tree::Array(rendered), Json::Array(came)) => {
                self.array(rules, expected.span, items, rendered, came, None, actual);
            }
            (Tree::Operators(operators), Tree::Operators(rendered), _) => {
                self.operators(rules, expected.span, operators, rendered, actual);
            }
            _ if expected.is_templated() => {
                self.ask(expected.span, actual, "templates stand below this".to_owned());
            }
            _ => self.change(expected.span, replacement(expected.span, actual, self.now)),
        }
    }

    fn ask(&mut self, at: Span, actual: &Json, why: String) {
        let offer = match replacement(at, actual, self.now) {
            Ok(change) => Offer::Ask(change, why),
            Err(why) => Offer::Refused(why),
        };
        self.offer(at, offer);
    }

    fn object(&mut self, rules: Rules, at: Span, members: &[Member], rendered: &[Member], object: &Object) {
        let mut lookup = Members::of(object);
        let mut extra: Vec<(&str, &Json)> = walk::unnamed(rendered, object);
        for (member, rendered) in members.iter().zip(rendered) {
            let name = &*member.key.value;
            if let Some(value) = lookup.get(name) {
                self.below(PathElement::Name(name.into()), |walk| walk.value(rules, &member.value, &rendered.value, value));
            } else if !rules.holds_absent(&rendered.value) {
                let key = member.key.span;
                if let Some(found) = walk::rename::find(rules, rendered, &extra) {
                    let (to, value) = extra.remove(found);
                    let change = member_name(to).map(|to| Change::RenameMember { key: key.into(), to });
                    self.below(PathElement::Name(to.into()), |walk| {
                        walk.change(key, change);
                        walk.value(rules, &member.value, &rendered.value, value);
                    });
                } else {
                    let change = Change::RemoveMember { key: key.into() };
                    self.below(PathElement::Name(name.into()), |walk| walk.offer(key, Offer::Change(change)));
                }
            }
        }
        if rules.mode == Mode::Exactly {
            for (name, value) in extra {
                let change = member_name(name).and_then(|name| {
                    Ok(Change::AddMember { to: at.into(), name, value: written(value, self.now)? })
                });
                self.below(PathElement::Name(name.into()), |walk| walk.change(at, change));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "both sides of a comparison, and what it goes by")]
    fn array(
        &mut self,
        rules: Rules,
        at: Span,
        items: &[Expected],
        rendered: &[Expected],
        came: &[Json],
        by: Option<&str>,
        actual: &Json,
    ) {
        let Alignment { rows, .. } = Alignment::find(rules, rendered, came, by);
        if !rows.iter().any(|row| matches!(row, Row::Pair(..) | Row::Moved(..))) {
            // Nothing of it is left.
            return if items.iter().any(Expected::is_templated) {
                self.ask(at, actual, "templates stand below this".to_owned());
            } else {
                self.change(at, replacement(at, actual, self.now));
            };
        }
        let next = |row: usize| {
            rows[row..].iter().find_map(|row| match row {
                Row::Pair(at, _) => Some(items[*at].span.into()),
                _ => None,
            })
        };
        for (number, row) in rows.iter().enumerate() {
            match *row {
                Row::Pair(at, to) => self.below(PathElement::Index(to), |walk| {
                    walk.value(rules, &items[at], &rendered[at], &came[to]);
                }),
                Row::Moved(from, to) => self.below(PathElement::Index(to), |walk| {
                    walk.value(rules, &items[from], &rendered[from], &came[to]);
                    let element = items[from].span;
                    let change = Change::MoveElement { list: at.into(), at: element.into(), before: next(number) };
                    walk.offer(element, Offer::Change(change));
                }),
                Row::Removed(from, to) => self.below(PathElement::Index(to), |walk| {
                    let element = items[from].span;
                    walk.offer(element, Offer::Change(Change::RemoveElement { list: at.into(), at: element.into() }));
                }),
                Row::Inserted(to) => {
                    let change = written(&came[to], self.now);
                    let change =
                        change.map(|value| Change::InsertElement { list: at.into(), before: next(number), value });
                    self.below(PathElement::Index(to), |walk| walk.change(at, change));
                }
            }
        }
    }

    fn operators(&mut self, rules: Rules, at: Span, operators: &Operators, rendered: &Operators, actual: &Json) {
        let items = actual.as_array();
        let of_arrays = operators.each.is_some() || operators.contains.is_some() || operators.unordered.is_some();
        if of_arrays && items.is_none() {
            return self.change(at, replacement(at, actual, self.now));
        }
        let by = rendered.by.as_ref().map(|by| &*by.value as &str);
        if let (Some(length), Some(rendered)) = (&operators.length, &rendered.length)
            && !rules.length_holds(rendered, actual)
        {
            self.length(length, rendered, actual);
        }
        if let (Some(tree), Some(rendered)) = (&operators.exactly, &rendered.exactly) {
            match (&tree.tree, &rendered.tree, actual) {
                (Tree::Array(items), Tree::Array(rendered), Json::Array(came)) if by.is_some() => {
                    if !rules.exactly().holds(&Expected::new(Tree::Array(rendered.clone()), tree.span), actual) {
                        self.array(rules.exactly(), tree.span, items, rendered, came, by, actual);
                    }
                }
                _ => self.value(rules.exactly(), tree, rendered, actual),
            }
        }
        let Some(came) = items else { return };
        if let (Some(tree), Some(rendered)) = (&operators.each, &rendered.each) {
            self.each(rules, tree, rendered, came);
        }
        if let (Some(tree), Some(rendered)) = (&operators.contains, &rendered.contains)
            && !came.iter().any(|item| rules.holds(rendered, item))
        {
            match by.and_then(|by| walk::nearest(rules, rendered, came, Some(by)).filter(|_| !came.is_empty())) {
                // The member that tells elements apart says which one is meant.
                Some((to, item)) if by.is_some_and(|by| walk::same_key(rendered, item, by)) => {
                    self.below(PathElement::Index(to), |walk| walk.value(rules, tree, rendered, item));
                }
                _ => {
                    let why = "`$contains` fits no element, and which one was meant cannot be told".to_owned();
                    self.offer(tree.span, Offer::Refused(why));
                }
            }
        }
        if let (Some(tree), Some(rendered)) = (&operators.unordered, &rendered.unordered) {
            self.unordered(rules, tree, rendered, came, by, actual);
        }
    }

    fn length(&mut self, length: &Expected, rendered: &Expected, actual: &Json) {
        let Ok((measured, _)) = measured(actual) else {
            return self.offer(length.span, Offer::Refused("what came has no length".to_owned()));
        };
        let came = Json::from(measured as u64);
        if length.is_templated() {
            return self.ask(length.span, &came, "a template stands here".to_owned());
        }
        let to = if measures(rendered) { Json::from(format!("<length {measured}>")) } else { came };
        self.offer(length.span, Offer::Change(Change::Replace { at: length.span.into(), to, matcher: None }));
    }

    /// One tree for all elements: it can be changed only where all elements ask for the same.
    fn each(&mut self, rules: Rules, tree: &Expected, rendered: &Expected, came: &[Json]) {
        let mut asked: Option<Vec<Proposed>> = None;
        let mut agreed = true;
        for (to, item) in came.iter().enumerate() {
            let mut walk = Self { path: self.path.clone(), found: Vec::new(), now: self.now };
            walk.below(PathElement::Index(to), |walk| walk.value(rules, tree, rendered, item));
            match &asked {
                None => asked = Some(walk.found),
                Some(first) => {
                    let same = |a: &Proposed, b: &Proposed| (a.at, &a.offer) == (b.at, &b.offer);
                    agreed &= first.len() == walk.found.len() && first.iter().zip(&walk.found).all(|(a, b)| same(a, b));
                }
            }
        }
        let asked = asked.unwrap_or_default();
        if agreed {
            self.found.extend(asked);
        } else {
            let why = "`$each` speaks of all elements, and they differ in this".to_owned();
            self.offer(tree.span, Offer::Refused(why));
        }
    }

    fn unordered(
        &mut self,
        rules: Rules,
        tree: &Expected,
        rendered: &Expected,
        came: &[Json],
        by: Option<&str>,
        actual: &Json,
    ) {
        let (Tree::Array(items), Tree::Array(rendered)) = (&tree.tree, &rendered.tree) else {
            let list = match &rendered.tree {
                Tree::Array(list) => rules.unordered_holds(list, came, by),
                _ => true,
            };
            if !list {
                self.ask(tree.span, actual, "a template stands here".to_owned());
            }
            return;
        };
        let Assignment { partners, searched } = Assignment::find(rules, rendered, came, by);
        if !searched {
            let why = "there are too many elements to tell which is which; `$by` would say it".to_owned();
            return self.offer(tree.span, Offer::Refused(why));
        }
        let mut left: Vec<usize> = (0..items.len()).filter(|at| partners[*at].is_none()).collect();
        let mut new: Vec<usize> = (0..came.len()).filter(|to| !partners.contains(&Some(*to))).collect();
        for (at, to) in walk::leftover_pairs(rules, rendered, came, &mut left, &mut new, by) {
            self.below(PathElement::Index(to), |walk| walk.value(rules, &items[at], &rendered[at], &came[to]));
        }
        for at in left {
            let element = items[at].span;
            let change = Change::RemoveElement { list: tree.span.into(), at: element.into() };
            self.below(PathElement::Index(at), |walk| walk.offer(element, Offer::Change(change)));
        }
        for to in new {
            let change = written(&came[to], self.now);
            let change = change.map(|value| Change::InsertElement { list: tree.span.into(), before: None, value });
            self.below(PathElement::Index(to), |walk| walk.change(tree.span, change));
        }
    }
}

impl Rules {
    fn unordered_holds(self, expected: &[Expected], came: &[Json], by: Option<&str>) -> bool {
        expected.len() == came.len() && Assignment::find(self, expected, came, by).is_complete()
    }
}

/// The change of a whole value.
pub(in crate::expect) fn replacement(at: Span, actual: &Json, now: Timestamp) -> Result<Change, String> {
    let matcher = nature_of(actual, now).map(str::to_owned);
    let to = match actual {
        Json::Array(_) | Json::Object(_) => written(actual, now)?,
        // The matcher is beside it; whoever is asked may want the value.
        _ => written(actual, now).and_then(|_| written_literally(actual))?,
    };
    Ok(Change::Replace { at: at.into(), to, matcher })
}
