//! `callsheet auth`: everything about a session outside of a run. One file a subcommand; `ground.rs` is what they share.

mod doctor;
mod export;
mod ground;
mod import;
mod inspect;
mod login;
mod logout;
mod passphrase;
mod status;
mod terminal;
mod token;

use super::args::auth::{AuthCommand, AuthOptions};
use super::exit::ExitCode;
use super::output::Output;
use crate::auth::AuthError;
use crate::source::{Diagnostic, Sources, os_words};

pub(super) fn command(options: &AuthOptions, output: &Output) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let what = format!("what makes requests cannot start: {}", os_words(&error));
            let help = "end other programs, or raise the limits (`ulimit -n`, `ulimit -u`)";
            output.problems(&[Diagnostic::error("auth.start", what).help(help)], &Sources::default());
            return ExitCode::Usage;
        }
    };
    runtime.block_on(async {
        match &options.command {
            AuthCommand::Login(options) => login::command(options, output).await,
            AuthCommand::Status(options) => status::command(options, output),
            AuthCommand::Inspect(options) => inspect::command(options, output).await,
            AuthCommand::Token(options) => token::command(options, output).await,
            AuthCommand::Logout(options) => logout::command(options, output).await,
            AuthCommand::Export(options) => export::command(options, output).await,
            AuthCommand::Import(options) => import::command(options, output).await,
            AuthCommand::Doctor(options) => doctor::command(options, output).await,
        }
    })
}

/// Prints why there is no token, and gives the code that a run would end with.
fn refused(error: &AuthError, sources: &Sources, output: &Output) -> ExitCode {
    output.problems(&[Diagnostic::from(error)], sources);
    if error.is_unreachable() {
        ExitCode::Run(4)
    } else if error.needs_person() {
        ExitCode::Run(6)
    } else {
        ExitCode::Run(3)
    }
}
