//! Text from outside, made harmless before anybody looks at it.

use std::borrow::Cow;

/// Makes a text from outside harmless: control characters become their pictures (`␛` for ESC), so that an answer can
/// neither colour nor clear a terminal, nor break an XML document. Line breaks stay, tabs become two spaces.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\t' => clean.push_str("  "),
            '\r' if chars.peek() == Some(&'\n') => {}
            char if is_harmful(char) => clean.push(picture(char)),
            char => clean.push(char),
        }
    }
    Cow::Owned(clean)
}

/// Whether a character steers a terminal, turns the direction of writing, or is none of XML 1.0.
fn is_harmful(char: char) -> bool {
    (char.is_control() && char != '\n')
        || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

fn picture(char: char) -> char {
    match char {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(char)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_becomes_a_picture() {
        assert_eq!(harmless("plain — text\nline"), "plain — text\nline");
        assert_eq!(harmless("a\u{1b}[31mb\0\r\nc\td\re\u{7f}\u{9b}"), "a␛[31mb␀\nc  d␍e␡\u{fffd}");
        assert_eq!(harmless("gpj.\u{202e}exe"), "gpj.\u{fffd}exe");
    }
}
