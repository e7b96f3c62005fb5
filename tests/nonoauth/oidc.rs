//! Client certificates in place of secrets (RFC 8705), against oidc-provider: see `tests/outside/README.md`.

use crate::support::Project;
use crate::support::outside::{Server, start};
use crate::tls::{Authority, YEARS};

const OWN: &str = r#"
provider: own
flow: client_credentials
environments: { default: { base: "{{ env.base }}", api: "{{ env.base }}", tls: { ca: ../server/ca.pem, certificate: ../client.pem, key: ../client.key } } }
login: { post: "{{ base }}/token", client_auth: tls, scope: read }
revoke: { post: "{{ base }}/token/revocation" }
"#;

const STEPS: &str =
    "scenario: Whose token\nauth: own\nsteps:\n  - get: /api\n    expect: { json: { client_id: tls, scope: read } }\n";

/// oidc-provider with a certificate of that authority, and a project that trusts it and has the client's.
fn place(authority: &Authority, options: &[&str]) -> (Project, Server) {
    let project = Project::new();
    let (certificate, key) = authority.issue("the server", &["127.0.0.1"], YEARS);
    for (name, text) in [("server.pem", &certificate), ("server.key", &key), ("ca.pem", &authority.pem)] {
        project.write(&format!("server/{name}"), text);
    }
    let folder = project.path("server").display().to_string();
    let server = start("node", "oidc.mjs", &[&["--tls", &folder], options].concat());
    let vars = format!("    vars: {{ base: \"{}\" }}\n", server.base);
    let config = format!("callsheet: 1\nproviders: [providers]\nenvironments:\n  test:\n{vars}");
    let project = project
        .file("callsheet.yaml", &config)
        .file("providers/own.yaml", OWN)
        .file("scenario.yaml", STEPS)
        .variable("OWN_CLIENT_ID", "tls");
    (shown(project, authority, "callsheet-client"), server)
}

/// Gives the client a certificate of that authority and name.
fn shown(project: Project, authority: &Authority, name: &str) -> Project {
    let (certificate, key) = authority.issue(name, &["client.test"], YEARS);
    project.file("client.pem", &certificate).file("client.key", &key)
}

#[test]
fn the_client_is_known_by_its_certificate_and_its_token_is_bound_to_it() {
    let authority = Authority::new();
    let (project, server) = place(&authority, &[]);
    project.run(&["-v"]).exits(0);

    // The service takes the token from nobody but who shows the certificate.
    let token = project.callsheet(&["auth", "token", "own", "--env", "test"]);
    let token = token.exits(0).stdout.clone();
    let with = format!(
        "    tls: {{ ca: server/ca.pem }}\n    vars: {{ base: \"{}\", token: {} }}\n",
        server.base,
        token.trim()
    );
    let config = format!("callsheet: 1\nenvironments:\n  test:\n{with}");
    let text = "scenario: A thief\nbase_url: \"{{ env.base }}\"\nsteps:\n  - get: /api\n    headers: { Authorization: \"Bearer {{ env.token }}\" }\n    expect: EXPECTED\n";
    let thief = Project::new().file("callsheet.yaml", &config).file("scenario.yaml", &text.replace("EXPECTED", "401"));
    for name in ["server/ca.pem", "client.pem", "client.key"] {
        thief.write(name, &project.read(name));
    }
    thief.run(&[]).exits(0);
    let owner = config.replace("ca.pem }", "ca.pem, certificate: client.pem, key: client.key }");
    thief.file("callsheet.yaml", &owner).file("scenario.yaml", &text.replace("EXPECTED", "200")).run(&[]).exits(0);
}

#[test]
fn whoever_shows_another_certificate_or_none_is_refused() {
    let authority = Authority::new();
    let (project, _server) = place(&authority, &[]);
    let project = shown(project, &authority, "somebody-else");
    project.run(&[]).exits(3).says("refused the client_credentials login: 401 invalid_client");
    let project = shown(project, &Authority::named("Another authority"), "callsheet-client");
    project.run(&[]).exits(3).says("401 invalid_client");
    let bare = OWN.replace(", certificate: ../client.pem, key: ../client.key", "");
    let project = project.file("providers/own.yaml", &bare);
    project.run(&[]).exits(3).says("`client_auth: tls` needs a client certificate, and there is none");
    // The server's own word, where the file does not say how the client is known.
    let project = project.file(
        "providers/own.yaml",
        &(bare.replace("client_auth: tls", "client_auth: none") + "credentials: { client_id: {} }\n"),
    );
    project.run(&[]).exits(3).says("401 invalid_client");
}

#[test]
fn its_certificate_goes_with_a_revocation_too() {
    let authority = Authority::new();
    let (project, _server) = place(&authority, &[]);
    let store = ["--token-store", "tokens"];
    project.run(&[&store[..], &["-v"]].concat()).exits(0);
    let logout = ["auth", "logout", "own", "--env", "test"];
    project.callsheet(&[&logout[..], &store].concat()).exits(0).says("revoked the access token");
}

#[test]
fn certificates_are_shown_where_the_document_wants_them() {
    let authority = Authority::new();
    let (project, _server) = place(&authority, &["--aliases"]);
    let project = project.file("scenario.yaml", "scenario: A token\nauth: own\nsteps:\n  - get: /jwks\n");
    // Where everybody goes nobody is asked for a certificate.
    project.run(&[]).exits(3).says("401 invalid_client");
    let discovering =
        OWN.replace("post: \"{{ base }}/token\", ", "").replace("{ post: \"{{ base }}/token/revocation\" }", "{}")
            + "discovery: \"{{ base }}/.well-known/openid-configuration\"\n";
    let project = project.file("providers/own.yaml", &discovering);
    let store = ["--token-store", "tokens"];
    project.run(&store).exits(0);
    let logout = ["auth", "logout", "own", "--env", "test"];
    project.callsheet(&[&logout[..], &store].concat()).exits(0).says("revoked the access token");
}
