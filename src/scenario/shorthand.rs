//! Values with a short and a long form: `auth: simacan`, `expect: 201`, `scope: "a b"`, `cases: [ … ]`.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::body::MarkupPath;
use super::capture::read_path;
use super::expected::Expected;
use super::model::{
    AtPaths, Auth, AuthStep, Cases, Conditions, Expect, ExpectWritten, ParamType, Scopes, StatusExpected, StatusPattern,
};
use super::tree::Tree;
use crate::source::{Diagnostic, Entry, Kind, Node, Read, Reader, Spanned, Style, Unread, suggestion};
use crate::template::Expression;

impl Read for Auth {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::String(name) if &**name == "none" => Ok(Self::None(node.span)),
            Kind::String(name) => Ok(Self::Provider(Box::new(AuthStep {
                provider: Spanned::new(name.to_string(), node.span),
                persona: None,
                scope: None,
                fresh: false,
                expect: None,
                at: crate::source::Written::default(),
            }))),
            Kind::Mapping(_) => AuthStep::read(node, reader).map(|step| Self::Provider(Box::new(step))),
            _ => Err(reader.expected("a provider's name, `none`, or a mapping with `provider`", node)),
        }
    }
}

impl JsonSchema for Auth {
    fn schema_name() -> Cow<'static, str> {
        "Auth".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let step = generator.subschema_for::<AuthStep>();
        json_schema!({ "anyOf": [{ "type": "string", "description": "A provider's name, or `none`." }, step] })
    }
}

impl Read for Scopes {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::String(text) => Ok(Self(text.split_whitespace().map(str::to_owned).collect())),
            Kind::Sequence(_) => Vec::read(node, reader).map(Self),
            _ => Err(reader.expected("a list of scopes", node)),
        }
    }
}

impl JsonSchema for Scopes {
    fn schema_name() -> Cow<'static, str> {
        "Scopes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

impl Read for ParamType {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        const NAMES: [(&str, ParamType); 7] = [
            ("any", ParamType::Any),
            ("string", ParamType::String),
            ("number", ParamType::Number),
            ("integer", ParamType::Integer),
            ("boolean", ParamType::Boolean),
            ("array", ParamType::Array),
            ("object", ParamType::Object),
        ];
        let Some(text) = node.as_str() else { return Err(reader.expected("the name of a type", node)) };
        if let Some((_, kind)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(*kind);
        }
        let mut problem = Diagnostic::error("format.param", format!("there is no type `{text}`")).at(node.span, "");
        problem = match suggestion(text, NAMES.iter().map(|(name, _)| *name)) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help("the types are any, string, number, integer, boolean, array and object"),
        };
        Err(reader.report(problem))
    }
}

impl Read for Cases {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Sequence(items) => {
                if items.is_empty() {
                    return Err(reader.report(
                        Diagnostic::error("format.cases", "`cases` is empty, so the scenario would never run")
                            .at(node.span, "")
                            .help("add at least one case, or remove `cases`"),
                    ));
                }
                let case = |item: &Node, reader: &mut Reader<'_>| match item.entries() {
                    Some(_) => Tree::read(item, reader),
                    None => Err(reader.expected("a mapping of values, such as `{ lang: nl }`,", item)),
                };
                reader.each(items, |item| item.span, case).map(Self::Inline)
            }
            Kind::Mapping(entries) => match &entries[..] {
                [entry] if &*entry.key.value == "file" => Spanned::<String>::read(&entry.value, reader).map(Self::File),
                _ => {
                    let stray = entries.iter().find(|entry| &*entry.key.value != "file");
                    let key = stray.map_or_else(|| Spanned::new(Arc::from(""), node.span), |entry| entry.key.clone());
                    Err(reader.unknown_key(&key, "`cases`", &["file"]))
                }
            },
            _ => Err(reader.expected("a list of cases, or `{ file: cases.csv }`,", node)),
        }
    }
}

impl JsonSchema for Cases {
    fn schema_name() -> Cow<'static, str> {
        "Cases".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "array", "minItems": 1, "items": { "type": "object" } },
                { "type": "object", "required": ["file"], "additionalProperties": false,
                  "properties": { "file": { "type": "string", "description": "A CSV, JSON or YAML file beside the scenario." } } }
            ]
        })
    }
}

impl Read for Expect {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let dashed = node.items().is_some_and(|items| items.iter().any(|item| item.entries().is_some()));
        let keys = if dashed || node.entries().is_some() {
            ExpectWritten::read(node, reader)?
        } else {
            ExpectWritten {
                status: Some(StatusExpected::read(node, reader)?),
                within: None,
                headers: Default::default(),
                cookies: Default::default(),
                json: None,
                json_exactly: None,
                ignore: None,
                at_paths: AtPaths::default(),
                that: Conditions::default(),
                schema: None,
                text: None,
                namespaces: None,
                csv: None,
                ndjson: None,
                form: None,
                bytes: None,
                jwt: None,
                graphql: None,
                snapshot: None,
                at: crate::source::Written::default(),
            }
        };
        Ok(Self { keys: Some(Box::new(keys)), span: Some(node.span) })
    }
}

impl JsonSchema for Expect {
    fn schema_name() -> Cow<'static, str> {
        "Expect".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (status, keys) = (generator.subschema_for::<StatusExpected>(), generator.subschema_for::<ExpectWritten>());
        json_schema!({ "anyOf": [status, keys] })
    }
}

impl Read for StatusExpected {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let items = match &node.kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            return Err(reader.expected("a status", node));
        }
        let alternatives = reader.each(items, |item| item.span, status_pattern)?;
        Ok(Self { span: node.span, written: reader.written(node.span).to_owned(), alternatives })
    }
}

fn status_pattern(node: &Node, reader: &mut Reader<'_>) -> Result<StatusPattern, Unread> {
    let wrong = |reader: &mut Reader<'_>| {
        let written = reader.written(node.span);
        let quoted = node.as_str().filter(|text| text.parse().is_ok_and(|status: u16| (100..=599).contains(&status)));
        let help = quoted.map_or_else(
            || {
                "write a number from 100 to 599, a group such as 2xx, a list of these, or a matcher such as <400..499>"
                    .to_owned()
            },
            |status| format!("a status is a number: write {status}, without quotes"),
        );
        reader.report(
            Diagnostic::error("format.status", format!("`{written}` is not an HTTP status"))
                .at(node.span, "")
                .help(help),
        )
    };
    match &node.kind {
        Kind::Number(number) => match number.as_i64().and_then(|status| u16::try_from(status).ok()) {
            Some(status @ 100..=599) => Ok(StatusPattern::Range(status, status)),
            _ => Err(wrong(reader)),
        },
        Kind::String(text) => match text.as_bytes() {
            [family @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => {
                let first = u16::from(family - b'0') * 100;
                Ok(StatusPattern::Range(first, first + 99))
            }
            _ if text.starts_with('<') || text.contains("{{") => {
                Expected::read(node, reader).map(StatusPattern::Matches)
            }
            _ => Err(wrong(reader)),
        },
        _ => Err(wrong(reader)),
    }
}

impl JsonSchema for StatusExpected {
    fn schema_name() -> Cow<'static, str> {
        "Status".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 100, "maximum": 599 },
            { "type": "string", "pattern": "^([1-5][xX][xX]|<.*>|.*\\{\\{.*)$" }
        ] });
        json_schema!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
    }
}

impl Read for AtPaths {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(entries) = node.entries() else {
            return Err(reader.expected("a mapping of JSONPaths, such as `{ $.id: 1 }`,", node));
        };
        let mut markup = Vec::new();
        let one = |entry: &Entry, reader: &mut Reader<'_>| {
            let key = Node { span: entry.key.span, style: Style::Plain, kind: Kind::String(entry.key.value.clone()) };
            if !entry.key.starts_with('$') {
                let (path, expected) = (MarkupPath::of(&key, reader), Expected::read(&entry.value, reader));
                markup.push((path?, expected?));
                return Ok(None);
            }
            let (path, expected) = (read_path(&entry.key.value, &key, reader), Expected::read(&entry.value, reader));
            Ok(Some((path?, expected?)))
        };
        let json = reader.each(entries, Entry::span, one)?;
        Ok(Self(json.into_iter().flatten().collect(), (!markup.is_empty()).then(|| Box::new(markup))))
    }
}

impl JsonSchema for AtPaths {
    fn schema_name() -> Cow<'static, str> {
        "AtPaths".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let expected = generator.subschema_for::<Expected>();
        json_schema!({ "type": "object", "propertyNames": { "minLength": 1, "description": "A JSONPath (`$…`), an XPath (`/…`, `count(/…)`), or a CSS selector, with `@NAME` behind it for an attribute." }, "additionalProperties": expected })
    }
}

impl Read for Conditions {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let items = match &node.kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        reader.each(items, |item| item.span, |item, reader| Expression::of(item, reader).map(Arc::new)).map(Self)
    }
}

impl JsonSchema for Conditions {
    fn schema_name() -> Cow<'static, str> {
        "Conditions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": ["string", "boolean"] }, { "type": "array", "items": { "type": ["string", "boolean"] } }] })
    }
}
