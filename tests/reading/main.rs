//! What the binary makes of files, options and signals before, around and after the calls: every mistake of reading,
//! every check, templates, selections and exit codes.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod check;
mod exit_codes;
mod files;
mod newcomers;
mod options;
mod plain;
mod schemas;
mod selection;
#[path = "../support/mod.rs"]
mod support;
mod templates;

use support::Project;

/// A project whose environment serves the embedded look-alikes, with one scenario that echoes.
fn mocked(scenario: &str) -> Project {
    Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n")
        .file("scenario.yaml", scenario)
}
