//! Logins that need a person: who is asked, and how the answer comes back to this machine. Nothing here prints; whoever
//! starts the program says how a person is spoken to.

mod callback;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use url::Url;

pub(super) use callback::Callback;

/// A line that a person writes, some time.
pub type Answer<'a> = Pin<Box<dyn Future<Output = std::io::Result<String>> + Send + 'a>>;

/// Someone who can log in. What they are told is theirs to see: it is not redacted.
pub trait Person: fmt::Debug + Send + Sync {
    /// Sends the person to a page of the provider.
    fn visit(&self, visit: &Visit<'_>);

    /// Asks for the URL that the browser has ended at.
    fn paste(&self) -> Answer<'_>;

    /// Tells the person something on the way.
    fn hear(&self, news: &str);
}

/// A page that a person must visit.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// Whose login it is: `simacan (stg)`, `simacan (stg) as planner`.
    pub who: &'a str,
    /// The page.
    pub url: &'a Url,
    /// The code that the page asks for, or shows to be compared (RFC 8628, section 3.3).
    pub code: Option<&'a str>,
    /// How it goes on after the page.
    pub then: Then,
    /// How long the person may take.
    pub patience: Duration,
}

/// How a login goes on after the provider's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The browser comes back to a listener on this machine.
    ComesBack,
    /// The person pastes the URL that the browser has ended at.
    Pastes,
    /// The provider is asked until it knows.
    Waits,
}

/// Whether a URL is the redirect URI: the same but for query and fragment (RFC 6749, section 3.1.2).
pub(super) fn is_redirect(url: &Url, target: &Url) -> bool {
    crate::http::origin(url) == crate::http::origin(target) && url.path() == target.path()
}

/// The parameters that a URL brings: those of its query, or else of its fragment (`response_mode=fragment`).
pub(super) fn parameters(url: &Url) -> Vec<(String, String)> {
    let text = url.query().filter(|query| !query.is_empty()).or(url.fragment()).unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
