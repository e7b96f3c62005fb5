//! A token request: its fields in the encoding of the provider, and who asks (RFC 6749, section 2.3).

use std::sync::Arc;

use url::{Url, form_urlencoded};

use super::Login;
use crate::auth::attach;
use crate::auth::error::AuthError;
use crate::auth::file::{ClientAuth, Encoding, Field};
use crate::auth::provider::TokenRequest;
use crate::http::{Body, Request};
use crate::json::{Json, ObjectBuilder};
use crate::source::Diagnostic;
use crate::template::{Scope, Template};

/// A field as it is sent: as text, and as JSON.
struct Sent {
    name: Arc<str>,
    text: String,
    json: Json,
}

impl Login<'_> {
    /// The request, ready to be sent.
    pub(super) fn build(&self, written: &TokenRequest, scope: &Scope) -> Result<Request, AuthError> {
        let mut request = Request::new("POST", self.url(&written.post, scope)?);
        request.timeout = written.timeout;
        request.headers.set("accept", "application/json");
        for (name, value) in written.headers.iter() {
            request.headers.set(name, &value.render(scope).map_err(|problem| self.misdescribed(problem))?);
        }
        let mut fields = self.fields(&written.fields, scope)?;
        let credential = |name| self.identity.credential(name).unwrap_or_default();
        let (id, secret) = (credential("client_id"), credential("client_secret"));
        match written.client_auth {
            ClientAuth::Basic => {
                // Section 2.3.1: both are form-encoded first, so that a `:` in the id does not end it.
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let value = attach::basic(&encoded(id), &encoded(secret));
                self.redactor.learn(&self.identity.masked("basic"), value.trim_start_matches("Basic "));
                request.headers.set("authorization", &value);
            }
            ClientAuth::Post | ClientAuth::Json => {
                for (name, value) in [("client_id", id), ("client_secret", secret)] {
                    if !fields.iter().any(|field| &*field.name == name) {
                        fields.push(Sent { name: name.into(), text: value.to_owned(), json: Json::from(value) });
                    }
                }
            }
            ClientAuth::Tls if !self.client.has_certificate(self.identity.tls.as_deref()) => {
                let what = "`client_auth: tls` is by a client certificate, and there is none";
                let place = format!("environments: {{ {}: {{ tls: … }} }}", self.identity.environment());
                return Err(self.misdescribed(
                    Diagnostic::error("provider.tls", what).at(written.post.span(), "the request that it is for").help(
                        format!("name `certificate` and `key` in the provider's {place}, or in that of callsheet.yaml"),
                    ),
                ));
            }
            ClientAuth::Tls | ClientAuth::None => {}
        }
        match written.encoding {
            Encoding::Form => request.body = Body::form(fields.iter().map(|field| (&*field.name, &field.text))),
            Encoding::Query => {
                request.url.query_pairs_mut().extend_pairs(fields.iter().map(|field| (&*field.name, &field.text)));
            }
            Encoding::Json => {
                let mut object = ObjectBuilder::default();
                for field in fields {
                    object.push(field.name, field.json);
                }
                request.body = Body::json(&Json::Object(object.finish()));
            }
        }
        Ok(request)
    }

    /// The URL that a template gives.
    pub(super) fn url(&self, template: &Template, scope: &Scope) -> Result<Url, AuthError> {
        let text = template.render(scope).map_err(|problem| self.misdescribed(problem))?;
        text.parse::<Url>().map_err(|error| {
            let what = format!("this is no URL: {} ({error})", self.redactor.redact(&text));
            self.misdescribed(Diagnostic::error("provider.url", what).at(template.span(), ""))
        })
    }

    fn fields(&self, written: &[(Arc<str>, Field)], scope: &Scope) -> Result<Vec<Sent>, AuthError> {
        let mut fields = Vec::with_capacity(written.len() + 2);
        for (name, field) in written {
            let json = json(field, scope).map_err(|problem| self.misdescribed(problem))?;
            let text = match (field, &json) {
                (Field::Scalar(written, _), _) => written.to_string(),
                (_, Json::String(text)) => text.to_string(),
                (_, other) => other.to_string(),
            };
            // A parameter without a value is as good as none (RFC 6749, section 3.2), and some servers refuse it.
            if text.is_empty() && self.identity.scope().is_empty() && is_scope(field) {
                continue;
            }
            fields.push(Sent { name: name.clone(), text, json });
        }
        Ok(fields)
    }
}

/// Whether a request asks for a scope.
pub(super) fn sends_scope(request: &TokenRequest) -> bool {
    request.fields.iter().any(|(_, field)| is_scope(field))
}

fn is_scope(field: &Field) -> bool {
    matches!(field, Field::Text(template) if template.references().any(|(reference, _)| &*reference.path[0] == "scope"))
}

fn json(field: &Field, scope: &Scope) -> Result<Json, Diagnostic> {
    Ok(match field {
        Field::Text(template) => template.evaluate(scope)?,
        Field::Scalar(_, literal) => literal.clone(),
        Field::List(items) => Json::array(items.iter().map(|item| json(item, scope)).collect::<Result<Vec<_>, _>>()?),
        Field::Mapping(members) => {
            let mut object = ObjectBuilder::default();
            for (name, value) in members.iter() {
                object.push(name.value.clone(), json(value, scope)?);
            }
            Json::Object(object.finish())
        }
    })
}
