//! Files that are no sessions, clocks that are wrong, folders that cannot be written.

use std::fs;

use callsheet::mock::{Fault, FaultKind, Site};
use snapbox::{assert_data_eq, str};

use crate::room::{Room, moment};

#[test]
fn what_is_no_session_is_put_out_of_the_way() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    let whole = fs::read(room.file()).expect("a session");
    let other = String::from_utf8(whole.clone()).expect("text").replace("\"version\": 1", "\"version\": 99");
    let no_moment =
        String::from_utf8(whole.clone()).expect("text").replace("\"expires_at\": \"", "\"expires_at\": \"x");
    let damaged: [&[u8]; 7] =
        [b"", b"{", b"[]", b"\xff\xfe\0", &whole[..whole.len() / 2], other.as_bytes(), no_moment.as_bytes()];
    for (round, damaged) in (1..).zip(damaged) {
        fs::write(room.file(), damaged).expect("it can be written");
        room.run().exits(0).says("warning[store.unreadable]").says("and a new session is used");
        assert_eq!(room.logins(), 1 + round);
        assert_eq!(fs::read(room.file().with_extension("bad")).expect("set aside"), damaged);
        room.run().exits(0).says("from the token store").lacks("warning");
    }
    fs::write(room.file(), &other).expect("it can be written");
    let diagnostics = room.run().diagnostics().replace(&*room.file().file_stem().unwrap().to_string_lossy(), "NAME");
    assert_data_eq!(
        diagnostics,
        str![[r#"
warning[store.unreadable]: a saved session cannot be read: state/callsheet/tokens/NAME.json has version 99, and this callsheet reads version 1
 = note: it was renamed to state/callsheet/tokens/NAME.bad, and a new session is used
 = help: nothing needs to be done; the renamed file can be deleted

"#]]
    );
}

#[test]
fn a_session_out_of_the_future_is_no_better_than_one_of_now() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    room.change(|session| {
        session["issued_at"] = moment(100_000).into();
        session["expires_at"] = moment(103_600).into();
    });
    // It would have lived an hour, and lives no longer.
    let outcome = room.run();
    let left = outcome.exits(0).stdout.split("from the token store, ").nth(1).expect("reused").to_owned();
    assert!(left.starts_with("59m") || left.starts_with("1h left") || left.starts_with("60m"), "{left}");
    // Where the service knows better, it is renewed.
    room.stage.mock.expire_tokens(Site::Simacan);
    room.run().exits(0);
    assert_eq!((room.refreshes(), room.logins()), (1, 1));
}

#[test]
fn a_folder_that_cannot_be_had_costs_only_the_sharing() {
    let room = Room::of(Site::Simacan, 20);
    room.stage.project.write("state/callsheet", "a file in the folder's place");
    room.run().exits(0).says("warning[store.unusable]: tokens are kept in memory only").says("--token-store");
    assert_eq!(room.token_requests(), 1);
}

#[test]
fn a_token_that_nothing_accepts_does_not_stay() {
    let room = Room::of(Site::Simacan, 1);
    room.stage.mock.inject(Fault::new(Site::Simacan, FaultKind::EarlyExpiry).path("/trips-api").always());
    room.run().exits(1);
    let session = room.session();
    assert!(session.get("access_token").is_none(), "{session}");
    // Its refresh token is as good as before.
    room.stage.mock.clear_faults();
    let logins = room.logins();
    room.run().exits(0).says("refreshed");
    assert_eq!(room.logins(), logins);
    room.nothing_was_violated();
}

#[test]
fn a_refresh_that_fails_on_the_way_is_made_again_by_the_next_run() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    room.expire();
    room.stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Status(503, None)).path("/api/v1/auth").always());
    room.run().exits(3);
    assert!(room.session().get("in_use_since").is_none(), "it was not taken");
    room.stage.mock.clear_faults();
    room.run().exits(0).says("refreshed");
    assert_eq!((room.refreshes(), room.logins()), (1, 1));
}

#[test]
fn a_token_that_should_be_renewed_but_lives_is_used_where_that_fails() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    room.change(|session| {
        session["issued_at"] = moment(-3580).into();
        session["expires_at"] = moment(20).into();
    });
    room.stage.mock.inject(Fault::new(Site::Simacan, FaultKind::Status(503, None)).path("/api/v1/auth").always());
    room.run().exits(0).says("reused");
    room.stage.mock.clear_faults();
    room.run().exits(0).says("refreshed");
    assert_eq!((room.refreshes(), room.logins()), (1, 1));
}
