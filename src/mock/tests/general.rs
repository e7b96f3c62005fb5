use std::time::Instant;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use reqwest::Method;
use serde_json::{Value, json};

use super::super::{JOURNAL_LENGTH, Mock, MockOptions, Site, keys};
use super::simacan::TRIPS;
use super::{JSON, Stage, cognito, gridshare, lavanda, simacan, text};

/// An access token of each provider, with a path of its API.
async fn tokens(stage: &Stage) -> Vec<(Site, &'static str, String)> {
    let simacan = simacan::tokens(stage, "default").await;
    let gridshare = gridshare::tokens(stage, "lunar/device.read", "default").await;
    vec![
        (Site::Lavanda, "/lavanda/v1", lavanda::token(stage, "default").await),
        (Site::Cognito, "/cognito/api/items", cognito::token(stage, "default").await),
        (Site::Simacan, TRIPS, text(&simacan, "access_token").to_owned()),
        (Site::Gridshare, "/gridshare/api/v1/devices", text(&gridshare, "access_token").to_owned()),
    ]
}

async fn api(stage: &Stage, site: Site, path: &str, token: &str) -> super::Answered {
    let method = if site == Site::Lavanda { Method::POST } else { Method::GET };
    stage.call(method, path, token, &json!({ "query": "{ viewer { id } }" })).await
}

#[tokio::test]
async fn a_token_is_good_at_its_own_provider_only() {
    let stage = Stage::new().await;
    let tokens = tokens(&stage).await;
    for (site, path, _) in &tokens {
        for (issuer, _, token) in &tokens {
            let answer = api(&stage, *site, path, token).await;
            if issuer == site {
                assert_eq!(answer.status, 200, "{site}: {}", answer.body);
            } else {
                answer.refuses(401, "invalid_token");
            }
        }
        stage.send(Method::POST, path, &[("content-type", JSON)], "{}").await.refuses(401, "unauthorized");
    }
    assert_eq!(stage.mock.counters().violations.token_sent_to_another_site, 12);
}

#[tokio::test]
async fn forged_and_altered_tokens_are_refused() {
    let stage = Stage::new().await;
    for (site, path, token) in tokens(&stage).await {
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        let mut claims = super::claims(&token);
        claims["jti"] = json!("another");
        let mut forged = Header::new(jsonwebtoken::Algorithm::HS256);
        forged.kid = jsonwebtoken::decode_header(&token).unwrap().kid;
        let forged = jsonwebtoken::encode(&forged, &claims, &EncodingKey::from_secret(b"guess")).unwrap();
        let unissued = stage.mock.world.state().authority(site).unwrap().sign(&claims);
        claims["iss"] = json!("https://evil.example");
        let foreign = stage.mock.world.state().authority(site).unwrap().sign(&claims);
        for bad in [
            "nonsense".to_owned(),
            format!("{header}.{payload}."),
            format!("{header}.{payload}.{flipped}{}", &signature[1..]),
            forged,
            foreign,
            unissued,
        ] {
            api(&stage, site, path, &bad).await.refuses(401, "invalid_token");
        }
        let twice = [("authorization", super::bearer(&token)), ("authorization", super::bearer(&token))];
        let twice: Vec<_> = twice.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(stage.send(Method::POST, path, &twice, "").await.status, 401);
    }
}

#[tokio::test]
async fn tokens_verify_against_the_published_keys() {
    let stage = Stage::new().await;
    for (site, _, token) in tokens(&stage).await {
        let configuration = format!("/{site}/.well-known/openid-configuration");
        let configuration = stage.get(&configuration, "").await.json();
        let set = stage.get(text(&configuration, "jwks_uri"), "").await;
        assert!(!set.body.contains("\"d\""), "the private key is published");
        let set: JwkSet = serde_json::from_str(&set.body).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        let key = DecodingKey::from_jwk(set.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.validate_aud = false;
        validation.set_issuer(&[text(&configuration, "issuer")]);
        jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap();
    }
    assert_eq!(keys::SIMACAN.algorithm, jsonwebtoken::Algorithm::ES256);
}

#[tokio::test]
async fn the_journal_names_tokens_but_holds_no_secret() {
    let stage = Stage::new().await;
    let all = tokens(&stage).await;
    for (site, path, token) in &all {
        api(&stage, *site, path, token).await;
    }
    stage.get("/echo/anything?state=s3cret&x=1&code=s3cret", &all[0].2).await;
    stage.get(TRIPS, "who-knows").await;
    stage.get("/nowhere", "").await;

    let journal = stage.get("/__mock/journal", "").await;
    for (_, _, token) in &all {
        assert!(!journal.body.contains(token.as_str()));
    }
    for secret in ["s3cret", "truck", "sun+%26", "demo-second"] {
        assert!(!journal.body.contains(secret), "{secret}");
    }
    let entries = stage.mock.journal();
    assert_eq!(journal.json()["total"], entries.len());
    let last: Vec<_> = entries.iter().rev().take(4).map(|entry| (entry.token.as_deref(), entry.status)).collect();
    assert_eq!(
        last,
        [
            (None, Some(404)),
            (Some("unknown"), Some(401)),
            (Some("lavanda/access-1"), Some(200)),
            (Some("gridshare/access-1"), Some(200)),
        ]
    );
    let echo = entries.iter().find(|entry| entry.site == Some(Site::Echo)).unwrap();
    assert_eq!((echo.query.as_str(), echo.path.as_str()), ("state=*&x=1&code=*", "/echo/anything"));
    assert!(entries.windows(2).all(|pair| pair[0].seq < pair[1].seq));
}

#[tokio::test]
async fn the_journal_and_the_counters_keep_within_bounds() {
    let stage = Stage::new().await;
    for _ in 0..JOURNAL_LENGTH + 5 {
        stage.get("/echo/empty", "").await;
    }
    assert_eq!(stage.mock.journal().len(), JOURNAL_LENGTH);
    let counters = stage.get("/__mock/counters", "").await.json();
    assert_eq!((&counters["requests"], &counters["connections"]), (&json!(JOURNAL_LENGTH + 5), &json!(1)));

    let requests = (0..8).map(|_| stage.get("/echo/delay/60", ""));
    futures_util::future::join_all(requests).await;
    assert_eq!(stage.mock.counters().max_in_flight, 8);

    assert_eq!(stage.post("/__mock/reset", JSON, "").await.status, 204);
    assert_eq!(stage.mock.counters().requests, 0);
    assert!(stage.mock.journal().is_empty());
}

#[tokio::test]
async fn a_reset_forgets_tokens_and_data() {
    let stage = Stage::new().await;
    let tokens = simacan::tokens(&stage, "default").await;
    let access = text(&tokens, "access_token");
    assert_eq!(stage.call(Method::DELETE, &format!("{TRIPS}/T-1001"), access, &json!({})).await.status, 204);
    stage.mock.reset();
    stage.get(TRIPS, access).await.refuses(401, "invalid_token");
    simacan::refresh(&stage, text(&tokens, "refresh_token")).await.refuses(401, "invalid_grant");
    let again = simacan::tokens(&stage, "default").await;
    // The seed makes the second life like the first.
    assert_eq!(again["refresh_token"], tokens["refresh_token"]);
    assert_eq!(stage.get(&format!("{TRIPS}/T-1001"), text(&again, "access_token")).await.status, 200);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let stage = Stage::new().await;
    let large = "x".repeat(2 * 1024 * 1024);
    let answer = stage.post("/lavanda/v1/oauth2/token", JSON, &large).await;
    assert_eq!((answer.status, answer.header("connection")), (413, "close"));
    let echoed = stage.post("/echo/anything", "text/plain", &large).await;
    assert_eq!(echoed.json()["size"], 2 * 1024 * 1024);
}

#[tokio::test]
async fn a_stopped_mock_ends_what_is_under_way_first() {
    let stage = Stage::new().await;
    let url = format!("{}/echo/delay/150", stage.mock.base());
    let slow = tokio::spawn(stage.client.get(url.clone()).send());
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    stage.mock.stop().await;
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
    assert!(stage.client.get(url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_taken_port_is_an_error_and_odd_paths_are_not() {
    let stage = Stage::new().await;
    let options = MockOptions { port: stage.mock.address().port(), seed: None };
    assert!(Mock::start(options).await.is_err());
    for path in
        ["/lavanda", "/lavanda/", "/simacan//auth", "/cognito/%ff%2", "/echo/../x", "/%", "/__mock/x", "/__mock"]
    {
        let answer = stage.get(path, "").await;
        assert!(answer.status == 404, "{path}: {}", answer.status);
    }
    let index = stage.get("/", "").await;
    assert_eq!(index.json()["sites"].as_array().unwrap().len(), 5);
    let facts = stage.get("/__mock/facts", "").await.json();
    assert_eq!(facts[2]["base"], format!("{}/simacan/api/v1", stage.mock.base()));
    assert_eq!(stage.post("/__mock/advance?seconds=x", JSON, "").await.status, 400);
    assert_eq!(stage.post("/__mock/advance?seconds=99999999999999", JSON, "").await.status, 200);
    assert_eq!(stage.post("/__mock/counters", JSON, "").await.status, 405);
}

/// Measures, and asserts only what a loaded machine keeps as well.
#[tokio::test]
async fn starting_and_answering_are_quick() {
    let began = Instant::now();
    let stage = Stage::new().await;
    let token = cognito::token(&stage, "default").await;
    assert!(began.elapsed().as_millis() < 1500);
    let began = Instant::now();
    for _ in 0..500 {
        assert_eq!(stage.get("/cognito/api/items/item-1", &token).await.status, 200);
    }
    assert!(began.elapsed().as_millis() < 5000);
}
