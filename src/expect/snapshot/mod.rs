//! `snapshot`: the answer, held against the one that was stored. Nothing here writes: what would be stored is proposed,
//! and `callsheet accept` writes it.

mod content;
mod mask;
mod shelf;
mod stored;
mod text;
mod written;

pub use shelf::{Owner, Shelf};

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::coverage::Looks;
use super::diff::{self, Differences, Mode};
use super::{Outcome, answer, tree, untyped};
use crate::document::Kind;
use crate::event::Look;
use crate::http::Response;
use crate::json::{Json, Type};
use crate::jsonpath::{JsonPath, NormalizedPath, PathElement};
use crate::pending::{Change, Offer, digest};
use crate::scenario::expected::Expected;
use crate::scenario::snapshot::SnapshotForm;
use crate::source::{Diagnostic, Spanned};
use crate::template::Scope;

use self::content::{Content, Unstorable, Varying};
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
pub(super) fn check(
    shelf: &Shelf<'_>,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    // The page that came in place of the answer is no snapshot to be, and that there is none is no second failure.
    let refused = outcome.findings.iter().any(|problem| problem.id == "expect.status");
    let came = match came(shelf, response) {
        Ok(came) => came,
        Err(_) if refused => return Ok(()),
        Err(problem) => {
            outcome.add([*problem]);
            return Ok(());
        }
    };
    match shelf.stored(came.form()) {
        Err(damage) => outcome.unread = Some((**damage).clone()),
        Ok(None) if refused => return Ok(()),
        Ok(None) => {
            outcome.unstored = true;
            outcome.add([shelf.missing(came.form())]);
        }
        Ok(Some(stored)) => {
            let found = compare(shelf, stored, &came, response, scope)?;
            outcome.add(found.map(|problem| if refused { problem } else { shelf.advise(problem) }));
        }
    }
    if !refused {
        outcome.warnings.extend(mask::idle(shelf, &came));
    }
    Ok(())
}

/// What could be accepted of an answer that is not its snapshot, with the diagnostic that it belongs to. `refused` says
/// that the status is none that was expected.
pub(super) fn propose(
    shelf: &Shelf<'_>,
    response: &Response,
    scope: &Scope,
    refused: bool,
) -> Option<(&'static str, Offer)> {
    let came = match came(shelf, response) {
        Ok(came) => came,
        Err(_) if refused => return None,
        Err(problem) => return Some((problem.id, Offer::Refused(problem.message))),
    };
    let form = came.form();
    let stored = shelf.stored(form).as_ref().ok()?;
    let id = match stored {
        None if refused => return None,
        None => shelf.missing(form).id,
        Some(stored) => compare(shelf, stored, &came, response, scope).ok()??.id,
    };
    if refused {
        let why = "the status is different too: this answer is probably an error, and not the snapshot";
        return Some((id, Offer::Refused(why.to_owned())));
    }
    let content = match content(shelf, stored.as_ref(), &came, response, scope) {
        Ok(content) => content,
        Err(Unstorable(why)) => return Some((id, Offer::Refused(why))),
    };
    let other = shelf::other(form);
    let change = Change::Snapshot {
        path: shelf.shown(form),
        content: content.text,
        was: std::fs::read(shelf.path(form)).ok().map(|bytes| digest(&bytes)),
        instead_of: shelf.path(other).is_file().then(|| shelf.shown(other)),
        notes: content.notes,
    };
    Some((id, Offer::Change(change)))
}

/// What would be stored of an answer, with what still holds of what was stored before.
fn content(
    shelf: &Shelf<'_>,
    before: Option<&Stored>,
    came: &Came<'_>,
    response: &Response,
    scope: &Scope,
) -> Result<Content, Unstorable> {
    match came {
        Came::Json(json) => {
            let before = before.and_then(Stored::tree).map(|tree| &tree.expected);
            // What a person has written into the snapshot says as what the texts of a table are read.
            let typed = before.map(|before| untyped::of(before, json, response, scope)).transpose();
            let typed = typed.map_err(|problem| Unstorable(problem.message))?;
            let json = typed.as_deref().unwrap_or(json);
            let varying = Varying { mask: &shelf.snapshot().mask, ignore: shelf.ignore() };
            content::of_json(json, before, varying, shelf.redactor(), Timestamp::now())
        }
        Came::Text(text) => content::of_text(text, shelf.redactor()),
    }
}

/// The answer in the form that is stored: what the step says, else as the media type has it.
fn came<'r>(shelf: &Shelf<'_>, response: &'r Response) -> Result<Came<'r>, Box<Diagnostic>> {
    let problem = |message: String| Box::new(Diagnostic::error("expect.snapshot", message).at(shelf.key(), ""));
    // A mark of the byte order alone is no text either. Nothing longer than such a mark decodes to nothing.
    if response.body.is_empty() || (response.body.len() <= 4 && response.text().is_empty()) {
        let problem = problem("the answer has no body, so there is nothing to compare with the snapshot".to_owned());
        return Err(Box::new(problem.help("if no body is expected, write `text: \"\"`")));
    }
    let form = shelf.snapshot().form.unwrap_or_else(|| match response.kind() {
        Kind::Json => SnapshotForm::Json,
        kind if kind.has_view() => SnapshotForm::Json,
        Kind::Xml | Kind::Html | Kind::Text => SnapshotForm::Text,
        // Without a media type the body itself says what it is; a bare word or number says nothing.
        _ => match response.json().map(|json| json.kind()) {
            Ok(Type::Object | Type::Array) => SnapshotForm::Json,
            _ => SnapshotForm::Text,
        },
    });
    match form {
        SnapshotForm::Json => match response.document() {
            Ok(json) => Ok(Came::Json(json)),
            Err(error) => {
                Err(Box::new(answer::unfit("expect.snapshot", response, Kind::Json, &error).at(shelf.key(), "")))
            }
        },
        SnapshotForm::Text => {
            let text = response.text();
            if text.contains(['\0', '\u{fffd}']) {
                let media_type = response.media_type();
                let kind =
                    if media_type.is_empty() { "not text".to_owned() } else { format!("{media_type}, not text") };
                let problem =
                    problem(format!("the answer is {kind}: {} bytes cannot be a snapshot", response.body.len()));
                return Err(Box::new(problem.help("use `bytes` for a binary body")));
            }
            Ok(Came::Text(text))
        }
    }
}

/// Notes what a snapshot looks at: all that is stored, what is masked only by its type.
pub(super) fn look(shelf: &Shelf<'_>, response: &Response, document: Option<&Json>, looks: &mut Looks) {
    let Ok(came) = came(shelf, response) else { return };
    match (shelf.stored(came.form()), document) {
        (Ok(Some(Stored::Json(tree))), Some(document)) => {
            looks.mask(&shelf.snapshot().mask, document);
            looks.tree(&as_masked(shelf, tree), document, Timestamp::now());
        }
        (Ok(Some(Stored::Text(_))), document) => {
            looks.look_at_named("body", Look::Value);
            document.into_iter().for_each(|document| looks.look_below(document, Look::Value));
        }
        _ => {}
    }
}

fn compare(
    shelf: &Shelf<'_>,
    stored: &Stored,
    came: &Came<'_>,
    response: &Response,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let problem = match (stored, came) {
        (Stored::Json(tree), Came::Json(json)) => {
            let json = &*untyped::of(&tree.expected, json, response, scope)?;
            let differences = differences(shelf, tree, json);
            (!differences.is_empty()).then(|| {
                let title = format!("the answer is not the snapshot `{}`: {}", shelf.name(), tree::title(&differences));
                let problem = tree::diagnostic("expect.snapshot", &title, &differences, Some(json));
                super::idle(problem, &differences, shelf.ignore())
            })
        }
        (Stored::Text(stored), Came::Text(text)) => text::compare(shelf, stored, text),
        // A file is asked for by the form of what came.
        _ => None,
    };
    Ok(problem.map(|problem| problem.at(shelf.key(), "compared with the snapshot here")))
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
