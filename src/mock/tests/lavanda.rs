use reqwest::Method;
use serde_json::{Value, json};

use super::super::Site;
use super::{FORM, JSON, Stage, claims, form, text};

const TOKEN: &str = "/lavanda/v1/oauth2/token";

fn credentials(stage: &Stage, persona: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": stage.credential(Site::Lavanda, persona, "client_id"),
        "client_secret": stage.credential(Site::Lavanda, persona, "client_secret"),
    })
}

pub(super) async fn token(stage: &Stage, persona: &str) -> String {
    let answer = stage.post(TOKEN, JSON, &credentials(stage, persona).to_string()).await;
    text(&answer.json(), "access_token").to_owned()
}

#[tokio::test]
async fn the_token_response_and_the_claims_are_those_of_the_documentation() {
    let stage = Stage::new().await;
    let answer =
        stage.post(TOKEN, "application/json; charset=utf-8", &credentials(&stage, "default").to_string()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["access_token", "expires_in", "token_type"]);
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(3600), &json!("Bearer")));

    let claims = claims(text(&body, "access_token"));
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = ["sub", "token_use", "scope", "auth_time", "iss", "exp", "iat", "version", "jti", "client_id"];
    assert_eq!(names, documented);
    assert_eq!(claims["scope"], "platapi/lavanda");
    assert_eq!(claims["sub"], claims["client_id"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert!(text(&claims, "iss").starts_with("https://cognito-idp."));
}

#[tokio::test]
async fn only_json_credentials_are_taken() {
    let stage = Stage::new().await;
    let fields = form(&[("grant_type", "client_credentials"), ("client_id", "a"), ("client_secret", "b")]);
    stage.post(TOKEN, FORM, &fields).await.refuses(415, "invalid_request");
    stage.post(TOKEN, JSON, &fields).await.refuses(400, "invalid_request");
    stage.post(TOKEN, JSON, "[]").await.refuses(400, "invalid_request");
    stage.post(TOKEN, JSON, r#"{"grant_type":"client_credentials"}"#).await.refuses(400, "invalid_request");
    stage.post(TOKEN, JSON, r#"{"grant_type":7}"#).await.refuses(400, "invalid_request");
    let other = json!({ "grant_type": "password", "client_id": "a", "client_secret": "b" });
    stage.post(TOKEN, JSON, &other.to_string()).await.refuses(400, "unsupported_grant_type");
    let get = stage.get(TOKEN, "x").await;
    assert_eq!((get.status, get.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn wrong_and_curly_quoted_credentials_are_refused() {
    let stage = Stage::new().await;
    for (member, value) in [
        ("client_id", "nobody".to_owned()),
        ("client_secret", "wrong".to_owned()),
        ("client_id", format!("\u{201c}{}\u{201d}", stage.credential(Site::Lavanda, "default", "client_id"))),
    ] {
        let mut body = credentials(&stage, "default");
        body[member] = json!(value);
        stage.post(TOKEN, JSON, &body.to_string()).await.refuses(401, "invalid_client");
    }
    // The documentation's own example cannot be pasted: its quotes are typographic.
    let pasted = "{\"grant_type\": \"client_credentials\", \"client_id\": \u{201c}xxx\u{201d}}";
    let answer = stage.post(TOKEN, JSON, pasted).await;
    answer.refuses(400, "invalid_request");
    assert!(answer.body.contains("typographic"));
}

#[tokio::test]
async fn the_api_wants_a_token_and_json() {
    let stage = Stage::new().await;
    let query = json!({ "query": "{ viewer { id } }" }).to_string();
    let answer = stage.post("/lavanda/v1", JSON, &query).await;
    answer.refuses(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"lavanda\"");

    let token = token(&stage, "default").await;
    let headers = [("authorization", super::bearer(&token))];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(stage.send(Method::POST, "/lavanda/v1", &headers, &query).await.status, 415);
    assert_eq!(stage.get("/lavanda/v1", &token).await.status, 405);
    assert_eq!(stage.call(Method::POST, "/lavanda/v1", &token, &json!({ "no": "query" })).await.status, 400);
    assert_eq!(stage.call(Method::POST, "/lavanda/v1", &token, &json!([])).await.status, 400);
}
