//! The *document* of an answer: what it holds as JSON, whatever it is written in. CSV is a list of objects, JSON Lines a list
//! of values, a form an object, a JWT its header and claims. What cannot be read is told by line, never guessed.

mod charset;
mod csv;
mod form;
mod jwt;
mod lines;

#[cfg(test)]
mod tests;

pub(crate) use charset::parameter;
pub use charset::{Decoded, decode};

use crate::json::Json;

/// What a body is written in, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// JSON (RFC 8259).
    Json,
    /// JSON Lines, or NDJSON: a value a line.
    Lines,
    /// A JSON text sequence (RFC 7464).
    Sequence,
    /// CSV (RFC 4180).
    Csv,
    /// CSV with tabs.
    Tsv,
    /// A form (`application/x-www-form-urlencoded`).
    Form,
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// XML.
    Xml,
    /// HTML, and XHTML.
    Html,
    /// A text of no kind that is known.
    Text,
    /// An image, a font, an archive.
    Binary,
    /// Nothing that says what it is.
    Unknown,
}

impl Kind {
    /// The kind of a media type, which is in lower case and without parameters.
    pub fn of(media_type: &str) -> Self {
        match media_type {
            "application/json" | "text/json" => Self::Json,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonl"
            | "application/jsonlines"
            | "application/x-jsonlines"
            | "application/json-lines"
            | "application/x-ldjson"
            | "text/x-ndjson"
            | "text/ndjson"
            | "text/jsonl" => Self::Lines,
            "application/json-seq" => Self::Sequence,
            "text/csv" | "application/csv" | "text/x-csv" | "text/comma-separated-values" => Self::Csv,
            "text/tab-separated-values" | "text/tsv" => Self::Tsv,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/jwt" => Self::Jwt,
            "application/xml" | "text/xml" => Self::Xml,
            "text/html" | "application/xhtml+xml" => Self::Html,
            "application/pdf" | "application/zip" | "application/gzip" | "application/x-tar" | "application/wasm"
            | "application/msword" => Self::Binary,
            "" | "application/octet-stream" => Self::Unknown,
            other => match other.split_once('/').unwrap_or((other, "")) {
                (_, rest) if rest.ends_with("+json-seq") => Self::Sequence,
                (_, rest) if rest.ends_with("+json") => Self::Json,
                (_, rest) if rest.ends_with("+xml") => Self::Xml,
                (_, rest) if rest.ends_with("+jwt") => Self::Jwt,
                ("image" | "audio" | "video" | "font", _) => Self::Binary,
                ("application", rest) if rest.starts_with("vnd.openxmlformats-") => Self::Binary,
                ("text", _) => Self::Text,
                _ => Self::Unknown,
            },
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Lines => "JSON Lines",
            Self::Sequence => "a JSON text sequence",
            Self::Csv | Self::Tsv => "CSV",
            Self::Form => "a form",
            Self::Jwt => "a JWT",
            Self::Xml => "XML",
            Self::Html => "HTML",
            Self::Text => "text",
            Self::Binary => "binary data",
            Self::Unknown => "of no known kind",
        }
    }

    /// Whether what it holds has no types of its own: a cell or a field is text, whatever it looks like.
    pub fn is_untyped(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Form | Self::Xml | Self::Html)
    }

    /// Whether it is read as something else than JSON.
    pub fn has_view(self) -> bool {
        matches!(self, Self::Lines | Self::Sequence | Self::Csv | Self::Tsv | Self::Form | Self::Jwt)
    }
}

/// Why a body is not what it is read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unreadable {
    /// What it was read as.
    pub kind: Kind,
    /// What is wrong and where, in one clause.
    pub reason: String,
}

/// Reads a text as one of the kinds that have a JSON view; `header` says whether a table begins with the names of its columns.
///
/// # Errors
/// What is wrong with it, and on which line.
pub fn read(kind: Kind, text: &str, header: bool) -> Result<Json, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = match kind {
        Kind::Lines => lines::lines(text),
        Kind::Sequence => lines::sequence(text),
        Kind::Csv => csv::table(text, csv::delimiter(text), header),
        Kind::Tsv => csv::table(text, b'\t', header),
        Kind::Form => Ok(form::fields(text)),
        Kind::Jwt => jwt::token(text),
        _ => crate::json::parse(text.as_bytes()).map_err(|error| error.to_string()),
    };
    read.map_err(|reason| Unreadable { kind, reason })
}
