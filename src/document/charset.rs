//! The text of a body: in the charset that its content type names, else in the one that the body itself names, else UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::Kind;

/// A body as text.
#[derive(Debug)]
pub struct Decoded<'b> {
    /// The text; what could not be decoded is U+FFFD in it.
    pub text: Cow<'b, str>,
    /// The encoding it was decoded from.
    pub charset: &'static str,
    /// What is wrong with the charset, in one sentence without a full stop.
    pub problem: Option<String>,
}

/// Decodes a body. A byte-order mark says more than any label.
pub fn decode<'b>(bytes: &'b [u8], content_type: &str, kind: Kind) -> Decoded<'b> {
    let label = parameter(content_type, "charset");
    let named = label.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = named.or_else(|| declared(bytes, kind)).unwrap_or(UTF_8);
    let (text, used, broken) = encoding.decode(bytes);
    let problem = match (&label, named) {
        (Some(label), None) => Some(format!("nobody knows the charset `{label}` of the answer; it was read as UTF-8")),
        // JSON and XML begin with characters of ASCII, whatever follows.
        (None, _) if used == UTF_8 && (matches!(bytes, [0, 1..=127, 0, 1..=127, ..] | [1..=127, 0, 1..=127, 0, ..])) => Some(
            "every second byte is zero, as in UTF-16 without a byte-order mark; its content type should name the charset"
                .to_owned(),
        ),
        _ if broken => {
            let place = Encoding::utf8_valid_up_to(bytes);
            let place = if used == UTF_8 { format!(", the first at byte {place}") } else { String::new() };
            Some(format!("the body has bytes that are not {}{place}; they are shown as \u{fffd}", used.name()))
        }
        _ => None,
    };
    Decoded { text, charset: used.name(), problem }
}

/// The value of a parameter of a content type.
pub(crate) fn parameter(content_type: &str, wanted: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// What the body says itself: an XML declaration, or a `<meta>` of HTML.
fn declared(bytes: &[u8], kind: Kind) -> Option<&'static Encoding> {
    const ENOUGH: usize = 1024;
    let head = &bytes[..bytes.len().min(ENOUGH)];
    let after = |mark: &[u8]| {
        let at = head.windows(mark.len()).position(|window| window.eq_ignore_ascii_case(mark))?;
        Some(&head[at + mark.len()..])
    };
    let value = match kind {
        Kind::Xml if head.starts_with(b"<?xml") => {
            let declaration = &head[..head.iter().position(|byte| *byte == b'>')?];
            let at = declaration.windows(8).position(|window| window == b"encoding")?;
            &declaration[at + 8..]
        }
        Kind::Html => after(b"charset")?,
        _ => return None,
    };
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end =
        value.iter().position(|byte| matches!(byte, b'"' | b'\'' | b' ' | b';' | b'>' | b'/')).unwrap_or(value.len());
    // A document that is read as bytes of ASCII at all is none of UTF-16, whatever it says (WHATWG HTML, 4.2.5.5).
    Encoding::for_label(&value[..end]).filter(|encoding| !encoding.name().starts_with("UTF-16"))
}
