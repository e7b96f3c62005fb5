//! Stopping a run: on Ctrl-C, and after the first failure under `--fail-fast`.

use tokio::sync::watch;

/// Why a run stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// It does not.
    No,
    /// A scenario failed and `--fail-fast` was given: what runs is finished, nothing new begins.
    FailFast,
    /// The user said so: steps are abandoned, teardowns run.
    Interrupted,
    /// The user said so again: teardowns are abandoned too. What was done is still reported.
    AtOnce,
}

/// Tells a run to stop. Clones tell the same run.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<Stop>);

impl Default for Stopper {
    fn default() -> Self {
        Self(watch::Sender::new(Stop::No))
    }
}

impl Stopper {
    /// Stops the run. What is more urgent overrules what is less, never the reverse.
    pub fn stop(&self, why: Stop) {
        self.0.send_if_modified(|current| {
            let stronger = why > *current;
            if stronger {
                *current = why;
            }
            stronger
        });
    }

    /// Whether and why the run stops.
    pub fn state(&self) -> Stop {
        *self.0.borrow()
    }

    /// Waits until the user interrupts the run.
    pub async fn interrupted(&self) {
        self.reaches(Stop::Interrupted).await;
    }

    /// Waits until the user interrupts the teardowns as well.
    pub async fn at_once(&self) {
        self.reaches(Stop::AtOnce).await;
    }

    async fn reaches(&self, why: Stop) {
        // The sender is held by this very value, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stop| *stop >= why).await;
    }
}
