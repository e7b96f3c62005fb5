//! Asks a value whether it is as a matcher says, and says why where it is not.

mod format;
mod list;
mod measure;
mod text;
mod time;

pub(in crate::expect) use measure::measured;
pub(in crate::expect) use time::moment_of;

use jiff::Timestamp;

use crate::json::{Json, Number};
use crate::scenario::matcher::{Argument, Matcher, Noun};

/// Nothing, or why a value does not match: a clause without a full stop that can stand behind the value.
pub type Verdict = Result<(), String>;

/// Asks whether a value, or its absence, is as a matcher says. The matcher's templates have been rendered; `now` is what
/// the past and the future are measured from.
///
/// # Errors
/// Why it is not.
pub fn check(matcher: &Matcher, actual: Option<&Json>, now: Timestamp) -> Verdict {
    match (matcher, actual) {
        (Matcher::Not(inner), Some(_)) => match check(inner, actual, now) {
            Ok(()) => Err(format!("it is {}", said(inner))),
            Err(_) => Ok(()),
        },
        (Matcher::And(all), _) => all.iter().try_for_each(|inner| check(inner, actual, now)),
        (Matcher::Or(all), _) => either(all, actual, now),
        (Matcher::Absent | Matcher::Optional(_), None) => Ok(()),
        (Matcher::Absent, Some(_)) => Err("it should not be there".to_owned()),
        (Matcher::Optional(inner), Some(_)) => check(inner, actual, now),
        (_, None) => Err("missing".to_owned()),
        (_, Some(actual)) => present(matcher, actual, now),
    }
}

fn present(matcher: &Matcher, actual: &Json, now: Timestamp) -> Verdict {
    match matcher {
        Matcher::Type(noun) => of_type(*noun, actual),
        Matcher::Empty => measure::empty(actual),
        Matcher::Length(extent) => measure::length(extent, actual),
        Matcher::Compare(comparison) => measure::compare(comparison, actual),
        Matcher::Between(low, high) => measure::range(Some(low), Some(high), actual),
        Matcher::Range(low, high) => measure::range(low.as_ref(), high.as_ref(), actual),
        Matcher::About { value, tolerance } => measure::about(value, tolerance, actual),
        Matcher::Format(format) => format::check(*format, actual),
        Matcher::Contains(part) => text::contains(part, actual),
        Matcher::StartsWith(part) => text::starts_with(part, actual),
        Matcher::EndsWith(part) => text::ends_with(part, actual),
        Matcher::Matches(pattern) => text::matches(pattern, actual),
        Matcher::OneOf(items) => one_of(items, actual),
        Matcher::Past => time::past(actual, now),
        Matcher::Future => time::future(actual, now),
        Matcher::WithinOfNow(duration) => time::within(duration, actual, now),
        Matcher::Each(inner) => list::each(inner, actual, now),
        Matcher::Unique => list::unique(actual),
        Matcher::Sorted { descending } => list::sorted(*descending, actual),
        // `Any` asks for presence alone; the rest has been asked before.
        Matcher::Any | Matcher::Absent | Matcher::Optional(_) | Matcher::Not(_) | Matcher::And(_) | Matcher::Or(_) => {
            Ok(())
        }
    }
}

fn either(all: &[Matcher], actual: Option<&Json>, now: Timestamp) -> Verdict {
    let mut reasons = Vec::with_capacity(all.len());
    for inner in all {
        match check(inner, actual, now) {
            Ok(()) => return Ok(()),
            Err(reason) => reasons.push(reason),
        }
    }
    reasons.dedup();
    // That it is no null is no news where something else was nearer.
    if reasons.len() > 1 {
        let mut shown = reasons.iter().zip(all).filter(|(_, inner)| !matches!(inner, Matcher::Type(Noun::Null)));
        if let (Some((only, _)), None) = (shown.next(), shown.next()) {
            return Err(format!("{only}, and not null"));
        }
    }
    Err(reasons.join("; "))
}

fn of_type(noun: Noun, actual: &Json) -> Verdict {
    let fits = match (noun, actual) {
        (Noun::String, Json::String(_))
        | (Noun::Number, Json::Number(_))
        | (Noun::Boolean, Json::Bool(_))
        | (Noun::Array, Json::Array(_))
        | (Noun::Object, Json::Object(_))
        | (Noun::Null, Json::Null) => true,
        (Noun::Integer, Json::Number(number)) if number.is_integer() => true,
        (Noun::Integer, Json::Number(_)) => return Err("it has a fraction".to_owned()),
        _ => false,
    };
    if fits { Ok(()) } else { Err(not(actual, noun_with_article(noun))) }
}

fn noun_with_article(noun: Noun) -> &'static str {
    match noun {
        Noun::String => "a string",
        Noun::Number => "a number",
        Noun::Integer => "an integer",
        Noun::Boolean => "a boolean",
        Noun::Array => "an array",
        Noun::Object => "an object",
        Noun::Null => "null",
    }
}

fn one_of(items: &[Argument<Json>], actual: &Json) -> Verdict {
    let mut same_text = None;
    for item in items {
        let item = given(item)?;
        if item == actual {
            return Ok(());
        }
        if as_text(item) == as_text(actual) {
            same_text = Some(item);
        }
    }
    match same_text {
        Some(item) => {
            Err(format!("{}, and the list has the same text as {}", actual.kind().with_article(), a_kind(item)))
        }
        None => Err("it is none of these".to_owned()),
    }
}

fn a_kind(value: &Json) -> &'static str {
    value.kind().with_article()
}

/// A scalar as the text that people see.
fn as_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `a string, not a number`
fn not(actual: &Json, wanted: &str) -> String {
    format!("{}, not {wanted}", actual.kind().with_article())
}

/// A matcher as a noun in a sentence.
fn said(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Type(noun) => noun_with_article(*noun).to_owned(),
        Matcher::Absent => "absent".to_owned(),
        _ => matcher.to_string(),
    }
}

/// The rendered argument.
fn given<T>(argument: &Argument<T>) -> Result<&T, String> {
    argument.given().ok_or_else(|| "the template in the matcher was not rendered".to_owned())
}

fn string(actual: &Json) -> Result<&str, String> {
    actual.as_str().ok_or_else(|| not(actual, "a string"))
}

fn number(actual: &Json) -> Result<&Number, String> {
    actual.as_number().ok_or_else(|| not(actual, "a number"))
}

fn array(actual: &Json) -> Result<&[Json], String> {
    actual.as_array().ok_or_else(|| not(actual, "an array"))
}

/// `1 character`, `3 characters`
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
