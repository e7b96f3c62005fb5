//! The options of `callsheet provider`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::auth::{ClientAuth, FlowName};

#[derive(Debug, Args)]
pub(in crate::cli) struct ProviderOptions {
    #[command(subcommand)]
    pub(in crate::cli) command: ProviderCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProviderCommand {
    /// List the built-in providers and the project's own
    List(ProviderListOptions),
    /// Print a provider's file, and the defaults that the standards add
    Show(ProviderShowOptions),
    /// Write a provider file to start from
    New(Box<ProviderNewOptions>),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ProviderListOptions {
    /// Only those with this text in their name, title or flow
    #[arg(value_name = "TEXT")]
    pub(in crate::cli) word: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// A folder of the project [default: the working directory]
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ProviderShowOptions {
    /// The provider
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// What it is, as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// A folder of the project [default: the working directory]
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ProviderNewOptions {
    /// Its name: letters, digits, `-` and `_`
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// How to get the first token
    #[arg(long, value_name = "FLOW", value_parser = clap::builder::PossibleValuesParser::new(FlowName::WORDS))]
    pub(in crate::cli) flow: String,
    /// A readable title [default: NAME]
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) title: Option<String>,
    /// Where the provider documents its authentication
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) docs: Option<String>,
    /// The base URL of the API
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) api: Option<String>,
    /// The token endpoint
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) token_url: Option<String>,
    /// The authorization endpoint, for authorization_code
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) authorize_url: Option<String>,
    /// Where the authorization endpoint sends the code
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) redirect_uri: Option<String>,
    /// The scope to request; can be given several times
    #[arg(long, value_name = "SCOPE")]
    pub(in crate::cli) scope: Vec<String>,
    /// How the client authenticates [default: as in RFC 6749]
    #[arg(long, value_name = "WAY", value_parser = clap::builder::PossibleValuesParser::new(ClientAuth::WORDS))]
    pub(in crate::cli) client_auth: Option<String>,
    /// The header for the API key
    #[arg(long, value_name = "NAME", default_value = "X-API-Key")]
    pub(in crate::cli) header: String,
    /// The environment of the URLs; `default` is used for every environment
    #[arg(long = "env", short = 'e', value_name = "NAME", default_value = "default")]
    pub(in crate::cli) environment: String,
    /// The file to write; `-` is standard output [default: NAME.yaml in the project's provider folder]
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}
