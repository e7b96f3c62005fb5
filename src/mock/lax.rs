//! APIs that take what they must refuse: a header of the request says in which way (`x-mock-fault: lax=signature+expired`).
//! Such mistakes are what a test of an API looks for, so there has to be something to find.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::call::Call;
use super::fault::FAULT_HEADER;
use super::state::Millis;
use super::token::{Authority, Refusal, Token};

/// The ways of being lax.
pub(super) const WAYS: [&str; 6] = ["anonymous", "garbage", "expired", "signature", "alg-none", "foreign"];

/// In which ways a request is to be let in.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Lax {
    /// Without a token.
    anonymous: bool,
    /// With a token that is none.
    garbage: bool,
    /// With a token that is past its expiry.
    expired: bool,
    /// With a token whose signature does not hold.
    signature: bool,
    /// With a token that says it has no signature.
    alg_none: bool,
    /// With a token that is well signed and was issued elsewhere: by another service of the same name.
    foreign: bool,
}

impl Lax {
    /// Reads what follows `lax=`: ways with `+` between them.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut lax = Self::default();
        for way in text.split('+').map(str::trim) {
            match way {
                "anonymous" => lax.anonymous = true,
                "garbage" => lax.garbage = true,
                "expired" => lax.expired = true,
                "signature" => lax.signature = true,
                "alg-none" => lax.alg_none = true,
                "foreign" => lax.foreign = true,
                other => return Err(format!("there is no way {other:?} of being lax; there are {}", WAYS.join(", "))),
            }
        }
        Ok(lax)
    }

    /// What the request's header asks for; a header that is wrong has been refused before.
    pub(super) fn of(call: &Call) -> Self {
        let header = call.header(FAULT_HEADER).unwrap_or_default();
        let given = header.split(',').find_map(|item| item.trim().strip_prefix("lax="));
        given.and_then(|text| Self::parse(text).ok()).unwrap_or_default()
    }

    /// Whether a request without a token is let in.
    pub(super) fn lets_anyone_in(self) -> bool {
        self.anonymous
    }

    /// Whom a refused token is taken for all the same.
    pub(super) fn overlook(
        self,
        authority: &Authority,
        raw: &str,
        refusal: Refusal,
        now: Millis,
    ) -> Option<Arc<Token>> {
        let Some((header, claims)) = decode(raw) else {
            return self.garbage.then(|| authority.anyone()).flatten();
        };
        let is_unsigned = header.get("alg").is_some_and(|alg| alg == "none");
        let is_over = claims.get("exp").and_then(Value::as_i64).is_none_or(|exp| exp.saturating_mul(1000) <= now);
        let signature_passes = match refusal {
            Refusal::Signature | Refusal::Malformed | Refusal::Foreign if is_unsigned => self.alg_none,
            Refusal::Signature | Refusal::Malformed => self.signature,
            Refusal::Expired => true,
            // It is well signed, and not one that was issued here.
            Refusal::Revoked | Refusal::Foreign => self.foreign,
            Refusal::Use => false,
        };
        let expiry_passes = self.expired || !is_over && refusal != Refusal::Expired;
        if !signature_passes || !expiry_passes {
            return None;
        }
        let jti = claims.get("jti").and_then(Value::as_str).unwrap_or_default();
        authority.holder_of(jti).or_else(|| authority.anyone())
    }
}

/// The header and the claims of a JWT.
pub(super) fn decode(raw: &str) -> Option<(Value, Value)> {
    let mut parts = raw.split('.');
    let mut part = || serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok();
    Some((part()?, part()?))
}
