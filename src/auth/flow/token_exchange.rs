//! The exchange of one token for another (RFC 8693). Tokens of other providers have been fetched before it begins.

use std::sync::Arc;
use std::time::Instant;

use minijinja::Value;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::exchange::{Exchanged, TokenExchange, TokenSource};
use crate::auth::identity::Identity;
use crate::auth::provider::TokenEndpoint;
use crate::auth::token::Token;
use crate::source::Diagnostic;
use crate::template::Scope;

pub(super) async fn login(
    login: Login<'_>,
    exchange: &TokenExchange,
    endpoint: &TokenEndpoint,
) -> Result<Issued, AuthError> {
    let scope = login.identity.scope.inner();
    let subject = token(login, &exchange.subject, login.identity.subject.as_ref()).await?;
    take(login, &exchange.subject, subject.as_deref(), ["subject_token", "subject_token_type"], &scope)?;
    if let Some(exchanged) = &exchange.actor {
        let actor = token(login, exchanged, login.identity.actor.as_ref()).await?;
        take(login, exchanged, actor.as_deref(), ["actor_token", "actor_token_type"], &scope)?;
    }
    if let Some(kind) = &exchange.requested_token_type {
        let kind = kind.render(&scope).map_err(|problem| login.misdescribed(problem))?.into_owned();
        scope.set("requested_token_type", Value::from(kind));
    }
    login.exchange("the token exchange", &endpoint.login, endpoint, &scope, Instant::now()).await
}

/// A token of another provider, whose login may have to be made first. Where that fails, it is the one who failed.
async fn token(
    login: Login<'_>,
    exchanged: &Exchanged,
    other: Option<&Arc<Identity>>,
) -> Result<Option<Arc<Token>>, AuthError> {
    let (TokenSource::Login(_), Some(other), Some(broker)) = (&exchanged.from, other, login.broker) else {
        return Ok(None);
    };
    match broker.acquire_for(other).await {
        Ok(grant) => Ok(Some(grant.token)),
        Err(error) => Err((*error).clone()),
    }
}

/// Sets a token and its type as variables.
fn take(
    login: Login<'_>,
    exchanged: &Exchanged,
    fetched: Option<&Token>,
    [name, kind_name]: [&str; 2],
    scope: &Scope,
) -> Result<(), AuthError> {
    let wrong = |problem| login.misdescribed(problem);
    let kind = exchanged.kind.render(scope).map_err(wrong)?.into_owned();
    let token = match &exchanged.from {
        TokenSource::Given(template) => template.render(scope).map_err(wrong)?.into_owned(),
        TokenSource::Login(whose) => fetched.and_then(|token| of_kind(token, &kind)).ok_or_else(|| {
            let what = format!("{} has no token of the type {kind}", whose.provider.value);
            wrong(Diagnostic::error("auth.exchange", what).at(whose.provider.span, ""))
        })?,
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
