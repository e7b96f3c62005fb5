use super::store::sha256;
use super::*;

fn pending(scenario: &str, change: Offer) -> Pending {
    Pending {
        version: VERSION,
        scenario: scenario.to_owned(),
        at: "2026-03-01T12:00:00Z".to_owned(),
        files: vec![Fingerprint { file: scenario.to_owned(), sha256: sha256("text") }],
        proposals: vec![Proposal {
            file: scenario.to_owned(),
            scenario: "A trip".to_owned(),
            case: None,
            step: "GET /trips".to_owned(),
            at: Range(3, 5),
            id: "expect.json".to_owned(),
            path: "$.n".to_owned(),
            expect: None,
            change,
        }],
    }
}

fn replace(json: &str) -> Offer {
    let to = json::parse(json.as_bytes()).expect("JSON");
    Offer::Change(Change::Replace { at: Range(3, 5), to, matcher: None })
}

#[test]
fn what_is_kept_is_found_again_as_exact_as_it_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::of(folder.path());
    assert_eq!(store.all().expect("nothing yet"), (vec![], vec![]));
    let number = "123456789012345678901234567890.000000000000000000001";
    let (first, second) = (pending("a.yaml", replace(number)), pending("sub/a.yaml", replace("[\"\u{7f}é\"]")));
    store.keep(&second).expect("written");
    store.keep(&first).expect("written");
    let (found, damaged) = store.all().expect("read");
    assert_eq!((&found, damaged), (&vec![first.clone(), second.clone()], vec![]));
    let Offer::Change(Change::Replace { to, .. }) = &found[0].proposals[0].change else { panic!("a change") };
    assert_eq!(to.to_string(), number);
    assert_eq!(std::fs::read_to_string(folder.path().join(".callsheet/.gitignore")).expect("there"), "*\n");
    store.forget("a.yaml").expect("gone");
    store.forget("a.yaml").expect("no second time");
    assert_eq!(store.all().expect("read").0, vec![second]);
}

#[test]
fn what_no_run_has_written_is_told_and_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::of(folder.path());
    store.keep(&pending("a.yaml", replace("1"))).expect("written");
    let own = folder.path().join(".callsheet/pending");
    let good = std::fs::read_dir(&own).expect("there").next().expect("one").expect("read").path();
    let text = std::fs::read_to_string(&good).expect("text");
    std::fs::write(own.join("b-1.json"), &text[..text.len() / 2]).expect("written");
    std::fs::write(own.join("c-1.json"), text.replace("\"version\": 1", "\"version\": 99")).expect("written");
    std::fs::write(own.join("d-1.json"), &text).expect("written");
    std::fs::write(own.join("e-1.json"), [0xff, 0xfe]).expect("written");
    let (found, damaged) = store.all().expect("read");
    assert_eq!(found.len(), 1);
    let told: Vec<_> = damaged
        .iter()
        .map(|damage| (damage.path.file_name().expect("a name").to_string_lossy().into_owned(), damage.why.clone()))
        .collect();
    assert_eq!(told[0], ("b-1.damaged".to_owned(), "it is not what a run writes".to_owned()));
    assert_eq!(told[1].1, "another version of callsheet wrote it (format 99, not 1)");
    assert_eq!(told[2].1, "it lies under the name of another scenario file");
    assert!(told[3].1.starts_with("it cannot be read"), "{told:?}");
    assert_eq!(store.all().expect("read").1, vec![], "they are told once");
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_behind_its_link_and_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    std::fs::write(&file, "old").expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("set");
    std::os::unix::fs::symlink("file", &link).expect("linked");
    write(&link, b"new").expect("written");
    assert!(link.symlink_metadata().expect("there").file_type().is_symlink());
    assert_eq!(std::fs::read_to_string(&file).expect("there"), "new");
    assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o640);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o440)).expect("set");
    assert_eq!(write(&link, b"newer").map_err(|error| error.kind()), Err(std::io::ErrorKind::PermissionDenied));
    assert_eq!(std::fs::read_to_string(&file).expect("there"), "new");
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 2, "nothing is left behind");
}
