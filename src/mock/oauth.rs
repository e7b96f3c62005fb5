//! What the token endpoints and the protected APIs of the look-alikes have in common: the error bodies of
//! RFC 6749, section 5.2, the challenges of RFC 6750, section 3, and the reading of a form request.

use std::sync::Arc;

use hyper::header::{PRAGMA, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::call::{Call, Fields};
use super::lax::Lax;
use super::reply::Reply;
use super::site::Site;
use super::state::State;
use super::token::{Authority, Token};

/// The media type of the OAuth requests that follow the standard.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// A refusal by a token endpoint.
pub(super) fn refuse(status: StatusCode, error: &str, description: &str) -> Box<Reply> {
    Box::new(
        Reply::json(status, &json!({ "error": error, "error_description": description }))
            .no_store()
            .with(PRAGMA, "no-cache"),
    )
}

/// The request itself is at fault: status 400, `invalid_request`.
pub(super) fn invalid_request(description: &str) -> Box<Reply> {
    refuse(StatusCode::BAD_REQUEST, "invalid_request", description)
}

/// The grant (a code, a refresh token) does not hold: status 400, `invalid_grant`.
pub(super) fn invalid_grant(description: &str) -> Box<Reply> {
    refuse(StatusCode::BAD_REQUEST, "invalid_grant", description)
}

/// The client could not be authenticated: status 401, `invalid_client`, and the scheme to use.
pub(super) fn invalid_client(site: Site, scheme: &str, description: &str) -> Box<Reply> {
    let refusal = refuse(StatusCode::UNAUTHORIZED, "invalid_client", description);
    challenged(*refusal, &format!("{scheme} realm=\"{site}\""))
}

/// A refusal with the challenge that status 401 requires.
pub(super) fn challenged(refusal: Reply, challenge: &str) -> Box<Reply> {
    Box::new(refusal.with(WWW_AUTHENTICATE, challenge))
}

/// A token response: it must not be cached (RFC 6749, section 5.1).
pub(super) fn granted(body: &Value) -> Reply {
    Reply::ok(body).no_store().with(PRAGMA, "no-cache")
}

/// Only POST reaches a token endpoint (RFC 6749, section 3.2).
pub(super) fn require_post(call: &Call) -> Result<(), Box<Reply>> {
    if call.method == Method::POST { Ok(()) } else { Err(Box::new(Reply::not_allowed(&call.method, "POST"))) }
}

/// The parameters of a token request that must be a form.
pub(super) fn form_request(call: &Call) -> Result<Fields, Box<Reply>> {
    require_post(call)?;
    if !call.is(FORM) {
        let given = call.media_type().unwrap_or_else(|| "no content type".to_owned());
        return Err(invalid_request(&format!("the body must be {FORM}, not {given}")));
    }
    let fields = call.form();
    if let Some(name) = fields.repeated() {
        return Err(invalid_request(&format!("the parameter {} is given more than once", described(name))));
    }
    Ok(fields)
}

/// A parameter that must be there.
pub(super) fn required<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, Box<Reply>> {
    fields.get(name).ok_or_else(|| invalid_request(&format!("the parameter {name} is missing")))
}

/// Input of the client as an error description may hold it: RFC 6749, section 5.2 allows printable
/// ASCII without quotes and backslashes, and nobody wants to read a kilobyte of it.
pub(super) fn described(input: &str) -> String {
    input
        .chars()
        .take(60)
        .map(|character| match character {
            '"' | '\\' => '\'',
            ' '..='~' => character,
            _ => '?',
        })
        .collect()
}

/// The token that a protected API was called with, if it is good.
pub(super) fn authorize(state: &State, site: Site, call: &Call) -> Result<Arc<Token>, Box<Reply>> {
    let lax = Lax::of(call);
    let authority = state.authority(site);
    let Some(raw) = call.bearer() else {
        if let Some(token) = authority.filter(|_| lax.lets_anyone_in()).and_then(Authority::anyone) {
            return Ok(token);
        }
        let body = json!({
            "error": "unauthorized",
            "error_description": "this API needs an access token in the Authorization header",
        });
        let refusal = Reply::json(StatusCode::UNAUTHORIZED, &body).no_store();
        return Err(challenged(refusal, &format!("Bearer realm=\"{site}\"")));
    };
    let refusal = match authority {
        Some(authority) => match authority.check(raw, state.clock.now()) {
            Ok(token) => return Ok(token),
            Err(refusal) => match lax.overlook(authority, raw, refusal, state.clock.now()) {
                Some(token) => return Ok(token),
                None => refusal,
            },
        },
        None => super::token::Refusal::Foreign,
    };
    let description = refusal.describe();
    Err(challenged(
        *refuse(StatusCode::UNAUTHORIZED, "invalid_token", description),
        &format!("Bearer realm=\"{site}\", error=\"invalid_token\", error_description=\"{description}\""),
    ))
}

/// Demands one of several scopes of a token: status 403, `insufficient_scope` (RFC 6750, section 3.1).
pub(super) fn require_scope(site: Site, token: &Token, any_of: &[&str]) -> Result<(), Box<Reply>> {
    if any_of.iter().any(|scope| token.grants(scope)) {
        return Ok(());
    }
    let needed = any_of.join(" or ");
    let description = format!("this needs the scope {needed}");
    Err(challenged(
        *refuse(StatusCode::FORBIDDEN, "insufficient_scope", &description),
        &format!("Bearer realm=\"{site}\", error=\"insufficient_scope\", scope=\"{}\"", any_of.first().unwrap_or(&"")),
    ))
}

/// The JSON object that an API was sent.
pub(super) fn json_object(call: &Call) -> Result<Map<String, Value>, Box<Reply>> {
    let media_type = call.media_type().unwrap_or_default();
    if media_type != "application/json" && media_type != "application/merge-patch+json" {
        return Err(Box::new(Reply::error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body must be application/json",
        )));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => {
            Err(Box::new(Reply::error(StatusCode::BAD_REQUEST, "malformed_body", "the body must be a JSON object")))
        }
        Err(error) => Err(Box::new(Reply::error(
            StatusCode::BAD_REQUEST,
            "malformed_body",
            &format!("the body is not JSON: {error}"),
        ))),
    }
}
