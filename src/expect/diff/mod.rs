//! The structural diff: one walk over an expected tree and the value that came, which finds every difference.
//!
//! What holds is decided by `holds` alone. The rest of the module only explains what does not: how elements
//! are aligned, which member may have been renamed, what is shown. So no heuristic of the explanation can change a verdict.

mod align;
mod assign;
mod fingerprint;
mod holds;
mod lcs;
mod listing;
mod preview;
mod similar;
mod walk;

pub(in crate::expect) use fingerprint::fingerprint;
pub use listing::{Layout, listing};
pub(in crate::expect) use preview::cut;
pub use preview::preview;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};
use crate::scenario::expected::Expected;
use crate::source::{Diagnostic, Span};
use crate::template::Scope;

/// This many differences are kept in full; of the others only the number is.
const KEPT: usize = 1000;

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

impl Difference {
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
        let path = self.path.shorthand();
        match &self.kind {
            Kind::Missing | Kind::Removed { .. } => format!("{path} is missing"),
            Kind::Unexpected | Kind::Inserted => format!("{path} was not expected"),
            Kind::Renamed { to } => format!("{path} is missing, perhaps renamed to `{to}`"),
            Kind::Moved { .. } => format!("{path} is at another place"),
            Kind::NotContained => format!("{path} lacks an element that was expected"),
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
    /// How many more there are below each member of the document's root.
    pub more: BTreeMap<String, usize>,
    /// Whether an array was too different to be aligned, and was compared element by element.
    pub coarse: bool,
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

/// As [`compare`], for a tree whose templates have been rendered; `now` is what matchers take for now.
pub fn compare_rendered(
    expected: &Expected,
    actual: Option<&Json>,
    mode: Mode,
    root: &NormalizedPath,
    now: Timestamp,
) -> Differences {
    walk::differences(expected, actual, holds::Rules { mode, now }, root)
}

/// The part of the document that a difference is counted under where there are too many.
fn region(path: &NormalizedPath) -> String {
    match path.elements().first() {
        Some(first @ PathElement::Name(_)) => NormalizedPath::new(vec![first.clone()]).shorthand(),
        _ => "$".to_owned(),
    }
}

#[cfg(test)]
mod tests;
