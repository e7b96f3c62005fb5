//! The same against servers that nobody here wrote, see `tests/outside/README.md`: oidc-provider for clients that sign and
//! for proofs of possession, Authlib for JWTs as grants, @jmondi/oauth2-server for exchanged tokens.

use std::net::SocketAddr;
use std::sync::OnceLock;

use crate::support::outside::{Server, folder, oidc, start};
use crate::support::{Outcome, Project, Recorder, Seen, pass_on};

const SECRET: &str = "a-secret-of-enough-letters-for-hs256-0123456789";

/// Authlib.
fn bearer() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(|| start("python3", "bearer_server.py", &[])).base
}

/// @jmondi/oauth2-server.
fn exchange() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(|| start("node", "exchange.mjs", &[])).base
}

fn key(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("keys/{name}.pem"))).expect("the key is there")
}

fn provider(name: &str, rest: &str) -> String {
    format!(
        "provider: {name}\nenvironments: {{ default: {{ base: \"{{{{ env.at }}}}\", api: \"{{{{ env.at }}}}\" }} }}\n{rest}"
    )
}

/// A project whose provider `own` is at that server.
fn project(at: &str, rest: &str, steps: &str) -> Project {
    Project::with_vars(&[("at", at)])
        .file("providers/own.yaml", &provider("own", rest))
        .file("scenario.yaml", &format!("scenario: A call\nauth: own\nsteps:\n{steps}"))
}

fn by_key(at: &str, kid: &str, alg: &str, client: &str) -> Outcome {
    let rest = format!(
        "flow: client_credentials\ncredentials: {{ client_id: {{}}, private_key: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\", client_auth: private_key_jwt, scope: read }}\nclient_assertion: {{ kid: {kid}, alg: {alg} }}\n"
    );
    project(at, &rest, "  - get: /api\n    expect: { json: { scope: read } }\n")
        .variable("OWN_CLIENT_ID", client)
        .variable("OWN_PRIVATE_KEY", &key(kid))
        .run(&["-v"])
}

#[test]
fn clients_that_sign_with_a_key() {
    for (kid, alg) in [("rsa", "RS256"), ("rsa", "PS256"), ("ec", "ES256"), ("ed25519", "EdDSA")] {
        by_key(oidc(), kid, alg, "key-jwt").exits(0);
    }
    // Authlib takes no EdDSA from clients.
    for (kid, alg) in [("rsa", "RS256"), ("ec", "ES256")] {
        by_key(bearer(), kid, alg, "robot").exits(0);
    }
    by_key(oidc(), "ec", "ES256", "nobody").exits(3).says("401 invalid_client");
    by_key(bearer(), "ec", "ES256", "nobody").exits(3).says("invalid_client");
}

#[test]
fn clients_that_sign_with_their_secret() {
    let rest = "flow: client_credentials\ncredentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\", client_auth: client_secret_jwt, scope: read }\n";
    let project = project(oidc(), rest, "  - get: /api\n    expect: { json: { client_id: secret-jwt } }\n")
        .variable("OWN_CLIENT_ID", "secret-jwt")
        .variable("OWN_CLIENT_SECRET", SECRET);
    project.run(&[]).exits(0);
    project.variable("OWN_CLIENT_SECRET", &SECRET.replace('0', "1")).run(&[]).exits(3).says("401 invalid_client");
}

#[test]
fn tokens_that_are_bound_to_a_key() {
    let rest = "flow: client_credentials\ndpop: true\ncredentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\", scope: read }\n";
    let run = |at: &str, rest: &str| {
        let steps = "  - get: /api\n    expect: { json: { client_id: dpop } }\n";
        project(at, rest, steps).variable("OWN_CLIENT_ID", "dpop").variable("OWN_CLIENT_SECRET", SECRET).run(&["-v"])
    };
    run(oidc(), rest).exits(0);
    // The client may have no others.
    run(oidc(), &rest.replace("dpop: true\n", "")).exits(3).says("400 invalid_grant");
    let asks_for_nonces = start("node", "oidc.mjs", &["--dpop-nonce"]);
    run(&asks_for_nonces.base, rest).exits(0);
}

#[test]
fn a_person_s_bound_tokens_are_taken_by_the_server_that_checks_their_proofs() {
    let rest = "flow: authorization_code\ndpop: true\ncredentials: { client_id: {}, client_secret: {}, username: {}, password: {} }\nauthorize: { url: \"{{ base }}/auth\", redirect_uri: https://app.example.com/callback, scope: openid, by: form }\nlogin: { post: \"{{ base }}/token\" }\n";
    for options in [&[][..], &["--dpop-nonce"], &["--expires-in", "2"]] {
        let server = start("node", "oidc.mjs", options);
        let steps = "  - get: /me\n    expect: { json: { sub: anna } }\n  - pause: 2s\n  - get: /me\n    expect: { json: { sub: anna } }\n";
        let project = project(&server.base, rest, steps)
            .variable("OWN_CLIENT_ID", "dpop-code")
            .variable("OWN_CLIENT_SECRET", SECRET)
            .variable("OWN_USERNAME", "anna")
            .variable("OWN_PASSWORD", "anything");
        project.run(&["-v"]).exits(0);
    }
}

const GRANT: &str = r#"flow: jwt_bearer
credentials: { issuer: {}, user: {}, private_key: {} }
assertion: { kid: ec, AUDIENCE claims: { iss: "{{ issuer }}", sub: "{{ user }}" } }
login: { post: "{{ base }}/token", client_auth: none, scope: [read] }
"#;

#[test]
fn a_signed_jwt_is_traded_for_a_token() {
    let run = |rest: &str, user: &str, key_of: &str| {
        project(bearer(), rest, "  - get: /api\n    expect: { json: { sub: alice, client: robot, scope: read } }\n")
            .variable("OWN_ISSUER", "robot")
            .variable("OWN_USER", user)
            .variable("OWN_PRIVATE_KEY", &key(key_of))
            .run(&["-v"])
    };
    run(&GRANT.replace("AUDIENCE", ""), "alice", "ec").exits(0);
    run(&GRANT.replace("AUDIENCE", "audience: accounts.example.com,"), "alice", "ec").exits(0);
    run(&GRANT.replace("AUDIENCE", "audience: somebody-else,"), "alice", "ec").exits(3).says("invalid_grant");
    run(&GRANT.replace("AUDIENCE", ""), "mallory", "ec").exits(3).says("Invalid 'sub' value in assertion");
    // Signed by another than the header says.
    run(&GRANT.replace("AUDIENCE", "").replace("kid: ec", "kid: rsa"), "alice", "ec").exits(3);
}

#[test]
fn the_token_of_one_login_is_exchanged_for_another() {
    let rest = "flow: token_exchange\ncredentials: { client_id: {}, client_secret: {} }\nexchange: { subject: one, actor: two }\nlogin: { post: \"{{ base }}/token\", scope: [read, write] }\n";
    let login = "flow: client_credentials\ncredentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\" }\n";
    let with = |rest: &str| {
        let steps =
            "  - get: /api\n    expect: { json: { sub: subject through actor, cid: exchanger, scope: read write } }\n";
        project(exchange(), rest, steps)
            .file("providers/one.yaml", &provider("one", login))
            .file("providers/two.yaml", &provider("two", login))
            .variable("ONE_CLIENT_ID", "subject")
            .variable("ONE_CLIENT_SECRET", SECRET)
            .variable("TWO_CLIENT_ID", "actor")
            .variable("TWO_CLIENT_SECRET", SECRET)
            .variable("OWN_CLIENT_ID", "exchanger")
            .variable("OWN_CLIENT_SECRET", SECRET)
            .run(&["-v"])
    };
    with(rest).exits(0);
    with(&rest.replace("actor: two", "subject_token_type: \"urn:ietf:params:oauth:token-type:id_token\""))
        .exits(3)
        .says("one has no token of the type");
    with(&rest.replace("subject: one, actor: two", "subject_token: not-of-this-server"))
        .exits(3)
        .says("400 invalid_grant");
}

#[test]
fn a_token_that_is_exchanged_no_more_is_renewed_once() {
    // A server of its own: the others want theirs remembered.
    let server = start("node", "exchange.mjs", &[]);
    let rest = "flow: token_exchange\ncredentials: { client_id: {}, client_secret: {} }\nexchange: { subject: one, actor: two }\nlogin: { post: \"{{ base }}/token\", scope: [read, write] }\n";
    let login = "flow: client_credentials\ncredentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\" }\n";
    let call = "  - get: /api\n    expect: { json: { sub: subject through actor } }\n";
    let steps = format!("{call}  - post: /forget\n    auth: none\n{call}");
    let with = |rest: &str| {
        project(&server.base, rest, &steps)
            .file("providers/one.yaml", &provider("one", login))
            .file("providers/two.yaml", &provider("two", login))
            .variable("ONE_CLIENT_ID", "subject")
            .variable("ONE_CLIENT_SECRET", SECRET)
            .variable("TWO_CLIENT_ID", "actor")
            .variable("TWO_CLIENT_SECRET", SECRET)
            .variable("OWN_CLIENT_ID", "exchanger")
            .variable("OWN_CLIENT_SECRET", SECRET)
    };
    with(rest).run(&["-v"]).exits(0).says("logged in again after a 401");
    // The same with tokens that another run has left.
    let text = format!("scenario: A call\nauth: own\nsteps:\n{call}  - post: /forget\n    auth: none\n");
    let project = with(rest).file("scenario.yaml", &text);
    project.run(&["--token-store", "kept", "-v"]).exits(0).says("fetched");
    project
        .run(&["--token-store", "kept", "-v"])
        .exits(0)
        .says("from the token store")
        .says("logged in again after a 401");
}

/// A parameter of a request, in its query or its form.
fn parameter(seen: &Seen, name: &str) -> Option<String> {
    let text = seen.text();
    let (_, query) = seen.target.split_once('?').unwrap_or_default();
    let find =
        |pairs: &str| pairs.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
    find(query).or_else(|| find(&text))
}

#[test]
fn a_code_is_bound_to_the_key_as_well() {
    let server: SocketAddr = oidc().trim_start_matches("http://").parse().expect("an address");
    let rest = "flow: authorization_code\ndpop: true\nauthorize: { url: \"{{ base }}/auth\", PAR redirect_uri: https://app.example.com/callback, scope: openid, by: form }\nlogin: { post: \"{{ base }}/token\", client_auth: basic }\n";
    let run = |at: &str, par: &str| {
        let steps = "  - get: /me\n    expect: { json: { sub: anna } }\n";
        project(at, &rest.replace("PAR", par), steps)
            .variable("OWN_CLIENT_ID", "dpop-code")
            .variable("OWN_CLIENT_SECRET", SECRET)
            .variable("OWN_USERNAME", "anna")
            .variable("OWN_PASSWORD", "anything")
            .run(&["-v"])
    };
    for (par, path) in [("par: \"{{ base }}/request\",", "/request"), ("", "/auth")] {
        let wire = Recorder::before(server);
        run(&wire.base(), par).exits(0);
        let seen = wire.seen();
        let asked = seen.iter().find(|seen| seen.path() == path).expect("an authorization request");
        let named = parameter(asked, "dpop_jkt").expect("a thumbprint");
        // Under another's thumbprint the code is worth nothing: the server does look at it.
        let others = Recorder::start(move |seen: &Seen| {
            let Some(named) = parameter(seen, "dpop_jkt") else { return pass_on(server, seen).unwrap_or_default() };
            let with = |text: &str| text.replace(&named, &"A".repeat(named.len()));
            let (target, body) = (with(&seen.target), with(&seen.text()).into_bytes());
            pass_on(server, &Seen { target, body, ..seen.clone() }).unwrap_or_default()
        });
        run(&others.base(), par).exits(3).says("400 invalid_grant");
        assert_eq!(named.len(), 43, "{named}");
    }
}
