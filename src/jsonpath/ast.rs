//! A compiled query. The types leave no room for what RFC 9535 section 2.4.3 forbids: only a value can be compared, only
//! a singular query is a value, and only a truth stands where a filter wants one.

use std::slice;

use regex::Regex;

use crate::json::Json;

/// A query, from the document (`$`) or from the tested node (`@`).
#[derive(Debug)]
pub(super) struct Query {
    pub(super) absolute: bool,
    pub(super) segments: Vec<Segment>,
    /// Whether it can find one node at most (RFC 9535 section 2.3.5.1).
    pub(super) singular: bool,
}

/// `.name`, `[…]`, and the same after `..`.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) descendant: bool,
    pub(super) selectors: Selectors,
}

/// Nearly every segment has one selector, which then needs no allocation of its own.
#[derive(Debug)]
pub(super) enum Selectors {
    One(Selector),
    Many(Vec<Selector>),
}

impl Selectors {
    pub(super) fn as_slice(&self) -> &[Selector] {
        match self {
            Self::One(selector) => slice::from_ref(selector),
            Self::Many(selectors) => selectors,
        }
    }
}

#[derive(Debug)]
pub(super) enum Selector {
    Name(Box<str>),
    Index(i64),
    Wildcard,
    Slice(Slice),
    Filter(Box<Test>),
}

/// `start:end:step`; a bound left out depends on the direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) step: i64,
}

/// What is true or false of a node (`LogicalType`).
#[derive(Debug)]
pub(super) enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Exists(Query),
    Compare(Value, Comparison, Value),
    /// `match()` where `whole`, else `search()`.
    Matches {
        subject: Value,
        pattern: Pattern,
        whole: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What gives one value or nothing (`ValueType`).
#[derive(Debug)]
pub(super) enum Value {
    Literal(Json),
    /// Always a singular query.
    Singular(Query),
    Length(Box<Value>),
    Count(Query),
    /// `value()`: the node of a query that finds exactly one.
    Only(Query),
}

/// The regular expression of `match()` and `search()`.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Written in the query, so compiled with it; `None` where it is no regular expression and matches nothing.
    Fixed(Option<Regex>),
    /// Read from the document.
    Computed(Value),
}
