//! A key in PEM (RFC 7468), also where its line breaks were lost or came as `\n` in letters: that is what environment
//! variables and JSON files do to them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A block of PEM.
pub(super) struct Block {
    /// As `RSA PRIVATE KEY`.
    pub(super) label: String,
    /// `None` where its text is no base64: broken, or encrypted in the old way.
    pub(super) der: Option<Vec<u8>>,
}

/// The first block that is a private key, else the first of all.
pub(super) fn block(text: &str) -> Option<Block> {
    let blocks: Vec<Block> = text.split("-----BEGIN ").skip(1).filter_map(one).collect();
    let at = blocks.iter().position(|block| block.label.ends_with("PRIVATE KEY")).unwrap_or(0);
    blocks.into_iter().nth(at)
}

fn one(text: &str) -> Option<Block> {
    let (label, rest) = text.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let body: String = body.replace("\\r", "").replace("\\n", "").split_whitespace().collect();
    // The letter after a backslash that an unpacking has doubled, and nothing else, can be left over.
    Some(Block { label: label.trim().to_owned(), der: STANDARD.decode(body.replace('\\', "")).ok() })
}
