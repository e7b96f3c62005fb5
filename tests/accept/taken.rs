//! What is taken into the files, and that what was taken holds.

use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

use crate::support::Project;
use crate::{expected, expecting, project};

/// A run fails, everything is accepted, and the next run passes: the file then.
#[track_caller]
fn accepted(answer: &str, expect: &str) -> String {
    let project = expecting(answer, expect);
    project.run(&[]).exits(1).says("could be taken into the files: callsheet accept");
    project.callsheet(&["accept", "--all"]).exits(0).says("trip.yaml: ");
    project.run(&[]).exits(0).lacks("callsheet accept");
    project.callsheet(&["accept", "--all"]).exits(0).says("nothing is pending");
    expected(&project)
}

#[test]
fn a_tree_is_changed_where_it_differs_and_nowhere_else() {
    let answer = r#"{
        "id": "T-1001", "at": "2020-01-01T00:00:00Z", "state": "CANCELLED", "plate": "X-1",
        "stops": [{"id": "S-1", "n": 1}, {"id": "S-9", "n": 9, "name": "x: y"}, {"id": "S-2", "n": 2}],
        "note": "<b>", "text": "one\ntwo\n", "{}": "{{ x }}", "driver_id": "D-77"
    }"#;
    let expect = r#"
status: 200   # as ever
json:         # the trip
  id: <matches ^T-\d+$>   # stays: it holds
  at: <datetime>
  state: PLANNED # as it was pushed
  plate: "X-1"
  stops:
    # the first
    - id: S-1
      n: 1
    # the second
    - { id: S-2, n: 3 }   # in one line
    - id: S-3
  note: 'x'
  text: |
    one

  gone: true  # no longer there
  "{}": y
  driverId: D-77
"#;
    assert_eq!(
        accepted(answer, expect.trim_start()),
        r#"status: 200   # as ever
json:         # the trip
  id: <matches ^T-\d+$>   # stays: it holds
  at: <datetime>
  state: CANCELLED # as it was pushed
  plate: "X-1"
  stops:
    # the first
    - id: S-1
      n: 1
    - id: S-9
      n: 9
      name: "x: y"
    # the second
    - { id: S-2, n: 2 }   # in one line
  note: '\<b>'
  text: |
    one
    two

  "{}": "{% raw %}{{ x }}{% endraw %}"
  driver_id: D-77
"#
    );
}

#[test]
fn every_kind_of_expectation_is_taken() {
    let cases: &[(&str, &str, &str)] = &[
        ("{}", "status: 201", "status: 200\n"),
        ("{}", "status: [201, 4xx] # why", "status: 200 # why\n"),
        ("{}", "headers: { X-Version: v6, etag: '\"x\"' }", "headers: { X-Version: v7, etag: '\"abc\"' }\n"),
        ("{}", "headers:\n  x-gone: 1\n  x-version: <any>", "headers:\n  x-version: <any>\n"),
        ("{}", "headers:\n  x-gone: 1", "headers: {}\n"),
        (r#"{"a":1,"b":[]}"#, "json_exactly: { a: 1 }", "json_exactly: { a: 1, b: [] }\n"),
        (
            r#"{"a":{"b":1,"c":{"$each":1}}}"#,
            "json_exactly:\n  a:\n    b: 1",
            "json_exactly:\n  a:\n    b: 1\n    c:\n      \\$each: 1\n",
        ),
        (r#"{"a":{"b":1}}"#, "at: { $.a.b: 2, $.a.c: 3 }", "at: { $.a.b: 1 }\n"),
        (r#"{"a":[{"b":1},{"b":2}]}"#, "at:\n  $.a[*].b: [1, 3]", "at:\n  $.a[*].b: [1, 2]\n"),
        ("[1, 2]", "json: { a: 1 }", "json: [1, 2]\n"),
        ("{\"a\": [1, 2]}", "json:\n  a:\n    $length: 3", "json:\n  a:\n    $length: 2\n"),
        ("{\"a\": [1, 2]}", "json: { a: { $length: <3..5> } }", "json: { a: { $length: 2 } }\n"),
        (r#"{"a":[{"s":"X"},{"s":"X"}]}"#, "json: { a: { $each: { s: Y } } }", "json: { a: { $each: { s: X } } }\n"),
        (r#"{"a":[2,3,1]}"#, "json: { a: { $unordered: [1, 2, 4] } }", "json: { a: { $unordered: [1, 2, 3] } }\n"),
        (
            r#"{"a":[{"id":"p","n":1},{"id":"q","n":2}]}"#,
            "json: { a: { $by: id, $contains: { id: q, n: 3 } } }",
            "json: { a: { $by: id, $contains: { id: q, n: 2 } } }\n",
        ),
        (
            r#"{"a":[{"id":"p"},{"id":"q"}]}"#,
            "json:\n  a: # order\n    - id: q # one\n    - id: p",
            "json:\n  a: # order\n    - id: p\n    - id: q # one\n",
        ),
        (r#"{"a":{"b":1}}"#, "json: { a: { $exactly: { b: 2 } } }", "json: { a: { $exactly: { b: 1 } } }\n"),
        (r#"{"a":"{\"b\":1}"}"#, "json: { a: { $json: { b: 2 } } }", "json: { a: { $json: { b: 1 } } }\n"),
        ("[]", "json: [1, 2]", "json: []\n"),
        ("{\"a\":1e30}", "json: { a: <integer < 5> }", "json: { a: 1e30 }\n"),
        ("{\"data\": {\"a\": 1}}", "graphql: { data: { a: 2 } }", "graphql: { data: { a: 1 } }\n"),
        (
            "{\"data\":null,\"errors\":[{\"message\":\"x\"}]}",
            "graphql: { errors: [{ message: y }] }",
            "graphql: { errors: [{ message: x }] }\n",
        ),
        ("{\"n\":1}\n{\"n\":2}\n", "ndjson: [{ n: 1 }, { n: 3 }]", "ndjson: [{ n: 1 }, { n: 2 }]\n"),
        ("<p>", "text: <starts with x>", "text: \\<p>\n"),
        ("GIF89a-12345", "bytes: { length: 3, magic: gif }", "bytes: { length: 12, magic: gif }\n"),
        ("GIF89a-12345", "bytes:\n  length: <1..5> # small", "bytes:\n  length: 12 # small\n"),
        (
            "GIF89a-12345",
            "bytes:\n  sha256: 0000000000000000000000000000000000000000000000000000000000000000 # the logo",
            "bytes:\n  sha256: b55fd5cdc492272c500928e91f96eb5b7dbf3640a363458eb7ff9ecd4207d25d # the logo\n",
        ),
        ("{\"a\":1,\"t\":\"x\"}", "json: { a: 2, t: y }\nignore: $.t", "json: { a: 1, t: y }\nignore: $.t\n"),
    ];
    for (answer, expect, result) in cases {
        assert_eq!(accepted(answer, expect), *result, "{expect}\n{answer}");
    }
}

#[test]
fn what_differs_by_nature_becomes_a_matcher() {
    let now = jiff::Timestamp::now();
    let answer = format!(
        r#"{{"id": "0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11", "at": "{now}", "list": [{{"id": "0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c12", "n": 1}}]}}"#
    );
    assert_eq!(
        accepted(
            &answer,
            "json:\n  id: 0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c10\n  at: 2020-01-01T00:00:00Z # moves\n  list: []"
        ),
        "json:\n  id: <uuid>\n  at: <datetime> # moves\n  list: [{ id: <uuid>, n: 1 }]\n"
    );
}

#[test]
fn a_status_is_taken_where_none_was_written() {
    for (scenario, result) in [
        ("  - get: /a.json/404\n", "  - get: /a.json/404\n    expect: 404\n"),
        ("  - { get: /a.json/404, name: x }\n", "  - { get: /a.json/404, name: x, expect: 404 }\n"),
        (
            "  - get: /a.json/404\n    expect: { json: {} }\n",
            "  - get: /a.json/404\n    expect: { json: {}, status: 404 }\n",
        ),
        ("  - get: /a.json/404\n    expect: 201 # made\n", "  - get: /a.json/404\n    expect: 404 # made\n"),
    ] {
        let head = "scenario: A trip\nbase_url: \"{{ env.at }}\"\nsteps:\n";
        let project = project().file("www/a.json", "{}").file("trip.yaml", &format!("{head}{scenario}"));
        project.run(&[]).exits(1);
        project.callsheet(&["accept", "--all"]).exits(0);
        assert_eq!(project.read("trip.yaml"), format!("{head}{result}"));
        project.run(&[]).exits(0);
    }
}

#[test]
fn trouble_is_not_taken_unasked() {
    let head = "scenario: A trip\nbase_url: \"{{ env.at }}\"\nsteps:\n";
    let text = format!("{head}  - get: /a.json/503\n    expect: {{ status: 200, json: {{ a: 1 }} }}\n");
    let project = project().file("www/a.json", "{\"a\": 2}").file("trip.yaml", &text);
    project.run(&[]).exits(1);
    project
        .callsheet(&["accept", "--all"])
        .exits(1)
        .says("left: status of trip.yaml: the answer was a 503: rarely what a test is for");
    assert_eq!(project.read("trip.yaml"), text);
}

#[test]
fn what_cannot_be_accepted_is_told_with_its_reason() {
    let project = expecting(
        r#"{"a": 2, "b": [1, 2], "c": "x", "d": [{"n": 1}, {"n": 2}]}"#,
        "that: json.a == 1\njson:\n  a: \"{{ 1 }}\"\n  b: { $each: 3 }\n  c: <starts with {{ 'y' }}>\n  d: { $contains: { n: 7 } }",
    );
    let before = project.read("trip.yaml");
    project.run(&[]).exits(1);
    assert_data_eq!(
        project.callsheet(&["accept", "--all"]).exits(1).plain(),
        str![[r#"
nothing was written
left: $.a of trip.yaml: a template stands here: {{ 1 }}
left: $.c of trip.yaml: a matcher with a template stands here: <starts with {{ 'y' }}>
left: expect.that of trip.yaml: an expression is not a value: what it should say only its author knows
left: $.b of trip.yaml: `$each` speaks of all elements, and they differ in this
left: $.d of trip.yaml: `$contains` fits no element, and which one was meant cannot be told

"#]]
    );
    assert_eq!(project.read("trip.yaml"), before);
    assert_data_eq!(
        project.callsheet(&["accept", "--list"]).exits(0).plain(),
        str![[r#"
A trip › GET /a.json
error[expect.json]: $.a came otherwise
 --> trip.yaml:8:12
  |
8 |         a: "{{ 1 }}"
  |            ^^^^^^^^^
  |
  = note: a template stands here: {{ 1 }}

        json:
-  a: "{{ 1 }}"
+         a: 2
          b: { $each: 3 }

A trip › GET /a.json
error[expect.json]: $.c came otherwise
  --> trip.yaml:10:12
   |
10 |         c: <starts with {{ 'y' }}>
   |            ^^^^^^^^^^^^^^^^^^^^^^^
   |
   = note: a matcher with a template stands here: <starts with {{ 'y' }}>

          b: { $each: 3 }
-  c: <starts with {{ 'y' }}>
+         c: x
          d: { $contains: { n: 7 } }

cannot be accepted:
  trip.yaml:6  expect.that: an expression is not a value: what it should say only its author knows
  trip.yaml:9  $.b: `$each` speaks of all elements, and they differ in this
  trip.yaml:11  $.d: `$contains` fits no element, and which one was meant cannot be told

2 changes can be accepted, 2 of them only one by one; 3 cannot

"#]]
    );
}

#[test]
fn another_kind_of_file_is_not_taken_unasked() {
    let project = expecting("%PDF-1.7 x", "bytes: { length: 3, magic: png }");
    let before = project.read("trip.yaml");
    project.run(&[]).exits(1);
    project
        .callsheet(&["accept", "--all"])
        .exits(1)
        .says("left: bytes.length of trip.yaml: what came is a file of another kind: pdf\n")
        .says("left: bytes.magic of trip.yaml: what came is a file of another kind: pdf\n");
    assert_eq!(project.read("trip.yaml"), before);
    project
        .callsheet(&["accept", "--list"])
        .exits(0)
        .says("+       bytes: { length: 3, magic: pdf }")
        .says("length: 10");
    let project = expecting("%PDF-1.7 x", "bytes: { magic: \"89 50 4e 47\" }");
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--list"]).exits(0).says("+       bytes: { magic: \"25504446\" }");
    for (answer, expect, why) in [
        (
            "hello",
            "bytes: { magic: png }",
            "what came is of no kind of file that has a name here: it begins with `68656c6c6f`",
        ),
        ("", "bytes: { magic: \"8950\" }", "what came is empty"),
        ("x", "bytes: { sha256: \"file:logo.png\" }", "logo.png itself would have to be replaced"),
    ] {
        let project = expecting(answer, expect).file("logo.png", "GIF89a");
        project.run(&[]).exits(1);
        project.callsheet(&["accept", "--all"]).exits(1).says(why);
    }
}

#[test]
fn a_body_that_cannot_be_read_as_what_is_expected_is_told() {
    for expect in ["csv: [{ a: 1 }]", "form: { a: 1 }", "jwt: { claims: { a: 1 } }", "ndjson: [1, 2]"] {
        let project = expecting("{\"a\": ", expect);
        project.run(&[]).exits(1).says("nothing of what failed could be taken into the files");
        project.callsheet(&["accept"]).exits(1).says("the body is not of the kind that is expected");
    }
}

#[test]
fn a_run_says_that_nothing_can_be_accepted_and_accept_says_why() {
    let project = expecting("{\"a\": 2}", "schema: { required: [b] }");
    let before = project.read("trip.yaml");
    project
        .run(&[])
        .exits(1)
        .says("nothing of what failed could be taken into the files: callsheet accept --list says why\n");
    let whole = str![[r#"
cannot be accepted:
  trip.yaml:6  expect.schema: a schema says more than one answer shows

nothing was written

"#]];
    assert_data_eq!(project.callsheet(&["accept"]).exits(1).plain(), whole.clone());
    project.callsheet(&["accept", "--all"]).exits(1).says("left: expect.schema of trip.yaml: a schema says more");
    assert_eq!(project.read("trip.yaml"), before);
    let project = expecting("{\"a\": 2}", "schema: { required: [b] }\nthat: json.a == 1\njson: { a: 1 }");
    project.run(&[]).exits(1).says(
        "1 change could be taken into the files: callsheet accept\n2 could not: callsheet accept --list says why\n",
    );
}

#[test]
fn aliases_and_merges_are_not_edited_unasked() {
    let head = "scenario: A trip\nbase_url: \"{{ env.at }}\"\nsteps:\n";
    let text = format!(
        "{head}  - get: /a.json\n    expect:\n      json: &trip {{ a: 1 }}\n  - get: /a.json\n    expect:\n      json: {{ <<: *trip, b: 2 }}\n"
    );
    let project = project().file("www/a.json", "{\"a\": 2, \"b\": 3}").file("trip.yaml", &text);
    project.run(&[]).exits(1);
    project
        .callsheet(&["accept", "--all"])
        .exits(1)
        .says("an alias (`*…`) or a merge (`<<`) shows this at other places");
    assert_eq!(project.read("trip.yaml"), text);
}

#[test]
fn cases_that_disagree_are_refused_and_those_that_agree_are_taken() {
    let scenario = |cases: &str, json: &str| {
        format!(
            "scenario: A trip\nbase_url: \"{{{{ env.at }}}}\"\ncases: {cases}\nsteps:\n  - get: /{{{{ case.f }}}}.json\n    expect: {{ json: {json} }}\n"
        )
    };
    let project = project()
        .file("www/a.json", "{\"n\": 1, \"m\": 5}")
        .file("www/b.json", "{\"n\": 2, \"m\": 5}")
        .file("trip.yaml", &scenario("[{ f: a }, { f: b }]", "{ n: 1, m: 4 }"));
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all"]).exits(0).says("trip.yaml: 1 change").says(
        "left: $.n of trip.yaml: this step ran 2 times, and 1 of them would have this: the file has one place for all",
    );
    assert_eq!(project.read("trip.yaml"), scenario("[{ f: a }, { f: b }]", "{ n: 1, m: 5 }"));
}

#[test]
fn what_a_login_gives_is_taken_and_what_must_be_refused_is_not() {
    let scenario = "scenario: A trip\nauth:\n  provider: gridshare\n  expect:\n    expires_in: 5 # seconds\n    claims: { token_use: id, gone: 1 }\nsteps:\n  - get: /api/v1/devices\n";
    let check = "scenario: Closed\nauth: gridshare\nsteps:\n  - auth_check: { request: GET /api/v1/devices, expect: [409], except: [other_persona] }\n";
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\ndefault_environment: mock\nenvironments: { mock: { serve: builtin } }\n")
        .file("trip.yaml", scenario)
        .file("closed.yaml", check)
        .variable("CI", "");
    project.run(&["closed.yaml"]).exits(1).says("nothing of what failed could be taken into the files");
    let only = str![[r#"
cannot be accepted:
  closed.yaml:4  expect.auth-check: what must be refused is not learned from an answer: only its author knows

nothing was written

"#]];
    assert_data_eq!(project.callsheet(&["accept"]).exits(1).plain(), only);
    project.run(&["trip.yaml"]).exits(1).says("3 changes could be taken");
    project.callsheet(&["accept", "--all", "trip.yaml"]).exits(0).says("trip.yaml: 3 changes");
    let accepted =
        scenario.replace("expires_in: 5", "expires_in: 3600").replace("token_use: id, gone: 1", "token_use: access");
    assert_eq!(project.read("trip.yaml"), accepted);
    project.run(&["trip.yaml"]).exits(0);
}

#[test]
fn a_fragment_is_changed_in_its_own_file() {
    let scenario = "scenario: One\nbase_url: \"{{ env.at }}\"\nsteps:\n  - use: read.yaml\n";
    let fragment = "fragment: Read\nsteps:\n  - get: /a.json\n    expect: { json: { a: 1 } } # shared\n";
    let project = project()
        .file("www/a.json", "{\"a\": 2}")
        .file("one.yaml", scenario)
        .file("two.yaml", &scenario.replace("One", "Two"))
        .file("read.yaml", fragment);
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all", "one.yaml"]).exits(0).says("read.yaml: 1 change");
    assert_eq!(project.read("read.yaml"), fragment.replace("a: 1", "a: 2"));
    assert_eq!(project.read("one.yaml"), scenario);
    project.callsheet(&["accept", "--all"]).exits(0).says("nothing is pending");
    project.run(&[]).exits(0);
}

#[test]
fn what_is_said_can_be_typed_where_it_is_said() {
    let text = "scenario: A\nbase_url: '{{ env.at }}'\nsteps:\n  - get: /a.json\n    expect: { json: { a: 1 } }\n";
    let project = project().file("www/a.json", "{\"a\": 2}").file("the api/a.yaml", text);
    project.write("the api/callsheet.yaml", &project.read("callsheet.yaml"));
    std::fs::remove_file(project.path("callsheet.yaml")).expect("it is there");
    project.callsheet(&["run", "the api/a.yaml"]).exits(1).says("files: callsheet accept 'the api/a.yaml'\n");
    project.callsheet(&["accept", "--all"]).exits(0).says("nothing is pending");
    project.callsheet(&["accept", "the api/a.yaml", "--all"]).exits(0).says("a.yaml: 1 change");
    project.callsheet(&["run", "the api"]).exits(0);
}

#[test]
fn of_elements_that_are_alike_every_one_comes() {
    let project = expecting("[null, true, true, true]", "json: [false, null, 3]");
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all"]).exits(0).says("trip.yaml: 5 changes");
    assert!(project.read("trip.yaml").contains("json: [null, true, true, true]"), "{}", project.read("trip.yaml"));
    project.run(&[]).exits(0);
}

#[test]
fn a_snapshot_is_stored_and_replaced() {
    let project = expecting("{\"b\": 1, \"a\": [2]}", "snapshot: trip");
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all"]).exits(0).says("trip.snapshots/trip.json: 1 change");
    project.run(&[]).exits(0);
    project.write("www/a.json", "{\"b\": 1, \"a\": [3]}");
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--list"]).exits(0).says("-     2\n+     3\n").says("1 change can be accepted");
    project.write("trip.snapshots/trip.json", "{}");
    project.callsheet(&["accept", "--all"]).exits(1).says("the snapshot has changed since the run: run again");
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all"]).exits(0);
    project.run(&[]).exits(0);
    project.callsheet(&["accept", "--prune"]).exits(0).says("no snapshot is stale");
}

/// What is stored of it would be an empty file, which no snapshot is.
#[test]
fn a_mark_of_the_byte_order_alone_is_no_snapshot() {
    let text =
        "scenario: A trip\nbase_url: \"{{ env.at }}\"\nsteps:\n  - get: /a.txt\n    expect: { snapshot: trip }\n";
    let project = project().file("www/a.txt", "\u{feff}").file("trip.yaml", text);
    project.run(&[]).exits(1).says("the answer has no body, so there is nothing to compare with the snapshot");
    project.callsheet(&["accept", "--all"]).exits(1).says("nothing was written");
    project.write("www/a.txt", "\u{feff}x");
    project.run(&[]).exits(1);
    project.callsheet(&["accept", "--all"]).exits(0);
    project.run(&[]).exits(0);
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        (-9_i64..99).prop_map(serde_json::Value::from),
        "[a-c<>{}\\\\ :#,'\"\n]{0,5}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let members = proptest::collection::btree_map("[a-d$\\\\ ]{1,2}", inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(serde_json::Value::from),
            members.prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// As YAML, which JSON is but for what only an expectation reads into it.
fn as_expected(value: &serde_json::Value) -> serde_json::Value {
    let literal = |text: &str| {
        if ["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
            return "x".to_owned();
        }
        if text.trim_start_matches('\\').starts_with('<') { format!("\\{text}") } else { text.to_owned() }
    };
    match value {
        serde_json::Value::String(text) => literal(text).into(),
        serde_json::Value::Array(items) => items.iter().map(as_expected).collect(),
        serde_json::Value::Object(members) => {
            let name = |name: &str| {
                if name.trim_start_matches('\\').starts_with('$') { format!("\\{name}") } else { name.to_owned() }
            };
            serde_json::Value::Object(members.iter().map(|(key, value)| (name(key), as_expected(value))).collect())
        }
        scalar => scalar.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is expected and whatever comes: what is accepted holds.
    #[test]
    fn what_is_accepted_holds(
        pairs in proptest::collection::vec((any_json(), any_json()), 1..12),
        exactly in any::<bool>(),
        flow in any::<bool>(),
    ) {
        let mut project = project();
        for (at, (expected, came)) in pairs.iter().enumerate() {
            let expected = as_expected(expected);
            // Of a key without a value in a block, the file has the word.
            let yaml = if flow { expected.to_string() } else { serde_yaml::to_string(&expected).expect("YAML").replace('\n', "\n          ").trim_end().to_owned() };
            let one_line = expected.as_object().is_none_or(serde_json::Map::is_empty) && expected.as_array().is_none_or(Vec::is_empty);
            let separator = if flow || one_line { " " } else { "\n          " };
            let key = if exactly { "json_exactly" } else { "json" };
            let text = format!(
                "scenario: Pair {at}\nbase_url: \"{{{{ env.at }}}}\"\nsteps:\n  - get: /{at}.json\n    expect:\n        {key}:{separator}{yaml}\n        status: 200 # stays\n"
            );
            project = project.file(&format!("www/{at}.json"), &came.to_string()).file(&format!("pair{at}.yaml"), &text);
        }
        let first = project.run(&[]);
        prop_assert!(first.code <= 1, "{}", first.all());
        let accepted = project.callsheet(&["accept", "--all"]);
        prop_assert_eq!(accepted.code, 0, "{}", accepted.all());
        let again = project.run(&[]);
        prop_assert_eq!(again.code, 0, "{}\n{}", accepted.all(), again.all());
        // On a green run nothing is left to be accepted, and no byte changes.
        let texts: Vec<String> = (0..pairs.len()).map(|at| project.read(&format!("pair{at}.yaml"))).collect();
        project.callsheet(&["accept", "--all"]).exits(0);
        for (at, text) in texts.iter().enumerate() {
            prop_assert_eq!(&project.read(&format!("pair{at}.yaml")), text);
            prop_assert!(text.ends_with("        status: 200 # stays\n"), "{}", text);
        }
    }
}
