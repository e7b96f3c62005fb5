//! Where the snapshot of a step lies, and which snapshots a run has looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::executor::Environment;
use super::step::Frame;
use crate::expect::snapshot::{Owner, Shelf};
use crate::plan::Instance;
use crate::project::{SnapshotFolder, Used};
use crate::scenario::Call;
use crate::source::{Diagnostic, FileId};

/// The snapshots of a run that runs everything, so that it knows at its end which nobody needs.
#[derive(Debug)]
pub struct Snapshots {
    folders: Vec<SnapshotFolder>,
    began: Timestamp,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    used: BTreeMap<FileId, BTreeSet<String>>,
    /// Scenarios of which some steps were not run.
    incomplete: BTreeSet<FileId>,
}

impl Snapshots {
    /// The snapshots in these folders; none where the run is not to look for stale ones.
    pub fn of(folders: Vec<SnapshotFolder>) -> Self {
        Self { folders, began: Timestamp::now(), seen: Mutex::default() }
    }

    /// When the run began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    fn note(&self, with: impl FnOnce(&mut Seen)) {
        if !self.folders.is_empty() {
            with(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Notes that some steps of a scenario were not run.
    pub(super) fn incomplete(&self, instance: &Instance) {
        self.note(|seen| {
            seen.incomplete.insert(instance.file.file);
        });
    }

    /// What was looked at, of scenarios all steps of which were run.
    pub fn used(&self) -> Used {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = seen.used.iter().filter(|(file, _)| !seen.incomplete.contains(file));
        whole.map(|(file, names)| (*file, names.clone())).collect()
    }

    /// What is stale once all is run.
    pub(super) fn stale(&self) -> Vec<Diagnostic> {
        let used = self.used();
        self.folders.iter().filter_map(|folder| folder.stale(&used)).map(|stale| stale.warning()).collect()
    }
}

/// The place of the snapshot that a call names.
pub(super) fn shelf<'c>(
    instance: &'c Instance,
    environment: &Environment,
    call: &'c Call,
    frame: &Frame,
) -> Result<Option<Shelf<'c>>, Diagnostic> {
    let Some(keys) = call.expect.keys.as_deref() else { return Ok(None) };
    let owner = Owner {
        path: &instance.file.path,
        folder: &instance.file.folder,
        case: instance.case.as_ref().map(|case| case.number),
        items: &frame.items,
        recorded: environment.gathering.is_some(),
    };
    let shelf = Shelf::of(keys, &owner, &frame.scope, &environment.sources, &environment.redactor);
    let Some(shelf) = shelf.map_err(|problem| *problem)? else { return Ok(None) };
    environment.snapshots.note(|seen| {
        seen.used.entry(instance.file.file).or_default().insert(shelf.name().to_owned());
    });
    Ok(Some(shelf))
}
