//! What each keyword expects, in words.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationErrorKind};

use super::exact;
use crate::json::Json;
use crate::source::{Node, suggestion};

/// What a keyword expects, in words. `node` is its value in the schema.
pub(super) fn words(kind: &ValidationErrorKind, value: Option<&Json>, node: Option<&Node>) -> String {
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
        ValidationErrorKind::MinLength { limit } => amount("at least", *limit, "character", &length),
        ValidationErrorKind::MaxLength { limit } => amount("at most", *limit, "character", &length),
        ValidationErrorKind::MinItems { limit } => amount("at least", *limit, "element", &length),
        ValidationErrorKind::MaxItems { limit } => amount("at most", *limit, "element", &length),
        ValidationErrorKind::MinProperties { limit } => amount("at least", *limit, "member", &length),
        ValidationErrorKind::MaxProperties { limit } => amount("at most", *limit, "member", &length),
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

/// `at least 3 characters are expected, not 2`
fn amount(bound: &str, limit: u64, noun: &str, length: &str) -> String {
    format!("{bound} {} {} expected{length}", counted(limit, noun), if limit == 1 { "is" } else { "are" })
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

pub(super) fn ordinal(number: usize) -> String {
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
