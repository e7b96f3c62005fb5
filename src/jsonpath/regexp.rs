//! The regular expressions of `match()` and `search()`: I-Regexp (RFC 9485) in the words of the `regex` crate.
//!
//! Every I-Regexp means what that RFC says. Beyond it the crate's own additions work too (`\d`, `\w`, `(?i)`), as RFC 9485
//! section 3.1 allows: people write them, and a pattern that silently matches nothing misleads. `^` and `$` are
//! anchors, as the compliance suite of RFC 9535 has them.

use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

/// Compiles a pattern to match a whole text or any part of it; the error is a clause that says what is wrong.
pub(super) fn compile(pattern: &str, whole: bool) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    let framed = if whole { format!(r"\A(?:{translated})\z") } else { translated };
    Regex::new(&framed).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large".into(),
        // The crate draws the whole pattern with a marker under it; its last line says what is wrong.
        other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    let mut open = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '.' => out.push_str(r"[^\n\r]"),
            '\\' => escape(&mut chars, &mut out)?,
            '[' => class(&mut chars, &mut out)?,
            '(' => {
                open += 1;
                out.push('(');
            }
            // Were this left to the crate, the frame around a whole match could close what the pattern never opened.
            ')' => {
                open = open.checked_sub(1).ok_or("there is no `(` before this `)`")?;
                out.push(')');
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

fn escape(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), String> {
    out.push('\\');
    out.push(chars.next().ok_or("it ends with a lone `\\`")?);
    Ok(())
}

/// A character class, after its `[`. What the crate reads as nested classes and set operations are plain
/// characters in an I-Regexp, or not allowed there.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), String> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if chars.peek() == Some(&']') {
        return Err("a character class is empty".into());
    }
    loop {
        match chars.next().ok_or("a character class is not closed with `]`")? {
            ']' => break,
            '\\' => escape(chars, out)?,
            '[' => return Err(r"inside a character class, write `\[` instead of `[`".into()),
            '-' if chars.peek() == Some(&'-') => {
                return Err(r"inside a character class, write `\-` instead of `-`".into());
            }
            c @ ('&' | '~') => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push(']');
    Ok(())
}
