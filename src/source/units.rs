//! Durations (`250ms`, `10s`, `2m`, `1h`) and sizes (`64KiB`, `10MB`) as the format writes them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Diagnostic, Node, Read, Reader, Unread};

/// A length of time, written as `250ms`, `10s`, `2m`, `1h` or `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Duration(pub std::time::Duration);

/// A number of bytes, written as `512B`, `64KiB`, `10MB` or `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Size(pub u64);

fn amount(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].parse().ok().map(|amount| (amount, text[end..].trim_start()))
}

impl Duration {
    /// Reads `250ms`, `10s`, `1.5m`, `1h`, `7d`.
    pub fn parse(text: &str) -> Option<Self> {
        let (amount, unit) = amount(text.trim())?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        } * amount;
        std::time::Duration::try_from_secs_f64(seconds).ok().map(Self)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        match millis {
            0 if !self.0.is_zero() => write!(f, "{} µs", self.0.as_micros()),
            0..1_000 => write!(f, "{millis} ms"),
            1_000..60_000 => {
                let tenths = (millis + 50) / 100;
                if tenths.is_multiple_of(10) {
                    write!(f, "{} s", tenths / 10)
                } else {
                    write!(f, "{}.{} s", tenths / 10, tenths % 10)
                }
            }
            60_000..3_600_000 if (millis / 1000).is_multiple_of(60) => write!(f, "{}m", millis / 60_000),
            60_000..3_600_000 => write!(f, "{}m {}s", millis / 60_000, millis / 1000 % 60),
            _ => write!(f, "{}h {}m", millis / 3_600_000, millis / 60_000 % 60),
        }
    }
}

impl Size {
    /// Reads `512B`, `64KiB`, `10MB`, `1GiB`.
    pub fn parse(text: &str) -> Option<Self> {
        let (amount, unit) = amount(text.trim())?;
        let factor = match unit {
            "B" => 1.0,
            "kB" | "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "KiB" => 1024.0,
            "MiB" => 1024.0 * 1024.0,
            "GiB" => 1024.0 * 1024.0 * 1024.0,
            _ => return None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sizes are positive and far below 2^53"
        )]
        Some(Self((amount * factor) as u64))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
        let bytes = self.0 as f64;
        match self.0 {
            0..1_024 => write!(f, "{} B", self.0),
            1_024..1_048_576 => write!(f, "{:.1} KiB", bytes / 1024.0),
            1_048_576..1_073_741_824 => write!(f, "{:.1} MiB", bytes / 1_048_576.0),
            _ => write!(f, "{:.1} GiB", bytes / 1_073_741_824.0),
        }
    }
}

impl Read for Duration {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        node.as_str().and_then(Self::parse).ok_or(Unread).map_err(|_| {
            let written = reader.written(node.span);
            reader.report(
                Diagnostic::error("format.duration", format!("`{written}` is not a duration"))
                    .at(node.span, "")
                    .help("write a number and a unit, for example 250ms, 10s, 2m or 1h"),
            )
        })
    }
}

impl Read for Size {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        node.as_str().and_then(Self::parse).ok_or(Unread).map_err(|_| {
            let written = reader.written(node.span);
            reader.report(
                Diagnostic::error("format.size", format!("`{written}` is not a size"))
                    .at(node.span, "")
                    .help("write a number and a unit, for example 64KiB or 10MB"),
            )
        })
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^\\s*[0-9]+(\\.[0-9]+)?\\s*(ms|s|m|h|d)\\s*$",
            "description": "A length of time: 250ms, 10s, 2m, 1h."
        })
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^\\s*[0-9]+(\\.[0-9]+)?\\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)\\s*$",
            "description": "A number of bytes: 512B, 64KiB, 10MB."
        })
    }
}
