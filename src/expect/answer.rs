//! An answer as templates see it: `json`, `text`, `status`, `headers`, `cookies`, `duration`, `url`.

use std::fmt::Display;

use minijinja::Value;

use crate::document::Kind;
use crate::http::{Headers, Response};
use crate::markup::{begins_like_html, title};
use crate::source::Diagnostic;
use crate::template::{Namespace, Scope, from_json, from_texts};

/// The scope of `that` and `capture`: the answer's names over all others.
pub fn answer_scope(response: &Response, scope: &Scope) -> Scope {
    let inner = scope.inner();
    for (name, value) in members(response) {
        inner.set(name, value);
    }
    inner
}

/// The value of `steps.ID.response`.
pub fn answer_value(response: &Response) -> Value {
    let whole = Namespace::default();
    for (name, value) in members(response) {
        whole.set(name, value);
    }
    whole.value()
}

fn members(response: &Response) -> impl Iterator<Item = (&'static str, Value)> {
    let json = response.document().ok().map(|json| ("json", from_json(json.clone())));
    let duration = u64::try_from(response.timings.total.as_millis()).unwrap_or(u64::MAX);
    [
        ("status", Value::from(response.status)),
        ("headers", headers_value(&response.headers)),
        ("cookies", from_texts(response.cookies.iter().rev().map(|(name, value)| (name.as_str(), value.as_str())))),
        ("duration", Value::from(duration)),
        ("url", Value::from(response.url.as_str())),
        ("text", Value::from(&*response.text())),
    ]
    .into_iter()
    .chain(json)
}

/// Header fields by their names in lower case; of several of one name the first.
pub fn headers_value(headers: &Headers) -> Value {
    from_texts(headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value)))
}

/// Why a body is not JSON, in words; the content type is told first, because it mostly explains the rest.
pub fn not_json(response: &Response, error: &dyn Display) -> String {
    misfit(response, Kind::Json, error)
}

/// Why a body is not what is wanted of it, in words: first what its content type says that it is, then what it looks like
/// or what is wrong with it.
pub(super) fn misfit(response: &Response, wanted: Kind, error: &dyn Display) -> String {
    let (media_type, kind, name) = (response.media_type(), response.kind(), wanted.name());
    if response.body.is_empty() {
        return format!("the answer has no body, but {name} is expected");
    }
    let body = response.text();
    let body = body.trim_start_matches('\u{feff}').trim();
    if body.is_empty() {
        return format!("the answer has no body, but {name} is expected");
    }
    let page = || title(body).map(|title| format!("a page with the title \"{title}\""));
    if kind == wanted && kind != Kind::Html && begins_like_html(body) {
        let page = page().unwrap_or_else(|| "a page of HTML".to_owned());
        return format!("the answer says it is {media_type}, but it is {page}");
    }
    if kind == wanted || (kind.has_view() && wanted == Kind::Json) {
        // XML that holds what is refused is XML all the same.
        let is = if kind == Kind::Xml { "cannot be read as" } else { "is not valid" };
        return format!("the answer says it is {media_type}, but it {is} {}: {error}", kind.name());
    }
    let is = if media_type.is_empty() { "has no content type".to_owned() } else { format!("is {media_type}") };
    let is_not = if media_type.is_empty() { " and is not" } else { ", not" };
    if kind == Kind::Binary || body.contains('\0') {
        return format!("the answer {is}{is_not} {name}; it has {} bytes", response.body.len());
    }
    if (kind == Kind::Html || begins_like_html(body))
        && let Some(page) = page()
    {
        return format!("the answer {is}{is_not} {name}; it is {page}");
    }
    if matches!(kind, Kind::Text | Kind::Unknown) && wanted != Kind::Json {
        return format!("the answer {is}, and cannot be read as {name}: {error}");
    }
    let start: String = body.chars().take(40).chain(body.chars().nth(40).map(|_| '…')).collect();
    format!("the answer {is}{is_not} {name}; it starts with `{}`", start.replace(['\n', '\r'], " "))
}

/// A body that is not what is wanted of it, as a diagnostic.
pub(super) fn unfit(id: &'static str, response: &Response, wanted: Kind, error: &dyn Display) -> Diagnostic {
    let problem = Diagnostic::error(id, misfit(response, wanted, error));
    let problem = match (wanted, response.kind()) {
        (Kind::Html, Kind::Json) => {
            problem.help("a JSONPath starts with `$`; what starts with neither `$` nor `/` is a CSS selector")
        }
        (Kind::Json | Kind::Html, Kind::Xml) => problem.help("check XML with an XPath: `at: { /PATH: … }`"),
        (Kind::Json, _) if several_lines(response) => {
            problem.help("each line is JSON by itself: expect it with `ndjson`")
        }
        _ => problem,
    };
    advised(problem, response)
}

/// Whether a body is JSON Lines, and more than one.
fn several_lines(response: &Response) -> bool {
    response.read_as(Kind::Lines).is_ok_and(|lines| lines.as_array().is_some_and(|lines| lines.len() > 1))
}

/// Adds what may explain that a body is another than was expected: a redirect, a charset.
pub(super) fn advised(problem: Diagnostic, response: &Response) -> Diagnostic {
    let problem = match response.hops.last() {
        Some(hop) if response.kind() == Kind::Html => {
            let what = format!("a redirect ({}) led to {}, perhaps to a login page", hop.status, hop.location);
            problem.note(what).help("with `redirects: 0`, the step follows no redirect")
        }
        _ => problem,
    };
    // What is known here was undone, and its header taken away.
    let encoding = response.headers.all("content-encoding").find(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    let problem = match encoding {
        Some(encoding) => problem.note(format!(
            "the body is as it came: the service says it is encoded as `{encoding}` (content-encoding), which is not known here"
        )),
        None => problem,
    };
    match response.decoded().problem {
        Some(charset) if !matches!(response.kind(), Kind::Binary | Kind::Unknown) => problem.note(charset),
        _ => problem,
    }
}

/// Tells beside the first of what differs in a body that its text may not be what was sent.
pub(super) fn misread(findings: &mut [Diagnostic], response: &Response) {
    let Some(first) = findings.first_mut().filter(|_| response.kind() != Kind::Binary) else { return };
    if let Some(charset) = response.decoded().problem
        && !first.notes.contains(&charset)
    {
        first.notes.push(charset);
    }
}
