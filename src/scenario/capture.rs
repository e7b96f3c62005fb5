//! `capture`: what a step keeps of its answer for later steps.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::body::MarkupPath;
use crate::jsonpath::JsonPath;
use crate::markup::XPath;
use crate::source::{Diagnostic, Entry, Node, Read, Reader, Span, Spanned, Unread, suggestion};
use crate::template::{Reference, Template, is_function};

/// A variable and where its value comes from.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The variable.
    pub name: Spanned<Arc<str>>,
    /// Where the value comes from.
    pub from: Origin,
    /// Where that is said.
    pub span: Span,
}

/// Where a captured value comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The document, by JSONPath: the value of a singular query, the list of values of any other.
    Json(JsonPath),
    /// XML or HTML, by XPath or CSS selector: the text of what is found, the list of texts where it is several things.
    Markup(MarkupPath),
    /// A header field: the first of that name.
    Header(String),
    /// A cookie that the answer sets.
    Cookie(String),
    /// The status code.
    Status,
    /// The milliseconds that the exchange took.
    Duration,
    /// The body as text.
    Text,
    /// The URL that answered, after redirects.
    Url,
    /// The body by regular expression: the first group, or the whole match.
    Regex(regex::Regex),
    /// A template over `json`, `text`, `status`, `headers`, `cookies`, `duration` and all variables.
    Template(Template),
}

impl Capture {
    /// What a template refers to.
    pub fn references(&self) -> Box<dyn Iterator<Item = (&Reference, Span)> + '_> {
        match &self.from {
            Origin::Template(template) => template.references(),
            _ => Box::new(std::iter::empty()),
        }
    }

    fn read(entry: &Entry, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Entry { key, value } = entry;
        check_name(key, reader)?;
        let text = reader.scalar_text(value, "the place of a value, such as `$.id` or `header ETag`,")?;
        let from = origin(&text, value, reader)?;
        Ok(Self { name: key.clone(), from, span: value.span })
    }
}

/// The words that an origin begins with.
const ORIGINS: [&str; 8] = ["header", "cookie", "status", "duration", "text", "url", "regex", "css"];

fn origin(text: &str, node: &Node, reader: &mut Reader<'_>) -> Result<Origin, Unread> {
    let trimmed = text.trim();
    let (word, rest) = trimmed.split_once(' ').map_or((trimmed, ""), |(word, rest)| (word, rest.trim()));
    Ok(match (word, rest) {
        _ if trimmed.starts_with('$') => Origin::Json(read_path(trimmed, node, reader)?.value),
        ("css", selector) if !selector.is_empty() => Origin::Markup(MarkupPath::css(selector, node, reader)?.value),
        _ if trimmed.contains("{{") => Origin::Template(Template::read(node, reader)?),
        _ if XPath::is_meant(trimmed) => Origin::Markup(MarkupPath::xpath(trimmed, node, reader)?.value),
        ("status", "") => Origin::Status,
        ("duration", "") => Origin::Duration,
        ("text", "") => Origin::Text,
        ("url", "") => Origin::Url,
        ("header", name) if !name.is_empty() => Origin::Header(name.to_owned()),
        ("cookie", name) if !name.is_empty() => Origin::Cookie(name.to_owned()),
        ("regex", pattern) if !pattern.is_empty() => {
            let quoted = pattern.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let made = regex::Regex::new(quoted.unwrap_or(pattern));
            Origin::Regex(made.map_err(|error| {
                let reason = error.to_string();
                let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                reader.report(
                    Diagnostic::error("capture.regex", format!("this regular expression is not valid: {last}"))
                        .at(node.span, "")
                        .help(if last.contains("unclosed") {
                            "close it, or write `\\(` or `\\[` for the character itself"
                        } else {
                            "the syntax is that of RE2; `\\` before a character takes away its special meaning"
                        }),
                )
            })?)
        }
        _ => {
            let problem =
                Diagnostic::error("capture.origin", format!("`{trimmed}` does not say where the value comes from"))
                    .at(node.span, "");
            let meant = if word == "body" { Some("text") } else { suggestion(word, ORIGINS) };
            return Err(reader.report(match meant {
                // The word itself is right: something is missing behind it, or too much.
                Some("header") if word == "header" => problem.help("`header` needs a name: `header ETag`"),
                Some("cookie") if word == "cookie" => problem.help("`cookie` needs a name: `cookie SESSION`"),
                Some("regex") if word == "regex" => problem.help("`regex` needs a pattern: `'regex \"page=(\\d+)\"'`"),
                Some("css") if word == "css" => problem.help("`css` needs a selector: `css h1.title`"),
                Some(meant) if meant == word => problem.help(format!("write `{meant}` alone")),
                Some(meant) => problem.help(format!("did you mean `{}`?", format!("{meant} {rest}").trim_end())),
                None => problem.help(
                    "write a JSONPath (`$.id`), `header NAME`, `cookie NAME`, `status`, `duration`, `text`, `url`, \
                         `regex \"…\"`, an XPath (`//item/@id`), `css SELECTOR`, or a template (`\"{{ json.items | length }}\"`)",
                ),
            }));
        }
    })
}

/// Reads a JSONPath out of a node or key.
pub(super) fn read_path(text: &str, node: &Node, reader: &mut Reader<'_>) -> Result<Spanned<JsonPath>, Unread> {
    JsonPath::parse(text).map(|path| Spanned::new(path, node.span)).map_err(|error| {
        // Where the text stands as it is, the caret goes to the very character.
        let raw = reader.written(node.span);
        let span = raw.find(text).map_or(node.span, |at| node.span.part(at + error.range.start..at + error.range.end));
        let mut problem =
            Diagnostic::error("format.jsonpath", format!("this JSONPath is not valid: {}", error.message)).at(span, "");
        problem.help.extend(error.hint);
        reader.report(problem)
    })
}

/// Names of variables are identifiers, or no template could use them.
pub(super) fn check_name(name: &Spanned<Arc<str>>, reader: &mut Reader<'_>) -> Result<(), Unread> {
    name_problem(name).map_or(Ok(()), |problem| Err(reader.report(problem)))
}

/// Ids of steps are identifiers, too; they stand behind `steps.` and collide with nothing.
pub(super) fn check_id(id: &Spanned<Arc<str>>, reader: &mut Reader<'_>) -> Result<(), Unread> {
    identifier_problem(id).map_or(Ok(()), |problem| Err(reader.report(problem)))
}

/// Names that templates see anyway: a variable of that name would hide them or be hidden by them.
const TAKEN: [&str; 7] = ["env", "secrets", "steps", "auth", "provider", "run", "mock"];
/// Words of the template language.
const WORDS: [&str; 10] = ["true", "false", "none", "not", "and", "or", "in", "is", "if", "else"];

/// What is wrong with a variable's name, if anything.
pub(super) fn name_problem(name: &Spanned<Arc<str>>) -> Option<Diagnostic> {
    let text = &*name.value;
    let Some(reason) = taken(text) else { return identifier_problem(name) };
    let problem = Diagnostic::error("format.name", format!("the name `{text}` is taken")).at(name.span, "");
    Some(problem.help(format!("{reason}; choose another name, such as `my_{text}`")))
}

/// Why a variable cannot have that name, if it means something else in templates.
pub fn taken(text: &str) -> Option<String> {
    if TAKEN.contains(&text) {
        Some(format!("templates already have a variable `{text}`"))
    } else if text == "case" {
        Some("in a scenario with `cases`, `case` is the current case".to_owned())
    } else if matches!(text, "item" | "index") {
        Some(format!("`{text}` is set by `for_each`"))
    } else if super::check::OF_ANSWER.contains(&text) {
        Some(format!("in `that` and `capture`, `{text}` is a part of the answer"))
    } else if is_function(text) {
        Some(format!("templates have a function `{text}`"))
    } else {
        WORDS.contains(&text).then(|| format!("`{text}` is a word of the template language"))
    }
}

fn identifier_problem(name: &Spanned<Arc<str>>) -> Option<Diagnostic> {
    let mut letters = name.chars();
    let identifier = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_');
    (!identifier).then(|| {
        let meant: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        // A digit may stand anywhere but at the beginning.
        let meant = if meant.starts_with(|c: char| c.is_numeric()) { format!("_{meant}") } else { meant };
        let problem =
            Diagnostic::error("format.name", format!("`{}` is not a name that templates can use", name.value));
        problem.at(name.span, "").help(if meant.is_empty() {
            "give it a name of letters, digits and `_`".to_owned()
        } else {
            format!("use only letters, digits and `_`: `{meant}`")
        })
    })
}

/// The captures of a step, in their order.
#[derive(Debug, Clone, Default)]
pub struct Captures(pub Vec<Capture>);

impl Read for Captures {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(entries) = node.entries() else {
            return Err(reader.expected("a mapping of variables, such as `{ id: $.id }`,", node));
        };
        reader.each(entries, Entry::span, Capture::read).map(Self)
    }
}

impl JsonSchema for Captures {
    fn schema_name() -> Cow<'static, str> {
        "Captures".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": {
                "type": "string",
                "description": "A JSONPath, `header NAME`, `cookie NAME`, `status`, `duration`, `text`, `url`, `regex \"…\"`, an XPath, `css SELECTOR`, or a template."
            }
        })
    }
}
