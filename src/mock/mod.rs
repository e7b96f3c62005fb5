//! The embedded look-alikes of four API providers, and an echo service, on one loopback port. They are
//! strict where the real ones are strict, can be made to fail as the real ones fail, and keep a journal
//! of what they were asked. The mock shares no code with the client side, so that a mistake made there
//! cannot be made here as well and hide itself.
//!
//! | site | authorization | API |
//! |---|---|---|
//! | `/lavanda` | POST `/v1/oauth2/token` | POST `/v1` (GraphQL; the schema is `lavanda/graphql/schema.graphql`) |
//! | `/cognito` | POST `/oauth2/token` | `/api/items`, `/api/items/{id}` |
//! | `/simacan` | POST `/api/v1/auth/password`, `/api/v1/auth/refresh` | `/trips-api/v1/trips`, `…/{id}`, `…/{id}/dispatch` |
//! | `/gridshare` | `/oauth2/authorize`, `/login`, `/consent`, POST `/oauth2/token` | `/api/v1/devices`, `…/{id}`, `…/{id}/telemetry`, `…/{id}/plans` |
//! | `/echo` | none | `anything`, `json`, `body`, `status/{code}`, `delay/{ms}`, `redirect/{n}`, `redirect-to`, `cookies`… |
//!
//! Every provider has `/.well-known/jwks.json` and `/.well-known/openid-configuration`. The control
//! interface has GET `/__mock/journal`, `counters` and `facts`, POST `reset`, `advance?seconds=N`,
//! `{provider}/expire-tokens` and `{provider}/revoke-refresh` (both with `?of=USER` if wanted), and GET, POST
//! and DELETE `faults`. A request can bring its own fault along in the header [`FAULT_HEADER`]; with
//! `lax=WAY` in it an API takes a token that it must refuse.

mod call;
mod cognito;
mod control;
mod echo;
mod facts;
mod fault;
mod gridshare;
mod journal;
mod keys;
mod lavanda;
mod lax;
mod oauth;
mod payload;
mod reply;
mod server;
mod simacan;
mod site;
mod state;
mod token;
mod wellknown;
mod wire;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use facts::{Persona, ProviderFacts};
pub use fault::{FAULT_HEADER, Fault, FaultKind, RetryAfter};
pub use journal::{Counters, Entry, JOURNAL_LENGTH, SiteCounters, Violations};
pub use site::Site;
use state::World;

/// How a mock is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct MockOptions {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Makes identifiers and opaque tokens the same in every run; without one they are random.
    pub seed: Option<u64>,
}

/// A running mock on 127.0.0.1. It ends when it is dropped.
#[derive(Debug)]
pub struct Mock {
    address: SocketAddr,
    world: Arc<World>,
    stop: Option<watch::Sender<()>>,
    server: JoinHandle<()>,
}

impl Mock {
    /// Starts a mock on the current Tokio runtime. It accepts connections when this returns. The error
    /// is that of binding the port.
    pub async fn start(options: MockOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(World::new(format!("http://{address}"), options.seed));
        let (stop, stopped) = watch::channel(());
        let server = tokio::spawn(server::serve(listener, Arc::clone(&world), stopped));
        Ok(Self { address, world, stop: Some(stop), server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as a URL without a trailing slash: `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where each provider is found and with which credentials.
    pub fn facts(&self) -> Vec<ProviderFacts> {
        facts::of_every_provider(&self.base())
    }

    /// Lets the answers that are under way finish, for a second at most, and ends.
    pub async fn stop(mut self) {
        self.stop = None;
        // The server cannot panic, and were it cancelled, it would have ended as well.
        let _ = (&mut self.server).await;
    }

    /// Injects a fault; it waits until requests come that it befalls.
    pub fn inject(&self, fault: Fault) {
        self.world.state().faults.inject(fault);
    }

    /// Removes the faults that still wait.
    pub fn clear_faults(&self) {
        self.world.state().faults.clear();
    }

    /// Expires every access token that the site issued so far. Says how many were still good.
    pub fn expire_tokens(&self, site: Site) -> usize {
        let state = self.world.state();
        state.authority(site).map_or(0, |authority| authority.expire_all(None, state.clock.now()))
    }

    /// Revokes every refresh token that the site issued so far. Says how many were still good.
    pub fn revoke_refresh_tokens(&self, site: Site) -> usize {
        let state = self.world.state();
        match site {
            Site::Simacan => state.simacan.revoke_refresh_tokens(None),
            Site::Gridshare => state.gridshare.revoke_refresh_tokens(None),
            Site::Lavanda | Site::Cognito | Site::Echo => 0,
        }
    }

    /// Moves the mock's clock forward, so that tokens and codes expire without waiting.
    pub fn advance(&self, by: Duration) {
        self.world.state().clock.advance(by);
    }

    /// The latest requests, oldest first, at most [`JOURNAL_LENGTH`] of them.
    pub fn journal(&self) -> Vec<Entry> {
        self.world.state().journal.entries().0
    }

    /// What was counted since the start or the latest reset.
    pub fn counters(&self) -> Counters {
        self.world.state().journal.counters()
    }

    /// Forgets everything: tokens, data, faults, journal and counters, and the moved clock.
    pub fn reset(&self) {
        self.world.reset();
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.server.abort();
    }
}
