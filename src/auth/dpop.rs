//! Proof of possession (RFC 9449): a key of the session's own, to which its tokens are bound. Each request carries a proof
//! of that key, made for its method and URL; servers may ask for a nonce in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use url::Url;

use super::identity::Identity;
use super::jwt::sign::unguessable;
use super::token::TokenSet;
use crate::http::{Request, Resign, Response, origin};
use crate::jose::{self, Algorithm, SigningKey};
use crate::json::Json;
use crate::secret::{Redactor, Secret};

/// What a key is kept by, beside the tokens that are bound to it.
const KEPT: &str = "dpop_key";

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

/// The key of a session: made when it is first needed, or taken over from where the session was kept.
#[derive(Debug, Default)]
pub(super) struct Keyring(Mutex<Option<Arc<Dpop>>>);

impl Keyring {
    /// The key; `None` where the machine has no random numbers to make one.
    pub(super) fn current(&self, identity: &Identity, redactor: &Arc<Redactor>) -> Option<Arc<Dpop>> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_none() {
            *current = Dpop::of(SigningKey::generate().ok()?, identity, redactor).map(Arc::new);
        }
        current.clone()
    }

    /// Takes over the key that is kept with a session, if one is: its tokens are of no use with another.
    pub(super) fn take_over(
        &self,
        kept: &BTreeMap<Box<str>, Secret>,
        identity: &Identity,
        redactor: &Arc<Redactor>,
    ) -> Option<Arc<Dpop>> {
        let secret = kept.get(KEPT)?;
        redactor.learn(&identity.masked(KEPT), secret.expose());
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The key that is in use has heard nonces: it stays where it is the same.
        if current.as_ref().is_none_or(|key| key.kept().as_ref() != Some(secret)) {
            let key = SigningKey::read(secret.expose()).ok()?;
            *current = Dpop::of(key, identity, redactor).map(Arc::new);
        }
        current.clone()
    }
}

impl Dpop {
    fn of(key: SigningKey, identity: &Identity, redactor: &Arc<Redactor>) -> Option<Self> {
        let (jwk, redactor) = (key.public_jwk()?, redactor.clone());
        Some(Self { key, jwk, nonces: Mutex::default(), redactor, mask: identity.masked("dpop") })
    }

    /// Puts the key to tokens that are bound to it, so that it is kept with them.
    pub(super) fn keep(&self, tokens: &mut TokenSet) {
        if let Some(kept) = self.kept() {
            self.redactor.learn(&format!("{}_key", self.mask), kept.expose());
            tokens.bound.insert(KEPT.into(), kept);
        }
    }

    /// The thumbprint of the public key (RFC 7638), by which an authorization request names it (section 10).
    pub(super) fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.jwk.to_string().as_bytes()))
    }

    /// The private key in PEM.
    fn kept(&self) -> Option<Secret> {
        let der = STANDARD.encode(self.key.to_pkcs8()?);
        Some(Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----")))
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
