//! What the filters of a query look at: the nodes whose values decide which others the query finds.

use std::ops::ControlFlow;

use super::JsonPath;
use super::ast::{Pattern, Query, Selector, Test, Value};
use super::eval::{Evaluation, Untraced, each_child};
use crate::json::Json;

/// What of a node decides whether a filter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regard {
    /// Only that it is there, or how many of them are.
    Presence,
    /// The value itself, and nothing below it: how long it is.
    Itself,
    /// The value and all below it.
    Whole,
}

impl JsonPath {
    /// Hands every node that a filter of the query looks at to `found`, filters within filters included. The `bool` is false
    /// for what stands in a node that a filter did not take, while it took another: what was found does not stand there.
    pub fn regarded<'j>(&self, root: &'j Json, found: impl FnMut(&'j Json, Regard, bool)) {
        if !self.is_singular() {
            let mut regarding = Regarding { evaluation: Evaluation::of(root), root, taken: true, found };
            regarding.query(&self.0.query, root);
        }
    }
}

struct Regarding<'j, F> {
    evaluation: Evaluation<'j>,
    root: &'j Json,
    /// Whether the filters around took the nodes that are looked at.
    taken: bool,
    found: F,
}

impl<'j, F: FnMut(&'j Json, Regard, bool)> Regarding<'j, F> {
    fn query(&mut self, query: &Query, current: &'j Json) {
        let mut nodes = vec![if query.absolute { self.root } else { current }];
        for segment in &query.segments {
            if segment.descendant {
                nodes = nodes.into_iter().flat_map(with_all_below).collect();
            }
            let mut next = Vec::new();
            for selector in segment.selectors.as_slice() {
                if let Selector::Filter(test) = selector {
                    self.filter(test, &nodes);
                }
                for node in &nodes {
                    let _ = self.evaluation.select(selector, node, &mut |_, child| {
                        next.push(child);
                        ControlFlow::Continue(())
                    });
                }
            }
            nodes = next;
        }
    }

    /// What a filter looks at in the children of some nodes.
    fn filter(&mut self, test: &Test, nodes: &[&'j Json]) {
        let mut children = Vec::new();
        nodes.iter().for_each(|node| push_children(node, &mut children));
        let taken: Vec<bool> = children.iter().map(|child| self.evaluation.holds(test, child)).collect();
        let any = taken.contains(&true);
        let around = self.taken;
        for (child, taken) in children.into_iter().zip(taken) {
            self.taken = around && (taken || !any);
            self.test(test, child);
        }
        self.taken = around;
    }

    fn test(&mut self, test: &Test, current: &'j Json) {
        match test {
            Test::Any(tests) | Test::All(tests) => tests.iter().for_each(|test| self.test(test, current)),
            Test::Not(test) => self.test(test, current),
            Test::Exists(query) => self.nodes(query, current, Regard::Presence),
            Test::Compare(left, _, right) => {
                self.value(left, current, Regard::Whole);
                self.value(right, current, Regard::Whole);
            }
            Test::Matches { subject, pattern, .. } => {
                self.value(subject, current, Regard::Whole);
                if let Pattern::Computed(pattern) = pattern {
                    self.value(pattern, current, Regard::Whole);
                }
            }
        }
    }

    fn value(&mut self, value: &Value, current: &'j Json, regard: Regard) {
        match value {
            Value::Literal(_) => {}
            Value::Singular(query) | Value::Only(query) => self.nodes(query, current, regard),
            Value::Length(of) => self.value(of, current, Regard::Itself),
            Value::Count(query) => self.nodes(query, current, Regard::Presence),
        }
    }

    fn nodes(&mut self, query: &Query, current: &'j Json, regard: Regard) {
        if !query.singular {
            self.query(query, current);
        }
        let Self { evaluation, found, taken, .. } = self;
        let _ = evaluation.visit(query, current, &mut Untraced, &mut |node, ()| {
            found(node, regard, *taken);
            ControlFlow::Continue(())
        });
    }
}

fn push_children<'j>(node: &'j Json, out: &mut Vec<&'j Json>) {
    let _ = each_child(node, &mut |_, child| {
        out.push(child);
        ControlFlow::Continue(())
    });
}

/// A node and all below it, itself first.
fn with_all_below(node: &Json) -> Vec<&Json> {
    let mut all = vec![node];
    let mut at = 0;
    while let Some(node) = all.get(at).copied() {
        push_children(node, &mut all);
        at += 1;
    }
    all
}
