//! Everything the mock remembers between requests, in one value. A reset replaces it as a whole, so
//! that no forgotten table can carry something of one test over into the next.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::cognito::Cognito;
use super::echo::Echo;
use super::fault::Faults;
use super::gridshare::Gridshare;
use super::journal::Journal;
use super::lavanda::Lavanda;
use super::simacan::Simacan;
use super::site::Site;
use super::token::Authority;

/// The running mock's address and its present [`State`].
pub(super) struct World {
    base: String,
    seed: Option<u64>,
    state: Mutex<Arc<State>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The state holds tokens, which nothing may print.
        formatter.debug_struct("World").field("base", &self.base).finish_non_exhaustive()
    }
}

impl World {
    pub(super) fn new(base: String, seed: Option<u64>) -> Self {
        let state = Mutex::new(Arc::new(State::new(base.clone(), seed)));
        Self { base, seed, state }
    }

    /// The present state; a request keeps the one it began with.
    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&lock(&self.state))
    }

    /// Forgets everything: tokens, data, faults, journal, and the moved clock.
    pub(super) fn reset(&self) {
        *lock(&self.state) = Arc::new(State::new(self.base.clone(), self.seed));
    }
}

/// What the mock remembers.
pub(super) struct State {
    /// The address of the mock with its scheme and no trailing slash.
    pub(super) base: String,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) journal: Journal,
    pub(super) faults: Faults,
    pub(super) lavanda: Lavanda,
    pub(super) cognito: Cognito,
    pub(super) simacan: Simacan,
    pub(super) gridshare: Gridshare,
    pub(super) echo: Echo,
}

impl State {
    fn new(base: String, seed: Option<u64>) -> Self {
        let clock = Clock::default();
        Self {
            random: Random::new(seed),
            journal: Journal::default(),
            faults: Faults::default(),
            lavanda: Lavanda::new(clock.now()),
            cognito: Cognito::new(clock.now()),
            simacan: Simacan::new(&base, clock.now()),
            gridshare: Gridshare::new(clock.now()),
            echo: Echo::default(),
            clock,
            base,
        }
    }

    /// The authority that issues the tokens of a site; the echo service has none.
    pub(super) fn authority(&self, site: Site) -> Option<&Authority> {
        match site {
            Site::Lavanda => Some(&self.lavanda.authority),
            Site::Cognito => Some(&self.cognito.authority),
            Site::Simacan => Some(&self.simacan.authority),
            Site::Gridshare => Some(&self.gridshare.authority),
            Site::Echo => None,
        }
    }
}

/// A moment in milliseconds since the epoch.
pub(super) type Millis = i64;

/// The mock's own clock. It can be moved forward, so that an hour's expiry can be tested in no time.
#[derive(Default)]
pub(super) struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// The present moment by this clock.
    pub(super) fn now(&self) -> Millis {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        millis(elapsed).saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Moves the clock forward, by a century in all at most.
    pub(super) fn advance(&self, by: Duration) {
        const CENTURY: Millis = 100 * 366 * 24 * 3600 * 1000;
        let by = millis(by);
        let _ = self
            .ahead
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| Some(ahead.saturating_add(by).min(CENTURY)));
    }
}

/// A duration in whole milliseconds.
pub(super) fn millis(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A moment as RFC 3339 text in UTC, with seconds as its smallest unit.
pub(super) fn rfc3339(moment: Millis) -> String {
    jiff::Timestamp::from_second(moment.div_euclid(1000)).unwrap_or_default().to_string()
}

/// A moment as an HTTP date (RFC 9110, section 5.6.7).
pub(super) fn http_date(moment: Millis) -> String {
    let timestamp = jiff::Timestamp::from_second(moment.div_euclid(1000)).unwrap_or_default();
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp).unwrap_or_default()
}

/// The only source of chance in the mock, so that a seed repeats a run.
pub(super) struct Random(Mutex<fastrand::Rng>);

impl Random {
    fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)))
    }

    /// A random UUID of version 4.
    pub(super) fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(lock(&self.0).u128(..).to_be_bytes()).into_uuid().to_string()
    }

    /// Random letters and digits.
    pub(super) fn text(&self, length: usize) -> String {
        let mut random = lock(&self.0);
        std::iter::repeat_with(|| random.alphanumeric()).take(length).collect()
    }
}

/// Takes a lock. A thread that panicked while holding it leaves data that is still good enough for a
/// mock, and a mock that goes on answering explains a failure better than one that stops.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
