//! One token for all who need it: any number of scenarios ask, one login is made. Tokens are renewed when they end, and a
//! refresh token that has been used is never used again. Everything is in memory.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::dpop::Dpop;
use super::error::{AuthError, Trouble};
use super::flow::{self, Exchange, Issued, Login};
use super::identity::{Identity, Key};
use super::token::Token;
use crate::http::Client;
use crate::secret::{Redactor, Secret};

/// A failure that may pass is remembered this long (or as long as it took to come about, where that is longer): those
/// who were about to ask need not wait for the same failure again.
const MEMORY: Duration = Duration::from_secs(2);

/// This many renewals in a row may yield tokens that nothing accepts. After that a 401 is what the service means.
const FRUITLESS: u32 = 3;

/// A rejected token that is younger than this, and that nothing has accepted, counts as fruitless.
const YOUNG: Duration = Duration::from_secs(10);

/// Hands out tokens. Cheap to clone; clones are the same broker.
#[derive(Debug, Clone)]
pub struct Broker {
    client: Arc<Client>,
    redactor: Arc<Redactor>,
    sessions: Arc<RwLock<HashMap<Key, Arc<Session>>>>,
    memory: Duration,
    /// Where logins are made: they outlive whoever asked for them.
    runtime: Handle,
}

/// A token, and how it was come by.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token.
    pub token: Arc<Token>,
    /// How it was come by.
    pub origin: Origin,
    /// The exchange that yielded it, for the one who caused it.
    pub exchange: Option<Exchange>,
    /// `None` for what was given and never asked for.
    session: Option<Arc<Session>>,
}

/// How a token was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was asked for.
    Fetched,
    /// It was there.
    Reused {
        /// How long it still lives, where that is known.
        left: Option<Duration>,
    },
    /// A refresh token was exchanged for it.
    Refreshed,
    /// The token before it had ended, and could not be refreshed.
    LoggedInAgain,
    /// It was given: `bearer`, `api_key`, `basic`, `none`.
    Static,
}

/// What one login has yielded so far.
#[derive(Debug, Default)]
struct Session(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    token: Option<Arc<Token>>,
    /// The refresh token that has not been used yet.
    refresh: Option<Secret>,
    /// The scope of the last token.
    scope: Option<Box<str>>,
    /// The acquisition that is under way.
    flight: Option<watch::Receiver<Option<Outcome>>>,
    failed: Option<Failure>,
    /// Renewals in a row whose tokens nothing accepted.
    fruitless: u32,
    /// Whether there has been a token before.
    had: bool,
    /// The key that its tokens are bound to, if they are: refresh tokens may be, so it stays.
    dpop: Option<Arc<Dpop>>,
}

#[derive(Debug)]
struct Failure {
    error: Arc<AuthError>,
    /// `None`: for the whole run.
    until: Option<Instant>,
}

type Outcome = Result<Landed, Arc<AuthError>>;

#[derive(Debug, Clone)]
struct Landed {
    token: Arc<Token>,
    origin: Origin,
    exchange: Exchange,
}

impl Grant {
    /// Notes that a service has taken the token: any answer but one that asks for a new login. Without this, a service
    /// that rejects young tokens three times in a row is believed, and they are renewed no more.
    pub fn accept(&self) {
        // The answer may come in after another's rejection of the same token: it counts all the same.
        if self.token.accept()
            && let Some(session) = &self.session
        {
            session.lock().fruitless = 0;
        }
    }

    /// Whether others have had the token too: then it may have ended under their hands since it was handed out, and a
    /// rejection says less than that of a token which nobody else has seen.
    pub fn is_shared(&self) -> bool {
        self.token.is_shared()
    }
}

impl Session {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn good(&self, now: Instant) -> Option<&Arc<Token>> {
        self.token.as_ref().filter(|token| token.is_good(now))
    }

    fn failure(&self, now: Instant) -> Option<Arc<AuthError>> {
        self.failed
            .as_ref()
            .filter(|failure| failure.until.is_none_or(|until| now < until))
            .map(|failure| failure.error.clone())
    }

    fn under_way(&self) -> Option<watch::Receiver<Option<Outcome>>> {
        // A sender that is gone without a word has died with its task.
        self.flight.clone().filter(|flight| flight.has_changed().is_ok() || flight.borrow().is_some())
    }
}

impl Broker {
    /// A broker that asks over this client, and teaches this redactor every token before anyone can show it. Logins are
    /// made on this runtime, whichever thread asks for them.
    pub fn new(client: Arc<Client>, redactor: Arc<Redactor>, runtime: Handle) -> Self {
        Self { client, redactor, sessions: Arc::default(), memory: MEMORY, runtime }
    }

    /// How many requests it has made.
    pub fn requests(&self) -> usize {
        self.client.sent()
    }

    /// The same with another memory for failures that may pass.
    #[cfg(test)]
    pub(super) fn with_memory(self, memory: Duration) -> Self {
        Self { memory, ..self }
    }

    /// A token for that identity: the one that is there, or a new one. `fresh` takes no token that others use, and
    /// leaves none to them.
    ///
    /// # Errors
    /// Why there is no token; shared by all who waited for it. A refusal is remembered for the whole run, because
    /// providers lock accounts that try again and again.
    pub async fn acquire(&self, identity: &Arc<Identity>, fresh: bool) -> Result<Grant, Arc<AuthError>> {
        if let Some(grant) = given(identity) {
            return Ok(grant);
        }
        let shared = self.session(identity);
        if !fresh {
            return self.valid(identity, &shared, &shared).await;
        }
        if let Some(error) = shared.lock().failure(Instant::now()) {
            return Err(error);
        }
        self.valid(identity, &Arc::default(), &shared).await
    }

    /// The token that has taken the place of a grant's, renewed if it has expired: for the later steps of a scenario.
    ///
    /// # Errors
    /// As for [`Broker::acquire`].
    pub async fn keep(&self, identity: &Arc<Identity>, grant: &Grant) -> Result<Grant, Arc<AuthError>> {
        match &grant.session {
            Some(session) => self.valid(identity, session, &self.session(identity)).await,
            None => Ok(grant.clone()),
        }
    }

    /// A token in place of one that a service rejected: the one that another scenario has renewed in the meantime, or a
    /// new one. `None` where there is nothing to renew, and where new tokens are rejected just the same: then the
    /// rejection is what the service means.
    ///
    /// # Errors
    /// As for [`Broker::acquire`].
    pub async fn renew(&self, identity: &Arc<Identity>, rejected: &Grant) -> Result<Option<Grant>, Arc<AuthError>> {
        let Some(session) = &rejected.session else { return Ok(None) };
        let flight = {
            let mut state = session.lock();
            let now = Instant::now();
            match state.token.clone() {
                Some(current) if Arc::ptr_eq(&current, &rejected.token) => {
                    let young = now.duration_since(current.acquired) < YOUNG;
                    state.fruitless = if young && !current.was_accepted() { state.fruitless + 1 } else { 0 };
                    if state.fruitless > FRUITLESS {
                        return Ok(None);
                    }
                    state.token = None;
                }
                Some(current) if current.is_good(now) => return Ok(Some(reused(current, session))),
                _ => {}
            }
            self.join(identity, session, &self.session(identity), &mut state)?
        };
        land(identity, session, flight).await.map(Some)
    }

    /// A token that is good now.
    async fn valid(
        &self,
        identity: &Arc<Identity>,
        session: &Arc<Session>,
        shared: &Arc<Session>,
    ) -> Result<Grant, Arc<AuthError>> {
        let flight = {
            let mut state = session.lock();
            if let Some(token) = state.good(Instant::now()) {
                return Ok(reused(token.clone(), session));
            }
            self.join(identity, session, shared, &mut state)?
        };
        land(identity, session, flight).await
    }

    fn session(&self, identity: &Identity) -> Arc<Session> {
        let read = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = read.get(&identity.key) {
            return session.clone();
        }
        drop(read);
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        sessions.entry(identity.key.clone()).or_default().clone()
    }

    /// The acquisition that is under way, or a new one; `true` for the one who started it.
    fn join(
        &self,
        identity: &Arc<Identity>,
        session: &Arc<Session>,
        shared: &Arc<Session>,
        state: &mut State,
    ) -> Result<(watch::Receiver<Option<Outcome>>, bool), Arc<AuthError>> {
        if let Some(flight) = state.under_way() {
            return Ok((flight, false));
        }
        if let Some(error) = state.failure(Instant::now()) {
            return Err(error);
        }
        let (sender, receiver) = watch::channel(None);
        state.flight = Some(receiver.clone());
        // It is taken out, not copied: whatever becomes of the flight, no other can send it again.
        let (refresh, granted, had) = (state.refresh.take(), state.scope.clone(), state.had);
        if identity.provider.dpop && state.dpop.is_none() {
            state.dpop = Dpop::new(identity, self.redactor.clone()).map(Arc::new);
        }
        let dpop = state.dpop.clone();
        let (broker, identity) = (self.clone(), identity.clone());
        let (session, shared) = (session.clone(), shared.clone());
        // The flight goes on when the one who started it gives up: a rotated refresh token must not be lost.
        self.runtime.spawn(async move {
            let started = Instant::now();
            let (result, refresh) = broker.fly(&identity, refresh, granted.as_deref(), had, dpop.as_ref()).await;
            let outcome = result.map_err(Arc::new);
            if let Err(error) = &outcome {
                let memory = broker.memory.max(if broker.memory.is_zero() { broker.memory } else { started.elapsed() });
                let until = error.is_passing().then(|| Instant::now() + memory);
                if !Arc::ptr_eq(&session, &shared) && until.is_none() {
                    shared.lock().failed = Some(Failure { error: error.clone(), until });
                }
                session.lock().failed = Some(Failure { error: error.clone(), until });
            }
            let mut state = session.lock();
            state.refresh = refresh;
            if let Ok(landed) = &outcome {
                state.token = Some(landed.token.clone());
                state.scope = landed.token.scope().map(Box::from);
                state.had = true;
                state.failed = None;
            }
            state.flight = None;
            drop(state);
            let _ = sender.send(Some(outcome));
        });
        Ok((receiver, true))
    }

    /// The token of another identity, whose login may have to be made first.
    fn of(
        &self,
        other: Option<&Arc<Identity>>,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Arc<Token>>, Arc<AuthError>>> + Send + '_>> {
        let Some(other) = other.cloned() else { return Box::pin(std::future::ready(Ok(None))) };
        Box::pin(async move { self.acquire(&other, false).await.map(|grant| Some(grant.token)) })
    }

    /// Refreshes if that is possible, else logs in. Gives the refresh token to use next time, too.
    async fn fly(
        &self,
        identity: &Identity,
        refresh: Option<Secret>,
        granted: Option<&str>,
        had: bool,
        dpop: Option<&Arc<Dpop>>,
    ) -> (Result<Landed, AuthError>, Option<Secret>) {
        let (client, redactor) = (&*self.client, &*self.redactor);
        let mut login = Login { client, redactor, identity, dpop, subject: None, actor: None };
        let endpoint = identity.provider.flow.token_endpoint();
        let by_refresh = endpoint.and_then(|endpoint| Some((endpoint, endpoint.refresh.as_ref()?)));
        if let (Some((endpoint, how)), Some(old)) = (by_refresh, refresh) {
            match flow::refresh(login, endpoint, how, &old, granted).await {
                Ok(issued) => return landed(issued, Origin::Refreshed, Some(old)),
                Err(error) if error.refuses_refresh(how.rejected) => {}
                // The provider may have taken it and its answer been lost: then it is spent where tokens rotate.
                Err(error) if how.rotates && error.may_have_been_heard() => return (Err(error), None),
                Err(error) => return (Err(error), Some(old)),
            }
        }
        let (subject, actor) = match (self.of(identity.subject.as_ref()).await, self.of(identity.actor.as_ref()).await)
        {
            (Ok(subject), Ok(actor)) => (subject, actor),
            // Whose token is missing is the one who failed.
            (Err(error), _) | (_, Err(error)) => return (Err((*error).clone()), None),
        };
        (login.subject, login.actor) = (subject.as_deref(), actor.as_deref());
        match flow::login(login).await {
            Ok(issued) => landed(issued, if had { Origin::LoggedInAgain } else { Origin::Fetched }, None),
            Err(error) => (Err(error), None),
        }
    }
}

/// What was issued; an answer without a new refresh token leaves the old one in force (RFC 6749, section 6).
fn landed(issued: Issued, origin: Origin, old: Option<Secret>) -> (Result<Landed, AuthError>, Option<Secret>) {
    let refresh = issued.token.set.refresh.clone().or(old);
    (Ok(Landed { token: Arc::new(issued.token), origin, exchange: issued.exchange }), refresh)
}

fn given(identity: &Identity) -> Option<Grant> {
    let token = identity.given.clone()?;
    Some(Grant { token, origin: Origin::Static, exchange: None, session: None })
}

fn reused(token: Arc<Token>, session: &Arc<Session>) -> Grant {
    token.share();
    let origin = Origin::Reused { left: token.left() };
    Grant { token, origin, exchange: None, session: Some(session.clone()) }
}

/// Waits for an acquisition to end. The one who started it gets its origin; to the others the token was there.
async fn land(
    identity: &Identity,
    session: &Arc<Session>,
    (mut flight, started): (watch::Receiver<Option<Outcome>>, bool),
) -> Result<Grant, Arc<AuthError>> {
    let outcome = flight.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
    let landed = outcome.unwrap_or_else(|| Err(Arc::new(identity.error(Trouble::Interrupted))))?;
    if !started {
        return Ok(reused(landed.token, session));
    }
    let exchange = Some(landed.exchange);
    Ok(Grant { token: landed.token, origin: landed.origin, exchange, session: Some(session.clone()) })
}
