//! The client's own credentials (RFC 6749, section 4.4).

use std::time::Instant;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::provider::TokenEndpoint;

pub(super) async fn login(login: Login<'_>, endpoint: &TokenEndpoint) -> Result<Issued, AuthError> {
    let scope = &login.identity.scope;
    login.exchange("the client_credentials login", &endpoint.login, endpoint, scope, Instant::now()).await
}
