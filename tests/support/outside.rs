//! The servers of `tests/outside`, which nobody here wrote: installed once, started once a test binary.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A server that ends when this process does: it watches its standard input.
pub(crate) struct Server {
    /// Its address as a URL without a trailing slash.
    pub(crate) base: String,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends by itself once its input is closed, and is waited for so that nothing of it stays.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The folder with the servers, and with the keys of the clients that oidc-provider knows.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside")
}

/// Installs the servers, or does nothing where they are. Two suites at once wait for each other.
fn install() {
    static INSTALLED: OnceLock<Result<(), String>> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        let lock =
            File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside.lock")).expect("a file can be made");
        lock.lock().expect("a file can be locked");
        let output = Command::new("sh").arg(folder().join("install.sh")).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("sh does not start: {error}"))?;
        let said = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() { Ok(()) } else { Err(said()) }
    });
    if let Err(problem) = installed {
        panic!(
            "the servers of tests/outside cannot be installed, and without them these tests mean nothing:\n{problem}"
        );
    }
}

/// Starts the server of a script.
pub(crate) fn start(program: &str, script: &str, arguments: &[&str]) -> Server {
    install();
    let mut process = Command::new(program)
        .arg(folder().join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    let mut line = String::new();
    let stdout = process.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).expect("it can be read");
    let base = line.trim().strip_prefix("listening ").unwrap_or_else(|| panic!("{script} says {line:?}"));
    Server { base: base.to_owned(), process }
}

/// Where oauth2-mock-server listens.
pub(crate) fn oauth2() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(|| start("node", "oauth2.mjs", &[])).base
}

/// Where httpbin listens.
pub(crate) fn httpbin() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(|| start("python3", "httpbin_server.py", &[])).base
}

/// Where oidc-provider listens, as it is without options.
pub(crate) fn oidc() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(|| start("node", "oidc.mjs", &[])).base
}
