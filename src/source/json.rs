//! A JSON file as a tree with places, as the YAML reader gives one: every key and value with the bytes it was written in.
//! Files of several megabytes are read so in one pass.

use std::collections::HashSet;
use std::sync::Arc;

use jiter::{Jiter, JiterError, Peek};

use super::{Entry, FileId, Kind, Node, Span, Spanned, Style};
use crate::json::Number;

/// Deeper nesting than this is refused, as it is in answers.
const MAX_DEPTH: usize = 512;
/// Above this many members a name that stands twice is looked for in a set.
const SCAN_LIMIT: usize = 12;
/// The last names are kept to be shared, so many of them.
const NAMES: usize = 64;

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonFault {
    /// The place.
    pub span: Span,
    /// What is wrong, in words: a clause without a full stop.
    pub reason: String,
}

/// Reads the JSON text (RFC 8259) of a file; a name may stand once in an object.
///
/// # Errors
/// The first place where it is none, where a name stands twice, or where it nests deeper than 512 levels.
pub fn parse_json(file: FileId, text: &str) -> Result<Node, JsonFault> {
    let mut reader = Reader { file, text, scanner: Jiter::new(text.as_bytes()), names: Vec::new() };
    let read = reader.scanner.peek().map_err(Fault::from).and_then(|peek| reader.value(peek, 0));
    let read = read.and_then(|node| reader.scanner.finish().map(|()| node).map_err(Fault::from));
    read.map_err(|fault| match fault {
        Fault::Syntax(error) => {
            let at = error.index.min(text.len());
            let start = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
            JsonFault { span: Span::new(file, start..end), reason: error.error_type.to_string() }
        }
        Fault::Twice(span) => JsonFault { span, reason: "this name stands twice in its object".to_owned() },
        Fault::Depth(span) => JsonFault { span, reason: format!("nesting deeper than {MAX_DEPTH} levels") },
    })
}

enum Fault {
    Syntax(JiterError),
    Twice(Span),
    Depth(Span),
}

impl From<JiterError> for Fault {
    fn from(error: JiterError) -> Self {
        Self::Syntax(error)
    }
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    scanner: Jiter<'t>,
    /// The last names, each kept once.
    names: Vec<Arc<str>>,
}

impl Reader<'_> {
    fn value(&mut self, peek: Peek, depth: usize) -> Result<Node, Fault> {
        let start = self.scanner.current_index();
        if depth > MAX_DEPTH {
            return Err(Fault::Depth(Span::new(self.file, start..start + 1)));
        }
        let (kind, style) = match peek {
            Peek::Null => {
                self.scanner.known_null()?;
                (Kind::Null, Style::Plain)
            }
            Peek::True | Peek::False => (Kind::Bool(self.scanner.known_bool(peek)?), Style::Plain),
            Peek::String => (Kind::String(self.scanner.known_str()?.into()), Style::DoubleQuoted),
            Peek::Array => {
                let mut items = Vec::new();
                let mut next = self.scanner.known_array()?;
                while let Some(peek) = next {
                    items.push(self.value(peek, depth + 1)?);
                    next = self.scanner.array_step()?;
                }
                (Kind::Sequence(items), Style::Flow)
            }
            Peek::Object => (Kind::Mapping(self.members(start, depth)?), Style::Flow),
            number => {
                let digits = self.scanner.known_number_bytes(number)?;
                let number = std::str::from_utf8(digits).ok().map(Number::from_json_text);
                (number.map_or(Kind::Null, Kind::Number), Style::Plain)
            }
        };
        Ok(Node { span: Span::new(self.file, start..self.scanner.current_index()), style, kind })
    }

    /// The members of the object that begins at a byte.
    fn members(&mut self, start: usize, depth: usize) -> Result<Vec<Entry>, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashSet<Arc<str>> = HashSet::new();
        let mut from = start + 1;
        let mut next = self.scanner.known_object()?.map(|name| intern(&mut self.names, name));
        while let Some(name) = next {
            let key = Spanned::new(name.clone(), self.key(from));
            let twice = if entries.len() < SCAN_LIMIT {
                entries.iter().any(|entry| entry.key.value == name)
            } else {
                if seen.is_empty() {
                    seen.extend(entries.iter().map(|entry| entry.key.value.clone()));
                }
                !seen.insert(name)
            };
            if twice {
                return Err(Fault::Twice(key.span));
            }
            let peek = self.scanner.peek()?;
            entries.push(Entry { key, value: self.value(peek, depth + 1)? });
            from = self.scanner.current_index();
            next = self.scanner.next_key()?.map(|name| intern(&mut self.names, name));
        }
        Ok(entries)
    }

    /// The place of the name that is the next string from a byte on.
    fn key(&self, from: usize) -> Span {
        let bytes = self.text.as_bytes();
        let quote = |from: usize| bytes[from..].iter().position(|byte| *byte == b'"').map_or(from, |at| from + at);
        let start = quote(from.min(bytes.len()));
        let mut end = start + 1;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        Span::new(self.file, start..(end + 1).min(bytes.len()))
    }
}

fn intern(names: &mut Vec<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = names.iter().find(|known| &***known == name) {
        return known.clone();
    }
    let name: Arc<str> = name.into();
    if names.len() < NAMES {
        names.push(name.clone());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn read(text: &str) -> Result<Node, JsonFault> {
        parse_json(FileId::default(), text)
    }

    #[test]
    fn every_key_and_value_says_where_it_stands() {
        let text = "{ \"a\\\"b\": [1, \"é\", {}],\n  \"c\" : -1.50, \"d\":true }";
        let node = read(text).expect("it is JSON");
        let written = |span: Span| &text[span.range()];
        assert_eq!(written(node.span), text);
        let entries = node.entries().expect("an object");
        let keys: Vec<&str> = entries.iter().map(|entry| written(entry.key.span)).collect();
        assert_eq!(keys, ["\"a\\\"b\"", "\"c\"", "\"d\""]);
        let values: Vec<&str> = entries.iter().map(|entry| written(entry.value.span)).collect();
        assert_eq!(values, ["[1, \"é\", {}]", "-1.50", "true"]);
        let items: Vec<&str> = entries[0].value.items().into_iter().flatten().map(|item| written(item.span)).collect();
        assert_eq!(items, ["1", "\"é\"", "{}"]);
        assert_eq!(node.to_json(), json::parse(text.as_bytes()).expect("it is JSON"));
    }

    #[test]
    fn numbers_are_kept_as_they_were_written() {
        let text = "[12345678901234567890123, 1.000000000000000000001, 1e400]";
        assert_eq!(read(text).expect("it is JSON").to_json().to_string().replace(',', ", "), text);
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        let fault = |text: &str| {
            let fault = read(text).expect_err(text);
            (fault.span.range(), fault.reason)
        };
        assert_eq!(fault("{\"a\": 1,\n<<<<<<< HEAD\n}").0.start, 9);
        assert_eq!(fault("{\"a\": 1, \"a\": 2}"), (9..12, "this name stands twice in its object".to_owned()));
        assert_eq!(fault("").0, 0..0);
        assert_eq!(fault("[1] 2").0, 4..5);
        assert_eq!(fault(&"[".repeat(600)).1, "nesting deeper than 512 levels");
        let many: String = (0..20).map(|n| format!("\"k{n}\": 1, ")).collect();
        assert_eq!(fault(&format!("{{{many}\"k3\": 2}}")).1, "this name stands twice in its object");
    }
}
