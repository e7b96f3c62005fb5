//! `callsheet check`: everything that can be found out without a call.

use super::args::CheckOptions;
use super::exit::ExitCode;
use super::output::Output;
use super::prepare::prepare;
use crate::project::Used;
use crate::source::{Diagnostic, Sources};

pub(super) fn command(options: &CheckOptions, output: &Output) -> ExitCode {
    let Some(prepared) = prepare(&options.project, output) else { return ExitCode::Usage };
    let stale = prepared.project.snapshot_folders().into_iter().filter_map(|folder| folder.stale(&Used::new()));
    let mut warnings = prepared.warnings;
    warnings.extend(stale.map(|stale| stale.warning()));
    output.problems(&warnings, &prepared.sources);
    let scenarios = prepared.project.scenarios.len();
    if scenarios == 0 {
        let help = "a scenario file is a .yaml file that starts with `scenario: TITLE`; `callsheet init` writes one";
        let mut problem = Diagnostic::error("cli.empty", "there is no scenario here").help(help);
        if !prepared.project.ignored.is_empty() {
            let ignored = prepared.project.ignored.join(", ");
            problem = problem.note(format!("ignored, because they are not callsheet files: {ignored}"));
        }
        output.problems(&[problem], &Sources::default());
        return ExitCode::Usage;
    }
    let mut text = format!("{scenarios} scenario{} checked: no error", if scenarios == 1 { "" } else { "s" });
    match warnings.len() {
        0 => {}
        1 => text.push_str(", 1 warning"),
        count => text.push_str(&format!(", {count} warnings")),
    }
    if !prepared.project.ignored.is_empty() {
        text.push_str(&format!(
            "\nignored, because they are not callsheet files: {}",
            prepared.project.ignored.join(", ")
        ));
    }
    text.push('\n');
    output.print(&text);
    ExitCode::Passed
}
