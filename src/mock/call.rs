//! A request as the handlers see it: read whole, its path taken apart, and readable as a form, as JSON
//! or by its headers. It judges nothing: what is refused, and how, differs between providers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Method, Uri};
use url::form_urlencoded;

/// One request, read whole.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The decoded segments of the path, without the leading slash.
    segments: Vec<String>,
}

impl Call {
    pub(super) fn new(parts: Parts, body: Bytes) -> Self {
        let path = parts.uri.path();
        let segments =
            path.strip_prefix('/').unwrap_or(path).split('/').map(|segment| percent_decode(segment, false)).collect();
        Self { method: parts.method, uri: parts.uri, headers: parts.headers, body, segments }
    }

    /// The decoded path segments after the first, which names the site.
    pub(super) fn route(&self) -> Vec<&str> {
        self.segments.iter().skip(1).map(String::as_str).collect()
    }

    /// The first path segment.
    pub(super) fn site(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    pub(super) fn raw_query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// The decoded parameters of the query.
    pub(super) fn query(&self) -> Fields {
        Fields::parse(self.raw_query().as_bytes())
    }

    /// A header's value, if it is there, once, and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type of the body in lower case, without its parameters.
    pub(super) fn media_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = value.split(';').next()?.trim();
        (!essence.is_empty()).then(|| essence.to_ascii_lowercase())
    }

    /// Whether the body says it is of this media type.
    pub(super) fn is(&self, media_type: &str) -> bool {
        self.media_type().as_deref() == Some(media_type)
    }

    /// The parameters of a form body.
    pub(super) fn form(&self) -> Fields {
        Fields::parse(&self.body)
    }

    /// The value of a cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().into_iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// Every cookie that was sent, in order.
    pub(super) fn cookies(&self) -> Vec<(&str, &str)> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .collect()
    }

    /// The credentials of the `Authorization` header under the given scheme. Two such headers are
    /// none, for it is not said which of them counts.
    fn authorization(&self, scheme: &str) -> Option<&str> {
        let mut values = self.headers.get_all(AUTHORIZATION).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let (given, credentials) = value.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
    }

    /// The token of `Authorization: Bearer` (RFC 6750, section 2.1).
    pub(super) fn bearer(&self) -> Option<&str> {
        self.authorization("Bearer")
    }

    /// The client id and secret of `Authorization: Basic` (RFC 7617).
    pub(super) fn basic(&self) -> Option<Basic> {
        let decoded = STANDARD.decode(self.authorization("Basic")?).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        let (name, password) = text.split_once(':')?;
        Some(Basic { name: name.to_owned(), password: password.to_owned() })
    }
}

/// A name and a password as they came in an `Authorization: Basic` header.
pub(super) struct Basic {
    name: String,
    password: String,
}

impl Basic {
    /// Whether the name is this one, sent as it is or form-urlencoded first. RFC 6749, section 2.3.1
    /// asks for the encoding, most clients leave it out, and real servers take both.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name || percent_decode(&self.name, true) == name
    }

    /// Whether the password is this one, sent as it is or form-urlencoded first.
    pub(super) fn opens_with(&self, password: &str) -> bool {
        self.password == password || percent_decode(&self.password, true) == password
    }
}

/// The decoded parameters of a form or a query, in the order in which they came.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// A parameter's value; one that is empty counts as left out (RFC 6749, section 3.1).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The name of a parameter that was given more than once, which RFC 6749 forbids.
    pub(super) fn repeated(&self) -> Option<&str> {
        self.0.iter().enumerate().find_map(|(index, (name, _))| {
            self.0[..index].iter().any(|(earlier, _)| earlier == name).then_some(name.as_str())
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Decodes `%xx`, and `+` as a space where that is asked for. What is no valid escape stays as it is.
pub(super) fn percent_decode(text: &str, plus_is_space: bool) -> String {
    fn hex(byte: Option<&u8>) -> Option<u8> {
        let digit = char::from(*byte?).to_digit(16)?;
        u8::try_from(digit).ok()
    }

    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        index += 1;
        match byte {
            b'%' => match (hex(bytes.get(index)), hex(bytes.get(index + 1))) {
                (Some(high), Some(low)) => {
                    decoded.push(high * 16 + low);
                    index += 2;
                }
                _ => decoded.push(byte),
            },
            b'+' if plus_is_space => decoded.push(b' '),
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
