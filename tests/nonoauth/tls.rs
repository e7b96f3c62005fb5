//! Private authorities and client certificates, against the https server of node.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Project};

/// An authority that no machine knows.
pub(super) struct Authority {
    pub(super) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Self {
        Self::named("An authority of our own")
    }

    pub(super) fn named(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate and its key.
    pub(super) fn issue(&self, name: &str, hosts: &[&str], until: i32) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        (params.signed_by(&key, &self.issuer).expect("a certificate").pem(), key.serialize_pem())
    }
}

/// A server that ends when this process does: it watches its standard input.
struct Server {
    port: u16,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Starts a server with a certificate of this authority, for a project that holds its files.
fn server(project: &Project, authority: &Authority, hosts: &[&str], until: i32, flags: &[&str]) -> Server {
    let (certificate, key) = authority.issue("the server", hosts, until);
    serving(project, [&certificate, &key, &authority.pem], flags)
}

/// Starts a server with this certificate, its key, and the authorities that it knows.
fn serving(project: &Project, [certificate, key, known]: [&str; 3], flags: &[&str]) -> Server {
    for (name, text) in [("server.pem", certificate), ("server.key", key), ("ca.pem", known)] {
        project.write(&format!("server/{name}"), text);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nonoauth/tls_server.mjs");
    let mut process = Command::new("node")
        .arg(script)
        .arg(project.folder().join("server"))
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts: these tests are against its https server");
    let mut line = String::new();
    let stdout = process.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).expect("it can be read");
    let port = line.trim().strip_prefix("listening ").and_then(|port| port.parse().ok());
    Server { port: port.unwrap_or_else(|| panic!("the server says {line:?}")), process }
}

/// A project whose environment has this `tls`, and that calls `/who` of a server, by this host.
fn calling(project: Project, tls: &str, host: &str, server: &Server) -> Project {
    project
        .file("callsheet.yaml", &format!("callsheet: 1\nenvironments:\n  test:\n    tls: {tls}\n"))
        .file(
            "scenario.yaml",
            &format!(
                "scenario: Who am I\nbase_url: https://{host}:{}\nsteps:\n  - get: /who\n    expect: {{ json: {{ client: CLIENT }} }}\n",
                server.port
            ),
        )
}

fn expecting(project: Project, client: &str) -> Project {
    let text = project.read("scenario.yaml").replace("CLIENT", client);
    project.file("scenario.yaml", &text)
}

pub(super) const YEARS: i32 = 2099;

#[test]
fn a_private_authority_is_named_once() {
    let authority = Authority::new();
    let project = Project::new();
    let server = server(&project, &authority, &["localhost"], YEARS, &[]);
    let project = expecting(calling(project, "{}", "localhost", &server), "null");
    assert_data_eq!(
        project.run(&[]).exits(4).diagnostics(),
        str![[r#"
error[http.tls]: no trusted TLS connection to localhost:PORT: its certificate was signed by an authority that this machine does not know
 --> scenario.yaml:4:10
  |
4 |   - get: /who
  |          ^^^^
  |
  = help: add the certificate of its authority, a PEM file: `tls: { ca: FILE }` in the environment, in callsheet.yaml or in the provider's file

"#]]
    );
    expecting(calling(project, "{ ca: server/ca.pem }", "localhost", &server), "null").run(&[]).exits(0);
}

#[test]
fn a_client_is_known_by_its_certificate() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("the client", &["client.test"], YEARS);
    let project = Project::new().file("client.pem", &certificate).file("client.key", &key);
    let server = server(&project, &authority, &["localhost"], YEARS, &["--require"]);
    let project = expecting(calling(project, "{ ca: server/ca.pem }", "localhost", &server), "the client");
    // The alert of TLS 1.3 comes after the handshake, and a reset may overtake it.
    project.run(&[]).exits(4).says("client certificate");
    let tls = "{ ca: server/ca.pem, certificate: client.pem, key: client.key }";
    expecting(calling(project, tls, "localhost", &server), "the client").run(&[]).exits(0);
}

#[test]
fn what_stands_in_a_variable_needs_no_file() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("the client", &["client.test"], YEARS);
    let project = Project::new().variable("CA", &authority.pem).variable("CERTIFICATE", &(certificate + &key));
    let server = server(&project, &authority, &["localhost"], YEARS, &["--require"]);
    let tls = r#"{ ca: "{{ env_var('CA') }}", certificate: "{{ env_var('CERTIFICATE') }}" }"#;
    let project = expecting(calling(project, tls, "localhost", &server), "the client");
    // The key is not shown, not even by a scenario that sends it.
    let sends = "  - post: /who\n    text: \"{{ env_var('CERTIFICATE') }}\"\n";
    project.write("scenario.yaml", &(project.read("scenario.yaml") + sends));
    let line = key.lines().nth(1).expect("a line of the key");
    let outcome = project.run(&["-vv", "--report", "events=events.ndjson", "--report", "junit=junit.xml"]);
    outcome.exits(0).lacks(line).says("{{tls.key}}");
    assert!(!project.read("events.ndjson").contains(line) && !project.read("junit.xml").contains(line));
}

#[test]
fn a_certificate_of_nobody_known_is_not_taken() {
    let authority = Authority::new();
    let (certificate, key) = Authority::new().issue("a stranger", &["client.test"], YEARS);
    let project = Project::new().file("client.pem", &certificate).file("client.key", &key);
    let server = server(&project, &authority, &["localhost"], YEARS, &["--require"]);
    let tls = "{ ca: server/ca.pem, certificate: client.pem, key: client.key }";
    let project = expecting(calling(project, tls, "localhost", &server), "null");
    project.run(&[]).exits(4).says("client certificate");
}

#[test]
fn another_name_and_another_time_are_told() {
    let authority = Authority::new();
    let project = Project::new();
    let other = server(&project, &authority, &["api.example", "*.api.example"], YEARS, &[]);
    let project = expecting(calling(project, "{ ca: server/ca.pem }", "localhost", &other), "null");
    assert_data_eq!(
        project.run(&[]).exits(4).diagnostics(),
        str![[r#"
error[http.tls]: no trusted TLS connection to localhost:PORT: its certificate is for api.example, *.api.example, not for localhost
 --> scenario.yaml:4:10
  |
4 |   - get: /who
  |          ^^^^
  |
  = help: use a name that is in its certificate, or have a certificate issued for this name

"#]]
    );
    let old = server(&project, &authority, &["localhost"], 2021, &[]);
    let project = expecting(calling(project, "{ ca: server/ca.pem }", "localhost", &old), "null");
    assert_data_eq!(
        project.run(&[]).exits(4).diagnostics(),
        str![[r#"
error[http.tls]: no trusted TLS connection to localhost:PORT: its certificate expired on 2021-01-01
 --> scenario.yaml:4:10
  |
4 |   - get: /who
  |          ^^^^
  |
  = help: the service needs a new certificate, or the clock of this machine is wrong

"#]]
    );
}

/// What `openssl req -x509` makes unless it is told otherwise.
#[test]
fn a_certificate_of_an_authority_is_none_of_a_server() {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem();
    let project = Project::new();
    let server = serving(&project, [&pem, &key.serialize_pem(), &pem], &[]);
    let project = expecting(calling(project, "{ ca: server/ca.pem }", "localhost", &server), "null");
    assert_data_eq!(
        project.run(&[]).exits(4).diagnostics(),
        str![[r#"
error[http.tls]: no trusted TLS connection to localhost:PORT: its certificate is that of an authority (CA:TRUE), which no server may use
 --> scenario.yaml:4:10
  |
4 |   - get: /who
  |          ^^^^
  |
  = help: give the service a certificate that is not an authority's: `openssl req` makes one with `-addext basicConstraints=critical,CA:FALSE`

"#]]
    );
}

#[test]
fn the_doctor_finds_what_is_wrong_with_a_certificate() {
    let authority = Authority::new();
    let examine = |hosts: &[&str], until: i32, tls: &str| {
        let project = Project::new();
        let server = server(&project, &authority, hosts, until, &[]);
        let provider = format!(
            "provider: own\nflow: client_credentials\nenvironments: {{ default: {{ base: 'https://localhost:{}' }} }}\n\
             login: {{ post: '{{{{ base }}}}/token' }}\n",
            server.port
        );
        let project = project
            .file("callsheet.yaml", &format!("callsheet: 1\nenvironments:\n  test:\n    tls: {tls}\n"))
            .file("own.yaml", &provider)
            .variable("OWN_CLIENT_ID", "shop")
            .variable("OWN_CLIENT_SECRET", "the-secret-of-shop");
        let outcome = project.callsheet(&["auth", "doctor", "own", "--env", "test"]);
        drop(server);
        outcome
    };
    let known = "{ ca: server/ca.pem }";
    examine(&["localhost"], YEARS, "{}").exits(3).says("✗ connection").says("tls: { ca: FILE }").says("not tried");
    examine(&["api.example"], YEARS, known).exits(3).says("✗ connection").says("api.example");
    examine(&["localhost"], 2021, known).exits(3).says("✗ connection").says("its certificate expired on");
    // With the authority, the name and the time all right it comes as far as the login.
    examine(&["localhost"], YEARS, known).exits(3).says("✓ connection").says("✗ login");
}

const OWN: &str = r#"
provider: own
flow: client_credentials
environments:
  default:
    base: https://localhost:PORT
    api: https://localhost:PORT
    tls: { ca: ../server/ca.pem, certificate: ../client.pem, key: ../client.key }
credentials: { client_id: {} }
login: { post: "{{ base }}/token", client_auth: tls }
"#;

fn own(project: Project, provider: &str, port: u16, steps: &str) -> Project {
    let steps = format!("scenario: Who am I\nauth: own\nsteps:\n{steps}");
    project
        .file("callsheet.yaml", "callsheet: 1\nproviders: [providers]\nenvironments: { test: {} }\n")
        .file("providers/own.yaml", &provider.replace("PORT", &port.to_string()))
        .file("scenario.yaml", &steps.replace("PORT", &port.to_string()))
        .variable("OWN_CLIENT_ID", "the client")
}

#[test]
fn a_token_is_had_by_a_certificate_and_used_with_it() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("the client", &["client.test"], YEARS);
    let project = Project::new().file("client.pem", &certificate).file("client.key", &key);
    let first = server(&project, &authority, &["localhost"], YEARS, &["--require"]);
    let open = server(&project, &authority, &["localhost"], YEARS, &[]);
    let steps = r#"
  - get: /who
    expect: { json: { client: the client, authorization: Bearer token-of-the client } }
  - get: /redirect?to=/who
    expect: { json: { client: the client } }
  # Another origin learns neither the token nor who we are, and is trusted all the same.
  - get: /redirect?to=https://localhost:OTHER/who
    expect: { json: { client: null, authorization: null } }
"#;
    let project = own(project, OWN, first.port, &steps.replace("OTHER", &open.port.to_string()));
    project.run(&["-vv"]).exits(0).lacks("token-of-the client");

    // The guard of hosts is for certificates too.
    let elsewhere = format!("  - get: https://localhost:{}/who\n", open.port);
    let project = own(project, OWN, first.port, &elsewhere);
    project.run(&[]).exits(3).says("a credential of own (test) may not be sent to localhost");

    // Without a certificate nothing is asked.
    let bare = OWN.replace(", certificate: ../client.pem, key: ../client.key", "");
    let project = own(project, &bare, first.port, "  - get: /who\n");
    assert_data_eq!(
        project.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[provider.tls]: `client_auth: tls` needs a client certificate, and there is none
  --> providers/own.yaml:10:16
   |
10 | login: { post: "{{ base }}/token", client_auth: tls }
   |                ^^^^^^^^^^^^^^^^^^ needed for this request
   |
  ::: scenario.yaml:2:7
   |
 2 | auth: own
   |       ---
   |
   = help: set `certificate` and `key` in the provider's environments: { test: { tls: … } }, or in the same place of callsheet.yaml

"#]]
    );
}

/// What is said of files that are of no use, before any call.
fn refused(project: &Project, tls: &str) -> String {
    project.write("callsheet.yaml", &format!("callsheet: 1\nenvironments:\n  test:\n    tls: {tls}\n"));
    let outcome: Outcome = project.run(&[]);
    outcome.exits(2).diagnostics()
}

#[test]
fn files_that_are_of_no_use_are_told_before_any_call() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("the client", &["client.test"], YEARS);
    let (expired, expired_key) = authority.issue("the client", &["client.test"], 2021);
    let project = Project::new()
        .file("client.pem", &certificate)
        .file("client.key", &key)
        .file("old.pem", &expired)
        .file("old.key", &expired_key)
        .file("encrypted.key", include_str!("../../src/http/tls/fixtures/enc.pem"))
        .file("scenario.yaml", "scenario: A call\nbase_url: https://localhost:1\nsteps:\n  - get: /\n");
    let all = [
        "{ ca: nowhere.pem }",
        "{ ca: client.key }",
        "{ certificate: client.pem }",
        "{ key: client.key }",
        "{ certificate: client.pem, key: old.key }",
        "{ certificate: old.pem, key: old.key }",
        "{ certificate: client.pem, key: encrypted.key }",
        r#"{ ca: "{{ env_var('NOWHERE') }}" }"#,
        "{ insecure: true }",
    ];
    let told: Vec<String> = all.iter().map(|tls| refused(&project, tls)).collect();
    assert_data_eq!(
        told.concat(),
        str![[r#"
error[tls.file]: nowhere.pem cannot be read: there is no such file or folder
 --> callsheet.yaml:4:16
  |
4 |     tls: { ca: nowhere.pem }
  |                ^^^^^^^^^^^
  |
  = help: the path starts from the folder of this file
error[tls.unusable]: client.key contains no certificate in PEM format
 --> callsheet.yaml:4:16
  |
4 |     tls: { ca: client.key }
  |                ^^^^^^^^^^
  |
  = help: PEM is text that starts with -----BEGIN CERTIFICATE-----; openssl x509 -inform der -in FILE converts DER to it
error[tls.incomplete]: `certificate` cannot be used without `key`
 --> callsheet.yaml:4:25
  |
4 |     tls: { certificate: client.pem }
  |                         ^^^^^^^^^^
  |
  = help: add `key: FILE` next to it
error[tls.incomplete]: `key` cannot be used without `certificate`
 --> callsheet.yaml:4:17
  |
4 |     tls: { key: client.key }
  |                 ^^^^^^^^^^
  |
  = help: add `certificate: FILE` next to it
error[tls.unusable]: old.key contains the key of another certificate
 --> callsheet.yaml:4:42
  |
4 |     tls: { certificate: client.pem, key: old.key }
  |                                          ^^^^^^^
  |
  = help: `certificate` and `key` must belong together; the client's own certificate must be the first in its file
error[tls.unusable]: old.pem contains a certificate that expired on 2021-01-01
 --> callsheet.yaml:4:25
  |
4 |     tls: { certificate: old.pem, key: old.key }
  |                         ^^^^^^^
  |
  = help: ask whoever issued it for a new one
error[tls.unusable]: encrypted.key contains an encrypted private key
 --> callsheet.yaml:4:42
  |
4 |     tls: { certificate: client.pem, key: encrypted.key }
  |                                          ^^^^^^^^^^^^^
  |
  = help: decrypt it with openssl pkey -in FILE -out KEY, and keep the result where only you can read it
error[template.failed]: this template cannot be rendered: env_var: the environment variable `NOWHERE` is not set
 --> callsheet.yaml:4:20
  |
4 |     tls: { ca: "{{ env_var('NOWHERE') }}" }
  |                    ^^^^^^^^^^^^^^^^^^
error[format.unknown-key]: `tls` has no key `insecure`
 --> callsheet.yaml:4:12
  |
4 |     tls: { insecure: true }
  |            ^^^^^^^^ unknown key
  |
  = help: the keys of `tls` are `ca`, `certificate` and `key`

"#]]
    );
}

/// The example of RFC 7515, appendix A.3.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

#[test]
fn keys_and_where_they_are_come_over_the_same_tls() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("the client", &["client.test"], YEARS);
    let project = Project::new().file("client.pem", &(certificate + &key)).file("server/keys.json", KEYS);
    let server = server(&project, &authority, &["localhost"], YEARS, &["--require"]);
    let base = format!("https://localhost:{}", server.port);
    let project = project
        .file(
            "callsheet.yaml",
            &format!(
                "callsheet: 1\nproviders: [providers]\nenvironments:\n  test:\n    vars: {{ base: \"{base}\" }}\n    tls: {{ ca: server/ca.pem, certificate: client.pem }}\n"
            ),
        )
        .file(
            "providers/own.yaml",
            "provider: own\nflow: bearer\nenvironments: { default: { base: \"{{ env.base }}\" } }\ncredentials: { token: {} }\ndiscovery: \"{{ base }}/.well-known/openid-configuration\"\n",
        )
        .file(
            "scenario.yaml",
            "scenario: Signed\nauth: { provider: own, expect: { signature: jwks } }\nsteps: []\n",
        )
        .variable("OWN_TOKEN", SIGNED);
    project.run(&[]).exits(0);
    let config = project.read("callsheet.yaml").replace(", certificate: client.pem", "");
    project.write("callsheet.yaml", &config);
    project.run(&[]).exits(4).lacks("expect.signature");
}
