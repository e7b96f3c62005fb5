//! The signatures of the tokens that a login yielded, checked.

use std::sync::Arc;

use super::call::{auth_class, auth_problem};
use super::scenario::ScenarioRun;
use crate::auth::jwt::keys::KeySet;
use crate::auth::jwt::verify::verify;
use crate::auth::{Identity, Token};
use crate::event::Class;
use crate::expect::{self, Outcome};
use crate::scenario::{SignatureExpected, SignedBy, SignedToken};
use crate::source::{Diagnostic, Span, os_words};
use crate::template::Template;

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
        let keys = self.keys(expected, identity).map_err(scenario)?;
        for kind in &expected.of {
            let text = match kind {
                SignedToken::Access => Some(token.access().expose()).filter(|text| !text.is_empty()),
                SignedToken::Id => token.id().map(crate::secret::Secret::expose),
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

    fn keys(&self, expected: &SignatureExpected, identity: &Identity) -> Result<Keys, Diagnostic> {
        Ok(match &expected.keys {
            SignedBy::Provider => Keys::Published(None),
            SignedBy::Url(url) => Keys::Published(Some(url.render(&self.scope)?.into_owned())),
            SignedBy::Secret(secret) => Keys::Known(KeySet::of_secret(secret.render(&self.scope)?.as_bytes())),
            SignedBy::ClientSecret => Keys::Known(identity.client_secret_key().ok_or_else(|| {
                let name = &identity.provider().name.value;
                let what = format!("{name} has no credential `client_secret` to use as the key");
                Diagnostic::error("run.keys", what)
                    .at(expected.span, "")
                    .help("write `signature: jwks`, or give the key: `{ secret: … }`")
            })?),
            SignedBy::File(file) => Keys::Known(self.key_file(file, expected.span)?),
        })
    }

    fn key_file(&self, file: &Template, at: Span) -> Result<KeySet, Diagnostic> {
        let path = file.render(&self.scope)?;
        let wrong = |what: String| Diagnostic::error("run.keys", what).at(at, "");
        let bytes = std::fs::read(self.scope.folder().join(&*path)).map_err(|error| {
            wrong(format!("{path} cannot be read: {}", os_words(&error)))
                .help("the path starts from the folder of this file")
        })?;
        KeySet::of_file(&bytes).map_err(|why| wrong(format!("{path} contains no usable key: {why}")))
    }
}
