//! The record of what the mock was asked and what it made of it. It holds names, serials and numbers, and
//! never a secret or a token, so that it can be printed wherever a test needs it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Instant;

use serde::Serialize;

use super::call::Call;
use super::site::Site;
use super::state::{Millis, lock};

/// How many of the latest requests are kept.
pub const JOURNAL_LENGTH: usize = 1000;

/// Query parameters whose values never enter the journal.
const SECRET_PARAMETERS: [&str; 9] = [
    "access_token",
    "assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "password",
    "refresh_token",
    "state",
];

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its number, counted from 1 in the order in which answers were made.
    pub seq: u64,
    /// When it came in, in milliseconds since the epoch by the mock's clock.
    pub at: i64,
    /// The site it was for; none when the path names no site.
    pub site: Option<Site>,
    /// The request's method.
    pub method: String,
    /// The request's path as it was sent.
    pub path: String,
    /// The request's query, with the values of secret parameters replaced by `*`.
    pub query: String,
    /// The status of the answer; none when none was given (a reset, a client that went away).
    pub status: Option<u16>,
    /// The content type of the request's body.
    pub content_type: Option<String>,
    /// The serial of the access token that it carried, such as `simacan/access-3`; `unknown` for a
    /// token that no authority of the mock issued.
    pub token: Option<String>,
    /// The injected fault that befell it.
    pub fault: Option<String>,
    /// How long the answer took to make, in microseconds.
    pub micros: u64,
    /// The number of the connection it came over, counted from 1.
    pub connection: u64,
}

/// What the mock counted since its start or the latest reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests to any path but the control interface.
    pub requests: u64,
    /// TCP connections accepted.
    pub connections: u64,
    /// Requests being answered now.
    pub in_flight: u64,
    /// The most requests that were being answered at once.
    pub max_in_flight: u64,
    /// The counters of each site that was called.
    pub sites: BTreeMap<Site, SiteCounters>,
    /// What no careful client does.
    pub violations: Violations,
}

/// What was counted for one site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SiteCounters {
    /// Requests to the site.
    pub requests: u64,
    /// Requests for a token, granted or not, by grant type; `other` for grants it does not know.
    pub token_requests: BTreeMap<&'static str, u64>,
    /// Requests for a token that were refused.
    pub tokens_refused: u64,
    /// Tokens renewed by a refresh token.
    pub refreshes: u64,
    /// Answers with status 401.
    pub unauthorized: u64,
    /// Requests that a fault befell.
    pub faults: u64,
    /// The most token requests that were being answered at once.
    pub max_token_requests_in_flight: u64,
}

/// What no careful client does, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Violations {
    /// A refresh token was used after it had been replaced.
    pub rotated_refresh_token_reused: u64,
    /// An authorization code was used a second time.
    pub code_reused: u64,
    /// A password was sent although a refresh token of the same user was still good.
    pub avoidable_password_logins: u64,
    /// A token was sent to a site that did not issue it.
    pub token_sent_to_another_site: u64,
}

/// A kind of violation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Violation {
    RotatedRefreshToken,
    ReusedCode,
    AvoidableLogin,
    ForeignToken,
}

/// The journal of a mock.
#[derive(Default)]
pub(super) struct Journal(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    entries: VecDeque<Entry>,
    counters: Counters,
    seq: u64,
    token_requests_in_flight: BTreeMap<Site, u64>,
}

impl Journal {
    /// Counts a connection and says its number.
    pub(super) fn connected(&self) -> u64 {
        let mut pages = lock(&self.0);
        pages.counters.connections += 1;
        pages.counters.connections
    }

    /// Counts a request that is now being answered.
    fn enter(&self, site: Option<Site>, for_token: bool) {
        let mut pages = lock(&self.0);
        let counters = &mut pages.counters;
        counters.requests += 1;
        counters.in_flight += 1;
        counters.max_in_flight = counters.max_in_flight.max(counters.in_flight);
        let Some(site) = site else { return };
        counters.sites.entry(site).or_default().requests += 1;
        if for_token {
            let in_flight = pages.token_requests_in_flight.entry(site).or_default();
            *in_flight += 1;
            let in_flight = *in_flight;
            let counters = pages.counters.sites.entry(site).or_default();
            counters.max_token_requests_in_flight = counters.max_token_requests_in_flight.max(in_flight);
        }
    }

    fn leave(&self, mut entry: Entry, for_token: bool) {
        let mut pages = lock(&self.0);
        pages.seq += 1;
        entry.seq = pages.seq;
        pages.counters.in_flight = pages.counters.in_flight.saturating_sub(1);
        if let Some(site) = entry.site {
            let counters = pages.counters.sites.entry(site).or_default();
            counters.unauthorized += u64::from(entry.status == Some(401));
            counters.faults += u64::from(entry.fault.is_some());
            counters.tokens_refused += u64::from(for_token && entry.status.is_some_and(|status| status >= 400));
            if for_token {
                let in_flight = pages.token_requests_in_flight.entry(site).or_default();
                *in_flight = in_flight.saturating_sub(1);
            }
        }
        if pages.entries.len() == JOURNAL_LENGTH {
            pages.entries.pop_front();
        }
        pages.entries.push_back(entry);
    }

    /// Counts a request for a token.
    pub(super) fn token_requested(&self, site: Site, grant: &'static str) {
        let mut pages = lock(&self.0);
        let counters = pages.counters.sites.entry(site).or_default();
        *counters.token_requests.entry(grant).or_default() += 1;
    }

    /// Counts a token that was renewed.
    pub(super) fn refreshed(&self, site: Site) {
        lock(&self.0).counters.sites.entry(site).or_default().refreshes += 1;
    }

    /// Counts a violation.
    pub(super) fn violated(&self, violation: Violation) {
        let mut pages = lock(&self.0);
        let violations = &mut pages.counters.violations;
        *match violation {
            Violation::RotatedRefreshToken => &mut violations.rotated_refresh_token_reused,
            Violation::ReusedCode => &mut violations.code_reused,
            Violation::AvoidableLogin => &mut violations.avoidable_password_logins,
            Violation::ForeignToken => &mut violations.token_sent_to_another_site,
        } += 1;
    }

    /// The latest requests, oldest first, and how many there were in all.
    pub(super) fn entries(&self) -> (Vec<Entry>, u64) {
        let pages = lock(&self.0);
        (pages.entries.iter().cloned().collect(), pages.seq)
    }

    pub(super) fn counters(&self) -> Counters {
        lock(&self.0).counters.clone()
    }
}

/// A request between its arrival and its answer. One that is dropped unanswered, because its client
/// went away, enters the journal too.
pub(super) struct Visit<'a> {
    journal: &'a Journal,
    began: Instant,
    for_token: bool,
    entry: Option<Entry>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(journal: &'a Journal, call: &Call, site: Option<Site>, at: Millis, connection: u64) -> Self {
        let for_token = matches!(call.route().last(), Some(&("token" | "password" | "refresh")))
            && site.is_some_and(|site| Site::PROVIDERS.contains(&site));
        journal.enter(site, for_token);
        Self {
            journal,
            began: Instant::now(),
            for_token,
            entry: Some(Entry {
                seq: 0,
                at,
                site,
                method: call.method.to_string(),
                path: call.path().to_owned(),
                query: without_secrets(call.raw_query()),
                status: None,
                content_type: call.header("content-type").map(str::to_owned),
                token: None,
                fault: None,
                micros: 0,
                connection,
            }),
        }
    }

    pub(super) fn carried(&mut self, token: String) {
        if let Some(entry) = &mut self.entry {
            entry.token = Some(token);
        }
    }

    pub(super) fn befell(&mut self, fault: &str) {
        if let Some(entry) = &mut self.entry {
            match &mut entry.fault {
                Some(earlier) => {
                    earlier.push_str(", ");
                    earlier.push_str(fault);
                }
                none => *none = Some(fault.to_owned()),
            }
        }
    }

    /// The answer was made.
    pub(super) fn answered(mut self, status: u16) {
        if let Some(entry) = &mut self.entry {
            entry.status = Some(status);
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if let Some(mut entry) = self.entry.take() {
            entry.micros = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.journal.leave(entry, self.for_token);
        }
    }
}

/// A raw query with the values of secret parameters replaced.
fn without_secrets(query: &str) -> String {
    if query.is_empty() {
        return String::new();
    }
    query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) => {
                format!("{name}=*")
            }
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}
