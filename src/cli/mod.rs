//! The front door: one file a command. Nothing else prints, and nothing else ends the process.

mod accept;
mod args;
mod auth;
mod check;
mod diff;
mod elsewhere;
mod exit;
mod explain;
mod gates;
mod init;
mod list;
mod mistaken;
mod mock;
mod mutate;
mod output;
mod outside;
mod pending;
mod prepare;
mod provider;
mod prune;
mod run;
mod schema;

pub use exit::ExitCode;

use clap::Parser;

use self::args::{Arguments, Command};
use self::output::Output;
use crate::report::ColourChoice;
use crate::source::Sources;

/// Runs the command line and gives the code to exit with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            if let Some(problem) = mistaken::mistaken(&error) {
                Output::new(ColourChoice::Auto).problems(&[problem], &Sources::default());
                return ExitCode::Usage;
            }
            // clap prints help and version by itself; a closed pipe is no news.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Usage } else { ExitCode::Passed };
        }
    };
    let output = Output::new(arguments.colour.into());
    match arguments.command {
        Command::Run(options) => run::command(&options, &output),
        Command::Mutate(options) => mutate::command(*options, &output),
        Command::Accept(options) => accept::command(&options, &output),
        Command::Check(options) => check::command(&options, &output),
        Command::List(options) => list::command(&options, &output),
        Command::Diff(options) => diff::command(&options, &output),
        Command::Schema(options) => schema::command(&options, &output),
        Command::Mock(options) => mock::command(&options, &output),
        Command::Auth(options) => auth::command(&options, &output),
        Command::Provider(options) => provider::command(&options, &output),
        Command::Explain(options) => explain::command(&options, &output),
        Command::Init(options) => init::command(&options, &output),
    }
}
