//! The grammar of XPath 1.0. What is wrong is told at its place.

use std::ops::Range;

use super::XPathError;
use super::ast::{Axis, Expr, FUNCTIONS, Operator, Step, Test};
use super::lex::{Kind, Token, tokens};
use crate::source::suggestion;

/// Deeper nesting is refused.
const DEEPEST: usize = 30;
/// Longer paths, and paths of more operators, are none that somebody wrote.
const LONGEST: usize = 4096;
const OPERATORS: usize = 100;

/// Reads an expression.
pub(super) fn parse(source: &str) -> Result<Expr, XPathError> {
    if source.len() > LONGEST {
        return Err(XPathError::new(format!("it has more than {LONGEST} characters"), 0..source.len()));
    }
    let tokens = tokens(source)?;
    let mut grammar = Grammar { source, tokens: &tokens, at: 0, depth: 0, operators: 0 };
    let expression = grammar.expression()?;
    let Some(token) = grammar.peek() else { return Ok(expression) };
    let range = token.range.clone();
    Err(match &token.kind {
        Kind::Sign(sign @ (")" | "]")) => XPathError::new(format!("there is nothing that this `{sign}` closes"), range),
        Kind::Sign("!") => XPathError::new("`!` alone is no operator", range).hint("write `!=`, or `not(…)`"),
        Kind::Sign(":") => XPathError::new("a prefix and its name stand without a space between them", range),
        _ => XPathError::new(format!("`{}` is not expected here", &source[range.clone()]), range)
            .hint("steps are parted by `/`, conditions stand in `[…]`, and operators between values"),
    })
}

/// The operators by how closely they bind, the loosest first (section 3.4).
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[("=", Operator::Equal), ("!=", Operator::NotEqual)],
    &[("<", Operator::Less), ("<=", Operator::LessOrEqual), (">", Operator::Greater), (">=", Operator::GreaterOrEqual)],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("div", Operator::Div), ("mod", Operator::Mod)],
];

struct Grammar<'t> {
    source: &'t str,
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    operators: usize,
}

impl<'t> Grammar<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn sign(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: Kind::Sign(sign), .. }) if *sign == wanted)
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.sign(wanted);
        self.at += usize::from(found);
        found
    }

    /// Where the next token stands, or the last one.
    fn here(&self) -> Range<usize> {
        let last = || self.tokens.last().map_or(0..self.source.len(), |token| token.range.clone());
        self.peek().map_or_else(last, |token| token.range.clone())
    }

    fn missing(&self, what: &str) -> XPathError {
        let came = match self.peek() {
            Some(token) => format!("and here is `{}`", &self.source[token.range.clone()]),
            None => "and the path ends".to_owned(),
        };
        XPathError::new(format!("{what} is expected, {came}"), self.here())
    }

    fn expression(&mut self) -> Result<Expr, XPathError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(XPathError::new(format!("it nests deeper than {DEEPEST} levels"), self.here()));
        }
        let read = self.level(0);
        self.depth -= 1;
        read
    }

    fn level(&mut self, level: usize) -> Result<Expr, XPathError> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(operators)? {
            let right = self.level(level + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn operator(&mut self, among: &[(&str, Operator)]) -> Result<Option<Operator>, XPathError> {
        let written = match self.peek().map(|token| &token.kind) {
            Some(Kind::Sign(sign)) => *sign,
            Some(Kind::Name { prefix: None, local }) => local,
            _ => return Ok(None),
        };
        let Some((_, operator)) = among.iter().find(|(known, _)| *known == written) else { return Ok(None) };
        self.count_operator()?;
        self.at += 1;
        Ok(Some(*operator))
    }

    fn count_operator(&mut self) -> Result<(), XPathError> {
        self.operators += 1;
        if self.operators > OPERATORS {
            return Err(XPathError::new(format!("it has more than {OPERATORS} operators"), self.here()));
        }
        Ok(())
    }

    fn unary(&mut self) -> Result<Expr, XPathError> {
        let mut negated = false;
        while self.take("-") {
            negated = !negated;
        }
        let mut left = self.path()?;
        while self.sign("|") {
            let before = self.here();
            self.count_operator()?;
            self.at += 1;
            let right = self.path()?;
            if !left.gives_nodes() || !right.gives_nodes() {
                return Err(XPathError::new("`|` joins what two paths find, and here is a value", before));
            }
            left = Expr::Binary(Operator::Union, Box::new(left), Box::new(right));
        }
        Ok(if negated { Expr::Negated(Box::new(left)) } else { left })
    }

    fn path(&mut self) -> Result<Expr, XPathError> {
        let Some(token) = self.peek() else { return Err(self.missing("a path or a value")) };
        let call = matches!(self.tokens.get(self.at + 1), Some(Token { kind: Kind::Sign("("), .. }));
        let value = match &token.kind {
            Kind::Sign("/") => {
                self.at += 1;
                let mut steps = Vec::new();
                if self.step_begins() {
                    self.steps(&mut steps)?;
                }
                return Ok(Expr::Path { absolute: true, steps });
            }
            Kind::Sign("//") => {
                self.at += 1;
                let mut steps = vec![anywhere(token.range.start)];
                self.steps(&mut steps)?;
                return Ok(Expr::Path { absolute: true, steps });
            }
            Kind::Literal => {
                self.at += 1;
                Expr::Text(self.source[token.range.start + 1..token.range.end - 1].into())
            }
            Kind::Number => {
                self.at += 1;
                let written = &self.source[token.range.clone()];
                let no_number = || XPathError::new(format!("`{written}` is not a number"), token.range.clone());
                Expr::Number(written.parse().map_err(|_| no_number())?)
            }
            Kind::Variable => {
                return Err(XPathError::new("there are no variables in such a path", token.range.clone())
                    .hint("write the value itself in quotes; a path is not rendered"));
            }
            Kind::Sign("(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.close(")", token)?;
                inner
            }
            Kind::Name { prefix, local } if call && (prefix.is_some() || node_type(local).is_none()) => {
                self.function(token, prefix.as_deref(), local)?
            }
            _ => {
                let mut steps = Vec::new();
                self.steps(&mut steps)?;
                return Ok(Expr::Path { absolute: false, steps });
            }
        };
        self.behind_a_value(value)
    }

    /// Conditions and further steps after what stands in brackets or comes out of a function.
    fn behind_a_value(&mut self, value: Expr) -> Result<Expr, XPathError> {
        let here = self.here();
        let conditions = self.conditions()?;
        let mut steps = Vec::new();
        if self.sign("//") {
            steps.push(anywhere(self.here().start));
        }
        if self.take("/") || self.take("//") {
            self.steps(&mut steps)?;
        }
        if conditions.is_empty() && steps.is_empty() {
            return Ok(value);
        }
        if !value.gives_nodes() {
            return Err(XPathError::new("what stands before this is a value, and not what a path finds", here));
        }
        Ok(Expr::Filter { value: Box::new(value), conditions, steps })
    }

    fn function(&mut self, token: &Token, prefix: Option<&str>, local: &str) -> Result<Expr, XPathError> {
        let found = FUNCTIONS.iter().find(|(known, ..)| prefix.is_none() && *known == local);
        let Some((name, fewest, most)) = found else { return Err(self.unknown_function(token, local)) };
        self.at += 2;
        let mut given = Vec::new();
        if !self.sign(")") {
            loop {
                given.push(self.expression()?);
                if !self.take(",") {
                    break;
                }
            }
        }
        self.close(")", token)?;
        let count = given.len();
        if count < *fewest || count > *most {
            let wanted = match (*fewest, *most) {
                (0, 0) => "no argument".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (0, 1) => "one argument or none".to_owned(),
                (fewest, usize::MAX) => format!("{fewest} arguments or more"),
                (fewest, most) if fewest == most => format!("{fewest} arguments"),
                (fewest, most) => format!("{fewest} or {most} arguments"),
            };
            let verb = if count == 1 { "is" } else { "are" };
            let what = format!("`{local}` takes {wanted}, and here {verb} {count}");
            return Err(XPathError::new(what, token.range.clone()));
        }
        let of_nodes = matches!(*name, "count" | "sum" | "local-name" | "name" | "namespace-uri");
        if of_nodes && given.iter().any(|argument| !argument.gives_nodes()) {
            return Err(XPathError::new(format!("`{local}` takes a path, and here is a value"), token.range.clone()));
        }
        Ok(Expr::Call(name, given))
    }

    fn unknown_function(&self, token: &Token, local: &str) -> XPathError {
        let written = &self.source[token.range.clone()];
        let problem = XPathError::new(format!("XPath 1.0 has no function `{written}`"), token.range.clone());
        match (local, suggestion(local, FUNCTIONS.iter().map(|(name, ..)| *name))) {
            ("ends-with", _) => problem.hint("take the value and expect `<ends with …>` of it"),
            ("matches", _) => problem.hint("take the value and expect `<matches …>` of it"),
            ("exists", _) => problem.hint("expect `<any>` of the path, or `<absent>`"),
            (_, Some(meant)) => problem.hint(format!("did you mean `{meant}`?")),
            _ => problem,
        }
    }

    fn close(&mut self, sign: &'static str, open: &Token) -> Result<(), XPathError> {
        if self.take(sign) {
            return Ok(());
        }
        Err(match self.peek() {
            Some(_) => self.missing(&format!("`{sign}`")),
            None => XPathError::new(format!("this is not closed by `{sign}`"), open.range.clone()),
        })
    }

    fn step_begins(&self) -> bool {
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Sign(sign)) => matches!(*sign, "." | ".." | "@" | "*"),
            Some(Kind::Name { .. } | Kind::Axis(_)) => true,
            _ => false,
        }
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), XPathError> {
        loop {
            steps.push(self.step()?);
            if self.sign("//") {
                steps.push(anywhere(self.here().start));
            }
            if !self.take("/") && !self.take("//") {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step, XPathError> {
        let begin = self.here().start;
        let (axis, test) = if self.take(".") {
            (Axis::Own, Test::Node)
        } else if self.take("..") {
            (Axis::Parent, Test::Node)
        } else {
            let axis = self.axis()?;
            (axis, self.test(axis)?)
        };
        let conditions = self.conditions()?;
        let end = self.at.checked_sub(1).map_or(begin, |last| self.tokens[last].range.end);
        Ok(Step { axis, test, conditions, begin, end })
    }

    fn axis(&mut self) -> Result<Axis, XPathError> {
        if self.take("@") {
            return Ok(Axis::Attribute);
        }
        let Some(Token { kind: Kind::Axis(name), range }) = self.peek() else { return Ok(Axis::Child) };
        if let Some((_, axis)) = Axis::ALL.iter().find(|(known, _)| *known == &**name) {
            self.at += 1;
            return Ok(*axis);
        }
        let problem = XPathError::new(format!("there is no axis `{name}`"), range.clone());
        Err(match suggestion(name, Axis::ALL.iter().map(|(known, _)| *known)) {
            _ if &**name == "namespace" => problem.hint("look at the names with `namespace-uri(…)`"),
            Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
            None => {
                let known: Vec<&str> = Axis::ALL.iter().map(|(known, _)| *known).collect();
                problem.hint(format!("the axes are {}", known.join(", ")))
            }
        })
    }

    fn test(&mut self, axis: Axis) -> Result<Test, XPathError> {
        let what = if axis == Axis::Attribute { "the name of an attribute" } else { "the name of an element" };
        let Some(token) = self.peek() else { return Err(self.missing(what)) };
        match &token.kind {
            Kind::Sign("*") => {
                self.at += 1;
                Ok(Test::Any)
            }
            Kind::Name { prefix, local } => {
                self.at += 1;
                if !self.sign("(") {
                    return Ok(Test::Name { prefix: prefix.clone(), local: local.clone() });
                }
                if prefix.is_none() && FUNCTIONS.iter().any(|(known, ..)| *known == &**local) {
                    return Err(XPathError::new(format!("`{local}(…)` cannot be a step"), token.range.clone())
                        .hint(format!("put it around the path: `{local}(/…)`")));
                }
                let Some(test) = node_type(local).filter(|_| prefix.is_none()) else {
                    return Err(self.unknown_function(token, local));
                };
                self.at += 1;
                let target = match self.peek() {
                    Some(Token { kind: Kind::Literal, range }) if matches!(test, Test::Instruction(_)) => {
                        self.at += 1;
                        Some(self.source[range.start + 1..range.end - 1].into())
                    }
                    _ => None,
                };
                self.close(")", token)?;
                Ok(if target.is_some() { Test::Instruction(target) } else { test })
            }
            _ => Err(self.missing(what)),
        }
    }

    fn conditions(&mut self) -> Result<Vec<Expr>, XPathError> {
        let mut conditions = Vec::new();
        while let Some(open @ Token { kind: Kind::Sign("["), .. }) = self.peek() {
            self.at += 1;
            conditions.push(self.expression()?);
            self.close("]", open)?;
        }
        Ok(conditions)
    }
}

/// What `//` stands for.
fn anywhere(at: usize) -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Node, conditions: Vec::new(), begin: at, end: at }
}

fn node_type(name: &str) -> Option<Test> {
    match name {
        "node" => Some(Test::Node),
        "text" => Some(Test::Text),
        "comment" => Some(Test::Comment),
        "processing-instruction" => Some(Test::Instruction(None)),
        _ => None,
    }
}
