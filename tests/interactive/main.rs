//! Logins that need a person, through the binary: in a browser, by pasting a URL, with a device code. The person is a script
//! that walks through the pages; the provider is oidc-provider, which nobody here wrote, or, where one is to be refused
//! that no honest provider is, a server of the test's own.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod browser;
mod callback;
mod device;
mod discovery;
mod paste;
mod redaction;
mod signed;
#[path = "../support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use support::outside;
use support::{Outcome, Project};

/// The secret of oidc-provider's clients.
const SECRET: &str = "a-secret-of-enough-letters-for-hs256-0123456789";

/// A project whose provider `own` is at `base`, with one scenario that asks whose token it has.
fn project(base: &str, client: &str, provider: &str) -> Project {
    let head = "provider: own\nenvironments: { default: { base: \"{{ env.base }}\", api: \"{{ env.base }}\" } }\n";
    Project::with_vars(&[("base", base)])
        .file("providers/own.yaml", &format!("{head}{provider}"))
        .file("scenario.yaml", "scenario: Whose token\nauth: own\nsteps:\n  - get: /api\n")
        .variable("OWN_CLIENT_ID", client)
        .variable("OWN_CLIENT_SECRET", SECRET)
}

/// The same with oidc-provider.
fn at_oidc(client: &str, provider: &str) -> Project {
    project(outside::oidc(), client, provider)
}

const DISCOVERY: &str = "discovery: \"{{ base }}/.well-known/openid-configuration\"\n";

/// Gives the project a scripted browser. What it ends at is written to `page`.
fn with_browser(project: Project) -> Project {
    let script = outside::folder().join("browser.mjs");
    let page = project.path("page");
    let mut text = "#!/bin/sh\n".to_owned();
    writeln!(text, "exec node '{}' \"$1\" >'{}'", script.display(), page.display()).expect("a text takes text");
    project.write("browser", &text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.path("browser"), mode).expect("the mode can be set");
    }
    let browser = project.path("browser").display().to_string();
    project.variable("BROWSER", &browser)
}

/// Logs in, and keeps the session in the project's folder.
fn log_in(project: &Project, arguments: &[&str]) -> Outcome {
    project.callsheet(&[&["auth", "login", "own", "--env", "test", "--token-store", "tokens"], arguments].concat())
}

/// A run that finds the sessions in the project's folder.
fn run(project: &Project, arguments: &[&str]) -> Outcome {
    project.run(&[&["--token-store", "tokens"], arguments].concat())
}

/// A login that is under way, without a browser.
struct Waiting {
    process: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    heard: String,
}

impl Waiting {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let whole = ["auth", "login", "own", "--env", "test", "--token-store", "tokens", "--no-browser"];
        let mut command = project.command(&[&whole, arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary starts");
        let stderr = process.stderr.take().expect("it is piped");
        let stdin = process.stdin.take();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { process, stdin, lines, heard: String::new() }
    }

    /// Reads on until a line holds a text, and gives that line.
    fn hears(&mut self, text: &str) -> String {
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(30)) {
            self.heard.push_str(&line);
            self.heard.push('\n');
            if line.contains(text) {
                return line;
            }
        }
        panic!("it never says {text:?}:\n{}", self.heard)
    }

    /// The URL that the person is sent to.
    fn url(&mut self) -> url::Url {
        self.hears("    http").trim().parse().expect("a URL")
    }

    /// Waits for its end.
    fn end(mut self) -> (i32, String) {
        drop(self.stdin.take());
        let code = self.process.wait().expect("it ends").code().unwrap_or(-1);
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(5)) {
            self.heard.push_str(&line);
            self.heard.push('\n');
        }
        (code, self.heard)
    }
}

/// A parameter of a URL.
fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
