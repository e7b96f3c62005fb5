//! A matcher printed again, in the one way that this crate writes it.

use std::fmt::{self, Display, Formatter, Write};
use std::time::Duration as StdDuration;

use super::{Argument, Domain, Extent, Format, Matcher, Noun};
use crate::json::{Json, Number};
use crate::source::Duration;

impl Display for Matcher {
    /// The matcher in its brackets; what is printed reads back as the same matcher.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('<')?;
        self.print(f, Level::Whole)?;
        f.write_char('>')
    }
}

impl Matcher {
    /// The matcher without its brackets, for sentences.
    pub fn bare(&self) -> String {
        let text = self.to_string();
        text[1..text.len() - 1].to_owned()
    }

    fn print(&self, f: &mut Formatter<'_>, level: Level) -> fmt::Result {
        if level > self.level() {
            f.write_char('(')?;
            self.print(f, Level::Whole)?;
            return f.write_char(')');
        }
        // Within `and` and `or` a text must end somewhere, so it is quoted there.
        let alone = level == Level::Whole;
        match self {
            Self::Any => f.write_str("any"),
            Self::Type(noun) => f.write_str(noun.word()),
            Self::Absent => f.write_str("absent"),
            Self::Optional(inner) => {
                f.write_str("optional ")?;
                inner.print(f, Level::Inner)
            }
            Self::Empty => f.write_str("empty"),
            Self::Length(extent) => write!(f, "length {extent}"),
            Self::Compare(comparison) => {
                write!(f, "{} ", comparison.relation.symbol())?;
                argument(f, &comparison.operand, item)
            }
            Self::Between(low, high) => write!(f, "between {low} and {high}"),
            Self::About { value, tolerance } => write!(f, "about {value} ± {tolerance}"),
            Self::Range(low, high) => range(f, low.as_ref(), high.as_ref()),
            Self::Format(format) => f.write_str(format.word()),
            Self::Contains(text) => words(f, "contains ", text, alone),
            Self::StartsWith(text) => words(f, "starts with ", text, alone),
            Self::EndsWith(text) => words(f, "ends with ", text, alone),
            Self::Matches(pattern) => {
                f.write_str("matches ")?;
                let text = match pattern {
                    Argument::Given(pattern) => pattern.text(),
                    Argument::Template(template) => template.text(),
                };
                if alone && is_plain(text) { f.write_str(text) } else { quoted_pattern(f, text) }
            }
            Self::OneOf(items) => {
                f.write_str("one of ")?;
                items.iter().enumerate().try_for_each(|(at, value)| {
                    f.write_str(if at > 0 { ", " } else { "" })?;
                    match value {
                        // The blanks around it belong to it, and only quotes keep them.
                        Argument::Template(template) if !is_plain(template.text()) => {
                            quoted_pattern(f, template.text())
                        }
                        _ => argument(f, value, item),
                    }
                })
            }
            Self::Past => f.write_str("in the past"),
            Self::Future => f.write_str("in the future"),
            Self::WithinOfNow(duration) => {
                f.write_str("within ")?;
                argument(f, duration, |f, duration| f.write_str(&units(*duration)))?;
                f.write_str(" of now")
            }
            Self::Each(inner) => {
                f.write_str("each ")?;
                inner.print(f, Level::Inner)
            }
            Self::Unique => f.write_str("unique"),
            Self::Sorted { descending: false } => f.write_str("sorted"),
            Self::Sorted { descending: true } => f.write_str("sorted desc"),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.print(f, Level::Not)
            }
            Self::And(all) if self.is_constrained_type() => joined(f, all, " ", Level::Not),
            Self::And(all) => joined(f, all, " and ", Level::And),
            Self::Or(all) => joined(f, all, " or ", Level::Or),
        }
    }

    fn level(&self) -> Level {
        match self {
            // The last item of a list would go on with what follows.
            Self::Optional(_) | Self::Each(_) | Self::Or(_) | Self::OneOf(_) => Level::Inner,
            Self::And(_) if self.is_constrained_type() => Level::Not,
            Self::And(_) => Level::Or,
            Self::Not(_) => Level::And,
            _ => Level::Not,
        }
    }

    /// `integer >= 1`, which is written without an `and`.
    fn is_constrained_type(&self) -> bool {
        let Self::And(all) = self else { return false };
        let [first, Self::Compare(comparison)] = all.as_slice() else { return false };
        let domain = match first {
            Self::Type(Noun::Number | Noun::Integer) => Domain::Number,
            Self::Type(Noun::String | Noun::Boolean) => Domain::Any,
            Self::Format(Format::Date | Format::Datetime) => Domain::Moment,
            _ => return false,
        };
        comparison.domain == domain
    }
}

/// How tightly the place holds a matcher is printed in; what binds looser than its place is put in parentheses.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Level {
    Whole,
    Inner,
    Or,
    And,
    Not,
}

fn joined(f: &mut Formatter<'_>, all: &[Matcher], word: &str, level: Level) -> fmt::Result {
    all.iter().enumerate().try_for_each(|(at, inner)| {
        f.write_str(if at > 0 { word } else { "" })?;
        inner.print(f, level)
    })
}

fn argument<T>(
    f: &mut Formatter<'_>,
    argument: &Argument<T>,
    print: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    match argument {
        Argument::Given(value) => print(f, value),
        Argument::Template(template) => f.write_str(template.text()),
    }
}

impl<T: Display> Display for Argument<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        argument(f, self, |f, value| value.fmt(f))
    }
}

impl Display for Extent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(length) => length.fmt(f),
            Self::Range(low, high) => range(f, low.as_ref(), high.as_ref()),
            Self::Compare(relation, length) => write!(f, "{} {length}", relation.symbol()),
        }
    }
}

fn range<T: Display>(f: &mut Formatter<'_>, low: Option<&T>, high: Option<&T>) -> fmt::Result {
    low.map_or(Ok(()), |low| low.fmt(f))?;
    f.write_str("..")?;
    high.map_or(Ok(()), |high| high.fmt(f))
}

fn words(f: &mut Formatter<'_>, verb: &str, text: &Argument<std::sync::Arc<str>>, alone: bool) -> fmt::Result {
    f.write_str(verb)?;
    match text {
        Argument::Given(text) if alone && is_plain(text) => f.write_str(text),
        Argument::Given(text) => write!(f, "{}", Json::from(&**text)),
        Argument::Template(template) if alone && is_plain(template.text()) => f.write_str(template.text()),
        Argument::Template(template) => quoted_pattern(f, template.text()),
    }
}

/// Whether a text can stand without quotes at the end of a matcher.
fn is_plain(text: &str) -> bool {
    text.trim() == text
        && !text.is_empty()
        && !text.starts_with(['"', '\''])
        && ![" and ", " or "].into_iter().any(|word| text.contains(word))
        && !text.contains(char::is_control)
}

/// A text that is not escaped but for its quotes.
fn quoted_pattern(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let quote = if text.contains('"') && !text.contains('\'') { '\'' } else { '"' };
    f.write_char(quote)?;
    let mut escaped = false;
    for c in text.chars() {
        if c == quote && !escaped {
            f.write_char('\\')?;
        }
        escaped = c == '\\' && !escaped;
        f.write_char(c)?;
    }
    f.write_char(quote)
}

/// A literal item: bare where it reads back as the same.
fn item(f: &mut Formatter<'_>, value: &Json) -> fmt::Result {
    match value {
        Json::String(text) if is_word(text) => f.write_str(text),
        other => write!(f, "{other}"),
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric)
        && Number::parse(text).is_none()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'))
        && !matches!(text, "null" | "true" | "false" | "and" | "or")
}

/// A duration in the largest unit that divides it.
fn units(duration: Duration) -> String {
    let millis = duration.0.as_millis();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis >= length && millis.is_multiple_of(length) && duration.0 == StdDuration::from_millis(whole(millis)) {
            return format!("{}{unit}", millis / length);
        }
    }
    format!("{}ms", duration.0.as_secs_f64() * 1000.0)
}

fn whole(millis: u128) -> u64 {
    u64::try_from(millis).unwrap_or(u64::MAX)
}
