//! Simacan's look-alike: a password login that yields a refresh token, which every use replaces by a newer
//! one; and the API of trips. Using a replaced token is taken for theft, as real providers take it.

mod trips;

use std::collections::HashMap;
use std::sync::Mutex;

use hyper::StatusCode;
use serde_json::json;

use super::call::Call;
use super::facts::Persona;
use super::journal::Violation;
use super::keys;
use super::oauth::{self, FORM, challenged, refuse};
use super::reply::{Answer, Reply, settle};
use super::site::Site;
use super::state::{Millis, State, lock};
use super::token::{self, Authority, Holder};

/// How long a refresh token lives: thirty days.
const REFRESH_LIFETIME: Millis = 30 * 24 * 3600 * 1000;
/// How many refresh tokens are remembered before those of no use are forgotten, and the oldest.
const REMEMBERED: usize = 20_000;
/// The audience of the access tokens.
const AUDIENCE: &str = "simacan-services";
/// The client that the id tokens are for; the provider's users know of none.
const CLIENT: &str = "simacan-auth-api";

/// Who may use the API.
pub(super) const PERSONAS: [Persona; 3] = [
    Persona {
        name: "default",
        about: "creates, reads and changes trips",
        credentials: &[("username", "demo@haulier.example"), ("password", "truck+trailer & 100%=load")],
    },
    Persona {
        name: "planner",
        about: "creates, reads and changes trips",
        credentials: &[("username", "planner@haulier.example"), ("password", "plan-the-trips")],
    },
    Persona {
        name: "auditor",
        about: "reads trips only",
        credentials: &[("username", "auditor@haulier.example"), ("password", "read-the-trips")],
    },
];

/// The auth service and the trips.
pub(super) struct Simacan {
    pub(super) authority: Authority,
    refresh_tokens: Mutex<HashMap<String, RefreshToken>>,
    trips: trips::Trips,
}

struct RefreshToken {
    user: &'static Persona,
    family: u64,
    expires: Millis,
    condition: Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Good,
    /// Replaced by a newer one.
    Rotated,
    Revoked,
}

impl RefreshToken {
    fn is_good(&self, now: Millis) -> bool {
        self.condition == Condition::Good && self.expires > now
    }
}

impl Simacan {
    pub(super) fn new(base: &str, now: Millis) -> Self {
        Self {
            authority: Authority::new(Site::Simacan, format!("{base}/simacan"), Some(AUDIENCE), &keys::SIMACAN),
            refresh_tokens: Mutex::default(),
            trips: trips::Trips::new(now),
        }
    }

    /// Revokes the refresh tokens that are still good, or only those of one user. Says how many.
    pub(super) fn revoke_refresh_tokens(&self, of: Option<&str>) -> usize {
        let mut revoked = 0;
        for token in lock(&self.refresh_tokens).values_mut() {
            let concerned = of.is_none_or(|of| username(token.user) == of);
            if concerned && token.condition == Condition::Good {
                token.condition = Condition::Revoked;
                revoked += 1;
            }
        }
        revoked
    }
}

fn username(user: &Persona) -> &'static str {
    user.credentials[0].1
}

pub(super) fn answer(state: &State, call: &Call) -> Reply {
    settle(match call.route().as_slice() {
        ["api", "v1", "auth", "password"] => password(state, call),
        ["api", "v1", "auth", "refresh"] => refresh(state, call),
        ["trips-api", "v1", path @ ..] => trips::answer(state, call, path),
        _ => Ok(Reply::not_found("there is nothing at this path")),
    })
}

fn password(state: &State, call: &Call) -> Answer {
    state.journal.token_requested(Site::Simacan, "password");
    let fields = form(call)?;
    let username = oauth::required(&fields, "username")?;
    let password = oauth::required(&fields, "password")?;
    let user = PERSONAS
        .iter()
        .find(|user| user.credentials[0].1 == username && user.credentials[1].1 == password)
        .ok_or_else(|| unauthorized("Bad credentials"))?;

    let now = state.clock.now();
    let mut refresh_tokens = lock(&state.simacan.refresh_tokens);
    if refresh_tokens.values().any(|token| std::ptr::eq(token.user, user) && token.is_good(now)) {
        state.journal.violated(Violation::AvoidableLogin);
    }
    let family = state.simacan.authority.family();
    Ok(issue(state, call, &mut refresh_tokens, user, family))
}

fn refresh(state: &State, call: &Call) -> Answer {
    state.journal.token_requested(Site::Simacan, "refresh_token");
    let fields = form(call)?;
    let raw = oauth::required(&fields, "refresh_token")?;
    if let Some(status) = state.faults.refusal_of_refresh(Site::Simacan, call) {
        let refusal = refuse(status, "invalid_grant", "the refresh token is refused");
        return Err(challenged(*refusal, CHALLENGE));
    }

    let now = state.clock.now();
    let mut refresh_tokens = lock(&state.simacan.refresh_tokens);
    let token = refresh_tokens.get_mut(raw).ok_or_else(|| unauthorized("the refresh token is unknown"))?;
    let family = token.family;
    match token.condition {
        Condition::Revoked => Err(unauthorized("the refresh token was revoked")),
        Condition::Rotated => {
            // Whoever holds a replaced token, or whoever replaced it, has stolen it: nobody can say
            // who, so that both are locked out (RFC 9700, section 4.14.2).
            for other in refresh_tokens.values_mut() {
                if other.family == family {
                    other.condition = Condition::Revoked;
                }
            }
            state.simacan.authority.withdraw(family);
            state.journal.violated(Violation::RotatedRefreshToken);
            Err(unauthorized("the refresh token was replaced by a newer one; every token of this login is revoked"))
        }
        Condition::Good if token.expires <= now => Err(unauthorized("the refresh token expired")),
        Condition::Good => {
            token.condition = Condition::Rotated;
            let user = token.user;
            state.journal.refreshed(Site::Simacan);
            Ok(issue(state, call, &mut refresh_tokens, user, family))
        }
    }
}

const CHALLENGE: &str = "Bearer realm=\"simacan\"";

/// This provider answers 401 where RFC 6749 has 400.
fn unauthorized(description: &str) -> Box<Reply> {
    let refusal = refuse(StatusCode::UNAUTHORIZED, "invalid_grant", description);
    challenged(*refusal, CHALLENGE)
}

/// The fields of a form; the provider's documentation wants this content type and no other.
fn form(call: &Call) -> Result<super::call::Fields, Box<Reply>> {
    oauth::require_post(call)?;
    if !call.is(FORM) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "invalid_request",
            "the body must be application/x-www-form-urlencoded",
        ));
    }
    oauth::form_request(call)
}

/// Issues an access token, an id token and a refresh token.
fn issue(
    state: &State,
    call: &Call,
    refresh_tokens: &mut HashMap<String, RefreshToken>,
    user: &'static Persona,
    family: u64,
) -> Reply {
    let authority = &state.simacan.authority;
    let now = state.clock.now();
    let lifetime = state.faults.lifetime(Site::Simacan, call);
    let issued_at = now.div_euclid(1000);
    let expires_at = issued_at.saturating_add_unsigned(lifetime.said);
    let name = username(user);
    let scopes: &[&str] = if user.name == "auditor" { &["trips.read"] } else { &["trips.read", "trips.write"] };
    let holder = Holder { client: CLIENT, subject: name, scopes, family };
    let claims = json!({
        "iss": authority.issuer,
        "sub": name,
        "aud": AUDIENCE,
        "token_use": "access",
        "scope": scopes.join(" "),
        "iat": issued_at,
        "exp": expires_at,
        "jti": state.random.uuid(),
    });
    let access_token = authority.issue(now, lifetime, &holder, &claims);
    let id_token = authority.sign(&json!({
        "iss": authority.issuer,
        "sub": name,
        "aud": CLIENT,
        "token_use": "id",
        "preferred_username": name,
        "role": user.name,
        "iat": issued_at,
        "exp": expires_at,
    }));
    if refresh_tokens.len() >= REMEMBERED {
        let oldest = family.saturating_sub(REMEMBERED as u64 / 2);
        refresh_tokens.retain(|_, token| token.is_good(now) && token.family > oldest);
    }
    let refresh_token = token::opaque(&state.random);
    refresh_tokens.insert(
        refresh_token.clone(),
        RefreshToken { user, family, expires: now + REFRESH_LIFETIME, condition: Condition::Good },
    );
    oauth::granted(&json!({
        "access_token": access_token,
        "refresh_token": refresh_token,
        "id_token": id_token,
        "token_type": "bearer",
        "expires_in": lifetime.said,
    }))
}
