//! What a token endpoint hands out: the tokens, how long they live, and the answer they came in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use super::attach::Attachment;
use super::dpop::Dpop;
use super::jwt;
use super::provider::TokenMembers;
use crate::json::Json;
use crate::jsonpath::JsonPath;
use crate::secret::Secret;

/// A token is renewed this long before it expires, or a tenth of its life before, whichever is less: an answer that is
/// on its way when the token expires must still be good.
const SKEW: Duration = Duration::from_secs(30);

/// A token (or a key) and what is known of it.
#[derive(Debug)]
pub struct Token {
    pub(super) set: TokenSet,
    /// What a request carries, made once.
    pub(super) attachment: Attachment,
    pub(super) acquired: Instant,
    accepted: AtomicBool,
    shared: AtomicBool,
    distrusted: AtomicBool,
    claims: OnceLock<Option<Json>>,
    /// The key it is bound to.
    pub(super) dpop: Option<Arc<Dpop>>,
}

/// The members of a token response that mean something.
pub(super) struct TokenSet {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) id: Option<Secret>,
    pub(super) token_type: Option<Box<str>>,
    pub(super) scope: Option<Box<str>>,
    pub(super) expires_in: Option<Duration>,
    pub(super) expires: Option<Expiry>,
    pub(super) status: u16,
    pub(super) response: Arc<Json>,
    /// Secrets that the tokens are bound to and that are kept with them, by name.
    pub(super) bound: BTreeMap<Box<str>, Secret>,
}

impl std::fmt::Debug for TokenSet {
    /// Without the response, which holds the tokens in the clear.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSet")
            .field("token_type", &self.token_type)
            .field("scope", &self.scope)
            .field("expires_in", &self.expires_in)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// When a token ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry {
    /// Then it is dead.
    at: Instant,
    /// From then on it is renewed.
    renew: Instant,
}

impl Token {
    pub(super) fn new(set: TokenSet, attachment: Attachment) -> Self {
        let (accepted, shared, distrusted) = Default::default();
        let (acquired, claims) = (Instant::now(), OnceLock::new());
        Self { set, attachment, acquired, accepted, shared, distrusted, claims, dpop: None }
    }

    /// Binds it to a key, if its type says so (RFC 9449, section 5).
    pub(super) fn bound_to(self, key: Option<Arc<Dpop>>) -> Self {
        let dpop = key.filter(|_| self.set.is_bound());
        Self { dpop, ..self }
    }

    /// One that was had so long ago, by another process.
    pub(super) fn had(set: TokenSet, attachment: Attachment, ago: Duration) -> Self {
        let token = Self::new(set, attachment);
        let acquired = token.acquired.checked_sub(ago).unwrap_or(token.acquired);
        Self { acquired, ..token }
    }

    /// The access token; of `bearer` and `api_key` what was given, of `basic` and `none` nothing.
    pub fn access(&self) -> &Secret {
        &self.set.access
    }

    /// The id token of OpenID Connect, if there is one.
    pub fn id(&self) -> Option<&Secret> {
        self.set.id.as_ref()
    }

    /// The refresh token, if there was one in the answer.
    pub fn refresh(&self) -> Option<&Secret> {
        self.set.refresh.as_ref()
    }

    /// The type, as the provider spells it.
    pub fn token_type(&self) -> Option<&str> {
        self.set.token_type.as_deref()
    }

    /// The scope that was granted: as the provider says, or else as it was asked for.
    pub fn scope(&self) -> Option<&str> {
        self.set.scope.as_deref()
    }

    /// The lifetime that the provider named, or what was left until the moment that it named.
    pub fn expires_in(&self) -> Option<Duration> {
        self.set.expires_in
    }

    /// The same in whole seconds. What is begun counts as one: of a moment in the answer, the way of the answer is lost.
    pub fn lifetime(&self) -> Option<u64> {
        self.expires_in().map(|life| life.as_secs() + u64::from(life.subsec_nanos() > 0))
    }

    /// How long it still lives, where that is known; zero once it has expired.
    pub fn left(&self) -> Option<Duration> {
        self.set.expires.map(|expiry| expiry.at.saturating_duration_since(Instant::now()))
    }

    /// The claims of the access token, if it is a JWT: decoded, not verified.
    pub fn claims(&self) -> Option<&Json> {
        let decode = || jwt::decode(self.set.access.expose()).map(|decoded| decoded.claims);
        self.claims.get_or_init(decode).as_ref()
    }

    /// The status of the token response; 0 where none was asked for.
    pub fn status(&self) -> u16 {
        self.set.status
    }

    /// The token response. It holds the tokens themselves: what shows it must redact.
    pub fn response(&self) -> &Arc<Json> {
        &self.set.response
    }

    /// Notes that a service has taken the token, so that a later 401 means it has ended and not that it was never good.
    /// `true` the first time.
    pub(super) fn accept(&self) -> bool {
        // Nearly always it is noted already, and every call of a run comes by here.
        !self.was_accepted() && !self.accepted.swap(true, Ordering::Relaxed)
    }

    pub(super) fn was_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Notes that a service has rejected it for good. `true` the first time, where none has ever taken it.
    pub(super) fn distrust(&self) -> bool {
        !self.was_accepted() && !self.distrusted.swap(true, Ordering::Relaxed)
    }

    /// Notes that others than the one it was acquired for have it.
    pub(super) fn share(&self) {
        // Written once only: every call of a run looks here.
        if !self.is_shared() {
            self.shared.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.shared.load(Ordering::Relaxed)
    }

    pub(super) fn is_good(&self, now: Instant) -> bool {
        self.set.is_good(now)
    }

    /// Whether it lives, though it may be time to renew it.
    pub(super) fn is_alive(&self, now: Instant) -> bool {
        self.set.is_alive(now)
    }
}

/// What a token response lacks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lacking {
    pub(super) path: Box<str>,
    pub(super) names: Vec<Box<str>>,
}

impl TokenSet {
    /// Reads a token response. `asked` is when its request was sent: the token lives from then at the latest.
    pub(super) fn read(
        response: &Arc<Json>,
        status: u16,
        members: &TokenMembers,
        asked: Instant,
    ) -> Result<Self, Lacking> {
        let text = |path: &JsonPath| {
            path.first(response).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
        };
        let access = text(&members.access_token).ok_or_else(|| Lacking {
            path: members.access_token.source().into(),
            names: response.as_object().into_iter().flat_map(|object| object.keys().map(Box::from)).collect(),
        })?;
        let expires_in = members.expires_in.first(response).and_then(seconds);
        let expires_at = members.expires_at.as_ref().and_then(|path| path.first(response)).and_then(moment);
        let expires_in = expires_in.or_else(|| expires_at?.checked_sub(since_1970()));
        Ok(Self {
            access: Secret::new(access),
            refresh: text(&members.refresh_token).map(Secret::new),
            id: text(&members.id_token).map(Secret::new),
            token_type: text(&members.token_type).map(Box::from),
            scope: text(&members.scope).map(Box::from),
            expires_in,
            expires: Expiry::of(expires_in, access, asked),
            status,
            response: response.clone(),
            bound: BTreeMap::new(),
        })
    }

    /// Whether the access token is of use only with a proof (RFC 9449, section 5).
    pub(super) fn is_bound(&self) -> bool {
        self.token_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("DPoP"))
    }

    /// An answer that names no scope grants the one that was asked for (RFC 6749, section 5.1); of a refresh, that of the
    /// token before (section 6).
    pub(super) fn imply_scope(&mut self, asked: Option<&str>) {
        if self.scope.is_none() {
            self.scope = asked.map(Box::from);
        }
    }

    /// Whether it lives, and need not be renewed yet.
    pub(super) fn is_good(&self, now: Instant) -> bool {
        self.expires.is_none_or(|expiry| now < expiry.renew)
    }

    pub(super) fn is_alive(&self, now: Instant) -> bool {
        self.expires.is_none_or(|expiry| now < expiry.at)
    }

    /// What was given and not asked for.
    pub(super) fn given(access: Secret) -> Self {
        Self {
            access,
            refresh: None,
            id: None,
            token_type: None,
            scope: None,
            expires_in: None,
            expires: None,
            status: 0,
            response: Arc::new(Json::Null),
            bound: BTreeMap::new(),
        }
    }
}

/// Seconds as a number or, as some providers have it, as digits in a string. What is not above zero says nothing.
fn seconds(value: &Json) -> Option<Duration> {
    let seconds = number(value)?;
    // A century is for ever, and keeps the sums below from overflowing.
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds.min(3_153_600_000.0)))
}

/// A moment as the time since 1970: RFC 3339, or seconds (or milliseconds) as a number or as digits in a string.
fn moment(value: &Json) -> Option<Duration> {
    if let Some(text) = value.as_str()
        && let Ok(time) = text.trim().parse::<Timestamp>()
    {
        return Duration::try_from(time.duration_since(Timestamp::UNIX_EPOCH)).ok();
    }
    // Seconds stay below this until the year 5138; milliseconds passed it in 1973.
    let time = number(value)?;
    Duration::try_from_secs_f64(if time < 1e11 { time } else { time / 1000.0 }).ok()
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => Some(number.as_f64()),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl Expiry {
    /// The earlier of what the answer says and what the token itself says.
    fn of(expires_in: Option<Duration>, access: &str, asked: Instant) -> Option<Self> {
        let claims = jwt::decode(access).map(|decoded| decoded.claims);
        let claim = |name: &str| claims.as_ref()?.get(name).and_then(seconds);
        let now = since_1970();
        let by_claim = claim("exp").and_then(|exp| match exp.checked_sub(now) {
            Some(left) if !left.is_zero() => Some(left),
            // A token that is dead on arrival is a clock that is wrong: then only the length of its life is of use.
            _ => exp.checked_sub(claim("iat")?).filter(|life| !life.is_zero()),
        });
        let life = match (expires_in, by_claim) {
            (Some(a), Some(b)) => a.min(b),
            (one, other) => one.or(other)?,
        };
        Some(Self::at(asked.checked_add(life)?, life))
    }

    /// The end of a life of that length.
    pub(super) fn at(at: Instant, life: Duration) -> Self {
        Self { at, renew: at.checked_sub(SKEW.min(life / 10)).unwrap_or(at) }
    }

    /// When it is.
    pub(super) fn moment(self) -> Instant {
        self.at
    }
}
