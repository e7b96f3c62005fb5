//! Where a provider lives.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::scenario::TlsFile;
use crate::source::{Entry, Keys, Node, Read, Reader, Unread};
use crate::template::Template;

/// Where a provider lives: `base`, `api`, `hosts`, and members of the file's own.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// All members but `hosts` and `tls`, in the order they were written.
    pub members: Keys<Template>,
    /// The hosts that credentials may go to.
    pub hosts: Option<Vec<Template>>,
    /// What connections to it are made with.
    pub tls: Option<TlsFile>,
}

impl Read for Environment {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(entries) = node.entries() else { return Err(reader.expected("an environment of a provider", node)) };
        let mut environment = Self::default();
        let mut whole = Ok(());
        for Entry { key, value } in entries {
            if &*key.value == "hosts" {
                match Vec::read(value, reader) {
                    Ok(hosts) => environment.hosts = Some(hosts),
                    Err(unread) => whole = Err(unread),
                }
            } else if &*key.value == "tls" {
                match TlsFile::read(value, reader) {
                    Ok(tls) => environment.tls = Some(tls),
                    Err(unread) => whole = Err(unread),
                }
            } else {
                match Template::read(value, reader) {
                    Ok(member) => environment.members.0.push((key.clone(), member)),
                    Err(unread) => whole = Err(unread),
                }
            }
        }
        whole.map(|()| environment)
    }
}

impl JsonSchema for Environment {
    fn schema_name() -> Cow<'static, str> {
        "ProviderEnvironment".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Where the provider lives. Members of the file's own are `provider.NAME.KEY` in scenarios.",
            "properties": {
                "base": { "type": "string", "description": "The URL that the provider's own endpoints begin with." },
                "api": { "type": "string", "description": "The `base_url` of scenarios that have none of their own." },
                "hosts": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "The only hosts that credentials go to; `*` for any letters, `!` in front for none of these."
                },
                "tls": generator.subschema_for::<TlsFile>()
            },
            "additionalProperties": { "type": ["string", "number", "boolean"] }
        })
    }
}
