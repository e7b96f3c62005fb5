//! XPath 1.0, over XML and HTML.
//!
//! A name without a prefix stands for the elements that are *written* without one, whatever namespace the document's
//! `xmlns="…"` puts them into: what is read in an answer can be typed as it is. A name with a prefix stands for the namespace
//! that the prefix is bound to: by the user, else by the document. All else is as the standard has it.
//!
//! The crates that there are panic at an undeclared prefix, lack `(//a)[1]`, or bring a hundred others along; none of them
//! says where a path is wrong.

mod absence;
mod ast;
mod eval;
mod functions;
mod lex;
mod parse;
mod value;

use std::ops::Range;

use super::xml::Xml;
use ast::Expr;
use eval::{Context, Evaluation};
use value::Value;

/// Why a text is no XPath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XPathError {
    /// What is wrong.
    pub message: String,
    /// Where in the text.
    pub range: Range<usize>,
    /// What to do.
    pub hint: Option<String>,
}

impl XPathError {
    fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        Self { message: message.into(), range, hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A path that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct XPath {
    source: Box<str>,
    expression: Expr,
}

/// The namespaces that a user binds prefixes to.
pub type Namespaces<'n> = &'n dyn Fn(&str) -> Option<&'n str>;

/// What a path gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The texts of nodes, in the order of the document.
    Nodes(Vec<String>),
    /// A text.
    Text(String),
    /// A number, with how XPath writes it.
    Number(f64, String),
    /// `true` or `false`.
    Boolean(bool),
}

impl XPath {
    /// Whether a text is meant to be an XPath: it begins with `/` or `(`, or with a function.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(['/', '('])
            || text
                .split_once('(')
                .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
    }

    /// Reads a path.
    ///
    /// # Errors
    /// The first place where it is none.
    pub fn parse(source: &str) -> Result<Self, XPathError> {
        Ok(Self { source: source.into(), expression: parse::parse(source)? })
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it gives in a document.
    ///
    /// # Errors
    /// A prefix that nothing binds, or a path that takes too long, in one sentence.
    pub fn evaluate<'n>(&self, document: &'n Xml, namespaces: Namespaces<'n>) -> Result<Found, String> {
        let tree = &document.0;
        let evaluation = Evaluation::new(tree, namespaces);
        let value = evaluation.value(&self.expression, Context { node: 0, position: 1, size: 1 })?;
        let folded = |text: String| {
            if tree.is_html { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text }
        };
        Ok(match value {
            Value::Nodes(nodes) => {
                let texts = nodes.into_iter().map(|node| evaluation.text(node).map(folded));
                Found::Nodes(texts.collect::<Result<_, _>>()?)
            }
            Value::Text(text) => Found::Text(text),
            Value::Number(number) => Found::Number(number, value::text_of(number)),
            Value::Boolean(value) => Found::Boolean(value),
        })
    }
}
