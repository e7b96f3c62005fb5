//! Texts and numbers in a query.

use std::borrow::Cow;

use super::super::error::JsonPathError;
use super::{MAX_INTEGER, Parsed, Parser};
use crate::json::Number;

impl<'t> Parser<'t> {
    /// An index or a bound of a slice: `int`, within the integers of I-JSON.
    pub(super) fn integer(&mut self) -> Parsed<i64> {
        let start = self.at;
        let negative = self.eat(b'-');
        let digits_at = self.at;
        self.digits();
        let digits = &self.text[digits_at..self.at];
        let range = start..self.at;
        if digits.is_empty() {
            return Err(JsonPathError::new(range, "there are no digits after `-`"));
        }
        if digits.starts_with('0') && (digits.len() > 1 || negative) {
            let plain = digits.trim_start_matches('0');
            let plain = if plain.is_empty() { "0" } else { plain };
            let sign = if negative && plain != "0" { "-" } else { "" };
            return Err(JsonPathError::new(
                range,
                format!("`{}` is not written like an index", &self.text[start..self.at]),
            )
            .hint(format!("write `{sign}{plain}`")));
        }
        match digits.parse::<i64>() {
            Ok(value) if value <= MAX_INTEGER => Ok(if negative { -value } else { value }),
            _ => Err(JsonPathError::new(range, "this number is too large for an index")
                .hint("an index is from -9007199254740991 to 9007199254740991")),
        }
    }

    /// A number to compare with. It keeps every digit, so unlike an index it has no limit.
    pub(super) fn number(&mut self) -> Parsed<Number> {
        let start = self.at;
        self.eat(b'-');
        self.digits();
        if self.eat(b'.') {
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits();
        }
        let text = &self.text[start..self.at];
        Number::parse(text).ok_or_else(|| {
            JsonPathError::new(start..self.at, format!("`{text}` is not a number as JSON writes it"))
                .hint("write digits on both sides of the point and after the `e`, without leading zeros")
        })
    }

    fn digits(&mut self) {
        self.at += self.rest().bytes().take_while(u8::is_ascii_digit).count();
    }

    /// A text in single or double quotes, without them and with its escapes resolved.
    pub(super) fn quoted(&mut self) -> Parsed<Cow<'t, str>> {
        let open = self.at;
        let quote = self.text.as_bytes()[open];
        self.at += 1;
        let mut plain_from = self.at;
        let mut resolved: Option<String> = None;
        loop {
            match self.peek() {
                None => return Err(self.unclosed_text(open)),
                Some(byte) if byte == quote => break,
                Some(b'\\') => {
                    let text = resolved.get_or_insert_default();
                    text.push_str(&self.text[plain_from..self.at]);
                    let c = self.escape(quote)?;
                    resolved.get_or_insert_default().push(c);
                    plain_from = self.at;
                }
                Some(control) if control < b' ' => {
                    return Err(JsonPathError::new(
                        self.at..self.at + 1,
                        format!("the control character U+{control:04X} is not allowed in a text"),
                    )
                    .hint(match control {
                        b'\n' => "write `\\n`".to_owned(),
                        b'\t' => "write `\\t`".to_owned(),
                        b'\r' => "write `\\r`".to_owned(),
                        _ => format!("write `\\u{control:04x}`"),
                    }));
                }
                Some(_) => self.at += 1,
            }
        }
        let tail = &self.text[plain_from..self.at];
        self.at += 1;
        Ok(match resolved {
            None => Cow::Borrowed(tail),
            Some(text) => Cow::Owned(text + tail),
        })
    }

    fn escape(&mut self, quote: u8) -> Parsed<char> {
        let start = self.at;
        self.at += 1;
        let Some(named) = self.rest().chars().next() else {
            return Err(JsonPathError::new(start..self.at, "the text ends within an escape"));
        };
        self.at += named.len_utf8();
        Ok(match named {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' | '\\' => named,
            '\'' | '"' if named == char::from(quote) => named,
            'u' => return self.unicode_escape(start),
            '\'' | '"' => {
                return Err(JsonPathError::new(
                    start..self.at,
                    format!("`\\{named}` is not an escape in a text in {} quotes", kind(quote)),
                )
                .hint(format!("here `{named}` needs no `\\`")));
            }
            _ => {
                return Err(JsonPathError::new(start..self.at, format!("`\\{named}` is not an escape"))
                    .hint("write `\\\\` for a backslash"));
            }
        })
    }

    /// `XXXX` after `\u`, and the second half of a surrogate pair with it.
    fn unicode_escape(&mut self, start: usize) -> Parsed<char> {
        let first = self.hex(start)?;
        let code = if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 2;
            let second = self.hex(start)?;
            if (0xDC00..0xE000).contains(&second) {
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            } else {
                first
            }
        } else {
            first
        };
        // What is no character here is half of a surrogate pair.
        char::from_u32(code).ok_or_else(|| {
            JsonPathError::new(start..self.at, "this is half of a surrogate pair, and the other half is missing")
                .hint("write a character above U+FFFF as it is, or as two escapes such as `\\ud83d\\ude00`")
        })
    }

    fn hex(&mut self, start: usize) -> Parsed<u32> {
        let digits = self.rest().bytes().take(4).take_while(u8::is_ascii_hexdigit).count();
        self.at += digits;
        match u32::from_str_radix(&self.text[self.at - digits..self.at], 16) {
            Ok(code) if digits == 4 => Ok(code),
            _ => Err(JsonPathError::new(start..self.at, "`\\u` needs four hexadecimal digits after it")),
        }
    }
}

fn kind(quote: u8) -> &'static str {
    if quote == b'"' { "double" } else { "single" }
}
