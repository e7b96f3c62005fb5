//! Why a login fails: everything that can be looked at is, in the order in which a login goes, and of each thing it is
//! said whether it is right, and if not, what to do. At most one login is made, unless the user has asked to try others.

mod credentials;
mod discovery;
mod hosts;
mod login;
mod network;
mod probe;
mod token;

use std::sync::Arc;

use url::Url;

use super::broker::Broker;
use super::identity::Identity;
use super::provider::Flow;
use super::resolve::{self, Wish};
use crate::http::Client;
use crate::secret::Redactor;
use crate::source::Diagnostic;

/// Something that was looked at.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind of thing it is; stable: `credential`, `connection`, `login`, …
    pub id: &'static str,
    /// What came of it.
    pub state: State,
    /// What was looked at, in a word or two.
    pub subject: String,
    /// What was found, in a sentence without a full stop.
    pub text: String,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is right.
    Good,
    /// It is wrong, or worth a doubt, and does not stop a login.
    Doubtful,
    /// It is wrong.
    Wrong,
    /// It was not looked at, because of what is wrong before it.
    Skipped,
}

impl State {
    /// Its word, which is stable.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Doubtful => "doubtful",
            Self::Wrong => "wrong",
            Self::Skipped => "skipped",
        }
    }
}

/// What an examination works with.
pub struct Tools<'t> {
    /// Asks for what is no login.
    pub client: &'t Arc<Client>,
    /// Learns every secret.
    pub redactor: &'t Arc<Redactor>,
    /// Makes the one login.
    pub broker: &'t Broker,
    /// The project's environments.
    pub environments: &'t [String],
    /// The names of the variables of the process's environment.
    pub variables: &'t [String],
    /// Whether other ways of client authentication are tried.
    pub probe: bool,
    /// Tells the user what is about to be done.
    pub say: &'t (dyn Fn(&str) + Sync),
}

/// Everything that was found, in the order of a login.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    fn add(
        &mut self,
        id: &'static str,
        state: State,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> &mut Finding {
        let (subject, text) = (subject.into(), text.into());
        self.0.push(Finding { id, state, subject, text, notes: Vec::new(), help: Vec::new() });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    fn problem(&mut self, id: &'static str, subject: impl Into<String>, problem: &Diagnostic) -> &mut Finding {
        let finding = self.add(id, State::Wrong, subject, problem.message.clone());
        finding.notes.clone_from(&problem.notes);
        finding.help.clone_from(&problem.help);
        finding
    }

    /// Masks every secret.
    pub fn redact(&mut self, redactor: &Redactor) {
        for finding in &mut self.0 {
            let told = finding.notes.iter_mut().chain(&mut finding.help);
            told.chain([&mut finding.subject, &mut finding.text]).for_each(|text| redactor.apply(text));
        }
    }

    /// Whether nothing is wrong.
    pub fn healthy(&self) -> bool {
        self.0.iter().all(|finding| finding.state != State::Wrong)
    }
}

impl Finding {
    fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.notes.push(text.into());
        self
    }

    fn advise(&mut self, text: impl Into<String>) -> &mut Self {
        self.help.push(text.into());
        self
    }
}

/// Looks at everything.
pub async fn examine(wish: &Wish<'_>, tools: &Tools<'_>) -> Findings {
    let mut found = Findings::default();
    let provider = wish.provider;
    let title = provider.title.as_deref().unwrap_or(&provider.name.value);
    found.add("provider", State::Good, "provider", format!("{title}, flow {}", provider.flow_name().word()));
    if let Err(problem) = resolve::environment(wish) {
        found.problem("environment", "environment", &problem);
        return found;
    }
    credentials::examine(wish, tools, &mut found);
    let identity = match Identity::resolve(wish) {
        Ok(identity) => Arc::new(identity),
        Err(problems) => {
            for problem in problems.iter().filter(|problem| problem.id != "auth.credentials") {
                found.problem("environment", "environment", problem);
            }
            found.add("login", State::Skipped, "login", "not tried: a credential is missing");
            return found;
        }
    };
    hosts::examine(wish, &identity, &mut found);
    let login = tools.broker.looking(&identity);
    let mut endpoints = Vec::new();
    if let Some(document) = provider.discovery.as_ref().and_then(|url| login.url(url, &identity.scope).ok()) {
        endpoints.push(document);
        network::proxies(wish, &endpoints, &mut found);
        if !network::connect(wish, tools, &identity, &endpoints, &[], &mut found).await {
            found.add("login", State::Skipped, "login", "not tried: the provider cannot be reached");
            return found;
        }
        if !discovery::examine(login, &mut found).await {
            found.add("login", State::Skipped, "login", "not tried: its endpoints are not known");
            return found;
        }
    }
    let known = endpoints.len();
    endpoints.extend(self::endpoints(&identity, &mut found));
    network::proxies(wish, &endpoints[known..], &mut found);
    if !network::connect(wish, tools, &identity, &endpoints[known..], &endpoints[..known], &mut found).await {
        found.add("login", State::Skipped, "login", "not tried: the provider cannot be reached");
        return found;
    }
    if let Some(grant) = login::examine(tools, &identity, &mut found).await {
        token::examine(wish, &identity, &grant, &mut found);
    } else if let Some(endpoint) = provider.flow.token_endpoint() {
        probe::examine(tools, login, endpoint, &mut found).await;
    }
    found
}

/// The URLs that a login calls, the token endpoint first; of a flow without a login, that of the API.
fn endpoints(identity: &Identity, found: &mut Findings) -> Vec<Url> {
    let mut templates = Vec::new();
    if let Some(endpoint) = identity.provider.flow.token_endpoint() {
        templates.push(&endpoint.login.post);
    }
    if let Flow::AuthorizationCode(authorize, _) = &identity.provider.flow {
        templates.push(&authorize.url);
    }
    let mut urls = Vec::new();
    for template in templates {
        match template.render(&identity.scope) {
            Ok(text) => match text.parse::<Url>() {
                Ok(url) => urls.push(url),
                Err(error) => {
                    let finding =
                        found.add("endpoint", State::Wrong, "endpoint", format!("{text} is not a URL: {error}"));
                    finding.advise("correct it in the provider's file");
                }
            },
            Err(problem) => drop(found.problem("endpoint", "endpoint", &problem)),
        }
    }
    if urls.is_empty() {
        urls.extend(["api", "base"].into_iter().find_map(|member| identity.member(member)?.parse().ok()));
    }
    urls
}
