//! Dates and times, and how far they are apart.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// A moment as precisely as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// With an offset (RFC 3339 `date-time`), or from epoch seconds.
    Instant(Timestamp),
    /// A date and time without an offset.
    Local(DateTime),
    /// A date.
    Day(Date),
}

impl Moment {
    /// The moment that a text is, in the forms of RFC 3339.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let dated =
            bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[..4].iter().all(u8::is_ascii_digit);
        if !dated || bytes.len() > 40 {
            return None;
        }
        if bytes.len() == 10 {
            return text.parse().ok().map(Self::Day);
        }
        if !matches!(bytes[10], b'T' | b't' | b' ') {
            return None;
        }
        text.parse().map(Self::Instant).or_else(|_| text.parse().map(Self::Local)).ok()
    }

    /// The moment that a number most probably is: seconds or milliseconds since 1970, in the years from 2001 to 2100.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        match number {
            1_000_000_000..=4_102_444_800 => Timestamp::from_second(number).ok().map(Self::Instant),
            1_000_000_000_000..=4_102_444_800_000 => Timestamp::from_millisecond(number).ok().map(Self::Instant),
            _ => None,
        }
    }

    fn nanoseconds(&self) -> i128 {
        let utc = |time: DateTime| {
            time.to_zoned(TimeZone::UTC).as_ref().map_or(0, |zoned: &Zoned| zoned.timestamp().as_nanosecond())
        };
        match self {
            Self::Instant(instant) => instant.as_nanosecond(),
            Self::Local(time) => utc(*time),
            Self::Day(date) => utc(date.to_datetime(jiff::civil::Time::midnight())),
        }
    }

    /// How far what came is from this: `3 days later`.
    pub(super) fn distance(&self, came: &Self) -> Option<String> {
        let apart = came.nanoseconds() - self.nanoseconds();
        Some(match (self, came) {
            (Self::Instant(_), Self::Instant(_)) | (Self::Local(_), Self::Local(_)) if apart == 0 => {
                "the same moment, written otherwise".to_owned()
            }
            (Self::Local(_), Self::Instant(_)) if apart == 0 => "with an offset, which was not expected".to_owned(),
            (Self::Instant(_), Self::Local(_)) if apart == 0 => "without its offset".to_owned(),
            (Self::Day(_), Self::Instant(_) | Self::Local(_)) if (0..DAY).contains(&apart) => {
                "the same day, and a time".to_owned()
            }
            (Self::Instant(_) | Self::Local(_), Self::Day(_)) if (0..DAY).contains(&-apart) => {
                "the same day, without the time".to_owned()
            }
            (Self::Instant(_), Self::Instant(_)) | (Self::Local(_), Self::Local(_)) => {
                let zone = apart % (15 * MINUTE) == 0 && apart.abs() <= 14 * HOUR && apart % DAY != 0;
                let zone =
                    zone && (apart % HOUR == 0 || apart % HOUR == 30 * MINUTE || apart.abs() % HOUR == 45 * MINUTE);
                format!("{}{}", span(apart), if zone { ": another time zone?" } else { "" })
            }
            (Self::Day(_), Self::Day(_)) => span(apart),
            _ => return None,
        })
    }
}

/// A distance in the words people have for it.
pub(super) fn span(nanoseconds: i128) -> String {
    let (size, word) = (nanoseconds.unsigned_abs(), if nanoseconds < 0 { "earlier" } else { "later" });
    let unit = |unit: i128| unit.unsigned_abs();
    let plural = |number: u128, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let (days, hours) = (size / unit(DAY), size % unit(DAY) / unit(HOUR));
    let (minutes, seconds) = (size % unit(HOUR) / unit(MINUTE), size % unit(MINUTE) / unit(SECOND));
    let two =
        |first: String, second: u128, noun: &str| if second == 0 { first } else { format!("{first} {second} {noun}") };
    let told = match (days, hours, minutes, seconds) {
        (730.., ..) => format!("{} (about {})", plural(days, "day"), plural((days + 183) / 365, "year")),
        (61.., ..) => format!("{} (about {})", plural(days, "day"), plural((days + 15) / 30, "month")),
        (1.., ..) => two(plural(days, "day"), hours, "h"),
        (0, 1.., ..) => two(format!("{hours} h"), minutes, "min"),
        (0, 0, 1.., _) => two(format!("{minutes} min"), seconds, "s"),
        (0, 0, 0, 1..) => two(format!("{seconds} s"), size % unit(SECOND) / 1_000_000, "ms"),
        _ if size >= 1_000_000 => format!("{} ms", size / 1_000_000),
        _ if size >= 1_000 => format!("{} µs", size / 1_000),
        _ => format!("{size} ns"),
    };
    format!("{told} {word}")
}
