//! JSON text (RFC 8259) to [`Node`], with a span for every key and value. YAML takes nearly all of JSON too, but not its
//! surrogate pairs nor every tab; and what is no JSON must not pass for it in a file that says it is.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Diagnostic, Entry, FileId, Kind, Node, Span, Spanned, Style};
use crate::json::Number;

/// Deeper nesting than this is refused, as it is in answers.
const MAX_DEPTH: usize = 512;
/// Above this many members a name that stands twice is looked for in a set.
const SCAN_LIMIT: usize = 12;
/// The last names are kept to be shared, so many of them.
const NAMES: usize = 64;

/// Reads one JSON document.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_json(file: FileId, text: &str) -> Result<Node, Box<Diagnostic>> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = JsonReader { file, text, at: start, names: Vec::new() };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("the document ends here, and more follows"));
    }
    Ok(node)
}

struct JsonReader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    /// The last names, each kept once: a list of 100,000 objects has ten names, not a million.
    names: Vec<Arc<str>>,
}

impl JsonReader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start..self.at)
    }

    fn wrong_at(&self, start: usize, message: &str) -> Box<Diagnostic> {
        let end = self.text[start..].chars().next().map_or(start, |c| start + c.len_utf8()).max(self.at);
        Box::new(
            Diagnostic::error("json.syntax", format!("this is not JSON: {message}"))
                .at(Span::new(self.file, start..end), ""),
        )
    }

    fn wrong(&self, message: &str) -> Box<Diagnostic> {
        let what = match self.peek() {
            None => "the file ends too early".to_owned(),
            Some(b'/') => "JSON has no comments".to_owned(),
            Some(b'\'') => "strings must be in double quotes".to_owned(),
            Some(_) => message.to_owned(),
        };
        self.wrong_at(self.at, &what)
    }

    fn value(&mut self, depth: usize) -> Result<Node, Box<Diagnostic>> {
        let start = self.at;
        if depth > MAX_DEPTH {
            let message = format!("arrays and objects are nested more than {MAX_DEPTH} levels deep");
            return Err(Box::new(Diagnostic::error("json.depth", message).at(self.span(start), "")));
        }
        let (kind, style) = match self.peek() {
            Some(b'{') => (self.object(depth)?, Style::Flow),
            Some(b'[') => (self.array(depth)?, Style::Flow),
            Some(b'"') => (Kind::String(self.string()?), Style::DoubleQuoted),
            Some(b'-' | b'0'..=b'9') => (self.number()?, Style::Plain),
            _ => {
                let words = [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)];
                let rest = &self.text[self.at..];
                let Some((word, kind)) = words.into_iter().find(|(word, _)| rest.starts_with(word)) else {
                    return Err(self.wrong("a value is expected here"));
                };
                self.at += word.len();
                (kind, Style::Plain)
            }
        };
        Ok(Node { span: self.span(start), style, kind })
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Box<Diagnostic>> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut names: HashSet<Arc<str>> = HashSet::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Kind::Mapping(entries));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("the name of a member, in double quotes, is expected here"));
            }
            let name = self.name()?;
            let key = Spanned::new(name, self.span(start));
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.wrong("a `:` is expected here"));
            }
            self.at += 1;
            self.space();
            let value = self.value(depth + 1)?;
            let twice = if entries.len() < SCAN_LIMIT {
                entries.iter().any(|entry| entry.key == key)
            } else {
                if names.is_empty() {
                    names.extend(entries.iter().map(|entry| entry.key.value.clone()));
                }
                !names.insert(key.value.clone())
            };
            if twice {
                let first = entries.iter().find(|entry| entry.key == key).map_or(key.span, |entry| entry.key.span);
                let message = format!("the member `{}` is here twice", key.value);
                let problem = Diagnostic::error("json.duplicate-key", message).at(key.span, "again here");
                return Err(Box::new(problem.at(first, "first here").help("remove one of the two")));
            }
            entries.push(Entry { key, value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("a `,` or `}` is expected here")),
            }
        }
        self.at += 1;
        Ok(Kind::Mapping(entries))
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Box<Diagnostic>> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Kind::Sequence(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("a `,` or `]` is expected here")),
            }
        }
        self.at += 1;
        Ok(Kind::Sequence(items))
    }

    fn number(&mut self) -> Result<Kind, Box<Diagnostic>> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let number = Number::parse(&self.text[start..self.at]);
        number.map(Kind::Number).ok_or_else(|| self.wrong_at(start, "this is not a number"))
    }

    /// The name of a member.
    fn name(&mut self) -> Result<Arc<str>, Box<Diagnostic>> {
        let name = self.string()?;
        if let Some(known) = self.names.iter().find(|known| **known == name) {
            return Ok(known.clone());
        }
        if self.names.len() < NAMES {
            self.names.push(name.clone());
        }
        Ok(name)
    }

    fn string(&mut self) -> Result<Arc<str>, Box<Diagnostic>> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(stop) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                return Err(self.wrong_at(start, "this string is not closed"));
            };
            text.push_str(&rest[..stop]);
            self.at += stop;
            match rest.as_bytes()[stop] {
                b'"' => break,
                b'\\' => text.push(self.escape()?),
                b'\n' => return Err(self.wrong_at(start, "this string is not closed on its line")),
                _ => return Err(self.wrong("a control character is not allowed in a string; write it as an escape")),
            }
        }
        self.at += 1;
        Ok(text.into())
    }

    fn escape(&mut self) -> Result<char, Box<Diagnostic>> {
        let start = self.at;
        let escaped = self.text.as_bytes().get(start + 1).copied();
        self.at += 2;
        Ok(match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = self.unit();
                let code = match unit {
                    Some(high @ 0xd800..=0xdbff) if self.text[self.at..].starts_with("\\u") => {
                        self.at += 2;
                        let low = self.unit().filter(|low| (0xdc00..=0xdfff).contains(low));
                        low.map(|low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                    }
                    unit => unit,
                };
                let Some(char) = code.and_then(char::from_u32) else {
                    self.at = (start + 2).min(self.text.len());
                    return Err(self.wrong_at(start, "this escape is not a character"));
                };
                char
            }
            _ => {
                self.at = start + 1;
                return Err(self.wrong_at(start, "there is no such escape; write \\\\ for a backslash"));
            }
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Box<Diagnostic>> {
        parse_json(FileId::default(), text)
    }

    #[test]
    fn documents_are_read_with_the_place_of_everything() {
        let text =
            "{\r\n\t\"a\\u00e9\\ud83d\\ude00\": [1.50, -0, 1e400, true, null],\t\"\": {}, \"b\": \"x\\/\\n\" }\n";
        let node = read(text).expect("JSON");
        assert_eq!(node.to_json().to_string(), "{\"aé😀\":[1.5,-0.0,1e400,true,null],\"\":{},\"b\":\"x/\\n\"}");
        let list = node.get("aé😀").and_then(Node::items).expect("a list");
        assert_eq!(&text[list[2].span.range()], "1e400");
        let key = &node.entries().expect("an object")[0].key;
        assert_eq!(&text[key.span.range()], "\"a\\u00e9\\ud83d\\ude00\"");
        assert_eq!(read("\u{feff}[]").expect("JSON").span.range(), 3..5);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, at, message) in [
            ("", 0, "the file ends too early"),
            ("[1,]", 3, "a value is expected here"),
            ("{\"a\":1,}", 7, "the name of a member, in double quotes, is expected here"),
            ("{a: 1}", 1, "the name of a member, in double quotes, is expected here"),
            ("{\"a\": 01}", 6, "this is not a number"),
            ("[1 2]", 3, "a `,` or `]` is expected here"),
            ("{} // x", 3, "JSON has no comments"),
            ("['a']", 1, "strings must be in double quotes"),
            ("[\"a\n\"]", 1, "this string is not closed on its line"),
            ("[\"\\x\"]", 2, "there is no such escape; write \\\\ for a backslash"),
            ("[\"\\ud800\"]", 2, "this escape is not a character"),
            ("[\"\\u12\"]", 2, "this escape is not a character"),
            ("[\"\\", 2, "there is no such escape; write \\\\ for a backslash"),
            ("[\"é", 1, "this string is not closed"),
            ("nul", 0, "a value is expected here"),
        ] {
            let problem = read(text).expect_err(text);
            assert_eq!(problem.message, format!("this is not JSON: {message}"), "{text}");
            assert_eq!(problem.span().map(|span| span.start), Some(at), "{text}");
        }
        assert_eq!(read("{\"a\": 1, \"a\": 2}").expect_err("twice").id, "json.duplicate-key");
        assert_eq!(read(&"[".repeat(10_000)).expect_err("deep").id, "json.depth");
    }
}
