//! A process that dies between any two of its writes loses no session: the next run finds a store that it can read, and
//! goes on by itself.

use callsheet::mock::Site;

use crate::room::Room;
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
