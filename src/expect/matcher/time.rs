//! Moments: dates, datetimes, and seconds since 1970, before and after now.

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Verdict, format, given, not};
use crate::json::Json;
use crate::scenario::matcher::Argument;
use crate::source::Duration;

/// Numbers from here on are milliseconds: as seconds this is the year 5138, as milliseconds 1973.
const MILLISECONDS_FROM: f64 = 1e11;

/// The moment that a value means, of a day its beginning in UTC.
pub(in crate::expect) fn moment_of(value: &Json) -> Option<Timestamp> {
    match Moment::of(value).ok()? {
        Moment::Instant(instant) => Some(instant),
        Moment::Day(day) => day.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp()),
    }
}

/// A point in time, as exact as it was written.
pub(super) enum Moment {
    Instant(Timestamp),
    Day(Date),
}

impl Moment {
    /// The moment that a value means: a datetime or a date of RFC 3339, the date of an HTTP header (RFC 9110 section
    /// 5.6.7), or seconds or milliseconds since 1970.
    pub(super) fn of(value: &Json) -> Result<Self, String> {
        match value {
            Json::String(text) => Self::of_text(text),
            Json::Number(number) => {
                let number = number.as_f64();
                let millis = if number.abs() >= MILLISECONDS_FROM { number } else { number * 1000.0 };
                #[expect(clippy::cast_possible_truncation, reason = "a fraction of a millisecond is of no interest")]
                Timestamp::from_millisecond(millis as i64)
                    .map(Self::Instant)
                    .map_err(|_| "too far from now to be a time".to_owned())
            }
            other => Err(not(other, "a date, a datetime or seconds since 1970")),
        }
    }

    fn of_text(text: &str) -> Result<Self, String> {
        if text.len() == 10
            && let Ok(day) = format::date(text)
        {
            return Ok(Self::Day(day));
        }
        match format::datetime(text) {
            Ok(instant) => Ok(Self::Instant(instant)),
            Err(reason) => jiff::fmt::rfc2822::DateTimeParser::new()
                .parse_timestamp(text)
                .map(Self::Instant)
                .map_err(|_| format!("not a date or datetime: {reason}")),
        }
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        let day = |instant: &Timestamp| instant.to_zoned(TimeZone::UTC).date();
        match (self, other) {
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            // A datetime against a date: by the day it falls on, in UTC.
            (Self::Instant(a), Self::Day(b)) => day(a).cmp(b),
            (Self::Day(a), Self::Instant(b)) => a.cmp(&day(b)),
        }
    }
}

pub(super) fn past(actual: &Json, now: Timestamp) -> Verdict {
    let moment = Moment::of(actual)?;
    match moment.order(&Moment::Instant(now)) {
        Ordering::Less => Ok(()),
        _ => Err(distance(&moment, now)),
    }
}

pub(super) fn future(actual: &Json, now: Timestamp) -> Verdict {
    let moment = Moment::of(actual)?;
    match moment.order(&Moment::Instant(now)) {
        Ordering::Greater => Ok(()),
        _ => Err(distance(&moment, now)),
    }
}

pub(super) fn within(duration: &Argument<Duration>, actual: &Json, now: Timestamp) -> Verdict {
    let allowed = given(duration)?;
    match Moment::of(actual)? {
        Moment::Day(_) => Err("a date without a time".to_owned()),
        Moment::Instant(instant) => {
            if instant.duration_since(now).unsigned_abs() <= allowed.0 {
                Ok(())
            } else {
                Err(distance(&Moment::Instant(instant), now))
            }
        }
    }
}

/// How far a moment is from now, in one unit: `3 days ago`, `in 52 minutes`.
fn distance(moment: &Moment, now: Timestamp) -> String {
    let distance = match moment {
        Moment::Instant(instant) => instant.duration_since(now),
        Moment::Day(day) => {
            let today = now.to_zoned(TimeZone::UTC).date();
            let days = i64::from(day.since(today).map_or(0, |span| span.get_days()));
            SignedDuration::from_secs(days * 86_400)
        }
    };
    let seconds = distance.unsigned_abs().as_secs();
    let (amount, unit) = match seconds {
        0 if matches!(moment, Moment::Day(_)) => return "that is today".to_owned(),
        0 => return "that is now".to_owned(),
        1..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_556_952, "year"),
    };
    let plural = if amount == 1 { "" } else { "s" };
    if distance.is_negative() {
        format!("that was {amount} {unit}{plural} ago")
    } else {
        format!("that is in {amount} {unit}{plural}")
    }
}
