//! The room as a whole, over real HTTP against small servers on loopback.

mod broker;
mod catalogue;
mod credentials;
mod flows;
mod form;
mod identity;
mod messages;
mod provider;
mod server;
mod store;
mod tokens;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::{AuthError, Broker, CredentialSources, DotEnv, Embedded, Identity, Override, Provider, Wish};
use crate::http::{Client, Request};
use crate::secret::{Redactor, Secret};
use crate::source::{self, Colour, Diagnostic, Reader, SourceFile, Sources, render};

/// A provider file, with what a run would know beside it.
struct Desk {
    sources: Sources,
    provider: Arc<Provider>,
    environment: String,
    persona: String,
    scope: Vec<String>,
    env: BTreeMap<String, String>,
    variables: BTreeMap<String, OsString>,
    secrets: BTreeMap<String, String>,
    overrides: Vec<Override>,
    dotenv: DotEnv,
    embedded: Option<Embedded>,
    redactor: Arc<Redactor>,
}

/// What is wrong with a provider file, drawn.
fn problems(yaml: &str) -> String {
    read(yaml).1.join("\n")
}

fn read(yaml: &str) -> (Option<Provider>, Vec<String>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("p.yaml", yaml));
    let mut reader = Reader::new(file, yaml);
    let node = source::parse(file, yaml).unwrap_or_else(|problems| panic!("{problems:?}"));
    let provider = Provider::read(&node, &mut reader, Path::new(".")).ok();
    let drawn = reader.problems.iter().map(|problem| render(&problem.locate(&sources), Colour::Never)).collect();
    (provider, drawn, sources)
}

impl Desk {
    /// A provider file that reads without a word, in the environment `stg`, with credentials in variables.
    fn of(yaml: &str) -> Self {
        let (provider, problems, sources) = read(yaml);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        Self {
            sources,
            provider: Arc::new(provider.expect("a provider")),
            environment: "stg".into(),
            persona: "default".into(),
            scope: Vec::new(),
            env: BTreeMap::new(),
            variables: BTreeMap::new(),
            secrets: BTreeMap::new(),
            overrides: Vec::new(),
            dotenv: DotEnv::default(),
            embedded: None,
            redactor: Arc::default(),
        }
    }

    fn set(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.into(), value.into());
        self
    }

    fn persona(mut self, persona: &str) -> Self {
        self.persona = persona.into();
        self
    }

    fn resolve(&self) -> Result<Arc<Identity>, Vec<Diagnostic>> {
        let secret = |name: &str| Ok(self.secrets.get(name).map(|text| Secret::new(text.as_str())));
        let sources = CredentialSources {
            overrides: &self.overrides,
            variable: &|name| self.variables.get(name).cloned(),
            dotenv: &self.dotenv,
            secret: &secret,
        };
        let env = Value::from_pairs(self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Identity::resolve(&Wish {
            provider: &self.provider,
            environment: &self.environment,
            persona: &self.persona,
            scope: &self.scope,
            env: &env,
            embedded: self.embedded.as_ref(),
            sources,
            others: &|_, _| Err(Vec::new()),
            redactor: &self.redactor,
        })
        .map(Arc::new)
    }

    fn identity(&self) -> Arc<Identity> {
        self.resolve().unwrap_or_else(|_| panic!("{}", self.refusal()))
    }

    /// Why there is no identity, drawn.
    fn refusal(&self) -> String {
        let problems = self.resolve().expect_err("refused");
        let drawn: Vec<String> =
            problems.iter().map(|problem| render(&problem.locate(&self.sources), Colour::Never)).collect();
        drawn.join("\n")
    }

    fn broker(&self) -> Broker {
        Broker::new(Arc::new(Client::default()), self.redactor.clone(), tokio::runtime::Handle::current())
    }

    /// The access token of a login.
    async fn login(&self) -> Result<String, Arc<AuthError>> {
        let grant = self.broker().acquire(&self.identity(), false).await?;
        Ok(grant.token.access().expose().to_owned())
    }

    /// Why there is no token, drawn.
    async fn failure(&self) -> String {
        drawn(&self.login().await.expect_err("refused"))
    }
}

fn drawn(error: &AuthError) -> String {
    render(&Diagnostic::from(error).locate(&Sources::default()), Colour::Never)
}

fn request(url: &str) -> Request {
    Request::new("GET", url.parse().expect("a URL"))
}
