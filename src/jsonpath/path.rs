//! Where a node stands: normalized paths (RFC 9535 section 2.7) and the shorter form that people read.

use std::fmt::{self, Write};

use crate::json::Json;

/// One step of a normalized path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathElement {
    /// The member of that name.
    Name(Box<str>),
    /// The element at that place, from 0.
    Index(usize),
}

/// The place of one node in a document. `Display` gives the normalized form, `$['a'][0]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct NormalizedPath(Vec<PathElement>);

impl NormalizedPath {
    /// The path of those steps from the document's root.
    pub fn new(elements: Vec<PathElement>) -> Self {
        Self(elements)
    }

    /// The steps from the document's root, which has none.
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// The value at this place of the document, if it has the place.
    pub fn find<'j>(&self, root: &'j Json) -> Option<&'j Json> {
        self.0.iter().try_fold(root, |node, element| match element {
            PathElement::Name(name) => node.get(name),
            PathElement::Index(index) => node.as_array()?.get(*index),
        })
    }

    /// The path as people write it, itself a JSONPath: `$.a[0]["odd key"]`.
    pub fn shorthand(&self) -> String {
        let mut out = String::from("$");
        for element in &self.0 {
            // Writing to a `String` cannot fail.
            let _ = match element {
                PathElement::Index(index) => write!(out, "[{index}]"),
                PathElement::Name(name) if is_shorthand_name(name) => write!(out, ".{name}"),
                PathElement::Name(name) => write!(out, "[{}]", Json::from(&**name)),
            };
        }
        out
    }
}

impl fmt::Display for NormalizedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        for element in &self.0 {
            match element {
                PathElement::Index(index) => write!(f, "[{index}]")?,
                PathElement::Name(name) => {
                    f.write_str("['")?;
                    name.chars().try_for_each(|c| write_normalized(f, c))?;
                    f.write_str("']")?;
                }
            }
        }
        Ok(())
    }
}

fn write_normalized(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\u{8}' => f.write_str("\\b"),
        '\t' => f.write_str("\\t"),
        '\n' => f.write_str("\\n"),
        '\u{c}' => f.write_str("\\f"),
        '\r' => f.write_str("\\r"),
        '\'' => f.write_str("\\'"),
        '\\' => f.write_str("\\\\"),
        control if control < ' ' => write!(f, "\\u{:04x}", u32::from(control)),
        plain => f.write_char(plain),
    }
}

/// Narrower than the RFC's `member-name-shorthand`, which allows invisible characters a reader could not see.
fn is_shorthand_name(name: &str) -> bool {
    name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric()))
        && name.starts_with(|c: char| !c.is_ascii_digit())
}
