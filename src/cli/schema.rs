//! `callsheet schema`: the JSON Schema of the files, for editors.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::args::{SchemaKind, SchemaOptions};
use super::exit::ExitCode;
use super::output::Output;
use crate::auth::ProviderFile;
use crate::project::Config;
use crate::scenario::{Fragment, Scenario};

pub(super) fn command(options: &SchemaOptions, output: &Output) -> ExitCode {
    output.print(&format!("{}\n", text(options.kind)));
    ExitCode::Passed
}

/// The schema of one kind of file, or of all: one that an editor can use for every file of a project.
fn text(kind: Option<SchemaKind>) -> String {
    let schema = match kind {
        Some(SchemaKind::Scenario) => of::<Scenario>(),
        Some(SchemaKind::Provider) => of::<ProviderFile>(),
        Some(SchemaKind::Fragment) => of::<Fragment>(),
        Some(SchemaKind::Project) => of::<Config>(),
        None => of::<AnyFile>(),
    };
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

/// A file of any kind, told apart by the key that each must have.
struct AnyFile;

impl JsonSchema for AnyFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "callsheet".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> Schema {
        let kinds = [
            ("scenario", generator.subschema_for::<Scenario>()),
            ("provider", generator.subschema_for::<ProviderFile>()),
            ("fragment", generator.subschema_for::<Fragment>()),
            ("callsheet", generator.subschema_for::<Config>()),
        ];
        // `if` by the first key, so that an editor tells what is wrong with this kind and not that four kinds fail.
        let branches: Vec<_> = kinds
            .iter()
            .map(|(key, schema)| schemars::json_schema!({ "if": { "required": [key] }, "then": schema }))
            .collect();
        let required: Vec<_> = kinds.iter().map(|(key, _)| schemars::json_schema!({ "required": [key] })).collect();
        schemars::json_schema!({ "type": "object", "anyOf": required, "allOf": branches })
    }
}
