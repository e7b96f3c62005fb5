//! A cookie jar (RFC 6265): one a scenario and persona, over a pool of connections that all share.

use std::sync::{Mutex, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use url::Url;

/// Keeps the cookies that servers set and says which of them a request carries.
#[derive(Debug, Default)]
pub struct CookieJar(Mutex<CookieStore>);

impl CookieJar {
    /// The cookies for a request, as `name=value`.
    fn pairs(&self, url: &Url) -> Vec<(String, String)> {
        let store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        store.get_request_values(url).map(|(name, value)| (name.to_owned(), format!("{name}={value}"))).collect()
    }

    /// Takes a `Set-Cookie` field in; tells the name and value it sets. What the URL may not set is not kept.
    pub fn store(&self, url: &Url, field: &str) -> Option<(String, String)> {
        let cookie = RawCookie::parse(field).ok()?.into_owned();
        let pair = (cookie.name().to_owned(), cookie.value().to_owned());
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A cookie that is refused (of a foreign domain, say) is the server's mistake, seen in its header.
        let _ = store.insert_raw(&cookie, url);
        Some(pair)
    }
}

/// The one `Cookie` field that a request carries (RFC 6265, section 5.4): the cookies it was given, then those of the
/// jar. A cookie that it was given stands in place of the jar's of the same name.
pub(super) fn field<'h>(own: impl Iterator<Item = &'h str>, jar: Option<&CookieJar>, url: &Url) -> Option<String> {
    let own: Vec<&str> =
        own.flat_map(|field| field.split(';')).map(str::trim).filter(|pair| !pair.is_empty()).collect();
    let is_given = |name: &str| own.iter().any(|pair| pair.split('=').next().is_some_and(|key| key.trim() == name));
    let kept = jar.map(|jar| jar.pairs(url)).unwrap_or_default();
    let kept = kept.iter().filter(|(name, _)| !is_given(name)).map(|(_, pair)| pair.as_str());
    let pairs: Vec<&str> = own.iter().copied().chain(kept).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}
