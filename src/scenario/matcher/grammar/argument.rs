//! The arguments of matchers: numbers, texts, items, patterns, durations.

use std::ops::Range;
use std::sync::Arc;

use super::{Argument, Fault, Json, Number, Parser, Relation};
use crate::json;
use crate::scenario::matcher::Pattern;
use crate::source::Duration;

impl Parser<'_> {
    fn template<T>(&self, range: Range<usize>) -> Result<Argument<T>, Fault> {
        (self.templates)(range)
            .map(|template| Argument::Template(Arc::new(template)))
            .map_err(|problem| Fault::Template(Box::new(problem)))
    }

    /// Whether a number, or a template in its place, is next.
    pub(super) fn at_number(&mut self) -> bool {
        self.cursor.peek().is_some_and(|c| c.is_ascii_digit() || c == '-')
            || self.cursor.template_at(self.cursor.at).is_some()
    }

    pub(super) fn number(&mut self, place: &str) -> Result<Argument<Number>, Fault> {
        self.cursor.skip_spaces();
        if let Some(range) = self.cursor.template_at(self.cursor.at) {
            self.cursor.at = range.end;
            return self.template(range);
        }
        let length = number_length(self.cursor.rest());
        let Some(number) = Number::parse(&self.cursor.rest()[..length]) else {
            let range = self.cursor.next_piece();
            let found = if range.start >= self.cursor.end {
                String::new()
            } else {
                format!(", not `{}`", self.slice(range.clone()))
            };
            return Err(Fault::syntax(range, format!("a number is expected {place}{found}")));
        };
        self.cursor.at += length;
        Ok(Argument::Given(number))
    }

    /// A length: a whole number from 0.
    pub(super) fn count(&mut self, place: &str) -> Result<Argument<u64>, Fault> {
        self.cursor.skip_spaces();
        let start = self.cursor.at;
        match self.number(place)? {
            Argument::Template(template) => Ok(Argument::Template(template)),
            Argument::Given(number) => {
                number.as_i64().and_then(|count| u64::try_from(count).ok()).map(Argument::Given).ok_or_else(|| {
                    Fault::syntax(
                        start..self.cursor.at,
                        format!("a length is a whole number, 0 or more, not `{number}`"),
                    )
                })
            }
        }
    }

    pub(super) fn duration(&mut self) -> Result<Argument<Duration>, Fault> {
        self.cursor.skip_spaces();
        if let Some(range) = self.cursor.template_at(self.cursor.at) {
            self.cursor.at = range.end;
            return self.template(range);
        }
        let end = self.cursor.find(|_, c| c.is_whitespace() || c == ')');
        let range = self.cursor.at..end;
        let text = self.slice(range.clone());
        let Some(duration) = Duration::parse(text) else {
            let range = self.cursor.next_piece();
            return Err(Fault::syntax(range, "a duration is expected after `within`")
                .help("write a number and a unit, for example `<within 5m of now>`; the units are ms, s, m, h and d"));
        };
        self.cursor.at = end;
        Ok(Argument::Given(duration))
    }

    /// What a comparison is with: a scalar in one piece, and where it stands.
    pub(super) fn operand(&mut self, relation: Relation) -> Result<(Argument<Json>, Range<usize>), Fault> {
        let symbol = relation.symbol();
        let start = match self.cursor.peek() {
            Some(quote @ ('"' | '\'')) => return self.quoted_value(quote),
            Some(c) if c != ')' => self.cursor.at,
            _ => {
                let message = format!("a value to compare with is missing after `{symbol}`");
                return Err(
                    Fault::syntax(self.cursor.next_piece(), message).help(format!("for example `<number {symbol} 1>`"))
                );
            }
        };
        let end = self.cursor.find(|_, c| c.is_whitespace() || c == ')');
        self.cursor.at = end;
        let range = start..end;
        if self.cursor.has_template(&range) {
            return Ok((self.template(range.clone())?, range));
        }
        Ok((Argument::Given(scalar(self.slice(range.clone()))), range))
    }

    /// The text after `contains` and the like.
    pub(super) fn text(&mut self, after: &str) -> Result<Argument<Arc<str>>, Fault> {
        if let Some(quote @ ('"' | '\'')) = self.cursor.peek() {
            let (value, _) = self.quoted_value(quote)?;
            return Ok(match value {
                Argument::Given(value) => Argument::Given(value.as_str().unwrap_or_default().into()),
                Argument::Template(template) => Argument::Template(template),
            });
        }
        let range = self.bare(after, false)?;
        if self.cursor.has_template(&range) {
            return self.template(range);
        }
        Ok(Argument::Given(self.slice(range).into()))
    }

    /// The regular expression after `matches`. In quotes it stands as it is, too: `\"` means a quote to both.
    pub(super) fn pattern(&mut self) -> Result<Argument<Pattern>, Fault> {
        let range = match self.cursor.peek() {
            Some(quote @ ('"' | '\'')) => {
                let Some((inner, behind)) = self.cursor.quoted(quote, false) else {
                    return Err(self.unclosed_quote());
                };
                self.cursor.at = behind;
                self.after_quote()?;
                inner
            }
            _ => self.bare("matches", false)?,
        };
        if self.cursor.has_template(&range) {
            return self.template(range);
        }
        Pattern::compile(self.slice(range.clone())).map(Argument::Given).map_err(|(reason, at)| {
            let marked = at.map_or(range.clone(), |at| {
                let length = self.slice(range.start + at..range.end).chars().next().map_or(0, char::len_utf8);
                range.start + at..range.start + at + length
            });
            Fault::Grammar {
                id: "matcher.regex",
                range: marked,
                message: format!("this regular expression is not valid: {reason}"),
                help: regex_help(&reason),
            }
        })
    }

    /// The values after `one of`.
    pub(super) fn items(&mut self) -> Result<Vec<Argument<Json>>, Fault> {
        let mut items = Vec::new();
        loop {
            let item = if let Some(quote @ ('"' | '\'')) = self.cursor.peek() {
                self.quoted_value(quote)?.0
            } else {
                let range = self.bare(if items.is_empty() { "one of" } else { "," }, true)?;
                if self.cursor.has_template(&range) {
                    self.template(range)?
                } else {
                    Argument::Given(scalar(self.slice(range)))
                }
            };
            items.push(item);
            if !self.cursor.take(",") {
                return Ok(items);
            }
        }
    }

    /// An unquoted text, up to what closes it.
    fn bare(&mut self, after: &str, list: bool) -> Result<Range<usize>, Fault> {
        self.cursor.skip_spaces();
        let end = self.cursor.text_end(list);
        let start = self.cursor.at;
        let range = start..start + self.slice(start..end).trim_end().len();
        if range.is_empty() {
            let message = format!("a value is missing after `{after}`");
            let help = match after {
                "matches" => "for example `<matches ^[A-Z]+$>`",
                "one of" => "for example `<one of red, green>`",
                "," => "remove the last comma, or write the empty text as `\"\"`",
                _ => "write a text; the empty text is `\"\"`",
            };
            return Err(Fault::syntax(self.cursor.next_piece(), message).help(help));
        }
        self.refuse_ambiguity(&range)?;
        self.cursor.at = end;
        Ok(range)
    }

    /// `contains a or starts with b` is read as one text by one person, and as two matchers by the next.
    fn refuse_ambiguity(&self, range: &Range<usize>) -> Result<(), Fault> {
        // Looking ahead from within a look ahead would double the work with every word.
        if self.ahead {
            return Ok(());
        }
        let text = self.slice(range.clone());
        for word in [" and ", " or "] {
            for (found, _) in text.match_indices(word) {
                let at = range.start + found;
                let mut ahead = self.clone();
                ahead.ahead = true;
                ahead.cursor.at = at + word.len();
                let goes_on = ahead.whole().is_ok() && matches!(ahead.cursor.peek(), None | Some(')'));
                if goes_on && !self.cursor.inside_template(at) {
                    let (word, first) = (word.trim(), self.slice(range.start..at));
                    return Err(Fault::Grammar {
                        id: "matcher.ambiguous",
                        range: at + 1..at + 1 + word.len(),
                        message: format!("this `{word}` may be part of the text, or join two matchers"),
                        help: vec![format!(
                            "quote the text: `\"{first} {word} …\"` as one text, `\"{first}\" {word} …` as two matchers"
                        )],
                    });
                }
            }
        }
        Ok(())
    }

    /// A text in quotes and where it stands: with `"` it is a JSON string, with `'` nothing in it is escaped but `''`.
    fn quoted_value(&mut self, quote: char) -> Result<(Argument<Json>, Range<usize>), Fault> {
        let Some((inner, behind)) = self.cursor.quoted(quote, quote == '\'') else {
            return Err(self.unclosed_quote());
        };
        let whole = self.cursor.at..behind;
        self.cursor.at = behind;
        self.after_quote()?;
        if self.cursor.has_template(&inner) {
            return Ok((self.template(inner)?, whole));
        }
        if quote == '\'' {
            return Ok((Argument::Given(Json::from(self.slice(inner).replace("''", "'"))), whole));
        }
        match json::parse(self.slice(whole.clone()).as_bytes()) {
            Ok(value) => Ok((Argument::Given(value), whole)),
            Err(_) => Err(Fault::syntax(whole, "this text in double quotes is not a valid JSON string")
                .help("use single quotes: in them, `\\` is an ordinary character")),
        }
    }

    fn after_quote(&mut self) -> Result<(), Fault> {
        match self.cursor.peek() {
            None | Some(')' | ',') => Ok(()),
            _ if ["and", "or"].into_iter().any(|word| self.clone().cursor.take_word(word)) => Ok(()),
            _ => Err(Fault::syntax(self.cursor.next_piece(), "after a quoted text, only `and` or `or` is possible")
                .help("if the quotes are part of the text, put the other kind of quotes around all of it")),
        }
    }

    fn unclosed_quote(&self) -> Fault {
        Fault::syntax(self.cursor.at..self.cursor.end, "this quote is never closed")
            .help("if it is part of the text, put the other kind of quotes around all of it")
    }
}

/// An unquoted item: what JSON writes as a number, `true`, `false` or `null` is that, all else is text.
fn scalar(text: &str) -> Json {
    match text {
        "null" => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => Number::parse(text).map_or_else(|| Json::from(text), Json::Number),
    }
}

/// How far a number reaches; `1..10` holds two.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = digits(usize::from(bytes.first() == Some(&b'-')));
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1 + sign);
        }
    }
    at
}

/// What to do about a regular expression that is refused.
fn regex_help(reason: &str) -> Vec<String> {
    let help = if reason.contains("look-around") || reason.contains("backreference") {
        "look-around and back-references are not supported; use two matchers joined with `and`"
    } else if reason.contains("unclosed") {
        "close it, or write `\\(` or `\\[` for the character itself"
    } else {
        "the syntax is that of RE2; `\\` before a character takes away its special meaning"
    };
    vec![help.to_owned()]
}

/// What is wrong with a regular expression in one line, and where: the crate draws both over several lines.
pub(in crate::scenario::matcher) fn regex_fault(text: &str, error: &regex::Error) -> (String, Option<usize>) {
    let drawn = error.to_string();
    let reason = drawn.lines().find_map(|line| line.strip_prefix("error: "));
    let caret =
        drawn.lines().find(|line| line.trim_start().starts_with('^') && line.trim_matches([' ', '^']).is_empty());
    let at = caret
        .filter(|_| !text.contains('\n'))
        .and_then(|line| line.find('^'))
        .and_then(|column| text.char_indices().nth(column.checked_sub(4)?))
        .map(|(at, _)| at);
    match (reason, error) {
        (Some(reason), _) => (reason.to_owned(), at),
        (None, regex::Error::CompiledTooBig(_)) => ("it is too large".to_owned(), None),
        (None, _) => (drawn.lines().last().unwrap_or_default().to_owned(), None),
    }
}
