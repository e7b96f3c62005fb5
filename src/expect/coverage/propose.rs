//! What could be expected of a value that nobody looks at, as YAML that can be pasted.

use jiff::Timestamp;

use crate::expect::matcher;
use crate::expect::nature::nature_of;
use crate::json::Json;
use crate::scenario::matcher::{Format, Matcher};

/// Formats that hardly any value is of by chance.
const FORMATS: [Format; 7] =
    [Format::Uuid, Format::Datetime, Format::Date, Format::Email, Format::Url, Format::Jwt, Format::Ipv4];

/// Words in the names of members whose very value is what a client goes by.
const STATES: [&str; 8] = ["status", "state", "type", "kind", "role", "mode", "currency", "phase"];

/// What could be expected of both of two values at one folded path, if the first could be expected to be `known`.
pub fn proposal_of_both(known: &str, path: &str, other: &Json) -> String {
    let own = proposal(path, other);
    if own == known {
        return own;
    }
    let kind = |proposal: &str| match proposal {
        "true" | "false" => "<boolean>",
        "null" => "<null>",
        _ if proposal.starts_with("<integer") => "<integer>",
        _ if proposal.starts_with("<number") => "<number>",
        "<array>" => "<array>",
        "<object>" => "<object>",
        _ => "<string>",
    };
    match (kind(known), kind(&own)) {
        (one, same) if one == same => one.to_owned(),
        ("<integer>" | "<number>", "<integer>" | "<number>") => "<number>".to_owned(),
        _ => "<any>".to_owned(),
    }
}

/// What could be expected of a value, `path` being where it stands. A literal only for what names a state, and for what is
/// true or false: any other value may be another one tomorrow.
pub fn proposal(path: &str, value: &Json) -> String {
    let now = Timestamp::now();
    if let Some(nature) = nature_of(value, now) {
        return nature.to_owned();
    }
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => {
            let kind = if number.as_i64().is_some() { "integer" } else { "number" };
            if number.as_f64() < 0.0 { format!("<{kind}>") } else { format!("<{kind} >= 0>") }
        }
        Json::String(text) => {
            let name = path.rsplit(['.', '"']).find(|part| !part.is_empty()).unwrap_or_default().to_lowercase();
            let is_word = text.len() <= 24
                && text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            let is_plain = !matches!(
                &*text.to_ascii_lowercase(),
                "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
            );
            if is_word && is_plain && STATES.iter().any(|state| name.ends_with(state)) {
                return text.to_string();
            }
            let is = |format: &Format| matcher::check(&Matcher::Format(*format), Some(value), now).is_ok();
            match FORMATS.iter().find(|format| is(format)) {
                Some(format) => format!("<{}>", format.word()),
                None => "<string>".to_owned(),
            }
        }
        Json::Array(_) => "<array>".to_owned(),
        Json::Object(_) => "<object>".to_owned(),
    }
}
