//! Sessions that outlive the broker which asked for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::server::{Answer, Asked, Server};
use crate::auth::store::{Keeping, SessionOrigin, Store, StoredSession};
use crate::auth::{Broker, Identity, Origin};
use crate::secret::Secret;

const LIMIT: Duration = Duration::from_secs(5);

/// A provider whose refresh tokens rotate; its login takes a person where `flow` says so.
fn desk(url: &str, flow: &str) -> Desk {
    let yaml = format!(
        r#"
provider: acme
flow: {flow}
environments: {{ stg: {{ base: "{url}" }} }}
refresh:
  post: "{{{{ base }}}}/refresh"
  fields: {{ refresh_token: "{{{{ refresh_token }}}}" }}
  rotates: true
  rejected: 401
"#
    );
    Desk::of(&yaml).set("ACME_STG_USERNAME", "u").set("ACME_STG_PASSWORD", "hunter22").set("ACME_STG_CLIENT_ID", "c")
}

/// Logs in by itself.
fn unattended(url: &str) -> Desk {
    desk(
        url,
        r#"password
login: { post: "{{ base }}/login", fields: { username: "{{ username }}", password: "{{ password }}" } }"#,
    )
}

/// Logs in with a person, and there is none.
fn attended(url: &str) -> Desk {
    desk(
        url,
        r#"device_code
device: { post: "{{ base }}/device" }
login: { post: "{{ base }}/login", client_auth: none }"#,
    )
}

fn tokens(name: &str) -> Answer {
    let body = format!(r#"{{"access_token":"access-{name}","refresh_token":"refresh-{name}","expires_in":3600}}"#);
    Answer::json(200, &body)
}

/// Each login and each refresh gets other tokens; a refresh token that was used is refused.
fn strict() -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    let (serial, used) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    move |asked| {
        let n = serial.fetch_add(1, Ordering::SeqCst);
        if asked.path == "/refresh" {
            let mut used = used.lock().expect("no panic");
            if used.contains(&asked.body) {
                return Answer::json(401, r#"{"error":"invalid_grant"}"#);
            }
            used.push(asked.body.clone());
        }
        tokens(&n.to_string()).after(10)
    }
}

struct Shelf {
    _folder: tempfile::TempDir,
    store: Store,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { store: Store::at(folder.path().join("tokens")), _folder: folder }
    }

    /// What another process would start with.
    fn broker(&self, desk: &Desk) -> Broker {
        // A store of its own, with nothing in memory.
        desk.broker().keeping(Keeping::All(Store::at(self.store.folder())))
    }

    fn read(&self, identity: &Identity) -> Option<StoredSession> {
        self.store.read(&self.store.name(identity).expect("a name")).expect("a session")
    }

    /// A session that has ended, as it is found.
    async fn put(&self, identity: &Identity, change: impl FnOnce(&mut StoredSession)) {
        let ago = |seconds| Timestamp::now() - SignedDuration::from_secs(seconds);
        let mut session = StoredSession::new(identity, SessionOrigin::Login);
        session.issued_at = ago(3600);
        session.expires_at = Some(ago(1));
        session.access_token = Some(Secret::new("access-old"));
        session.refresh_token = Some(Secret::new("refresh-old"));
        change(&mut session);
        let name = self.store.name(identity).expect("a name");
        self.store.put(&name, &session, LIMIT).await.expect("it can be written");
    }
}

fn paths(server: &Server) -> Vec<String> {
    server.asked().into_iter().map(|asked| asked.path).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brokers_that_know_nothing_of_each_other_refresh_once() {
    let server = Server::start(strict()).await;
    let desk = unattended(&server.url);
    let (shelf, identity) = (Shelf::new(), desk.identity());
    shelf.put(&identity, |_| ()).await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let broker = shelf.broker(&desk);
        for _ in 0..25 {
            let (broker, identity) = (broker.clone(), identity.clone());
            tasks.push(tokio::spawn(async move { broker.acquire(&identity, false).await.expect("a token") }));
        }
    }
    let mut refreshed = 0;
    for task in tasks {
        let grant = task.await.expect("no panic");
        assert_eq!(grant.token.access().expose(), "access-0");
        refreshed += usize::from(grant.origin == Origin::Refreshed);
    }
    assert_eq!((paths(&server), refreshed), (vec!["/refresh".to_owned()], 1));
    let session = shelf.read(&identity).expect("kept");
    assert_eq!(session.refresh_token.expect("one").expose(), "refresh-0");
    assert_eq!((session.origin, session.in_use_since), (SessionOrigin::Refresh, None));
    assert_eq!(&*session.issuer, format!("{}/login", server.url));
}

#[tokio::test]
async fn the_successor_is_on_disk_before_the_token_is_handed_out() {
    let shelf = Shelf::new();
    let seen = Arc::new(Mutex::new(None::<(Store, Arc<Identity>)>));
    let (marked, look) = (Arc::new(AtomicUsize::new(0)), seen.clone());
    let count = marked.clone();
    let server = Server::start(move |_| {
        // The request is here: its refresh token must be marked by now.
        if let Some((store, identity)) = &*look.lock().expect("no panic") {
            let session = store.read(&store.name(identity).expect("a name")).expect("a session").expect("kept");
            count.fetch_add(usize::from(session.in_use_since.is_some()), Ordering::SeqCst);
        }
        tokens("new")
    })
    .await;
    let desk = unattended(&server.url);
    let identity = desk.identity();
    shelf.put(&identity, |_| ()).await;
    *seen.lock().expect("no panic") = Some((shelf.store.clone(), identity.clone()));
    let grant = shelf.broker(&desk).acquire(&identity, false).await.expect("a token");
    assert_eq!((marked.load(Ordering::SeqCst), grant.origin), (1, Origin::Refreshed));
    let session = shelf.read(&identity).expect("kept");
    assert_eq!(session.refresh_token.expect("one").expose(), "refresh-new");
    assert!(session.in_use_since.is_none());
}

#[tokio::test]
async fn a_marked_refresh_token_is_left_alone_where_a_login_takes_no_person() {
    let server = Server::start(strict()).await;
    let desk = unattended(&server.url);
    let (shelf, identity) = (Shelf::new(), desk.identity());
    shelf.put(&identity, |session| session.in_use_since = Some(Timestamp::now())).await;
    shelf.broker(&desk).acquire(&identity, false).await.expect("a token");
    assert_eq!(paths(&server), ["/login"]);
}

#[tokio::test]
async fn a_marked_refresh_token_is_tried_once_where_a_login_takes_a_person() {
    let server = Server::start(strict()).await;
    let desk = attended(&server.url);
    let (shelf, identity) = (Shelf::new(), desk.identity());
    let mark = |session: &mut StoredSession| session.in_use_since = Some(Timestamp::now());
    shelf.put(&identity, mark).await;
    let grant = shelf.broker(&desk).acquire(&identity, false).await.expect("it was not spent");
    assert_eq!(grant.origin, Origin::Refreshed);
    // Now it is, and the one who has spent it has died.
    shelf.put(&identity, mark).await;
    for _ in 0..2 {
        let error = shelf.broker(&desk).acquire(&identity, false).await.expect_err("there is no person");
        assert_eq!(error.id(), "auth.person", "{error}");
    }
    assert_eq!(paths(&server), ["/refresh", "/refresh"]);
    assert!(shelf.read(&identity).is_none(), "nothing of it is of use");
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_does_not_bring_the_old_refresh_token_back() {
    for answer in [r#"{"refresh_token":"new"}"#, r"{", "[]"] {
        let server = Server::start(move |asked| match &*asked.path {
            "/refresh" => Answer::json(200, answer),
            _ => tokens("again"),
        })
        .await;
        let desk = unattended(&server.url);
        let (shelf, identity) = (Shelf::new(), desk.identity());
        shelf.put(&identity, |_| ()).await;
        shelf.broker(&desk).acquire(&identity, false).await.expect_err("no token");
        assert!(shelf.read(&identity).expect("kept").in_use_since.is_some());
        // Neither this process nor the next sends it again.
        let grant = shelf.broker(&desk).acquire(&identity, false).await.expect("a token");
        assert_eq!((grant.token.access().expose(), paths(&server).len()), ("access-again", 2));
    }
}

#[tokio::test]
async fn a_gateway_that_gave_up_may_have_passed_the_refresh_token_on() {
    for (status, asked) in [(502, vec!["/refresh", "/login"]), (503, vec!["/refresh", "/refresh"])] {
        let serial = AtomicUsize::new(0);
        let server = Server::start(move |_| match serial.fetch_add(1, Ordering::SeqCst) {
            0 => Answer::json(status, "{}"),
            _ => tokens("again"),
        })
        .await;
        let desk = unattended(&server.url);
        let (shelf, identity) = (Shelf::new(), desk.identity());
        shelf.put(&identity, |_| ()).await;
        shelf.broker(&desk).acquire(&identity, false).await.expect_err("no token");
        shelf.broker(&desk).acquire(&identity, false).await.expect("a token");
        assert_eq!(paths(&server), asked, "{status}");
    }
}

#[tokio::test]
async fn what_somebody_without_the_lock_has_rotated_is_adopted() {
    let faster = Arc::new(Mutex::new(None));
    let look = faster.clone();
    let server = Server::start(move |_| {
        // Another machine was faster, on a disk that knows no locks.
        if let Some((path, text)) = look.lock().expect("no panic").take() {
            let (path, text): (std::path::PathBuf, Vec<u8>) = (path, text);
            std::fs::write(path, text).expect("written");
        }
        Answer::json(401, r#"{"error":"invalid_grant"}"#)
    })
    .await;
    let desk = unattended(&server.url);
    let (shelf, identity) = (Shelf::new(), desk.identity());
    let path = shelf.store.path(&shelf.store.name(&identity).expect("a name"));
    shelf
        .put(&identity, |session| {
            session.expires_at = None;
            session.access_token = Some(Secret::new("access-faster"));
            session.refresh_token = Some(Secret::new("refresh-faster"));
        })
        .await;
    let text = std::fs::read(&path).expect("written");
    shelf.put(&identity, |_| ()).await;
    *faster.lock().expect("no panic") = Some((path, text));
    let grant = shelf.broker(&desk).acquire(&identity, false).await.expect("a token");
    assert_eq!((grant.token.access().expose(), grant.origin), ("access-faster", Origin::Stored { left: None }));
    assert_eq!(paths(&server), ["/refresh"]);
}

#[tokio::test]
async fn a_session_that_has_gone_is_had_again() {
    let server = Server::start(strict()).await;
    let desk = unattended(&server.url);
    let (shelf, identity) = (Shelf::new(), desk.identity());
    let broker = shelf.broker(&desk);
    let first = broker.acquire(&identity, false).await.expect("a token");
    let name = shelf.store.name(&identity).expect("a name");
    assert!(shelf.store.remove(&name, LIMIT).await.expect("removed"));
    assert!(!shelf.store.remove(&name, LIMIT).await.expect("removed"));
    // Who ends a session wants it ended: its refresh token is not sent.
    broker.renew(&identity, &first).await.expect("a token").expect("renewable");
    assert_eq!(paths(&server), ["/login", "/login"]);
}

#[tokio::test]
async fn a_token_that_lives_stands_in_where_its_renewal_fails_for_now() {
    let serial = AtomicUsize::new(0);
    let server = Server::start(move |_| match serial.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::json(200, r#"{"access_token":"access-0","refresh_token":"r-0","expires_in":2}"#),
        _ => Answer::json(503, "{}"),
    })
    .await;
    let desk = unattended(&server.url);
    let (broker, identity) = (desk.broker().with_memory(Duration::ZERO), desk.identity());
    let first = broker.acquire(&identity, false).await.expect("a token");
    // A tenth of its life before the end it is time to renew it.
    tokio::time::sleep(Duration::from_millis(1850)).await;
    for _ in 0..2 {
        let kept = broker.keep(&identity, &first).await.expect("it lives");
        assert_eq!(kept.token.access().expose(), "access-0");
    }
    assert_eq!(server.count(), 3, "each has tried");
    tokio::time::sleep(Duration::from_millis(200)).await;
    broker.keep(&identity, &first).await.expect_err("it lives no more");
}

#[tokio::test]
async fn sessions_are_listed_read_put_and_removed() {
    let desk = unattended("https://acme.test");
    let (shelf, identity) = (Shelf::new(), desk.identity());
    assert!(shelf.store.list().expect("no folder is an empty one").is_empty());
    shelf
        .put(&identity, |session| {
            session.origin = SessionOrigin::Import;
            session.expires_in = Some(Duration::from_millis(1500));
            session.granted_scope = Some("a b".into());
            session.bound.insert("dpop".into(), Secret::new("a key"));
        })
        .await;
    std::fs::write(shelf.store.folder().join("acme.stg.other.0.json"), "nothing").expect("written");
    let listed = shelf.store.list().expect("a list");
    let [(name, session), (_, damaged)] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(*name, shelf.store.name(&identity).expect("a name"));
    let session = session.as_ref().expect("a session");
    assert_eq!((&*session.provider, &*session.environment, &*session.persona), ("acme", "stg", "default"));
    assert_eq!((session.origin, session.expires_in), (SessionOrigin::Import, Some(Duration::from_millis(1500))));
    assert_eq!(session.bound.get("dpop").map(Secret::expose), Some("a key"));
    assert_eq!(session.left(Timestamp::now()), Some(Duration::ZERO));
    assert!(!format!("{session:?}").contains("refresh-old"));
    assert!(damaged.as_ref().expect_err("damaged").is_unreadable());
}

#[tokio::test]
async fn a_lock_is_waited_for_only_so_long() {
    let desk = unattended("https://acme.test");
    let (shelf, identity) = (Shelf::new(), desk.identity());
    let name = shelf.store.name(&identity).expect("a name");
    let held = shelf.store.lock(&name, LIMIT, || (), || false).await.expect("free");
    let mut told = 0;
    let busy = shelf.store.lock(&name, Duration::from_millis(1200), || told += 1, || false).await.expect_err("held");
    assert!(busy.to_string().starts_with("another callsheet has locked"), "{busy}");
    assert_eq!(told, 1);
    shelf.store.lock(&name, LIMIT, || (), || true).await.expect_err("nobody waits any more");
    drop(held);
    shelf.store.lock(&name, LIMIT, || (), || false).await.expect("free again");
}
