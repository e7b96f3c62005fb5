//! What a run leaves for `callsheet accept`.

use std::path::Path;

use super::args::RunOptions;
use super::output::Output;
use crate::pending::{Offer, Store};
use crate::run::{Gathering, Stop, Stopper};
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
        let line = told(changes, refused);
        // Where a report takes standard output, people read standard error.
        if options.report.iter().any(|report| report.ends_with("=-")) { output.say(&line) } else { output.print(&line) }
    }
}

/// What of that which failed could be accepted, and what not.
fn told(changes: usize, refused: usize) -> String {
    let changes = match changes {
        0 => {
            return "nothing of what failed could be taken into the files: callsheet accept --list says why\n"
                .to_owned();
        }
        1 => "1 change".to_owned(),
        changes => format!("{changes} changes"),
    };
    let mut told = format!("{changes} could be taken into the files: callsheet accept\n");
    if refused > 0 {
        told.push_str(&format!("{refused} could not: callsheet accept --list says why\n"));
    }
    told
}
