//! How faults are written: as JSON for the control interface, and as a list in a header of the request.

use std::time::Duration;

use hyper::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};

use super::super::lax::Lax;
use super::super::site::Site;
use super::{Effects, Fault, FaultKind, Once, RetryAfter};

/// The longest delay that can be asked for.
const LONGEST_DELAY: Duration = Duration::from_mins(10);

/// A fault as the control interface takes and shows it.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Description {
    kind: String,
    provider: Option<String>,
    method: Option<String>,
    path: Option<String>,
    #[serde(default = "once", deserialize_with = "times")]
    times: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_date: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_chunk: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<u64>,
}

// The two functions have the shapes that serde asks for: absent is once, null is always.
#[expect(clippy::unnecessary_wraps, reason = "the shape that serde asks for")]
fn once() -> Option<u64> {
    Some(1)
}

fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Option::deserialize(deserializer)
}

impl Fault {
    /// Reads a fault as the control interface takes it. The error says what is wrong with it.
    pub(in super::super) fn from_json(body: &[u8]) -> Result<Self, String> {
        serde_json::from_slice::<Description>(body).map_err(|error| error.to_string())?.into_fault()
    }

    /// The fault as the control interface shows it.
    pub(in super::super) fn describe(&self) -> Description {
        let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).ok();
        let mut description = Description {
            provider: self.site.map(|site| site.name().to_owned()),
            method: self.method.clone(),
            path: self.path.clone(),
            times: self.times,
            ..Description::default()
        };
        let kind = match self.kind {
            FaultKind::EarlyExpiry => "early_expiry",
            FaultKind::ShortLife(seconds) => {
                description.expires_in = Some(seconds);
                "early_expiry"
            }
            FaultKind::SecretlyShortLife(real) => {
                description.after_ms = milliseconds(real);
                "early_expiry"
            }
            FaultKind::RefreshRefused(status) => {
                description.status = Some(status);
                "refresh_refused"
            }
            FaultKind::Status(status, retry_after) => {
                description.status = Some(status);
                if let Some(RetryAfter::Seconds(seconds) | RetryAfter::Date(seconds)) = retry_after {
                    description.retry_after = Some(seconds);
                    description.retry_after_date = Some(matches!(retry_after, Some(RetryAfter::Date(_))));
                }
                "status"
            }
            FaultKind::Slow(delay) | FaultKind::SlowChunks(delay) => {
                description.ms = milliseconds(delay);
                description.per_chunk = Some(matches!(self.kind, FaultKind::SlowChunks(_)));
                "slow"
            }
            FaultKind::Reset => "reset",
            FaultKind::Truncated => "truncated",
            FaultKind::Malformed => "malformed",
            FaultKind::Html(status) => {
                description.status = Some(status);
                "html"
            }
        };
        kind.clone_into(&mut description.kind);
        description
    }
}

impl Description {
    fn into_fault(self) -> Result<Fault, String> {
        let kind = self.kind()?;
        let site = match &self.provider {
            None => None,
            Some(name) => Some(Site::named(name).ok_or_else(|| format!("there is no provider named {name:?}"))?),
        };
        let fault = Fault { site, method: self.method.clone(), path: self.path.clone(), times: self.times, kind };
        // What the fault does not show again was of no use to it.
        let used = fault.describe();
        let useless = [
            ("status", self.status.is_some() && used.status.is_none()),
            ("retry_after", self.retry_after.is_some() && used.retry_after.is_none()),
            ("retry_after_date", self.retry_after_date.is_some() && used.retry_after_date.is_none()),
            ("ms", self.ms.is_some() && used.ms.is_none()),
            ("per_chunk", self.per_chunk.is_some() && used.per_chunk.is_none()),
            ("expires_in", self.expires_in.is_some() && used.expires_in.is_none()),
            ("after_ms", self.after_ms.is_some() && used.after_ms.is_none()),
        ];
        match useless.iter().find(|(_, is_useless)| *is_useless) {
            Some((name, _)) => Err(format!("a fault of kind {:?} has no {name}", self.kind)),
            None => Ok(fault),
        }
    }

    fn kind(&self) -> Result<FaultKind, String> {
        let by_date = self.retry_after_date == Some(true);
        let retry_after = self
            .retry_after
            .map(|seconds| if by_date { RetryAfter::Date(seconds) } else { RetryAfter::Seconds(seconds) });
        Ok(match self.kind.as_str() {
            "early_expiry" => match (self.expires_in, self.after_ms) {
                (None, None) => FaultKind::EarlyExpiry,
                (Some(seconds), None) => FaultKind::ShortLife(seconds),
                (None, Some(ms)) => FaultKind::SecretlyShortLife(Duration::from_millis(ms)),
                (Some(_), Some(_)) => {
                    return Err("give expires_in or after_ms, not both".to_owned());
                }
            },
            "refresh_refused" => match self.status.unwrap_or(401) {
                status @ (400 | 401) => FaultKind::RefreshRefused(status),
                _ => return Err("a refresh is refused with status 401 or 400".to_owned()),
            },
            "status" => {
                FaultKind::Status(valid_status(self.status.ok_or("a status fault needs its status")?)?, retry_after)
            }
            "slow" => {
                let delay = bounded(self.ms.ok_or("a slow fault needs its ms")?);
                if self.per_chunk == Some(true) { FaultKind::SlowChunks(delay) } else { FaultKind::Slow(delay) }
            }
            "reset" => FaultKind::Reset,
            "truncated" => FaultKind::Truncated,
            "malformed" => FaultKind::Malformed,
            "html" => FaultKind::Html(valid_status(self.status.unwrap_or(200))?),
            other => {
                return Err(format!(
                    "there is no fault of kind {other:?}; the kinds are early_expiry, \
                     refresh_refused, status, slow, reset, truncated, malformed and html"
                ));
            }
        })
    }
}

fn valid_status(status: u16) -> Result<u16, String> {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .map(|status| status.as_u16())
        .ok_or_else(|| format!("{status} is not a status that an answer can have"))
}

fn bounded(ms: u64) -> Duration {
    Duration::from_millis(ms).min(LONGEST_DELAY)
}

impl Effects {
    /// Adds what the request's own header asks for: a list such as `status=503, retry-after=2`.
    pub(super) fn add_from_header(&mut self, header: &str) -> Result<(), String> {
        let mut retry_after = None;
        let mut status = None;
        for item in header.split(',').map(str::trim) {
            let (name, value) = match item.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (item, None),
            };
            let number = || {
                value
                    .and_then(|value| value.parse::<u64>().ok())
                    .ok_or_else(|| format!("{name} needs a number, as in {name}=200"))
            };
            match name {
                "status" => {
                    status = Some(valid_status(u16::try_from(number()?).unwrap_or(0))?);
                }
                "retry-after" => retry_after = Some(RetryAfter::Seconds(number()?)),
                "retry-after-date" => retry_after = Some(RetryAfter::Date(number()?)),
                "slow" => self.delay = Some(bounded(number()?)),
                "slow-chunks" => self.per_chunk = Some(bounded(number()?)),
                "reset" => self.answer = Some(FaultKind::Reset),
                "truncated" => self.answer = Some(FaultKind::Truncated),
                "malformed" => self.answer = Some(FaultKind::Malformed),
                "html" => self.answer = Some(FaultKind::Html(200)),
                // It changes what the API takes, not the answer; see `lax`.
                "lax" => drop(Lax::parse(value.unwrap_or_default())?),
                "early-expiry" => {
                    self.expire_carried = Some(value.map_or(Once::Request, |key| Once::Key(key.to_owned())));
                }
                other => {
                    return Err(format!(
                        "there is no fault {other:?}; the header takes status=N, retry-after=N, \
                         retry-after-date=N, slow=MS, slow-chunks=MS, reset, truncated, malformed, \
                         html, early-expiry[=KEY] and lax=WAY+WAY"
                    ));
                }
            }
        }
        if let Some(status) = status {
            self.answer = Some(FaultKind::Status(status, retry_after));
        }
        Ok(())
    }
}
