//! The grammar of XPath 1.0: whether a path has it, and what of it depends on the answer: names that may stand in a default
//! namespace, prefixes, and the steps that a path leads over.

use std::ops::Range;

use super::lex::{Kind, Token, tokens};
use super::XPathError;
use crate::source::suggestion;

/// Deeper nesting is refused, as the evaluator does.
const DEEPEST: usize = 30;
/// Longer paths are no paths that somebody wrote.
const LONGEST: usize = 4096;

/// A name test whose reading depends on the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    /// Where it stands.
    pub(super) range: Range<u32>,
    /// The prefix.
    pub(super) prefix: Option<Box<str>>,
    /// The local name, `*` for any.
    pub(super) local: Box<str>,
    /// Whether it is an attribute that is tested.
    pub(super) attribute: bool,
}

/// What is known of a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The name tests, in their order.
    pub(super) tests: Vec<Test>,
    /// Where each step of the path ends, if the whole is one path from the root: for telling how far it leads.
    pub(super) steps: Vec<u32>,
    /// The last name test of each of these steps.
    pub(super) names: Vec<Option<Box<str>>>,
}

/// Reads a path.
pub(super) fn outline(source: &str) -> Result<Outline, XPathError> {
    if source.len() > LONGEST {
        return Err(XPathError::new(format!("it has more than {LONGEST} characters"), 0..source.len()));
    }
    let tokens = tokens(source)?;
    let mut grammar =
        Grammar { source, tokens: &tokens, at: 0, depth: 0, outline: Outline::default(), whole: true };
    grammar.expression()?;
    if let Some(token) = grammar.peek() {
        let range = token.range.clone();
        return Err(match &token.kind {
            Kind::Sign(sign @ (")" | "]")) => XPathError::new(format!("there is nothing that this `{sign}` closes"), range),
            Kind::Sign("!") => XPathError::new("`!` alone is no operator", range).hint("write `!=`, or `not(…)`"),
            Kind::Sign(":") => XPathError::new("a prefix and its name stand without a space between them", range),
            _ => XPathError::new(format!("`{}` is not expected here", &source[range.clone()]), range)
                .hint("steps are parted by `/`, conditions stand in `[…]`, and operators between values"),
        });
    }
    let Grammar { mut outline, whole, .. } = grammar;
    if !whole {
        outline.steps.clear();
        outline.names.clear();
    }
    Ok(outline)
}

/// The axes, and whether attributes are on them. The namespace axis is not among them: nobody who tests needs it.
const AXES: [&str; 12] = [
    "ancestor",
    "ancestor-or-self",
    "attribute",
    "child",
    "descendant",
    "descendant-or-self",
    "following",
    "following-sibling",
    "parent",
    "preceding",
    "preceding-sibling",
    "self",
];

/// The functions of the core library with the fewest and the most arguments.
pub(super) const FUNCTIONS: [(&str, usize, usize); 27] = [
    ("last", 0, 0),
    ("position", 0, 0),
    ("count", 1, 1),
    ("id", 1, 1),
    ("local-name", 0, 1),
    ("namespace-uri", 0, 1),
    ("name", 0, 1),
    ("string", 0, 1),
    ("concat", 2, usize::MAX),
    ("starts-with", 2, 2),
    ("contains", 2, 2),
    ("substring-before", 2, 2),
    ("substring-after", 2, 2),
    ("substring", 2, 3),
    ("string-length", 0, 1),
    ("normalize-space", 0, 1),
    ("translate", 3, 3),
    ("boolean", 1, 1),
    ("not", 1, 1),
    ("true", 0, 0),
    ("false", 0, 0),
    ("lang", 1, 1),
    ("number", 0, 1),
    ("sum", 1, 1),
    ("floor", 1, 1),
    ("ceiling", 1, 1),
    ("round", 1, 1),
];

const NODE_TYPES: [&str; 4] = ["node", "text", "comment", "processing-instruction"];

struct Grammar<'t> {
    source: &'t str,
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    outline: Outline,
    /// Whether all of it is one path so far.
    whole: bool,
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

    /// Where the next token stands, or the end.
    fn here(&self) -> Range<usize> {
        let end = self.source.len();
        self.peek().map_or(end.saturating_sub(1)..end, |token| token.range.clone())
    }

    fn missing<T>(&self, what: &str) -> Result<T, XPathError> {
        let came = match self.peek() {
            Some(token) => format!("and here is `{}`", &self.source[token.range.clone()]),
            None => "and the path ends".to_owned(),
        };
        Err(XPathError::new(format!("{what} is expected, {came}"), self.here()))
    }

    fn expression(&mut self) -> Result<(), XPathError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(XPathError::new(format!("it nests deeper than {DEEPEST} levels"), self.here()));
        }
        self.operand()?;
        while self.operator() {
            self.whole = false;
            self.operand()?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn operator(&mut self) -> bool {
        let found = match self.peek().map(|token| &token.kind) {
            Some(Kind::Sign(sign)) => {
                matches!(*sign, "=" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "|")
            }
            Some(Kind::Name { prefix: None, local }) => matches!(&**local, "and" | "or" | "div" | "mod"),
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn operand(&mut self) -> Result<(), XPathError> {
        while self.take("-") {
            self.whole = false;
        }
        let Some(token) = self.peek() else { return self.missing("a path or a value") };
        let call = matches!(self.tokens.get(self.at + 1), Some(Token { kind: Kind::Sign("("), .. }));
        match &token.kind {
            Kind::Sign("/") => {
                self.at += 1;
                if self.step_begins() {
                    return self.steps();
                }
                self.step_ends(None);
                Ok(())
            }
            Kind::Sign("//") => {
                self.at += 1;
                self.steps()
            }
            Kind::Literal | Kind::Number => {
                self.whole = false;
                self.at += 1;
                self.behind_a_value()
            }
            Kind::Variable => Err(XPathError::new("there are no variables in such a path", token.range.clone())
                .hint("write the value itself in quotes; a path is not rendered")),
            Kind::Sign("(") => {
                self.whole = false;
                self.at += 1;
                self.expression()?;
                self.close(")", token)?;
                self.behind_a_value()
            }
            Kind::Name { prefix, local } if call && !(prefix.is_none() && NODE_TYPES.contains(&&**local)) => {
                self.whole = false;
                self.function(token, prefix.as_deref(), local)?;
                self.behind_a_value()
            }
            _ => {
                // A path that does not begin at the root leads on from where it stands.
                self.whole &= self.depth > 1;
                self.steps()
            }
        }
    }

    /// Conditions and further steps after what stands in brackets or comes out of a function.
    fn behind_a_value(&mut self) -> Result<(), XPathError> {
        self.conditions()?;
        if self.take("/") || self.take("//") {
            return self.steps();
        }
        Ok(())
    }

    fn function(&mut self, token: &Token, prefix: Option<&str>, local: &str) -> Result<(), XPathError> {
        let found = FUNCTIONS.iter().find(|(known, ..)| prefix.is_none() && *known == local);
        let Some((_, fewest, most)) = found else {
            let written = &self.source[token.range.clone()];
            let problem = XPathError::new(format!("XPath 1.0 has no function `{written}`"), token.range.clone());
            return Err(match (local, suggestion(local, FUNCTIONS.iter().map(|(name, ..)| *name))) {
                ("ends-with", _) => problem.hint("take the value and expect `<ends with …>` of it"),
                ("matches", _) => problem.hint("take the value and expect `<matches …>` of it"),
                ("exists", _) => problem.hint("expect `<any>` of the path, or `<absent>`"),
                (_, Some(meant)) => problem.hint(format!("did you mean `{meant}`?")),
                _ => problem,
            });
        };
        self.at += 2;
        let mut given = 0;
        if !self.sign(")") {
            loop {
                self.expression()?;
                given += 1;
                if !self.take(",") {
                    break;
                }
            }
        }
        self.close(")", token)?;
        if given < *fewest || given > *most {
            let wanted = match (*fewest, *most) {
                (0, 0) => "no argument".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (0, 1) => "one argument or none".to_owned(),
                (fewest, usize::MAX) => format!("{fewest} arguments or more"),
                (fewest, most) if fewest == most => format!("{fewest} arguments"),
                (fewest, most) => format!("{fewest} or {most} arguments"),
            };
            return Err(XPathError::new(format!("`{local}` takes {wanted}, and here are {given}"), token.range.clone()));
        }
        Ok(())
    }

    fn close(&mut self, sign: &'static str, open: &Token) -> Result<(), XPathError> {
        if self.take(sign) {
            return Ok(());
        }
        match self.peek() {
            Some(_) => self.missing(&format!("`{sign}`")),
            None => Err(XPathError::new(format!("this is not closed by `{sign}`"), open.range.clone())),
        }
    }

    fn step_begins(&self) -> bool {
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Sign(sign)) => matches!(*sign, "." | ".." | "@" | "*"),
            Some(Kind::Name { .. } | Kind::Axis(_)) => true,
            _ => false,
        }
    }

    fn steps(&mut self) -> Result<(), XPathError> {
        loop {
            let before = self.outline.tests.len();
            self.step()?;
            let name = self.outline.tests.get(before).filter(|test| !test.attribute).map(|test| test.local.clone());
            self.step_ends(name);
            if !self.take("/") && !self.take("//") {
                return Ok(());
            }
        }
    }

    /// Notes a step of the outermost path.
    fn step_ends(&mut self, name: Option<Box<str>>) {
        if self.depth == 1
            && let Some(last) = self.at.checked_sub(1)
        {
            self.outline.steps.push(small(self.tokens[last].range.end));
            self.outline.names.push(name);
        }
    }

    fn step(&mut self) -> Result<(), XPathError> {
        if self.take(".") || self.take("..") {
            return Ok(());
        }
        let mut attribute = self.take("@");
        if let Some(Token { kind: Kind::Axis(axis), range }) = self.peek() {
            if !AXES.contains(&&**axis) {
                let problem = XPathError::new(format!("there is no axis `{axis}`"), range.clone());
                return Err(match suggestion(axis, AXES) {
                    Some(meant) => problem.hint(format!("did you mean `{meant}`?")),
                    None if &**axis == "namespace" => problem.hint("look at the names with `namespace-uri(…)`"),
                    None => problem.hint(format!("the axes are {}", AXES.join(", "))),
                });
            }
            attribute = &**axis == "attribute";
            self.at += 1;
        }
        self.test(attribute)?;
        self.conditions()
    }

    fn test(&mut self, attribute: bool) -> Result<(), XPathError> {
        let Some(token) = self.peek() else { return self.missing("the name of an element") };
        match &token.kind {
            Kind::Sign("*") => {
                self.at += 1;
                Ok(())
            }
            Kind::Name { prefix, local } => {
                self.at += 1;
                if self.sign("(") {
                    if prefix.is_some() || !NODE_TYPES.contains(&&**local) {
                        let written = &self.source[token.range.clone()];
                        return Err(XPathError::new(format!("`{written}(…)` cannot be a step"), token.range.clone())
                            .hint(format!("put it around the path: `{written}(/…)`")));
                    }
                    self.at += 1;
                    if &**local == "processing-instruction"
                        && matches!(self.peek(), Some(Token { kind: Kind::Literal, .. }))
                    {
                        self.at += 1;
                    }
                    return self.close(")", token);
                }
                let range = small(token.range.start)..small(token.range.end);
                self.outline.tests.push(Test { range, prefix: prefix.clone(), local: local.clone(), attribute });
                Ok(())
            }
            _ => self.missing(if attribute { "the name of an attribute" } else { "the name of an element" }),
        }
    }

    fn conditions(&mut self) -> Result<(), XPathError> {
        while let Some(open @ Token { kind: Kind::Sign("["), .. }) = self.peek() {
            self.at += 1;
            // What is inside the brackets says nothing of the path around them.
            let whole = self.whole;
            self.expression()?;
            self.whole = whole;
            self.close("]", open)?;
        }
        Ok(())
    }
}

/// A place in a path, which has no more than [`LONGEST`] characters.
fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
