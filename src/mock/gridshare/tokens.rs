//! The token endpoint: a code for tokens (RFC 6749, section 4.1.3), a refresh token for a new access
//! token. As the documentation has it, the client is named twice, by Basic and by `client_id`, and a
//! refresh yields no new refresh token.

use hyper::StatusCode;
use serde_json::json;

use super::super::call::{Call, Fields};
use super::super::journal::Violation;
use super::super::oauth::{self, invalid_client, invalid_grant, invalid_request, refuse, required};
use super::super::reply::{Answer, Reply};
use super::super::site::Site;
use super::super::state::{Millis, State, lock};
use super::super::token::{self, Holder};
use super::authorize::verifies;
use super::{CLIENTS, Client, User};

/// How long a code lives.
pub(super) const CODE_LIFETIME: Millis = 60_000;
/// How long a refresh token lives: thirty days.
const REFRESH_LIFETIME: Millis = 30 * 24 * 3600 * 1000;

/// An authorization code and what it stands for.
pub(super) struct Code {
    pub(super) client: &'static Client,
    pub(super) user: &'static User,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<&'static str>,
    /// Whether fewer scopes were granted than asked for, which the client must then be told.
    pub(super) narrowed: bool,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) family: u64,
    pub(super) expires: Millis,
    pub(super) used: bool,
}

/// A refresh token and what it stands for.
pub(super) struct RefreshToken {
    pub(super) client: &'static Client,
    pub(super) user: &'static User,
    pub(super) scopes: Vec<&'static str>,
    pub(super) family: u64,
    pub(super) expires: Millis,
}

/// POST /oauth2/token.
pub(super) fn token(state: &State, call: &Call) -> Answer {
    let grant = match call.form().get("grant_type") {
        Some("authorization_code") => "authorization_code",
        Some("refresh_token") => "refresh_token",
        _ => "other",
    };
    state.journal.token_requested(Site::Gridshare, grant);
    let fields = oauth::form_request(call)?;
    let client = authenticate(call, &fields)?;
    match required(&fields, "grant_type")? {
        "authorization_code" => exchange(state, call, &fields, client),
        "refresh_token" => refresh(state, call, &fields, client),
        _ => Err(refuse(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "this client may use authorization_code and refresh_token",
        )),
    }
}

fn authenticate(call: &Call, fields: &Fields) -> Result<&'static Client, Box<Reply>> {
    let refusal = |description| invalid_client(Site::Gridshare, "Basic", description);
    let basic =
        call.basic().ok_or_else(|| refusal("the client id and secret must come in an Authorization: Basic header"))?;
    let client = CLIENTS
        .iter()
        .find(|client| basic.is_named(client.id) && basic.opens_with(client.secret))
        .ok_or_else(|| refusal("the client id or the client secret is wrong"))?;
    if fields.get("client_secret").is_some() {
        return Err(invalid_request("the client authenticates twice, by Basic and by client_secret"));
    }
    if required(fields, "client_id")? != client.id {
        return Err(invalid_request("the client_id in the body is not that of the Authorization header"));
    }
    Ok(client)
}

fn exchange(state: &State, call: &Call, fields: &Fields, client: &'static Client) -> Answer {
    let raw = required(fields, "code")?;
    let redirect_uri = required(fields, "redirect_uri")?;
    let now = state.clock.now();
    let mut desk = lock(&state.gridshare.desk);
    let code = desk.codes.get_mut(raw).ok_or_else(|| invalid_grant("the code is unknown"))?;
    if code.client.id != client.id {
        return Err(invalid_grant("the code was issued to another client"));
    }
    let family = code.family;
    if code.used {
        // Somebody has the code who should not (RFC 6749, section 4.1.2).
        state.gridshare.authority.withdraw(family);
        desk.refresh_tokens.retain(|_, token| token.family != family);
        state.journal.violated(Violation::ReusedCode);
        return Err(invalid_grant("the code was used before; the tokens it yielded are revoked"));
    }
    if code.expires <= now {
        return Err(invalid_grant("the code expired"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(invalid_grant("the redirect_uri is not the one that the code was sent to"));
    }
    match (&code.challenge, fields.get("code_verifier")) {
        (None, None) => {}
        (Some(challenge), Some(verifier)) if verifies(challenge, verifier) => {}
        (Some(_), Some(_)) => {
            return Err(invalid_grant("the code_verifier is not that of the code"));
        }
        (Some(_), None) => return Err(invalid_grant("the code_verifier is missing")),
        (None, Some(_)) => {
            return Err(invalid_grant("there is a code_verifier, but the code was asked for without a challenge"));
        }
    }
    code.used = true;
    let nonce = code.nonce.take();
    let narrowed = code.narrowed;
    let grant =
        RefreshToken { client, user: code.user, scopes: code.scopes.clone(), family, expires: now + REFRESH_LIFETIME };
    let mut body = issue(state, call, &grant, &grant.scopes, nonce.as_deref());
    let refresh_token = token::opaque(&state.random);
    body["refresh_token"] = json!(refresh_token);
    if narrowed {
        body["scope"] = json!(grant.scopes.join(" "));
    }
    desk.tidy(now);
    desk.refresh_tokens.insert(refresh_token, grant);
    Ok(oauth::granted(&body))
}

fn refresh(state: &State, call: &Call, fields: &Fields, client: &'static Client) -> Answer {
    let raw = required(fields, "refresh_token")?;
    if let Some(status) = state.faults.refusal_of_refresh(Site::Gridshare, call) {
        let refusal = refuse(status, "invalid_grant", "the refresh token is refused");
        return Err(oauth::challenged(*refusal, "Basic realm=\"gridshare\""));
    }
    let now = state.clock.now();
    let desk = lock(&state.gridshare.desk);
    let grant =
        desk.refresh_tokens.get(raw).ok_or_else(|| invalid_grant("the refresh token is unknown or was revoked"))?;
    if grant.client.id != client.id {
        return Err(invalid_grant("the refresh token was issued to another client"));
    }
    if grant.expires <= now {
        return Err(invalid_grant("the refresh token expired"));
    }
    let scopes = match fields.get("scope") {
        None => grant.scopes.clone(),
        Some(scope) => scope
            .split(' ')
            .map(|scope| grant.scopes.iter().copied().find(|known| *known == scope))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| refuse(StatusCode::BAD_REQUEST, "invalid_scope", "a refresh cannot widen the scope"))?,
    };
    state.journal.refreshed(Site::Gridshare);
    Ok(oauth::granted(&issue(state, call, grant, &scopes, None)))
}

/// Issues an access token and an id token.
fn issue(state: &State, call: &Call, grant: &RefreshToken, scopes: &[&str], nonce: Option<&str>) -> serde_json::Value {
    let authority = &state.gridshare.authority;
    let now = state.clock.now();
    let lifetime = state.faults.lifetime(Site::Gridshare, call);
    let issued_at = now.div_euclid(1000);
    let expires_at = issued_at.saturating_add_unsigned(lifetime.said);
    let holder = Holder { client: grant.client.id, subject: grant.user.name, scopes, family: grant.family };
    let access_token = authority.issue(
        now,
        lifetime,
        &holder,
        &json!({
            "sub": grant.user.subject,
            "iss": authority.issuer,
            "version": 2,
            "client_id": grant.client.id,
            "token_use": "access",
            "scope": scopes.join(" "),
            "auth_time": issued_at,
            "exp": expires_at,
            "iat": issued_at,
            "jti": state.random.uuid(),
            "username": grant.user.name,
        }),
    );
    let mut id_claims = json!({
        "sub": grant.user.subject,
        "iss": authority.issuer,
        "aud": grant.client.id,
        "token_use": "id",
        "auth_time": issued_at,
        "exp": expires_at,
        "iat": issued_at,
        "jti": state.random.uuid(),
        "email": grant.user.name,
        "email_verified": true,
    });
    if let Some(nonce) = nonce {
        id_claims["nonce"] = json!(nonce);
    }
    json!({
        "access_token": access_token,
        "id_token": authority.sign(&id_claims),
        "token_type": "Bearer",
        "expires_in": lifetime.said,
    })
}
