//! An answer as templates see it: `json`, `text`, `status`, `headers`, `cookies`, `duration`, `url`.

use minijinja::Value;

use crate::http::{Headers, Response};
use crate::json;
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
    let json = response.json().ok().map(|json| ("json", from_json(json.clone())));
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
pub fn not_json(response: &Response, error: &json::ParseError) -> String {
    let media_type = response.media_type();
    let body = response.text();
    if body.trim().is_empty() {
        return "the answer has no body, and JSON is expected".to_owned();
    }
    let body = body.trim_start();
    let start: String = body.chars().take(40).chain(body.chars().nth(40).map(|_| '…')).collect();
    let kind = if media_type.is_empty() { "has no content type".to_owned() } else { format!("is {media_type}") };
    if media_type.contains("json") {
        return format!("the answer says it {kind}, and is not JSON: {error}");
    }
    format!("the answer {kind}, not JSON; it begins with `{}`", start.replace('\n', " "))
}
