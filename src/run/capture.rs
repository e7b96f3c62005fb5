//! Captures: what a step keeps of its answer.

use crate::expect;
use crate::http::Response;
use crate::scenario::Capture;
use crate::source::{Diagnostic, Keys};
use crate::template::Scope;

/// Takes what is to be kept; `namespaces` are the prefixes that the step names. What is there is kept even where something else is not: a teardown may need it.
pub(super) fn take(
    captures: &[Capture],
    namespaces: Option<&Keys<String>>,
    response: &Response,
    scope: &Scope,
    into: &Scope,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let pages = expect::Pages::of(response, namespaces);
    for capture in captures {
        match expect::captured(capture, &pages, scope) {
            Ok(value) => into.set(&capture.name.value, value),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}
