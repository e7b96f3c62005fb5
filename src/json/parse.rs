//! Text to [`Json`]. The scanner is jiter's; what it finds is kept in our own compact tree.

use std::sync::Arc;

use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::{Json, Number, ObjectBuilder};

/// Deeper nesting than this is refused; the deepest answers of real APIs stay below a tenth of it.
const MAX_DEPTH: usize = 512;

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at line {line}, column {column}")]
pub struct ParseError {
    /// What is wrong, in words.
    pub reason: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in bytes.
    pub column: usize,
}

/// Reads one JSON value (RFC 8259), with a byte-order mark before it and white space around it allowed.
///
/// # Errors
/// The first place where the text is not JSON, or nests deeper than 512 levels.
pub fn parse(text: &[u8]) -> Result<Json, ParseError> {
    parse_telling(text).map(|(value, _)| value)
}

/// A member that stood twice in one object. The later one stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// Its name.
    pub name: Arc<str>,
    /// The line on which its object ends, from 1.
    pub line: usize,
}

/// As [`parse`]; tells the first few members that stood twice, too.
///
/// # Errors
/// As [`parse`].
pub fn parse_telling(text: &[u8]) -> Result<(Json, Vec<Repeated>), ParseError> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = Reader { scanner: Jiter::new(text), names: Vec::new(), repeated: Vec::new() };
    let read = reader.scanner.peek().map_err(Fault::Syntax).and_then(|peek| reader.value(peek, 0));
    match read.and_then(|value| reader.scanner.finish().map(|()| value).map_err(Fault::Syntax)) {
        Ok(value) => Ok((value, reader.repeated)),
        Err(Fault::Syntax(error)) => {
            let at = reader.scanner.error_position(error.index);
            let half = [JsonErrorType::UnexpectedEndOfHexEscape, JsonErrorType::LoneLeadingSurrogateInHexEscape];
            let reason = match &error.error_type {
                JiterErrorType::JsonError(kind) if half.contains(kind) => {
                    "half of a surrogate pair: `\\ud800` to `\\udfff` come in twos".to_owned()
                }
                other => other.to_string(),
            };
            Err(ParseError { reason, line: at.line, column: at.column.max(1) })
        }
        Err(Fault::Depth) => {
            let at = reader.scanner.current_position();
            let reason = format!("nesting deeper than {MAX_DEPTH} levels");
            Err(ParseError { reason, line: at.line, column: at.column.max(1) })
        }
    }
}

enum Fault {
    Syntax(JiterError),
    Depth,
}

impl From<JiterError> for Fault {
    fn from(error: JiterError) -> Self {
        Self::Syntax(error)
    }
}

struct Reader<'t> {
    scanner: Jiter<'t>,
    /// The last member names, each kept once: a list of 100,000 objects has ten names, not a million.
    names: Vec<Arc<str>>,
    repeated: Vec<Repeated>,
}

/// More members that stood twice than these are not told.
const REPEATED: usize = 10;

impl Reader<'_> {
    fn value(&mut self, peek: Peek, depth: usize) -> Result<Json, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::Depth);
        }
        Ok(match peek {
            Peek::Null => {
                self.scanner.known_null()?;
                Json::Null
            }
            Peek::True | Peek::False => Json::Bool(self.scanner.known_bool(peek)?),
            Peek::String => Json::String(self.scanner.known_str()?.into()),
            Peek::Array => {
                let mut items = Vec::new();
                let mut next = self.scanner.known_array()?;
                while let Some(peek) = next {
                    items.push(self.value(peek, depth + 1)?);
                    next = self.scanner.array_step()?;
                }
                Json::Array(items.into())
            }
            Peek::Object => {
                let mut members = ObjectBuilder::default();
                let mut next = self.scanner.known_object()?.map(|name| intern(&mut self.names, name));
                while let Some(name) = next {
                    let peek = self.scanner.peek()?;
                    members.push(name, self.value(peek, depth + 1)?);
                    next = self.scanner.next_key()?.map(|name| intern(&mut self.names, name));
                }
                let (object, repeated) = members.finish_telling();
                if let Some(name) = repeated
                    && self.repeated.len() < REPEATED
                {
                    self.repeated.push(Repeated { name, line: self.scanner.current_position().line });
                }
                Json::Object(object)
            }
            number => {
                let digits = self.scanner.known_number_bytes(number)?;
                Json::Number(Number::from_json_text(std::str::from_utf8(digits).unwrap_or("0")))
            }
        })
    }
}

/// More names than this are not looked for: a document with so many has few that repeat, and looking is not free.
const NAMES: usize = 64;

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
