//! A document over several lines: a member or an element a line, two spaces a level.

use std::fmt::{Display, Write};
use std::ops::Range;

use crate::expect::diff::text::Safe;
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};

/// What lies deeper is not indented further, or its indentation would outgrow it.
const DEEPEST: usize = 20;
/// Spaces a level.
const STEP: usize = 2;

/// The lines, without their indentation and in one text: a large document has millions.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    /// Where every line but the first begins.
    starts: Vec<Start>,
}

#[derive(Clone, Copy)]
struct Start {
    at: u32,
    level: u8,
}

/// A place to copy from or up to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    starts: usize,
}

/// An array or object of which not all is written.
pub(super) struct Open {
    level: usize,
    first: bool,
}

impl Page {
    pub(super) fn lines(&self) -> usize {
        self.starts.len() + 1
    }

    /// How far a line is indented, and what stands in it.
    pub(super) fn line(&self, number: usize) -> (usize, &str) {
        let end = self.starts.get(number).map_or(self.text.len(), |next| next.at as usize);
        match number.checked_sub(1).map(|before| self.starts[before]) {
            None => (0, &self.text[..end]),
            Some(start) => (usize::from(start.level) * STEP, &self.text[start.at as usize..end]),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.text.len(), starts: self.starts.len() }
    }

    /// Adds a part of another page.
    pub(super) fn copy(&mut self, from: &Self, part: Range<Mark>) {
        let base = self.text.len();
        self.text.push_str(&from.text[part.start.at..part.end.at]);
        let starts = &from.starts[part.start.starts..part.end.starts];
        self.starts.extend(starts.iter().map(|start| {
            let at = start.at as usize - part.start.at + base;
            Start { at: narrow(at), level: start.level }
        }));
    }

    fn begin_line(&mut self, level: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "no more than the deepest")]
        let level = level.min(DEEPEST) as u8;
        self.starts.push(Start { at: narrow(self.text.len()), level });
    }

    pub(super) fn open(&mut self, bracket: char, level: usize) -> Open {
        self.text.push(bracket);
        Open { level, first: true }
    }

    pub(super) fn element(&mut self, open: &mut Open) {
        if !std::mem::take(&mut open.first) {
            self.text.push(',');
        }
        self.begin_line(open.level + 1);
    }

    pub(super) fn member(&mut self, open: &mut Open, name: &str) {
        self.element(open);
        self.scalar(&Json::from(name));
        self.text.push_str(": ");
    }

    pub(super) fn close(&mut self, open: &Open, bracket: char) {
        if !open.first {
            self.begin_line(open.level);
        }
        self.text.push(bracket);
    }

    pub(super) fn scalar(&mut self, value: &impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(Safe(&mut self.text), "{value}");
    }

    pub(super) fn json(&mut self, value: &Json, level: usize) {
        match value {
            Json::Array(items) => {
                let mut open = self.open('[', level);
                for item in items {
                    self.element(&mut open);
                    self.json(item, level + 1);
                }
                self.close(&open, ']');
            }
            Json::Object(object) => {
                let mut open = self.open('{', level);
                for (name, item) in object.iter() {
                    self.member(&mut open, name);
                    self.json(item, level + 1);
                }
                self.close(&open, '}');
            }
            scalar => self.scalar(scalar),
        }
    }

    /// What is expected, as a file would have it.
    pub(super) fn expected(&mut self, expected: &Expected, level: usize) {
        match &expected.tree {
            Tree::Null => self.text.push_str("null"),
            Tree::Bool(value) => self.scalar(value),
            Tree::Number(number) => self.scalar(number),
            Tree::String(text) => self.scalar(&Json::from(&**text)),
            Tree::Matcher(matcher) => self.scalar(&Json::from(matcher.to_string())),
            Tree::Template(template) => self.scalar(&Json::from(template.text())),
            Tree::Array(items) => {
                let mut open = self.open('[', level);
                for item in items.iter() {
                    self.element(&mut open);
                    self.expected(item, level + 1);
                }
                self.close(&open, ']');
            }
            Tree::Object(members) => {
                let mut open = self.open('{', level);
                for member in members.iter() {
                    self.member(&mut open, &member.key.value);
                    self.expected(&member.value, level + 1);
                }
                self.close(&open, '}');
            }
            Tree::Operators(operators) => {
                let mut open = self.open('{', level);
                if let Some(by) = &operators.by {
                    self.member(&mut open, "$by");
                    self.scalar(&Json::from(&*by.value));
                }
                for (key, tree) in operators.named() {
                    self.member(&mut open, key);
                    self.expected(tree, level + 1);
                }
                self.close(&open, '}');
            }
        }
    }
}

/// A text of four gigabytes has come from nowhere near the memory that there is.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
