//! `callsheet auth login`: a new login, by a person where it takes one. Later runs use what it yields.

use std::sync::Arc;

use super::ground::Ground;
use super::refused;
use super::terminal::Terminal;
use crate::auth::Grant;
use crate::cli::args::auth::LoginOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::source::{Diagnostic, Duration};

pub(super) async fn command(options: &LoginOptions, output: &Output) -> ExitCode {
    let mut ground = match Ground::of(&options.identity.ground, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let code = tokio::select! {
        code = log_in(options, &mut ground, output) => match code {
            Ok(code) | Err(code) => code,
        },
        // The listener and the questions to the provider end with the runtime.
        _ = tokio::signal::ctrl_c() => {
            output.say("interrupted: not logged in\n");
            ExitCode::Run(130)
        }
    };
    ground.end().await;
    code
}

async fn log_in(options: &LoginOptions, ground: &mut Ground, output: &Output) -> Result<ExitCode, ExitCode> {
    let identity = ground.identity(&options.identity, output)?;
    let name = identity.provider().name.value.clone();
    if !identity.provider().flow.logs_in() {
        let what = format!("{name} has no login: its flow is `{}`", identity.provider().flow_name().word());
        let problem = Diagnostic::error("auth.login", what)
            .help("it sends its credentials themselves; `callsheet auth doctor` checks whether they are there");
        output.problems(&[problem], &ground.sources);
        return Err(ExitCode::Run(3));
    }
    // A login that nothing would keep is made in vain.
    ground.store(output)?;
    let person = Arc::new(Terminal { browser: !options.no_browser });
    let broker = ground.broker().with_person(person);
    let grant = broker.log_in(&identity).await.map_err(|error| refused(&error, &ground.sources, output))?;
    output.print(&format!("{}\n", told(&name, identity.persona(), identity.environment(), &grant)));
    Ok(ExitCode::Passed)
}

/// What was had, and how long it is good for.
fn told(name: &str, persona: &str, environment: &str, grant: &Grant) -> String {
    let whole = |time: std::time::Duration| Duration(std::time::Duration::from_secs(time.as_secs()));
    let mut text = format!("logged in to {name} ({environment})");
    if persona != "default" {
        text.push_str(&format!(" as {persona}"));
    }
    match grant.token.left() {
        Some(left) => text.push_str(&format!(": the token is valid for {}", whole(left))),
        None => text.push_str(": the provider does not say how long the token is valid"),
    }
    if grant.token.refresh().is_some() {
        text.push_str(" and can be renewed");
    }
    text
}
