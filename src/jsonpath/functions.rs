//! The functions of RFC 9535 section 2.4: what each takes, and what a call of it compiles to.

use std::ops::Range;

use super::ast::{Pattern, Query, Test, Value};
use super::error::JsonPathError;
use super::parse::{Term, TermKind};
use super::regexp;
use crate::json::Json;

const KNOWN: [(&str, usize); 5] = [("length", 1), ("count", 1), ("value", 1), ("match", 2), ("search", 2)];

/// Whether RFC 9535 has a function of that name.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == name)
}

/// Compiles a call, whose arguments must be of the types that the function takes. A pattern that is no regular
/// expression is no error in RFC 9535 but matches nothing, hence the caution.
pub(super) fn call(
    name: &str,
    name_range: Range<usize>,
    range: Range<usize>,
    arguments: Vec<Term<'_>>,
) -> Result<(TermKind, Option<JsonPathError>), JsonPathError> {
    let Some((_, wanted)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        return Err(unknown(name, name_range));
    };
    if arguments.len() != *wanted {
        return Err(JsonPathError::new(range, format!("`{name}` needs {}, not {}", counted(*wanted), arguments.len()))
            .hint(format!("write `{}`", example(name))));
    }
    let mut arguments = arguments.into_iter();
    let (Some(first), second) = (arguments.next(), arguments.next()) else {
        return Err(unknown(name, name_range));
    };
    let purpose = format!("given to `{name}`");
    Ok(match (name, second) {
        ("length", None) => (TermKind::Value(Value::Length(Box::new(first.value(&purpose)?))), None),
        ("count", None) => (TermKind::Value(Value::Count(nodes(first, name)?)), None),
        ("value", None) => (TermKind::Value(Value::Only(nodes(first, name)?)), None),
        (_, Some(second)) => {
            let whole = name == "match";
            let subject = first.value(&purpose)?;
            let (pattern, caution) = pattern(second, whole, &purpose)?;
            (TermKind::Test(Test::Matches { subject, pattern, whole }), caution)
        }
        _ => return Err(unknown(name, name_range)),
    })
}

/// An argument that must be a query.
fn nodes(argument: Term<'_>, name: &str) -> Result<Query, JsonPathError> {
    match argument.kind {
        TermKind::Query(query) => Ok(query),
        _ => Err(JsonPathError::new(
            argument.range,
            format!("`{name}` needs a query, but `{}` is not one", argument.text),
        )
        .hint(if name == "count" {
            "a query starts with `@` or `$`; `length(…)` gives the length of one text, array or object"
        } else {
            "a query starts with `@` or `$`"
        })),
    }
}

/// The second argument of `match()` and `search()`.
fn pattern(argument: Term<'_>, whole: bool, purpose: &str) -> Result<(Pattern, Option<JsonPathError>), JsonPathError> {
    let range = argument.range.clone();
    let never = |reason: String| JsonPathError::new(range, format!("this can match nothing: {reason}"));
    Ok(match argument.value(purpose)? {
        Value::Literal(Json::String(text)) => match regexp::compile(&text, whole) {
            Ok(regex) => (Pattern::Fixed(Some(regex)), None),
            Err(reason) => (Pattern::Fixed(None), Some(never(format!("it is not a regular expression ({reason})")))),
        },
        Value::Literal(other) => {
            let reason = format!("a regular expression is a text, not {}", other.kind().with_article());
            (Pattern::Fixed(None), Some(never(reason)))
        }
        computed => (Pattern::Computed(computed), None),
    })
}

fn unknown(name: &str, range: Range<usize>) -> JsonPathError {
    let hint = match name {
        "in" | "nin" | "any_of" | "anyof" => "compare with each value: `@.a == 1 || @.a == 2`",
        "contains" | "like" | "regex" | "matches" => {
            "`search(@.name, 'part')` looks for a regular expression anywhere in a text"
        }
        "starts_with" | "startswith" => "write `search(@.name, '^start')`",
        "ends_with" | "endswith" => "write `search(@.name, 'end$')`",
        "size" | "len" => "write `length(@.name)` for the length of a text, array or object",
        "not" => "`!` negates: `!(@.a == 1)`",
        "exists" => "a query alone tests that it finds something: `$[?@.name]`",
        _ => "the functions are `length`, `count`, `value`, `match` and `search`",
    };
    JsonPathError::new(range, format!("there is no function `{name}`")).hint(hint)
}

fn counted(count: usize) -> &'static str {
    if count == 1 { "one argument" } else { "two arguments" }
}

fn example(name: &str) -> &'static str {
    match name {
        "length" => "length(@.name) > 3",
        "count" => "count(@.items[*]) > 3",
        "value" => "value(@..id) == 3",
        "match" => "match(@.name, 'a.*z')",
        _ => "search(@.name, 'a.*z')",
    }
}
