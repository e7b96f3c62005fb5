//! Expectations of an auth step: on the token response, and on the claims of the token.

use crate::json::Json;
use crate::scenario::TokenExpect;
use crate::source::Diagnostic;
use crate::template::Scope;

use super::{Outcome, tree};

/// What there is to be looked at after a login.
#[derive(Debug)]
pub struct TokenFacts<'t> {
    /// What the token response says of these, where the provider has them.
    pub said: TokenSaid<'t>,
    /// The scope that was granted, also where the response leaves it out.
    pub scope: Option<&'t str>,
    /// The claims of the access token, where it is a JWT.
    pub claims: Option<&'t Json>,
}

/// The members of a token response that expectations look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenSaid<'t> {
    /// The lifetime.
    pub expires_in: Option<&'t Json>,
    /// The type.
    pub token_type: Option<&'t Json>,
    /// The scope.
    pub scope: Option<&'t Json>,
    /// The refresh token.
    pub refresh_token: Option<&'t Json>,
    /// The id token.
    pub id_token: Option<&'t Json>,
}

/// Holds the expectations of an auth step against what the provider gave.
///
/// # Errors
/// A template in an expectation could not be rendered.
pub fn evaluate_token(expect: &TokenExpect, facts: &TokenFacts<'_>, scope: &Scope) -> Result<Outcome, Box<Diagnostic>> {
    let mut outcome = Outcome::default();
    let granted = facts.scope.map(Json::from);
    let said = &facts.said;
    let scope_said = said.scope.filter(|said| !matches!(said, Json::Null)).or(granted.as_ref());
    let members = [
        ("expires_in", &expect.expires_in, said.expires_in),
        ("token_type", &expect.token_type, said.token_type),
        ("scope", &expect.scope, scope_said),
        ("refresh_token", &expect.refresh_token, said.refresh_token),
        ("id_token", &expect.id_token, said.id_token),
    ];
    for (name, expected, came) in members {
        let Some(expected) = expected else { continue };
        let differences = tree::compare(expected, came, tree::Mode::Contains, scope)?;
        let title = format!("`{name}` of the token response is not what was expected");
        outcome.add((!differences.is_empty()).then(|| tree::diagnostic("expect.token", &title, &differences, came)));
    }
    if let Some(expected) = &expect.claims {
        if facts.claims.is_none() {
            outcome.add([Diagnostic::error("expect.claims", "the access token is not a JWT, so it has no claims")
                .at(expected.span, "")]);
            return Ok(outcome);
        }
        let differences = tree::compare(expected, facts.claims, tree::Mode::Contains, scope)?;
        let title = "the claims of the access token are not what was expected";
        outcome.add(
            (!differences.is_empty()).then(|| tree::diagnostic("expect.claims", title, &differences, facts.claims)),
        );
    }
    Ok(outcome)
}
