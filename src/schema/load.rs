//! From a file or an inline mapping to a compiled schema: every document that `$ref`s lead to is read, and what is wrong is
//! told with its place. Only files are read; an address that would need a network is refused.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::{Draft, Registry, ValidationError};
use serde_json::Value;
use url::Url;

use super::exact::{self, Body, Numbers};
use super::violation::{Site, told};
use super::{Document, Found, Resource, Schema, check, decoded, draft, steps};
use crate::json::Json;
use crate::source::{self, Diagnostic, FileId, Kind, Node, SourceFile, Sources, Span, suggestion};

/// A file larger than this is no schema.
const MAX_FILE_SIZE: u64 = 16 << 20;
/// More significant digits than this are too slow to divide by.
const MAX_DIGITS: usize = 100;
/// So many problems of one schema are told.
const MOST: usize = 20;
/// Keywords whose values are no schemas, whatever they look like.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// The schemas of a project, each read and compiled once.
#[derive(Debug, Default)]
pub struct Library {
    /// By where the file really lies.
    documents: HashMap<PathBuf, Option<Arc<Document>>>,
    schemas: HashMap<PathBuf, Option<Arc<Schema>>>,
}

/// What reading needs and adds to.
pub struct Reading<'r> {
    /// Files are shown by paths from here.
    pub working: &'r Path,
    /// All files.
    pub sources: &'r mut Sources,
    /// What is wrong.
    pub problems: &'r mut Vec<Diagnostic>,
}

impl Library {
    /// The schema in a file; `from` is where it is named. What is wrong has been told where there is none.
    pub fn file(&mut self, path: &Path, from: Span, reading: &mut Reading<'_>) -> Option<Arc<Schema>> {
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some(known) = self.schemas.get(&place) {
            return known.clone();
        }
        let schema = self.document(path, from, reading).and_then(|root| self.compiled(root, Some(path), reading));
        self.schemas.insert(place, schema.clone());
        schema
    }

    /// A schema that is written in a file of another kind, which lies at `path`.
    pub fn inline(&mut self, node: &Node, path: &Path, reading: &mut Reading<'_>) -> Option<Arc<Schema>> {
        let source = reading.sources.get(node.span.file)?.clone();
        let uri = format!("{}?inline={}", uri_of(path), node.span.start);
        let document = Document { source, root: node.clone(), uri };
        self.compiled(Arc::new(document), Some(path), reading)
    }

    fn document(&mut self, path: &Path, from: Span, reading: &mut Reading<'_>) -> Option<Arc<Document>> {
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some(known) = self.documents.get(&place) {
            return known.clone();
        }
        let read =
            read(path, from, reading).map(|(source, root)| Arc::new(Document { source, root, uri: uri_of(&place) }));
        self.documents.insert(place, read.clone());
        read
    }

    /// Follows all references, and compiles.
    fn compiled(&mut self, root: Arc<Document>, path: Option<&Path>, reading: &mut Reading<'_>) -> Option<Arc<Schema>> {
        let before = reading.problems.len();
        let mut set = Set {
            documents: Vec::new(),
            folders: Vec::new(),
            resources: HashMap::new(),
            anchors: HashSet::new(),
            references: Vec::new(),
        };
        let draft = dialect(&root.root, Draft::Draft202012, reading.problems)?;
        set.add(root, path.and_then(Path::parent), draft, reading.problems);
        let mut next = 0;
        // The list grows while it is gone through.
        while next < set.references.len() {
            self.follow(next, &mut set, draft, reading);
            next += 1;
        }
        for reference in &set.references {
            set.resolved(reference, draft, reading.problems);
        }
        for document in &set.documents {
            check::warnings(&document.root, draft, reading.problems);
        }
        let errors =
            |problems: &[Diagnostic]| problems.iter().any(|problem| problem.severity == source::Severity::Error);
        if errors(&reading.problems[before..]) {
            return None;
        }
        set.compile(draft, reading.problems).map(Arc::new)
    }

    /// Reads the file that a reference leads to, if it is not among those that were read.
    fn follow(&mut self, at: usize, set: &mut Set, draft: Draft, reading: &mut Reading<'_>) {
        let reference = set.references[at].clone();
        let target = &reference.target;
        if set.resource(target).is_some() || target.is_empty() || is_metaschema(target) {
            return;
        }
        let folder = set.folders[reference.document].clone();
        let by_file =
            Url::parse(target).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok());
        let relative = !reference.written.contains("://") && !reference.written.starts_with("urn:");
        let beside = || {
            let name = reference.written.split('#').next().unwrap_or_default();
            let path = folder.as_deref()?.join(decoded(name));
            (relative && path.is_file()).then_some(path)
        };
        let path = by_file.or_else(beside).or_else(|| with_id(folder.as_deref()?, target));
        if let Some(path) = path {
            let before = reading.problems.len();
            if let Some(document) = self.document(&path, reference.span, reading) {
                let draft = dialect(&document.root, draft, reading.problems).unwrap_or(draft);
                let position = set.add(document, path.parent(), draft, reading.problems);
                // What an absolute address leads to may not say so itself.
                set.resources.entry(target.clone()).or_insert(Resource { document: position, path: Vec::new() });
            } else if reading.problems.len() == before {
                // It was found unreadable when another named it; this one leads nowhere for the same reason.
                reading.problems.push(
                    Diagnostic::error("schema.file", "what this `$ref` names cannot be read").at(reference.span, ""),
                );
            }
            return;
        }
        let name = target.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("schema.json");
        reading.problems.push(
            Diagnostic::error(
                "schema.remote",
                format!("no schema is fetched from elsewhere, and `{target}` is none of these"),
            )
            .at(reference.span, "")
            .help(format!("save it beside this file, and either write `$ref: ./{name}` or leave it the `$id` it has")),
        );
    }
}

/// The URI of a file.
fn uri_of(path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Url::from_file_path(whole).map_or_else(|()| "file:///schema".to_owned(), String::from)
}

fn is_metaschema(uri: &str) -> bool {
    draft::named(uri).is_some() || uri.starts_with("https://json-schema.org/draft/20")
}

/// A file of a folder whose schema has that `$id`.
fn with_id(folder: &Path, id: &str) -> Option<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| kind_of(path).is_some() && path.metadata().is_ok_and(|data| data.len() <= MAX_FILE_SIZE))
        .collect();
    paths.sort();
    let named = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).ok().filter(|text| text.contains(id))?;
        let root = parsed(path, FileId::default(), &text).ok()?;
        let own = root.get("$id").or_else(|| root.get("id"))?.as_str()?.to_owned();
        (own.trim_end_matches('#') == id).then_some(())
    };
    paths.into_iter().find(|path| named(path).is_some())
}

/// Whether a file is JSON (`true`) or YAML, by its name.
fn kind_of(path: &Path) -> Option<bool> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => Some(true),
        Some("yaml" | "yml") => Some(false),
        _ => None,
    }
}

fn parsed(path: &Path, file: FileId, text: &str) -> Result<Node, Vec<Diagnostic>> {
    if kind_of(path) == Some(false) {
        return source::parse(file, text);
    }
    source::parse_json(file, text).map_err(|problem| vec![*problem])
}

/// Reads a file, which becomes one of the sources.
fn read(path: &Path, from: Span, reading: &mut Reading<'_>) -> Option<(Arc<SourceFile>, Node)> {
    let shown = path.strip_prefix(reading.working).unwrap_or(path).display().to_string();
    let text = match std::fs::metadata(path).and_then(|data| match data.len() {
        _ if data.is_dir() => Err(std::io::Error::other("it is a folder")),
        length if length > MAX_FILE_SIZE => Err(std::io::Error::other("it is larger than 16 MB")),
        _ => std::fs::read(path),
    }) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                reading.problems.push(
                    Diagnostic::error("schema.file", format!("the schema {shown} is not UTF-8 text")).at(from, ""),
                );
                return None;
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut problem = Diagnostic::error("schema.file", format!("there is no schema {shown}")).at(from, "");
            problem = match near(path) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("the path starts from the folder of this file"),
            };
            reading.problems.push(problem);
            return None;
        }
        Err(error) => {
            let problem = Diagnostic::error("schema.file", format!("the schema {shown} cannot be read: {error}"));
            reading.problems.push(problem.at(from, ""));
            return None;
        }
    };
    let id = reading.sources.find(&shown).unwrap_or_else(|| reading.sources.add(SourceFile::new(shown, text)));
    let source = reading.sources.get(id)?.clone();
    match parsed(path, id, source.text()) {
        Ok(root) => Some((source, root)),
        Err(problems) => {
            reading.problems.extend(problems.into_iter().map(|problem| problem.at(from, "the schema is named here")));
            None
        }
    }
}

/// A name in the same folder that may have been meant.
fn near(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let names: Vec<String> = std::fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    suggestion(name, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The draft of a document.
fn dialect(root: &Node, default: Draft, problems: &mut Vec<Diagnostic>) -> Option<Draft> {
    match &root.kind {
        Kind::Mapping(_) | Kind::Bool(_) => {}
        _ => {
            let message = format!("a schema is a mapping (or `true` or `false`), not {}", root.describe());
            problems.push(Diagnostic::error("schema.invalid", message).at(root.span, ""));
            return None;
        }
    }
    let Some(node) = root.get("$schema") else { return Some(default) };
    let found = node.as_str().and_then(draft::named);
    if found.is_none() {
        let known: Vec<String> = draft::uris().collect();
        let mut problem =
            Diagnostic::error("schema.draft", "this `$schema` names no draft that is known here").at(node.span, "");
        problem = match node.as_str().and_then(|uri| suggestion(uri, known.iter().map(String::as_str))) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("the drafts are {}; without `$schema` it is the first", known.join(", "))),
        };
        problems.push(problem);
    }
    found
}

/// A `$ref`.
#[derive(Debug, Clone)]
struct Reference {
    document: usize,
    span: Span,
    written: String,
    /// The resource it leads to, without the fragment.
    target: String,
    fragment: String,
}

/// The documents of one schema.
struct Set {
    documents: Vec<Arc<Document>>,
    folders: Vec<Option<PathBuf>>,
    resources: HashMap<String, Resource>,
    /// Anchors, by the URI of their resource.
    anchors: HashSet<(String, String)>,
    references: Vec<Reference>,
}

impl Set {
    /// Takes a document in, if it is not there yet; gives its position.
    fn add(
        &mut self,
        document: Arc<Document>,
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

    fn resource(&self, uri: &str) -> Option<&Resource> {
        self.resources.get(uri).or_else(|| self.resources.get(Url::parse(uri).ok()?.as_str()))
    }

    /// Whether what a reference names is there, within its document.
    fn resolved(&self, reference: &Reference, draft: Draft, problems: &mut Vec<Diagnostic>) {
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
    fn compile(self, draft: Draft, problems: &mut Vec<Diagnostic>) -> Option<Schema> {
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
            exact::keywords(options, &Arc::new(numbers)).build(&values[0])
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
        let mut registry = Registry::new().draft(draft);
        for (uri, value) in by_uri {
            registry = registry.add(uri, value)?;
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
            if !places.insert(found.span()) || places.len() > MOST {
                continue;
            }
            let keyword = path.last().map_or("a schema", String::as_str);
            let said = told(&error, json, &Site::default());
            let said = said.first().map_or_else(|| error.to_string(), |violation| violation.what.clone());
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
            jsonschema::error::ValidationErrorKind::Format { format } if format == "regex" => {
                "this is no regular expression".to_owned()
            }
            _ => error.to_string(),
        };
        Diagnostic::error("schema.invalid", format!("this schema cannot be used: {said}"))
            .at(found.map_or(Span::new(root.root.span.file, root.root.span.range()), |found| found.span()), "")
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
        ("type", Kind::String(written)) => {
            let types = ["array", "boolean", "integer", "null", "number", "object", "string"];
            let other = match &**written {
                "int" | "int32" | "int64" | "long" => Some("integer"),
                "float" | "double" | "decimal" => Some("number"),
                "bool" => Some("boolean"),
                "str" | "text" | "date" | "uuid" => Some("string"),
                "list" | "map" | "dict" => Some(if &**written == "list" { "array" } else { "object" }),
                "none" => Some("null"),
                other => suggestion(other, types),
            };
            match other {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help(format!("the types are {}", types.join(", "))),
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
