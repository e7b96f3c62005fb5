use reqwest::Method;
use serde_json::{Value, json};

use super::super::{Fault, FaultKind, Site};
use super::{Answered, FORM, JSON, Stage, claims, form, text};

const PASSWORD: &str = "/simacan/api/v1/auth/password";
const REFRESH: &str = "/simacan/api/v1/auth/refresh";
pub(super) const TRIPS: &str = "/simacan/trips-api/v1/trips";

async fn login(stage: &Stage, persona: &str) -> Answered {
    let fields = form(&[
        ("username", stage.credential(Site::Simacan, persona, "username")),
        ("password", stage.credential(Site::Simacan, persona, "password")),
    ]);
    stage.post(PASSWORD, FORM, &fields).await
}

pub(super) async fn tokens(stage: &Stage, persona: &str) -> Value {
    let answer = login(stage, persona).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

pub(super) async fn refresh(stage: &Stage, token: &str) -> Answered {
    stage.post(REFRESH, FORM, &form(&[("refresh_token", token)])).await
}

#[tokio::test]
async fn a_password_login_yields_the_three_tokens() {
    let stage = Stage::new().await;
    let answer = login(&stage, "default").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["access_token", "refresh_token", "id_token", "token_type", "expires_in"]);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(3600)));
    let username = stage.credential(Site::Simacan, "default", "username");
    assert_eq!(claims(text(&body, "id_token"))["preferred_username"], username);
    assert!(text(&body, "refresh_token").starts_with("ey"));
}

#[tokio::test]
async fn only_a_form_with_good_credentials_logs_in() {
    let stage = Stage::new().await;
    let username = stage.credential(Site::Simacan, "default", "username");
    let json = json!({ "username": username, "password": "x" }).to_string();
    stage.post(PASSWORD, JSON, &json).await.refuses(415, "invalid_request");
    let fields = [("username", username), ("password", "wrong")];
    let wrong = stage.post(PASSWORD, FORM, &form(&fields)).await;
    wrong.refuses(401, "invalid_grant");
    assert_eq!(wrong.json()["error_description"], "Bad credentials");
    stage.post(PASSWORD, FORM, &form(&fields[..1])).await.refuses(400, "invalid_request");
    let twice = form(&[fields[0], fields[1], fields[1]]);
    stage.post(PASSWORD, FORM, &twice).await.refuses(400, "invalid_request");
    assert_eq!(stage.get(PASSWORD, "x").await.status, 405);
    // The password holds characters that break when they are not encoded.
    let raw = format!("username={username}&password={}", stage.credential(Site::Simacan, "default", "password"));
    assert_eq!(stage.post(PASSWORD, FORM, &raw).await.status, 401);
}

#[tokio::test]
async fn a_refresh_rotates_and_reuse_revokes_the_whole_family() {
    let stage = Stage::new().await;
    let first = tokens(&stage, "default").await;
    let second = refresh(&stage, text(&first, "refresh_token")).await;
    assert_eq!(second.status, 200);
    let second = second.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(stage.get(TRIPS, text(&second, "access_token")).await.status, 200);

    let reused = refresh(&stage, text(&first, "refresh_token")).await;
    reused.refuses(401, "invalid_grant");
    refresh(&stage, text(&second, "refresh_token")).await.refuses(401, "invalid_grant");
    for tokens in [&first, &second] {
        stage.get(TRIPS, text(tokens, "access_token")).await.refuses(401, "invalid_token");
    }
    let counters = stage.mock.counters();
    assert_eq!(counters.violations.rotated_refresh_token_reused, 1);
    assert_eq!((counters.sites[&Site::Simacan].refreshes, counters.violations.avoidable_password_logins), (1, 0));
    // Another login is another family.
    assert_eq!(login(&stage, "default").await.status, 200);
}

#[tokio::test]
async fn expired_revoked_and_unknown_refresh_tokens_are_refused() {
    let stage = Stage::new().await;
    refresh(&stage, "unknown").await.refuses(401, "invalid_grant");
    stage.post(REFRESH, FORM, "").await.refuses(400, "invalid_request");
    stage.post(REFRESH, JSON, "{}").await.refuses(415, "invalid_request");

    let tokens_of_one = tokens(&stage, "default").await;
    stage.mock.advance(std::time::Duration::from_hours(31 * 24));
    refresh(&stage, text(&tokens_of_one, "refresh_token")).await.refuses(401, "invalid_grant");

    let tokens_of_one = tokens(&stage, "default").await;
    assert_eq!(stage.mock.revoke_refresh_tokens(Site::Simacan), 2);
    refresh(&stage, text(&tokens_of_one, "refresh_token")).await.refuses(401, "invalid_grant");

    let tokens_of_one = tokens(&stage, "default").await;
    stage.mock.inject(Fault::new(Site::Simacan, FaultKind::RefreshRefused(400)));
    refresh(&stage, text(&tokens_of_one, "refresh_token")).await.refuses(400, "invalid_grant");
    assert_eq!(refresh(&stage, text(&tokens_of_one, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn repeated_password_logins_are_counted() {
    let stage = Stage::new().await;
    login(&stage, "default").await;
    login(&stage, "auditor").await;
    assert_eq!(stage.mock.counters().violations.avoidable_password_logins, 0);
    login(&stage, "default").await;
    let counters = stage.mock.counters();
    assert_eq!(counters.violations.avoidable_password_logins, 1);
    assert_eq!(counters.sites[&Site::Simacan].token_requests["password"], 3);
}

#[tokio::test]
async fn trips_live_by_their_rules() {
    let stage = Stage::new().await;
    let tokens = tokens(&stage, "planner").await;
    let token = text(&tokens, "access_token");
    let new = json!({ "plate": "BX-99-ZZ", "stops": [{ "name": "Utrecht", "eta": "2027-01-01T08:00:00Z" }] });
    let created = stage.call(Method::POST, TRIPS, token, &new).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let trip = created.json();
    let path = format!("{TRIPS}/{}", text(&trip, "id"));
    assert_eq!(created.header("location"), format!("{}{path}", stage.mock.base()));
    assert_eq!(trip["state"], "PLANNED");
    assert_eq!(trip["stops"][0]["eta"], "2027-01-01T08:00:00Z");
    assert_eq!(stage.get(&path, token).await.json(), trip);
    let counted = stage.call(Method::POST, TRIPS, token, &json!({ "plate": "A", "stops": 3 })).await;
    assert_eq!(counted.json()["stops"].as_array().unwrap().len(), 3);

    let becoming = |name: &str| json!({ "state": name });
    assert_eq!(stage.call(Method::PATCH, &path, token, &becoming("ARRIVED")).await.status, 409);
    assert_eq!(stage.call(Method::PATCH, &path, token, &becoming("LOST")).await.status, 422);
    assert_eq!(stage.call(Method::PUT, &path, token, &json!({ "stops": [] })).await.status, 422);
    let dispatched = stage.call(Method::POST, &format!("{path}/dispatch"), token, &json!({})).await;
    assert_eq!((dispatched.status, &dispatched.json()["state"]), (202, &json!("PLANNED")));
    stage.mock.advance(std::time::Duration::from_secs(1));
    assert_eq!(stage.get(&path, token).await.json()["state"], "UNDERWAY");
    assert_eq!(stage.call(Method::PATCH, &path, token, &becoming("ARRIVED")).await.status, 200);

    for invalid in
        [json!({}), json!({ "plate": 1 }), json!({ "plate": "A", "stops": [{}] }), json!({ "plate": "A", "x": 1 })]
    {
        assert_eq!(stage.call(Method::POST, TRIPS, token, &invalid).await.status, 422, "{invalid}");
    }
    assert_eq!(stage.get(&format!("{TRIPS}?state=UNDERWAY"), token).await.json()["total"], 1);
    assert_eq!(stage.get(&format!("{TRIPS}?state=x"), token).await.status, 400);
    assert_eq!(stage.call(Method::DELETE, &path, token, &json!({})).await.status, 204);
    assert_eq!(stage.get(&path, token).await.status, 404);
}

#[tokio::test]
async fn an_auditor_only_reads() {
    let stage = Stage::new().await;
    let tokens = tokens(&stage, "auditor").await;
    let token = text(&tokens, "access_token");
    assert_eq!(stage.get(TRIPS, token).await.status, 200);
    let trip = json!({ "plate": "A" });
    let one = format!("{TRIPS}/T-1001");
    for (method, path) in [(Method::POST, TRIPS), (Method::PATCH, &one), (Method::DELETE, &one)] {
        stage.call(method, path, token, &trip).await.refuses(403, "insufficient_scope");
    }
    stage.get(TRIPS, text(&tokens, "id_token")).await.refuses(401, "invalid_token");
    stage.get(TRIPS, text(&tokens, "refresh_token")).await.refuses(401, "invalid_token");
}
