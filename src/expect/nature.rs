//! Values that differ from run to run by their nature: identifiers, tokens, the present moment. Where such a value would
//! be written down as what is expected from now on, its matcher is written instead.

use jiff::{SignedDuration, Timestamp};

use super::matcher;
use crate::json::Json;
use crate::scenario::matcher::{Format, Matcher};

/// Moments within this distance are taken for now: what a fixture holds is rarely so near to a run.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

/// The matcher that stands for a value which another run will not see again, as `<uuid>`. `now` is when the value came.
///
/// Such are UUIDs (but not the nil and the max UUID of RFC 9562), ULIDs whose time is near, JWTs, and moments within a day
/// of now: dates and datetimes of RFC 3339, HTTP dates, and seconds or milliseconds since the epoch.
pub fn nature_of(value: &Json, now: Timestamp) -> Option<&'static str> {
    match value {
        Json::Number(number) if number.is_integer() => is_near(value, now).then_some("<integer>"),
        Json::String(text) => of_text(text, now),
        _ => None,
    }
}

fn of_text(text: &str, now: Timestamp) -> Option<&'static str> {
    let value = Json::from(text);
    let is = |format| matcher::check(&Matcher::Format(format), Some(&value), now).is_ok();
    match text.len() {
        36 if is(Format::Uuid) => {
            let constant = ['0', 'f'].iter().any(|all| text.chars().all(|c| c == '-' || c.eq_ignore_ascii_case(all)));
            (!constant).then_some("<uuid>")
        }
        26 if is_new_ulid(text, now) => Some("<matches ^[0-7][0-9A-HJKMNP-TV-Z]{25}$>"),
        10 if is(Format::Date) => is_near(&value, now).then_some("<date>"),
        10..=13 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            let number = text.parse::<i64>().ok().map(Json::from);
            number.is_some_and(|number| is_near(&number, now)).then_some(r"<matches ^\d+$>")
        }
        20.. if is(Format::Datetime) => is_near(&value, now).then_some("<datetime>"),
        // The one form that RFC 9110 lets a server send.
        29 if text.ends_with(" GMT") => is_near(&value, now).then_some("<ends with GMT>"),
        _ if text.starts_with("eyJ") && is(Format::Jwt) => Some("<jwt>"),
        _ => None,
    }
}

fn is_near(value: &Json, now: Timestamp) -> bool {
    matcher::moment_of(value).is_some_and(|moment| moment.duration_since(now).abs() <= NEAR)
}

/// Whether a text is a ULID, and made within a day: its first ten letters are milliseconds in Crockford's base 32.
fn is_new_ulid(text: &str, now: Timestamp) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut millis = 0_i64;
    for (at, byte) in text.bytes().enumerate() {
        let Some(digit) = ALPHABET.iter().position(|letter| *letter == byte) else { return false };
        if at < 10 {
            millis = (millis << 5) | i64::try_from(digit).unwrap_or_default();
        }
    }
    Timestamp::from_millisecond(millis).is_ok_and(|moment| moment.duration_since(now).abs() <= NEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().expect("a moment")
    }

    fn nature(json: &str) -> Option<&'static str> {
        let value = crate::json::parse(json.as_bytes()).expect("JSON");
        let found = nature_of(&value, now());
        if let Some(text) = found {
            let written = Matcher::parse(text).expect("a matcher");
            assert_eq!(matcher::check(&written, Some(&value), now()), Ok(()), "{text} holds for {json}");
        }
        found
    }

    #[test]
    fn what_another_run_will_not_see_again_has_a_matcher() {
        for (json, matcher) in [
            (r#""0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11""#, "<uuid>"),
            (r#""2026-03-01T11:59:58.123+00:00""#, "<datetime>"),
            (r#""2026-03-02T11:59:58Z""#, "<datetime>"),
            (r#""2026-03-01""#, "<date>"),
            ("1772366400", "<integer>"),
            ("1772366400123", "<integer>"),
            (r#""1772366400""#, r"<matches ^\d+$>"),
            (r#""Sun, 01 Mar 2026 12:00:00 GMT""#, "<ends with GMT>"),
            (r#""01KJMMA2G0ABCDEFGHJKMNPQRS""#, "<matches ^[0-7][0-9A-HJKMNP-TV-Z]{25}$>"),
            (r#""eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl""#, "<jwt>"),
        ] {
            assert_eq!(nature(json), Some(matcher), "{json}");
        }
    }

    #[test]
    fn what_stays_is_left_alone() {
        for json in [
            r#""00000000-0000-0000-0000-000000000000""#,
            r#""FFFFFFFF-ffff-ffff-ffff-ffffffffffff""#,
            r#""2024-02-29T12:30:00Z""#,
            r#""2026-03-04""#,
            "1700000000",
            "1772366400.5",
            "3",
            "null",
            "true",
            r#""T-1001""#,
            r#""""#,
            r#""0612345678""#,
            r#""ABCDEFGHIJKLMNOPQRSTUVWXYZ""#,
            r#""eyJ, it said""#,
            "[1772366400]",
            r#"{"a": 1772366400}"#,
        ] {
            assert_eq!(nature(json), None, "{json}");
        }
    }
}
