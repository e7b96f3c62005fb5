//! The status: the one expectation that every step has, written or not.

use crate::http::Response;
use crate::json::Json;
use crate::scenario::expected::Tree;
use crate::scenario::{StatusExpected, StatusPattern};
use crate::source::{Diagnostic, Span};
use crate::template::Scope;

use super::{render, tree};

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
                format!("the answer is {came}, and 2xx or 3xx is expected (no `status` is written)"),
            )
            .at(call, format!("the answer is {status}"))
        };
        return Ok((!(200..400).contains(&status)).then(problem));
    };
    let mut wanted = Vec::with_capacity(expected.alternatives.len());
    for pattern in &expected.alternatives {
        match held(pattern, status, scope)? {
            Held { holds: true, .. } => return Ok(None),
            held => wanted.push(held),
        }
    }
    let templated =
        expected.alternatives.iter().any(|one| matches!(one, StatusPattern::Matches(tree) if tree.is_templated()));
    let shown = || wanted.iter().map(|held| held.shown.as_str()).collect::<Vec<_>>().join(" or ");
    let (shown, label) = if templated {
        let shown = shown();
        let label = format!("this came out as {shown}; the answer is {status}");
        (shown, label)
    } else {
        (expected.written.clone(), format!("the answer is {status}"))
    };
    let problem = Diagnostic::error("expect.status", format!("the answer is {came}, but {shown} is expected"))
        .at(expected.span, label);
    Ok(Some(if wanted.iter().all(|held| held.possible) {
        problem
    } else {
        problem.help("a status is a number from 100 to 599, or a group such as 2xx")
    }))
}

/// Whether a status is as expected, as far as the templates in it can be rendered.
pub fn status_matches(expected: &StatusExpected, status: u16, scope: &Scope) -> bool {
    expected.alternatives.iter().any(|pattern| held(pattern, status, scope).is_ok_and(|held| held.holds))
}

/// A pattern held against a status.
struct Held {
    holds: bool,
    /// How it reads once its templates are rendered.
    shown: String,
    /// Whether any status at all could be like that.
    possible: bool,
}

fn held(pattern: &StatusPattern, status: u16, scope: &Scope) -> Result<Held, Box<Diagnostic>> {
    let expected = match pattern {
        StatusPattern::Range(low, high) => {
            let shown = if low == high { low.to_string() } else { format!("{}xx", low / 100) };
            return Ok(Held { holds: (*low..=*high).contains(&status), shown, possible: true });
        }
        StatusPattern::Matches(expected) => render::render(expected, scope)?,
    };
    if let Tree::String(text) = &expected.tree {
        // A column of a table gives texts: `2xx`, or a number that was quoted.
        let held = |holds| Held { holds, shown: text.to_string(), possible: true };
        return Ok(match (family(text), text.parse::<u16>()) {
            (Some(family), _) => held(status / 100 == family),
            (None, Ok(number)) => held(status == number),
            (None, Err(_)) => Held { shown: Json::from(&**text).to_string(), possible: false, ..held(false) },
        });
    }
    let differences = tree::compare(&expected, Some(&Json::from(i64::from(status))), tree::Mode::Contains, scope)?;
    let shown = differences.list.first().map(|difference| difference.expected.clone()).unwrap_or_default();
    let possible = matches!(expected.tree, Tree::Number(_) | Tree::Matcher(_));
    Ok(Held { holds: differences.is_empty(), shown, possible })
}

/// The first digit of a family of statuses, as `2xx`.
fn family(text: &str) -> Option<u16> {
    match text.as_bytes() {
        [digit @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Some(u16::from(digit - b'0')),
        _ => None,
    }
}

/// The reason phrase of a status (the IANA registry).
fn reason(status: u16) -> Option<&'static str> {
    reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason())
}
