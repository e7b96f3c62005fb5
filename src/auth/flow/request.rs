//! A token request: its fields in the encoding of the provider, and who asks (RFC 6749, section 2.3).

use std::sync::Arc;

use url::Url;

use super::Login;
use crate::auth::error::AuthError;
use crate::auth::file::{Encoding, Field};
use crate::auth::provider::TokenRequest;
use crate::http::{Body, Request};
use crate::json::{Json, ObjectBuilder};
use crate::source::Diagnostic;
use crate::template::{Scope, Template};

/// A field as it is sent: as text, and as JSON.
pub(super) struct Sent {
    pub(super) name: Arc<str>,
    pub(super) text: String,
    pub(super) json: Json,
}

impl Login<'_> {
    /// The request, ready to be sent.
    pub(in crate::auth) fn build(&self, written: &TokenRequest, scope: &Scope) -> Result<Request, AuthError> {
        let mut request = Request::new("POST", self.url(&written.post, scope)?);
        request.timeout = written.timeout;
        request.headers.set("accept", "application/json");
        for (name, value) in written.headers.iter() {
            request.headers.set(name, &value.render(scope).map_err(|problem| self.misdescribed(problem))?);
        }
        let mut fields = self.fields(&written.fields, scope)?;
        self.authenticate(written.client_auth, &mut request, &mut fields, scope)?;
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
    pub(in crate::auth) fn url(&self, template: &Template, scope: &Scope) -> Result<Url, AuthError> {
        let text = template.render(scope).map_err(|problem| self.misdescribed(problem))?;
        text.parse::<Url>().map_err(|error| {
            let what = format!("this is not a URL: {} ({error})", self.redactor.redact(&text));
            self.misdescribed(
                Diagnostic::error("provider.url", what).at(template.span(), "").help(
                    "write a whole URL, such as `https://auth.example.com/token`, or check what the template gives",
                ),
            )
        })
    }

    fn fields(&self, written: &[(Arc<str>, Field)], scope: &Scope) -> Result<Vec<Sent>, AuthError> {
        let mut fields = Vec::with_capacity(written.len() + 2);
        for (name, field) in written {
            let json = field.evaluate(scope).map_err(|problem| self.misdescribed(problem))?;
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
