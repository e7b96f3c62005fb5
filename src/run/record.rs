//! What was sent and what came, as text for the event stream: redacted, cut, and once more as a curl command.

use std::fmt::Write;
use std::time::Duration;

use super::dispatcher::millis;
use crate::event::{Answer, Excerpt, Exchange};
use crate::http::{Body, Request, Response};
use crate::secret::Redactor;

/// Records an exchange. Without a response, what was sent and how long nothing came.
pub(super) fn exchange(
    request: &Request,
    response: Option<&Response>,
    took: Duration,
    redactor: &Redactor,
    limit: usize,
) -> Exchange {
    let fields = |headers: &crate::http::Headers| {
        headers.iter().map(|(name, value)| (name.to_owned(), redactor.redact(value).into_owned())).collect()
    };
    let mut request_headers: Vec<(String, String)> = fields(&request.headers);
    if let Body::Bytes { content_type: Some(content_type), .. } = &request.body
        && request.headers.get("content-type").is_none()
    {
        request_headers.push(("content-type".to_owned(), content_type.to_string()));
    }
    Exchange {
        method: request.method.to_string(),
        url: redactor.redact(request.url.as_str()).into_owned(),
        curl: curl(request, &request_headers, redactor, limit),
        request_headers,
        request_body: excerpt(request.body.bytes(), None, redactor, limit),
        response: response.map(|response| Answer {
            status: response.status,
            http: response.version.to_owned(),
            headers: fields(&response.headers),
            body: excerpt(&response.body, Some(response), redactor, limit),
        }),
        duration_ms: millis(took),
    }
}

fn excerpt(bytes: &[u8], response: Option<&Response>, redactor: &Redactor, limit: usize) -> Option<Excerpt> {
    if bytes.is_empty() {
        return None;
    }
    let whole = bytes.len();
    // A binary body is told by its size; a text in any charset is shown as text.
    let text = match (std::str::from_utf8(bytes), response) {
        (Ok(text), _) if !text.contains('\0') => std::borrow::Cow::Borrowed(text),
        (Err(_), Some(response))
            if response.media_type().starts_with("text/")
                || response.media_type().contains("json")
                || response.media_type().contains("xml") =>
        {
            response.text()
        }
        _ => return Some(Excerpt { text: String::new(), bytes: whole, cut: true }),
    };
    Some(Excerpt { text: redactor.excerpt(&text, limit), bytes: whole, cut: text.len() > limit })
}

/// The request as a curl command for a POSIX shell.
fn curl(request: &Request, headers: &[(String, String)], redactor: &Redactor, limit: usize) -> String {
    let mut line = String::from("curl");
    let has_body = !request.body.bytes().is_empty();
    match (&*request.method, has_body) {
        ("GET", false) | ("POST", true) => {}
        ("HEAD", _) => line.push_str(" -I"),
        (method, _) => _ = write!(line, " -X {}", quoted(method)),
    }
    _ = write!(line, " {}", quoted(&redactor.redact(request.url.as_str())));
    for (name, value) in headers {
        _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    match excerpt(request.body.bytes(), None, redactor, limit) {
        Some(body) if body.cut => _ = write!(line, " --data-binary @BODY  # {} bytes", body.bytes),
        Some(body) => _ = write!(line, " --data-raw {}", quoted(&body.text)),
        None => {}
    }
    line
}

/// A word for a POSIX shell; what needs no quotes gets none.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | ',');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
