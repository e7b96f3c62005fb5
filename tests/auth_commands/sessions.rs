//! `auth status` and `auth logout`.

use callsheet::mock::Site;
use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Seen, Stage, json};

const KEPT: [&str; 2] = ["--token-store", "kept"];

fn auth(project: &Project, arguments: &[&str]) -> crate::support::Outcome {
    project.callsheet(&[&["auth"], arguments, &KEPT].concat())
}

/// A project with a provider that takes tokens back, unless it answers with that status.
fn revoking(status: u16) -> (Project, Recorder) {
    let server = Recorder::start(move |seen: &Seen| match seen.path() {
        "/token" => json(
            200,
            r#"{ "access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600, "scope": "read write" }"#,
        ),
        "/revoke" => json(status, r#"{ "error": "temporarily_out" }"#),
        _ => json(404, "{}"),
    });
    let project = Project::with_vars(&[("at", &server.base())])
        .file(
            "providers/own.yaml",
            "provider: own\nflow: password\nenvironments: { default: { base: \"{{ env.at }}\" } }\n\
             credentials: { client_id: { shared: true }, client_secret: { shared: true }, username: {}, password: {} }\n\
             login: { post: \"{{ base }}/token\", scope: [read, write] }\nrevoke: { post: \"{{ base }}/revoke\" }\n",
        )
        .variable("OWN_CLIENT_ID", "shop")
        .variable("OWN_CLIENT_SECRET", "the-secret-of-shop")
        .variable("OWN_USERNAME", "ann")
        .variable("OWN_PASSWORD", "the-password-of-ann")
        .variable("OWN_BOB_USERNAME", "bob")
        .variable("OWN_BOB_PASSWORD", "the-password-of-bob");
    (project, server)
}

#[test]
fn sessions_are_listed() {
    let (project, _server) = revoking(200);
    auth(&project, &["status"]).exits(0).says("no sessions in ");
    auth(&project, &["token", "own"]).exits(0);
    auth(&project, &["token", "own", "--as", "bob", "--scope", "read"]).exits(0);
    let listed = auth(&project, &["status"]);
    let left = regex::Regex::new(r"59m \d\ds").expect("a pattern");
    assert_data_eq!(
        left.replace_all(&listed.exits(0).lacks("access-1").lacks("refresh-1").stdout, "59m 59s").into_owned(),
        str![[r#"
PROVIDER  PERSONA  ENV   EXPIRES IN          ORIGIN  SCOPES
own       bob      test  59m 59s, renewable  login   read write
own       default  test  59m 59s, renewable  login   read write

"#]]
    );
    let json: serde_json::Value =
        serde_json::from_str(&auth(&project, &["status", "own", "--env", "test", "--json"]).exits(0).stdout)
            .expect("JSON");
    let first = json[1].as_object().expect("a session");
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "provider",
            "environment",
            "persona",
            "client",
            "issuer",
            "scope",
            "asked_scope",
            "issued_at",
            "expires_at",
            "expires_in",
            "renewable",
            "origin"
        ]
    );
    assert_eq!(first["persona"], "default");
    assert_eq!(first["scope"], "read write");
    assert!((3590..=3600).contains(&first["expires_in"].as_i64().expect("a number")));
    assert_eq!(first["renewable"], true);
    assert_eq!(auth(&project, &["status", "other", "--json"]).exits(0).stdout, "[]\n");
    project.callsheet(&["auth", "status"]).exits(2).says("there is no folder to keep sessions in");
}

#[test]
fn a_file_that_holds_no_session_is_told_and_hides_no_other() {
    let (project, _server) = revoking(200);
    auth(&project, &["token", "own"]).exits(0);
    project.write("kept/own.test.bob.0000.json", "{ \"version\": 1, ");
    auth(&project, &["status"]).exits(0).says("warning[auth.store]").says("renewable");
}

#[test]
fn tokens_are_given_back_and_forgotten() {
    let (project, server) = revoking(200);
    auth(&project, &["token", "own"]).exits(0);
    assert_eq!(
        auth(&project, &["logout", "own"]).exits(0).stdout,
        "own (test): revoked the refresh token and the access token, forgotten\n"
    );
    let told = server.seen()[1..].iter().map(Seen::told).collect::<Vec<_>>().join("\n");
    assert_data_eq!(
        told,
        str![[r#"
POST /revoke
content-type: application/x-www-form-urlencoded
authorization: Basic c2hvcDp0aGUtc2VjcmV0LW9mLXNob3A=
token=refresh-1&token_type_hint=refresh_token

POST /revoke
content-type: application/x-www-form-urlencoded
authorization: Basic c2hvcDp0aGUtc2VjcmV0LW9mLXNob3A=
token=access-1&token_type_hint=access_token

"#]]
    );
    auth(&project, &["status"]).exits(0).says("no sessions in ");
    auth(&project, &["logout", "own"]).exits(0).says("no session of own (test) is kept here");
}

#[test]
fn what_could_not_be_revoked_is_said_and_forgotten_all_the_same() {
    let (project, _server) = revoking(503);
    auth(&project, &["token", "own"]).exits(0);
    assert_data_eq!(
        auth(&project, &["logout", "own"]).exits(3).lacks("refresh-1").plain(),
        str![[r#"
own (test): not revoked, forgotten
  not revoked: own (test) could not answer the revocation of the refresh token: 503 temporarily_out
  not revoked: own (test) could not answer the revocation of the access token: 503 temporarily_out

"#]]
    );
    auth(&project, &["status"]).exits(0).says("no sessions in ");
    // Simacan documents no way to give a token back.
    let stage = Stage::new();
    auth(&stage.project, &["token", "simacan"]).exits(0);
    auth(&stage.project, &["logout", "simacan"]).exits(0).says("the tokens stay valid until they expire");
    assert_eq!(stage.token_requests(Site::Simacan, "password"), 1);
}

#[test]
fn only_what_is_meant_is_ended_unless_all_are() {
    let (project, server) = revoking(200);
    for arguments in [&["token", "own"][..], &["token", "own", "--as", "bob"], &["token", "own", "--scope", "read"]] {
        auth(&project, arguments).exits(0);
    }
    auth(&project, &["logout", "own", "--as", "bob"]).exits(0).says("own (test) for bob: revoked");
    auth(&project, &["logout", "own", "--scope", "read"]).exits(0);
    assert_eq!(auth(&project, &["status"]).stdout.lines().count(), 2, "the head, and the one that is left");
    auth(&project, &["token", "own", "--as", "bob"]).exits(0);
    let before = server.seen().len();
    let all = auth(&project, &["logout", "own", "--all"]);
    assert_eq!(all.exits(0).stdout.lines().count(), 2);
    assert_eq!(server.seen().len() - before, 4);
    auth(&project, &["status"]).exits(0).says("no sessions in ");
    auth(&project, &["logout", "own", "--all", "--as", "bob"]).exits(2);
}
