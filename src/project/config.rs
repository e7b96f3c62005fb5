//! `callsheet.yaml`: environments, defaults, where providers are.

use std::borrow::Cow;
use std::time::Duration as StdDuration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::scenario::{TlsFile, Tree, Values};
use crate::source::{Diagnostic, Duration, Keys, Kind, Node, Read, Reader, Size, Spanned, Unread, mapping};

mapping! {
    /// The project file.
    pub struct Config("the project file") {
        required {
            /// The version of the format.
            "callsheet" => version: Version,
        }
        optional {
            /// The environments that a run can be against.
            "environments" => environments: Keys<Environment>,
            /// The one taken without `--env`.
            "default_environment" => default_environment: Option<Spanned<String>>,
            /// Folders and files with providers, beside the built-in ones.
            "providers" => providers: Vec<Spanned<String>>,
            /// What holds for every scenario unless it says otherwise.
            "defaults" => defaults: Defaults,
            /// How many scenarios run at once.
            "jobs" => jobs: Option<Spanned<u32>>,
        }
    }
}

mapping! {
    /// An environment.
    #[derive(Default)]
    pub struct Environment("an environment") {
        required {}
        optional {
            /// `builtin` starts the embedded providers on loopback.
            "serve" => serve: Option<Serve>,
            /// Variables that scenarios see as `env.NAME`.
            "vars" => vars: Keys<Tree>,
            /// Secrets that scenarios see as `secrets.NAME`, and where each comes from.
            "secrets" => secrets: Keys<SecretSource>,
            /// Refuses POST, PUT, PATCH and DELETE outside auth unless `--allow-writes` is given.
            "read_only" => read_only: bool,
            /// What all connections over TLS are made with.
            "tls" => tls: Option<TlsFile>,
        }
    }
}

mapping! {
    /// What holds for every scenario unless it says otherwise.
    #[derive(Default)]
    pub struct Defaults("`defaults`") {
        required {}
        optional {
            /// How long a call may take; 10s unless given.
            "timeout" => timeout: Option<Duration>,
            /// How long an answer may take for its step to pass.
            "within" => within: Option<Duration>,
            /// How often a call is tried again after a failure of the transport.
            "retries" => retries: u32,
            /// Header fields of every call.
            "headers" => headers: Keys<Values>,
            /// How many redirects are followed; 10 unless given.
            "redirects" => redirects: Option<u32>,
            /// The largest answer that is read; 100MB unless given.
            "max_body" => max_body: Option<Size>,
        }
    }
}

impl Defaults {
    /// How long a call may take.
    pub fn timeout(&self) -> StdDuration {
        self.timeout.map_or(StdDuration::from_secs(10), |timeout| timeout.0)
    }
}

/// The version of the format: 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version;

impl Read for Version {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Number(number) if number.as_i64() == Some(1) => Ok(Self),
            _ => {
                let written = reader.written(node.span);
                let message =
                    format!("this project file has format version {written}, and this callsheet reads version 1");
                reader.report(
                    Diagnostic::error("format.version", message).at(node.span, "").help("write `callsheet: 1`"),
                );
                reader.leave_out(node.span).map(|()| Self)
            }
        }
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

/// What an environment serves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Serve {
    /// The embedded look-alikes of Lavanda, Cognito, Simacan and Gridshare.
    Builtin,
}

impl Read for Serve {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.as_str() == Some("builtin") { Ok(Self::Builtin) } else { Err(reader.expected("`builtin`", node)) }
    }
}

/// Where a secret comes from.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// An environment variable.
    Env(Spanned<String>),
    /// A file; one line break at its end is not part of the secret.
    File(Spanned<String>),
    /// What a command prints; one line break at its end is not part of the secret.
    Command(Spanned<String>),
    /// A variable of `.env.ENVIRONMENT` or `.env`.
    Dotenv(Spanned<String>),
}

impl Read for SecretSource {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        const KEYS: [&str; 4] = ["env", "file", "command", "dotenv"];
        let Some([entry]) = node.entries() else {
            let what = match node.entries() {
                Some([]) => "this secret does not say where it comes from",
                Some(_) => "a secret comes from one place, and this names several",
                None => "a secret itself is never written into a file, only where it comes from",
            };
            return Err(reader.report(
                Diagnostic::error("format.secret", what)
                    .at(node.span, "")
                    .help("write one of { env: NAME }, { file: PATH }, { command: \"…\" } or { dotenv: NAME }"),
            ));
        };
        let value = Spanned::<String>::read(&entry.value, reader);
        match &**entry.key {
            "env" => value.map(Self::Env),
            "file" => value.map(Self::File),
            "command" => value.map(Self::Command),
            "dotenv" => value.map(Self::Dotenv),
            "keyring" => Err(reader.report(crate::source::unsupported("keyring", entry.key.span))),
            _ => Err(reader.unknown_key(&entry.key, "a secret", &KEYS)),
        }
    }
}

impl JsonSchema for SecretSource {
    fn schema_name() -> Cow<'static, str> {
        "SecretSource".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
            "properties": {
                "env": { "type": "string", "description": "An environment variable." },
                "file": { "type": "string", "description": "A file." },
                "command": { "type": "string", "description": "A command; what it prints is the secret." },
                "dotenv": { "type": "string", "description": "A variable of `.env.ENVIRONMENT` or `.env`." }
            }
        })
    }
}
