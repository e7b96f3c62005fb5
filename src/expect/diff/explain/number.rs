//! Two numbers, and how far they are apart where that helps.

use super::moment::Moment;
use crate::json::Number;

/// Integers up to this are floats exactly (2^53).
const EXACT: i64 = 1 << 53;

/// What there is to say about two different numbers; may be empty.
pub(in crate::expect::diff) fn number(expected: &Number, actual: &Number) -> String {
    rounded(expected, actual)
        .or_else(|| noise(expected, actual))
        .or_else(|| moments(expected, actual))
        .or_else(|| factor(expected, actual))
        .or_else(|| distance(expected, actual))
        .unwrap_or_default()
}

/// A large integer that went through a float.
fn rounded(expected: &Number, actual: &Number) -> Option<String> {
    let large = |number: &Number| number.is_integer() && number.as_f64().abs() >= as_f64(EXACT);
    #[expect(clippy::float_cmp, reason = "it is asked whether it is the very float")]
    let same = large(expected) && expected.as_f64() == actual.as_f64();
    same.then(|| "the same once rounded to a 64-bit float: a reader in between takes numbers for floats".to_owned())
}

/// `0.1 + 0.2`
fn noise(expected: &Number, actual: &Number) -> Option<String> {
    let (wanted, came) = (expected.as_f64(), actual.as_f64());
    let apart = (wanted - came).abs();
    let fraction = !expected.is_integer() || !actual.is_integer();
    (fraction && apart > 0.0 && apart <= 4.0 * f64::EPSILON * wanted.abs().max(came.abs()))
        .then(|| "apart by the noise of floating point: `<about …>` allows for it".to_owned())
}

/// Epoch seconds or milliseconds.
fn moments(expected: &Number, actual: &Number) -> Option<String> {
    let (wanted, came) = (expected.as_i64()?, actual.as_i64()?);
    let same_unit = (wanted >= 1_000_000_000_000) == (came >= 1_000_000_000_000);
    let (from, to) = (Moment::of_number(wanted)?, Moment::of_number(came)?);
    if same_unit {
        return Some(format!("as times, {}", from.distance(&to)?));
    }
    Some(match wanted < came {
        true => "milliseconds since 1970, and seconds were expected".to_owned(),
        false => "seconds since 1970, and milliseconds were expected".to_owned(),
    })
}

/// Another unit: cents for euros, milliseconds for seconds.
fn factor(expected: &Number, actual: &Number) -> Option<String> {
    let (wanted, came) = (expected.as_f64(), actual.as_f64());
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    let telling = wanted.abs() >= 2.0 && wanted != 0.0 && came != 0.0;
    if near(wanted, -came) {
        return Some("the sign is turned round".to_owned());
    }
    if telling && near(wanted * 100.0, came) {
        return Some("100 times as much: cents for units?".to_owned());
    }
    if telling && near(wanted, came * 100.0) && came.abs() >= 2.0 {
        return Some("a hundredth of it: units for cents?".to_owned());
    }
    if telling && near(wanted * 1000.0, came) {
        return Some("1000 times as much".to_owned());
    }
    (telling && near(wanted, came * 1000.0) && came.abs() >= 2.0).then(|| "a thousandth of it".to_owned())
}

/// How much more or less, where the eye does not see it at once.
fn distance(expected: &Number, actual: &Number) -> Option<String> {
    if let (Some(wanted), Some(came)) = (expected.as_i64(), actual.as_i64()) {
        let apart = i128::from(came) - i128::from(wanted);
        let long = wanted.unsigned_abs().max(came.unsigned_abs()) >= 1_000;
        return long.then(|| said(&apart.unsigned_abs().to_string(), apart < 0));
    }
    let (wanted, came) = (expected.as_f64(), actual.as_f64());
    let apart = came - wanted;
    let digits = |number: &Number| number.to_string().chars().filter(char::is_ascii_digit).count();
    let whole = expected.is_integer() || actual.is_integer();
    if !apart.is_finite() || whole || digits(expected).max(digits(actual)) < 4 || apart.abs() < 1e-9 * wanted.abs() {
        return None;
    }
    Some(said(&shortest(apart.abs()), apart < 0.0))
}

fn said(amount: &str, less: bool) -> String {
    format!("{amount} {}", if less { "less" } else { "more" })
}

/// A difference of floats without their noise.
fn shortest(value: f64) -> String {
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "2^53 is a float exactly")]
fn as_f64(number: i64) -> f64 {
    number as f64
}
