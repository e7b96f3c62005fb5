//! From a run to a stored snapshot and back: what `callsheet accept` writes holds in the next run, and nothing else
//! writes.

use snapbox::{assert_data_eq, str};

use crate::bench::{self, scenario};
use crate::support::Project;

/// An empty project on a machine that is no CI server.
fn project() -> Project {
    bench::project().variable("CI", "")
}

/// A project with one scenario, on a machine that is no CI server.
fn with(body: &str) -> Project {
    bench::with(body).variable("CI", "")
}

/// A run fails for want of snapshots, they are accepted, and runs are green from then on, whatever differs by nature.
#[track_caller]
fn settles(project: &Project) {
    project.run(&[]).exits(1).says("could be taken into the files: callsheet accept");
    project.callsheet(&["accept", "--all"]).exits(0);
    project.run(&[]).exits(0).lacks("warning");
    project.callsheet(&["run", "--seed", "8"]).exits(0);
    project.callsheet(&["accept"]).exits(0).says("nothing is pending");
}

/// A step that gets JSON back and compares it with the snapshot `it`.
fn step(json: &str) -> String {
    format!("steps: [{{ post: /json, json: {json}, expect: {{ snapshot: it }} }}]\n")
}

#[test]
fn what_was_accepted_holds() {
    let project = with(
        "vars: { token: \"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl\" }
steps:
  - post: /json
    json: { id: \"{{ uuid() }}\", at: \"{{ now() }}\", jwt: \"{{ token }}\", n: 12345678901234567890123, tag: <b>x</b>, $ref: a, é: [] }
    expect: { snapshot: it }
  - { get: /text, expect: { snapshot: lines } }
  - { get: /xml, expect: { snapshot: page } }
  - { post: /body, headers: { content-type: text/csv }, text: \"id,n\\n1,x\\n\", expect: { snapshot: table } }
  - { post: /json, json: { n: \"{{ random_int(1, 1000000) }}\" }, expect: { snapshot: { name: masked, mask: $.n } } }
",
    );
    settles(&project);
    assert_eq!(
        project.read("echo.snapshots/it.json"),
        r#"{
  "\\$ref": "a",
  "at": "<datetime>",
  "id": "<uuid>",
  "jwt": "<jwt>",
  "n": 12345678901234567890123,
  "tag": "\\<b>x</b>",
  "é": []
}
"#
    );
    assert_eq!(project.read("echo.snapshots/lines.txt"), "one\ntwo\nthree\n");
    assert_eq!(project.read("echo.snapshots/masked.json"), "{\n  \"n\": \"<number>\"\n}\n");
}

#[test]
fn cases_items_and_fragments_are_accepted_each_into_its_file() {
    let project = project()
        .file(
            "echo.yaml",
            &scenario(
                "cases: [{ n: 1 }, { n: 2 }]\nsteps:\n  - { post: /json, json: { n: \"{{ case.n }}\" }, expect: { snapshot: it } }\n  \
                 - { post: /json, json: { n: \"{{ item }}\" }, for_each: [a, b], expect: { snapshot: all } }\n  \
                 - { use: look.yaml, with: { word: \"{{ case.n }}\" } }\n",
            ),
        )
        .file(
            "look.yaml",
            "fragment: Look\nparams: { word: {} }\nsteps: [{ post: '{{ mock.base }}/echo/json', json: { word: \"{{ word }}\" }, expect: { snapshot: \"look-{{ word }}\" } }]\n",
        );
    settles(&project);
    let mut names: Vec<_> = std::fs::read_dir(project.path("echo.snapshots"))
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "all.case-1.item-1.json",
            "all.case-1.item-2.json",
            "all.case-2.item-1.json",
            "all.case-2.item-2.json",
            "it.case-1.json",
            "it.case-2.json",
            "look-1.json",
            "look-2.json"
        ]
    );
}

#[test]
fn only_what_changed_is_written_anew() {
    let stored = "{\n  \"id\": \"<length 36>\",\n  \"maybe\": \"<optional string>\",\n  \"n\": \"<integer >= 5>\",\n  \"state\": \"OLD\",\n  \"tags\": {\n    \"$unordered\": [\n      \"b\",\n      \"a\"\n    ]\n  }\n}\n";
    let project = with(&step("{ id: \"{{ uuid() }}\", n: 3, state: NEW, tags: [a, b] }"));
    project.write("echo.snapshots/it.json", stored);
    settles(&project);
    let now = stored.replace("\"OLD\"", "\"NEW\"").replace("\"<integer >= 5>\"", "3");
    assert_eq!(project.read("echo.snapshots/it.json"), now);
}

#[test]
fn what_is_shown_before_it_is_accepted() {
    let project = with(&step("{ a: 2, b: x }"));
    project.write("echo.snapshots/it.json", "{\n  \"a\": 1\n}\n");
    project.run(&[]).exits(1);
    assert_data_eq!(
        project.callsheet(&["accept", "--list"]).exits(0).plain(),
        str![[r#"
Echo › POST /json
error[expect.snapshot]: the snapshot echo.snapshots/it.json came otherwise
 --> echo.yaml:3:56
  |
3 | steps: [{ post: /json, json: { a: 2, b: x }, expect: { snapshot: it } }]
  |                                                        ^^^^^^^^

  {
-  "a": 1
+   "a": 2,
+   "b": "x"
  }

1 change can be accepted

"#]]
    );
    assert_eq!(project.read("echo.snapshots/it.json"), "{\n  \"a\": 1\n}\n");
}

#[test]
fn nothing_is_written_where_ci_is_set() {
    for variables in [&[("CI", "true")][..], &[("CI", "1")]] {
        let project = with(&step("{ a: 1 }"));
        let outcome = project.run_with(&[], variables);
        outcome.exits(1).says("run it on your own machine, and then `callsheet accept echo.yaml`");
        outcome.lacks("could be taken");
        assert_eq!(project.names(), ["callsheet.yaml", "echo.yaml"]);
    }
    let project = with(&step("{ a: 1 }"));
    project.run_with(&[], &[("CI", "false")]).exits(1);
    let ci = project.command(&["accept", "--all"]).env("CI", "true").output().expect("the binary starts");
    assert_eq!(ci.status.code(), Some(2));
    let prune = project.command(&["accept", "--prune"]).env("CI", "true").output().expect("the binary starts");
    assert_eq!(prune.status.code(), Some(2));
    assert!(!project.path("echo.snapshots").exists());
    project.callsheet(&["accept", "--all"]).exits(0);
    assert!(project.path("echo.snapshots/it.json").exists());
    let kept = with(&step("{ a: 1 }"));
    kept.run(&["--no-pending"]).exits(1).says("run this on a machine of your own");
    assert_eq!(kept.names(), ["callsheet.yaml", "echo.yaml"]);
}

#[test]
fn a_secret_is_stored_as_its_type() {
    let config = "callsheet: 1\nenvironments: { mock: { serve: builtin, secrets: { key: { env: KEY } } } }\n";
    let project = with(&step("{ open: x, key: \"{{ secrets.key }}\", within: \"a {{ secrets.key }} b\" }"))
        .file("callsheet.yaml", config)
        .variable("KEY", "hunter2-hunter2");
    project.run(&[]).exits(1);
    let accepted = project.callsheet(&["accept", "--all"]);
    accepted.exits(0).says("$.key, $.within are secrets: only their types are stored");
    let stored = project.read("echo.snapshots/it.json");
    assert_eq!(stored, "{\n  \"key\": \"<string>\",\n  \"open\": \"x\",\n  \"within\": \"<string>\"\n}\n");
    project.run(&[]).exits(0);
    let text = with("steps: [{ post: /body, text: \"a {{ secrets.key }} b\", expect: { snapshot: it } }]\n")
        .file("callsheet.yaml", config)
        .variable("KEY", "hunter2-hunter2");
    text.run(&[]).exits(1);
    text.callsheet(&["accept", "--all"]).exits(1).says("a secret stands in the text");
    for entry in std::fs::read_dir(text.path(".callsheet/pending")).expect("the folder is there") {
        let pending = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        assert!(!pending.contains("hunter2"), "{pending}");
    }
}

#[test]
fn what_changed_since_the_run_is_not_overwritten() {
    let project = with(&step("{ a: 1 }"));
    project.run(&[]).exits(1);
    project.write("echo.snapshots/it.json", "{ \"a\": \"<number>\" }");
    project.callsheet(&["accept", "--all"]).exits(1).says("the snapshot has changed since the run: run again");
    assert_eq!(project.read("echo.snapshots/it.json"), "{ \"a\": \"<number>\" }");
    project.run(&[]).exits(0);
}

#[test]
fn two_answers_for_one_file_are_refused() {
    let body = "cases: [{ n: 1 }, { n: 2 }]\nsteps: [{ post: /json, json: { n: \"{{ case.n }}\" }, expect: { snapshot: \"{{ 'it' }}\" } }]\n";
    let project = with(body);
    project.run(&[]).exits(1);
    let outcome = project.callsheet(&["accept", "--all"]);
    outcome.exits(1).says("other answers of the run would be stored in the same file");
    assert!(!project.path("echo.snapshots").exists());
    // The same answer to all of them is another matter.
    settles(&with(&body.replace("case.n", "1")));
}

#[test]
fn a_page_in_place_of_the_answer_is_not_accepted() {
    let step = "steps: [{ get: /status/503, expect: { status: 200, snapshot: it } }]\n";
    let project = with(step);
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--list"]).exits(0).lacks("echo.snapshots");
    let stored = with(step).file("echo.snapshots/it.json", "{}");
    stored.run(&[]).exits(1);
    stored.callsheet(&["accept", "--list"]).exits(0).says("this answer is probably an error, and not the snapshot");
}

#[test]
fn another_form_takes_the_place_of_the_first() {
    let project = with("steps: [{ get: /text, expect: { snapshot: it } }]\n").file("echo.snapshots/it.json", "[]");
    project.run(&[]).exits(1).says("the answer is a text, but the snapshot `it` is JSON");
    project.callsheet(&["accept", "--all"]).exits(0);
    assert!(!project.path("echo.snapshots/it.json").exists());
    project.run(&[]).exits(0);
}

#[test]
fn the_last_answer_of_a_poll_is_the_one_that_is_accepted() {
    let project = with(
        "steps: [{ get: '/counter/{{ uuid() }}', poll: { every: 10ms, for: 10s }, expect: { json: { count: 3 }, snapshot: { name: it, mask: $.key } } }]\n",
    );
    settles(&project);
    assert!(project.read("echo.snapshots/it.json").contains("\"count\": 3"));
}

/// Which of the files of a project are there.
fn left(project: &Project) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(project.path("echo.snapshots"))
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_left_over_is_removed() {
    let project = with("steps: [{ post: /json, json: 1, expect: { snapshot: it } }]\n");
    for name in ["it.json", "old.json", "notes.md"] {
        project.write(&format!("echo.snapshots/{name}"), "1");
    }
    project.write("gone.snapshots/it.json", "1");
    let listed = project.callsheet(&["accept", "--prune", "--list"]);
    assert_data_eq!(
        listed.exits(0).plain(),
        str![[r#"
echo.snapshots/old.json
gone.snapshots/it.json
2 snapshots stale; without --list they are removed

"#]]
    );
    assert_eq!(left(&project), ["it.json", "notes.md", "old.json"]);
    assert_data_eq!(
        project.callsheet(&["accept", "--prune"]).exits(0).plain(),
        str![[r#"
echo.snapshots/old.json
gone.snapshots/it.json
2 snapshots removed

"#]]
    );
    assert_eq!(left(&project), ["it.json", "notes.md"]);
    assert!(!project.path("gone.snapshots").exists());
    project.callsheet(&["accept", "--prune"]).exits(0).says("no snapshot is stale");
    // What a file that cannot be read would name is not known.
    project.write("echo.snapshots/old.json", "1");
    project.write("broken.yaml", "scenario: x\nsteps: [\n");
    project.callsheet(&["accept", "--prune"]).exits(2);
    assert_eq!(left(&project), ["it.json", "notes.md", "old.json"]);
}

#[test]
fn names_that_only_a_run_knows_are_removed_by_what_the_last_one_used() {
    let body = "vars: { all: [a, b] }\nsteps: [{ post: /json, json: 1, for_each: \"{{ all }}\", expect: { snapshot: \"it-{{ item }}\" } }]\n";
    let project = with(body);
    for name in ["it-a.json", "it-b.json", "it-c.json"] {
        project.write(&format!("echo.snapshots/{name}"), "1");
    }
    project.callsheet(&["accept", "--prune"]).exits(0).says("no snapshot is stale");
    project.run_with(&[], &[("CI", "true")]).exits(0).says("snapshot.stale");
    project.callsheet(&["accept", "--prune"]).exits(0).says("no snapshot is stale");
    std::thread::sleep(std::time::Duration::from_millis(20));
    project.run(&[]).exits(0).says("1 snapshot in echo.snapshots is named by no step");
    // What came since was accepted since.
    std::thread::sleep(std::time::Duration::from_millis(20));
    project.write("echo.snapshots/it-d.json", "1");
    project.callsheet(&["accept", "--prune"]).exits(0).says("echo.snapshots/it-c.json");
    assert_eq!(left(&project), ["it-a.json", "it-b.json", "it-d.json"]);
    std::thread::sleep(std::time::Duration::from_millis(20));
    project.run(&[]).exits(0).says("it-d.json");
    project.write("echo.yaml", &scenario(&body.replace("[a, b]", "[a, b, d]")));
    project.callsheet(&["accept", "--prune"]).exits(0).says("no snapshot is stale");
    assert_eq!(left(&project), ["it-a.json", "it-b.json", "it-d.json"]);
}

#[test]
fn a_run_from_another_folder_stores_beside_the_scenario() {
    let project = project().file("api/echo.yaml", &scenario(&step("{ a: 1 }"))).file("here/notes.md", "");
    let run = |arguments: &[&str]| {
        let output = project.command(arguments).current_dir(project.path("here")).output().expect("the binary starts");
        project.outcome(&output)
    };
    run(&["run", "../api/echo.yaml"]).exits(1);
    run(&["accept", "--all", "../api"]).exits(0);
    assert_eq!(project.read("api/echo.snapshots/it.json"), "{\n  \"a\": 1\n}\n");
    run(&["run", "../api"]).exits(0);
}
