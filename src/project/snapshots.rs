//! The folders of snapshots beside the scenarios, and what in them no step names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::{Project, ScenarioFile};
use crate::scenario::Cases;
use crate::scenario::snapshot::{FOLDER_ENDING, SnapshotForm, named};
use crate::source::{Diagnostic, FileId};

/// So many files are named in a warning.
const SHOWN: usize = 5;

/// The names of the snapshots that a run has looked at, by the scenario, where it has gone through all of its steps.
pub type Used = BTreeMap<FileId, BTreeSet<String>>;

/// A folder of snapshots.
#[derive(Debug, Clone)]
pub struct SnapshotFolder {
    /// Where it lies.
    path: PathBuf,
    /// The same as the user knows it.
    shown: String,
    /// Its scenario; none where there is no such file any more.
    scenario: Option<Arc<ScenarioFile>>,
}

/// Files in a folder that no step names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The folder, as the user knows it.
    pub folder: String,
    /// Whether the scenario itself is gone.
    pub gone: bool,
    /// The files, in order.
    pub files: Vec<PathBuf>,
}

impl Project {
    /// The folders of snapshots that the project's scenarios have, or had.
    pub fn snapshot_folders(&self) -> Vec<SnapshotFolder> {
        if self.snapshots.is_empty() {
            return Vec::new();
        }
        let owners: BTreeMap<PathBuf, &Arc<ScenarioFile>> =
            self.scenarios.iter().map(|file| (file.snapshot_folder(), file)).collect();
        let folder = |(path, shown): &(PathBuf, String)| {
            let scenario = owners.get(path).map(|file| (*file).clone());
            if scenario.is_none() {
                // A file that is there and was not read, or is none of ours, may be a scenario tomorrow.
                let stem = path.to_str()?.strip_suffix(FOLDER_ENDING)?;
                if [".yaml", ".yml"].iter().any(|ending| Path::new(&format!("{stem}{ending}")).exists()) {
                    return None;
                }
            }
            Some(SnapshotFolder { path: path.clone(), shown: shown.clone(), scenario })
        };
        self.snapshots.iter().filter_map(folder).collect()
    }

    /// Scenarios whose snapshots would lie in one folder: two files of one name that end in `.yaml` and in `.yml`.
    pub(super) fn shared_snapshots(&self) -> Vec<Diagnostic> {
        let mut first: BTreeMap<(&Path, &str), &ScenarioFile> = BTreeMap::new();
        let mut problems = Vec::new();
        for file in &self.scenarios {
            let Some(before) = first.insert((&file.folder, file.stem()), file) else { continue };
            let (Some(one), Some(other)) = (before.first_snapshot(), file.first_snapshot()) else { continue };
            problems.push(
                Diagnostic::error(
                    "snapshot.shared",
                    format!(
                        "{} and {} have one folder of snapshots, {}{FOLDER_ENDING}",
                        before.path,
                        file.path,
                        file.stem()
                    ),
                )
                .at(other, "")
                .at(one, "")
                .help("give one of the two files another name"),
            );
        }
        problems
    }
}

impl ScenarioFile {
    /// The file's name without its ending.
    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or(name)
    }

    /// Whether some of its snapshots have names that only a run knows.
    pub fn has_open_snapshots(&self) -> bool {
        let open = |one: &named::Named<'_>| one.snapshot.literal_name().is_none() || !one.loops.is_empty();
        self.named_snapshots().iter().any(open)
    }

    /// The folder that its snapshots lie in.
    pub fn snapshot_folder(&self) -> PathBuf {
        self.folder.join(format!("{}{FOLDER_ENDING}", self.stem()))
    }

    /// How many cases it has, if it has any.
    fn case_count(&self) -> Option<usize> {
        self.cases_from_file.as_ref().map(Vec::len).or(match &self.scenario.cases {
            Some(Cases::Inline(cases)) => Some(cases.len()),
            _ => None,
        })
    }

    /// All snapshots that its steps name.
    fn named_snapshots(&self) -> Vec<named::Named<'_>> {
        named::named(&self.scenario, &self.folder, &|folder, name| {
            let found = self.fragments.get(&(folder.to_owned(), name.to_owned()))?;
            Some((&found.fragment, found.folder.as_path()))
        })
    }

    fn first_snapshot(&self) -> Option<crate::source::Span> {
        self.named_snapshots().first().map(named::Named::place)
    }
}

impl SnapshotFolder {
    /// What of it no step names. Names that templates give are known only to a run that has gone through all steps of the
    /// scenario: without one, nothing that may have such a name is stale.
    pub fn stale(&self, used: &Used) -> Option<Stale> {
        let entries = std::fs::read_dir(&self.path).ok()?.filter_map(Result::ok);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let is_snapshot =
            |name: &String| name.rsplit_once('.').is_some_and(|(_, end)| SnapshotForm::of_ending(end).is_some());
        let mut names: Vec<String> = names.filter(is_snapshot).collect();
        names.sort_unstable();
        if let Some(file) = &self.scenario {
            let named = file.named_snapshots();
            let cases = file.case_count();
            let used = used.get(&file.file);
            names.retain(|name| {
                let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
                let covered = |one: &named::Named<'_>| match (one.covers(stem, cases), used) {
                    (Some(covers), _) if !covers || one.loops.is_empty() => covers,
                    (_, Some(used)) if one.is_settled(&file.scenario) => used.contains(stem),
                    (covers, _) => covers.unwrap_or(true),
                };
                !named.iter().any(covered)
            });
        }
        let files: Vec<PathBuf> = names.iter().map(|name| self.path.join(name)).collect();
        (!files.is_empty()).then(|| Stale { folder: self.shown.clone(), gone: self.scenario.is_none(), files })
    }
}

impl Stale {
    /// What is said of them.
    pub fn warning(&self) -> Diagnostic {
        let count = self.files.len();
        let (files, are) = if count == 1 { ("snapshot", "is") } else { ("snapshots", "are") };
        let why = if self.gone { "left over: the scenario is gone" } else { "named by no step" };
        let names = self.files.iter().filter_map(|path| path.file_name()?.to_str());
        let mut names = names.take(SHOWN).collect::<Vec<_>>().join(", ");
        if count > SHOWN {
            names.push_str(&format!(" and {} more", count - SHOWN));
        }
        Diagnostic::warning("snapshot.stale", format!("{count} {files} in {} {are} {why}", self.folder))
            .note(names)
            .help("`callsheet accept --prune` removes what is stale")
    }

    /// Removes the files, and the folder where nothing is left in it.
    ///
    /// # Errors
    /// The first file that cannot be removed, and why.
    pub fn remove(&self) -> Result<(), (PathBuf, std::io::Error)> {
        for file in &self.files {
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err((file.clone(), error)),
                _ => {}
            }
        }
        if let Some(folder) = self.files.first().and_then(|file| file.parent()) {
            // It stays where somebody has put something else into it.
            let _ = std::fs::remove_dir(folder);
        }
        Ok(())
    }
}
