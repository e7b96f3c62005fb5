//! The control interface under `/__mock/`: reading the journal, injecting faults, moving the clock. It is
//! for tests and demonstrations, so it needs no token, and its calls do not enter the journal.

use std::time::Duration;

use hyper::{Method, StatusCode};
use serde_json::json;

use super::call::Call;
use super::facts;
use super::fault::Fault;
use super::reply::Reply;
use super::site::Site;
use super::state::{State, World};

/// Answers a call of the control interface.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    let state = world.state();
    let only = |allowed: &str, method: &Method, reply: &dyn Fn() -> Reply| {
        if call.method == *method { reply() } else { Reply::not_allowed(&call.method, allowed) }
    };
    match call.route().as_slice() {
        ["journal"] => only("GET", &Method::GET, &|| {
            let (entries, total) = state.journal.entries();
            Reply::ok(&json!({ "total": total, "entries": entries }))
        }),
        ["counters"] => only("GET", &Method::GET, &|| Reply::ok(&state.journal.counters())),
        ["facts"] => only("GET", &Method::GET, &|| Reply::ok(&facts::of_every_provider(&state.base))),
        ["reset"] => only("POST", &Method::POST, &|| {
            world.reset();
            Reply::empty(StatusCode::NO_CONTENT)
        }),
        ["advance"] => only("POST", &Method::POST, &|| advance(&state, call)),
        ["faults"] => match call.method {
            Method::GET => {
                let faults: Vec<_> = state.faults.waiting().iter().map(Fault::describe).collect();
                Reply::ok(&json!({ "faults": faults }))
            }
            Method::POST => inject(&state, call),
            Method::DELETE => {
                state.faults.clear();
                Reply::empty(StatusCode::NO_CONTENT)
            }
            _ => Reply::not_allowed(&call.method, "GET, POST, DELETE"),
        },
        [site, "expire-tokens"] => only("POST", &Method::POST, &|| {
            let query = call.query();
            match expire_tokens(&state, site, query.get("of")) {
                Some(count) => Reply::ok(&json!({ "expired": count })),
                None => Reply::not_found("there is no such provider"),
            }
        }),
        [site, "revoke-refresh"] => only("POST", &Method::POST, &|| {
            let query = call.query();
            match revoke_refresh(&state, site, query.get("of")) {
                Some(count) => Reply::ok(&json!({ "revoked": count })),
                None => Reply::not_found("this provider issues no refresh tokens"),
            }
        }),
        _ => Reply::not_found("the control interface has no such path"),
    }
}

fn inject(state: &State, call: &Call) -> Reply {
    match Fault::from_json(&call.body) {
        Ok(fault) => {
            let reply = Reply::json(StatusCode::CREATED, &fault.describe());
            state.faults.inject(fault);
            reply
        }
        Err(problem) => Reply::error(StatusCode::BAD_REQUEST, "invalid_fault", &problem),
    }
}

fn advance(state: &State, call: &Call) -> Reply {
    let query = call.query();
    match query.get("seconds").map(str::parse) {
        Some(Ok(seconds)) => {
            state.clock.advance(Duration::from_secs(seconds));
            Reply::ok(&json!({ "now": state.clock.now() }))
        }
        _ => {
            Reply::error(StatusCode::BAD_REQUEST, "invalid_request", "say how far, as in /__mock/advance?seconds=3600")
        }
    }
}

/// Expires the access tokens of a provider issued so far, or only those of one user or client.
fn expire_tokens(state: &State, site: &str, of: Option<&str>) -> Option<usize> {
    let authority = state.authority(Site::named(site)?)?;
    Some(authority.expire_all(of, state.clock.now()))
}

/// Revokes the refresh tokens of a provider issued so far, or only those of one user.
fn revoke_refresh(state: &State, site: &str, of: Option<&str>) -> Option<usize> {
    match Site::named(site)? {
        Site::Simacan => Some(state.simacan.revoke_refresh_tokens(of)),
        Site::Gridshare => Some(state.gridshare.revoke_refresh_tokens(of)),
        _ => None,
    }
}
