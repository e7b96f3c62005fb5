//! What is wrong with a template, and where in it: when it is compiled, and when it is rendered.

use std::ops::Range;

use super::{Reference, Scope, Written, engine, words};
use crate::source::{Diagnostic, Span, suggestion};

/// Refuses functions, filters and tests that do not exist.
pub(super) fn known(references: &[Reference], place: Written) -> Result<(), Diagnostic> {
    engine::unknown_name(references).map_or(Ok(()), |unknown| {
        Err(Diagnostic::error("template.unknown", unknown.message).at(place.part(unknown.range), "").help(unknown.help))
    })
}

pub(super) fn unclosed(span: Span) -> Diagnostic {
    Diagnostic::error("template.syntax", "this `{{` has no `}}`")
        .at(span, "")
        .help("close it with `}}`, and close every quote that is opened in between")
}

/// The part of a text that an error is about. The engine counts bytes, and may end within a character that it did not
/// expect.
fn range_of(error: &minijinja::Error, text: &str) -> Range<usize> {
    let whole = |range: Range<usize>| text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end);
    error.range().filter(|range| range.end <= text.len()).map_or(0..text.len(), whole)
}

pub(super) fn syntax(error: &minijinja::Error, text: &str, place: Written) -> Diagnostic {
    let range = range_of(error, text);
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let said = words::syntax(&detail, &text[..range.start], &text[range.clone()]);
    let problem = Diagnostic::error("template.syntax", said.message).at(place.part(range), "");
    said.help.into_iter().fold(problem, Diagnostic::help)
}

pub(super) fn failed(
    error: &minijinja::Error,
    text: &str,
    place: Written,
    references: &[Reference],
    scope: &Scope,
) -> Diagnostic {
    if error.kind() == minijinja::ErrorKind::UndefinedError
        && let Some(problem) = undefined(references, place, scope)
    {
        return problem;
    }
    let range = range_of(error, text);
    if error.kind() == minijinja::ErrorKind::UndefinedError && error.detail().is_none() {
        let range = whole_path(text, range);
        return Diagnostic::error("template.undefined", format!("`{}` has no value", text[range.clone()].trim()))
            .at(place.part(range), "")
            .help("a part of this path is missing in the value; `default('none')` gives another value instead");
    }
    let said = words::failure(error.kind(), error.detail(), &text[range.clone()]);
    let problem = Diagnostic::error("template.failed", format!("this template cannot be rendered: {}", said.message))
        .at(place.part(range), "");
    said.help.into_iter().fold(problem, Diagnostic::help)
}

/// The range with what stands before it in the same path: of `.id` in `trip.stops[0].id`, all of it.
fn whole_path(text: &str, range: Range<usize>) -> Range<usize> {
    let of_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '"' | '\'');
    text[..range.start].trim_end_matches(of_path).len()..range.end
}

/// The first of the references that the scope does not know.
pub(super) fn undefined(references: &[Reference], place: Written, scope: &Scope) -> Option<Diagnostic> {
    references.iter().filter(|reference| reference.is_variable()).find_map(|reference| {
        let (missing, known) = scope.missing(&reference.path)?;
        let known: Vec<&str> = known.iter().map(|name| &**name).collect();
        let whole = reference.path[..=missing].join(".");
        let name = &reference.path[missing];
        let message = if missing == 0 {
            format!("the variable `{name}` is not defined")
        } else {
            format!("`{}` has no `{name}`", reference.path[..missing].join("."))
        };
        let mut problem = Diagnostic::error("template.undefined", message).at(place.part(reference.range.clone()), "");
        problem = match suggestion(name, known.iter().copied()) {
            Some(meant) => {
                problem.help(format!("did you mean `{}`?", whole[..whole.len() - name.len()].to_owned() + meant))
            }
            None if missing == 1 && matches!(&*reference.path[0], "auth" | "provider") => problem.help(format!(
                "`{}.{name}` can be used after a login with that provider: give the scenario or a step `auth: {name}`",
                reference.path[0]
            )),
            None if known.is_empty() => problem,
            None => problem.help(format!("defined here: {}", known.join(", "))),
        };
        Some(problem)
    })
}
