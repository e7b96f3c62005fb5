//! Expectations on bodies that are not JSON: paths into XML and HTML, bytes, and JSON Web Tokens.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::expected::Expected;
use super::signature::SignatureExpected;
use crate::markup::{CssPath, XPath};
use crate::source::{Diagnostic, Kind, Node, Read, Reader, Span, Spanned, Unread, mapping, suggestion};
use crate::template::{Reference, Template};

/// A path into XML or HTML.
#[derive(Debug, Clone)]
pub enum MarkupPath {
    /// An XPath, over XML or HTML.
    XPath(Arc<XPath>),
    /// A CSS selector, over HTML, perhaps with an attribute.
    Css(Arc<CssPath>),
}

impl MarkupPath {
    /// As it was written.
    pub fn source(&self) -> &str {
        match self {
            Self::XPath(path) => path.source(),
            Self::Css(path) => path.source(),
        }
    }

    /// Reads a path that begins like an XPath as one, and any other as a CSS selector.
    pub(super) fn of(node: &Node, reader: &mut Reader<'_>) -> Result<Spanned<Self>, Unread> {
        let text = node.as_str().unwrap_or_default();
        if XPath::is_meant(text) { Self::xpath(text, node, reader) } else { Self::css(text, node, reader) }
    }

    /// Reads an XPath.
    pub(super) fn xpath(text: &str, node: &Node, reader: &mut Reader<'_>) -> Result<Spanned<Self>, Unread> {
        XPath::parse(text).map(|path| Spanned::new(Self::XPath(Arc::new(path)), node.span)).map_err(|error| {
            let span = part(text, error.range, node, reader);
            let problem =
                Diagnostic::error("format.xpath", format!("this XPath is not valid: {}", error.message)).at(span, "");
            reader.report(error.hint.into_iter().fold(problem, Diagnostic::help))
        })
    }

    /// Reads a CSS selector.
    pub(super) fn css(text: &str, node: &Node, reader: &mut Reader<'_>) -> Result<Spanned<Self>, Unread> {
        CssPath::parse(text).map(|path| Spanned::new(Self::Css(Arc::new(path)), node.span)).map_err(|error| {
            let span = part(text, error.range, node, reader);
            let what = format!("this CSS selector is not valid: {}", error.message);
            let problem = Diagnostic::error("format.selector", what).at(span, "");
            let problem = match text.chars().next() {
                None => problem,
                Some('.') if text.starts_with("./") || text.starts_with("..") => {
                    problem.help("an XPath starts at the root of the answer: write `//…` or `/…`")
                }
                Some(_) if text.contains("://") => problem,
                Some(_) if text.contains('/') => problem.help("an XPath starts with `/`, a JSONPath with `$`"),
                Some(_) => {
                    problem.help("a JSONPath starts with `$`, an XPath with `/`; anything else is a CSS selector")
                }
            };
            reader.report(problem)
        })
    }
}

/// The part of a path that is wrong, where the path stands in the file as it is; else the whole.
fn part(text: &str, range: std::ops::Range<usize>, node: &Node, reader: &Reader<'_>) -> Span {
    let raw = reader.written(node.span);
    raw.find(text).map_or(node.span, |at| node.span.part(at + range.start..at + range.end))
}

mapping! {
    /// What a body of any bytes must be.
    pub struct BytesExpect("`bytes`") {
        required {}
        optional {
            /// How many bytes there are: a number, or a matcher as `<1..1000>`.
            "length" => length: Option<Expected>,
            /// The SHA-256 of the body in hexadecimal, or `file:PATH`: that of a file beside the scenario.
            "sha256" => sha256: Option<Spanned<Sha256>>,
            /// What the body begins with: the name of a well-known kind of file, as `png`, or bytes in hexadecimal.
            "magic" => magic: Option<Spanned<Magic>>,
        }
    }
}

impl BytesExpect {
    /// What its templates refer to, its `length` left out.
    pub fn references(&self) -> impl Iterator<Item = (&Reference, Span)> {
        let template = self.sha256.iter().map(|sha256| match &sha256.value {
            Sha256::Hex(template) | Sha256::File(template) => template,
        });
        template.flat_map(Template::references)
    }
}

/// A SHA-256.
#[derive(Debug, Clone)]
pub enum Sha256 {
    /// Written out; a template may give it.
    Hex(Template),
    /// That of this file.
    File(Template),
}

impl Read for Sha256 {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let wanted = "64 hexadecimal digits, or `file:PATH`,";
        let Kind::String(text) = &node.kind else { return Err(reader.expected(wanted, node)) };
        if let Some(path) = text.strip_prefix("file:") {
            if path.trim().is_empty() {
                return Err(reader.expected(wanted, node));
            }
            let begin = text.len() - path.trim_start().len();
            return Template::within(node, text, begin..text.len(), reader)
                .map(Self::File)
                .map_err(|problem| reader.report(problem));
        }
        let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let written_out = !text.contains("{{");
        if written_out && (text.len() != 64 || !hexadecimal) {
            let what = if hexadecimal {
                format!("a SHA-256 has 64 hexadecimal digits, but this has {}", text.len())
            } else {
                "this is not a SHA-256: it must have 64 hexadecimal digits".to_owned()
            };
            let problem = Diagnostic::error("format.digest", what).at(node.span, "");
            return Err(reader.report(problem.help("write `file:PATH` for the SHA-256 of a file")));
        }
        Template::read(node, reader).map(Self::Hex)
    }
}

impl JsonSchema for Sha256 {
    fn schema_name() -> Cow<'static, str> {
        "Sha256".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9a-fA-F]{64}|file:.+|.*\\{\\{.*)$" })
    }
}

/// What a file begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Magic {
    /// A well-known kind.
    Known(&'static str),
    /// These bytes.
    Bytes(Box<[u8]>),
}

/// The kinds of files that are known by how they begin: their name, and alternatives of bytes at offsets.
type Beginning = &'static [(usize, &'static [u8])];
const KNOWN: &[(&str, &[Beginning])] = &[
    ("png", &[&[(0, b"\x89PNG\r\n\x1a\n")]]),
    ("jpeg", &[&[(0, b"\xff\xd8\xff")]]),
    ("gif", &[&[(0, b"GIF87a")], &[(0, b"GIF89a")]]),
    ("webp", &[&[(0, b"RIFF"), (8, b"WEBP")]]),
    ("bmp", &[&[(0, b"BM")]]),
    ("ico", &[&[(0, b"\0\0\x01\0")]]),
    ("tiff", &[&[(0, b"II*\0")], &[(0, b"MM\0*")]]),
    ("avif", &[&[(4, b"ftypavif")], &[(4, b"ftypavis")]]),
    ("heic", &[&[(4, b"ftypheic")], &[(4, b"ftypheix")], &[(4, b"ftypmif1")]]),
    ("pdf", &[&[(0, b"%PDF-")]]),
    ("zip", &[&[(0, b"PK\x03\x04")], &[(0, b"PK\x05\x06")]]),
    ("gzip", &[&[(0, b"\x1f\x8b")]]),
    ("zstd", &[&[(0, b"\x28\xb5\x2f\xfd")]]),
    ("bzip2", &[&[(0, b"BZh")]]),
    ("xz", &[&[(0, b"\xfd7zXZ\0")]]),
    ("7z", &[&[(0, b"7z\xbc\xaf\x27\x1c")]]),
    ("tar", &[&[(257, b"ustar")]]),
    ("wasm", &[&[(0, b"\0asm")]]),
    ("elf", &[&[(0, b"\x7fELF")]]),
    ("sqlite", &[&[(0, b"SQLite format 3\0")]]),
    ("parquet", &[&[(0, b"PAR1")]]),
    ("mp3", &[&[(0, b"ID3")], &[(0, b"\xff\xfb")], &[(0, b"\xff\xf3")], &[(0, b"\xff\xf2")]]),
    ("mp4", &[&[(4, b"ftypisom")], &[(4, b"ftypmp4")], &[(4, b"ftypavc1")], &[(4, b"ftypM4V")], &[(4, b"ftypiso")]]),
    ("ogg", &[&[(0, b"OggS")]]),
    ("flac", &[&[(0, b"fLaC")]]),
    ("wav", &[&[(0, b"RIFF"), (8, b"WAVE")]]),
    ("webm", &[&[(0, b"\x1a\x45\xdf\xa3")]]),
    ("woff", &[&[(0, b"wOFF")]]),
    ("woff2", &[&[(0, b"wOF2")]]),
    ("ttf", &[&[(0, b"\0\x01\0\0")], &[(0, b"true")]]),
    ("otf", &[&[(0, b"OTTO")]]),
    ("rtf", &[&[(0, b"{\\rtf")]]),
    ("xml", &[&[(0, b"<?xml")], &[(0, b"\xef\xbb\xbf<?xml")]]),
];

/// Other names of them.
const ALSO: [(&str, &str); 7] = [
    ("jpg", "jpeg"),
    ("gz", "gzip"),
    ("docx", "zip"),
    ("xlsx", "zip"),
    ("pptx", "zip"),
    ("tif", "tiff"),
    ("jar", "zip"),
];

impl Magic {
    /// Whether a body begins so.
    pub fn begins(&self, body: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) => body.starts_with(bytes),
            Self::Known(name) => KNOWN.iter().any(|(known, beginnings)| known == name && begins(beginnings, body)),
        }
    }

    /// The well-known kind that a body begins like.
    pub fn of(body: &[u8]) -> Option<&'static str> {
        KNOWN.iter().find(|(_, beginnings)| begins(beginnings, body)).map(|(name, _)| *name)
    }
}

fn begins(alternatives: &[Beginning], body: &[u8]) -> bool {
    let stands = |(at, bytes): &(usize, &[u8])| body.get(*at..).is_some_and(|rest| rest.starts_with(bytes));
    alternatives.iter().any(|all| all.iter().all(stands))
}

impl Read for Magic {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        // Digits alone are a number to YAML, and so is 7z's sibling 0x89.
        let text = reader.scalar_text(node, "the name of a kind of file, such as `png`, or bytes in hexadecimal,")?;
        let name = text.trim().to_ascii_lowercase();
        let name = ALSO.iter().find(|(other, _)| *other == name).map_or(name.as_str(), |(_, known)| known);
        if let Some((known, _)) = KNOWN.iter().find(|(known, _)| *known == name) {
            return Ok(Self::Known(known));
        }
        let digits: String = name.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
        let digits = digits.strip_prefix("0x").unwrap_or(&digits);
        if !digits.is_empty() && digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap_or_default();
            return Ok(Self::Bytes((0..digits.len()).step_by(2).map(byte).collect()));
        }
        let problem = Diagnostic::error("format.magic", format!("`{text}` is neither a kind of file nor hexadecimal"))
            .at(node.span, "");
        let names = KNOWN.iter().map(|(known, _)| *known);
        Err(reader.report(match suggestion(name, names.clone()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem
                .help(format!("the kinds are {}; or write bytes, as 89504e47", names.collect::<Vec<_>>().join(", "))),
        }))
    }
}

impl JsonSchema for Magic {
    fn schema_name() -> Cow<'static, str> {
        "Magic".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = KNOWN.iter().map(|(name, _)| *name).chain(ALSO.iter().map(|(name, _)| *name));
        let names: Vec<&str> = names.collect();
        json_schema!({ "anyOf": [
            { "type": "string", "enum": names },
            { "type": ["string", "integer"], "pattern": "^(0x)?([0-9a-fA-F]{2}[ :]?)+$", "description": "Bytes in hexadecimal." }
        ] })
    }
}

mapping! {
    /// What a body that is a JSON Web Token must hold.
    pub struct JwtExpect("`jwt`") {
        required {}
        optional {
            /// The header contains this tree.
            "header" => header: Option<Expected>,
            /// The claims contain this tree.
            "claims" => claims: Option<Expected>,
            /// The signature, checked with the keys of the provider that the step acts with (`jwks`), or those named here.
            "signature" => signature: Option<SignatureExpected>,
        }
    }
}

impl JwtExpect {
    /// What the templates of its `signature` refer to.
    pub fn references(&self) -> impl Iterator<Item = (&Reference, Span)> {
        self.signature.iter().flat_map(SignatureExpected::references)
    }
}
