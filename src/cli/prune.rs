//! Snapshots that no step names any more: what a run of everything leaves for `callsheet accept --prune`, and its removal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::args::SelectionOptions;
use super::exit::ExitCode;
use super::output::Output;
use crate::pending::{Store, UsedBy, UsedSnapshots, sha256};
use crate::project::{self, Loaded, Project, ScenarioFile, SnapshotFolder, Stale, Used};
use crate::run::Snapshots;
use crate::source::{Diagnostic, Severity, Sources, os_words};

/// The snapshots that a run looks after: those of a run of everything, which knows at its end what nobody needs.
pub(super) fn snapshots(selection: &SelectionOptions, project: &Project) -> Snapshots {
    let is_whole = selection.tag.is_empty() && selection.only.is_empty();
    Snapshots::of(if is_whole { project.snapshot_folders() } else { Vec::new() })
}

/// Keeps which snapshots a run of everything has looked at, where only a run can know.
pub(super) fn keep(snapshots: &Snapshots, project: &Project, sources: &Sources, output: &Output) {
    let used = snapshots.used();
    let open = project.scenarios.iter().filter(|file| file.has_open_snapshots());
    let by = |file: &Arc<ScenarioFile>| {
        let names = used.get(&file.file)?.clone();
        let sha256 = sha256(sources.get(file.file)?.text());
        Some(UsedBy { scenario: below(&project.root, file), sha256, names })
    };
    let scenarios: Vec<UsedBy> = open.filter_map(by).collect();
    if scenarios.is_empty() {
        return;
    }
    let kept = Store::of(&project.root).keep_used(&UsedSnapshots::new(snapshots.began().as_millisecond(), scenarios));
    if let Err(error) = kept {
        let what = format!("which snapshots the run has used cannot be kept: {}", os_words(&error));
        output.problems(
            &[Diagnostic::warning("pending.write", what).help("make .callsheet writable, or give --no-pending")],
            sources,
        );
    }
}

/// `callsheet accept --prune`: removes what is left over, or lists it.
pub(super) fn command(paths: &[PathBuf], list: bool, output: &Output) -> ExitCode {
    let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Loaded { project, problems, sources } = project::load(paths, &working);
    let errors: Vec<_> = problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect();
    let project = match project {
        Some(project) if errors.is_empty() => project,
        _ => {
            // What a file that cannot be read would name is not known.
            output.problems(&errors, &sources);
            return ExitCode::Usage;
        }
    };
    let found = stale(&project, &sources);
    let count: usize = found.iter().map(|stale| stale.files.len()).sum();
    let mut text = String::new();
    for stale in &found {
        for file in &stale.files {
            text.push_str(&format!("{}\n", shown(file, &working)));
        }
        if list {
            continue;
        }
        if let Err((file, error)) = stale.remove() {
            let what = format!("{} cannot be removed: {}", shown(&file, &working), os_words(&error));
            output.print(&text);
            output.problems(&[Diagnostic::error("snapshot.stale", what).help("remove it by hand")], &sources);
            return ExitCode::Run(1);
        }
    }
    let (snapshots, done) = (if count == 1 { "snapshot" } else { "snapshots" }, if list { "stale" } else { "removed" });
    text.push_str(&match count {
        0 => "no snapshot is stale\n".to_owned(),
        count if list => format!("{count} {snapshots} {done}; without --list they are removed\n"),
        count => format!("{count} {snapshots} {done}\n"),
    });
    output.print(&text);
    ExitCode::Passed
}

/// What is stale, by what the files say and by what the last run of everything has used.
fn stale(project: &Project, sources: &Sources) -> Vec<Stale> {
    let kept = Store::of(&project.root).used();
    let used: Used = project
        .scenarios
        .iter()
        .filter_map(|file| {
            let path = below(&project.root, file);
            let by = kept.scenarios.iter().find(|by| by.scenario == path)?;
            // A scenario that was changed since may name others.
            (by.sha256 == sha256(sources.get(file.file)?.text())).then(|| (file.file, by.names.clone()))
        })
        .collect();
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(kept.at).unwrap_or_default());
    let of = |folder: SnapshotFolder| {
        let named_by_none = folder.stale(&Used::new()).map(|stale| stale.files).unwrap_or_default();
        let mut stale = folder.stale(&used)?;
        // What was stored after that run was accepted since.
        let older =
            |file: &PathBuf| std::fs::metadata(file).and_then(|found| found.modified()).is_ok_and(|then| then < at);
        stale.files.retain(|file| named_by_none.contains(file) || older(file));
        (!stale.files.is_empty()).then_some(stale)
    };
    project.snapshot_folders().into_iter().filter_map(of).collect()
}

/// A scenario's file as it is named below the project's root, wherever the command is run.
fn below(root: &Path, file: &ScenarioFile) -> String {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let path = whole(&file.folder).join(name);
    path.strip_prefix(whole(root)).unwrap_or(&path).to_string_lossy().replace('\\', "/")
}

fn shown(file: &Path, working: &Path) -> String {
    file.strip_prefix(working).unwrap_or(file).to_string_lossy().replace('\\', "/")
}
