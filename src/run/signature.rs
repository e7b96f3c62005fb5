//! The signatures of the tokens that a login yielded, checked.

use std::sync::Arc;

use super::call::{auth_class, auth_problem};
use super::identity::Actor;
use super::scenario::ScenarioRun;
use crate::auth::jwt::keys::KeySet;
use crate::auth::jwt::verify::verify;
use crate::auth::{Identity, Token};
use crate::document::Kind;
use crate::event::Class;
use crate::expect::{self, Outcome};
use crate::http::Response;
use crate::scenario::{Call, SignatureExpected, SignedBy, SignedToken};
use crate::source::{Diagnostic, Span, os_words};
use crate::template::{Scope, Template};

/// Where the keys are.
enum Keys {
    Known(KeySet),
    /// Published: at this URL, or where the provider says.
    Published(Option<String>),
}

impl ScenarioRun<'_> {
    /// Checks the signatures of a token response.
    ///
    /// # Errors
    /// The keys cannot be had, so that nothing can be concluded.
    pub(super) async fn signatures(
        &self,
        expected: &SignatureExpected,
        identity: &Arc<Identity>,
        token: &Token,
        outcome: &mut Outcome,
    ) -> Result<(), (Class, Diagnostic)> {
        let scenario = |problem| (Class::Scenario, problem);
        let keys = keys(expected, Some(identity), &self.scope).map_err(scenario)?;
        for kind in &expected.of {
            let text = match kind {
                SignedToken::Access => Some(token.access().expose()).filter(|text| !text.is_empty()),
                SignedToken::Id => token.id().map(crate::secret::Secret::expose),
                SignedToken::Body => None,
            };
            let Some(text) = text else {
                outcome.add([expect::unsigned(*kind, expected.span, "there is none", Vec::new())]);
                continue;
            };
            let found = match &keys {
                Keys::Known(keys) => verify(text, keys),
                Keys::Published(url) => {
                    let verified = self.environment.broker.keys().verify(identity, url.as_deref(), text).await;
                    verified.map_err(|error| (auth_class(&error), auth_problem(&error, expected.span)))?
                }
            };
            outcome.add(match found {
                Ok(verified) => expect::other_algorithm(*kind, &expected.alg, &verified.alg),
                Err(why) => Some(expect::unsigned(*kind, expected.span, &why.to_string(), why.notes())),
            });
        }
        Ok(())
    }

    /// Checks the signature of a body that is a JWT, if the step expects one and the body looks like it: what is no JWT has
    /// been told already.
    pub(super) async fn signature_of_body(
        &self,
        call: &Call,
        actor: &Actor,
        response: &Response,
        scope: &Scope,
        outcome: &mut Outcome,
    ) -> Result<(), (Class, Diagnostic)> {
        let jwt = call.expect.keys.as_ref().and_then(|keys| keys.jwt.as_deref());
        let Some(expected) = jwt.and_then(|jwt| jwt.signature.as_ref()) else { return Ok(()) };
        if response.read_as(Kind::Jwt).is_err() {
            return Ok(());
        }
        let identity = match actor {
            Actor::Identity(acting) => Some(&acting.identity),
            Actor::Nobody => None,
        };
        let keys = keys(expected, identity.map(|identity| &**identity), scope);
        let keys = keys.map_err(|problem| (Class::Scenario, problem))?;
        let body = response.text();
        let found = match (&keys, identity) {
            (Keys::Known(keys), _) => verify(body.trim(), keys),
            (Keys::Published(url), Some(identity)) => {
                let verified = self.environment.broker.keys().verify(identity, url.as_deref(), body.trim()).await;
                verified.map_err(|error| (auth_class(&error), auth_problem(&error, expected.span)))?
            }
            (Keys::Published(_), None) => return Err((Class::Scenario, nobody(expected.span))),
        };
        outcome.add(match found {
            Ok(verified) => expect::other_algorithm(SignedToken::Body, &expected.alg, &verified.alg),
            Err(why) => Some(expect::unsigned(SignedToken::Body, expected.span, &why.to_string(), why.notes())),
        });
        Ok(())
    }
}

/// The keys that a signature is checked with.
fn keys(expected: &SignatureExpected, identity: Option<&Identity>, scope: &Scope) -> Result<Keys, Diagnostic> {
    Ok(match &expected.keys {
        SignedBy::Provider => Keys::Published(None),
        SignedBy::Url(url) => Keys::Published(Some(url.render(scope)?.into_owned())),
        SignedBy::Secret(secret) => Keys::Known(KeySet::of_secret(secret.render(scope)?.as_bytes())),
        SignedBy::ClientSecret => {
            let identity = identity.ok_or_else(|| nobody(expected.span))?;
            Keys::Known(identity.client_secret_key().ok_or_else(|| {
                let name = &identity.provider().name.value;
                let what = format!("{name} has no credential `client_secret` to use as the key");
                Diagnostic::error("run.keys", what)
                    .at(expected.span, "")
                    .help("write `signature: jwks`, or give the key: `{ secret: … }`")
            })?)
        }
        SignedBy::File(file) => Keys::Known(key_file(file, expected.span, scope)?),
    })
}

fn key_file(file: &Template, at: Span, scope: &Scope) -> Result<KeySet, Diagnostic> {
    let path = file.render(scope)?;
    let wrong = |what: String| Diagnostic::error("run.keys", what).at(at, "");
    let bytes = std::fs::read(scope.folder().join(&*path)).map_err(|error| {
        wrong(format!("{path} cannot be read: {}", os_words(&error)))
            .help("the path starts from the folder of this file")
    })?;
    KeySet::of_file(&bytes).map_err(|why| {
        wrong(format!("{path} contains no usable key: {why}"))
            .help("the file must contain a JWK Set, a JWK or a public key in PEM")
    })
}

/// Keys of a provider, where the step acts as nobody.
fn nobody(at: Span) -> Diagnostic {
    Diagnostic::error("run.keys", "this step has no `auth`, so there is no provider that has the keys")
        .at(at, "")
        .help("give the step `auth: PROVIDER`, or name the key: `{ file: keys.json }`, `{ secret: … }`")
}
