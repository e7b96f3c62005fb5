//! Masks that find nothing: most often a typo, which must not go unnoticed, and yet no reason to fail.

use super::stored::Stored;
use super::{Came, Shelf, written};
use crate::json::Json;
use crate::jsonpath::JsonPath;
use crate::source::Diagnostic;

/// A warning for each mask that finds nothing, neither in what came nor in what is stored.
pub(super) fn idle(shelf: &Shelf<'_>, came: &Came<'_>) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for path in &shelf.snapshot().mask {
        let Came::Json(json) = came else {
            let problem = Diagnostic::warning("snapshot.mask", "the answer is a text, but a mask is for JSON");
            warnings.push(problem.at(path.span, "").help("remove `mask`"));
            continue;
        };
        if path.value.first(json).is_some() || is_emptied(&path.value, json) || is_stored(shelf, came, &path.value) {
            continue;
        }
        let problem = Diagnostic::warning(
            "snapshot.mask",
            format!("the mask {} finds nothing in the answer", path.value.source()),
        );
        let problem = problem.at(path.span, "");
        let absence = path.value.explain_absence(json);
        warnings.push(match absence.as_ref().and_then(|absence| absence.nearest()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("correct the path, or remove it"),
        });
    }
    warnings
}

/// Whether a path leads through lists that are all empty: what it would find in their elements nobody knows.
fn is_emptied(path: &JsonPath, json: &Json) -> bool {
    let empty = |value: &&Json| value.as_array().is_some_and(<[Json]>::is_empty);
    let source = path.source();
    source.match_indices("[*]").any(|(at, _)| {
        let lists = JsonPath::parse(&source[..at]);
        lists.is_ok_and(|lists| {
            let found = lists.values(json);
            !found.is_empty() && found.iter().all(empty)
        })
    })
}

fn is_stored(shelf: &Shelf<'_>, came: &Came<'_>, path: &JsonPath) -> bool {
    let Ok(Some(Stored::Json(tree))) = shelf.stored(came.form()) else { return false };
    path.first(&written::plain(&tree.expected)).is_some()
}
