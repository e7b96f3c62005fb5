//! The environment that a run is against: its variables, its secrets, and what the command line says of both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::cases::typed;
use super::config::{Config, Environment, SecretSource, Serve};
use super::load::PROJECT_FILE;
use crate::json::Json;
use crate::scenario::{check::Outside, taken};
use crate::secret::Secret;
use crate::source::{self, Diagnostic, Lost};
use crate::template::{Scope, from_json};

/// What the command line says of the environment.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--env`
    pub environment: Option<String>,
    /// `--var NAME=VALUE`
    pub vars: Vec<String>,
}

/// The environment of a run.
#[derive(Debug, Clone)]
pub struct Selected {
    /// Its name.
    pub name: String,
    /// What the project file says of it.
    pub environment: Environment,
    /// Variables of the command line, by name.
    pub vars: BTreeMap<String, Arc<Json>>,
    /// Variables of the environment that the command line replaces or adds.
    pub env: BTreeMap<String, Arc<Json>>,
}

impl Selected {
    /// Selects the environment.
    ///
    /// # Errors
    /// There is no such environment, or a `--var` is none. Nothing is said of an environment that may stand in the part
    /// of the project file that could not be read.
    pub fn of(config: &Config, settings: &Settings, lost: &Lost) -> Result<Self, Option<Diagnostic>> {
        let (name, environment) = config
            .environment(settings.environment.as_deref())
            .map_err(|problem| lost.is_empty().then_some(problem))?;
        let (mut vars, mut env) = (BTreeMap::new(), BTreeMap::new());
        for given in &settings.vars {
            let Some((name, value)) = given.split_once('=') else {
                let problem = Diagnostic::error("cli.var", format!("--var {given}: a variable is written NAME=VALUE"));
                return Err(Some(problem.help("for example --var plate=BX-24-KL")));
            };
            let own = name.trim().strip_prefix("env.").unwrap_or(name.trim());
            let letter = |c: char| c.is_alphanumeric() || c == '_';
            if own.is_empty() || !own.chars().all(letter) || own.starts_with(char::is_numeric) {
                // The value may be a secret, and so may be the whole, where the name was forgotten.
                let problem =
                    Diagnostic::error("cli.var", "--var: what comes before the `=` is not a valid variable name");
                return Err(Some(
                    problem.help("write NAME=VALUE or env.NAME=VALUE; a name has letters, digits and `_`"),
                ));
            }
            if own == name.trim()
                && let Some(reason) = taken(own)
            {
                let problem = Diagnostic::error("cli.var", format!("--var {own}=…: the name `{own}` is taken"));
                return Err(Some(problem.help(format!("{reason}; choose another name, such as `my_{own}`"))));
            }
            let value = Arc::new(typed(value));
            match name.trim().strip_prefix("env.") {
                Some(name) => env.insert(name.to_owned(), value),
                None => vars.insert(name.trim().to_owned(), value),
            };
        }
        Ok(Self { name, environment, vars, env })
    }

    /// Whether the embedded providers are started.
    pub fn is_builtin(&self) -> bool {
        self.environment.serve == Some(Serve::Builtin)
    }

    /// What the checks know of it.
    pub fn outside(&self) -> Outside {
        Outside {
            env: self.environment.vars.names().map(str::to_owned).chain(self.env.keys().cloned()).collect(),
            secrets: self.environment.secrets.names().map(str::to_owned).collect(),
            vars: self.vars.keys().cloned().collect(),
            environment: self.name.clone(),
            mock: self.is_builtin(),
            lost: Lost::default(),
        }
    }

    /// The value of `env`: the environment's variables and its name.
    ///
    /// # Errors
    /// A variable's template could not be rendered.
    pub fn variables(&self, scope: &Scope) -> Result<Json, Diagnostic> {
        let mut members: BTreeMap<String, Json> = BTreeMap::new();
        for (name, tree) in self.environment.vars.iter() {
            members.insert(name.value.to_string(), (*tree.evaluate(scope)?).clone());
        }
        members.extend(self.env.iter().map(|(name, value)| (name.clone(), (**value).clone())));
        members.entry("name".into()).or_insert_with(|| Json::from(self.name.as_str()));
        Ok(Json::object(members))
    }

    /// Gives a scope the names that every scenario sees from outside: `env`, and the variables of the command line.
    ///
    /// # Errors
    /// A variable's template could not be rendered.
    pub fn define(&self, scope: &Scope) -> Result<(), Diagnostic> {
        scope.set("env", from_json(Arc::new(self.variables(scope)?)));
        for (name, value) in &self.vars {
            scope.set(name, from_json(value.clone()));
        }
        Ok(())
    }

    /// A secret, if the environment has one of that name.
    ///
    /// # Errors
    /// It cannot be had from where it is said to come from.
    pub fn secret(&self, name: &str, root: &Path) -> Option<Result<Secret, Diagnostic>> {
        let source = self.environment.secrets.get(name)?;
        Some(self.fetch(name, source, root).map(Secret::new))
    }

    /// The named secrets, all of them or all problems.
    ///
    /// # Errors
    /// Every secret that cannot be had.
    pub fn secrets(&self, names: &BTreeSet<String>, root: &Path) -> Result<BTreeMap<String, Secret>, Vec<Diagnostic>> {
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        for name in names {
            match self.secret(name, root) {
                Some(Ok(secret)) => drop(found.insert(name.clone(), secret)),
                Some(Err(problem)) => problems.push(problem),
                // The checks have reported a name that does not exist.
                None => {}
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }

    fn fetch(&self, name: &str, source: &SecretSource, root: &Path) -> Result<String, Diagnostic> {
        let (at, found) = match source {
            SecretSource::Env(variable) => {
                let found = std::env::var(&variable.value)
                    .map_err(|_| format!("the environment variable `{}` is not set", variable.value));
                (variable.span, found)
            }
            SecretSource::File(path) => {
                let whole = root.join(&path.value);
                let found = std::fs::read_to_string(&whole)
                    .map_err(|error| format!("{} cannot be read: {}", path.value, source::os_words(&error)));
                (path.span, found)
            }
            SecretSource::Command(command) => (command.span, run(&command.value, root)),
            SecretSource::Dotenv(variable) => {
                let files = [format!(".env.{}", self.name), ".env".to_owned()];
                let found = files.iter().find_map(|file| {
                    let entries = dotenvy::from_path_iter(root.join(file)).ok()?;
                    entries.filter_map(Result::ok).find(|(key, _)| *key == variable.value).map(|(_, value)| value)
                });
                let missing =
                    || format!("neither {} nor .env in {} sets `{}`", files[0], root.display(), variable.value);
                (variable.span, found.ok_or_else(missing))
            }
        };
        let help = match source {
            SecretSource::Env(variable) => format!("set it: `export {}=…`", variable.value),
            SecretSource::File(_) => "the path starts from the folder of callsheet.yaml".to_owned(),
            SecretSource::Command(_) => "run the command by hand: it must print the secret and end with 0".to_owned(),
            SecretSource::Dotenv(variable) => format!("add a line to .env.{}: `{}=…`", self.name, variable.value),
        };
        let problem = |reason: String| {
            Diagnostic::error("project.secret", format!("the secret `{name}` could not be read: {reason}"))
                .at(at, "")
                .help(help.as_str())
        };
        let text = found.map_err(problem)?;
        let text = text.strip_suffix('\n').map_or(text.as_str(), |rest| rest.strip_suffix('\r').unwrap_or(rest));
        if text.is_empty() {
            return Err(problem("it is empty".into()));
        }
        Ok(text.to_owned())
    }
}

/// What a command prints. Its own error output goes to the user's, who may have to answer it.
fn run(command: &str, root: &Path) -> Result<String, String> {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = std::process::Command::new(shell)
        .arg(flag)
        .arg(command)
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("its command does not start: {}", source::os_words(&error)))?;
    if !output.status.success() {
        return Err(format!("its command failed with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| "the output of its command is not UTF-8 text".into())
}

impl Config {
    /// An environment by name; `None` takes the default one.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn environment(&self, name: Option<&str>) -> Result<(String, Environment), Diagnostic> {
        let name = name.or(self.default_environment.as_ref().map(|name| name.value.as_str()));
        let only = || match &self.environments.0[..] {
            [(name, _)] => Some(&*name.value),
            _ => None,
        };
        let Some(name) = name.or_else(only) else {
            if self.environments.is_empty() || self.environments.get("default").is_some() {
                let environment = self.environments.get("default").cloned().unwrap_or_default();
                return Ok(("default".into(), environment));
            }
            let names: Vec<&str> = self.environments.names().collect();
            return Err(Diagnostic::error("cli.environment", "no environment is chosen, and there is no default one")
                .help(format!(
                    "choose one with --env: {}; or set `default_environment` in {PROJECT_FILE}",
                    names.join(", ")
                )));
        };
        if let Some(environment) = self.environments.get(name) {
            return Ok((name.to_owned(), environment.clone()));
        }
        if self.environments.is_empty() && self.at.keys().next().is_none() {
            // Without a project file any name may be one that a provider knows; the embedded mock is always there.
            let mut environment = Environment::default();
            if name == "mock" {
                environment.serve = Some(super::config::Serve::Builtin);
            }
            return Ok((name.to_owned(), environment));
        }
        let mut problem =
            Diagnostic::error("cli.environment", format!("there is no environment `{name}` in {PROJECT_FILE}"));
        problem = match source::suggestion(name, self.environments.names()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None if self.environments.is_empty() => problem.help("add it under `environments`"),
            None => {
                let names: Vec<&str> = self.environments.names().collect();
                problem.help(format!("the environments are {}", names.join(", ")))
            }
        };
        Err(problem)
    }
}
