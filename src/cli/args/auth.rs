//! The options of `callsheet auth`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(in crate::cli) struct AuthOptions {
    #[command(subcommand)]
    pub(in crate::cli) command: AuthCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AuthCommand {
    /// Log in again, in the browser if a person is needed; later runs use this session
    Login(LoginOptions),
    /// List the sessions that are saved on this machine
    Status(StatusOptions),
    /// Show the claims, age and signature check of a token, but not the token itself
    Inspect(InspectOptions),
    /// Print an access token, and nothing else
    Token(TokenOptions),
    /// Revoke tokens at the provider and delete them here
    Logout(LogoutOptions),
    /// Write a session to an encrypted file, for another machine
    Export(ExportOptions),
    /// Read a session from an encrypted file
    Import(ImportOptions),
    /// Find out why a login fails
    Doctor(DoctorOptions),
}

/// In which project, and against what.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct GroundOptions {
    /// The environment [default: the project's default_environment]
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(in crate::cli) env: Option<String>,
    /// A folder of the project [default: the working directory]; a project is not required
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) project: Option<PathBuf>,
    /// Set a variable of the environment: `env.NAME=VALUE`
    #[arg(long, value_name = "env.NAME=VALUE")]
    pub(in crate::cli) var: Vec<String>,
    /// A credential: `simacan.password=@file`, `simacan.planner.password=…`
    #[arg(long, value_name = "PROVIDER.NAME=VALUE")]
    pub(in crate::cli) credential: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) store: StoreOptions,
}

/// Where sessions are kept.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct StoreOptions {
    /// Where sessions are saved: a folder, `memory` or `none` [default: the state folder of the user]
    #[arg(long, value_name = "none|memory|FOLDER")]
    pub(in crate::cli) token_store: Option<String>,
}

/// Whose session.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct IdentityOptions {
    /// The provider, built in or the project's own
    #[arg(value_name = "PROVIDER")]
    pub(in crate::cli) provider: String,
    /// The persona [default: default]
    #[arg(long = "as", value_name = "PERSONA")]
    pub(in crate::cli) persona: Option<String>,
    /// The scope to request [default: the provider's own]; can be given several times
    #[arg(long, value_name = "SCOPE")]
    pub(in crate::cli) scope: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) ground: GroundOptions,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LoginOptions {
    #[command(flatten)]
    pub(in crate::cli) identity: IdentityOptions,
    /// Do not open a browser, only print the URL
    #[arg(long)]
    pub(in crate::cli) no_browser: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InspectOptions {
    #[command(flatten)]
    pub(in crate::cli) identity: IdentityOptions,
    /// Inspect this token instead of the one that a run would use; `-` reads it from standard input
    #[arg(value_name = "TOKEN|-", allow_hyphen_values = true)]
    pub(in crate::cli) token: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokenOptions {
    #[command(flatten)]
    pub(in crate::cli) identity: IdentityOptions,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StatusOptions {
    /// Only sessions of this provider
    #[arg(value_name = "PROVIDER")]
    pub(in crate::cli) provider: Option<String>,
    /// Only sessions of this environment
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(in crate::cli) env: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) store: StoreOptions,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LogoutOptions {
    #[command(flatten)]
    pub(in crate::cli) identity: IdentityOptions,
    /// Every session of the provider: of all personas, scopes and environments
    #[arg(long, conflicts_with_all = ["persona", "scope", "env"])]
    pub(in crate::cli) all: bool,
}

/// What a session is encrypted with where there is no public key.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct PassphraseOptions {
    /// The environment variable with the passphrase [default: ask for it]
    #[arg(long, value_name = "NAME", conflicts_with = "passphrase_file")]
    pub(in crate::cli) passphrase_env: Option<String>,
    /// The file with the passphrase
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportOptions {
    #[command(flatten)]
    pub(in crate::cli) identity: IdentityOptions,
    /// The file to write; `-` is standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(in crate::cli) output: PathBuf,
    /// Encrypt for this public key of `age-keygen`; can be given several times [default: use a passphrase]
    #[arg(long, value_name = "age1…", conflicts_with_all = ["passphrase_env", "passphrase_file"])]
    pub(in crate::cli) to: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) passphrase: PassphraseOptions,
    /// Delete the session here, so that only the other machine uses it
    #[arg(long = "move")]
    pub(in crate::cli) moved: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportOptions {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// The file with the private key, if the session was encrypted for public keys
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_env", "passphrase_env", "passphrase_file"])]
    pub(in crate::cli) key_file: Option<PathBuf>,
    /// The environment variable with the private key
    #[arg(long, value_name = "NAME", conflicts_with_all = ["passphrase_env", "passphrase_file"])]
    pub(in crate::cli) key_env: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) passphrase: PassphraseOptions,
    /// Replace a session here even if it is newer
    #[arg(long)]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) ground: GroundOptions,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorOptions {
    #[command(flatten)]
    pub(in crate::cli) identity: IdentityOptions,
    /// If the client is refused, try the other ways of client authentication; each sends the secret again
    #[arg(long)]
    pub(in crate::cli) probe: bool,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
