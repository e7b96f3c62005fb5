//! The flows: how the first token is had, and how it is renewed. One file a flow; what they share is the token request
//! (`request.rs`) and the reading of its answer (`answer.rs`).

mod answer;
mod authorization_code;
mod aws_sigv4;
mod challenge;
mod client;
mod client_credentials;
mod custom;
mod device_code;
mod digest;
mod discover;
mod form;
mod id_token;
mod jwt_bearer;
mod page;
mod password;
mod refresh;
mod request;
mod token_exchange;
mod walk;

use std::sync::Arc;
use std::time::{Duration, Instant};

use url::Url;

use super::attach::{Attachment, shown};
use super::broker::Broker;
use super::discovery::Discoveries;
use super::dpop::{Dpop, Keyring};
use super::error::{AuthError, Trouble};
use super::identity::Identity;
use super::interactive::Person;
use super::provider::{Flow, TokenEndpoint, TokenRequest};
use super::token::{Token, TokenSet};
use crate::http::{Client, CookieJar, HttpError, Request, Response, is_loopback};
use crate::json::Json;
use crate::secret::{Redactor, Secret};
use crate::source::Diagnostic;
use crate::template::Scope;

pub(super) use answer::said;
pub(super) use aws_sigv4::SigV4;
pub(super) use custom::define;
pub(super) use digest::Digest;
pub(super) use refresh::refresh;

/// What a login works with.
#[derive(Clone, Copy)]
pub(super) struct Login<'a> {
    pub(super) client: &'a Client,
    pub(super) redactor: &'a Arc<Redactor>,
    pub(super) identity: &'a Arc<Identity>,
    /// The key of the session, where its tokens are bound to one.
    pub(super) keyring: Option<&'a Keyring>,
    /// Who has the tokens that the flow `token_exchange` takes from other logins.
    pub(super) broker: Option<&'a Broker>,
    /// Who can log in where that takes a person.
    pub(super) person: Option<&'a dyn Person>,
    /// The discovery documents of the run.
    pub(super) discoveries: &'a Discoveries,
}

/// A token that was issued, and the exchange that issued it.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) token: Token,
    pub(super) exchange: Exchange,
}

/// What is shown of the exchange that yielded a token.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The token endpoint, without its query.
    pub url: Box<str>,
    /// The status of its answer.
    pub status: u16,
    /// How long all of it took, login pages included.
    pub duration: Duration,
}

/// Gets the first token.
pub(super) async fn login(login: Login<'_>) -> Result<Issued, AuthError> {
    if login.identity.provider.flow.needs_person() {
        login.person()?;
    }
    login.discover().await?;
    let mut issued = match &login.identity.provider.flow {
        Flow::ClientCredentials(endpoint) => client_credentials::login(login, endpoint).await,
        Flow::Password(endpoint) => password::login(login, endpoint).await,
        Flow::AuthorizationCode(authorize, endpoint) => authorization_code::login(login, authorize, endpoint).await,
        Flow::JwtBearer(assertion, endpoint) => jwt_bearer::login(login, assertion, endpoint).await,
        Flow::TokenExchange(exchange, endpoint) => token_exchange::login(login, exchange, endpoint).await,
        Flow::DeviceCode(device, endpoint) => device_code::login(login, device, endpoint).await,
        Flow::Custom(requests) => custom::login(login, requests).await,
        // These have what they send from the start and are never asked to log in.
        Flow::Bearer | Flow::ApiKey | Flow::Basic | Flow::Digest | Flow::AwsSigV4(_) | Flow::None => {
            Err(login.identity.error(Trouble::Interrupted))
        }
    }?;
    issued.token.set.imply_scope(login.asked_scope());
    Ok(issued)
}

impl<'a> Login<'a> {
    /// Sends a token request and reads the tokens of its answer.
    pub(super) async fn exchange(
        &self,
        what: &str,
        request: &TokenRequest,
        endpoint: &TokenEndpoint,
        scope: &Scope,
        started: Instant,
    ) -> Result<Issued, AuthError> {
        let key = self.key()?;
        let (request, asked, response) = self.request(request, scope, key.as_deref()).await?;
        let line = line(&request);
        let failed = |trouble| AuthError { request: Some(line.as_str().into()), ..self.identity.error(trouble) };
        let mut set = answer::read(&response, what, endpoint, asked, self.redactor, self.identity).map_err(failed)?;
        self.learn(&set);
        key.iter().for_each(|key| key.keep(&mut set));
        let attachment = Attachment::of(self.identity, &set).map_err(|problem| failed(Trouble::Provider(problem)))?;
        self.identity.learn_attachment(&attachment, self.redactor);
        let exchange =
            Exchange { url: shown(&request.url).into(), status: response.status, duration: started.elapsed() };
        Ok(Issued { token: Token::new(set, attachment).bound_to(key), exchange })
    }

    /// Sends a token request, with a proof where tokens are bound to a key; where the server asks for its nonce in that
    /// (RFC 9449, section 8), once more. Tells what was sent last, and when.
    async fn request(
        &self,
        written: &TokenRequest,
        scope: &Scope,
        key: Option<&Dpop>,
    ) -> Result<(Request, Instant, Response), AuthError> {
        let mut again = true;
        loop {
            // Built anew each time: an assertion of the client is taken only once, too.
            let mut request = self.build(written, scope)?;
            key.iter().for_each(|key| key.prove(&mut request, None));
            let asked = Instant::now();
            let response = self.send(&request, None).await?;
            if key.is_some_and(|key| key.hear(&response)) && again {
                again = false;
                continue;
            }
            return Ok((request, asked, response));
        }
    }

    /// The key that tokens are to be bound to, if they are to be.
    fn key(&self) -> Result<Option<Arc<Dpop>>, AuthError> {
        let Some(keyring) = self.keyring else { return Ok(None) };
        let key = keyring.current(self.identity, self.redactor);
        let key = key.ok_or_else(crate::auth::jwt::sign::no_random);
        key.map(Some).map_err(|problem| self.misdescribed(problem))
    }

    /// The scope that the first token is asked for, if one is sent.
    fn asked_scope(&self) -> Option<&str> {
        let flow = &self.identity.provider.flow;
        let sent = matches!(flow, Flow::AuthorizationCode(..) | Flow::DeviceCode(..))
            || flow.token_endpoint().is_some_and(|endpoint| request::sends_scope(&endpoint.login));
        Some(self.identity.scope()).filter(|scope| sent && !scope.is_empty())
    }

    /// Whether an id token is asked for (OpenID Connect Core, section 3.1.2.1).
    fn asks_openid(&self) -> bool {
        self.identity.scope().split_whitespace().any(|scope| scope == "openid")
    }

    /// Sends a request that yields no tokens, and gives the JSON of its answer.
    async fn ask(&self, what: &str, request: &TokenRequest, scope: &Scope) -> Result<Arc<Json>, AuthError> {
        let request = self.build(request, scope)?;
        let response = self.send(&request, None).await?;
        let failed = |trouble| AuthError { request: Some(line(&request).into()), ..self.identity.error(trouble) };
        answer::json(&response, what, self.redactor).cloned().map_err(failed)
    }

    /// The person, where there is one.
    fn person(&self) -> Result<&'a dyn Person, AuthError> {
        self.person
            .ok_or_else(|| self.identity.error(Trouble::Person { command: self.identity.login_command().into() }))
    }

    /// Sends a request, never over plain http to another machine.
    pub(super) async fn send(&self, request: &Request, jar: Option<&CookieJar>) -> Result<Response, AuthError> {
        self.redactor.learn_host(&request.url);
        self.secure(&request.url)?;
        let with_tls = self.identity.tls.as_ref().map(|tls| Request { tls: Some(tls.clone()), ..request.clone() });
        self.client.send(with_tls.as_ref().unwrap_or(request), jar).await.map_err(|error| {
            let HttpError { problem, detail } = error;
            let detail = self.redactor.redact(&detail).into();
            let trouble = Trouble::Unreachable { problem, detail };
            AuthError { request: Some(line(request).into()), ..self.identity.error(trouble) }
        })
    }

    fn secure(&self, url: &Url) -> Result<(), AuthError> {
        if url.scheme() == "https" || url.scheme() == "http" && is_loopback(url) {
            return Ok(());
        }
        Err(self.identity.error(Trouble::Insecure { url: shown(url).into() }))
    }

    /// Teaches every token of an answer before any of it can be shown.
    fn learn(&self, set: &TokenSet) {
        let tokens = [
            ("access_token", Some(&set.access)),
            ("refresh_token", set.refresh.as_ref()),
            ("id_token", set.id.as_ref()),
        ];
        for (name, token) in tokens {
            if let Some(token) = token {
                self.learn_one(name, token.expose());
            }
        }
    }

    fn learn_one(&self, name: &str, secret: &str) -> Secret {
        self.redactor.learn(&self.identity.masked(name), secret);
        Secret::new(secret)
    }

    /// An error of the provider's own file.
    fn misdescribed(&self, problem: Diagnostic) -> AuthError {
        self.identity.error(Trouble::Provider(Box::new(problem)))
    }
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request as notes show it.
pub(super) fn line(request: &Request) -> String {
    format!("{} {}", request.method, shown(&request.url))
}

#[cfg(test)]
pub(super) fn read_page(html: &str, url: &Url) -> usize {
    page::read(html, url).forms.len()
}
