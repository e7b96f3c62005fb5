//! What one login has yielded so far, for all scenarios of a run, and what is handed out of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::dpop::Keyring;
use super::error::AuthError;
use super::flight::Landed;
use super::flow::Exchange;
use super::store::Store;
use super::token::Token;
use crate::secret::Secret;

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
    pub(super) session: Option<Arc<Session>>,
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
    /// Another process had left it in the store.
    Stored {
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
pub(super) struct Session {
    state: Mutex<State>,
    /// Where it is kept on disk, if it is.
    pub(super) store: Option<Store>,
    /// The key that its tokens are bound to, if they are.
    pub(super) keyring: Keyring,
}

/// What is there now.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) token: Option<Arc<Token>>,
    /// The refresh token that has not been used yet, where it is not on disk.
    pub(super) refresh: Option<Secret>,
    /// The scope of the last token.
    pub(super) scope: Option<Box<str>>,
    /// The acquisition that is under way.
    pub(super) flight: Option<watch::Receiver<Option<Outcome>>>,
    pub(super) failed: Option<Failure>,
    /// Renewals in a row whose tokens nothing accepted.
    pub(super) fruitless: u32,
    /// Whether there has been a token before.
    pub(super) had: bool,
}

/// Why there was no token, and how long that is remembered.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Arc<AuthError>,
    /// `None`: for the whole run.
    pub(super) until: Option<Instant>,
}

/// What an acquisition came to.
pub(super) type Outcome = Result<Landed, Arc<AuthError>>;

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
    /// One that is kept there, or in memory only.
    pub(super) fn kept(store: Option<Store>) -> Self {
        Self { store, ..Self::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(super) fn good(&self, now: Instant) -> Option<&Arc<Token>> {
        self.token.as_ref().filter(|token| token.is_good(now))
    }

    pub(super) fn alive(&self, now: Instant) -> Option<&Arc<Token>> {
        self.token.as_ref().filter(|token| token.is_alive(now))
    }

    pub(super) fn failure(&self, now: Instant) -> Option<Arc<AuthError>> {
        self.failed
            .as_ref()
            .filter(|failure| failure.until.is_none_or(|until| now < until))
            .map(|failure| failure.error.clone())
    }

    pub(super) fn under_way(&self) -> Option<watch::Receiver<Option<Outcome>>> {
        // A sender that is gone without a word has died with its task.
        self.flight.clone().filter(|flight| flight.has_changed().is_ok() || flight.borrow().is_some())
    }
}
