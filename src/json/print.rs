//! [`Json`] to text, compact (`Display`) and indented.

use std::fmt::{self, Write};

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::Json;

impl Json {
    /// The value over several lines, two spaces a level.
    pub fn to_pretty(&self) -> String {
        let mut out = String::new();
        // Writing to a `String` cannot fail.
        let _ = write_value(&mut out, self, Some(0));
        out
    }
}

impl fmt::Display for Json {
    /// The value on one line, without spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(f, self, None)
    }
}

fn line(out: &mut impl Write, level: usize) -> fmt::Result {
    write!(out, "\n{:1$}", "", level * 2)
}

fn write_value(out: &mut impl Write, value: &Json, level: Option<usize>) -> fmt::Result {
    match value {
        Json::Null => out.write_str("null"),
        Json::Bool(value) => write!(out, "{value}"),
        Json::Number(number) => write!(out, "{number}"),
        Json::String(text) => write_string(out, text),
        Json::Array(items) if items.is_empty() => out.write_str("[]"),
        Json::Array(items) => {
            out.write_char('[')?;
            for (at, item) in items.iter().enumerate() {
                separate(out, at, level)?;
                write_value(out, item, level.map(|level| level + 1))?;
            }
            level.map_or(Ok(()), |level| line(out, level))?;
            out.write_char(']')
        }
        Json::Object(object) if object.is_empty() => out.write_str("{}"),
        Json::Object(object) => {
            out.write_char('{')?;
            for (at, (key, value)) in object.iter().enumerate() {
                separate(out, at, level)?;
                write_string(out, key)?;
                out.write_str(if level.is_some() { ": " } else { ":" })?;
                write_value(out, value, level.map(|level| level + 1))?;
            }
            level.map_or(Ok(()), |level| line(out, level))?;
            out.write_char('}')
        }
    }
}

fn separate(out: &mut impl Write, at: usize, level: Option<usize>) -> fmt::Result {
    if at > 0 {
        out.write_char(',')?;
    }
    level.map_or(Ok(()), |level| line(out, level + 1))
}

/// Writes a string as JSON does, with the escapes that RFC 8259 requires and no others.
fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        out.write_str(&rest[..at])?;
        match rest.as_bytes()[at] {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            control => write!(out, "\\u{control:04x}")?,
        }
        rest = &rest[at + 1..];
    }
    out.write_str(rest)?;
    out.write_char('"')
}

impl Serialize for Json {
    /// Numbers that no machine type holds are written as the nearest float; everything else exactly.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => match number.to_string().parse::<i128>() {
                Ok(int) => match (i64::try_from(int), u64::try_from(int)) {
                    (Ok(int), _) => serializer.serialize_i64(int),
                    (_, Ok(int)) => serializer.serialize_u64(int),
                    _ => serializer.serialize_f64(number.as_f64()),
                },
                Err(_) => serializer.serialize_f64(number.as_f64()),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                object.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}
