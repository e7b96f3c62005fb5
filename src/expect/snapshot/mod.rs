//! `snapshot`: the answer, held against the one that was stored. Nothing here writes: what would be stored is proposed,
//! and `callsheet accept` writes it.

mod content;
mod mask;
mod shelf;
mod stored;
mod text;
mod written;

pub use content::{Content, Unstorable};
pub use shelf::{Owner, Shelf};

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::coverage::Looks;
use super::diff::{self, Differences, Mode};
use super::{Outcome, not_json, tree};
use crate::event::Look;
use crate::http::Response;
use crate::json::Json;
use crate::jsonpath::{JsonPath, NormalizedPath, PathElement};
use crate::scenario::expected::Expected;
use crate::scenario::snapshot::SnapshotForm;
use crate::secret::Redactor;
use crate::source::{Diagnostic, Spanned};

use self::content::Varying;
use self::stored::{Stored, Tree};

/// What a snapshot is compared with: the answer in the form that is stored.
enum Came<'r> {
    Json(&'r Arc<Json>),
    Text(Cow<'r, str>),
}

impl Came<'_> {
    fn form(&self) -> SnapshotForm {
        match self {
            Self::Json(_) => SnapshotForm::Json,
            Self::Text(_) => SnapshotForm::Text,
        }
    }
}

/// Holds an answer against its snapshot.
pub(super) fn check(shelf: &Shelf<'_>, response: &Response, outcome: &mut Outcome) {
    // The page that came in place of the answer is no snapshot to be, and that there is none is no second failure.
    let refused = outcome.findings.iter().any(|problem| problem.id == "expect.status");
    let came = match came(shelf, response) {
        Ok(came) => came,
        Err(_) if refused => return,
        Err(problem) => return outcome.add([*problem]),
    };
    match shelf.stored(came.form()) {
        Err(damage) => outcome.unread = Some((**damage).clone()),
        Ok(None) if refused => return,
        Ok(None) => {
            outcome.unstored = true;
            outcome.add([shelf.missing(came.form())]);
        }
        Ok(Some(stored)) => {
            let found = compare(shelf, stored, &came);
            outcome.add(found.map(|problem| if refused { problem } else { shelf.advise(problem) }));
        }
    }
    if !refused {
        outcome.warnings.extend(mask::idle(shelf, &came));
    }
}

/// What would be stored of an answer, with what still holds of what was stored before.
///
/// # Errors
/// Why nothing can be.
pub fn content(shelf: &Shelf<'_>, response: &Response, redactor: &Redactor) -> Result<Content, Unstorable> {
    let unstorable = |problem: Box<Diagnostic>| Unstorable(problem.message.clone());
    let came = came(shelf, response).map_err(unstorable)?;
    let before = shelf.stored(came.form()).as_ref().ok().and_then(Option::as_ref);
    match &came {
        Came::Json(json) => {
            let before = before.and_then(Stored::tree).map(|tree| &tree.expected);
            let varying = Varying { mask: &shelf.snapshot().mask, ignore: shelf.ignore() };
            content::of_json(json, before, varying, redactor, Timestamp::now())
        }
        Came::Text(text) => content::of_text(text, redactor),
    }
}

/// The answer in the form that is stored: what the step says, else as the media type has it.
fn came<'r>(shelf: &Shelf<'_>, response: &'r Response) -> Result<Came<'r>, Box<Diagnostic>> {
    let problem = |message: String| Box::new(Diagnostic::error("expect.snapshot", message).at(shelf.key(), ""));
    if response.body.is_empty() {
        let problem = problem("the answer has no body, and a snapshot is one".to_owned());
        return Err(Box::new(problem.help("write `text: \"\"` where none is expected")));
    }
    let media_type = response.media_type();
    let form = shelf.snapshot().form.unwrap_or_else(|| {
        // Without a media type the body itself says what it is; a bare word or number says nothing.
        let is_json = || response.json().is_ok_and(|json| matches!(**json, Json::Object(_) | Json::Array(_)));
        if media_type.contains("json") || (media_type.is_empty() && is_json()) {
            SnapshotForm::Json
        } else {
            SnapshotForm::Text
        }
    });
    match form {
        SnapshotForm::Json => match response.json() {
            Ok(json) => Ok(Came::Json(json)),
            Err(error) => Err(problem(not_json(response, error))),
        },
        SnapshotForm::Text => {
            let text = response.text();
            if text.contains(['\0', '\u{fffd}']) {
                let kind = if media_type.is_empty() { "no text".to_owned() } else { format!("{media_type}, no text") };
                let problem =
                    problem(format!("the answer is {kind}: {} bytes cannot be a snapshot", response.body.len()));
                return Err(Box::new(problem.help("look at a binary body with other expectations")));
            }
            Ok(Came::Text(text))
        }
    }
}

/// Notes what a snapshot looks at: all that is stored, what is masked only by its type.
pub(super) fn look(shelf: &Shelf<'_>, response: &Response, looks: &mut Looks) {
    let Ok(came) = came(shelf, response) else { return };
    match (shelf.stored(came.form()), &came) {
        (Ok(Some(Stored::Json(tree))), Came::Json(json)) => {
            looks.mask(&shelf.snapshot().mask, json);
            looks.tree(&as_masked(shelf, tree), json, Timestamp::now());
        }
        (Ok(Some(Stored::Text(_))), Came::Text(_)) => {
            looks.look_at_named("body", Look::Value);
            response.json().iter().for_each(|json| looks.look_below(json, Look::Value));
        }
        _ => {}
    }
}

fn compare(shelf: &Shelf<'_>, stored: &Stored, came: &Came<'_>) -> Option<Diagnostic> {
    let problem = match (stored, came) {
        (Stored::Json(tree), Came::Json(json)) => {
            let differences = differences(shelf, tree, json);
            if differences.is_empty() {
                return None;
            }
            let title = format!("the answer is not the snapshot `{}`: {}", shelf.name(), tree::title(&differences));
            let problem = tree::diagnostic("expect.snapshot", &title, &differences, Some(json));
            super::idle(problem, &differences, shelf.ignore())
        }
        (Stored::Text(stored), Came::Text(text)) => text::compare(shelf, stored, text)?,
        // A file is asked for by the form of what came.
        _ => return None,
    };
    Some(problem.at(shelf.key(), "compared with the snapshot here"))
}

/// The differences between what is stored and what came. Of a value that the step masks only the type counts, also
/// where the value itself was stored before the mask was written.
fn differences(shelf: &Shelf<'_>, stored: &Tree, came: &Json) -> Differences {
    let expected = as_masked(shelf, stored);
    diff::compare_rendered_but(&expected, came, Mode::Exactly, shelf.ignore(), Timestamp::now())
}

/// What is stored, with what the step masks by its type.
fn as_masked<'s>(shelf: &Shelf<'_>, stored: &'s Tree) -> Cow<'s, Expected> {
    let mask = &shelf.snapshot().mask;
    if mask.is_empty() {
        return Cow::Borrowed(&stored.expected);
    }
    let plain = written::plain(&stored.expected);
    Cow::Owned(written::masked(&stored.expected, &paths(mask, &plain)))
}

/// The places that some paths find, in order, each once.
fn paths(queries: &[Spanned<JsonPath>], root: &Json) -> Vec<NormalizedPath> {
    let mut found: Vec<_> = queries.iter().flat_map(|query| query.nodes(root)).map(|node| node.path).collect();
    found.sort();
    found.dedup();
    found
}

/// The part of some paths, which are in order, that goes on with an element at a depth.
fn below<'p>(paths: &'p [NormalizedPath], depth: usize, element: &PathElement) -> &'p [NormalizedPath] {
    let at = |path: &NormalizedPath| path.elements().get(depth).cloned();
    let start = paths.partition_point(|path| at(path).as_ref() < Some(element));
    let end = paths.partition_point(|path| at(path).as_ref() <= Some(element));
    &paths[start..end]
}

#[cfg(test)]
mod tests;
