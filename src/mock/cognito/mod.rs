//! The machine-to-machine client of a Cognito user pool: client credentials by HTTP Basic and a form
//! body, with scopes; and an API of items that such a client may read or write.

mod items;

use hyper::StatusCode;
use serde_json::json;

use super::call::Call;
use super::facts::Persona;
use super::keys;
use super::oauth::{self, invalid_client, invalid_request, refuse};
use super::reply::{Answer, Reply, settle};
use super::site::Site;
use super::state::{Millis, State};
use super::token::{Authority, Holder};

/// The scopes that the user pool knows.
pub(super) const SCOPES: [&str; 2] = ["api/read", "api/write"];

/// Who may use the API.
pub(super) const PERSONAS: [Persona; 2] = [
    Persona {
        name: "default",
        about: "reads and writes items",
        credentials: &[
            ("client_id", "4demo8writer2client6id"),
            ("client_secret", "demo+secret/with=reserved:chars%21&more"),
        ],
    },
    Persona {
        name: "reader",
        about: "reads items; it has the scope api/read only",
        credentials: &[("client_id", "7demo1reader5client3id"), ("client_secret", "demo-reader-secret")],
    },
];

struct Client {
    id: &'static str,
    secret: &'static str,
    scopes: &'static [&'static str],
}

const CLIENTS: [Client; 2] = [
    Client { id: PERSONAS[0].credentials[0].1, secret: PERSONAS[0].credentials[1].1, scopes: &SCOPES },
    Client { id: PERSONAS[1].credentials[0].1, secret: PERSONAS[1].credentials[1].1, scopes: &["api/read"] },
];

/// The user pool and the items.
pub(super) struct Cognito {
    pub(super) authority: Authority,
    items: items::Items,
}

impl Cognito {
    pub(super) fn new(now: Millis) -> Self {
        Self {
            authority: Authority::new(
                Site::Cognito,
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_MockPool1".to_owned(),
                None,
                &keys::COGNITO,
            ),
            items: items::Items::new(now),
        }
    }
}

pub(super) fn answer(state: &State, call: &Call) -> Reply {
    settle(match call.route().as_slice() {
        ["oauth2", "token"] => token(state, call),
        ["api", path @ ..] => items::answer(state, call, path),
        _ => Ok(Reply::not_found("there is nothing at this path")),
    })
}

fn token(state: &State, call: &Call) -> Answer {
    let grant = match call.form().get("grant_type") {
        Some("client_credentials") => "client_credentials",
        _ => "other",
    };
    state.journal.token_requested(Site::Cognito, grant);
    let fields = oauth::form_request(call)?;
    let client = authenticate(call, fields.get("client_id"))?;
    if fields.get("client_secret").is_some() {
        return Err(invalid_request("the client authenticates twice, by Basic and by client_secret"));
    }
    if oauth::required(&fields, "grant_type")? != "client_credentials" {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "this client may use client_credentials only",
        ));
    }
    let scopes = requested_scopes(client, fields.get("scope"))?;

    let authority = &state.cognito.authority;
    let now = state.clock.now();
    let lifetime = state.faults.lifetime(Site::Cognito, call);
    let issued_at = now.div_euclid(1000);
    let claims = json!({
        "sub": client.id,
        "token_use": "access",
        "scope": scopes.join(" "),
        "auth_time": issued_at,
        "iss": authority.issuer,
        "exp": issued_at.saturating_add_unsigned(lifetime.said),
        "iat": issued_at,
        "version": 2,
        "jti": state.random.uuid(),
        "client_id": client.id,
    });
    let holder = Holder { client: client.id, subject: client.id, scopes: &scopes, family: authority.family() };
    let access_token = authority.issue(now, lifetime, &holder, &claims);
    Ok(oauth::granted(&json!({
        "access_token": access_token,
        "expires_in": lifetime.said,
        "token_type": "Bearer",
    })))
}

/// The client that the Basic credentials belong to. A `client_id` in the body is allowed if it is the
/// same.
fn authenticate(call: &Call, in_body: Option<&str>) -> Result<&'static Client, Box<Reply>> {
    let refusal = |description| invalid_client(Site::Cognito, "Basic", description);
    let basic =
        call.basic().ok_or_else(|| refusal("the client id and secret must come in an Authorization: Basic header"))?;
    let client = CLIENTS
        .iter()
        .find(|client| basic.is_named(client.id) && basic.opens_with(client.secret))
        .ok_or_else(|| refusal("the client id or the client secret is wrong"))?;
    match in_body {
        Some(id) if id != client.id => {
            Err(invalid_request("the client_id in the body is not that of the Authorization header"))
        }
        _ => Ok(client),
    }
}

fn requested_scopes(client: &Client, requested: Option<&str>) -> Result<Vec<&'static str>, Box<Reply>> {
    let Some(requested) = requested else {
        return Ok(client.scopes.to_vec());
    };
    requested
        .split(' ')
        .map(|scope| {
            client.scopes.iter().copied().find(|known| *known == scope).ok_or_else(|| {
                let description =
                    format!("the scope {} is unknown or not allowed to this client", oauth::described(scope));
                refuse(StatusCode::BAD_REQUEST, "invalid_scope", &description)
            })
        })
        .collect()
}
