//! The command line, as data. Nothing here touches the world.

pub(super) mod accept;
pub(super) mod auth;
pub(super) mod diff;
pub(super) mod provider;
pub(super) mod scrutiny;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::accept::AcceptOptions;
use self::auth::AuthOptions;
use self::diff::DiffOptions;
use self::provider::ProviderOptions;
use self::scrutiny::{MutateOptions, ScrutinyOptions};
use crate::report::ColourChoice;

/// What a run and the commands of `auth` end with: the first that applies, as the reference has it.
const EXIT_CODES: &str = "\
Exit codes, the first that applies:
  2  a wrong file or option, nothing selected, or a report not written
  1  an expectation failed, a value was missing, or too little was looked at
  3  a provider refused, or a login failed in another way
  6  a login needs a person: the error names the command to run
  4  the environment could not be reached, or timed out
  130  interrupted
  0  all passed

`callsheet explain ID` tells more about an error, by the id in its brackets.";

/// What a newcomer does first.
const FIRST: &str = "\
To start: `callsheet init` writes a small project, and `callsheet run` runs it.
`callsheet COMMAND --help` shows the options of a command.
`callsheet explain ID` tells more about an error, by the id in its brackets.";

/// Run API workflows that are written down in YAML: an auth step, then calls with expectations.
#[derive(Debug, Parser)]
#[command(name = "callsheet", version, about, max_term_width = 100, arg_required_else_help = true, after_help = FIRST)]
pub(super) struct Arguments {
    /// When to colour the output: `auto` (on a terminal, unless NO_COLOR is set), `always` or `never`
    #[arg(
        long = "color",
        alias = "colour",
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_possible_values = true
    )]
    pub(super) colour: When,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios
    #[command(after_help = EXIT_CODES)]
    Run(Box<RunOptions>),
    /// Find out what expectations would miss: change the answers in one place at a time, and see which changes go unnoticed
    #[command(after_help = EXIT_CODES)]
    Mutate(Box<MutateOptions>),
    /// Write what the last run found different into the files: one by one, or all at once
    #[command(after_help = accept::HELP)]
    Accept(AcceptOptions),
    /// Check files without making any call
    Check(CheckOptions),
    /// List the scenarios that a run would include
    List(ListOptions),
    /// Compare two documents as a step compares what it expects with what came
    #[command(after_help = diff::EXIT_CODES)]
    Diff(DiffOptions),
    /// Print the JSON Schema of the files
    Schema(SchemaOptions),
    /// Serve the embedded look-alikes of Lavanda, Cognito, Simacan and Gridshare
    Mock(MockOptions),
    /// Log in, look at tokens, move sessions to another machine, find out why a login fails
    #[command(
        after_help = "Exit codes are those of a run: 3 where a provider refused, 6 where a login needs a person."
    )]
    Auth(AuthOptions),
    /// List, show and write providers
    Provider(ProviderOptions),
    /// Explain a problem by the id in its brackets: `expect.json`
    Explain(ExplainOptions),
    /// Write a minimal project that runs at once
    Init(InitOptions),
}

/// When to colour.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<When> for ColourChoice {
    fn from(when: When) -> Self {
        match when {
            When::Auto => Self::Auto,
            When::Always => Self::Always,
            When::Never => Self::Never,
        }
    }
}

/// What is read, and against what.
#[derive(Debug, Clone, Args)]
pub(super) struct ProjectOptions {
    /// Scenario files and folders [default: the working directory]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The environment to run against [default: the project's default_environment]
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Set a variable; it replaces the scenario's own. `env.NAME=VALUE` sets one of the environment. A name that nothing
    /// uses is an error
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) var: Vec<String>,
}

/// Which scenarios.
#[derive(Debug, Clone, Args)]
pub(super) struct SelectionOptions {
    /// Only scenarios with these tags: `smoke and not slow`; if given several times, all must match
    #[arg(long, short = 't', value_name = "EXPRESSION")]
    pub(super) tag: Vec<String>,
    /// Only this scenario: a part of its title, FILE, or FILE:LINE (runs up to the step in that line); `#N` selects a case
    #[arg(long, value_name = "NAME|FILE:LINE")]
    pub(super) only: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct RunOptions {
    #[command(flatten)]
    pub(super) project: ProjectOptions,
    #[command(flatten)]
    pub(super) selection: SelectionOptions,
    /// A credential: `simacan.password=@file`, `simacan.planner.password=…`
    #[arg(long, value_name = "PROVIDER.NAME=VALUE")]
    pub(super) credential: Vec<String>,
    /// Where tokens are kept between runs: a folder, or `memory` (for this run only), or `none` (each scenario logs in on
    /// its own) [default: callsheet/tokens in the state folder of the user]
    #[arg(long, value_name = "none|memory|FOLDER", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) token_store: Option<String>,
    /// How many scenarios run at once [default: the project's jobs, else 16]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(super) jobs: Option<u32>,
    /// The seed of all random values; a failed run prints it, so that it can be repeated
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Start no other scenario after the first failure
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Write a report: junit=FILE, json=FILE, events=FILE, coverage=FILE or (mutate) mutation=FILE; FILE `-` is standard
    /// output
    #[arg(long, value_name = "KIND=FILE")]
    pub(super) report: Vec<String>,
    #[command(flatten)]
    pub(super) scrutiny: ScrutinyOptions,
    /// Make calls that write, even if the environment is read-only
    #[arg(long)]
    pub(super) allow_writes: bool,
    /// Keep nothing for `callsheet accept`; where CI is set, nothing is kept anyway
    #[arg(long)]
    pub(super) no_pending: bool,
    /// Do not fail if no scenario is selected
    #[arg(long)]
    pub(super) allow_empty: bool,
    /// Show more: -v every step, -vv every request and answer (without secrets)
    #[arg(long, short = 'v', action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Show less: only failures and the totals
    #[arg(long, short = 'q', conflicts_with = "verbose")]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckOptions {
    #[command(flatten)]
    pub(super) project: ProjectOptions,
}

#[derive(Debug, Args)]
pub(super) struct ListOptions {
    #[command(flatten)]
    pub(super) project: ProjectOptions,
    #[command(flatten)]
    pub(super) selection: SelectionOptions,
}

#[derive(Debug, Args)]
pub(super) struct SchemaOptions {
    /// Only the schema of this kind of file [default: of all kinds]
    #[arg(value_name = "KIND")]
    pub(super) kind: Option<SchemaKind>,
}

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// Scenarios
    Scenario,
    /// Providers
    Provider,
    /// Fragments
    Fragment,
    /// The project file
    Project,
}

#[derive(Debug, Args)]
pub(super) struct MockOptions {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, short = 'p', value_name = "PORT", default_value_t = 0)]
    pub(super) port: u16,
}

#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    /// The id, or the part before its dot [default: a list of all]
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct InitOptions {
    /// The folder to write into
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(super) folder: PathBuf,
}
