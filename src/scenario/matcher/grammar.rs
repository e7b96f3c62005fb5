//! The grammar of matchers: recursive descent over a [`Cursor`].

use std::ops::Range;

use super::lexer::Cursor;
use super::{Argument, Comparison, Domain, Extent, Format, Matcher, Noun, Relation, words};
use crate::json::{Json, Number};
use crate::source::{Diagnostic, suggestion};
use crate::template::Template;

mod argument;
pub(super) use argument::regex_fault;

/// Deeper nesting than this is refused.
const MAX_DEPTH: usize = 32;

/// Why a text is no matcher.
pub(super) enum Fault {
    /// It does not follow the grammar.
    Grammar {
        /// Identifies the problem.
        id: &'static str,
        /// What to mark.
        range: Range<usize>,
        /// What is wrong.
        message: String,
        /// What to do.
        help: Vec<String>,
    },
    /// A template in it does not compile.
    Template(Box<Diagnostic>),
}

impl Fault {
    fn syntax(range: Range<usize>, message: impl Into<String>) -> Self {
        Self::Grammar { id: "matcher.syntax", range, message: message.into(), help: Vec::new() }
    }

    fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Grammar { help, .. } = &mut self {
            help.push(text.into());
        }
        self
    }
}

/// Makes the template of a part of the text.
pub(super) type Templates<'c> = &'c dyn Fn(Range<usize>) -> Result<Template, Diagnostic>;

/// Reads a text that is wholly `<…>`.
pub(super) fn parse(text: &str, templates: Templates<'_>) -> Result<Matcher, Fault> {
    // What a template that never ends is, the template's own compiler says best.
    let unclosed = |at| match templates(at..text.len()) {
        Err(problem) => Fault::Template(Box::new(problem)),
        Ok(_) => Fault::syntax(at..text.len(), "this `{{` has no `}}`"),
    };
    if !Matcher::is_written(text) {
        return Err(Fault::syntax(0..text.len(), "a matcher starts with `<` and ends with `>`"));
    }
    if let Some(at) = ["{%", "{#"].into_iter().filter_map(|open| text.find(open)).min() {
        return Err(Fault::syntax(at..text.len() - 1, "a matcher cannot contain `{% … %}` or `{# … #}`")
            .help("use `{{ … }}` as an argument; if this is plain text, write `\\<…>`"));
    }
    let mut parser = Parser { cursor: Cursor::new(text).map_err(unclosed)?, templates, depth: 0, ahead: false };
    let matcher = parser.whole()?;
    match parser.cursor.peek() {
        None => Ok(matcher),
        Some(_) => Err(parser.unexpected()),
    }
}

#[derive(Clone)]
struct Parser<'t> {
    cursor: Cursor<'t>,
    templates: Templates<'t>,
    depth: usize,
    /// Whether this only looks whether a matcher could stand here.
    ahead: bool,
}

impl Parser<'_> {
    fn slice(&self, range: Range<usize>) -> &str {
        &self.cursor.text[range]
    }

    /// All up to the bracket or parenthesis that closes.
    fn whole(&mut self) -> Result<Matcher, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let here = self.cursor.next_piece();
            return Err(Fault::syntax(here, format!("this matcher is nested more than {MAX_DEPTH} levels deep")));
        }
        let mut all = vec![self.conjunction()?];
        while self.cursor.take_word("or") {
            all.push(self.conjunction()?);
        }
        self.depth -= 1;
        Ok(if all.len() == 1 { all.remove(0) } else { Matcher::Or(all) })
    }

    fn conjunction(&mut self) -> Result<Matcher, Fault> {
        let mut all = vec![self.negation()?];
        while self.cursor.take_word("and") {
            all.push(self.negation()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Matcher::And(all) })
    }

    fn negation(&mut self) -> Result<Matcher, Fault> {
        let mut times = 0_usize;
        while self.cursor.take_word("not") {
            times += 1;
            if times > MAX_DEPTH {
                return Err(Fault::syntax(self.cursor.next_piece(), "there are too many `not`s in a row"));
            }
        }
        let positive = self.primary()?;
        Ok((0..times).fold(positive, |inner, _| Matcher::Not(Box::new(inner))))
    }

    fn primary(&mut self) -> Result<Matcher, Fault> {
        let Some(next) = self.cursor.peek() else {
            let range = self.cursor.next_piece();
            let empty = self.cursor.text[1..self.cursor.end].trim().is_empty();
            return Err(if empty {
                Fault::syntax(0..self.cursor.text.len(), "there is no matcher between `<` and `>`")
                    .help("`<any>` accepts every value; if this is plain text, write `\\<>`")
            } else {
                Fault::syntax(range, "a matcher is missing here").help("for example `<not empty>` or `<uuid or null>`")
            });
        };
        if next == '(' {
            return self.group();
        }
        if let Some(relation) = self.relation() {
            return self.comparison(relation, Domain::Any);
        }
        if next.is_ascii_digit() || matches!(next, '-' | '.') || self.cursor.template_at(self.cursor.at).is_some() {
            return self.range();
        }
        let Some(word) = self.cursor.word() else {
            let range = self.cursor.next_piece();
            let message = format!("a matcher cannot start with `{}`", self.slice(range.clone()));
            return Err(literal_help(Fault::syntax(range, message)));
        };
        self.cursor.at = word.end;
        self.named(word)
    }

    fn group(&mut self) -> Result<Matcher, Fault> {
        let open = self.cursor.at;
        self.cursor.at += 1;
        self.cursor.open += 1;
        let inner = self.whole()?;
        if !self.cursor.take(")") {
            return Err(match self.cursor.peek() {
                None => Fault::syntax(open..open + 1, "this `(` is never closed"),
                Some(_) => self.unexpected(),
            });
        }
        self.cursor.open -= 1;
        Ok(inner)
    }

    /// A matcher that begins with that word, which has been stepped over.
    fn named(&mut self, word: Range<usize>) -> Result<Matcher, Fault> {
        let name = self.slice(word.clone()).to_owned();
        Ok(match &*name {
            "any" => Matcher::Any,
            "string" => self.noun(Noun::String, Domain::Any)?,
            "number" => self.noun(Noun::Number, Domain::Number)?,
            "integer" => self.noun(Noun::Integer, Domain::Number)?,
            "boolean" => self.noun(Noun::Boolean, Domain::Any)?,
            "array" => Matcher::Type(Noun::Array),
            "object" => Matcher::Type(Noun::Object),
            "null" => Matcher::Type(Noun::Null),
            "absent" => Matcher::Absent,
            "optional" => Matcher::Optional(Box::new(self.whole()?)),
            "each" => Matcher::Each(Box::new(self.whole()?)),
            "empty" => Matcher::Empty,
            "unique" => Matcher::Unique,
            "sorted" => {
                let descending = self.cursor.take_word("desc");
                // The default, said aloud.
                let _ = !descending && self.cursor.take_word("asc");
                Matcher::Sorted { descending }
            }
            "length" => Matcher::Length(self.extent()?),
            "between" => {
                self.cursor.skip_spaces();
                let start = self.cursor.at;
                let low = self.number("after `between`")?;
                if !self.cursor.take_word("and") {
                    return Err(Fault::syntax(self.cursor.next_piece(), "`and` is expected here")
                        .help("for example `<between 1 and 5>`"));
                }
                let high = self.number("after `and`")?;
                ordered(&low, &high, start..self.cursor.at)?;
                Matcher::Between(low, high)
            }
            "about" => self.about()?,
            "contains" => Matcher::Contains(self.text(&name)?),
            "starts" | "ends" => {
                self.expect_word(&name, &["with"])?;
                let text = self.text(&format!("{name} with"))?;
                if name == "starts" { Matcher::StartsWith(text) } else { Matcher::EndsWith(text) }
            }
            "matches" => Matcher::Matches(self.pattern()?),
            "one" => {
                self.expect_word("one", &["of"])?;
                Matcher::OneOf(self.items()?)
            }
            "in" => {
                self.expect_word("in", &["the"])?;
                match self.expect_word("in the", &["past", "future"])? {
                    0 => Matcher::Past,
                    _ => Matcher::Future,
                }
            }
            "within" => {
                let duration = self.duration()?;
                self.expect_word("within", &["of"])?;
                self.expect_word("of", &["now"])?;
                Matcher::WithinOfNow(duration)
            }
            "iso" => match self.expect_word("iso", &["country", "currency"])? {
                0 => Matcher::Format(Format::IsoCountry),
                _ => Matcher::Format(Format::IsoCurrency),
            },
            other => match Format::named(other) {
                Some(format) => self.format(format)?,
                None => return Err(unknown(word, other)),
            },
        })
    }

    /// A type, with the comparison that may follow it.
    fn noun(&mut self, noun: Noun, domain: Domain) -> Result<Matcher, Fault> {
        self.constrained(Matcher::Type(noun), domain)
    }

    fn format(&mut self, format: Format) -> Result<Matcher, Fault> {
        let matcher = Matcher::Format(format);
        match format {
            Format::Date | Format::Datetime => self.constrained(matcher, Domain::Moment),
            _ => Ok(matcher),
        }
    }

    fn constrained(&mut self, matcher: Matcher, domain: Domain) -> Result<Matcher, Fault> {
        self.cursor.skip_spaces();
        match self.relation() {
            None => Ok(matcher),
            Some(relation) => Ok(Matcher::And(vec![matcher, self.comparison(relation, domain)?])),
        }
    }

    fn relation(&mut self) -> Option<Relation> {
        // The longer signs first: `<=` begins with `<`.
        [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Unequal, Relation::Greater, Relation::Less]
            .into_iter()
            .find(|relation| self.cursor.take(relation.symbol()))
    }

    fn comparison(&mut self, relation: Relation, domain: Domain) -> Result<Matcher, Fault> {
        let (operand, range) = self.operand(relation)?;
        let comparison = Comparison { relation, operand, domain };
        if let Argument::Given(value) = &comparison.operand
            && let Some(needed) = comparison.needs_instead_of(value)
        {
            let message = format!("`{}` needs {needed}, not `{value}`", relation.symbol());
            return Err(Fault::syntax(range, message));
        }
        Ok(Matcher::Compare(comparison))
    }

    fn extent(&mut self) -> Result<Extent, Fault> {
        self.cursor.skip_spaces();
        if let Some(relation) = self.relation() {
            return Ok(Extent::Compare(relation, self.count(&format!("after `{}`", relation.symbol()))?));
        }
        if self.cursor.take("..") {
            return Ok(Extent::Range(None, Some(self.count("after `..`")?)));
        }
        let start = self.cursor.at;
        let low = self.count("after `length`")?;
        if !self.cursor.take("..") {
            return Ok(Extent::Exactly(low));
        }
        let high = if self.at_number() { Some(self.count("after `..`")?) } else { None };
        if let Some(high) = &high {
            ordered(&low, high, start..self.cursor.at)?;
        }
        Ok(Extent::Range(Some(low), high))
    }

    /// `400..499`, open at one end or none.
    fn range(&mut self) -> Result<Matcher, Fault> {
        if self.cursor.take("..") {
            return Ok(Matcher::Range(None, Some(self.number("after `..`")?)));
        }
        self.cursor.skip_spaces();
        let start = self.cursor.at;
        let low = self.number("here")?;
        let piece = start..self.cursor.at;
        if !self.cursor.take("..") {
            let message = match &low {
                Argument::Template(_) => {
                    "a template alone is not a matcher: it can only be an argument of one".to_owned()
                }
                Argument::Given(number) => format!("`{number}` alone is not a matcher"),
            };
            let written = self.slice(piece.clone());
            let advice = format!("write `<== {written}>` for exactly this value, `<{written}..>` for this or more");
            return Err(literal_help(Fault::syntax(piece, message).help(advice)));
        }
        let high = if self.at_number() { Some(self.number("after `..`")?) } else { None };
        if let Some(high) = &high {
            ordered(&low, high, start..self.cursor.at)?;
        }
        Ok(Matcher::Range(Some(low), high))
    }

    fn about(&mut self) -> Result<Matcher, Fault> {
        let value = self.number("after `about`")?;
        if !["±", "+-", "+/-"].into_iter().any(|sign| self.cursor.take(sign)) {
            return Err(Fault::syntax(
                self.cursor.next_piece(),
                "`about` needs a tolerance: `±` (or `+-`) and a number",
            )
            .help("for example `<about 3.14 ± 0.01>`"));
        }
        Ok(Matcher::About { value, tolerance: self.number("after `±`")? })
    }

    /// Steps over one of the words, and says which; anything else is an error that names them.
    fn expect_word(&mut self, after: &str, allowed: &[&'static str]) -> Result<usize, Fault> {
        if let Some(at) = allowed.iter().position(|word| self.cursor.take_word(word)) {
            return Ok(at);
        }
        let range = self.cursor.next_piece();
        let names: Vec<String> = allowed.iter().map(|word| format!("`{word}`")).collect();
        let fault = Fault::syntax(range.clone(), format!("{} is expected after `{after}`", names.join(" or ")));
        Err(match suggestion(self.slice(range), allowed.iter().copied()) {
            Some(meant) => fault.help(format!("did you mean `{meant}`?")),
            None => fault,
        })
    }

    /// Something comes after a whole matcher that does not belong to it.
    fn unexpected(&mut self) -> Fault {
        let range = self.cursor.next_piece();
        let found = self.slice(range.clone()).to_owned();
        if found.starts_with(')') {
            return Fault::syntax(range.start..range.start + 1, "this `)` has no `(` before it");
        }
        let fault = Fault::syntax(range, format!("`and` or `or` is expected here, not `{found}`"));
        match suggestion(&found, ["and", "or"]).filter(|_| words::exact(&found).is_none()) {
            Some(meant) if found.starts_with(char::is_alphabetic) => fault.help(format!("did you mean `{meant}`?")),
            _ => fault.help("join two matchers with `and` or `or`; a text with spaces belongs in quotes"),
        }
    }
}

/// Refuses a range that no value can be in.
fn ordered<T: PartialOrd + std::fmt::Display>(
    low: &Argument<T>,
    high: &Argument<T>,
    range: Range<usize>,
) -> Result<(), Fault> {
    match (low, high) {
        (Argument::Given(low), Argument::Given(high)) if low > high => {
            let message = format!("no value can match: {low} is greater than {high}");
            Err(Fault::syntax(range, message).help("write the smaller number first"))
        }
        _ => Ok(()),
    }
}

fn unknown(range: Range<usize>, name: &str) -> Fault {
    if let "and" | "or" = name {
        return Fault::syntax(range, format!("a matcher is missing before `{name}`"))
            .help("`and` and `or` join two matchers, for example `<uuid or null>`");
    }
    let fault = Fault::Grammar {
        id: "matcher.unknown",
        range,
        message: format!("there is no matcher `{name}`"),
        help: Vec::new(),
    };
    match words::meant(name) {
        Some(meant) => fault.help(format!("did you mean `{meant}`?")),
        None => literal_help(fault),
    }
}

fn literal_help(fault: Fault) -> Fault {
    fault.help("if this is plain text and not a matcher, write `\\<…>`")
}
