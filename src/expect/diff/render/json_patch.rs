//! The differences as a JSON Patch (RFC 6902): what has to be done to the document that was expected for it to be the one
//! that came. Where members may be more than are expected, those that are more are left out; where matchers stand in what
//! is expected, they are taken for their text, and only those that do not hold are replaced.

use jiff::Timestamp;

use super::super::Mode;
use super::super::align::{Alignment, Row};
use super::super::ground::Ground;
use super::super::holds::{Elements, Members, Rules};
use super::super::ignore::Ignored;
use super::super::text::safe_json;
use super::super::walk::{rename, unnamed};
use crate::json::{Json, Object};
use crate::jsonpath::JsonPath;
use crate::scenario::expected::{Expected, Member, Tree};
use crate::source::Spanned;

/// An array in which more elements have moved is replaced as a whole.
const MOVES: usize = 1_000;

/// The operations, in the order they are to be done.
pub fn operations(
    expected: &Expected,
    actual: &Json,
    mode: Mode,
    ignore: &[Spanned<JsonPath>],
    now: Timestamp,
) -> Vec<Json> {
    let ignored = (!ignore.is_empty()).then(|| Ignored::of(ignore, expected, Some(actual)).0);
    let ground = Ground::new(ignored);
    ground.keep_verdicts();
    let mut patch = Patch { operations: Vec::new() };
    patch.value(Rules { mode, now, ground: &ground }, expected, actual, &mut String::new());
    patch.operations
}

/// The document of RFC 6902, an operation a line.
pub fn text(operations: &[Json]) -> String {
    if operations.is_empty() {
        return "[]\n".to_owned();
    }
    let lines: Vec<String> =
        operations.iter().map(|operation| format!("  {}", safe_json(&operation.to_string()))).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

struct Patch {
    operations: Vec<Json>,
}

impl Patch {
    fn add(&mut self, op: &str, path: &str, more: Option<(&str, Json)>) {
        let members = [("op", Json::from(op)), ("path", Json::from(path))];
        self.operations.push(Json::object(members.into_iter().chain(more)));
    }

    fn value(&mut self, rules: Rules<'_>, expected: &Expected, actual: &Json, path: &mut String) {
        if rules.holds(expected, actual) {
            return;
        }
        match (&expected.tree, actual) {
            (Tree::Object(members), Json::Object(object)) => self.object(rules, members, object, path),
            (Tree::Array(items), Json::Array(came)) => self.array(rules, items, came, path),
            _ => self.add("replace", path, Some(("value", actual.clone()))),
        }
    }

    fn object(&mut self, rules: Rules<'_>, members: &[Member], object: &Object, path: &mut String) {
        let mut extra: Option<Vec<(&str, &Json)>> = None;
        let mut lookup = Members::of(object);
        for member in members {
            let name = &*member.key.value;
            match lookup.get(name) {
                Some(value) => self.below(path, name, |patch, path| patch.value(rules, &member.value, value, path)),
                None if rules.holds_absent(&member.value) => {}
                None => {
                    let extra = extra.get_or_insert_with(|| unnamed(rules, members, object));
                    if let Some(at) = rename::find(rules, member, extra) {
                        let (to, value) = extra.remove(at);
                        let mut from = path.clone();
                        push_name(&mut from, name);
                        self.below(path, to, |patch, path| {
                            patch.add("move", path, Some(("from", Json::from(from))));
                            patch.value(rules, &member.value, value, path);
                        });
                    } else {
                        self.below(path, name, |patch, path| patch.add("remove", path, None));
                    }
                }
            }
        }
        if rules.mode == Mode::Exactly {
            for (name, value) in extra.unwrap_or_else(|| unnamed(rules, members, object)) {
                self.below(path, name, |patch, path| patch.add("add", path, Some(("value", value.clone()))));
            }
        }
    }

    fn array(&mut self, rules: Rules<'_>, items: &[Expected], came: &[Json], path: &mut String) {
        let (kept, kept_came) = (Elements::expected(rules, items), Elements::came(rules, came));
        let mut rows = Alignment::find(rules, &kept.refs, &kept_came.refs, None).rows;
        let moves = rows.iter().filter(|row| matches!(row, Row::Moved(..))).count();
        if moves > MOVES {
            return self.add("replace", path, Some(("value", Json::array(came.iter().cloned()))));
        }
        // The list as it is after each operation: elements by the places where they were expected.
        let mut list: Vec<usize> = (0..items.len()).collect();
        let mut removed: Vec<usize> = rows
            .iter()
            .filter_map(|row| if let Row::Removed(at, _) = row { Some(kept.place(*at)) } else { None })
            .collect();
        removed.sort_unstable_by(|a, b| b.cmp(a));
        for at in &removed {
            self.below(path, &at.to_string(), |patch, path| patch.add("remove", path, None));
        }
        if !removed.is_empty() {
            let gone: std::collections::HashSet<usize> = removed.into_iter().collect();
            list.retain(|at| !gone.contains(at));
        }
        rows.retain(|row| !matches!(row, Row::Removed(..)));
        rows.sort_by_key(|row| match row {
            Row::Pair(_, to) | Row::Moved(_, to) | Row::Inserted(to) | Row::Removed(_, to) => *to,
        });
        self.moves(&rows, &kept, &mut list, path);
        // How many elements of the list stand before the next one, and how many have been added before it.
        let (mut passed, mut added) = (0, 0);
        for row in &rows {
            match row {
                Row::Pair(at, to) | Row::Moved(at, to) => {
                    let element = kept.place(*at);
                    passed += list[passed..].iter().position(|other| *other == element).unwrap_or(0) + 1;
                    let place = (passed - 1 + added).to_string();
                    let (expected, actual) = (kept.refs[*at], kept_came.refs[*to]);
                    self.below(path, &place, |patch, path| patch.value(rules, expected, actual, path));
                }
                Row::Inserted(to) | Row::Removed(_, to) => {
                    let value = kept_came.refs[*to].clone();
                    let place = (passed + added).to_string();
                    self.below(path, &place, |patch, path| patch.add("add", path, Some(("value", value))));
                    added += 1;
                }
            }
        }
    }

    /// Brings the elements that have moved behind those they came behind.
    fn moves(&mut self, rows: &[Row], kept: &Elements<'_, Expected>, list: &mut Vec<usize>, path: &mut String) {
        let mut before: Option<usize> = None;
        for row in rows {
            if let Row::Moved(at, _) = row {
                let element = kept.place(*at);
                let from = list.iter().position(|other| *other == element).unwrap_or(0);
                list.remove(from);
                let to =
                    before.and_then(|before| list.iter().position(|other| *other == before)).map_or(0, |at| at + 1);
                list.insert(to, element);
                if from != to {
                    let mut source = path.clone();
                    push_name(&mut source, &from.to_string());
                    self.below(path, &to.to_string(), |patch, path| {
                        patch.add("move", path, Some(("from", Json::from(source))))
                    });
                }
            }
            if let Row::Pair(at, _) | Row::Moved(at, _) = row {
                before = Some(kept.place(*at));
            }
        }
    }

    fn below(&mut self, path: &mut String, name: &str, with: impl FnOnce(&mut Self, &mut String)) {
        let length = path.len();
        push_name(path, name);
        with(self, path);
        path.truncate(length);
    }
}

/// A reference token of RFC 6901.
fn push_name(path: &mut String, name: &str) {
    path.push('/');
    path.push_str(&name.replace('~', "~0").replace('/', "~1"));
}
