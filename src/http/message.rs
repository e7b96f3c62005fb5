//! Requests and responses as values: what a step asked, what came back, how long it took.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::Tls;
use crate::document::{self, Decoded, Kind, Unreadable};
use crate::json::{self, Json};

/// Header fields in their order. Names are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Box<str>, Box<str>)>);

impl Headers {
    /// Adds a field; one of that name that is there already stays.
    pub fn append(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }

    /// Sets a field in place of all of that name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.append(name, value);
    }

    /// Removes all fields of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Keeps the fields whose name passes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// Every value of that name.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.0.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// All fields in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

/// What is sent with a request.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// Bytes. The content type is set unless the request has one.
    Bytes {
        /// The bytes.
        bytes: Bytes,
        /// Their content type.
        content_type: Option<Cow<'static, str>>,
    },
}

impl Body {
    /// A form (`application/x-www-form-urlencoded`).
    pub fn form<K: AsRef<str>, V: AsRef<str>>(fields: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut encoder = url::form_urlencoded::Serializer::new(String::new());
        encoder.extend_pairs(fields);
        Self::text(encoder.finish(), "application/x-www-form-urlencoded")
    }

    /// A JSON document.
    pub fn json(value: &Json) -> Self {
        Self::text(value.to_string(), "application/json")
    }

    /// A text of a content type.
    pub fn text(text: String, content_type: &'static str) -> Self {
        Self::Bytes { bytes: text.into(), content_type: Some(content_type.into()) }
    }

    /// The bytes that are sent.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Empty => &[],
            Self::Bytes { bytes, .. } => bytes,
        }
    }
}

/// A request, ready to be sent and sent again.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, as `GET`.
    pub method: Box<str>,
    /// The whole URL.
    pub url: Url,
    /// Header fields, without those the client adds itself (`host`, `content-length`, cookies of the jar).
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// How long the exchange may take, redirects included.
    pub timeout: Duration,
    /// How many redirects are followed.
    pub redirects: u32,
    /// What its connection is made with beside what the client itself is given.
    pub tls: Option<Arc<Tls>>,
    /// What signs the request anew where a redirect changes it.
    pub resign: Option<Resign>,
}

/// Signs a request that a redirect has changed, within its origin: a signature over the old URL proves nothing.
#[derive(Clone)]
pub struct Resign(Arc<dyn Fn(&mut Request) + Send + Sync>);

impl Resign {
    /// Signs so.
    pub fn new(sign: impl Fn(&mut Request) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sign))
    }

    /// Signs a request.
    pub(super) fn sign(&self, request: &mut Request) {
        (self.0)(request);
    }
}

impl std::fmt::Debug for Resign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resign")
    }
}

impl Request {
    /// A request with nothing but a method and a URL: ten seconds, no redirects.
    pub fn new(method: impl Into<Box<str>>, url: Url) -> Self {
        Self {
            method: method.into(),
            url,
            headers: Headers::default(),
            body: Body::Empty,
            timeout: Duration::from_secs(10),
            redirects: 0,
            tls: None,
            resign: None,
        }
    }
}

/// How long an exchange took, redirects included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Until the header of the last response was there.
    pub first_byte: Duration,
    /// Until all of it was there.
    pub total: Duration,
}

/// A redirect that was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The status that sent us on.
    pub status: u16,
    /// The URL it sent us to.
    pub location: Url,
}

/// A response, its body decompressed and whole.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The URL that answered, after redirects.
    pub url: Url,
    /// `1.1` or `2`.
    pub version: &'static str,
    /// Header fields.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
    /// Cookies that were set on the way, redirects included: name and value.
    pub cookies: Vec<(String, String)>,
    /// Redirects that were followed.
    pub hops: Vec<Hop>,
    /// How long it took.
    pub timings: Timings,
    pub(super) json: OnceLock<Result<Arc<Json>, json::ParseError>>,
    pub(super) document: OnceLock<Box<Result<Arc<Json>, Unreadable>>>,
}

impl Response {
    /// The same response with another status, other headers and another body, as if these had come. `json` is what the
    /// body holds, where that is known already.
    #[must_use]
    pub fn altered(&self, status: u16, headers: Headers, body: Bytes, json: Option<Json>) -> Self {
        Self {
            status,
            url: self.url.clone(),
            version: self.version,
            headers,
            body,
            cookies: self.cookies.clone(),
            hops: self.hops.clone(),
            timings: self.timings,
            json: json.map_or_else(OnceLock::new, |json| OnceLock::from(Ok(Arc::new(json)))),
            document: OnceLock::new(),
        }
    }

    /// A response that never came.
    #[cfg(test)]
    pub(crate) fn of(status: u16, fields: &[(&str, &str)], body: &str) -> Self {
        let mut headers = Headers::default();
        fields.iter().for_each(|(name, value)| headers.append(name, value));
        Self {
            status,
            url: Url::parse("http://127.0.0.1/").expect("a URL"),
            version: "1.1",
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            cookies: Vec::new(),
            hops: Vec::new(),
            timings: Timings::default(),
            json: OnceLock::new(),
            document: OnceLock::new(),
        }
    }

    /// The media type, lower case, without parameters; empty where there is none.
    pub fn media_type(&self) -> String {
        let content_type = self.headers.get("content-type").unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// What the body is written in, by its media type.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.media_type())
    }

    /// The body as text, in the charset that the response names, else the one that the body names, else UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        self.decoded().text
    }

    /// As [`Response::text`], with what is wrong with the charset.
    pub fn decoded(&self) -> Decoded<'_> {
        document::decode(&self.body, self.headers.get("content-type").unwrap_or_default(), self.kind())
    }

    /// The document of the answer: its JSON view by its media type, read once. What is no CSV, no form and the like by its
    /// type is read as JSON, whatever the type says.
    ///
    /// # Errors
    /// Where and why the body cannot be read so.
    pub fn document(&self) -> Result<&Arc<Json>, Unreadable> {
        let kind = self.kind();
        if !kind.has_view() || self.is_json_after_all(kind) {
            return self.json().map_err(|error| Unreadable { kind: Kind::Json, reason: error.to_string() });
        }
        let read = self.document.get_or_init(|| Box::new(self.read_as(kind).map(Arc::new)));
        match &**read {
            Ok(document) => Ok(document),
            Err(error) => Err(error.clone()),
        }
    }

    /// Whether the values of the document are texts that have no types of their own.
    pub fn is_untyped(&self) -> bool {
        let kind = self.kind();
        kind.has_view() && kind.is_untyped() && !self.is_json_after_all(kind)
    }

    /// The body read as something with a JSON view, whatever its type says.
    ///
    /// # Errors
    /// Where and why it cannot be read so.
    pub fn read_as(&self, kind: Kind) -> Result<Json, Unreadable> {
        let content_type = self.headers.get("content-type").unwrap_or_default();
        let header = document::parameter(content_type, "header").is_none_or(|header| header != "absent");
        document::read(kind, &self.text(), header)
    }

    /// Whether a body is a JSON object or list though its type says something else: no table or form begins like one.
    fn is_json_after_all(&self, kind: Kind) -> bool {
        let bytes = self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body).trim_ascii_start();
        let lines = matches!(kind, Kind::Lines | Kind::Sequence);
        !lines && bytes.first().is_some_and(|first| matches!(first, b'{' | b'[')) && self.json().is_ok()
    }

    /// The body as JSON, read once, whatever the content type says.
    ///
    /// # Errors
    /// Where and why the body is not JSON.
    pub fn json(&self) -> Result<&Arc<Json>, &json::ParseError> {
        let read = self.json.get_or_init(|| match json::parse(&self.body) {
            Ok(value) => Ok(Arc::new(value)),
            // A document in another charset than UTF-8 is read through its text.
            Err(error) => match self.text() {
                Cow::Owned(text) => json::parse(text.as_bytes()).map(Arc::new).map_err(|_| error),
                Cow::Borrowed(_) => Err(error),
            },
        });
        read.as_ref()
    }
}

/// Scheme, host and port: what credentials are bound to.
pub fn origin(url: &Url) -> (String, String, Option<u16>) {
    (url.scheme().to_owned(), url.host_str().unwrap_or_default().to_ascii_lowercase(), url.port_or_known_default())
}

/// Whether a URL leads to this machine: the only place where plain http may carry credentials.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
