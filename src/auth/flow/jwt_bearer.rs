//! A signed JWT as the grant (RFC 7523, section 2.1).

use std::time::Instant;

use minijinja::Value;

use super::{Issued, Login};
use crate::auth::error::AuthError;
use crate::auth::proof::Assertion;
use crate::auth::provider::TokenEndpoint;
use crate::source::Diagnostic;

pub(super) async fn login(login: Login<'_>, how: &Assertion, endpoint: &TokenEndpoint) -> Result<Issued, AuthError> {
    let started = Instant::now();
    let Some(signer) = &login.identity.grant_signer else {
        return Err(login.misdescribed(
            Diagnostic::error("provider.flow", "there is no key to sign the assertion with")
                .help("add a `key` to `assertion`"),
        ));
    };
    let scope = login.identity.scope.inner();
    let audience = login.token_url(&scope)?;
    let signed = signer.sign(how, Vec::new(), audience.as_str(), &scope);
    let signed = signed.map_err(|problem| login.misdescribed(problem))?;
    login.learn_one("assertion", &signed);
    scope.set("assertion", Value::from(signed));
    login.exchange("the jwt_bearer login", &endpoint.login, endpoint, &scope, started).await
}
