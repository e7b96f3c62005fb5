//! What is told of a signature that does not hold.

use crate::scenario::SignedToken;
use crate::source::{Diagnostic, Span, Spanned};

/// A token whose signature does not hold, or that is not there.
pub fn unsigned(token: SignedToken, at: Span, why: &str, notes: Vec<String>) -> Diagnostic {
    let what = match token {
        SignedToken::Access => "access token",
        SignedToken::Id => "id token",
        SignedToken::Body => "token in the body",
    };
    let mut problem = Diagnostic::error("expect.signature", format!("the {what} cannot be trusted: {why}")).at(at, "");
    problem.notes = notes;
    problem
}

/// A signature that holds, and is of none of the algorithms that are accepted.
pub fn other_algorithm(token: SignedToken, accepted: &[Spanned<String>], alg: &str) -> Option<Diagnostic> {
    let first = accepted.first().filter(|_| !accepted.iter().any(|accepted| accepted.value == alg))?;
    let names: Vec<&str> = accepted.iter().map(|name| name.value.as_str()).collect();
    let what = match names.as_slice() {
        [name] => format!("the {} is signed with {alg}, but {name} was expected", token.name()),
        names => format!("the {} is signed with {alg}, but one of {} was expected", token.name(), names.join(", ")),
    };
    Some(Diagnostic::error("expect.signature", what).at(first.span, format!("the token uses {alg}")))
}
