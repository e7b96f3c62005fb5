//! The exchange of one token for another (RFC 8693). Tokens of other providers have been fetched before it begins.

use std::sync::Arc;
use std::time::Instant;

use minijinja::Value;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::exchange::{Exchanged, TokenExchange, TokenSource};
use crate::auth::identity::Identity;
use crate::auth::provider::TokenEndpoint;
use crate::auth::session::{Grant, Origin};
use crate::auth::token::Token;
use crate::source::Diagnostic;
use crate::template::Scope;

pub(super) async fn login(
    login: Login<'_>,
    exchange: &TokenExchange,
    endpoint: &TokenEndpoint,
) -> Result<Issued, AuthError> {
    let mut subject = grant(login, &exchange.subject, login.identity.subject.as_ref()).await?;
    let mut actor = match &exchange.actor {
        Some(exchanged) => grant(login, exchanged, login.identity.actor.as_ref()).await?,
        None => None,
    };
    let asked = ask(login, exchange, endpoint, subject.as_ref(), actor.as_ref()).await;
    match &asked {
        Ok(_) => subject.iter().chain(&actor).for_each(Grant::accept),
        // What was there when it was needed may have ended before its time. The answer does not say which of the two.
        Err(error) if error.refuses_exchanged() => {
            let renewed = renew(login, &mut subject, login.identity.subject.as_ref()).await?;
            if renew(login, &mut actor, login.identity.actor.as_ref()).await? || renewed {
                return ask(login, exchange, endpoint, subject.as_ref(), actor.as_ref()).await;
            }
        }
        Err(_) => {}
    }
    asked
}

async fn ask(
    login: Login<'_>,
    exchange: &TokenExchange,
    endpoint: &TokenEndpoint,
    subject: Option<&Grant>,
    actor: Option<&Grant>,
) -> Result<Issued, AuthError> {
    let scope = login.identity.scope.inner();
    take(login, &exchange.subject, subject, ["subject_token", "subject_token_type"], &scope)?;
    if let Some(exchanged) = &exchange.actor {
        take(login, exchanged, actor, ["actor_token", "actor_token_type"], &scope)?;
    }
    if let Some(kind) = &exchange.requested_token_type {
        let kind = kind.render(&scope).map_err(|problem| login.misdescribed(problem))?.into_owned();
        scope.set("requested_token_type", Value::from(kind));
    }
    login.exchange("the token exchange", &endpoint.login, endpoint, &scope, Instant::now()).await
}

/// A token of another provider, whose login may have to be made first. Where that fails, it is the one who failed.
async fn grant(
    login: Login<'_>,
    exchanged: &Exchanged,
    other: Option<&Arc<Identity>>,
) -> Result<Option<Grant>, AuthError> {
    let (TokenSource::Login(_), Some(other), Some(broker)) = (&exchanged.from, other, login.broker) else {
        return Ok(None);
    };
    broker.acquire_for(other).await.map(Some).map_err(|error| (*error).clone())
}

/// Renews a token that was there before. One that has just been had would be no better for it.
async fn renew(login: Login<'_>, held: &mut Option<Grant>, other: Option<&Arc<Identity>>) -> Result<bool, AuthError> {
    let (Some(grant), Some(other), Some(broker)) = (&held, other, login.broker) else { return Ok(false) };
    if !matches!(grant.origin, Origin::Reused { .. } | Origin::Stored { .. }) {
        return Ok(false);
    }
    let Some(renewed) = broker.renew_for(other, grant).await.map_err(|error| (*error).clone())? else {
        return Ok(false);
    };
    *held = Some(renewed);
    Ok(true)
}

/// Sets a token and its type as variables.
fn take(
    login: Login<'_>,
    exchanged: &Exchanged,
    fetched: Option<&Grant>,
    [name, kind_name]: [&str; 2],
    scope: &Scope,
) -> Result<(), AuthError> {
    let wrong = |problem| login.misdescribed(problem);
    let kind = exchanged.kind.render(scope).map_err(wrong)?.into_owned();
    let token = match &exchanged.from {
        TokenSource::Given(template) => template.render(scope).map_err(wrong)?.into_owned(),
        TokenSource::Login(whose) => fetched.and_then(|grant| of_kind(&grant.token, &kind)).ok_or_else(|| {
            let what = format!("{} has no token of the type {kind}", whose.provider.value);
            wrong(
                Diagnostic::error("auth.exchange", what)
                    .at(whose.provider.span, "")
                    .help("name a type of token that it has, such as `urn:ietf:params:oauth:token-type:access_token`"),
            )
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
