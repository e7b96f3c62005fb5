//! The exchange of one token for another (RFC 8693). Tokens of other providers have been fetched before it begins.

use std::time::Instant;

use minijinja::Value;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::exchange::{Exchanged, TokenExchange, TokenSource};
use crate::auth::provider::TokenEndpoint;
use crate::auth::token::Token;
use crate::source::Diagnostic;
use crate::template::Scope;

pub(super) async fn login(
    login: Login<'_>,
    exchange: &TokenExchange,
    endpoint: &TokenEndpoint,
) -> Result<Issued, AuthError> {
    let started = Instant::now();
    let scope = login.identity.scope.inner();
    take(login, &exchange.subject, login.subject, ("subject_token", "subject_token_type"), &scope)?;
    if let Some(actor) = &exchange.actor {
        take(login, actor, login.actor, ("actor_token", "actor_token_type"), &scope)?;
    }
    if let Some(kind) = &exchange.requested_token_type {
        let kind = kind.render(&scope).map_err(|problem| login.misdescribed(problem))?.into_owned();
        scope.set("requested_token_type", Value::from(kind));
    }
    login.exchange("the token exchange", &endpoint.login, endpoint, &scope, started).await
}

/// Sets a token and its type as variables.
fn take(
    login: Login<'_>,
    exchanged: &Exchanged,
    fetched: Option<&Token>,
    (name, kind_name): (&str, &str),
    scope: &Scope,
) -> Result<(), AuthError> {
    let wrong = |problem| login.misdescribed(problem);
    let kind = exchanged.kind.render(scope).map_err(wrong)?.into_owned();
    let token = match (&exchanged.from, fetched) {
        (TokenSource::Given(template), _) => template.render(scope).map_err(wrong)?.into_owned(),
        (TokenSource::Login(bearer), Some(token)) => of_kind(token, &kind).ok_or_else(|| {
            let what = format!("{} has given no token of the type {kind}", bearer.provider.value);
            wrong(Diagnostic::error("auth.exchange", what).at(bearer.provider.span, ""))
        })?,
        (TokenSource::Login(bearer), None) => {
            let what = format!("{} has given no token", bearer.provider.value);
            return Err(wrong(Diagnostic::error("auth.exchange", what).at(bearer.provider.span, "")));
        }
    };
    login.learn_one(name, &token);
    scope.set(name, Value::from(token));
    scope.set(kind_name, Value::from(kind));
    Ok(())
}

/// The token of that type (section 3) among those that a login has yielded.
fn of_kind(token: &Token, kind: &str) -> Option<String> {
    let secret = match kind.rsplit(':').next() {
        Some("id_token") => token.id(),
        Some("refresh_token") => token.refresh(),
        _ => Some(token.access()),
    };
    secret.map(|secret| secret.expose().to_owned()).filter(|text| !text.is_empty())
}
