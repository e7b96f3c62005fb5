//! Who scenarios act as. What files name is resolved before any call; a persona that a template names, when it is
//! rendered.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use minijinja::Value;

use super::call::{auth_class, auth_problem};
use super::cut::Current;
use super::dispatcher::millis;
use super::scenario::ScenarioRun;
use crate::auth::{
    AuthError, Broker, CredentialSources, DotEnv, Embedded, Grant, Identity, Origin, Override, Provider, Token, Wish,
    variable_prefix,
};
use crate::event::{Class, Count, Phase, Verdict};
use crate::expect::{self, TokenSaid};
use crate::http::Request;
use crate::json::Json;
use crate::jsonpath::JsonPath;
use crate::project::Selected;
use crate::scenario::{Auth, AuthStep};
use crate::secret::Redactor;
use crate::source::{Diagnostic, Duration};
use crate::template::{Namespace, Scope, from_json};

/// Everything that identities are made from, and what came of those that were asked for.
pub struct Identities {
    from: Sources,
    made: Mutex<BTreeMap<Wanted, Made>>,
}

/// An identity, or everything that stood in the way. What failed once is not tried again: a thousand scenarios would
/// look into files and run the commands of secrets a thousand times, to the same end.
type Made = Result<Arc<Identity>, Vec<Diagnostic>>;

/// What tells identities apart: provider, persona, scopes.
type Wanted = (String, String, Vec<String>);

/// What identities are made from.
#[derive(Debug)]
pub struct Sources {
    /// The providers that files name.
    pub providers: BTreeMap<String, Arc<Provider>>,
    /// The environment.
    pub selected: Selected,
    /// The project's root.
    pub root: PathBuf,
    /// The value of `env`.
    pub env: Value,
    /// The embedded providers, where the environment starts them.
    pub embedded: BTreeMap<String, Embedded>,
    /// `--credential`
    pub overrides: Vec<Override>,
    /// The `.env` files.
    pub dotenv: DotEnv,
    /// Learns every credential.
    pub redactor: Arc<Redactor>,
    /// The other environments whose tokens are sent to this one, to be refused.
    pub elsewhere: BTreeMap<String, Elsewhere>,
}

/// Another environment, as far as a login there takes it.
#[derive(Debug)]
pub struct Elsewhere {
    /// The environment.
    pub selected: Selected,
    /// The value of `env` there.
    pub env: Value,
    /// Its own `.env` file.
    pub dotenv: DotEnv,
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({:?})", self.from.providers.keys())
    }
}

impl Identities {
    /// No identity yet.
    pub fn new(from: Sources) -> Self {
        Self { from, made: Mutex::default() }
    }

    /// Resolves every identity that an auth key names without a template.
    ///
    /// # Errors
    /// Everything that stands in the way, at the place of the auth key.
    pub fn prepare(&self, auth: &Auth) -> Result<Option<Arc<Identity>>, Vec<Diagnostic>> {
        let Auth::Provider(step) = auth else { return Ok(None) };
        let persona = step.persona.as_ref().map(|persona| persona.value.as_literal());
        match persona {
            Some(None) => Ok(None),
            Some(Some(persona)) => self.identity(step, persona).map(Some),
            None => self.identity(step, "default").map(Some),
        }
    }

    /// Who an auth key names.
    pub(super) fn actor(&self, auth: &Auth, scope: &Scope) -> Result<Actor, Vec<Diagnostic>> {
        let Auth::Provider(step) = auth else { return Ok(Actor::Nobody) };
        let persona = match &step.persona {
            Some(persona) => persona.value.render(scope).map_err(|problem| vec![problem])?,
            None => "default".into(),
        };
        let identity = self.identity(step, &persona)?;
        let key = format!("{}\0{}", identity.provider().name.value, identity.persona());
        Ok(Actor::Identity(Arc::new(Acting { identity, key, fresh: step.fresh, held: Mutex::new(None) })))
    }

    fn identity(&self, step: &AuthStep, persona: &str) -> Result<Arc<Identity>, Vec<Diagnostic>> {
        let scope = step.scope.as_ref().map(|scope| scope.0.clone()).unwrap_or_default();
        let wanted = (step.provider.value.clone(), persona.to_owned(), scope);
        let at = step.provider.span;
        let here = |problems: Vec<Diagnostic>| problems.into_iter().map(|problem| problem.at(at, "")).collect();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        self.make(&RefCell::new(&mut made), wanted).map_err(here)
    }

    /// The personas of a provider that files name, as far as their credentials were found.
    pub(super) fn personas(&self, provider: &str) -> Vec<String> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let found = made.iter().filter(|((name, ..), made)| name == provider && made.is_ok());
        let mut personas: Vec<String> = found.map(|((_, persona, _), _)| persona.clone()).collect();
        personas.dedup();
        personas
    }

    /// Another persona, with what else an auth key says.
    pub(super) fn persona(&self, auth: &AuthStep, persona: &str) -> Made {
        self.identity(auth, persona)
    }

    /// The same persona in another environment. Only credentials that are named for that environment are taken: those
    /// that serve any may be this one's.
    pub(super) fn elsewhere(&self, auth: &AuthStep, environment: &str, persona: &str) -> Made {
        let unknown = |what: String| vec![Diagnostic::error("provider.unknown", what)];
        let name = &auth.provider.value;
        let Some(provider) = self.from.providers.get(name) else {
            return Err(unknown(format!("there is no provider `{name}`")));
        };
        let Some(there) = self.from.elsewhere.get(environment) else {
            return Err(unknown(format!("there is no environment `{environment}`")));
        };
        let secret = |name: &str| match there.selected.secret(name, &self.from.root) {
            None => Ok(None),
            Some(found) => found.map(Some).map_err(Box::new),
        };
        let prefix = variable_prefix(name, environment);
        let scope = auth.scope.as_ref().map(|scope| scope.0.clone()).unwrap_or_default();
        let resolved = Identity::resolve(&Wish {
            provider,
            environment,
            persona,
            scope: &scope,
            env: &there.env,
            embedded: None,
            sources: CredentialSources {
                overrides: &[],
                variable: &|name| std::env::var_os(name).filter(|_| name.starts_with(&prefix)),
                dotenv: &there.dotenv,
                secret: &secret,
            },
            redactor: &self.from.redactor,
            others: &|name, _| {
                Err(unknown(format!("{name} exchanges tokens, which is not done for another environment")))
            },
        });
        resolved.map(Arc::new)
    }

    /// An identity, and before it those whose tokens it exchanges.
    fn make(&self, made: &RefCell<&mut BTreeMap<Wanted, Made>>, wanted: Wanted) -> Made {
        if let Some(known) = made.borrow().get(&wanted) {
            return known.clone();
        }
        let Some(provider) = self.from.providers.get(&wanted.0) else {
            return Err(vec![Diagnostic::error("provider.unknown", format!("there is no provider `{}`", wanted.0))]);
        };
        let secret = |name: &str| match self.from.selected.secret(name, &self.from.root) {
            None => Ok(None),
            Some(found) => found.map(Some).map_err(Box::new),
        };
        let resolved = Identity::resolve(&Wish {
            provider,
            environment: &self.from.selected.name,
            persona: &wanted.1,
            scope: &wanted.2,
            env: &self.from.env,
            embedded: self.from.embedded.get(&wanted.0),
            sources: CredentialSources {
                overrides: &self.from.overrides,
                variable: &|name| std::env::var_os(name),
                dotenv: &self.from.dotenv,
                secret: &secret,
            },
            redactor: &self.from.redactor,
            // No provider exchanges its own token, nor in a circle: that is refused when files are read.
            others: &|name, persona| self.make(made, (name.to_owned(), persona.to_owned(), Vec::new())),
        });
        let resolved = resolved.map(Arc::new);
        made.borrow_mut().insert(wanted, resolved.clone());
        resolved
    }
}

/// Who a step acts as.
#[derive(Debug, Clone)]
pub(super) enum Actor {
    /// Nobody: no credentials are sent.
    Nobody,
    /// A provider's identity.
    Identity(Arc<Acting>),
}

/// An identity and the token it acts with.
#[derive(Debug)]
pub(super) struct Acting {
    pub(super) identity: Arc<Identity>,
    key: String,
    fresh: bool,
    held: Mutex<Option<Grant>>,
}

impl Actor {
    /// What keeps its cookies apart from those of others.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Nobody => "",
            Self::Identity(acting) => &acting.key,
        }
    }

    /// The base URL of its provider's API.
    pub(super) fn api(&self) -> Option<String> {
        match self {
            Self::Nobody => None,
            Self::Identity(acting) => acting.identity.api().map(str::to_owned),
        }
    }
}

impl Acting {
    /// The token to act with now: the one that is held, as long as it is good.
    pub(super) async fn grant(&self, broker: &Broker) -> Result<Grant, Arc<AuthError>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let grant = match held {
            Some(grant) => broker.keep(&self.identity, &grant).await?,
            None => broker.acquire(&self.identity, self.fresh).await?,
        };
        Ok(grant)
    }

    fn hold(&self, grant: &Grant) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(grant.clone());
    }

    fn holds(&self, grant: &Grant) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().is_some_and(|held| Arc::ptr_eq(&held.token, &grant.token))
    }

    pub(super) fn attach(&self, request: &mut Request, grant: &Grant) -> Result<(), Arc<AuthError>> {
        self.identity.attach(request, &grant.token).map_err(Arc::new)
    }
}

impl ScenarioRun<'_> {
    /// Acts with a token from now on. What templates see as `auth.PROVIDER` is always the token that the scenario's own
    /// identity acts with, also after a renewal; that of a step with an identity of its own is the step's affair.
    pub(super) fn act_with(&self, acting: &Arc<Acting>, grant: &Grant) {
        if acting.holds(grant) {
            return;
        }
        acting.hold(grant);
        if matches!(&self.actor, Actor::Identity(own) if Arc::ptr_eq(own, acting)) {
            self.tokens.set(&acting.identity.provider().name.value, token_value(grant));
        }
    }

    /// Step 0: the token, where it came from, and whether it is as expected.
    pub(super) async fn auth_step(&mut self, auth: &Auth) -> bool {
        let Auth::Provider(step) = auth else { return true };
        let span = self.instance.file.scenario.at.key("auth").unwrap_or(step.provider.span);
        let mut event = self.bare(Phase::Auth, "auth", span);
        event.target.clone_from(&step.provider.value);
        let started = Instant::now();
        self.current = Some(Current::new(event.clone(), span));
        let granted = match self.environment.identities.actor(auth, &self.scope) {
            Err(problems) => Err(problems.into_iter().map(|problem| (Class::Auth, problem)).collect()),
            Ok(actor) => {
                if let Actor::Identity(acting) = &actor
                    && acting.identity.persona() != "default"
                {
                    event.target = format!("{} as {}", step.provider.value, acting.identity.persona());
                }
                self.actor = actor.clone();
                self.granted(step, &actor).await
            }
        };
        match granted {
            Ok(Granted { notes, count, findings, status }) => {
                event.notes = notes;
                event.expectations = count;
                event.status = status;
                event.attempts = u32::from(status.is_some());
                for problem in &findings {
                    self.find(&mut event, Class::Expectation, problem);
                }
            }
            Err(problems) => problems.iter().for_each(|(class, problem)| self.find(&mut event, *class, problem)),
        }
        event.duration_ms = millis(started.elapsed());
        let passed = event.verdict < Verdict::Failed;
        if !passed {
            event.rerun = Some(self.rerun(event.line));
        }
        self.current = None;
        self.tell(event);
        passed
    }

    async fn granted(&mut self, step: &AuthStep, actor: &Actor) -> Result<Granted, Vec<(Class, Diagnostic)>> {
        let Actor::Identity(acting) = actor else {
            return Ok(Granted { notes: Vec::new(), count: Count::default(), findings: Vec::new(), status: None });
        };
        let at = step.provider.span;
        let grant = acting
            .grant(&self.environment.broker)
            .await
            .map_err(|error| vec![(auth_class(&error), auth_problem(&error, at))])?;
        self.act_with(acting, &grant);
        let mut notes = vec![told(grant.origin)];
        if let Some(exchange) = &grant.exchange {
            notes.push(format!("{} in {}", exchange.url, Duration(exchange.duration)));
        }
        let mut granted = Granted {
            notes,
            count: Count::default(),
            findings: Vec::new(),
            status: grant.exchange.as_ref().map(|exchange| exchange.status),
        };
        if let Some(expect) = &step.expect {
            let token = grant.token.clone();
            let lifetime = token.lifetime().map(Json::from);
            let said = said(&token, acting.identity.provider(), lifetime.as_ref());
            let facts = expect::TokenFacts { said, scope: token.scope(), claims: token.claims() };
            match expect::evaluate_token(expect, &facts, &self.scope) {
                Ok(mut outcome) => {
                    if let Some(signature) = &expect.signature {
                        let identity = &acting.identity;
                        self.signatures(signature, identity, &token, &mut outcome).await.map_err(|lost| vec![lost])?;
                    }
                    let failed = !outcome.findings.is_empty();
                    if let Some(gathering) = &self.environment.gathering
                        && (failed || self.instance.case.is_some())
                    {
                        let found =
                            if failed { expect::propose_token(expect, &facts, &self.scope) } else { Vec::new() };
                        let title = format!("auth {}", step.provider.value);
                        gathering.looked(&self.looked(expect.at.span, title), found, &outcome.findings);
                    }
                    granted.count = Count { held: outcome.held, total: outcome.total };
                    granted.findings = outcome.findings;
                }
                Err(problem) => return Err(vec![(Class::Scenario, *problem)]),
            }
        }
        Ok(granted)
    }
}

/// What the token response says, where this provider has it. A lifetime is also had by the moment the token ends.
fn said<'t>(token: &'t Token, provider: &Provider, lifetime: Option<&'t Json>) -> TokenSaid<'t> {
    let Some(members) = provider.flow.token_members() else { return TokenSaid::default() };
    let at = |path: &JsonPath| path.first(token.response());
    TokenSaid {
        expires_in: match at(&members.expires_in) {
            Some(Json::Null) | None if members.expires_at.is_some() => lifetime,
            expires_in => expires_in,
        },
        token_type: at(&members.token_type),
        scope: at(&members.scope),
        refresh_token: at(&members.refresh_token),
        id_token: at(&members.id_token),
    }
}

/// What an auth step came to.
struct Granted {
    notes: Vec<String>,
    count: Count,
    findings: Vec<Diagnostic>,
    status: Option<u16>,
}

/// Where a token came from, in words.
pub(super) fn told(origin: Origin) -> String {
    match origin {
        Origin::Fetched => "fetched".to_owned(),
        Origin::Reused { left: Some(left) } => {
            format!("reused, {} left", Duration(std::time::Duration::from_secs(left.as_secs())))
        }
        Origin::Reused { left: None } => "reused".to_owned(),
        Origin::Stored { left: Some(left) } => {
            format!("from the token store, {} left", Duration(std::time::Duration::from_secs(left.as_secs())))
        }
        Origin::Stored { left: None } => "from the token store".to_owned(),
        Origin::Refreshed => "refreshed".to_owned(),
        Origin::LoggedInAgain => "logged in again".to_owned(),
        Origin::Static => "given, not fetched".to_owned(),
    }
}

/// The value of `auth.PROVIDER`.
fn token_value(grant: &Grant) -> Value {
    let token = &grant.token;
    let value = Namespace::default();
    value.set("access_token", Value::from(token.access().expose()));
    if let Some(token_type) = token.token_type() {
        value.set("token_type", Value::from(token_type));
    }
    if let Some(lifetime) = token.lifetime() {
        value.set("expires_in", Value::from(lifetime));
    }
    if let Some(scope) = token.scope() {
        value.set("scope", Value::from(scope));
    }
    if let Some(claims) = token.claims() {
        value.set("claims", from_json(Arc::new(claims.clone())));
    }
    value.value()
}
