//! `callsheet auth export`: a session for another machine, encrypted. It is never written in the clear.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::ground::Ground;
use super::passphrase::passphrase;
use crate::auth::sealed::{Lock, Recipient, seal};
use crate::cli::args::auth::ExportOptions;
use crate::cli::exit::ExitCode;
use crate::cli::output::Output;
use crate::source::{Diagnostic, os_words};

pub(super) async fn command(options: &ExportOptions, output: &Output) -> ExitCode {
    // What is wrong with the options is told before anything is asked for.
    let recipients = match recipients(options) {
        Ok(recipients) => recipients,
        Err(problems) => {
            output.problems(&problems, &Default::default());
            return ExitCode::Usage;
        }
    };
    let mut ground = match Ground::of(&options.identity.ground, output).await {
        Ok(ground) => ground,
        Err(code) => return code,
    };
    let code = match export(options, recipients, &mut ground, output).await {
        Ok(code) | Err(code) => code,
    };
    ground.end().await;
    code
}

fn recipients(options: &ExportOptions) -> Result<Vec<Recipient>, Vec<Diagnostic>> {
    let (mut recipients, mut problems) = (Vec::new(), Vec::new());
    for text in &options.to {
        match Recipient::parse(text) {
            Ok(recipient) => recipients.push(recipient),
            // It may be a private key that was given by mistake: it is not shown.
            Err(why) => problems.push(Diagnostic::error("cli.to", format!("--to is not a valid recipient: {why}"))),
        }
    }
    if is_file(&options.output) && options.output.exists() {
        let what = format!("{} already exists; nothing was written", options.output.display());
        problems.push(Diagnostic::error("auth.export", what).help("name another file, or remove it first"));
    }
    if problems.is_empty() { Ok(recipients) } else { Err(problems) }
}

fn is_file(path: &Path) -> bool {
    path.as_os_str() != "-"
}

async fn export(
    options: &ExportOptions,
    recipients: Vec<Recipient>,
    ground: &mut Ground,
    output: &Output,
) -> Result<ExitCode, ExitCode> {
    let identity = ground.identity(&options.identity, output)?;
    let problem = |problem: Diagnostic, ground: &Ground| {
        output.problems(&[problem], &ground.sources);
        ExitCode::Usage
    };
    let provider = identity.provider().clone();
    let name = &provider.name.value;
    let Some(endpoint) = provider.flow.token_endpoint() else {
        let what =
            format!("{name} has no session to export: its flow `{}` needs no login", provider.flow_name().word());
        let help = "give the credential itself to the other machine, as a secret there";
        return Err(problem(Diagnostic::error("auth.export", what).help(help), ground));
    };
    let store = ground.store(output)?;
    // A session that has ended is of no use elsewhere: it is renewed first, or begun.
    ground.acquire(&identity, output).await?;
    let unstored = |error: &_| ground.unstored(error, output);
    let key = store.name(&identity).map_err(|error| unstored(&error))?;
    // While it is written down, nobody renews it.
    let held = store.lock(&key, Duration::from_mins(1), || (), || false).await.map_err(|error| unstored(&error))?;
    let Some(mut session) = held.read().map_err(|error| unstored(&error))? else {
        let what = format!("{name} ({}) has no session in {}", ground.selected.name, store.folder().display());
        return Err(problem(Diagnostic::error("auth.export", what), ground));
    };
    session.in_use_since = None;
    let lock = if recipients.is_empty() {
        Lock::Passphrase(passphrase(&options.passphrase, true).map_err(|wrong| problem(wrong, ground))?)
    } else {
        Lock::Recipients(recipients)
    };
    let sealed =
        seal(&session, &lock).map_err(|error| problem(Diagnostic::error("auth.export", error.to_string()), ground))?;
    if is_file(&options.output) {
        write(&options.output, &sealed).map_err(|error| {
            let what = format!("{} cannot be written: {}", options.output.display(), os_words(&error));
            problem(Diagnostic::error("auth.export", what), ground)
        })?;
    } else {
        output.print(&sealed);
    }
    let mut said = format!("{name} ({})", session.environment);
    if is_file(&options.output) {
        said.push_str(&format!(": written to {}", options.output.display()));
    } else {
        said.push_str(": written");
    }
    if options.moved {
        held.remove().map_err(|error| unstored(&error))?;
        said.push_str(", forgotten here");
    }
    said.push('\n');
    if session.refresh_token.is_none() {
        said.push_str("  it has no refresh token: it can be used until its access token expires\n");
    } else if !options.moved && endpoint.refresh.as_ref().is_some_and(|refresh| refresh.rotates) {
        said.push_str(
            "  its refresh token is replaced with each use, so only one machine can go on with this session;\n  \
             `--move` leaves it to the other one\n",
        );
    }
    output.say(&said);
    Ok(ExitCode::Passed)
}

/// Writes a new file that only its owner may read.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
