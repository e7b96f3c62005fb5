//! What every subcommand stands on: the project (or none), the environment, the embedded providers where they stand in
//! for the real ones, and the identity that is meant.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use minijinja::Value;
use tokio::runtime::Handle;

use super::refused;
use crate::auth::store::{Keeping, Store, StoreError};
use crate::auth::{
    Broker, Catalogue, CredentialSources, DotEnv, Embedded, Grant, Identity, Others, Override, Provider, SecretLookup,
    Wish,
};
use crate::cli::args::auth::{GroundOptions, IdentityOptions};
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::cli::outside::{Outside, embedded};
use crate::http::{Client, Limits};
use crate::mock::{Mock, MockOptions};
use crate::project::{self, Loaded, Project, Selected, Settings};
use crate::secret::{Redactor, Secret};
use crate::source::{Diagnostic, Reader, Severity, Sources, os_words};

/// What is on its way to the disk is waited for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The project, the environment and all that credentials come from.
pub(super) struct Ground {
    pub(super) project: Project,
    pub(super) sources: Sources,
    pub(super) selected: Selected,
    pub(super) catalogue: Catalogue,
    pub(super) redactor: Arc<Redactor>,
    pub(super) client: Arc<Client>,
    keeping: Keeping,
    /// The value of `env`.
    env: Value,
    overrides: Vec<Override>,
    dotenv: DotEnv,
    embedded: BTreeMap<String, Embedded>,
    mock: Option<Mock>,
    /// The providers whose tokens others exchange.
    others: BTreeMap<String, Arc<Provider>>,
    /// What is wrong with the project's own providers, by the name each gives itself.
    broken: BTreeMap<String, Vec<Diagnostic>>,
}

impl Ground {
    /// Finds all of it. What is wrong has been printed where it gives a code.
    pub(super) async fn of(options: &GroundOptions, output: &Output) -> Result<Self, ExitCode> {
        let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let folder = options.project.clone().unwrap_or_else(|| PathBuf::from("."));
        let Loaded { project, problems, mut sources } = project::load_providers(&folder, &working);
        let Some(project) = project.filter(|project| project.lost.is_empty()) else {
            return Err(told(&problems, &sources, output));
        };
        let mut errors: Vec<Diagnostic> =
            problems.iter().filter(|problem| problem.id.starts_with("project.")).cloned().collect();
        let settings = Settings { environment: options.env.clone(), vars: options.var.clone() };
        let selected =
            Selected::of(&project.config, &settings, &project.lost).map_err(|problem| errors.extend(problem)).ok();
        let overrides = options
            .credential
            .iter()
            .filter_map(|text| Override::parse(text).map_err(|problem| errors.push(problem)).ok());
        let overrides: Vec<Override> = overrides.collect();
        let (Some(selected), true) = (selected, errors.is_empty()) else {
            return Err(told(&errors, &sources, output));
        };
        let dotenv =
            DotEnv::read(&project.root, &selected.name).map_err(|problem| told(&[problem], &sources, output))?;
        let (catalogue, broken) = own(&project, &problems, &mut sources);
        let mock = if selected.is_builtin() {
            Some(Mock::start(MockOptions::default()).await.map_err(|error| {
                let what = format!("the embedded providers cannot be started: {}", os_words(&error));
                let help =
                    "this machine must let callsheet listen on 127.0.0.1; or select another environment with --env";
                output.problems(&[Diagnostic::error("mock.start", what).help(help)], &Sources::default());
                ExitCode::Usage
            })?)
        } else {
            None
        };
        let redactor = Arc::new(Redactor::default());
        let outside = Outside {
            project: &project,
            selected: &selected,
            secrets: &Default::default(),
            redactor: &redactor,
            mock: mock.as_ref(),
        };
        let scope = outside.scope("", 0).map_err(|problems| told(&problems, &sources, output))?;
        let env = scope.get("env").unwrap_or_default();
        let tls = outside.tls(&scope).map_err(|problems| told(&problems, &sources, output))?;
        let limits =
            Limits { max_body: project.config.defaults.max_body.map_or(Limits::default().max_body, |size| size.0) };
        let keeping = Keeping::of(options.store.token_store.as_deref(), &working);
        Ok(Self {
            keeping,
            env,
            overrides,
            dotenv,
            embedded: mock.as_ref().map(embedded).unwrap_or_default(),
            mock,
            others: BTreeMap::new(),
            broken,
            client: Arc::new(Client::new(limits).with_tls(tls)),
            redactor,
            catalogue,
            selected,
            sources,
            project,
        })
    }

    /// A provider by name. What is wrong has been printed where it gives a code.
    pub(super) fn provider(&mut self, name: &str, output: &Output) -> Result<Arc<Provider>, ExitCode> {
        if let Some(problems) = self.broken.get(name) {
            return Err(told(problems, &self.sources, output));
        }
        match self.catalogue.find(name, &mut self.sources) {
            Ok(provider) => match self.catalogue.others(&provider, &mut self.sources) {
                Ok(others) => {
                    self.others.extend(others);
                    Ok(provider)
                }
                Err(problem) => Err(told(&[*problem], &self.sources, output)),
            },
            Err(problem) => Err(told(&[*problem], &self.sources, output)),
        }
    }

    /// Who is meant, with all credentials found. What is wrong has been printed where it gives a code.
    pub(super) fn identity(&mut self, options: &IdentityOptions, output: &Output) -> Result<Arc<Identity>, ExitCode> {
        let provider = self.provider(&options.provider, output)?;
        let identity = self.resolve(&provider, options).map_err(|problems| told(&problems, &self.sources, output))?;
        output.problems(identity.warnings(), &self.sources);
        Ok(Arc::new(identity))
    }

    /// The identity, or all that stands in its way.
    pub(super) fn resolve(
        &self,
        provider: &Arc<Provider>,
        options: &IdentityOptions,
    ) -> Result<Identity, Vec<Diagnostic>> {
        self.find(provider, options.persona.as_deref().unwrap_or("default"), &options.scope)
    }

    fn find(&self, provider: &Arc<Provider>, persona: &str, scope: &[String]) -> Result<Identity, Vec<Diagnostic>> {
        let secret = |name: &str| self.secret(name);
        let others = |name: &str, persona: &str| self.other(name, persona);
        Identity::resolve(&self.wish(provider, persona, scope, &secret, &others))
    }

    /// What an identity is made from, with these ways to the project's secrets and to other identities.
    pub(super) fn wish<'a>(
        &'a self,
        provider: &'a Arc<Provider>,
        persona: &'a str,
        scope: &'a [String],
        secret: &'a SecretLookup<'a>,
        others: &'a Others<'a>,
    ) -> Wish<'a> {
        Wish {
            provider,
            environment: &self.selected.name,
            persona,
            scope,
            env: &self.env,
            embedded: self.embedded.get(&*provider.name.value),
            sources: CredentialSources {
                overrides: &self.overrides,
                variable: &variable,
                dotenv: &self.dotenv,
                secret,
            },
            redactor: &self.redactor,
            others,
        }
    }

    /// The identity whose token another provider exchanges.
    pub(super) fn other(&self, name: &str, persona: &str) -> Result<Arc<Identity>, Vec<Diagnostic>> {
        match self.others.get(name) {
            Some(other) => self.find(other, persona, &[]).map(Arc::new),
            None => Err(vec![Diagnostic::error("provider.unknown", format!("there is no provider `{name}`"))]),
        }
    }

    /// A secret of the project.
    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret>, Box<Diagnostic>> {
        match self.selected.secret(name, &self.project.root) {
            None => Ok(None),
            Some(found) => found.map(Some).map_err(Box::new),
        }
    }

    /// What logs in.
    pub(super) fn broker(&self) -> Broker {
        Broker::new(self.client.clone(), self.redactor.clone(), Handle::current()).keeping(self.keeping.clone())
    }

    /// A token for that identity: the one that is kept, or a new one. What is wrong has been printed where it gives a code.
    pub(super) async fn acquire(&self, identity: &Arc<Identity>, output: &Output) -> Result<Grant, ExitCode> {
        let (broker, notices) = (self.broker(), Arc::new(Mutex::new(Vec::new())));
        let told = notices.clone();
        broker.tell(move |notice| told.lock().unwrap_or_else(PoisonError::into_inner).push(notice));
        let acquired = broker.acquire(identity, false).await;
        // The command ends soon: what others rely on is on disk before.
        broker.settle(PATIENCE).await;
        output.problems(&notices.lock().unwrap_or_else(PoisonError::into_inner), &self.sources);
        acquired.map_err(|error| refused(&error, &self.sources, output))
    }

    /// The store that outlives the command. What is wrong has been printed where it gives a code.
    pub(super) fn store(&self, output: &Output) -> Result<Store, ExitCode> {
        if let (Keeping::Disk(_), true) = (&self.keeping, self.selected.is_builtin()) {
            let what = format!(
                "the environment {} uses the embedded providers, so its sessions are not kept",
                self.selected.name
            );
            let problem = Diagnostic::error("auth.store", what).help("select another environment with --env");
            return Err(told(&[problem], &self.sources, output));
        }
        self.keeping.store().cloned().ok_or_else(|| no_store(output))
    }

    /// Prints what is wrong with the store.
    pub(super) fn unstored(&self, error: &StoreError, output: &Output) -> ExitCode {
        told(&[Diagnostic::error("auth.store", error.to_string())], &self.sources, output)
    }

    /// Stops what was started.
    pub(super) async fn end(self) {
        if let Some(mock) = self.mock {
            mock.stop().await;
        }
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Prints problems and gives the code that a run would end with: what is missing is the provider's affair, what is written
/// wrongly in a file or an option comes first.
pub(super) fn told(problems: &[Diagnostic], sources: &Sources, output: &Output) -> ExitCode {
    output.problems(problems, sources);
    let only_missing = !problems.is_empty() && problems.iter().all(|problem| problem.id.starts_with("auth."));
    if only_missing { ExitCode::Run(3) } else { ExitCode::Usage }
}

/// The project's own providers, and what is wrong with those that could not be read: that stops only those who name them.
fn own(
    project: &Project,
    problems: &[Diagnostic],
    sources: &mut Sources,
) -> (Catalogue, BTreeMap<String, Vec<Diagnostic>>) {
    let mut catalogue = Catalogue::new();
    let mut broken: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for name in &project.broken_providers {
        broken.insert(name.clone(), problems.to_vec());
    }
    for (file, node) in &project.providers {
        let Some(source) = sources.get(*file).cloned() else { continue };
        let mut reader = Reader::new(*file, source.text());
        let folder = Path::new(source.name()).parent().map_or_else(PathBuf::new, Path::to_owned);
        let name = node.get("provider").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
        let Ok(provider) = Provider::read(node, &mut reader, &folder) else {
            let errors = reader.problems.into_iter().filter(|problem| problem.severity == Severity::Error);
            broken.entry(name).or_default().extend(errors);
            continue;
        };
        if let Err(problem) = catalogue.add(provider) {
            broken.entry(name).or_default().push(problem);
        }
    }
    (catalogue, broken)
}

/// Prints that nothing outlives the command.
pub(super) fn no_store(output: &Output) -> ExitCode {
    let problem = Diagnostic::error("cli.token-store", "there is no folder to keep sessions in")
        .help("give one with --token-store FOLDER, or set HOME or XDG_STATE_HOME");
    told(&[problem], &Sources::default(), output)
}
