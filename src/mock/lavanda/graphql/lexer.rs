//! The tokens of a GraphQL document (specification of October 2021, section 2.1), each with its place.

use serde::Serialize;

/// A place in a document, counted from 1, as the errors of a response give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Location {
    line: u32,
    column: u32,
}

/// A document that is no GraphQL.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub(super) message: String,
    pub(super) at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Punctuator(&'static str),
    Name(String),
    Int(i64),
    Float(f64),
    Text(String),
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Punctuator(text) => write!(formatter, "\"{text}\""),
            Self::Name(name) => write!(formatter, "Name \"{name}\""),
            Self::Int(number) => write!(formatter, "Int {number}"),
            Self::Float(number) => write!(formatter, "Float {number}"),
            Self::Text(_) => formatter.write_str("String"),
            Self::End => formatter.write_str("<EOF>"),
        }
    }
}

/// Takes a document apart. The last token is [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Location)>, SyntaxError> {
    let mut lexer = Lexer { rest: source.strip_prefix('\u{feff}').unwrap_or(source), line: 1, column: 1 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_ignored();
        let at = lexer.at();
        let token = lexer.next()?;
        let is_end = token == Token::End;
        tokens.push((token, at));
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    column: u32,
}

impl<'a> Lexer<'a> {
    fn at(&self) -> Location {
        Location { line: self.line, column: self.column }
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { message: message.into(), at: self.at() }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = &self.rest[character.len_utf8()..];
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(character)
    }

    fn take(&mut self, prefix: &str) -> bool {
        if !self.rest.starts_with(prefix) {
            return false;
        }
        for _ in prefix.chars() {
            self.bump();
        }
        true
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest;
        let mut length = 0;
        while let Some(character) = self.peek().filter(|character| is_part(*character)) {
            length += character.len_utf8();
            self.bump();
        }
        &rest[..length]
    }

    /// Whitespace, commas and comments mean nothing.
    fn skip_ignored(&mut self) {
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '\r' | '\n' | ',' => {
                    self.bump();
                }
                '#' => {
                    self.take_while(|character| character != '\n');
                }
                _ => return,
            }
        }
    }

    fn next(&mut self) -> Result<Token, SyntaxError> {
        const PUNCTUATORS: [&str; 14] = ["...", "!", "$", "&", "(", ")", ":", "=", "@", "[", "]", "{", "|", "}"];
        let Some(first) = self.peek() else {
            return Ok(Token::End);
        };
        if let Some(punctuator) = PUNCTUATORS.into_iter().find(|text| self.take(text)) {
            return Ok(Token::Punctuator(punctuator));
        }
        match first {
            'A'..='Z' | 'a'..='z' | '_' => {
                let name = self.take_while(|character| character.is_ascii_alphanumeric() || character == '_');
                Ok(Token::Name(name.to_owned()))
            }
            '0'..='9' | '-' => self.number(),
            '"' if self.take("\"\"\"") => self.block_text(),
            '"' => self.text(),
            other => Err(self.error(format!("Syntax Error: Cannot parse the unexpected character {other:?}."))),
        }
    }

    fn number(&mut self) -> Result<Token, SyntaxError> {
        let invalid = self.error("Syntax Error: Invalid number.");
        let text = self
            .take_while(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '+' | '.' | '_'));
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit() {
            return Err(invalid);
        }
        // A JSON number is what a GraphQL number is.
        match serde_json::from_str::<serde_json::Number>(text) {
            Ok(number) => number.as_i64().map(Token::Int).or_else(|| number.as_f64().map(Token::Float)).ok_or(invalid),
            Err(_) => Err(invalid),
        }
    }

    fn text(&mut self) -> Result<Token, SyntaxError> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None | Some('\n') => return Err(self.error("Syntax Error: Unterminated string.")),
                Some('"') => return Ok(Token::Text(text)),
                Some('\\') => text.push(self.escape()?),
                Some(character) => text.push(character),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let invalid = self.error("Syntax Error: Invalid character escape sequence.");
        Ok(match self.bump() {
            Some(character @ ('"' | '\\' | '/')) => character,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let digits: String = (0..4).filter_map(|_| self.bump()).collect();
                return u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or(invalid);
            }
            _ => return Err(invalid),
        })
    }

    /// A block string, of which the common indentation is no part.
    fn block_text(&mut self) -> Result<Token, SyntaxError> {
        let mut raw = String::new();
        loop {
            if self.take("\\\"\"\"") {
                raw.push_str("\"\"\"");
            } else if self.take("\"\"\"") {
                break;
            } else {
                match self.bump() {
                    Some(character) => raw.push(character),
                    None => return Err(self.error("Syntax Error: Unterminated string.")),
                }
            }
        }
        let is_blank = |line: &&str| line.trim().is_empty();
        let indentation = raw
            .lines()
            .skip(1)
            .filter(|line| !is_blank(line))
            .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
            .min()
            .unwrap_or(0);
        let lines: Vec<_> = raw
            .lines()
            .enumerate()
            .map(|(number, line)| match number {
                0 => line,
                _ => line.get(indentation..).unwrap_or_default(),
            })
            .collect();
        let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(0);
        let last = lines.iter().rposition(|line| !is_blank(line));
        let kept = last.map_or(&[][..], |last| &lines[first..=last]);
        Ok(Token::Text(kept.join("\n")))
    }
}
