//! The status: the one expectation that every step has, written or not.

use crate::http::Response;
use crate::json::Json;
use crate::scenario::{StatusExpected, StatusPattern};
use crate::source::{Diagnostic, Span};
use crate::template::Scope;

use super::tree;

/// Whether a status is as expected. Where nothing is written, 2xx and 3xx are.
pub(super) fn check(
    expected: Option<&StatusExpected>,
    call: Span,
    response: &Response,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let status = response.status;
    let came = format!("{status}{}", reason(status).map(|reason| format!(" {reason}")).unwrap_or_default());
    let Some(expected) = expected else {
        let problem = || {
            Diagnostic::error(
                "expect.status",
                format!("the answer is {came}, and 2xx or 3xx is expected where nothing else is written"),
            )
            .at(call, format!("the answer is {status}"))
        };
        return Ok((!(200..400).contains(&status)).then(problem));
    };
    if expected.names(status) {
        return Ok(None);
    }
    let value = Json::from(i64::from(status));
    for pattern in &expected.alternatives {
        if let StatusPattern::Matches(matcher) = pattern
            && tree::compare(matcher, Some(&value), tree::Mode::Contains, scope)?.is_empty()
        {
            return Ok(None);
        }
    }
    let problem =
        Diagnostic::error("expect.status", format!("the answer is {came}, and {} is expected", expected.written));
    Ok(Some(problem.at(expected.span, format!("the answer is {status}"))))
}

/// Whether a matcher of a status, one that needs no variables, holds.
pub fn status_matches(expected: &StatusExpected, status: u16) -> bool {
    let value = Json::from(i64::from(status));
    let scope = Scope::new(0, "");
    expected.alternatives.iter().any(|pattern| match pattern {
        StatusPattern::Matches(matcher) => tree::compare(matcher, Some(&value), tree::Mode::Contains, &scope)
            .is_ok_and(|differences| differences.is_empty()),
        StatusPattern::Range(..) => false,
    })
}

/// The reason phrase of a status (the IANA registry).
fn reason(status: u16) -> Option<&'static str> {
    reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason())
}
