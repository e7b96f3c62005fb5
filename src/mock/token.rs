//! Issuing and checking tokens. An authority signs what it issues with its own key and accepts nothing
//! else: the signature, the issuer, the audience, the use, the expiry and the withdrawal of each token
//! are checked. A token's static properties are checked once, so that a busy API costs no cryptography.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Header, Validation};
use serde_json::Value;

use super::keys::SigningKey;
use super::site::Site;
use super::state::{Millis, Random, lock};

/// How long the look-alikes' access tokens live unless a fault says otherwise, in seconds.
pub(super) const LIFETIME: u64 = 3600;

/// How many tokens an authority remembers before it forgets those that expired, and the oldest.
const REMEMBERED: usize = 20_000;

/// What an authority knows of an access token it issued.
#[derive(Debug)]
pub(super) struct Token {
    /// The name under which the journal speaks of it: `simacan/access-3`.
    pub(super) serial: String,
    pub(super) client: String,
    /// Whom it speaks for: a user, or the client itself.
    pub(super) subject: String,
    pub(super) scopes: Vec<String>,
    /// Tokens that stem from one login share a family and can be withdrawn together.
    family: u64,
    expires: AtomicI64,
    withdrawn: AtomicBool,
    /// Whether the signature and the claims have been found good before.
    checked: AtomicBool,
}

impl Token {
    /// Whether the token grants this scope.
    pub(super) fn grants(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no JWT at all.
    Malformed,
    /// Its signature is not by this authority's key.
    Signature,
    /// It was issued by, or for, somebody else.
    Foreign,
    /// It is an id token or a refresh token.
    Use,
    /// It is past its expiry.
    Expired,
    /// It was revoked, or the mock was reset since.
    Revoked,
}

impl Refusal {
    /// The reason in words, as `error_description` gives it.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Malformed => "the access token is malformed",
            Self::Signature => "the signature of the access token is not valid here",
            Self::Foreign => "the access token was issued by or for somebody else",
            Self::Use => "this is not an access token",
            Self::Expired => "the access token expired",
            Self::Revoked => "the access token was revoked or is unknown",
        }
    }
}

/// How long a token lives: what its holder is told, and what is true.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    /// The seconds that `expires_in` and the `exp` claim say.
    pub(super) said: u64,
    /// The milliseconds after which the API refuses it.
    pub(super) real: Millis,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::of(LIFETIME)
    }
}

impl Lifetime {
    /// An honest lifetime of so many seconds.
    pub(super) fn of(seconds: u64) -> Self {
        let real = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        Self { said: seconds, real }
    }
}

/// Whom an access token is for.
pub(super) struct Holder<'a> {
    pub(super) client: &'a str,
    pub(super) subject: &'a str,
    pub(super) scopes: &'a [&'a str],
    pub(super) family: u64,
}

/// The issuer of a provider's tokens.
pub(super) struct Authority {
    site: Site,
    pub(super) issuer: String,
    pub(super) key: &'static LazyLock<SigningKey>,
    /// The audience of its access tokens; user pools set none and use `client_id` instead.
    audience: Option<&'static str>,
    issued: Mutex<HashMap<Box<str>, Arc<Token>>>,
    next_serial: AtomicU64,
    next_family: AtomicU64,
}

impl Authority {
    pub(super) fn new(
        site: Site,
        issuer: String,
        audience: Option<&'static str>,
        key: &'static LazyLock<SigningKey>,
    ) -> Self {
        Self {
            site,
            issuer,
            key,
            audience,
            issued: Mutex::default(),
            next_serial: AtomicU64::new(1),
            next_family: AtomicU64::new(1),
        }
    }

    /// A new family of tokens: one login, one code.
    pub(super) fn family(&self) -> u64 {
        self.next_family.fetch_add(1, Ordering::Relaxed)
    }

    /// Signs claims. An id token needs no more; an access token is issued by [`Self::issue`].
    pub(super) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.key.algorithm);
        header.kid = Some(self.key.kid.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key.encoding).expect("the embedded keys can sign, as a test shows")
    }

    /// Signs the claims of an access token and remembers it.
    pub(super) fn issue(&self, now: Millis, lifetime: Lifetime, holder: &Holder<'_>, claims: &Value) -> String {
        let raw = self.sign(claims);
        let number = self.next_serial.fetch_add(1, Ordering::Relaxed);
        let token = Token {
            serial: format!("{}/access-{number}", self.site),
            client: holder.client.to_owned(),
            subject: holder.subject.to_owned(),
            scopes: holder.scopes.iter().map(|&scope| scope.to_owned()).collect(),
            family: holder.family,
            expires: AtomicI64::new(now.saturating_add(lifetime.real)),
            withdrawn: AtomicBool::new(false),
            checked: AtomicBool::new(false),
        };
        let mut issued = lock(&self.issued);
        if issued.len() >= REMEMBERED {
            let oldest = holder.family.saturating_sub(REMEMBERED as u64 / 2);
            issued.retain(|_, token| token.expires.load(Ordering::Relaxed) > now && token.family > oldest);
        }
        issued.insert(raw.clone().into_boxed_str(), Arc::new(token));
        raw
    }

    /// Checks an access token and says whose it is.
    pub(super) fn check(&self, raw: &str, now: Millis) -> Result<Arc<Token>, Refusal> {
        let known = lock(&self.issued).get(raw).map(Arc::clone);
        let checked = known.as_ref().is_some_and(|token| token.checked.load(Ordering::Relaxed));
        if !checked {
            self.check_signature_and_claims(raw)?;
        }
        let token = known.ok_or(Refusal::Revoked)?;
        token.checked.store(true, Ordering::Relaxed);
        if token.withdrawn.load(Ordering::Relaxed) {
            Err(Refusal::Revoked)
        } else if token.expires.load(Ordering::Relaxed) <= now {
            Err(Refusal::Expired)
        } else {
            Ok(token)
        }
    }

    fn check_signature_and_claims(&self, raw: &str) -> Result<(), Refusal> {
        use jsonwebtoken::errors::ErrorKind;

        let header = jsonwebtoken::decode_header(raw).map_err(|_| Refusal::Malformed)?;
        if header.kid.as_deref() != Some(self.key.kid) {
            return Err(Refusal::Foreign);
        }
        let mut validation = Validation::new(self.key.algorithm);
        // Expiry is judged by the mock's own clock, which a test may have moved.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        if let Some(audience) = self.audience {
            validation.set_audience(&[audience]);
        }
        let claims = jsonwebtoken::decode::<Value>(raw, &self.key.decoding, &validation)
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Refusal::Signature,
                ErrorKind::InvalidIssuer => Refusal::Foreign,
                // An id token's audience is the client.
                ErrorKind::InvalidAudience => Refusal::Use,
                _ => Refusal::Malformed,
            })?
            .claims;
        match claims.get("token_use").and_then(Value::as_str) {
            Some("access") => Ok(()),
            _ => Err(Refusal::Use),
        }
    }

    /// The serial of a token that this authority issued, whatever its condition.
    pub(super) fn serial_of(&self, raw: &str) -> Option<String> {
        lock(&self.issued).get(raw).map(|token| token.serial.clone())
    }

    /// The subject of a token that this authority issued, whatever its condition.
    pub(super) fn subject_of(&self, raw: &str) -> Option<String> {
        lock(&self.issued).get(raw).map(|token| token.subject.clone())
    }

    /// The token with this `jti`.
    pub(super) fn holder_of(&self, jti: &str) -> Option<Arc<Token>> {
        let issued = lock(&self.issued);
        let has_it = |raw: &str| super::lax::decode(raw).is_some_and(|(_, claims)| claims["jti"] == jti);
        issued.iter().find(|(raw, _)| has_it(raw)).map(|(_, token)| Arc::clone(token))
    }

    /// The token that was issued first, for those who take anyone for its holder.
    pub(super) fn anyone(&self) -> Option<Arc<Token>> {
        let issued = lock(&self.issued);
        issued.values().min_by_key(|token| token.family).map(Arc::clone)
    }

    /// Expires one token now.
    pub(super) fn expire(&self, raw: &str) {
        if let Some(token) = lock(&self.issued).get(raw) {
            token.expires.store(0, Ordering::Relaxed);
        }
    }

    /// Expires every token issued so far, or those of one user or client. Says how many.
    pub(super) fn expire_all(&self, of: Option<&str>, now: Millis) -> usize {
        self.each(|token| {
            let concerned = of.is_none_or(|of| token.subject == of || token.client == of);
            concerned && token.expires.swap(0, Ordering::Relaxed) > now
        })
    }

    /// Withdraws every access token of a family.
    pub(super) fn withdraw(&self, family: u64) -> usize {
        self.each(|token| token.family == family && !token.withdrawn.swap(true, Ordering::Relaxed))
    }

    fn each(&self, mut change: impl FnMut(&Token) -> bool) -> usize {
        lock(&self.issued).values().filter(|token| change(token)).count()
    }
}

/// A refresh token that looks like those of a user pool: five parts that only the issuer can read.
pub(super) fn opaque(random: &Random) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    format!("{header}.{}.{}.{}.{}", random.text(86), random.text(16), random.text(128), random.text(22))
}
