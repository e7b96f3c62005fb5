//! `ignore`: the places of a document that no comparison looks at.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::capture::read_path;
use crate::jsonpath::JsonPath;
use crate::source::{Kind, Node, Read, Reader, Spanned, Unread};

/// JSONPaths (RFC 9535) to what is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Ignore(pub Vec<Spanned<JsonPath>>);

impl Read for Ignore {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let items = match &node.kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let one = |item: &Node, reader: &mut Reader<'_>| match item.as_str() {
            Some(text) => read_path(text, item, reader),
            None => Err(reader.expected("a JSONPath, such as `$.items[*].updated_at`,", item)),
        };
        reader.each(items, |item| item.span, one).map(Self)
    }
}

impl JsonSchema for Ignore {
    fn schema_name() -> Cow<'static, str> {
        "Ignore".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let path = json_schema!({ "type": "string", "pattern": "^\\$" });
        json_schema!({ "anyOf": [path, { "type": "array", "items": path }] })
    }
}
