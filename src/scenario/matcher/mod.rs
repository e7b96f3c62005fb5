//! Matchers as data: what `<…>` says about a value, read once when the file is loaded. Nothing here looks at an answer;
//! `expect::matcher` does.
//!
//! The grammar, loosest first: `optional M` and `each M` take all that follows, up to the bracket or parenthesis that
//! closes; then `M or M`, `M and M`, `not M`; parentheses group. The argument of `contains`, `starts with`, `ends with`
//! and `matches`, and an item of `one of`, runs to the closing bracket or parenthesis (an item also to the next comma)
//! unless it is quoted. Where such a text goes on with `and` or `or` and a whole matcher, nobody can know which was
//! meant, and it must be quoted.

mod display;
mod format;
mod grammar;
mod lexer;
mod words;

pub use format::Format;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use regex::Regex;

use self::grammar::Fault;
use crate::json::{Json, Number};
use crate::source::{Diagnostic, Duration, Node, Reader, Span, Style};
use crate::template::{Reference, Template};

/// What a value must be like, without being one value.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// `any`: there, whatever it is.
    Any,
    /// `string`, `integer` and the other types.
    Type(Noun),
    /// `absent`: not there.
    Absent,
    /// `optional M`: not there, or as `M` says.
    Optional(Box<Matcher>),
    /// `empty`: a string, array or object without content.
    Empty,
    /// `length 3`, `length 1..10`, `length >= 1`: of a string in characters, an array in elements, an object in members.
    Length(Extent),
    /// `> 5`, `== "x"`: compared with one value.
    Compare(Comparison),
    /// `between 1 and 5`, both included.
    Between(Argument<Number>, Argument<Number>),
    /// `about 3.14 ± 0.01`
    About {
        /// The value it must be near to.
        value: Argument<Number>,
        /// How far from it it may be.
        tolerance: Argument<Number>,
    },
    /// `400..499`, both ends included; an end that is left out does not bound.
    Range(Option<Argument<Number>>, Option<Argument<Number>>),
    /// `uuid`, `email` and the other formats.
    Format(Format),
    /// `contains x`
    Contains(Argument<Arc<str>>),
    /// `starts with x`
    StartsWith(Argument<Arc<str>>),
    /// `ends with x`
    EndsWith(Argument<Arc<str>>),
    /// `matches REGEX`, anchored only where the pattern says so.
    Matches(Argument<Pattern>),
    /// `one of a, b, c`
    OneOf(Vec<Argument<Json>>),
    /// `in the past`
    Past,
    /// `in the future`
    Future,
    /// `within 5m of now`, before or after.
    WithinOfNow(Argument<Duration>),
    /// `each M`: an array whose every element is as `M` says.
    Each(Box<Matcher>),
    /// `unique`: an array no two elements of which are equal.
    Unique,
    /// `sorted`, `sorted desc`: an array of numbers or of strings in order.
    Sorted {
        /// The greatest first.
        descending: bool,
    },
    /// `not M`
    Not(Box<Matcher>),
    /// `M and M`
    And(Vec<Matcher>),
    /// `M or M`
    Or(Vec<Matcher>),
}

/// The types that a matcher can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// `string`
    String,
    /// `number`
    Number,
    /// `integer`: a number without a fraction; `1.0` has none.
    Integer,
    /// `boolean`
    Boolean,
    /// `array`
    Array,
    /// `object`
    Object,
    /// `null`
    Null,
}

impl Noun {
    /// The word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
            Self::Null => "null",
        }
    }
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Relation {
    /// The symbol it is written as.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::Unequal => "!=",
        }
    }

    /// Whether it speaks of an order, and not only of equality.
    pub fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }
}

/// What a comparison is between, as the type before it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// No type stands before it: any scalar; an order needs numbers or moments.
    Any,
    /// After `number` and `integer`.
    Number,
    /// After `date` and `datetime`.
    Moment,
}

/// A comparison with one value.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// How the value must stand to the operand.
    pub relation: Relation,
    /// What it is compared with.
    pub operand: Argument<Json>,
    /// What may be compared.
    pub domain: Domain,
}

impl Comparison {
    /// What the operand should be instead of a value that cannot be compared so.
    pub fn needs_instead_of(&self, value: &Json) -> Option<&'static str> {
        let is_number = value.as_number().is_some();
        let is_moment = value.as_str().is_some_and(is_moment);
        match self.domain {
            Domain::Number if !is_number => Some("a number"),
            Domain::Moment if !is_moment => Some("a date or a datetime"),
            Domain::Any if self.relation.orders() && !is_number && !is_moment => Some("a number, a date or a datetime"),
            _ => None,
        }
    }
}

/// Whether a text is a date or a datetime of RFC 3339.
fn is_moment(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || (text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok())
}

/// A length or a range of lengths.
#[derive(Debug, Clone)]
pub enum Extent {
    /// `length 3`
    Exactly(Argument<u64>),
    /// `length 1..10`, both ends included; an end that is left out does not bound.
    Range(Option<Argument<u64>>, Option<Argument<u64>>),
    /// `length >= 1`
    Compare(Relation, Argument<u64>),
}

/// An argument of a matcher: given, or rendered when the matcher is asked.
#[derive(Debug, Clone)]
pub enum Argument<T> {
    /// As written.
    Given(T),
    /// Made by a template. Whatever it gives is one argument: it is never read as grammar.
    Template(Arc<Template>),
}

impl<T> Argument<T> {
    /// The argument, unless it is still to be rendered.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Template(_) => None,
        }
    }

    fn template(&self) -> Option<&Template> {
        match self {
            Self::Given(_) => None,
            Self::Template(template) => Some(template),
        }
    }
}

/// A regular expression and its text. A clone shares what is compiled, and what matching keeps.
#[derive(Debug, Clone)]
pub struct Pattern(Arc<Regex>);

/// So many patterns are known that were compiled last.
const PATTERNS: usize = 32;

thread_local! {
    /// One pattern mostly stands in every element of a list; compiled, it weighs thousands of times its text.
    static COMPILED: RefCell<VecDeque<Pattern>> = const { RefCell::new(VecDeque::new()) };
}

impl Pattern {
    /// Compiles a regular expression (syntax of the `regex` crate: no look-around, linear in time).
    ///
    /// # Errors
    /// What is wrong with it, and the byte where, if that can be told.
    pub fn compile(text: &str) -> Result<Self, (String, Option<usize>)> {
        if let Some(known) = COMPILED.with_borrow(|all| all.iter().find(|known| known.text() == text).cloned()) {
            return Ok(known);
        }
        let pattern =
            Regex::new(text).map(|regex| Self(Arc::new(regex))).map_err(|error| grammar::regex_fault(text, &error))?;
        COMPILED.with_borrow_mut(|all| {
            all.truncate(PATTERNS - 1);
            all.push_front(pattern.clone());
        });
        Ok(pattern)
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    /// The compiled expression.
    pub fn regex(&self) -> &Regex {
        &self.0
    }
}

impl Matcher {
    /// Whether a string is written as a matcher: wholly `<…>`.
    pub fn is_written(text: &str) -> bool {
        text.len() >= 2 && text.starts_with('<') && text.ends_with('>')
    }

    /// Whether it speaks of how long a value is: `length` and `empty`, by themselves or among others.
    pub fn measures(&self) -> bool {
        match self {
            Self::Length(_) | Self::Empty => true,
            Self::Optional(inner) | Self::Not(inner) => inner.measures(),
            Self::And(all) | Self::Or(all) => all.iter().any(Self::measures),
            _ => false,
        }
    }

    /// Reads a matcher that no file holds.
    ///
    /// # Errors
    /// What is wrong with it, without a place.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        grammar::parse(text, &|part| Template::parse(&text[part]))
            .map_err(|fault| diagnostic(fault, |_| Span::default()))
    }

    /// Reads the matcher that a node's string is.
    ///
    /// # Errors
    /// What is wrong with it, at the very word where the string stands in the file as it is.
    pub fn of(node: &Node, text: &str, reader: &Reader<'_>) -> Result<Self, Diagnostic> {
        grammar::parse(text, &|part| Template::within(node, text, part, reader))
            .map_err(|fault| diagnostic(fault, |range| place(node, text, range, reader)))
    }

    /// The matcher that a string which is not closed by `>` was probably meant to be, by its first word.
    pub(super) fn begun(text: &str) -> Option<&'static str> {
        let rest = text.strip_prefix('<')?;
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        // `<a href=…` and `<one` of some markup are texts: only a word and a space, or nothing more, looks like ours.
        (rest[end..].is_empty() || rest[end..].starts_with(' ')).then(|| words::exact(&rest[..end]))?
    }

    /// Whether it holds for a value that is not there.
    pub fn allows_absence(&self) -> bool {
        match self {
            Self::Absent | Self::Optional(_) => true,
            Self::Or(all) => all.iter().any(Self::allows_absence),
            Self::And(all) => all.iter().all(Self::allows_absence),
            // `not null` speaks of a value, too: what is not there has none.
            _ => false,
        }
    }

    /// The names that templates in its arguments refer to, and where.
    pub fn references(&self) -> Vec<(&Reference, Span)> {
        self.templates().into_iter().flat_map(Template::references).collect()
    }

    /// Whether an argument is made by a template.
    pub fn is_templated(&self) -> bool {
        !self.templates().is_empty()
    }

    /// The templates in its arguments.
    pub fn templates(&self) -> Vec<&Template> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'m>(&'m self, found: &mut Vec<&'m Template>) {
        match self {
            Self::Any
            | Self::Type(_)
            | Self::Absent
            | Self::Empty
            | Self::Format(_)
            | Self::Past
            | Self::Future
            | Self::Unique
            | Self::Sorted { .. } => {}
            Self::Optional(inner) | Self::Each(inner) | Self::Not(inner) => inner.collect(found),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|inner| inner.collect(found)),
            Self::Length(Extent::Exactly(length) | Extent::Compare(_, length)) => found.extend(length.template()),
            Self::Length(Extent::Range(low, high)) => {
                found.extend([low, high].into_iter().flatten().filter_map(Argument::template));
            }
            Self::Range(low, high) => {
                found.extend([low, high].into_iter().flatten().filter_map(Argument::template));
            }
            Self::Between(low, high) => found.extend([low, high].into_iter().filter_map(Argument::template)),
            Self::About { value, tolerance } => {
                found.extend([value, tolerance].into_iter().filter_map(Argument::template));
            }
            Self::Compare(comparison) => found.extend(comparison.operand.template()),
            Self::Contains(text) | Self::StartsWith(text) | Self::EndsWith(text) => found.extend(text.template()),
            Self::Matches(pattern) => found.extend(pattern.template()),
            Self::OneOf(items) => found.extend(items.iter().filter_map(Argument::template)),
            Self::WithinOfNow(duration) => found.extend(duration.template()),
        }
    }
}

/// The place of a part of a node's string, or of the node where escapes make the two differ.
fn place(node: &Node, text: &str, range: Range<usize>, reader: &Reader<'_>) -> Span {
    let offset = usize::from(matches!(node.style, Style::SingleQuoted | Style::DoubleQuoted));
    let verbatim = reader.written(node.span).get(offset..offset + text.len()) == Some(text);
    if verbatim { node.span.part(range.start + offset..range.end + offset) } else { node.span }
}

fn diagnostic(fault: Fault, place: impl Fn(Range<usize>) -> Span) -> Diagnostic {
    match fault {
        Fault::Template(problem) => *problem,
        Fault::Grammar { id, range, message, help } => {
            let problem = Diagnostic::error(id, message).at(place(range), "");
            help.into_iter().fold(problem, Diagnostic::help)
        }
    }
}

#[cfg(test)]
mod tests;
