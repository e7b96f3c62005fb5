//! HTTP Digest (RFC 7616): a challenge is answered once and used again, with its nonce count, until the service gives
//! another one. Two calls at once never share a challenge, so that no count comes to the service out of order.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{digest, rand};

use super::challenge::{Challenge, quoted};
use crate::http::{Request, Resign, Response, origin};
use crate::secret::{Redactor, Secret};

/// Answers of one exchange: to the challenge, and once more where its nonce had become stale.
const ANSWERS: u32 = 2;

/// Who answers, and the challenges that are at hand.
#[derive(Debug)]
pub(in crate::auth) struct Digest {
    user: Secret,
    password: Secret,
    idle: Mutex<Vec<Session>>,
    redactor: Arc<Redactor>,
    /// The name that answers are masked by.
    mask: String,
}

type Origin = (String, String, Option<u16>);

/// A challenge of an origin and how often it was answered.
#[derive(Debug)]
struct Session {
    origin: Origin,
    asked: Asked,
    cnonce: String,
    count: u32,
}

/// The parameters of a challenge that the answer depends on (section 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    hash: Hash,
    /// As the service spells it, if it does.
    algorithm: Option<String>,
    session: bool,
    /// `None` for services of RFC 2069.
    quality: Option<Quality>,
    hides_user: bool,
    stale: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha256,
    Sha512To256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quality {
    Auth,
    AuthInt,
}

impl Digest {
    pub(in crate::auth) fn new(user: &str, password: &str, redactor: Arc<Redactor>, mask: String) -> Self {
        Self { user: Secret::new(user), password: Secret::new(password), idle: Mutex::default(), redactor, mask }
    }

    /// Lets a request answer the challenges of its origin: at once where one is at hand.
    pub(in crate::auth) fn attach(self: &Arc<Self>, request: &mut Request) {
        let of = origin(&request.url);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().rposition(|session| session.origin == of);
        let session = at.map(|at| idle.remove(at));
        drop(idle);
        self.answer(request, session);
    }

    /// The request in place of one that was answered with a challenge; `None` where that answer stands.
    pub(in crate::auth) fn challenged(
        self: &Arc<Self>,
        prepared: &Request,
        response: &Response,
        answers: u32,
    ) -> Option<Request> {
        let of = origin(&prepared.url);
        // A challenge of another origin, where a redirect led, is not for these credentials.
        if response.status != 401 || origin(&response.url) != of || answers >= ANSWERS {
            return None;
        }
        let mut challenges = response.headers.all("www-authenticate").flat_map(Challenge::read);
        // Section 3.7: the service names what it likes best first.
        let asked = challenges.find_map(|challenge| Asked::of(&challenge))?;
        if answers > 0 && !asked.stale {
            return None;
        }
        let session = Session { origin: of, asked, cnonce: unguessable()?, count: 0 };
        let mut request = prepared.clone();
        self.answer(&mut request, Some(session));
        Some(request)
    }

    fn answer(self: &Arc<Self>, request: &mut Request, session: Option<Session>) {
        let answering = Answering { digest: self.clone(), session: Mutex::new(session) };
        answering.sign(request);
        request.resign = Some(Resign::new(move |request| answering.sign(request)));
    }
}

/// A challenge in the hands of one request. It comes back when the request is done with.
#[derive(Debug)]
struct Answering {
    digest: Arc<Digest>,
    session: Mutex<Option<Session>>,
}

impl Answering {
    fn sign(&self, request: &mut Request) {
        let mut held = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(session) = held.as_mut() else { return };
        session.count += 1;
        let target = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        let Digest { user, password, redactor, mask, .. } = &*self.digest;
        let call = Said { method: &request.method, target: &target, body: request.body.bytes() };
        let (field, response) =
            session.asked.answer(user.expose(), password.expose(), &session.cnonce, session.count, &call);
        // Whoever reads it can try passwords against it at leisure.
        redactor.learn(mask, &response);
        request.headers.set("Authorization", &field);
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let session = self.session.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.digest.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(session);
    }
}

/// What an answer vouches for.
struct Said<'r> {
    method: &'r str,
    target: &'r str,
    body: &'r [u8],
}

impl Asked {
    /// A challenge that can be answered.
    fn of(challenge: &Challenge) -> Option<Self> {
        if challenge.scheme != "digest" {
            return None;
        }
        let algorithm = challenge.get("algorithm");
        let named = algorithm.unwrap_or("MD5").to_ascii_uppercase();
        let (named, session) = named.strip_suffix("-SESS").map_or((&*named, false), |named| (named, true));
        let hash = match named {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            "SHA-512-256" => Hash::Sha512To256,
            _ => return None,
        };
        let quality = match challenge.get("qop") {
            None => None,
            Some(qualities) => {
                let has = |quality: &str| qualities.split(',').any(|one| one.trim().eq_ignore_ascii_case(quality));
                Some(match (has("auth"), has("auth-int")) {
                    (true, _) => Quality::Auth,
                    (false, true) => Quality::AuthInt,
                    (false, false) => return None,
                })
            }
        };
        let is_true = |name: &str| challenge.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Some(Self {
            realm: challenge.get("realm")?.to_owned(),
            nonce: challenge.get("nonce")?.to_owned(),
            opaque: challenge.get("opaque").map(str::to_owned),
            hash,
            algorithm: algorithm.map(str::to_owned),
            session,
            quality,
            hides_user: is_true("userhash"),
            stale: is_true("stale"),
        })
    }

    /// The `Authorization` field (section 3.4), and the part of it that is computed from the password.
    fn answer(&self, user: &str, password: &str, cnonce: &str, count: u32, call: &Said<'_>) -> (String, String) {
        let hash = |text: &str| self.hash.hex(text.as_bytes());
        let Self { realm, nonce, .. } = self;
        let mut a1 = hash(&format!("{user}:{realm}:{password}"));
        if self.session {
            a1 = hash(&format!("{a1}:{nonce}:{cnonce}"));
        }
        let Said { method, target, body } = call;
        let a2 = match self.quality {
            Some(Quality::AuthInt) => hash(&format!("{method}:{target}:{}", self.hash.hex(body))),
            _ => hash(&format!("{method}:{target}")),
        };
        let response = match self.quality {
            Some(quality) => hash(&format!("{a1}:{nonce}:{count:08x}:{cnonce}:{}:{a2}", quality.word())),
            None => hash(&format!("{a1}:{nonce}:{a2}")),
        };
        let mut field = "Digest ".to_owned();
        field += &if self.hides_user {
            format!("username={}", quoted(&hash(&format!("{user}:{realm}"))))
        } else if user.is_ascii() && !user.contains(|c: char| c.is_ascii_control()) {
            format!("username={}", quoted(user))
        } else {
            // Section 3.4 and RFC 8187: in a quoted string most services read Latin-1 or nothing at all.
            format!("username*=UTF-8''{}", percent(user))
        };
        _ = write!(field, ", realm={}, uri={}", quoted(realm), quoted(target));
        if let Some(algorithm) = &self.algorithm {
            _ = write!(field, ", algorithm={algorithm}");
        }
        _ = write!(field, ", nonce={}", quoted(nonce));
        if let Some(quality) = self.quality {
            _ = write!(field, ", nc={count:08x}, cnonce={}, qop={}", quoted(cnonce), quality.word());
        } else if self.session {
            _ = write!(field, ", cnonce={}", quoted(cnonce));
        }
        _ = write!(field, ", response=\"{response}\"");
        if let Some(opaque) = &self.opaque {
            _ = write!(field, ", opaque={}", quoted(opaque));
        }
        if self.hides_user {
            field += ", userhash=true";
        }
        (field, response)
    }
}

impl Quality {
    fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

impl Hash {
    fn hex(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => super::hex(&md5::compute(bytes).0),
            Self::Sha256 => super::hex(digest::digest(&digest::SHA256, bytes).as_ref()),
            Self::Sha512To256 => super::hex(digest::digest(&digest::SHA512_256, bytes).as_ref()),
        }
    }
}

/// All but the unreserved characters as `%XX` (RFC 8187, section 3.2.1).
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn unguessable() -> Option<String> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).ok()?;
    Some(super::hex(&bytes))
}

#[cfg(test)]
mod tests;
