//! Which files snapshots have: names, cases, items, fragments; and what is left over.

use snapbox::{assert_data_eq, str};

use crate::bench::{self, scenario};
use crate::support::{Outcome, Project};

/// An empty project on a machine that is no CI server.
fn project() -> Project {
    bench::project().variable("CI", "")
}

/// A project with one scenario, on a machine that is no CI server.
fn with(body: &str) -> Project {
    bench::with(body).variable("CI", "")
}

/// What is said of a name.
#[track_caller]
fn refused(name: &str) -> String {
    with(&format!("steps: [{{ get: /text, expect: {{ snapshot: {name} }} }}]\n"))
        .callsheet(&["check"])
        .exits(2)
        .diagnostics()
}

#[test]
fn names_are_checked_before_any_call() {
    assert_data_eq!(
        [
            "../trips",
            "''",
            "CON",
            "a:b",
            "trips.case-1",
            "true",
            "[a]",
            "{ mask: $.a }",
            "{ name: a, mask: a }",
            "{ name: a, as: xml }"
        ]
        .map(refused)
        .concat(),
        str![[r#"
error[snapshot.name]: `../trips` cannot be the name of a snapshot: `/` would lead to another folder
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: ../trips } }]
  |                                           ^^^^^^^^
  |
  = help: it becomes the name of a file: use letters, digits, `-` and `_`
error[snapshot.name]: `` cannot be the name of a snapshot: it is empty
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: '' } }]
  |                                           ^^
  |
  = help: it becomes the name of a file: use letters, digits, `-` and `_`
error[snapshot.name]: `CON` cannot be the name of a snapshot: it is the name of a device on Windows
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: CON } }]
  |                                           ^^^
  |
  = help: it becomes the name of a file: use letters, digits, `-` and `_`
error[snapshot.name]: `a:b` cannot be the name of a snapshot: `:` is not possible in a file name on Windows
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: a:b } }]
  |                                           ^^^
  |
  = help: it becomes the name of a file: use letters, digits, `-` and `_`
error[snapshot.name]: `trips.case-1` cannot be the name of a snapshot: its end looks like what is added for a case or an item
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: trips.case-1 } }]
  |                                           ^^^^^^^^^^^^
  |
  = help: it becomes the name of a file: use letters, digits, `-` and `_`
error[format.type]: a snapshot needs a name, and this is the boolean true
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: true } }]
  |                                           ^^^^
  |
  = help: give it the name of its file, for example `snapshot: trips`
error[format.type]: a name, or a mapping with `name`, is expected here, not a list
 --> echo.yaml:3:43
  |
3 | steps: [{ get: /text, expect: { snapshot: [a] } }]
  |                                           ^^^
error[format.missing-key]: `snapshot` needs the key `name`
 --> echo.yaml:3:45
  |
3 | steps: [{ get: /text, expect: { snapshot: { mask: $.a } } }]
  |                                             ^^^^ the mapping starts here
  |
  = help: add `name: …`
error[format.jsonpath]: this JSONPath is not valid: a JSONPath starts with `$`, which is the whole document
 --> echo.yaml:3:60
  |
3 | steps: [{ get: /text, expect: { snapshot: { name: a, mask: a } } }]
  |                                                            ^
  |
  = help: write `$.a`
error[format.type]: a snapshot is stored as `json` or as `text`
 --> echo.yaml:3:58
  |
3 | steps: [{ get: /text, expect: { snapshot: { name: a, as: xml } } }]
  |                                                          ^^^
  |
  = help: remove `as`: then the content type of the answer decides

"#]]
    );
}

#[test]
fn a_name_that_a_template_gives_is_checked_before_the_call() {
    let body = "vars: { word: a/b }\nsteps: [{ get: /text, expect: { snapshot: \"{{ word }}\" } }]\n";
    let outcome = with(body).run(&[]);
    assert_data_eq!(
        outcome.exits(1).diagnostics(),
        str![[r#"
error[snapshot.name]: `a/b` cannot be the name of a snapshot: `/` would lead to another folder
 --> echo.yaml:4:43
  |
4 | steps: [{ get: /text, expect: { snapshot: "{{ word }}" } }]
  |                                           ^^^^^^^^^^^^
  |
  = help: it becomes the name of a file: use letters, digits, `-` and `_`
  = help: the filter `replace("/", "-")` replaces a character

"#]]
    );
    outcome.says("0 requests");
    let secret = "callsheet: 1\nenvironments: { mock: { serve: builtin, secrets: { key: { env: KEY } } } }\n";
    let body = "steps: [{ get: /text, expect: { snapshot: \"a-{{ secrets.key }}\" } }]\n";
    let project = with(body).file("callsheet.yaml", secret).variable("KEY", "hunter2-hunter2");
    project.run(&[]).exits(1).says("it contains a secret").lacks("hunter2");
    with("steps: [{ get: /text, expect: { snapshot: \"{{ nothing }}\" } }]\n")
        .run(&[])
        .exits(2)
        .says("check.undefined");
}

#[test]
fn two_steps_have_two_snapshots() {
    let body =
        "steps:\n  - { get: /text, expect: { snapshot: lines } }\n  - { get: /html, expect: { snapshot: Lines } }\n";
    assert_data_eq!(
        with(body).callsheet(&["check"]).exits(2).diagnostics(),
        str![[r#"
error[snapshot.shared]: two steps have the same snapshot, `Lines`
 --> echo.yaml:5:39
  |
4 |   - { get: /text, expect: { snapshot: lines } }
  |                                       ----- the first
5 |   - { get: /html, expect: { snapshot: Lines } }
  |                                       ^^^^^ the second
  |
  = help: give one of them another name: each answer is stored in a file of its own

"#]]
    );
    let beside = project()
        .file("a.yaml", &scenario("steps: [{ get: /text, expect: { snapshot: lines } }]\n"))
        .file("a.yml", &scenario("steps: [{ get: /html, expect: { snapshot: other } }]\n"));
    beside.callsheet(&["check"]).exits(2).says("a.yaml and a.yml have one folder of snapshots");
}

/// The names of the files that a run misses.
fn missed(outcome: &Outcome) -> Vec<String> {
    let mut names: Vec<String> = outcome
        .all()
        .split(".snapshots/")
        .skip(1)
        .filter_map(|rest| rest.split(' ').next().map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn cases_and_items_have_files_of_their_own() {
    let cases = "cases: [{ n: 1 }, { n: 2 }]\n";
    let step = "steps: [{ get: '/anything/{{ case.n }}', expect: { snapshot: NAME } }]\n";
    let outcome = with(&format!("{cases}{}", step.replace("NAME", "it"))).run(&[]);
    assert_eq!(missed(outcome.exits(1)), ["it.case-1.json", "it.case-2.json"]);
    let outcome = with(&format!("{cases}{}", step.replace("NAME", "\"it-{{ case.n * 10 }}\""))).run(&[]);
    assert_eq!(missed(outcome.exits(1)), ["it-10.json", "it-20.json"]);
    let items = "steps: [{ get: '/anything/{{ item }}', for_each: [a, b], expect: { snapshot: NAME } }]\n";
    let outcome = with(&items.replace("NAME", "it")).run(&[]);
    assert_eq!(missed(outcome.exits(1)), ["it.item-1.json", "it.item-2.json"]);
    let outcome = with(&items.replace("NAME", "\"it-{{ item }}\"")).run(&[]);
    assert_eq!(missed(outcome.exits(1)), ["it-a.json", "it-b.json"]);
    let both = format!("{cases}{}", items.replace("NAME", "it"));
    let project = with(&both);
    for name in ["it.case-1.item-1", "it.case-1.item-2", "it.case-2.item-1"] {
        project.write(&format!("echo.snapshots/{name}.json"), "{}");
    }
    let outcome = project.run(&[]);
    outcome.exits(1).says("echo.snapshots/it.case-2.item-2.json is missing").says("the snapshot `it.case-1.item-2`");
}

/// A project with a fragment that names a snapshot.
fn fragment(name: &str, uses: &str) -> Project {
    let fragment = format!(
        "fragment: Look\nparams: {{ word: {{ default: x }} }}\nsteps: [{{ post: '{{{{ mock.base }}}}/echo/json', json: {{ word: \"{{{{ word }}}}\" }}, expect: {{ snapshot: {name} }} }}]\n"
    );
    project().file("parts/look.yaml", &fragment).file("echo.yaml", &scenario(uses))
}

#[test]
fn the_snapshot_of_a_fragment_is_the_scenario_s_own() {
    let once = fragment("it", "steps: [{ use: parts/look.yaml, with: { word: a } }]\n");
    once.run(&[]).exits(1).says("echo.snapshots/it.json is missing");
    once.write("echo.snapshots/it.json", "{\"word\":\"a\"}");
    once.run(&[]).exits(0);
    let looped =
        fragment("it", "steps: [{ use: parts/look.yaml, for_each: [a, b], with: { word: \"{{ item }}\" } }]\n");
    looped.write("echo.snapshots/it.item-1.json", "{\"word\":\"a\"}");
    looped.write("echo.snapshots/it.item-2.json", "{\"word\":\"b\"}");
    looped.run(&[]).exits(0);
    let twice = "steps: [{ use: parts/look.yaml, with: { word: a } }, { use: parts/look.yaml, with: { word: b } }]\n";
    assert_data_eq!(
        fragment("it", twice).callsheet(&["check"]).exits(2).diagnostics(),
        str![[r#"
error[snapshot.shared]: two steps have the same snapshot, `it`
 --> echo.yaml:3:61
  |
3 | steps: [{ use: parts/look.yaml, with: { word: a } }, { use: parts/look.yaml, with: { word: b } }]
  |                --------------- the first                    ^^^^^^^^^^^^^^^ the second
  |
 ::: parts/look.yaml:3:96
  |
3 | steps: [{ post: '{{ mock.base }}/echo/json', json: { word: "{{ word }}" }, expect: { snapshot: it } }]
  |                                                                                                -- it is named in this fragment
  |
  = help: give the fragment a parameter, and the snapshot a name with it: "trips-{{ which }}"

"#]]
    );
    let named = fragment("\"it-{{ word }}\"", twice);
    named.write("echo.snapshots/it-a.json", "{\"word\":\"a\"}");
    named.write("echo.snapshots/it-b.json", "{\"word\":\"b\"}");
    named.run(&[]).exits(0);
}

#[test]
fn a_poll_goes_on_until_the_snapshot_holds() {
    let poll = "steps: [{ get: '/counter/{{ uuid() }}', name: x, poll: { every: 10ms, for: 10s }, expect: { snapshot: { name: it, mask: $.key } MORE } }]\n";
    // The URL is rendered once, so each call of the poll counts one more.
    let held = with(&poll.replace("MORE", "")).file("echo.snapshots/it.json", r#"{"count":3,"key":"<uuid>"}"#);
    held.run(&["-v"]).exits(0).says("passed on call 3");
    // Nothing is there yet: it goes on only until all else holds.
    let missing = with(&poll.replace("MORE", ", json: { count: 2 }")).run(&[]);
    missing.exits(1).says("snapshot.missing").says("polled 2 times without success");
    let damaged = with(&poll.replace("MORE", "")).file("echo.snapshots/it.json", "{");
    damaged.run(&[]).exits(1).says("snapshot.damaged").says("polled 1 times without success");
}

#[test]
fn what_no_step_names_is_told_by_check_and_by_a_full_run() {
    let project =
        with("tags: [a]\ncases: [{ n: 1 }, { n: 2 }]\nsteps: [{ post: /json, json: 1, expect: { snapshot: it } }]\n");
    for name in ["it.case-1.json", "it.case-2.json", "it.case-3.json", "it.json", "old.txt", "notes.md"] {
        project.write(&format!("echo.snapshots/{name}"), "1");
    }
    project.write("gone.snapshots/it.json", "1");
    project.write("other.snapshots/it.json", "1");
    project.write("other.yaml", "somebody: else\n");
    let check = project.callsheet(&["check"]);
    assert_data_eq!(
        check.exits(0).plain(),
        str![[r#"
1 scenario checked: no error, 2 warnings
ignored, because they are not callsheet files: other.yaml
warning[snapshot.stale]: 3 snapshots in echo.snapshots are named by no step
 = note: it.case-3.json, it.json, old.txt
 = help: `callsheet accept --prune` removes what is stale

warning[snapshot.stale]: 1 snapshot in gone.snapshots is left over: the scenario is gone
 = note: it.json
 = help: `callsheet accept --prune` removes what is stale


"#]]
    );
    assert_data_eq!(
        project.run(&[]).exits(0).plain(),
        str![[r#"
✓ Echo [n=1]  mock · TIME
✓ Echo [n=2]  mock · TIME

warning[snapshot.stale]: 3 snapshots in echo.snapshots are named by no step
 = note: it.case-3.json, it.json, old.txt
 = help: `callsheet accept --prune` removes what is stale

warning[snapshot.stale]: 1 snapshot in gone.snapshots is left over: the scenario is gone
 = note: it.json
 = help: `callsheet accept --prune` removes what is stale

2 passed · 2 requests · TIME · mock · seed 7

"#]]
    );
    for selected in [&["--tag", "a"], &["--only", "Echo"]] {
        project.run(selected).exits(0).lacks("snapshot.stale");
    }
    // One file looks after its own folder.
    project.run(&["echo.yaml"]).exits(0).says("echo.snapshots").lacks("gone.snapshots");
}

/// A project with a scenario whose snapshots only a run knows, and a folder that holds more of them.
fn open(more: &str) -> Project {
    let project = with(&format!(
        "vars: {{ on: \"{{{{ true }}}}\", all: [a, b] }}\nsteps:\n  - {{ post: /json, json: 1, expect: {{ snapshot: \"it-{{{{ 1 + 1 }}}}\" }} }}\n  \
         - {{ post: /json, json: 1, for_each: \"{{{{ all }}}}\", expect: {{ snapshot: all }} }}\n  \
         - {{ get: /text, when: \"{{{{ on }}}}\" }}\n{more}",
    ));
    for name in ["it-2", "it-1", "all.item-1", "all.item-2", "all.item-3"] {
        project.write(&format!("echo.snapshots/{name}.json"), "1");
    }
    project
}

#[test]
fn names_of_templates_and_loops_are_known_to_a_full_run_alone() {
    let project = open("");
    project.callsheet(&["check"]).exits(0).lacks("snapshot.stale");
    let outcome = project.run(&[]);
    outcome.exits(0).says("2 snapshots in echo.snapshots are named by no step").says("all.item-3.json, it-1.json");
    // A step that was not run may have had a name of its own.
    project.run(&["--var", "on=false"]).exits(0).lacks("snapshot.stale");
    // Another environment has other names; what they are no run of this one can know.
    let other = open("  - { post: /json, json: 1, expect: { snapshot: \"it-{{ env.name }}\" } }\n");
    other.write("echo.snapshots/it-mock.json", "1");
    other.run(&[]).exits(0).lacks("snapshot.stale");
    // How long a list is that is written out, everybody knows.
    let listed = with("steps: [{ post: /json, json: 1, for_each: [a], expect: { snapshot: all } }]\n");
    listed.write("echo.snapshots/all.item-1.json", "1");
    listed.write("echo.snapshots/all.item-2.json", "1");
    listed.callsheet(&["check"]).exits(0).says("named by no step").says("all.item-2.json");
}
