//! Where credentials are looked for, and what is wrong with those that cannot be right. The order is that of the format's
//! reference; each value remembers where it came from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::secret::Secret;
use crate::source::Diagnostic;

/// A `--credential` option: `PROVIDER.NAME=VALUE`, `PROVIDER.PERSONA.NAME=@FILE`.
#[derive(Debug, Clone)]
pub struct Override {
    /// The provider.
    pub provider: Box<str>,
    /// The persona, unless it is the default one.
    pub persona: Option<Box<str>>,
    /// The credential.
    pub name: Box<str>,
    value: OverrideValue,
}

#[derive(Debug, Clone)]
enum OverrideValue {
    Text(Secret),
    File(PathBuf),
}

impl Override {
    /// Reads the option. A value that begins with `@` names a file; `@@` is a value that begins with `@`.
    ///
    /// # Errors
    /// What is wrong with the option, without its value.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let malformed = || {
            Diagnostic::error("cli.credential", "--credential needs PROVIDER.NAME=VALUE or PROVIDER.PERSONA.NAME=VALUE")
                .help("for example --credential simacan.password=@password.txt, which reads the value from a file")
        };
        let (key, value) = text.split_once('=').ok_or_else(malformed)?;
        let parts: Vec<&str> = key.split('.').collect();
        let (provider, persona, name) = match parts[..] {
            [provider, name] => (provider, None, name),
            [provider, persona, name] => (provider, Some(persona), name),
            _ => return Err(malformed().note(format!("given: {key}=…"))),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(malformed().note(format!("given: {key}=…")));
        }
        let value = match value.strip_prefix('@') {
            Some(rest) if rest.starts_with('@') => OverrideValue::Text(Secret::new(rest)),
            Some(file) => OverrideValue::File(file.into()),
            None => OverrideValue::Text(Secret::new(value)),
        };
        let persona = persona.filter(|persona| *persona != "default").map(Box::from);
        Ok(Self { provider: provider.into(), persona, name: name.into(), value })
    }
}

/// The `.env` files of a run, read once. Nothing of them is set in the environment of the process.
#[derive(Debug, Default)]
pub struct DotEnv {
    files: Vec<DotEnvFile>,
}

#[derive(Debug)]
struct DotEnvFile {
    name: String,
    /// Whether it is of one environment only.
    specific: bool,
    /// `None` where there is no such file.
    variables: Option<Vec<(String, Secret)>>,
}

impl DotEnv {
    /// Reads `.env.ENVIRONMENT` and `.env` of a folder, as far as they are there.
    ///
    /// # Errors
    /// A file that is there and cannot be read, with the line but not its text.
    pub fn read(folder: &Path, environment: &str) -> Result<Self, Diagnostic> {
        let specific = format!(".env.{environment}");
        let mut files = Vec::new();
        for (name, specific) in [(specific, true), (".env".to_owned(), false)] {
            let text = match std::fs::read_to_string(folder.join(&name)) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => {
                    return Err(Diagnostic::error(
                        "auth.dotenv",
                        format!("{name} cannot be read: {}", crate::source::os_words(&error)),
                    )
                    .help("make it readable for you (`chmod u+r`), or remove it"));
                }
            };
            let variables = text.map(|text| variables(&name, &text)).transpose()?;
            files.push(DotEnvFile { name, specific, variables });
        }
        Ok(Self { files })
    }
}

impl DotEnv {
    /// Reads `.env.ENVIRONMENT` alone: what holds for any environment is not taken for this one.
    ///
    /// # Errors
    /// As for [`DotEnv::read`].
    pub fn of_environment(folder: &Path, environment: &str) -> Result<Self, Diagnostic> {
        let mut read = Self::read(folder, environment)?;
        read.files.retain(|file| file.specific);
        Ok(read)
    }
}

/// What the names of variables begin with that are of one provider in one environment.
pub fn variable_prefix(provider: &str, environment: &str) -> String {
    format!("{}_{}_", normal(provider), normal(environment))
}

fn variables(name: &str, text: &str) -> Result<Vec<(String, Secret)>, Diagnostic> {
    let mut variables = Vec::new();
    for entry in dotenvy::from_read_iter(text.trim_start_matches('\u{feff}').as_bytes()) {
        match entry {
            Ok((key, value)) => variables.push((key, Secret::new(value))),
            Err(dotenvy::Error::LineParse(bad, _)) => {
                // The text of the line stays out of the message: it may be a secret.
                let bad = bad.trim();
                let holds = |line: &str| !line.is_empty() && (line.contains(bad) || bad.contains(line));
                let line = text.lines().position(|line| holds(line.trim())).map_or(0, |at| at + 1);
                let problem =
                    Diagnostic::error("auth.dotenv", format!("line {line} of {name} is not in the form NAME=value"));
                return Err(
                    problem.help("put single quotes around a value with spaces, quotes, `#` or `$`: NAME='value'")
                );
            }
            Err(error) => {
                let problem = Diagnostic::error("auth.dotenv", format!("{name} cannot be read: {error}"));
                return Err(problem.help("it must be UTF-8 text with lines of the form NAME=value"));
            }
        }
    }
    Ok(variables)
}

/// A secret of the project by name: none of that name, or why it could not be had.
pub type SecretLookup<'a> = dyn Fn(&str) -> Result<Option<Secret>, Box<Diagnostic>> + 'a;

/// Where credentials are looked for.
#[derive(Clone, Copy)]
pub struct CredentialSources<'a> {
    /// The `--credential` options; of two for one credential the later counts.
    pub overrides: &'a [Override],
    /// The environment of the process.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The `.env` files.
    pub dotenv: &'a DotEnv,
    /// The secrets of the project's environment.
    pub secret: &'a SecretLookup<'a>,
}

/// Where a credential came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialOrigin {
    /// A `--credential` option.
    Option,
    /// The file that a `--credential` option names.
    OptionFile(PathBuf),
    /// A variable of the environment.
    Variable(Box<str>),
    /// A variable of a `.env` file.
    DotEnv {
        /// The file.
        file: Box<str>,
        /// The variable.
        variable: Box<str>,
    },
    /// A secret of the project.
    Secret(Box<str>),
    /// The built-in provider's own.
    Demo,
    /// The default of the provider's file.
    Default,
}

impl CredentialOrigin {
    /// The name it was found under (the credential's own where it has no other), and the place.
    pub(super) fn told<'o>(&'o self, name: &'o str) -> (&'o str, std::borrow::Cow<'o, str>) {
        match self {
            Self::Option => (name, "--credential".into()),
            Self::OptionFile(file) => (name, format!("{} (--credential)", file.display()).into()),
            Self::Variable(variable) => (variable, "environment variables".into()),
            Self::DotEnv { file, variable } => (variable, (&**file).into()),
            Self::Secret(secret) => (secret, "the project's secrets".into()),
            Self::Demo => (name, "the built-in provider".into()),
            Self::Default => (name, "the provider's file".into()),
        }
    }
}

/// Whose credential is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) provider: &'a str,
    pub(super) environment: &'a str,
    /// `None` for the default persona.
    pub(super) persona: Option<&'a str>,
    pub(super) name: &'a str,
    /// Whether the embedded provider stands in, and what it hands out to that persona.
    pub(super) embedded: bool,
    pub(super) demo: Option<&'a str>,
}

impl Wanted<'_> {
    /// The variable of one environment, and the one of any.
    pub(super) fn variables(&self) -> [String; 2] {
        let name = |parts: &[&str]| parts.iter().map(|part| normal(part)).collect::<Vec<_>>().join("_");
        match self.persona {
            Some(persona) => [
                name(&[self.provider, self.environment, persona, self.name]),
                name(&[self.provider, persona, self.name]),
            ],
            None => [name(&[self.provider, self.environment, self.name]), name(&[self.provider, self.name])],
        }
    }

    fn secret(&self) -> String {
        self.variables()[1].to_lowercase()
    }

    /// As `--credential` names it.
    pub(super) fn dotted(&self) -> String {
        match self.persona {
            Some(persona) => format!("{}.{persona}.{}", self.provider, self.name),
            None => format!("{}.{}", self.provider, self.name),
        }
    }
}

/// A name as environment variables have it.
pub(super) fn normal(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// A credential that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) value: Secret,
    pub(super) origin: CredentialOrigin,
    pub(super) warning: Option<Diagnostic>,
}

impl CredentialSources<'_> {
    /// Looks for a credential in all places, in order. `Ok(None)` where it is in none of them.
    pub(super) fn find(&self, wanted: Wanted<'_>) -> Result<Option<Found>, Box<Diagnostic>> {
        let Some((value, origin)) = self.look(wanted)? else { return Ok(None) };
        if origin == CredentialOrigin::Demo {
            return Ok(Some(Found { value, origin, warning: None }));
        }
        clean(value, origin, wanted).map(Some)
    }

    fn look(&self, wanted: Wanted<'_>) -> Result<Option<(Secret, CredentialOrigin)>, Box<Diagnostic>> {
        if let Some(given) = self.overrides.iter().rev().find(|given| {
            *given.provider == *wanted.provider
                && given.persona.as_deref() == wanted.persona
                && *given.name == *wanted.name
        }) {
            return given.read(wanted).map(Some);
        }
        let [specific, general] = wanted.variables();
        // A developer's own credentials never reach the embedded provider: there, only what is named for it counts.
        let names: &[&String] = if wanted.embedded { &[&specific] } else { &[&specific, &general] };
        for name in names {
            if let Some(value) = (self.variable)(name) {
                let origin = CredentialOrigin::Variable(name.as_str().into());
                let value = value.into_string().map_err(|_| problem(wanted, &origin, "is not UTF-8"))?;
                return Ok(Some((Secret::new(value), origin)));
            }
        }
        for file in self.dotenv.files.iter().filter(|file| !wanted.embedded || file.specific) {
            for name in names {
                let last = file.variables.iter().flatten().rev().find(|(key, _)| key == *name);
                if let Some((variable, value)) = last {
                    let (file, variable) = (file.name.as_str().into(), variable.as_str().into());
                    return Ok(Some((value.clone(), CredentialOrigin::DotEnv { file, variable })));
                }
            }
        }
        if let Some(demo) = wanted.demo {
            return Ok(Some((Secret::new(demo), CredentialOrigin::Demo)));
        }
        let secret = wanted.secret();
        Ok((self.secret)(&secret)?.map(|value| (value, CredentialOrigin::Secret(secret.into()))))
    }

    /// What stands in the variable of one environment, in the process's or in a `.env` file, whoever is asked for: to say
    /// that it is there, not to use it.
    pub(super) fn named_for(&self, wanted: Wanted<'_>) -> Option<(String, Secret)> {
        let [name, _] = wanted.variables();
        let own = (self.variable)(&name).and_then(|value| value.into_string().ok()).map(Secret::new);
        let files = || {
            let mut variables = self.dotenv.files.iter().flat_map(|file| file.variables.iter().flatten());
            variables.find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        };
        own.or_else(files).map(|value| (name, value))
    }

    /// Every place that was looked in, as a sentence's end.
    pub(super) fn places(&self, wanted: Wanted<'_>) -> String {
        let [specific, general] = wanted.variables();
        let embedded = wanted.embedded;
        let names = if embedded { specific } else { format!("{specific}, {general}") };
        let mut places =
            vec![format!("--credential {}", wanted.dotted()), format!("the environment variables ({names})")];
        for file in self.dotenv.files.iter().filter(|file| !embedded || file.specific) {
            let absent = if file.variables.is_none() { " (no such file)" } else { "" };
            places.push(format!("{}{absent}", file.name));
        }
        if embedded {
            places.push("the built-in provider's personas".to_owned());
        }
        places.push(format!("the project's secrets ({})", wanted.secret()));
        places.join(", ")
    }
}

impl Override {
    fn read(&self, wanted: Wanted<'_>) -> Result<(Secret, CredentialOrigin), Box<Diagnostic>> {
        match &self.value {
            OverrideValue::Text(value) => Ok((value.clone(), CredentialOrigin::Option)),
            OverrideValue::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Diagnostic::error(
                        "auth.credentials",
                        format!(
                            "the file of --credential {} cannot be read: {}",
                            wanted.dotted(),
                            crate::source::os_words(&error)
                        ),
                    )
                    .note(path.display().to_string())
                    .help("what is after `@` must be a file that you can read; a value that starts with `@` must be in a file")
                })?;
                // Editors end a file with a line break; it is no part of the secret.
                let text = text.strip_suffix('\n').map_or(&*text, |rest| rest.strip_suffix('\r').unwrap_or(rest));
                Ok((Secret::new(text), CredentialOrigin::OptionFile(path.clone())))
            }
        }
    }
}

/// Refuses what cannot be a credential, and drops white space around what can.
fn clean(value: Secret, origin: CredentialOrigin, wanted: Wanted<'_>) -> Result<Found, Box<Diagnostic>> {
    let text = value.expose();
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Box::new(problem(wanted, &origin, "is empty").help("give it a value there")));
    }
    if let Some(quotes) = quotes(trimmed) {
        let what = problem(wanted, &origin, &format!("has {quotes} quotes around it"));
        return Err(Box::new(what.help("remove the quotes: they would be sent as a part of the credential")));
    }
    if trimmed.len() == text.len() {
        return Ok(Found { value, origin, warning: None });
    }
    // The line break at the end of PEM is no slip: every file of it has one.
    if trimmed.starts_with("-----BEGIN ") {
        return Ok(Found { value: Secret::new(trimmed), origin, warning: None });
    }
    let mut warning = problem(wanted, &origin, "has spaces or line breaks around it; it is sent without them");
    warning.severity = crate::source::Severity::Warning;
    warning.help.push("remove them there".to_owned());
    Ok(Found { value: Secret::new(trimmed), origin, warning: Some(*warning) })
}

fn problem(wanted: Wanted<'_>, origin: &CredentialOrigin, what: &str) -> Box<Diagnostic> {
    let (name, place) = origin.told(wanted.name);
    let whose = wanted.dotted();
    Box::new(
        Diagnostic::error("auth.credentials", format!("the credential {whose} {what}"))
            .note(format!("{name} came from {place}")),
    )
}

/// What kind of quotes a text is wrapped in. Curly ones come along when a documentation page is copied.
fn quotes(text: &str) -> Option<&'static str> {
    let (first, last) = (text.chars().next()?, text.chars().next_back()?);
    let curly = |c: char| matches!(c, '\u{2018}'..='\u{201f}' | '«' | '»');
    if curly(first) || curly(last) {
        return Some("curly");
    }
    (text.len() > 1 && first == last && matches!(first, '"' | '\'' | '`')).then_some("straight")
}
