//! `snapshot`: an answer that is compared with one that was stored. What the key says, and which files it speaks of.

mod name;
pub mod named;

pub use name::{FOLDER_ENDING, file_stem, name_fault};

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::capture::read_path;
use crate::jsonpath::JsonPath;
use crate::source::{Diagnostic, Kind, Node, Read, Reader, Span, Spanned, Unread, mapping, suggestion};
use crate::template::Template;

/// What a step's answer is compared with.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The name of its file, without the ending.
    pub name: Template,
    /// The values that differ from answer to answer: of these only the type is stored.
    pub mask: Vec<Spanned<JsonPath>>,
    /// What is stored, where the answer's media type is not to decide.
    pub form: Option<SnapshotForm>,
}

/// What is stored of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotForm {
    /// The JSON document that it is.
    Json,
    /// Its text.
    Text,
}

impl SnapshotForm {
    /// The ending of the files that hold it.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "txt",
        }
    }

    /// The form that a file holds, by its ending.
    pub fn of_ending(ending: &str) -> Option<Self> {
        [Self::Json, Self::Text].into_iter().find(|form| form.ending() == ending)
    }
}

mapping! {
    /// A snapshot with more than a name.
    pub struct SnapshotKeys("`snapshot`") {
        required {
            /// The name of its file, without the ending. With `cases` or `for_each` a number is added to a name that
            /// holds no template.
            "name" => name: SnapshotName,
        }
        optional {
            /// JSONPaths of values that differ from answer to answer: their type is stored in place of the value.
            "mask" => mask: Mask,
            /// `json` or `text`: what is stored, where the media type of the answer is not to decide.
            "as" => form: Option<SnapshotForm>,
        }
    }
}

/// The name of a snapshot, a template perhaps.
#[derive(Debug, Clone)]
pub struct SnapshotName(Template);

/// The paths of what is masked.
#[derive(Debug, Clone, Default)]
pub struct Mask(Vec<Spanned<JsonPath>>);

impl Snapshot {
    /// The name, where no template stands in it.
    pub fn literal_name(&self) -> Option<&str> {
        self.name.as_literal()
    }

    /// Where the name stands.
    pub fn span(&self) -> Span {
        self.name.span()
    }
}

impl Read for Snapshot {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.entries().is_some() {
            let SnapshotKeys { name, mask, form, .. } = SnapshotKeys::read(node, reader)?;
            return Ok(Self { name: name.0, mask: mask.0, form });
        }
        if node.items().is_some() {
            return Err(reader.expected("a name, or a mapping with `name`,", node));
        }
        let SnapshotName(name) = SnapshotName::read(node, reader)?;
        Ok(Self { name, mask: Vec::new(), form: None })
    }
}

impl Read for SnapshotName {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if matches!(node.kind, Kind::Bool(_) | Kind::Null) {
            return Err(reader.report(
                Diagnostic::error("format.type", format!("a snapshot needs a name, and this is {}", node.describe()))
                    .at(node.span, "")
                    .help("give it the name of its file, for example `snapshot: trips`"),
            ));
        }
        let name = Template::of(node, reader, "the name of a snapshot")?;
        if let Some(fault) = name.as_literal().and_then(name_fault) {
            return Err(reader.report(unfit(name.text(), &fault).at(name.span(), "")));
        }
        Ok(Self(name))
    }
}

/// What is wrong with a name.
pub fn unfit(name: &str, fault: &str) -> Diagnostic {
    Diagnostic::error("snapshot.name", format!("`{name}` cannot be the name of a snapshot: {fault}"))
        .help("it becomes the name of a file: use letters, digits, `-` and `_`")
}

impl Read for Mask {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let items = node.items().unwrap_or(std::slice::from_ref(node));
        let path = |item: &Node, reader: &mut Reader<'_>| match item.as_str() {
            Some(text) => read_path(text, item, reader),
            None => Err(reader.expected("a JSONPath, such as `$.id`,", item)),
        };
        reader.each(items, |item| item.span, path).map(Self)
    }
}

impl Read for SnapshotForm {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match node.as_str() {
            Some("json") => Ok(Self::Json),
            Some("text") => Ok(Self::Text),
            other => {
                let problem = Diagnostic::error("format.type", "a snapshot is stored as `json` or as `text`");
                let problem = problem.at(node.span, "");
                Err(reader.report(match other.and_then(|text| suggestion(text, ["json", "text"])) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem.help("remove `as`: then the content type of the answer decides"),
                }))
            }
        }
    }
}

impl JsonSchema for Snapshot {
    fn schema_name() -> Cow<'static, str> {
        "Snapshot".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (name, keys) = (generator.subschema_for::<SnapshotName>(), generator.subschema_for::<SnapshotKeys>());
        json_schema!({ "anyOf": [name, keys] })
    }
}

impl JsonSchema for SnapshotName {
    fn schema_name() -> Cow<'static, str> {
        "SnapshotName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"],
            "description": "The name of the snapshot's file, without the ending; `{{ … }}` is rendered."
        })
    }
}

impl JsonSchema for Mask {
    fn schema_name() -> Cow<'static, str> {
        "Mask".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let path = json_schema!({ "type": "string", "pattern": "^\\$" });
        json_schema!({ "anyOf": [path, { "type": "array", "items": path }] })
    }
}

impl JsonSchema for SnapshotForm {
    fn schema_name() -> Cow<'static, str> {
        "SnapshotForm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["json", "text"] })
    }
}
