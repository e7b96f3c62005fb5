//! The login: made once, and where it fails, what its refusal most likely means.

use std::sync::Arc;

use super::{Finding, Findings, State, Tools, network};
use crate::auth::Grant;
use crate::auth::error::{AuthError, Said, Trouble};
use crate::auth::identity::Identity;
use crate::auth::provider::Flow;
use crate::source::Diagnostic;

pub(super) async fn examine(tools: &Tools<'_>, identity: &Arc<Identity>, found: &mut Findings) -> Option<Grant> {
    if identity.provider.flow.token_endpoint().is_none() {
        let text =
            "there is none: the credential is sent with each request, and only a call can tell whether it is taken";
        found.add("login", State::Good, "login", text);
        return None;
    }
    match tools.broker.acquire(identity, false).await {
        Ok(grant) => {
            let took = grant.exchange.as_ref().map(|exchange| format!(" in {}", network::whole(exchange.duration)));
            found.add("login", State::Good, "login", format!("a token was issued{}", took.unwrap_or_default()));
            Some(grant)
        }
        Err(error) => {
            let problem = Diagnostic::from(&*error);
            let finding = found.problem("login", "login", &problem);
            means(&error, identity, tools.probe, finding);
            if let Some(docs) = &identity.provider.docs {
                finding.note(format!("the provider documents its authentication at {docs}"));
            }
            None
        }
    }
}

/// Adds what a refusal most likely means.
fn means(error: &AuthError, identity: &Identity, probe: bool, finding: &mut Finding) {
    let words = error.to_string().to_lowercase();
    if ["redirect_uri", "redirect uri", "redirect url", "callback url"].iter().any(|word| words.contains(word)) {
        redirect(identity, finding);
        return;
    }
    let Trouble::Refused { status, said, .. } = &error.trouble else {
        if let Trouble::LoginRefused { .. } = error.trouble {
            finding.help.insert(0, "the user name or the password is wrong, or the account is locked".to_owned());
        }
        return;
    };
    let Said { error, .. } = &**said;
    let endpoint = identity.provider.flow.token_endpoint();
    let way = endpoint.map_or("none", |endpoint| endpoint.login.client_auth.word());
    let scope = identity.scope();
    let help = match (error.as_deref().unwrap_or_default(), status) {
        ("invalid_client", _) | ("", 401) if way != "none" => {
            finding.id = "client-auth";
            let more =
                if probe { "" } else { "; `--probe` tries the other ways, and sends the secret once more for each" };
            format!(
                "client ID or secret is wrong or of another environment, or they are sent another way than the provider \
                 wants: they were sent as `{way}`{more}"
            )
        }
        ("invalid_client", _) => "the provider wants the client to prove who it is: declare `client_secret`, and say \
                                  how it is sent with `client_auth: basic` or `post`"
            .to_owned(),
        ("invalid_grant", _) if matches!(identity.provider.flow, Flow::Password(_)) => {
            "the user name or the password is wrong, the account is locked, or it needs a second factor".to_owned()
        }
        ("invalid_grant", _) => {
            "what was exchanged for a token is wrong, spent or too old; where the clock is off, too old at once"
                .to_owned()
        }
        ("unauthorized_client" | "unsupported_grant_type" | "unsupported_response_type", _) => format!(
            "the provider does not let this client use the flow {}: allow it in the provider's settings, or take another",
            identity.provider.flow_name().word()
        ),
        ("invalid_scope", _) => {
            finding.id = "scope";
            if scope.is_empty() {
                "no scope was asked for, and the provider wants one: write `scope` in the provider's file".to_owned()
            } else {
                format!("asked for was `{scope}`: the client must be granted each of these, to the letter")
            }
        }
        ("invalid_request", _) => {
            "a field is missing or not as the provider wants it: compare `login` in the provider's file with its \
             documentation"
                .to_owned()
        }
        (_, 404 | 405 | 410) => {
            finding.id = "endpoint";
            "there is no token endpoint at that URL: correct `login: { post: … }` or the environment's `base`"
                .to_owned()
        }
        (_, 415) => "the provider wants the fields written another way: `encoding: form` or `json`".to_owned(),
        _ => return,
    };
    finding.help.insert(0, help);
}

/// Says which redirect URI was sent.
fn redirect(identity: &Identity, finding: &mut Finding) {
    finding.id = "redirect-uri";
    let Flow::AuthorizationCode(authorize, _) = &identity.provider.flow else { return };
    if let Ok(sent) = authorize.redirect_uri.render(&identity.scope) {
        finding.help.insert(
            0,
            format!(
                "the redirect URI that was sent is {sent}: register it with the provider to the letter (scheme, port, \
                 path, a slash at its end), or correct `redirect_uri`"
            ),
        );
    }
}
