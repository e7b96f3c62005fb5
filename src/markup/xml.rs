//! XML (1.0, with namespaces) that a server sent: read without entities of its own, to a depth and a number of attributes,
//! so that no document takes more time or memory than its length is worth.

use roxmltree::{Document, NodeType, ParsingOptions};

use super::tree::{Builder, Name, Tree};

/// Deeper nesting is refused. Real documents stay below a tenth of it.
const DEEPEST: usize = 512;
/// More attributes of one element are refused: to compare them all takes time in the square of their number.
const ATTRIBUTES: usize = 1_000;

/// Why a text is not XML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at line {line}, column {column}")]
pub struct XmlError {
    /// What is wrong, in words.
    pub reason: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// A document, ready for paths.
#[derive(Debug)]
pub struct Xml(pub(super) Tree);

impl Xml {
    /// Reads a document.
    ///
    /// # Errors
    /// Where it is not well-formed, or is more than anybody wants to read.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some((at, reason)) = unreasonable(text) {
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return Err(XmlError { reason, line, column });
        }
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| {
            let at = error.pos();
            // The message ends with the place, which stands apart here.
            let said = error.to_string();
            let reason = said.rsplit_once(" at ").map_or(said.as_str(), |(reason, _)| reason).to_owned();
            XmlError { reason, line: (at.row as usize).max(1), column: (at.col as usize).max(1) }
        })?;
        Ok(Self(tree(&document)))
    }
}

fn tree(document: &Document<'_>) -> Tree {
    let mut builder = Builder::new(false);
    // The nodes come in the order of the document; what is open is closed when a node that is not in it comes.
    let mut open = vec![document.root()];
    for node in document.descendants().skip(1) {
        while open.last().copied() != node.parent() {
            open.pop();
            builder.end();
        }
        match node.node_type() {
            NodeType::Element => {
                let tag = node.tag_name();
                let written = &document.input_text()[node.range().start + 1..];
                let end = written.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(written.len());
                let prefix = written[..end].split_once(':').map_or("", |(prefix, _)| prefix);
                builder.begin(name(prefix, tag.name(), tag.namespace()));
                for namespace in node.namespaces() {
                    if let Some(prefix) = namespace.name() {
                        builder.declares(prefix, namespace.uri());
                    }
                }
                for attribute in node.attributes() {
                    let written = &document.input_text()[attribute.range_qname()];
                    let prefix = written.split_once(':').map_or("", |(prefix, _)| prefix);
                    builder.attribute(name(prefix, attribute.name(), attribute.namespace()), attribute.value());
                }
                open.push(node);
            }
            NodeType::Text => builder.text(node.text().unwrap_or_default()),
            NodeType::Comment => builder.comment(node.text().unwrap_or_default()),
            NodeType::PI => {
                let instruction = node.pi();
                let (target, data) = instruction.map_or(("", None), |pi| (pi.target, pi.value));
                builder.instruction(target, data.unwrap_or_default());
            }
            NodeType::Root => {}
        }
    }
    builder.finish()
}

fn name(prefix: &str, local: &str, namespace: Option<&str>) -> Name {
    Name { prefix: prefix.into(), local: local.into(), namespace: namespace.unwrap_or_default().into() }
}

/// What no parser should be asked to read, and where it begins: entities of the document's own, too many attributes, too
/// deep a nesting.
fn unreasonable(text: &str) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(found) = text[at..].find('<') {
        let open = at + found;
        let rest = &text[open..];
        let skip = |mark: &str, close: &str| {
            rest.starts_with(mark).then(|| rest.find(close).map(|end| open + end + close.len()))
        };
        if let Some(end) = skip("<!--", "-->").or_else(|| skip("<![CDATA[", "]]>")).or_else(|| skip("<?", "?>")) {
            // What is never closed, the parser tells.
            at = end?;
            continue;
        }
        if rest.starts_with("<!ENTITY") {
            let reason =
                "entities (`<!ENTITY …>`) are refused, for they can make a small document a huge one: one is declared";
            return Some((open, reason.to_owned()));
        }
        if !rest[1..].starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':' | '/')) {
            at = open + 1;
            continue;
        }
        // A tag, up to the `>` that stands in no quotes.
        let (mut quote, mut attributes, mut end) = (None, 0, open + 1);
        while end < bytes.len() {
            match (quote, bytes[end]) {
                (Some(mark), byte) if byte == mark => quote = None,
                (Some(_), _) => {}
                (None, b'>') => break,
                (None, mark @ (b'"' | b'\'')) => {
                    quote = Some(mark);
                    attributes += 1;
                }
                (None, _) => {}
            }
            end += 1;
        }
        if attributes > ATTRIBUTES {
            return Some((open, format!("an element has more than {ATTRIBUTES} attributes")));
        }
        if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
        } else if end > 0 && bytes.get(end - 1) != Some(&b'/') {
            depth += 1;
        }
        if depth > DEEPEST {
            return Some((open, format!("elements nest deeper than {DEEPEST} levels")));
        }
        at = (end + 1).min(bytes.len());
        // Behind the last quote that is open there is nothing.
        if quote.is_some() {
            return None;
        }
    }
    None
}
