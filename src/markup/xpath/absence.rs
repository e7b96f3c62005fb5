//! Why a path found nothing: how far it leads, and what is there instead.

use std::collections::HashSet;
use std::fmt::Write;

use super::ast::{Axis, Expr, Step, Test};
use super::eval::Evaluation;
use super::{Namespaces, XPath};
use crate::markup::advice::nearest;
use crate::markup::tree::{NodeId, Tree};
use crate::markup::xml::Xml;

/// So many names are looked at.
const NAMES: usize = 1_000;
/// And so many are told.
const TOLD: usize = 8;

impl XPath {
    /// How far the path leads where it finds nothing, and what is there: a sentence, and the name that was probably meant.
    /// `None` where nothing more can be said than that.
    pub fn explain_absence<'n>(
        &self,
        document: &'n Xml,
        namespaces: Namespaces<'n>,
    ) -> Option<(String, Option<String>)> {
        let Expr::Path { absolute: true, steps } = &self.expression else { return None };
        let evaluation = Evaluation::new(&document.0, namespaces);
        // The first step that leads nowhere, and the nodes that the steps before it lead to.
        let (mut nodes, mut lost) = (vec![0], 0);
        loop {
            let next = evaluation.steps(nodes.clone(), steps.get(lost..=lost)?).ok()?;
            if next.is_empty() {
                break;
            }
            (nodes, lost) = (next, lost + 1);
        }
        let step = &steps[lost];
        let deep = lost > 0 && steps[lost - 1].begin == steps[lost - 1].end;
        let place = match lost.checked_sub(if deep { 2 } else { 1 }) {
            Some(before) => format!("`{}`", &self.source[..steps[before].end]),
            None => "the answer".to_owned(),
        };
        let tail = &self.source[step.begin..step.end];
        let there =
            if deep { document.0.element_names().take(NAMES).collect() } else { below(&document.0, &nodes, step) };
        let meant = match &step.test {
            Test::Name { prefix, local } => {
                let wanted = prefix.as_ref().map_or_else(|| local.to_string(), |prefix| format!("{prefix}:{local}"));
                // What has the very name was refused by a condition.
                nearest(&wanted, &there).filter(|meant| *meant != wanted)
            }
            _ => None,
        };
        let mark = if step.axis == Axis::Attribute { "@" } else { "" };
        let meant = meant.map(|meant| format!("{mark}{meant}"));
        // A condition that holds nowhere is what was lost on, where the step without it leads somewhere.
        let bare = Step { conditions: Vec::new(), ..step.clone() };
        let candidates = evaluation.steps(nodes, &[bare]).map_or(0, |found| found.len());
        let mut said = if candidates > 0 {
            let none = match candidates {
                1 => "the one".to_owned(),
                count => format!("none of the {count}"),
            };
            let not = if candidates == 1 { " is not" } else { " is" };
            format!("{none} before the `[` of `{tail}`{not} as it says")
        } else if deep {
            format!("there is no `{tail}` anywhere in {place}")
        } else if lost == 0 {
            let root = below(&document.0, &[0], step).into_iter().next().unwrap_or_default();
            format!("the root element is `{root}`, not `{tail}`")
        } else {
            format!("{place} has no `{tail}`")
        };
        if candidates == 0 && !deep && lost > 0 {
            let shown: Vec<String> = there.iter().take(TOLD).map(|name| format!("{mark}{name}")).collect();
            let more = if there.len() > shown.len() { ", …" } else { "" };
            // Writing to a `String` cannot fail.
            _ = match (shown.is_empty(), step.axis) {
                (false, _) => write!(said, "; it has {}{more}", shown.join(", ")),
                (true, Axis::Attribute) => write!(said, "; it has no attributes"),
                (true, _) => write!(said, "; it has no elements in it"),
            };
        }
        Some((said, meant.filter(|_| candidates == 0)))
    }
}

/// The names of the elements, or attributes, right below nodes; each once.
fn below(tree: &Tree, nodes: &[NodeId], step: &Step) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), HashSet::new());
    for node in nodes.iter().take(NAMES) {
        let mut add = |found: NodeId| {
            if let Some(name) = tree.name(found)
                && seen.insert(name.written())
            {
                names.push(name.written());
            }
        };
        if step.axis == Axis::Attribute {
            tree.attributes(*node).for_each(&mut add);
        } else {
            tree.children(*node).for_each(&mut add);
        }
    }
    names
}
