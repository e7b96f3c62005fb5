//! An answer as the handlers make it: a status, headers and a whole body. How it goes over the wire
//! (late, in pieces, cut short) is the server's business.

use bytes::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use hyper::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;

/// An answer, or a refusal that ends the handler early with `?`.
pub(super) type Answer = Result<Reply, Box<Reply>>;

/// The reply of an answer, whichever way it came about.
pub(super) fn settle(answer: Answer) -> Reply {
    answer.unwrap_or_else(|refusal| *refusal)
}

/// One answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// An answer with a body of the given content type.
    pub(super) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = body.into();
        reply
    }

    /// A JSON answer.
    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // The values served are trees of plain data, so that writing them cannot fail.
        Self::new(status, "application/json", serde_json::to_vec(body).unwrap_or_default())
    }

    /// A JSON answer with status 200.
    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// A page.
    pub(super) fn html(status: StatusCode, page: impl Into<Bytes>) -> Self {
        Self::new(status, "text/html; charset=utf-8", page).no_store()
    }

    /// A redirect with status 302.
    pub(super) fn found(location: &str) -> Self {
        Self::empty(StatusCode::FOUND).with(LOCATION, location).no_store()
    }

    /// An API's error: `{"error": …, "message": …}`.
    pub(super) fn error(status: StatusCode, error: &str, message: &str) -> Self {
        Self::json(status, &json!({ "error": error, "message": message }))
    }

    /// There is nothing at this path.
    pub(super) fn not_found(what: &str) -> Self {
        Self::error(StatusCode::NOT_FOUND, "not_found", what)
    }

    /// The path is there, the method is not.
    pub(super) fn not_allowed(method: &Method, allowed: &str) -> Self {
        Self::error(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            &format!("{method} is not allowed here; allowed: {allowed}"),
        )
        .with(ALLOW, allowed)
    }

    /// The same with a header, replacing one of that name. A value that no header can hold is left
    /// out: only echoed input can be such a value, and it is checked where it comes in.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same with one more header of that name.
    pub(super) fn and(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.append(name, value);
        }
        self
    }

    /// Forbids caching, as every answer that holds a token must (RFC 6749, section 5.1).
    pub(super) fn no_store(self) -> Self {
        self.with(CACHE_CONTROL, "no-store")
    }
}
