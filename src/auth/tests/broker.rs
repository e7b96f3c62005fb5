//! One token for all, renewed without loss.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Desk;
use super::server::{Answer, Asked, Server};
use crate::auth::{Broker, Grant, Identity, Origin};

/// A provider in the manner of Simacan, with that `expires_in`.
fn rotating(url: &str) -> Desk {
    let yaml = format!(
        r#"
provider: acme
flow: password
environments: {{ stg: {{ base: "{url}" }} }}
login: {{ post: "{{{{ base }}}}/login", fields: {{ username: "{{{{ username }}}}", password: "{{{{ password }}}}" }} }}
refresh:
  post: "{{{{ base }}}}/refresh"
  fields: {{ refresh_token: "{{{{ refresh_token }}}}" }}
  rotates: true
  rejected: 401
"#
    );
    Desk::of(&yaml).set("ACME_STG_USERNAME", "u").set("ACME_STG_PASSWORD", "hunter22")
}

/// Answers with tokens that are numbered in the order they are issued.
fn issue() -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    let serial = AtomicUsize::new(0);
    move |_| {
        let n = serial.fetch_add(1, Ordering::SeqCst);
        Answer::json(
            200,
            &format!(r#"{{"access_token":"access-{n}","refresh_token":"refresh-{n}","expires_in":3600}}"#),
        )
        .after(20)
    }
}

fn paths(server: &Server) -> Vec<String> {
    server.asked().into_iter().map(|asked| asked.path).collect()
}

async fn all<T: Send + 'static>(count: usize, make: impl Fn() -> tokio::task::JoinHandle<T>) -> Vec<T> {
    let tasks: Vec<_> = (0..count).map(|_| make()).collect();
    let mut out = Vec::new();
    for task in tasks {
        out.push(task.await.expect("no panic"));
    }
    out
}

fn ask(broker: &Broker, identity: &Arc<Identity>, fresh: bool) -> tokio::task::JoinHandle<Grant> {
    let (broker, identity) = (broker.clone(), identity.clone());
    tokio::spawn(async move { broker.acquire(&identity, fresh).await.expect("a token") })
}

fn renew(broker: &Broker, identity: &Arc<Identity>, rejected: &Grant) -> tokio::task::JoinHandle<Grant> {
    let (broker, identity, rejected) = (broker.clone(), identity.clone(), rejected.clone());
    tokio::spawn(async move { broker.renew(&identity, &rejected).await.expect("a token").expect("renewable") })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_askers_make_one_request() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let grants = all(100, || ask(&broker, &identity, false)).await;
    assert_eq!(server.count(), 1);
    assert_eq!(grants.iter().filter(|grant| grant.origin == Origin::Fetched).count(), 1);
    assert!(grants.iter().all(|grant| grant.token.access().expose() == "access-0"));
    let again = broker.acquire(&identity, false).await.expect("cached");
    let Origin::Reused { left: Some(left) } = again.origin else { panic!("{:?}", again.origin) };
    assert!(left > Duration::from_secs(3500) && left <= Duration::from_hours(1), "{left:?}");
    assert!(again.exchange.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn personas_and_scopes_have_tokens_of_their_own() {
    let server = Server::start(issue()).await;
    let mut desk =
        rotating(&server.url).set("ACME_STG_PLANNER_USERNAME", "p").set("ACME_PLANNER_PASSWORD", "planner99");
    let broker = desk.broker();
    broker.acquire(&desk.identity(), false).await.expect("a token");
    desk.persona = "planner".into();
    broker.acquire(&desk.identity(), false).await.expect("a token");
    desk.scope = vec!["a".into()];
    broker.acquire(&desk.identity(), false).await.expect("a token");
    broker.acquire(&desk.identity(), false).await.expect("a token");
    assert_eq!(server.count(), 3);
    assert_eq!(server.asked()[1].body, "username=p&password=planner99");
    assert_eq!(
        desk.redactor.redact("access-0 access-1 refresh-1 hunter22 planner99"),
        "{{auth.acme.access_token}} {{auth.acme.planner.access_token}} {{auth.acme.planner.refresh_token}} \
         {{credentials.acme.password}} {{credentials.acme.planner.password}}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_rejections_make_one_refresh() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    let grants = all(100, || renew(&broker, &identity, &first)).await;
    assert_eq!(paths(&server), ["/login", "/refresh"]);
    assert_eq!(server.last().body, "refresh_token=refresh-0");
    assert_eq!(grants.iter().filter(|grant| grant.origin == Origin::Refreshed).count(), 1);
    assert!(grants.iter().all(|grant| grant.token.access().expose() == "access-1"));
    // One that comes late with the token of before takes the one that is there.
    let late = broker.renew(&identity, &first).await.expect("a token").expect("renewable");
    assert!(matches!(late.origin, Origin::Reused { .. }));
    assert_eq!(server.count(), 2);
    // The rotated token takes the place of the old one.
    broker.renew(&identity, &late).await.expect("a token").expect("renewable");
    assert_eq!(server.last().body, "refresh_token=refresh-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abandoned_renewal_goes_on_and_loses_no_rotated_token() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    let abandoned = renew(&broker, &identity, &first);
    while server.count() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    abandoned.abort();
    let next = broker.acquire(&identity, false).await.expect("a token");
    assert_eq!(next.token.access().expose(), "access-1");
    broker.renew(&identity, &next).await.expect("a token").expect("renewable");
    let bodies: Vec<String> = server.asked().into_iter().skip(1).map(|asked| asked.body).collect();
    assert_eq!(bodies, ["refresh_token=refresh-0", "refresh_token=refresh-1"]);
}

#[tokio::test]
async fn a_refused_refresh_leads_to_one_login() {
    let server = Server::start(|asked| match &*asked.path {
        "/login" => Answer::json(200, r#"{"access_token":"access","refresh_token":"refresh-x"}"#),
        _ => Answer::json(401, r#"{"error":"invalid_grant"}"#),
    })
    .await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    let grants = all(10, || renew(&broker, &identity, &first)).await;
    assert_eq!(paths(&server), ["/login", "/refresh", "/login"]);
    assert_eq!(grants.iter().filter(|grant| grant.origin == Origin::LoggedInAgain).count(), 1);
}

#[tokio::test]
async fn an_answer_without_a_new_refresh_token_keeps_the_old_one() {
    let server = Server::start(|asked| match &*asked.path {
        "/login" => Answer::json(200, r#"{"access_token":"access","refresh_token":"refresh-x"}"#),
        _ => Answer::json(200, r#"{"access_token":"access-new","expires_in":"3600"}"#),
    })
    .await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let mut grant = broker.acquire(&identity, false).await.expect("a token");
    for _ in 0..2 {
        grant = broker.renew(&identity, &grant).await.expect("a token").expect("renewable");
        grant.accept();
        assert_eq!(server.last().body, "refresh_token=refresh-x");
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_before_it_is_used() {
    let serial = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let n = serial.fetch_add(1, Ordering::SeqCst);
        let life = if n == 0 { "0.05" } else { "3600" };
        Answer::json(200, &format!(r#"{{"access_token":"access-{n}","refresh_token":"r-{n}","expires_in":{life}}}"#))
    })
    .await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    tokio::time::sleep(Duration::from_millis(60)).await;
    let next = broker.keep(&identity, &first).await.expect("a token");
    assert_eq!(next.origin, Origin::Refreshed);
    assert_eq!(paths(&server), ["/login", "/refresh"]);
}

#[tokio::test]
async fn fresh_tokens_are_no_one_elses() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let grants = all(5, || ask(&broker, &identity, true)).await;
    assert_eq!(server.count(), 5);
    assert!(grants.iter().all(|grant| grant.origin == Origin::Fetched));
    let shared = broker.acquire(&identity, false).await.expect("a token");
    assert_eq!((server.count(), shared.origin), (6, Origin::Fetched));
    // A later step has the scenario's own token, and renews it with its own refresh token.
    let kept = broker.keep(&identity, &grants[3]).await.expect("a token");
    assert_eq!(kept.token.access(), grants[3].token.access());
    broker.renew(&identity, &kept).await.expect("a token").expect("renewable");
    let own = kept.token.refresh().expect("one").expose().to_owned();
    assert_eq!(server.last().body, format!("refresh_token={own}"));
}

#[tokio::test]
async fn a_refusal_is_remembered_and_a_failure_that_may_pass_is_not() {
    let (refusing, down) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let server = Server::start(move |asked| {
        if asked.body.contains("wrong") {
            refusing.fetch_add(1, Ordering::SeqCst);
            return Answer::json(401, r#"{"error":"invalid_grant"}"#);
        }
        match down.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::json(503, "{}"),
            1 => Answer { hang_up: true, ..Answer::default() },
            _ => Answer::json(200, r#"{"access_token":"access"}"#),
        }
    })
    .await;
    let desk = rotating(&server.url).set("ACME_STG_PASSWORD", "wrong");
    let (broker, identity) = (desk.broker(), desk.identity());
    for fresh in [false, false, true] {
        let error = broker.acquire(&identity, fresh).await.expect_err("refused");
        assert_eq!((error.id(), error.is_unreachable()), ("auth.refused", false));
    }
    assert_eq!(server.count(), 1);
    let fresh = desk.broker();
    fresh.acquire(&identity, true).await.expect_err("refused");
    fresh.acquire(&identity, false).await.expect_err("remembered from the fresh one");
    assert_eq!(server.count(), 2);

    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker().with_memory(Duration::ZERO), desk.identity());
    let error = broker.acquire(&identity, false).await.expect_err("down");
    assert_eq!((error.id(), error.is_unreachable()), ("auth.unavailable", false));
    let error = broker.acquire(&identity, false).await.expect_err("hangs up");
    assert_eq!((error.id(), error.is_unreachable()), ("auth.unreachable", true));
    broker.acquire(&identity, false).await.expect("a token");

    let patient = Desk::broker(&rotating("http://127.0.0.1:1"));
    let identity = rotating("http://127.0.0.1:1").identity();
    let one = patient.acquire(&identity, false).await.expect_err("nobody there");
    let two = patient.acquire(&identity, false).await.expect_err("nobody there");
    assert!(Arc::ptr_eq(&one, &two), "those who were about to ask share the failure");
}

#[tokio::test]
async fn a_refresh_that_fails_on_the_way_is_no_refusal() {
    let serial = AtomicUsize::new(0);
    let server = Server::start(move |asked| match (&*asked.path, serial.fetch_add(1, Ordering::SeqCst)) {
        ("/login", n) => Answer::json(200, &format!(r#"{{"access_token":"a-{n}","refresh_token":"r-{n}"}}"#)),
        (_, 1) => Answer::json(503, "{}"),
        (_, 2) => Answer { hang_up: true, ..Answer::default() },
        _ => Answer::json(200, r#"{"access_token":"late"}"#),
    })
    .await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker().with_memory(Duration::ZERO), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    broker.renew(&identity, &first).await.expect_err("down");
    // It was not taken, so it may be sent again; whether this one was taken nobody knows, so it may not.
    broker.acquire(&identity, false).await.expect_err("hangs up");
    let next = broker.acquire(&identity, false).await.expect("a token");
    assert_eq!(next.origin, Origin::LoggedInAgain);
    assert_eq!(paths(&server), ["/login", "/refresh", "/refresh", "/login"]);
}

#[tokio::test]
async fn a_service_that_rejects_every_token_is_believed() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    for _ in 0..20 {
        let grant = broker.acquire(&identity, false).await.expect("a token");
        let _ = broker.renew(&identity, &grant).await.expect("no error");
    }
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn a_token_that_was_taken_late_makes_the_next_ones_worth_a_try() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    assert!(!first.is_shared());
    let mut grant = first.clone();
    for _ in 0..3 {
        grant = broker.renew(&identity, &grant).await.expect("no error").expect("renewable");
    }
    // The answer to another's request comes in only now, when its token has been replaced.
    first.accept();
    let other = broker.acquire(&identity, false).await.expect("a token");
    assert!(other.is_shared() && grant.is_shared(), "two have it");
    for _ in 0..3 {
        grant = broker.renew(&identity, &grant).await.expect("no error").expect("renewable");
    }
    assert!(broker.renew(&identity, &grant).await.expect("no error").is_none());
    assert_eq!(server.count(), 7);
}

#[tokio::test]
async fn a_cached_token_is_handed_out_in_no_time() {
    let server = Server::start(issue()).await;
    let desk = rotating(&server.url);
    let (broker, identity) = (desk.broker(), desk.identity());
    broker.acquire(&identity, false).await.expect("a token");
    let started = Instant::now();
    for _ in 0..10_000 {
        broker.acquire(&identity, false).await.expect("a token");
    }
    // Without optimisation it is about 3 µs each; the bound only catches what is far slower.
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_was_given_is_never_asked_for() {
    let desk = Desk::of("{ provider: acme, flow: bearer, environments: { stg: { api: 'https://api.acme.test' } } }")
        .set("ACME_TOKEN", "given-token");
    let (broker, identity) = (desk.broker(), desk.identity());
    let grant = broker.acquire(&identity, true).await.expect("a token");
    assert_eq!((grant.origin, identity.reauth_on(401)), (Origin::Static, false));
    assert!(broker.renew(&identity, &grant).await.expect("no error").is_none());
}
