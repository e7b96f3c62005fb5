//! What a call sends: a body, and values that may be repeated.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::tree::Tree;
use crate::json::Json;
use crate::source::{Diagnostic, Keys, Kind, Node, Read, Reader, Span, Unread, mapping};
use crate::template::{Reference, Scope, Template};

/// A body as it is written.
#[derive(Debug, Clone)]
pub enum BodyWritten {
    /// None.
    Empty,
    /// `json`
    Json(Tree),
    /// `form`
    Form(Keys<Values>),
    /// `multipart`
    Multipart(Keys<OneOrMore<PartWritten>>),
    /// `graphql`
    Graphql(Box<Graphql>),
    /// `text`
    Text(Template),
    /// `file`
    File(Template),
}

/// A value that may be repeated: of a query parameter, a header field, a form field.
#[derive(Debug, Clone, Default)]
pub struct Values(pub Vec<Template>);

impl Values {
    /// The texts: a list repeats, null leaves out, all else is one text.
    ///
    /// # Errors
    /// What could not be rendered.
    pub fn render(&self, scope: &Scope) -> Result<Vec<String>, Diagnostic> {
        let mut texts = Vec::with_capacity(self.0.len());
        for template in &self.0 {
            if let Some(text) = template.as_literal() {
                texts.push(text.to_owned());
                continue;
            }
            let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match template.evaluate(scope)? {
                Json::Null => {}
                Json::Array(items) => texts.extend(items.iter().map(text)),
                value => texts.push(text(&value)),
            }
        }
        Ok(texts)
    }

    /// What the templates refer to.
    pub fn references(&self) -> impl Iterator<Item = (&Reference, Span)> {
        self.0.iter().flat_map(Template::references)
    }
}

impl Read for Values {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Null => Ok(Self::default()),
            Kind::Sequence(items) => reader.each(items, |item| item.span, Template::read).map(Self),
            Kind::Mapping(_) => Err(reader.expected("a text, or a list of texts,", node)),
            _ => Template::read(node, reader).map(|template| Self(vec![template])),
        }
    }
}

impl JsonSchema for Values {
    fn schema_name() -> Cow<'static, str> {
        "Values".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number", "boolean", "null", "array"],
            "items": { "type": ["string", "number", "boolean"] },
            "description": "A text; a list repeats the name, null leaves it out."
        })
    }
}

/// One value or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMore<T>(pub Vec<T>);

impl<T: Read> Read for OneOrMore<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Sequence(_) => Vec::read(node, reader).map(Self),
            _ => T::read(node, reader).map(|one| Self(vec![one])),
        }
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMore<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("One_or_more_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

/// A part of a multipart body.
#[derive(Debug, Clone)]
pub enum PartWritten {
    /// A text field.
    Text(Template),
    /// A file, or a text or JSON with a content type of its own.
    Detailed(Box<PartKeys>),
}

mapping! {
    /// A part of a multipart body: a `file`, a `text` or a `json`.
    pub struct PartKeys("a part") {
        required {}
        optional {
            /// A file beside the scenario.
            "file" => file: Option<Template>,
            /// A text.
            "text" => text: Option<Template>,
            /// A JSON document.
            "json" => json: Option<Tree>,
            /// The name the file is sent under; by default its own.
            "filename" => filename: Option<Template>,
            /// The part's content type.
            "type" => content_type: Option<Template>,
        }
    }
}

impl Read for PartWritten {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.entries().is_none() {
            return Template::read(node, reader).map(Self::Text);
        }
        let keys = PartKeys::read(node, reader)?;
        let contents =
            [keys.file.is_some(), keys.text.is_some(), keys.json.is_some()].into_iter().filter(|one| *one).count();
        if contents == 1 {
            return Ok(Self::Detailed(Box::new(keys)));
        }
        // A key that a part does not have was meant to be its content, and is told already.
        if node.entries().is_some_and(|entries| entries.len() > keys.at.keys().count()) {
            return Err(Unread);
        }
        Err(reader.report(
            Diagnostic::error("format.part", "a part needs exactly one of `file`, `text` and `json`")
                .at(node.span, "")
                .help(if contents == 0 { "for example `{ file: photo.jpg }`" } else { "keep one of them" }),
        ))
    }
}

impl JsonSchema for PartWritten {
    fn schema_name() -> Cow<'static, str> {
        "Part".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let keys = generator.subschema_for::<PartKeys>();
        json_schema!({ "anyOf": [{ "type": ["string", "number", "boolean"] }, keys] })
    }
}

mapping! {
    /// A GraphQL query over POST; it fails on any `errors` unless the step expects them.
    pub struct Graphql("`graphql`") {
        required {}
        optional {
            /// The query; or `file`.
            "query" => query: Option<Template>,
            /// A file with the query.
            "file" => file: Option<Template>,
            /// The query's variables.
            "variables" => variables: Keys<Tree>,
            /// Which of the file's operations is meant.
            "operation" => operation: Option<Template>,
        }
    }
}
