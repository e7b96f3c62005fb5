//! What an identity takes, found: the provider's environment, the credentials, the hosts. Everything that is missing is
//! told at once, before any call is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use url::Url;

use super::credential::{CredentialOrigin, CredentialSources, Wanted};
use super::exchange::{Exchanged, TokenSource};
use super::file::Environment;
use super::hosts::{HostGuard, Pattern};
use super::identity::Identity;
use super::jwt::sign::Signer;
use super::proof::Assertion;
use super::provider::{Credential, Flow, Provider};
use super::{preflight, standard};
use crate::http::Tls;
use crate::secret::{Redactor, Secret};
use crate::source::{Diagnostic, suggestion};
use crate::template::Scope;

/// Where an embedded provider listens, and the credentials it knows.
#[derive(Debug, Clone, Default)]
pub struct Embedded {
    /// The members of its environment: `base`, `api` and others.
    pub members: BTreeMap<String, String>,
    /// The hosts that credentials may go to; those of its URLs if there are none.
    pub hosts: Vec<String>,
    /// The credentials by persona and name.
    pub credentials: BTreeMap<String, BTreeMap<String, String>>,
}

/// Another identity of the project, by provider and persona: whose token is exchanged.
pub type Others<'a> = dyn Fn(&str, &str) -> Result<Arc<Identity>, Vec<Diagnostic>> + 'a;

/// What an identity is made from.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// The provider.
    pub provider: &'a Arc<Provider>,
    /// The project's environment.
    pub environment: &'a str,
    /// The persona; `default` where the scenario names none.
    pub persona: &'a str,
    /// The scope that the scenario names; empty for the provider's own.
    pub scope: &'a [String],
    /// The environment's variables: what templates call `env`.
    pub env: &'a Value,
    /// The embedded provider that stands in for the real one.
    pub embedded: Option<&'a Embedded>,
    /// Where credentials are looked for.
    pub sources: CredentialSources<'a>,
    /// Learns every secret that is found.
    pub redactor: &'a Arc<Redactor>,
    /// The identities whose tokens this one exchanges.
    pub others: &'a Others<'a>,
}

/// The provider's environment; `None` where an embedded one stands in, or the provider has none at all.
pub(super) fn environment<'w>(wish: &Wish<'w>) -> Result<Option<&'w Environment>, Box<Diagnostic>> {
    let environments = &wish.provider.environments;
    if wish.embedded.is_some() || environments.is_empty() {
        return Ok(None);
    }
    environments.get(wish.environment).or_else(|| environments.get("default")).map(Some).ok_or_else(|| {
        let names: Vec<&str> = environments.names().collect();
        let (name, asked) = (&wish.provider.name.value, wish.environment);
        let problem =
            Diagnostic::error("auth.environment", format!("the provider {name} has no environment `{asked}`"));
        Box::new(match suggestion(asked, names.iter().copied()) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!(
                "its environments are {}: select one of them with --env, or add this one to the provider",
                names.join(", ")
            )),
        })
    })
}

pub(super) type Credentials = Vec<(Arc<str>, Secret, CredentialOrigin)>;

/// Every credential, each taught to the redactor. What is missing is told in one problem.
pub(super) fn credentials(
    wish: &Wish<'_>,
    scope: &Scope,
    problems: &mut Vec<Diagnostic>,
) -> (Credentials, Vec<Diagnostic>) {
    let provider = &wish.provider.name.value;
    let (mut found, mut warnings, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    misspelt(wish, problems);
    for credential in &wish.provider.credentials {
        let name = &credential.name.value;
        match look(wish, credential, scope) {
            Ok(Some((value, origin, warning))) => {
                warnings.extend(warning);
                if credential.secret {
                    let persona = if wish.persona == "default" { String::new() } else { format!("{}.", wish.persona) };
                    wish.redactor.learn(&format!("credentials.{provider}.{persona}{name}"), value.expose());
                }
                found.push((name.clone(), value, origin));
            }
            Ok(None) if credential.optional => scope.set(name, Value::from("")),
            Ok(None) => missing.push(whom(wish, name, false)),
            Err(problem) => problems.push(*problem),
        }
    }
    if !missing.is_empty() {
        problems.push(not_found(wish, &missing));
    }
    (found, warnings)
}

pub(super) fn whom<'w>(wish: &Wish<'w>, name: &'w str, of_default: bool) -> Wanted<'w> {
    let persona = if of_default { "default" } else { wish.persona };
    Wanted {
        provider: &wish.provider.name.value,
        environment: wish.environment,
        persona: (persona != "default").then_some(persona),
        name,
        embedded: wish.embedded.is_some(),
        demo: wish.embedded.and_then(|embedded| Some(embedded.credentials.get(persona)?.get(name)?.as_str())),
    }
}

pub(super) type Looked = Option<(Secret, CredentialOrigin, Option<Diagnostic>)>;

pub(super) fn look(wish: &Wish<'_>, credential: &Credential, scope: &Scope) -> Result<Looked, Box<Diagnostic>> {
    let name = &credential.name.value;
    let mut found = wish.sources.find(whom(wish, name, false))?;
    if found.is_none() && credential.shared && wish.persona != "default" {
        found = wish.sources.find(whom(wish, name, true))?;
    }
    if let Some(found) = found {
        return Ok(Some((found.value, found.origin, found.warning)));
    }
    let Some(default) = &credential.default else { return Ok(None) };
    let value = default.render(scope)?;
    Ok(Some((Secret::new(value.as_ref()), CredentialOrigin::Default, None)))
}

/// Options for a credential that the provider does not have would go unheard.
fn misspelt(wish: &Wish<'_>, problems: &mut Vec<Diagnostic>) {
    let name = &wish.provider.name.value;
    let known: Vec<&str> = wish.provider.credentials.iter().map(|credential| &*credential.name.value).collect();
    for given in wish.sources.overrides.iter().filter(|given| *given.provider == **name) {
        if !known.contains(&&*given.name) {
            let what = format!("--credential: {name} has no credential `{}`", given.name);
            let problem = Diagnostic::error("cli.credential", what);
            problems.push(match suggestion(&given.name, known.iter().copied()) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help(format!("its credentials are {}", known.join(", "))),
            });
        }
    }
}

fn not_found(wish: &Wish<'_>, missing: &[Wanted<'_>]) -> Diagnostic {
    let who = format!("{} ({})", wish.provider.name.value, wish.environment);
    let of_persona = wish.persona != "default";
    let persona = if of_persona { format!(" as {}", wish.persona) } else { String::new() };
    let names: Vec<String> = missing.iter().map(|wanted| format!("`{}`", wanted.name)).collect();
    let mut problem = Diagnostic::error(
        "auth.credentials",
        format!("credentials for {who}{persona} are missing: {}", names.join(", ")),
    );
    for wanted in missing {
        problem = problem.note(format!("`{}` was not found in {}", wanted.name, wish.sources.places(*wanted)));
    }
    if let Some(embedded) = wish.embedded {
        let personas: Vec<&str> = embedded.credentials.keys().map(String::as_str).collect();
        return match suggestion(wish.persona, personas.iter().copied()) {
            Some(meant) if of_persona => problem.help(format!("did you mean the persona `{meant}`?")),
            _ => problem.help(format!("the personas of the built-in provider are {}", personas.join(", "))),
        };
    }
    let variables: Vec<String> = missing.iter().map(|wanted| wanted.variables()[0].clone()).collect();
    problem = problem.help(format!(
        "set {}, or write {} to .env.{}",
        variables.join(" and "),
        if variables.len() == 1 { "it" } else { "them" },
        wish.environment
    ));
    if of_persona {
        problem =
            problem.help("each persona has its own credentials: those of the default persona are not used for it");
    }
    problem
}

/// Without what comes of missing credentials alone: the provider's own names have been checked when its file was read, and
/// those of `env` are looked for by themselves.
pub(super) fn causes(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if problems.iter().any(|problem| problem.id == "auth.credentials") {
        problems.retain(|problem| problem.id != "template.undefined" || problem.message.starts_with("`env` has no"));
    }
    problems
}

/// The members of the environment, rendered: `base` first, then in the order they were written.
pub(super) fn members(
    wish: &Wish<'_>,
    environment: Option<&Environment>,
    scope: &Scope,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<Arc<str>, Box<str>> {
    let mut members = BTreeMap::new();
    for (key, value) in wish.embedded.iter().flat_map(|embedded| &embedded.members) {
        scope.set(key, Value::from(value.as_str()));
        members.insert(Arc::from(key.as_str()), value.as_str().into());
    }
    let written = environment.map(|environment| environment.members.iter().collect::<Vec<_>>()).unwrap_or_default();
    let (base, others): (Vec<_>, Vec<_>) = written.into_iter().partition(|(key, _)| &*key.value == "base");
    for (key, template) in base.into_iter().chain(others) {
        match template.render(scope) {
            Ok(value) => {
                let url = value.parse::<Url>().ok();
                url.iter().for_each(|url| wish.redactor.learn_host(url));
                if matches!(&*key.value, "base" | "api")
                    && !url.is_some_and(|url| matches!(url.scheme(), "http" | "https"))
                {
                    let what = format!(
                        "`{}` of {} is not an http URL: {}",
                        key.value,
                        wish.provider.name.value,
                        wish.redactor.redact(&value)
                    );
                    let problem = Diagnostic::error("provider.url", what).at(template.span(), "");
                    problems.push(problem.help("write a complete URL, for example https://api.example.com"));
                }
                scope.set(&key.value, Value::from(&*value));
                members.insert(key.value.clone(), value.as_ref().into());
            }
            Err(problem) => problems.push(preflight::where_to_define(problem, wish)),
        }
    }
    members
}

pub(super) fn guard(
    wish: &Wish<'_>,
    environment: Option<&Environment>,
    members: &BTreeMap<Arc<str>, Box<str>>,
    scope: &Scope,
    problems: &mut Vec<Diagnostic>,
) -> HostGuard {
    let mut patterns = Vec::new();
    let mut add = |text: &str, span| match Pattern::parse(text) {
        Ok(pattern) => patterns.push(pattern),
        Err(why) => {
            let problem = Diagnostic::error("provider.hosts", format!("`{text}` is not a host pattern: {why}"))
                .help("write a host, such as `api.example.com`, or `*.example.com` for all hosts below it");
            problems.push(match span {
                Some(span) => problem.at(span, ""),
                None => problem,
            });
        }
    };
    let embedded = wish.embedded.map(|embedded| embedded.hosts.as_slice()).unwrap_or_default();
    for host in embedded {
        add(host, None);
    }
    let written = environment.and_then(|environment| environment.hosts.as_ref());
    let mut failed = Vec::new();
    for host in written.into_iter().flatten() {
        match host.render(scope) {
            Ok(text) => add(&text, Some(host.span())),
            Err(problem) => failed.push(preflight::where_to_define(problem, wish)),
        }
    }
    problems.extend(failed);
    if patterns.is_empty() {
        let urls = ["base", "api"].into_iter().filter_map(|key| members.get(key)).map(|url| &**url);
        return HostGuard::of_urls(urls);
    }
    HostGuard::new(patterns)
}

/// What connections to the provider are made with, if its environment says so.
pub(super) fn tls(
    wish: &Wish<'_>,
    environment: Option<&Environment>,
    scope: &Scope,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<Tls>> {
    let file = environment?.tls.as_ref()?;
    super::tls(file, scope, &wish.provider.folder, wish.redactor)
        .map_err(|more| problems.extend(more.into_iter().map(|problem| preflight::where_to_define(problem, wish))))
        .ok()
        .map(Arc::new)
}

pub(super) fn asked_scope(wish: &Wish<'_>, scope: &Scope, problems: &mut Vec<Diagnostic>) -> Box<str> {
    if !wish.scope.is_empty() {
        return wish.scope.join(" ").into();
    }
    let own = wish.provider.flow.token_endpoint().map_or(standard::no_scope(), |endpoint| &endpoint.scope);
    let mut parts = Vec::new();
    for part in &own.0 {
        match part.render(scope) {
            Ok(text) => parts.push(text.into_owned()),
            Err(problem) => problems.push(preflight::where_to_define(problem, wish)),
        }
    }
    parts.join(" ").into()
}

/// What an identity proves itself with: the keys it signs with, and the identities whose tokens it exchanges.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    pub(super) client: Option<Signer>,
    pub(super) grant: Option<Signer>,
    pub(super) subject: Option<Arc<Identity>>,
    pub(super) actor: Option<Arc<Identity>>,
}

/// Reads the keys and finds the other identities, so that what is wrong with them is told before any call.
pub(super) fn proofs(
    wish: &Wish<'_>,
    credentials: &Credentials,
    scope: &Scope,
    problems: &mut Vec<Diagnostic>,
) -> Proofs {
    let mut proofs = Proofs::default();
    if let Some(how) = &wish.provider.client_assertion {
        proofs.client = signer(wish, how, credentials, scope, problems);
    }
    match &wish.provider.flow {
        Flow::JwtBearer(how, _) => proofs.grant = signer(wish, how, credentials, scope, problems),
        Flow::TokenExchange(exchange, _) => {
            proofs.subject = other(wish, &exchange.subject, problems);
            proofs.actor = exchange.actor.as_ref().and_then(|actor| other(wish, actor, problems));
        }
        _ => {}
    }
    proofs
}

fn signer(
    wish: &Wish<'_>,
    how: &Assertion,
    credentials: &Credentials,
    scope: &Scope,
    problems: &mut Vec<Diagnostic>,
) -> Option<Signer> {
    let read = how.key.render(scope).map_err(|problem| Box::new(preflight::where_to_define(problem, wish)));
    let read = read.and_then(|text| {
        // A key that is no credential, as one of a file: it is a secret all the same.
        wish.redactor.learn(&format!("credentials.{}.{}.key", wish.provider.name.value, how.name), &text);
        Signer::read(how, &text)
    });
    read.map_err(|mut problem| {
        let named = |name: &str| how.key.references().any(|(reference, _)| &*reference.path[0] == name);
        for (name, _, origin) in credentials.iter().filter(|(name, ..)| named(name)) {
            let (name, place) = origin.told(name);
            problem.notes.push(format!("{name} came from {place}"));
        }
        problems.push(*problem);
    })
    .ok()
}

fn other(wish: &Wish<'_>, exchanged: &Exchanged, problems: &mut Vec<Diagnostic>) -> Option<Arc<Identity>> {
    let TokenSource::Login(whose) = &exchanged.from else { return None };
    let persona = whose.persona.as_ref().map_or(wish.persona, |persona| persona.value.as_str());
    (wish.others)(&whose.provider.value, persona).map_err(|found| problems.extend(found)).ok()
}
