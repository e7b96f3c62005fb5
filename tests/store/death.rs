//! A process that dies between any two of its writes loses no session: the next run finds a store that it can read, and
//! goes on by itself.

use callsheet::mock::{Fault, FaultKind, Site};

use crate::room::{Room, moment};
use crate::support::Outcome;

/// Where a write can be cut off.
const PLACES: [&str; 7] = ["begun", "created", "half-written", "written", "synced", "renamed", "done"];

/// A run that dies there.
fn dies(room: &Room, at: &str) -> Outcome {
    let outcome = room.stage.project.run_with(&["-q"], &[("CALLSHEET_TEST_ABORT_AT", at)]);
    assert_eq!(outcome.code, -1, "{at}: it was to die\n{}", outcome.all());
    outcome
}

/// The next run goes on by itself; the one after it makes no request for a token at all.
#[track_caller]
fn recovers(room: &Room, at: &str) {
    let outcome = room.run();
    assert_eq!(outcome.code, 0, "{at}: {}", outcome.all());
    outcome.lacks("warning");
    let before = room.token_requests();
    let outcome = room.run();
    assert_eq!(outcome.code, 0, "{at}: {}", outcome.all());
    outcome.says("from the token store");
    assert_eq!(room.token_requests(), before, "{at}");
    assert_eq!(room.files(".new").len(), 0, "{at}: nothing is left behind");
}

/// Every place of these writes, and those between them.
fn places(writes: &[&str], between: &[&str]) -> Vec<String> {
    let of_writes = writes.iter().flat_map(|write| PLACES.map(|place| format!("{write}:{place}")));
    of_writes.chain(between.iter().map(|&place| place.to_owned())).collect()
}

#[test]
fn a_first_login_that_is_cut_off_anywhere_is_made_again_or_found() {
    for at in places(&["key", "session"], &["login:begun"]) {
        let room = Room::of(Site::Lavanda, 1);
        dies(&room, &at);
        let asked = room.token_requests();
        recovers(&room, &at);
        // What had got its name was found.
        let kept = at == "session:renamed" || at == "session:done";
        assert_eq!(room.token_requests() - asked, u64::from(!kept), "{at}");
        room.nothing_was_violated();
    }
}

#[test]
fn a_refresh_that_rotates_is_never_sent_twice_wherever_it_is_cut_off() {
    for at in places(&["mark", "session"], &["refresh:begun", "refresh:answered"]) {
        let room = Room::of(Site::Simacan, 1);
        room.run().exits(0);
        room.expire();
        dies(&room, &at);
        let (refreshes, logins) = (room.refreshes(), room.logins());
        recovers(&room, &at);
        assert_eq!(room.stage.mock.counters().violations.rotated_refresh_token_reused, 0, "{at}");
        let more = (room.refreshes() - refreshes, room.logins() - logins);
        let expected = match &*at {
            // The mark is not there: the token is as good as new.
            "mark:begun" | "mark:created" | "mark:half-written" | "mark:written" | "mark:synced" => (1, 0),
            // The successor is there.
            "session:renamed" | "session:done" => (0, 0),
            // Whether it is spent nobody knows, and a login costs no person anything.
            _ => (0, 1),
        };
        assert_eq!(more, expected, "{at}");
    }
}

#[test]
fn a_refresh_that_does_not_rotate_needs_no_new_login_wherever_it_is_cut_off() {
    for at in places(&["session"], &["refresh:begun", "refresh:answered"]) {
        let room = Room::of(Site::Gridshare, 1);
        room.run().exits(0);
        room.expire();
        dies(&room, &at);
        recovers(&room, &at);
        assert_eq!(room.logins(), 1, "{at}: the session is the same");
        room.nothing_was_violated();
    }
}

#[test]
fn a_refused_refresh_that_is_cut_off_anywhere_ends_in_a_login() {
    for at in places(&["mark", "session"], &["refresh:answered", "login:begun"]) {
        let room = Room::of(Site::Simacan, 1);
        room.run().exits(0);
        room.stage.mock.revoke_refresh_tokens(Site::Simacan);
        room.expire();
        dies(&room, &at);
        recovers(&room, &at);
    }
}

/// Lets neither a refresh nor a login yield a token.
fn refuse_all(room: &Room) {
    room.stage.mock.revoke_refresh_tokens(Site::Simacan);
    room.stage
        .mock
        .inject(Fault::new(Site::Simacan, FaultKind::Status(401, None)).path("/api/v1/auth/password").always());
}

#[test]
fn a_session_that_nothing_renews_is_removed_or_left_alone_wherever_that_is_cut_off() {
    for at in places(&["mark"], &["refresh:begun", "refresh:answered", "login:begun", "remove:begun", "remove:removed"])
    {
        let room = Room::of(Site::Simacan, 1);
        room.run().exits(0);
        room.expire();
        refuse_all(&room);
        dies(&room, &at);
        room.run().exits(3).lacks("warning").says("error[auth.refused]");
        // Where the mark is on disk the refresh token may be spent: what is left of the session is only known not to be sent.
        match &*at {
            "mark:begun" | "mark:created" | "mark:half-written" | "mark:written" | "mark:synced" | "remove:removed" => {
                assert_eq!(room.files(".json").len(), 0, "{at}");
            }
            _ => assert!(room.session()["in_use_since"].is_string(), "{at}"),
        }
        assert_eq!(room.files(".new").len(), 0, "{at}");
        let refreshes = room.stage.token_requests(Site::Simacan, "refresh_token");
        room.stage.mock.clear_faults();
        recovers(&room, &at);
        assert_eq!(room.stage.token_requests(Site::Simacan, "refresh_token"), refreshes, "{at}");
    }
}

#[test]
fn a_refused_refresh_token_of_a_token_that_lives_is_not_sent_again_wherever_that_is_cut_off() {
    for at in places(&["leave"], &[]) {
        let room = Room::of(Site::Simacan, 1);
        room.run().exits(0);
        room.change(|session| {
            session["issued_at"] = moment(-3580).into();
            session["expires_at"] = moment(20).into();
        });
        refuse_all(&room);
        dies(&room, &at);
        let refreshes = room.stage.token_requests(Site::Simacan, "refresh_token");
        room.run().exits(3).lacks("warning").says("error[auth.refused]");
        assert_eq!(room.stage.token_requests(Site::Simacan, "refresh_token"), refreshes, "{at}: it was refused");
        assert!(room.session().get("access_token").is_some(), "{at}");
        room.stage.mock.clear_faults();
        recovers(&room, &at);
    }
}
