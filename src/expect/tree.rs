//! From differences to a diagnostic: the caret goes to the first value that did not hold, the listing shows all.

use crate::json::{Json, Number};
use crate::jsonpath::NormalizedPath;
use crate::scenario::expected::{Expected, Tree};
use crate::source::Diagnostic;
use crate::template::Scope;

pub(super) use super::diff::Mode;
use super::diff::{self, Differences, Layout};

/// Compares a value, or its absence, with what is expected of it.
pub(super) fn compare(
    expected: &Expected,
    actual: Option<&Json>,
    mode: Mode,
    scope: &Scope,
) -> Result<Differences, Box<Diagnostic>> {
    compare_below(expected, actual, mode, scope, &NormalizedPath::default())
}

/// As [`compare`], for a value that stands somewhere in its document.
pub(super) fn compare_below(
    expected: &Expected,
    actual: Option<&Json>,
    mode: Mode,
    scope: &Scope,
    root: &NormalizedPath,
) -> Result<Differences, Box<Diagnostic>> {
    diff::compare(expected, actual, mode, scope, root).map_err(Box::new)
}

/// Compares a text that has no types, as a header has none: `3` and `<integer >= 1>` hold for the text "3".
pub(super) fn compare_text(
    expected: &Expected,
    actual: Option<&Json>,
    scope: &Scope,
) -> Result<Differences, Box<Diagnostic>> {
    let differences = compare(expected, actual, Mode::Contains, scope)?;
    let typed = match actual.and_then(Json::as_str) {
        Some("true") => Some(Json::Bool(true)),
        Some("false") => Some(Json::Bool(false)),
        Some(text) => Number::parse(text).map(Json::Number),
        None => None,
    };
    let mut differences = differences;
    if differences.is_empty() {
        return Ok(differences);
    }
    let Some(typed) = typed else {
        differences.list.iter_mut().for_each(untyped);
        return Ok(differences);
    };
    let differences_typed = compare(expected, Some(&typed), Mode::Contains, scope)?;
    // Where a number is expected, and another came, it is no news that a text holds it.
    let of_type = matches!(expected.tree, Tree::Number(_) | Tree::Bool(_))
        || differences.list.iter().any(|difference| difference.why.starts_with(A_STRING));
    Ok(if differences_typed.is_empty() || of_type { differences_typed } else { differences })
}

/// More differences than this are not told one by one.
const TOLD: usize = 100;
/// How it is said that a value is of another type, if it is a string.
pub(super) const A_STRING: &str = "a string, not ";

/// A header and a cookie are always text: that the text is no number is what went wrong, not that it is text.
pub(super) fn untyped(difference: &mut diff::Difference) {
    if let Some(wanted) = difference.why.strip_prefix(A_STRING) {
        difference.why = format!("this text is not {wanted}");
    }
}

/// What is wrong, as the head of a diagnostic.
pub(super) fn title(differences: &Differences) -> String {
    let first = differences.list.first().map(diff::Difference::headline).unwrap_or_default();
    match differences.total() {
        0 | 1 => first,
        2 => format!("{first}, and one more thing differs"),
        total => format!("{first}, and {} more things differ", total - 1),
    }
}

/// The diagnostic of some differences. `actual` is the document that their paths are of.
pub(super) fn diagnostic(
    id: &'static str,
    title: &str,
    differences: &Differences,
    actual: Option<&Json>,
) -> Diagnostic {
    let mut problem = Diagnostic::error(id, title).details(diff::listing(differences, actual, Layout::default()));
    if let Some(first) = differences.list.first() {
        problem = problem.at(first.span, first.label());
    }
    problem.differences = differences.list.iter().take(TOLD).map(diff::Difference::told).collect();
    problem
}
