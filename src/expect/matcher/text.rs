//! What a text holds, begins with, ends with, or matches.

use std::sync::Arc;

use super::{Verdict, count, given, not};
use crate::json::Json;
use crate::scenario::matcher::{Argument, Pattern};

/// A refusal shows this much of a long text.
const SHOWN: usize = 24;

pub(super) fn contains(part: &Argument<Arc<str>>, actual: &Json) -> Verdict {
    let (part, text) = (given(part)?, string(actual)?);
    if text.contains(&**part) {
        return Ok(());
    }
    if text.to_lowercase().contains(&part.to_lowercase()) {
        return Err("found only in other upper and lower case".to_owned());
    }
    Err(format!("not found in its {}", count(text.chars().count(), "character")))
}

pub(super) fn starts_with(part: &Argument<Arc<str>>, actual: &Json) -> Verdict {
    let (part, text) = (given(part)?, string(actual)?);
    if text.starts_with(&**part) {
        return Ok(());
    }
    let shown = part.chars().count().min(SHOWN);
    let start: String = text.chars().take(shown).chain((text.chars().count() > shown).then_some('…')).collect();
    Err(format!("it starts with {}", Json::from(start)))
}

pub(super) fn ends_with(part: &Argument<Arc<str>>, actual: &Json) -> Verdict {
    let (part, text) = (given(part)?, string(actual)?);
    if text.ends_with(&**part) {
        return Ok(());
    }
    let skipped = text.chars().count().saturating_sub(part.chars().count().min(SHOWN));
    let end: String = (skipped > 0).then_some('…').into_iter().chain(text.chars().skip(skipped)).collect();
    Err(format!("it ends with {}", Json::from(end)))
}

pub(super) fn matches(pattern: &Argument<Pattern>, actual: &Json) -> Verdict {
    let (pattern, text) = (given(pattern)?, string(actual)?);
    if pattern.regex().is_match(text) { Ok(()) } else { Err("the pattern is not found in it".to_owned()) }
}

fn string(actual: &Json) -> Result<&str, String> {
    match actual {
        Json::String(text) => Ok(text),
        Json::Array(_) => Err("an array, not a string; `$contains` looks for an element".to_owned()),
        other => Err(not(other, "a string")),
    }
}
