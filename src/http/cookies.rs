//! A cookie jar (RFC 6265): one a scenario and persona, over a pool of connections that all share.

use std::sync::{Mutex, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use url::Url;

/// Keeps the cookies that servers set and says which of them a request carries.
#[derive(Debug, Default)]
pub struct CookieJar(Mutex<CookieStore>);

impl CookieJar {
    /// The `Cookie` field for a request, if it carries any.
    pub fn header(&self, url: &Url) -> Option<String> {
        let store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> = store.get_request_values(url).map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
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
