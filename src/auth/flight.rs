//! How a token is had when there is none: what another process has left in the store, else a refresh, else a login. Where
//! sessions are kept on disk, all of it is decided under the lock of the session.
//!
//! A refresh token that rotates is good for one use, and a second one makes a provider revoke all that came of it. So it
//! is marked on disk, then sent, then its successor is written, and only then is the new access token handed out. Who
//! finds the mark comes after one who died in between, and cannot know whether the token is spent: where a login takes no
//! person it is left alone; else it is the only thing left to try, and is tried once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::attach::Attachment;
use super::desk::Desk;
use super::error::{AuthError, Trouble};
use super::flow::{self, Exchange, Issued, Login};
use super::notices::Notices;
use super::provider::{Flow, Refresh, TokenEndpoint};
use super::session::Origin;
use super::store::{Held, SessionOrigin, Store, StoreError, StoredSession, fault};
use super::token::{Token, TokenSet};
use crate::secret::Secret;
use crate::source::Diagnostic;

/// Another process that logs in is given so long. A login page with its requests and a slow provider fit into it.
const LIMIT: Duration = Duration::from_secs(90);

/// Withdrawing a rejected token is not worth a longer wait: those who take it are told by the service.
const SHORT: Duration = Duration::from_secs(2);

/// What is known before.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The refresh token, where it is not on disk.
    pub(super) refresh: Option<Secret>,
    /// The scope of the last token.
    pub(super) granted: Option<Box<str>>,
    /// Whether there has been a token.
    pub(super) had: bool,
    /// The token that a service has rejected.
    pub(super) rejected: Option<Arc<Token>>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct After {
    pub(super) result: Result<Landed, AuthError>,
    /// The refresh token to use next time, where it is not on disk.
    pub(super) refresh: Option<Secret>,
    /// A token that was found and should have been renewed, but lives.
    pub(super) alive: Option<Arc<Token>>,
}

/// A token, and how it was come by.
#[derive(Debug, Clone)]
pub(super) struct Landed {
    pub(super) token: Arc<Token>,
    pub(super) origin: Origin,
    pub(super) exchange: Option<Exchange>,
}

/// One way to a token.
pub(super) struct Flight<'a> {
    pub(super) login: Login<'a>,
    /// Takes what is worth telling.
    pub(super) notices: &'a Notices,
    /// Whether the run is over, so that nobody waits for another process any more.
    pub(super) closing: &'a AtomicBool,
}

/// What became of a refresh token.
enum Renewal {
    Issued(Box<Issued>),
    Failed(AuthError),
    /// The provider takes it no more.
    Refused,
    /// It could not be marked, and was left alone.
    Unsent,
}

impl Flight<'_> {
    /// Refreshes if that is possible, else logs in; nothing is kept.
    pub(super) async fn alone(&self, before: Before) -> After {
        let mut tried = before.had;
        if let (Some((endpoint, how)), Some(old)) = (self.by_refresh(), before.refresh) {
            // What fails here has not taken the refresh token along.
            if let Err(error) = self.login.discover().await {
                return After::failed(error, Some(old));
            }
            match flow::refresh(self.login, endpoint, how, &old, before.granted.as_deref()).await {
                Ok(issued) => return After::of(issued, Origin::Refreshed, Some(old)),
                Err(error) if error.refuses_refresh(how.rejected) => tried = true,
                // The provider may have taken it and its answer been lost: then it is spent where tokens rotate.
                Err(error) if how.rotates && error.may_have_been_heard() => return After::failed(error, None),
                Err(error) => return After::failed(error, Some(old)),
            }
        }
        match flow::login(self.login).await {
            Ok(issued) => After::of(issued, logged_in(tried), None),
            Err(error) => After::failed(error, None),
        }
    }

    /// The same with a session on disk.
    pub(super) async fn kept(&self, store: &Store, before: Before) -> After {
        let name = match store.name(self.login.identity) {
            Ok(name) => name,
            Err(error) => return self.without_store(&error, before).await,
        };
        // One look without the lock: where another process has logged in before, this is all it takes. What is wrong with
        // the file is told by the one who has the lock.
        if let Ok(Some(session)) = store.read(&name)
            && let Some(landed) = self.adopt(&session, before.rejected.as_deref(), TokenSet::is_good)
        {
            return After::adopted(landed);
        }
        match store.lock(&name, LIMIT, || self.tell_wait(), || self.is_over()).await {
            Ok(held) => match self.read(&held) {
                Ok(session) => {
                    self.decide(Desk::new(held, session, before.rejected.as_deref(), before.refresh.clone()), before)
                        .await
                }
                Err(error) => self.without_store(&error, before).await,
            },
            Err(StoreError::Busy { .. }) if self.is_over() => {
                After::failed(self.login.identity.error(Trouble::Interrupted), before.refresh)
            }
            Err(error) => self.without_store(&error, before).await,
        }
    }

    /// A new login, whatever session there is. Nobody has to wait for it, for a person takes long: the lock is held only
    /// while the session is written.
    pub(super) async fn anew(&self, store: Option<&Store>) -> After {
        let issued = match flow::login(self.login).await {
            Ok(issued) => issued,
            Err(error) => return After::failed(error, None),
        };
        let Some(store) = store else { return After::of(issued, Origin::Fetched, None) };
        let held = match store.name(self.login.identity) {
            Ok(name) => store.lock(&name, LIMIT, || self.tell_wait(), || self.is_over()).await,
            Err(error) => Err(error),
        };
        match held {
            Ok(held) => self.keep(&Desk::new(held, None, None, None), issued, Origin::Fetched, None),
            Err(error) => {
                self.tell_unkept(&error);
                After::of(issued, Origin::Fetched, None)
            }
        }
    }

    /// Takes a rejected token out of the store, unless there is another by now.
    pub(super) async fn withdraw(&self, store: &Store, rejected: &Token) {
        let Ok(name) = store.name(self.login.identity) else { return };
        let Ok(held) = store.lock(&name, SHORT, || (), || self.is_over()).await else { return };
        let Ok(session) = held.read() else { return };
        self.leave(Desk::new(held, session, Some(rejected), None));
    }

    /// The lock is held, and the session has been read under it.
    async fn decide(&self, mut desk: Desk, before: Before) -> After {
        let rejected = before.rejected.as_deref();
        if let Some(landed) = desk.session.as_ref().and_then(|found| self.adopt(found, rejected, TokenSet::is_good)) {
            return After::adopted(landed);
        }
        let alive = desk.session.as_ref().and_then(|found| self.adopt(found, rejected, TokenSet::is_alive));
        let alive = alive.map(|landed| landed.token);
        let mut tried = before.had;
        if let Some((endpoint, how)) = self.by_refresh() {
            // Once more where somebody has been faster who knows nothing of the lock, as on another machine.
            for _ in 0..2 {
                let Some(old) = desk.refresh_token(how, self.needs_person()) else { break };
                match self.refresh(&mut desk, endpoint, how, &old, before.granted.as_deref()).await {
                    Renewal::Issued(issued) => return self.keep(&desk, *issued, Origin::Refreshed, Some(old)),
                    Renewal::Failed(error) => {
                        let refresh = desk.unsaved.clone();
                        self.leave(desk);
                        return After { alive, ..After::failed(error, refresh) };
                    }
                    Renewal::Unsent => break,
                    Renewal::Refused => {
                        tried = true;
                        desk.refused(&old);
                        let found = desk.session.as_ref();
                        if let Some(landed) = found.and_then(|found| self.adopt(found, rejected, TokenSet::is_good)) {
                            return After::adopted(landed);
                        }
                    }
                }
            }
        }
        fault::point("login", "begun");
        match flow::login(self.login).await {
            Ok(issued) => self.keep(&desk, issued, logged_in(tried), None),
            Err(error) => {
                self.leave(desk);
                After { alive, ..After::failed(error, None) }
            }
        }
    }

    /// Sends the refresh token of the session, marked.
    async fn refresh(
        &self,
        desk: &mut Desk,
        endpoint: &TokenEndpoint,
        how: &Refresh,
        old: &Secret,
        granted: Option<&str>,
    ) -> Renewal {
        let Login { redactor, identity, .. } = self.login;
        redactor.learn(&identity.masked("refresh_token"), old.expose());
        if let (Some(keyring), Some(session)) = (self.login.keyring, &desk.session) {
            keyring.take_over(&session.bound, identity, redactor);
        }
        // What fails here has not taken the refresh token along.
        if let Err(error) = self.login.discover().await {
            return Renewal::Failed(error);
        }
        let granted =
            desk.session.as_ref().and_then(|session| session.granted_scope.clone()).or(granted.map(Box::from));
        let marked = how.rotates && desk.mark();
        if marked && let Err(error) = desk.write("mark") {
            self.tell_unkept(&error);
            desk.unmark();
            // Where its mark cannot be written its successor cannot be either, and the next process would send it again.
            if !self.needs_person() {
                return Renewal::Unsent;
            }
        }
        fault::point("refresh", "begun");
        let answer = flow::refresh(self.login, endpoint, how, old, granted.as_deref()).await;
        fault::point("refresh", "answered");
        match answer {
            Ok(issued) => Renewal::Issued(Box::new(issued)),
            Err(error) if error.refuses_refresh(how.rejected) => Renewal::Refused,
            Err(error) => {
                // Whether it is spent nobody knows: the mark stays, and nobody has it in memory.
                if how.rotates && error.may_have_been_heard() {
                    desk.unsaved = None;
                } else if marked {
                    desk.unmark();
                }
                Renewal::Failed(error)
            }
        }
    }

    /// Keeps what was issued before anyone is given it. An answer without a new refresh token leaves the old one in force
    /// (RFC 6749, section 6).
    fn keep(&self, desk: &Desk, mut issued: Issued, origin: Origin, old: Option<Secret>) -> After {
        if let (Some(before), Some(_), true) = (&desk.session, &old, issued.token.set.bound.is_empty()) {
            issued.token.set.bound = before.bound.clone();
        }
        let by = if origin == Origin::Refreshed { SessionOrigin::Refresh } else { SessionOrigin::Login };
        let refresh = issued.token.set.refresh.clone().or_else(|| old.clone());
        let session = StoredSession::of(self.login.identity, &issued.token, refresh, by);
        let after = After::of(issued, origin, old);
        match desk.held.write(&session, "session") {
            Ok(()) => After { refresh: None, ..after },
            Err(error) => {
                self.tell_unkept(&error);
                after
            }
        }
    }

    fn leave(&self, desk: Desk) {
        if let Err(error) = desk.leave() {
            self.tell_unkept(&error);
        }
    }

    /// The session under its lock. What cannot be read is put out of the way.
    fn read(&self, held: &Held) -> Result<Option<StoredSession>, StoreError> {
        match held.read() {
            Err(error) if error.is_unreadable() => {
                let aside = held.set_aside()?;
                let what = format!("a saved session cannot be read: {error}");
                let problem = Diagnostic::warning("store.unreadable", what)
                    .help("nothing needs to be done; the renamed file can be deleted");
                self.notices
                    .tell(problem.note(format!("it was renamed to {}, and a new session is used", aside.display())));
                Ok(None)
            }
            other => other,
        }
    }

    /// The token of a session, if it is one that counts and no service has rejected. It is taught before anyone has it.
    fn adopt(
        &self,
        session: &StoredSession,
        rejected: Option<&Token>,
        counts: fn(&TokenSet, Instant) -> bool,
    ) -> Option<Landed> {
        let (set, age) = session.tokens()?;
        if !counts(&set, Instant::now()) || rejected.is_some_and(|rejected| *rejected.access() == set.access) {
            return None;
        }
        let Login { redactor, identity, .. } = self.login;
        let tokens = [("access_token", Some(&set.access)), ("refresh_token", set.refresh.as_ref())];
        let tokens = tokens.into_iter().chain([("id_token", set.id.as_ref())]);
        let tokens = tokens.filter_map(|(name, secret)| Some((name, secret?)));
        for (name, secret) in tokens.chain(set.bound.iter().map(|(name, secret)| (&**name, secret))) {
            redactor.learn(&identity.masked(name), secret.expose());
        }
        if let Flow::Custom(custom) = &identity.provider.flow {
            self.login.learn_kept(custom, &set.response);
        }
        let key = self.login.keyring.and_then(|keyring| keyring.take_over(&set.bound, identity, redactor));
        if self.login.keyring.is_some() && set.is_bound() && key.is_none() {
            return None;
        }
        // Where what is sent cannot be made of it, a login tells why.
        let attachment = Attachment::of(identity, &set).ok()?;
        identity.learn_attachment(&attachment, redactor);
        let token = Arc::new(Token::had(set, attachment, age).bound_to(key));
        let origin = Origin::Stored { left: token.left() };
        Some(Landed { token, origin, exchange: None })
    }

    fn by_refresh(&self) -> Option<(&TokenEndpoint, &Refresh)> {
        let endpoint = self.login.identity.provider.flow.token_endpoint()?;
        Some((endpoint, endpoint.refresh.as_ref()?))
    }

    fn is_over(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    fn needs_person(&self) -> bool {
        self.login.identity.provider.flow.needs_person()
    }

    /// The store is no help: nobody else is either disturbed or helped by what is done now.
    async fn without_store(&self, error: &StoreError, before: Before) -> After {
        self.tell_unkept(error);
        self.alone(before).await
    }

    fn tell_unkept(&self, error: &StoreError) {
        let problem =
            Diagnostic::warning("store.unusable", format!("tokens are kept in memory only, not on disk: {error}"));
        self.notices.tell(match error {
            StoreError::Busy { .. } => problem.help("find out what the other callsheet is waiting for"),
            _ => problem.help("name another folder with --token-store, or `--token-store memory`"),
        });
    }

    fn tell_wait(&self) {
        let identity = self.login.identity;
        let of = Some(identity.persona()).filter(|persona| *persona != "default");
        let of = of.map(|persona| format!(" as {persona}")).unwrap_or_default();
        let who = format!("{} ({}){of}", identity.provider().name.value, identity.environment());
        let what = format!("waiting for another callsheet to log in to {who} …");
        self.notices
            .tell(Diagnostic::warning("store.waiting", what).help("end the other callsheet if it waits for nothing"));
    }
}

impl After {
    /// What was issued; an answer without a new refresh token leaves the old one in force (RFC 6749, section 6).
    fn of(issued: Issued, origin: Origin, old: Option<Secret>) -> Self {
        let refresh = issued.token.set.refresh.clone().or(old);
        let landed = Landed { token: Arc::new(issued.token), origin, exchange: Some(issued.exchange) };
        Self { result: Ok(landed), refresh, alive: None }
    }

    fn adopted(landed: Landed) -> Self {
        Self { result: Ok(landed), refresh: None, alive: None }
    }

    fn failed(error: AuthError, refresh: Option<Secret>) -> Self {
        Self { result: Err(error), refresh, alive: None }
    }
}

fn logged_in(had: bool) -> Origin {
    if had { Origin::LoggedInAgain } else { Origin::Fetched }
}
