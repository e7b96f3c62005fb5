//! What is kept, for whom, and what never is.

use std::fs;

use callsheet::mock::Site;

use crate::room::Room;
use crate::support::Project;

#[cfg(unix)]
#[test]
fn sessions_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::of(Site::Gridshare, 1);
    room.run().exits(0);
    let mode = |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&room.folder()), 0o700);
    for file in room.files("") {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(room.files("").len(), 4, "the session, its lock, the key, its lock: {:?}", room.files(""));
}

#[test]
fn other_credentials_scopes_and_places_have_sessions_of_their_own() {
    let room = Room::of(Site::Simacan, 1);
    room.run().exits(0);
    let first = room.file();
    let name = first.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.starts_with("simacan.test.default."), "{name}");
    let facts = room.stage.mock.facts();
    let simacan = facts.iter().find(|facts| facts.name == "simacan").expect("a provider");
    let planner = simacan.personas.iter().find(|persona| persona.name == "planner").expect("a persona");
    let room = room.with(|stage| {
        stage.with(|mut project| {
            for (name, value) in planner.credentials {
                project = project.variable(&format!("SIMACAN_TEST_{}", name.to_uppercase()), value);
            }
            project
        })
    });
    room.run().exits(0).says("fetched");
    assert_eq!((room.files(".json").len(), room.logins()), (2, 2));
    // The file of the provider counts, but not how it is written, nor what it says of other things than the login.
    let provider = room.stage.project.read("providers/simacan.yaml");
    room.stage.project.write("providers/simacan.yaml", &format!("# A comment.\n{provider}"));
    room.run().exits(0).says("from the token store");
    room.stage
        .project
        .write("providers/simacan.yaml", &provider.replace("login:\n", "login:\n  headers: { x-a: b }\n"));
    room.run().exits(0).says("fetched");
    assert_eq!(room.files(".json").len(), 3);
    // No credential can be read from the files, their names included.
    for file in room.files("") {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned() + &file.to_string_lossy();
        for persona in &simacan.personas {
            let password = persona.credentials[1].1;
            assert!(!text.contains(password), "{}", file.display());
        }
    }
}

/// A file that is read by somebody gives away no more than the session that is in force.
#[test]
fn a_token_that_was_renewed_is_not_kept() {
    for site in [Site::Simacan, Site::Gridshare] {
        let room = Room::of(site, 1);
        room.run().exits(0);
        let before = room.session();
        room.expire();
        room.run().exits(0).says("refreshed");
        let text = fs::read_to_string(room.file()).expect("the session is there");
        let old = before["access_token"].as_str().expect("a token");
        assert!(!text.contains(old), "{}: {text}", site.name());
        let now = room.session();
        assert!(now["bound"].is_null(), "{now}");
    }
}

#[test]
fn what_is_to_stay_in_memory_does() {
    let room = Room::of(Site::Simacan, 3);
    room.stage.run(&["-q", "--token-store", "memory"]).exits(0);
    assert_eq!((room.files("").len(), room.token_requests()), (0, 1));
    room.stage.run(&["-q", "--token-store", "none"]).exits(0);
    assert_eq!((room.files("").len(), room.token_requests()), (0, 4));
    let room =
        room.with(|stage| stage.scenario("scenario: Fresh\nauth: { provider: simacan, fresh: true }\nsteps: []\n"));
    room.stage.run(&["-q"]).exits(0);
    assert_eq!((room.files("").len(), room.token_requests()), (0, 5));
}

#[test]
fn a_folder_that_is_named_is_the_store() {
    let room = Room::of(Site::Simacan, 1);
    room.stage.run(&["-q", "--token-store", "kept/here"]).exits(0);
    room.stage.run(&["-v", "--token-store", "kept/here"]).exits(0).says("from the token store");
    assert!(room.stage.project.path("kept/here/key").exists());
    assert_eq!((room.files("").len(), room.token_requests()), (0, 1));
}

#[test]
fn tokens_of_the_embedded_providers_end_with_them() {
    let project = Project::new().file("callsheet.yaml", "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n");
    let state = project.path("state");
    let project = project
        .variable("XDG_STATE_HOME", state.to_str().expect("UTF-8"))
        .file("scenario.yaml", "scenario: A login\nauth: simacan\nsteps: []\n");
    project.run(&[]).exits(0);
    assert!(!state.exists());
    // Unless that is asked for.
    project.run(&["--token-store", "kept"]).exits(0);
    assert!(project.path("kept/key").exists());
}

#[test]
fn a_token_of_the_store_is_never_shown() {
    let room = Room::of(Site::Gridshare, 1);
    room.run().exits(0);
    let session = room.session();
    let reports = ["--report", "junit=r.xml", "--report", "events=r.jsonl", "--report", "json=r.json"];
    let shown = room.stage.run(&[&["-vv"][..], &reports].concat());
    shown.exits(0).says("from the token store");
    let project = &room.stage.project;
    let all = [shown.all(), project.read("r.xml"), project.read("r.jsonl"), project.read("r.json")].concat();
    assert!(all.contains("{{auth.gridshare.access_token}}"), "{all}");
    for name in ["access_token", "refresh_token", "id_token"] {
        let secret = session[name].as_str().expect("a token");
        assert!(secret.len() > 20 && !all.contains(secret), "{name} is shown");
    }
}
