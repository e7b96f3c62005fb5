//! The structural diff: one walk over an expected tree and the value that came, which finds every difference.
//!
//! What holds is decided by `holds` alone. The rest of the module only explains what does not: how elements
//! are aligned, which member may have been renamed, what is shown. So no heuristic of the explanation can change a verdict.

mod align;
mod assign;
mod counterparts;
mod explain;
mod fingerprint;
mod ground;
mod holds;
mod ignore;
mod lcs;
mod preview;
mod propose;
pub mod render;
mod sequence;
mod similar;
mod text;
mod walk;

pub(in crate::expect) use counterparts::Counterparts;
pub(in crate::expect) use fingerprint::fingerprint;
pub(in crate::expect) use preview::cut;
pub use preview::preview;
pub(in crate::expect) use propose::{Proposed, propose, replacement};
pub use render::Layout;
pub use render::terminal::listing;
pub(in crate::expect) use render::terminal::text_listing;
pub(in crate::expect) use text::line_by_line;
pub use text::{Part, TextLine};

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::json::Json;
use crate::jsonpath::{JsonPath, NormalizedPath, PathElement};
use crate::scenario::expected::Expected;
use crate::source::{self, Diagnostic, Span, Spanned};
use crate::template::Scope;

/// This many differences are kept in full; of the others only the number is.
const KEPT: usize = 1000;

/// The region of differences that are counted below no name.
const ELSEWHERE: &str = "";

/// Whether objects may have more members than are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They may (`json`). Arrays have the same length and order.
    Contains,
    /// They may not (`json_exactly`).
    Exactly,
}

/// What is different at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place in what came; of a missing member, where it would be; of a missing element, its place in what was expected.
    pub path: NormalizedPath,
    /// In what way it is different.
    pub kind: Kind,
    /// What was written about it: the value, the key of a missing member, or the key of what has something too many.
    pub span: Span,
    /// What was expected, as JSON with matchers in it, abbreviated. Empty where nothing was.
    pub expected: String,
    /// What came, as JSON, abbreviated. Empty where nothing did.
    pub actual: String,
    /// Why, where the two values do not say it: a clause without a full stop. May be empty.
    pub why: String,
    /// Two texts against each other, what differs within them marked. Empty for anything but two texts.
    pub lines: Vec<TextLine>,
}

/// In what way a value is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Another value of the same type.
    Value,
    /// A value of another type.
    Type,
    /// Not as a matcher says.
    Matcher,
    /// A member, or the whole value, is missing.
    Missing,
    /// A member that is not expected.
    Unexpected,
    /// A member is missing, and this one is like it.
    Renamed {
        /// The name of the member that came.
        to: Box<str>,
    },
    /// An element is missing.
    Removed {
        /// The element that came in its place, or the number of all that came.
        before: usize,
    },
    /// An element that is not expected.
    Inserted,
    /// An element stands at another place.
    Moved {
        /// Where it was expected.
        from: usize,
    },
    /// No element is as `$contains` says.
    NotContained,
    /// The length is not as `$length` says.
    Length,
}

impl Kind {
    /// Its name in events.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Type => "type",
            Self::Matcher => "matcher",
            Self::Missing => "missing",
            Self::Unexpected => "unexpected",
            Self::Renamed { .. } => "renamed",
            Self::Removed { .. } => "removed",
            Self::Inserted => "inserted",
            Self::Moved { .. } => "moved",
            Self::NotContained => "not_contained",
            Self::Length => "length",
        }
    }
}

impl Difference {
    /// The same as texts, as events have it.
    pub fn told(&self) -> source::Difference {
        source::Difference {
            path: shown(&self.path),
            kind: self.kind.name().to_owned(),
            expected: self.expected.clone(),
            actual: self.actual.clone(),
            why: self.why.clone(),
        }
    }

    /// What is said beside the caret: what came, in one short sentence without a full stop.
    pub fn label(&self) -> String {
        let name = match self.path.elements().last() {
            Some(PathElement::Name(name)) => format!("no `{name}`"),
            Some(PathElement::Index(index)) => format!("no element [{index}]"),
            None => "no such value".to_owned(),
        };
        let actual = preview::cut(&self.actual, 60);
        match &self.kind {
            Kind::Value | Kind::Length => format!("the answer has {actual}"),
            Kind::Type => format!("the answer has {actual}, {}", self.why),
            Kind::Matcher if self.actual.is_empty() => self.why.clone(),
            Kind::Matcher => format!("the answer has {actual}: {}", self.why),
            Kind::Missing | Kind::Removed { .. } => format!("the answer has {name}"),
            Kind::Unexpected => match self.path.elements().last() {
                Some(PathElement::Name(name)) => format!("the answer also has `{name}`: {actual}"),
                _ => format!("the answer also has {actual}"),
            },
            Kind::Renamed { to } => format!("the answer has {name}; was it renamed to `{to}`?"),
            Kind::Inserted => match self.path.elements().last() {
                Some(PathElement::Index(index)) => format!("the answer also has {actual} at [{index}]"),
                _ => format!("the answer also has {actual}"),
            },
            Kind::Moved { from } => match self.path.elements().last() {
                Some(PathElement::Index(index)) => format!("element [{from}] came as [{index}]"),
                _ => format!("element [{from}] came at another place"),
            },
            Kind::NotContained => self.why.clone(),
        }
    }

    /// What is wrong in one sentence without a full stop, to head a report.
    pub fn headline(&self) -> String {
        let path = shown(&self.path);
        match &self.kind {
            Kind::Missing | Kind::Removed { .. } => format!("{path} is missing"),
            Kind::Unexpected | Kind::Inserted => format!("{path} was not expected"),
            Kind::Renamed { to } => format!("{path} is missing, perhaps renamed to `{to}`"),
            Kind::Moved { .. } => format!("{path} is at another place"),
            Kind::NotContained => format!("{path} lacks an expected element"),
            Kind::Length => format!("{path} does not have the expected length"),
            Kind::Value | Kind::Type | Kind::Matcher => format!("{path} is not what was expected"),
        }
    }
}

/// All differences between what was expected and what came, in the order of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The first thousand.
    pub list: Vec<Difference>,
    /// How many more there are below each member of the document's root; below an empty name, those of all other members.
    pub more: BTreeMap<String, usize>,
    /// Arrays that were too different to be aligned, and were compared element by element, and objects too many of whose
    /// members are missing to look for renamed ones: the first ten.
    pub coarse: Vec<NormalizedPath>,
    /// Paths to ignore, by their places in their list, that name nothing on either side.
    pub idle: Vec<usize>,
}

impl Differences {
    /// Whether everything is as expected.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.list.len() + self.more.values().sum::<usize>()
    }
}

/// Compares a value, or its absence, with what is expected. `root` is where the value stands in its document.
///
/// # Errors
/// A template in what is expected that cannot be rendered.
pub fn compare(
    expected: &Expected,
    actual: Option<&Json>,
    mode: Mode,
    scope: &Scope,
    root: &NormalizedPath,
) -> Result<Differences, Diagnostic> {
    let rendered = super::render::render(expected, scope)?;
    Ok(compare_rendered(&rendered, actual, mode, root, Timestamp::now()))
}

/// Compares a whole document with what is expected, and does not look at what the paths name on either side.
///
/// # Errors
/// A template in what is expected that cannot be rendered.
pub fn compare_but(
    expected: &Expected,
    actual: &Json,
    mode: Mode,
    ignore: &[Spanned<JsonPath>],
    scope: &Scope,
) -> Result<Differences, Diagnostic> {
    let rendered = super::render::render(expected, scope)?;
    Ok(compare_rendered_but(&rendered, actual, mode, ignore, Timestamp::now()))
}

/// As [`compare`], for a tree whose templates have been rendered; `now` is what matchers take for now.
pub fn compare_rendered(
    expected: &Expected,
    actual: Option<&Json>,
    mode: Mode,
    root: &NormalizedPath,
    now: Timestamp,
) -> Differences {
    let ground = ground::Ground::default();
    walk::differences(expected, actual, holds::Rules { mode, now, ground: &ground }, root)
}

/// As [`compare_but`], for a tree whose templates have been rendered; `now` is what matchers take for now.
pub fn compare_rendered_but(
    expected: &Expected,
    actual: &Json,
    mode: Mode,
    ignore: &[Spanned<JsonPath>],
    now: Timestamp,
) -> Differences {
    let (ground, idle) = ground_of(expected, actual, ignore);
    let rules = holds::Rules { mode, now, ground: &ground };
    Differences { idle, ..walk::differences(expected, Some(actual), rules, &NormalizedPath::default()) }
}

/// Whether a whole document is as expected where it is looked at; and the paths, by their places in their list, that name
/// nothing on either side.
pub fn holds_but(
    expected: &Expected,
    actual: &Json,
    mode: Mode,
    ignore: &[Spanned<JsonPath>],
    now: Timestamp,
) -> (bool, Vec<usize>) {
    let (ground, idle) = ground_of(expected, actual, ignore);
    (holds::Rules { mode, now, ground: &ground }.holds(expected, actual), idle)
}

fn ground_of(expected: &Expected, actual: &Json, ignore: &[Spanned<JsonPath>]) -> (ground::Ground, Vec<usize>) {
    if ignore.is_empty() {
        return (ground::Ground::default(), Vec::new());
    }
    let (ignored, idle) = ignore::Ignored::of(ignore, expected, Some(actual));
    (ground::Ground::new(Some(ignored)), idle)
}

/// A place as it is shown: what nobody would see in a name is escaped.
pub(super) fn shown(path: &NormalizedPath) -> String {
    let mut out = String::new();
    for (at, c) in path.shorthand().char_indices() {
        let before = out.chars().next_back().filter(|_| at > 0);
        if explain::unicode::is_hidden(c, before) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// The part of the document that a difference is counted under where there are too many.
fn region(path: &NormalizedPath) -> String {
    match path.elements().first() {
        Some(first @ PathElement::Name(_)) => shown(&NormalizedPath::new(vec![first.clone()])),
        _ => "$".to_owned(),
    }
}

#[cfg(test)]
mod tests;
