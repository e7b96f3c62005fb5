//! One login for all processes, one renewal for all processes.

use std::time::Duration;

use callsheet::mock::{Fault, FaultKind, Site};

use crate::room::{PROVIDERS, Room, wait};

#[test]
fn eight_processes_of_two_hundred_scenarios_make_one_login() {
    for (site, _) in PROVIDERS {
        let room = Room::of(site, 200);
        room.at_once(8);
        assert_eq!(room.token_requests(), 1, "{}: {:?}", site.name(), room.stage.mock.counters());
        room.nothing_was_violated();
        // And those that come later make none.
        room.run().exits(0).says("from the token store");
        assert_eq!(room.token_requests(), 1, "{}", site.name());
    }
}

#[test]
fn eight_processes_renew_an_expired_session_once() {
    for site in [Site::Simacan, Site::Gridshare] {
        let room = Room::of(site, 200);
        room.run().exits(0);
        for round in 1..=3 {
            room.expire();
            room.at_once(8);
            assert_eq!((room.refreshes(), room.logins()), (round, 1), "{}", site.name());
        }
        room.nothing_was_violated();
    }
}

#[test]
fn eight_processes_renew_a_rejected_session_once() {
    let room = Room::of(Site::Simacan, 50);
    room.run().exits(0);
    // The session says that it lives; the service knows better.
    room.stage.mock.expire_tokens(Site::Simacan);
    room.at_once(8);
    assert_eq!((room.refreshes(), room.logins()), (1, 1));
    room.nothing_was_violated();
}

#[test]
fn eight_processes_whose_session_is_revoked_make_one_login() {
    let room = Room::of(Site::Simacan, 50);
    room.run().exits(0);
    room.stage.mock.revoke_refresh_tokens(Site::Simacan);
    room.expire();
    room.at_once(8);
    assert_eq!((room.refreshes(), room.logins()), (0, 2), "{:?}", room.stage.mock.counters());
}

#[test]
fn a_wait_for_another_process_is_told() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    room.expire();
    let lock = std::fs::File::open(room.file().with_extension("lock")).expect("the lock file is there");
    lock.lock().expect("it can be locked");
    std::thread::scope(|scope| {
        let run = scope.spawn(|| room.run());
        std::thread::sleep(Duration::from_millis(1800));
        assert_eq!(room.refreshes(), 0, "it waits");
        lock.unlock().expect("it can be unlocked");
        let outcome = run.join().expect("no panic");
        outcome.exits(0).says("warning[store.waiting]: waiting for another callsheet to log in to simacan (test) …");
    });
    assert_eq!(room.refreshes(), 1);
}

#[cfg(unix)]
#[test]
fn a_process_that_dies_while_it_logs_in_keeps_nobody_waiting() {
    let room = Room::of(Site::Simacan, 5);
    room.stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Slow(Duration::from_secs(20))).path("/api/v1/auth"));
    let mut first = room.stage.project.start(&["run", "-q"]);
    wait(|| room.token_requests() == 1 || !room.stage.mock.journal().is_empty() || !room.files(".lock").is_empty());
    std::thread::sleep(Duration::from_millis(300));
    room.stage.mock.clear_faults();
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    let since = std::time::Instant::now();
    room.at_once(4);
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    room.nothing_was_violated();
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_still_keeps_the_token_that_it_asked_for() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    let before = room.session()["refresh_token"].clone();
    room.expire();
    room.stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Slow(Duration::from_secs(2))).path("/api/v1/auth"));
    let mut run = room.stage.project.start(&["run", "-q"]);
    wait(|| room.session().get("in_use_since").is_some());
    std::thread::sleep(Duration::from_millis(300));
    let sent = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(sent.expect("`kill` starts").success());
    assert_eq!(run.wait().expect("it ends").code(), Some(130));
    let after = room.session();
    assert!(after.get("in_use_since").is_none() && after["refresh_token"] != before, "the successor is on disk");
    room.stage.mock.clear_faults();
    room.run().exits(0).says("from the token store");
    assert_eq!((room.refreshes(), room.logins()), (1, 1));
    room.nothing_was_violated();
}
