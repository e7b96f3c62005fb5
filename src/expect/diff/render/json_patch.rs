//! The differences as a JSON Patch (RFC 6902): what has to be done to the document that was expected for it to be the one
//! that came. Where members may be more than are expected, those that are more are left out; where matchers stand in what
//! is expected, they are taken for their text, and only those that do not hold are replaced. A list or an object of which
//! so much differs that its operations would be longer than itself is replaced as a whole.

use std::fmt::{self, Display, Write};

use jiff::Timestamp;

use super::super::Mode;
use super::super::align::{Alignment, Row};
use super::super::ground::Ground;
use super::super::holds::{Elements, Members, Rules};
use super::super::ignore::Ignored;
use super::super::text::Safe;
use super::super::walk::{rename, unnamed};
use crate::json::{Json, Object};
use crate::jsonpath::JsonPath;
use crate::scenario::expected::{Expected, Member, Tree};
use crate::source::Spanned;

/// An array in which more elements have moved is replaced as a whole.
const MOVES: usize = 1_000;
/// So is one in which so many places would be passed to move them.
const PASSED: usize = 200_000_000;
/// Fewer operations than these are not weighed against the value that they are below.
const MANY: usize = 1_000;

/// The document of RFC 6902, an operation a line, in the order they are to be done; `[]` where nothing differs.
pub fn text(expected: &Expected, actual: &Json, mode: Mode, ignore: &[Spanned<JsonPath>], now: Timestamp) -> String {
    let ignored = (!ignore.is_empty()).then(|| Ignored::of(ignore, expected, Some(actual)).0);
    let ground = Ground::new(ignored);
    ground.keep_verdicts();
    let mut patch = Patch { text: "[".to_owned(), count: 0, weighed: 0 };
    patch.value(Rules { mode, now, ground: &ground }, expected, actual, &mut String::new());
    patch.text.push_str(if patch.count == 0 { "]\n" } else { "\n]\n" });
    patch.text
}

struct Patch {
    text: String,
    /// How many operations are in it.
    count: usize,
    /// How long the operations were, at most, that were found to be shorter than the value they are below.
    weighed: usize,
}

/// Where the operations of one value begin.
struct Begin {
    length: usize,
    count: usize,
    /// What was weighed before it.
    weighed: usize,
}

impl Patch {
    fn add(&mut self, op: &str, path: &str, more: Option<(&str, &dyn Display)>) {
        self.text.push_str(if self.count == 0 { "\n" } else { ",\n" });
        self.count += 1;
        // Writing to a `String` cannot fail.
        let _ = write!(self.text, "  {{\"op\":\"{op}\",\"path\":");
        let _ = write!(Safe(&mut self.text), "{}", Json::from(path));
        if let Some((name, value)) = more {
            let _ = write!(self.text, ",\"{name}\":");
            let _ = write!(Safe(&mut self.text), "{value}");
        }
        self.text.push('}');
    }

    fn replace(&mut self, path: &str, actual: &Json) {
        self.add("replace", path, Some(("value", actual)));
    }

    fn begin(&mut self) -> Begin {
        Begin { length: self.text.len(), count: self.count, weighed: std::mem::take(&mut self.weighed) }
    }

    /// Replaces the operations of one value, so far, by one that replaces the value, if they are longer than it.
    fn outgrew(&mut self, begin: &Begin, rules: Rules<'_>, actual: &Json, path: &str) -> bool {
        let written = self.text.len() - begin.length;
        // Where something is ignored, it stays as it is. What was weighed is not weighed again until it is twice as much.
        if self.count - begin.count <= MANY || written / 2 < self.weighed || rules.ground.ignored.is_some() {
            return false;
        }
        if write!(Room(written), "{actual}").is_err() {
            self.weighed = written;
            return false;
        }
        self.text.truncate(begin.length);
        self.count = begin.count;
        self.replace(path, actual);
        true
    }

    fn end(&mut self, begin: &Begin) {
        self.weighed = self.weighed.max(begin.weighed);
    }

    fn value(&mut self, rules: Rules<'_>, expected: &Expected, actual: &Json, path: &mut String) {
        if rules.holds(expected, actual) {
            return;
        }
        let begin = self.begin();
        match (&expected.tree, actual) {
            (Tree::Object(members), Json::Object(object)) => self.object(rules, members, object, actual, path, &begin),
            (Tree::Array(items), Json::Array(came)) => self.array(rules, items, came, actual, path, &begin),
            _ => self.replace(path, actual),
        }
        self.end(&begin);
    }

    fn object(
        &mut self,
        rules: Rules<'_>,
        members: &[Member],
        object: &Object,
        actual: &Json,
        path: &mut String,
        begin: &Begin,
    ) {
        let mut extra = None;
        let mut lookup = Members::of(object);
        for member in members {
            let name = &*member.key.value;
            match lookup.get(name) {
                Some(value) => self.below(path, name, |patch, path| patch.value(rules, &member.value, value, path)),
                None if rules.holds_absent(&member.value) => {}
                None => {
                    let extra = extra.get_or_insert_with(|| unnamed(rules, members, object));
                    if let Some((to, value)) = rename::find(rules, member, extra).and_then(|at| extra.remove(at)) {
                        let mut from = path.clone();
                        push_name(&mut from, name);
                        self.below(path, to, |patch, path| {
                            patch.add("move", path, Some(("from", &Json::from(from))));
                            patch.value(rules, &member.value, value, path);
                        });
                    } else {
                        self.below(path, name, |patch, path| patch.add("remove", path, None));
                    }
                }
            }
            if self.outgrew(begin, rules, actual, path) {
                return;
            }
        }
        if rules.mode == Mode::Exactly {
            for (name, value) in extra.unwrap_or_else(|| unnamed(rules, members, object)) {
                self.below(path, name, |patch, path| patch.add("add", path, Some(("value", value))));
                if self.outgrew(begin, rules, actual, path) {
                    return;
                }
            }
        }
    }

    fn array(
        &mut self,
        rules: Rules<'_>,
        items: &[Expected],
        came: &[Json],
        actual: &Json,
        path: &mut String,
        begin: &Begin,
    ) {
        let (kept, kept_came) = (Elements::expected(rules, items), Elements::came(rules, came));
        let rows = Alignment::find(rules, &kept.refs, &kept_came.refs, None).rows;
        let moves = rows.iter().filter(|row| matches!(row, Row::Moved(..))).count();
        if moves > MOVES || moves.saturating_mul(items.len()) > PASSED {
            return self.replace(path, actual);
        }
        let mut removed: Vec<usize> = rows
            .iter()
            .filter_map(|row| if let Row::Removed(at, _) = row { Some(kept.place(at)) } else { None })
            .collect();
        removed.sort_unstable();
        for at in removed.iter().rev() {
            self.below(path, &at.to_string(), |patch, path| patch.add("remove", path, None));
            if self.outgrew(begin, rules, actual, path) {
                return;
            }
        }
        // The list as it is after each operation: elements by the places where they were expected.
        let mut gone = removed.into_iter().peekable();
        let mut list: Vec<usize> = (0..items.len()).filter(|at| gone.next_if_eq(at).is_none()).collect();
        if moves > 0 {
            self.moves(rows.iter(), &kept, &mut list, path);
        }
        // How many elements of the list stand before the next one, and how many have been added before it.
        let (mut passed, mut added) = (0, 0);
        for row in rows.iter() {
            match row {
                Row::Pair(at, to) | Row::Moved(at, to) => {
                    let element = kept.place(at);
                    passed += list[passed..].iter().position(|other| *other == element).unwrap_or(0) + 1;
                    let place = (passed - 1 + added).to_string();
                    let (expected, actual) = (kept.refs[at], kept_came.refs[to]);
                    self.below(path, &place, |patch, path| patch.value(rules, expected, actual, path));
                }
                Row::Inserted(to) => {
                    let value = kept_came.refs[to];
                    let place = (passed + added).to_string();
                    self.below(path, &place, |patch, path| patch.add("add", path, Some(("value", value))));
                    added += 1;
                }
                Row::Removed(..) => {}
            }
            if self.outgrew(begin, rules, actual, path) {
                return;
            }
        }
    }

    /// Brings the elements that have moved behind those they came behind.
    fn moves(
        &mut self,
        rows: impl Iterator<Item = Row>,
        kept: &Elements<'_, Expected>,
        list: &mut Vec<usize>,
        path: &mut String,
    ) {
        let mut before: Option<usize> = None;
        for row in rows {
            if let Row::Moved(at, _) = row {
                let element = kept.place(at);
                let from = list.iter().position(|other| *other == element).unwrap_or(0);
                list.remove(from);
                let to =
                    before.and_then(|before| list.iter().position(|other| *other == before)).map_or(0, |at| at + 1);
                list.insert(to, element);
                if from != to {
                    let mut source = path.clone();
                    push_name(&mut source, &from.to_string());
                    self.below(path, &to.to_string(), |patch, path| {
                        patch.add("move", path, Some(("from", &Json::from(source))));
                    });
                }
            }
            if let Row::Pair(at, _) | Row::Moved(at, _) = row {
                before = Some(kept.place(at));
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

/// Takes so many bytes and refuses more.
struct Room(usize);

impl Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}
