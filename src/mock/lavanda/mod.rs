//! Lavanda's look-alike: client credentials posted as JSON, and a GraphQL API of rental properties. Its
//! tokens carry one scope; what a client may do is decided operation by operation.

mod estate;
mod graphql;

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::facts::Persona;
use super::keys;
use super::oauth::{self, challenged, invalid_client, invalid_request, refuse};
use super::reply::{Answer, Reply, settle};
use super::site::Site;
use super::state::{Millis, State};
use super::token::{Authority, Holder};

/// The one scope of the platform.
pub(super) const SCOPE: &str = "platapi/lavanda";

/// Who may use the API.
pub(super) const PERSONAS: [Persona; 2] = [
    Persona {
        name: "default",
        about: "reads and changes properties and reservations, and sees guests",
        credentials: &[("client_id", "3lavanda7demo9manager1"), ("client_secret", "demo-\"manager\"-secret-é")],
    },
    Persona {
        name: "reader",
        about: "reads properties and reservations; changes nothing and sees no guest's address",
        credentials: &[("client_id", "6lavanda2demo4reader8"), ("client_secret", "demo-reader-secret")],
    },
];

/// The token service and the properties.
pub(super) struct Lavanda {
    pub(super) authority: Authority,
    estate: estate::Estate,
}

impl Lavanda {
    pub(super) fn new(now: Millis) -> Self {
        Self {
            authority: Authority::new(
                Site::Lavanda,
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MockLavnd".to_owned(),
                None,
                &keys::LAVANDA,
            ),
            estate: estate::Estate::new(now),
        }
    }
}

pub(super) fn answer(state: &State, call: &Call) -> Reply {
    settle(match call.route().as_slice() {
        ["v1", "oauth2", "token"] => token(state, call),
        ["v1"] => api(state, call),
        _ => Ok(Reply::not_found("there is nothing at this path")),
    })
}

fn token(state: &State, call: &Call) -> Answer {
    let body = serde_json::from_slice::<Value>(&call.body);
    let grant = match body.as_ref().ok().and_then(|body| body.get("grant_type")) {
        Some(grant) if grant == "client_credentials" => "client_credentials",
        _ => "other",
    };
    state.journal.token_requested(Site::Lavanda, grant);
    oauth::require_post(call)?;
    if !call.is("application/json") {
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", "the body must be application/json"));
    }
    let fields = match body {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return Err(invalid_request("the body must be a JSON object")),
        Err(_) if has_curly_quotes(&String::from_utf8_lossy(&call.body)) => {
            return Err(invalid_request("the body is not JSON: it holds typographic quotes"));
        }
        Err(_) => return Err(invalid_request("the body is not JSON")),
    };
    if member(&fields, "grant_type")? != "client_credentials" {
        return Err(refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "only client_credentials is supported"));
    }
    let id = member(&fields, "client_id")?;
    let secret = member(&fields, "client_secret")?;
    let client = PERSONAS
        .iter()
        .find(|client| client.credentials[0].1 == id && client.credentials[1].1 == secret)
        .ok_or_else(|| {
            let description = if has_curly_quotes(id) || has_curly_quotes(secret) {
                "the client is unknown; its credentials hold typographic quotes"
            } else {
                "the client id or the client secret is wrong"
            };
            invalid_client(Site::Lavanda, "Bearer", description)
        })?;

    let authority = &state.lavanda.authority;
    let now = state.clock.now();
    let lifetime = state.faults.lifetime(Site::Lavanda, call);
    let id = client.credentials[0].1;
    let issued_at = now.div_euclid(1000);
    let claims = json!({
        "sub": id,
        "token_use": "access",
        "scope": SCOPE,
        "auth_time": issued_at,
        "iss": authority.issuer,
        "exp": issued_at.saturating_add_unsigned(lifetime.said),
        "iat": issued_at,
        "version": 2,
        "jti": state.random.uuid(),
        "client_id": id,
    });
    let holder = Holder { client: id, subject: id, scopes: &[SCOPE], family: authority.family() };
    let access_token = authority.issue(now, lifetime, &holder, &claims);
    Ok(oauth::granted(&json!({
        "access_token": access_token,
        "expires_in": lifetime.said,
        "token_type": "Bearer",
    })))
}

fn member<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Box<Reply>> {
    match fields.get(name) {
        Some(Value::String(value)) if !value.is_empty() => Ok(value),
        Some(Value::String(_)) | None => Err(invalid_request(&format!("the member {name} is missing"))),
        Some(_) => Err(invalid_request(&format!("the member {name} must be a text"))),
    }
}

fn has_curly_quotes(text: &str) -> bool {
    text.contains(['\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}'])
}

/// The GraphQL endpoint. Errors of the query come with status 200; those of the request do not.
fn api(state: &State, call: &Call) -> Answer {
    if call.method != Method::POST {
        return Ok(Reply::not_allowed(&call.method, "POST"));
    }
    let token = oauth::authorize(state, Site::Lavanda, call)?;
    if !token.grants(SCOPE) {
        let refusal = refuse(StatusCode::FORBIDDEN, "insufficient_scope", "wrong scope");
        return Err(challenged(*refusal, "Bearer realm=\"lavanda\""));
    }
    let envelope = oauth::json_object(call)?;
    let request = graphql::Request::read(&envelope).map_err(|problem| {
        let error = json!({ "message": problem, "extensions": { "code": "BAD_REQUEST" } });
        Box::new(Reply::json(StatusCode::BAD_REQUEST, &json!({ "errors": [error] })))
    })?;
    let may_change = token.client == PERSONAS[0].credentials[0].1;
    let visit =
        estate::Visit { estate: &state.lavanda.estate, client: &token.client, may_change, now: state.clock.now() };
    let response = graphql::respond(&request, &|resolution| visit.resolve(resolution));
    Ok(Reply::ok(&response))
}
