//! What would have to change in an expected tree for it to hold: the walk once more, with whole values in place of what
//! people are shown. What holds is left alone, so that matchers, templates and comments there stay.

use std::collections::HashSet;

use jiff::Timestamp;

use super::Mode;
use super::align::{Alignment, Row};
use super::assign::Assignment;
use super::ground::Ground;
use super::holds::{Elements, Members, Rules, measures, within};
use super::ignore::Ignored;
use super::walk::{self, nearest};
use crate::expect::nature::nature_of;
use crate::expect::render::render;
use crate::expect::written::{member_name, written, written_literally};
use crate::json::{Json, Object};
use crate::jsonpath::{JsonPath, NormalizedPath, PathElement};
use crate::pending::{Change, Offer};
use crate::scenario::expected::{Expected, Member, Operators, Tree};
use crate::source::{Diagnostic, Span, Spanned};
use crate::template::Scope;

/// A change of one place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::expect) struct Proposed {
    /// What was written there.
    pub(in crate::expect) at: Span,
    /// The place in what came.
    pub(in crate::expect) path: NormalizedPath,
    pub(in crate::expect) offer: Offer,
}

/// The changes that would make a tree hold, without those to what the paths name.
///
/// # Errors
/// A template in what is expected that cannot be rendered.
pub(in crate::expect) fn propose(
    expected: &Expected,
    actual: &Json,
    mode: Mode,
    ignore: &[Spanned<JsonPath>],
    scope: &Scope,
    root: &NormalizedPath,
) -> Result<Vec<Proposed>, Diagnostic> {
    let rendered = render(expected, scope)?;
    let ignored = (!ignore.is_empty()).then(|| Ignored::of(ignore, &rendered, Some(actual)).0);
    let ground = Ground::new(ignored);
    let rules = Rules { mode, now: Timestamp::now(), ground: &ground };
    let mut walk = Walk { path: root.elements().to_vec(), found: Vec::new(), now: rules.now };
    walk.value(rules, expected, &rendered, actual);
    Ok(walk.found)
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

    fn value(&mut self, rules: Rules<'_>, expected: &Expected, rendered: &Expected, actual: &Json) {
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

    fn object(&mut self, rules: Rules<'_>, at: Span, members: &[Member], rendered: &[Member], object: &Object) {
        let mut lookup = Members::of(object);
        let mut extra = walk::unnamed(rules, rendered, object);
        for (member, rendered) in members.iter().zip(rendered) {
            let name = &*member.key.value;
            if let Some(value) = lookup.get(name) {
                self.below(PathElement::Name(name.into()), |walk| {
                    walk.value(rules, &member.value, &rendered.value, value);
                });
            } else if !rules.holds_absent(&rendered.value) {
                let key = member.key.span;
                if let Some((to, value)) = walk::rename::find(rules, rendered, &extra).and_then(|at| extra.remove(at)) {
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
                let change = member_name(name)
                    .and_then(|name| Ok(Change::AddMember { to: at.into(), name, value: written(value, self.now)? }));
                self.below(PathElement::Name(name.into()), |walk| walk.change(at, change));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "both sides of a comparison, and what it goes by")]
    fn array(
        &mut self,
        rules: Rules<'_>,
        at: Span,
        items: &[Expected],
        rendered: &[Expected],
        came: &[Json],
        by: Option<&str>,
        actual: &Json,
    ) {
        let (expected, came) = (Elements::expected(rules, rendered), Elements::came(rules, came));
        let rows: Vec<Row> = Alignment::find(rules, &expected.refs, &came.refs, by).rows.iter().collect();
        if !rows.iter().any(|row| matches!(row, Row::Pair(..) | Row::Moved(..))) {
            // Nothing of it is left.
            return if items.iter().any(Expected::is_templated) {
                self.ask(at, actual, "templates stand below this".to_owned());
            } else {
                self.change(at, replacement(at, actual, self.now));
            };
        }
        let item = |at: usize| &items[expected.place(at)];
        // For each row, the element that stays in its order next.
        let mut stays = vec![None; rows.len()];
        for number in (0..rows.len()).rev() {
            stays[number] = match rows[number] {
                Row::Pair(at, _) => Some(at),
                _ => stays.get(number + 1).copied().flatten(),
            };
        }
        let next = |row: usize| stays[row].map(|at| item(at).span.into());
        for (number, row) in rows.iter().enumerate() {
            match *row {
                Row::Pair(at, to) => self.below(PathElement::Index(came.place(to)), |walk| {
                    walk.value(rules, item(at), expected.refs[at], came.refs[to]);
                }),
                Row::Moved(from, to) => self.below(PathElement::Index(came.place(to)), |walk| {
                    walk.value(rules, item(from), expected.refs[from], came.refs[to]);
                    let element = item(from).span;
                    let change = Change::MoveElement { list: at.into(), at: element.into(), before: next(number) };
                    walk.offer(element, Offer::Change(change));
                }),
                Row::Removed(from, _) => self.below(PathElement::Index(expected.place(from)), |walk| {
                    let element = item(from).span;
                    walk.offer(element, Offer::Change(Change::RemoveElement { list: at.into(), at: element.into() }));
                }),
                Row::Inserted(to) => {
                    let change = written(came.refs[to], self.now);
                    let change =
                        change.map(|value| Change::InsertElement { list: at.into(), before: next(number), value });
                    self.below(PathElement::Index(came.place(to)), |walk| walk.change(at, change));
                }
            }
        }
    }

    fn operators(&mut self, rules: Rules<'_>, at: Span, operators: &Operators, rendered: &Operators, actual: &Json) {
        let items = actual.as_array();
        let of_arrays = operators.each.is_some() || operators.contains.is_some() || operators.unordered.is_some();
        if of_arrays && items.is_none() {
            return self.change(at, replacement(at, actual, self.now));
        }
        let by = rendered.by.as_ref().map(|by| &*by.value as &str);
        if let (Some(length), Some(rendered)) = (&operators.length, &rendered.length)
            && !rules.length_holds(rendered, actual)
        {
            self.length(rules, length, rendered, actual);
        }
        if let (Some(tree), Some(whole)) = (&operators.exactly, &rendered.exactly) {
            match (&tree.tree, &whole.tree, actual) {
                (Tree::Array(items), Tree::Array(rendered), Json::Array(came)) if by.is_some() => {
                    if !rules.exactly().holds(whole, actual) {
                        self.array(rules.exactly(), tree.span, items, rendered, came, by, actual);
                    }
                }
                _ => self.value(rules.exactly(), tree, whole, actual),
            }
        }
        if let (Some(tree), Some(rendered)) = (&operators.json, &rendered.json) {
            match within(actual) {
                // Verdicts are known by addresses, and this document is gone after the look at it.
                Ok(inner) => self.value(rules.apart(&Ground::default()), tree, rendered, &inner),
                Err(_) => return self.change(at, replacement(at, actual, self.now)),
            }
        }
        let Some(came) = items else { return };
        if let (Some(tree), Some(rendered)) = (&operators.each, &rendered.each) {
            self.each(rules, tree, rendered, came);
        }
        if let (Some(tree), Some(rendered)) = (&operators.contains, &rendered.contains)
            && !came.iter().any(|item| !rules.ignores(item) && rules.holds(rendered, item))
        {
            // The member that tells elements apart says which one is meant.
            if let Some((to, item)) = by.and_then(|by| nearest::named(rendered, came, by)) {
                self.below(PathElement::Index(to), |walk| walk.value(rules, tree, rendered, item));
            } else {
                let why = "`$contains` fits no element, and which one was meant cannot be told".to_owned();
                self.offer(tree.span, Offer::Refused(why));
            }
        }
        if let (Some(tree), Some(rendered)) = (&operators.unordered, &rendered.unordered) {
            self.unordered(rules, tree, rendered, came, by, actual);
        }
    }

    fn length(&mut self, rules: Rules<'_>, length: &Expected, rendered: &Expected, actual: &Json) {
        let Ok((measured, _)) = rules.measured(actual) else {
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
    fn each(&mut self, rules: Rules<'_>, tree: &Expected, rendered: &Expected, came: &[Json]) {
        let mut asked: Option<Vec<Proposed>> = None;
        let mut agreed = true;
        for (to, item) in came.iter().enumerate().filter(|(_, item)| !rules.ignores(item)) {
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
        rules: Rules<'_>,
        tree: &Expected,
        rendered: &Expected,
        came: &[Json],
        by: Option<&str>,
        actual: &Json,
    ) {
        let (Tree::Array(items), Tree::Array(rendered)) = (&tree.tree, &rendered.tree) else {
            if let Tree::Array(list) = &rendered.tree {
                let (list, came) = (Elements::expected(rules, list), Elements::came(rules, came));
                let held = list.refs.len() == came.refs.len()
                    && Assignment::find(rules, &list.refs, &came.refs, by).is_complete();
                if !held {
                    self.ask(tree.span, actual, "a template stands here".to_owned());
                }
            }
            return;
        };
        let (expected, came) = (Elements::expected(rules, rendered), Elements::came(rules, came));
        let Assignment { partners, searched } = Assignment::find(rules, &expected.refs, &came.refs, by);
        if !searched {
            let why = "there are too many elements to tell which is which; `$by` would say it".to_owned();
            return self.offer(tree.span, Offer::Refused(why));
        }
        let mut left: Vec<usize> = (0..expected.refs.len()).filter(|at| partners[*at].is_none()).collect();
        let taken: HashSet<usize> = partners.iter().flatten().copied().collect();
        let mut new: Vec<usize> = (0..came.refs.len()).filter(|to| !taken.contains(to)).collect();
        for (at, to) in nearest::pairs(rules, &expected.refs, &came.refs, &mut left, &mut new, by) {
            self.below(PathElement::Index(came.place(to)), |walk| {
                walk.value(rules, &items[expected.place(at)], expected.refs[at], came.refs[to]);
            });
        }
        for at in left {
            let element = items[expected.place(at)].span;
            let change = Change::RemoveElement { list: tree.span.into(), at: element.into() };
            self.below(PathElement::Index(expected.place(at)), |walk| walk.offer(element, Offer::Change(change)));
        }
        for to in new {
            let change = written(came.refs[to], self.now);
            let change = change.map(|value| Change::InsertElement { list: tree.span.into(), before: None, value });
            self.below(PathElement::Index(came.place(to)), |walk| walk.change(tree.span, change));
        }
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
