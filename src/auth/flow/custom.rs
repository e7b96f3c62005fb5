//! A login of a service's own: its requests are made in their order, with one jar of cookies; what they capture becomes
//! variables, and the token is made of those. All that is captured is taught to the redactor before anything is shown.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::answer::said;
use super::{Exchange, Issued, Login, line};
use crate::auth::attach::{Attachment, shown};
use crate::auth::error::{AuthError, Trouble};
use crate::auth::requests::{Custom, CustomBody, CustomRequest};
use crate::auth::token::{Token, TokenSet};
use crate::expect;
use crate::http::{Body, CookieJar, Request, Response};
use crate::json::Json;
use crate::secret::Secret;
use crate::template::{Scope, from_json, to_json};

/// Numbers and texts of digits that are shorter are no secrets, and would be masked everywhere.
const SHORTEST: usize = 5;

pub(super) async fn login(login: Login<'_>, custom: &Custom) -> Result<Issued, AuthError> {
    let started = Instant::now();
    let scope = login.identity.scope.inner();
    let jar = CookieJar::default();
    let mut variables: Vec<(Arc<str>, Json)> = Vec::new();
    let mut last = None;
    // What no capture took may be shown by later answers all the same, also to those who adopt the session.
    let mut cookies: BTreeMap<Box<str>, Secret> = BTreeMap::new();
    for (at, written) in custom.requests.iter().enumerate() {
        let here = |error: AuthError| AuthError { at: error.at.or(Some(written.at)), ..error };
        let request = login.compose(written, &scope).map_err(here)?;
        let response = login.send(&request, Some(&jar)).await.map_err(here)?;
        for (name, value) in &response.cookies {
            let name = format!("cookie.{name}");
            login.learn_text(&name, value);
            if !is_plain(value) {
                cookies.insert(name.into(), Secret::new(value.as_str()));
            }
        }
        let mut missing = Vec::new();
        for capture in &written.capture {
            match expect::captured(capture, &expect::Pages::of(&response, None), &scope) {
                Ok(value) => {
                    let (name, json) = (&capture.name.value, to_json(&value));
                    if !custom.plain.contains(name) {
                        login.learn_captured(name, &json);
                    }
                    scope.set(name, value);
                    variables.retain(|(known, _)| known != name);
                    variables.push((name.clone(), json));
                }
                Err(problem) => missing.push(problem),
            }
        }
        let told = |trouble| here(AuthError { request: Some(line(&request).into()), ..login.identity.error(trouble) });
        check(&login, at, written, &response, &scope).map_err(told)?;
        if let Some(problem) = missing.into_iter().next() {
            let mut problem = problem.note(format!("{}: {}", nth(at), line(&request)));
            problem.message = login.redactor.redact(&problem.message).into_owned();
            return Err(login.misdescribed(problem));
        }
        last = Some((request, response.status));
    }
    let Some((request, status)) = last else { return Err(login.identity.error(Trouble::Interrupted)) };
    if !custom.has_access_token
        && let Some(send) = &login.identity.provider.send
    {
        // What is sent is the token: a session's cookie, a header that the service has made up.
        let value = send.value.render(&scope).map_err(|problem| login.misdescribed(problem))?;
        variables.push(("access_token".into(), Json::from(&*value)));
    }
    // Under the names of RFC 6749, too: there the token's members are looked for, by `expect` of scenarios as well.
    for (member, name) in &custom.members {
        let value = variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        variables.retain(|(known, _)| &**known != *member);
        variables.extend(value.map(|value| (Arc::from(*member), value)));
    }
    let response = Arc::new(Json::object(variables));
    let mut set = TokenSet::read(&response, status, &custom.token, started).map_err(|lacking| {
        let what = format!("the login: `{}` is empty or not a text", lacking.path.trim_start_matches("$."));
        let trouble = Trouble::Answer { what: "its own login".into(), detail: what.into() };
        AuthError { request: Some(line(&request).into()), ..login.identity.error(trouble) }
    })?;
    set.bound = cookies;
    login.learn(&set);
    let attachment = Attachment::of(login.identity, &set).map_err(|problem| login.misdescribed(*problem))?;
    login.identity.learn_attachment(&attachment, login.redactor);
    let exchange = Exchange { url: shown(&request.url).into(), status, duration: started.elapsed() };
    Ok(Issued { token: Token::new(set, attachment), exchange })
}

/// A request by its number, from 1 as people count.
fn nth(at: usize) -> String {
    format!("request {} of the login", at + 1)
}

/// Whether the answer's status is the one that leads on.
fn check(
    login: &Login<'_>,
    at: usize,
    written: &CustomRequest,
    response: &Response,
    scope: &Scope,
) -> Result<(), Trouble> {
    let status = response.status;
    let holds = match &written.status {
        Some(expected) => expect::status_matches(expected, status, scope),
        None => (200..300).contains(&status),
    };
    if holds {
        return Ok(());
    }
    let what: Box<str> = nth(at).into();
    let said = || Box::new(said(response, login.redactor));
    let expected = written.status.as_ref().map_or("2xx", |status| &status.written);
    Err(match status {
        300..400 => {
            let location = response.headers.get("location").unwrap_or("an unknown place: it has no `Location`");
            let location = response.url.join(location).map_or_else(|_| location.to_owned(), |url| shown(&url));
            Trouble::Unexpected {
                detail: format!("{status} to {}, but {expected} is expected", login.redactor.redact(&location)).into(),
                what,
                help: Some(
                    format!("to follow the redirect, write `redirects: 5`; to expect it, `status: {status}`").into(),
                ),
            }
        }
        429 | 500.. => {
            let retry_after = response.headers.get("retry-after").map(Box::from);
            Trouble::Unavailable { what, status, said: said(), retry_after }
        }
        400.. => Trouble::Refused { what, status, said: said() },
        _ => Trouble::Unexpected { detail: format!("{status}, but {expected} is expected").into(), what, help: None },
    })
}

impl Login<'_> {
    /// A request of the login, ready to be sent.
    fn compose(&self, written: &CustomRequest, scope: &Scope) -> Result<Request, AuthError> {
        let failed = |problem| self.misdescribed(problem);
        let mut request = Request::new(written.method, self.url(&written.url, scope)?);
        request.timeout = written.timeout;
        request.redirects = written.redirects;
        for (name, values) in written.query.iter() {
            for value in values.render(scope).map_err(failed)? {
                request.url.query_pairs_mut().append_pair(&name.value, &value);
            }
        }
        for (name, values) in written.headers.iter() {
            for value in values.render(scope).map_err(failed)? {
                request.headers.append(&name.value, &value);
            }
        }
        request.body = match &written.body {
            CustomBody::Empty => Body::Empty,
            CustomBody::Form(fields) => {
                let mut pairs = Vec::new();
                for (name, values) in fields.iter() {
                    let values = values.render(scope).map_err(failed)?;
                    pairs.extend(values.into_iter().map(|value| (name.value.clone(), value)));
                }
                Body::form(pairs)
            }
            CustomBody::Json(tree) => Body::json(&*tree.evaluate(scope).map_err(failed)?),
            CustomBody::Text(text) => {
                Body::text(text.render(scope).map_err(failed)?.into_owned(), "text/plain; charset=utf-8")
            }
        };
        Ok(request)
    }

    /// Teaches what another process has captured for a session that is used on.
    pub(in crate::auth) fn learn_kept(&self, custom: &Custom, captured: &Json) {
        for (name, value) in captured.as_object().into_iter().flat_map(crate::json::Object::iter) {
            if !custom.plain.contains(name) {
                self.learn_captured(name, value);
            }
        }
    }

    /// Teaches everything in what was captured that may be a secret.
    fn learn_captured(&self, name: &str, value: &Json) {
        match value {
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => self.learn_text(name, &number.to_string()),
            Json::String(text) => self.learn_text(name, text),
            Json::Array(items) => items.iter().for_each(|item| self.learn_captured(name, item)),
            Json::Object(members) => members.iter().for_each(|(_, member)| self.learn_captured(name, member)),
        }
    }

    fn learn_text(&self, name: &str, text: &str) {
        if !is_plain(text) {
            self.learn_one(name, text);
        }
    }
}

/// Whether a text is no secret, whatever it is called.
fn is_plain(text: &str) -> bool {
    matches!(text, "true" | "false" | "null")
        || text.len() < SHORTEST && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-')
}

/// Gives a scope what a login of a service's own has captured.
pub(in crate::auth) fn define(scope: &Scope, captured: &Json) {
    for (name, value) in captured.as_object().into_iter().flat_map(crate::json::Object::iter) {
        scope.set(name, from_json(Arc::new(value.clone())));
    }
}
