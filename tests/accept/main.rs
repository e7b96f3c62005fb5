//! `callsheet accept` through the binary: a run against a server whose answers are no longer what is expected, what it
//! leaves, and what becomes of the files.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod files;
#[cfg(unix)]
mod review;
#[path = "../support/mod.rs"]
mod support;
mod taken;

use support::{Project, Recorder, reply};

/// A project over a server that answers `/NAME` with the text of that name in the folder `www`.
pub(crate) fn project() -> Project {
    let project = Project::new();
    std::fs::create_dir_all(project.path("www")).expect("a folder can be made");
    let folder = project.path("www");
    let server = Recorder::start(move |seen| {
        let name = seen.path().trim_start_matches('/');
        let (name, status) =
            name.split_once('/').map_or((name, 200), |(name, status)| (name, status.parse().unwrap_or(200)));
        let body = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let kind = if std::path::Path::new(&name).extension().is_some_and(|ending| ending == "txt") {
            "text/plain"
        } else {
            "application/json"
        };
        reply(status, &[("content-type", kind), ("x-version", "v7"), ("etag", "\"abc\"")], &body)
    });
    let config = "callsheet: 1\nenvironments: { test: { vars: { at: \"BASE\" } } }\n".replace("BASE", &server.base());
    project.file("callsheet.yaml", &config).variable("CI", "")
}

/// The same with a scenario of one step that gets `a.json`, and expects what `expect` says.
pub(crate) fn expecting(answer: &str, expect: &str) -> Project {
    let scenario = format!(
        "scenario: A trip\nbase_url: \"{{{{ env.at }}}}\"\nsteps:\n  - get: /a.json\n    expect:\n{}",
        expect.lines().map(|line| format!("      {line}\n")).collect::<String>()
    );
    project().file("www/a.json", answer).file("trip.yaml", &scenario)
}

/// What stands below `expect` of that scenario.
pub(crate) fn expected(project: &Project) -> String {
    let text = project.read("trip.yaml");
    let (_, expect) = text.split_once("    expect:\n").unwrap_or_else(|| panic!("no `expect` in\n{text}"));
    expect.lines().map(|line| format!("{}\n", line.strip_prefix("      ").unwrap_or(line))).collect()
}
