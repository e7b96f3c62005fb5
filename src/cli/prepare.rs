//! What every command that reads a project does first: load it, select the environment, check all that can be checked.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ProjectOptions, SelectionOptions};
use super::output::Output;
use crate::auth::{Catalogue, Provider};
use crate::plan::{Selection, TagExpression};
use crate::project::{self, Loaded, Project, ScenarioFile, Selected, Settings};
use crate::scenario::check::{Named, Outside};
use crate::scenario::{Action, Auth, Step};
use crate::source::{Diagnostic, FileId, Lost, Node, Reader, Severity, Sources, suggestion};

/// A project that has passed every check.
pub(super) struct Prepared {
    /// Never taken apart: the process ends with the command, and a thousand scenarios are many small pieces.
    pub(super) project: ManuallyDrop<Project>,
    pub(super) sources: Sources,
    pub(super) selected: Selected,
    /// The providers that files name.
    pub(super) providers: BTreeMap<String, Arc<Provider>>,
    /// The secrets that templates name.
    pub(super) secrets: BTreeSet<String>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Loads and checks. What is wrong has been printed when there is none.
pub(super) fn prepare(options: &ProjectOptions, output: &Output) -> Option<Prepared> {
    let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Loaded { project, mut problems, mut sources } = project::load(&options.paths, &working);
    let Some(project) = project else {
        output.problems(&problems, &sources);
        return None;
    };
    let settings = Settings { environment: options.env.clone(), vars: options.var.clone() };
    let selected = Selected::of(&project.config, &settings, &project.lost);
    // What could be read is checked even where something could not: a person mends all mistakes in one go.
    let outside = selected.as_ref().map_or_else(
        |_| Outside { lost: Lost::everything(), ..Outside::default() },
        |selected| Outside { lost: unknown(&project, selected), ..selected.outside() },
    );
    let (more, named) = project.check(&outside);
    problems.extend(more);
    if let Ok(selected) = &selected {
        problems.extend(idle_variables(selected, &named, &project, &sources));
    }
    if let Some(jobs) = project.config.jobs.as_ref().filter(|jobs| jobs.value == 0) {
        problems.push(
            Diagnostic::error("format.value", "with no job at once, no scenario would ever run")
                .at(jobs.span, "")
                .help("write a number from 1, or remove `jobs`"),
        );
    }
    let providers = providers(&project, &mut sources, &mut problems);
    let selected = selected.map_err(|problem| problems.extend(problem)).ok();
    let causes: Vec<_> = problems.iter().filter(|problem| problem.id.starts_with("yaml.")).cloned().collect();
    problems.retain(|problem| !causes.iter().any(|cause| cause.causes(problem)));
    let (warnings, errors): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.severity == Severity::Warning);
    if !errors.is_empty() {
        output.problems(&errors, &sources);
        return None;
    }
    let selected = selected?;
    let project = ManuallyDrop::new(project);
    Some(Prepared { project, sources, selected, providers, secrets: named.secrets, warnings })
}

/// What is not known of the environment, because the project file could not be read.
fn unknown(project: &Project, selected: &Selected) -> Lost {
    let environment = &selected.environment;
    let halved = |key: &str, empty: bool| empty && environment.at.key(key).is_some();
    let gone = project.config.environments.get(&selected.name).is_none()
        || halved("vars", environment.vars.is_empty())
        || halved("secrets", environment.secrets.is_empty());
    if gone && !project.lost.is_empty() { Lost::everything() } else { project.lost.clone() }
}

/// Variables of the command line that nothing takes: most often a typo, which must not go unnoticed.
fn idle_variables(selected: &Selected, named: &Named, project: &Project, sources: &Sources) -> Vec<Diagnostic> {
    let lost = |name: &str| project.scenarios.iter().any(|file| file.lost.names(name)) || project.lost.names(name);
    let own = |name: &str| selected.environment.vars.get(name).is_some();
    let mut problems = Vec::new();
    // A value may be a secret, and is not shown.
    for name in selected.vars.keys().filter(|name| !named.vars.contains(*name) && !lost(name)) {
        let problem = Diagnostic::error("cli.var", format!("--var {name}=…: no scenario here has a variable `{name}`"));
        problems.push(match suggestion(name, named.vars.iter().map(String::as_str)) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None if own(name) => problem.help(format!("did you mean `env.{name}`?")),
            None if named.vars.is_empty() => problem.help("the scenarios here have no variables"),
            None => {
                let names: Vec<String> = named.vars.iter().cloned().collect();
                problem.help(format!("the variables are {}", names.join(", ")))
            }
        });
    }
    let in_provider = |name: &str| {
        let text = |file: &(FileId, Node)| {
            sources.get(file.0).is_some_and(|file| file.text().contains(&format!("env.{name}")))
        };
        project.providers.iter().any(text)
    };
    let looked_at =
        |name: &str| named.env.contains(name) || named.env.contains("") || own(name) || in_provider(name) || lost(name);
    for name in selected.env.keys().filter(|name| !looked_at(name)) {
        let problem = Diagnostic::error("cli.var", format!("--var env.{name}=…: nothing here uses `env.{name}`"));
        let known = named.env.iter().map(String::as_str).chain(selected.environment.vars.names());
        problems.push(match suggestion(name, known) {
            Some(meant) => problem.help(format!("did you mean `env.{meant}`?")),
            None if named.vars.contains(name) => problem.help(format!("did you mean `{name}`?")),
            None => problem.help("use it in a template, or remove the option"),
        });
    }
    problems
}

/// The providers that the project's scenarios name, found in its own files and among the built-in ones.
fn providers(
    project: &Project,
    sources: &mut Sources,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Arc<Provider>> {
    let mut catalogue = Catalogue::new();
    // They are there, with problems of their own: that they cannot be found would lead astray.
    let mut broken: BTreeSet<&str> = project.broken_providers.iter().map(String::as_str).collect();
    for (file, node) in &project.providers {
        let Some(source) = sources.get(*file).cloned() else { continue };
        let mut reader = Reader::new(*file, source.text());
        let folder = Path::new(source.name()).parent().map_or_else(PathBuf::new, Path::to_owned);
        match Provider::read(node, &mut reader, &folder) {
            Ok(provider) => problems.extend(catalogue.add(provider).err()),
            Err(_) => broken.extend(declared(node)),
        }
        problems.append(&mut reader.problems);
    }
    // Also of those that no scenario names: a circle of them is a mistake of the files.
    for name in project.providers.iter().filter_map(|(_, node)| declared(node)) {
        let Ok(provider) = catalogue.find(name, sources) else { continue };
        let problem = catalogue.others(&provider, sources).err();
        let told = |problem: &Diagnostic| {
            let unread = provider.others().any(|whose| broken.contains(whose.provider.value.as_str()));
            unread || problem.id == "provider.exchange" && problems.iter().any(|known| known.id == problem.id)
        };
        problems.extend(problem.filter(|problem| !told(problem)).map(|problem| *problem));
    }
    let mut found = BTreeMap::new();
    let mut missing = BTreeSet::new();
    for auth in auths(project.scenarios.iter().map(|file| &**file)) {
        let Auth::Provider(step) = auth else { continue };
        let name = &step.provider.value;
        if found.contains_key(name)
            || broken.contains(name.as_str())
            || !missing.insert((name.clone(), step.provider.span.file, step.provider.span.start))
        {
            continue;
        }
        match catalogue.find(name, sources) {
            Ok(provider) => {
                found.extend(catalogue.others(&provider, sources).unwrap_or_default());
                drop(found.insert(name.clone(), provider));
            }
            Err(problem) => problems.push(problem.at(step.provider.span, "")),
        }
    }
    found
}

/// The name that a provider's file gives itself.
fn declared(provider: &Node) -> Option<&str> {
    provider.entries()?.iter().find(|entry| &**entry.key == "provider")?.value.as_str()
}

/// Every auth key of these scenarios and of the fragments they use.
pub(super) fn auths<'f>(files: impl Iterator<Item = &'f ScenarioFile>) -> impl Iterator<Item = &'f Auth> {
    files.flat_map(|file| {
        let scenario = &file.scenario;
        let own = [&scenario.setup, &scenario.steps, &scenario.teardown].into_iter().flatten();
        let fragments = file.fragments.values().flat_map(|fragment| &fragment.fragment.steps);
        scenario.auth.iter().chain(own.chain(fragments).filter_map(|step: &Step| {
            // A `use` with an identity of its own is refused when it is read; a pause has none.
            matches!(step.action, Action::Call(_) | Action::AuthCheck(_)).then_some(step.auth.as_ref()).flatten()
        }))
    })
}

/// What the command line selects.
///
/// # Errors
/// A tag expression that is none, and tags that no scenario has.
pub(super) fn selection(options: &SelectionOptions, project: &Project) -> Result<Selection, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut tags = Vec::new();
    let known: BTreeSet<&str> =
        project.scenarios.iter().flat_map(|file| &file.scenario.tags).map(|tag| tag.value.as_str()).collect();
    for text in &options.tag {
        match TagExpression::parse(text) {
            Ok(expression) => {
                for tag in expression.tags().into_iter().filter(|tag| !known.contains(tag)) {
                    let mut problem =
                        Diagnostic::error("cli.tag", format!("--tag {text}: no scenario has the tag `{tag}`"));
                    problem = match suggestion(tag, known.iter().copied()) {
                        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                        None if known.is_empty() => problem.help("the scenarios here have no tags"),
                        None => problem
                            .help(format!("the tags are {}", known.iter().copied().collect::<Vec<_>>().join(", "))),
                    };
                    problems.push(problem);
                }
                tags.push(expression);
            }
            Err(reason) => problems.push(
                Diagnostic::error("cli.tag", format!("--tag {text}: {reason}"))
                    .help("for example `--tag 'smoke and not slow'`"),
            ),
        }
    }
    if problems.is_empty() { Ok(Selection { tags, only: options.only.clone() }) } else { Err(problems) }
}
