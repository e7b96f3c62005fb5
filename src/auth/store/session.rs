//! A session as it is kept: its tokens, when they end by the clock on the wall, and whose it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use jiff::{SignedDuration, Timestamp};

use super::{StoreError, VERSION};
use crate::json::{self, Json};
use crate::secret::Secret;

/// A session: what a login has yielded, and what is left of it.
#[derive(Debug, Clone)]
pub struct StoredSession {
    /// The provider.
    pub provider: Box<str>,
    /// The project's environment.
    pub environment: Box<str>,
    /// The persona; `default` where there is none.
    pub persona: Box<str>,
    /// The scope that was asked for; may be empty.
    pub scope: Box<str>,
    /// The client; empty where the provider knows none.
    pub client: Box<str>,
    /// Where the token came from: the URL of the token endpoint, without its query.
    pub issuer: Box<str>,
    /// How the tokens were come by.
    pub origin: SessionOrigin,
    /// When they were issued.
    pub issued_at: Timestamp,
    /// When the access token ends, where that is known.
    pub expires_at: Option<Timestamp>,
    /// The access token; `None` once a service has rejected it.
    pub access_token: Option<Secret>,
    /// The refresh token, where there is one.
    pub refresh_token: Option<Secret>,
    /// The id token, where there is one.
    pub id_token: Option<Secret>,
    /// The type, as the provider spells it.
    pub token_type: Option<Box<str>>,
    /// The scope that was granted.
    pub granted_scope: Option<Box<str>>,
    /// The lifetime that the provider named.
    pub expires_in: Option<Duration>,
    /// The status of the token response.
    pub status: u16,
    /// The token response.
    pub response: Arc<Json>,
    /// Secrets that belong to the tokens and without which they are of no use, by name: the key of a DPoP session.
    pub bound: BTreeMap<Box<str>, Secret>,
    /// Since when the refresh token is under way to the provider: it may be spent. Whoever holds the lock and finds this has
    /// come after one who has died.
    pub in_use_since: Option<Timestamp>,
}

/// How the tokens of a session were come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOrigin {
    /// By a login.
    Login,
    /// A refresh token was exchanged for them.
    Refresh,
    /// They were brought here from another place.
    Import,
}

impl SessionOrigin {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Import => "import",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Login, Self::Refresh, Self::Import].into_iter().find(|origin| origin.name() == word)
    }
}

impl StoredSession {
    /// How long the access token still lives at that moment, where that is known; zero once it is over. A session that was
    /// issued in the future tells of a clock that was set: it lives no longer than it would have from the start.
    pub fn left(&self, now: Timestamp) -> Option<Duration> {
        let expires = self.expires_at?;
        let left = now.duration_until(expires);
        Some(duration(left).min(self.life()?))
    }

    /// From issue to end, where that is known.
    pub fn life(&self) -> Option<Duration> {
        Some(duration(self.issued_at.duration_until(self.expires_at?)))
    }

    /// How long ago it was issued; zero where that is in the future.
    pub fn age(&self, now: Timestamp) -> Duration {
        duration(self.issued_at.duration_until(now))
    }

    /// The file's text. It holds the tokens in the clear.
    pub(in crate::auth) fn to_text(&self) -> String {
        let text = |text: &str| Json::from(text);
        let moment = |moment: Timestamp| Json::from(&*format!("{moment:.3}"));
        let secret = |secret: &Secret| Json::from(secret.expose());
        let mut members: Vec<(&str, Json)> = vec![
            ("version", number(u64::from(VERSION))),
            ("provider", text(&self.provider)),
            ("environment", text(&self.environment)),
            ("persona", text(&self.persona)),
            ("scope", text(&self.scope)),
            ("client", text(&self.client)),
            ("issuer", text(&self.issuer)),
            ("origin", text(self.origin.name())),
            ("issued_at", moment(self.issued_at)),
        ];
        let optional = [
            ("expires_at", self.expires_at.map(moment)),
            ("in_use_since", self.in_use_since.map(moment)),
            ("access_token", self.access_token.as_ref().map(secret)),
            ("refresh_token", self.refresh_token.as_ref().map(secret)),
            ("id_token", self.id_token.as_ref().map(secret)),
            ("token_type", self.token_type.as_deref().map(text)),
            ("granted_scope", self.granted_scope.as_deref().map(text)),
            ("expires_in_ms", self.expires_in.map(|life| number(u64::try_from(life.as_millis()).unwrap_or(u64::MAX)))),
        ];
        members.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        members.push(("status", number(u64::from(self.status))));
        members.push(("response", (*self.response).clone()));
        if !self.bound.is_empty() {
            let bound = self.bound.iter().map(|(name, value)| (&**name, secret(value)));
            members.push(("bound", Json::object(bound)));
        }
        Json::object(members).to_pretty() + "\n"
    }

    /// Reads the file's text.
    pub(in crate::auth) fn of_text(text: &[u8]) -> Result<Self, Wrong> {
        let json = json::parse(text).map_err(|error| Wrong::Damaged(error.to_string()))?;
        match json.get("version") {
            Some(Json::Number(version)) if version.as_i64() == Some(i64::from(VERSION)) => {}
            Some(version) => return Err(Wrong::Version(version.to_string())),
            None => return Err(Wrong::Damaged("it has no `version`".to_owned())),
        }
        let lacks = |name: &str| Wrong::Damaged(format!("its `{name}` is missing or cannot be read"));
        let text = |name: &str| json.get(name).and_then(Json::as_str);
        let needed = |name: &str| text(name).map(Box::<str>::from).ok_or_else(|| lacks(name));
        let secret = |name: &str| text(name).filter(|text| !text.is_empty()).map(Secret::new);
        // One that is there and cannot be read would be a token that never ends.
        let moment = |name: &str| match json.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).map(Some).ok_or_else(|| lacks(name))
            }
        };
        let whole = |name: &str| json.get(name).and_then(Json::as_i64).and_then(|number| u64::try_from(number).ok());
        let bound = json.get("bound").and_then(Json::as_object);
        Ok(Self {
            provider: needed("provider")?,
            environment: needed("environment")?,
            persona: needed("persona")?,
            scope: text("scope").unwrap_or_default().into(),
            client: text("client").unwrap_or_default().into(),
            issuer: text("issuer").unwrap_or_default().into(),
            origin: SessionOrigin::of(&needed("origin")?).ok_or_else(|| lacks("origin"))?,
            issued_at: moment("issued_at")?.ok_or_else(|| lacks("issued_at"))?,
            expires_at: moment("expires_at")?,
            access_token: secret("access_token"),
            refresh_token: secret("refresh_token"),
            id_token: secret("id_token"),
            token_type: text("token_type").map(Box::from),
            granted_scope: text("granted_scope").map(Box::from),
            expires_in: whole("expires_in_ms").map(Duration::from_millis),
            status: whole("status").and_then(|status| u16::try_from(status).ok()).unwrap_or(200),
            response: Arc::new(json.get("response").cloned().unwrap_or_default()),
            bound: bound
                .into_iter()
                .flat_map(json::Object::iter)
                .filter_map(|(name, value)| Some((name.into(), Secret::new(value.as_str()?))))
                .collect(),
            in_use_since: moment("in_use_since")?,
        })
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Damaged(why) => f.write_str(why),
            Self::Version(found) => write!(f, "it has version {found}, and this callsheet reads version {VERSION}"),
        }
    }
}

/// What is wrong with a file.
pub(in crate::auth) enum Wrong {
    Damaged(String),
    Version(String),
}

/// Reads a session's file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<StoredSession>, StoreError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::Io { path: path.to_owned(), source }),
    };
    StoredSession::of_text(&text).map(Some).map_err(|wrong| match wrong {
        Wrong::Damaged(why) => StoreError::Damaged { path: path.to_owned(), why },
        Wrong::Version(found) => StoreError::Version { path: path.to_owned(), found },
    })
}

fn number(value: u64) -> Json {
    json::Number::parse(&value.to_string()).map_or(Json::Null, Json::Number)
}

/// What is below zero is zero.
fn duration(signed: SignedDuration) -> Duration {
    Duration::try_from(signed).unwrap_or_default()
}
