//! Text to a compiled query: the grammar of RFC 9535 by recursive descent, a function a rule.
//!
//! `mod.rs` reads segments and selectors, `filter.rs` what stands after `?`, `literal.rs` texts and numbers, `advice.rs`
//! turns what does not fit into words.
//!
//! The parser of jsonpath-rust 1.0.12 is not used: it reads `$.foo bar` as the name `foo bar`, keeps numbers as `f64`, takes
//! functions that the RFC has not, and leaves no place by which an ill-typed part could be pointed at.

mod advice;
mod filter;
mod literal;

pub(super) use filter::{Term, TermKind};

use super::ast::{Query, Segment, Selector, Selectors, Slice};
use super::error::JsonPathError;

type Parsed<T> = Result<T, JsonPathError>;

/// Deeper nesting of filters, groups and calls is refused: unoptimized, a level takes up to 20 KiB of a thread's stack.
/// Queries that people write nest three deep.
const MAX_NESTING: usize = 32;

/// The largest integer that I-JSON (RFC 7493) and so RFC 9535 allow, and negated the smallest.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Compiles a whole query, with the cautions about it.
pub(super) fn query(text: &str) -> Parsed<(Query, Vec<JsonPathError>)> {
    let mut parser = Parser { text, at: 0, nesting: 0, last_name: None, cautions: Vec::new() };
    if !parser.eat(b'$') {
        return Err(parser.no_root());
    }
    let query = parser.segments(true)?;
    if parser.at < text.len() {
        return Err(parser.trailing());
    }
    Ok((query, parser.cautions))
}

struct Parser<'t> {
    text: &'t str,
    /// Where the next unread character stands.
    at: usize,
    nesting: usize,
    /// Where the last shorthand name starts, for advice about names that should be quoted.
    last_name: Option<usize>,
    cautions: Vec<JsonPathError>,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_blank(&mut self) {
        self.at += self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    /// Skips blanks if one of `wanted` stands behind them, and says which.
    fn skip_blank_before(&mut self, wanted: &[u8]) -> Option<u8> {
        let before = self.at;
        self.skip_blank();
        let found = self.peek().filter(|byte| wanted.contains(byte));
        if found.is_none() {
            self.at = before;
        }
        found
    }

    /// Runs `inner` one level deeper.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == MAX_NESTING {
            return Err(self.too_deep());
        }
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    /// `*(S segment)`, after `$` or `@`.
    fn segments(&mut self, absolute: bool) -> Parsed<Query> {
        let mut segments = Vec::new();
        let mut singular = true;
        while let Some(first) = self.skip_blank_before(b".[") {
            let segment = if first == b'[' {
                Segment { descendant: false, selectors: self.bracketed()? }
            } else {
                self.dotted()?
            };
            singular &= !segment.descendant
                && matches!(segment.selectors, Selectors::One(Selector::Name(_) | Selector::Index(_)));
            segments.push(segment);
        }
        // A thousand scenarios hold many thousand queries of a segment or two.
        segments.shrink_to_fit();
        Ok(Query { absolute, segments, singular })
    }

    /// `.name`, `.*`, `..name`, `..*` or `..[…]`.
    fn dotted(&mut self) -> Parsed<Segment> {
        self.at += 1;
        let descendant = self.eat(b'.');
        let selectors = match self.peek() {
            Some(b'[') if descendant => self.bracketed()?,
            Some(b'*') => {
                self.at += 1;
                Selectors::One(Selector::Wildcard)
            }
            _ => match self.shorthand() {
                Some(name) => Selectors::One(Selector::Name(name.into())),
                None => return Err(self.no_name(descendant)),
            },
        };
        Ok(Segment { descendant, selectors })
    }

    /// `member-name-shorthand`.
    fn shorthand(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_ascii() && c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit()) || end == 0 {
            return None;
        }
        self.last_name = Some(self.at);
        self.at += end;
        Some(&rest[..end])
    }

    /// `[selector, …]`.
    fn bracketed(&mut self) -> Parsed<Selectors> {
        let open = self.at;
        self.at += 1;
        self.skip_blank();
        let first = self.selector(open)?;
        let mut filtered = matches!(first, Selector::Filter(_));
        let mut rest = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                Some(b']') => break,
                Some(b',') => {
                    self.at += 1;
                    self.skip_blank();
                    let selector = self.selector(open)?;
                    filtered = matches!(selector, Selector::Filter(_));
                    rest.push(selector);
                }
                _ => return Err(self.bracket_goes_on(open, filtered)),
            }
        }
        self.at += 1;
        if rest.is_empty() {
            return Ok(Selectors::One(first));
        }
        rest.insert(0, first);
        Ok(Selectors::Many(rest))
    }

    fn selector(&mut self, open: usize) -> Parsed<Selector> {
        self.last_name = None;
        match self.peek() {
            Some(b'\'' | b'"') => self.quoted().map(|name| Selector::Name(name.into())),
            Some(b'*') => {
                self.at += 1;
                Ok(Selector::Wildcard)
            }
            Some(b'?') => {
                self.at += 1;
                self.skip_blank();
                self.nested(Self::filter).map(|test| Selector::Filter(Box::new(test)))
            }
            Some(b'-' | b'0'..=b'9' | b':') => self.index_or_slice(),
            _ => Err(self.no_selector(open)),
        }
    }

    fn index_or_slice(&mut self) -> Parsed<Selector> {
        let start = if self.peek() == Some(b':') { None } else { Some(self.integer()?) };
        if self.skip_blank_before(b":").is_none() {
            return Ok(Selector::Index(start.unwrap_or_default()));
        }
        self.at += 1;
        let end = self.slice_bound()?;
        let mut step = None;
        if self.skip_blank_before(b":").is_some() {
            self.at += 1;
            step = self.slice_bound()?;
        }
        Ok(Selector::Slice(Slice { start, end, step: step.unwrap_or(1) }))
    }

    fn slice_bound(&mut self) -> Parsed<Option<i64>> {
        self.skip_blank_before(b"-0123456789").map(|_| self.integer()).transpose()
    }
}
