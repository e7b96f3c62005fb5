//! Which files a project has: the folder it starts from, and the files below the paths that were given.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Loader, PROJECT_FILE};
use crate::project::config::Config;
use crate::project::read::Found;
use crate::scenario::snapshot::FOLDER_ENDING;
use crate::source::{self, Diagnostic};

impl Loader<'_> {
    /// The nearest folder with a project file, at or above the first path.
    pub(super) fn root(&mut self, paths: &[PathBuf]) -> Option<PathBuf> {
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

    /// Finds the files of a path that are not among those seen, which are told by where they really lie.
    pub(super) fn find(&mut self, path: &Path, seen: &mut HashSet<OsString>, found: &mut Vec<Found>) {
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

    pub(super) fn provider_files(&mut self, root: &Path, config: &Config) -> Vec<PathBuf> {
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
}

/// The YAML files in a folder itself that are not among those seen.
pub(super) fn beside(folder: &Path, seen: &HashSet<OsString>) -> Vec<Found> {
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
pub(super) fn declares_provider(text: &[u8]) -> bool {
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
