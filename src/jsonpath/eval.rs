//! Asks a query of a document. The walk keeps its own stack, so neither a deep document nor a long query can exhaust the
//! thread's; only filters within filters recurse, and the parser bounds those.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::ops::ControlFlow;

use regex::Regex;

use super::ast::{Comparison, Pattern, Query, Selector, Slice, Test, Value};
use super::path::{NormalizedPath, PathElement};
use super::regexp;
use crate::json::{Json, Number};

/// How the walk remembers where it is: not at all, or so that a path can be told.
pub(super) trait Trace<'n> {
    /// The place of a node.
    type Place: Copy;
    /// Where the walk starts.
    fn start(&mut self) -> Self::Place;
    /// A step from a place.
    fn step(&mut self, from: Self::Place, step: Step<'n>) -> Self::Place;
}

/// A step from a node to a child. The name is borrowed from the query or the document.
#[derive(Clone, Copy)]
pub(super) enum Step<'n> {
    Name(&'n str),
    Index(usize),
}

/// Forgets places.
pub(super) struct Untraced;

impl Trace<'_> for Untraced {
    type Place = ();

    fn start(&mut self) {}

    fn step(&mut self, (): (), _: Step<'_>) {}
}

/// Keeps every step taken with the place it was taken from; a place is a position in that list, from 1.
#[derive(Default)]
pub(super) struct Traced<'n> {
    steps: Vec<(usize, Step<'n>)>,
}

impl<'n> Trace<'n> for Traced<'n> {
    type Place = usize;

    fn start(&mut self) -> usize {
        0
    }

    fn step(&mut self, from: usize, step: Step<'n>) -> usize {
        self.steps.push((from, step));
        self.steps.len()
    }
}

impl Traced<'_> {
    /// The way from the start to a place.
    pub(super) fn path(&self, mut place: usize) -> NormalizedPath {
        let mut elements = Vec::new();
        while let Some((from, step)) = place.checked_sub(1).map(|at| self.steps[at]) {
            elements.push(match step {
                Step::Name(name) => PathElement::Name(name.into()),
                Step::Index(index) => PathElement::Index(index),
            });
            place = from;
        }
        elements.reverse();
        NormalizedPath::new(elements)
    }
}

/// One evaluation over one document.
pub(super) struct Evaluation<'j> {
    root: &'j Json,
    /// The last regular expression that came from the document: it is nearly always the same for every node tested.
    computed: RefCell<Option<Computed>>,
}

struct Computed {
    pattern: Box<str>,
    whole: bool,
    regex: Option<Regex>,
}

/// What a walk has still to do: ask the segments from `segment` on of `node`.
struct Work<'j, P> {
    node: &'j Json,
    place: P,
    segment: usize,
}

impl<'j> Evaluation<'j> {
    pub(super) fn of(root: &'j Json) -> Self {
        Self { root, computed: RefCell::new(None) }
    }

    /// Hands every node that the query finds to `found`, in the order of RFC 9535, until `found` breaks off.
    pub(super) fn visit<'n, T: Trace<'n>>(
        &self,
        query: &'n Query,
        current: &'j Json,
        trace: &mut T,
        found: &mut dyn FnMut(&'j Json, T::Place) -> ControlFlow<()>,
    ) -> ControlFlow<()>
    where
        'j: 'n,
    {
        let start = if query.absolute { self.root } else { current };
        let mut stack = vec![Work { node: start, place: trace.start(), segment: 0 }];
        while let Some(Work { node, place, segment: at }) = stack.pop() {
            let Some(segment) = query.segments.get(at) else {
                found(node, place)?;
                continue;
            };
            let is_last = at + 1 == query.segments.len();
            let base = stack.len();
            for selector in segment.selectors.as_slice() {
                self.select(selector, node, &mut |step, child| {
                    let place = trace.step(place, step);
                    if is_last {
                        return found(child, place);
                    }
                    stack.push(Work { node: child, place, segment: at + 1 });
                    ControlFlow::Continue(())
                })?;
            }
            if segment.descendant {
                // A descendant segment is asked again of every child, after all that comes of what was just selected.
                // Scalars have no children to select.
                each_child(node, &mut |step, child| {
                    if matches!(child, Json::Array(_) | Json::Object(_)) {
                        stack.push(Work { node: child, place: trace.step(place, step), segment: at });
                    }
                    ControlFlow::Continue(())
                })?;
            }
            stack[base..].reverse();
        }
        ControlFlow::Continue(())
    }

    /// The first node that the query finds.
    pub(super) fn first(&self, query: &Query, current: &'j Json) -> Option<&'j Json> {
        if query.singular {
            let start = if query.absolute { self.root } else { current };
            return query.segments.iter().flat_map(|segment| segment.selectors.as_slice()).try_fold(
                start,
                |node, selector| match selector {
                    Selector::Name(name) => node.get(name),
                    Selector::Index(index) => element(node, *index).map(|(_, child)| child),
                    _ => None,
                },
            );
        }
        let mut first = None;
        let _ = self.visit(query, current, &mut Untraced, &mut |node, ()| {
            first = Some(node);
            ControlFlow::Break(())
        });
        first
    }

    pub(super) fn select<'n>(
        &self,
        selector: &'n Selector,
        node: &'j Json,
        out: &mut dyn FnMut(Step<'n>, &'j Json) -> ControlFlow<()>,
    ) -> ControlFlow<()>
    where
        'j: 'n,
    {
        match selector {
            Selector::Name(name) => {
                node.get(name).map_or(ControlFlow::Continue(()), |child| out(Step::Name(name), child))
            }
            Selector::Index(index) => {
                element(node, *index).map_or(ControlFlow::Continue(()), |(at, child)| out(Step::Index(at), child))
            }
            Selector::Wildcard => each_child(node, out),
            Selector::Slice(slice) => {
                let items = node.as_array().unwrap_or_default();
                slice_places(*slice, items.len()).try_for_each(|at| out(Step::Index(at), &items[at]))
            }
            Selector::Filter(test) => each_child(node, &mut |step, child| {
                if self.holds(test, child) { out(step, child) } else { ControlFlow::Continue(()) }
            }),
        }
    }

    pub(super) fn holds(&self, test: &Test, current: &'j Json) -> bool {
        match test {
            Test::Any(tests) => tests.iter().any(|test| self.holds(test, current)),
            Test::All(tests) => tests.iter().all(|test| self.holds(test, current)),
            Test::Not(test) => !self.holds(test, current),
            Test::Exists(query) => self.first(query, current).is_some(),
            Test::Compare(left, comparison, right) => {
                compares(self.value(left, current).as_deref(), *comparison, self.value(right, current).as_deref())
            }
            Test::Matches { subject, pattern, whole } => {
                let subject = self.value(subject, current);
                subject.as_deref().and_then(Json::as_str).is_some_and(|text| match pattern {
                    Pattern::Fixed(regex) => regex.as_ref().is_some_and(|regex| regex.is_match(text)),
                    Pattern::Computed(pattern) => {
                        let pattern = self.value(pattern, current);
                        pattern.as_deref().and_then(Json::as_str).is_some_and(|it| self.matches(it, *whole, text))
                    }
                })
            }
        }
    }

    fn matches(&self, pattern: &str, whole: bool, text: &str) -> bool {
        let mut computed = self.computed.borrow_mut();
        let known = computed.take().filter(|known| known.whole == whole && *known.pattern == *pattern);
        let current = known.unwrap_or_else(|| Computed {
            pattern: pattern.into(),
            whole,
            regex: regexp::compile(pattern, whole).ok(),
        });
        computed.insert(current).regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// The value, or `None` for RFC 9535's `Nothing`.
    fn value<'v>(&self, value: &'v Value, current: &'j Json) -> Option<Cow<'v, Json>>
    where
        'j: 'v,
    {
        match value {
            Value::Literal(json) => Some(Cow::Borrowed(json)),
            Value::Singular(query) => self.first(query, current).map(Cow::Borrowed),
            Value::Length(of) => {
                let length = match self.value(of, current)?.as_ref() {
                    Json::String(text) => text.chars().count(),
                    Json::Array(items) => items.len(),
                    Json::Object(object) => object.len(),
                    _ => return None,
                };
                Some(Cow::Owned(whole_number(length)))
            }
            Value::Count(query) => {
                let mut count = 0;
                let _ = self.visit(query, current, &mut Untraced, &mut |_, ()| {
                    count += 1;
                    ControlFlow::Continue(())
                });
                Some(Cow::Owned(whole_number(count)))
            }
            Value::Only(query) => {
                let mut only = None;
                let walk = self.visit(query, current, &mut Untraced, &mut |node, ()| match only.replace(node) {
                    None => ControlFlow::Continue(()),
                    Some(_) => ControlFlow::Break(()),
                });
                only.filter(|_| walk.is_continue()).map(Cow::Borrowed)
            }
        }
    }
}

fn whole_number(count: usize) -> Json {
    Json::Number(Number::from(u64::try_from(count).unwrap_or(u64::MAX)))
}

pub(super) fn each_child<'n, 'j: 'n>(
    node: &'j Json,
    out: &mut dyn FnMut(Step<'n>, &'j Json) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match node {
        Json::Array(items) => items.iter().enumerate().try_for_each(|(at, child)| out(Step::Index(at), child)),
        Json::Object(object) => object.iter().try_for_each(|(name, child)| out(Step::Name(name), child)),
        _ => ControlFlow::Continue(()),
    }
}

fn element(node: &Json, index: i64) -> Option<(usize, &Json)> {
    let items = node.as_array()?;
    let at = place(index, items.len())?;
    items.get(at).map(|child| (at, child))
}

/// The place that an index means in an array of that length, which it may still exceed.
pub(super) fn place(index: i64, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(at) => Some(at),
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// The places that a slice selects, in its order (RFC 9535 section 2.3.4.2.2).
fn slice_places(slice: Slice, length: usize) -> impl Iterator<Item = usize> {
    // No array has more elements than an `i64` counts, and the parser keeps the bounds within ±(2^53-1).
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let normal = |bound: i64| if bound >= 0 { bound } else { length.saturating_add(bound) };
    let step = slice.step;
    let (first, end) = if step >= 0 {
        (normal(slice.start.unwrap_or(0)).clamp(0, length), normal(slice.end.unwrap_or(length)).clamp(0, length))
    } else {
        let last = length - 1;
        (slice.start.map_or(last, normal).clamp(-1, last), slice.end.map_or(-1, normal).clamp(-1, last))
    };
    let mut next = first;
    std::iter::from_fn(move || {
        let within = match step.cmp(&0) {
            Ordering::Greater => next < end,
            Ordering::Less => next > end,
            Ordering::Equal => false,
        };
        let at = within.then(|| usize::try_from(next).ok()).flatten();
        next = next.saturating_add(step);
        at
    })
}

/// Compares as RFC 9535 section 2.3.5.2.2 says: only numbers and strings have an order, and nothing equals nothing.
fn compares(left: Option<&Json>, comparison: Comparison, right: Option<&Json>) -> bool {
    let order = || match (left, right) {
        (Some(Json::Number(a)), Some(Json::Number(b))) => Some(a.cmp(b)),
        // UTF-8 orders its bytes as Unicode orders its scalar values.
        (Some(Json::String(a)), Some(Json::String(b))) => Some(a.cmp(b)),
        _ => None,
    };
    match comparison {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        Comparison::Less => order() == Some(Ordering::Less),
        Comparison::Greater => order() == Some(Ordering::Greater),
        Comparison::LessOrEqual => order() == Some(Ordering::Less) || left == right,
        Comparison::GreaterOrEqual => order() == Some(Ordering::Greater) || left == right,
    }
}
