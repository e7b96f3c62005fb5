//! What an unquoted scalar means: the YAML 1.2 core schema, less what JSON could not say again.

use std::sync::Arc;

use super::Kind;
use crate::json::Number;

/// Resolves an unquoted scalar.
///
/// Numbers are those that JSON writes as numbers, `.5`, and `0x`/`0o` integers. What only looks like a number stays a
/// string, so that nothing is lost on the way: `00123`, `+31201234567`, `1_000`, `.inf`.
pub fn resolve(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Kind::String(Arc::from(text)), Kind::Number)
}

fn number(text: &str) -> Option<Number> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return None;
    }
    let radix = |prefix: &str, radix| {
        let digits = text.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+')).map(Number::from)
    };
    Number::parse(text)
        .or_else(|| radix("0x", 16))
        .or_else(|| radix("0o", 8))
        .or_else(|| text.strip_prefix('.').and_then(|rest| Number::parse(&format!("0.{rest}"))))
        .or_else(|| text.strip_prefix("-.").and_then(|rest| Number::parse(&format!("-0.{rest}"))))
}
