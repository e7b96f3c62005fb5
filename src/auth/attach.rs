//! How a request carries a credential. What is sent is made once, when the token is had; putting it on a request is a
//! look at the host guard and one header.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::Value;

use super::error::{AuthError, Trouble};
use super::flow;
use super::hosts::Forbidden;
use super::identity::Identity;
use super::provider::{Flow, SendPlace};
use super::token::{Token, TokenSet};
use crate::http::{Request, Response};
use crate::source::Diagnostic;

/// What a request carries.
#[derive(Clone)]
pub(super) struct Attachment(Option<(SendPlace, Box<str>, Box<str>)>);

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some((place, name, _)) => write!(f, "Attachment({place:?} {name}: ***)"),
            None => f.write_str("Attachment(nothing)"),
        }
    }
}

impl Attachment {
    /// What a request of that identity carries with those tokens.
    pub(super) fn of(identity: &Identity, tokens: &TokenSet) -> Result<Self, Box<Diagnostic>> {
        let provider = &identity.provider;
        if let Some(send) = &provider.send {
            let scope = identity.scope.inner();
            scope.set("access_token", Value::from(tokens.access.expose()));
            scope.set("token_type", Value::from(tokens.token_type.as_deref().unwrap_or("Bearer")));
            if let Some(id) = &tokens.id {
                scope.set("id_token", Value::from(id.expose()));
            }
            if matches!(provider.flow, Flow::Custom(_)) {
                flow::define(&scope, &tokens.response);
            }
            let value = send.value.render(&scope)?;
            return Ok(Self(Some((send.place, send.name.clone(), value.as_ref().into()))));
        }
        if matches!(provider.flow, Flow::Basic) {
            let credential = |name| identity.credential(name).unwrap_or_default();
            let value = basic(credential("username"), credential("password"));
            return Ok(Self(Some((SendPlace::Header, "Authorization".into(), value.into()))));
        }
        Ok(Self(None))
    }

    /// The same with something else sent.
    pub(super) fn with_value(&self, value: &str) -> Self {
        Self(self.0.as_ref().map(|(place, name, _)| (*place, name.clone(), value.into())))
    }

    /// What is sent, if anything.
    pub(super) fn value(&self) -> Option<&str> {
        self.0.as_ref().map(|(.., value)| &**value)
    }
}

/// The value of an `Authorization` field (RFC 7617), in UTF-8.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

impl Identity {
    /// Puts the credential on a request, and the client certificate behind its connection. A header or cookie of that name which the request has already stays: it was
    /// written on purpose.
    ///
    /// # Errors
    /// The URL leads to a host that the credential must not go to.
    pub fn attach(&self, request: &mut Request, token: &Token) -> Result<(), AuthError> {
        request.tls.clone_from(&self.tls);
        let shows_certificate = self.tls.as_ref().is_some_and(|tls| tls.has_certificate());
        if token.attachment.0.is_none() && !shows_certificate && self.digest.is_none() && self.aws.is_none() {
            return Ok(());
        }
        if let Err(forbidden) = self.guard.check(&request.url) {
            let host = request.url.host_str().unwrap_or_default().to_owned();
            let port = request.url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let trouble = match forbidden {
                Forbidden::Host => Trouble::Host { host: (host + &port).into(), allowed: self.guard.written().into() },
                Forbidden::Plain => Trouble::Insecure { url: shown(&request.url).into() },
            };
            return Err(self.error(trouble));
        }
        if let Some(digest) = &self.digest
            && request.headers.get("authorization").is_none()
        {
            digest.attach(request);
        }
        if let Some(aws) = &self.aws
            && request.headers.get("authorization").is_none()
        {
            aws.attach(request);
        }
        let Some((place, name, value)) = &token.attachment.0 else { return Ok(()) };
        match place {
            SendPlace::Header => {
                if request.headers.get(name).is_none() {
                    request.headers.append(name, value);
                }
            }
            SendPlace::Cookie => {
                let pair = format!("{name}={value}");
                let cookies = match request.headers.get("cookie") {
                    Some(others) if others.split(';').any(|cookie| is_named(cookie, name)) => return Ok(()),
                    Some(others) => format!("{others}; {pair}"),
                    None => pair,
                };
                request.headers.set("cookie", &cookies);
            }
            SendPlace::Query => {
                if !request.url.query_pairs().any(|(key, _)| key == **name) {
                    request.url.query_pairs_mut().append_pair(name, value);
                }
            }
        }
        // Made for each sending: no proof is taken twice (RFC 9449, section 11.1).
        if let Some(key) = token.dpop.as_ref().filter(|_| request.headers.get("dpop").is_none()) {
            let access = token.set.access.expose();
            key.prove(request, Some(access));
            request.resign = Some(key.resign(access));
        }
        Ok(())
    }

    /// Hears what an answer says of the proofs that the token needs. Tells whether the service has only asked for a
    /// nonce: then the request is to be sent again, with a new proof.
    pub fn asks_for_a_nonce(&self, token: &Token, response: &Response) -> bool {
        token.dpop.as_ref().is_some_and(|key| key.hear(response))
    }
}

impl Identity {
    /// The request to send in place of one that was answered with a challenge, where that can be answered: `answers` is
    /// how often this was done for the request. `None` where the response stands.
    pub fn challenged(&self, prepared: &Request, response: &Response, answers: u32) -> Option<Request> {
        let digest = self.digest.as_ref().filter(|_| prepared.headers.get("authorization").is_none())?;
        let mut request = digest.challenged(prepared, response, answers)?;
        request.tls.clone_from(&self.tls);
        Some(request)
    }
}

fn is_named(cookie: &str, name: &str) -> bool {
    cookie.split('=').next().is_some_and(|key| key.trim() == name)
}

/// A URL as messages show it: without user, query and fragment, which may hold secrets.
pub(super) fn shown(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for URLs that cannot have a user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
