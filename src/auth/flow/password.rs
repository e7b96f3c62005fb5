//! A user's name and password, sent by the client itself (RFC 6749, section 4.3, and what providers made of it).

use std::time::Instant;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::provider::TokenEndpoint;

pub(super) async fn login(login: Login<'_>, endpoint: &TokenEndpoint) -> Result<Issued, AuthError> {
    let scope = &login.identity.scope;
    login.exchange("the password login", &endpoint.login, endpoint, scope, Instant::now()).await
}
