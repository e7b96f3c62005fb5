//! What a run leaves, and when nothing is written.

use snapbox::{assert_data_eq, str};

use crate::{expected, expecting, project};

fn pending(project: &crate::support::Project) -> Vec<String> {
    let entries = std::fs::read_dir(project.path(".callsheet/pending")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_run_leaves_one_file_a_scenario_and_takes_it_away_when_it_passes() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.run(&[]).exits(1).says("1 change could be taken into the files: callsheet accept\n");
    assert_eq!(pending(&project).len(), 1);
    assert_eq!(project.read(".callsheet/.gitignore"), "*\n");
    project.write("www/a.json", "{\"a\": 1}");
    project.run(&[]).exits(0);
    assert_eq!(pending(&project), Vec::<String>::new());
}

#[test]
fn where_ci_is_set_nothing_is_written_ever() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    for ci in ["true", "1", "yes"] {
        project.run_with(&[], &[("CI", ci)]).exits(1).lacks("callsheet accept");
        assert!(!project.path(".callsheet").exists());
    }
    project.run(&["--no-pending"]).exits(1).lacks("callsheet accept");
    assert!(!project.path(".callsheet").exists());
    project.run_with(&[], &[("CI", "false")]).exits(1).says("callsheet accept");
    let before = project.read("trip.yaml");
    let project = project.variable("CI", "true");
    project.callsheet(&["accept", "--all"]).exits(2).says("error[accept.ci]: CI is set");
    project.callsheet(&["accept", "--list"]).exits(0).says("1 change can be accepted");
    assert_eq!(project.read("trip.yaml"), before);
}

#[test]
fn a_file_that_has_changed_is_left_alone() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.run(&[]).exits(1);
    let changed = project.read("trip.yaml").replace("A trip", "The trip");
    project.write("trip.yaml", &changed);
    project.callsheet(&["accept", "--all"]).exits(1).says("the file has changed since the run: run again");
    assert_eq!(project.read("trip.yaml"), changed);
}

#[test]
fn what_was_pending_of_a_file_that_is_gone_is_forgotten() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.run(&[]).exits(1);
    std::fs::rename(project.path("trip.yaml"), project.path("journey.yaml")).expect("renamed");
    project.callsheet(&["accept", "--list"]).exits(0).says("nothing is pending");
    assert_eq!(pending(&project).len(), 1, "to list changes nothing");
    project.callsheet(&["accept", "--all"]).exits(0).says("nothing is pending");
    assert_eq!(pending(&project), Vec::<String>::new());
}

#[test]
fn marks_of_a_merge_are_left_alone() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.run(&[]).exits(1);
    let merge = format!("<<<<<<< HEAD\n{}=======\n>>>>>>> other\n", project.read("trip.yaml"));
    project.write("trip.yaml", &merge);
    project
        .callsheet(&["accept", "--all"])
        .exits(1)
        .says("line 1 is a mark of a merge conflict: resolve it, and run again");
    assert_eq!(project.read("trip.yaml"), merge);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_told_and_the_change_stays_pending() {
    use std::os::unix::fs::PermissionsExt;
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.run(&[]).exits(1);
    let before = project.read("trip.yaml");
    let set =
        |mode| std::fs::set_permissions(project.path("trip.yaml"), std::fs::Permissions::from_mode(mode)).expect("set");
    set(0o444);
    project
        .callsheet(&["accept", "--all"])
        .exits(1)
        .says("error[accept.write]: trip.yaml was not written: the file is read-only");
    assert_eq!(project.read("trip.yaml"), before);
    set(0o640);
    project.callsheet(&["accept", "--all"]).exits(0);
    let mode = std::fs::metadata(project.path("trip.yaml")).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode, expected(&project).as_str()), (0o640, "json: { a: 2 }\n"));
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_keeps_no_other_from_it() {
    use std::os::unix::fs::PermissionsExt;
    let project = expecting("{\"a\": 2, \"b\": 3}", "json: { a: 1, b: 1 }");
    project.write("other.yaml", &project.read("trip.yaml").replace("A trip", "Another"));
    project.run(&[]).exits(1);
    let set = |mode| {
        std::fs::set_permissions(project.path("other.yaml"), std::fs::Permissions::from_mode(mode)).expect("set");
    };
    set(0o444);
    project.callsheet(&["accept", "--all", "--only", "$.a"]).exits(1).says("trip.yaml: 1 change");
    assert_eq!(expected(&project), "json: { a: 2, b: 1 }\n");
    set(0o644);
    project
        .callsheet(&["accept", "--all"])
        .exits(0)
        .says("other.yaml: 2 changes\ntrip.yaml: 1 change\n")
        .lacks("run again");
    project.run(&[]).exits(0);
}

#[test]
fn bytes_that_are_not_edited_stay() {
    let scenario = "\u{feff}scenario: A trip\r\nbase_url: \"{{ env.at }}\"\r\nsteps:\r\n  - get: /a.json\r\n    expect:\r\n      json:\t# ünïcode\r\n        a: 1 # 漢字\r\n        \"é\":   'ö'";
    let project =
        project().file("www/a.json", "{\"a\": [\"ß\", {\"x\": 1}], \"é\": \"ü\"}").file("trip.yaml", scenario);
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all"]).exits(0);
    let result =
        scenario.replace("a: 1 # 漢字", "a: # 漢字\r\n          - ß\r\n          - x: 1").replace("'ö'", "'ü'");
    assert_eq!(project.read("trip.yaml"), result);
    project.run(&[]).exits(0);
}

#[test]
fn no_secret_gets_into_a_pending_file() {
    let secret = "s3cr3t-of-the-service";
    let project = project()
        .file("www/a.json", &format!("{{\"a\": {{\"key\": \"{secret}\"}}, \"b\": 2}}"))
        .file(
            "trip.yaml",
            "scenario: A trip\nbase_url: \"{{ env.at }}\"\nsteps:\n  - get: /a.json\n    headers: { x-key: \"{{ secrets.key }}\" }\n    expect: { json: { a: { key: x }, b: 1 } }\n",
        )
        .variable("THE_KEY", secret);
    let config = project.read("callsheet.yaml").replace("{ vars:", "{ secrets: { key: { env: THE_KEY } }, vars:");
    project.write("callsheet.yaml", &config);
    project.run(&[]).exits(1);
    let name = pending(&project).pop().expect("one");
    assert!(!project.read(&format!(".callsheet/pending/{name}")).contains(secret));
    project
        .callsheet(&["accept", "--all"])
        .exits(0)
        .says("left: $.a.key of trip.yaml: the answer contains a secret here")
        .lacks(secret);
    assert!(project.read("trip.yaml").contains("{ a: { key: x }, b: 2 }"));
}

#[test]
fn a_damaged_pending_file_is_told_and_set_aside() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.run(&[]).exits(1);
    let name = pending(&project).pop().expect("one");
    project.write(&format!(".callsheet/pending/{name}"), "{\"version\": 1, \"sce");
    project.callsheet(&["accept", "--all"]).exits(0).says("warning[accept.damaged]").says("nothing is pending");
    assert!(pending(&project)[0].ends_with(".damaged"));
}

#[test]
fn what_is_left_stays_pending_in_its_new_place() {
    let project = expecting(r#"{"a": [1, 2, 3], "b": 2, "c": 3}"#, "json:\n  a: 1\n  b: 1\n  c: 1");
    project.run(&[]).exits(1).says("3 changes could be taken");
    project.callsheet(&["accept", "--all", "--only", "$.a"]).exits(0).says("trip.yaml: 1 change");
    project.callsheet(&["accept", "--all", "--only", "trip.yaml:12"]).exits(0).says("trip.yaml: 1 change");
    project
        .callsheet(&["accept", "--all", "--only", "nowhere"])
        .exits(2)
        .says("nothing that is pending fits --only nowhere");
    project.callsheet(&["accept", "--all"]).exits(0).says("trip.yaml: 1 change");
    assert_eq!(expected(&project), "json:\n  a:\n    - 1\n    - 2\n    - 3\n  b: 2\n  c: 3\n");
    project.run(&[]).exits(0);
}

#[test]
fn many_scenarios_and_two_runs_at_once_leave_whole_files() {
    let scenario = |at: usize| {
        format!(
            "scenario: Number {at}\nbase_url: \"{{{{ env.at }}}}\"\nsteps:\n  - get: /a.json\n    expect: {{ json: {{ a: {at} }} }}\n"
        )
    };
    let mut project = project().file("www/a.json", "{\"a\": \"x\"}");
    for at in 0..40 {
        project = project.file(&format!("s{at}.yaml"), &scenario(at));
    }
    let mut runs: Vec<_> = (0..2).map(|_| project.start(&["run", "--jobs", "16"])).collect();
    runs.iter_mut().for_each(|run| assert_eq!(run.wait().expect("it ends").code(), Some(1)));
    assert_eq!(pending(&project).len(), 40);
    project.callsheet(&["accept", "--all"]).exits(0).lacks("warning");
    project.run(&[]).exits(0);
    assert_eq!(project.read("s7.yaml"), scenario(7).replace("a: 7", "a: x"));
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let project = expecting("{\"a\": 2}", "json: { a: 1 }");
    project.callsheet(&["accept"]).exits(0).says("nothing is pending");
    project.run(&[]).exits(1);
    assert_data_eq!(
        project.callsheet(&["accept"]).exits(2).plain(),
        str![[r#"
error[accept.terminal]: nobody is here to be asked: this is no terminal
 = help: --all takes everything that can be taken unasked; --list shows what is pending


"#]]
    );
    project.callsheet(&["accept", "elsewhere.yaml"]).exits(2).says("elsewhere.yaml does not exist");
}
