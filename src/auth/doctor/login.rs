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
            "there is no login: the credential is sent with each request, and only a call shows whether it is accepted";
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
            let more = if probe { "" } else { "; `--probe` tries the other ways, and sends the secret again for each" };
            format!(
                "the client ID or secret is wrong or for another environment, or the provider wants them in another way: \
                 they were sent as `{way}`{more}"
            )
        }
        ("invalid_client", _) => "the provider wants the client to authenticate: declare `client_secret`, and say \
                                  how it is sent with `client_auth: basic` or `post`"
            .to_owned(),
        ("invalid_grant", _) if matches!(identity.provider.flow, Flow::Password(_)) => {
            "the user name or the password is wrong, the account is locked, or it needs a second factor".to_owned()
        }
        ("invalid_grant", _) => {
            "what was exchanged for a token is wrong, already used or expired; a wrong clock makes it expire early"
                .to_owned()
        }
        ("unauthorized_client" | "unsupported_grant_type" | "unsupported_response_type", _) => format!(
            "the provider does not allow this client to use the flow `{}`: allow it in the provider's settings, or use another",
            identity.provider.flow_name().word()
        ),
        ("invalid_scope", _) => {
            finding.id = "scope";
            if scope.is_empty() {
                "no scope was requested, and the provider needs one: write `scope` in the provider's file".to_owned()
            } else {
                format!("`{scope}` was requested: the client must be allowed each of these, spelled exactly like this")
            }
        }
        ("invalid_request", _) => {
            "a field is missing or wrong: compare `login` in the provider's file with the provider's documentation"
                .to_owned()
        }
        (_, 404 | 405 | 410) => {
            finding.id = "endpoint";
            "there is no token endpoint at that URL: correct `login: { post: … }` or the environment's `base`"
                .to_owned()
        }
        (_, 415) => {
            "the provider wants the fields in another format: try `encoding: form` or `encoding: json`".to_owned()
        }
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
                "the redirect URI that was sent is {sent}: register exactly this one with the provider (scheme, port, \
                 path, final slash), or correct `redirect_uri`"
            ),
        );
    }
}
