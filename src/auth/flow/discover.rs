//! The discovery document, fetched when the first login needs something of it: an endpoint that the provider's file does
//! not name, or the issuer.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::Value;
use url::Url;

use super::{Login, answer, line};
use crate::auth::attach::shown;
use crate::auth::discovery::{self, Expected, Metadata};
use crate::auth::error::{AuthError, Trouble};
use crate::auth::file::ClientAuth;
use crate::auth::preflight;
use crate::auth::provider::{Flow, Provider};
use crate::http::{Request, Tls};
use crate::template::Template;

/// How long a provider may take that has no token endpoint to say it.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

impl Login<'_> {
    /// Makes the endpoints of the discovery document variables of the provider's templates. `None` where there is no
    /// document, or none is needed: then it is not fetched.
    pub(in crate::auth) async fn discover(&self) -> Result<Option<Arc<Metadata>>, AuthError> {
        let provider = &self.identity.provider;
        let needed = needed(provider);
        // Whose code and whose id token this is, is told by the issuer.
        let of_whom = matches!(provider.flow, Flow::AuthorizationCode(..)) && provider.issuer.is_none();
        if needed.is_empty() && !of_whom {
            return Ok(None);
        }
        let Some(metadata) = self.metadata().await? else { return Ok(None) };
        self.define(needed, &metadata)?;
        Ok(Some(metadata))
    }

    /// The URL of the provider's keys: what its file says, or else the environment's member `jwks`, or else the discovery
    /// document. `None` where nothing says it.
    pub(in crate::auth) async fn jwks(&self) -> Result<Option<String>, AuthError> {
        let provider = &self.identity.provider;
        if let Some(written) = &provider.jwks {
            let needed = endpoints(std::iter::once(written));
            if !needed.is_empty()
                && let Some(metadata) = self.metadata().await?
            {
                self.define(needed, &metadata)?;
            }
            let url = written.render(&self.identity.scope).map_err(|problem| self.misdescribed(problem))?;
            return Ok(Some(url.into_owned()));
        }
        if let Some(jwks) = self.identity.member("jwks") {
            return Ok(Some(jwks.to_owned()));
        }
        let Some(metadata) = self.metadata().await? else { return Ok(None) };
        self.endpoint("jwks_uri", &metadata).map(|url| Some(url.to_owned()))
    }

    /// Makes endpoints variables of the provider's templates.
    fn define(&self, needed: BTreeSet<&str>, metadata: &Metadata) -> Result<(), AuthError> {
        for name in needed {
            self.identity.scope.set(name, Value::from(self.endpoint(name, metadata)?));
        }
        Ok(())
    }

    fn endpoint<'m>(&self, name: &str, metadata: &'m Metadata) -> Result<&'m str, AuthError> {
        let alias = metadata.alias(name).filter(|_| self.shows_certificate());
        alias.or_else(|| metadata.text(name)).ok_or_else(|| {
            let help = discovery::key_of(name).map(|key| format!("write `{key}` into the provider's file"));
            self.undiscovered(format!("it has no `{name}`"), help.as_deref())
        })
    }

    /// Whether the client means to be known by a certificate, or to have its tokens bound to one.
    fn shows_certificate(&self) -> bool {
        let endpoint = self.identity.provider.flow.token_endpoint();
        let authenticates = endpoint.is_some_and(|endpoint| endpoint.login.client_auth == ClientAuth::Tls);
        authenticates || self.identity.tls.as_deref().is_some_and(Tls::has_certificate)
    }

    /// The discovery document, if there is one; fetched once a run.
    pub(in crate::auth) async fn metadata(&self) -> Result<Option<Arc<Metadata>>, AuthError> {
        let provider = &self.identity.provider;
        let Some(template) = &provider.discovery else { return Ok(None) };
        let url = self.url(template, &self.identity.scope)?;
        let metadata = self.discoveries.get(&url, self.fetch(&url)).await.map_err(|error| {
            // Whoever fetched it may have been somebody else.
            AuthError { request: error.request, ..self.identity.error(error.trouble) }
        })?;
        let written = self.written_issuer()?;
        let expected = written.map_or_else(|| Expected::by(&url), |issuer| Expected::Written(issuer.into()));
        if !metadata.is_of(&expected) {
            let show = |text: &str| answer::excerpt(text, self.redactor);
            let came = metadata
                .issuer()
                .map_or_else(|| "has no issuer".to_owned(), |came| format!("has the issuer {}", show(came)));
            let detail = match &expected {
                Expected::Written(issuer) => format!("it {came}, but the provider's file says {}", show(issuer)),
                Expected::ByUrl(issuer) => format!("it {came}, but its URL says {}", show(issuer)),
                Expected::Anyone => format!("it {came}"),
            };
            return Err(self.undiscovered(detail, Some("correct `discovery` or `issuer` in the provider's file")));
        }
        Ok(Some(metadata))
    }

    /// Who the provider says it is, as far as that is known.
    pub(in crate::auth) fn issuer(&self, metadata: Option<&Metadata>) -> Result<Option<String>, AuthError> {
        let written = self.written_issuer()?;
        Ok(written.or_else(|| metadata.and_then(Metadata::issuer).map(str::to_owned)))
    }

    fn written_issuer(&self) -> Result<Option<String>, AuthError> {
        let Some(template) = &self.identity.provider.issuer else { return Ok(None) };
        let text = template.render(&self.identity.scope).map_err(|problem| self.misdescribed(problem))?;
        Ok(Some(text.into_owned()))
    }

    async fn fetch(&self, url: &Url) -> Result<Metadata, AuthError> {
        let mut request = Request::new("GET", url.clone());
        request.timeout =
            self.identity.provider.flow.token_endpoint().map_or(TIMEOUT, |endpoint| endpoint.login.timeout);
        request.headers.set("accept", "application/json");
        let response = self.send(&request, None).await?;
        let at = |trouble| AuthError { request: Some(line(&request).into()), ..self.identity.error(trouble) };
        if response.status == 429 || response.status >= 500 {
            return Err(answer::json(&response, "the request for its discovery document", self.redactor)
                .map_or_else(at, |_| self.undiscovered(format!("{} answered {}", shown(url), response.status), None)));
        }
        if response.status != 200 {
            let said = answer::said(&response, self.redactor);
            let detail = format!("{} answered {}{said}", shown(url), response.status);
            return Err(self.undiscovered(detail, Some("correct `discovery` in the provider's file")));
        }
        match response.json() {
            Ok(json) if json.as_object().is_some() => Ok(Metadata::new(json.clone())),
            _ => {
                let detail = format!("the answer of {} is not a JSON object", shown(url));
                Err(self.undiscovered(detail, Some("correct `discovery` in the provider's file")))
            }
        }
    }

    fn undiscovered(&self, detail: String, help: Option<&str>) -> AuthError {
        self.identity.error(Trouble::Discovery { detail: detail.into(), help: help.map(Into::into) })
    }
}

/// The endpoints that templates of the provider take from the document.
fn needed(provider: &Provider) -> BTreeSet<&str> {
    endpoints(preflight::templates(provider).into_iter())
}

fn endpoints<'t>(templates: impl Iterator<Item = &'t Template>) -> BTreeSet<&'t str> {
    let references = templates.flat_map(|template| template.references());
    let names = references.filter(|(reference, _)| reference.is_variable()).map(|(reference, _)| &*reference.path[0]);
    names.filter(|name| discovery::is_endpoint(name)).collect()
}
