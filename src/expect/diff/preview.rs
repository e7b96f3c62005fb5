//! Values on one line, cut so that a person sees what matters.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::text::visible;
use crate::json::Json;
use crate::scenario::expected::{Expected, Operators, Tree};

/// An array or object is abbreviated beyond this many characters, and a text inside it beyond the second.
const WHOLE: usize = 72;
const INNER_TEXT: usize = 40;

/// A value to be shown.
#[derive(Clone, Copy)]
pub(super) enum Shown<'s> {
    Json(&'s Json),
    Expected(&'s Expected),
}

/// A value on one line: an array or object with as many members as fit, and `…` for the others.
pub fn preview(value: &Json) -> String {
    preview_of(Shown::Json(value))
}

pub(super) fn preview_of(value: Shown<'_>) -> String {
    let mut out = Line { text: String::new(), left: WHOLE };
    out.value(value, true);
    out.text
}

/// Cuts a text to a number of columns.
pub(in crate::expect) fn cut(text: &str, limit: usize) -> String {
    if text.is_ascii() && text.len() <= limit || text.width() <= limit {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken < limit
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Cuts a text to a number of characters around the first that differs from another text.
pub(super) fn focus(text: &str, other: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let differs = text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    // A third of what is shown stands before the difference, for the reader to find the place.
    let skip = if differs <= limit * 2 / 3 { 0 } else { differs - limit / 3 };
    let front = if skip > 0 { "…" } else { "" };
    let room = limit - usize::from(skip > 0);
    let rest = length - skip;
    if rest <= room {
        return front.chars().chain(text.chars().skip(skip)).collect();
    }
    front.chars().chain(text.chars().skip(skip).take(room - 1)).chain(['…']).collect()
}

struct Line {
    text: String,
    left: usize,
}

impl Line {
    fn push(&mut self, text: &str) {
        self.left = self.left.saturating_sub(text.chars().count());
        self.text.push_str(text);
    }

    fn value(&mut self, value: Shown<'_>, top: bool) {
        match value {
            Shown::Json(Json::Array(items)) => self.items(items.iter().map(Shown::Json)),
            Shown::Json(Json::Object(object)) => {
                self.members(object.iter().map(|(key, value)| (visible(key), Shown::Json(value))));
            }
            Shown::Json(Json::String(text)) => self.scalar(&visible(text), top),
            Shown::Json(scalar) => self.scalar(&scalar.to_string(), top),
            Shown::Expected(expected) => match &expected.tree {
                Tree::Null => self.push("null"),
                Tree::Bool(value) => self.push(&value.to_string()),
                Tree::Number(number) => self.scalar(&number.to_string(), top),
                Tree::String(text) => self.scalar(&visible(text), top),
                Tree::Template(template) => self.scalar(&Json::from(template.text()).to_string(), top),
                Tree::Matcher(matcher) => self.scalar(&matcher.to_string(), top),
                Tree::Array(items) => self.items(items.iter().map(Shown::Expected)),
                Tree::Object(members) => self
                    .members(members.iter().map(|member| (visible(&member.key.value), Shown::Expected(&member.value)))),
                Tree::Operators(operators) => self.operators(operators),
            },
        }
    }

    /// A text or number: whole where it stands alone, so that it can still be cut around a difference.
    fn scalar(&mut self, text: &str, top: bool) {
        let limit = if top { usize::MAX } else { INNER_TEXT.min(self.left.max(8)) };
        if text.starts_with('"') && text.chars().count() > limit {
            self.push(&cut(text, limit - 1));
            self.push("\"");
        } else {
            self.push(&cut(text, limit));
        }
    }

    fn items<'s>(&mut self, items: impl ExactSizeIterator<Item = Shown<'s>>) {
        if items.len() == 0 {
            return self.push("[]");
        }
        self.push("[");
        for (at, item) in items.enumerate() {
            if !self.separate(at) {
                break;
            }
            self.value(item, false);
        }
        self.push("]");
    }

    fn members<'s>(&mut self, members: impl ExactSizeIterator<Item = (String, Shown<'s>)>) {
        if members.len() == 0 {
            return self.push("{}");
        }
        self.push("{ ");
        for (at, (key, value)) in members.enumerate() {
            if !self.separate(at) {
                break;
            }
            self.push(&key);
            self.push(": ");
            self.value(value, false);
        }
        self.push(" }");
    }

    fn operators(&mut self, operators: &Operators) {
        let by = operators.by.as_ref().map(|by| ("$by", by.value.to_string()));
        self.push("{ ");
        let mut at = 0;
        if let Some((key, name)) = by {
            self.push(&format!("{key}: {name}"));
            at += 1;
        }
        for (key, tree) in operators.named() {
            if !self.separate(at) {
                break;
            }
            self.push(&format!("{key}: "));
            self.value(Shown::Expected(tree), false);
            at += 1;
        }
        self.push(" }");
    }

    /// The comma before another part, or `…` where there is no room for one.
    fn separate(&mut self, at: usize) -> bool {
        let room = self.left > 12;
        if at > 0 {
            self.push(", ");
        }
        if !room {
            self.push("…");
        }
        room
    }
}
