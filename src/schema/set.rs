//! The documents of one schema: their `$id`s, anchors and references, whether these lead somewhere, and the validator that is
//! compiled from all of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, ValidationError};
use serde_json::Value;
use url::Url;

use super::exact::{Body, Numbers};
use super::violation::{Site, Violation, told};
use super::{Document, Found, Resource, Schema, decoded, draft, keywords, steps};
use crate::json::Json;
use crate::source::{Diagnostic, Kind, Node, Span, suggestion};

/// More significant digits than this are too slow to divide by.
const MAX_DIGITS: usize = 100;
/// So many problems of one schema are told.
const MOST: usize = 20;
/// Limits, and what goes with each in draft 4.
const LIMITS: [(&str, &str); 2] = [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")];
/// Keywords whose values are no schemas, whatever they look like.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// A `$ref`.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) document: usize,
    pub(super) span: Span,
    pub(super) written: String,
    /// The resource it leads to, without the fragment.
    pub(super) target: String,
    pub(super) fragment: String,
}

/// The documents of one schema.
#[derive(Default)]
pub(super) struct Set {
    pub(super) documents: Vec<Arc<Document>>,
    pub(super) folders: Vec<Option<PathBuf>>,
    pub(super) resources: HashMap<String, Resource>,
    /// Anchors, by the URI of their resource.
    anchors: HashSet<(String, String)>,
    pub(super) references: Vec<Reference>,
}

impl Set {
    /// Takes a document in, if it is not there yet; gives its position.
    pub(super) fn add(
        &mut self,
        document: &Arc<Document>,
        folder: Option<&Path>,
        draft: Draft,
        problems: &mut Vec<Diagnostic>,
    ) -> usize {
        if let Some(known) = self.documents.iter().position(|known| known.uri == document.uri) {
            return known;
        }
        let position = self.documents.len();
        self.documents.push(document.clone());
        self.folders.push(folder.map(Path::to_owned));
        self.resources.insert(document.uri.clone(), Resource { document: position, path: Vec::new() });
        self.scan(&document.root, position, &document.uri, draft, &mut Vec::new(), problems);
        position
    }

    /// Finds the `$id`s, anchors and references of a part of a document.
    fn scan(
        &mut self,
        node: &Node,
        document: usize,
        base: &str,
        draft: Draft,
        path: &mut Vec<String>,
        problems: &mut Vec<Diagnostic>,
    ) {
        if let Some(items) = node.items() {
            for (at, item) in items.iter().enumerate() {
                path.push(at.to_string());
                self.scan(item, document, base, draft, path, problems);
                path.pop();
            }
        }
        let Some(entries) = node.entries() else { return };
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        let draft = text("$schema").and_then(draft::named).unwrap_or(draft);
        let mut base = base.to_owned();
        let old = draft <= Draft::Draft7;
        let id = text(if draft == Draft::Draft4 { "id" } else { "$id" }).filter(|_| !(old && text("$ref").is_some()));
        if let Some(id) = id {
            if let Some(anchor) = id.strip_prefix('#') {
                self.anchors.insert((base.clone(), anchor.to_owned()));
            } else if let Some(own) = joined(&base, id.trim_end_matches('#')) {
                self.resources.entry(own.clone()).or_insert_with(|| Resource { document, path: path.clone() });
                base = own;
            }
        }
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(anchor) = text(key) {
                self.anchors.insert((base.clone(), anchor.to_owned()));
            }
        }
        for entry in entries {
            let key = &*entry.key.value;
            match &entry.value.kind {
                Kind::String(written) if matches!(key, "$ref" | "$dynamicRef" | "$recursiveRef") => {
                    self.reference(document, &base, written, entry.value.span, problems);
                }
                // A member of that name, and not the keyword, where the mapping is one of names.
                _ if DATA.contains(&key) && !path.last().is_some_and(|last| draft::NAMED.contains(&last.as_str())) => {}
                _ => {
                    path.push(key.to_owned());
                    self.scan(&entry.value, document, &base, draft, path, problems);
                    path.pop();
                }
            }
        }
    }

    fn reference(&mut self, document: usize, base: &str, written: &str, span: Span, problems: &mut Vec<Diagnostic>) {
        let (address, fragment) = written.split_once('#').unwrap_or((written, ""));
        let target = if address.is_empty() { Some(base.to_owned()) } else { joined(base, address) };
        match target {
            Some(target) => self.references.push(Reference {
                document,
                span,
                written: written.to_owned(),
                target,
                fragment: decoded(fragment),
            }),
            None => problems.push(
                Diagnostic::error("schema.ref", format!("`{written}` is no address"))
                    .at(span, "")
                    .help("write `#/$defs/NAME`, or the path of a file beside this one"),
            ),
        }
    }

    pub(super) fn resource(&self, uri: &str) -> Option<&Resource> {
        self.resources.get(uri).or_else(|| self.resources.get(Url::parse(uri).ok()?.as_str()))
    }

    /// Whether what a reference names is there, within its document.
    pub(super) fn resolved(&self, reference: &Reference, draft: Draft, problems: &mut Vec<Diagnostic>) {
        let Some(resource) = self.resource(&reference.target) else { return };
        let document = &self.documents[resource.document];
        let Some(from) = document.find(resource.path.iter().map(String::as_str)) else { return };
        let fragment = &reference.fragment;
        if fragment.is_empty() {
            return;
        }
        let mut problem =
            Diagnostic::error("schema.ref", format!("`{}` leads to nothing", reference.written)).at(reference.span, "");
        if !fragment.starts_with('/') {
            let named = |(of, _): &&(String, String)| *of == reference.target;
            let mut known: Vec<&str> = self.anchors.iter().filter(named).map(|(_, anchor)| anchor.as_str()).collect();
            // An anchor may belong to a resource that is known by another name, too.
            let same = |(of, anchor): &(String, String)| anchor == fragment && self.resource(of) == Some(resource);
            if known.contains(&fragment.as_str()) || self.anchors.iter().any(same) {
                return;
            }
            known.sort_unstable();
            problem = match suggestion(fragment, known.iter().copied()) {
                Some(meant) => problem.help(format!("did you mean `#{meant}`?")),
                None => problem.help(format!("there is no `$anchor: {fragment}`")),
            };
            return problems.push(problem);
        }
        let path = steps(fragment);
        let mut found = from;
        for (at, step) in path.iter().enumerate() {
            let Some(next) = super::find(found, [step.as_str()]) else {
                let names = found.node.entries().into_iter().flatten().map(|entry| &*entry.key.value);
                let other = match step.as_str() {
                    "$defs" => Some("definitions"),
                    "definitions" => Some("$defs"),
                    _ => None,
                };
                let other = other.filter(|other| found.node.get(other).is_some());
                if let Some(meant) = other.or_else(|| suggestion(step, names)) {
                    let mut path = path.clone();
                    meant.clone_into(&mut path[at]);
                    problem = problem.help(format!("did you mean `#/{}`?", path.join("/")));
                } else if at > 0 && draft >= Draft::Draft4 {
                    problem = problem.help(format!("there is no `{step}` in `/{}`", path[..at].join("/")));
                }
                return problems.push(problem);
            };
            found = next;
        }
        if found.node.entries().is_none() && !matches!(found.node.kind, Kind::Bool(_)) {
            problems.push(problem.help(format!("what stands there is no schema, but {}", found.node.describe())));
        }
    }

    /// Compiles. Everything that could be found before has been found: what is wrong now is the schema itself.
    pub(super) fn compile(self, draft: Draft, problems: &mut Vec<Diagnostic>) -> Option<Schema> {
        let mut numbers = Numbers::default();
        let jsons: Vec<Json> = self.documents.iter().map(|document| document.root.to_json()).collect();
        let values: Vec<Value> = jsons.iter().map(|json| numbers.value(json)).collect();
        let before = problems.len();
        for (at, value) in values.iter().enumerate() {
            self.sound(at, value, &jsons[at], draft, problems);
        }
        if problems.len() > before {
            return None;
        }
        let root = &self.documents[0];
        let built = self.registry(&values, draft).and_then(|registry| {
            let options = jsonschema::options_for::<Body>()
                .with_draft(draft)
                .with_registry(&registry)
                .with_base_uri(root.uri.clone())
                .should_validate_formats(true);
            keywords::exact(options, draft, &Arc::new(numbers)).build(&values[0])
        });
        match built {
            Ok(validator) => Some(Schema { validator, documents: self.documents, resources: self.resources }),
            Err(error) => {
                problems.push(self.unbuilt(&error));
                None
            }
        }
    }

    fn registry<'v>(&self, values: &'v [Value], draft: Draft) -> Result<Registry<'v>, ValidationError<'static>> {
        let mut by_uri: BTreeMap<&str, &Value> = BTreeMap::new();
        for (uri, resource) in &self.resources {
            if resource.path.is_empty() {
                by_uri.insert(uri, &values[resource.document]);
            }
        }
        let mut registry = Registry::new();
        for (uri, value) in by_uri {
            // A document that names its draft is of that one, whatever the draft of the document that leads to it.
            registry = registry.add(uri, draft.detect(value).create_resource_ref(value))?;
        }
        Ok(registry.prepare()?)
    }

    /// Holds a document against the schema of schemas.
    fn sound(&self, at: usize, value: &Value, json: &Json, draft: Draft, problems: &mut Vec<Diagnostic>) {
        let document = &self.documents[at];
        digits(&document.root, problems);
        // The schema of schemas is that of the draft which the document names, or else of the one that names it.
        let mut named = value.clone();
        if let Value::Object(members) = &mut named {
            members.entry("$schema").or_insert_with(|| draft_uri(draft).into());
        } else {
            return;
        }
        let Ok(validator) = jsonschema::meta::validator_for(&named) else { return };
        let mut places = HashSet::new();
        for error in validator.iter_errors(&named) {
            let path = steps(error.instance_path().as_str());
            let Some(found) = document.find(path.iter().map(String::as_str)) else { continue };
            // In draft 4 `exclusiveMaximum` goes with `maximum`.
            if let ValidationErrorKind::Required { property } = error.kind()
                && let Some((limit, strict)) = LIMITS.iter().find(|(limit, _)| property.as_str() == Some(limit))
            {
                let found = super::find(found, [*strict]).unwrap_or(found);
                let message =
                    format!("this is no JSON Schema {}: `{strict}` needs `{limit}` beside it", draft::name(draft));
                problems.push(Diagnostic::error("schema.invalid", message).at(found.span(), ""));
                continue;
            }
            if !places.insert(found.span()) || places.len() > MOST {
                continue;
            }
            let keyword = path.last().map_or("a schema", String::as_str);
            let said = told(&error, json, Site::default());
            let innermost = |violation: &Violation| {
                let mut violation = violation.clone();
                while let Some(inside) = violation.inside.pop() {
                    violation = inside;
                }
                violation.what
            };
            let said = said.first().map_or_else(|| error.to_string(), innermost);
            let message = format!("this is no JSON Schema {}: `{keyword}`: {said}", draft::name(draft));
            problems.push(misused(keyword, found, Diagnostic::error("schema.invalid", message).at(found.span(), "")));
        }
    }

    /// What the compiler refused.
    fn unbuilt(&self, error: &ValidationError<'_>) -> Diagnostic {
        let root = &self.documents[0];
        // For an error of the schema the place in it is told as that of an instance, or of the keyword.
        let places = [error.instance_path().as_str(), error.schema_path().as_str()];
        let found = places.iter().filter(|place| !place.is_empty()).find_map(|place| {
            self.documents.iter().find_map(|document| document.find(steps(place).iter().map(String::as_str)))
        });
        let said = match error.kind() {
            ValidationErrorKind::Format { format } if format == "regex" => {
                // Under `patternProperties` the pattern is a name.
                let name = || places.iter().find(|place| !place.is_empty()).and_then(|place| steps(place).pop());
                let pattern = found.and_then(|found| found.node.as_str().map(str::to_owned)).or_else(name);
                irregular(&pattern.unwrap_or_default())
            }
            _ => error.to_string(),
        };
        Diagnostic::error("schema.invalid", format!("this schema cannot be used: {said}"))
            .at(found.map_or(Span::new(root.root.span.file, root.root.span.range()), |found| found.span()), "")
    }
}

/// Why a pattern is none.
fn irregular(pattern: &str) -> String {
    if pattern.contains(r"\k<") {
        return r"`\k<…>` is not understood: refer to the group by its number, as in `\1`".to_owned();
    }
    let error = regex::Regex::new(pattern).err().map(|error| error.to_string()).unwrap_or_default();
    let reason = error.lines().rev().find_map(|line| line.strip_prefix("error: "));
    match reason {
        Some(reason) => format!("this is no regular expression: {reason}"),
        None if error.contains("size limit") => "this regular expression is too large".to_owned(),
        None => "this is no regular expression".to_owned(),
    }
}

const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The type that was meant by another word.
fn meant(written: &str) -> Option<&str> {
    match written {
        "int" | "int32" | "int64" | "long" => Some("integer"),
        "float" | "double" | "decimal" => Some("number"),
        "bool" => Some("boolean"),
        "str" | "text" | "date" | "uuid" => Some("string"),
        "list" | "map" | "dict" => Some(if written == "list" { "array" } else { "object" }),
        "none" => Some("null"),
        other => suggestion(other, TYPES),
    }
}

/// The advice for what people mistake most.
fn misused(keyword: &str, found: Found<'_>, problem: Diagnostic) -> Diagnostic {
    match (keyword, &found.node.kind) {
        ("required", Kind::Bool(_)) => {
            problem.help("`required` stands beside `properties` and lists their names: `required: [id, name]`")
        }
        ("exclusiveMinimum" | "exclusiveMaximum", Kind::Bool(_)) => {
            problem.help("since draft 6 it is the limit itself, a number")
        }
        ("exclusiveMinimum" | "exclusiveMaximum", Kind::Number(_)) => {
            problem.help("in draft 4 it is `true`, beside `minimum` or `maximum`")
        }
        ("items", Kind::Sequence(_)) => problem.help("since 2020-12 such a list is written under `prefixItems`"),
        ("type", Kind::String(written)) => match meant(written) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("the types are {}", TYPES.join(", "))),
        },
        ("type", Kind::Sequence(items)) => {
            let other = items.iter().filter_map(Node::as_str).find(|written| !TYPES.contains(written));
            match other.map(|written| (written, meant(written))) {
                Some((written, Some(meant))) => {
                    problem.help(format!("`{written}` is no type; did you mean `{meant}`?"))
                }
                _ => problem.help(format!("the types are {}", TYPES.join(", "))),
            }
        }
        ("type", Kind::Null) => problem.help("quote it: \"null\""),
        ("pattern", _) => problem.help("patterns are regular expressions as in JavaScript"),
        _ => problem,
    }
}

/// Divisors that would take too long to divide by.
fn digits(node: &Node, problems: &mut Vec<Diagnostic>) {
    for entry in node.entries().into_iter().flatten() {
        if let (Kind::Number(number), "multipleOf") = (&entry.value.kind, &*entry.key.value)
            && number.to_string().bytes().filter(u8::is_ascii_digit).count() > MAX_DIGITS
        {
            let message = format!("a number of more than {MAX_DIGITS} digits cannot be divided by");
            problems.push(Diagnostic::error("schema.invalid", message).at(entry.value.span, ""));
        }
        digits(&entry.value, problems);
    }
    node.items().into_iter().flatten().for_each(|item| digits(item, problems));
}

fn draft_uri(draft: Draft) -> String {
    let name = draft::name(draft);
    draft::uris().find(|uri| draft::named(uri).is_some_and(|named| draft::name(named) == name)).unwrap_or_default()
}

/// An address seen from another one, without a fragment.
fn joined(base: &str, address: &str) -> Option<String> {
    let mut url = match Url::parse(address) {
        Ok(url) => url,
        Err(_) => Url::parse(base).ok()?.join(address).ok()?,
    };
    url.set_fragment(None);
    Some(url.into())
}
