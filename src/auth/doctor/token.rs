//! The token that was issued: whether it is the one that was meant.

use jiff::Timestamp;
use url::Url;

use super::{Findings, State};
use crate::auth::Grant;
use crate::auth::identity::Identity;
use crate::auth::resolve::{self, Wish};
use crate::json::Json;
use crate::source::Duration;

pub(super) fn examine(wish: &Wish<'_>, identity: &Identity, grant: &Grant, found: &mut Findings) {
    let token = &grant.token;
    let claims = token.claims();
    let number = |name: &str| claims.and_then(|claims| claims.get(name)?.as_i64());
    let now = Timestamp::now().as_second();
    if let Some(ended) = number("exp").filter(|exp| *exp <= now) {
        let ago = Duration(std::time::Duration::from_secs((now - ended).unsigned_abs()));
        let text = format!("by this machine's clock, it expired {ago} before it was issued");
        found.add("token", State::Wrong, "token", text).advise("set this machine's clock");
    } else if let Some(from) = number("nbf").filter(|from| *from > now + 5) {
        let until = Duration(std::time::Duration::from_secs((from - now).unsigned_abs()));
        let text = format!("by this machine's clock, it becomes valid only in {until}");
        found.add("token", State::Wrong, "token", text).advise("set this machine's clock");
    } else {
        let text = match token.left() {
            Some(left) => format!("{} left", Duration(std::time::Duration::from_secs(left.as_secs()))),
            None => "the provider does not say how long it is valid".to_owned(),
        };
        let refresh = if token.refresh().is_some() { ", and can be renewed" } else { "" };
        found.add("token", State::Good, "token", format!("{text}{refresh}"));
    }
    scope(identity, grant, claims, found);
    issuer(wish, identity, claims, found);
}

/// What was asked for and not granted.
fn scope(identity: &Identity, grant: &Grant, claims: Option<&Json>, found: &mut Findings) {
    let asked: Vec<&str> = identity.scope().split_whitespace().collect();
    if asked.is_empty() {
        return;
    }
    let said = identity.provider.flow.token_endpoint().and_then(|endpoint| {
        let scope = endpoint.token.scope.first(grant.token.response())?.as_str()?;
        Some(words(scope))
    });
    let claimed = || {
        let claim = |name: &str| match claims?.get(name)? {
            Json::String(text) => Some(words(text)),
            Json::Array(items) => Some(items.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
            _ => None,
        };
        claim("scope").or_else(|| claim("scp"))
    };
    let Some(granted) = said.or_else(claimed) else {
        // An answer that names none grants what was asked for (RFC 6749, section 5.1).
        found.add("scope", State::Good, "scope", format!("{}, as requested", asked.join(" ")));
        return;
    };
    // `openid` and `offline_access` ask for more tokens, and are commonly left out of the list.
    let lacking: Vec<&str> = asked
        .iter()
        .copied()
        .filter(|scope| !granted.iter().any(|known| known == scope) && !matches!(*scope, "openid" | "offline_access"))
        .collect();
    if lacking.is_empty() {
        found.add("scope", State::Good, "scope", format!("granted: {}", granted.join(" ")));
        return;
    }
    let finding =
        found.add("scope", State::Wrong, "scope", format!("requested but not granted: {}", lacking.join(" ")));
    let none = if granted.is_empty() { "nothing".to_owned() } else { granted.join(" ") };
    finding.note(format!("granted: {none}"));
    finding.advise("grant them to the client or user in the provider's settings, or request fewer");
}

/// Scopes with spaces between them, or with the commas that some providers write.
fn words(text: &str) -> Vec<String> {
    text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the token was issued by this environment or by another.
fn issuer(wish: &Wish<'_>, identity: &Identity, claims: Option<&Json>, found: &mut Findings) {
    let Some(issuer) = claims.and_then(|claims| claims.get("iss")?.as_str()) else { return };
    let shown = wish.redactor.redact(issuer).into_owned();
    let Ok(url) = issuer.parse::<Url>() else { return };
    let of = |base: &str| base.parse::<Url>().is_ok_and(|base| base.origin() == url.origin());
    if identity.member("base").is_some_and(of) {
        found.add("issuer", State::Good, "issuer", shown);
        return;
    }
    for (name, environment) in wish.provider.environments.iter().filter(|(name, _)| &*name.value != wish.environment) {
        // The members of another environment may need what only that one has: then nothing can be said of it.
        let members = resolve::members(wish, Some(environment), &identity.scope.inner(), &mut Vec::new());
        if members.get("base").is_some_and(|base| of(base)) {
            let text = format!("the token was issued by {shown}, which belongs to {}", name.value);
            let finding = found.add("issuer", State::Wrong, "issuer", text);
            finding.advise(format!(
                "the URLs of {} point to {}: correct them in the provider's file",
                wish.environment, name.value
            ));
            return;
        }
    }
    found.add("issuer", State::Good, "issuer", shown);
}
