//! AWS Signature Version 4 in header fields: each request is signed with a key that the secret key, the day, the region
//! and the service yield. What is signed is what is sent: the path and the query are first written in the one way that
//! leaves nothing to interpretation.

use std::fmt::Write as _;
use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use jiff::Timestamp;
use url::Url;

use crate::http::{Body, Request, Resign};
use crate::secret::{Redactor, Secret};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The field that says what of the body is signed.
const CONTENT_HASH: &str = "X-Amz-Content-Sha256";

/// Its value where that is nothing.
const UNSIGNED_BODY: &str = "UNSIGNED-PAYLOAD";

/// Fields that clients and proxies change on the way, so that they cannot be signed.
const UNSIGNED: &[&str] = &[
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// Who signs, and for what.
#[derive(Debug)]
pub(in crate::auth) struct SigV4 {
    pub(in crate::auth) access_key_id: String,
    pub(in crate::auth) secret_access_key: Secret,
    /// Of temporary credentials.
    pub(in crate::auth) session_token: Option<Secret>,
    pub(in crate::auth) region: String,
    pub(in crate::auth) service: String,
    pub(in crate::auth) redactor: Arc<Redactor>,
    /// The name that signatures are masked by.
    pub(in crate::auth) mask: String,
}

impl SigV4 {
    /// Signs a request, and lets it be signed again where a redirect leads.
    pub(in crate::auth) fn attach(self: &Arc<Self>, request: &mut Request) {
        self.sign_at(request, Timestamp::now());
        let signer = self.clone();
        request.resign = Some(Resign::new(move |request| signer.sign_at(request, Timestamp::now())));
    }

    fn sign_at(&self, request: &mut Request, now: Timestamp) {
        spell_out(&mut request.url);
        let moment = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = &moment[..8];
        let written = request.headers.get(CONTENT_HASH);
        let body = match written {
            Some(UNSIGNED_BODY) => UNSIGNED_BODY.to_owned(),
            _ => hex(request.body.bytes()),
        };
        // Services take its word for the body, whoever has written it.
        if written.is_some() || self.is_s3() {
            request.headers.set(CONTENT_HASH, &body);
        }
        request.headers.set("X-Amz-Date", &moment);
        if let Some(token) = &self.session_token {
            request.headers.set("X-Amz-Security-Token", token.expose());
        }
        // The client would add it later, where it is not signed.
        if let Body::Bytes { content_type: Some(content_type), .. } = &request.body
            && request.headers.get("content-type").is_none()
        {
            let content_type = content_type.to_string();
            request.headers.set("content-type", &content_type);
        }
        let (canonical, signed) = self.canonical(request, &body);
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", hex(canonical.as_bytes()));
        let key = [&self.region, &self.service, "aws4_request"]
            .iter()
            .fold(mac(format!("AWS4{}", self.secret_access_key.expose()).as_bytes(), day), |key, part| {
                mac(key.as_ref(), part)
            });
        let signature = super::hex(mac(key.as_ref(), &text).as_ref());
        self.redactor.learn(&self.mask, &signature);
        let field = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
            self.access_key_id
        );
        request.headers.set("Authorization", &field);
    }

    fn is_s3(&self) -> bool {
        matches!(&*self.service, "s3" | "s3-object-lambda" | "s3-outposts" | "s3express")
    }

    /// The canonical request, and the names of the fields in it.
    fn canonical(&self, request: &Request, body: &str) -> (String, String) {
        // S3 takes the path as it is; all others encode what they are sent once more, and know no empty segments.
        let path = request.url.path();
        let path = if self.is_s3() {
            path.to_owned()
        } else {
            let mut path = path.to_owned();
            while path.contains("//") {
                path = path.replace("//", "/");
            }
            path.replace('%', "%25")
        };
        let mut query: Vec<(&str, &str)> = request
            .url
            .query()
            .into_iter()
            .flat_map(|query| query.split('&'))
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        query.sort_unstable();
        let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let fields = fields(request);
        let signed: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let signed = signed.join(";");
        let mut canonical = format!("{}\n{path}\n{}\n", request.method, query.join("&"));
        for (name, value) in &fields {
            _ = writeln!(canonical, "{name}:{value}");
        }
        _ = write!(canonical, "\n{signed}\n{body}");
        (canonical, signed)
    }
}

/// The fields that are signed: in lower case, in order, several of a name as one, white space pulled together.
fn fields(request: &Request) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let host = request.url.host_str().unwrap_or_default();
    let host = request.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let own_host = request.headers.get("host").is_none().then_some(("host", &*host));
    for (name, value) in request.headers.iter().chain(own_host) {
        let name = name.to_ascii_lowercase();
        if UNSIGNED.contains(&&*name) {
            continue;
        }
        let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => fields.push((name, value)),
        }
    }
    fields.sort_unstable();
    fields
}

/// Writes everything in a URL but its unreserved characters as `%XX` (RFC 3986, section 2.3), a `+` of the query as the
/// space that forms mean by it.
fn spell_out(url: &mut Url) {
    let path = url.path().split('/').map(|segment| encoded(segment, false)).collect::<Vec<_>>().join("/");
    url.set_path(&path);
    if let Some(query) = url.query() {
        let part = |pair: &str| match pair.split_once('=') {
            Some((name, value)) => format!("{}={}", encoded(name, true), encoded(value, true)),
            None => encoded(pair, true),
        };
        // Between two `&` there may be nothing, which some take for a parameter without a name.
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(part).collect::<Vec<_>>().join("&");
        url.set_query((!query.is_empty()).then_some(&query));
    }
}

fn encoded(text: &str, of_query: bool) -> String {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, read) = match (bytes[at], digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => (high << 4 | low, 3),
            (b'+', ..) if of_query => (b' ', 1),
            (byte, ..) => (byte, 1),
        };
        at += read;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    super::hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

#[cfg(test)]
mod tests;
