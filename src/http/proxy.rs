//! Which proxy stands between this machine and a URL, as the environment variables say: `HTTP_PROXY`, `HTTPS_PROXY`,
//! `ALL_PROXY`, and `NO_PROXY` for what is exempt. The client's library heeds them; here they are only told of.

use std::ffi::OsString;

use url::Url;

/// Where variables are looked up.
type Variables<'v> = dyn Fn(&str) -> Option<OsString> + 'v;

/// The variable that names a proxy for a URL, and its value.
pub fn proxy(url: &Url, variables: &Variables<'_>) -> Option<(String, String)> {
    let names = if url.scheme() == "https" { ["HTTPS_PROXY", "ALL_PROXY"] } else { ["HTTP_PROXY", "ALL_PROXY"] };
    names.into_iter().flat_map(|name| [name.to_owned(), name.to_lowercase()]).find_map(|name| {
        let value = variables(&name)?.into_string().ok()?;
        (!value.is_empty()).then_some((name, value))
    })
}

/// The entry of `NO_PROXY` that exempts a host.
pub fn exempt(host: &str, variables: &Variables<'_>) -> Option<String> {
    let value = ["NO_PROXY", "no_proxy"].iter().find_map(|name| variables(name)?.into_string().ok())?;
    let covers = |entry: &str| {
        let entry = entry.trim();
        let domain = entry.trim_start_matches('.');
        entry == "*" || !domain.is_empty() && (host == domain || host.ends_with(&format!(".{domain}")))
    };
    value.split(',').find(|entry| covers(entry)).map(|entry| entry.trim().to_owned())
}

/// The proxy that a call to a URL goes through, in words: its host and port, without a password, and the variable.
pub(super) fn told(url: &Url) -> Option<String> {
    let variables = |name: &str| std::env::var_os(name);
    let host = url.host_str().unwrap_or_default();
    if super::is_loopback(url) || exempt(host, &variables).is_some() {
        return None;
    }
    let (variable, value) = proxy(url, &variables)?;
    // `proxy:3128` is a value, too.
    let parsed = value.parse::<Url>().ok().filter(Url::has_host).or_else(|| format!("http://{value}").parse().ok());
    let place = parsed.and_then(|proxy| {
        let host = proxy.host_str()?.to_owned();
        Some(proxy.port_or_known_default().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
    });
    Some(match place {
        Some(place) => format!("the proxy {place} ({variable})"),
        None => format!("the proxy of {variable}"),
    })
}
