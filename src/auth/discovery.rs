//! The discovery document of a provider (OpenID Connect Discovery 1.0, section 3; RFC 8414): what it says, who must have
//! said it, and the endpoints that templates take from it. How it is fetched stands with the flows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use super::check::Check;
use super::error::AuthError;
use crate::json::Json;
use crate::source::{Diagnostic, Span};
use crate::template::Template;

/// A failure is remembered this long, or as long as it took to come about.
pub(super) const MEMORY: Duration = Duration::from_secs(2);

/// The endpoints that a document may name, and the key of a provider's file that would name each in its place. Where there
/// is a discovery document, they are variables of the provider's templates.
const ENDPOINTS: &[(&str, Option<&str>)] = &[
    ("authorization_endpoint", Some("authorize.url")),
    ("token_endpoint", Some("login.post")),
    ("device_authorization_endpoint", Some("device.post")),
    ("pushed_authorization_request_endpoint", Some("authorize.par")),
    ("revocation_endpoint", Some("revoke.post")),
    ("introspection_endpoint", None),
    ("userinfo_endpoint", None),
    ("end_session_endpoint", None),
    ("jwks_uri", Some("jwks")),
];

/// Whether a variable is an endpoint of the discovery document.
pub(super) fn is_endpoint(name: &str) -> bool {
    ENDPOINTS.iter().any(|(known, _)| *known == name)
}

/// The key of a provider's file that names an endpoint.
pub(super) fn key_of(endpoint: &str) -> Option<&'static str> {
    ENDPOINTS.iter().find(|(known, _)| *known == endpoint)?.1
}

/// The URL that was written, or else that of the discovery document; what is lacking is reported where there is neither.
pub(super) fn or_discovered(
    written: Option<Template>,
    endpoint: &'static str,
    lacks: &str,
    at: Span,
    check: &mut Check<'_, '_>,
) -> Template {
    if let Some(written) = written {
        return written;
    }
    if !check.discovers {
        check.reader.report(Diagnostic::error("format.missing-key", lacks).at(at, "").help(
            "write it, or write `discovery: URL` if the provider publishes its endpoints (OpenID Connect Discovery)",
        ));
        return Template::literal("", at);
    }
    Template::parse(&format!("{{{{ {endpoint} }}}}")).unwrap_or_else(|_| Template::literal("", at))
}

/// A discovery document.
#[derive(Debug)]
pub(super) struct Metadata(Arc<Json>);

impl Metadata {
    /// What a document says.
    pub(super) fn new(document: Arc<Json>) -> Self {
        Self(document)
    }

    /// A member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Json::as_str).filter(|text| !text.is_empty())
    }

    /// Where an endpoint is for clients that show a certificate, if that is elsewhere (RFC 8705, section 5).
    pub(super) fn alias(&self, endpoint: &str) -> Option<&str> {
        let alias = self.0.get("mtls_endpoint_aliases")?.get(endpoint)?;
        // Nobody shows the client's certificate where a person's browser goes.
        alias.as_str().filter(|text| !text.is_empty() && endpoint != "authorization_endpoint")
    }

    /// The texts of a member that is a list.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.0.get(name)?.as_array()?.iter().filter_map(Json::as_str).collect())
    }

    /// A member that is `true`.
    pub(super) fn says(&self, name: &str) -> bool {
        self.0.get(name).and_then(Json::as_bool) == Some(true)
    }

    /// Who says it.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.text("issuer")
    }

    /// Whether it is the document of that issuer (RFC 8414, section 3.3); `None` for a document without one.
    pub(super) fn is_of(&self, expected: &Expected) -> bool {
        let Some(issuer) = self.issuer() else { return false };
        match expected {
            Expected::Written(expected) => issuer == &**expected,
            // A `/` at the end is dropped when the well-known path is put behind it (Discovery, section 4.1).
            Expected::ByUrl(expected) => issuer.strip_suffix('/').unwrap_or(issuer) == &**expected,
            Expected::Anyone => true,
        }
    }
}

/// Whose document is expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Of whom the provider's file says.
    Written(Box<str>),
    /// Of whom the document's URL tells, without a `/` at the end.
    ByUrl(Box<str>),
    /// Nothing is known: the URL is none of the well-known ones.
    Anyone,
}

impl Expected {
    /// The issuer that a document of that URL must name: the URL without `/.well-known/openid-configuration`, which is
    /// put behind the issuer, or without `/.well-known/oauth-authorization-server`, which is put behind its host.
    pub(super) fn by(url: &Url) -> Self {
        let origin = url.origin().ascii_serialization();
        let path = url.path();
        for name in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let issuer =
                path.strip_suffix(name).or_else(|| path.strip_prefix(name).filter(|rest| rest.starts_with('/')));
            if let Some(path) = issuer {
                return Self::ByUrl(format!("{origin}{}", path.trim_end_matches('/')).into());
            }
        }
        Self::Anyone
    }
}

/// The documents that a run has fetched, each once.
#[derive(Debug, Default)]
pub(super) struct Discoveries(Mutex<HashMap<Url, Arc<Slot>>>);

/// What is known of one URL. The lock is held while it is fetched: others wait for the same answer.
type Slot = tokio::sync::Mutex<Option<Result<Arc<Metadata>, (AuthError, Instant)>>>;

impl Discoveries {
    /// The document of a URL: fetched by the first who asks, while the others wait. A failure is theirs too.
    pub(super) async fn get(
        &self,
        url: &Url,
        fetch: impl Future<Output = Result<Metadata, AuthError>>,
    ) -> Result<Arc<Metadata>, AuthError> {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(url.clone()).or_default().clone();
        let mut held = slot.lock().await;
        let asked = Instant::now();
        match &*held {
            Some(Ok(metadata)) => return Ok(metadata.clone()),
            Some(Err((error, until))) if asked < *until => return Err(error.clone()),
            _ => {}
        }
        let found = fetch.await.map(Arc::new);
        let memory = MEMORY.max(asked.elapsed());
        *held = Some(found.clone().map_err(|error| (error, Instant::now() + memory)));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Expected, Metadata};
    use crate::json;

    fn of(url: &str) -> Expected {
        Expected::by(&url.parse().unwrap())
    }

    #[test]
    fn the_issuer_is_told_by_the_url() {
        let by = |issuer: &str| Expected::ByUrl(issuer.into());
        // Discovery, section 4, and RFC 8414, section 3.1.
        assert_eq!(of("https://example.com/.well-known/openid-configuration"), by("https://example.com"));
        assert_eq!(of("https://example.com/one/.well-known/openid-configuration"), by("https://example.com/one"));
        assert_eq!(of("https://example.com/.well-known/oauth-authorization-server"), by("https://example.com"));
        assert_eq!(of("https://example.com/.well-known/oauth-authorization-server/one"), by("https://example.com/one"));
        assert_eq!(of("http://127.0.0.1:81/.well-known/openid-configuration"), by("http://127.0.0.1:81"));
        assert_eq!(of("https://example.com/metadata.json"), Expected::Anyone);
        assert_eq!(of("https://example.com/.well-known/openid-configurations"), Expected::Anyone);
    }

    #[test]
    fn a_document_is_that_of_its_issuer_alone() {
        let document = |text: &str| Metadata::new(json::parse(text.as_bytes()).unwrap().into());
        let by_url = of("https://example.com/.well-known/openid-configuration");
        assert!(document(r#"{"issuer":"https://example.com"}"#).is_of(&by_url));
        assert!(document(r#"{"issuer":"https://example.com/"}"#).is_of(&by_url));
        assert!(!document(r#"{"issuer":"https://example.com.evil.org"}"#).is_of(&by_url));
        assert!(!document(r#"{"issuer":"http://example.com"}"#).is_of(&by_url));
        assert!(!document(r#"{"issuer":7}"#).is_of(&by_url));
        assert!(!document("{}").is_of(&Expected::Anyone));
        let written = Expected::Written("https://example.com/".into());
        assert!(document(r#"{"issuer":"https://example.com/"}"#).is_of(&written));
        assert!(!document(r#"{"issuer":"https://example.com"}"#).is_of(&written));
    }
}
