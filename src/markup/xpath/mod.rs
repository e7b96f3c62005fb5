//! XPath 1.0: read with its own grammar, so that what is wrong is told where it stands; evaluated by a library.
//!
//! A name without a prefix stands for the elements that are *written* without one, whatever namespace the document's
//! `xmlns="…"` puts them into: what is read in an answer can be typed as it is. A name with a prefix stands for the namespace
//! that the prefix is bound to: by the user, else by the document.

mod grammar;
mod lex;

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use uppsala::xpath::{XPathEvaluator, XPathValue};

use super::advice::nearest;
use super::xml::Xml;
use grammar::{FUNCTIONS, Outline, Test};

/// So many nodes are visited for one path; a path over a document of 50 MB stays far below, a path within paths does not.
const VISITS: usize = 20_000_000;
/// So deep the evaluator's own grammar may nest, in which a chain of operators nests, too.
const NESTING: u32 = 100;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XPath {
    source: Box<str>,
    outline: Outline,
}

/// Prefixes and the namespaces that a user binds them to.
pub type Namespaces<'n> = &'n dyn Fn(&str) -> Option<&'n str>;

/// What a path gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The texts of nodes, in the order of the document.
    Nodes(Vec<String>),
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
}

impl XPath {
    /// Whether a text is meant to be an XPath: it begins with `/` or `(`, or with a function.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(['/', '('])
            || text.split_once('(').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            })
    }

    /// Reads a path.
    ///
    /// # Errors
    /// The first place where it is none.
    pub fn parse(source: &str) -> Result<Self, XPathError> {
        let outline = grammar::outline(source)?;
        // The last word is the evaluator's: what it cannot read either is told here, and not in the middle of a run.
        let probe = Xml::parse("<a/>").map_err(|error| XPathError::new(error.reason, 0..source.len()))?;
        let path = Self { source: source.into(), outline };
        let everything = |_: &str| Some("urn:any");
        path.evaluate(&probe, &everything).map_err(|reason| XPathError::new(reason, 0..source.len()))?;
        Ok(path)
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it gives in a document.
    ///
    /// # Errors
    /// A prefix that nothing binds, or a path that takes too long, in one sentence.
    pub fn evaluate(&self, document: &Xml, namespaces: Namespaces<'_>) -> Result<Found, String> {
        self.first(self.source.len(), document, namespaces)
    }

    /// What its first characters give.
    fn first(&self, end: usize, document: &Xml, namespaces: Namespaces<'_>) -> Result<Found, String> {
        let mut evaluator = XPathEvaluator::new().with_max_node_visits(VISITS).with_max_depth(NESTING);
        let path = self.adapted(end, document, namespaces, &mut evaluator)?;
        let tree = document.tree();
        let value = evaluator.evaluate(tree, tree.root(), &path).map_err(|error| match error {
            uppsala::XmlError::XPath(error) if error.message.contains("budget") => {
                format!("the path looks at more than {VISITS} nodes, and was given up; lead it more directly")
            }
            uppsala::XmlError::XPath(error) => error.message,
            other => other.to_string(),
        })?;
        Ok(match value {
            XPathValue::NodeSet(nodes) => Found::Nodes(nodes.into_iter().map(|node| document.text(node)).collect()),
            XPathValue::String(text) => Found::Text(text),
            XPathValue::Number(number) => Found::Number(number),
            XPathValue::Boolean(value) => Found::Boolean(value),
        })
    }

    /// The path as the evaluator reads it: names as the document writes them.
    fn adapted(
        &self,
        end: usize,
        document: &Xml,
        namespaces: Namespaces<'_>,
        evaluator: &mut XPathEvaluator,
    ) -> Result<Cow<'_, str>, String> {
        let whole = &self.source[..end];
        let mut adapted = String::new();
        let mut from = 0;
        for test in self.outline.tests.iter().filter(|test| test.range.end as usize <= end) {
            let range = test.range.start as usize..test.range.end as usize;
            let Some(instead) = instead(test, document, namespaces, evaluator)? else { continue };
            adapted.push_str(&whole[from..range.start]);
            adapted.push_str(&instead);
            from = range.end;
        }
        if from == 0 {
            return Ok(Cow::Borrowed(whole));
        }
        adapted.push_str(&whole[from..]);
        Ok(Cow::Owned(adapted))
    }

    /// How far the path leads where it finds nothing, and what is there: a sentence, and the name that was probably meant.
    /// `None` where nothing more can be said than that.
    pub fn explain_absence(&self, document: &Xml, namespaces: Namespaces<'_>) -> Option<(String, Option<String>)> {
        let Outline { steps, names, .. } = &self.outline;
        let found = |end: u32| match self.first(end as usize, document, namespaces) {
            Ok(Found::Nodes(nodes)) => !nodes.is_empty(),
            _ => false,
        };
        // The first step that leads nowhere.
        let lost = steps.partition_point(|end| found(*end));
        let (end, name) = (*steps.get(lost)?, names.get(lost)?.as_deref());
        let before = lost.checked_sub(1).map(|before| steps[before] as usize);
        let tail = self.source[before.unwrap_or(0)..end as usize].trim_start_matches('/');
        let (place, there) = match before {
            Some(before) => {
                let place = self.source[..before].to_owned();
                (place, self.names_below(before, document, namespaces, tail.starts_with('@')))
            }
            None => ("the document".to_owned(), document.root_name().into_iter().collect()),
        };
        let deep = self.source[before.unwrap_or(0)..].starts_with("//");
        let meant = name.filter(|_| !deep || before.is_none()).and_then(|name| nearest(name, &there));
        let meant = meant.or_else(|| name.filter(|_| deep).and_then(|name| document.nearest_name(name)));
        let attribute = tail.strip_prefix('@').and_then(|name| nearest(name, &there)).map(|name| format!("@{name}"));
        let mut said = match (before, deep) {
            (_, true) => format!("there is no `{tail}` in {place}"),
            (None, false) => format!("the root element is not `{tail}`"),
            (Some(_), false) => format!("`{place}` has no `{tail}`"),
        };
        if there.is_empty() && !deep {
            _ = write!(said, ", nor anything else of the kind");
        } else if !deep {
            let shown: Vec<&str> = there.iter().take(8).map(String::as_str).collect();
            let more = if there.len() > shown.len() { ", …" } else { "" };
            let verb = if before.is_none() { "it is" } else { "it has" };
            _ = write!(said, "; {verb} {}{more}", shown.join(", "));
        }
        Some((said, attribute.or(meant)))
    }

    /// The names of the elements, or attributes, right below the nodes that the first characters lead to; each once.
    fn names_below(&self, end: usize, document: &Xml, namespaces: Namespaces<'_>, attributes: bool) -> Vec<String> {
        let mut evaluator = XPathEvaluator::new().with_max_node_visits(VISITS).with_max_depth(NESTING);
        let Ok(path) = self.adapted(end, document, namespaces, &mut evaluator) else { return Vec::new() };
        let tree = document.tree();
        match evaluator.evaluate(tree, tree.root(), &path) {
            Ok(XPathValue::NodeSet(nodes)) => document.names_below(&nodes, attributes),
            _ => Vec::new(),
        }
    }

    /// The functions that a path may begin with.
    pub fn functions() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|(name, ..)| *name)
    }
}

/// What a name test becomes; `None` where the evaluator reads it as it is meant.
fn instead(
    test: &Test,
    document: &Xml,
    namespaces: Namespaces<'_>,
    evaluator: &mut XPathEvaluator,
) -> Result<Option<String>, String> {
    let local = &*test.local;
    // The evaluator reads names of ASCII only.
    let plain = local == "*" || local.is_ascii();
    let Some(prefix) = &test.prefix else {
        let by_name = (document.has_default_namespace() && !test.attribute) || !plain;
        return Ok(by_name.then(|| format!("*[name()='{local}']")));
    };
    let bound = namespaces(prefix).map(Cow::Borrowed).or_else(|| document.namespace(prefix).map(Cow::Borrowed));
    let Some(uri) = bound else {
        let known = document.prefixes();
        return Err(match known.as_slice() {
            [] => format!("the prefix `{prefix}` is not declared: the answer declares none"),
            known => format!("the prefix `{prefix}` is not declared; the answer declares {}", known.join(", ")),
        });
    };
    if plain && prefix.is_ascii() {
        evaluator.add_namespace(&**prefix, uri);
        return Ok(None);
    }
    // A URI is quoted by whichever quote it does not have; one with both names no namespace of this world.
    let quote = if uri.contains('\'') { '"' } else { '\'' };
    Ok(Some(match local {
        "*" => format!("*[namespace-uri()={quote}{uri}{quote}]"),
        _ => format!("*[local-name()='{local}' and namespace-uri()={quote}{uri}{quote}]"),
    }))
}
