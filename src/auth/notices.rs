//! What the broker has to tell that is no error of anyone's step: it waits for another process, a file had to be put out
//! of the way, the store cannot be written.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::source::Diagnostic;

/// A way out for notices, each of which is told once.
#[derive(Default)]
pub(super) struct Notices(Mutex<Told>);

#[derive(Default)]
struct Told {
    to: Option<Box<dyn Fn(Diagnostic) + Send + Sync>>,
    /// What was told before there was anyone to hear it.
    waiting: Vec<Diagnostic>,
    /// The messages of all that was told.
    known: BTreeSet<String>,
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notices")
    }
}

impl Notices {
    /// Tells a notice, unless it was told before.
    pub(super) fn tell(&self, notice: Diagnostic) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !told.known.insert(notice.message.clone()) {
            return;
        }
        match &told.to {
            Some(to) => to(notice),
            None => told.waiting.push(notice),
        }
    }

    /// Where they go from now on.
    pub(super) fn go(&self, to: Box<dyn Fn(Diagnostic) + Send + Sync>) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.waiting.drain(..).for_each(&to);
        told.to = Some(to);
    }
}
