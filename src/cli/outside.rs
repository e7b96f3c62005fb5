//! What a run and the commands of `auth` find outside the files of scenarios.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::auth::{self, Embedded};
use crate::http::Tls;
use crate::mock::Mock;
use crate::project::{Project, Selected};
use crate::secret::Redactor;
use crate::source::Diagnostic;
use crate::template::{Namespace, Scope, from_texts};

/// What scenarios see from outside.
pub(super) struct Outside<'o> {
    pub(super) project: &'o Project,
    pub(super) selected: &'o Selected,
    pub(super) secrets: &'o std::collections::BTreeSet<String>,
    pub(super) redactor: &'o Redactor,
    pub(super) mock: Option<&'o Mock>,
}

impl Outside<'_> {
    /// The scope over which every scenario's own lies: `env`, `secrets`, `run`, variables of the command line.
    pub(super) fn scope(&self, run: &str, seed: u64) -> Result<Scope, Vec<Diagnostic>> {
        let scope = Scope::new(seed, self.project.root.clone());
        if let Some(mock) = self.mock {
            // Where the embedded providers listen; the control calls of the mock lie below it. It is there before the
            // environment's own variables, which may name places of the mock.
            let provider = Namespace::default();
            provider.set("base", minijinja::Value::from(mock.base()));
            scope.set("mock", provider.value());
        }
        self.selected.define(&scope).map_err(|problem| vec![problem])?;
        let resolved = self.selected.secrets(self.secrets, &self.project.root)?;
        for (name, secret) in &resolved {
            self.redactor.learn(&format!("secrets.{name}"), secret.expose());
        }
        scope.set("secrets", from_texts(resolved.iter().map(|(name, secret)| (name.as_str(), secret.expose()))));
        let facts = Namespace::default();
        facts.set("id", minijinja::Value::from(run));
        facts.set("seed", minijinja::Value::from(seed));
        facts.set("started_at", minijinja::Value::from(format!("{:.3}", jiff::Timestamp::now())));
        scope.set("run", facts.value());
        Ok(scope)
    }

    /// What all connections over TLS are made with, if the environment says so.
    pub(super) fn tls(&self, scope: &Scope) -> Result<Option<Arc<Tls>>, Vec<Diagnostic>> {
        let Some(file) = &self.selected.environment.tls else { return Ok(None) };
        auth::tls(file, scope, &self.project.root, self.redactor).map(|tls| Some(Arc::new(tls)))
    }
}

/// What stands in for the real providers.
pub(super) fn embedded(mock: &Mock) -> BTreeMap<String, Embedded> {
    let one = |facts: crate::mock::ProviderFacts| {
        let members = [("base", facts.base), ("api", facts.api), ("jwks", facts.jwks)];
        let pairs = |persona: &crate::mock::Persona| {
            persona.credentials.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let embedded = Embedded {
            members: members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            hosts: Vec::new(),
            credentials: facts.personas.iter().map(|persona| (persona.name.to_owned(), pairs(persona))).collect(),
        };
        (facts.name.to_owned(), embedded)
    };
    mock.facts().into_iter().map(one).collect()
}
