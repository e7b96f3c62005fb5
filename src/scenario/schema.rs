//! `schema`: the JSON Schema that a body must be as, in a file beside the scenario or written out.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use schemars::{JsonSchema, SchemaGenerator, json_schema};

use super::{Action, Expect, Step};
use crate::schema::Schema;
use crate::source::{Diagnostic, Kind, Node, Read, Reader, Span, Unread};

/// A schema that is expected of a body.
#[derive(Debug, Clone)]
pub struct SchemaExpected {
    /// Where it is named or written.
    pub span: Span,
    /// What was written.
    pub written: SchemaWritten,
    /// The schema itself, once the project has been loaded.
    loaded: OnceLock<Arc<Schema>>,
}

/// Where a schema stands.
#[derive(Debug, Clone)]
pub enum SchemaWritten {
    /// In this file, beside the one that names it.
    File(Arc<str>),
    /// Here.
    Inline(Node),
}

impl SchemaExpected {
    /// The schema. None where it could not be read, so that nothing is run.
    pub fn schema(&self) -> Option<&Arc<Schema>> {
        self.loaded.get()
    }

    /// Puts in the schema that was loaded for it.
    pub fn load(&self, schema: Arc<Schema>) {
        // A fragment may be loaded for several scenarios: it is the same schema.
        let _ = self.loaded.set(schema);
    }

    /// The schema that a step expects.
    pub fn of_step(step: &Step) -> Option<&Self> {
        let expect: &Expect = match &step.action {
            Action::Call(call) => &call.expect,
            Action::AuthCheck(check) => &check.call.expect,
            Action::Use(_) | Action::Pause(_) => return None,
        };
        expect.keys.as_ref()?.schema.as_deref()
    }
}

impl Read for SchemaExpected {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let written = match &node.kind {
            Kind::String(path) => SchemaWritten::File(path.clone()),
            Kind::Mapping(_) | Kind::Bool(_) => SchemaWritten::Inline(node.clone()),
            _ => return Err(reader.expected("a file with a JSON Schema, or the schema itself,", node)),
        };
        if let Some(at) = template_in(node) {
            return Err(reader.report(
                Diagnostic::error("schema.template", "a schema is taken as it is: nothing in it is rendered")
                    .at(at, "a template")
                    .help("say with `json`, `at` or `that` what depends on a value")
                    .help("if braces are really meant, put the schema in a file: there they mean nothing"),
            ));
        }
        Ok(Self { span: node.span, written, loaded: OnceLock::new() })
    }
}

/// Where a string stands that looks like a template.
fn template_in(node: &Node) -> Option<Span> {
    match &node.kind {
        Kind::String(text) => {
            let open = ["{{", "{%"].iter().find_map(|open| text.find(open))?;
            (text[open..].contains("}}") || text[open..].contains("%}")).then_some(node.span)
        }
        Kind::Sequence(items) => items.iter().find_map(template_in),
        Kind::Mapping(entries) => entries.iter().find_map(|entry| template_in(&entry.value)),
        _ => None,
    }
}

impl JsonSchema for SchemaExpected {
    fn schema_name() -> Cow<'static, str> {
        "SchemaExpected".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
        json_schema!({
            "type": ["string", "object", "boolean"],
            "description": "A JSON Schema: a file (.json, .yaml) beside this one, or the schema itself."
        })
    }
}
