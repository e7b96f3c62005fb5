//! Where the passphrase of an encrypted session comes from: a variable, a file, or the person at the terminal.

use std::path::Path;

use crate::cli::args::auth::PassphraseOptions;
use crate::secret::Secret;
use crate::source::{Diagnostic, os_words};

/// The passphrase. Where it is asked for to encrypt, it is asked for twice.
pub(super) fn passphrase(options: &PassphraseOptions, twice: bool) -> Result<Secret, Diagnostic> {
    if let Some(name) = &options.passphrase_env {
        return variable(name, "the passphrase").and_then(nonempty);
    }
    if let Some(file) = &options.passphrase_file {
        return read(file, "the passphrase").and_then(nonempty);
    }
    let first = asked("Passphrase: ")?;
    if twice && asked("The passphrase again: ")?.expose() != first.expose() {
        return Err(Diagnostic::error("cli.passphrase", "the two passphrases are different; nothing was written")
            .help("run the command again"));
    }
    Ok(first)
}

/// The text of a variable.
pub(super) fn variable(name: &str, what: &str) -> Result<Secret, Diagnostic> {
    std::env::var(name).map(Secret::new).map_err(|_| {
        Diagnostic::error(
            "cli.passphrase",
            format!("the environment variable {name}, which should contain {what}, is not set"),
        )
        .help(format!("set it: `export {name}=…`"))
    })
}

/// The text of a file, without the line break at its end.
pub(super) fn read(file: &Path, what: &str) -> Result<Secret, Diagnostic> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let what = format!("{}, which should contain {what}, cannot be read: {}", file.display(), os_words(&error));
        Diagnostic::error("cli.passphrase", what).help("name a file that you can read")
    })?;
    let text = text.strip_suffix('\n').map_or(&*text, |rest| rest.strip_suffix('\r').unwrap_or(rest));
    Ok(Secret::new(text))
}

fn nonempty(secret: Secret) -> Result<Secret, Diagnostic> {
    if secret.expose().is_empty() {
        return Err(
            Diagnostic::error("cli.passphrase", "the passphrase is empty").help("give one with at least one character")
        );
    }
    Ok(secret)
}

/// Asks the person at the terminal, without an echo.
fn asked(prompt: &str) -> Result<Secret, Diagnostic> {
    let terminal = console::Term::stderr();
    let nobody = || {
        Diagnostic::error("cli.passphrase", "there is no terminal to ask for the passphrase")
            .help("give --passphrase-env NAME or --passphrase-file FILE")
    };
    if !terminal.is_term() || !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Err(nobody());
    }
    let asked = terminal.write_str(prompt).and_then(|()| terminal.read_secure_line());
    nonempty(Secret::new(asked.map_err(|_| nobody())?))
}
