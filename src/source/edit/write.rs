//! Values as YAML text, in the manner of the place they come to.

use std::fmt::Write as _;

use crate::json::Json;
use crate::source::{Kind, Style, scalar};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// How far a mapping stands behind the key it belongs to.
    pub(super) step: usize,
    /// How far a list does.
    pub(super) list_step: usize,
    /// The line break.
    pub(super) newline: &'static str,
}

/// A value in one line, its texts in this style where they can be.
pub(super) fn inline(value: &Json, style: Style, in_flow: bool) -> String {
    match value {
        Json::String(text) => string(text, style, in_flow),
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| inline(item, Style::Plain, true)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(object) if object.is_empty() => "{}".to_owned(),
        Json::Object(object) => {
            let member = |(name, value): (&str, &Json)| {
                format!("{}: {}", key(name, Style::Plain, true), inline(value, Style::Plain, true))
            };
            format!("{{ {} }}", object.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A collection in lines of its own. The first line is not indented, the others are by `column`.
pub(super) fn block(value: &Json, column: usize, manner: Manner) -> String {
    let mut out = String::new();
    write_block(value, column, manner, &mut out);
    out
}

fn write_block(value: &Json, column: usize, manner: Manner, out: &mut String) {
    let next = |out: &mut String, at: usize| {
        if at > 0 {
            out.push_str(manner.newline);
            out.push_str(&" ".repeat(column));
        }
    };
    match value {
        Json::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                next(out, at);
                out.push_str("- ");
                element(item, column + 2, manner, out);
            }
        }
        Json::Object(object) if !object.is_empty() => {
            for (at, (name, value)) in object.iter().enumerate() {
                next(out, at);
                out.push_str(&key(name, Style::Plain, false));
                out.push(':');
                member(value, column, manner, out);
            }
        }
        other => out.push_str(&inline(other, Style::Plain, false)),
    }
}

/// An element behind its dash.
pub(super) fn element(value: &Json, column: usize, manner: Manner, out: &mut String) {
    if is_small(value) {
        out.push_str(&inline(value, Style::Plain, false));
    } else if let Some(literal) = multiline(value) {
        out.push_str(&literal_block(literal, column.saturating_sub(2) + manner.step, manner).unwrap_or_default());
    } else {
        write_block(value, column, manner, out);
    }
}

/// A value behind its key and colon, where the key stands in `column`.
pub(super) fn member(value: &Json, column: usize, manner: Manner, out: &mut String) {
    if let Some(literal) = multiline(value) {
        out.push(' ');
        out.push_str(&literal_block(literal, column + manner.step, manner).unwrap_or_default());
    } else if is_small(value) {
        out.push(' ');
        out.push_str(&inline(value, Style::Plain, false));
    } else {
        let inner = column + if matches!(value, Json::Array(_)) { manner.list_step } else { manner.step };
        out.push_str(manner.newline);
        out.push_str(&" ".repeat(inner));
        write_block(value, inner, manner, out);
    }
}

/// Whether a value reads best in one line: scalars, and short lists of them.
fn is_small(value: &Json) -> bool {
    match value {
        Json::Object(object) => object.is_empty(),
        Json::Array(items) => {
            items.iter().all(|item| !matches!(item, Json::Array(_) | Json::Object(_)))
                && inline(value, Style::Plain, true).chars().count() <= 60
        }
        _ => true,
    }
}

/// The text, if it is one of several lines that a literal block can hold.
pub(super) fn multiline(value: &Json) -> Option<&str> {
    value.as_str().filter(|text| text.trim_end_matches('\n').contains('\n') && literal_block(text, 0, UNIX).is_some())
}

const UNIX: Manner = Manner { step: 2, list_step: 2, newline: "\n" };

/// A text as a literal block: the header, and its lines indented by `column`. `None` where such a block cannot hold it.
pub(super) fn literal_block(text: &str, column: usize, manner: Manner) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let printable = |c: char| c == '\n' || c == '\t' || !needs_escape(c);
    if body.is_empty() || body.starts_with([' ', '\t', '\n']) || !body.chars().all(printable) {
        return None;
    }
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let mut out = format!("|{chomping}");
    lines(body, text.len() - body.len(), column, manner, &mut out);
    Some(out)
}

/// A text as a folded block, as far as folding can hold it.
pub(super) fn folded_block(text: &str, column: usize, manner: Manner) -> Option<String> {
    let literal = literal_block(text, column, manner)?;
    let body = text.trim_end_matches('\n');
    let mut out = format!(">{}", &literal[1..literal.find(manner.newline)?]);
    // A line break that is to stay takes an empty line.
    let mut spread = String::new();
    let mut ended = false;
    for line in body.split('\n') {
        if ended && !spread.ends_with("\n\n") {
            spread.push('\n');
        }
        spread.push_str(line);
        spread.push('\n');
        ended = true;
    }
    lines(spread.trim_end_matches('\n'), text.len() - body.len(), column, manner, &mut out);
    Some(out)
}

fn lines(body: &str, breaks: usize, column: usize, manner: Manner, out: &mut String) {
    for line in body.split('\n') {
        out.push_str(manner.newline);
        if !line.is_empty() {
            out.push_str(&" ".repeat(column));
            out.push_str(line);
        }
    }
    (1..breaks).for_each(|_| out.push_str(manner.newline));
}

/// A key, in this style where it can be.
pub(super) fn key(name: &str, style: Style, in_flow: bool) -> String {
    let plain = is_plain(name, in_flow) && name != "<<" && !matches!(scalar::resolve(name), Kind::Null);
    match style {
        Style::Plain if plain => name.to_owned(),
        Style::Plain => string(name, Style::DoubleQuoted, in_flow),
        other => string(name, other, in_flow),
    }
}

/// A text, in this style where it can be: what is not a text to YAML if it is not quoted is quoted.
fn string(text: &str, style: Style, in_flow: bool) -> String {
    let quotable = !text.chars().any(needs_escape);
    match style {
        Style::Plain if is_plain(text, in_flow) && !looks_otherwise(text) => text.to_owned(),
        Style::SingleQuoted if quotable => single(text),
        // Escapes of backslashes and quotes are hard to read.
        Style::Plain if quotable && text.contains(['"', '\\']) => single(text),
        _ => double(text),
    }
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if needs_escape(c) => {
                let code = u32::from(c);
                let _ = if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What YAML 1.2 does not let stand in a text, or what nobody would see there.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether YAML reads a text without quotes as this very text, or as something that prints alike.
fn is_plain(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let indicator = "-?:,[]{}#&*!|>'\"%@`".contains(first);
    let breaks_off = text.contains(": ") || text.ends_with(':') || text.contains(" #");
    let curly = text.contains(['\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}']);
    let of_flow = in_flow && text.contains([',', '[', ']', '{', '}', ':']);
    let of_document = text.starts_with("---") || text.starts_with("...");
    let unseen = text.trim() != text || text.chars().any(|c| needs_escape(c) || c == '\u{a0}');
    ![indicator, breaks_off, curly, of_flow, of_document, unseen].contains(&true)
}

/// Whether a text without quotes is a number, a boolean or null, here or to another reader of YAML 1.2.
fn looks_otherwise(text: &str) -> bool {
    if !matches!(scalar::resolve(text), Kind::String(_)) {
        return true;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix: &str, fits: fn(&u8) -> bool| {
        unsigned.strip_prefix(prefix).is_some_and(|digits| !digits.is_empty() && digits.as_bytes().iter().all(fits))
    };
    let lower = unsigned.to_ascii_lowercase();
    let mantissa = lower.split_once('e').map_or(lower.as_str(), |(mantissa, exponent)| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let whole = !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit());
        if whole { mantissa } else { "" }
    });
    // Underscores and colons make numbers in YAML 1.1.
    let number = mantissa.contains(|c: char| c.is_ascii_digit())
        && mantissa.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b':'));
    let based = radix("0x", u8::is_ascii_hexdigit) || radix("0o", u8::is_ascii_digit);
    number || based || matches!(lower.as_str(), ".inf" | ".nan")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, parse};

    fn read(text: &str) -> Json {
        parse(FileId::default(), text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}")).to_json()
    }

    #[test]
    fn a_text_is_read_as_itself_in_every_style() {
        let texts = [
            "",
            " ",
            "a",
            "a b",
            " a",
            "a ",
            "null",
            "~",
            "true",
            "False",
            "no",
            "1",
            "-1",
            "1.0",
            "1e5",
            "0x1F",
            "0o7",
            "00123",
            "+5",
            ".5",
            "-.5",
            ".inf",
            "1_000",
            "2024-02-29",
            "12:30",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "a#b",
            "- a",
            "-",
            "?",
            ":",
            "a, b",
            "[a]",
            "{a}",
            "{{ a }}",
            "<uuid>",
            "<one of a, b>",
            "\\<x>",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "'a'",
            "it's",
            "\"a\"",
            "say \"a\"",
            "%a",
            "@a",
            "`a",
            "a\\b",
            "a\nb",
            "a\n",
            "\n",
            "\ta",
            "a\tb",
            "a\r\nb",
            "é ü 漢字 🎉",
            "\u{7f}",
            "\u{85}",
            "\u{a0}x",
            "\u{feff}x",
            "\u{2028}",
            "\u{1f}",
            "---",
            "--- a",
            "...",
            "<<",
            "\u{201c}a\u{201d}",
            "a]",
            "a}",
            "a,",
            "key:value",
            "https://a/b?c=d#e",
            "\u{200b}",
            "\u{202e}abc",
        ];
        for text in texts {
            for style in [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted] {
                let value = Json::from(text);
                assert_eq!(read(&format!("k: {}\n", inline(&value, style, false))).get("k"), Some(&value), "{text:?}");
                let flow = format!("k: [{0}, {0}]\n", inline(&value, style, true));
                assert_eq!(read(&flow).get("k"), Some(&Json::array([value.clone(), value])), "{flow}");
                let name = format!("{}: 1\nl: {{ {}: 2 }}\n", key(text, style, false), key(text, style, true));
                assert_eq!(read(&name).get(text), Some(&Json::from(1_i64)), "{name}");
            }
            for block in [literal_block(text, 2, UNIX), folded_block(text, 2, UNIX)].into_iter().flatten() {
                let read = read(&format!("k: {block}\nl: 1\n"));
                assert!(read.get("k") == Some(&Json::from(text)) || block.starts_with('>'), "{text:?} as {block}");
            }
        }
    }

    #[test]
    fn plain_is_left_where_it_would_mislead() {
        let written = |text: &str| inline(&Json::from(text), Style::Plain, false);
        assert_eq!(written("CANCELLED"), "CANCELLED");
        assert_eq!(written("<uuid>"), "<uuid>");
        assert_eq!(written("2024-02-29"), "2024-02-29");
        assert_eq!(written("no"), "no");
        assert_eq!(written("0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11"), "0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11");
        assert_eq!(written("1.2.3"), "\"1.2.3\"");
        assert_eq!(written("12:30"), "\"12:30\"");
        assert_eq!(written("true"), "\"true\"");
        assert_eq!(written("0123"), "\"0123\"");
        assert_eq!(written("{{ a }}"), "\"{{ a }}\"");
        assert_eq!(written("say \"a\": b"), "'say \"a\": b'");
        assert_eq!(inline(&Json::from("a, b"), Style::Plain, true), "\"a, b\"");
    }

    #[test]
    fn collections_have_the_manner_of_the_file() {
        let value =
            crate::json::parse(br#"{"a": 1, "b": {"c": [1, 2], "d": {}}, "e": [{"f": "x\ny\n", "g": []}, "h"]}"#);
        let value = value.expect("JSON");
        let text = block(&value, 2, UNIX);
        assert_eq!(
            text,
            "a: 1\n  b:\n    c: [1, 2]\n    d: {}\n  e:\n    - f: |\n        x\n        y\n      g: []\n    - h"
        );
        assert_eq!(read(&format!("k:\n  {text}\n")).get("k"), Some(&value));
        let wide = Manner { step: 4, list_step: 0, newline: "\r\n" };
        let text = block(&value, 4, wide);
        assert_eq!(read(&format!("k:\r\n    {text}\r\n")).get("k"), Some(&value), "{text}");
        assert_eq!(read(&format!("k: {}\n", inline(&value, Style::Plain, false))).get("k"), Some(&value));
    }
}
