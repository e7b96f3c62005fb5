//! What stands after `?`: tests, comparisons, groups and calls.

use std::ops::Range;

use super::super::ast::{Comparison, Query, Test, Value};
use super::super::error::JsonPathError;
use super::super::functions;
use super::{Parsed, Parser, advice};
use crate::json::Json;

/// A part of a filter whose type is not settled before what stands around it is known.
pub(in super::super) struct Term<'t> {
    pub(in super::super) kind: TermKind,
    /// The term as written.
    pub(in super::super) text: &'t str,
    pub(in super::super) range: Range<usize>,
}

pub(in super::super) enum TermKind {
    Literal(Json),
    Query(Query),
    /// A call that gives a value.
    Value(Value),
    /// A comparison, a group, a combination, or a call that gives a truth.
    Test(Test),
}

impl<'t> Parser<'t> {
    /// The filter after its `?`, up to the `,` or `]` behind it.
    pub(super) fn filter(&mut self) -> Parsed<Test> {
        self.either()?.test()
    }

    /// `logical-or-expr`, or a lone literal or query where one may stand (as an argument).
    fn either(&mut self) -> Parsed<Term<'t>> {
        self.combination("||", Self::both, Test::Any)
    }

    fn both(&mut self) -> Parsed<Term<'t>> {
        self.combination("&&", Self::basic, Test::All)
    }

    fn combination(
        &mut self,
        operator: &str,
        part: fn(&mut Self) -> Parsed<Term<'t>>,
        combine: fn(Vec<Test>) -> Test,
    ) -> Parsed<Term<'t>> {
        let start = self.at;
        let first = part(self)?;
        if !self.operator(operator) {
            return Ok(first);
        }
        let mut tests = vec![first.test()?];
        loop {
            self.skip_blank();
            tests.push(part(self)?.test()?);
            if !self.operator(operator) {
                return Ok(self.term(start, TermKind::Test(combine(tests))));
            }
        }
    }

    /// Reads a two-character operator if it is next.
    fn operator(&mut self, operator: &str) -> bool {
        let before = self.at;
        self.skip_blank();
        let found = self.rest().starts_with(operator);
        self.at = if found { self.at + operator.len() } else { before };
        found
    }

    fn term(&self, start: usize, kind: TermKind) -> Term<'t> {
        Term { kind, text: &self.text[start..self.at], range: start..self.at }
    }

    /// `basic-expr`: a group, a comparison or a test.
    fn basic(&mut self) -> Parsed<Term<'t>> {
        let start = self.at;
        if self.eat(b'!') {
            self.skip_blank();
            let inner = if self.peek() == Some(b'(') { self.group()? } else { self.operand()?.test()? };
            return match self.comparison() {
                Some(_) => Err(advice::negated_comparison(start)),
                None => Ok(self.term(start, TermKind::Test(Test::Not(Box::new(inner))))),
            };
        }
        if self.peek() == Some(b'(') {
            let inner = self.group()?;
            return match self.comparison() {
                Some(_) => Err(advice::compared_group(start)),
                None => Ok(self.term(start, TermKind::Test(inner))),
            };
        }
        let left = self.operand()?;
        let Some(comparison) = self.comparison() else { return Ok(left) };
        self.skip_blank();
        let right = self.operand()?;
        let test = Test::Compare(left.value("compared")?, comparison, right.value("compared")?);
        Ok(self.term(start, TermKind::Test(test)))
    }

    /// `( … )`.
    fn group(&mut self) -> Parsed<Test> {
        let open = self.at;
        self.at += 1;
        self.skip_blank();
        let inner = self.nested(Self::either)?.test()?;
        self.skip_blank();
        if self.eat(b')') { Ok(inner) } else { Err(self.group_goes_on(open)) }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let before = self.at;
        self.skip_blank();
        let rest = self.rest();
        let all = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let found = all.into_iter().find(|(sign, _)| rest.starts_with(sign));
        self.at = found.map_or(before, |(sign, _)| self.at + sign.len());
        found.map(|(_, comparison)| comparison)
    }

    /// A literal, a query or a call.
    fn operand(&mut self) -> Parsed<Term<'t>> {
        let start = self.at;
        self.last_name = None;
        let kind = match self.peek() {
            Some(root @ (b'@' | b'$')) => {
                self.at += 1;
                TermKind::Query(self.segments(root == b'$')?)
            }
            Some(b'\'' | b'"') => TermKind::Literal(Json::from(&*self.quoted()?)),
            Some(b'-' | b'0'..=b'9') => TermKind::Literal(Json::Number(self.number()?)),
            _ => self.word()?,
        };
        Ok(self.term(start, kind))
    }

    /// `true`, `false`, `null`, or a call.
    fn word(&mut self) -> Parsed<TermKind> {
        let start = self.at;
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = &rest[..end];
        if rest[end..].starts_with('(') && word.starts_with(|c: char| c.is_ascii_lowercase()) {
            self.at += end + 1;
            let arguments = self.nested(Self::arguments)?;
            let (kind, caution) = functions::call(word, start..start + end, start..self.at, arguments)?;
            self.cautions.extend(caution);
            return Ok(kind);
        }
        let literal = match word {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            _ => return Err(self.no_operand(word)),
        };
        self.at += end;
        Ok(TermKind::Literal(literal))
    }

    /// The arguments of a call and the `)` behind them.
    fn arguments(&mut self) -> Parsed<Vec<Term<'t>>> {
        let open = self.at - 1;
        let mut arguments = Vec::new();
        self.skip_blank();
        if self.eat(b')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.either()?);
            self.skip_blank();
            match self.peek() {
                Some(b')') => {
                    self.at += 1;
                    return Ok(arguments);
                }
                Some(b',') => {
                    self.at += 1;
                    self.skip_blank();
                }
                _ => return Err(self.group_goes_on(open)),
            }
        }
    }
}

impl Term<'_> {
    /// The term as a truth: a query tests that it finds something.
    fn test(self) -> Parsed<Test> {
        match self.kind {
            TermKind::Test(test) => Ok(test),
            TermKind::Query(query) => Ok(Test::Exists(query)),
            TermKind::Literal(_) => Err(JsonPathError::new(self.range, format!("`{}` alone tests nothing", self.text))
                .hint(format!("compare it with something: `@.name == {}`", self.text))),
            TermKind::Value(_) => {
                Err(JsonPathError::new(self.range, format!("`{}` gives a value, which is not a test", self.text))
                    .hint(format!("compare it: `{} == …`", self.text)))
            }
        }
    }

    /// The term as one value, for a comparison or an argument; `purpose` completes "cannot be …".
    pub(in super::super) fn value(self, purpose: &str) -> Parsed<Value> {
        match self.kind {
            TermKind::Literal(json) => Ok(Value::Literal(json)),
            TermKind::Value(value) => Ok(value),
            TermKind::Query(query) if query.singular => Ok(Value::Singular(query)),
            TermKind::Query(_) => Err(JsonPathError::new(
                self.range,
                format!("`{}` may find several values, so it cannot be {purpose}", self.text),
            )
            .hint(format!("`count({0})` counts them, `value({0})` takes the only one", self.text))),
            TermKind::Test(_) => Err(JsonPathError::new(
                self.range,
                format!("`{}` is true or false, which cannot be {purpose}", self.text),
            )
            .hint("use the test by itself; `!` before it negates it")),
        }
    }
}
