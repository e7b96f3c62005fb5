//! The value of a field of a token request.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::json::{Json, ObjectBuilder};
use crate::source::{Diagnostic, Keys, Kind, Node, Read, Reader, Unread};
use crate::template::{Scope, Template};

/// The value of a field of a token request. Lists and mappings are for JSON bodies.
#[derive(Debug, Clone)]
pub enum Field {
    /// Text, rendered.
    Text(Template),
    /// A number, a boolean or null, as it was written and as JSON.
    Scalar(Box<str>, Json),
    /// A list.
    List(Vec<Field>),
    /// A mapping.
    Mapping(Keys<Field>),
}

impl Read for Field {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::String(_) => Template::read(node, reader).map(Self::Text),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
                Ok(Self::Scalar(reader.written(node.span).into(), node.to_json()))
            }
            Kind::Sequence(_) => Vec::read(node, reader).map(Self::List),
            Kind::Mapping(_) => Keys::read(node, reader).map(Self::Mapping),
        }
    }
}

impl Field {
    /// Every template in the field.
    pub(in crate::auth) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::Scalar(..) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Mapping(members) => members.iter().flat_map(|(_, value)| value.templates()).collect(),
        }
    }

    /// Whether a template in it names that variable.
    pub(in crate::auth) fn refers_to(&self, name: &str) -> bool {
        let names = |template: &&Template| template.references().any(|(reference, _)| &*reference.path[0] == name);
        self.templates().iter().any(names)
    }

    /// Its value.
    pub(in crate::auth) fn evaluate(&self, scope: &Scope) -> Result<Json, Diagnostic> {
        Ok(match self {
            Self::Text(template) => template.evaluate(scope)?,
            Self::Scalar(_, literal) => literal.clone(),
            Self::List(items) => {
                Json::array(items.iter().map(|item| item.evaluate(scope)).collect::<Result<Vec<_>, _>>()?)
            }
            Self::Mapping(members) => {
                let mut object = ObjectBuilder::default();
                for (name, value) in members.iter() {
                    object.push(name.value.clone(), value.evaluate(scope)?);
                }
                Json::Object(object.finish())
            }
        })
    }
}

impl JsonSchema for Field {
    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A field's value; `{{ … }}` in it is rendered. JSON bodies may hold trees." })
    }
}
