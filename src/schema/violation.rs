//! What does not hold, in words: where in the body, what the schema expects there and where it says so, and what came.

use std::borrow::Cow;
use std::time::Duration;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};

use super::{Found, Schema, decoded, exact, steps};
use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};
use crate::source::{Node, Span, suggestion};

/// So many violations are told in words; the others are counted.
const SHOWN: usize = 20;
/// So many members that nobody expects are named at one place.
const MEMBERS: usize = 5;
/// What a branch of `anyOf` lacks is told up to here.
const INSIDE: usize = 3;
/// The words for alternatives within alternatives end here.
const DEPTH: usize = 4;
/// A validation may take this long.
const LIMIT: Duration = Duration::from_secs(10);

/// What of a schema does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    /// The first of them.
    pub list: Vec<Violation>,
    /// How many more there are.
    pub more: usize,
    /// Whether the validation was given up because it took too long.
    pub given_up: bool,
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where in the body; of a member that is missing, where it would be.
    pub path: NormalizedPath,
    /// What is expected there: a clause without a full stop.
    pub what: String,
    /// Whether something is missing, so that there is no value to show.
    pub missing: bool,
    /// Where the schema says so.
    pub span: Option<Span>,
    /// The same as text: file, line and column.
    pub place: String,
    /// What the nearest of several alternatives lacks.
    pub inside: Vec<Violation>,
}

impl Schema {
    /// Holds a document against the schema.
    pub fn validate(&self, body: &Json) -> Violations {
        let site = Site { schema: Some(self) };
        let work = || {
            let mut found = Violations::default();
            if self.validator.is_valid(body) {
                return found;
            }
            for error in self.validator.iter_errors(body) {
                if found.list.len() < SHOWN {
                    found.list.extend(told(&error, body, &site));
                } else {
                    found.more += 1;
                }
            }
            found
        };
        exact::within(LIMIT, work).unwrap_or(Violations { given_up: true, ..Violations::default() })
    }
}

/// Where violations are told from; for a schema that is itself held against the schema of schemas, nowhere.
#[derive(Default, Clone, Copy)]
pub(super) struct Site<'s> {
    schema: Option<&'s Schema>,
}

impl<'s> Site<'s> {
    /// The keyword that does not hold, and the mapping it stands in.
    fn find(&self, error: &ValidationError<'_>) -> Option<(Found<'s>, Option<Found<'s>>, usize)> {
        let schema = self.schema?;
        let (uri, pointer) = match error.absolute_keyword_location() {
            Some(uri) => {
                let (uri, fragment) = uri.as_str().split_once('#').unwrap_or((uri.as_str(), ""));
                (uri.to_owned(), decoded(fragment))
            }
            None => (schema.documents[0].uri.clone(), error.schema_path().as_str().to_owned()),
        };
        let resource = schema.resources.get(&uri).or_else(|| {
            let uri = url::Url::parse(&uri).ok()?;
            schema.resources.get(uri.as_str())
        })?;
        let document = &schema.documents[resource.document];
        let from = document.find(resource.path.iter().map(String::as_str))?;
        // A keyword such as `dependentRequired` is told with one step that no document has: its own last one stands.
        let mut found = from;
        let mut parent = None;
        for step in steps(&pointer) {
            let Some(next) = super::find(found, [step.as_str()]) else { break };
            parent = Some(found);
            found = next;
        }
        Some((found, parent, resource.document))
    }

    fn place(&self, document: usize, span: Span) -> String {
        let Some(document) = self.schema.and_then(|schema| schema.documents.get(document)) else {
            return String::new();
        };
        let (line, column) = document.source.position(span.start as usize);
        format!("{}:{line}:{column}", document.source.name())
    }
}

/// An error of the validator in words.
pub(super) fn told(error: &ValidationError<'_>, body: &Json, site: &Site<'_>) -> Vec<Violation> {
    told_within(error, body, site, 0)
}

fn told_within(error: &ValidationError<'_>, body: &Json, site: &Site<'_>, depth: usize) -> Vec<Violation> {
    let (path, value) = located(error.instance_path().as_str(), body);
    let site_found = site.find(error);
    let node = site_found.as_ref().map(|(found, ..)| *found);
    let parent = site_found.as_ref().and_then(|(_, parent, _)| *parent);
    let document = site_found.as_ref().map_or(0, |(.., document)| *document);
    let violation = |path: NormalizedPath, what: String, missing: bool, span: Option<Span>, inside: Vec<Violation>| {
        let span = span.or_else(|| node.map(|found| found.span()));
        let place = span.map_or_else(String::new, |span| site.place(document, span));
        Violation { path, what, missing, span, place, inside }
    };
    let one = |what: String| vec![violation(path.clone(), what, false, None, Vec::new())];
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let element = node.and_then(|found| {
                found.node.items()?.iter().find(|item| item.as_str() == Some(name)).map(|item| item.span)
            });
            let like = like(name, value, parent);
            let what = match like {
                Some(like) => format!("required, and missing; was it renamed to `{like}`?"),
                None => "required, and missing".to_owned(),
            };
            vec![violation(child(&path, name), what, true, element, Vec::new())]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = names(parent);
            let mut told: Vec<Violation> = unexpected
                .iter()
                .take(MEMBERS)
                .map(|name| {
                    let absent =
                        known.iter().copied().filter(|known| value.is_none_or(|value| value.get(known).is_none()));
                    let what = match suggestion(name, absent) {
                        Some(meant) => format!("not expected; did you mean `{meant}`?"),
                        None => "not expected: the schema has no such member".to_owned(),
                    };
                    violation(child(&path, name), what, false, None, Vec::new())
                })
                .collect();
            if unexpected.len() > MEMBERS {
                let what = format!("{} more members are not expected", unexpected.len() - MEMBERS);
                told.push(violation(path.clone(), what, true, None, Vec::new()));
            }
            told
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let keyword = if matches!(error.kind(), ValidationErrorKind::AnyOf { .. }) { "anyOf" } else { "oneOf" };
            let Some(at) = nearest(context, error.instance_path().as_str()) else {
                return one(format!("none of the alternatives of `{keyword}` fits"));
            };
            let branch = &context[at];
            let mut inside: Vec<Violation> = Vec::new();
            if depth < DEPTH {
                inside =
                    branch.iter().take(INSIDE).flat_map(|error| told_within(error, body, site, depth + 1)).collect();
            }
            let more = match branch.len().saturating_sub(INSIDE) {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let name = node.and_then(|found| called(found.node.items()?.get(at)?)).unwrap_or_default();
            let what = if context.len() == 1 {
                format!("the one alternative of `{keyword}` does not fit")
            } else {
                format!(
                    "none of the {} alternatives of `{keyword}` fits; the nearest is the {}{name}, but for{more}:",
                    context.len(),
                    ordinal(at + 1)
                )
            };
            vec![violation(path, what, inside.is_empty(), None, inside)]
        }
        ValidationErrorKind::PropertyNames { error } => {
            let name = error.instance_path().as_str();
            let whole = told_within(error, body, site, depth + 1);
            let what = whole.into_iter().next().map_or_else(String::new, |violation| violation.what);
            let name = if name.is_empty() { String::new() } else { format!(" {name}") };
            one(format!("a name of a member{name} is not as `propertyNames` says: {what}"))
        }
        kind => one(words(kind, value, node.map(|found| found.node))),
    }
}

/// The branch of alternatives that lacks least: one that is of the right type and holds the right constants, then one
/// that fails in few places, then one that fails far down.
fn nearest(context: &[Vec<ValidationError<'static>>], at: &str) -> Option<usize> {
    let score = |errors: &Vec<ValidationError<'static>>| {
        let here = |error: &&ValidationError<'static>| error.instance_path().as_str() == at;
        let wrong_type =
            errors.iter().filter(here).any(|error| matches!(error.kind(), ValidationErrorKind::Type { .. }));
        let keyword = |error: &ValidationError<'static>| error.kind().keyword().to_owned();
        let constants = errors.iter().filter(|error| matches!(&*keyword(error), "const" | "enum")).count();
        let depth = errors.iter().map(|error| error.instance_path().as_str().matches('/').count()).max();
        (wrong_type, constants, errors.len(), std::cmp::Reverse(depth))
    };
    (0..context.len()).filter(|at| !context[*at].is_empty()).min_by_key(|at| score(&context[*at]))
}

/// What an alternative is called: by its title, or what it refers to.
fn called(alternative: &Node) -> Option<String> {
    let name = alternative.get("title").or_else(|| alternative.get("$ref"))?.as_str()?;
    Some(format!(" (`{name}`)"))
}

/// A place in the body.
fn located<'b>(pointer: &str, body: &'b Json) -> (NormalizedPath, Option<&'b Json>) {
    let mut value = Some(body);
    let mut path = Vec::new();
    for step in steps(pointer) {
        let index = step.parse::<usize>().ok().filter(|_| value.is_some_and(|value| value.as_array().is_some()));
        match index {
            Some(index) => {
                value = value.and_then(|value| value.as_array()?.get(index));
                path.push(PathElement::Index(index));
            }
            None => {
                value = value.and_then(|value| value.get(&step));
                path.push(PathElement::Name(step.as_str().into()));
            }
        }
    }
    (NormalizedPath::new(path), value)
}

fn child(path: &NormalizedPath, name: &str) -> NormalizedPath {
    let mut elements = path.elements().to_vec();
    elements.push(PathElement::Name(name.into()));
    NormalizedPath::new(elements)
}

/// The members that a schema knows.
fn names(schema: Option<Found<'_>>) -> Vec<&str> {
    let properties = schema.and_then(|found| found.node.get("properties")?.entries());
    properties.into_iter().flatten().map(|entry| &*entry.key.value).collect()
}

/// A member that the schema does not know and that is like the one that is missing.
fn like<'b>(name: &str, value: Option<&'b Json>, schema: Option<Found<'_>>) -> Option<&'b str> {
    let known = names(schema);
    if known.is_empty() {
        return None;
    }
    let unknown = value?.as_object()?.keys().filter(|key| !known.contains(key));
    suggestion(name, unknown)
}

/// What a keyword expects, in words. `node` is its value in the schema.
fn words(kind: &ValidationErrorKind, value: Option<&Json>, node: Option<&Node>) -> String {
    let is = value.map_or("nothing", |value| value.kind().with_article());
    let limit = || node.map_or_else(String::new, |node| one_line(&node.to_json(), 60));
    let length = value.and_then(length).map_or_else(String::new, |length| format!(", not {length}"));
    match kind {
        ValidationErrorKind::Type { kind } => {
            let types: Vec<String> = match kind {
                TypeKind::Single(kind) => vec![typed(*kind).to_owned()],
                TypeKind::Multiple(kinds) => kinds.iter().map(|kind| typed(kind).to_owned()).collect(),
            };
            let is = match value {
                Some(Json::Number(_)) if types == ["an integer"] => "a number with a fraction",
                _ => is,
            };
            format!("{} is expected, not {is}", alternatives(&types))
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("at least {} are expected{length}", counted(*limit, "character"))
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("at most {} are expected{length}", counted(*limit, "character"))
        }
        ValidationErrorKind::MinItems { limit } => {
            format!("at least {} are expected{length}", counted(*limit, "element"))
        }
        ValidationErrorKind::MaxItems { limit } => {
            format!("at most {} are expected{length}", counted(*limit, "element"))
        }
        ValidationErrorKind::MinProperties { limit } => {
            format!("at least {} are expected{length}", counted(*limit, "member"))
        }
        ValidationErrorKind::MaxProperties { limit } => {
            format!("at most {} are expected{length}", counted(*limit, "member"))
        }
        ValidationErrorKind::Pattern { pattern } => format!("it does not match the pattern `{pattern}`"),
        ValidationErrorKind::BacktrackLimitExceeded { .. } => {
            format!("the pattern `{}` takes too long on this text, and was given up", limit())
        }
        ValidationErrorKind::Format { format } => format!("{} is expected", format_in_words(format)),
        ValidationErrorKind::FalseSchema => "nothing is allowed here".to_owned(),
        ValidationErrorKind::Not { .. } => "this is what `not` forbids".to_owned(),
        ValidationErrorKind::Contains => "too few or too many of its elements are as `contains` says".to_owned(),
        ValidationErrorKind::UniqueItems => match value.and_then(Json::as_array).and_then(exact::twice) {
            Some((first, second)) => format!("its elements must differ, and [{first}] and [{second}] are equal"),
            None => "its elements must differ".to_owned(),
        },
        ValidationErrorKind::AdditionalItems { limit } => {
            format!("no more than {} are described{length}", counted(*limit as u64, "element"))
        }
        ValidationErrorKind::UnevaluatedItems { unexpected } => {
            format!(
                "{} not described by the schema",
                match unexpected.len() {
                    1 => "one of its elements is".to_owned(),
                    many => format!("{many} of its elements are"),
                }
            )
        }
        ValidationErrorKind::OneOfMultipleValid { context } => {
            let fit: Vec<String> =
                (0..context.len()).filter(|at| context[*at].is_empty()).map(|at| ordinal(at + 1)).collect();
            match fit.as_slice() {
                [] | [_] => "more than one alternative of `oneOf` fits, and only one may".to_owned(),
                fit => format!("{} alternatives of `oneOf` fit ({}), and only one may", fit.len(), fit.join(", ")),
            }
        }
        ValidationErrorKind::ContentEncoding { content_encoding } => {
            format!("a text in {content_encoding} is expected")
        }
        ValidationErrorKind::ContentMediaType { content_media_type } => {
            format!("a text that is {content_media_type} is expected")
        }
        ValidationErrorKind::Constant { expected_value } => format!("exactly {expected_value} is expected"),
        ValidationErrorKind::Custom { keyword, message } => compared(keyword, value, node, message),
        ValidationErrorKind::Enum { options } => format!("one of {options} is expected"),
        // What is left are limits that only the schema of schemas sets.
        ValidationErrorKind::Minimum { limit } => format!("at least {limit} is expected"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit} is expected"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit} is expected"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit} is expected"),
        other => format!("it is not as `{}` says", other.keyword()),
    }
}

/// What one of our own keywords expects.
fn compared(keyword: &str, value: Option<&Json>, node: Option<&Node>, limit: &str) -> String {
    match keyword {
        "const" => format!("exactly {limit} is expected"),
        "enum" if node.and_then(Node::items).is_none() => format!("one of {limit} is expected"),
        "enum" => {
            let options = node.and_then(Node::items).unwrap_or_default();
            let listed: Vec<String> = options.iter().take(8).map(|option| one_line(&option.to_json(), 40)).collect();
            let more = match options.len().saturating_sub(8) {
                0 => String::new(),
                more => format!(" or {more} others"),
            };
            let expected = match listed.as_slice() {
                [one] => format!("exactly {one} is expected"),
                listed => format!("one of {}{more} is expected", listed.join(", ")),
            };
            let texts = options.iter().filter_map(Node::as_str);
            match value.and_then(Json::as_str).and_then(|text| suggestion(text, texts)) {
                Some(meant) => format!("{expected}; did you mean {}?", Json::from(meant)),
                None => expected,
            }
        }
        "minimum" => format!("at least {limit} is expected"),
        "maximum" => format!("at most {limit} is expected"),
        "exclusiveMinimum" => format!("more than {limit} is expected"),
        "exclusiveMaximum" => format!("less than {limit} is expected"),
        "multipleOf" => format!("a multiple of {limit} is expected"),
        other => format!("it is not as `{other}` says"),
    }
}

fn one_line(json: &Json, limit: usize) -> String {
    let text = json.to_string();
    match text.char_indices().nth(limit) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

fn length(value: &Json) -> Option<usize> {
    match value {
        Json::String(text) => Some(text.chars().count()),
        Json::Array(items) => Some(items.len()),
        Json::Object(object) => Some(object.len()),
        _ => None,
    }
}

fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn typed(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

fn alternatives(names: &[String]) -> Cow<'_, str> {
    match names {
        [one] => Cow::Borrowed(one),
        [rest @ .., last] => Cow::Owned(format!("{} or {last}", rest.join(", "))),
        [] => Cow::Borrowed("nothing"),
    }
}

fn ordinal(number: usize) -> String {
    const WORDS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
    WORDS.get(number - 1).map_or_else(|| format!("{number}th"), |word| (*word).to_owned())
}

fn format_in_words(format: &str) -> Cow<'_, str> {
    Cow::Borrowed(match format {
        "date" => "a date (as 2026-11-21)",
        "date-time" => "a date and time (as 2026-11-21T14:05:00Z)",
        "time" => "a time (as 14:05:00Z)",
        "duration" => "a duration (as PT90S)",
        "email" | "idn-email" => "an e-mail address",
        "hostname" | "idn-hostname" => "the name of a host",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "uri" | "iri" => "a whole URI (as https://example.com/a)",
        "uri-reference" | "iri-reference" => "a URI, whole or relative",
        "uri-template" => "a URI template (RFC 6570)",
        "uuid" => "a UUID",
        "json-pointer" => "a JSON Pointer (as /a/0)",
        "relative-json-pointer" => "a relative JSON Pointer (as 1/a)",
        "regex" => "a regular expression",
        other => return Cow::Owned(format!("the format `{other}`")),
    })
}
