//! The YAML tree: every key and value with the bytes it was written in.

use std::sync::Arc;

use super::{Span, Spanned};
use crate::json::{Json, Number, ObjectBuilder};

/// How a node was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// An unquoted scalar.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|` or `>`
    BlockScalar,
    /// A collection in indented lines.
    Block,
    /// A collection in `[…]` or `{…}`.
    Flow,
}

/// A YAML value and where it was written.
#[derive(Debug, Clone)]
pub struct Node {
    /// The bytes of the value.
    pub span: Span,
    /// How it was written.
    pub style: Style,
    /// The value.
    pub kind: Kind,
}

/// What a node holds, resolved by the YAML 1.2 core schema.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `null`, `~` or nothing
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Arc<str>),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, its keys in the order they were written, each once.
    Mapping(Vec<Entry>),
}

/// A member of a mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key as text.
    pub key: Spanned<Arc<str>>,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// The bytes from the key to the end of the value; of a value that an alias brings, the key alone.
    pub fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

impl Node {
    /// What the node is, for messages: `a mapping`, `the number 5`.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".into(),
            Kind::Bool(value) => format!("the boolean {value}"),
            Kind::Number(number) => format!("the number {number}"),
            Kind::String(_) => "a string".into(),
            Kind::Sequence(_) => "a list".into(),
            Kind::Mapping(_) => "a mapping".into(),
        }
    }

    /// The entries, if it is a mapping.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if it is a sequence.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?.iter().find(|entry| &**entry.key == key).map(|entry| &entry.value)
    }

    /// A value that no file holds, as if it had been written.
    pub fn of_json(value: &Json) -> Self {
        let (style, kind) = match value {
            Json::Null => (Style::Plain, Kind::Null),
            Json::Bool(value) => (Style::Plain, Kind::Bool(*value)),
            Json::Number(number) => (Style::Plain, Kind::Number(number.clone())),
            Json::String(text) => (Style::DoubleQuoted, Kind::String(text.as_ref().into())),
            Json::Array(items) => (Style::Flow, Kind::Sequence(items.iter().map(Self::of_json).collect())),
            Json::Object(object) => {
                let entry = |(key, value): (&str, &Json)| Entry {
                    key: Spanned::new(key.into(), Span::default()),
                    value: Self::of_json(value),
                };
                (Style::Flow, Kind::Mapping(object.iter().map(entry).collect()))
            }
        };
        Self { span: Span::default(), style, kind }
    }

    /// The same value as JSON.
    pub fn to_json(&self) -> Json {
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Bool(value) => Json::Bool(*value),
            Kind::Number(number) => Json::Number(number.clone()),
            Kind::String(text) => Json::from(&**text),
            Kind::Sequence(items) => Json::array(items.iter().map(Node::to_json)),
            Kind::Mapping(entries) => {
                let mut object = ObjectBuilder::default();
                for entry in entries {
                    object.push(entry.key.value.clone(), entry.value.to_json());
                }
                Json::Object(object.finish())
            }
        }
    }
}
