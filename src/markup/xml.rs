//! XML (1.0, with namespaces) that a server sent: read without entities of its own, to a depth and a number of attributes,
//! so that no document takes more time or memory than its length is worth.

use std::collections::HashSet;

use uppsala::{Document, NodeId, NodeKind, Parser, XmlError as Refused};

use super::advice::nearest;

/// Deeper nesting is refused. Real documents stay below a tenth of it.
const DEEPEST: u32 = 256;
/// More attributes of one element are refused: to compare them all takes time in the square of their number.
const ATTRIBUTES: usize = 1_000;
/// So many names are told of what is there.
const NAMES: usize = 50;

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
pub struct Xml {
    tree: Document<'static>,
    /// Prefixes and what the first element that declares them binds them to.
    namespaces: Vec<(String, String)>,
    /// Whether an element puts names without a prefix into a namespace.
    has_default: bool,
    /// Whether white space means nothing, as in HTML.
    folded: bool,
}

impl Xml {
    /// Reads a document.
    ///
    /// # Errors
    /// Where it is not well-formed, or is more than anybody wants to read.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        if let Some(at) = crowded(text) {
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return Err(XmlError { reason: format!("an element has more than {ATTRIBUTES} attributes"), line, column });
        }
        let parser = Parser::new().with_max_depth(DEEPEST).with_forbid_entities(true);
        // The parser counts from zero where there is nothing at all.
        let told = |reason: String, line: usize, column: usize| XmlError {
            reason: plain_words(&reason),
            line: line.max(1),
            column: column.max(1),
        };
        let tree = parser.parse(text).map_err(|error| match error {
            Refused::WellFormedness(at) => told(at.message, at.line, at.column),
            Refused::Namespace(at) => told(at.message, at.line, at.column),
            Refused::Parse(at) => told(at.message, at.line, at.column),
            other => {
                let line = text.matches('\n').count() + 1;
                told(other.to_string(), line, text.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
            }
        })?;
        Ok(Self::of(tree.into_static(), false))
    }

    /// A document that was made of something else.
    pub(super) fn of(mut tree: Document<'static>, folded: bool) -> Self {
        tree.prepare_xpath();
        let mut namespaces = vec![("xml".to_owned(), "http://www.w3.org/XML/1998/namespace".to_owned())];
        let mut has_default = false;
        for node in tree.descendants(tree.root()) {
            for (prefix, uri) in tree.element(node).into_iter().flat_map(|element| &element.namespace_declarations) {
                has_default |= prefix.is_empty() && !uri.is_empty();
                if !prefix.is_empty() && !namespaces.iter().any(|(known, _)| known == prefix) {
                    namespaces.push((prefix.to_string(), uri.to_string()));
                }
            }
        }
        Self { tree, namespaces, has_default, folded }
    }

    pub(super) fn tree(&self) -> &Document<'static> {
        &self.tree
    }

    pub(super) fn has_default_namespace(&self) -> bool {
        self.has_default
    }

    /// What a prefix is bound to.
    pub(super) fn namespace(&self, prefix: &str) -> Option<&str> {
        self.namespaces.iter().find(|(known, _)| known == prefix).map(|(_, uri)| uri.as_str())
    }

    /// The prefixes that the document declares.
    pub(super) fn prefixes(&self) -> Vec<&str> {
        self.namespaces.iter().skip(1).map(|(prefix, _)| prefix.as_str()).collect()
    }

    /// The text of a node: of an element all text in it, of an attribute its value.
    pub(super) fn text(&self, node: NodeId) -> String {
        let text = match self.tree.node_kind(node) {
            Some(NodeKind::Attribute(_, value) | NodeKind::Text(value) | NodeKind::CData(value) | NodeKind::Comment(value)) => {
                value.to_string()
            }
            Some(NodeKind::ProcessingInstruction(instruction)) => {
                instruction.data.as_deref().unwrap_or_default().to_owned()
            }
            _ => self.tree.text_content_deep(node),
        };
        if self.folded { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text }
    }

    /// The name of the root element, as it is written.
    pub fn root_name(&self) -> Option<String> {
        let root = self.tree.document_element()?;
        Some(self.tree.element(root)?.name.prefixed_name().into_owned())
    }

    /// The names of the elements, or attributes, right below these nodes; each once.
    pub(super) fn names_below(&self, nodes: &[NodeId], attributes: bool) -> Vec<String> {
        let mut names = Vec::new();
        let mut seen = HashSet::new();
        for node in nodes.iter().take(10_000) {
            if attributes {
                for attribute in self.tree.element(*node).into_iter().flat_map(|element| &element.attributes) {
                    let name = attribute.name.prefixed_name().into_owned();
                    if seen.insert(name.clone()) {
                        names.push(name);
                    }
                }
            } else {
                for child in self.tree.children_iter(*node) {
                    if let Some(element) = self.tree.element(child) {
                        let name = element.name.prefixed_name().into_owned();
                        if seen.insert(name.clone()) {
                            names.push(name);
                        }
                    }
                }
            }
            if names.len() >= NAMES {
                break;
            }
        }
        names
    }

    /// The name of an element anywhere that is nearest to one that is not there.
    pub(super) fn nearest_name(&self, wanted: &str) -> Option<String> {
        let mut seen = HashSet::new();
        let all = self.tree.descendants(self.tree.root()).into_iter().filter_map(|node| self.tree.element(node));
        let names = all.map(|element| element.name.prefixed_name().into_owned());
        let names: Vec<String> = names.filter(|name| seen.insert(name.clone())).take(1_000).collect();
        nearest(wanted, &names)
    }
}

/// What the parser says, in words that a tester understands.
fn plain_words(reason: &str) -> String {
    if reason.contains("forbid_entities") {
        return "it declares entities (`<!ENTITY …>`), which are refused: they can make a small document a huge one".to_owned();
    }
    if reason.contains("maximum depth") {
        return format!("elements nest deeper than {DEEPEST} levels");
    }
    let mut letters = reason.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => "it is not XML".to_owned(),
    }
}

/// Where a tag begins that has too many attributes.
fn crowded(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut quote, mut tag, mut attributes) = (0, None, None, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        match (quote, tag) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, Some(_)) if byte == b'>' => tag = None,
            (None, Some(begin)) if byte == b'"' || byte == b'\'' => {
                quote = Some(byte);
                attributes += 1;
                if attributes > ATTRIBUTES {
                    return Some(begin);
                }
            }
            (None, None) if byte == b'<' => {
                // What stands in comments and CDATA is no tag.
                let rest = &bytes[at..];
                let (open, close): (&[u8], &str) = if rest.starts_with(b"<!--") {
                    (b"<!--", "-->")
                } else if rest.starts_with(b"<![CDATA[") {
                    (b"<![CDATA[", "]]>")
                } else if rest.get(1).is_some_and(|next| matches!(next, b'!' | b'?' | b'/')) {
                    (b"<", ">")
                } else {
                    (tag, attributes) = (Some(at), 0);
                    at += 1;
                    continue;
                };
                at += open.len();
                // A slice that begins behind an ASCII character begins at a character.
                at += text.get(at..)?.find(close)? + close.len();
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}
