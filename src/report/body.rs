//! Bodies, laid out to be read: JSON with as much on a line as fits, also where it was cut; text as it is; bytes named
//! as such.

use super::text::{cut_end, harmless, width};
use crate::event::Excerpt;

/// How much of something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Columns; nothing is cut if there are none given.
    pub(crate) columns: Option<usize>,
    /// Lines.
    pub(crate) lines: usize,
}

impl Room {
    /// Room for everything, laid out for `columns`.
    pub(crate) const ENDLESS: Self = Self { columns: None, lines: usize::MAX };
}

/// The columns that a JSON value is laid out for where nothing is cut.
const ORDINARY_COLUMNS: usize = 100;

/// The lines of a body. Empty for an empty one.
pub(crate) fn lines(body: &Excerpt, room: Room) -> Vec<String> {
    if body.bytes == 0 {
        return Vec::new();
    }
    if body.text.is_empty() || is_binary(&body.text) {
        return vec!["(not text)".to_owned()];
    }
    let text = harmless(body.text.trim_end());
    let mut lines = match json_tokens(&text) {
        // What follows the cut is not known, but what came before it is JSON like any other.
        Some(tokens) if body.cut || crate::json::parse(body.text.as_bytes()).is_ok() => {
            layout(&tokens, room.columns.unwrap_or(ORDINARY_COLUMNS), room.lines)
        }
        _ => text.lines().take(room.lines.saturating_add(1)).map(str::to_owned).collect(),
    };
    let too_many = lines.len() > room.lines;
    lines.truncate(if too_many { room.lines.saturating_sub(1) } else { room.lines });
    if let Some(columns) = room.columns {
        lines
            .iter_mut()
            .filter(|line| width(line) > columns)
            .for_each(|line| *line = cut_end(line, columns).into_owned());
    }
    if too_many || body.cut {
        lines.push("…".to_owned());
    }
    lines
}

/// The body on one line.
pub(crate) fn brief(body: &Excerpt, columns: usize) -> String {
    let whole = lines(body, Room { columns: Some(usize::MAX), lines: 8 });
    cut_end(&whole.join(" "), columns).into_owned()
}

/// Whether a text was made of bytes that are none: such bytes come as replacement characters or control characters.
fn is_binary(text: &str) -> bool {
    let strange =
        |char: &char| *char == '\u{fffd}' || (char.is_control() && !char.is_whitespace() && *char != '\u{1b}');
    let (strange, all) =
        text.chars().take(1000).fold((0, 0), |(found, all), char| (found + usize::from(strange(&char)), all + 1));
    strange * 10 > all
}

/// A token of JSON: its text, and the place of the token that closes it.
struct Token<'t> {
    text: &'t str,
    closed_by: Option<usize>,
}

/// The tokens of what looks like a JSON object or array; strings and literals are not looked into.
fn json_tokens(text: &str) -> Option<Vec<Token<'_>>> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let bytes = text.as_bytes();
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            byte if byte.is_ascii_whitespace() => continue,
            b'{' | b'[' => open.push(tokens.len()),
            b'}' | b']' => {
                let opener = open.pop()?;
                let here = tokens.len();
                tokens.get_mut(opener)?.closed_by = Some(here);
            }
            b',' | b':' => {}
            b'"' => at = end_of_string(bytes, at),
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"{}[],:\"".contains(byte);
                at = bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length);
            }
        }
        tokens.push(Token { text: &text[start..at], closed_by: None });
    }
    Some(tokens)
}

fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// Lays tokens out: an object or array that fits stands on one line, another has a line for each of its members.
/// Stops soon after `most` lines.
fn layout(tokens: &[Token<'_>], columns: usize, most: usize) -> Vec<String> {
    // How wide everything before each token would be on one line.
    let mut before = Vec::with_capacity(tokens.len() + 1);
    before.push(0);
    for (at, token) in tokens.iter().enumerate() {
        before.push(before[at] + width(&spaced(tokens, at, token.text)));
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < tokens.len() && lines.len() <= most {
        let token = &tokens[at];
        match (token.text, token.closed_by) {
            (_, Some(end)) if width(&line) + before[end + 1] - before[at] < columns => {
                (at..=end).for_each(|at| line.push_str(&spaced(tokens, at, tokens[at].text)));
                at = end;
            }
            ("{" | "[", _) => {
                line.push_str(token.text);
                depth += 1;
                lines.push(next_line(&mut line, depth));
            }
            ("}" | "]", _) => {
                depth = depth.saturating_sub(1);
                lines.push(next_line(&mut line, depth));
                line.push_str(token.text);
            }
            (",", _) => {
                line.push(',');
                lines.push(next_line(&mut line, depth));
            }
            (text, _) => line.push_str(&spaced(tokens, at, text)),
        }
        at += 1;
    }
    lines.push(line);
    lines.retain(|line| !line.trim().is_empty());
    lines
}

/// Begins another line, and gives the one that was.
fn next_line(line: &mut String, depth: usize) -> String {
    std::mem::replace(line, "  ".repeat(depth))
}

/// A token with the space that belongs around it on one line.
fn spaced(tokens: &[Token<'_>], at: usize, text: &str) -> String {
    let beside =
        |offset: isize| at.checked_add_signed(offset).and_then(|at| tokens.get(at)).map_or("", |token| token.text);
    match text {
        "," | ":" => format!("{text} "),
        "{" if beside(1) != "}" => "{ ".to_owned(),
        "}" if beside(-1) != "{" => " }".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, columns: usize, lines_shown: usize) -> String {
        let body = Excerpt { text: text.to_owned(), bytes: text.len(), cut: false };
        lines(&body, Room { columns: Some(columns), lines: lines_shown }).join("\n")
    }

    #[test]
    fn json_takes_a_line_where_it_fits_and_more_where_it_does_not() {
        let text =
            r#"{"id":"T-1","stops":[{"id":"S-1","at":"2026-01-01"},{"id":"S-2","at":"2026-01-02"}],"none":[],"o":{}}"#;
        assert_eq!(shown(r#"{"id":"T-1","n":1.50}"#, 40, 9), r#"{ "id": "T-1", "n": 1.50 }"#);
        let expected = r#"{
  "id": "T-1",
  "stops": [
    { "id": "S-1", "at": "2026-01-01" },
    { "id": "S-2", "at": "2026-01-02" }
  ],
  "none": [],
  "o": {}
}"#;
        assert_eq!(shown(text, 48, 9), expected);
        assert_eq!(shown(text, 48, 4), expected.lines().take(3).chain(["…"]).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn what_was_cut_is_laid_out_as_far_as_it_came() {
        let body = Excerpt { text: r#"{"a":{"b":1,"c":"half"#.to_owned(), bytes: 4000, cut: true };
        let room = Room { columns: Some(40), lines: 9 };
        assert_eq!(lines(&body, room), ["{", "  \"a\": {", "    \"b\": 1,", "    \"c\": \"half", "…"]);
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        assert_eq!(shown("{oops}\n\tand more\u{1b}[2J", 40, 9), "{oops}\n  and more␛[2J");
        assert_eq!(shown("\u{fffd}\u{fffd}PNG\0\u{1}\u{2}", 40, 9), "(not text)");
        assert_eq!(shown("", 40, 9), "");
    }

    #[test]
    fn a_hundred_thousand_brackets_are_no_trouble() {
        let body = Excerpt { text: "[".repeat(100_000), bytes: 200_000, cut: true };
        assert_eq!(lines(&body, Room { columns: Some(40), lines: 4 }).len(), 4);
    }
}
