//! The room on its own: places, and texts that are no sessions.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Keeping, StoredSession, folder};

fn place(variables: &[(&str, &str)]) -> Option<PathBuf> {
    let variables: BTreeMap<&str, OsString> = variables.iter().map(|(name, value)| (*name, value.into())).collect();
    folder(|name| variables.get(name).cloned())
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_state_folder_is_that_of_the_platform() {
    assert_eq!(place(&[("HOME", "/home/a")]), Some("/home/a/.local/state/callsheet/tokens".into()));
    assert_eq!(place(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "/s")]), Some("/s/callsheet/tokens".into()));
    // What is not absolute is ignored.
    let relative = place(&[("HOME", "/home/a"), ("XDG_STATE_HOME", "s")]);
    assert_eq!(relative, Some("/home/a/.local/state/callsheet/tokens".into()));
    assert_eq!(place(&[("HOME", "")]), None);
    assert_eq!(place(&[]), None);
}

#[test]
fn the_option_names_a_folder_or_how_long() {
    let of = |option| Keeping::of(Some(option), Path::new("/project"));
    assert!(matches!(of("none"), Keeping::None));
    assert!(matches!(of("memory"), Keeping::Memory));
    let Keeping::All(store) = of("none/tokens") else { panic!("a folder") };
    assert_eq!(store.folder(), Path::new("/project/none/tokens"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = StoredSession::of_text(text.as_bytes());
    }

    #[test]
    fn no_member_makes_the_reader_panic(name in "[a-z_]{1,12}", value in "(-?[0-9]{1,30}(e[0-9]{1,3})?|\"[^\"\\\\]{0,40}\"|null|\\{\\}|\\[\\])") {
        let text = format!(
            r#"{{"version":1,"provider":"a","environment":"b","persona":"c","origin":"login","issued_at":"2026-01-01T00:00:00Z","{name}":{value}}}"#
        );
        let _ = StoredSession::of_text(text.as_bytes());
    }
}
