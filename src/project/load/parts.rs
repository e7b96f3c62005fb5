//! What scenarios are made of beside their own file: cases, fragments, schemas.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FragmentFile, Fragments, Loader, ScenarioFile};
use crate::project::cases;
use crate::project::read::{Content, Found, shown};
use crate::scenario::snapshot::FOLDER_ENDING;
use crate::scenario::{Action, Cases, FileKind, Scenario, SchemaExpected, SchemaWritten, Step, check, kind_of};
use crate::schema::Reading;
use crate::source::{self, Diagnostic, FileId, Lost, Span};

/// Fragments may use fragments, this deep.
const MAX_FRAGMENT_DEPTH: usize = 16;

impl Loader<'_> {
    pub(super) fn scenarios(
        &mut self,
        files: Vec<(&Found, FileId, Scenario, Lost)>,
        root: &Path,
    ) -> Vec<Arc<ScenarioFile>> {
        let mut read_fragments: BTreeMap<PathBuf, Option<Arc<FragmentFile>>> = BTreeMap::new();
        let mut scenarios = Vec::with_capacity(files.len());
        for (found, id, scenario, lost) in files {
            let folder =
                self.working.join(&found.path).parent().map_or_else(|| self.working.to_owned(), Path::to_owned);
            let mut fragments = Fragments::new();
            for step in scenario.setup.iter().chain(&scenario.steps).chain(&scenario.teardown) {
                self.fragments(step, &folder, root, &mut Vec::new(), &mut fragments, &mut read_fragments);
                self.schema(step, &self.working.join(&found.path), root);
            }
            let cases_from_file = match &scenario.cases {
                Some(Cases::File(file)) => match cases::read(&folder, file) {
                    Ok(cases) => Some(cases),
                    Err(problem) => {
                        self.problems.push(problem);
                        None
                    }
                },
                _ => None,
            };
            let path = self.shown(&found.path);
            let file = ScenarioFile { path, folder, file: id, scenario, lost, cases_from_file, fragments };
            if found.named && file.snapshot_folder().is_dir() {
                let shown = format!("{}{FOLDER_ENDING}", file.path.trim_end_matches(".yaml").trim_end_matches(".yml"));
                self.snapshots.push((file.snapshot_folder(), shown));
            }
            scenarios.push(Arc::new(file));
        }
        scenarios
    }

    /// Reads the fragment that a step uses, and those that it uses in turn.
    fn fragments(
        &mut self,
        step: &Step,
        folder: &Path,
        root: &Path,
        chain: &mut Vec<PathBuf>,
        into: &mut Fragments,
        read: &mut BTreeMap<PathBuf, Option<Arc<FragmentFile>>>,
    ) {
        let Action::Use(used) = &step.action else { return };
        let key = (folder.to_owned(), used.file.value.clone());
        let beside = folder.join(&used.file.value);
        let path = if beside.is_file() { beside } else { root.join(&used.file.value) };
        let canonical = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some(first) = chain.iter().position(|outer| *outer == canonical) {
            let circle: Vec<String> = chain[first..].iter().chain([&canonical]).map(|path| self.shown(path)).collect();
            let what = match &circle[..] {
                [_, _] => format!("the fragment `{}` uses itself", used.file.value),
                _ => format!("these fragments use each other in a circle: {}", circle.join(" -> ")),
            };
            let problem = Diagnostic::error("fragment.depth", what).at(used.file.span, "");
            self.problems.push(problem.help("remove one of these `use` steps"));
            return;
        }
        if into.contains_key(&key) {
            if let Some(fragment) = into.get(&key).cloned() {
                check::parameters(used, &fragment.fragment, &fragment.lost, &mut self.problems);
            }
            return;
        }
        if chain.len() >= MAX_FRAGMENT_DEPTH {
            let what = format!("fragments are nested more than {MAX_FRAGMENT_DEPTH} levels deep");
            let problem = Diagnostic::error("fragment.depth", what).at(used.file.span, "");
            self.problems
                .push(problem.help("use fewer levels: move the steps of one fragment into the one that uses it"));
            return;
        }
        if !read.contains_key(&canonical) {
            let fragment = self.fragment(&path, used.file.span, &used.file.value, root);
            read.insert(canonical.clone(), fragment);
        }
        let Some(Some(fragment)) = read.get(&canonical).cloned() else { return };
        check::parameters(used, &fragment.fragment, &fragment.lost, &mut self.problems);
        into.insert(key, fragment.clone());
        chain.push(canonical);
        for step in &fragment.fragment.steps {
            self.fragments(step, &fragment.folder, root, chain, into, read);
        }
        chain.pop();
    }

    fn fragment(&mut self, path: &Path, from: Span, written: &str, root: &Path) -> Option<Arc<FragmentFile>> {
        if !path.is_file() {
            self.problems.push(
                Diagnostic::error("fragment.file", format!("there is no file `{written}`"))
                    .at(from, "")
                    .help("the path starts from the folder of this file, or from the project's folder"),
            );
            return None;
        }
        // What lies below the working directory is shown as the user would type it.
        let relative = path.strip_prefix(self.working).unwrap_or(path).to_owned();
        let shown = shown(&relative, self.working);
        let id = if let Some(id) = self.sources.find(&shown) {
            id
        } else {
            let (id, content) = self.read_one(relative)?;
            if let Content::Node(Some(FileKind::Fragment), node) = content {
                self.keep_fragment(id, &node);
            }
            id
        };
        let Some(read) = self.fragments.get(&id) else {
            let file = self.sources.get(id)?.clone();
            // What is wrong with a file that breaks off, or that is none of ours, has been told.
            let node = source::parse_on(id, file.text()).root?;
            if kind_of(&node, false).is_ok_and(|kind| kind != Some(FileKind::Fragment)) {
                self.problems.push(
                    Diagnostic::error(
                        "fragment.kind",
                        format!("`{written}` is not a fragment: it does not start with `fragment:`"),
                    )
                    .at(from, "")
                    .help("start that file with `fragment: TITLE`; a scenario cannot use another scenario"),
                );
            }
            return None;
        };
        let (fragment, lost) = read.clone()?;
        for step in &fragment.steps {
            self.schema(step, path, root);
        }
        let folder = path.parent().map_or_else(|| self.working.to_owned(), Path::to_owned);
        Some(Arc::new(FragmentFile { path: shown, folder, file: id, fragment, lost }))
    }

    /// Reads the schema that a step of a file expects.
    fn schema(&mut self, step: &Step, path: &Path, root: &Path) {
        let Some(expected) = SchemaExpected::of_step(step) else { return };
        let mut reading = Reading { working: self.working, sources: &mut self.sources, problems: &mut self.problems };
        let schema = match &expected.written {
            SchemaWritten::File(name) if name.contains("://") => {
                let problem = Diagnostic::error("schema.remote", "no schema is fetched from elsewhere");
                let help = "save it beside this file, and write the name of that file here";
                self.problems.push(problem.at(expected.span, "").help(help));
                None
            }
            SchemaWritten::File(name) => {
                let beside = path.with_file_name(&**name);
                let of_root = root.join(&**name);
                let path = if !beside.exists() && of_root.is_file() { of_root } else { beside };
                self.schemas.file(&path, expected.span, &mut reading)
            }
            SchemaWritten::Inline(node) => self.schemas.inline(node, path, &mut reading),
        };
        if let Some(schema) = schema {
            expected.load(schema);
        }
    }
}
