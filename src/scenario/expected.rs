//! What a value is expected to be: a tree as it was written, with a place on every node. Literals, templates, matchers,
//! and the `$`-operators for what a string cannot hold.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::matcher::Matcher;
use crate::json::{Json, Number};
use crate::source::{Diagnostic, Entry, Kind, Node, Read, Reader, Span, Spanned, Style, Unread, suggestion};
use crate::template::{Reference, Template};

/// An expected value. A clone shares all that is below it.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Where it was written.
    pub span: Span,
    /// What it is.
    pub tree: Tree,
    /// Whether a template stands in it or below it.
    templated: bool,
}

/// The forms of an expected value.
#[derive(Debug, Clone)]
pub enum Tree {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, compared by value.
    Number(Number),
    /// A text, whatever it looks like.
    String(Arc<str>),
    /// A string with `{{ … }}`; what it renders to is compared literally.
    Template(Arc<Template>),
    /// `<…>`
    Matcher(Arc<Matcher>),
    /// Elements in their order.
    Array(Arc<[Expected]>),
    /// Members, each name once.
    Object(Arc<[Member]>),
    /// `$`-operators, all of which must hold.
    Operators(Arc<Operators>),
}

/// A member of an expected object.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, a leading escape undone, and where the key stands.
    pub key: Spanned<Arc<str>>,
    /// Its value.
    pub value: Expected,
}

/// The `$`-operators of one mapping. All that are given must hold of the one value.
///
/// `$by` says how elements are told apart for the operators that pair elements, and so stands beside one of
/// `$unordered: [TREE …]` (pairs by that member, in any order), `$exactly: [TREE …]` (pairs by that member, in order) or
/// `$contains: TREE` (the element with the same member is the one meant).
#[derive(Debug, Clone, Default)]
pub struct Operators {
    /// `$each`: an array whose every element is so; an empty array is.
    pub each: Option<Expected>,
    /// `$contains`: an array with an element that is so.
    pub contains: Option<Expected>,
    /// `$unordered`: an array of these elements in any order; a list, or a template that gives one.
    pub unordered: Option<Expected>,
    /// `$length`: what the length of a string, array or object is.
    pub length: Option<Expected>,
    /// `$by`: the member by which the elements of two arrays are paired.
    pub by: Option<Spanned<Arc<str>>>,
    /// `$exactly`: a tree below which no object has more members.
    pub exactly: Option<Expected>,
    /// `$json`: a text that is JSON, and the tree which that JSON is.
    pub json: Option<Expected>,
}

impl Operators {
    /// Their keys.
    pub const KEYS: [&str; 7] = ["$each", "$contains", "$unordered", "$length", "$by", "$exactly", "$json"];

    /// The trees of the operators, by their keys. All of them but `$by`, which names a member.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Expected)> {
        let Self { each, contains, unordered, length, by: _, exactly, json } = self;
        let trees = [
            ("$each", each),
            ("$contains", contains),
            ("$unordered", unordered),
            ("$length", length),
            ("$exactly", exactly),
            ("$json", json),
        ];
        trees.into_iter().filter_map(|(key, tree)| Some((key, tree.as_ref()?)))
    }

    /// The trees of the operators.
    pub fn trees(&self) -> impl Iterator<Item = &Expected> {
        self.named().map(|(_, tree)| tree)
    }
}

impl Expected {
    /// A node of that form.
    pub fn new(tree: Tree, span: Span) -> Self {
        let templated = match &tree {
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::String(_) => false,
            Tree::Template(_) => true,
            Tree::Matcher(matcher) => matcher.is_templated(),
            Tree::Array(items) => items.iter().any(Self::is_templated),
            Tree::Object(members) => members.iter().any(|member| member.value.is_templated()),
            Tree::Operators(operators) => operators.trees().any(Self::is_templated),
        };
        Self { span, tree, templated }
    }

    /// A value as it is: no string of it is a matcher or a template. Every node stands at that one place.
    pub fn from_json(value: &Json, span: Span) -> Self {
        let tree = match value {
            Json::Null => Tree::Null,
            Json::Bool(value) => Tree::Bool(*value),
            Json::Number(number) => Tree::Number(number.clone()),
            Json::String(text) => Tree::String(Arc::from(&**text)),
            Json::Array(items) => Tree::Array(items.iter().map(|item| Self::from_json(item, span)).collect()),
            Json::Object(object) => Tree::Object(
                object
                    .iter()
                    .map(|(key, value)| Member {
                        key: Spanned::new(key.into(), span),
                        value: Self::from_json(value, span),
                    })
                    .collect(),
            ),
        };
        Self { span, tree, templated: false }
    }

    /// A text as it is written in an expected tree, so that it reads back as that text and not as a matcher.
    pub fn escape(text: &str) -> Cow<'_, str> {
        let bare = text.trim_start_matches('\\');
        let escaped = bare.len() < text.len() && bare.starts_with('<');
        if escaped || Matcher::is_written(text) || Matcher::begun(text).is_some() {
            Cow::Owned(format!("\\{text}"))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// The name of a member as it is written in an expected tree, so that it is no operator.
    pub fn escape_name(name: &str) -> Cow<'_, str> {
        if name.trim_start_matches('\\').starts_with('$') {
            Cow::Owned(format!("\\{name}"))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// As [`Expected::from_json`], of a value that is not needed otherwise: of large documents one is kept, not two.
    pub fn of_json(value: Json, span: Span) -> Self {
        let tree = match value {
            Json::Array(items) => {
                Tree::Array(items.into_vec().into_iter().map(|item| Self::of_json(item, span)).collect())
            }
            Json::Object(object) => {
                let member = |(key, value)| Member { key: Spanned::new(key, span), value: Self::of_json(value, span) };
                Tree::Object(object.into_members().map(member).collect())
            }
            scalar => return Self::from_json(&scalar, span),
        };
        Self { span, tree, templated: false }
    }

    /// Whether a template stands in it or below it.
    pub fn is_templated(&self) -> bool {
        self.templated
    }

    /// The one value that is expected, unless a template, a matcher or an operator stands in it.
    pub fn as_json(&self) -> Option<Json> {
        Some(match &self.tree {
            Tree::Null => Json::Null,
            Tree::Bool(value) => Json::Bool(*value),
            Tree::Number(number) => Json::Number(number.clone()),
            Tree::String(text) => Json::from(&**text),
            Tree::Array(items) => Json::array(items.iter().map(Self::as_json).collect::<Option<Vec<_>>>()?),
            Tree::Object(members) => {
                let members = members.iter().map(|member| Some((member.key.value.clone(), member.value.as_json()?)));
                Json::object(members.collect::<Option<Vec<_>>>()?)
            }
            Tree::Template(_) | Tree::Matcher(_) | Tree::Operators(_) => return None,
        })
    }

    /// Whether it can hold for a value that is not there.
    pub fn allows_absence(&self) -> bool {
        matches!(&self.tree, Tree::Matcher(matcher) if matcher.allows_absence())
    }

    /// The names that templates in it refer to, and where.
    pub fn references(&self) -> Vec<(&Reference, Span)> {
        let mut found = Vec::new();
        self.collect_references(&mut found);
        found
    }

    fn collect_references<'e>(&'e self, found: &mut Vec<(&'e Reference, Span)>) {
        if !self.templated {
            return;
        }
        match &self.tree {
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::String(_) => {}
            Tree::Template(template) => found.extend(template.references()),
            Tree::Matcher(matcher) => found.extend(matcher.references()),
            Tree::Array(items) => items.iter().for_each(|item| item.collect_references(found)),
            Tree::Object(members) => members.iter().for_each(|member| member.value.collect_references(found)),
            Tree::Operators(operators) => operators.trees().for_each(|tree| tree.collect_references(found)),
        }
    }
}

impl Read for Expected {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let tree = match &node.kind {
            Kind::Null => Tree::Null,
            Kind::Bool(value) => Tree::Bool(*value),
            Kind::Number(number) => Tree::Number(number.clone()),
            Kind::String(text) => string(node, text, reader)?,
            Kind::Sequence(items) => sequence(node, items, reader)?,
            Kind::Mapping(entries) => mapping(entries, reader)?,
        };
        Ok(Self::new(tree, node.span))
    }
}

fn string(node: &Node, text: &Arc<str>, reader: &mut Reader<'_>) -> Result<Tree, Unread> {
    let skip = match text.as_bytes().first() {
        Some(b'<') if Matcher::is_written(text) => {
            return match Matcher::of(node, text, reader) {
                Ok(matcher) if reader.is_verbatim() && matcher.is_templated() => Err(reader.report(
                    Diagnostic::error(
                        "matcher.template",
                        "templates are not rendered in this file, and this matcher has one as an argument",
                    )
                    .at(node.span, "")
                    .help("write the value itself"),
                )),
                Ok(matcher) => Ok(Tree::Matcher(Arc::new(matcher))),
                Err(problem) => Err(reader.report(problem)),
            };
        }
        Some(b'<') => {
            if let Some(matcher) = Matcher::begun(text) {
                return Err(reader.report(unclosed(node, matcher, reader)));
            }
            0
        }
        // One backslash is taken off, so that a text that begins with one can be written, too.
        Some(b'\\') => usize::from(text.trim_start_matches('\\').starts_with('<')),
        _ => 0,
    };
    if !reader.is_verbatim() && ["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
        let template = Template::within(node, text, skip..text.len(), reader);
        return template.map(|template| Tree::Template(Arc::new(template))).map_err(|problem| reader.report(problem));
    }
    Ok(Tree::String(if skip == 0 { text.clone() } else { Arc::from(&text[skip..]) }))
}

fn unclosed(node: &Node, matcher: &str, reader: &Reader<'_>) -> Diagnostic {
    let problem =
        Diagnostic::error("matcher.unclosed", format!("this `<{matcher} …` has no `>` at its end")).at(node.span, "");
    let behind = reader.text.get(node.span.end as usize..).unwrap_or_default();
    let problem = if node.style != Style::Plain {
        problem
    } else if behind.starts_with(" #") {
        problem.help("YAML reads a comment from ` #` on: put quotes around the whole value")
    } else if behind.trim_start().starts_with(',') {
        problem.help("YAML ends the value at the comma: put quotes around the whole matcher")
    } else {
        problem
    };
    problem.help("if this is plain text and not a matcher, write `\\<…`")
}

fn sequence(node: &Node, items: &[Node], reader: &mut Reader<'_>) -> Result<Tree, Unread> {
    if node.style == Style::Flow
        && let Some(span) = split_matcher(items)
    {
        return Err(reader.report(
            Diagnostic::error("matcher.split", "YAML reads the comma in this matcher as the end of the item")
                .at(span, "quote this")
                .help(format!("put quotes around the whole matcher: \"{}\"", reader.written(span))),
        ));
    }
    reader.each(items, |item| item.span, Expected::read).map(|items| Tree::Array(items.into()))
}

/// `[<one of a, b>]` without quotes: the `<` stands in one item, its `>` in a later one.
fn split_matcher(items: &[Node]) -> Option<Span> {
    let plain = |node: &Node| match &node.kind {
        Kind::String(text) if node.style == Style::Plain => Some(text.clone()),
        _ => None,
    };
    let open = items.iter().position(|item| plain(item).is_some_and(|text| Matcher::begun(&text).is_some()))?;
    let closing = |item: &Node| plain(item).is_some_and(|text| text.ends_with('>') && !text.starts_with('<'));
    if plain(&items[open])?.ends_with('>') {
        return None;
    }
    items[open + 1..].iter().find(|item| closing(item)).map(|close| items[open].span.to(close.span))
}

fn mapping(entries: &[Entry], reader: &mut Reader<'_>) -> Result<Tree, Unread> {
    let operator = |entry: &&Entry| entry.key.starts_with('$');
    let Some(first) = entries.iter().find(operator) else {
        return reader.each(entries, Entry::span, member).map(|members| Tree::Object(members.into()));
    };
    let mut whole = true;
    for entry in entries.iter().filter(operator) {
        if !Operators::KEYS.contains(&&*entry.key.value) {
            reader.report(unknown_operator(&entry.key));
            whole = false;
        }
    }
    if let Some(member) = entries.iter().find(|entry| !operator(entry)).filter(|_| whole) {
        return Err(reader.report(
            Diagnostic::error("expect.operator", "operators and members cannot be in the same mapping")
                .at(member.key.span, "a member")
                .at(first.key.span, "an operator")
                .help(format!("if the body has a member `{}`, write `\\{}`", first.key.value, first.key.value)),
        ));
    }
    let operators = operators(entries.iter().filter(operator), reader);
    if whole { operators.map(|operators| Tree::Operators(Arc::new(operators))) } else { Err(Unread) }
}

fn member(Entry { key, value }: &Entry, reader: &mut Reader<'_>) -> Result<Member, Unread> {
    if key.contains("{{") && !reader.is_verbatim() {
        reader.report(
            Diagnostic::error("expect.member-name", "templates are not rendered in names of members here")
                .at(key.span, "")
                .help("check such a member with an expression: `that: json[name] == …`"),
        );
        return Err(Unread);
    }
    let name = match key.strip_prefix('\\') {
        Some(rest) if rest.trim_start_matches('\\').starts_with('$') => Arc::from(rest),
        _ => key.value.clone(),
    };
    Ok(Member { key: Spanned::new(name, key.span), value: Expected::read(value, reader)? })
}

fn unknown_operator(key: &Spanned<Arc<str>>) -> Diagnostic {
    let problem = Diagnostic::error("expect.operator", format!("there is no operator `{}`", key.value))
        .at(key.span, "unknown operator");
    let problem = match suggestion(key, Operators::KEYS) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem.help(format!("the operators are {}", Operators::KEYS.join(", "))),
    };
    problem.help(format!("if the body has a member `{}`, write `\\{}`", key.value, key.value))
}

fn operators<'n>(entries: impl Iterator<Item = &'n Entry>, reader: &mut Reader<'_>) -> Result<Operators, Unread> {
    let mut operators = Operators::default();
    let mut whole = true;
    for Entry { key, value } in entries {
        let tree = match &*key.value {
            "$by" => {
                if let Some(name) = value.as_str() {
                    operators.by = Some(Spanned::new(name.into(), value.span));
                } else {
                    reader.expected("the name of a member", value);
                    whole = false;
                }
                continue;
            }
            "$each" => &mut operators.each,
            "$contains" => &mut operators.contains,
            "$unordered" => &mut operators.unordered,
            "$length" => &mut operators.length,
            "$exactly" => &mut operators.exactly,
            "$json" => &mut operators.json,
            _ => continue,
        };
        match Expected::read(value, reader).and_then(|tree| fit(&key.value, tree, value, reader)) {
            Ok(read) => *tree = Some(read),
            Err(Unread) => whole = false,
        }
    }
    if let Some(by) = &operators.by {
        let pairs = operators.unordered.is_some() || operators.contains.is_some() || operators.exactly.is_some();
        if whole && !pairs {
            reader.report(
                Diagnostic::error("expect.operator", "`$by` needs the elements to pair next to it")
                    .at(by.span, "")
                    .help(format!(
                        "for example `{{ $by: {}, $unordered: [ … ] }}`; `$exactly` and `$contains` work too",
                        by.value
                    )),
            );
            whole = false;
        }
    }
    if whole { Ok(operators) } else { Err(Unread) }
}

/// Refuses what an operator could never hold for.
fn fit(operator: &str, tree: Expected, node: &Node, reader: &mut Reader<'_>) -> Result<Expected, Unread> {
    let (fits, what) = match operator {
        "$unordered" => (matches!(tree.tree, Tree::Array(_) | Tree::Template(_)), "a list"),
        "$length" => (
            match &tree.tree {
                Tree::Number(length) => length.as_i64().is_some_and(|length| length >= 0),
                other => matches!(other, Tree::Template(_) | Tree::Matcher(_)),
            },
            "a whole number, 0 or more, or a matcher such as `<1..10>`,",
        ),
        _ => (true, ""),
    };
    if fits { Ok(tree) } else { Err(reader.expected(what, node)) }
}

impl JsonSchema for Expected {
    fn schema_name() -> Cow<'static, str> {
        "Expected".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value, compared with its type; a string that is wholly `<…>` is a matcher (`\\<…>` is the \
                            literal); `{{ … }}` is rendered and compared literally. In a mapping, $each, $contains, \
                            $unordered, $length, $by, $exactly and $json are operators (a member of such a name is written \
                            `\\$each`)."
        })
    }
}

#[cfg(test)]
mod tests;
