//! What a run leaves for `callsheet accept`.

use std::path::Path;

use super::accept::Place;
use super::args::RunOptions;
use super::output::Output;
use crate::pending::{Offer, Store};
use crate::run::{Gathering, Stop, Stopper, quoted};
use crate::secret::Redactor;
use crate::source::{Diagnostic, Sources, os_words};

/// Whether this is a CI server: `CI` is set, and says neither nothing nor `false`. Nothing is written there.
pub(super) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && !value.eq_ignore_ascii_case("false"))
}

/// Keeps what a run has gathered, forgets what has passed, and says in one line what can be done about it.
pub(super) fn keep(
    gathering: &Gathering,
    root: &Path,
    sources: &Sources,
    redactor: &Redactor,
    stopper: &Stopper,
    options: &RunOptions,
    output: &Output,
) {
    let store = Store::of(root);
    let (mut changes, mut refused) = (0, 0);
    let mut failed = None;
    for (scenario, pending) in gathering.finish(sources, redactor, stopper.state() == Stop::No && store.holds_any()) {
        let kept = match &pending {
            Some(pending) => {
                let can = pending.proposals.iter().filter(|one| !matches!(one.change, Offer::Refused(_))).count();
                changes += can;
                refused += pending.proposals.len() - can;
                store.keep(pending)
            }
            None => store.forget(&scenario),
        };
        failed = failed.or(kept.err());
    }
    if let Some(error) = failed {
        let problem = Diagnostic::warning(
            "pending.write",
            format!("what could be accepted cannot be kept: {}", os_words(&error)),
        )
        .help("make .callsheet writable, or give --no-pending");
        output.problems(&[problem], sources);
    } else if changes + refused > 0 {
        let line = told(changes, refused, &command(root, options));
        // Where a report takes standard output, people read standard error.
        if options.report.iter().any(|report| report.ends_with("=-")) { output.say(&line) } else { output.print(&line) }
    }
}

/// The command that finds what is kept: without a path, `accept` goes by the project around the working directory.
fn command(root: &Path, options: &RunOptions) -> String {
    let working = std::env::current_dir().unwrap_or_default();
    let is_here = Place::of(&[], &working).is_ok_and(|here| root.canonicalize().is_ok_and(|root| root == here.root));
    let paths = options.project.paths.iter().filter(|_| !is_here).map(|path| quoted(&path.to_string_lossy()));
    std::iter::once("callsheet accept".to_owned()).chain(paths).collect::<Vec<_>>().join(" ")
}

/// What of that which failed could be accepted, and what not.
fn told(changes: usize, refused: usize, command: &str) -> String {
    let changes = match changes {
        0 => return format!("nothing of what failed could be taken into the files: {command} --list says why\n"),
        1 => "1 change".to_owned(),
        changes => format!("{changes} changes"),
    };
    let mut told = format!("{changes} could be taken into the files: {command}\n");
    if refused > 0 {
        told.push_str(&format!("{refused} could not: {command} --list says why\n"));
    }
    told
}
