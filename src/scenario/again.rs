//! When a call is made more than once: tried again after a failure, or repeated until its expectations hold.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::source::{Diagnostic, Duration, Kind, Node, Read, Reader, Unread, mapping};

mapping! {
    /// When a call is tried again.
    pub struct Retry("`retry`") {
        required {}
        optional {
            /// How often, after the first try; 3 unless given.
            "times" => times: Option<u32>,
            /// The wait before the first retry, doubled before each further one; `Retry-After` overrules it.
            "backoff" => backoff: Option<Duration>,
            /// On what: statuses, `timeout`, `connect`. Unless given: 429, 502, 503, 504, timeout, connect.
            "on" => on: Option<RetryOn>,
        }
    }
}

/// What is worth another try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryOn(pub Vec<RetryCause>);

/// A reason to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryCause {
    /// This status.
    Status(u16),
    /// No whole answer in time.
    Timeout,
    /// No connection, or one that broke.
    Connect,
}

mapping! {
    /// Repeats a call until its expectations hold.
    pub struct Poll("`poll`") {
        required {}
        optional {
            /// The wait between two calls; `1s` unless given.
            "every" => every: Option<Duration>,
            /// How long it is repeated; `30s` unless given.
            "for" => limit: Option<Duration>,
        }
    }
}

impl Read for RetryOn {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let items = match &node.kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut causes = Vec::new();
        for item in items {
            let status = match &item.kind {
                Kind::Number(number) => number.as_i64().and_then(|status| u16::try_from(status).ok()),
                _ => None,
            };
            causes.push(match (status, item.as_str()) {
                (Some(status @ 100..=599), _) => RetryCause::Status(status),
                (_, Some("timeout")) => RetryCause::Timeout,
                (_, Some("connect")) => RetryCause::Connect,
                _ => {
                    let problem = format!("a status, `timeout` or `connect` is expected here, not {}", item.describe());
                    let problem = Diagnostic::error("format.type", problem).at(item.span, "");
                    return Err(reader.report(problem.help("for example `on: [502, timeout]`")));
                }
            });
        }
        Ok(Self(causes))
    }
}

impl JsonSchema for RetryOn {
    fn schema_name() -> Cow<'static, str> {
        "RetryOn".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = json_schema!({ "anyOf": [{ "type": "integer", "minimum": 100, "maximum": 599 }, { "enum": ["timeout", "connect"] }] });
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}
