//! Other ways of client authentication, tried where the first was refused and the user has asked for it: each sends the
//! client's secret once more.

use std::time::Instant;

use super::{Findings, State, Tools};
use crate::auth::attach::shown;
use crate::auth::file::{ClientAuth, Encoding};
use crate::auth::flow::Login;
use crate::auth::provider::{Flow, TokenEndpoint, TokenRequest};

pub(super) async fn examine(tools: &Tools<'_>, login: Login<'_>, endpoint: &TokenEndpoint, found: &mut Findings) {
    let refused = found.0.iter().any(|finding| finding.id == "client-auth" && finding.state == State::Wrong);
    if !tools.probe || !refused {
        return;
    }
    let identity = login.identity;
    if !matches!(identity.provider.flow, Flow::ClientCredentials(_) | Flow::Password(_)) {
        let text = "a code works only once, so other ways of client authentication cannot be tried";
        found.add("probe", State::Skipped, "probe", text);
        return;
    }
    let advertised = advertised(login).await;
    let tried = endpoint.login.client_auth;
    let ways = [ClientAuth::Basic, ClientAuth::Post, ClientAuth::Json].into_iter().filter(|way| {
        let offered = advertised.as_ref().is_none_or(|known| {
            let word = if *way == ClientAuth::Basic { "client_secret_basic" } else { "client_secret_post" };
            known.iter().any(|known| known == word)
        });
        *way != tried && offered && (*way != ClientAuth::Json || endpoint.login.encoding == Encoding::Json)
    });
    let mut failed = Vec::new();
    for way in ways {
        let request = TokenRequest { client_auth: way, ..endpoint.login.clone() };
        if let Ok(url) = login.url(&request.post, &identity.scope) {
            (tools.say)(&format!("sending the client's secret to {} as `{}`\n", shown(&url), way.word()));
        }
        let scope = identity.scope.inner();
        match login.exchange("the probe", &request, endpoint, &scope, Instant::now()).await {
            Ok(_) => {
                let text = format!("the provider accepts `{}`, not `{}`", way.word(), tried.word());
                let finding = found.add("probe", State::Wrong, "probe", text);
                finding.advise(format!("write `client_auth: {}` under `login` in the provider's file", way.word()));
                return;
            }
            Err(_) => failed.push(format!("`{}`", way.word())),
        }
    }
    let text = match &failed[..] {
        [] => "there is no other way to try".to_owned(),
        _ => format!("{} is refused too: the client ID or secret is probably wrong", failed.join(" and ")),
    };
    let finding = found.add("probe", State::Wrong, "probe", text);
    if let Some(known) = advertised {
        finding.note(format!("the provider's discovery document offers {}", known.join(", ")));
    }
}

/// The ways that the discovery document offers.
async fn advertised(login: Login<'_>) -> Option<Vec<String>> {
    let metadata = login.metadata().await.ok()??;
    // Left out, it is HTTP Basic (RFC 8414, section 2).
    let methods = metadata.texts("token_endpoint_auth_methods_supported");
    Some(methods.unwrap_or_else(|| vec!["client_secret_basic"]).into_iter().map(str::to_owned).collect())
}
