//! What the end-to-end suites share: a project in a folder of its own, the binary run over it, a mock with its journal,
//! and a server that writes down every byte it is sent.

#![allow(dead_code, reason = "each suite uses a part of it")]

pub(crate) mod outside;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callsheet::mock::{Mock, MockOptions, ProviderFacts};

/// A project in a folder of its own, which goes when it is dropped.
pub(crate) struct Project {
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

impl Project {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("callsheet-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        Self { folder, variables: Vec::new() }
    }

    /// A project whose environment `test` has these variables.
    pub(crate) fn with_vars(vars: &[(&str, &str)]) -> Self {
        let mut config = "callsheet: 1\nproviders: [providers]\nenvironments:\n  test:\n    vars:\n".to_owned();
        for (name, value) in vars {
            writeln!(config, "      {name}: \"{value}\"").expect("a text takes text");
        }
        let project = Self::new().file("callsheet.yaml", &config);
        std::fs::create_dir_all(project.folder.join("providers")).expect("a folder can be made");
        project
    }

    /// Writes a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.write_bytes(path, text.as_bytes());
    }

    /// Writes a file that may be no text.
    pub(crate) fn write_bytes(&self, path: &str, bytes: &[u8]) {
        let whole = self.folder.join(path);
        std::fs::create_dir_all(whole.parent().unwrap_or(&self.folder)).expect("a folder can be made");
        std::fs::write(whole, bytes).expect("a file can be written");
    }

    /// Sets a variable of the process's environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a variable away again.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The text of a file that a run has written.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of what lies in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).expect("the folder is there");
        let mut names: Vec<_> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Runs the binary.
    pub(crate) fn callsheet(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().expect("the binary starts");
        self.outcome(&output)
    }

    /// Starts the binary, and says nothing of what it says.
    pub(crate) fn start(&self, arguments: &[&str]) -> std::process::Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
    }

    /// `callsheet run` with more variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let mut command = self.command(&[&["run", "--seed", "7"], arguments].concat());
        self.outcome(&command.envs(variables.iter().copied()).output().expect("the binary starts"))
    }

    /// The binary with these arguments, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null()).env_clear();
        for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What a process of the binary came to.
    pub(crate) fn outcome(&self, output: &std::process::Output) -> Outcome {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("all output is UTF-8");
        Outcome {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            folder: self.folder.clone(),
        }
    }

    /// `callsheet run`
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.callsheet(&[&["run", "--seed", "7"], arguments].concat())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // What is left behind lies among temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    folder: PathBuf,
}

impl Outcome {
    /// Asserts the exit code, and shows everything if it is another.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "the exit code\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that the output holds a text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let all = self.all();
        assert!(all.contains(text), "the output does not hold {text:?}\n{all}");
        self
    }

    /// Asserts that the output does not hold a text.
    #[track_caller]
    pub(crate) fn lacks(&self, text: &str) -> &Self {
        let all = self.all();
        assert!(!all.contains(text), "the output holds {text:?}\n{all}");
        self
    }

    /// Both outputs.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The output with what differs from run to run replaced: ports, durations, the folder.
    pub(crate) fn plain(&self) -> String {
        plain(&self.all().replace(&format!("{}/", self.folder.display()), ""))
    }

    /// The diagnostics alone: from each `error[` to the empty line behind its last note.
    pub(crate) fn diagnostics(&self) -> String {
        let mut kept = String::new();
        let mut within = false;
        for line in self.plain().lines() {
            within = (within && !line.is_empty()) || line.starts_with("error[") || line.starts_with("warning[");
            if within {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept
    }
}

/// A text with ports and durations replaced.
pub(crate) fn plain(text: &str) -> String {
    let replacements = [
        (r"(127\.0\.0\.1|localhost):\d+", "$1:PORT"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "MOMENT"),
        (r"(<1|\d+(\.\d+)?) (ms|s)\b", "TIME"),
        (r"\d+m \d+s left", "TIME left"),
    ];
    let mut text = text.to_owned();
    for (pattern, with) in replacements {
        let pattern = regex::Regex::new(pattern).expect("the pattern is one");
        text = pattern.replace_all(&text, with).into_owned();
    }
    // The columns of a scenario's lines are as wide as its durations need.
    let gap = regex::Regex::new(r"(\S) {2,}").expect("the pattern is one");
    let one_line = |line: &str| {
        let of_scenario = line.trim_start().starts_with(['✓', '✗', '!', '-', '~']);
        if of_scenario { gap.replace_all(line, "$1  ").into_owned() } else { line.to_owned() }
    };
    let mut lines = text.lines().map(one_line).collect::<Vec<_>>().join("\n");
    lines.extend(text.ends_with('\n').then_some('\n'));
    lines
}

/// A mock whose journal can be read, and a project whose environment `test` is that mock. The providers are the
/// built-in ones but for their addresses; the credentials stand in variables of the environment.
pub(crate) struct Stage {
    pub(crate) mock: Mock,
    pub(crate) project: Project,
    /// Stands before the mock and writes down what is sent.
    pub(crate) wire: Recorder,
    _runtime: tokio::runtime::Runtime,
}

impl Stage {
    /// The binary talks to the mock itself.
    pub(crate) fn new() -> Self {
        Self::set(false)
    }

    /// The binary talks to the recorder, which passes everything on.
    pub(crate) fn recorded() -> Self {
        Self::set(true)
    }

    fn set(recorded: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        let mock = runtime.block_on(Mock::start(MockOptions { port: 0, seed: Some(1) })).expect("the mock starts");
        let wire = Recorder::before(mock.address());
        let origin = mock.base();
        let base = if recorded { wire.base() } else { origin.clone() };
        let mut project = Project::with_vars(&[("at", &base), ("trips", &format!("{base}/simacan/trips-api/v1"))]);
        for facts in mock.facts() {
            project = provide(project, &facts, &origin, &base);
        }
        Self { mock, project, wire, _runtime: runtime }
    }

    /// Changes the project.
    pub(crate) fn with(mut self, change: impl FnOnce(Project) -> Project) -> Self {
        self.project = change(self.project);
        self
    }

    /// Adds a scenario.
    pub(crate) fn scenario(self, text: &str) -> Self {
        self.with(|project| project.file("scenario.yaml", text))
    }

    /// `callsheet run`
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.project.run(arguments)
    }

    /// Requests for a token with this grant.
    pub(crate) fn token_requests(&self, site: callsheet::mock::Site, grant: &str) -> u64 {
        let counters = self.mock.counters();
        counters.sites.get(&site).and_then(|site| site.token_requests.get(grant)).copied().unwrap_or_default()
    }
}

/// Gives a project the built-in provider at another address, and its personas' credentials.
fn provide(mut project: Project, facts: &ProviderFacts, origin: &str, base: &str) -> Project {
    let name = facts.name;
    let moved = |url: &str| url.replace(origin, base);
    let environments = ["base", "api", "jwks"]
        .into_iter()
        .zip([&facts.base, &facts.api, &facts.jwks])
        .map(|(key, url)| format!("{key}: \"{}\"", moved(url)));
    let environments = format!("environments:\n  test: {{ {} }}\n", environments.collect::<Vec<_>>().join(", "));
    project.write(&format!("providers/{name}.yaml"), &with_environments(&built_in(name), &environments));
    for persona in &facts.personas {
        let infix = if persona.name == "default" { String::new() } else { format!("_{}", persona.name) };
        for (credential, value) in persona.credentials {
            project = project.variable(&format!("{name}_test{infix}_{credential}").to_uppercase(), value);
        }
    }
    project
}

/// The file of a built-in provider.
pub(crate) fn built_in(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("specs/providers/{name}.yaml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The provider's file with other environments.
pub(crate) fn with_environments(provider: &str, environments: &str) -> String {
    let mut out = String::new();
    let mut within = false;
    for line in provider.lines() {
        if line.starts_with("environments:") {
            within = true;
            out.push_str(environments);
        } else if within && !line.is_empty() && !line.starts_with([' ', '#']) {
            within = false;
        }
        if !within {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The request line, what says who asks and what is sent, and the body; with what no test can know replaced.
    pub(crate) fn told(&self) -> String {
        let mut told = format!("{} {}\n", self.method, self.target);
        for name in ["content-type", "authorization"] {
            for (_, value) in self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
                writeln!(told, "{name}: {value}").expect("a text takes text");
            }
        }
        if !self.body.is_empty() {
            writeln!(told, "{}", self.text()).expect("a text takes text");
        }
        for (pattern, with) in [
            (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "JWT"),
            (r"state=[\w-]{20,}", "state=STATE"),
            (r"\bcode=[\w-]{8,}", "code=CODE"),
            (r"refresh_token=[\w.-]{8,}", "refresh_token=REFRESH"),
            (r"_csrf=[\w-]+", "_csrf=CSRF"),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        ] {
            let pattern = regex::Regex::new(pattern).expect("the pattern is one");
            told = pattern.replace_all(&told, with).into_owned();
        }
        told
    }
}

type Handler = dyn Fn(&Seen) -> Vec<u8> + Send + Sync;

/// A server that writes down what it is sent. An empty answer ends the connection without one.
pub(crate) struct Recorder {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorder {
    /// Answers with what `handler` makes of a request: the bytes of a response.
    pub(crate) fn start(handler: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", handler)
    }

    /// The same at an address of this machine.
    pub(crate) fn at(address: &str, handler: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (seen_too, handler): (_, Arc<Handler>) = (Arc::clone(&seen), Arc::new(handler));
        // The thread ends with the process; a listener that nobody calls costs nothing.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, handler) = (Arc::clone(&seen_too), Arc::clone(&handler));
                std::thread::spawn(move || serve(&stream, &seen, &*handler));
            }
        });
        Self { address, seen }
    }

    /// Passes everything on to another server.
    pub(crate) fn before(server: SocketAddr) -> Self {
        Self::start(move |seen| pass_on(server, seen).unwrap_or_default())
    }

    /// Its address as a URL without a trailing slash.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came so far, as text.
    pub(crate) fn told(&self) -> String {
        self.seen().iter().map(Seen::told).collect::<Vec<_>>().join("\n")
    }
}

fn serve(stream: &TcpStream, seen: &Mutex<Vec<Seen>>, handler: &Handler) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read_request(&mut reader) else { return };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let answer = handler(&request);
    let mut stream = stream;
    // A client that has gone away wants no answer.
    let _ = stream.write_all(&answer);
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_request(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { method, target, headers, body })
}

/// Passes a request on to another server, and gives its answer.
pub(crate) fn pass_on(server: SocketAddr, seen: &Seen) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", seen.method, seen.target);
    for (name, value) in seen.headers.iter().filter(|(name, _)| name != "connection") {
        write!(head, "{name}: {value}\r\n").expect("a text takes text");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&seen.body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// A whole answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    reply(status, &[("content-type", "application/json")], body)
}

/// A whole answer.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in headers {
        write!(answer, "{name}: {value}\r\n").expect("a text takes text");
    }
    answer.push_str("\r\n");
    answer.push_str(body);
    answer.into_bytes()
}

/// An address of this machine at which nobody listens. A free port would not do: the next to ask for one may get it.
pub(crate) fn nobody() -> String {
    "http://127.0.0.1:1".to_owned()
}
