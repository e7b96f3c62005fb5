//! The id token of OpenID Connect (Core 1.0, section 3.1.3.7): whether it is of this provider, for this client, of this
//! login, and still good.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Issued, Login, answer};
use crate::auth::error::{AuthError, Trouble};
use crate::auth::jwt;
use crate::auth::jwt::verify::{self, Unverified};
use crate::json::Json;

/// By this many seconds clocks may differ.
const LEEWAY: f64 = 60.0;

/// Checks the id token that came with the tokens. Without one, that is wrong only where a nonce was sent.
pub(super) async fn check(
    login: &Login<'_>,
    issued: &Issued,
    issuer: Option<&str>,
    nonce: Option<&str>,
) -> Result<(), AuthError> {
    let wrong = |detail: String| Err(login.identity.error(Trouble::IdToken { detail: detail.into() }));
    let Some(token) = issued.token.id() else {
        if nonce.is_none() {
            return Ok(());
        }
        return wrong("it is missing, although a nonce was sent for it".to_owned());
    };
    let Some(decoded) = jwt::decode(token.expose()) else { return wrong("it is not a JWT".to_owned()) };
    let claims = &decoded.claims;
    let show = |text: &str| answer::excerpt(text, login.redactor);
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    if let Some(issuer) = issuer
        && text("iss") != Some(issuer)
    {
        return wrong(match text("iss") {
            Some(came) => format!("its `iss` is {}, not {}", show(came), show(issuer)),
            None => "it has no `iss`".to_owned(),
        });
    }
    let client = login.identity.credential("client_id").unwrap_or_default();
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Json::String(one)) => vec![one],
        Some(several) => several.as_array().unwrap_or_default().iter().filter_map(Json::as_str).collect(),
        None => Vec::new(),
    };
    if !audience.contains(&client) {
        return wrong(format!("its `aud` is {}, not the client {}", show(&audience.join(", ")), show(client)));
    }
    if let Some(party) = text("azp").filter(|party| *party != client) {
        return wrong(format!("its `azp` is {}, not the client {}", show(party), show(client)));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let moment = |name: &str| claims.get(name).and_then(Json::as_number).map(crate::json::Number::as_f64);
    match moment("exp") {
        None => return wrong("it has no `exp`".to_owned()),
        Some(exp) if exp + LEEWAY < now => return wrong("it has expired".to_owned()),
        Some(_) => {}
    }
    if moment("nbf").is_some_and(|nbf| nbf - LEEWAY > now) {
        return wrong("it is not valid yet".to_owned());
    }
    match (nonce, text("nonce")) {
        (Some(sent), Some(came)) if sent != came => {
            return wrong("its `nonce` is not the one that was sent".to_owned());
        }
        (Some(_), None) => return wrong("it has no `nonce`, although one was sent".to_owned()),
        _ => {}
    }
    match verified(login, token.expose(), &decoded.header).await? {
        Ok(()) => Ok(()),
        Err(unverified) => wrong(unverified.to_string()),
    }
}

/// Whether its signature holds. Where the provider's keys are not known, the connection that it came over vouches for it
/// (section 3.1.3.7, number 6).
async fn verified(login: &Login<'_>, token: &str, header: &Json) -> Result<Result<(), Unverified>, AuthError> {
    let identity = login.identity;
    // A secret that both sides know signs as well as a key (section 10.1).
    let by_secret = header.get("alg").and_then(Json::as_str).is_some_and(|alg| alg.starts_with("HS"));
    if let (true, Some(secret)) = (by_secret, identity.client_secret_key()) {
        return Ok(verify::verify(token, &secret).map(|_| ()));
    }
    let provider = &identity.provider;
    let known = provider.jwks.is_some() || provider.discovery.is_some() || identity.member("jwks").is_some();
    let Some(broker) = login.broker.filter(|_| known) else { return Ok(Ok(())) };
    let verified = broker.keys().verify(identity, None, token).await.map_err(|error| (*error).clone())?;
    Ok(verified.map(|_| ()))
}
