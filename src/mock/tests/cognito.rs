use reqwest::Method;
use serde_json::{Value, json};

use super::super::Site;
use super::{Answered, FORM, JSON, Stage, basic, claims, form, text};

const TOKEN: &str = "/cognito/oauth2/token";
const ITEMS: &str = "/cognito/api/items";

async fn ask(stage: &Stage, authorization: &str, fields: &[(&str, &str)]) -> Answered {
    let headers = [("content-type", FORM), ("authorization", authorization)];
    stage.send(Method::POST, TOKEN, &headers, &form(fields)).await
}

fn authorization(stage: &Stage, persona: &str) -> String {
    basic(
        stage.credential(Site::Cognito, persona, "client_id"),
        stage.credential(Site::Cognito, persona, "client_secret"),
    )
}

pub(super) async fn token(stage: &Stage, persona: &str) -> String {
    let answer = ask(stage, &authorization(stage, persona), &[("grant_type", "client_credentials")]).await;
    text(&answer.json(), "access_token").to_owned()
}

#[tokio::test]
async fn basic_and_a_form_yield_a_token_with_the_scope_asked_for() {
    let stage = Stage::new().await;
    let answer =
        ask(&stage, &authorization(&stage, "default"), &[("grant_type", "client_credentials"), ("scope", "api/write")])
            .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(claims(text(&answer.json(), "access_token"))["scope"], "api/write");
    assert_eq!(claims(&token(&stage, "default").await)["scope"], "api/read api/write");
}

#[tokio::test]
async fn credentials_that_were_form_urlencoded_first_are_taken_too() {
    let stage = Stage::new().await;
    let encoded = |name| {
        let value = stage.credential(Site::Cognito, "default", name);
        form(&[("", value)]).trim_start_matches('=').to_owned()
    };
    assert!(encoded("client_secret").contains("%2B"));
    let authorization = basic(&encoded("client_id"), &encoded("client_secret"));
    assert_eq!(ask(&stage, &authorization, &[("grant_type", "client_credentials")]).await.status, 200);
}

#[tokio::test]
async fn each_malformed_token_request_is_refused_in_its_own_way() {
    let stage = Stage::new().await;
    let good = authorization(&stage, "default");
    let grant = ("grant_type", "client_credentials");
    let id = stage.credential(Site::Cognito, "default", "client_id");

    let refused = stage.post(TOKEN, FORM, &form(&[grant])).await;
    refused.refuses(401, "invalid_client");
    assert_eq!(refused.header("www-authenticate"), "Basic realm=\"cognito\"");
    let in_body = form(&[grant, ("client_id", id), ("client_secret", "x")]);
    stage.post(TOKEN, FORM, &in_body).await.refuses(401, "invalid_client");
    ask(&stage, &basic(id, "wrong"), &[grant]).await.refuses(401, "invalid_client");
    ask(&stage, &basic("nobody", "x"), &[grant]).await.refuses(401, "invalid_client");
    ask(&stage, "Basic !!!", &[grant]).await.refuses(401, "invalid_client");
    ask(&stage, &good, &[grant, ("client_secret", "x")]).await.refuses(400, "invalid_request");
    ask(&stage, &good, &[grant, ("client_id", "another")]).await.refuses(400, "invalid_request");
    ask(&stage, &good, &[grant, grant]).await.refuses(400, "invalid_request");
    ask(&stage, &good, &[]).await.refuses(400, "invalid_request");
    ask(&stage, &good, &[("grant_type", "password")]).await.refuses(400, "unsupported_grant_type");
    ask(&stage, &good, &[grant, ("scope", "api/admin")]).await.refuses(400, "invalid_scope");
    ask(&stage, &good, &[grant, ("scope", "api/read  api/write")]).await.refuses(400, "invalid_scope");
    let reader = authorization(&stage, "reader");
    ask(&stage, &reader, &[grant, ("scope", "api/write")]).await.refuses(400, "invalid_scope");

    let headers = [("content-type", JSON), ("authorization", good.as_str())];
    let body = r#"{"grant_type":"client_credentials"}"#;
    stage.send(Method::POST, TOKEN, &headers, body).await.refuses(400, "invalid_request");
    stage.send(Method::POST, TOKEN, &headers[1..], &form(&[grant])).await.refuses(400, "invalid_request");
    assert_eq!(stage.send(Method::GET, TOKEN, &headers, "").await.status, 405);
}

fn item(sku: &str) -> Value {
    json!({ "name": "Pump", "sku": sku, "price": 19.5, "quantity": 3, "tags": ["air"] })
}

#[tokio::test]
async fn items_can_be_created_read_changed_and_deleted() {
    let stage = Stage::new().await;
    let token = token(&stage, "default").await;
    let created = stage.call(Method::POST, ITEMS, &token, &item("PUMP-1")).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let location = created.header("location");
    let id = text(&created.json(), "id").to_owned();
    assert_eq!(location, format!("{}{ITEMS}/{id}", stage.mock.base()));
    assert_eq!(created.json()["status"], "draft");

    let patch = json!({ "price": 21, "tags": null });
    let patched = stage.call(Method::PATCH, location, &token, &patch).await;
    assert_eq!((patched.status, &patched.json()["price"], &patched.json()["tags"]), (200, &json!(21.0), &json!([])));
    assert_eq!(patched.json()["name"], "Pump");
    let put = stage.call(Method::PUT, location, &token, &json!({ "name": "P", "sku": "P", "price": 1 })).await;
    assert_eq!((put.status, &put.json()["quantity"], &put.json()["version"]), (200, &json!(0), &json!(3)));

    assert_eq!(stage.call(Method::DELETE, location, &token, &json!({})).await.status, 204);
    assert_eq!(stage.get(location, &token).await.status, 404);
    assert_eq!(stage.call(Method::DELETE, location, &token, &json!({})).await.status, 404);
    assert_eq!(stage.call(Method::PUT, location, &token, &item("X")).await.status, 404);
}

#[tokio::test]
async fn invalid_and_conflicting_items_are_refused() {
    let stage = Stage::new().await;
    let token = token(&stage, "default").await;
    let invalid = json!({ "name": "", "price": -1, "status": "lost", "colour": "red" });
    let refused = stage.call(Method::POST, ITEMS, &token, &invalid).await;
    assert_eq!((refused.status, refused.header("content-type")), (422, "application/problem+json"));
    let errors = refused.json();
    let fields: Vec<_> = errors["errors"].as_array().unwrap().iter().map(|error| text(error, "field")).collect();
    assert_eq!(fields, ["colour", "name", "sku", "price", "status"]);
    assert_eq!(stage.call(Method::POST, ITEMS, &token, &item("BELL-1")).await.status, 409);
    assert_eq!(stage.call(Method::POST, ITEMS, &token, &json!([])).await.status, 400);
    let headers = [("authorization", super::bearer(&token)), ("content-type", "text/plain".to_owned())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(stage.send(Method::POST, ITEMS, &headers, "{}").await.status, 415);
    assert_eq!(stage.call(Method::DELETE, ITEMS, &token, &json!({})).await.status, 405);
}

#[tokio::test]
async fn pages_and_conditional_requests_work() {
    let stage = Stage::new().await;
    let token = token(&stage, "default").await;
    let page = stage.get(&format!("{ITEMS}?limit=2"), &token).await;
    assert_eq!((page.json()["items"].as_array().unwrap().len(), &page.json()["total"]), (2, &json!(3)));
    assert_eq!(page.header("link"), "</cognito/api/items?limit=2&cursor=after-2>; rel=\"next\"");
    let next = text(&page.json(), "next").to_owned();
    let last = stage.get(&format!("{ITEMS}?limit=2&cursor={next}"), &token).await.json();
    assert_eq!((last["items"].as_array().unwrap().len(), &last["next"]), (1, &Value::Null));
    assert_eq!(stage.get(&format!("{ITEMS}?limit=0"), &token).await.status, 400);
    assert_eq!(stage.get(&format!("{ITEMS}?cursor=x"), &token).await.status, 400);

    let one = format!("{ITEMS}/item-1");
    let etag = stage.get(&one, &token).await.header("etag").to_owned();
    let authorization = super::bearer(&token);
    let with = |name, value| [("authorization", authorization.as_str()), ("content-type", JSON), (name, value)];
    assert_eq!(stage.send(Method::GET, &one, &with("if-none-match", &etag), "").await.status, 304);
    let outdated = with("if-match", "\"1-v9\"");
    assert_eq!(stage.send(Method::PATCH, &one, &outdated, "{}").await.status, 412);
    assert_eq!(stage.send(Method::DELETE, &one, &outdated, "").await.status, 412);
    assert_eq!(stage.send(Method::PATCH, &one, &with("if-match", &etag), "{}").await.status, 200);
    assert_eq!(stage.send(Method::PUT, &one, &with("if-none-match", "*"), "{}").await.status, 412);
}

#[tokio::test]
async fn a_reader_may_not_write() {
    let stage = Stage::new().await;
    let token = token(&stage, "reader").await;
    assert_eq!(stage.get(ITEMS, &token).await.status, 200);
    let one = format!("{ITEMS}/item-1");
    for (method, path) in [(Method::POST, ITEMS), (Method::PUT, &one), (Method::PATCH, &one), (Method::DELETE, &one)] {
        let refused = stage.call(method, path, &token, &item("X")).await;
        refused.refuses(403, "insufficient_scope");
        assert!(refused.header("www-authenticate").contains("scope=\"api/write\""));
    }
}
