//! Clients that sign, at the endpoints beside the token endpoint: oidc-provider checks each assertion, and takes it once.

use super::outside::folder;
use super::support::Project;
use super::{DISCOVERY, SECRET, at_oidc, log_in, run, with_browser};

/// How a client signs: its name at oidc-provider, the word, the credential, and what that is.
struct Signs {
    client: &'static str,
    auth: &'static str,
    credential: &'static str,
    right: String,
    wrong: String,
}

fn ways() -> [Signs; 2] {
    let right = std::fs::read_to_string(folder().join("keys/ec.pem")).expect("the key is there");
    let wrong = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    let credential = "private_key";
    [
        Signs { client: "key-jwt-code", auth: "private_key_jwt", credential, right, wrong },
        Signs {
            client: "secret-jwt-code",
            auth: "client_secret_jwt",
            credential: "client_secret",
            right: SECRET.to_owned(),
            wrong: SECRET.replace('0', "1"),
        },
    ]
}

impl Signs {
    /// A provider with these keys beside those of the client.
    fn project(&self, flow: &str, keys: &str) -> Project {
        let auth = self.auth;
        let kid = if auth == "private_key_jwt" { "kid: ec" } else { "alg: HS256" };
        let provider = format!(
            "flow: {flow}\n{DISCOVERY}login: {{ client_auth: {auth}, scope: [openid] }}\nclient_assertion: {{ {kid} }}\n{keys}"
        );
        at_oidc(self.client, &provider)
    }

    fn with(&self, project: Project, wrong: bool) -> Project {
        let name = format!("OWN_{}", self.credential.to_uppercase());
        project.variable(&name, if wrong { &self.wrong } else { &self.right })
    }
}

/// A login without a browser, so that nothing is waited for.
fn by_form(signs: &Signs, authorize: &str, keys: &str) -> Project {
    let authorize =
        format!("authorize: {{ by: form, redirect_uri: https://app.example.com/callback{authorize} }}\n{keys}");
    signs
        .project("authorization_code", &authorize)
        .variable("OWN_USERNAME", "anna")
        .variable("OWN_PASSWORD", "hush-hush")
}

#[test]
fn a_pushed_request_is_signed() {
    for signs in ways() {
        let pushed = |wrong| signs.with(by_form(&signs, ", par: true", ""), wrong);
        pushed(false).run(&["-v"]).exits(0).lacks("white space");
        pushed(true).run(&[]).exits(3).says("refused the pushed authorization request: 401 invalid_client");
    }
}

#[test]
fn a_device_request_is_signed() {
    for signs in ways() {
        let project = with_browser(signs.with(signs.project("device_code", ""), false));
        log_in(&project, &[]).exits(0).says("and enter the code");
        run(&project, &["-v"]).exits(0).says("from the token store");
        let project = signs.with(project, true);
        log_in(&project, &[]).exits(3).says("refused the device authorization request: 401 invalid_client");
    }
}

#[test]
fn a_revocation_is_signed() {
    for signs in ways() {
        // A session is found by its credentials: what signs can be another only where it is none of them.
        let key = "client_assertion: { key: \"{{ env_var('SIGNS_WITH') }}\", ";
        let project = by_form(&signs, "", "revoke: {}\n");
        let provider = project.read("providers/own.yaml").replace("client_assertion: { ", key);
        let project = signs.with(project, false).file("providers/own.yaml", &provider);
        let logout = ["auth", "logout", "own", "--env", "test", "--token-store", "tokens"];
        let right = project.variable("SIGNS_WITH", &signs.right);
        run(&right, &[]).exits(0);
        right.callsheet(&logout).exits(0).says("revoked the refresh token and the access token");
        run(&right, &["-v"]).exits(0).says("fetched");
        let wrong = right.variable("SIGNS_WITH", &signs.wrong);
        wrong.callsheet(&logout).exits(3).says("refused the revocation of the refresh token: 401 invalid_client");
    }
}
