//! From paths to a checked project: every file is read, every problem of every file is told, before anything is called.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cases;
use super::config::Config;
use super::read::{Content, Found, read_files, shown};
use crate::json::Json;
use crate::scenario::snapshot::FOLDER_ENDING;
use crate::scenario::{
    Action, Cases, FileKind, Fragment, Scenario, SchemaExpected, SchemaWritten, Step, check, kind_of,
};
use crate::schema::{Library, Reading};
use crate::source::{self, Diagnostic, FileId, Lost, Node, Read, Reader, Sources, Span};

/// The name of the project file.
pub const PROJECT_FILE: &str = "callsheet.yaml";
/// Fragments may use fragments, this deep.
const MAX_FRAGMENT_DEPTH: usize = 16;

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

    /// The nearest folder with a project file, at or above the first path.
    fn root(&mut self, paths: &[PathBuf]) -> Option<PathBuf> {
        let mut roots = BTreeSet::new();
        for path in paths {
            let whole = self.working.join(path);
            let Ok(whole) = whole.canonicalize() else {
                let mut problem = Diagnostic::error("cli.path", format!("{} does not exist", path.display()));
                problem = problem.help(match near(&whole) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "check the spelling; the path starts from the working directory".to_owned(),
                });
                self.problems.push(problem);
                continue;
            };
            let start = if whole.is_dir() { whole.as_path() } else { whole.parent().unwrap_or(&whole) };
            roots.insert(start.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file()).map(Path::to_owned));
        }
        if !self.problems.is_empty() {
            return None;
        }
        let mut roots = roots.into_iter();
        let first = roots.next().flatten();
        if let Some(second) = roots.next().flatten() {
            let first = first.map_or_else(|| "none".to_owned(), |root| root.display().to_string());
            self.problems.push(
                Diagnostic::error(
                    "cli.projects",
                    format!("these paths belong to two projects: {first} and {}", second.display()),
                )
                .help("run each project on its own"),
            );
            return None;
        }
        Some(first.unwrap_or_else(|| self.working.to_owned()))
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
        let read = self.read_node(path).and_then(|(id, node)| self.typed(id, &node));
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

    /// Finds the files of a path that are not among those seen, which are told by where they really lie.
    fn find(&mut self, path: &Path, seen: &mut HashSet<OsString>, found: &mut Vec<Found>) {
        let whole = self.working.join(path);
        let place = whole.canonicalize().unwrap_or_else(|_| whole.clone());
        if whole.is_file() {
            if seen.insert(place.into_os_string()) {
                found.push(Found { path: path.to_owned(), named: true });
            }
            return;
        }
        let entries = match std::fs::read_dir(&whole) {
            Ok(entries) => entries,
            Err(error) => {
                let what = format!("{} cannot be read: {}", path.display(), source::os_words(&error));
                self.problems.push(Diagnostic::error("cli.path", what).help("name a folder that you may read"));
                return;
            }
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            // Hidden files, and folders that hold what others made.
            if name.starts_with('.') || matches!(name, "node_modules" | "target" | "__pycache__") {
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            let path = if path == Path::new(".") { PathBuf::from(name) } else { path.join(name) };
            if kind.is_dir() {
                // A folder with a project file of its own is another project, with its own environments.
                if name.ends_with(FOLDER_ENDING) {
                    self.snapshots.push((self.working.join(&path), self.shown(&path)));
                } else if self.working.join(&path).join(PROJECT_FILE).is_file() {
                    self.others.push(format!("{} (another project)", self.shown(&path)));
                } else {
                    self.find(&path, seen, found);
                }
            } else if is_yaml(Path::new(name)) {
                let inside = place.join(name);
                let real = if kind.is_symlink() { inside.canonicalize().unwrap_or(inside) } else { inside };
                if seen.insert(real.into_os_string()) {
                    found.push(Found { path, named: false });
                }
            }
        }
    }

    fn provider_files(&mut self, root: &Path, config: &Config) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for entry in &config.providers {
            let path = root.join(&entry.value);
            if path.is_file() {
                files.push(path);
                continue;
            }
            match std::fs::read_dir(&path) {
                Ok(entries) => {
                    let mut inside: Vec<_> =
                        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| is_yaml(path)).collect();
                    inside.sort();
                    files.extend(inside);
                }
                Err(error) => self.problems.push(
                    Diagnostic::error(
                        "project.providers",
                        format!("`{}` cannot be read: {}", entry.value, source::os_words(&error)),
                    )
                    .at(entry.span, "")
                    .help("the path starts from the folder of callsheet.yaml"),
                ),
            }
        }
        files
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

    /// Reads the one file of a kind that is read by hand.
    fn read_node(&mut self, path: PathBuf) -> Option<(FileId, Node)> {
        match self.read_all(&[Found { path, named: true }]).pop()? {
            (_, id, Content::Node(_, node)) => Some((id, node)),
            (_, _, Content::Broken(_)) => None,
            (_, id, Content::Scenario(..)) => {
                let problem = Diagnostic::error(
                    "format.first-key",
                    "this file is a scenario, and another kind of file is needed here",
                );
                let help = "name a file that starts with the key that is needed here";
                self.problems.push(problem.at(Span::new(id, 0..0), "").help(help));
                None
            }
        }
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

    fn scenarios(&mut self, files: Vec<(&Found, FileId, Scenario, Lost)>, root: &Path) -> Vec<Arc<ScenarioFile>> {
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
            let (id, node) = self.read_node(relative)?;
            if let Ok(Some(FileKind::Fragment)) = kind_of(&node, true) {
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
}

impl Loader<'_> {
    /// Reads the schema that a step of a file expects.
    fn schema(&mut self, step: &Step, path: &Path, root: &Path) {
        let Some(expected) = SchemaExpected::of_step(step) else { return };
        let mut reading = Reading { working: self.working, sources: &mut self.sources, problems: &mut self.problems };
        let schema = match &expected.written {
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

/// The YAML files in a folder itself that are not among those seen.
fn beside(folder: &Path, seen: &HashSet<OsString>) -> Vec<Found> {
    let place = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<OsString> = entries.map(|entry| entry.file_name()).collect();
    names.sort_unstable();
    let unseen = |name: &OsString| is_yaml(Path::new(name)) && !seen.contains(place.join(name).as_os_str());
    let found = names.into_iter().filter(unseen).map(|name| Found { path: folder.join(name), named: false });
    found.filter(|file| file.path.is_file()).collect()
}

fn is_yaml(path: &Path) -> bool {
    let hidden = path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with('.'));
    !hidden && matches!(path.extension().and_then(|ending| ending.to_str()), Some("yaml" | "yml"))
}

/// Whether a file may be a provider: the key stands at the beginning of one of its lines, or in a mapping in braces.
fn declares_provider(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let key = |line: &str| line.trim_start_matches(['\u{feff}', '{', '"', '\'', ' ']).starts_with("provider");
    text.lines().any(key)
}

/// A name in the same folder that may have been meant.
fn near(path: &Path) -> Option<String> {
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let names: Vec<String> =
        std::fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    source::suggestion(name, names.iter().map(String::as_str)).map(str::to_owned)
}
