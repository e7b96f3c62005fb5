//! `callsheet auth logout`: tokens are given back to the provider where it takes them back, and forgotten here.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::ground::{Ground, no_store};
use crate::auth::store::{Keeping, SessionName, Store, StoreError, StoredSession};
use crate::auth::{Broker, TokenKind, revoke};
use crate::cli::args::auth::{GroundOptions, IdentityOptions, LogoutOptions};
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::source::{Diagnostic, Sources};

/// Another run holds a session while it renews it; that takes no longer than a provider may take.
const LIMIT: Duration = Duration::from_mins(1);

pub(super) async fn command(options: &LogoutOptions, output: &Output) -> ExitCode {
    let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Some(store) = Keeping::of(options.identity.ground.store.token_store.as_deref(), &working).store().cloned()
    else {
        return no_store(output);
    };
    if options.all { everywhere(options, &store, output).await } else { here(options, &store, output).await }
}

/// The sessions of one environment.
async fn here(options: &LogoutOptions, store: &Store, output: &Output) -> ExitCode {
    let mut ground = match Ground::of(&options.identity.ground, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    if let Err(code) = ground.provider(&options.identity.provider, output) {
        return code;
    }
    let persona = options.identity.persona.as_deref().unwrap_or("default");
    let environment = ground.selected.name.clone();
    let scope = options.identity.scope.join(" ");
    let sessions = listed(store, &options.identity.provider, output).map(|sessions| {
        let wanted = |session: &StoredSession| {
            *session.persona == *persona
                && *session.environment == *environment
                && (scope.is_empty() || *session.scope == *scope)
        };
        sessions.into_iter().filter(|(_, session)| wanted(session)).collect::<Vec<_>>()
    });
    let code = match sessions {
        Ok(sessions) if sessions.is_empty() => {
            output.print(&format!(
                "no session of {} ({environment}){} is kept here\n",
                options.identity.provider,
                if persona == "default" { String::new() } else { format!(" for {persona}") }
            ));
            ExitCode::Passed
        }
        Ok(sessions) => end(&sessions, &mut ground, &options.identity.ground, store, output).await,
        Err(code) => code,
    };
    ground.end().await;
    code
}

/// Every session of the provider, whatever the environment.
async fn everywhere(options: &LogoutOptions, store: &Store, output: &Output) -> ExitCode {
    let provider = &options.identity.provider;
    let sessions = match listed(store, provider, output) {
        Ok(sessions) => sessions,
        Err(code) => return code,
    };
    if sessions.is_empty() {
        output.print(&format!("no session of {provider} is kept here\n"));
    }
    let environments: BTreeSet<&str> = sessions.iter().map(|(_, session)| &*session.environment).collect();
    let mut worst = ExitCode::Passed;
    for environment in environments {
        let of_it: Vec<_> =
            sessions.iter().filter(|(_, session)| *session.environment == *environment).cloned().collect();
        let asked = GroundOptions { env: Some(environment.to_owned()), ..options.identity.ground.clone() };
        let code = match Ground::of(&asked, output).await {
            Ok(mut ground) => {
                let code = end(&of_it, &mut ground, &asked, store, output).await;
                ground.end().await;
                code
            }
            // What is wrong has been said. They are forgotten all the same.
            Err(code) => {
                for (name, session) in &of_it {
                    let gone = store.remove(name, LIMIT).await;
                    tell(session, &[], &["the environment is not known here".to_owned()], &gone, output);
                }
                code
            }
        };
        if worst == ExitCode::Passed {
            worst = code;
        }
    }
    worst
}

type Listed = Vec<(SessionName, StoredSession)>;

fn listed(store: &Store, provider: &str, output: &Output) -> Result<Listed, ExitCode> {
    let listed = store.list().map_err(|error| {
        output.problems(&[Diagnostic::error("auth.store", error.to_string())], &Sources::default());
        ExitCode::Run(3)
    })?;
    let of_provider = |(name, session): (_, Result<StoredSession, StoreError>)| {
        session.ok().filter(|session| *session.provider == *provider).map(|session| (name, session))
    };
    Ok(listed.into_iter().filter_map(of_provider).collect())
}

/// Ends sessions of one environment.
async fn end(
    sessions: &[(SessionName, StoredSession)],
    ground: &mut Ground,
    options: &GroundOptions,
    store: &Store,
    output: &Output,
) -> ExitCode {
    let mut code = ExitCode::Passed;
    let broker = ground.broker();
    for (name, listed) in sessions {
        // Nobody renews it in the meantime: what is given back is what there is.
        let held = match store.lock(name, LIMIT, || (), || false).await {
            Ok(held) => held,
            Err(error) => {
                code = ground.unstored(&error, output);
                continue;
            }
        };
        let session = held.read().ok().flatten().unwrap_or_else(|| listed.clone());
        let (revoked, kept, failed) = give_back(&session, &broker, ground, options).await;
        let gone = held.remove();
        tell(&session, &revoked, &kept, &gone, output);
        if gone.is_err() || failed {
            code = ExitCode::Run(3);
        }
    }
    code
}

/// Gives the tokens of a session back. Says which, why not the others, and whether that could have been had.
async fn give_back(
    session: &StoredSession,
    broker: &Broker,
    ground: &mut Ground,
    options: &GroundOptions,
) -> (Vec<&'static str>, Vec<String>, bool) {
    let who = IdentityOptions {
        provider: session.provider.to_string(),
        persona: Some(session.persona.to_string()),
        scope: session.scope.split_whitespace().map(str::to_owned).collect(),
        ground: options.clone(),
    };
    let provider = match ground.catalogue.find(&session.provider, &mut ground.sources) {
        Ok(provider) => provider,
        Err(problem) => return (Vec::new(), vec![problem.message.clone()], true),
    };
    if provider.revoke.is_none() {
        return (
            Vec::new(),
            vec!["its file has no `revoke` endpoint: the tokens stay valid until they expire".into()],
            false,
        );
    }
    let identity = match ground.resolve(&provider, &who) {
        Ok(identity) => Arc::new(identity),
        Err(problems) => return (Vec::new(), problems.into_iter().map(|problem| problem.message).collect(), true),
    };
    let (mut revoked, mut kept) = (Vec::new(), Vec::new());
    // The refresh token first: many providers end all of its access tokens with it (RFC 7009, section 2.1).
    for (kind, token) in [(TokenKind::Refresh, &session.refresh_token), (TokenKind::Access, &session.access_token)] {
        let Some(token) = token else { continue };
        match revoke(broker, &identity, kind, token).await {
            Ok(_) => revoked.push(kind.told()),
            Err(error) => kept.push(ground.redactor.redact(&error.to_string()).into_owned()),
        }
    }
    let failed = !kept.is_empty();
    (revoked, kept, failed)
}

fn tell(session: &StoredSession, revoked: &[&str], kept: &[String], gone: &Result<bool, StoreError>, output: &Output) {
    let persona = if &*session.persona == "default" { String::new() } else { format!(" for {}", session.persona) };
    let mut text = format!("{} ({}){persona}: ", session.provider, session.environment);
    text.push_str(&match revoked {
        [] => "not revoked".to_owned(),
        tokens => format!("revoked the {}", tokens.join(" and the ")),
    });
    text.push_str(match gone {
        Ok(_) => ", forgotten\n",
        Err(_) => ", still kept here\n",
    });
    for why in kept {
        text.push_str(&format!("  not revoked: {why}\n"));
    }
    if let Err(error) = gone {
        text.push_str(&format!("  not forgotten: {error}\n"));
    }
    output.print(&text);
}
