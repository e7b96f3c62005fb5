//! The tokens of an XPath (XPath 1.0, section 3.7), each with its place.

use std::ops::Range;

use super::XPathError;

/// A token. What a name or a `*` is, an operator or a test, its place in the grammar says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A name, with its prefix where it has one; `a:*` has the local name `*`.
    Name { prefix: Option<Box<str>>, local: Box<str> },
    /// `name::`
    Axis(Box<str>),
    /// `$name`
    Variable,
    /// A number.
    Number,
    /// A text in quotes.
    Literal,
    /// `/ // . .. @ * | + - = != < <= > >= ( ) [ ] ,`
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 22] =
    ["//", "..", "!=", "<=", ">=", "/", ".", "@", "*", "|", "+", "-", "=", "<", ">", "(", ")", "[", "]", ",", "!", ":"];

/// Reads the tokens of a path.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, XPathError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = match first {
            '"' | '\'' => {
                let end = rest[1..].find(first).ok_or_else(|| {
                    XPathError::new("this text has no closing quote", at..source.len())
                        .hint(format!("end it with {first}"))
                })?;
                (Kind::Literal, end + 2)
            }
            '$' => (Kind::Variable, 1 + name(&rest[1..])),
            _ if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                (Kind::Number, end)
            }
            _ if name(rest) > 0 => named(rest),
            _ => {
                let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
                    let what = format!("`{first}` does not belong in an XPath");
                    return Err(XPathError::new(what, at..at + first.len_utf8()));
                };
                (Kind::Sign(sign), sign.len())
            }
        };
        tokens.push(Token { kind, range: at..at + length });
        at += length;
    }
    Ok(tokens)
}

/// The length of the name (without colons) that a text begins with.
fn name(text: &str) -> usize {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    if !text.starts_with(begins) {
        return 0;
    }
    text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '\u{b7}') && !is_combining(c))
        .unwrap_or(text.len())
}

/// The combining characters that a name of XML may have after its first.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

fn named(text: &str) -> (Kind, usize) {
    let length = name(text);
    let (first, rest) = text.split_at(length);
    if let Some(axis) = rest.trim_start().strip_prefix("::") {
        return (Kind::Axis(first.into()), text.len() - axis.len());
    }
    if let Some(behind) = rest.strip_prefix(':') {
        let local = if behind.starts_with('*') { 1 } else { name(behind) };
        if local > 0 {
            let kind = Kind::Name { prefix: Some(first.into()), local: behind[..local].into() };
            return (kind, length + 1 + local);
        }
    }
    (Kind::Name { prefix: None, local: first.into() }, length)
}
