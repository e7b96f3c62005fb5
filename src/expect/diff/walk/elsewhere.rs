//! Members that are missing where they were expected and came in another object.

use std::collections::HashMap;

use super::super::holds::Rules;
use super::super::{Difference, Kind};
use super::rename::is_telling;
use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};
use crate::scenario::expected::{Expected, Tree};

/// So many missing members are looked for.
const SOUGHT: usize = 20;
/// So many values of the document are looked at.
const LOOKED_AT: usize = 500_000;

/// Says of missing members, and of those that were not expected, where they seem to have moved. `missing` has their
/// places in the list, their names, and what was expected of them.
pub(super) fn tell(
    rules: Rules<'_>,
    list: &mut [Difference],
    missing: &[(usize, &str, &Expected)],
    expected: &Expected,
    actual: &Json,
    root: &NormalizedPath,
) {
    let sought = missing.iter().filter(|(at, _, value)| *at < list.len() && is_telling(value)).take(SOUGHT);
    let mut search = Search { rules, sought: sought.map(|sought| (*sought, None)).collect(), left: LOOKED_AT };
    if search.sought.is_empty() {
        return;
    }
    search.look(Some(expected), actual, &mut Vec::new());
    for ((at, _, _), found) in search.sought {
        let Some(found) = found else { continue };
        let whole = root.elements().iter().cloned().chain(found);
        let there = NormalizedPath::new(whole.collect());
        let here = list[at].path.shorthand();
        list[at].why = format!("the same stands at {}: was it moved?", there.shorthand());
        if let Some(extra) = list.iter_mut().find(|other| other.kind == Kind::Unexpected && other.path == there) {
            extra.why = format!("expected at {here}: was it moved?");
        }
    }
}

struct Search<'s> {
    rules: Rules<'s>,
    sought: Vec<((usize, &'s str, &'s Expected), Option<Vec<PathElement>>)>,
    left: usize,
}

impl Search<'_> {
    /// Looks below a value. `expected` is what is expected at this place: a member that has its place there has not
    /// moved.
    fn look(&mut self, expected: Option<&Expected>, actual: &Json, path: &mut Vec<PathElement>) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        match actual {
            Json::Object(object) => {
                let expected = members(expected);
                for (name, value) in object.iter() {
                    let here = expected.get(name).copied();
                    path.push(PathElement::Name(name.into()));
                    if here.is_none() {
                        self.ask(name, value, path);
                    }
                    self.look(here, value, path);
                    path.pop();
                }
            }
            Json::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    path.push(PathElement::Index(at));
                    self.look(expected.and_then(|expected| element(expected, at)), value, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn ask(&mut self, name: &str, value: &Json, path: &[PathElement]) {
        for ((_, sought, expected), found) in &mut self.sought {
            if found.is_none() && *sought == name && self.rules.holds(expected, value) {
                *found = Some(path.to_vec());
            }
        }
    }
}

fn members(expected: Option<&Expected>) -> HashMap<&str, &Expected> {
    match expected.map(|expected| &expected.tree) {
        Some(Tree::Object(members)) => {
            members.iter().map(|member| (&*member.key.value as &str, &member.value)).collect()
        }
        _ => HashMap::new(),
    }
}

/// What is expected of an element. Elements may stand at other places than they were expected at: that of the same place
/// is taken, or the last one, for elements are mostly of one shape.
fn element(expected: &Expected, at: usize) -> Option<&Expected> {
    match &expected.tree {
        Tree::Array(items) => items.get(at).or(items.last()),
        _ => None,
    }
}
