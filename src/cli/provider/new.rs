//! `callsheet provider new`: a provider file to begin with. It is read before it is written: what is written passes `check`.

use std::io::Write;
use std::path::{Path, PathBuf};

use url::Url;

use super::filled::quoted;
use crate::auth::Provider;
use crate::cli::args::provider::ProviderNewOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::project::{self, Loaded};
use crate::source::{self, Diagnostic, Reader, Severity, SourceFile, Sources, os_words};

pub(super) fn command(options: &ProviderNewOptions, output: &Output) -> ExitCode {
    let text = match file(options) {
        Ok(text) => text,
        Err(problems) => {
            output.problems(&problems, &Sources::default());
            return ExitCode::Usage;
        }
    };
    if let Err((problems, sources)) = reads(&text) {
        output.problems(&problems, &sources);
        return ExitCode::Usage;
    }
    let target = match target(options) {
        Ok(Some(target)) => target,
        Ok(None) => {
            output.print(&text);
            return ExitCode::Passed;
        }
        Err((problems, sources)) => {
            output.problems(&problems, &sources);
            return ExitCode::Usage;
        }
    };
    let shown = target.display();
    // `create_new`: what is there already is not overwritten, not even what another has put there just now.
    let written = std::fs::File::options().write(true).create_new(true).open(&target);
    match written.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            output.print(&format!("wrote {shown}; name it in a scenario: `auth: {}`\n", options.name));
            ExitCode::Passed
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let problem = Diagnostic::error("provider.exists", format!("{shown} already exists; nothing was written"));
            output.problems(&[problem.help("give another file: -o FILE")], &Sources::default());
            ExitCode::Usage
        }
        Err(error) => {
            let problem =
                Diagnostic::error("provider.write", format!("{shown} cannot be written: {}", os_words(&error)));
            output.problems(&[problem.help("give another file: -o FILE")], &Sources::default());
            ExitCode::Usage
        }
    }
}

/// Where it is written; `None` for standard output.
fn target(options: &ProviderNewOptions) -> Result<Option<PathBuf>, (Vec<Diagnostic>, Sources)> {
    match &options.output {
        Some(path) if path.as_os_str() == "-" => return Ok(None),
        Some(path) => return Ok(Some(path.clone())),
        None => {}
    }
    let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Loaded { project, problems, sources } = project::load_providers(Path::new("."), &working);
    let Some(project) = project else { return Err((problems, sources)) };
    let folders = project.config.providers.iter().map(|entry| project.root.join(&entry.value));
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap_or_else(|| project.root.clone());
    let whole = folder.join(format!("{}.yaml", options.name));
    Ok(Some(whole.strip_prefix(&working).map(Path::to_owned).unwrap_or(whole)))
}

/// Whether the text is a provider without a fault.
fn reads(text: &str) -> Result<(), (Vec<Diagnostic>, Sources)> {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("(the new file)", text));
    let mut reader = Reader::new(file, text);
    match source::parse(file, text) {
        Ok(node) => {
            // What is wrong is among the reader's problems.
            let _ = Provider::read(&node, &mut reader, Path::new("."));
        }
        Err(problems) => reader.problems.extend(problems),
    }
    let errors: Vec<_> = reader.problems.into_iter().filter(|one| one.severity == Severity::Error).collect();
    if errors.is_empty() { Ok(()) } else { Err((errors, sources)) }
}

/// What a flow is made of.
struct Shape {
    /// Credentials and how a person is asked for them.
    credentials: &'static [(&'static str, &'static str)],
    /// Whether tokens are asked for.
    login: bool,
    /// The rest of the file.
    rest: &'static str,
}

const CLIENT: &[(&str, &str)] =
    &[("client_id", "{ prompt: Client ID }"), ("client_secret", "{ secret: true, prompt: Client secret }")];
const PERSON: &[(&str, &str)] =
    &[("username", "{ prompt: User name }"), ("password", "{ secret: true, prompt: Password }")];

fn shape(flow: &str) -> Shape {
    let of = |credentials, login, rest| Shape { credentials, login, rest };
    match flow {
        "client_credentials" => of(CLIENT, true, ""),
        "password" => of(PERSON, true, ""),
        "authorization_code" => of(
            &[
                ("client_id", "{ prompt: Client ID, shared: true }"),
                ("client_secret", "{ secret: true, prompt: Client secret, shared: true }"),
                ("username", "{ prompt: User name }"),
                ("password", "{ secret: true, prompt: Password }"),
            ],
            true,
            "",
        ),
        "device_code" => of(&[("client_id", "{ prompt: Client ID }")], true, ""),
        "jwt_bearer" => of(
            &[
                ("client_id", "{ prompt: Client ID }"),
                ("private_key", "{ secret: true, prompt: \"Private key, PEM\" }"),
            ],
            true,
            "\n# The JWT that is exchanged for a token (RFC 7523).\nassertion:\n  key: \"{{ private_key }}\"\n  \
             claims: { iss: \"{{ client_id }}\", sub: \"{{ client_id }}\" }\n",
        ),
        "token_exchange" => of(
            &[
                ("client_id", "{ prompt: Client ID }"),
                ("client_secret", "{ secret: true, prompt: Client secret }"),
                ("subject", "{ secret: true, prompt: The token to exchange }"),
            ],
            true,
            "\n# The token that is exchanged (RFC 8693); `subject: PROVIDER` takes that of another provider.\nexchange:\n  \
             subject_token: \"{{ subject }}\"\n",
        ),
        "bearer" => of(&[("token", "{ secret: true, prompt: Token }")], false, ""),
        "api_key" => of(&[("api_key", "{ secret: true, prompt: API key }")], false, ""),
        "aws_sigv4" => of(
            &[
                ("access_key_id", "{ prompt: Access key ID }"),
                ("secret_access_key", "{ secret: true, prompt: Secret access key }"),
            ],
            false,
            "\nsign: { service: execute-api, region: \"{{ env.region }}\" }\n",
        ),
        "custom" => of(
            PERSON,
            false,
            "\n# Requests in their order; what they capture is a variable from then on.\nrequests:\n  \
             - post: \"{{ base }}/session\"\n    \
             json: { username: \"{{ username }}\", password: \"{{ password }}\" }\n    \
             capture: { session: $.token }\n\n\
             token: { access_token: session }\nsend: { header: Authorization, value: \"Bearer {{ session }}\" }\n",
        ),
        "none" => of(&[], false, ""),
        // `basic`, `digest`
        _ => of(PERSON, false, ""),
    }
}

/// The file.
fn file(options: &ProviderNewOptions) -> Result<String, Vec<Diagnostic>> {
    let shape = shape(&options.flow);
    let mut problems = Vec::new();
    let mut url = |name: &str, text: &Option<String>| {
        let text = text.as_deref()?;
        let read = text.parse::<Url>().ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if read.is_none() {
            problems.push(Diagnostic::error("cli.url", format!("{name} is not an http URL: {text}")));
        }
        read
    };
    let token = url("--token-url", &options.token_url);
    let authorize = url("--authorize-url", &options.authorize_url);
    let api = url("--api", &options.api);
    let needs = |wanted: bool, given: bool, name: &str| {
        let what = format!("the flow `{}` needs {name}", options.flow);
        (wanted && !given).then(|| Diagnostic::error("cli.option", what).help(format!("add `{name} URL`")))
    };
    let by_code = options.flow == "authorization_code";
    let missing = [
        needs(shape.login, options.token_url.is_some(), "--token-url"),
        needs(by_code, options.authorize_url.is_some(), "--authorize-url"),
        needs(by_code, options.redirect_uri.is_some(), "--redirect-uri"),
        needs(options.flow == "custom", options.api.is_some(), "--api"),
    ];
    problems.extend(missing.into_iter().flatten());
    if !problems.is_empty() {
        return Err(problems);
    }
    let origin = |url: &Url| url.origin().ascii_serialization();
    let base = token.as_ref().or(api.as_ref()).map(origin);
    let title = options.title.as_deref().unwrap_or(&options.name).replace(char::is_control, " ");
    let mut text = format!("# {title}\nprovider: {}\ntitle: {}\n", options.name, quoted(&title));
    match &options.docs {
        Some(docs) => text.push_str(&format!("docs: {}\n", quoted(docs))),
        None => text.push_str("# Where it documents its authentication:\n# docs: https://…\n"),
    }
    text.push_str(&format!("flow: {}\n", options.flow));
    if let Some(base) = &base {
        text.push_str(&environments(options, base));
    }
    text.push_str(&credentials(options, &shape));
    if let Some(authorize) = &authorize
        && by_code
    {
        let redirect = options.redirect_uri.as_deref().unwrap_or_default();
        text.push_str(&format!(
            "\nauthorize:\n  url: {}\n  # As it is registered with the provider.\n  redirect_uri: {}\n",
            quoted(authorize.as_str()),
            quoted(redirect)
        ));
        text.push_str("  # The login page's form is filled in; `form: { NAME: … }` names its inputs.\n  by: form\n");
        text.push_str(&scope(options));
    }
    if let Some(token) = &token
        && shape.login
    {
        let path = token.as_str().strip_prefix(&origin(token)).unwrap_or_default();
        text.push_str(&format!("\nlogin:\n  post: \"{{{{ base }}}}{}\"\n", path.replace('"', "%22")));
        if let Some(auth) = &options.client_auth {
            text.push_str(&format!("  client_auth: {auth}\n"));
        }
        if !by_code {
            text.push_str(&scope(options));
        }
    }
    if options.flow == "device_code" {
        text.push_str(
            "\n# Where the code for the person is asked for (RFC 8628).\ndevice:\n  post: \"{{ base }}/device/code\"\n",
        );
    }
    text.push_str(shape.rest);
    if options.flow == "api_key" {
        text.push_str(&format!("\nsend: {{ header: {}, value: \"{{{{ api_key }}}}\" }}\n", quoted(&options.header)));
    }
    Ok(text)
}

fn scope(options: &ProviderNewOptions) -> String {
    if options.scope.is_empty() {
        return "  # What is asked for unless a scenario says otherwise:\n  # scope: [read]\n".to_owned();
    }
    let scopes: Vec<String> = options.scope.iter().map(|scope| quoted(scope)).collect();
    format!("  scope: [{}]\n", scopes.join(", "))
}

fn environments(options: &ProviderNewOptions, base: &str) -> String {
    let mut text = "\n# By the project's environments; `default` serves any.\nenvironments:\n".to_owned();
    text.push_str(&format!("  {}:\n    base: {}\n", quoted(&options.environment), quoted(base)));
    text.push_str(&match &options.api {
        Some(api) => format!("    api: {}\n", quoted(api)),
        None => "    # What scenarios call, where they name no URL of their own:\n    # api: https://…\n".to_owned(),
    });
    text + "    # Credentials go to the hosts of these URLs only; other hosts, and none else, by\n    # hosts: [\"*.example.com\"]\n"
}

fn credentials(options: &ProviderNewOptions, shape: &Shape) -> String {
    let Some((first, _)) = shape.credentials.first() else { return String::new() };
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let parts = [&*options.name, &*options.environment, first].into_iter().filter(|part| *part != "default");
    let variable = parts.map(|part| part.chars().map(plain).collect::<String>()).collect::<Vec<_>>().join("_");
    let mut text = format!("\n# Looked for in the environment and in .env files: {variable}, …\ncredentials:\n");
    for (name, spec) in shape.credentials {
        text.push_str(&format!("  {name}: {spec}\n"));
    }
    text
}
