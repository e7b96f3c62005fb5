//! The walk: down both trees at once, noting what does not hold. It asks `holds` for every verdict of its own, so that
//! what it finds and what is decided cannot fall apart.

use std::collections::{HashSet, VecDeque};

use self::path::Path;
use super::align::{Alignment, Row};
use super::assign::Assignment;
use super::explain;
use super::ground::Ground;
use super::holds::{Elements, Members, Rules, measures, within};
use super::preview::{Shown, focus, preview_of};
use super::text::{self, TextLine, visible};
use super::{Difference, Differences, ELSEWHERE, KEPT, Kind, Mode, region};
use crate::expect::matcher;
use crate::json::{Json, Object};
use crate::jsonpath::NormalizedPath;
use crate::scenario::expected::{Expected, Member, Operators, Tree};
use crate::source::Span;

mod elsewhere;
pub(super) mod nearest;
mod path;
pub(super) mod rename;

/// Texts are kept to this length in a difference, cut around where they differ.
const TEXT: usize = 2_000;
/// So many arrays and objects are named that were compared coarsely.
const COARSE: usize = 10;
/// Differences that are only counted are counted by so many regions of the document.
const REGIONS: usize = 1_000;

/// All differences between a tree and a value, or its absence.
pub(super) fn differences(
    expected: &Expected,
    actual: Option<&Json>,
    rules: Rules<'_>,
    root: &NormalizedPath,
) -> Differences {
    let mut walk = Walk { found: Differences::default(), missing: Vec::new() };
    let path = Path::root(root, expected.span);
    match actual {
        Some(actual) if rules.holds(expected, actual) => {}
        Some(actual) => {
            rules.ground.keep_verdicts();
            walk.differs(rules, expected, actual, &path);
            elsewhere::tell(rules, &mut walk.found.list, &walk.missing, expected, actual, root);
        }
        None if rules.holds_absent(expected) => {}
        None => walk.absent(expected, &path),
    }
    walk.found
}

struct Walk<'e> {
    found: Differences,
    /// Members that are missing: their places among the differences, their names, and what was expected of them.
    missing: Vec<elsewhere::Sought<'e>>,
}

/// What a difference says beside its place.
#[derive(Default)]
struct Said {
    expected: String,
    actual: String,
    why: String,
    lines: Vec<TextLine>,
}

impl Said {
    fn of(expected: &Expected, actual: &Json, why: String) -> Self {
        let (expected, actual) = (preview_of(Shown::Expected(expected)), preview_of(Shown::Json(actual)));
        Self { expected, actual, why, lines: Vec::new() }
    }
}

impl<'e> Walk<'e> {
    fn add(&mut self, path: &Path<'_>, kind: Kind, span: Span, said: impl FnOnce() -> Said) {
        if self.found.list.len() < KEPT {
            let Said { expected, actual, why, lines } = said();
            let path = path.build();
            return self.found.list.push(Difference { path, kind, span, expected, actual, why, lines });
        }
        let region = region(&path.beginning());
        let more = &mut self.found.more;
        // Where every member of the root differs, not all of them are named.
        let known = more.len() < REGIONS || more.contains_key(&region);
        *more.entry(if known { region } else { ELSEWHERE.to_owned() }).or_default() += 1;
    }

    fn value(&mut self, rules: Rules<'_>, expected: &'e Expected, actual: &Json, path: &Path<'_>) {
        if !rules.holds(expected, actual) {
            self.differs(rules, expected, actual, path);
        }
    }

    /// What differs in a value of which it is known that it is not as expected.
    fn differs(&mut self, rules: Rules<'_>, expected: &'e Expected, actual: &Json, path: &Path<'_>) {
        match (&expected.tree, actual) {
            (Tree::Object(members), Json::Object(object)) => self.object(rules, members, object, path),
            (Tree::Array(items), Json::Array(came)) => self.array(rules, items, came, None, path),
            (Tree::Operators(operators), _) => self.operators(rules, operators, expected, actual, path),
            (Tree::Matcher(matcher), _) => {
                if let Err(why) = matcher::check(matcher, Some(actual), rules.now) {
                    self.add(path, Kind::Matcher, expected.span, || Said::of(expected, actual, why));
                }
            }
            _ => self.other(rules, expected, actual, path),
        }
    }

    /// A literal, and a value that is another.
    fn other(&mut self, rules: Rules<'_>, expected: &'e Expected, actual: &Json, path: &Path<'_>) {
        match (&expected.tree, actual) {
            (Tree::String(text), Json::String(came)) => self.add(path, Kind::Value, expected.span, || {
                let (written, came_as) = (visible(text), visible(came));
                Said {
                    expected: focus(&written, &came_as, TEXT),
                    actual: focus(&came_as, &written, TEXT),
                    why: explain::text(text, came),
                    lines: text::against(text, came),
                }
            }),
            (Tree::Number(number), Json::Number(came)) => {
                let why = || explain::number(number, came);
                self.add(path, Kind::Value, expected.span, || Said::of(expected, actual, why()));
            }
            _ if super::similar::same_kind(expected, actual) => {
                self.add(path, Kind::Value, expected.span, || Said::of(expected, actual, String::new()));
            }
            _ => self.add(path, Kind::Type, expected.span, || {
                Said::of(expected, actual, explain::types(rules, expected, actual))
            }),
        }
    }

    fn absent(&mut self, expected: &'e Expected, path: &Path<'_>) {
        self.add(path, Kind::Missing, path.span, || Said {
            expected: preview_of(Shown::Expected(expected)),
            ..Said::default()
        });
    }

    fn object(&mut self, rules: Rules<'_>, members: &'e [Member], object: &Object, path: &Path<'_>) {
        let mut found = 0;
        let mut lookup = Members::of(object);
        // What the file does not name: asked for only where something is missing or nothing more is allowed.
        let mut extra: Option<VecDeque<(&str, &Json)>> = None;
        let mut coarse = false;
        for member in members {
            let name = &*member.key.value;
            let here = path.member(name, member.key.span);
            match lookup.get(name) {
                Some(value) => {
                    found += 1;
                    self.value(rules, &member.value, value, &here);
                }
                None if rules.holds_absent(&member.value) => {}
                None => {
                    let extra = extra.get_or_insert_with(|| unnamed(rules, members, object));
                    if let Some((to, value)) = rename::find(rules, member, extra).and_then(|at| extra.remove(at)) {
                        self.renamed(member, to, value, &here);
                    } else {
                        coarse |= rules.ground.is_done_renaming() && !extra.is_empty();
                        if self.found.list.len() < KEPT {
                            self.missing.push((self.found.list.len(), name, &member.value));
                        }
                        self.absent(&member.value, &here);
                    }
                }
            }
        }
        if coarse {
            self.coarse(path);
        }
        if rules.mode == Mode::Exactly && (extra.is_some() || found < object.len()) {
            for (name, value) in extra.unwrap_or_else(|| unnamed(rules, members, object)) {
                let here = path.member(name, path.span);
                self.add(&here, Kind::Unexpected, path.span, || Said {
                    actual: preview_of(Shown::Json(value)),
                    ..Said::default()
                });
            }
        }
    }

    fn renamed(&mut self, member: &'e Member, to: &str, value: &Json, path: &Path<'_>) {
        self.add(path, Kind::Renamed { to: to.into() }, path.span, || {
            let named = |name: &str, value: String| format!("{}: {value}", visible(name));
            Said {
                expected: named(&member.key.value, preview_of(Shown::Expected(&member.value))),
                actual: named(to, preview_of(Shown::Json(value))),
                ..Said::default()
            }
        });
    }

    /// Notes that what is below this was compared with less care than most.
    fn coarse(&mut self, path: &Path<'_>) {
        if self.found.coarse.len() < COARSE {
            self.found.coarse.push(path.build());
        }
    }

    /// Elements in their order, of which it is known that they are not as expected.
    fn array(&mut self, rules: Rules<'_>, items: &'e [Expected], came: &[Json], by: Option<&str>, path: &Path<'_>) {
        let (items, came) = (Elements::expected(rules, items), Elements::came(rules, came));
        let alignment = Alignment::find(rules, &items.refs, &came.refs, by);
        if alignment.coarse {
            self.coarse(path);
        }
        for row in alignment.rows.iter() {
            match row {
                Row::Pair(at, to) => {
                    let item = items.refs[at];
                    self.value(rules, item, came.refs[to], &path.element(came.place(to), item.span));
                }
                Row::Moved(at, to) => {
                    let (item, value) = (items.refs[at], came.refs[to]);
                    let here = path.element(came.place(to), item.span);
                    let from = items.place(at);
                    self.add(&here, Kind::Moved { from }, item.span, || Said::of(item, value, String::new()));
                    self.value(rules, item, value, &here);
                }
                Row::Removed(at, before) => self.removed(items.refs[at], items.place(at), came.place(before), path),
                Row::Inserted(at) => self.inserted(came.refs[at], came.place(at), path),
            }
        }
    }

    fn removed(&mut self, item: &'e Expected, at: usize, before: usize, path: &Path<'_>) {
        self.add(&path.element(at, item.span), Kind::Removed { before }, item.span, || Said {
            expected: preview_of(Shown::Expected(item)),
            ..Said::default()
        });
    }

    fn inserted(&mut self, came: &Json, at: usize, path: &Path<'_>) {
        self.add(&path.element(at, path.span), Kind::Inserted, path.span, || Said {
            actual: preview_of(Shown::Json(came)),
            ..Said::default()
        });
    }

    fn operators(
        &mut self,
        rules: Rules<'_>,
        operators: &'e Operators,
        whole: &'e Expected,
        actual: &Json,
        path: &Path<'_>,
    ) {
        let Operators { each, contains, unordered, length, by, exactly, json } = operators;
        let by = by.as_ref().map(|by| &*by.value as &str);
        if let Some(length) = length {
            self.length(rules, length, actual, path);
        }
        if let Some(tree) = exactly {
            match (&tree.tree, actual) {
                (Tree::Array(items), Json::Array(came)) if !rules.exactly().holds(tree, actual) => {
                    self.array(rules.exactly(), items, came, by, path);
                }
                _ => self.value(rules.exactly(), tree, actual, path),
            }
        }
        if let Some(tree) = json {
            match within(actual) {
                Ok(inner) => self.value(rules.apart(&Ground::default()), tree, &inner, path),
                Err(why) => self.add(path, Kind::Matcher, tree.span, || Said::of(tree, actual, why)),
            }
        }
        if each.is_none() && contains.is_none() && unordered.is_none() {
            return;
        }
        let Json::Array(came) = actual else {
            self.add(path, Kind::Type, whole.span, || {
                Said::of(whole, actual, format!("{}, not an array", actual.kind().with_article()))
            });
            return;
        };
        if let Some(tree) = each {
            for (at, item) in came.iter().enumerate().filter(|(_, item)| !rules.ignores(item)) {
                self.value(rules, tree, item, &path.element(at, tree.span));
            }
        }
        if let Some(tree) = contains {
            self.contains(rules, tree, came, by, path);
        }
        if let Some(Tree::Array(items)) = unordered.as_ref().map(|tree| &tree.tree) {
            self.unordered(rules, items, came, by, path);
        }
    }

    fn length(&mut self, rules: Rules<'_>, length: &'e Expected, actual: &Json, path: &Path<'_>) {
        if rules.length_holds(length, actual) {
            return;
        }
        let expected = || match preview_of(Shown::Expected(length)) {
            whole if measures(length) => whole,
            number => format!("length {number}"),
        };
        match rules.measured(actual) {
            Err(why) => self.add(path, Kind::Type, length.span, || Said {
                expected: expected(),
                actual: preview_of(Shown::Json(actual)),
                why,
                ..Said::default()
            }),
            Ok((measured, what)) => self.add(path, Kind::Length, length.span, || Said {
                expected: expected(),
                actual: format!("{measured} {what}{}", if measured == 1 { "" } else { "s" }),
                ..Said::default()
            }),
        }
    }

    fn contains(&mut self, rules: Rules<'_>, tree: &'e Expected, came: &[Json], by: Option<&str>, path: &Path<'_>) {
        if came.iter().any(|item| !rules.ignores(item) && rules.holds(tree, item)) {
            return;
        }
        let nearest = nearest::to(rules, tree, came, by);
        let why = match nearest {
            _ if came.is_empty() => "the array is empty".to_owned(),
            Some((at, _)) => format!("no element is like this; the nearest is [{at}]"),
            None => format!("no element is like this, of {}", came.len()),
        };
        self.add(path, Kind::NotContained, tree.span, || Said {
            expected: preview_of(Shown::Expected(tree)),
            actual: nearest.map(|(_, item)| preview_of(Shown::Json(item))).unwrap_or_default(),
            why,
            ..Said::default()
        });
        // What a scalar differs in, both values already say.
        if let Some((at, item @ (Json::Object(_) | Json::Array(_)))) = nearest {
            self.value(rules, tree, item, &path.element(at, tree.span));
        }
    }

    fn unordered(&mut self, rules: Rules<'_>, items: &'e [Expected], came: &[Json], by: Option<&str>, path: &Path<'_>) {
        let (items, came) = (Elements::expected(rules, items), Elements::came(rules, came));
        let Assignment { partners, searched } = Assignment::find(rules, &items.refs, &came.refs, by);
        if !searched {
            self.add(path, Kind::Matcher, path.span, || Said {
                expected: format!("{} elements in any order", items.refs.len()),
                actual: format!("{} elements", came.refs.len()),
                why: "too many to try every order: name a member that identifies each element with `$by`".to_owned(),
                ..Said::default()
            });
            return;
        }
        let taken: HashSet<usize> = partners.iter().flatten().copied().collect();
        let mut left: Vec<usize> = (0..items.refs.len()).filter(|at| partners[*at].is_none()).collect();
        let mut new: Vec<usize> = (0..came.refs.len()).filter(|at| !taken.contains(at)).collect();
        for (at, to) in nearest::pairs(rules, &items.refs, &came.refs, &mut left, &mut new, by) {
            let item = items.refs[at];
            self.value(rules, item, came.refs[to], &path.element(came.place(to), item.span));
        }
        for at in left {
            self.removed(items.refs[at], items.place(at), came.place(came.refs.len()), path);
        }
        for at in new {
            self.inserted(came.refs[at], came.place(at), path);
        }
    }
}

/// The members that the file does not name.
pub(super) fn unnamed<'j>(rules: Rules<'_>, members: &[Member], object: &'j Object) -> VecDeque<(&'j str, &'j Json)> {
    let named: HashSet<&str> = members.iter().map(|member| &*member.key.value as &str).collect();
    object.iter().filter(|(name, value)| !named.contains(name) && !rules.ignores(value)).collect()
}
