//! `that`: a false expression is shown with the value of every part of it.

use snapbox::{assert_data_eq, str};

use crate::bench::{run, told, with};
use crate::support::Outcome;

const BODY: &str = r#"{ total: 6, items: [{ price: 2 }, { price: 3 }], name: "Ümit 山田", tags: [], note: "a text that goes on and on, far beyond what fits on a line of a report, until it ends" }"#;

/// What is said of these conditions on one answer.
#[track_caller]
fn said(conditions: &str) -> String {
    let vars = "vars: { wanted: [{ price: 2 }, { price: 4 }], limit: 5 }\n";
    let steps = format!("{vars}steps:\n  - post: /json\n    json: {BODY}\n    expect:\n      that:\n{conditions}");
    findings(run(&steps).exits(1))
}

/// What is wrong, without the warnings before it and the exchange after it.
pub(crate) fn findings(outcome: &Outcome) -> String {
    let all = outcome.plain();
    let from = all.find("error[").unwrap_or(0);
    let to = all.find("\n  request").unwrap_or(all.len());
    all[from..to].to_owned()
}

#[test]
fn every_part_of_a_false_condition() {
    let conditions = r#"        - json.items[1].price in [1, limit] or not json.total
        - json.total <= limit and json.items | length == 2
        - json.items | selectattr("price", "gt", 2) | map(attribute="price") | list == [2]
        - json.total + 1 > limit * 2 - json.items[0].price
        - status is divisibleby 3
        - 1 < json.items | length < 2 < json.total
        - json.name ~ "!" == "Ümit" and status == 200
        - (json.tags | first) is defined
        - json.name[:4] if json.tags else json.nothing is defined
        - json.tags
"#;
    assert_data_eq!(
        said(conditions),
        str![[r#"
error[expect.that]: `json.items[1].price in [1, limit] or not json.total` is not true
 --> echo.yaml:9:11
  |
9 |         - json.items[1].price in [1, limit] or not json.total
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  json.items[1].price in [1, limit] or not json.total
  |    |    |   |     |      |      |  |        |
  |    |    |   3     false  5      |  false    6
  |    |    |                       false
  |    |    { "price": 3 }
  |    [{ "price": 2 }, { "price": 3 }]
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

error[expect.that]: `json.total <= limit and json.items | length == 2` is not true
  --> echo.yaml:10:11
   |
10 |         - json.total <= limit and json.items | length == 2
   |           ^^^^^^^^^^^^^^^^^^^ 6 <= 5 is false

  json.total <= limit and json.items | length == 2
  |    |     |  |     |   |
  |    6     |  5     |   not evaluated
  |          false    false
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

error[expect.that]: `json.items | selectattr("price", "gt", 2) | map(attribute="price") | list == [2]` is not true
  --> echo.yaml:11:11
   |
11 |         - json.items | selectattr("price", "gt", 2) | map(attribute="price") | list == [2]
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ [3] == [2] is false

  json.items | selectattr("price", "gt", 2) | map(attribute="price") | list == [2]
  |    |       |                              |                        |    |
  |    |       |                              |                        |    false
  |    |       |                              |                        [3]
  |    |       |                              [3]
  |    |       [{ "price": 3 }]
  |    [{ "price": 2 }, { "price": 3 }]
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

error[expect.that]: `json.total + 1 > limit * 2 - json.items[0].price` is not true
  --> echo.yaml:12:11
   |
12 |         - json.total + 1 > limit * 2 - json.items[0].price
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 7 > 8 is false

  json.total + 1 > limit * 2 - json.items[0].price
  |    |     |   | |     |   |      |    |   |
  |    6     7   | 5     10  8      |    |   2
  |              false              |    { "price": 2 }
  |                                 [{ "price": 2 }, { "price": 3 }]
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

error[expect.that]: `status is divisibleby 3` is not true
  --> echo.yaml:13:11
   |
13 |         - status is divisibleby 3
   |           ^^^^^^^^^^^^^^^^^^^^^^^ this is false

  status is divisibleby 3
  |         |
  200       false

error[expect.that]: `1 < json.items | length < 2 < json.total` is not true
  --> echo.yaml:14:11
   |
14 |         - 1 < json.items | length < 2 < json.total
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 2 < 2 is false

  1 < json.items | length < 2 < json.total
    | |    |       |      |     |
    | |    |       2      |     not evaluated
    | |    |              false
    | |    [{ "price": 2 }, { "price": 3 }]
    | { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)
    true

error[expect.that]: `json.name ~ "!" == "Ümit" and status == 200` is not true
  --> echo.yaml:15:11
   |
15 |         - json.name ~ "!" == "Ümit" and status == 200
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^ "Ümit 山田!" == "Ümit" is false

  json.name ~ "!" == "Ümit" and status == 200
  |    |    |     |         |   |
  |    |    |     false     |   not evaluated
  |    |    |               false
  |    |    "Ümit 山田!"
  |    "Ümit 山田"
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

error[expect.that]: `(json.tags | first) is defined` is not true
  --> echo.yaml:16:11
   |
16 |         - (json.tags | first) is defined
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  (json.tags | first) is defined
   |    |      |         |
   |    |      |         false
   |    |      undefined
   |    []
   { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

error[expect.that]: `json.name[:4] if json.tags else json.nothing is defined` is not true
  --> echo.yaml:17:11
   |
17 |         - json.name[:4] if json.tags else json.nothing is defined
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  json.name[:4] if json.tags else json.nothing is defined
  |             |  |    |              |          |
  |             |  |    |              undefined  false
  |             |  |    []
  |             |  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)
  |             false
  not evaluated

error[expect.that]: `json.tags` is not true
  --> echo.yaml:18:11
   |
18 |         - json.tags
   |           ^^^^^^^^^ this is []

  json.tags
  |    |
  |    []
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

"#]]
    );
}

#[test]
fn long_conditions_and_long_values() {
    let conditions = r#"        - json.total > 3 and json.items | selectattr("price", "gt", 2) | list | length == 7 and headers["content-type"] == "application/xml"
        - json.note == "a text that goes on and on, far beyond what fits on a line of a report, till it ends"
        - json.items == wanted
        - "wanted == json.items"
        - range(1000) | list == json.tags
        - |
          json.total == 6
            and json.items
              | length == 3
        - "json.name == '\u65e5' and json.total"
"#;
    assert_data_eq!(
        said(conditions),
        str![[r#"
error[expect.that]: `json.total > 3 and json.items | selectattr("price", "gt", 2) | list | length == 7 and headers["content-type"] == "application/xml"` is not true
 --> echo.yaml:9:30
  |
9 | ...3 and json.items | selectattr("price", "gt", 2) | list | length == 7 and headers["content-...
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 1 == 7 is false

  json.total > 3
  |    |     |
  |    6     true
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)
  and json.items | selectattr("price", "gt", 2) | list | length == 7
  |        |       |                              |      |      |
  false    |       |                              |      1      false
           |       |                              [{ "price": 3 }]
           |       [{ "price": 3 }]
           [{ "price": 2 }, { "price": 3 }]
  and headers["content-type"] == "application/xml"
  |   |
  |   not evaluated
  false

error[expect.that]: `json.note == "a text that goes on and on, far beyond what fits on a line of a report, till it ends"` is not true
  --> echo.yaml:10:11
   |
10 | ... - json.note == "a text that goes on and on, far beyond what fits on a line of a report, till it ends"
   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  json.note == "a text that goes on and on, far beyond what fits on a line of a report, till it ends"
  |    |    |
  |    |    false
  |    "a text that goes on and on, far beyond what fits on a lin…" (85 characters)
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

  what the left side has (+), against the right one (-):
  $                            they differ from character 73 on
-  "a text that goes on and on, far beyond what fits on a line of a report, till it ends"
                                                                             ^^^^
+   "a text that goes on and on, far beyond what fits on a line of a report, until it ends"
                                                                             ^^^^^

error[expect.that]: `json.items == wanted` is not true
  --> echo.yaml:11:11
   |
11 |         - json.items == wanted
   |           ^^^^^^^^^^^^^^^^^^^^ this is false

  json.items == wanted
  |    |     |  |
  |    |     |  [{ "price": 2 }, { "price": 4 }]
  |    |     false
  |    [{ "price": 2 }, { "price": 3 }]
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

  what the left side has (+), against the right one (-):
  $[1].price
-  4
+   3

error[expect.that]: `wanted == json.items` is not true
  --> echo.yaml:12:12
   |
12 |         - "wanted == json.items"
   |            ^^^^^^^^^^^^^^^^^^^^ this is false

  wanted == json.items
  |      |  |    |
  |      |  |    [{ "price": 2 }, { "price": 3 }]
  |      |  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)
  |      false
  [{ "price": 2 }, { "price": 4 }]

  what the right side has (+), against the left one (-):
  $[1].price
-  4
+   3

error[expect.that]: `range(1000) | list == json.tags` is not true
  --> echo.yaml:13:11
   |
13 |         - range(1000) | list == json.tags
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  range(1000) | list == json.tags
  |             |    |  |    |
  |             |    |  |    []
  |             |    |  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)
  |             |    false
  |             [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, …] (1000 elements)
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, …] (1000 elements)

  what the right side has (+), against the left one (-):
  $                            (1000 expected, 0 came)
-  [0] 0  missing
-  [1] 1  missing
-  [2] 2  missing
-  [3..999] …  997 more missing

error[expect.that]: `json.total == 6 and json.items | length == 3` is not true
  --> echo.yaml:15:11
   |
15 |           json.total == 6
   |           ^^^^^^^^^^^^^^^ this is false

  json.total == 6
  |    |     |
  |    6     true
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)
    and json.items
    |        |
    false    [{ "price": 2 }, { "price": 3 }]
      | length == 3
        |      |
        2      false

error[expect.that]: `json.name == '日' and json.total` is not true
  --> echo.yaml:18:11
   |
18 |         - "json.name == '/u65e5' and json.total"
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  json.name == '日' and json.total
  |    |    |       |   |
  |    |    false   |   not evaluated
  |    |            false
  |    "Ümit 山田"
  { "total": 6, "items": […], "name": "Ümit 山田", "tags": [], … } (5 members)

"#]]
    );
}

#[test]
fn what_is_random_is_shown_as_it_was_and_drawn_once() {
    let steps = "steps:
  - name: random
    post: /json
    json: { a: 1 }
    expect: { that: 'uuid() == random_string(3) or random_int(1, 6) + 6 == json.a' }
";
    let drawn = "steps:
  - name: drawn
    post: /json
    json: { a: \"{{ uuid() }}\", b: \"{{ random_string(3) }}\", c: \"{{ random_int(1, 6) }}\" }
    expect: 201
";
    let (outcome, report) = told(&with(steps));
    outcome.exits(1);
    let details = report.step("random")["findings"][0]["problem"]["details"].as_str().unwrap_or_default().to_owned();
    let (outcome, report) = told(&with(drawn));
    outcome.exits(1);
    let body = report.step("drawn")["exchange"]["response"]["body"]["text"].as_str().unwrap_or_default().to_owned();
    let body: serde_json::Value = serde_json::from_str(&body).expect("the echo is JSON");
    // One seed, and so the same values in the same order: they were drawn once.
    for value in [&body["a"], &body["b"], &body["c"]] {
        assert!(details.contains(&value.to_string()), "{value} is not in\n{details}");
    }
}

#[test]
fn a_condition_that_cannot_be_evaluated_shows_how_far_it_came() {
    let outcome = run("steps:
  - post: /json
    json: { items: [], total: 1 }
    expect: { that: ['json.total == 1', 'json.total > 0 and json.items[0].price == 3'] }
");
    assert_data_eq!(
        findings(outcome.exits(1)),
        str![[r#"
error[template.undefined]: `json.items[0].price` has no value
 --> echo.yaml:6:61
  |
6 |     expect: { that: ['json.total == 1', 'json.total > 0 and json.items[0].price == 3'] }
  |                                                             ^^^^^^^^^^^^^^^^^^^
  |
  = help: a part of this path is missing in the value; `default('none')` gives another value instead

  json.total > 0 and json.items[0].price == 3
  |    |     |            |    |   |
  |    1     true         |    |   fails: undefined value
  |                       |    undefined
  |                       []
  { "items": [], "total": 1 }

"#]]
    );
}

#[test]
fn a_secret_shows_in_no_part_of_a_condition() {
    let project = crate::bench::project()
        .file(
            "callsheet.yaml",
            "callsheet: 1\nenvironments: { mock: { serve: builtin, secrets: { key: { env: KEY } } } }\n",
        )
        .variable("KEY", "Zq8-hush-W5xvT7")
        .file(
            "echo.yaml",
            &crate::bench::scenario(
                "steps:
  - post: /json
    json: { key: \"{{ secrets.key }}\" }
    expect:
      that:
        - json.key == secrets.key | upper
        - secrets.key[:8] == 'x' or secrets.key | replace('-', '+') == json.key
        - (secrets | tojson) == json.key | length
        - json.key ~ '!' == secrets.key
",
            ),
        );
    let outcome = project.run(&["-v"]);
    outcome.exits(1).says("not shown: made of a secret").says("{{secrets.key}}");
    for hush in ["hush", "HUSH", "Zq8", "vT7", "ZQ8"] {
        outcome.lacks(hush);
    }
}
