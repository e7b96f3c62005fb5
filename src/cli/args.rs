//! The command line, as data. Nothing here touches the world.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::auth::{ClientAuth, FlowName};
use crate::report::ColourChoice;

/// Run API workflows that are written down in YAML: an auth step, then calls with expectations.
#[derive(Debug, Parser)]
#[command(name = "callsheet", version, about, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Arguments {
    /// When to colour the output
    #[arg(long = "color", alias = "colour", value_name = "WHEN", default_value = "auto", global = true)]
    pub(super) colour: When,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios
    Run(Box<RunOptions>),
    /// Check files without calling anything
    Check(CheckOptions),
    /// List the scenarios that a run would run
    List(ListOptions),
    /// Print the JSON Schema of the files
    Schema(SchemaOptions),
    /// Serve the embedded look-alikes of the four providers
    Mock(MockOptions),
    /// Log in, look at tokens, pass sessions on, find out why a login fails
    Auth(AuthOptions),
    /// List, show and write providers
    Provider(ProviderOptions),
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
    /// Set a variable, in place of a scenario's own; `env.NAME=VALUE` sets one of the environment; one that nothing uses
    /// is an error
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) var: Vec<String>,
}

/// Which scenarios.
#[derive(Debug, Clone, Args)]
pub(super) struct SelectionOptions {
    /// Only scenarios with these tags: `smoke and not slow`; several must all hold
    #[arg(long, short = 't', value_name = "EXPRESSION")]
    pub(super) tag: Vec<String>,
    /// Only this scenario: part of its title, FILE, or FILE:LINE (up to the step there); #N picks a case
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
    #[arg(long, value_name = "none|memory|FOLDER")]
    pub(super) token_store: Option<String>,
    /// How many scenarios run at once [default: the project's jobs, else 16]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(super) jobs: Option<u32>,
    /// What everything random comes from; a failed run prints it
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Start nothing new after the first failure
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Write a report: junit=FILE, json=FILE or events=FILE; FILE `-` is standard output
    #[arg(long, value_name = "KIND=FILE")]
    pub(super) report: Vec<String>,
    /// Make calls that write even where the environment is read-only
    #[arg(long)]
    pub(super) allow_writes: bool,
    /// A selection that matches nothing is no error
    #[arg(long)]
    pub(super) allow_empty: bool,
    /// Say more: -v shows every step, -vv every exchange (redacted)
    #[arg(long, short = 'v', action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Say less: only what failed, and the figures
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
    /// Of one kind of file only
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
pub(super) struct InitOptions {
    /// The folder to write into
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(super) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct AuthOptions {
    #[command(subcommand)]
    pub(super) command: AuthCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum AuthCommand {
    /// Log in anew, in the browser where that takes a person; later runs use the session
    Login(LoginOptions),
    /// List the sessions that are kept on this machine
    Status(StatusOptions),
    /// Show what a token says, whether its signature holds, how old it is; not the token itself
    Inspect(InspectOptions),
    /// Print an access token, and nothing else
    Token(TokenOptions),
    /// Give tokens back to the provider and forget them
    Logout(LogoutOptions),
    /// Write a session into an encrypted file, for another machine
    Export(ExportOptions),
    /// Take a session from an encrypted file
    Import(ImportOptions),
}

/// In which project, and against what.
#[derive(Debug, Clone, Args)]
pub(super) struct GroundOptions {
    /// The environment [default: the project's default_environment]
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(super) env: Option<String>,
    /// A folder of the project [default: the working directory]; it need not hold one
    #[arg(long, value_name = "FOLDER")]
    pub(super) project: Option<PathBuf>,
    /// Set a variable of the environment: `env.NAME=VALUE`
    #[arg(long, value_name = "env.NAME=VALUE")]
    pub(super) var: Vec<String>,
    /// A credential: `simacan.password=@file`, `simacan.planner.password=…`
    #[arg(long, value_name = "PROVIDER.NAME=VALUE")]
    pub(super) credential: Vec<String>,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

/// Where sessions are kept.
#[derive(Debug, Clone, Args)]
pub(super) struct StoreOptions {
    /// Where sessions are kept: a folder, `memory` or `none` [default: the state folder of the platform]
    #[arg(long, value_name = "none|memory|FOLDER")]
    pub(super) token_store: Option<String>,
}

/// Whose session.
#[derive(Debug, Clone, Args)]
pub(super) struct IdentityOptions {
    /// The provider, built in or the project's own
    #[arg(value_name = "PROVIDER")]
    pub(super) provider: String,
    /// The persona [default: the default one]
    #[arg(long = "as", value_name = "PERSONA")]
    pub(super) persona: Option<String>,
    /// The scope to ask for [default: the provider's own]; may be given again
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Vec<String>,
    #[command(flatten)]
    pub(super) ground: GroundOptions,
}

#[derive(Debug, Args)]
pub(super) struct LoginOptions {
    #[command(flatten)]
    pub(super) identity: IdentityOptions,
    /// Open no browser: only print the URL
    #[arg(long)]
    pub(super) no_browser: bool,
}

#[derive(Debug, Args)]
pub(super) struct InspectOptions {
    #[command(flatten)]
    pub(super) identity: IdentityOptions,
    /// A token to look at in place of one that is fetched; `-` reads it from standard input
    #[arg(value_name = "TOKEN|-", allow_hyphen_values = true)]
    pub(super) token: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct TokenOptions {
    #[command(flatten)]
    pub(super) identity: IdentityOptions,
}

#[derive(Debug, Args)]
pub(super) struct StatusOptions {
    /// Only sessions of this provider
    #[arg(value_name = "PROVIDER")]
    pub(super) provider: Option<String>,
    /// Only sessions of this environment
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(super) env: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) store: StoreOptions,
}

#[derive(Debug, Args)]
pub(super) struct LogoutOptions {
    #[command(flatten)]
    pub(super) identity: IdentityOptions,
    /// Every session of the provider: of all personas, scopes and environments
    #[arg(long, conflicts_with_all = ["persona", "scope", "env"])]
    pub(super) all: bool,
}

/// What a session is encrypted with where there is no public key.
#[derive(Debug, Clone, Args)]
pub(super) struct PassphraseOptions {
    /// The variable of the environment that holds the passphrase [default: it is asked for]
    #[arg(long, value_name = "NAME", conflicts_with = "passphrase_file")]
    pub(super) passphrase_env: Option<String>,
    /// The file that holds the passphrase
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ExportOptions {
    #[command(flatten)]
    pub(super) identity: IdentityOptions,
    /// The file to write; `-` is standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(super) output: PathBuf,
    /// Encrypt to this public key, as `age-keygen` makes them; may be given again [default: to a passphrase]
    #[arg(long, value_name = "age1…", conflicts_with_all = ["passphrase_env", "passphrase_file"])]
    pub(super) to: Vec<String>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseOptions,
    /// Forget the session here, so that only the other machine renews it
    #[arg(long = "move")]
    pub(super) moved: bool,
}

#[derive(Debug, Args)]
pub(super) struct ImportOptions {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The file with the private key, where the session was encrypted to public keys
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_env", "passphrase_env", "passphrase_file"])]
    pub(super) key_file: Option<PathBuf>,
    /// The variable of the environment that holds the private key
    #[arg(long, value_name = "NAME", conflicts_with_all = ["passphrase_env", "passphrase_file"])]
    pub(super) key_env: Option<String>,
    #[command(flatten)]
    pub(super) passphrase: PassphraseOptions,
    /// Take it even where a newer session is kept here
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) ground: GroundOptions,
}

#[derive(Debug, Args)]
pub(super) struct ProviderOptions {
    #[command(subcommand)]
    pub(super) command: ProviderCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProviderCommand {
    /// List the built-in providers and the project's own
    List(ProviderListOptions),
    /// Print a provider's file, and what the standards fill in
    Show(ProviderShowOptions),
    /// Write a provider file to begin with
    New(Box<ProviderNewOptions>),
}

#[derive(Debug, Args)]
pub(super) struct ProviderListOptions {
    /// Only those with this text in their name, title or flow
    #[arg(value_name = "TEXT")]
    pub(super) word: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    /// A folder of the project [default: the working directory]
    #[arg(long, value_name = "FOLDER")]
    pub(super) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ProviderShowOptions {
    /// The provider
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// What it is, as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// A folder of the project [default: the working directory]
    #[arg(long, value_name = "FOLDER")]
    pub(super) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ProviderNewOptions {
    /// Its name: letters, digits, `-` and `_`
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// How the first token is had
    #[arg(long, value_name = "FLOW", value_parser = clap::builder::PossibleValuesParser::new(FlowName::WORDS))]
    pub(super) flow: String,
    /// The name for people [default: NAME]
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// Where the provider documents its authentication
    #[arg(long, value_name = "URL")]
    pub(super) docs: Option<String>,
    /// The base URL of the API
    #[arg(long, value_name = "URL")]
    pub(super) api: Option<String>,
    /// The token endpoint
    #[arg(long, value_name = "URL")]
    pub(super) token_url: Option<String>,
    /// The authorization endpoint, for authorization_code
    #[arg(long, value_name = "URL")]
    pub(super) authorize_url: Option<String>,
    /// Where the authorization endpoint sends the code
    #[arg(long, value_name = "URL")]
    pub(super) redirect_uri: Option<String>,
    /// The scope to ask for; may be given again
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Vec<String>,
    /// How the client proves who it is [default: as RFC 6749 says]
    #[arg(long, value_name = "WAY", value_parser = clap::builder::PossibleValuesParser::new(ClientAuth::WORDS))]
    pub(super) client_auth: Option<String>,
    /// The header that carries an API key
    #[arg(long, value_name = "NAME", default_value = "X-API-Key")]
    pub(super) header: String,
    /// The environment the URLs are of; `default` serves any
    #[arg(long = "env", short = 'e', value_name = "NAME", default_value = "default")]
    pub(super) environment: String,
    /// The file to write; `-` is standard output [default: NAME.yaml in the project's folder of providers]
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}
