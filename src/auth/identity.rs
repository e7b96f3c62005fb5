//! An identity: a provider in an environment, a persona, a scope, and the credentials for them, all found before any
//! call is made. Scenarios share it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::rand;
use minijinja::Value;

use super::attach::Attachment;
use super::credential::CredentialOrigin;
use super::error::{AuthError, Trouble};
use super::flow::{Digest, SigV4};
use super::hosts::HostGuard;
use super::jwt::sign::Signer;
use super::preflight;
use super::provider::{Flow, Provider};
use super::resolve::{self, Credentials, Wish};
use super::token::{Token, TokenSet};
use crate::http::Tls;
use crate::secret::{Redactor, Secret};
use crate::source::Diagnostic;
use crate::template::{Scope, Template};

/// Who logs in where, and with what.
pub struct Identity {
    pub(super) provider: Arc<Provider>,
    pub(super) key: Key,
    credentials: Credentials,
    members: BTreeMap<Arc<str>, Box<str>>,
    /// What the provider's templates see.
    pub(super) scope: Scope,
    pub(super) guard: HostGuard,
    /// What signs, in the flow `aws_sigv4`.
    pub(super) aws: Option<Arc<SigV4>>,
    /// What answers challenges, in the flow `digest`.
    pub(super) digest: Option<Arc<Digest>>,
    /// What connections are made with, where the provider says more than the project.
    pub(super) tls: Option<Arc<Tls>>,
    /// The token of a flow that asks for none.
    pub(super) given: Option<Arc<Token>>,
    /// Whether the embedded provider stands in for the real one, and takes its tokens with it when the run ends.
    pub(super) embedded: bool,
    warnings: Vec<Diagnostic>,
    /// What the client signs with, where it proves itself so.
    pub(super) client_signer: Option<Signer>,
    /// What signs the assertion of the flow `jwt_bearer`.
    pub(super) grant_signer: Option<Signer>,
    /// Whose tokens the flow `token_exchange` takes.
    pub(super) subject: Option<Arc<Identity>>,
    pub(super) actor: Option<Arc<Identity>>,
}

/// What makes two logins one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) provider: Arc<str>,
    pub(super) environment: Box<str>,
    pub(super) persona: Box<str>,
    pub(super) client: Box<str>,
    pub(super) scope: Box<str>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?})", self.key)
    }
}

impl Identity {
    /// Finds everything a login takes, or names everything that is missing. The caller adds the scenario's place.
    ///
    /// # Errors
    /// All that stands in the way: no such environment, credentials that are missing or cannot be right, templates that
    /// refer to what is not there.
    pub fn resolve(wish: &Wish<'_>) -> Result<Self, Vec<Diagnostic>> {
        let provider = wish.provider;
        let environment = resolve::environment(wish).map_err(|problem| vec![*problem])?;
        let mut problems = Vec::new();
        let scope = Scope::new(chance(), provider.folder.to_path_buf());
        scope.set("env", wish.env.clone());

        let (credentials, warnings) = resolve::credentials(wish, &scope, &mut problems);
        for (name, value, _) in &credentials {
            scope.set(name, Value::from(value.expose()));
        }
        let members = resolve::members(wish, environment, &scope, &mut problems);
        let guard = resolve::guard(wish, environment, &members, &scope, &mut problems);
        let asked = resolve::asked_scope(wish, &scope, &mut problems);
        scope.set("scope", Value::from(&*asked));
        let tls = resolve::tls(wish, environment, &scope, &mut problems);
        preflight::check(wish, &members, &mut problems);
        let whole = problems.is_empty();
        let proofs =
            if whole { resolve::proofs(wish, &credentials, &scope, &mut problems) } else { Default::default() };
        if !problems.is_empty() {
            return Err(resolve::causes(problems));
        }

        let client = credentials.iter().find(|(name, ..)| &**name == "client_id");
        let key = Key {
            provider: provider.name.value.clone(),
            environment: wish.environment.into(),
            persona: wish.persona.into(),
            client: client.map(|(_, value, _)| value.expose().into()).unwrap_or_default(),
            scope: asked,
        };
        let mut identity = Self {
            provider: provider.clone(),
            key,
            credentials,
            members,
            scope,
            guard,
            aws: None,
            digest: None,
            tls,
            given: None,
            embedded: wish.embedded.is_some(),
            warnings,
            client_signer: proofs.client,
            grant_signer: proofs.grant,
            subject: proofs.subject,
            actor: proofs.actor,
        };
        if let Flow::AwsSigV4(sign) = &provider.flow {
            let render = |template: &Template| template.render(&identity.scope).map(Cow::into_owned);
            let (service, region) = match (render(&sign.service), render(&sign.region)) {
                (Ok(service), Ok(region)) => (service, region),
                (service, region) => return Err([service.err(), region.err()].into_iter().flatten().collect()),
            };
            let credential = |name| identity.credential(name).unwrap_or_default();
            identity.aws = Some(Arc::new(SigV4 {
                access_key_id: credential("access_key_id").to_owned(),
                secret_access_key: Secret::new(credential("secret_access_key")),
                session_token: Some(credential("session_token")).filter(|token| !token.is_empty()).map(Secret::new),
                region,
                service,
                redactor: wish.redactor.clone(),
                mask: identity.masked("signature"),
            }));
        }
        if matches!(provider.flow, Flow::Digest) {
            let credential = |name| identity.credential(name).unwrap_or_default();
            let (user, password, mask) = (credential("username"), credential("password"), identity.masked("digest"));
            identity.digest = Some(Arc::new(Digest::new(user, password, wish.redactor.clone(), mask)));
        }
        if !provider.flow.logs_in() {
            let given = identity.given_token(wish.redactor).map_err(|problem| vec![*problem])?;
            identity.given = Some(Arc::new(given));
        }
        Ok(identity)
    }

    /// The provider.
    pub fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }

    /// The project's environment.
    pub fn environment(&self) -> &str {
        &self.key.environment
    }

    /// The persona; `default` where the scenario names none.
    pub fn persona(&self) -> &str {
        &self.key.persona
    }

    /// The client; empty where the provider knows none.
    pub fn client(&self) -> &str {
        &self.key.client
    }

    /// The scope that is asked for; may be empty.
    pub fn scope(&self) -> &str {
        &self.key.scope
    }

    /// The `base_url` of scenarios that have none of their own.
    pub fn api(&self) -> Option<&str> {
        self.member("api")
    }

    /// What scenarios see as `provider.NAME.KEY`.
    pub fn member(&self, key: &str) -> Option<&str> {
        self.members.get(key).map(|value| &**value)
    }

    /// All that scenarios see of the provider's environment.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Whether an answer of that status says that the token is no longer taken.
    pub fn reauth_on(&self, status: u16) -> bool {
        self.given.is_none() && self.provider.reauth_on.contains(&status)
    }

    /// Problems that stop nothing, to be shown once.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Where each credential came from.
    pub fn origins(&self) -> impl Iterator<Item = (&str, &CredentialOrigin)> {
        self.credentials.iter().map(|(name, _, origin)| (&**name, origin))
    }

    /// The value of a credential.
    pub(super) fn credential(&self, name: &str) -> Option<&str> {
        self.credentials.iter().find(|(known, ..)| &**known == name).map(|(_, value, _)| value.expose())
    }

    /// The name a secret of this identity is masked by: `auth.simacan.planner.access_token`.
    pub(super) fn masked(&self, name: &str) -> String {
        match &*self.key.persona {
            "default" => format!("auth.{}.{name}", self.key.provider),
            persona => format!("auth.{}.{persona}.{name}", self.key.provider),
        }
    }

    /// Whose login it is, for the person who logs in.
    pub(super) fn who(&self) -> String {
        let persona = if &*self.key.persona == "default" { String::new() } else { format!(" as {}", self.key.persona) };
        format!("{} ({}){persona}", self.key.provider, self.key.environment)
    }

    /// The command that lets a person log in.
    pub(super) fn login_command(&self) -> String {
        let quoted = |text: &str| {
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
            if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
        };
        let mut command = format!("callsheet auth login {} --env {}", self.key.provider, quoted(&self.key.environment));
        if &*self.key.persona != "default" {
            command.push_str(&format!(" --as {}", quoted(&self.key.persona)));
        }
        // Sessions of different scopes are different sessions.
        let own = self.provider.flow.token_endpoint().map(|endpoint| &endpoint.scope.0);
        let own: Result<Vec<_>, _> = own.into_iter().flatten().map(|part| part.render(&self.scope)).collect();
        if own.is_ok_and(|own| own.join(" ") != *self.key.scope) {
            command.push_str(&format!(" --scope {}", quoted(&self.key.scope)));
        }
        command
    }

    /// An error of this identity.
    pub(super) fn error(&self, trouble: Trouble) -> AuthError {
        AuthError {
            who: format!("{} ({})", self.key.provider, self.key.environment).into(),
            persona: (&*self.key.persona != "default").then(|| self.key.persona.clone()),
            advice: match &trouble {
                Trouble::Refused { .. } | Trouble::LoginRefused { .. } => self.advice().map(Into::into),
                _ => None,
            },
            request: None,
            at: None,
            trouble,
        }
    }

    /// Where the credentials came from, for a refused login.
    fn advice(&self) -> Option<String> {
        let told: Vec<_> = self.credentials.iter().map(|(name, _, origin)| origin.told(name)).collect();
        if told.is_empty() {
            return None;
        }
        let runs = told.chunk_by(|(_, one), (_, other)| one == other).enumerate().map(|(at, run)| {
            let names: Vec<&str> = run.iter().map(|(name, _)| *name).collect();
            let listed = match &names[..] {
                [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
                _ => names.concat(),
            };
            format!("{listed}{} from {}", if at == 0 { " came" } else { "" }, run[0].1)
        });
        let mut advice = runs.collect::<Vec<_>>().join(", ");
        let mut names: Vec<&str> = self.provider.environments.names().map(plain_name).collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        let own = self.credentials.iter().any(|(.., origin)| *origin != CredentialOrigin::Demo);
        if let ([rest @ .., last], true) = (names.as_slice(), names.len() > 1 && own) {
            advice = format!("{advice}; {} and {last} have separate credentials", rest.join(", "));
        }
        Some(advice)
    }

    fn given_token(&self, redactor: &Redactor) -> Result<Token, Box<Diagnostic>> {
        let secret = self.provider.credentials.iter().find(|credential| credential.secret);
        let name = match &self.provider.flow {
            Flow::Bearer if self.credential("token").is_some() => Some("token"),
            Flow::Bearer | Flow::ApiKey => secret.map(|credential| &*credential.name.value),
            _ => None,
        };
        if matches!(self.provider.flow, Flow::Basic)
            && self.credential("username").is_some_and(|user| user.contains(':'))
        {
            let what = format!("the user name of {} contains a `:`, which HTTP Basic cannot send", self.key.provider);
            let help = "use a user name without `:`, or another flow";
            return Err(Box::new(Diagnostic::error("auth.credentials", what).help(help)));
        }
        let value = name.and_then(|name| self.credential(name)).unwrap_or_default();
        let set = TokenSet::given(Secret::new(value));
        let attachment = Attachment::of(self, &set)?;
        self.learn_attachment(&attachment, redactor);
        Ok(Token::new(set, attachment))
    }

    /// Teaches what is sent, where it is not simply a secret that is known already with a word before it.
    pub(super) fn learn_attachment(&self, attachment: &Attachment, redactor: &Redactor) {
        if let Some(value) = attachment.value() {
            let sent = value.split_once(' ').map_or(value, |(_, rest)| rest);
            if redactor.redact(sent) == sent && self.provider.credentials.iter().any(|credential| credential.secret) {
                redactor.learn(&self.masked("sent"), sent);
            }
        }
    }
}

fn plain_name(environment: &str) -> &str {
    match environment {
        "prod" => "production",
        "stg" => "staging",
        "dev" => "development",
        other => other,
    }
}

/// Something no one can guess: what templates draw from, nonces included.
fn chance() -> u64 {
    let mut bytes = [0; 8];
    // Without the system's randomness nothing secure can be done at all; the clock stands in for what needs no security.
    match rand::fill(&mut bytes) {
        Ok(()) => u64::from_ne_bytes(bytes),
        Err(_) => fastrand::u64(..),
    }
}
