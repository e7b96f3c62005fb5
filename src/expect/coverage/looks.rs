//! What the expectations look at: for every node of an answer, how closely. Nodes are told apart by their address, so
//! that no path is made for what nobody asks about.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::event::Look;
use crate::expect::diff::{self, Mode};
use crate::json::Json;
use crate::jsonpath::{JsonPath, NormalizedPath, PathElement, Regard};
use crate::scenario::expected::{Expected, Operators, Tree};
use crate::scenario::matcher::{Matcher, Noun};
use crate::source::Spanned;
use crate::template::{Aspect, Glance, Segment};

/// What is looked at of one answer.
#[derive(Debug, Default)]
pub struct Looks {
    nodes: HashMap<usize, Mark>,
    /// Arrays of which an expectation leaves open how many elements there are, or in what order; and what a snapshot masks,
    /// whose value is left open.
    open: HashSet<usize>,
    /// What is no part of the document: `status`, `header etag`, `cookie sid`, `body`.
    named: BTreeMap<String, Look>,
    /// What trees do not look at, with all below it.
    pub(super) ignored: HashSet<usize>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Mark {
    own: Look,
    /// The least that all below it is looked at.
    below: Look,
}

/// What an expected tree is held against.
#[derive(Clone)]
enum Subject<'j> {
    Node(&'j Json),
    /// The nodes that a query found.
    List(Vec<&'j Json>),
}

impl<'j> Subject<'j> {
    fn items(&self) -> Option<Vec<&'j Json>> {
        match self {
            Self::Node(node) => node.as_array().map(|items| items.iter().collect()),
            Self::List(nodes) => Some(nodes.clone()),
        }
    }
}

fn address(node: &Json) -> usize {
    std::ptr::from_ref(node).addr()
}

impl Looks {
    /// How closely a node is looked at by itself, where what stands above it is looked at `inherited` closely as a whole.
    /// The second is what its own children inherit.
    pub(in crate::expect) fn at(&self, node: &Json, inherited: Look) -> (Look, Look) {
        let mark = self.nodes.get(&address(node)).copied().unwrap_or_default();
        let below = mark.below.max(inherited);
        (mark.own.max(below), below)
    }

    /// Whether an expectation leaves open how many elements an array has, or in what order; or what value masked ones have.
    pub(in crate::expect) fn is_open(&self, node: &Json) -> bool {
        self.open.contains(&address(node))
    }

    /// Notes that what these paths find is masked.
    pub(in crate::expect) fn mask(&mut self, paths: &[Spanned<JsonPath>], root: &Json) {
        self.open.extend(paths.iter().flat_map(|path| path.values(root)).map(address));
    }

    /// Whether a node is one that the expectations name only to ignore it.
    pub(in crate::expect) fn is_ignored(&self, node: &Json) -> bool {
        self.ignored.contains(&address(node))
    }

    /// From now on trees do not look at what these paths find.
    pub(super) fn ignore(&mut self, paths: &[Spanned<JsonPath>], root: &Json) {
        self.ignored.extend(paths.iter().flat_map(|path| path.values(root)).map(address));
    }

    /// How closely something outside the document is looked at.
    pub(in crate::expect) fn named(&self, name: &str) -> Look {
        self.named.get(name).copied().unwrap_or_default()
    }

    /// Notes a look at something outside the document.
    pub fn look_at_named(&mut self, name: &str, look: Look) {
        let known = self.named.entry(name.to_owned()).or_default();
        *known = look.max(*known);
    }

    /// Notes a look at a node by itself.
    pub fn look_at(&mut self, node: &Json, look: Look) {
        let mark = self.nodes.entry(address(node)).or_default();
        mark.own = mark.own.max(look);
    }

    /// Notes a look at a node and all below it: what a snapshot does.
    pub fn look_below(&mut self, node: &Json, look: Look) {
        let mark = self.nodes.entry(address(node)).or_default();
        mark.below = mark.below.max(look);
    }

    /// Notes what an expected tree looks at, its templates rendered.
    pub fn tree(&mut self, expected: &Expected, actual: &Json, now: Timestamp) {
        self.walk(expected, &Subject::Node(actual), now);
    }

    /// Notes what was looked at in a copy of a document whose texts were given types.
    pub(super) fn as_in_copy(&mut self, of_copy: &Self, copy: &Json, node: &Json) {
        if let Some(mark) = of_copy.nodes.get(&address(copy)) {
            self.look_at(node, mark.own);
            self.look_below(node, mark.below);
        }
        if of_copy.is_open(copy) {
            self.leave_open(node);
        }
        children(copy).zip(children(node)).for_each(|(copy, node)| self.as_in_copy(of_copy, copy, node));
    }

    /// Notes what the filters of a JSONPath look at: what decides which nodes are found.
    fn filters(&mut self, path: &JsonPath, most: Look, root: &Json) {
        path.regarded(root, |node, regard, taken| {
            let most = if taken { most } else { most.min(Look::Presence) };
            match regard {
                Regard::Presence => self.look_at(node, most.min(Look::Presence)),
                Regard::Itself => self.look_at(node, most),
                Regard::Whole => self.look_below(node, most),
            }
        });
    }

    /// Notes what is looked at where a JSONPath is held against a tree.
    pub fn path(&mut self, path: &JsonPath, expected: &Expected, root: &Json, now: Timestamp) {
        self.filters(path, Look::Value, root);
        if path.is_singular() {
            if let Some(node) = path.first(root) {
                self.tree(expected, node, now);
            }
            return;
        }
        let nodes = path.nodes(root);
        if !matches!(expected.tree, Tree::Array(_)) {
            for array in nodes.iter().flat_map(|node| arrays_above(&node.path, root)) {
                self.open.insert(address(array));
            }
        }
        self.walk(expected, &Subject::List(nodes.into_iter().map(|node| node.value).collect()), now);
    }

    /// Notes that what a query finds is kept, and that a later step uses it.
    pub fn kept(&mut self, path: &JsonPath, root: &Json) {
        self.filters(path, Look::Presence, root);
        path.values(root).into_iter().for_each(|node| self.look_below(node, Look::Presence));
    }

    /// Notes what an expression looks at below a node, `path` being the way from there.
    pub fn glance(&mut self, path: &[Segment], of: Aspect, most: Look, node: &Json) {
        let Some((first, rest)) = path.split_first() else {
            match of {
                Aspect::Presence => self.look_at(node, most.min(Look::Presence)),
                Aspect::Itself => {
                    self.look_at(node, most);
                    self.leave_open(node);
                }
                Aspect::Whole => self.look_below(node, most),
            }
            return;
        };
        match first {
            Segment::Name(name) => node.get(name).into_iter().for_each(|node| self.glance(rest, of, most, node)),
            Segment::Index(index) => {
                let found = node.as_array().and_then(|items| items.get(*index));
                found.into_iter().for_each(|node| self.glance(rest, of, most, node));
            }
            Segment::Each => children(node).for_each(|node| self.glance(rest, of, most, node)),
        }
    }

    /// Notes what an expression looks at in an answer, whose names it sees (`json`, `headers`, `status` …).
    pub fn glance_at_answer(&mut self, glance: &Glance, most: Look, document: Option<&Json>) {
        self.answer(&glance.root, &glance.path, glance.of, most, document);
    }

    /// As [`Looks::glance_at_answer`], with the name of the answer's part apart from the way below it.
    pub fn answer(&mut self, part: &str, path: &[Segment], of: Aspect, most: Look, document: Option<&Json>) {
        let most = if of == Aspect::Presence { most.min(Look::Presence) } else { most };
        match (part, path) {
            ("json", path) => document.into_iter().for_each(|root| self.glance(path, of, most, root)),
            ("headers", [Segment::Name(name), ..]) => {
                self.look_at_named(&format!("header {}", name.to_ascii_lowercase()), most);
            }
            ("cookies", [Segment::Name(name), ..]) => self.look_at_named(&format!("cookie {name}"), most),
            ("status", _) => self.look_at_named("status", most),
            ("text", _) => self.look_at_named("body", most),
            _ => {}
        }
    }

    fn leave_open(&mut self, node: &Json) {
        if node.as_array().is_some() {
            self.open.insert(address(node));
        }
    }

    fn own_look(&mut self, subject: &Subject<'_>, look: Look) {
        if let Subject::Node(node) = subject {
            self.look_at(node, look);
        }
    }

    fn walk(&mut self, expected: &Expected, subject: &Subject<'_>, now: Timestamp) {
        if let Subject::Node(node) = subject
            && self.is_ignored(node)
        {
            return;
        }
        match (&expected.tree, subject) {
            (Tree::Array(expected), _) => {
                self.own_look(subject, Look::Value);
                for (expected, item) in expected.iter().zip(subject.items().unwrap_or_default()) {
                    self.walk(expected, &Subject::Node(item), now);
                }
            }
            (Tree::Object(members), Subject::Node(node)) => {
                self.own_look(subject, Look::Type);
                for member in members.iter() {
                    if let Some(value) = node.get(&member.key.value) {
                        self.walk(&member.value, &Subject::Node(value), now);
                    }
                }
            }
            (Tree::Matcher(matcher), _) => self.matcher(matcher, subject),
            (Tree::Operators(operators), _) => self.operators(operators, subject, now),
            _ => self.own_look(subject, Look::Value),
        }
    }

    fn operators(&mut self, operators: &Operators, subject: &Subject<'_>, now: Timestamp) {
        if let Subject::Node(node) = subject {
            self.leave_open(node);
        }
        self.own_look(subject, Look::Type);
        let Operators { each, contains, unordered, length, by: _, exactly, json } = operators;
        let items = subject.items().unwrap_or_default();
        if let Some(each) = each {
            items.iter().for_each(|item| self.walk(each, &Subject::Node(item), now));
        }
        if let Some(contains) = contains
            && let Some(item) = items.iter().find(|item| holds(contains, item, now))
        {
            self.walk(contains, &Subject::Node(item), now);
        }
        if let Some(Tree::Array(wanted)) = unordered.as_ref().map(|tree| &tree.tree) {
            self.own_look(subject, Look::Value);
            let mut left = items;
            for wanted in wanted.iter() {
                let Some(at) = left.iter().position(|item| holds(wanted, item, now)) else { continue };
                let item = left.swap_remove(at);
                self.walk(wanted, &Subject::Node(item), now);
            }
        }
        if length.is_some() || json.is_some() {
            self.own_look(subject, Look::Value);
        }
        if let Some(exactly) = exactly {
            self.walk(exactly, subject, now);
        }
    }

    fn matcher(&mut self, matcher: &Matcher, subject: &Subject<'_>) {
        if let Subject::Node(node) = subject
            && !matches!(matcher, Matcher::Any | Matcher::Type(_))
        {
            self.leave_open(node);
        }
        match matcher {
            Matcher::Each(inner) => {
                for item in subject.items().unwrap_or_default() {
                    self.matcher(inner, &Subject::Node(item));
                }
            }
            // They relate the elements to each other, and say nothing of any one.
            Matcher::Unique | Matcher::Sorted { .. } => {
                self.own_look(subject, Look::Value);
                for item in subject.items().unwrap_or_default() {
                    self.look_at(item, Look::Presence);
                }
            }
            Matcher::Optional(inner) => self.matcher(inner, subject),
            Matcher::And(all) | Matcher::Or(all) => all.iter().for_each(|inner| self.matcher(inner, subject)),
            _ => self.own_look(subject, closeness(matcher)),
        }
    }
}

/// How closely a matcher looks at a value.
pub(super) fn closeness(matcher: &Matcher) -> Look {
    match matcher {
        Matcher::Absent => Look::Unseen,
        Matcher::Any => Look::Presence,
        Matcher::Type(_) => Look::Type,
        // `not null` is all but `any`.
        Matcher::Not(inner) => match &**inner {
            Matcher::Absent | Matcher::Type(Noun::Null) => Look::Presence,
            Matcher::Type(_) => Look::Type,
            _ => Look::Value,
        },
        Matcher::Optional(inner) => closeness(inner),
        Matcher::And(all) | Matcher::Or(all) => all.iter().map(closeness).max().unwrap_or_default(),
        _ => Look::Value,
    }
}

/// How closely an expected text (a header, a cookie) looks at what came.
pub(super) fn closeness_of(expected: &Expected) -> Look {
    match &expected.tree {
        Tree::Matcher(matcher) => closeness(matcher),
        _ => Look::Value,
    }
}

fn holds(expected: &Expected, actual: &Json, now: Timestamp) -> bool {
    diff::compare_rendered(expected, Some(actual), Mode::Contains, &NormalizedPath::default(), now).is_empty()
}

fn children(node: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match node {
        Json::Array(items) => Box::new(items.iter()),
        Json::Object(object) => Box::new(object.iter().map(|(_, value)| value)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The arrays that a path leads through.
fn arrays_above<'j>(path: &NormalizedPath, root: &'j Json) -> Vec<&'j Json> {
    let elements = path.elements();
    let above = elements.iter().enumerate().filter(|(_, element)| matches!(element, PathElement::Index(_)));
    above.filter_map(|(at, _)| NormalizedPath::new(elements[..at].to_vec()).find(root)).collect()
}
