//! `callsheet auth import`: a session from another machine, into the token store of this one.

use std::io::Read;
use std::time::Duration;

use super::ground::Ground;
use super::passphrase::{passphrase, read, variable};
use crate::auth::sealed::{Key, identities, open, wants_passphrase};
use crate::auth::store::{SessionOrigin, StoredSession};
use crate::cli::args::auth::{GroundOptions, IdentityOptions, ImportOptions};
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::source::{Diagnostic, os_words};

/// No session is larger.
const LARGEST: u64 = 16 << 20;

pub(super) async fn command(options: &ImportOptions, output: &Output) -> ExitCode {
    let session = match opened(options) {
        Ok(session) => session,
        Err(problem) => {
            output.problems(&[problem], &Default::default());
            return ExitCode::Usage;
        }
    };
    if let Some(environment) = options.ground.env.as_deref().filter(|asked| **asked != *session.environment) {
        let what = format!("the session is for the environment {}, but --env says {environment}", session.environment);
        output.problems(&[Diagnostic::error("auth.import", what).help("leave --env out")], &Default::default());
        return ExitCode::Usage;
    }
    let asked = GroundOptions { env: Some(session.environment.to_string()), ..options.ground.clone() };
    let mut ground = match Ground::of(&asked, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let code = match keep(options, session, &mut ground, asked, output).await {
        Ok(code) | Err(code) => code,
    };
    ground.end().await;
    code
}

fn opened(options: &ImportOptions) -> Result<StoredSession, Diagnostic> {
    let name =
        if options.file.as_os_str() == "-" { "standard input".into() } else { options.file.display().to_string() };
    let problem = |why: &dyn std::fmt::Display| Diagnostic::error("auth.import", format!("{name}: {why}"));
    let mut text = String::new();
    let read_all = if options.file.as_os_str() == "-" {
        std::io::stdin().lock().take(LARGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(&options.file).and_then(|file| file.take(LARGEST).read_to_string(&mut text))
    };
    read_all.map_err(|error| problem(&format!("cannot be read: {}", os_words(&error))))?;
    let by_passphrase = wants_passphrase(&text).map_err(|error| problem(&error))?;
    let key = match (&options.key_file, &options.key_env) {
        (Some(file), _) => Some((read(file, "the private key")?, file.display().to_string())),
        (_, Some(name)) => Some((variable(name, "the private key")?, name.clone())),
        _ => None,
    };
    let key = match key {
        Some((key, place)) => {
            let wrong = |why| Diagnostic::error("cli.key", format!("{place} contains no private key: {why}"));
            Key::Identities(identities(key.expose()).map_err(wrong)?)
        }
        None if by_passphrase => Key::Passphrase(passphrase(&options.passphrase, false)?),
        None => {
            let problem = problem(&"it was encrypted for public keys");
            return Err(problem.help("give the private key: --key-file FILE or --key-env NAME"));
        }
    };
    open(&text, &key).map_err(|error| problem(&error))
}

async fn keep(
    options: &ImportOptions,
    mut session: StoredSession,
    ground: &mut Ground,
    asked: GroundOptions,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let who = IdentityOptions {
        provider: session.provider.to_string(),
        persona: Some(session.persona.to_string()),
        scope: session.scope.split_whitespace().map(str::to_owned).collect(),
        ground: asked,
    };
    let identity = ground.identity(&who, output)?;
    let wrong = |problem: Diagnostic, ground: &Ground| {
        output.problems(&[problem], &ground.sources);
        ExitCode::Usage
    };
    if identity.client() != &*session.client {
        let what = format!(
            "the session belongs to the client {}, but here {} ({}) has the client {}",
            named(&session.client),
            session.provider,
            session.environment,
            named(identity.client())
        );
        let problem = Diagnostic::error("auth.import", what);
        return Err(wrong(
            problem.help("a refresh token works only for its own client: use the same client ID here"),
            ground,
        ));
    }
    let store = ground.store(output)?;
    let unstored = |error: &_| ground.unstored(error, output);
    let name = store.name(&identity).map_err(|error| unstored(&error))?;
    let held = store.lock(&name, Duration::from_mins(1), || (), || false).await.map_err(|error| unstored(&error))?;
    let newer = held.read().ok().flatten().is_some_and(|kept| kept.issued_at > session.issued_at);
    if newer && !options.force {
        let what = format!("there is already a newer session of {} ({}) here", session.provider, session.environment);
        let problem = Diagnostic::error("auth.import", what);
        return Err(wrong(problem.help("--force replaces it with the imported one"), ground));
    }
    session.origin = SessionOrigin::Import;
    session.in_use_since = None;
    held.write(&session, "import").map_err(|error| unstored(&error))?;
    let persona = if &*session.persona == "default" { String::new() } else { format!(" for {}", session.persona) };
    output.say(&format!(
        "{} ({}){persona}: kept in {}\n",
        session.provider,
        session.environment,
        store.folder().display()
    ));
    Ok(ExitCode::Passed)
}

fn named(client: &str) -> &str {
    if client.is_empty() { "without a name" } else { client }
}
