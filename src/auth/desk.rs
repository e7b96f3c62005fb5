//! A session under its lock: what it says, what becomes of it, and that the one is written before the other is relied on.

use std::time::Duration;

use jiff::Timestamp;

use super::provider::Refresh;
use super::store::{Held, StoreError, StoredSession};
use super::token::Token;
use crate::secret::Secret;

/// A session under its lock.
pub(super) struct Desk {
    pub(super) held: Held,
    pub(super) session: Option<StoredSession>,
    /// A refresh token that could not be written: it is newer than that of the session.
    pub(super) unsaved: Option<Secret>,
    /// Whether the session is another than on disk.
    changed: bool,
}

impl Desk {
    /// What a service has rejected is none of the session any more.
    pub(super) fn new(
        held: Held,
        mut session: Option<StoredSession>,
        rejected: Option<&Token>,
        unsaved: Option<Secret>,
    ) -> Self {
        let mut changed = false;
        if let (Some(rejected), Some(session)) = (rejected, &mut session)
            && session.access_token.as_ref() == Some(rejected.access())
        {
            session.access_token = None;
            changed = true;
        }
        Self { held, session, unsaved, changed }
    }

    /// The refresh token that may be sent.
    pub(super) fn refresh_token(&self, how: &Refresh, needs_person: bool) -> Option<Secret> {
        if self.unsaved.is_some() {
            return self.unsaved.clone();
        }
        let session = self.session.as_ref()?;
        let doubtful = how.rotates && session.in_use_since.is_some() && !needs_person;
        session.refresh_token.clone().filter(|_| !doubtful)
    }

    /// Marks the refresh token as under way; `false` where it is marked already, by one who has died, or is not on disk.
    pub(super) fn mark(&mut self) -> bool {
        let Some(session) = self.session.as_mut().filter(|session| session.in_use_since.is_none()) else {
            return false;
        };
        session.in_use_since = Some(Timestamp::now());
        self.changed = true;
        true
    }

    pub(super) fn unmark(&mut self) {
        if let Some(session) = &mut self.session {
            session.in_use_since = None;
            self.changed = true;
        }
    }

    /// The refresh token was refused: what the store says now counts, if it says anything new.
    pub(super) fn refused(&mut self, old: &Secret) {
        self.unsaved = None;
        let found = self.held.read().ok().flatten();
        match found.filter(|found| found.refresh_token.as_ref().is_some_and(|found| found != old)) {
            Some(other) => (self.session, self.changed) = (Some(other), false),
            None => {
                if let Some(session) = &mut self.session {
                    (session.refresh_token, session.in_use_since, self.changed) = (None, None, true);
                }
            }
        }
    }

    pub(super) fn write(&mut self, step: &str) -> Result<(), StoreError> {
        if let Some(session) = &self.session {
            self.held.write(session, step)?;
            self.changed = false;
        }
        Ok(())
    }

    /// Leaves the session as it has become. One that is of no use to anybody goes.
    ///
    /// # Errors
    /// It could not be written.
    pub(super) fn leave(mut self) -> Result<(), StoreError> {
        let Some(session) = self.session.as_ref().filter(|_| self.changed) else { return Ok(()) };
        let ended = session.access_token.is_none() || session.left(Timestamp::now()) == Some(Duration::ZERO);
        let useless = ended && session.refresh_token.is_none();
        if useless { self.held.remove().map(drop) } else { self.write("leave") }
    }
}
