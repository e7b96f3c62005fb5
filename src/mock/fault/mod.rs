//! Faults that can be made to befall requests: what networks, proxies and providers really do to clients.
//! Here they are described, matched with requests and counted down. How they are written stands in
//! `notation`, and the server carries them out.

mod notation;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use super::call::Call;
use super::site::Site;
use super::state::{Millis, State, lock, millis};
use super::token::Lifetime;
use hyper::StatusCode;

/// The request header that asks for a fault, for this one request.
pub const FAULT_HEADER: &str = "x-mock-fault";

/// How many keys of the header `early-expiry` are remembered.
const MOST_KEYS: usize = 10_000;

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The tokens that the site issued so far are refused from now on, although they should still be
    /// good. Befalls requests that carry a token.
    EarlyExpiry,
    /// Tokens issued from now on live this many seconds, and the token response says so. Befalls token
    /// requests.
    ShortLife(u64),
    /// Tokens issued from now on are refused after this time, while the token response says an hour.
    /// Befalls token requests.
    SecretlyShortLife(Duration),
    /// The refresh token is refused with this status (401 or 400) and `invalid_grant`.
    RefreshRefused(u16),
    /// The answer is this status, with `Retry-After` if one is given.
    Status(u16, Option<RetryAfter>),
    /// The answer begins this much later.
    Slow(Duration),
    /// The answer's body comes in small chunks, each this much later than the one before.
    SlowChunks(Duration),
    /// The connection is reset instead of an answer.
    Reset,
    /// The answer promises more bytes than it sends before the connection ends.
    Truncated,
    /// The answer's JSON breaks off in the middle, though it is complete as a message.
    Malformed,
    /// The answer is an HTML page with this status, as proxies and captive portals make them.
    Html(u16),
}

/// What a `Retry-After` header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u64),
    /// The HTTP date that is so many seconds ahead.
    Date(u64),
}

/// A fault, which requests it befalls, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Only requests to this site; every site when none is given.
    pub site: Option<Site>,
    /// Only requests with this method.
    pub method: Option<String>,
    /// Only requests whose path starts so, with or without the site's own prefix.
    pub path: Option<String>,
    /// How many requests it befalls; all of them when none is given.
    pub times: Option<u64>,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault that befalls the next request to the site, whichever it is.
    #[must_use]
    pub fn new(site: Site, kind: FaultKind) -> Self {
        Self { site: Some(site), method: None, path: None, times: Some(1), kind }
    }

    /// The same for requests with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The same for requests whose path starts so.
    #[must_use]
    pub fn path(mut self, prefix: &str) -> Self {
        self.path = Some(prefix.to_owned());
        self
    }

    /// The same for so many requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// The same for every request.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn matches(&self, site: Site, call: &Call) -> bool {
        let path = call.path();
        let under_site = path.get(1 + site.name().len()..).unwrap_or_default();
        self.site.is_none_or(|wanted| wanted == site)
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(call.method.as_str()))
            && self
                .path
                .as_ref()
                .is_none_or(|prefix| path.starts_with(prefix.as_str()) || under_site.starts_with(prefix.as_str()))
    }
}

/// How it is told that a token was expired before, so that its successor passes.
#[derive(Debug)]
pub(super) enum Once {
    /// Once for each key that the header gives.
    Key(String),
    /// Once for each subject, method and path; the next token passes and ends the matter.
    Request,
}

/// What befalls one request.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Expire every token the site issued so far.
    pub(super) expire_all: bool,
    /// Expire the token that the request carries.
    pub(super) expire_carried: Option<Once>,
    pub(super) delay: Option<Duration>,
    pub(super) per_chunk: Option<Duration>,
    /// At most one fault changes the answer itself.
    pub(super) answer: Option<FaultKind>,
}

impl Effects {
    /// Adds a fault unless one of its sort is there already. Says whether it was added.
    fn add(&mut self, kind: FaultKind) -> bool {
        match kind {
            FaultKind::EarlyExpiry => !std::mem::replace(&mut self.expire_all, true),
            FaultKind::Slow(delay) if self.delay.is_none() => {
                self.delay = Some(delay);
                true
            }
            FaultKind::SlowChunks(delay) if self.per_chunk.is_none() => {
                self.per_chunk = Some(delay);
                true
            }
            FaultKind::Status(..)
            | FaultKind::Reset
            | FaultKind::Truncated
            | FaultKind::Malformed
            | FaultKind::Html(_)
                if self.answer.is_none() =>
            {
                self.answer = Some(kind);
                true
            }
            _ => false,
        }
    }

    /// The names of the faults, for the journal.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        [
            (self.expire_all || self.expire_carried.is_some()).then_some("early_expiry"),
            self.delay.map(|_| "slow"),
            self.per_chunk.map(|_| "slow_chunks"),
            self.answer.map(|answer| match answer {
                FaultKind::Status(..) => "status",
                FaultKind::Reset => "reset",
                FaultKind::Truncated => "truncated",
                FaultKind::Malformed => "malformed",
                _ => "html",
            }),
        ]
        .into_iter()
        .flatten()
    }
}

/// The faults that wait for their requests.
#[derive(Default)]
pub(super) struct Faults {
    waiting: Mutex<Vec<Fault>>,
    /// By key, the raw token that the header `early-expiry` expired.
    expired: Mutex<HashMap<String, String>>,
}

impl Faults {
    pub(super) fn inject(&self, fault: Fault) {
        lock(&self.waiting).push(fault);
    }

    pub(super) fn clear(&self) {
        lock(&self.waiting).clear();
    }

    pub(super) fn waiting(&self) -> Vec<Fault> {
        lock(&self.waiting).clone()
    }

    /// What befalls this request. Of several faults that would change the answer, the one injected
    /// first does, and the others wait for later requests.
    pub(super) fn befall(&self, site: Site, call: &Call) -> Result<Effects, String> {
        let mut effects = Effects::default();
        if let Some(header) = call.headers.get(FAULT_HEADER) {
            let header = header.to_str().map_err(|error| error.to_string())?;
            effects.add_from_header(header)?;
        }
        self.take(|fault| {
            let concerns_tokens = matches!(fault.kind, FaultKind::EarlyExpiry);
            (!concerns_tokens || call.bearer().is_some()) && fault.matches(site, call) && effects.add(fault.kind)
        });
        Ok(effects)
    }

    /// How long the token that this request asks for is to live.
    pub(super) fn lifetime(&self, site: Site, call: &Call) -> Lifetime {
        let mut lifetime = None;
        self.take(|fault| {
            let applies = lifetime.is_none() && fault.matches(site, call);
            match fault.kind {
                FaultKind::ShortLife(seconds) if applies => {
                    lifetime = Some(Lifetime::of(seconds));
                    true
                }
                FaultKind::SecretlyShortLife(real) if applies => {
                    lifetime = Some(Lifetime { real: millis(real), ..Lifetime::default() });
                    true
                }
                _ => false,
            }
        });
        lifetime.unwrap_or_default()
    }

    /// The status with which this refresh is to be refused, if it is.
    pub(super) fn refusal_of_refresh(&self, site: Site, call: &Call) -> Option<StatusCode> {
        let mut refusal = None;
        self.take(|fault| match fault.kind {
            FaultKind::RefreshRefused(status) if refusal.is_none() && fault.matches(site, call) => {
                refusal = StatusCode::from_u16(status).ok();
                true
            }
            _ => false,
        });
        refusal
    }

    /// Shows every waiting fault and counts down those that are taken.
    fn take(&self, mut is_taken: impl FnMut(&Fault) -> bool) {
        let mut waiting = lock(&self.waiting);
        if waiting.is_empty() {
            return;
        }
        waiting.retain_mut(|fault| {
            if fault.times == Some(0) {
                return false;
            }
            if is_taken(fault) {
                fault.times = fault.times.map(|times| times - 1);
            }
            fault.times != Some(0)
        });
    }

    /// Expires tokens as the effects of a request ask for, before the request is answered.
    ///
    /// The header form must let a replay with a new token through, or renewal could never be shown. So it
    /// expires one token for each key; without a key, one for each subject, method and path, and what
    /// comes with another token afterwards passes and ends the matter.
    pub(super) fn expire_tokens(&self, state: &State, site: Site, call: &Call, effects: &Effects, now: Millis) {
        let Some(authority) = state.authority(site) else {
            return;
        };
        if effects.expire_all {
            authority.expire_all(None, now);
        }
        let (Some(once), Some(raw)) = (&effects.expire_carried, call.bearer()) else {
            return;
        };
        let Some(subject) = authority.subject_of(raw) else {
            return;
        };
        let id = match once {
            Once::Key(key) => format!("{site} {key}"),
            Once::Request => format!("{site} {subject} {} {}", call.method, call.path()),
        };
        let mut expired = lock(&self.expired);
        match expired.get(&id) {
            None => {
                if expired.len() >= MOST_KEYS {
                    expired.clear();
                }
                expired.insert(id, raw.to_owned());
                authority.expire(raw);
            }
            Some(earlier) if matches!(once, Once::Request) && earlier != raw => {
                expired.remove(&id);
            }
            Some(_) => {}
        }
    }
}
