//! Captures: what a step keeps of its answer.

use crate::expect;
use crate::http::Response;
use crate::scenario::Capture;
use crate::source::Diagnostic;
use crate::template::Scope;

/// Takes what is to be kept. What is there is kept even where something else is not: a teardown may need it.
pub(super) fn take(captures: &[Capture], response: &Response, scope: &Scope, into: &Scope) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for capture in captures {
        match expect::captured(capture, response, scope) {
            Ok(value) => into.set(&capture.name.value, value),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}
