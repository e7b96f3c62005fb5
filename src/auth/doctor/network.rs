//! The way to the provider: proxies, names, certificates, and what its clock says.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use url::Url;

use super::{Findings, State, Tools};
use crate::auth::attach::shown;
use crate::auth::identity::Identity;
use crate::auth::resolve::Wish;
use crate::http::proxy::{exempt, proxy};
use crate::http::{HttpError, Problem, Request, is_loopback, origin};

/// An answer that takes longer says enough.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Providers commonly take tokens and signatures that are this far off.
const TOLERANCE: i64 = 60;

/// Says which proxy variables apply.
pub(super) fn proxies(wish: &Wish<'_>, urls: &[Url], found: &mut Findings) {
    let mut said: Vec<String> = Vec::new();
    for url in urls {
        let Some((variable, value)) = proxy(url, wish.sources.variable) else { continue };
        let host = url.host_str().unwrap_or_default();
        // A proxy's URL may hold a password.
        let value = value.parse::<Url>().map_or_else(|_| "a proxy".to_owned(), |url| shown(&without_user(url)));
        let text = if is_loopback(url) {
            format!("{variable} is set; {host} is this machine, so the proxy is not used")
        } else if let Some(entry) = exempt(host, wish.sources.variable) {
            format!("{variable} is set; NO_PROXY exempts {host} ({entry})")
        } else {
            format!("{host} is reached through {value} ({variable})")
        };
        if !said.contains(&text) {
            found.add("proxy", State::Good, "proxy", text.clone());
            said.push(text);
        }
    }
}

fn without_user(mut url: Url) -> Url {
    // A URL that can have no user has none.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url
}

/// Asks each server that is not known yet for an answer, whatever it is, without credentials. `false` where one cannot be reached.
pub(super) async fn connect(
    wish: &Wish<'_>,
    tools: &Tools<'_>,
    identity: &Identity,
    urls: &[Url],
    known: &[Url],
    found: &mut Findings,
) -> bool {
    let (mut reached, mut asked) = (true, known.iter().map(origin).collect::<Vec<_>>());
    for url in urls {
        let server = origin(url);
        if asked.contains(&server) {
            continue;
        }
        asked.push(server);
        wish.redactor.learn_host(url);
        if url.scheme() != "https" && !is_loopback(url) {
            let text = format!("credentials would be sent to {} unencrypted, over plain http", shown(url));
            found.add("connection", State::Wrong, "connection", text).advise("use https");
            reached = false;
            continue;
        }
        // The server's front door: an endpoint might take the question for a login.
        let mut bare = url.clone();
        bare.set_path("/");
        bare.set_query(None);
        let mut request = Request::new("HEAD", bare);
        request.timeout = TIMEOUT;
        match tools.client.send(&request, None).await {
            Ok(response) => {
                let host = url.host_str().unwrap_or_default();
                let took = whole(response.timings.total);
                found.add("connection", State::Good, "connection", format!("{host} answers in {took}"));
                clock(response.headers.get("date"), found);
            }
            Err(error) => {
                reached = false;
                let text = wish.redactor.redact(&error.detail).into_owned();
                let finding = found.add("connection", State::Wrong, "connection", text);
                for help in advice(&error, identity) {
                    finding.advise(help);
                }
                if let (Some((variable, _)), false) = (proxy(url, wish.sources.variable), is_loopback(url)) {
                    let host = url.host_str().unwrap_or_default();
                    if exempt(host, wish.sources.variable).is_none() {
                        finding.advise(format!(
                            "{variable} may be wrong, or the proxy blocks this: NO_PROXY={host} avoids the proxy"
                        ));
                    }
                }
            }
        }
    }
    reached
}

/// A time to the millisecond, which is enough for people.
pub(super) fn whole(time: Duration) -> String {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    crate::source::Duration(Duration::from_millis(millis)).to_string()
}

/// What to do about a failure of the connection.
fn advice(error: &HttpError, identity: &Identity) -> Vec<String> {
    let words = error.detail.to_lowercase();
    let own = match error.problem {
        Problem::Tls if words.contains("unknownissuer") || words.contains("unknown issuer") => {
            "its certificate was signed by an authority that this machine does not know: add a private one with \
             `tls: { ca: FILE }` in the provider's environment"
        }
        Problem::Tls if words.contains("not valid for name") || words.contains("notvalidforname") => {
            "its certificate is for another host: check the spelling of the URL, and any proxy in front of the service"
        }
        Problem::Tls if words.contains("expired") => {
            "its certificate has expired and must be renewed; if it has not, this machine's clock is wrong"
        }
        Problem::Tls if words.contains("not valid yet") || words.contains("notvalidyet") => {
            "its certificate is not valid yet: this machine's clock is probably wrong"
        }
        Problem::Tls if words.contains("contenttype") || words.contains("corrupt") || words.contains("eof") => {
            "this port does not use TLS, or wants a client certificate: check the port, and whether the URL should start with http"
        }
        problem => problem.advice(),
    };
    vec![own.to_owned(), format!("the URL is that of the environment {}", identity.environment())]
}

/// Compares this machine's clock with that of an answer.
fn clock(date: Option<&str>, found: &mut Findings) {
    let Some(theirs) = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp()) else { return };
    let ahead = Timestamp::now().as_second() - theirs.as_second();
    if found.0.iter().any(|finding| finding.id == "clock") {
        return;
    }
    if ahead.abs() <= TOLERANCE {
        found.add("clock", State::Good, "clock", "this machine's clock is the same as the provider's");
        return;
    }
    let off = crate::source::Duration(Duration::from_secs(ahead.unsigned_abs()));
    let way = if ahead > 0 { "ahead of" } else { "behind" };
    let finding =
        found.add("clock", State::Wrong, "clock", format!("this machine's clock is {off} {way} the provider's"));
    finding.advise("set the clock: with a wrong clock, signed requests and new tokens are refused, and tokens seem to expire too early or too late");
}
