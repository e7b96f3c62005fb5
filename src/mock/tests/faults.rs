use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{FAULT_HEADER, Fault, FaultKind, RetryAfter, Site};
use super::simacan::{self, TRIPS};
use super::{Answered, JSON, Stage, bearer, claims, cognito, lavanda, text};

/// Sends a request over a connection of its own, to see what really came over it.
async fn raw(stage: &Stage, path: &str, fault: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(stage.mock.address()).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{FAULT_HEADER}: {fault}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

async fn with_fault(stage: &Stage, path: &str, token: &str, fault: &str) -> Answered {
    stage.send(Method::GET, path, &[("authorization", &bearer(token)), (FAULT_HEADER, fault)], "").await
}

#[tokio::test]
async fn a_status_comes_as_often_as_asked_for() {
    let stage = Stage::new().await;
    let fault = |status| Fault::new(Site::Echo, FaultKind::Status(status, None)).method("get").path("/anything");
    stage.mock.inject(fault(503).times(2));
    stage.mock.inject(Fault { kind: FaultKind::Status(429, Some(RetryAfter::Seconds(7))), ..fault(429) });
    stage.mock.inject(Fault { kind: FaultKind::Status(429, Some(RetryAfter::Date(90))), ..fault(429) });
    assert_eq!(stage.post("/echo/anything", JSON, "{}").await.status, 200);
    assert_eq!(stage.get("/echo/text", "").await.status, 200);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let answer = stage.get("/echo/anything/x", "").await;
        statuses.push((answer.status, answer.header("retry-after").to_owned()));
    }
    assert_eq!((statuses[0].0, statuses[1].0, &statuses[2]), (503, 503, &(429, "7".to_owned())));
    assert_eq!(statuses[3].0, 429);
    let date = jiff::fmt::rfc2822::parse(&statuses[3].1).unwrap().timestamp();
    assert!((85..=90).contains(&(date.as_second() - jiff::Timestamp::now().as_second())));
    assert_eq!(statuses[4].0, 200);
    assert_eq!(stage.mock.counters().sites[&Site::Echo].faults, 4);

    stage.mock.inject(fault(500).always());
    for _ in 0..3 {
        assert_eq!(stage.get("/echo/anything", "").await.status, 500);
    }
    stage.mock.clear_faults();
    assert_eq!(stage.get("/echo/anything", "").await.status, 200);
}

#[tokio::test]
async fn the_header_asks_for_a_fault_of_this_request_only() {
    let stage = Stage::new().await;
    let answer = with_fault(&stage, "/echo/text", "", "status=503, retry-after=2").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
    assert_eq!(stage.get("/echo/text", "").await.status, 200);
    let html = with_fault(&stage, "/echo/json/2", "", "html").await;
    assert_eq!((html.status, html.header("content-type")), (200, "text/html; charset=utf-8"));
    let malformed = with_fault(&stage, "/echo/json/2", "", "malformed").await;
    assert_eq!((malformed.status, malformed.header("content-type")), (200, JSON));
    assert!(serde_json::from_str::<Value>(&malformed.body).is_err());
    assert_eq!(with_fault(&stage, "/echo/status/204", "", "malformed").await.status, 200);
    for nonsense in ["explode", "status=abc", "status=100", "slow", "status=1000"] {
        let refused = with_fault(&stage, "/echo/text", "", nonsense).await;
        assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("no_such_fault")), "{nonsense}");
    }
}

#[tokio::test]
async fn slow_answers_come_late_or_in_pieces() {
    let stage = Stage::new().await;
    let began = Instant::now();
    assert_eq!(with_fault(&stage, "/echo/text", "", "slow=120").await.body, "one\ntwo\nthree\n");
    assert!(began.elapsed() >= Duration::from_millis(120));
    let began = Instant::now();
    let answer = with_fault(&stage, "/echo/text", "", "slow-chunks=10").await;
    assert_eq!((answer.body.as_str(), answer.header("content-length")), ("one\ntwo\nthree\n", "14"));
    assert!(began.elapsed() >= Duration::from_millis(130));
    stage.mock.inject(Fault::new(Site::Echo, FaultKind::Slow(Duration::from_secs(9))));
    let url = format!("{}/echo/text", stage.mock.base());
    let timed_out = stage.client.get(url).timeout(Duration::from_millis(50)).send().await;
    assert!(timed_out.unwrap_err().is_timeout());
    // Even who went away enters the journal, without a status.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let entry = stage.mock.journal().pop().unwrap();
    assert_eq!((entry.status, entry.fault.as_deref()), (None, Some("slow")));
    assert_eq!(stage.mock.counters().in_flight, 0);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_truncated_answer_is_cut_off() {
    let stage = Stage::new().await;
    let reset = raw(&stage, "/echo/text", "reset").await.unwrap_err();
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(stage.mock.journal()[0].fault.as_deref(), Some("reset"));

    let truncated = raw(&stage, "/echo/text", "truncated").await.unwrap();
    let (head, body) = truncated.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 14"), "{head}");
    assert_eq!(body, "one\ntwo");
    let url = format!("{}/echo/text", stage.mock.base());
    let answer = stage.client.get(url).header(FAULT_HEADER, "truncated").send().await.unwrap();
    assert!(answer.text().await.is_err());
}

#[tokio::test]
async fn faults_can_be_injected_over_http() {
    let stage = Stage::new().await;
    let inject = async |fault: Value| stage.post("/__mock/faults", JSON, &fault.to_string()).await;
    for invalid in [
        json!({}),
        json!({ "kind": "explode" }),
        json!({ "kind": "status" }),
        json!({ "kind": "status", "status": 100 }),
        json!({ "kind": "slow" }),
        json!({ "kind": "reset", "provider": "nobody" }),
        json!({ "kind": "reset", "tims": 2 }),
        json!({ "kind": "refresh_refused", "status": 500 }),
        json!({ "kind": "early_expiry", "expires_in": 1, "after_ms": 1 }),
        json!({ "kind": "reset", "ms": 5 }),
    ] {
        let refused = inject(invalid.clone()).await;
        assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_fault")), "{invalid}");
    }
    for fault in [
        json!({ "kind": "early_expiry", "expires_in": 60 }),
        json!({ "kind": "early_expiry", "after_ms": 60 }),
        json!({ "kind": "early_expiry" }),
        json!({ "kind": "refresh_refused", "status": 400 }),
        json!({ "kind": "status", "status": 429, "retry_after": 3, "retry_after_date": true }),
        json!({ "kind": "slow", "ms": 9, "per_chunk": true }),
        json!({ "kind": "malformed" }),
        json!({ "kind": "truncated" }),
        json!({ "kind": "html", "status": 502 }),
    ] {
        let mut whole = fault;
        whole["provider"] = json!("lavanda");
        whole["method"] = json!("POST");
        whole["path"] = json!("/v1");
        whole["times"] = json!(2);
        let shown = inject(whole.clone()).await;
        assert_eq!((shown.status, shown.json()), (201, whole));
    }
    assert_eq!(stage.send(Method::DELETE, "/__mock/faults", &[], "").await.status, 204);
    let always = json!({ "kind": "status", "provider": "echo", "status": 502, "times": null });
    assert_eq!(inject(always).await.status, 201);
    assert_eq!(inject(json!({ "kind": "html", "method": "POST" })).await.status, 201);
    assert_eq!(stage.get("/echo/text", "").await.status, 502);
    assert_eq!(stage.get("/echo/text", "").await.status, 502);
    assert_eq!(stage.get("/__mock/faults", "").await.json()["faults"].as_array().unwrap().len(), 2);
    assert_eq!(stage.send(Method::DELETE, "/__mock/faults", &[], "").await.status, 204);
    assert_eq!(stage.get("/echo/text", "").await.status, 200);
}

#[tokio::test]
async fn tokens_can_expire_early_in_every_way() {
    let stage = Stage::new().await;
    let first = cognito::token(&stage, "default").await;
    let items = "/cognito/api/items";
    stage.mock.inject(Fault::new(Site::Cognito, FaultKind::EarlyExpiry));
    let refused = stage.get(items, &first).await;
    refused.refuses(401, "invalid_token");
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    stage.get(items, &first).await.refuses(401, "invalid_token");
    let second = cognito::token(&stage, "default").await;
    assert_eq!(stage.get(items, &second).await.status, 200);

    stage.mock.inject(Fault::new(Site::Cognito, FaultKind::SecretlyShortLife(Duration::from_secs(5))));
    let third = cognito::token(&stage, "default").await;
    let third_claims = claims(&third);
    assert_eq!(third_claims["exp"].as_i64().unwrap() - third_claims["iat"].as_i64().unwrap(), 3600);
    stage.mock.advance(Duration::from_secs(6));
    stage.get(items, &third).await.refuses(401, "invalid_token");
    assert_eq!(stage.get(items, &second).await.status, 200);

    stage.mock.inject(Fault::new(Site::Lavanda, FaultKind::ShortLife(30)));
    let short = claims(&lavanda::token(&stage, "default").await);
    assert_eq!(short["exp"].as_i64().unwrap() - short["iat"].as_i64().unwrap(), 30);

    stage.mock.advance(Duration::from_hours(1));
    stage.get(items, &second).await.refuses(401, "invalid_token");
}

#[tokio::test]
async fn the_header_early_expiry_lets_the_replay_through() {
    let stage = Stage::new().await;
    let tokens = simacan::tokens(&stage, "default").await;
    let first = text(&tokens, "access_token");
    with_fault(&stage, TRIPS, first, "early-expiry").await.refuses(401, "invalid_token");
    let second = simacan::refresh(&stage, text(&tokens, "refresh_token")).await.json();
    assert_eq!(with_fault(&stage, TRIPS, text(&second, "access_token"), "early-expiry").await.status, 200);

    let second = text(&second, "access_token");
    with_fault(&stage, TRIPS, second, "early-expiry=run-1").await.refuses(401, "invalid_token");
    let third = simacan::tokens(&stage, "default").await;
    let third = text(&third, "access_token");
    for _ in 0..2 {
        assert_eq!(with_fault(&stage, TRIPS, third, "early-expiry=run-1").await.status, 200);
    }
}

#[tokio::test]
async fn tokens_can_be_expired_and_revoked_over_http() {
    let stage = Stage::new().await;
    let planner = simacan::tokens(&stage, "planner").await;
    let auditor = simacan::tokens(&stage, "auditor").await;
    let expire = "/__mock/simacan/expire-tokens?of=planner@haulier.example";
    assert_eq!(stage.post(expire, JSON, "").await.json(), json!({ "expired": 1 }));
    stage.get(TRIPS, text(&planner, "access_token")).await.refuses(401, "invalid_token");
    assert_eq!(stage.get(TRIPS, text(&auditor, "access_token")).await.status, 200);
    assert_eq!(stage.post("/__mock/simacan/expire-tokens", JSON, "").await.json(), json!({ "expired": 1 }));

    assert_eq!(stage.post("/__mock/simacan/revoke-refresh", JSON, "").await.json(), json!({ "revoked": 2 }));
    simacan::refresh(&stage, text(&planner, "refresh_token")).await.refuses(401, "invalid_grant");
    assert_eq!(stage.post("/__mock/lavanda/revoke-refresh", JSON, "").await.status, 404);
    assert_eq!(stage.post("/__mock/echo/expire-tokens", JSON, "").await.status, 404);
    assert_eq!(stage.get("/__mock/simacan/expire-tokens", "").await.status, 405);
}
