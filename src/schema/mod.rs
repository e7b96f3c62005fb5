//! JSON Schema: documents with a place for every keyword, found to be sound before any call is made, compiled once, and
//! shared by all that run. Nothing here reaches for a network, and without a `schema` nothing of this is built.
//!
//! `load` reads the files, `set` finds what their `$ref`s lead to and compiles them, `check` tells what looks like a mistake;
//! `exact` is the form in which bodies are validated, `keywords` decides by it, `violation` says what does not hold and
//! `words` says it in words.

mod check;
mod draft;
mod exact;
mod keywords;
mod load;
mod set;
mod violation;
mod words;

pub use load::{Library, Reading};
pub use violation::{GivenUp, Violation, Violations};

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::{Node, SourceFile, Span};
use exact::Body;

/// A schema, compiled, with the documents that it was made of.
pub struct Schema {
    validator: jsonschema::Validator<Body>,
    documents: Vec<Arc<Document>>,
    /// Where each resource stands, by its URI: a document, or what an `$id` in it names.
    resources: HashMap<String, Resource>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.documents.iter().map(|document| document.source.name()).collect();
        f.debug_tuple("Schema").field(&names).finish()
    }
}

/// A file, or an inline schema, that holds a schema.
#[derive(Debug)]
struct Document {
    source: Arc<SourceFile>,
    root: Node,
    /// The URI it is known by.
    uri: String,
}

/// A document, or a part of one with a URI of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resource {
    /// The document's position.
    document: usize,
    /// What leads to it from the document's root.
    path: Vec<String>,
}

impl Document {
    /// The node that a path leads to.
    fn find<'n, 's>(&'n self, path: impl IntoIterator<Item = &'s str>) -> Option<Found<'n>> {
        find(Found { node: &self.root, key: None }, path)
    }
}

/// A node of a schema, and the key it stands under.
#[derive(Clone, Copy)]
struct Found<'n> {
    node: &'n Node,
    key: Option<Span>,
}

impl Found<'_> {
    /// What is underlined: a value that fits on a line by itself, else its key.
    fn span(&self) -> Span {
        let simple = self.node.entries().is_none() && self.node.items().is_none();
        if simple { self.node.span } else { self.key.unwrap_or(self.node.span) }
    }
}

fn find<'n, 's>(from: Found<'n>, path: impl IntoIterator<Item = &'s str>) -> Option<Found<'n>> {
    path.into_iter().try_fold(from, |found, step| {
        if let Some(items) = found.node.items() {
            return Some(Found { node: items.get(step.parse::<usize>().ok()?)?, key: None });
        }
        let entry = found.node.entries()?.iter().find(|entry| &**entry.key == step)?;
        Some(Found { node: &entry.value, key: Some(entry.key.span) })
    })
}

/// The steps of a JSON Pointer (RFC 6901).
fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// Undoes the percent-encoding of a URI's fragment.
fn decoded(fragment: &str) -> String {
    let bytes = fragment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = fragment.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let hex = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(hex.unwrap_or(*byte));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
