//! Client authentication: how the client proves who it is to a token endpoint, and to the endpoints beside it (RFC 6749,
//! section 2.3; RFC 7523, section 2.2; OpenID Connect Core, section 9).

use url::form_urlencoded;

use super::Login;
use super::request::Sent;
use crate::auth::attach;
use crate::auth::error::AuthError;
use crate::auth::file::ClientAuth;
use crate::http::Request;
use crate::json::Json;
use crate::source::Diagnostic;
use crate::template::Scope;

/// What a client assertion is (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Login<'_> {
    /// Adds the proof to a request: to its header, or to the fields that are still to be written.
    pub(super) fn authenticate(
        &self,
        how: ClientAuth,
        request: &mut Request,
        fields: &mut Vec<Sent>,
        scope: &Scope,
    ) -> Result<(), AuthError> {
        let mut add = |name: &str, value: &str| {
            if !fields.iter().any(|field| &*field.name == name) {
                fields.push(Sent { name: name.into(), text: value.to_owned(), json: Json::from(value) });
            }
        };
        let id = self.identity.credential("client_id").unwrap_or_default();
        let secret = self.identity.credential("client_secret");
        match (how, secret) {
            // A client whose secret may be absent, and is, says who it is and proves nothing (section 3.2.1).
            (ClientAuth::Basic | ClientAuth::Post | ClientAuth::Json, None) => add("client_id", id),
            (ClientAuth::Basic, Some(secret)) => {
                // Section 2.3.1: both are form-encoded first, so that a `:` in the id does not end it.
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let value = attach::basic(&encoded(id), &encoded(secret));
                self.redactor.learn(&self.identity.masked("basic"), value.trim_start_matches("Basic "));
                request.headers.set("authorization", &value);
            }
            (ClientAuth::Post | ClientAuth::Json, Some(secret)) => {
                add("client_id", id);
                add("client_secret", secret);
            }
            (ClientAuth::PrivateKeyJwt | ClientAuth::ClientSecretJwt, _) => {
                let assertion = self.client_assertion(id, scope)?;
                add("client_id", id);
                add("client_assertion_type", JWT_BEARER);
                add("client_assertion", &assertion);
            }
            (ClientAuth::Tls, _) => {
                self.certified()?;
                add("client_id", id);
            }
            (ClientAuth::None, _) => {}
        }
        Ok(())
    }

    /// Whether there is a client certificate to be known by.
    fn certified(&self) -> Result<(), AuthError> {
        if self.client.has_certificate(self.identity.tls.as_deref()) {
            return Ok(());
        }
        let what = "`client_auth: tls` needs a client certificate, and there is none";
        let place = format!("environments: {{ {}: {{ tls: … }} }}", self.identity.environment());
        let mut problem = Diagnostic::error("provider.tls", what).help(format!(
            "set `certificate` and `key` in the provider's {place}, or in the same place of callsheet.yaml"
        ));
        if let Some(endpoint) = self.identity.provider.flow.token_endpoint() {
            problem = problem.at(endpoint.login.post.span(), "needed for this request");
        }
        Err(self.misdescribed(problem))
    }

    fn client_assertion(&self, id: &str, scope: &Scope) -> Result<String, AuthError> {
        let (Some(how), Some(signer)) = (&self.identity.provider.client_assertion, &self.identity.client_signer) else {
            let what = "the client must sign, and there is no key to sign with";
            return Err(self.misdescribed(
                Diagnostic::error("provider.flow", what).help("add `client_assertion` to the provider, with a `key`"),
            ));
        };
        let claims = vec![("iss", Json::from(id)), ("sub", Json::from(id))];
        let audience = self.token_url(scope)?;
        let signed =
            signer.sign(how, claims, audience.as_str(), scope).map_err(|problem| self.misdescribed(problem))?;
        self.learn_one("client_assertion", &signed);
        Ok(signed)
    }

    /// The URL of the token endpoint: whom assertions are for.
    pub(super) fn token_url(&self, scope: &Scope) -> Result<url::Url, AuthError> {
        match self.identity.provider.flow.token_endpoint() {
            Some(endpoint) => self.url(&endpoint.login.post, scope),
            None => Err(self.identity.error(crate::auth::error::Trouble::Interrupted)),
        }
    }
}
