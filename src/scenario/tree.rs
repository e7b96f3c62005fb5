//! A value that a file writes out, with templates anywhere in it: a JSON body, a variable, a fragment's parameter.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::json::{Json, ObjectBuilder};
use crate::source::{Diagnostic, Entry, Kind, Node, Read, Reader, Span, Unread};
use crate::template::{Reference, Scope, Template};

/// A written value. What holds no template is kept as the JSON it is.
#[derive(Debug, Clone)]
pub struct Tree {
    /// Where it stands.
    pub span: Span,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Literal(Arc<Json>),
    Template(Template),
    Array(Vec<Tree>),
    Object(Vec<(Template, Tree)>),
}

impl Tree {
    /// The value with its templates rendered.
    ///
    /// # Errors
    /// What could not be rendered.
    pub fn evaluate(&self, scope: &Scope) -> Result<Arc<Json>, Diagnostic> {
        match &self.content {
            Content::Literal(json) => Ok(json.clone()),
            _ => self.build(scope).map(Arc::new),
        }
    }

    fn build(&self, scope: &Scope) -> Result<Json, Diagnostic> {
        Ok(match &self.content {
            Content::Literal(json) => (**json).clone(),
            Content::Template(template) => template.evaluate(scope)?,
            Content::Array(items) => {
                Json::Array(items.iter().map(|item| item.build(scope)).collect::<Result<Vec<_>, _>>()?.into())
            }
            Content::Object(members) => {
                let mut object = ObjectBuilder::default();
                for (key, value) in members {
                    object.push(key.render(scope)?.as_ref().into(), value.build(scope)?);
                }
                Json::Object(object.finish())
            }
        })
    }

    /// The value, if it holds no template.
    pub fn as_literal(&self) -> Option<&Arc<Json>> {
        match &self.content {
            Content::Literal(json) => Some(json),
            _ => None,
        }
    }

    /// Its templates.
    pub fn templates(&self) -> Vec<&Template> {
        match &self.content {
            Content::Literal(_) => Vec::new(),
            Content::Template(template) => vec![template],
            Content::Array(items) => items.iter().flat_map(Self::templates).collect(),
            Content::Object(members) => {
                members.iter().flat_map(|(key, value)| [vec![key], value.templates()].concat()).collect()
            }
        }
    }

    /// What its templates refer to.
    pub fn references(&self) -> Box<dyn Iterator<Item = (&Reference, Span)> + '_> {
        match &self.content {
            Content::Literal(_) => Box::new(std::iter::empty()),
            Content::Template(template) => template.references(),
            Content::Array(items) => Box::new(items.iter().flat_map(Self::references)),
            Content::Object(members) => {
                Box::new(members.iter().flat_map(|(key, value)| key.references().chain(value.references())))
            }
        }
    }
}

impl Read for Tree {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let literal = |json: Json| Content::Literal(Arc::new(json));
        let content = match &node.kind {
            Kind::String(text) if text.contains('{') => {
                let template = Template::read(node, reader)?;
                if template.as_literal().is_some() { literal(node.to_json()) } else { Content::Template(template) }
            }
            Kind::Sequence(items) => {
                let items = reader.each(items, |item| item.span, Self::read)?;
                if items.iter().all(|item| item.as_literal().is_some()) {
                    literal(node.to_json())
                } else {
                    Content::Array(items)
                }
            }
            Kind::Mapping(entries) => {
                let member = |entry: &Entry, reader: &mut Reader<'_>| {
                    let key = Node {
                        span: entry.key.span,
                        style: crate::source::Style::Plain,
                        kind: Kind::String(entry.key.value.clone()),
                    };
                    let (key, value) = (Template::read(&key, reader), Self::read(&entry.value, reader));
                    Ok((key?, value?))
                };
                let members = reader.each(entries, Entry::span, member)?;
                let plain =
                    members.iter().all(|(key, value)| key.as_literal().is_some() && value.as_literal().is_some());
                if plain { literal(node.to_json()) } else { Content::Object(members) }
            }
            _ => literal(node.to_json()),
        };
        Ok(Self { span: node.span, content })
    }
}

impl JsonSchema for Tree {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "Any value; `{{ … }}` in its strings is rendered." })
    }
}
