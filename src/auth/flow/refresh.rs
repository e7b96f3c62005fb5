//! Renewal with a refresh token (RFC 6749, section 6).

use std::time::Instant;

use minijinja::Value;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::provider::{Refresh, TokenEndpoint};
use crate::secret::Secret;

/// Exchanges a refresh token for a new access token. `granted` is the scope of the token before.
pub(in crate::auth) async fn refresh(
    login: Login<'_>,
    endpoint: &TokenEndpoint,
    refresh: &Refresh,
    token: &Secret,
    granted: Option<&str>,
) -> Result<Issued, AuthError> {
    login.discover().await?;
    let scope = login.identity.scope.inner();
    scope.set("refresh_token", Value::from(token.expose()));
    let mut issued = login.exchange("the refresh", &refresh.request, endpoint, &scope, Instant::now()).await?;
    issued.token.set.imply_scope(granted);
    Ok(issued)
}
