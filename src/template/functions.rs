//! The functions of templates. What is random is drawn from the scope, and so from the run's seed.

use aws_lc_rs::hmac;
use jiff::fmt::strtime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use minijinja::{Environment, Error, State, Value};

use super::filters::invalid;
use super::noted::note;
use super::{Scope, fake, to_json};
use crate::jose::{self, Algorithm, SigningKey};
use crate::json::Json;

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_function("uuid", |state: &State| note("uuid", drawn(state, uuid)));
    environment.add_function("now", |offset: Option<&str>, format: Option<&str>| note("now", now(offset, format)));
    environment.add_function("random_int", |state: &State, low: i64, high: i64| {
        note("random_int", random_int(state, low, high))
    });
    environment.add_function("random_string", |state: &State, length: usize| {
        note("random_string", random_string(state, length))
    });
    environment.add_function("file", file);
    environment.add_function("env_var", env_var);
    environment.add_function("jwt_sign", |claims: Value, key: &str, algorithm: Option<&str>| {
        note("jwt_sign", jwt_sign(claims, key, algorithm))
    });
    environment.add_function("totp", |secret: &str| note("totp", totp(secret, Timestamp::now().as_second())));
    environment.add_global("fake", Value::from_object(fake::Fake));
}

pub(super) fn drawn<T>(state: &State<'_, '_>, with: impl FnOnce(&mut fastrand::Rng) -> T) -> Result<T, Error> {
    Scope::of(state).map(|scope| scope.draw(with)).ok_or_else(|| invalid("random values cannot be used here"))
}

/// A UUID of version 4 (RFC 9562).
fn uuid(chance: &mut fastrand::Rng) -> String {
    uuid::Builder::from_random_bytes(chance.u128(..).to_be_bytes()).into_uuid().to_string()
}

fn random_int(state: &State, low: i64, high: i64) -> Result<i64, Error> {
    if low > high {
        return Err(invalid(format!("random_int: {low} is greater than {high}")));
    }
    drawn(state, |chance| chance.i64(low..=high))
}

fn random_string(state: &State, length: usize) -> Result<String, Error> {
    if length > 1_000_000 {
        return Err(invalid("random_string: at most a million characters are possible"));
    }
    drawn(state, |chance| (0..length).map(|_| chance.alphanumeric()).collect())
}

/// The time, moved by an offset such as `5m` or `-1d`, in RFC 3339 or in a strftime format.
fn now(offset: Option<&str>, format: Option<&str>) -> Result<String, Error> {
    let mut time = Timestamp::now();
    if let Some(offset) = offset.filter(|offset| !offset.is_empty()) {
        let (sign, length) = offset.strip_prefix('-').map_or((1, offset.trim_start_matches('+')), |rest| (-1, rest));
        let length = crate::source::Duration::parse(length)
            .and_then(|length| SignedDuration::try_from(length.0).ok())
            .ok_or_else(|| invalid(format!("now: `{offset}` is not an offset such as `5m`, `-1d` or `90s`")))?;
        time = time.checked_add(length * sign).map_err(|_| invalid("now: the offset is too large"))?;
    }
    formatted(time, format)
}

/// A date in a strftime format. Takes RFC 3339, a plain date, or seconds (or milliseconds) since 1970.
pub(super) fn format_date(value: &Value, format: Option<&str>) -> Result<String, Error> {
    let not_a_date = || invalid(format!("date: `{value}` is not a date"));
    let time = if let Ok(number) = i64::try_from(value.clone()) {
        // Seconds stay below this until the year 5138; milliseconds passed it in 1973.
        if number.abs() < 100_000_000_000 {
            Timestamp::from_second(number)
        } else {
            Timestamp::from_millisecond(number)
        }
        .map_err(|_| not_a_date())?
    } else {
        let text = value.as_str().ok_or_else(not_a_date)?;
        let date = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
        text.parse().ok().or_else(|| date().map(|zoned| zoned.timestamp())).ok_or_else(not_a_date)?
    };
    formatted(time, format)
}

fn formatted(time: Timestamp, format: Option<&str>) -> Result<String, Error> {
    match format {
        None | Some("") => Ok(format!("{time:.3}")),
        Some("epoch") => Ok(time.as_second().to_string()),
        Some(format) => strtime::format(format, &time.to_zoned(TimeZone::UTC))
            .map_err(|error| invalid(format!("`{format}` is not a date format: {error}"))),
    }
}

/// The text of a file beside the scenario.
fn file(state: &State, path: &str) -> Result<String, Error> {
    let scope = Scope::of(state).ok_or_else(|| invalid("files cannot be read here"))?;
    let path = scope.folder().join(path);
    std::fs::read_to_string(&path).map_err(|error| {
        invalid(format!("file: {} cannot be read: {}", path.display(), crate::source::os_words(&error)))
    })
}

fn env_var(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| invalid(format!("env_var: the environment variable `{name}` is not set")))
}

/// A signed JWT: HS* with a text as key, RS*, PS*, ES* and EdDSA with a private key in PEM or as a JWK.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes values so")]
fn jwt_sign(claims: Value, key: &str, algorithm: Option<&str>) -> Result<String, Error> {
    let name = algorithm.unwrap_or("HS256");
    let algorithm =
        Algorithm::parse(name).ok_or_else(|| invalid(format!("jwt_sign: there is no algorithm `{name}`")))?;
    // What the key text is does not matter to a MAC: also a public key, as forgers use it, can be tried.
    let key = if algorithm.is_symmetric() { Ok(SigningKey::secret(key)) } else { SigningKey::read(key) };
    let header = Json::object([("typ", Json::from("JWT")), ("alg", Json::from(name))]);
    key.and_then(|key| jose::sign(&header, &to_json(&claims), &key, algorithm))
        .map_err(|error| invalid(format!("jwt_sign: the key cannot be used for {name}: {error}")))
}

/// A one-time password (RFC 6238: SHA-1, six digits, 30 seconds) of a secret in base32.
fn totp(secret: &str, seconds: i64) -> Result<String, Error> {
    let mut bits: u64 = 0;
    let mut count = 0;
    let mut key = Vec::new();
    for c in secret.chars().filter(|c| !matches!(c, ' ' | '-' | '=')) {
        let value = match c.to_ascii_uppercase() {
            c @ 'A'..='Z' => c as u64 - 'A' as u64,
            c @ '2'..='7' => c as u64 - '2' as u64 + 26,
            _ => return Err(invalid("totp: the secret is not base32 (A to Z and 2 to 7)")),
        };
        bits = bits << 5 | value;
        count += 5;
        if count >= 8 {
            count -= 8;
            key.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = hmac::sign(&key, &(seconds / 30).to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[tag.len() - 1] & 15);
    let word = tag[offset..].first_chunk::<4>().map_or(0, |four| u32::from_be_bytes(*four) & 0x7fff_ffff);
    Ok(format!("{:06}", word % 1_000_000))
}

#[cfg(test)]
mod tests {
    #[test]
    fn totp_gives_the_values_of_rfc_6238() {
        // The RFC's key "12345678901234567890" in base32; its values have eight digits, ours are their last six.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(super::totp(secret, seconds).expect("base32"), code);
        }
        assert!(super::totp("not base32!", 0).is_err());
    }
}
