//! The keys of providers, fetched once a run. A token whose `kid` is not among them makes them be fetched once more, for
//! providers change their keys; not again and again, for a token that names no real key must not make a flood.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use url::Url;

use super::discovery::{Discoveries, MEMORY};
use super::error::{AuthError, Trouble};
use super::flow::Login;
use super::identity::Identity;
use super::jwt::keys::{KeySet, Published};
use super::jwt::verify::{self, Unverified, Verified};
use crate::http::{Client, Request, Response, is_loopback};
use crate::secret::Redactor;

/// Keys that were fetched again are not fetched once more before this has passed.
const AGAIN: Duration = Duration::from_mins(1);

/// Key sets by their URL, for all scenarios of a run.
#[derive(Debug)]
pub struct KeySets {
    client: Arc<Client>,
    redactor: Arc<Redactor>,
    runtime: Handle,
    discoveries: Arc<Discoveries>,
    known: Mutex<HashMap<String, Arc<Slot>>>,
}

/// What is known of one URL. The lock is held while it is fetched: others wait for the same answer.
#[derive(Debug, Default)]
struct Slot(tokio::sync::Mutex<Option<Held>>);

#[derive(Debug)]
struct Held {
    document: Result<Arc<Document>, (Arc<AuthError>, Instant)>,
    /// When it was fetched because of an unknown `kid`.
    again: Option<Instant>,
}

/// The keys that a provider publishes.
#[derive(Debug)]
struct Document {
    /// By how many seconds this machine's clock was ahead of the server's.
    ahead: Option<i64>,
    keys: Result<KeySet, String>,
}

impl KeySets {
    /// None yet. They are fetched over this client, on this runtime, whichever thread asks; where they are, discovery
    /// documents may say, which logins ask for, too.
    pub(super) fn new(
        client: Arc<Client>,
        redactor: Arc<Redactor>,
        runtime: Handle,
        discoveries: Arc<Discoveries>,
    ) -> Self {
        Self { client, redactor, runtime, discoveries, known: Mutex::default() }
    }

    /// Verifies a token with the keys that the provider publishes: those of `url`, else of its `jwks`, of the member `jwks`
    /// of its environment, or of the `jwks_uri` of its discovery document.
    ///
    /// # Errors
    /// The keys cannot be had. Whether the signature holds is the value.
    pub async fn verify(
        self: &Arc<Self>,
        identity: &Arc<Identity>,
        url: Option<&str>,
        token: &str,
    ) -> Result<Result<Verified, Unverified>, Arc<AuthError>> {
        let url = match url {
            Some(url) => url.to_owned(),
            None => self.url_of(identity).await?,
        };
        let verdict = |document: &Document| match &document.keys {
            Ok(keys) => Ok(verify::verify(token, keys)),
            Err(why) => Err(Arc::new(identity.error(trouble(&url, why, None)))),
        };
        let found = verdict(&*self.document(identity, &url, false).await?)?;
        match found {
            Err(unverified) if unverified.may_be_rotated() => verdict(&*self.document(identity, &url, true).await?),
            found => Ok(found),
        }
    }

    /// By how many seconds this machine's clock is ahead of the provider's, by the `Date` of the answer with its keys.
    pub async fn clock(self: &Arc<Self>, identity: &Arc<Identity>) -> Option<i64> {
        let url = self.url_of(identity).await.ok()?;
        self.document(identity, &url, false).await.ok()?.ahead
    }

    /// The URL of the provider's keys.
    async fn url_of(self: &Arc<Self>, identity: &Arc<Identity>) -> Result<String, Arc<AuthError>> {
        let (this, who) = (self.clone(), identity.clone());
        let found = self.runtime.spawn(async move { this.login(&who).jwks().await }).await;
        let found = found.unwrap_or_else(|_| Err(identity.error(Trouble::Interrupted)))?;
        found.ok_or_else(|| {
            let detail = "the provider does not say where they are".to_owned();
            let help =
                "add `jwks: URL` or `discovery: URL` to the provider's file, or write `signature: { jwks: URL }`";
            Arc::new(identity.error(Trouble::Keys { detail: detail.into(), help: Some(help.into()) }))
        })
    }

    /// What asks for the discovery document.
    fn login<'a>(&'a self, identity: &'a Arc<Identity>) -> Login<'a> {
        Login {
            client: &self.client,
            redactor: &self.redactor,
            identity,
            keyring: None,
            broker: None,
            person: None,
            discoveries: &self.discoveries,
        }
    }

    async fn document(
        self: &Arc<Self>,
        identity: &Arc<Identity>,
        url: &str,
        again: bool,
    ) -> Result<Arc<Document>, Arc<AuthError>> {
        let published = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(url.to_owned()).or_default().clone()
        };
        let mut held = published.0.lock().await;
        let now = Instant::now();
        match &*held {
            Some(Held { document: Ok(document), again: last })
                if !again || last.is_some_and(|last| now.duration_since(last) < AGAIN) =>
            {
                return Ok(document.clone());
            }
            Some(Held { document: Err((error, until)), .. }) if now < *until => return Err(error.clone()),
            _ => {}
        }
        let (this, who, address) = (self.clone(), identity.clone(), url.to_owned());
        // The connections belong to the runtime of the logins.
        let fetched = self.runtime.spawn(async move { this.fetch(&who, &address).await }).await;
        let fetched = fetched.unwrap_or_else(|_| Err(identity.error(Trouble::Interrupted)));
        let document = fetched.map(Arc::new).map_err(|error| {
            let until = Instant::now() + MEMORY.max(now.elapsed());
            (Arc::new(error), until)
        });
        let again = again.then_some(now);
        let outcome = document.clone().map_err(|(error, _)| error);
        match &mut *held {
            // Keys that were good before stay good for the tokens that name them.
            Some(held) if document.is_err() && held.document.is_ok() => held.again = again,
            held => *held = Some(Held { document, again }),
        }
        outcome
    }

    async fn fetch(&self, identity: &Identity, url: &str) -> Result<Document, AuthError> {
        let failed = |why: &str, help: Option<&str>| identity.error(trouble(&self.redactor.redact(url), why, help));
        let address = Url::parse(url).map_err(|error| failed(&format!("this is not a URL ({error})"), None))?;
        if let Some(why) = insecure(&address) {
            return Err(failed(why, Some("use https; plain http is allowed only to this machine")));
        }
        self.redactor.learn_host(&address);
        let mut request = Request::new("GET", address);
        request.headers.append("accept", "application/jwk-set+json, application/json");
        request.redirects = 5;
        request.tls.clone_from(&identity.tls);
        let response = self
            .client
            .send(&request, None)
            .await
            .map_err(|error| failed(&self.redactor.redact(&error.detail), Some(error.problem.advice())))?;
        // Keys that came over plain http on the way may be anyone's.
        let mut hops = response.hops.iter().map(|hop| &hop.location);
        if let Some(why) = hops.find_map(insecure) {
            return Err(failed(why, Some("use the URL that it redirects to, if that is https")));
        }
        Self::read(&response).map_err(|why| failed(&why, None))
    }

    fn read(response: &Response) -> Result<Document, String> {
        if !(200..300).contains(&response.status) {
            return Err(format!("the answer is {}", response.status));
        }
        let json = response.json().map_err(|error| format!("the answer is not JSON ({error})"))?;
        let keys = KeySet::of_json(json, Published::Yes);
        let date = response.headers.get("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let ahead = date.map(|date| jiff::Timestamp::now().as_second() - date.timestamp().as_second());
        Ok(Document { ahead, keys })
    }
}

impl Identity {
    /// The key that the credential `client_secret` is (OpenID Connect Core, section 10.1).
    pub fn client_secret_key(&self) -> Option<KeySet> {
        self.credential("client_secret").map(|secret| KeySet::of_secret(secret.as_bytes()))
    }
}

fn insecure(url: &Url) -> Option<&'static str> {
    let safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(url);
    (!safe).then_some("keys that come over plain http cannot be trusted")
}

fn trouble(url: &str, why: &str, help: Option<&str>) -> Trouble {
    Trouble::Keys { detail: format!("{url}: {why}").into(), help: help.map(Box::from) }
}
