//! Proof of possession (RFC 9449): a key of the session's own, to which its tokens are bound. Each request carries a proof
//! of that key, made for its method and URL; servers may ask for a nonce in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::identity::Identity;
use super::jwt::sign::unguessable;
use crate::http::{Request, Resign, Response, origin};
use crate::jose::{self, Algorithm, SigningKey};
use crate::json::Json;
use crate::secret::Redactor;

/// Scheme, host and port.
type Origin = (String, String, Option<u16>);

/// A key of a session, and the nonces that servers have asked for.
pub(super) struct Dpop {
    key: SigningKey,
    jwk: Json,
    nonces: Mutex<HashMap<Origin, Box<str>>>,
    redactor: Arc<Redactor>,
    /// What proofs are masked by.
    mask: String,
}

impl std::fmt::Debug for Dpop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dpop")
    }
}

impl Dpop {
    /// A new key for a session of that identity; `None` where the machine has no random numbers.
    pub(super) fn new(identity: &Identity, redactor: Arc<Redactor>) -> Option<Self> {
        Self::of(SigningKey::generate().ok()?, identity, redactor)
    }

    fn of(key: SigningKey, identity: &Identity, redactor: Arc<Redactor>) -> Option<Self> {
        let jwk = key.public_jwk()?;
        Some(Self { key, jwk, nonces: Mutex::default(), redactor, mask: identity.masked("dpop") })
    }

    /// Gives a request a proof, in place of one it may have; `access` is the token that goes with it (section 4.2).
    pub(super) fn prove(&self, request: &mut Request, access: Option<&str>) {
        let hash = access.map(|token| URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes())));
        self.prove_with(request, hash.as_deref());
    }

    fn prove_with(&self, request: &mut Request, hash: Option<&str>) {
        // Without random numbers there has been no key either.
        let Some(proof) = self.proof(&request.method, &request.url, hash) else { return };
        self.redactor.learn(&self.mask, &proof);
        request.headers.set("DPoP", &proof);
    }

    fn proof(&self, method: &str, url: &Url, hash: Option<&str>) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut claims = vec![
            ("jti", Json::from(unguessable().ok()?)),
            ("htm", Json::from(method)),
            ("htu", Json::from(target(url))),
            ("iat", Json::from(now)),
        ];
        claims.extend(hash.map(|hash| ("ath", Json::from(hash))));
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        claims.extend(nonces.get(&origin(url)).map(|nonce| ("nonce", Json::from(&**nonce))));
        drop(nonces);
        let header = [("typ", Json::from("dpop+jwt")), ("alg", Json::from("ES256")), ("jwk", self.jwk.clone())];
        jose::sign(&Json::object(header), &Json::object(claims), &self.key, Algorithm::ES256).ok()
    }

    /// What proves a request anew where a redirect leads it elsewhere.
    pub(super) fn resign(self: &Arc<Self>, access: &str) -> Resign {
        let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, access.as_bytes()));
        let this = Arc::clone(self);
        Resign::new(move |request| this.prove_with(request, Some(&hash)))
    }

    /// Keeps the nonce of an answer for the server that gave it (section 8.2). Tells whether the answer is nothing but
    /// the wish for one (sections 8 and 9): then the request is worth sending again.
    pub(super) fn hear(&self, response: &Response) -> bool {
        let Some(nonce) = response.headers.get("dpop-nonce").map(str::trim).filter(|nonce| !nonce.is_empty()) else {
            return false;
        };
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(origin(&response.url), nonce.into());
        drop(nonces);
        let error = "use_dpop_nonce";
        let challenged = || response.headers.all("www-authenticate").any(|challenge| challenge.contains(error));
        let said = || response.json().is_ok_and(|json| json.get("error").and_then(Json::as_str) == Some(error));
        match response.status {
            400 => said(),
            401 => challenged() || said(),
            _ => false,
        }
    }
}

/// The claim `htu`: the URL without user, query and fragment.
fn target(url: &Url) -> String {
    super::attach::shown(url)
}
