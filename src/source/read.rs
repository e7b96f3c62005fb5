//! From the YAML tree to typed models. Every problem is collected, each at its place; reading never stops at the first.
//!
//! A mapping of the format is written down once, with the `mapping!` macro: its fields make the reader, the "did you
//! mean" of unknown keys, and (through schemars) the JSON Schema that editors use.

use std::sync::Arc;

use super::elsewhere::{Instead, instead};
use super::{Diagnostic, Entry, FileId, Kind, Lost, Node, Span, Spanned, Style, suggestion};
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
    /// What was left out, where reading goes on without what is wrong.
    lost: Option<Lost>,
    /// Whether `{{` is a text as any other.
    verbatim: bool,
}

impl<'t> Reader<'t> {
    /// A reader of that file.
    pub fn new(file: FileId, text: &'t str) -> Self {
        Self { file, text, problems: Vec::new(), lost: None, verbatim: false }
    }

    /// A reader of a file that holds no templates: what looks like one is a text.
    pub fn verbatim(file: FileId, text: &'t str) -> Self {
        Self { verbatim: true, ..Self::new(file, text) }
    }

    /// Whether `{{` is a text as any other.
    pub(crate) fn is_verbatim(&self) -> bool {
        self.verbatim
    }

    /// A reader that leaves out what is wrong and gives the rest: good for further checks, and for nothing else.
    pub fn lenient(file: FileId, text: &'t str) -> Self {
        Self { lost: Some(Lost::default()), ..Self::new(file, text) }
    }

    /// What was left out.
    pub fn lost(self) -> Lost {
        self.lost.unwrap_or_default()
    }

    /// Leaves out a value that could not be read.
    ///
    /// # Errors
    /// [`Unread`], unless the reader is a lenient one.
    pub fn leave_out(&mut self, span: Span) -> Result<(), Unread> {
        let lost = self.lost.as_mut().ok_or(Unread)?;
        lost.add(self.text.get(span.range()).unwrap_or_default());
        Ok(())
    }

    /// Whether what is wrong is left out.
    pub(crate) fn is_lenient(&self) -> bool {
        self.lost.is_some()
    }

    /// Reads each of several items before giving up, so that all their problems are told.
    ///
    /// # Errors
    /// [`Unread`], unless all could be read; a lenient reader gives those that could.
    pub fn each<N, T>(
        &mut self,
        items: &[N],
        span: impl Fn(&N) -> Span,
        mut read: impl FnMut(&N, &mut Self) -> Result<T, Unread>,
    ) -> Result<Vec<T>, Unread> {
        let mut kept = Vec::with_capacity(items.len());
        let mut whole = true;
        for item in items {
            match read(item, self) {
                Ok(value) => kept.push(value),
                Err(Unread) => whole &= self.leave_out(span(item)).is_ok(),
            }
        }
        whole.then_some(kept).ok_or(Unread)
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

    /// Reports a key that the mapping does not have. Gives the one that was probably meant, unless the mapping has that
    /// one too: what stands below it is then read as if it had been written so, and its own mistakes are told.
    pub(crate) fn misspelt(
        &mut self,
        key: &Spanned<Arc<str>>,
        what: &str,
        known: &[&'static str],
        node: &Node,
    ) -> Option<&'static str> {
        let meant = self.report_unknown(key, what, known);
        if let Some(lost) = &mut self.lost {
            lost.add(key);
        }
        meant.filter(|meant| node.get(meant).is_none())
    }

    /// Forgets that a value is of another type than the key needs that it was only guessed to belong to.
    pub(crate) fn forget_type(&mut self, value: &Node, before: usize) {
        let of_value = |problem: &Diagnostic| problem.id == "format.type" && problem.span() == Some(value.span);
        let after = self.problems.split_off(before.min(self.problems.len()));
        self.problems.extend(after.into_iter().filter(|problem| !of_value(problem)));
    }

    /// Reports a key that the mapping does not have.
    pub fn unknown_key(&mut self, key: &Spanned<Arc<str>>, what: &str, known: &[&'static str]) -> Unread {
        self.report_unknown(key, what, known);
        Unread
    }

    /// Gives the key that was probably meant.
    fn report_unknown(&mut self, key: &Spanned<Arc<str>>, what: &str, known: &[&'static str]) -> Option<&'static str> {
        let problem = Diagnostic::error("format.unknown-key", format!("{what} has no key `{}`", key.value))
            .at(key.span, "unknown key");
        let (meant, help) = match instead(what, key) {
            Some(Instead::Key(meant)) => (Some(meant), format!("did you mean `{meant}`?")),
            Some(Instead::Advice(advice)) => (None, advice.to_owned()),
            None => match suggestion(key, known.iter().copied()) {
                Some(meant) => (Some(meant), format!("did you mean `{meant}`?")),
                None => (None, format!("the keys of {what} are {}", list(known))),
            },
        };
        self.report(problem.help(help));
        meant
    }

    /// Reports that a mapping was expected, with its keys.
    pub(crate) fn expected_mapping(&mut self, what: &str, known: &[&'static str], node: &Node) -> Unread {
        let problem = Diagnostic::error("format.type", format!("{what} must be a mapping, not {}", node.describe()));
        let help = match &node.kind {
            Kind::Sequence(items) if items.iter().any(|item| item.entries().is_some()) => DASHED.to_owned(),
            _ => format!("write it as `key: value`; the keys are {}", list(known)),
        };
        self.report(problem.at(node.span, "").help(help))
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

/// Where a list of mappings stands in place of one.
pub(super) const DASHED: &str = "remove the `- ` before each key: it makes the line an item of a list";

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
                Diagnostic::error(
                    "format.type",
                    format!("`{text}` is a string in YAML 1.2, and `true` or `false` is expected here"),
                )
                .at(node.span, "")
                .help(match &**text {
                    "yes" | "on" | "y" => "write `true`",
                    _ => "write `false`",
                }),
            )),
            _ => Err(reader.expected("`true` or `false`", node)),
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
        .map_err(|_| reader.expected("a whole number, 0 or more,", node))
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
                        .help(format!("put quotes around it: \"{written}\"")),
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
        let Some(items) = node.items() else {
            let problem = Diagnostic::error("format.type", format!("a list is expected here, not {}", node.describe()));
            let problem = problem.at(node.span, "");
            return Err(reader.report(match (&node.kind, node.style) {
                (Kind::Mapping(_), Style::Block) => problem.help("start each item with `- `: a dash and a space"),
                (Kind::Null, _) => problem.help("write its items below, each on a line that starts with `- `"),
                (Kind::String(_), _) => {
                    problem.help(format!("for a list of one item, write [{}]", reader.written(node.span)))
                }
                _ => problem,
            }));
        };
        reader.each(items, |item| item.span, T::read)
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
            #[allow(unused_mut, unused_variables, unused_parens, clippy::allow_attributes, reason = "a mapping may lack one of the two groups")]
            fn read(
                node: &$crate::source::Node,
                reader: &mut $crate::source::Reader<'_>,
            ) -> Result<Self, $crate::source::Unread> {
                let Some(entries) = node.entries() else {
                    return Err(reader.expected_mapping($what, Self::KEYS, node));
                };
                let mut whole = true;
                $( let mut $rfield: Option<$rtype> = None; )*
                $( let mut $ofield: Option<$otype> = None; )*
                let mut at = $crate::source::Written::new(node.span);
                for $crate::source::Entry { key, value } in entries {
                    let mut name: &str = &key.value;
                    let before = reader.problems.len();
                    loop {
                        let read = match name {
                            $( $rkey => {
                                at.add($rkey, key.span, value.span);
                                $crate::source::Read::read(value, reader).map(|read| $rfield = Some(read))
                            } )*
                            $( $okey => {
                                at.add($okey, key.span, value.span);
                                $crate::source::Read::read(value, reader).map(|read| $ofield = Some(read))
                            } )*
                            $( $( $lkey => Err(reader.report($crate::source::unsupported($lkey, key.span))), )* )?
                            _ => {
                                whole &= reader.is_lenient();
                                if let Some(meant) = reader.misspelt(key, $what, Self::KEYS, node) {
                                    name = meant;
                                    continue;
                                }
                                Err($crate::source::Unread)
                            }
                        };
                        if read.is_err() {
                            whole &= reader.leave_out(value.span).is_ok();
                        }
                        if name != &*key.value {
                            reader.forget_type(value, before);
                        }
                        break;
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
        .help("remove it: nothing would be checked, and it would look as if something were")
}

pub(crate) fn missing_key(what: &str, key: &str, node: &Node) -> Diagnostic {
    // A whole block would be too much to underline: its first key shows where it is.
    let first = node.entries().and_then(<[Entry]>::first).map_or(node.span, |entry| entry.key.span);
    Diagnostic::error("format.missing-key", format!("{what} needs the key `{key}`"))
        .at(first, "the mapping starts here")
        .help(format!("add `{key}: …`"))
}
