//! `callsheet provider`: the providers there are, one of them as it is understood, and a new one.

mod filled;
mod new;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::args::provider::{ProviderCommand, ProviderListOptions, ProviderOptions, ProviderShowOptions};
use super::exit::ExitCode;
use super::output::Output;
use crate::auth::{Catalogue, Provider};
use crate::json::Json;
use crate::project::{self, Loaded, Project};
use crate::source::{self, Diagnostic, Reader, Severity, Sources};

pub(super) fn command(options: &ProviderOptions, output: &Output) -> ExitCode {
    match &options.command {
        ProviderCommand::List(options) => list(options, output),
        ProviderCommand::Show(options) => show(options, output),
        ProviderCommand::New(options) => new::command(options, output),
    }
}

/// The project's own providers and the built-in ones.
struct Known {
    catalogue: Catalogue,
    sources: Sources,
    /// Those of the project that could not be read.
    broken: Vec<Diagnostic>,
}

impl Known {
    fn of(folder: Option<&Path>, output: &Output) -> Result<Self, ExitCode> {
        let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let Loaded { project, problems, sources } = project::load_providers(folder.unwrap_or(Path::new(".")), &working);
        let Some(project) = project else {
            output.problems(&problems, &sources);
            return Err(ExitCode::Usage);
        };
        let mut known = Self { catalogue: Catalogue::new(), sources, broken: problems };
        known.add(&project);
        Ok(known)
    }

    fn add(&mut self, project: &Project) {
        for (file, node) in &project.providers {
            let Some(source) = self.sources.get(*file).cloned() else { continue };
            let mut reader = Reader::new(*file, source.text());
            let folder = Path::new(source.name()).parent().map_or_else(PathBuf::new, Path::to_owned);
            match Provider::read(node, &mut reader, &folder) {
                Ok(provider) => self.broken.extend(self.catalogue.add(provider).err()),
                Err(_) => {
                    self.broken.extend(reader.problems.into_iter().filter(|one| one.severity == Severity::Error));
                }
            }
        }
    }

    /// Every provider, in the order of their names.
    fn all(&mut self) -> Vec<Arc<Provider>> {
        let names: Vec<String> = self.catalogue.names().into_iter().map(str::to_owned).collect();
        names.iter().filter_map(|name| self.catalogue.find(name, &mut self.sources).ok()).collect()
    }

    /// The file of a provider: its name and its text.
    fn file(&self, provider: &Provider) -> (&str, &str) {
        self.sources.get(provider.name.span.file).map_or(("", ""), |file| (file.name(), file.text()))
    }
}

/// `Stripe`, or the name where there is no title.
fn title(provider: &Provider) -> &str {
    provider.title.as_deref().unwrap_or(&provider.name.value)
}

/// `prod, stg`; `any` where one serves all.
fn environments(provider: &Provider) -> String {
    let names: Vec<&str> =
        provider.environments.names().map(|name| if name == "default" { "any" } else { name }).collect();
    if names.is_empty() { "any".to_owned() } else { names.join(", ") }
}

fn list(options: &ProviderListOptions, output: &Output) -> ExitCode {
    let mut known = match Known::of(options.project.as_deref(), output) {
        Ok(known) => known,
        Err(code) => return code,
    };
    let mut providers = known.all();
    if let Some(word) = options.word.as_deref().map(str::to_lowercase) {
        let named = |text: &str| text.to_lowercase().contains(&word);
        providers.retain(|provider| {
            named(&provider.name.value) || named(title(provider)) || named(provider.flow_name().word())
        });
    }
    output.problems(&known.broken, &known.sources);
    if options.json {
        output.print(&(Json::array(providers.iter().map(|provider| described(provider, &known))).to_pretty() + "\n"));
    } else if providers.is_empty() {
        output.say("there is no such provider; `callsheet provider new NAME` writes one\n");
    } else {
        output.print(&listing(&providers));
    }
    if known.broken.is_empty() { ExitCode::Passed } else { ExitCode::Usage }
}

fn listing(providers: &[Arc<Provider>]) -> String {
    let names = providers.iter().map(|one| one.name.value.width()).max().unwrap_or(0);
    let mut text = String::new();
    for provider in providers {
        let (name, flow) = (&provider.name.value, provider.flow_name().word());
        text.push_str(&format!("{name:names$}  {} ({flow}; {})\n", title(provider), environments(provider)));
        if let Some(docs) = &provider.docs {
            text.push_str(&format!("  {docs}\n"));
        }
    }
    text
}

/// What is stable: the names of these members and their meaning.
fn described(provider: &Provider, known: &Known) -> Json {
    let text = |text: &str| Json::from(text);
    let (file, _) = known.file(provider);
    let built_in = file.starts_with("(built in)");
    let credential = |credential: &crate::auth::Credential| {
        Json::object([
            ("name", text(&credential.name.value)),
            ("secret", Json::Bool(credential.secret)),
            ("shared", Json::Bool(credential.shared)),
            ("prompt", credential.prompt.as_deref().map_or(Json::Null, text)),
        ])
    };
    Json::object([
        ("name", text(&provider.name.value)),
        ("title", text(title(provider))),
        ("flow", text(provider.flow_name().word())),
        ("environments", Json::array(provider.environments.names().map(text))),
        ("credentials", Json::array(provider.credentials.iter().map(credential))),
        ("docs", provider.docs.as_deref().map_or(Json::Null, text)),
        ("built_in", Json::Bool(built_in)),
        ("file", text(file.trim_start_matches("(built in) "))),
    ])
}

fn show(options: &ProviderShowOptions, output: &Output) -> ExitCode {
    let mut known = match Known::of(options.project.as_deref(), output) {
        Ok(known) => known,
        Err(code) => return code,
    };
    let provider = match known.catalogue.find(&options.name, &mut known.sources) {
        Ok(provider) => provider,
        Err(problem) => {
            // One that is there and cannot be read is not said to be missing.
            let problems = if known.broken.is_empty() { vec![*problem] } else { known.broken };
            output.problems(&problems, &known.sources);
            return ExitCode::Usage;
        }
    };
    if options.json {
        output.print(&(described(&provider, &known).to_pretty() + "\n"));
        return ExitCode::Passed;
    }
    let (name, text) = known.file(&provider);
    let written = source::parse(provider.name.span.file, text).ok();
    let mut shown = format!("# {}\n{}", name.trim_start_matches("(built in) "), text);
    if !shown.ends_with('\n') {
        shown.push('\n');
    }
    shown.push_str(&filled::in_comments(&provider, written.as_ref()));
    output.print(&shown);
    ExitCode::Passed
}
