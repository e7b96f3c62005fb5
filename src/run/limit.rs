//! The time that a scenario may take. It stands still while its answers are looked at more closely: what is done for a report
//! is no time of the service's, and no run times out because of it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A clock is looked at again no sooner than this while it stands still.
const SOONEST: Duration = Duration::from_millis(5);

/// What of a scenario's time is not its own.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<Paused>);

#[derive(Debug, Default)]
struct Paused {
    /// How long all pauses took that are over.
    over: Duration,
    /// When the present one began.
    since: Option<Instant>,
}

impl Pauses {
    pub(super) fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).since = Some(Instant::now());
    }

    /// Ends a pause; gives how long it took.
    pub(super) fn end(&self) -> Duration {
        let mut paused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let took = paused.since.take().map_or(Duration::ZERO, |since| since.elapsed());
        paused.over += took;
        took
    }

    /// All of them until now.
    pub(super) fn so_far(&self) -> Duration {
        let paused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        paused.over + paused.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Ends when so much time has passed from now on, pauses left out.
    pub(super) async fn ended(&self, limit: Duration) {
        let started = Instant::now();
        let before = self.so_far();
        loop {
            let own = started.elapsed().saturating_sub(self.so_far().saturating_sub(before));
            let left = limit.saturating_sub(own);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.max(SOONEST)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_limit_stands_still_during_a_pause() {
        let pauses = Pauses::default();
        let started = Instant::now();
        let paused = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            pauses.begin();
            tokio::time::sleep(Duration::from_millis(300)).await;
            pauses.end()
        };
        let ((), pause) = tokio::join!(pauses.ended(Duration::from_millis(100)), paused);
        assert!(pause >= Duration::from_millis(300), "{pause:?}");
        assert!(started.elapsed() >= pause + Duration::from_millis(100), "{:?} {pause:?}", started.elapsed());
        assert_eq!(pauses.so_far(), pause);
    }
}
