//! Errors as a person reads them.

use super::Desk;
use super::server::{Answer, Server};
use crate::auth::{Catalogue, DotEnv, Embedded};
use crate::source::Sources;

#[tokio::test]
async fn a_refused_login_tells_where_its_credentials_came_from() {
    let server = Server::start(|_| {
        let body =
            r#"{"error":"invalid_grant","error_description":"Bad credentials","error_uri":"https://docs.test/e"}"#;
        Answer::json(401, body)
    })
    .await;
    let mut desk = simacan();
    desk.provider = patched(&server.url);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".env.stg"), "SIMACAN_STG_USERNAME=ann\n").expect("written");
    desk.dotenv = DotEnv::read(folder.path(), "stg").expect("readable");
    let desk = desk.set("SIMACAN_STG_PASSWORD", "hunter22");
    assert_eq!(
        desk.failure().await,
        format!(
            "\
error[auth.refused]: simacan (stg) refused the password login: 401 invalid_grant \"Bad credentials\"
 = note: POST {}/api/v1/auth/password
 = note: the provider explains this at https://docs.test/e
 = help: SIMACAN_STG_USERNAME came from .env.stg, SIMACAN_STG_PASSWORD from environment variables; staging and production have separate credentials",
            server.url
        )
    );
    let desk =
        desk.persona("planner").set("SIMACAN_STG_PLANNER_USERNAME", "p").set("SIMACAN_PLANNER_PASSWORD", "hunter23");
    let error = desk.login().await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "simacan (stg) refused the password login of planner: 401 invalid_grant \"Bad credentials\""
    );
}

#[tokio::test]
async fn a_refused_demo_login_speaks_of_no_credentials_of_ones_own() {
    let server = Server::start(|_| Answer::json(401, "{}")).await;
    let mut desk = simacan();
    let person = [("username".to_owned(), "demo".to_owned()), ("password".to_owned(), "demo-demo".to_owned())];
    desk.embedded = Some(Embedded {
        members: [("base".to_owned(), server.url.clone())].into(),
        hosts: Vec::new(),
        credentials: [("default".to_owned(), person.into())].into(),
    });
    assert_eq!(
        desk.failure().await,
        format!(
            "\
error[auth.refused]: simacan (stg) refused the password login: 401
 = note: POST {}/auth/password
 = help: username and password came from the built-in provider",
            server.url
        )
    );
}

fn simacan() -> Desk {
    let mut desk = Desk::of("{ provider: x, flow: none }");
    desk.provider = Catalogue::new().find("simacan", &mut desk.sources).expect("built in");
    desk
}

/// The built-in provider with another staging address.
fn patched(url: &str) -> std::sync::Arc<crate::auth::Provider> {
    let text = Catalogue::built_in("simacan").expect("built in");
    let text = text
        .replace("https://auth-service-stg.services.simacan.com", url)
        .replace("*-stg.services.simacan.com", "127.0.0.1");
    let (provider, problems, _) = super::read(&text);
    assert!(problems.is_empty(), "{problems:?}");
    provider.expect("a provider").into()
}

#[test]
fn an_unknown_provider_is_told_with_the_nearest() {
    let mut catalogue = Catalogue::new();
    let unknown = |catalogue: &mut Catalogue, name: &str| {
        let problem = catalogue.find(name, &mut Sources::default()).expect_err(name);
        (problem.id, problem.message, problem.help.concat())
    };
    assert_eq!(
        unknown(&mut catalogue, "simacam"),
        ("provider.unknown", "there is no provider `simacam`".into(), "did you mean `simacan`?".into())
    );
    assert_eq!(
        unknown(&mut catalogue, "other"),
        (
            "provider.unknown",
            "there is no provider `other`".into(),
            "`callsheet provider list` lists all providers, `callsheet provider new` writes a new one".into()
        )
    );
}
