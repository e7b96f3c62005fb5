//! The filters that callsheet adds to minijinja's own, and those whose manner it changes.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, URL_SAFE_NO_PAD};
use minijinja::{Environment, Error, ErrorKind, Value};

use super::{from_json, functions, to_json};
use crate::json;
use crate::jsonpath::JsonPath;

/// Every filter there is: the engine's own first, then those of this file.
pub(super) const NAMES: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "escape",
    "e",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "zip",
    "urlencode",
    "tojson",
    "fromjson",
    "jsonpath",
    "b64encode",
    "b64decode",
    "b64url",
    "sha256",
    "hmac_sha256",
    "hex",
    "date",
    "regex_capture",
];

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("tojson", |value: Value| to_json(&value).to_string());
    environment.add_filter("fromjson", fromjson);
    environment.add_filter("jsonpath", jsonpath);
    environment.add_filter("b64encode", |value: Value| STANDARD.encode(bytes(&value)));
    environment.add_filter("b64url", |value: Value| URL_SAFE_NO_PAD.encode(bytes(&value)));
    environment.add_filter("b64decode", b64decode);
    environment.add_filter("sha256", |value: Value| hex(digest::digest(&digest::SHA256, &bytes(&value)).as_ref()));
    environment.add_filter("hmac_sha256", |value: Value, key: Value| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes(&key));
        hex(hmac::sign(&key, &bytes(&value)).as_ref())
    });
    environment.add_filter("hex", |value: Value| hex(&bytes(&value)));
    environment.add_filter("date", |value: Value, format: Option<&str>| functions::format_date(&value, format));
    environment.add_filter("regex_capture", regex_capture);
}

pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// The bytes of a value: of a string or of bytes as they are, of all else its JSON.
fn bytes(value: &Value) -> Vec<u8> {
    value.as_bytes().map_or_else(|| to_json(value).to_string().into_bytes(), <[u8]>::to_vec)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn fromjson(text: &str) -> Result<Value, Error> {
    let read =
        json::parse(text.as_bytes()).map_err(|error| invalid(format!("fromjson: this text is not JSON: {error}")))?;
    Ok(from_json(Arc::new(read)))
}

/// The value of a singular query, the list of values of any other.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes values so")]
fn jsonpath(value: Value, path: &str) -> Result<Value, Error> {
    let path = JsonPath::parse(path).map_err(|error| invalid(format!("jsonpath: `{path}` is not valid: {error}")))?;
    let root = to_json(&value);
    if path.is_singular() {
        return Ok(path.first(&root).map_or(Value::UNDEFINED, |found| from_json(Arc::new(found.clone()))));
    }
    let found = path.values(&root).into_iter().map(|found| from_json(Arc::new(found.clone())));
    Ok(found.collect())
}

/// Decodes base64 and base64url, padded or not.
fn b64decode(text: &str) -> Result<Value, Error> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = text.trim().replace('-', "+").replace('_', "/");
    let decoded = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient)
        .decode(standard)
        .map_err(|error| invalid(format!("b64decode: this text is not base64: {error}")))?;
    Ok(String::from_utf8(decoded).map_or_else(|error| Value::from_bytes(error.into_bytes()), Value::from))
}

/// The first group of the first match, or the whole match where the pattern has no group.
fn regex_capture(text: &str, pattern: &str) -> Result<Value, Error> {
    let pattern = regex::Regex::new(pattern).map_err(|error| {
        let drawn = error.to_string();
        let reason = drawn.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it is too large");
        invalid(format!("regex_capture: `{pattern}` is not a valid regular expression: {reason}"))
    })?;
    let found = pattern
        .captures(text)
        .ok_or_else(|| invalid(format!("regex_capture: `{pattern}` matches nothing in this text")))?;
    Ok(found.get(1).or_else(|| found.get(0)).map_or_else(|| Value::from(()), |group| Value::from(group.as_str())))
}
