//! `callsheet list`: what a run would run.

use super::args::ListOptions;
use super::exit::ExitCode;
use super::output::Output;
use super::prepare::{prepare, selection};
use super::run::nothing;
use crate::plan::RunPlan;
use crate::source::{Diagnostic, Severity};

pub(super) fn command(options: &ListOptions, output: &Output) -> ExitCode {
    let Some(prepared) = prepare(&options.project, output) else { return ExitCode::Usage };
    let planned = selection(&options.selection, &prepared.project)
        .and_then(|selection| RunPlan::of(&prepared.project, &prepared.sources, &selection, 0));
    let plan = match planned {
        Ok(plan) => plan,
        Err(problems) => {
            output.problems(&problems, &prepared.sources);
            return ExitCode::Usage;
        }
    };
    if plan.instances.is_empty() {
        // Nothing is a list, too; but a person wants to know why.
        let nothing = nothing(&options.selection, &prepared.project);
        let problem =
            Diagnostic { severity: Severity::Warning, message: "no scenario is selected".to_owned(), ..nothing };
        output.problems(&[problem], &prepared.sources);
    }
    let mut text = String::new();
    for instance in &plan.instances {
        let scenario = &instance.file.scenario;
        let case = instance.case.as_ref().map(|case| format!("#{}", case.number)).unwrap_or_default();
        let tags: Vec<String> = scenario.tags.iter().map(|tag| format!("@{}", tag.value)).collect();
        let tags = if tags.is_empty() { String::new() } else { format!("   {}", tags.join(" ")) };
        text.push_str(&format!("{}{case}   {}{tags}\n", instance.file.path, scenario.title.value));
    }
    output.print(&text);
    ExitCode::Passed
}
