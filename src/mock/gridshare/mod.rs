//! Gridshare's look-alike: the authorization code flow through a login page and a consent page, and the
//! API of home batteries. The pages are as awkward as real ones: several forms, hidden inputs, cookies.

mod authorize;
mod devices;
mod pages;
mod tokens;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::call::Call;
use super::facts::Persona;
use super::keys;
use super::reply::{Reply, settle};
use super::site::Site;
use super::state::{Millis, State, lock};
use super::token::Authority;

/// The scopes that the authorization service knows.
pub(super) const SCOPES: [&str; 5] =
    ["lunar/device.read", "lunar/device.write", "lunar/plan.read", "lunar/plan.write", "openid"];

/// Who may use the API.
pub(super) const PERSONAS: [Persona; 3] = [
    Persona {
        name: "default",
        about: "owns three batteries and may do everything with them",
        credentials: &[
            ("client_id", "1example23456789"),
            ("client_secret", "demo/gridshare+secret=1"),
            ("username", "homeowner@example.com"),
            ("password", "sun & battery=100%"),
        ],
    },
    Persona {
        name: "viewer",
        about: "sees one battery of a neighbour; is granted scopes that read, whatever is asked for",
        credentials: &[
            ("client_id", "1example23456789"),
            ("client_secret", "demo/gridshare+secret=1"),
            ("username", "viewer@example.com"),
            ("password", "only-looking"),
        ],
    },
    Persona {
        name: "partner",
        about: "the same user as the default, through the client of another partner",
        credentials: &[
            ("client_id", "2example98765432"),
            ("client_secret", "demo-second-partner"),
            ("username", "homeowner@example.com"),
            ("password", "sun & battery=100%"),
        ],
    },
];

/// A registered partner.
struct Client {
    id: &'static str,
    secret: &'static str,
    name: &'static str,
}

static CLIENTS: [Client; 2] = [
    Client { id: PERSONAS[0].credentials[0].1, secret: PERSONAS[0].credentials[1].1, name: "Example Energy Apps" },
    Client { id: PERSONAS[2].credentials[0].1, secret: PERSONAS[2].credentials[1].1, name: "Second Example Partner" },
];

/// The one redirect URI that both clients registered beside loopback addresses.
const REDIRECT_URI: &str = "https://www.example.com";

/// A customer who can log in.
struct User {
    name: &'static str,
    password: &'static str,
    subject: &'static str,
    reads_only: bool,
}

static USERS: [User; 2] = [
    User {
        name: PERSONAS[0].credentials[2].1,
        password: PERSONAS[0].credentials[3].1,
        subject: "5f1c6e0a-7d0b-4c51-9a55-0d6f2f6f0001",
        reads_only: false,
    },
    User {
        name: PERSONAS[1].credentials[2].1,
        password: PERSONAS[1].credentials[3].1,
        subject: "5f1c6e0a-7d0b-4c51-9a55-0d6f2f6f0002",
        reads_only: true,
    },
];

/// The authorization service and the batteries.
pub(super) struct Gridshare {
    pub(super) authority: Authority,
    desk: Mutex<Desk>,
    devices: devices::Devices,
}

/// Who is logged in, what was agreed to, and what was handed out.
#[derive(Default)]
struct Desk {
    sessions: HashMap<String, Session>,
    /// User, client and scopes that were agreed to.
    consents: HashSet<(&'static str, &'static str, String)>,
    codes: HashMap<String, tokens::Code>,
    refresh_tokens: HashMap<String, tokens::RefreshToken>,
}

struct Session {
    user: &'static User,
    expires: Millis,
}

impl Desk {
    /// Forgets what expired and the oldest logins, so that the tables of a long-running mock stay small.
    fn tidy(&mut self, now: Millis) {
        const FEW: usize = 1000;
        const LONG: Millis = 3_600_000;
        if self.sessions.len() > FEW {
            self.sessions.retain(|_, session| session.expires > now);
        }
        if self.codes.len() > FEW {
            // Used codes are kept for a while, so that a second use is noticed.
            self.codes.retain(|_, code| code.expires + LONG > now);
        }
        if self.refresh_tokens.len() > FEW {
            let newest = self.refresh_tokens.values().map(|token| token.family).max().unwrap_or_default();
            let oldest = newest.saturating_sub(FEW as u64 / 2);
            self.refresh_tokens.retain(|_, token| token.expires > now && token.family > oldest);
        }
    }
}

impl Gridshare {
    pub(super) fn new(now: Millis) -> Self {
        Self {
            authority: Authority::new(
                Site::Gridshare,
                "https://cognito-idp.us-west-1.amazonaws.com/us-west-1_MockGrid1".to_owned(),
                None,
                &keys::GRIDSHARE,
            ),
            desk: Mutex::default(),
            devices: devices::Devices::new(now),
        }
    }

    /// Revokes the refresh tokens that are still good, or only those of one user. Says how many.
    pub(super) fn revoke_refresh_tokens(&self, of: Option<&str>) -> usize {
        let mut desk = lock(&self.desk);
        let before = desk.refresh_tokens.len();
        desk.refresh_tokens.retain(|_, token| of.is_some_and(|of| token.user.name != of));
        before - desk.refresh_tokens.len()
    }
}

pub(super) fn answer(state: &State, call: &Call) -> Reply {
    settle(match call.route().as_slice() {
        ["oauth2", "authorize"] => authorize::authorize(state, call),
        ["login"] => authorize::login(state, call),
        ["consent"] => authorize::consent(state, call),
        ["signup" | "search" | "language"] => Ok(pages::elsewhere()),
        ["oauth2", "token"] => tokens::token(state, call),
        ["api", "v1", path @ ..] => devices::answer(state, call, path),
        _ => Ok(Reply::not_found("there is nothing at this path")),
    })
}
