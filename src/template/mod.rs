//! Templates: `{{ … }}` in any string of a file. Compiled once when the file is read, rendered many times; strict about
//! what is undefined; everything random comes from the run's seed.

mod analyse;
mod engine;
mod explain;
mod fake;
mod filters;
mod functions;
mod glance;
mod noted;
mod problem;
mod scope;
mod value;
mod words;

pub use analyse::Reference;
pub use engine::is_global as is_function;
pub use explain::{Explained, Seen, Shown};
pub use glance::{Aspect, Glance, Segment};
pub use scope::{Namespace, Scope};
pub use value::{from_json, from_texts, looked_at, to_json};

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use minijinja::Value;

use self::problem::{failed, known, syntax, unclosed, undefined};
use crate::json::Json;
use crate::source::{Diagnostic, Kind, Node, Read, Reader, Span, Style, Unread};

/// A string of a file that may hold `{{ … }}`, compiled.
#[derive(Debug, Clone)]
pub struct Template {
    text: Arc<str>,
    place: Written,
    parts: Parts,
}

/// Where a template's text stands, and whether it stands there letter by letter.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    span: Span,
    /// How many bytes after the span's start the text begins; `None` where escapes make the two differ.
    offset: Option<usize>,
}

impl Written {
    fn part(self, range: Range<usize>) -> Span {
        self.offset.map_or(self.span, |offset| self.span.part(range.start + offset..range.end + offset))
    }
}

#[derive(Debug, Clone)]
enum Parts {
    /// No template at all.
    Literal,
    /// One single `{{ … }}`: keeps its value's type.
    Single(Arc<Expression>),
    /// Text and expressions in turn.
    Mixed(Arc<[Part]>),
    /// With `{% … %}` or `{# … #}`: rendered by the engine as a whole.
    Block(Arc<[Reference]>),
}

#[derive(Debug)]
enum Part {
    Text(Range<usize>),
    Expression(Expression),
}

/// A compiled expression: what stands inside `{{ … }}`, or alone in `that`.
pub struct Expression {
    text: Arc<str>,
    place: Written,
    compiled: Arc<engine::Compiled>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({:?})", self.text)
    }
}

impl Template {
    /// Compiles a text that no file holds (an option's value, a default).
    ///
    /// # Errors
    /// What is wrong with the template.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        Self::compile(text.into(), Written::default(), "")
    }

    /// A text that is taken as it is, whatever it holds.
    pub fn literal(text: impl Into<Arc<str>>, span: Span) -> Self {
        Self { text: text.into(), place: Written { span, offset: None }, parts: Parts::Literal }
    }

    /// Compiles the string of a node. Numbers and booleans are taken as they were written.
    ///
    /// # Errors
    /// [`Unread`], after what is wrong was reported.
    pub fn of(node: &Node, reader: &mut Reader<'_>, what: &str) -> Result<Self, Unread> {
        let text = reader.scalar_text(node, what)?;
        let place = written(node, &text, reader);
        let raw = reader.written(node.span);
        Self::compile(text, place, raw).map_err(|problem| reader.report(problem))
    }

    /// Compiles a part of a node's string, which begins `offset` bytes into it.
    ///
    /// # Errors
    /// What is wrong with the template.
    pub fn within(node: &Node, whole: &str, part: Range<usize>, reader: &Reader<'_>) -> Result<Self, Diagnostic> {
        let mut place = written(node, whole, reader);
        place.span = place.part(part.clone());
        place.offset = place.offset.map(|_| 0);
        Self::compile(whole[part].into(), place, reader.written(place.span))
    }

    /// `raw` is what the file has at that place: in a block of several lines an expression is looked for there, for the
    /// text is indented in the file.
    fn compile(text: Arc<str>, place: Written, raw: &str) -> Result<Self, Diagnostic> {
        let mut seen = 0;
        let mut within = |range: Range<usize>, braces: usize| {
            if place.offset.is_some() {
                return Written { span: place.part(range), offset: Some(0) };
            }
            let whole = text.get(range.start - braces..range.end + braces).unwrap_or_default();
            let Some(found) = raw.get(seen..).and_then(|rest| rest.find(whole)) else { return place };
            let start = seen + found + braces;
            seen = start + range.len();
            Written { span: place.span.part(start..start + range.len()), offset: Some(0) }
        };
        let parts = if !text.contains(['{']) || !["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
            Parts::Literal
        } else if text.contains("{%") || text.contains("{#") || text.contains("{{-") || text.contains("-}}") {
            let references = engine::check_block(&text).map_err(|error| syntax(&error, &text, place))?;
            known(&references, place)?;
            Parts::Block(references.into())
        } else {
            let parts = split(&text).map_err(|at| {
                // Up to the end of its line; the rest of a block of text is not meant.
                let end = text[at..].find('\n').map_or(text.len(), |line| at + line);
                unclosed(within(at..end, 0).span)
            })?;
            let mut compiled = Vec::with_capacity(parts.len());
            for (range, is_expression) in parts {
                compiled.push(if is_expression {
                    let place = within(range.clone(), 2);
                    Part::Expression(Expression::compile(text[range].into(), place)?)
                } else {
                    Part::Text(range)
                });
            }
            match <[Part; 1]>::try_from(compiled) {
                Ok([Part::Expression(single)]) => Parts::Single(Arc::new(single)),
                Ok([text]) => Parts::Mixed(Arc::new([text])),
                Err(several) => Parts::Mixed(several.into()),
            }
        };
        Ok(Self { text, place, parts })
    }

    /// The text as it was written, escapes of YAML undone.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.place.span
    }

    /// The text, if there is nothing to render.
    pub fn as_literal(&self) -> Option<&str> {
        matches!(self.parts, Parts::Literal).then_some(&*self.text)
    }

    /// What names the template refers to.
    pub fn references(&self) -> Box<dyn Iterator<Item = (&Reference, Span)> + '_> {
        match &self.parts {
            Parts::Literal => Box::new(std::iter::empty()),
            Parts::Single(expression) => Box::new(expression.references()),
            Parts::Mixed(parts) => Box::new(parts.iter().flat_map(|part| match part {
                Part::Text(_) => None.into_iter().flatten(),
                Part::Expression(expression) => Some(expression.references()).into_iter().flatten(),
            })),
            Parts::Block(references) => Box::new(references.iter().map(|reference| (reference, self.place.span))),
        }
    }

    /// The places that decide what comes out.
    pub fn glances(&self) -> Vec<Glance> {
        match &self.parts {
            Parts::Literal => Vec::new(),
            Parts::Single(expression) => expression.glances(),
            Parts::Mixed(parts) => {
                let within = |part: &Part| match part {
                    Part::Text(_) => Vec::new(),
                    Part::Expression(expression) => expression.glances(),
                };
                parts.iter().flat_map(within).collect()
            }
            // What a block does with a variable is the engine's matter: all of it may be looked at.
            Parts::Block(references) => references
                .iter()
                .filter(|reference| reference.is_variable())
                .map(|reference| Glance {
                    root: reference.path[0].clone(),
                    path: reference.path[1..].iter().map(|name| Segment::Name(Box::from(&**name))).collect(),
                    of: Aspect::Whole,
                })
                .collect(),
        }
    }

    /// The text that comes out.
    ///
    /// # Errors
    /// What could not be rendered, with the variable and its place.
    pub fn render<'t>(&'t self, scope: &Scope) -> Result<Cow<'t, str>, Diagnostic> {
        match &self.parts {
            Parts::Literal => Ok(Cow::Borrowed(&self.text)),
            Parts::Single(expression) => Ok(engine::printed(&expression.evaluate(scope)?).into()),
            Parts::Mixed(parts) => {
                let mut out = String::with_capacity(self.text.len());
                for part in parts.iter() {
                    match part {
                        Part::Text(range) => out.push_str(&self.text[range.clone()]),
                        Part::Expression(expression) => out.push_str(&engine::printed(&expression.evaluate(scope)?)),
                    }
                }
                Ok(out.into())
            }
            Parts::Block(references) => engine::render_block(&self.text, scope)
                .map(Cow::Owned)
                .map_err(|error| failed(&error, &self.text, self.place, references, scope)),
        }
    }

    /// The value that comes out: that of a single expression with its type, else the text.
    ///
    /// # Errors
    /// As for [`Template::render`].
    pub fn evaluate(&self, scope: &Scope) -> Result<Json, Diagnostic> {
        match &self.parts {
            Parts::Single(expression) => Ok(to_json(&expression.evaluate(scope)?)),
            _ => self.render(scope).map(|text| Json::from(&*text)),
        }
    }

    /// As [`Template::evaluate`], as the engine's own value: what variables hold.
    ///
    /// # Errors
    /// As for [`Template::render`].
    pub fn value(&self, scope: &Scope) -> Result<Value, Diagnostic> {
        match &self.parts {
            Parts::Single(expression) => expression.evaluate(scope),
            _ => self.render(scope).map(|text| Value::from(&*text)),
        }
    }
}

impl Read for Template {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        Self::of(node, reader, "a string")
    }
}

impl schemars::JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number", "boolean"],
            "description": "Text; `{{ … }}` in it is rendered."
        })
    }
}

impl Expression {
    /// Compiles an expression that stands alone, without braces.
    ///
    /// # Errors
    /// [`Unread`], after what is wrong was reported.
    pub fn of(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let text = match &node.kind {
            Kind::String(text) => text.clone(),
            Kind::Bool(_) | Kind::Number(_) => reader.written(node.span).into(),
            _ => return Err(reader.expected("an expression", node)),
        };
        let mut place = written(node, &text, reader);
        let trimmed = text.trim();
        let inner = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or(trimmed).trim();
        let start = inner.as_ptr() as usize - text.as_ptr() as usize;
        place.span = place.part(start..start + inner.len());
        place.offset = place.offset.map(|_| 0);
        if inner.is_empty() {
            return Err(reader.report(
                Diagnostic::error("template.syntax", "this expression is empty")
                    .at(node.span, "")
                    .help("write one, for example `json.id == 7`"),
            ));
        }
        Self::compile(inner.into(), place).map_err(|mut problem| {
            if inner.contains("{{") && problem.id == "template.syntax" {
                problem.help = vec!["the whole is an expression: leave out the `{{` and `}}`".to_owned()];
            }
            reader.report(problem)
        })
    }

    fn compile(text: Arc<str>, place: Written) -> Result<Self, Diagnostic> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Diagnostic::error("template.syntax", "there is nothing between `{{` and `}}`")
                .at(place.span, "")
                .help("write the name of a variable, for example `{{ env.name }}`"));
        }
        let compiled = engine::compiled(&text).map_err(|error| syntax(&error, &text, place))?;
        known(&compiled.references, place)?;
        Ok(Self { text, place, compiled })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.place.span
    }

    /// The places that it looks at.
    pub fn glances(&self) -> Vec<Glance> {
        glance::glances(&self.text)
    }

    /// What names it refers to, and where.
    pub fn references(&self) -> impl Iterator<Item = (&Reference, Span)> {
        self.compiled.references.iter().map(|reference| (reference, self.place.part(reference.range.clone())))
    }

    /// The value; never undefined.
    ///
    /// # Errors
    /// What could not be evaluated, with the variable and its place.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, Diagnostic> {
        match self.compiled.expression.eval(scope.context()) {
            Ok(value) if !value.is_undefined() => Ok(value),
            Ok(_) => Err(undefined(&self.compiled.references, self.place, scope).unwrap_or_else(|| {
                let start = self.text.len() - self.text.trim_start().len();
                let text = self.text.trim();
                let help = match text.strip_prefix("fake.").filter(|name| fake::NAMES.contains(name)) {
                    Some(_) => format!("call it: `{text}()`"),
                    None => format!("if the value may be missing, write `{text} | default('none')`"),
                };
                Diagnostic::error("template.undefined", format!("`{text}` has no value"))
                    .at(self.place.part(start..start + text.len()), "")
                    .help(help)
            })),
            Err(error) => Err(failed(&error, &self.text, self.place, &self.compiled.references, scope)),
        }
    }

    /// Whether the value is true, as `if` sees it.
    ///
    /// # Errors
    /// As for [`Expression::evaluate`].
    pub fn holds(&self, scope: &Scope) -> Result<bool, Diagnostic> {
        self.evaluate(scope).map(|value| value.is_true())
    }

    /// As [`Expression::holds`]; where it does not hold, also the value of every part of it. Functions that give another
    /// value each time are not called again for that.
    pub fn judge(&self, scope: &Scope) -> (Result<bool, Diagnostic>, Option<Box<Explained>>) {
        let (verdict, noted) = noted::noting(|| self.holds(scope));
        let explained = match &verdict {
            Ok(true) => None,
            Ok(false) | Err(_) => Some(Box::new(explain::explain(&self.text, scope, noted))),
        };
        (verdict, explained)
    }

    /// Where a part of its text stands.
    pub fn place(&self, range: Range<usize>) -> Span {
        self.place.part(range)
    }
}

/// Where the text of a node's string begins in the file, if it stands there as it is.
fn written(node: &Node, text: &str, reader: &Reader<'_>) -> Written {
    let raw = reader.written(node.span);
    let offset = match node.style {
        Style::SingleQuoted | Style::DoubleQuoted => 1,
        _ => 0,
    };
    let same = raw.get(offset..offset + text.len()).is_some_and(|inner| inner == text);
    Written { span: node.span, offset: same.then_some(offset) }
}

/// The parts of a text, expressions without their braces. The error is where an unclosed `{{` stands.
pub(crate) fn split(text: &str) -> Result<Vec<(Range<usize>, bool)>, usize> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let open = at + found;
        if open > at {
            parts.push((at..open, false));
        }
        let (mut here, mut depth, mut quote) = (open + 2, 0_usize, None);
        let close = loop {
            let byte = *bytes.get(here).ok_or(open)?;
            match (quote, byte) {
                (Some(_), b'\\') => here += 1,
                (Some(open), byte) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'{') => depth += 1,
                (None, b'}') if depth > 0 => depth -= 1,
                (None, b'}') if bytes.get(here + 1) == Some(&b'}') => break here,
                _ => {}
            }
            here += 1;
        };
        parts.push((open + 2..close, true));
        at = close + 2;
    }
    if at < text.len() || parts.is_empty() {
        parts.push((at..text.len(), false));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
