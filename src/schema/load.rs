//! From a file or an inline mapping to a compiled schema: every document that `$ref`s lead to is read, and what is wrong is
//! told with its place. Only files are read; an address that would need a network is refused.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::Draft;
use url::Url;

use super::set::Set;
use super::{Document, Resource, Schema, check, decoded, draft};
use crate::source::{self, Diagnostic, FileId, Kind, Node, SourceFile, Sources, Span, suggestion};

/// A file larger than this is no schema.
const MAX_FILE_SIZE: u64 = 16 << 20;
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
        let schema = self.document(path, from, reading).and_then(|root| self.compiled(&root, Some(path), reading));
        self.schemas.insert(place, schema.clone());
        schema
    }

    /// A schema that is written in a file of another kind, which lies at `path`.
    pub fn inline(&mut self, node: &Node, path: &Path, reading: &mut Reading<'_>) -> Option<Arc<Schema>> {
        let source = reading.sources.get(node.span.file)?.clone();
        let uri = format!("{}?inline={}", uri_of(path), node.span.start);
        let document = Document { source, root: node.clone(), uri };
        self.compiled(&Arc::new(document), Some(path), reading)
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
    fn compiled(
        &mut self,
        root: &Arc<Document>,
        path: Option<&Path>,
        reading: &mut Reading<'_>,
    ) -> Option<Arc<Schema>> {
        let before = reading.problems.len();
        let mut set = Set::default();
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
                let position = set.add(&document, path.parent(), draft, reading.problems);
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
        let name = target.rsplit('/').next().filter(|name| !name.is_empty() && !name.contains(':'));
        let name = name.unwrap_or("other.json");
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
        Ok(bytes) => {
            let Ok(text) = String::from_utf8(bytes) else {
                let problem = Diagnostic::error("schema.file", format!("the schema {shown} is not UTF-8 text"));
                reading.problems.push(problem.at(from, ""));
                return None;
            };
            text
        }
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
