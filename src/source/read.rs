//! From the YAML tree to typed models. Every problem is collected, each at its place; reading never stops at the first.
//!
//! A mapping of the format is written down once, with the `mapping!` macro: its fields make the reader, the "did you
//! mean" of unknown keys, and (through schemars) the JSON Schema that editors use.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Diagnostic, Entry, FileId, Kind, Node, Span, Spanned, suggestion};
use crate::json::Json;

/// A value could not be read; what is wrong has been reported to the [`Reader`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread;

/// What reading a file needs and collects.
#[derive(Debug)]
pub struct Reader<'t> {
    /// The file that is read.
    pub file: FileId,
    /// Its text.
    pub text: &'t str,
    /// All that was found wrong so far.
    pub problems: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    /// A reader of that file.
    pub fn new(file: FileId, text: &'t str) -> Self {
        Self { file, text, problems: Vec::new() }
    }

    /// Reports a problem.
    pub fn report(&mut self, problem: Diagnostic) -> Unread {
        self.problems.push(problem);
        Unread
    }

    /// Reports that something else was expected at a node.
    pub fn expected(&mut self, what: &str, node: &Node) -> Unread {
        self.report(
            Diagnostic::error("format.type", format!("{what} is expected here, not {}", node.describe()))
                .at(node.span, ""),
        )
    }

    /// The text of a place as it was written.
    pub fn written(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The text of a scalar: strings as they are, numbers and booleans as they were written (`1.10` stays `1.10`).
    pub fn scalar_text(&mut self, node: &Node, what: &str) -> Result<Arc<str>, Unread> {
        match &node.kind {
            Kind::String(text) => Ok(text.clone()),
            Kind::Bool(_) | Kind::Number(_) => Ok(self.written(node.span).into()),
            _ => Err(self.expected(what, node)),
        }
    }

    /// Reports a key that the mapping does not have.
    pub fn unknown_key(&mut self, key: &Spanned<Arc<str>>, what: &str, known: &[&'static str]) -> Unread {
        let mut problem = Diagnostic::error("format.unknown-key", format!("{what} has no key `{}`", key.value))
            .at(key.span, "unknown key");
        problem = match suggestion(key, known.iter().copied()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("the keys of {what} are {}", list(known))),
        };
        self.report(problem)
    }
}

/// Names in a sentence: `a`, `b` and `c`.
fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// A type that a YAML node can be read as.
pub trait Read: Sized {
    /// Reads the node.
    ///
    /// # Errors
    /// [`Unread`], after what is wrong was reported.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread>;
}

impl Read for Json {
    fn read(node: &Node, _: &mut Reader<'_>) -> Result<Self, Unread> {
        Ok(node.to_json())
    }
}

impl Read for bool {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Bool(value) => Ok(*value),
            Kind::String(text) if matches!(&**text, "yes" | "no" | "on" | "off" | "y" | "n") => Err(reader.report(
                Diagnostic::error("format.type", format!("`{text}` is a string in YAML 1.2; write true or false"))
                    .at(node.span, ""),
            )),
            _ => Err(reader.expected("true or false", node)),
        }
    }
}

impl Read for u32 {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Number(number) => number.as_i64().and_then(|value| Self::try_from(value).ok()),
            _ => None,
        }
        .ok_or(Unread)
        .map_err(|_| reader.expected("a whole number from 0", node))
    }
}

impl Read for String {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::String(text) => Ok(text.to_string()),
            Kind::Bool(_) | Kind::Number(_) => {
                let written = reader.written(node.span);
                Err(reader.report(
                    Diagnostic::error("format.type", format!("a string is expected here, not {}", node.describe()))
                        .at(node.span, "")
                        .help(format!("quote it: \"{written}\"")),
                ))
            }
            _ => Err(reader.expected("a string", node)),
        }
    }
}

impl<T: Read> Read for Spanned<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        Ok(Self::new(T::read(node, reader)?, node.span))
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        T::read(node, reader).map(Some)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        T::read(node, reader).map(Self::new)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(items) = node.items() else { return Err(reader.expected("a list", node)) };
        // Every item is read before giving up, so that all their problems are told.
        let read: Vec<Result<T, Unread>> = items.iter().map(|item| T::read(item, reader)).collect();
        read.into_iter().collect()
    }
}

/// A mapping with keys of the user's own, in the order they were written.
#[derive(Debug, Clone, PartialEq)]
pub struct Keys<T>(pub Vec<(Spanned<Arc<str>>, T)>);

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Keys<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(name, _)| &*name.value == key).map(|(_, value)| value)
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Spanned<Arc<str>>, T)> {
        self.0.iter()
    }

    /// The keys in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| &*key.value as &str)
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Read> Read for Keys<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(entries) = node.entries() else { return Err(reader.expected("a mapping", node)) };
        let read: Vec<Result<_, Unread>> = entries
            .iter()
            .map(|Entry { key, value }| T::read(value, reader).map(|value| (key.clone(), value)))
            .collect();
        read.into_iter().collect::<Result<Vec<_>, _>>().map(Self)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Keys<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Map_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Spanned<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }
}

/// Declares a mapping of the format: a struct, how it is read, and its JSON Schema.
///
/// `required` fields must be there; `optional` ones are their type's default when absent; keys in `later` belong to the
/// format but are refused for now. Every struct gets a field `at`, the places of its keys.
macro_rules! mapping {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($what:literal) {
            required { $( $(#[$rmeta:meta])* $rkey:literal => $rfield:ident: $rtype:ty, )* }
            optional { $( $(#[$ometa:meta])* $okey:literal => $ofield:ident: $otype:ty, )* }
            $( later { $( $lkey:literal, )* } )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        $vis struct $name {
            $( $(#[$rmeta])* #[schemars(rename = $rkey)] pub $rfield: $rtype, )*
            $( $(#[$ometa])* #[schemars(rename = $okey, default)] pub $ofield: $otype, )*
            /// Where the mapping and its keys stand.
            #[schemars(skip)]
            pub at: $crate::source::Written,
        }

        impl $name {
            /// The keys of this mapping.
            pub const KEYS: &'static [&'static str] = &[$($rkey,)* $($okey,)*];
        }

        impl $crate::source::Read for $name {
            #[allow(unused_mut, unused_variables, clippy::allow_attributes, reason = "a mapping may lack one of the two groups")]
            fn read(
                node: &$crate::source::Node,
                reader: &mut $crate::source::Reader<'_>,
            ) -> Result<Self, $crate::source::Unread> {
                let Some(entries) = node.entries() else {
                    return Err(reader.expected($what, node));
                };
                let mut whole = true;
                $( let mut $rfield: Option<$rtype> = None; )*
                $( let mut $ofield: Option<$otype> = None; )*
                let mut at = $crate::source::Written::new(node.span);
                for $crate::source::Entry { key, value } in entries {
                    match &*key.value {
                        $( $rkey => match $crate::source::Read::read(value, reader) {
                            Ok(read) => { at.add($rkey, key.span, value.span); $rfield = Some(read); }
                            Err($crate::source::Unread) => { at.add($rkey, key.span, value.span); whole = false; }
                        }, )*
                        $( $okey => match $crate::source::Read::read(value, reader) {
                            Ok(read) => { at.add($okey, key.span, value.span); $ofield = Some(read); }
                            Err($crate::source::Unread) => { at.add($okey, key.span, value.span); whole = false; }
                        }, )*
                        $( $( $lkey => {
                            reader.report($crate::source::unsupported($lkey, key.span));
                            whole = false;
                        } )* )?
                        _ => {
                            reader.unknown_key(key, $what, Self::KEYS);
                            whole = false;
                        }
                    }
                }
                $(
                    if $rfield.is_none() && at.key($rkey).is_none() {
                        reader.report($crate::source::missing_key($what, $rkey, node));
                    }
                )*
                match (whole $(, $rfield)*) {
                    (true $(, Some($rfield))*) => Ok(Self {
                        $( $rfield, )*
                        $( $ofield: $ofield.unwrap_or_default(), )*
                        at,
                    }),
                    _ => Err($crate::source::Unread),
                }
            }
        }
    };
}
pub(crate) use mapping;

/// Where a mapping and its keys stand.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The whole mapping.
    pub span: Span,
    keys: Vec<(&'static str, Span, Span)>,
}

impl Written {
    pub(crate) fn new(span: Span) -> Self {
        Self { span, keys: Vec::new() }
    }

    pub(crate) fn add(&mut self, key: &'static str, at: Span, value: Span) {
        self.keys.push((key, at, value));
    }

    /// Where a key stands, if it was written.
    pub fn key(&self, key: &str) -> Option<Span> {
        self.keys.iter().find(|(name, ..)| *name == key).map(|(_, at, _)| *at)
    }

    /// Where the value of a key stands, if it was written.
    pub fn value(&self, key: &str) -> Option<Span> {
        self.keys.iter().find(|(name, ..)| *name == key).map(|(.., value)| *value)
    }

    /// The keys that were written, in their order.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, Span)> {
        self.keys.iter().map(|(name, at, _)| (*name, *at))
    }
}

/// What the format has and this version does not.
pub(crate) fn unsupported(what: &str, at: Span) -> Diagnostic {
    Diagnostic::error("format.unsupported", format!("`{what}` is not supported yet"))
        .at(at, "")
        .help("remove it: what cannot be checked must not look as if it were")
}

pub(crate) fn missing_key(what: &str, key: &str, node: &Node) -> Diagnostic {
    // A whole block would be too much to underline: its first key shows where it is.
    let first = node.entries().and_then(<[Entry]>::first).map_or(node.span, |entry| entry.key.span);
    Diagnostic::error("format.missing-key", format!("{what} needs the key `{key}`"))
        .at(first, "in the mapping that begins here")
}
