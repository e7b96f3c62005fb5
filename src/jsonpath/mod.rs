//! JSONPath (RFC 9535): a query is compiled once and asked of many documents. Nodes are borrowed from the document, and
//! each can say where it stands.
//!
//! A query in error is refused when it is compiled, ill-typed ones (RFC 9535 section 2.4.3) included, so that no check
//! passes because its query could never have found anything.

mod absence;
mod ast;
mod error;
mod eval;
mod functions;
mod parse;
mod path;
mod regard;
mod regexp;

pub use absence::{Absence, Missing};
pub use error::JsonPathError;
pub use path::{NormalizedPath, PathElement};
pub use regard::Regard;

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;
use std::sync::Arc;

use self::ast::Query;
use self::eval::{Evaluation, Traced, Untraced};
use crate::json::Json;

/// A compiled query. Clones share it.
#[derive(Clone)]
pub struct JsonPath(Arc<Compiled>);

struct Compiled {
    source: Box<str>,
    query: Query,
    cautions: Vec<JsonPathError>,
}

/// A node that a query found.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'j> {
    /// Where it stands.
    pub path: NormalizedPath,
    /// Its value.
    pub value: &'j Json,
}

impl JsonPath {
    /// Compiles a query.
    ///
    /// # Errors
    /// The first place where the text is no JSONPath as RFC 9535 has it, is ill-typed, or nests deeper than 32 levels.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        let (query, cautions) = parse::query(text)?;
        Ok(Self(Arc::new(Compiled { source: text.into(), query, cautions })))
    }

    /// The query as it was written.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Whether the query can find one node at most: names and indices only, one a segment.
    pub fn is_singular(&self) -> bool {
        self.0.query.singular
    }

    /// What RFC 9535 allows and yet cannot be meant: a test that no value passes, such as a regular expression in error.
    pub fn cautions(&self) -> &[JsonPathError] {
        &self.0.cautions
    }

    /// The nodes that the query finds, in the order of RFC 9535, each with its path.
    pub fn nodes<'j>(&self, root: &'j Json) -> Vec<Node<'j>> {
        let mut trace = Traced::default();
        let mut found = Vec::new();
        let _ = Evaluation::of(root).visit(&self.0.query, root, &mut trace, &mut |value, place| {
            found.push((value, place));
            ControlFlow::Continue(())
        });
        found.into_iter().map(|(value, place)| Node { path: trace.path(place), value }).collect()
    }

    /// The values that the query finds, in the order of RFC 9535.
    pub fn values<'j>(&self, root: &'j Json) -> Vec<&'j Json> {
        if self.is_singular() {
            return self.first(root).into_iter().collect();
        }
        let mut found = Vec::new();
        let _ = Evaluation::of(root).visit(&self.0.query, root, &mut Untraced, &mut |value, ()| {
            found.push(value);
            ControlFlow::Continue(())
        });
        found
    }

    /// The first value that the query finds. A singular query is walked without any allocation.
    pub fn first<'j>(&self, root: &'j Json) -> Option<&'j Json> {
        Evaluation::of(root).first(&self.0.query, root)
    }

    /// How far a singular query got in a document that has no such node. `None` where it has one, and for any other
    /// query.
    pub fn explain_absence(&self, root: &Json) -> Option<Absence> {
        Absence::of(&self.0.query, root)
    }
}

impl FromStr for JsonPath {
    type Err = JsonPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source())
    }
}

impl fmt::Debug for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonPath").field(&self.source()).finish()
    }
}

impl PartialEq for JsonPath {
    /// Whether both are written the same.
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for JsonPath {}

#[cfg(test)]
mod tests;
