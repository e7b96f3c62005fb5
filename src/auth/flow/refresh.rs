//! Renewal with a refresh token (RFC 6749, section 6).

use std::time::Instant;

use minijinja::Value;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::provider::{Refresh, TokenEndpoint};
use crate::secret::Secret;

/// Exchanges a refresh token for a new access token.
pub(in crate::auth) async fn refresh(
    login: Login<'_>,
    endpoint: &TokenEndpoint,
    refresh: &Refresh,
    token: &Secret,
) -> Result<Issued, AuthError> {
    let scope = login.identity.scope.inner();
    scope.set("refresh_token", Value::from(token.expose()));
    login.exchange("the refresh", &refresh.request, endpoint, &scope, Instant::now()).await
}
