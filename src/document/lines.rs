//! JSON Lines (NDJSON): a value a line; and JSON text sequences (RFC 7464): values, each with a record separator before it.

use crate::json::{self, Json};

/// The values of the lines; empty lines between them mean nothing.
pub(super) fn lines(text: &str) -> Result<Json, String> {
    let mut values = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        values.push(json::parse(line.as_bytes()).map_err(|error| {
            format!("line {} is not JSON: {} at column {}; it is `{}`", at + 1, error.reason, error.column, cut(line))
        })?);
    }
    Ok(Json::array(values))
}

/// The values of a sequence.
pub(super) fn sequence(text: &str) -> Result<Json, String> {
    const SEPARATOR: char = '\u{1e}';
    let mut values = Vec::new();
    let mut records = text.split(SEPARATOR);
    if let Some(before) = records.next().filter(|before| !before.trim().is_empty()) {
        return Err(format!("each value needs a record separator (U+001E) before it, and `{}` has none", cut(before)));
    }
    for (at, record) in records.enumerate() {
        // Two separators in a row are one (section 2.1).
        if record.trim().is_empty() {
            continue;
        }
        values.push(json::parse(record.as_bytes()).map_err(|error| {
            format!("value {} of the sequence is not JSON: {error}; it is `{}`", at + 1, cut(record.trim()))
        })?);
    }
    Ok(Json::array(values))
}

fn cut(text: &str) -> String {
    let text = text.trim_start();
    text.chars()
        .take(40)
        .map(|c| if c.is_control() { ' ' } else { c })
        .chain(text.chars().nth(40).map(|_| '…'))
        .collect()
}
