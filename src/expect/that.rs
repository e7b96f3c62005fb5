//! `that`: expressions that must be true. A false one is shown with the value of every part of it below that part.

use std::fmt::Write;
use std::ops::Range;

use jiff::Timestamp;
use minijinja::Value;
use unicode_width::UnicodeWidthStr;

use super::diff::{self, Layout, Mode};
use super::{Outcome, answer_scope};
use crate::http::Response;
use crate::json::Json;
use crate::jsonpath::NormalizedPath;
use crate::scenario::Conditions;
use crate::scenario::check::OF_ANSWER;
use crate::scenario::expected::Expected;
use crate::source::{Diagnostic, harmless};
use crate::template::{Explained, Expression, Scope, Seen, Shown, looked_at};

/// A value is cut to about this many columns.
const VALUE: usize = 60;
/// The sides of a comparison are said beside the caret if they are no longer.
const SIDE: usize = 30;
/// A line of an expression that is longer is broken at its `and` and `or`.
const LINE: usize = 96;

pub(super) fn conditions(
    that: &Conditions,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    if that.0.is_empty() {
        return Ok(());
    }
    let scope = answer_scope(response, scope);
    for condition in &that.0 {
        match condition.judge(&scope) {
            (Ok(holds), explained) => {
                outcome.add((!holds).then(|| false_condition(condition, &explained.unwrap_or_default())));
            }
            (Err(problem), explained) => {
                let details = explained.map(|explained| drawn(condition.text(), &explained.parts));
                return Err(Box::new(match details {
                    Some(details) if problem.details.is_empty() => problem.details(details),
                    _ => problem,
                }));
            }
        }
    }
    Ok(())
}

fn false_condition(condition: &Expression, explained: &Explained) -> Diagnostic {
    let text = condition.text();
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let decider = explained.decider.as_ref();
    let at = decider.map_or_else(|| condition.span(), |decider| condition.place(decider.range.clone()));
    let label = match (decider, &explained.whole) {
        (Some(decider), _) => {
            // Of a text over several lines the place of a part is not known: what is said is then of the whole.
            let exact = at != condition.span() || decider.range.len() == text.len();
            let sides = decider.sides.as_ref().filter(|_| exact).and_then(|(left, op, right)| {
                let (left, right) = (value(left).text, value(right).text);
                (left.width() <= SIDE && right.width() <= SIDE).then(|| format!("{left} {op} {right} is false"))
            });
            sides.unwrap_or_else(|| "this is false".to_owned())
        }
        (None, Some(seen)) => format!("this is {}", value_of(seen).text),
        (None, None) => String::new(),
    };
    let mut details = drawn(text, &explained.parts);
    if let Some(decider) = decider
        && let Some((left, "==", right)) = &decider.sides
    {
        let begins = text.get(decider.range.clone()).unwrap_or_default();
        let name = begins.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let last = begins.rsplit("==").next().unwrap_or_default().trim_start();
        let turned = !OF_ANSWER.contains(&name) && OF_ANSWER.iter().any(|name| last.starts_with(name));
        details.push_str(&difference(left, right, turned).unwrap_or_default());
    }
    Diagnostic::error("expect.that", format!("`{one_line}` is not true")).at(at, label).details(details)
}

/// How two sides that were found unequal differ, where a line each does not show it. `turned` says that it is the right
/// one that came.
fn difference(left: &Value, right: &Value, turned: bool) -> Option<String> {
    let whole = |side: &Value| looked_at(side, |json| matches!(json, Json::Array(_) | Json::Object(_)));
    let long = |side: &Value| looked_at(side, |json| json.as_str().is_some_and(|text| text.chars().count() > SIDE));
    let said = value(left).text.width().max(value(right).text.width()) <= SIDE;
    if said || !(whole(left) && whole(right) || long(left) && long(right)) {
        return None;
    }
    let (expected, actual) = if turned { (left, right) } else { (right, left) };
    let expected = looked_at(expected, |json| Expected::from_json(json, Default::default()));
    let listing = looked_at(actual, |actual| {
        let root = NormalizedPath::new(Vec::new());
        let found = diff::compare_rendered(&expected, Some(actual), Mode::Exactly, &root, Timestamp::now());
        diff::listing(&found, Some(actual), Layout::default())
    });
    let (plus, minus) = if turned { ("right", "left") } else { ("left", "right") };
    (!listing.is_empty()).then(|| format!("\n  what the {plus} side has (+), against the {minus} one (-):\n{listing}"))
}

/// The expression with bars and values below its parts.
fn drawn(text: &str, parts: &[Shown]) -> String {
    let mut out = String::new();
    for range in lines(text, parts) {
        let line = text[range.clone()].trim_end();
        let column = |at: usize| harmless(&line[..(at - range.start).min(line.len())]).width();
        let mut below: Vec<(usize, Written)> = parts
            .iter()
            .filter(|part| range.contains(&part.at) && text.is_char_boundary(part.at))
            .map(|part| (column(part.at), value_of(&part.seen).in_milliseconds(text, part.at)))
            .collect();
        below.sort_by_key(|(column, _)| *column);
        push(&mut out, &harmless(line));
        for row in rows(&below) {
            push(&mut out, &row);
        }
    }
    out
}

fn push(out: &mut String, line: &str) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "  {line}");
}

/// The lines of an expression, a long one broken at what holds its parts together.
fn lines(text: &str, parts: &[Shown]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        let mut from = range.start;
        if line.trim_end().width() > LINE {
            let mut breaks: Vec<usize> = parts
                .iter()
                .map(|part| part.at)
                .filter(|at| range.contains(at) && joins(text, *at))
                .filter(|at| *at > range.start)
                .collect();
            breaks.sort_unstable();
            for at in breaks {
                lines.push(from..at);
                from = at;
            }
        }
        lines.push(from..range.end);
    }
    lines
}

/// Whether an `and` or `or` outside of all brackets stands there.
fn joins(text: &str, at: usize) -> bool {
    let Some((before, rest)) = text.split_at_checked(at) else { return false };
    let word = ["and", "or"].iter().find_map(|word| rest.strip_prefix(word));
    let mut depth = 0_usize;
    let mut quote = None;
    for char in before.chars() {
        match (quote, char) {
            (Some(open), char) if open == char => quote = None,
            (None, '"' | '\'') => quote = Some(char),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth == 0 && word.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '('))
}

/// Bars, and below them the values, each in its column: the rightmost first, another beside it where there is room.
fn rows(values: &[(usize, Written)]) -> Vec<String> {
    struct Row {
        text: Vec<(usize, String)>,
        /// The column of the first text in it.
        first: usize,
    }
    if values.is_empty() {
        return Vec::new();
    }
    let bars = Row { text: values.iter().map(|(at, _)| (*at, "|".to_owned())).collect(), first: 0 };
    let mut rows = vec![bars];
    for (at, written) in values.iter().rev() {
        let end = at + written.text.width() + 2;
        // What a mask would make longer moves nothing if it is the last of its line.
        let fits = |row: &Row| end <= row.first && !written.loose;
        let place = rows.iter().skip(1).position(fits).map(|found| found + 1);
        let upto = place.unwrap_or(rows.len());
        for row in &mut rows[1..upto] {
            row.text.insert(0, (*at, "|".to_owned()));
            row.first = *at;
        }
        let value = (*at, written.text.clone());
        match place {
            Some(place) => {
                rows[place].text.insert(0, value);
                rows[place].first = *at;
            }
            None => rows.push(Row { text: vec![value], first: *at }),
        }
    }
    let line = |row: &Row| {
        let mut line = String::new();
        for (at, text) in &row.text {
            let pad = at.saturating_sub(line.width());
            line.extend(std::iter::repeat_n(' ', pad));
            line.push_str(text);
        }
        line
    };
    rows.iter().map(line).collect()
}

/// A value on one line.
struct Written {
    text: String,
    /// Whether a secret may stand in it, so that it may become longer or shorter yet.
    loose: bool,
}

impl Written {
    /// `duration` is a bare number: its unit is said.
    fn in_milliseconds(mut self, text: &str, at: usize) -> Self {
        if text[at..].starts_with("duration") && !text[at + 8..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        {
            self.text.push_str(" (milliseconds)");
        }
        self
    }
}

fn value_of(seen: &Seen) -> Written {
    let said = |text: &str| Written { text: text.to_owned(), loose: false };
    match seen {
        Seen::Value(found) => value(found),
        Seen::Whole(found) => looked_at(found, |json| match shallow(json) {
            Some(text) => Written { text: harmless(&text).into_owned(), loose: true },
            None => value(found),
        }),
        Seen::Undefined => said("undefined"),
        Seen::Hidden => said("not shown: made of a secret"),
        Seen::NotEvaluated => said("not evaluated"),
        Seen::Failed(reason) => Written { text: diff::cut(&format!("fails: {reason}"), 2 * VALUE), loose: true },
        Seen::Unknown => said("not shown"),
    }
}

/// A mapping of which a member is taken: what else there is in it, and no more of that than names and small values.
fn shallow(json: &Json) -> Option<String> {
    let object = json.as_object()?;
    let mut text = String::from("{");
    for (at, (name, value)) in object.iter().enumerate() {
        let value = match value {
            Json::Array(items) if !items.is_empty() => "[…]".to_owned(),
            Json::Object(object) if !object.is_empty() => "{…}".to_owned(),
            scalar => diff::cut(&scalar.to_string(), 16),
        };
        let member = format!("{} {}: {value}", if at == 0 { "" } else { "," }, Json::from(name));
        if text.width() + member.width() > VALUE {
            return Some(format!("{text}, … }} ({} members)", object.len()));
        }
        text.push_str(&member);
    }
    Some(text + if object.is_empty() { "}" } else { " }" })
}

fn value(value: &Value) -> Written {
    looked_at(value, |json| {
        let loose = !matches!(json, Json::Null | Json::Bool(_) | Json::Number(_));
        let whole = diff::preview(json);
        let text = match json {
            Json::String(text) if whole.chars().count() > VALUE => {
                format!("{}\" ({} characters)", diff::cut(&whole, VALUE - 1), text.chars().count())
            }
            Json::Number(_) => diff::cut(&whole, VALUE),
            Json::Array(items) if whole.ends_with("…]") => format!("{whole} ({} elements)", items.len()),
            Json::Object(object) if whole.ends_with("… }") => format!("{whole} ({} members)", object.len()),
            _ => whole,
        };
        Written { text: harmless(&text).into_owned(), loose }
    })
}

#[cfg(test)]
mod tests;
