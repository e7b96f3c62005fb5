//! One token for all who need it: any number of scenarios ask, one login is made. Tokens are renewed when they end, and a
//! refresh token that has been used is never used again. How one token is had is the affair of a [`Flight`].

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::discovery::Discoveries;
use super::error::{AuthError, Trouble};
use super::flight::{After, Before, Flight, Landed};
use super::flow::Login;
use super::identity::{Identity, Key};
use super::interactive::Person;
use super::jwks::KeySets;
use super::notices::Notices;
use super::session::{Failure, Grant, Origin, Outcome, Session, State};
use super::store::{Keeping, Store};
use super::token::Token;
use crate::http::Client;
use crate::secret::Redactor;
use crate::source::Diagnostic;

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
    discoveries: Arc<Discoveries>,
    /// Who can log in where that takes a person.
    person: Option<Arc<dyn Person>>,
    memory: Duration,
    keys: Arc<KeySets>,
    /// Where logins are made: they outlive whoever asked for them.
    runtime: Handle,
    /// How long tokens are kept.
    keeping: Keeping,
    notices: Arc<Notices>,
    /// How many are under way whose end matters to other processes.
    aloft: watch::Sender<usize>,
    /// Whether the run is over.
    closing: Arc<AtomicBool>,
}

/// What comes of a login that is part of another: without the box its type would hold itself.
type Boxed<'b, T> = Pin<Box<dyn Future<Output = Result<T, Arc<AuthError>>> + Send + 'b>>;

/// Counts one that is under way, until this is dropped.
struct Aloft(watch::Sender<usize>);

impl Aloft {
    fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Aloft {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Broker {
    /// A broker that asks over this client, and teaches this redactor every token before anyone can show it. Logins are
    /// made on this runtime, whichever thread asks for them.
    pub fn new(client: Arc<Client>, redactor: Arc<Redactor>, runtime: Handle) -> Self {
        let discoveries = Arc::<Discoveries>::default();
        let keys = KeySets::new(client.clone(), redactor.clone(), runtime.clone(), discoveries.clone());
        let (sessions, notices, closing) = Default::default();
        Self {
            client,
            redactor,
            sessions,
            discoveries,
            person: None,
            memory: MEMORY,
            keys: Arc::new(keys),
            runtime,
            keeping: Keeping::Memory,
            notices,
            aloft: watch::Sender::new(0),
            closing,
        }
    }

    /// The same for a person who can log in.
    #[must_use]
    pub fn with_person(self, person: Arc<dyn Person>) -> Self {
        Self { person: Some(person), ..self }
    }

    /// The same that keeps tokens so long; by itself it keeps them in memory. To be said before the first is asked for.
    #[must_use]
    pub fn keeping(self, keeping: Keeping) -> Self {
        Self { keeping, ..self }
    }

    /// The keys by which signatures are checked.
    pub fn keys(&self) -> &Arc<KeySets> {
        &self.keys
    }

    /// What is worth telling of the store goes there from now on; what there was before is told at once.
    pub fn tell(&self, to: impl Fn(Diagnostic) + Send + Sync + 'static) {
        self.notices.go(Box::new(to));
    }

    /// Waits until everything is on disk that other processes rely on, but no longer than that; nobody waits for another
    /// process from now on.
    pub async fn settle(&self, limit: Duration) {
        self.closing.store(true, Ordering::Relaxed);
        // The sender is here, so that the wait ends well or not at all.
        let _ = tokio::time::timeout(limit, self.aloft.subscribe().wait_for(|count| *count == 0)).await;
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
        if !fresh && !matches!(self.keeping, Keeping::None) {
            return self.valid(identity, &shared, &shared).await;
        }
        if let Some(error) = shared.lock().failure(Instant::now()) {
            return Err(error);
        }
        self.valid(identity, &Arc::default(), &shared).await
    }

    /// A token that another login takes part in.
    pub(super) fn acquire_for<'b>(&'b self, identity: &'b Arc<Identity>) -> Boxed<'b, Grant> {
        Box::pin(self.acquire(identity, false))
    }

    /// A token in place of one that another login took part with in vain.
    pub(super) fn renew_for<'b>(
        &'b self,
        identity: &'b Arc<Identity>,
        rejected: &'b Grant,
    ) -> Boxed<'b, Option<Grant>> {
        Box::pin(self.renew(identity, rejected))
    }

    /// A new login, whatever token there is: what it yields takes the place of all that was there.
    ///
    /// # Errors
    /// As for [`Broker::acquire`].
    pub async fn log_in(&self, identity: &Arc<Identity>) -> Result<Grant, Arc<AuthError>> {
        if let Some(grant) = given(identity) {
            return Ok(grant);
        }
        let session = self.session(identity);
        let After { result, refresh, .. } = self.flight(identity, &session).anew(session.store.as_ref()).await;
        let landed = result.map_err(Arc::new)?;
        let mut state = session.lock();
        state.refresh = refresh;
        state.token = Some(landed.token.clone());
        state.scope = landed.token.scope().map(Box::from);
        (state.had, state.failed) = (true, None);
        drop(state);
        Ok(Grant { token: landed.token, origin: landed.origin, exchange: landed.exchange, session: Some(session) })
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
                        drop(state);
                        self.distrust(identity, rejected);
                        return Ok(None);
                    }
                    state.token = None;
                }
                Some(current) if current.is_good(now) => return Ok(Some(reused(current, session))),
                _ => {}
            }
            let rejected = Some(rejected.token.clone());
            self.join(identity, session, &self.session(identity), &mut state, rejected)?
        };
        land(identity, session, flight).await.map(Some)
    }

    /// Notes that a service rejects a token, and that this is what it means: another would fare no better. Unless somebody
    /// has accepted it, it does not stay where the next run would find it.
    pub fn distrust(&self, identity: &Arc<Identity>, rejected: &Grant) {
        let Some(session) = rejected.session.clone() else { return };
        let Some(store) = session.store.clone() else { return };
        if !rejected.token.distrust() {
            return;
        }
        let aloft = Aloft::new(&self.aloft);
        let (broker, identity, token) = (self.clone(), identity.clone(), rejected.token.clone());
        self.runtime.spawn(async move {
            broker.flight(&identity, &session).withdraw(&store, &token).await;
            drop(aloft);
        });
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
            self.join(identity, session, shared, &mut state, None)
        };
        let landed = match flight {
            Ok(flight) => land(identity, session, flight).await,
            Err(error) => Err(error),
        };
        // It was time to renew it, but it lives: what may pass can be waited out with it.
        landed.or_else(|error| match session.lock().alive(Instant::now()) {
            Some(token) if error.is_passing() => Ok(reused(token.clone(), session)),
            _ => Err(error),
        })
    }

    fn session(&self, identity: &Identity) -> Arc<Session> {
        let read = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = read.get(&identity.key) {
            return session.clone();
        }
        drop(read);
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        let session = || Arc::new(Session::kept(self.store(identity).cloned()));
        sessions.entry(identity.key.clone()).or_insert_with(session).clone()
    }

    /// Where sessions of that identity are kept. Those of an embedded provider end with it.
    fn store(&self, identity: &Identity) -> Option<&Store> {
        match &self.keeping {
            Keeping::Disk(store) if !identity.embedded => Some(store),
            Keeping::All(store) => Some(store),
            _ => None,
        }
    }

    /// The acquisition that is under way, or a new one; `true` for the one who started it.
    fn join(
        &self,
        identity: &Arc<Identity>,
        session: &Arc<Session>,
        shared: &Arc<Session>,
        state: &mut State,
        rejected: Option<Arc<Token>>,
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
        let refresh = state.refresh.take();
        let before = Before { refresh, granted: state.scope.clone(), had: state.had, rejected };
        let aloft = session.store.is_some().then(|| Aloft::new(&self.aloft));
        let (broker, identity) = (self.clone(), identity.clone());
        let (session, shared) = (session.clone(), shared.clone());
        // The flight goes on when the one who started it gives up: a rotated refresh token must not be lost.
        self.runtime.spawn(async move {
            let started = Instant::now();
            let After { result, refresh, alive } = broker.fly(&identity, &session, before).await;
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
            match &outcome {
                Ok(landed) => {
                    state.token = Some(landed.token.clone());
                    state.scope = landed.token.scope().map(Box::from);
                    state.had = true;
                    state.failed = None;
                }
                Err(_) => state.token = state.token.take().or(alive),
            }
            state.flight = None;
            drop(state);
            let _ = sender.send(Some(outcome));
            drop(aloft);
        });
        Ok((receiver, true))
    }

    async fn fly(&self, identity: &Arc<Identity>, session: &Session, before: Before) -> After {
        let flight = self.flight(identity, session);
        match &session.store {
            Some(store) => flight.kept(store, before).await,
            None => flight.alone(before).await,
        }
    }

    /// What asks a provider for other things than a token: nobody is disturbed for it.
    pub(super) fn looking<'a>(&'a self, identity: &'a Arc<Identity>) -> Login<'a> {
        Login {
            client: &self.client,
            redactor: &self.redactor,
            identity,
            person: None,
            discoveries: &self.discoveries,
            keyring: None,
            broker: Some(self),
        }
    }

    fn flight<'a>(&'a self, identity: &'a Arc<Identity>, session: &'a Session) -> Flight<'a> {
        let login = Login {
            person: self.person.as_deref(),
            keyring: identity.provider.dpop.then_some(&session.keyring),
            ..self.looking(identity)
        };
        Flight { login, notices: &self.notices, closing: &self.closing }
    }
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
    let Landed { token, origin, exchange } = landed;
    if matches!(origin, Origin::Stored { .. }) {
        // Others have had it, in other processes.
        token.share();
    }
    Ok(Grant { token, origin, exchange, session: Some(session.clone()) })
}
