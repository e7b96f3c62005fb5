//! A request described in JSON, so that a test can see what a client really sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::oauth::FORM;
use super::multipart::{self, Part};

/// Bodies up to this size are given back as text or Base64 as well.
const SHOWN: usize = 1024 * 1024;

/// Describes a request.
pub(super) fn describe(call: &Call) -> Value {
    let query: Vec<_> = call.query().iter().map(owned).collect();
    let headers: Vec<_> = call
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let cookies: Vec<_> = call.cookies().into_iter().map(owned).collect();
    let form: Option<Vec<_>> = call.is(FORM).then(|| call.form().iter().map(owned).collect());
    let shown = call.body.len() <= SHOWN;
    let text = std::str::from_utf8(&call.body).ok().filter(|_| shown);
    let base64 = (shown && text.is_none()).then(|| STANDARD.encode(&call.body));
    let mut description = json!({
        "method": call.method.as_str(),
        "path": call.path(),
        "query": grouped(&query),
        "query_list": query,
        "headers": grouped(&headers),
        "headers_list": headers,
        "cookies": grouped(&cookies),
        "content_type": call.media_type(),
        "size": call.body.len(),
        "text": text,
        "base64": base64,
        "json": text.and_then(|text| serde_json::from_str::<Value>(text).ok()),
        "form": form.as_deref().map(grouped),
        "form_list": form,
        "parts": null,
    });
    match multipart::read(call) {
        Some(Ok(parts)) => {
            description["parts"] = parts.iter().map(part).collect();
        }
        Some(Err(problem)) => description["multipart_error"] = json!(problem),
        None => {}
    }
    description
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Pairs as an object; what comes several times is an array.
fn grouped(pairs: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        match object.get_mut(name) {
            None => {
                object.insert(name.clone(), json!(value));
            }
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    Value::Object(object)
}

fn part(part: &Part<'_>) -> Value {
    let text = std::str::from_utf8(part.body).ok().filter(|text| text.len() <= SHOWN);
    json!({
        "name": part.name,
        "filename": part.filename,
        "content_type": part.content_type,
        "size": part.body.len(),
        "text": text,
    })
}
