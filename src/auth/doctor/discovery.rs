//! The discovery document: whether it is there, whose it is, and whether it offers what the provider's file asks for.

use super::{Findings, State};
use crate::auth::flow::Login;
use crate::source::Diagnostic;

/// `false` where a login needs it and cannot have it.
pub(super) async fn examine(login: Login<'_>, found: &mut Findings) -> bool {
    let metadata = match login.metadata().await {
        Ok(Some(metadata)) => metadata,
        Ok(None) => return true,
        Err(error) => {
            found.problem("discovery", "discovery", &Diagnostic::from(&error));
            return false;
        }
    };
    // The endpoints become variables of the provider's templates.
    if let Err(error) = login.discover().await {
        found.problem("discovery", "discovery", &Diagnostic::from(&error));
        return false;
    }
    let provider = &login.identity.provider;
    let grant = match provider.flow_name().word() {
        word @ ("client_credentials" | "password" | "authorization_code") => Some(word),
        "device_code" => Some("urn:ietf:params:oauth:grant-type:device_code"),
        "jwt_bearer" => Some("urn:ietf:params:oauth:grant-type:jwt-bearer"),
        "token_exchange" => Some("urn:ietf:params:oauth:grant-type:token-exchange"),
        _ => None,
    };
    let issuer = metadata.issuer().unwrap_or("the discovery document").to_owned();
    let offered = metadata.texts("grant_types_supported");
    if let (Some(grant), Some(offered)) = (grant, &offered)
        && !offered.contains(&grant)
    {
        let text = format!("{issuer} does not list the grant type `{grant}`");
        let finding = found.add("discovery", State::Doubtful, "discovery", text);
        finding.note(format!("it offers {}", offered.join(", ")));
        finding.advise("allow this grant type for the client in the provider's settings, or use another flow");
        return true;
    }
    let asked = login.identity.scope().split_whitespace();
    if let Some(known) = metadata.texts("scopes_supported") {
        let unknown: Vec<&str> = asked.filter(|scope| !known.contains(scope)).collect();
        if !unknown.is_empty() {
            let text = format!("{issuer} does not list the scope {}", unknown.join(", "));
            let finding = found.add("discovery", State::Doubtful, "discovery", text);
            finding
                .advise("a server need not list every scope; if the login is refused because of it, correct `scope`");
            return true;
        }
    }
    found.add("discovery", State::Good, "discovery", format!("of {issuer}"));
    true
}
