//! The evaluation of a path over a tree. The nodes that are looked at are counted, so that a path within a path within a
//! path over a large document is given up and never hangs.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::Namespaces;
use super::ast::{Axis, Expr, Operator, Step, Test};
use super::value::{Value, number_of};
use crate::markup::tree::{Kind, NodeId, Tree};

/// So many nodes are looked at for one path. A path over a document of 50 MB stays far below.
pub(super) const VISITS: usize = 20_000_000;

/// What stays the same while a path is evaluated.
pub(super) struct Evaluation<'e> {
    pub(super) tree: &'e Tree,
    pub(super) namespaces: Namespaces<'e>,
    left: Cell<usize>,
}

/// Where an expression stands (section 1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) node: NodeId,
    pub(super) position: usize,
    pub(super) size: usize,
}

impl<'e> Evaluation<'e> {
    pub(super) fn new(tree: &'e Tree, namespaces: Namespaces<'e>) -> Self {
        Self { tree, namespaces, left: Cell::new(VISITS) }
    }

    /// Counts nodes that are looked at.
    pub(super) fn visit(&self, count: usize) -> Result<(), String> {
        match self.left.get().checked_sub(count) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(format!("the path looks at more than {VISITS} nodes, and was given up; lead it more directly")),
        }
    }

    /// The text of a node; that of an element is made of all nodes in it.
    pub(super) fn text(&self, node: NodeId) -> Result<String, String> {
        self.visit((self.tree.end(node) - node) as usize)?;
        Ok(self.tree.text(node))
    }

    pub(super) fn value(&self, expression: &Expr, context: Context) -> Result<Value, String> {
        Ok(match expression {
            Expr::Text(text) => Value::Text(text.to_string()),
            Expr::Number(number) => Value::Number(*number),
            Expr::Negated(inner) => Value::Number(-self.value(inner, context)?.number(self.tree)),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right, context)?,
            Expr::Call(name, arguments) => self.call(name, arguments, context)?,
            Expr::Path { absolute, steps } => {
                let from = if *absolute { 0 } else { context.node };
                Value::Nodes(self.steps(vec![from], steps)?)
            }
            Expr::Filter { value, conditions, steps } => {
                let mut nodes = self.nodes(value, context)?;
                for condition in conditions {
                    nodes = self.filter(nodes, condition)?;
                }
                Value::Nodes(self.steps(nodes, steps)?)
            }
        })
    }

    /// The nodes of an expression that gives nodes.
    pub(super) fn nodes(&self, expression: &Expr, context: Context) -> Result<Vec<NodeId>, String> {
        match self.value(expression, context)? {
            Value::Nodes(nodes) => Ok(nodes),
            _ => Err("a path is expected, and here is a value".to_owned()),
        }
    }

    fn binary(&self, operator: Operator, left: &Expr, right: &Expr, context: Context) -> Result<Value, String> {
        let first = self.value(left, context)?;
        match operator {
            Operator::Or if first.boolean() => return Ok(Value::Boolean(true)),
            Operator::And if !first.boolean() => return Ok(Value::Boolean(false)),
            _ => {}
        }
        let second = self.value(right, context)?;
        let numbers = || (first.number(self.tree), second.number(self.tree));
        Ok(match operator {
            Operator::Or | Operator::And => Value::Boolean(second.boolean()),
            Operator::Equal => Value::Boolean(self.equal(&first, &second, true)?),
            Operator::NotEqual => Value::Boolean(self.equal(&first, &second, false)?),
            Operator::Less => Value::Boolean(self.less(&first, &second, |a, b| a < b)?),
            Operator::LessOrEqual => Value::Boolean(self.less(&first, &second, |a, b| a <= b)?),
            Operator::Greater => Value::Boolean(self.less(&second, &first, |a, b| a < b)?),
            Operator::GreaterOrEqual => Value::Boolean(self.less(&second, &first, |a, b| a <= b)?),
            Operator::Plus => Value::Number(numbers().0 + numbers().1),
            Operator::Minus => Value::Number(numbers().0 - numbers().1),
            Operator::Times => Value::Number(numbers().0 * numbers().1),
            Operator::Div => Value::Number(numbers().0 / numbers().1),
            Operator::Mod => Value::Number(numbers().0 % numbers().1),
            Operator::Union => match (first, second) {
                (Value::Nodes(mut nodes), Value::Nodes(more)) => {
                    nodes.extend(more);
                    Value::Nodes(in_order(nodes))
                }
                _ => return Err("`|` joins what two paths find, and here is a value".to_owned()),
            },
        })
    }

    fn texts(&self, nodes: &[NodeId]) -> Result<Vec<String>, String> {
        nodes.iter().map(|node| self.text(*node)).collect()
    }

    /// `=` and, with `wanted` false, `!=` (section 3.4): of nodes, whether any of them is so.
    fn equal(&self, first: &Value, second: &Value, wanted: bool) -> Result<bool, String> {
        Ok(match (first, second) {
            (Value::Nodes(some), Value::Nodes(others)) => {
                let (some, others) = (self.texts(some)?, self.texts(others)?);
                let some: HashSet<&str> = some.iter().map(String::as_str).collect();
                let others: HashSet<&str> = others.iter().map(String::as_str).collect();
                if wanted {
                    !some.is_disjoint(&others)
                } else {
                    // No two differ only where all are one text.
                    !some.is_empty() && !others.is_empty() && (some.len() > 1 || others.len() > 1 || some != others)
                }
            }
            (Value::Nodes(_), Value::Boolean(value)) | (Value::Boolean(value), Value::Nodes(_)) => {
                let nodes = if matches!(first, Value::Nodes(_)) { first } else { second };
                (nodes.boolean() == *value) == wanted
            }
            (Value::Nodes(nodes), Value::Number(number)) | (Value::Number(number), Value::Nodes(nodes)) => {
                self.texts(nodes)?.iter().any(|text| same(number_of(text), *number) == wanted)
            }
            (Value::Nodes(nodes), Value::Text(other)) | (Value::Text(other), Value::Nodes(nodes)) => {
                self.texts(nodes)?.iter().any(|text| (text == other) == wanted)
            }
            (Value::Boolean(_), _) | (_, Value::Boolean(_)) => (first.boolean() == second.boolean()) == wanted,
            (Value::Number(_), _) | (_, Value::Number(_)) => {
                same(first.number(self.tree), second.number(self.tree)) == wanted
            }
            (Value::Text(first), Value::Text(second)) => (first == second) == wanted,
        })
    }

    /// `<` and `<=`: of nodes, whether any of them is so.
    fn less(&self, first: &Value, second: &Value, holds: fn(f64, f64) -> bool) -> Result<bool, String> {
        let numbers = |value: &Value, other: &Value| -> Result<Vec<f64>, String> {
            Ok(match value {
                // Beside a boolean, nodes are one (section 3.4).
                Value::Nodes(_) if matches!(other, Value::Boolean(_)) => vec![f64::from(u8::from(value.boolean()))],
                Value::Nodes(nodes) => self.texts(nodes)?.iter().map(|text| number_of(text)).collect(),
                other => vec![other.number(self.tree)],
            })
        };
        // Some pair is so where the least of the one and the greatest of the other are.
        let least = numbers(first, second)?.into_iter().filter(|number| !number.is_nan()).reduce(f64::min);
        let greatest = numbers(second, first)?.into_iter().filter(|number| !number.is_nan()).reduce(f64::max);
        Ok(least.zip(greatest).is_some_and(|(least, greatest)| holds(least, greatest)))
    }

    pub(super) fn steps(&self, from: Vec<NodeId>, steps: &[Step]) -> Result<Vec<NodeId>, String> {
        let mut nodes = from;
        let mut rest = steps;
        while let Some((step, behind)) = rest.split_first() {
            // `//name` is looked for in one go, unless a condition counts places among siblings.
            if let Some((next, further)) = behind.split_first()
                && *step == anywhere(step)
                && next.axis == Axis::Child
                && next.conditions.iter().all(never_counts)
            {
                nodes = self.step(&nodes, &Step { axis: Axis::Descendant, ..next.clone() })?;
                rest = further;
                continue;
            }
            nodes = self.step(&nodes, step)?;
            rest = behind;
        }
        Ok(nodes)
    }

    fn step(&self, from: &[NodeId], step: &Step) -> Result<Vec<NodeId>, String> {
        let test = self.resolved(&step.test)?;
        let mut found = Vec::new();
        // Within nodes that are in one another, what is below has been found already.
        let mut covered = 0;
        let below = matches!(step.axis, Axis::Descendant | Axis::DescendantOrSelf) && step.conditions.is_empty();
        for node in from {
            if below && *node < covered {
                continue;
            }
            let mut nodes = Vec::new();
            self.along(*node, step.axis, &mut |candidate| {
                if self.is(candidate, step.axis, &test) {
                    nodes.push(candidate);
                }
            })?;
            for condition in &step.conditions {
                nodes = self.filter(nodes, condition)?;
            }
            covered = self.tree.end(*node).max(covered);
            found.append(&mut nodes);
        }
        let ordered = from.len() <= 1 && !step.axis.is_reverse() || below;
        Ok(if ordered { found } else { in_order(found) })
    }

    /// The nodes of a list that a condition holds for; places are counted in the order of the list.
    fn filter(&self, nodes: Vec<NodeId>, condition: &Expr) -> Result<Vec<NodeId>, String> {
        let size = nodes.len();
        if let Expr::Number(number) = condition {
            return Ok(nodes
                .into_iter()
                .enumerate()
                .filter(|(at, _)| is_place(*at + 1, *number))
                .map(|(_, node)| node)
                .collect());
        }
        let mut kept = Vec::new();
        for (at, node) in nodes.into_iter().enumerate() {
            self.visit(1)?;
            let holds = match self.value(condition, Context { node, position: at + 1, size })? {
                Value::Number(number) => is_place(at + 1, number),
                other => other.boolean(),
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    /// Shows the nodes of an axis in its order, each of them counted.
    fn along(&self, node: NodeId, axis: Axis, show: &mut dyn FnMut(NodeId)) -> Result<(), String> {
        let tree = self.tree;
        let range = |from: NodeId, to: NodeId, show: &mut dyn FnMut(NodeId)| {
            self.visit((to.saturating_sub(from)) as usize)?;
            (from..to).filter(|inner| !tree.is_attribute(*inner)).for_each(show);
            Ok(())
        };
        let chain = |first: Option<NodeId>, next: &dyn Fn(NodeId) -> Option<NodeId>, show: &mut dyn FnMut(NodeId)| {
            let mut here = first;
            while let Some(found) = here {
                self.visit(1)?;
                show(found);
                here = next(found);
            }
            Ok(())
        };
        match axis {
            Axis::Own => {
                self.visit(1)?;
                show(node);
                Ok(())
            }
            Axis::Parent => chain(tree.parent(node), &|_| None, show),
            Axis::Ancestor => chain(tree.parent(node), &|found| tree.parent(found), show),
            Axis::AncestorOrSelf => chain(Some(node), &|found| tree.parent(found), show),
            Axis::FollowingSibling => chain(tree.next_sibling(node), &|found| tree.next_sibling(found), show),
            Axis::PrecedingSibling => chain(tree.previous_sibling(node), &|found| tree.previous_sibling(found), show),
            Axis::Child => tree.children(node).try_for_each(|child| {
                self.visit(1)?;
                show(child);
                Ok(())
            }),
            Axis::Attribute => tree.attributes(node).try_for_each(|attribute| {
                self.visit(1)?;
                show(attribute);
                Ok(())
            }),
            Axis::Descendant => range(node + 1, tree.end(node), show),
            Axis::DescendantOrSelf => {
                show(node);
                range(node + 1, tree.end(node), show)
            }
            Axis::Following => range(tree.end(node), tree.end(0), show),
            Axis::Preceding => {
                self.visit(node as usize)?;
                // What this one stands in is before it, and not on the axis.
                let before = (1..node).rev().filter(|found| tree.end(*found) <= node && !tree.is_attribute(*found));
                before.for_each(show);
                Ok(())
            }
        }
    }

    fn resolved<'t>(&'t self, test: &'t Test) -> Result<Resolved<'t>, String> {
        let Test::Name { prefix: Some(prefix), local } = test else { return Ok(Resolved::AsWritten(test)) };
        let own = || self.tree.namespaces.iter().find(|(known, _)| known == prefix).map(|(_, namespace)| &**namespace);
        if let Some(namespace) = (self.namespaces)(prefix).or_else(own) {
            return Ok(Resolved::In { namespace, local });
        }
        let known: Vec<&str> = self.tree.namespaces.iter().skip(1).map(|(known, _)| &**known).collect();
        Err(match known.as_slice() {
            [] => format!("the prefix `{prefix}` is not declared: the answer declares none"),
            known => format!("the prefix `{prefix}` is not declared; the answer declares {}", known.join(", ")),
        })
    }

    /// Whether a node is as a step says (section 2.3). A name without a prefix is one that is written without.
    fn is(&self, node: NodeId, axis: Axis, test: &Resolved<'_>) -> bool {
        let kind = self.tree.kind(node);
        let principal = match kind {
            Kind::Attribute(..) => axis == Axis::Attribute,
            Kind::Element(_) => axis != Axis::Attribute,
            _ => false,
        };
        match test {
            Resolved::In { namespace, local } => {
                principal
                    && self
                        .tree
                        .name(node)
                        .is_some_and(|name| &*name.namespace == *namespace && (*local == "*" || &*name.local == *local))
            }
            Resolved::AsWritten(test) => match test {
                Test::Any => principal,
                Test::Name { local, .. } => {
                    principal && self.tree.name(node).is_some_and(|name| name.prefix.is_empty() && name.local == *local)
                }
                Test::Node => true,
                Test::Text => matches!(kind, Kind::Text(_)),
                Test::Comment => matches!(kind, Kind::Comment(_)),
                Test::Instruction(target) => match kind {
                    Kind::Instruction(found, _) => target.as_ref().is_none_or(|target| target == found),
                    _ => false,
                },
            },
        }
    }

    /// Elements by their ids: `xml:id`, in HTML `id`.
    pub(super) fn with_ids(&self, wanted: &[String]) -> Result<Vec<NodeId>, String> {
        let wanted: HashSet<&str> = wanted.iter().flat_map(|text| text.split_whitespace()).collect();
        let mut found: HashMap<&str, NodeId> = HashMap::new();
        self.visit(self.tree.end(0) as usize)?;
        for node in 0..self.tree.end(0) {
            if let Kind::Attribute(_, value) = self.tree.kind(node)
                && let Some(name) = self.tree.name(node)
                && &*name.local == "id"
                && (&*name.prefix == "xml" || self.tree.is_html && name.prefix.is_empty())
                && wanted.contains(&**value)
                && let Some(element) = self.tree.parent(node)
            {
                found.entry(value).or_insert(element);
            }
        }
        Ok(in_order(found.into_values().collect()))
    }
}

/// A test whose prefix is resolved.
enum Resolved<'t> {
    AsWritten(&'t Test),
    In { namespace: &'t str, local: &'t str },
}

/// What `//` stands for, at the place of a step.
fn anywhere(step: &Step) -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Node, conditions: Vec::new(), begin: step.begin, end: step.end }
}

/// Whether a condition is a boolean in which no place is counted.
fn never_counts(condition: &Expr) -> bool {
    fn counts(expression: &Expr) -> bool {
        match expression {
            Expr::Text(_) | Expr::Number(_) => false,
            Expr::Negated(inner) => counts(inner),
            Expr::Binary(_, left, right) => counts(left) || counts(right),
            Expr::Call(name, arguments) => matches!(*name, "position" | "last") || arguments.iter().any(counts),
            // Within a path, places are its own.
            Expr::Path { .. } => false,
            Expr::Filter { value, .. } => counts(value),
        }
    }
    let boolean = match condition {
        Expr::Path { .. } | Expr::Filter { .. } | Expr::Text(_) => true,
        Expr::Binary(operator, ..) => {
            !matches!(operator, Operator::Plus | Operator::Minus | Operator::Times | Operator::Div | Operator::Mod)
        }
        Expr::Call(name, _) => matches!(
            *name,
            "boolean" | "not" | "true" | "false" | "contains" | "starts-with" | "lang" | "string" | "normalize-space"
        ),
        Expr::Number(_) | Expr::Negated(_) => false,
    };
    boolean && !counts(condition)
}

#[expect(clippy::float_cmp, reason = "numbers of XPath are equal where IEEE 754 says so")]
fn same(first: f64, second: f64) -> bool {
    first == second
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no document has so many nodes that a float could not hold their number"
)]
fn is_place(place: usize, number: f64) -> bool {
    same(place as f64, number)
}

/// Nodes in the order of the document, each once.
fn in_order(mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}
