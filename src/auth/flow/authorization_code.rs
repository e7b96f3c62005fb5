//! The authorization code (RFC 6749, section 4.1) with the code challenge of RFC 7636, without a person: the login page
//! is walked through, and the redirect URI is recognised but never called.

use std::time::Instant;

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::Value;
use url::Url;

use super::walk::{self, Route};
use super::{Issued, Login};
use crate::auth::error::{AuthError, Said, Trouble};
use crate::auth::file::Pkce;
use crate::auth::provider::{Authorize, TokenEndpoint};
use crate::http::Problem;
use crate::source::{Diagnostic, Duration};
use crate::template::Template;

/// All pages of a login together may take this many times as long as one request.
const WALK: u32 = 4;

pub(super) async fn login(
    login: Login<'_>,
    authorize: &Authorize,
    endpoint: &TokenEndpoint,
) -> Result<Issued, AuthError> {
    let started = Instant::now();
    let scope = login.identity.scope.inner();
    let render = |template: &Template| {
        template.render(&scope).map(std::borrow::Cow::into_owned).map_err(|problem| login.misdescribed(problem))
    };
    let redirect_uri = render(&authorize.redirect_uri)?;
    scope.set("redirect_uri", Value::from(redirect_uri.as_str()));
    let state = unguessable(&login)?;
    let verifier = unguessable(&login)?;

    let mut query: Vec<(&str, String)> = vec![
        ("response_type", "code".to_owned()),
        ("client_id", login.identity.credential("client_id").unwrap_or_default().to_owned()),
        ("redirect_uri", redirect_uri.clone()),
    ];
    if !login.identity.scope().is_empty() {
        query.push(("scope", login.identity.scope().to_owned()));
    }
    if authorize.pkce == Pkce::S256 {
        login.learn_one("code_verifier", &verifier);
        query.push(("code_challenge", challenge(&verifier)));
        query.push(("code_challenge_method", "S256".to_owned()));
    }
    for (name, value) in authorize.params.iter() {
        query.retain(|(known, _)| *known != &*name.value);
        query.push((name, render(value)?));
    }
    // Last, so that no parameter of the file can take its place.
    query.retain(|(known, _)| *known != "state");
    query.push(("state", state.clone()));
    let mut url = login.url(&authorize.url, &scope)?;
    url.query_pairs_mut().extend_pairs(query);
    let mut fill = Vec::new();
    for (name, value) in authorize.form.iter() {
        fill.push((name.value.to_string(), render(value)?));
    }
    let target = redirect_uri.parse::<Url>().map_err(|error| {
        let what = format!("`redirect_uri` is no URL: {redirect_uri} ({error})");
        let span = authorize.redirect_uri.span();
        login.misdescribed(Diagnostic::error("provider.url", what).at(span, ""))
    })?;

    let timeout = endpoint.login.timeout;
    let route = Route { start: url, target, fill, timeout };
    let arrived = tokio::time::timeout(timeout * WALK, walk::through(login, route)).await.unwrap_or_else(|_| {
        let detail = format!("its login pages took longer than {}", Duration(timeout * WALK)).into();
        Err(login.identity.error(Trouble::Unreachable { problem: Problem::Timeout, detail }))
    })?;
    let code = code(&login, &arrived, &state)?;
    login.learn_one("code", &code);
    scope.set("code", Value::from(code.as_str()));
    scope.set("code_verifier", Value::from(verifier.as_str()));
    login.exchange("the authorization code", &endpoint.login, endpoint, &scope, started).await
}

/// The code that the redirect carries, if the redirect is the answer to our own request.
fn code(login: &Login<'_>, arrived: &[(String, String)], state: &str) -> Result<String, AuthError> {
    let get = |name: &str| arrived.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let wrong = |detail: String| Err(login.identity.error(Trouble::Redirect { detail: detail.into() }));
    if let Some(error) = get("error") {
        let show = |text: &str| super::answer::excerpt(text, login.redactor).into();
        let said = Box::new(Said {
            error: Some(show(error)),
            description: get("error_description").map(show),
            uri: get("error_uri").map(show),
        });
        return Err(login.identity.error(Trouble::Denied { said }));
    }
    match get("state") {
        None => return wrong("the redirect carries no `state`".into()),
        Some(came) if constant_time::verify_slices_are_equal(came.as_bytes(), state.as_bytes()).is_err() => {
            return wrong("the redirect carries another `state` than was sent".into());
        }
        Some(_) => {}
    }
    if let Some(code) = get("code").filter(|code| !code.is_empty()) {
        return Ok(code.to_owned());
    }
    let names: Vec<String> = arrived.iter().map(|(name, _)| format!("`{name}`")).collect();
    wrong(format!("the redirect carries no `code`, only {}", names.join(", ")))
}

/// 256 bits that no one can guess (RFC 6749, section 10.10; RFC 7636, section 4.1).
fn unguessable(login: &Login<'_>) -> Result<String, AuthError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| {
        let what = "this machine gives no random numbers";
        login.misdescribed(Diagnostic::error("auth.random", what))
    })?;
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
