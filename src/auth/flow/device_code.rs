//! The device authorization grant (RFC 8628): a person agrees in any browser, with a code, while the token endpoint is asked
//! again and again.

use std::time::{Duration, Instant};

use minijinja::Value;
use url::Url;

use super::{Issued, Login, id_token};
use crate::auth::error::{AuthError, Trouble};
use crate::auth::interactive::{Then, Visit};
use crate::auth::provider::{TokenEndpoint, TokenRequest};
use crate::http;
use crate::json::Json;
use crate::source;

/// Between two questions where the provider says nothing (section 3.2), and what is added when it is asked too often
/// (section 3.5).
const INTERVAL: Duration = Duration::from_secs(5);

/// No provider is asked more often than this, whatever it allows.
const SHORTEST: Duration = Duration::from_millis(100);

const WHAT: &str = "the device authorization request";

pub(super) async fn login(
    login: Login<'_>,
    device: &TokenRequest,
    endpoint: &TokenEndpoint,
) -> Result<Issued, AuthError> {
    let started = Instant::now();
    let person = login.person()?;
    let metadata = login.discover().await?;
    let issuer = login.issuer(metadata.as_deref())?;
    let scope = login.identity.scope.inner();
    let asked = Instant::now();
    let granted = Authorization::read(&login, &*login.ask(WHAT, device, &scope).await?)?;
    let who = login.identity.who();
    let (url, code) = (&granted.url, Some(granted.user_code.as_str()));
    person.visit(&Visit { who: &who, url, code, then: Then::Waits, patience: granted.expires_in });
    scope.set("device_code", Value::from(granted.device_code.as_str()));

    let mut interval = granted.interval;
    loop {
        if asked.elapsed() + interval >= granted.expires_in {
            let detail = format!("nobody confirmed it within {}", source::Duration(granted.expires_in)).into();
            return Err(login.identity.error(Trouble::Unanswered { detail }));
        }
        tokio::time::sleep(interval).await;
        match login.exchange("the device code", &endpoint.login, endpoint, &scope, started).await {
            Ok(issued) => {
                if login.asks_openid() {
                    id_token::check(&login, &issued, issuer.as_deref(), None).await?;
                }
                return Ok(issued);
            }
            Err(error) => match Answer::of(&error) {
                Answer::Pending => {}
                Answer::SlowDown => interval += INTERVAL,
                // Section 3.5: whoever does not get through asks less and less often.
                Answer::Lost => interval = (interval * 2).max(INTERVAL),
                Answer::Expired => {
                    let detail = "the code expired before anybody confirmed it".into();
                    return Err(login.identity.error(Trouble::Unanswered { detail }));
                }
                Answer::Final => return Err(error),
            },
        }
    }
}

/// What the token endpoint means.
enum Answer {
    Pending,
    SlowDown,
    Lost,
    Expired,
    Final,
}

impl Answer {
    fn of(error: &AuthError) -> Self {
        match &error.trouble {
            Trouble::Refused { said, .. } => match said.error.as_deref() {
                Some("authorization_pending") => Self::Pending,
                Some("slow_down") => Self::SlowDown,
                Some("expired_token") => Self::Expired,
                _ => Self::Final,
            },
            Trouble::Unavailable { .. } => Self::Lost,
            Trouble::Unreachable { problem: http::Problem::Timeout | http::Problem::Interrupted, .. } => Self::Lost,
            _ => Self::Final,
        }
    }
}

/// The device authorization response (section 3.2).
struct Authorization {
    device_code: String,
    user_code: String,
    url: Url,
    expires_in: Duration,
    interval: Duration,
}

impl Authorization {
    fn read(login: &Login<'_>, json: &Json) -> Result<Self, AuthError> {
        let text = |name: &str| json.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        let lacks = |name: &str| {
            let detail = format!("it has no `{name}`").into();
            login.identity.error(Trouble::Answer { what: WHAT.into(), detail })
        };
        let device_code = text("device_code").ok_or_else(|| lacks("device_code"))?;
        login.learn_one("device_code", device_code);
        let user_code = text("user_code").ok_or_else(|| lacks("user_code"))?;
        login.learn_one("user_code", user_code);
        // Google's name for it is older than the RFC.
        let plain = text("verification_uri").or_else(|| text("verification_url"));
        let written = text("verification_uri_complete").or(plain).ok_or_else(|| lacks("verification_uri"))?;
        let url = written.parse::<Url>().map_err(|error| {
            let detail = format!("its `verification_uri` is not a URL ({error})").into();
            login.identity.error(Trouble::Answer { what: WHAT.into(), detail })
        })?;
        // It is opened on this machine: nothing but a page may be.
        login.secure(&url)?;
        let expires_in = seconds(json, "expires_in").ok_or_else(|| lacks("expires_in"))?;
        let interval = seconds(json, "interval").map_or(INTERVAL, |interval| interval.max(SHORTEST));
        Ok(Self { device_code: device_code.to_owned(), user_code: user_code.to_owned(), url, expires_in, interval })
    }
}

fn seconds(json: &Json, name: &str) -> Option<Duration> {
    let seconds = match json.get(name)? {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    // A day is longer than any person takes, and keeps the sums from overflowing.
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(86_400.0)))
}
