//! The authorization endpoint and the pages a person is led through (RFC 6749, section 4.1). The request
//! travels along in the query of every page and is checked anew each time, so that nothing has to be
//! remembered of those who never come back.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::header::SET_COOKIE;
use hyper::{Method, StatusCode};
use url::form_urlencoded;

use super::super::call::{Call, Fields};
use super::super::oauth::FORM;
use super::super::reply::{Answer, Reply};
use super::super::state::{Millis, State, lock};
use super::tokens::{CODE_LIFETIME, Code};
use super::{CLIENTS, Client, REDIRECT_URI, SCOPES, Session, USERS, User, pages};

/// The scopes that one who may only look cannot grant.
const WRITING: [&str; 2] = ["lunar/device.write", "lunar/plan.write"];
const SESSION_COOKIE: &str = "gridshare_session";
const CSRF_COOKIE: &str = "gridshare_csrf";
const SESSION_LIFETIME: Millis = 3_600_000;

/// What a client asks a user for.
pub(super) struct Request {
    pub(super) client: &'static Client,
    redirect_uri: String,
    state: String,
    pub(super) scopes: Vec<&'static str>,
    challenge: Option<String>,
    nonce: Option<String>,
    asks_for_login: bool,
}

impl Request {
    /// Reads and checks the request. What is wrong with the client or the redirect URI is shown to the
    /// person, for nobody else can be trusted with it; everything else is reported to the client.
    fn read(query: &Fields) -> Result<Self, Box<Reply>> {
        let to_person = |problem: &str| Box::new(pages::problem(StatusCode::BAD_REQUEST, problem));
        if let Some(name) = query.repeated() {
            let problem = format!("The parameter {name} is given more than once.");
            return Err(to_person(&problem));
        }
        let client = CLIENTS
            .iter()
            .find(|client| query.get("client_id") == Some(client.id))
            .ok_or_else(|| to_person("The client is unknown."))?;
        let redirect_uri = query
            .get("redirect_uri")
            .filter(|uri| is_registered(uri))
            .ok_or_else(|| to_person("The redirect_uri is not registered for this client."))?;

        let client_state = query.get("state");
        let to_client = |error: &str, description: &str| {
            let answer = [("error", error), ("error_description", description)];
            Box::new(redirect(redirect_uri, &answer, client_state))
        };
        match query.get("response_type") {
            Some("code") => {}
            Some(_) => {
                return Err(to_client("unsupported_response_type", "only the response type code is supported"));
            }
            None => return Err(to_client("invalid_request", "response_type is missing")),
        }
        let state = client_state.ok_or_else(|| to_client("invalid_request", "state is missing; it must be sent"))?;
        let asked: Vec<_> =
            query.get("scope").ok_or_else(|| to_client("invalid_scope", "scope is missing"))?.split(' ').collect();
        if asked.iter().any(|scope| !SCOPES.contains(scope)) {
            return Err(to_client("invalid_scope", "the scope is unknown or malformed"));
        }
        // In one order and without repetition, so that equal scopes are equal consents.
        let scopes = SCOPES.into_iter().filter(|known| asked.contains(known)).collect();
        let challenge = match (query.get("code_challenge"), query.get("code_challenge_method")) {
            (None, None) => None,
            (Some(challenge), Some("S256")) if is_digest(challenge) => Some(challenge.to_owned()),
            (Some(_), Some("S256")) => {
                return Err(to_client("invalid_request", "code_challenge is not a base64url SHA-256 digest"));
            }
            _ => {
                return Err(to_client("invalid_request", "code_challenge must come with the method S256"));
            }
        };
        Ok(Self {
            client,
            redirect_uri: redirect_uri.to_owned(),
            state: state.to_owned(),
            scopes,
            challenge,
            nonce: query.get("nonce").map(str::to_owned),
            asks_for_login: query.get("prompt") == Some("login"),
        })
    }

    /// The scopes that a user can grant: viewers can only let others view.
    fn grantable(&self, user: &User) -> Vec<&'static str> {
        self.scopes.iter().copied().filter(|scope| !user.reads_only || !WRITING.contains(scope)).collect()
    }
}

fn is_digest(challenge: &str) -> bool {
    URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|bytes| bytes.len() == 32)
}

/// A redirect URI is compared as a string (RFC 9700, section 4.1.3), but loopback addresses may have any
/// port (RFC 8252, section 7.3) and here any path.
fn is_registered(uri: &str) -> bool {
    if uri == REDIRECT_URI {
        return true;
    }
    uri.starts_with("http://")
        && url::Url::parse(uri).is_ok_and(|url| {
            matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
}

/// Sends the browser back to the client.
fn redirect(redirect_uri: &str, answer: &[(&str, &str)], state: Option<&str>) -> Reply {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    Reply::found(&format!("{redirect_uri}{separator}{}", query.finish()))
}

/// GET /oauth2/authorize.
pub(super) fn authorize(state: &State, call: &Call) -> Answer {
    require(call, &[Method::GET, Method::HEAD], "GET, HEAD")?;
    let request = Request::read(&call.query())?;
    match session(state, call) {
        Some(user) if !request.asks_for_login => Ok(agreed_or_ask(state, call, &request, user)),
        _ => Ok(Reply::found(&page_of(call, "login"))),
    }
}

/// GET and POST /login.
pub(super) fn login(state: &State, call: &Call) -> Answer {
    require(call, &[Method::GET, Method::HEAD, Method::POST], "GET, HEAD, POST")?;
    let request = Request::read(&call.query())?;
    if call.method != Method::POST {
        return Ok(login_page(state, call, &request, None));
    }
    let form = posted_form(call)?;
    let user = USERS
        .iter()
        .find(|user| form.get("username") == Some(user.name) && form.get("password") == Some(user.password));
    let Some(user) = user else {
        return Ok(login_page(state, call, &request, Some("Incorrect username or password.")));
    };
    let now = state.clock.now();
    let id = state.random.text(40);
    {
        let mut desk = lock(&state.gridshare.desk);
        desk.tidy(now);
        let expires = now + SESSION_LIFETIME;
        desk.sessions.insert(id.clone(), Session { user, expires });
    }
    let cookie = format!("{SESSION_COOKIE}={id}; Path=/gridshare; HttpOnly; SameSite=Lax");
    Ok(agreed_or_ask(state, call, &request, user).and(SET_COOKIE, &cookie))
}

/// GET and POST /consent.
pub(super) fn consent(state: &State, call: &Call) -> Answer {
    require(call, &[Method::GET, Method::HEAD, Method::POST], "GET, HEAD, POST")?;
    let request = Request::read(&call.query())?;
    let Some(user) = session(state, call) else {
        return Ok(Reply::found(&page_of(call, "login")));
    };
    let scopes = request.grantable(user);
    if call.method != Method::POST {
        let (csrf, cookie) = csrf(state, call);
        let action = page_of(call, "consent");
        let page = pages::consent(&action, &csrf, user.name, request.client.name, &scopes);
        return Ok(with_cookie(page, cookie.as_deref()));
    }
    let form = posted_form(call)?;
    match form.get("action") {
        Some("approve") => {
            let agreed = (user.name, request.client.id, scopes.join(" "));
            lock(&state.gridshare.desk).consents.insert(agreed);
            Ok(with_code(state, &request, user))
        }
        Some("deny") => Ok(redirect(
            &request.redirect_uri,
            &[("error", "access_denied"), ("error_description", "the user denied the request")],
            Some(&request.state),
        )),
        _ => Err(Box::new(pages::problem(StatusCode::BAD_REQUEST, "Say approve or deny."))),
    }
}

/// Leads a user who is logged in to the consent page, or past it if the same was agreed to before.
fn agreed_or_ask(state: &State, call: &Call, request: &Request, user: &'static User) -> Reply {
    let wanted = (user.name, request.client.id, request.grantable(user).join(" "));
    if lock(&state.gridshare.desk).consents.contains(&wanted) {
        with_code(state, request, user)
    } else {
        Reply::found(&page_of(call, "consent"))
    }
}

/// Sends the browser back to the client with a code.
fn with_code(state: &State, request: &Request, user: &'static User) -> Reply {
    let code = state.random.uuid();
    let mut desk = lock(&state.gridshare.desk);
    desk.tidy(state.clock.now());
    desk.codes.insert(
        code.clone(),
        Code {
            client: request.client,
            user,
            redirect_uri: request.redirect_uri.clone(),
            scopes: request.grantable(user),
            narrowed: request.grantable(user).len() < request.scopes.len(),
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            family: state.gridshare.authority.family(),
            expires: state.clock.now() + CODE_LIFETIME,
            used: false,
        },
    );
    redirect(&request.redirect_uri, &[("code", &code)], Some(&request.state))
}

fn login_page(state: &State, call: &Call, request: &Request, error: Option<&str>) -> Reply {
    let (csrf, cookie) = csrf(state, call);
    let action = page_of(call, "login");
    let page = pages::login(&action, &csrf, request.client.name, error);
    with_cookie(page, cookie.as_deref())
}

/// A sibling page that carries the same request.
fn page_of(call: &Call, name: &str) -> String {
    format!("/gridshare/{name}?{}", call.raw_query())
}

/// The user whose session the cookie names.
fn session(state: &State, call: &Call) -> Option<&'static User> {
    let id = call.cookie(SESSION_COOKIE)?;
    let desk = lock(&state.gridshare.desk);
    let session = desk.sessions.get(id)?;
    (session.expires > state.clock.now()).then_some(session.user)
}

/// The value for the hidden input, and the cookie it is bound to where the browser has none yet.
fn csrf(state: &State, call: &Call) -> (String, Option<String>) {
    match call.cookie(CSRF_COOKIE) {
        Some(cookie) if !cookie.is_empty() => (derived(cookie), None),
        _ => {
            let cookie = state.random.text(32);
            (derived(&cookie), Some(cookie))
        }
    }
}

fn derived(cookie: &str) -> String {
    let input = format!("the mock's form protection {cookie}");
    URL_SAFE_NO_PAD.encode(digest(&SHA256, input.as_bytes()))
}

fn with_cookie(page: Reply, csrf: Option<&str>) -> Reply {
    match csrf {
        Some(value) => {
            let cookie = format!("{CSRF_COOKIE}={value}; Path=/gridshare; HttpOnly; SameSite=Lax");
            page.and(SET_COOKIE, &cookie)
        }
        None => page,
    }
}

/// The fields of a form that was posted from the page it belongs to.
fn posted_form(call: &Call) -> Result<Fields, Box<Reply>> {
    if !call.is(FORM) {
        return Err(Box::new(pages::problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "This form must be sent as application/x-www-form-urlencoded.",
        )));
    }
    let form = call.form();
    let is_bound = match (call.cookie(CSRF_COOKIE), form.get("_csrf")) {
        (Some(cookie), Some(token)) => derived(cookie) == token,
        _ => false,
    };
    if is_bound {
        Ok(form)
    } else {
        Err(Box::new(pages::problem(
            StatusCode::FORBIDDEN,
            "The form's protection token is missing or does not belong to this browser.",
        )))
    }
}

fn require(call: &Call, methods: &[Method], allowed: &str) -> Result<(), Box<Reply>> {
    if methods.contains(&call.method) { Ok(()) } else { Err(Box::new(Reply::not_allowed(&call.method, allowed))) }
}

/// Whether a verifier is the one that the challenge was made of (RFC 7636, section 4.6).
pub(super) fn verifies(challenge: &str, verifier: &str) -> bool {
    let is_well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    is_well_formed && URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge
}
