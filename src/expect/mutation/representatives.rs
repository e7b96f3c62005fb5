//! Similar elements are changed once: of all nodes with one folded path one stands for all.

use std::collections::HashMap;

use super::Candidate;
use super::change::{self, Place};
use crate::event::{Change, Look};
use crate::expect::coverage::{Looks, proposal, proposal_of_both, push_name};
use crate::json::Json;

/// The nodes that stand for all of one folded path: of several the first of those that are looked at most closely.
#[derive(Default)]
pub(super) struct Representatives {
    at: HashMap<String, usize>,
    pub(super) list: Vec<Representative>,
    /// How many nodes there are in all.
    pub(super) nodes: usize,
}

/// What a node has from those it stands in.
#[derive(Default, Clone, Copy)]
pub(super) struct Inherited {
    look: Look,
    ignored: bool,
}

pub(super) struct Representative {
    path: String,
    /// Of elements and members, from the root down.
    pub(super) positions: Vec<usize>,
    look: Look,
    /// Whether the expectations say that they ignore it, or what it stands in.
    ignored: bool,
    /// What could be expected of all that it stands for, if they are scalars.
    proposal: Option<String>,
}

impl Representatives {
    pub(super) fn walk(
        &mut self,
        node: &Json,
        path: &mut String,
        positions: &mut Vec<usize>,
        inherited: Inherited,
        looks: &Looks,
    ) {
        self.nodes += 1;
        let (own, below) = looks.at(node, inherited.look);
        let ignored = inherited.ignored || looks.is_ignored(node);
        let below = Inherited { look: below, ignored };
        let scalar = !matches!(node, Json::Array(_) | Json::Object(_));
        if let Some(at) = self.at.get(path.as_str()) {
            let known = &mut self.list[*at];
            if known.look < own {
                (known.look, known.ignored, known.positions) = (own, ignored, positions.clone());
            }
            known.proposal = known.proposal.take().filter(|_| scalar).map(|it| proposal_of_both(&it, path, node));
        } else {
            self.at.insert(path.clone(), self.list.len());
            let proposal = scalar.then(|| proposal(path, node));
            let positions = positions.clone();
            self.list.push(Representative { path: path.clone(), positions, look: own, ignored, proposal });
        }
        let end = path.len();
        match node {
            Json::Array(items) => {
                path.push_str("[*]");
                for (at, item) in items.iter().enumerate() {
                    positions.push(at);
                    self.walk(item, path, positions, below, looks);
                    positions.pop();
                }
                path.truncate(end);
            }
            Json::Object(object) => {
                for (at, (name, value)) in object.iter().enumerate() {
                    push_name(path, name);
                    positions.push(at);
                    self.walk(value, path, positions, below, looks);
                    positions.pop();
                    path.truncate(end);
                }
            }
            _ => {}
        }
    }

    pub(super) fn candidates(self, root: &Json, graphql: bool, looks: &Looks) -> Vec<Candidate> {
        let mut found = Vec::new();
        if graphql && root.get("errors").is_none() && root.as_object().is_some() {
            found.push(Candidate {
                change: Change::Errors,
                place: Place::Node(Vec::new()),
                path: "$.errors".to_owned(),
                look: Look::Value,
                open: false,
                ignored: false,
                proposal: None,
            });
        }
        for Representative { path, positions, look, ignored, proposal } in self.list {
            let Some((node, parent)) = change::find(root, &positions) else { continue };
            let open = looks.is_open(node);
            for change in change::of(node, parent) {
                found.push(Candidate {
                    change,
                    place: Place::Node(positions.clone()),
                    path: path.clone(),
                    look,
                    open,
                    ignored,
                    proposal: proposed(change, proposal.as_deref(), node),
                });
            }
        }
        found
    }
}

/// What would notice a change of a node.
fn proposed(change: Change, scalar: Option<&str>, node: &Json) -> Option<String> {
    let length = node.as_array().map_or(0, <[Json]>::len);
    match change {
        Change::Emptied => Some("{ $length: <1..> }".to_owned()),
        Change::Fewer | Change::More => Some(format!("{{ $length: {length} }}")),
        Change::Order | Change::Extra | Change::Errors => None,
        _ => match node {
            Json::Array(_) => Some("<array>".to_owned()),
            Json::Object(_) => Some("<object>".to_owned()),
            _ => Some(scalar.unwrap_or("<any>").to_owned()),
        },
    }
}
