//! From paths to a checked project: every file is read, every problem of every file is told, before anything is called.

mod find;
mod parts;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::find::{beside, declares_provider};
use super::config::Config;
use super::read::{Content, Found, read_files, shown};
use crate::json::Json;
use crate::scenario::{FileKind, Fragment, Scenario, check};
use crate::schema::Library;
use crate::source::{self, Diagnostic, FileId, Lost, Node, Read, Reader, Sources, Span};

/// The name of the project file.
pub const PROJECT_FILE: &str = "callsheet.yaml";

/// A project, read.
#[derive(Debug)]
pub struct Project {
    /// The folder of the project file, or the working directory.
    pub root: PathBuf,
    /// The project file, or what holds without one.
    pub config: Config,
    /// The scenarios in the order of their paths.
    pub scenarios: Vec<Arc<ScenarioFile>>,
    /// Provider files of the project, with their trees: the catalogue reads them.
    pub providers: Vec<(FileId, Node)>,
    /// The names of providers whose files could not be read.
    pub broken_providers: Vec<String>,
    /// What of the project file could not be read.
    pub lost: Lost,
    /// Files that were passed over, because nothing in them is ours, and folders that are projects by themselves.
    pub ignored: Vec<String>,
    /// Folders of snapshots below the paths, and as the user knows them.
    pub(super) snapshots: Vec<(PathBuf, String)>,
}

/// A scenario and what belongs to it.
#[derive(Debug)]
pub struct ScenarioFile {
    /// The path as the user knows it.
    pub path: String,
    /// The folder that its relative paths start from.
    pub folder: PathBuf,
    /// The file.
    pub file: FileId,
    /// The scenario.
    pub scenario: Scenario,
    /// What of it could not be read.
    pub lost: Lost,
    /// Its cases, from the file or written out; none where it has no `cases`. Written-out ones hold templates, and are
    /// evaluated when they run.
    pub cases_from_file: Option<Vec<Arc<Json>>>,
    /// The fragments it uses, by the text of `use` and the folder it stands in.
    pub fragments: Fragments,
}

/// Fragments by where they are used from and the text of `use`.
pub(super) type Fragments = BTreeMap<(PathBuf, String), Arc<FragmentFile>>;

/// A fragment.
#[derive(Debug)]
pub struct FragmentFile {
    /// The path as the user knows it.
    pub path: String,
    /// The folder that its relative paths start from.
    pub folder: PathBuf,
    /// The file.
    pub file: FileId,
    /// The fragment.
    pub fragment: Fragment,
    /// What of it could not be read.
    pub lost: Lost,
}

/// A project and all files of it, and all that is wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// The project, as far as it could be read.
    pub project: Option<Project>,
    /// What is wrong. Where anything is, the project is good for further checks only.
    pub problems: Vec<Diagnostic>,
    /// All files, for showing places in them.
    pub sources: Sources,
}

/// Reads the project that the paths lie in, and the scenarios below them.
pub fn load(paths: &[PathBuf], working: &Path) -> Loaded {
    let mut loader = Loader::new(working);
    let project = loader.project(paths);
    loader.loaded(project)
}

/// Reads the project that a folder lies in, without its scenarios: the project file and the providers. What is wrong with
/// other files is not told.
pub fn load_providers(folder: &Path, working: &Path) -> Loaded {
    let mut loader = Loader::new(working);
    let project = loader.bare(folder);
    loader.loaded(project)
}

struct Loader<'w> {
    working: &'w Path,
    sources: Sources,
    problems: Vec<Diagnostic>,
    /// Folders below the paths that are projects by themselves.
    others: Vec<String>,
    /// Folders of snapshots.
    snapshots: Vec<(PathBuf, String)>,
    /// The fragments among the files, as far as they could be read.
    fragments: BTreeMap<FileId, Option<(Fragment, Lost)>>,
    /// The schemas that steps expect.
    schemas: Library,
}

impl Project {
    /// Checks every scenario, and every fragment that one of them uses, against what is known from outside. Tells all
    /// problems and what is named.
    pub fn check(&self, outside: &check::Outside) -> (Vec<Diagnostic>, check::Named) {
        let mut problems = Vec::new();
        let mut named = check::Named::default();
        let mut checked = BTreeSet::new();
        for file in &self.scenarios {
            let find = |folder: &Path, name: &str| {
                let found = file.fragments.get(&(folder.to_owned(), name.to_owned()))?;
                Some((&found.fragment, found.folder.as_path()))
            };
            named.extend(check::scenario(&file.scenario, &file.lost, &file.folder, outside, &find, &mut problems));
            for fragment in file.fragments.values() {
                if checked.insert(fragment.file) {
                    named.extend(check::fragment(
                        &fragment.fragment,
                        &fragment.lost,
                        &fragment.folder,
                        outside,
                        &find,
                        &mut problems,
                    ));
                }
            }
        }
        problems.extend(self.shared_snapshots());
        let headers = self.config.defaults.headers.iter().flat_map(|(_, values)| values.references());
        headers.for_each(|(reference, _)| named.add(reference));
        (problems, named)
    }
}

impl<'w> Loader<'w> {
    fn new(working: &'w Path) -> Self {
        Self {
            working,
            sources: Sources::default(),
            problems: Vec::new(),
            others: Vec::new(),
            snapshots: Vec::new(),
            fragments: BTreeMap::new(),
            schemas: Library::default(),
        }
    }

    fn loaded(self, project: Option<Project>) -> Loaded {
        Loaded { project, problems: self.problems, sources: self.sources }
    }

    fn project(&mut self, paths: &[PathBuf]) -> Option<Project> {
        let default = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &default } else { paths };
        let root = self.root(paths)?;
        let (config, lost) = self.config(&root);
        let mut providers = self.provider_files(&root, &config);
        // The providers are read by themselves, and the project file has been read.
        let project_file = root.join(PROJECT_FILE);
        let known = providers.iter().chain([&project_file]).filter_map(|path| path.canonicalize().ok());
        let mut seen = known.map(PathBuf::into_os_string).collect();
        let mut found = Vec::new();
        for path in paths {
            self.find(path, &mut seen, &mut found);
        }
        // A scenario that is run by itself has the providers that lie beside the project file, too.
        let mut beside = beside(&root, &seen);
        beside.retain(|file| std::fs::read(&file.path).is_ok_and(|text| declares_provider(&text)));

        let mut ignored = std::mem::take(&mut self.others);
        let mut scenarios = Vec::new();
        let (mut provider_nodes, mut broken_providers) = (Vec::new(), Vec::new());
        for (file, id, content) in self.read_all(&found) {
            match content {
                Content::Scenario(scenario, lost) => scenarios.push((file, id, *scenario, lost)),
                Content::Broken(name) => broken_providers.push(name),
                Content::Node(Some(FileKind::Provider), node) => provider_nodes.push((id, node)),
                Content::Node(Some(FileKind::Fragment), node) => self.keep_fragment(id, &node),
                Content::Node(Some(_), _) => {}
                Content::Node(None, _) => ignored.push(self.shown(&file.path)),
            }
        }
        let named: Vec<Found> = providers.drain(..).map(|path| Found { path, named: true }).collect();
        for (_, id, content) in self.read_all(&named) {
            match content {
                Content::Node(Some(FileKind::Provider), node) => provider_nodes.push((id, node)),
                Content::Broken(name) => broken_providers.push(name),
                _ => self.problems.push(
                    Diagnostic::error(
                        "project.providers",
                        "this file is not a provider: it does not start with `provider:`",
                    )
                    .at(Span::new(id, 0..0), "")
                    .help("`providers` in callsheet.yaml may list only provider files and folders of them"),
                ),
            }
        }
        let (more, broken) = self.providers_among(&beside);
        provider_nodes.extend(more);
        broken_providers.extend(broken);
        let scenarios = self.scenarios(scenarios, &root);
        let snapshots = std::mem::take(&mut self.snapshots);
        Some(Project { root, config, scenarios, providers: provider_nodes, broken_providers, lost, ignored, snapshots })
    }

    fn bare(&mut self, folder: &Path) -> Option<Project> {
        let root = self.root(&[folder.to_owned()])?;
        let (config, lost) = self.config(&root);
        let mut found = Vec::new();
        if root.join(PROJECT_FILE).is_file() {
            self.find(&root, &mut HashSet::new(), &mut found);
        } else {
            // Nobody says that what lies below this folder belongs together: it may be a whole disk.
            found = beside(&root, &HashSet::new());
        }
        // Most files are scenarios; they need not be read to know that they are no providers.
        found.retain(|file| std::fs::read(&file.path).is_ok_and(|text| declares_provider(&text)));
        for path in self.provider_files(&root, &config) {
            if !found.iter().any(|file| file.path.canonicalize().ok() == path.canonicalize().ok()) {
                found.push(Found { path, named: true });
            }
        }
        let (providers, broken_providers) = self.providers_among(&found);
        let (scenarios, ignored, snapshots) = (Vec::new(), Vec::new(), Vec::new());
        Some(Project { root, config, scenarios, providers, broken_providers, lost, ignored, snapshots })
    }

    /// The providers among files of any kind, and the names of those that could not be read.
    fn providers_among(&mut self, found: &[Found]) -> (Vec<(FileId, Node)>, Vec<String>) {
        let (mut providers, mut broken) = (Vec::new(), Vec::new());
        for file in read_files(found, self.working, self.sources.len()) {
            let id = self.sources.add(file.source);
            match file.content {
                Some(Content::Node(Some(FileKind::Provider), node)) => providers.push((id, node)),
                Some(Content::Broken(name)) => broken.push(name),
                _ => continue,
            }
            self.problems.extend(file.problems);
        }
        (providers, broken)
    }

    /// The project file, and what of it could not be read; without one, what holds then.
    fn config(&mut self, root: &Path) -> (Config, Lost) {
        let none = || Config {
            version: super::config::Version,
            environments: Default::default(),
            default_environment: None,
            providers: Vec::new(),
            defaults: Default::default(),
            jobs: None,
            at: Default::default(),
        };
        let path = root.join(PROJECT_FILE);
        if !path.is_file() {
            return (none(), Lost::default());
        }
        let read = match self.read_one(path) {
            Some((id, Content::Node(_, node))) => self.typed(id, &node),
            Some((id, Content::Scenario(..))) => {
                let what = format!("{PROJECT_FILE} is the project file, and this is a scenario");
                self.problems.push(
                    Diagnostic::error("format.first-key", what)
                        .at(Span::new(id, 0..0), "")
                        .help("give the scenario another file name; a project file starts with `callsheet: 1`"),
                );
                None
            }
            Some((_, Content::Broken(_))) | None => None,
        };
        let Some((config, lost)): Option<(Config, Lost)> = read else { return (none(), Lost::everything()) };
        if let Some(default) = &config.default_environment
            && config.environments.get(&default.value).is_none()
            && !lost.names(&default.value)
        {
            let mut problem =
                Diagnostic::error("project.environment", format!("there is no environment `{}`", default.value))
                    .at(default.span, "");
            if let Some(meant) = source::suggestion(&default.value, config.environments.names()) {
                problem = problem.help(format!("did you mean `{meant}`?"));
            }
            self.problems.push(problem);
        }
        (config, lost)
    }

    /// Reads files and keeps their sources and problems.
    fn read_all<'f>(&mut self, files: &'f [Found]) -> Vec<(&'f Found, FileId, Content)> {
        let read = read_files(files, self.working, self.sources.len());
        let mut contents = Vec::with_capacity(files.len());
        for (found, file) in files.iter().zip(read) {
            let id = self.sources.add(file.source);
            self.problems.extend(file.problems);
            contents.extend(file.content.map(|content| (found, id, content)));
        }
        contents
    }

    /// Reads a file by itself.
    fn read_one(&mut self, path: PathBuf) -> Option<(FileId, Content)> {
        self.read_all(&[Found { path, named: true }]).pop().map(|(_, id, content)| (id, content))
    }

    /// A model as far as it could be read, and what of it could not.
    fn typed<T: Read>(&mut self, id: FileId, node: &Node) -> Option<(T, Lost)> {
        let file = self.sources.get(id)?.clone();
        let mut reader = Reader::lenient(id, file.text());
        let read = T::read(node, &mut reader).ok();
        self.problems.append(&mut reader.problems);
        read.map(|read| (read, reader.lost()))
    }

    fn keep_fragment(&mut self, id: FileId, node: &Node) {
        let fragment = self.typed(id, node);
        self.fragments.insert(id, fragment);
    }

    fn shown(&self, path: &Path) -> String {
        shown(path, self.working)
    }
}
