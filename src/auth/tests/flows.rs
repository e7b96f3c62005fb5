//! What is sent to a token endpoint, byte for byte, and what its answers mean.

use super::server::{Answer, Server};
use super::{Desk, drawn};
use crate::auth::Origin;

const TOKEN: &str = r#"{"access_token":"issued","token_type":"Bearer","expires_in":3600}"#;

async fn token_server() -> Server {
    Server::start(|_| Answer::json(200, TOKEN)).await
}

fn client(server: &Server, login: &str) -> Desk {
    Desk::of(&format!(
        "{{ provider: acme, flow: client_credentials, login: {{ post: '{}/token', {login} }} }}",
        server.url
    ))
    .set("ACME_CLIENT_ID", "id")
    .set("ACME_CLIENT_SECRET", "s3cret")
}

#[tokio::test]
async fn each_way_of_client_authentication_and_encoding_is_sent_as_the_standard_has_it() {
    let server = token_server().await;
    let form = "application/x-www-form-urlencoded";
    let basic = "Basic aWQ6czNjcmV0";
    for (login, body, query, content_type, authorization) in [
        ("", "grant_type=client_credentials", "", form, basic),
        ("client_auth: basic, scope: [a, b/c]", "grant_type=client_credentials&scope=a+b%2Fc", "", form, basic),
        ("client_auth: post", "grant_type=client_credentials&client_id=id&client_secret=s3cret", "", form, ""),
        (
            "client_auth: json",
            r#"{"grant_type":"client_credentials","client_id":"id","client_secret":"s3cret"}"#,
            "",
            "application/json",
            "",
        ),
        ("encoding: json", r#"{"grant_type":"client_credentials"}"#, "", "application/json", basic),
        ("encoding: query", "", "grant_type=client_credentials", "", basic),
        (
            "encoding: query, client_auth: post",
            "",
            "grant_type=client_credentials&client_id=id&client_secret=s3cret",
            "",
            "",
        ),
        ("fields: { secret: '{{ client_secret }}', id: '{{ client_id }}' }", "secret=s3cret&id=id", "", form, ""),
        (
            "client_auth: post, fields: { client_id: 'other-{{ client_id }}' }",
            "client_id=other-id&client_secret=s3cret",
            "",
            form,
            "",
        ),
        (
            "encoding: json, client_auth: json, fields: { auth: { days: 3, tags: ['{{ client_id }}', null], on: true } }",
            r#"{"auth":{"days":3,"tags":["id",null],"on":true},"client_id":"id","client_secret":"s3cret"}"#,
            "",
            "application/json",
            "",
        ),
    ] {
        assert_eq!(client(&server, login).login().await.expect("a token"), "issued", "{login}");
        let asked = server.last();
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/token"), "{login}");
        assert_eq!((asked.body.as_str(), asked.query.as_str()), (body, query), "{login}");
        assert_eq!(asked.header("content-type"), content_type, "{login}");
        assert_eq!(asked.header("authorization"), authorization, "{login}");
        assert_eq!(asked.header("accept"), "application/json");
    }
}

#[tokio::test]
async fn reserved_characters_are_encoded_before_basic() {
    let server = token_server().await;
    let desk =
        client(&server, "client_auth: basic").set("ACME_CLIENT_ID", "a:b c").set("ACME_CLIENT_SECRET", "p@ss+%/é&=~*");
    desk.login().await.expect("a token");
    let sent = server.last().header("authorization").to_owned();
    // base64("a%3Ab+c:p%40ss%2B%25%2F%C3%A9%26%3D%7E*")
    assert_eq!(sent, "Basic YSUzQWIrYzpwJTQwc3MlMkIlMjUlMkYlQzMlQTklMjYlM0QlN0Uq");
    assert_eq!(desk.redactor.redact(&sent), "Basic {{auth.acme.basic}}");
}

#[tokio::test]
async fn a_scope_of_the_scenario_takes_the_place_of_the_providers() {
    let server = token_server().await;
    let mut desk = client(&server, "scope: own, fields: { scope: '{{ scope }}', x: '1' }, client_auth: none");
    desk.login().await.expect("a token");
    assert_eq!(server.last().body, "scope=own&x=1");
    desk.scope = vec!["a".into(), "b".into()];
    desk.login().await.expect("a token");
    assert_eq!(server.last().body, "scope=a+b&x=1");
    let desk = client(&server, "fields: { scope: '{{ scope }}', x: '1' }, client_auth: none");
    desk.login().await.expect("a token");
    assert_eq!(server.last().body, "x=1");
}

#[tokio::test]
async fn headers_of_the_file_go_along() {
    let server = token_server().await;
    client(&server, "headers: { x-tenant: 't-{{ client_id }}', accept: '*/*' }").login().await.expect("a token");
    assert_eq!((server.last().header("x-tenant"), server.last().header("accept")), ("t-id", "*/*"));
}

#[tokio::test]
async fn the_password_grant_of_the_rfc_needs_no_fields() {
    let server = token_server().await;
    let yaml = format!("{{ provider: acme, flow: password, login: {{ post: '{}/token' }} }}", server.url);
    Desk::of(&yaml).set("ACME_USERNAME", "u").set("ACME_PASSWORD", "p&w").login().await.expect("a token");
    assert_eq!(server.last().body, "grant_type=password&username=u&password=p%26w");
    assert_eq!(server.last().header("authorization"), "");
}

#[tokio::test]
async fn a_standard_refresh_needs_no_word_in_the_file() {
    let server = Server::start(|_| Answer::json(200, r#"{"access_token":"t","refresh_token":"r1"}"#)).await;
    let yaml = format!(
        "{{ provider: acme, flow: password, login: {{ post: '{}/token' }}, credentials: {{ client_id: {{}}, username: {{}}, password: {{}} }} }}",
        server.url
    );
    let desk = Desk::of(&yaml).set("ACME_USERNAME", "u").set("ACME_PASSWORD", "pw").set("ACME_CLIENT_ID", "app");
    let (broker, identity) = (desk.broker(), desk.identity());
    let grant = broker.acquire(&identity, false).await.expect("a token");
    assert_eq!(server.last().body, "grant_type=password&username=u&password=pw&client_id=app");
    let next = broker.renew(&identity, &grant).await.expect("a token").expect("renewable");
    assert_eq!(next.origin, Origin::Refreshed);
    assert_eq!(server.last().body, "grant_type=refresh_token&refresh_token=r1&client_id=app");
}

#[tokio::test]
async fn redirects_of_a_token_endpoint_are_refused() {
    let elsewhere = token_server().await;
    let to = format!("{}/token?code=1", elsewhere.url);
    let server = Server::start(move |_| Answer::redirect(307, &to)).await;
    let shown = client(&server, "").failure().await;
    assert_eq!(
        shown,
        format!(
            "error[auth.redirected]: acme (stg) answered a token request with a redirect: 307 to {}/token\n \
             = note: POST {}/token\n \
             = help: credentials are never sent on to another URL: correct the URL in the provider's file",
            elsewhere.url, server.url
        )
    );
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    let yaml = "{ provider: acme, flow: client_credentials, login: { post: 'http://login.acme.test/token?x=1' } }";
    let desk = Desk::of(yaml).set("ACME_CLIENT_ID", "id").set("ACME_CLIENT_SECRET", "s3cret");
    assert_eq!(
        desk.failure().await,
        "\
error[auth.insecure]: a credential of acme (stg) would be sent unencrypted, over plain http, to http://login.acme.test/token
 = help: use https; plain http is allowed to this machine, and to hosts that `hosts` lists as `http://HOST`"
    );
}

#[tokio::test]
async fn answers_without_a_token_say_what_they_are() {
    for (answer, detail) in [
        (
            Answer::json(200, r#"{"token":"hidden-away","expires":3}"#),
            "200, but there is no text at $.access_token; it has `token`, `expires`",
        ),
        (Answer::json(200, "{}"), "200, but there is no text at $.access_token; it is an empty object"),
        (Answer::json(200, "[1]"), "200, but there is no text at $.access_token; it is an array"),
        (
            Answer::json(200, r#"{"access_token":{"a":1}}"#),
            "200, but there is no text at $.access_token; it has `access_token`",
        ),
        (Answer::json(204, ""), "204 with an empty body"),
        (Answer::html("<p>hello</p>"), "200 with text/html that is not JSON (expected value at line 1, column 1)"),
    ] {
        let answered = answer.clone();
        let server = Server::start(move |_| answered.clone()).await;
        assert_eq!(
            client(&server, "").failure().await,
            format!(
                "error[auth.answer]: acme (stg) answered the client_credentials login without a token: {detail}\n \
                 = note: POST {}/token\n \
                 = help: is this the token endpoint? If the answer has the token under another name, write \
                 `token: {{ access_token: $.NAME }}` in the provider's file",
                server.url
            ),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_servers_words() {
    let long = "word ".repeat(100);
    for (answer, said) in [
        (Answer::json(400, r#"{"error":"invalid_scope"}"#), "400 invalid_scope"),
        (
            Answer::json(401, r#"{"error":"invalid_client","error_description":"no such client"}"#),
            "401 invalid_client \"no such client\"",
        ),
        (Answer::json(403, r#"{"message":"Forbidden"}"#), "403 \"Forbidden\""),
        (Answer::json(400, r#"{"error":{"code":190,"message":"Bad key"}}"#), "400 190 \"Bad key\""),
        (Answer::json(422, r#"{"errors":[{"code":"E1","detail":"is blank"}]}"#), "422 E1 \"is blank\""),
        (Answer::json(400, r#"{"errors":["nope"]}"#), "400 \"nope\""),
        (Answer::json(400, r#"{"weird":1}"#), "400 \"{\"weird\":1}\""),
        (Answer::json(200, r#"{"error":"bad_code","error_description":"expired"}"#), "200 bad_code \"expired\""),
        (Answer::json(401, ""), "401"),
        (Answer::of(403, "text/html", "<html><head><title>WAF\n says no</title>"), "403 \"WAF says no\""),
        (
            Answer::of(401, "text/plain", "bad secret s3cret\nfor id"),
            "401 \"bad secret {{credentials.acme.client_secret}} for id\"",
        ),
        (Answer::of(401, "text/plain", &long), &*format!("401 \"{}…\"", &long[..200])),
    ] {
        let answered = answer.clone();
        let server = Server::start(move |_| answered.clone()).await;
        let error = client(&server, "").login().await.expect_err("refused");
        assert_eq!(error.to_string(), format!("acme (stg) refused the client_credentials login: {said}"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_provider_that_cannot_answer_now_is_no_refusal() {
    let server = Server::start(|_| Answer::json(429, r#"{"error":"slow_down"}"#).header("retry-after", "7")).await;
    assert_eq!(
        client(&server, "").failure().await,
        format!(
            "error[auth.unavailable]: acme (stg) could not answer the client_credentials login: 429 slow_down\n \
             = note: POST {}/token\n = note: it asks to wait, `Retry-After`: 7",
            server.url
        )
    );
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unreachable() {
    let desk = Desk::of("{ provider: acme, flow: client_credentials, login: { post: 'http://127.0.0.1:1/token' } }");
    let desk = desk.set("ACME_CLIENT_ID", "id").set("ACME_CLIENT_SECRET", "s3cret");
    let error = desk.login().await.expect_err("unreachable");
    assert!(error.is_unreachable());
    assert_eq!(
        drawn(&error),
        "\
error[auth.unreachable]: acme (stg) cannot be reached: 127.0.0.1:1 refused the connection: nothing listens on that port
 = note: POST http://127.0.0.1:1/token
 = help: check that the service is running, and that host and port are right"
    );
}

#[tokio::test]
async fn a_provider_that_takes_too_long_is_not_waited_for() {
    let server = Server::start(|_| Answer::json(200, TOKEN).after(5_000)).await;
    let error = client(&server, "timeout: 100ms").login().await.expect_err("too slow");
    assert!(error.is_unreachable(), "{error}");
}
