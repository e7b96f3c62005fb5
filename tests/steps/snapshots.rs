//! Answers that are compared with what was stored: what holds, what does not, and what is said of it.

use snapbox::{assert_data_eq, str};

use crate::bench::{self, list, scenario, told};
use crate::support::{Outcome, Project};

/// An empty project on a machine that is no CI server.
fn project() -> Project {
    bench::project().variable("CI", "")
}

/// A project with one scenario, on a machine that is no CI server.
fn with(body: &str) -> Project {
    bench::with(body).variable("CI", "")
}

/// A step that gets JSON back and compares it with the snapshot `it`; `more` are further keys of `snapshot`.
fn step(json: &str, more: &str) -> String {
    format!("steps:\n  - post: /json\n    json: {json}\n    expect: {{ snapshot: {{ name: it{more} }} }}\n")
}

/// Runs such a step over a stored snapshot.
fn over(stored: &str, json: &str, more: &str) -> Outcome {
    with(&step(json, more)).file("echo.snapshots/it.json", stored).run(&[])
}

/// The files of a project, those of hidden folders left out.
fn files(project: &Project) -> Vec<String> {
    project.names().into_iter().filter(|name| !name.starts_with('.')).collect()
}

#[test]
fn an_answer_that_is_as_it_was_stored() {
    for (stored, json) in [
        (r#"{"a":1,"b":["x",null]}"#, "{ b: [x, null], a: 1.0 }"),
        (r#"{"id":"<uuid>","n":"<integer >= 3>"}"#, "{ id: \"{{ uuid() }}\", n: 7 }"),
        (r#"{"text":"\\<uuid>","tag":"<b","html":"\\<p>x</p>"}"#, "{ text: <uuid>, tag: '<b', html: '<p>x</p>' }"),
        (r#"{"\\$ref":"a/b","\\$each":1}"#, "{ $ref: a/b, $each: 1 }"),
        (r#"{"tags":{"$unordered":["a","b"]},"maybe":"<optional string>"}"#, "{ tags: [b, a] }"),
        (r#"{"t":"{{ name }}"}"#, "{ t: \"{{ '{{ name }}' }}\" }"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("\u{feff}[1]", "[1]"),
        (r#"{"naïve":"日本 \u00e9"}"#, "{ naïve: 日本 é }"),
    ] {
        over(stored, json, "").exits(0);
    }
}

#[test]
fn an_answer_that_is_another_shows_the_place_in_the_snapshot() {
    let stored = "{\n  \"id\": \"<integer>\",\n  \"state\": \"PLANNED\",\n  \"stops\": [\n    \"Utrecht\"\n  ]\n}\n";
    let outcome = over(stored, "{ id: x, state: PLANNED, stops: [Utrecht, Zwolle], more: 1 }", "");
    assert_data_eq!(
        outcome.exits(1).plain(),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  1 of 2 expectations failed

error[expect.snapshot]: the answer is not the snapshot `it`: $.id is not what was expected, and 2 more things differ
 --> echo.snapshots/it.json:2:9
  |
2 |   "id": "<integer>",
  |         ^^^^^^^^^^^ the answer has "x": a string, not an integer
  |
 ::: echo.yaml:6:15
  |
6 |     expect: { snapshot: { name: it } }
  |               -------- compared with the snapshot here
  |
  = help: if the answer is right, `callsheet accept echo.yaml` stores it

  $.id                         a string, not an integer
-  <integer>
+   "x"
  $.stops                      (1 expected, 2 came)
    [0] …                      same
+   [1] "Zwolle"               not expected
  $.more                       not expected
+   1

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            { "id": "x", "state": "PLANNED", "stops": ["Utrecht", "Zwolle"], "more": 1 }
  response  200 OK · TIME · 66 B
            content-type: application/json
            { "id": "x", "state": "PLANNED", "stops": ["Utrecht", "Zwolle"], "more": 1 }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"id":"x","state":"PLANNED","stops":["Utrecht","Zwolle"],"more":1}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7
1 change could be taken into the files: callsheet accept

"#]]
    );
}

#[test]
fn there_may_be_neither_more_nor_less_than_was_stored() {
    for (stored, json, said) in [
        (r#"{"a":1}"#, "{ a: 1, b: 2 }", "$.b was not expected"),
        (r#"{"a":1,"b":2}"#, "{ a: 1 }", "$.b is missing"),
        ("[1,2]", "[2, 1]", "$[1] is at another place"),
        (r#"{"a":"1"}"#, "{ a: 1 }", "$.a is not what was expected"),
        ("12345678901234567890123", "12345678901234567890124", "$ is not what was expected"),
        (r#"{"a":"<uuid>"}"#, "{ a: <uuid> }", "$.a is not what was expected"),
    ] {
        over(stored, json, "").exits(1).says("error[expect.snapshot]").says(said);
    }
}

#[test]
fn a_snapshot_that_is_missing_fails_and_is_not_written() {
    for variables in [&[][..], &[("CI", "true")]] {
        let project = with(&step("{ a: 1 }", ""));
        let outcome = project.run_with(&[], variables);
        outcome.exits(1).says("error[snapshot.missing]: there is no snapshot `it` yet");
        outcome.says("echo.snapshots/it.json is missing").says("callsheet accept echo.yaml");
        assert_eq!(files(&project), ["callsheet.yaml", "echo.yaml"]);
    }
    let near = with(&step("{ a: 1 }", "")).file("echo.snapshots/its.json", "{}").run(&[]);
    near.exits(1).says("did you mean `its`?");
}

#[test]
fn damaged_snapshots_are_errors_at_their_place() {
    let merge = "{\n<<<<<<< HEAD\n  \"a\": 1\n=======\n  \"a\": 2\n>>>>>>> other\n}\n";
    let project = with(&step("{ a: 1 }", "")).file("echo.snapshots/it.json", merge);
    assert_data_eq!(
        project.run(&[]).exits(1).diagnostics(),
        str![[r#"
error[snapshot.damaged]: the snapshot echo.snapshots/it.json cannot be read: it contains the marks of a merge
 --> echo.snapshots/it.json:2:1
  |
2 | <<<<<<< HEAD
  | ^^^^^^^^^^^^ git left both sides here
  |
 ::: echo.yaml:6:15
  |
6 |     expect: { snapshot: { name: it } }
  |               -------- this snapshot
  |
  = help: delete one of the two sides and the marks, or delete the file, run again, and store it with `callsheet accept`

"#]]
    );
    let (_, report) = told(&project);
    assert_eq!(report.steps()[0]["verdict"], "errored");
    for (stored, said) in [
        ("", "it is empty"),
        ("{\"a\": 1,}", "this is not JSON: the name of a member"),
        ("{\"a\": 1, \"a\": 1}", "the member `a` is here twice"),
        ("{\"a\": \"<intger>\"}", "there is no matcher `intger`"),
        ("{\"a\": {\"$some\": 1}}", "there is no operator `$some`"),
        ("{\"a\": \"<contains {{ b }}>\"}", "matcher.template"),
    ] {
        over(stored, "{ a: 1 }", "").exits(1).says(said).says("echo.snapshots/it.json");
    }
    let latin = with(&step("{ a: 1 }", ""));
    latin.write_bytes("echo.snapshots/it.json", b"{\"a\": \"\xe9\"}");
    latin.run(&[]).exits(1).says("it is not UTF-8");
    let folder = with(&step("{ a: 1 }", "")).file("echo.snapshots/it.json/x", "");
    folder.run(&[]).exits(1).says("snapshot.damaged");
    let two =
        with(&step("{ a: 1 }", "")).file("echo.snapshots/it.json", "{\"a\":1}").file("echo.snapshots/it.txt", "x");
    two.run(&[]).exits(1).says("there are two snapshots `it`");
}

#[test]
fn what_is_wrong_beside_the_snapshot_is_told_too() {
    let project = with("steps: [{ get: /text, expect: { text: nothing, that: status == 201, snapshot: it } }]\n")
        .file("echo.snapshots/it.txt", "one\ntwo\n");
    let (outcome, report) = told(&project);
    outcome.exits(1);
    let ids: Vec<_> =
        list(&report.steps()[0]["findings"]).iter().map(|finding| finding["problem"]["id"].clone()).collect();
    assert_eq!(ids, ["expect.text", "expect.that", "expect.snapshot"]);
}

#[test]
fn texts_are_compared_line_by_line() {
    let lines = |stored: &str| {
        with("steps: [{ get: /text, expect: { snapshot: it } }]\n").file("echo.snapshots/it.txt", stored).run(&[])
    };
    lines("one\ntwo\nthree\n").exits(0);
    // As git writes it on Windows.
    lines("one\r\ntwo\r\nthree\r\n").exits(0);
    assert_data_eq!(
        lines("one\nzwei\nthree\n").exits(1).diagnostics(),
        str![[r#"
error[expect.snapshot]: the answer is not the snapshot `it`
 --> echo.snapshots/it.txt:2:1
  |
2 | zwei
  | ^^^^ the answer has `two`
  |
 ::: echo.yaml:3:33
  |
3 | steps: [{ get: /text, expect: { snapshot: it } }]
  |                                 -------- compared with the snapshot here
  |
  = help: if the answer is right, `callsheet accept echo.yaml` stores it

"#]]
    );
    lines("one\ntwo\n").exits(1).says("the answer goes on with `three`");
    lines("one\ntwo\nthree\nfour\n").exits(1).says("the answer ends before this line");
    lines("one\ntwo\nthree").exits(1).says("only the line breaks at the end differ");
    lines("<<<<<<< HEAD\none\n=======\nuno\n>>>>>>> other\ntwo\nthree\n")
        .exits(1)
        .says("it contains the marks of a merge");
    lines("").exits(1).says("it is empty");
    for path in ["/html", "/xml"] {
        let step = format!("steps: [{{ get: {path}, expect: {{ snapshot: it }} }}]\n");
        with(&step).run(&[]).exits(1).says("echo.snapshots/it.txt is missing");
    }
}

#[test]
fn what_is_no_text_cannot_be_a_snapshot() {
    with("steps: [{ get: /bytes/20, expect: { snapshot: it } }]\n")
        .run(&[])
        .exits(1)
        .says("20 bytes cannot be a snapshot");
    with("steps: [{ get: /empty, expect: { snapshot: it } }]\n").run(&[]).exits(1).says("the answer has no body");
}

#[test]
fn the_form_follows_the_media_type_unless_the_step_says_it() {
    let body = "steps:\n  - { post: /body, headers: { content-type: KIND }, text: '[ 1 ]', expect: { snapshot: { name: it MORE } } }\n";
    let run = |kind: &str, more: &str, file: &str, stored: &str| {
        with(&body.replace("KIND", kind).replace("MORE", more)).file(&format!("echo.snapshots/{file}"), stored).run(&[])
    };
    run("application/hal+json", "", "it.json", "[1]").exits(0);
    run("text/plain", "", "it.txt", "[ 1 ]").exits(0);
    run("text/plain", ", as: json", "it.json", "[1]").exits(0);
    run("application/json", ", as: text", "it.txt", "[ 1 ]").exits(0);
    let other = run("text/plain", "", "it.json", "[1]");
    other.exits(1).says("the answer is a text, but the snapshot `it` is JSON: echo.snapshots/it.json");
    run("text/csv", ", as: json", "it.json", "{}").exits(1).says("error[expect.snapshot]");
    let no_json = with("steps: [{ get: /text, expect: { snapshot: { name: it, as: json } } }]\n").run(&[]);
    no_json.exits(1).says("the answer is text/plain, not JSON");
}

#[test]
fn bodies_that_are_read_as_json_are_stored_as_such() {
    let run = |kind: &str, body: &str, stored: &str| {
        let step =
            "steps: [{ post: /body, headers: { content-type: KIND }, text: \"BODY\", expect: { snapshot: it } }]\n";
        with(&step.replace("KIND", kind).replace("BODY", body)).file("echo.snapshots/it.json", stored).run(&[])
    };
    run("text/csv", r"id,n\n1,x\n", r#"[{"id":"1","n":"x"}]"#).exits(0);
    run("text/csv", r"id,n\n1,x\n", r#"[{"id":"<integer>","n":"x"}]"#).exits(0);
    run("text/csv", r"id,n\na,x\n", r#"[{"id":"<integer>","n":"x"}]"#)
        .exits(1)
        .says("$[0].id is not what was expected");
    run("application/x-ndjson", r#"{\"a\":1}\n{\"a\":2}\n"#, r#"[{"a":1},{"a":2}]"#).exits(0);
    run("application/x-www-form-urlencoded", "a=1&b=x", r#"{"a":"1","b":"x"}"#).exits(0);
}

#[test]
fn what_is_ignored_is_not_compared() {
    let run = |json: &str| {
        let step = format!(
            "steps: [{{ post: /json, json: {json}, expect: {{ ignore: [$.seen, '$.list[*].at'], snapshot: it }} }}]\n"
        );
        with(&step).file("echo.snapshots/it.json", r#"{"a":1,"list":[{"n":1,"at":1}]}"#).run(&[])
    };
    run("{ a: 1, seen: 5, list: [{ n: 1, at: 2 }] }").exits(0);
    run("{ a: 1, list: [{ n: 1 }] }").exits(0);
    run("{ a: 2, seen: 5, list: [{ n: 1 }] }").exits(1).says("$.a is not what was expected").lacks("seen is");
}

#[test]
fn a_page_in_place_of_the_answer_is_no_snapshot_to_be() {
    let outcome = with("steps: [{ get: /status/500, expect: { snapshot: it } }]\n").run(&[]);
    outcome.exits(1).says("error[expect.status]").lacks("snapshot.missing").lacks("stores it");
    let stored = with("steps: [{ get: /status/500, expect: { snapshot: it } }]\n").file("echo.snapshots/it.json", "{}");
    stored.run(&[]).exits(1).says("error[expect.status]").says("error[expect.snapshot]").lacks("stores it");
}

#[test]
fn of_masked_values_only_the_type_counts() {
    let stored = r#"{"at":"2020","list":[{"id":1,"n":"x"}]}"#;
    let mask = ", mask: [$.at, \"$.list[*].id\"]";
    over(stored, "{ at: '2021', list: [{ id: 5, n: x }] }", mask).exits(0);
    over(stored, "{ at: 2021, list: [{ id: 5, n: x }] }", mask).exits(1).says("a number, not a string");
    over(stored, "{ at: '2021', list: [{ id: 5, n: y }] }", mask).exits(1).says("$.list[0].n is not what was expected");
    // What the file says beyond the type still holds.
    over(r#"{"at":"<length 4>"}"#, "{ at: '20211' }", ", mask: [$.at]").exits(1);
}

#[test]
fn a_mask_that_finds_nothing_is_warned_of() {
    let outcome = over(
        r#"{"at":"x","list":[{}],"none":[]}"#,
        "{ at: x, list: [{}], none: [] }",
        ", mask: [$.att, '$.list[*].id', '$.none[*].id']",
    );
    assert_data_eq!(
        outcome.exits(0).plain(),
        str![[r#"
✓ Echo  mock · TIME

warning[snapshot.mask]: the mask $.att finds nothing in the answer
 --> echo.yaml:6:44
  |
6 |     expect: { snapshot: { name: it, mask: [$.att, '$.list[*].id', '$.none[*].id'] } }
  |                                            ^^^^^
  |
  = help: did you mean `at`?

warning[snapshot.mask]: the mask $.list[*].id finds nothing in the answer
 --> echo.yaml:6:51
  |
6 |     expect: { snapshot: { name: it, mask: [$.att, '$.list[*].id', '$.none[*].id'] } }
  |                                                   ^^^^^^^^^^^^^^
  |
  = help: correct the path, or remove it

1 passed · 1 request · TIME · mock · seed 7

"#]]
    );
    let text = with("steps: [{ get: /text, expect: { snapshot: { name: it, mask: $.a } } }]\n")
        .file("echo.snapshots/it.txt", "one\ntwo\nthree\n");
    text.run(&[]).exits(0).says("the answer is a text, but a mask is for JSON");
}

#[test]
fn a_scenario_below_a_folder_has_its_snapshots_beside_it() {
    let project = project()
        .file("api/v1/echo.yaml", &scenario(&step("{ a: 1 }", "")))
        .file("api/v1/echo.snapshots/it.json", "{\"a\":2}");
    project.run(&[]).exits(1).says("--> api/v1/echo.snapshots/it.json:1:6").says("callsheet accept api/v1/echo.yaml");
    project.run(&["api/v1/echo.yaml"]).exits(1).says("--> api/v1/echo.snapshots/it.json:1:6");
}

#[test]
fn a_big_snapshot_is_read_whole() {
    let objects: Vec<String> = (0..20_000).map(|n| format!("{{\"id\": {n}, \"name\": \"number {n}\"}}")).collect();
    let project = with("steps: [{ post: /body, headers: { content-type: application/json }, file: body.json, expect: { snapshot: it } }]\n")
        .file("body.json", &format!("[{}]", objects.join(",")))
        .file("echo.snapshots/it.json", &format!("[\n{}\n]\n", objects.join(",\n")));
    project.run(&[]).exits(0);
    let other = objects.join(",\n").replace("number 19000\"", "another\"");
    project.write("echo.snapshots/it.json", &format!("[\n{other}\n]\n"));
    project.run(&[]).exits(1).says("--> echo.snapshots/it.json:19002:").says("$[19000].name is not what was expected");
}
