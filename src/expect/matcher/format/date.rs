//! Dates, times and durations: RFC 3339 and ISO 8601, read by jiff once their shape is right (jiff reads more than the
//! standards allow).

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::fmt::temporal::SpanParser;

use super::super::count;

/// `full-date` of RFC 3339: `2024-02-29`.
pub(in crate::expect::matcher) fn date(text: &str) -> Result<Date, String> {
    if !shaped(text, "dddd-dd-dd") {
        return Err(match text.get(..10) {
            Some(start) if shaped(start, "dddd-dd-dd") => {
                format!("it has {} after the day", count(text[10..].chars().count(), "character"))
            }
            _ => "it must look like 2024-02-29 (RFC 3339)".to_owned(),
        });
    }
    text.parse().map_err(|_| "there is no such day".to_owned())
}

/// `date-time` of RFC 3339: `2024-02-29T12:30:00.5+02:00`, with a second 60 as a leap second.
pub(in crate::expect::matcher) fn datetime(text: &str) -> Result<Timestamp, String> {
    let (Some(day), Some(rest)) = (text.get(..10), text.get(10..)) else {
        return Err("it must look like 2024-02-29T12:30:00Z (RFC 3339)".to_owned());
    };
    date(day).map_err(|_| {
        if shaped(day, "dddd-dd-dd") {
            "there is no such day".to_owned()
        } else {
            "it must look like 2024-02-29T12:30:00Z (RFC 3339)".to_owned()
        }
    })?;
    let Some(clock) = rest.strip_prefix(['T', 't']) else {
        return Err(
            if rest.is_empty() { "it has no time" } else { "there must be a `T` between day and time" }.to_owned()
        );
    };
    if partial_time(clock)?.is_empty() {
        return Err("it has no offset, such as `Z` or `+02:00`, at its end".to_owned());
    }
    offset(partial_time(clock)?)?;
    text.parse().map_err(|_| "there is no such moment".to_owned())
}

/// `partial-time` of RFC 3339, with or without an offset: `12:30:00`, `12:30:00.5Z`.
pub(super) fn time(text: &str) -> Result<(), String> {
    match partial_time(text)? {
        "" => Ok(()),
        rest => offset(rest),
    }
}

/// ISO 8601: `P1DT2H`, `PT0.5S`, `P2W`.
pub(super) fn duration(text: &str) -> Result<(), String> {
    if !text.trim_start_matches(['+', '-']).starts_with('P') {
        return Err("it must start with `P`, such as PT30M (ISO 8601)".to_owned());
    }
    SpanParser::new().parse_span(text).map(|_| ()).map_err(|_| "it must look like P1DT2H30M (ISO 8601)".to_owned())
}

/// Checks the time of day, and gives what stands behind it.
fn partial_time(text: &str) -> Result<&str, String> {
    let clock = text.get(..8).filter(|clock| shaped(clock, "dd:dd:dd"));
    let Some(clock) = clock else {
        let no_seconds = text.get(..5).is_some_and(|clock| shaped(clock, "dd:dd"));
        return Err(if no_seconds {
            "it has no seconds, such as 12:30:00"
        } else {
            "the time must look like 12:30:00"
        }
        .to_owned());
    };
    clock.parse::<Time>().map_err(|_| "there is no such time of day".to_owned())?;
    let Some(fraction) = text[8..].strip_prefix('.') else { return Ok(&text[8..]) };
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == fraction.len() { Err("digits are missing after `.`".to_owned()) } else { Ok(rest) }
}

fn offset(text: &str) -> Result<(), String> {
    let in_range = |part: &str, below: u8| part.parse::<u8>().is_ok_and(|value| value < below);
    let hours = text.get(1..3).is_some_and(|part| in_range(part, 24));
    let minutes = text.get(4..6).is_some_and(|part| in_range(part, 60));
    match text {
        "Z" | "z" => Ok(()),
        _ if (shaped(text, "+dd:dd") || shaped(text, "-dd:dd")) && hours && minutes => Ok(()),
        _ => Err("the offset must be `Z`, or look like `+02:00`".to_owned()),
    }
}

/// Whether a text has the shape, in which `d` is a digit and all else stands for itself.
fn shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, shape)| if shape == b'd' { byte.is_ascii_digit() } else { byte == shape })
}
