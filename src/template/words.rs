//! What the template engine says, in words for whoever wrote the template.

use minijinja::ErrorKind;

use super::engine;

/// A message and what to do about it, if that can be told.
pub(super) struct Said {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Said {
    fn new(message: impl Into<String>, help: &str) -> Self {
        Self { message: message.into(), help: (!help.is_empty()).then(|| help.to_owned()) }
    }
}

/// What is wrong with the syntax. `found` is what the engine stumbled over, `before` what comes before that.
pub(super) fn syntax(detail: &str, before: &str, found: &str) -> Said {
    if let Some(missing) = detail.strip_prefix("unexpected end of input, expected ") {
        return match missing {
            "expression" => Said::new("the expression ends too early: a value is missing", ""),
            "identifier" => Said::new("the expression ends too early: the name of a filter or test is missing", ""),
            "identifier or integer" => Said::new("a name is missing after the `.`", ""),
            "end of block" => Said::new(
                "this block is never closed",
                "close `{% if … %}` with `{% endif %}`, and `{% for … %}` with `{% endfor %}`",
            ),
            other => Said::new(format!("{other} is missing at the end of the expression"), ""),
        };
    }
    if detail == "unexpected input after expression" {
        let help = match found.chars().next() {
            Some('=') => "to compare, write `==`",
            Some(')' | ']' | '}') => "remove it, or open it before",
            _ if before.trim_start().starts_with("if ") || before.trim() == "if" => {
                "write `A if CONDITION else B`, or `{% if CONDITION %}A{% endif %}`"
            }
            _ => "is an operator missing? `~` joins texts, `|` applies a filter, `and` and `or` join conditions",
        };
        let found = found.split_whitespace().next().unwrap_or(found);
        return Said::new(format!("`{found}` is not expected here"), help);
    }
    if detail == "unexpected character" {
        let found = found.chars().next().unwrap_or(' ');
        let help = match found {
            '&' => "write `and`",
            '!' => "write `not`",
            '?' => "write `A if CONDITION else B`",
            '$' | '@' | '#' => "write the name of a variable as it is",
            letter if letter.is_alphabetic() => {
                "a name has the letters a to z; a member of any other name is reached by `json[\"NAME\"]`"
            }
            _ => "",
        };
        return Said::new(format!("`{found}` cannot be used here"), help);
    }
    if detail == "unexpected `=`" && before.ends_with('=') {
        return Said::new("`=` is not expected here", "to compare, write `==` or `!=`");
    }
    if let Some(name) = detail.strip_prefix("unknown statement ") {
        let help = "the statements are `if`, `for` and `set`; `{{ … }}` is for values";
        return Said::new(format!("there is no statement `{name}`"), help);
    }
    if detail == "unexpected end of comment" {
        return Said::new("this comment is never closed", "close it with `#}`");
    }
    let unexpected = detail.strip_prefix("unexpected ").and_then(|rest| rest.split_once(", expected "));
    match unexpected {
        Some((found, wanted)) => Said::new(format!("{wanted} is expected here, not {found}"), ""),
        None => Said::new(detail, ""),
    }
}

/// Why a template could not be rendered. `part` is the part of it that the engine was at.
pub(super) fn failure(kind: ErrorKind, detail: Option<&str>, part: &str) -> Said {
    let name = called(part);
    let shown = name.map_or_else(|| "this".to_owned(), |name| format!("`{name}`"));
    match kind {
        ErrorKind::OutOfFuel => {
            return Said::new("it takes more than a million steps", "does a loop run over far too many elements?");
        }
        ErrorKind::MissingArgument => return Said::new(format!("{shown} needs an argument that is missing"), ""),
        ErrorKind::TooManyArguments => return Said::new(format!("{shown} has too many arguments"), ""),
        _ => {}
    }
    let Some(detail) = detail else { return Said::new(kind.to_string(), "") };
    if let Some((operator, types)) =
        detail.strip_prefix("tried to use ").and_then(|rest| rest.split_once(" operator on unsupported types "))
    {
        let help = match operator {
            "+" => "`~` joins texts; the filters `int`, `float` and `string` convert values",
            _ => "the filters `int` and `float` make numbers of texts",
        };
        let types: Vec<String> = types.split(" and ").map(with_article).collect();
        return Said::new(format!("`{operator}` cannot be used with {}", types.join(" and ")), help);
    }
    if let Some(sum) = detail.strip_prefix("unable to calculate ") {
        return Said::new(format!("{sum} cannot be calculated"), "");
    }
    if let Some((from, to)) = detail.strip_prefix("cannot convert ").and_then(|rest| rest.split_once(" to ")) {
        let needed = match to {
            "i8" | "i16" | "i32" | "i64" | "i128" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "a whole number",
            "f32" | "f64" => "a number",
            "bool" => "true or false",
            _ => return Said::new(format!("{shown}: {detail}"), ""),
        };
        return Said::new(format!("{shown} needs {needed}, not {}", with_article(from)), "");
    }
    if let Some((of, method)) = detail.split_once(" has no method named ") {
        let help =
            if engine::is_filter(method) { format!("write it as a filter: `… | {method}`") } else { String::new() };
        return Said::new(format!("{} has no method `{method}`", with_article(of)), &help);
    }
    match (detail, name) {
        ("value is not a string", Some(_)) => Said::new(format!("{shown} needs a string"), ""),
        ("invalid float literal" | "invalid digit found in string", Some(_)) => {
            Said::new(format!("{shown} needs a number, and this text is not one"), "")
        }
        (_, Some(name)) if !detail.starts_with(name) => Said::new(format!("`{name}`: {detail}"), ""),
        _ => Said::new(detail, ""),
    }
}

/// A type of the engine, in words.
fn with_article(kind: &str) -> String {
    match kind {
        "none" => "null".to_owned(),
        "undefined" => "a value that is missing".to_owned(),
        "bool" => "true or false".to_owned(),
        "sequence" | "iterator" => "a list".to_owned(),
        "map" => "a mapping".to_owned(),
        other => format!("a {other}"),
    }
}

/// The function or filter that a part of an expression is about: of `names | join(1)`, `join`.
fn called(part: &str) -> Option<&str> {
    let head = part.split_once('(').map_or(part, |(head, _)| head).trim();
    let name = head.rsplit(['|', ' ', '.']).next().unwrap_or(head).trim();
    (engine::is_filter(name) || engine::is_global(name)).then_some(name)
}
