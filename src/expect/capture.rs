//! What is kept of an answer.

use std::sync::Arc;

use minijinja::Value;

use super::{Pages, answer_scope, not_json};
use crate::json::Json;
use crate::jsonpath::Absence;
use crate::scenario::{Capture, Origin};
use crate::source::Diagnostic;
use crate::template::{Scope, from_json};

/// The value that a capture takes out of an answer.
///
/// # Errors
/// It is not there.
pub fn captured(capture: &Capture, pages: &Pages<'_>, scope: &Scope) -> Result<Value, Diagnostic> {
    let response = pages.response();
    let nothing = |what: String| {
        Diagnostic::error("capture.nothing", format!("`{}` cannot be captured: {what}", capture.name.value))
            .at(capture.span, "")
    };
    Ok(match &capture.from {
        Origin::Json(path) => {
            let root = response.document().map_err(|error| nothing(not_json(response, &error)))?;
            if path.is_singular() {
                let found = path.first(root).ok_or_else(|| {
                    let absence = path.explain_absence(root);
                    let problem = nothing(
                        absence
                            .as_ref()
                            .map_or_else(|| format!("the answer has no {}", path.source()), ToString::to_string),
                    );
                    match (absence.as_ref().and_then(Absence::nearest), absence.as_ref().and_then(Absence::instead)) {
                        (Some(meant), _) => problem.help(format!("did you mean `{meant}`?")),
                        (None, Some(instead)) => problem.help(instead),
                        (None, None) => problem,
                    }
                })?;
                from_json(Arc::new(found.clone()))
            } else {
                from_json(Arc::new(Json::array(path.values(root).into_iter().cloned())))
            }
        }
        Origin::Markup(path) => pages.captured(path, &nothing)?,
        Origin::Header(name) => {
            let found = response.headers.get(name).ok_or_else(|| {
                let problem = nothing(format!("the answer has no header {name}"));
                match crate::source::suggestion(name, response.headers.iter().map(|(name, _)| name)) {
                    Some(meant) => problem.help(format!("did you mean {meant}?")),
                    None => listed(problem, "headers", response.headers.iter().map(|(name, _)| name)),
                }
            })?;
            Value::from(found)
        }
        Origin::Cookie(name) => {
            let found = response.cookies.iter().rev().find(|(known, _)| known == name);
            let (_, value) = found.ok_or_else(|| {
                let problem = nothing(format!("the answer sets no cookie {name}"));
                listed(problem, "cookies", response.cookies.iter().map(|(name, _)| &**name))
            })?;
            Value::from(value.as_str())
        }
        Origin::Status => Value::from(response.status),
        Origin::Duration => Value::from(u64::try_from(response.timings.total.as_millis()).unwrap_or(u64::MAX)),
        Origin::Text => Value::from(&*response.text()),
        Origin::Url => Value::from(response.url.as_str()),
        Origin::Regex(pattern) => {
            let text = response.text();
            let found =
                pattern.captures(&text).ok_or_else(|| nothing(format!("/{pattern}/ does not match the answer")))?;
            found.get(1).or_else(|| found.get(0)).map_or_else(|| Value::from(()), |group| Value::from(group.as_str()))
        }
        Origin::Template(template) => template.value(&answer_scope(response, scope))?,
    })
}

/// Names what there is instead, if there is anything.
fn listed<'n>(problem: Diagnostic, what: &str, names: impl Iterator<Item = &'n str>) -> Diagnostic {
    const MOST: usize = 12;
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    match (names.is_empty(), more) {
        (true, _) => problem.help(format!("the answer has no {what} at all")),
        (_, 0) => problem.help(format!("the {what} are {}", names.join(", "))),
        (_, more) => problem.help(format!("the {what} are {}, and {more} more", names.join(", "))),
    }
}
