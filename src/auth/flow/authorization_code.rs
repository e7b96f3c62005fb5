//! The authorization code (RFC 6749, section 4.1) with the code challenge of RFC 7636: the authorization request, the way
//! to its answer, and whether that answer is the one to our own request. The ways are a walk through the login pages without
//! a person, a browser that comes back to this machine, and a URL that a person pastes.

use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::Value;
use url::Url;

use super::walk::{self, Route};
use super::{Issued, Login, id_token};
use crate::auth::discovery::Metadata;
use crate::auth::error::{AuthError, Said, Trouble};
use crate::auth::file::{By, Encoding, Field, Pkce};
use crate::auth::interactive::{Callback, Person, Then, Visit, is_redirect, parameters};
use crate::auth::provider::{Authorize, TokenEndpoint, TokenRequest};
use crate::http::Problem;
use crate::source::{Diagnostic, Duration, Keys};
use crate::template::{Scope, Template};

/// All pages of a login together may take this many times as long as one request.
const WALK: u32 = 4;

/// How often a person may paste what is not the redirect URI.
const PASTES: usize = 3;

/// How the answer to an authorization request comes.
enum Way<'a> {
    Form,
    Browser(&'a dyn Person, Callback),
    Paste(&'a dyn Person),
}

pub(super) async fn login(
    login: Login<'_>,
    authorize: &Authorize,
    endpoint: &TokenEndpoint,
) -> Result<Issued, AuthError> {
    let started = Instant::now();
    let metadata = login.discover().await?;
    let issuer = login.issuer(metadata.as_deref())?;
    let scope = login.identity.scope.inner();
    let written = rendered(&login, &authorize.redirect_uri, &scope)?;
    let mut target = written.parse::<Url>().map_err(|error| {
        let what = format!("`redirect_uri` is not a valid URL: {written} ({error})");
        let span = authorize.redirect_uri.span();
        login.misdescribed(
            Diagnostic::error("provider.url", what).at(span, "").help("for example `http://127.0.0.1:8765/callback`"),
        )
    })?;
    let way = way(&login, authorize, &target).await?;
    // Only a port that was chosen here changes what was written: providers compare the URI letter by letter.
    let mut redirect_uri = written;
    if let Way::Browser(_, callback) = &way
        && callback.target().port() != target.port()
    {
        target = callback.target().clone();
        redirect_uri = target.to_string();
    }
    scope.set("redirect_uri", Value::from(redirect_uri.as_str()));
    let request = Request {
        state: unguessable(&login)?,
        verifier: unguessable(&login)?,
        nonce: if authorize.nonce.unwrap_or_else(|| login.asks_openid()) { Some(unguessable(&login)?) } else { None },
        key: login.key()?.map(|key| key.thumbprint()),
    };
    let query = request.query(&login, authorize, endpoint, &redirect_uri, &scope)?;
    let mut url = login.url(&authorize.url, &scope)?;
    login.secure(&url)?;
    let query = match &authorize.par {
        Some(par) => push(&login, par, query, endpoint, &scope).await?,
        None => query,
    };
    url.query_pairs_mut().extend_pairs(query);

    let arrived = arrive(&login, way, url, target, &request.state, authorize, endpoint, &scope).await?;
    let code = code(&login, &arrived, &request.state, issuer.as_deref(), metadata.as_deref())?;
    login.learn_one("code", &code);
    scope.set("code", Value::from(code.as_str()));
    scope.set("code_verifier", Value::from(request.verifier.as_str()));
    let issued = login.exchange("the authorization code", &endpoint.login, endpoint, &scope, started).await?;
    if let Some(nonce) = &request.nonce {
        id_token::check(&login, &issued, issuer.as_deref(), Some(nonce)).await?;
    }
    Ok(issued)
}

fn rendered(login: &Login<'_>, template: &Template, scope: &Scope) -> Result<String, AuthError> {
    template.render(scope).map(std::borrow::Cow::into_owned).map_err(|problem| login.misdescribed(problem))
}

async fn way<'a>(login: &Login<'a>, authorize: &Authorize, target: &Url) -> Result<Way<'a>, AuthError> {
    if authorize.by == By::Form {
        return Ok(Way::Form);
    }
    let person = login.person()?;
    if authorize.by == By::Paste || !Callback::can_serve(target) {
        return Ok(Way::Paste(person));
    }
    let callback = Callback::bind(target).await.map_err(|error| {
        let detail = format!("cannot listen at {target}: {}", crate::source::os_words(&error)).into();
        let help = "stop the program that uses this port, write a `redirect_uri` with another port, or use `by: paste`";
        login.identity.error(Trouble::Callback { detail, help: help.into() })
    })?;
    Ok(Way::Browser(person, callback))
}

/// What only the one who asks can know.
struct Request {
    state: String,
    verifier: String,
    nonce: Option<String>,
    /// The key that the code is to be bound to, where tokens are (RFC 9449, section 10).
    key: Option<String>,
}

impl Request {
    /// The parameters of the authorization request.
    fn query(
        &self,
        login: &Login<'_>,
        authorize: &Authorize,
        endpoint: &TokenEndpoint,
        redirect_uri: &str,
        scope: &Scope,
    ) -> Result<Vec<(Arc<str>, String)>, AuthError> {
        let client = login.identity.credential("client_id").unwrap_or_default();
        let mut query: Vec<(Arc<str>, String)> = vec![
            ("response_type".into(), "code".to_owned()),
            ("client_id".into(), client.to_owned()),
            ("redirect_uri".into(), redirect_uri.to_owned()),
        ];
        if !login.identity.scope().is_empty() {
            query.push(("scope".into(), login.identity.scope().to_owned()));
        }
        if authorize.pkce == Pkce::S256 {
            login.learn_one("code_verifier", &self.verifier);
            query.push(("code_challenge".into(), challenge(&self.verifier)));
            query.push(("code_challenge_method".into(), "S256".to_owned()));
        }
        for resource in &endpoint.resource {
            query.push(("resource".into(), rendered(login, resource, scope)?));
        }
        if let Some(audience) = &endpoint.audience {
            query.push(("audience".into(), rendered(login, audience, scope)?));
        }
        for (name, value) in authorize.params.iter() {
            query.retain(|(known, _)| *known != name.value);
            query.push((name.value.clone(), rendered(login, value, scope)?));
        }
        // Last, so that no parameter of the file can take their place.
        let own = [("state", Some(&self.state)), ("nonce", self.nonce.as_ref()), ("dpop_jkt", self.key.as_ref())];
        for (name, value) in own {
            if let Some(value) = value {
                query.retain(|(known, _)| **known != *name);
                query.push((name.into(), value.clone()));
            }
        }
        Ok(query)
    }
}

/// Pushes the request (RFC 9126); gives the two parameters that are left for the browser.
async fn push(
    login: &Login<'_>,
    par: &Template,
    query: Vec<(Arc<str>, String)>,
    endpoint: &TokenEndpoint,
    scope: &Scope,
) -> Result<Vec<(Arc<str>, String)>, AuthError> {
    let field = |(name, value): (Arc<str>, String)| (name, Field::Text(Template::literal(value, par.span())));
    let request = TokenRequest {
        post: par.clone(),
        encoding: Encoding::Form,
        client_auth: endpoint.login.client_auth,
        fields: query.into_iter().map(field).collect(),
        headers: Keys::default(),
        timeout: endpoint.login.timeout,
    };
    let what = "the pushed authorization request";
    let json = login.ask(what, &request, scope).await?;
    let Some(uri) = json.get("request_uri").and_then(|uri| uri.as_str()) else {
        let detail = "it has no `request_uri`".into();
        return Err(login.identity.error(Trouble::Answer { what: what.into(), detail }));
    };
    let client = login.identity.credential("client_id").unwrap_or_default();
    Ok(vec![("client_id".into(), client.to_owned()), ("request_uri".into(), uri.to_owned())])
}

/// Goes the way to the redirect URI, and gives the parameters that it was, or was to be, called with.
#[expect(clippy::too_many_arguments, reason = "a request and the way to its answer")]
async fn arrive(
    login: &Login<'_>,
    way: Way<'_>,
    url: Url,
    target: Url,
    state: &str,
    authorize: &Authorize,
    endpoint: &TokenEndpoint,
    scope: &Scope,
) -> Result<Vec<(String, String)>, AuthError> {
    let who = login.identity.who();
    let visit = |then| Visit { who: &who, url: &url, code: None, then, patience: authorize.timeout };
    let unanswered = || {
        let detail = format!("nobody logged in within {}", Duration(authorize.timeout)).into();
        Err(login.identity.error(Trouble::Unanswered { detail }))
    };
    match way {
        Way::Form => {
            let timeout = endpoint.login.timeout;
            let mut fill = Vec::new();
            for (name, value) in authorize.form.iter() {
                fill.push((name.value.to_string(), rendered(login, value, scope)?));
            }
            let route = Route { start: url, target, fill, timeout };
            tokio::time::timeout(timeout * WALK, walk::through(*login, route)).await.unwrap_or_else(|_| {
                let detail = format!("the login pages took longer than {}", Duration(timeout * WALK)).into();
                Err(login.identity.error(Trouble::Unreachable { problem: Problem::Timeout, detail }))
            })
        }
        Way::Browser(person, callback) => {
            person.visit(&visit(Then::ComesBack));
            let answer = tokio::time::timeout(authorize.timeout, callback.answer(state, person)).await;
            answer.map_or_else(|_| unanswered(), Ok)
        }
        Way::Paste(person) => {
            person.visit(&visit(Then::Pastes));
            let pasted = tokio::time::timeout(authorize.timeout, pasted(login, person, &target)).await;
            pasted.unwrap_or_else(|_| unanswered())
        }
    }
}

/// The parameters of the URL that a person pastes.
async fn pasted(login: &Login<'_>, person: &dyn Person, target: &Url) -> Result<Vec<(String, String)>, AuthError> {
    for _ in 0..PASTES {
        let line = person.paste().await.map_err(|error| {
            let detail = format!("no URL was pasted: {error}").into();
            login.identity.error(Trouble::Unanswered { detail })
        })?;
        let news = match line.trim().parse::<Url>() {
            Ok(url) if is_redirect(&url, target) => return Ok(parameters(&url)),
            Ok(_) => format!("this URL does not start with {target}: copy the one that the browser shows at the end"),
            Err(_) => format!("this is not a URL: copy the whole one that the browser shows at the end, {target}?…"),
        };
        person.hear(&news);
    }
    let detail = format!("the pasted URL is not {target}").into();
    Err(login.identity.error(Trouble::Redirect { detail }))
}

/// The code that the redirect carries, if the redirect is the answer to our own request.
fn code(
    login: &Login<'_>,
    arrived: &[(String, String)],
    state: &str,
    issuer: Option<&str>,
    metadata: Option<&Metadata>,
) -> Result<String, AuthError> {
    let get = |name: &str| arrived.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let wrong = |detail: String| Err(login.identity.error(Trouble::Redirect { detail: detail.into() }));
    let show = |text: &str| super::answer::excerpt(text, login.redactor);
    // RFC 9207: a code of another server must not be sent to this one, nor is its error this one's.
    match (get("iss"), issuer) {
        (Some(came), Some(issuer)) if came != issuer => {
            return wrong(format!("its `iss` is {}, but the provider is {}", show(came), show(issuer)));
        }
        (None, Some(issuer))
            if metadata.is_some_and(|metadata| metadata.says("authorization_response_iss_parameter_supported")) =>
        {
            return wrong(format!("it has no `iss`, which {} always sends", show(issuer)));
        }
        _ => {}
    }
    if let Some(error) = get("error") {
        let said = Box::new(Said {
            error: Some(show(error).into()),
            description: get("error_description").map(|text| show(text).into()),
            uri: get("error_uri").map(|text| show(text).into()),
        });
        return Err(login.identity.error(Trouble::Denied { said }));
    }
    match get("state") {
        None => return wrong("the redirect has no `state`".into()),
        Some(came) if constant_time::verify_slices_are_equal(came.as_bytes(), state.as_bytes()).is_err() => {
            return wrong("the `state` of the redirect is not the one that was sent".into());
        }
        Some(_) => {}
    }
    if let Some(code) = get("code").filter(|code| !code.is_empty()) {
        return Ok(code.to_owned());
    }
    let names: Vec<String> = arrived.iter().map(|(name, _)| format!("`{name}`")).collect();
    wrong(format!("the redirect has no `code`, only {}", names.join(", ")))
}

/// 256 bits that no one can guess (RFC 6749, section 10.10; RFC 7636, section 4.1).
fn unguessable(login: &Login<'_>) -> Result<String, AuthError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| login.misdescribed(crate::auth::jwt::sign::no_random()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The code challenge of a verifier (RFC 7636, section 4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let challenge = super::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
