//! What a step can expect beside a tree: each key with an answer that is so and one that is not.

use snapbox::{assert_data_eq, str};

use crate::bench::{list, run, told, with};
use crate::support::{Recorder, json};

/// All steps pass.
#[track_caller]
fn passes(steps: &str) {
    run(&format!("steps:\n{steps}")).exits(0);
}

/// Each step, a scenario of its own, fails; what the whole run says of it.
#[track_caller]
fn fails(step: &str) -> String {
    run(&format!("steps:\n{step}")).exits(1).plain()
}

/// The diagnostics alone.
#[track_caller]
fn problems(step: &str) -> String {
    run(&format!("steps:\n{step}")).exits(1).diagnostics()
}

#[test]
fn statuses_that_hold() {
    passes(
        "
  - { get: /status/201, expect: 201 }
  - { get: /status/299, expect: 2xx }
  - { get: /status/404, expect: { status: 4xx } }
  - { get: /status/204, expect: { status: [200, 204] } }
  - { get: /status/302, redirects: 0, expect: [404, 3xx] }
  - { get: /status/499, expect: { status: <400..499> } }
  - { get: /status/503, expect: { status: '{{ 500 + 3 }}' } }
  - get: /status/200
  - { get: /status/304, redirects: 0 }
",
    );
}

#[test]
fn a_status_that_nobody_named() {
    assert_data_eq!(
        fails("  - get: /status/404\n"),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ GET  /status/404  404 · TIME  1 of 1 expectations failed

error[expect.status]: the answer is 404 Not Found, and 2xx or 3xx is expected (no `status` is written)
 --> echo.yaml:4:5
  |
4 |   - get: /status/404
  |     ^^^ the answer is 404

  request   GET http://127.0.0.1:PORT/echo/status/404
  response  404 Not Found · TIME · 35 B
            content-type: application/json
            { "status": 404, "reason": "Not Found" }
  by hand   curl http://127.0.0.1:PORT/echo/status/404
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn statuses_that_do_not_hold() {
    let steps = ["201", "2xx", "[200, 204]", "<500..599>", "{ status: '{{ 200 + 4 }}' }"];
    let said: String =
        steps.map(|status| problems(&format!("  - {{ get: /status/404, expect: {status} }}\n"))).concat();
    assert_data_eq!(
        said,
        str![[r#"
error[expect.status]: the answer is 404 Not Found, but 201 is expected
 --> echo.yaml:4:33
  |
4 |   - { get: /status/404, expect: 201 }
  |                                 ^^^ the answer is 404
error[expect.status]: the answer is 404 Not Found, but 2xx is expected
 --> echo.yaml:4:33
  |
4 |   - { get: /status/404, expect: 2xx }
  |                                 ^^^ the answer is 404
error[expect.status]: the answer is 404 Not Found, but [200, 204] is expected
 --> echo.yaml:4:33
  |
4 |   - { get: /status/404, expect: [200, 204] }
  |                                 ^^^^^^^^^^ the answer is 404
error[expect.status]: the answer is 404 Not Found, but <500..599> is expected
 --> echo.yaml:4:33
  |
4 |   - { get: /status/404, expect: <500..599> }
  |                                 ^^^^^^^^^^ the answer is 404
error[expect.status]: the answer is 404 Not Found, but 204 is expected
 --> echo.yaml:4:43
  |
4 |   - { get: /status/404, expect: { status: '{{ 200 + 4 }}' } }
  |                                           ^^^^^^^^^^^^^^^ this came out as 204; the answer is 404

"#]]
    );
}

#[test]
fn an_answer_that_took_too_long() {
    passes("  - { get: /delay/1, expect: { within: 20s } }\n");
    assert_data_eq!(
        problems("  - { get: /delay/60, expect: { within: 20ms } }\n"),
        str![[r#"
error[expect.within]: the answer took TIME, and at most TIME are allowed
 --> echo.yaml:4:41
  |
4 |   - { get: /delay/60, expect: { within: 20ms } }
  |                                         ^^^^ it took TIME

"#]]
    );
}

#[test]
fn the_time_that_the_project_allows() {
    let slow = with("steps:\n  - get: /delay/60\n").file(
        "callsheet.yaml",
        "callsheet: 1\nenvironments: { mock: { serve: builtin } }\ndefaults: { within: 20ms }\n",
    );
    assert_data_eq!(
        slow.run(&[]).exits(1).diagnostics(),
        str![[r#"
error[expect.within]: the answer took TIME, and at most TIME are allowed
 --> echo.yaml:4:5
  |
4 |   - get: /delay/60
  |     ^^^ it took TIME

"#]]
    );
}

#[test]
fn headers_that_hold() {
    passes(
        "
  - get: /headers?x-count=3&x-tag=a&x-tag=b
    expect:
      headers:
        x-count: 3
        X-Tag: b
        content-type: <contains json>
        x-none: <absent>
  - get: /headers?x-count=3
    expect: { headers: { x-count: <integer >= 1> } }
",
    );
}

#[test]
fn headers_that_do_not_hold() {
    let step = "  - get: /headers?x-count=3&x-tag=a&x-tag=b
    expect:
      headers:
        content-typ: <any>
        x-count: 4
        x-tag: c
        x-nothing: <string>
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ GET  /headers?x-count=3&x-tag=a&x-tag=b  200 · TIME  4 of 5 expectations failed

error[expect.header]: the answer has no header content-typ
 --> echo.yaml:7:22
  |
7 |         content-typ: <any>
  |                      ^^^^^ the answer has no such value
  |
  = help: the answer has a header content-type

error[expect.header]: the header x-count is not what was expected
 --> echo.yaml:8:18
  |
8 |         x-count: 4
  |                  ^ the answer has 3

-  4
+   3

error[expect.header]: the header x-tag is not what was expected
 --> echo.yaml:9:16
  |
9 |         x-tag: c
  |                ^ the answer has "a"

-  "c"
+   "a"

error[expect.header]: the answer has no header x-nothing
  --> echo.yaml:10:20
   |
10 |         x-nothing: <string>
   |                    ^^^^^^^^ the answer has no such value

  request   GET http://127.0.0.1:PORT/echo/headers?x-count=3&x-tag=a&x-tag=b
  response  200 OK · TIME · 2 B
            content-type: application/json
            x-count: 3
            x-tag: a
            x-tag: b
            {}
  by hand   curl 'http://127.0.0.1:PORT/echo/headers?x-count=3&x-tag=a&x-tag=b'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

  ✗ Echo  echo.yaml:7  expect.header

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn cookies() {
    passes(
        "
  - get: /cookies/set?sid=abc&theme=dark
    expect: { cookies: { sid: <length 3>, Theme: dark, none: <absent> } }
",
    );
    let step = "  - get: /cookies/set?sid=abc\n    expect: { cookies: { sid: abd, none: <any> } }\n";
    assert_data_eq!(
        problems(step),
        str![[r#"
error[expect.cookie]: the cookie sid is not what was expected
 --> echo.yaml:5:31
  |
5 |     expect: { cookies: { sid: abd, none: <any> } }
  |                               ^^^ the answer has "abc"
error[expect.cookie]: the answer has no cookie none
 --> echo.yaml:5:42
  |
5 |     expect: { cookies: { sid: abd, none: <any> } }
  |                                          ^^^^^ the answer has no such value

"#]]
    );
}

#[test]
fn json_contains_or_is_exactly() {
    passes(
        "
  - post: /json
    json: { a: 1, b: { c: [1, { d: 2, e: 3 }] } }
    expect:
      json: { b: { c: [1, { d: 2 }] } }
  - post: /json
    json: { a: 1, b: [] }
    expect: { json_exactly: { b: [], a: 1.0 } }
",
    );
    let step = "  - post: /json
    json: { a: 1, b: { c: [1, { d: 2, e: 3 }] } }
    expect:
      json_exactly: { a: 1, b: { c: [1, { d: 2 }] } }
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  1 of 2 expectations failed

error[expect.json]: $.b.c[1].e was not expected
 --> echo.yaml:7:41
  |
7 |       json_exactly: { a: 1, b: { c: [1, { d: 2 }] } }
  |                                         ^^^^^^^^ the answer also has `e`: 3

  $.b.c[1].e                   not expected
+   3

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            { "a": 1, "b": { "c": [1, { "d": 2, "e": 3 }] } }
  response  200 OK · TIME · 35 B
            content-type: application/json
            { "a": 1, "b": { "c": [1, { "d": 2, "e": 3 }] } }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"a":1,"b":{"c":[1,{"d":2,"e":3}]}}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn an_element_that_was_inserted_reads_as_one() {
    let step = "  - post: /json
    json: { items: [{ id: a, n: 1 }, { id: x, n: 9 }, { id: b, n: 2 }, { id: c, n: 3 }] }
    expect:
      json: { items: [{ id: a, n: 1 }, { id: b, n: 2 }, { id: c, n: 3 }] }
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  1 of 2 expectations failed

error[expect.json]: $.items[1] was not expected
 --> echo.yaml:7:15
  |
7 |       json: { items: [{ id: a, n: 1 }, { id: b, n: 2 }, { id: c, n: 3 }] }
  |               ^^^^^ the answer also has { "id": "x", "n": 9 } at [1]

  $.items                      (3 expected, 4 came)
    [0] …                      same
+   [1] { "id": "x", "n": 9 }  not expected
    [2..3] …                   same

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            {
              "items": [
                { "id": "a", "n": 1 },
            …
  response  200 OK · TIME · 79 B
            content-type: application/json
            {
              "items": [
                { "id": "a", "n": 1 },
                { "id": "x", "n": 9 },
                { "id": "b", "n": 2 },
                { "id": "c", "n": 3 }
              ]
            }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"items":[{"id":"a","n":1},{"id":"x","n":9},{"id":"b","n":2},{"id":"c","n":3}]}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn a_body_that_is_no_json() {
    assert_data_eq!(
        fails("  - { get: /html, expect: { json: { a: 1 } } }\n"),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ GET  /html  200 · TIME  1 of 2 expectations failed

error[expect.body]: the answer is text/html, not JSON; it is a page with the title "A sample page"
 --> echo.yaml:4:35
  |
4 |   - { get: /html, expect: { json: { a: 1 } } }
  |                                   ^^^^^^^^ JSON is expected here

  request   GET http://127.0.0.1:PORT/echo/html
  response  200 OK · TIME · 363 B
            content-type: text/html; charset=utf-8
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>A sample page</title></head>
            <body>
            <h1>A sample page</h1>
            <p id="greeting">Hello, <b>world</b> &amp; everyone</p>
            <ul><li>one</li><li>two</li><li>three</li></ul>
            …
  by hand   curl http://127.0.0.1:PORT/echo/html
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
    assert_data_eq!(
        problems("  - { get: /empty, expect: { at: { $.a: 1 } } }\n"),
        str![[r#"
error[expect.body]: the answer has no body, but JSON is expected
 --> echo.yaml:4:36
  |
4 |   - { get: /empty, expect: { at: { $.a: 1 } } }
  |                                    ^^^ JSON is expected here

"#]]
    );
}

#[test]
fn places_that_hold() {
    passes(
        "
  - post: /json
    json: { items: [{ id: a, n: 1 }, { id: b, n: 2 }] }
    expect:
      at:
        $.items[0].id: a
        $.items[*].n: [1, 2]
        $..id: <each (string and length 1)>
        $.items[?@.n > 1].id: [b]
        $.none: <absent>
        $.items[?@.n > 9]: []
",
    );
}

#[test]
fn places_that_do_not_hold() {
    let step = "  - post: /json
    json: { items: [{ id: a, n: 1 }, { id: b, n: 2 }] }
    expect:
      at:
        $.items[0].id: b
        $.items[*].n: [1, 3]
        $.itmes[0]: <any>
        $.items[7].id: a
        $.items[0].n: <absent>
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  5 of 6 expectations failed

error[expect.at]: $.items[0].id is not what was expected
 --> echo.yaml:8:24
  |
8 |         $.items[0].id: b
  |                        ^ the answer has "a"

  $.items[0].id
-  "b"
+   "a"

error[expect.at]: $.items[*].n is not what was expected
 --> echo.yaml:9:27
  |
9 |         $.items[*].n: [1, 3]
  |                           ^ the answer has 2

  $[1]
-  3
+   2

error[expect.at]: `$` has no member `itmes`
  --> echo.yaml:10:21
   |
10 |         $.itmes[0]: <any>
   |         ----------  ^^^^^ the answer has no such value
   |
   = help: did you mean `items`?

error[expect.at]: `$.items` has only 2 elements, so it has no element `[7]`
  --> echo.yaml:11:24
   |
11 |         $.items[7].id: a
   |         -------------  ^ the answer has no such value

error[expect.at]: $.items[0].n is not what was expected
  --> echo.yaml:12:23
   |
12 |         $.items[0].n: <absent>
   |                       ^^^^^^^^ the answer has 1: it should not be there

  $.items[0].n                 it should not be there
-  <absent>
+   1

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            { "items": [{ "id": "a", "n": 1 }, { "id": "b", "n": 2 }] }
  response  200 OK · TIME · 45 B
            content-type: application/json
            { "items": [{ "id": "a", "n": 1 }, { "id": "b", "n": 2 }] }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"items":[{"id":"a","n":1},{"id":"b","n":2}]}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

  ✗ Echo  echo.yaml:8  expect.at

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn conditions() {
    passes(
        "
  - post: /json
    json: { total: 5, items: [{ price: 2 }, { price: 3 }] }
    expect:
      that:
        - json.total == json.items | map(attribute=\"price\") | sum
        - status == 200 and headers['content-type'] is startingwith('application/json')
        - duration < 20000
        - '\"total\" in text'
",
    );
    let step = "  - post: /json
    json: { total: 6, items: [{ price: 2 }, { price: 3 }] }
    expect:
      that:
        - json.total == json.items | map(attribute=\"price\") | sum
        - json.items | length > 2 or status == 201
        - status == 200
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  2 of 4 expectations failed

error[expect.that]: `json.total == json.items | map(attribute="price") | sum` is not true
 --> echo.yaml:8:11
  |
8 |         - json.total == json.items | map(attribute="price") | sum
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 6 == 5 is false

  json.total == json.items | map(attribute="price") | sum
  |    |     |       |       |                        |
  |    6     false   |       |                        5
  |                  |       [2, 3]
  |                  [{ "price": 2 }, { "price": 3 }]
  { "total": 6, "items": […] }

error[expect.that]: `json.items | length > 2 or status == 201` is not true
 --> echo.yaml:9:11
  |
9 |         - json.items | length > 2 or status == 201
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this is false

  json.items | length > 2 or status == 201
  |    |       |      |   |  |      |
  |    |       2      |   |  200    false
  |    |              |   false
  |    |              false
  |    [{ "price": 2 }, { "price": 3 }]
  { "total": 6, "items": […] }

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            { "total": 6, "items": [{ "price": 2 }, { "price": 3 }] }
  response  200 OK · TIME · 45 B
            content-type: application/json
            { "total": 6, "items": [{ "price": 2 }, { "price": 3 }] }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"total":6,"items":[{"price":2},{"price":3}]}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn texts_that_hold() {
    passes(
        "
  - { get: /text, expect: { text: \"one\\ntwo\\nthree\\n\" } }
  - { get: /text, expect: { text: <contains two> } }
  - { get: /text, expect: { text: '<matches (?m)^three$>' } }
",
    );
}

#[test]
fn a_text_of_several_lines_is_compared_line_by_line() {
    let step = "  - get: /text
    expect:
      text: |
        one
        zwei
        three
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ GET  /text  200 · TIME  1 of 2 expectations failed

error[expect.text]: the body is not the text that was expected
 --> echo.yaml:7:9
  |
7 |         one
  |         ^^^ the answer has "one/ntwo/nthree/n"

    one
-  zwei
+   two
    three

  request   GET http://127.0.0.1:PORT/echo/text
  response  200 OK · TIME · 14 B
            content-type: text/plain; charset=utf-8
            one
            two
            three
  by hand   curl http://127.0.0.1:PORT/echo/text
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn texts_that_do_not_hold() {
    let said = [
        problems("  - { post: /body, text: 'Hello, Ann', expect: { text: 'Hello, Bob' } }\n"),
        problems("  - { get: /text, expect: { text: <contains four> } }\n"),
    ];
    assert_data_eq!(
        said.concat(),
        str![[r#"
error[expect.text]: the body is not the text that was expected
 --> echo.yaml:4:56
  |
4 |   - { post: /body, text: 'Hello, Ann', expect: { text: 'Hello, Bob' } }
  |                                                        ^^^^^^^^^^^^ the answer has "Hello, Ann"
error[expect.text]: the body is not the text that was expected
 --> echo.yaml:4:35
  |
4 |   - { get: /text, expect: { text: <contains four> } }
  |                                   ^^^^^^^^^^^^^^^ the answer has "one/ntwo/nthree/n": not found in its 14 characters

"#]]
    );
}

const GRAPHQL: &str = "
  - graphql: { query: '{ a }' }
    post: /json?status=200
";

#[test]
fn graphql() {
    // The posted envelope comes back, and it is neither `data` nor `errors`; so the answer is posted as a body.
    passes(
        "
  - post: /json
    json: { data: { trips: [{ id: 1, n: 2 }] } }
    expect: { graphql: { data: { trips: [{ id: 1 }] } } }
  - post: /json
    json: { data: null, errors: [{ message: No such trip, extensions: { code: NOT_FOUND } }] }
    expect: { graphql: { errors: [{ extensions: { code: NOT_FOUND } }] } }
  - post: /json
    json: { data: null, errors: [{ message: No such trip }] }
    expect: { graphql: { errors: <not empty> } }
",
    );
    passes(&format!("{GRAPHQL}    expect: {{ json: {{ query: '{{ a }}' }} }}\n"));
}

#[test]
fn graphql_errors_are_a_failure_whatever_the_status_says() {
    let step = "  - post: /json
    json: { data: { trip: null }, errors: [{ message: No such trip, extensions: { code: NOT_FOUND } }, { message: Later }] }
    expect: { graphql: { data: { trip: { id: 1 } } } }
";
    assert_data_eq!(
        fails(step),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  2 of 3 expectations failed

error[expect.graphql]: the answer has 2 GraphQL errors
 --> echo.yaml:6:24
  |
6 |     expect: { graphql: { data: { trip: { id: 1 } } } }
  |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no errors are expected here
  |
  = note: No such trip (NOT_FOUND)
  = note: Later
  = help: to expect them, write `expect: { graphql: { errors: … } }`

error[expect.graphql]: the `data` is not what was expected
 --> echo.yaml:6:40
  |
6 |     expect: { graphql: { data: { trip: { id: 1 } } } }
  |                                        ^^^^^^^^^ the answer has null, null, not an object

  $.trip                       null, not an object
-  { "id": 1 }
+   null

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            {
              "data": { "trip": null },
              "errors": [
            …
  response  200 OK · TIME · 114 B
            content-type: application/json
            {
              "data": { "trip": null },
              "errors": [
                { "message": "No such trip", "extensions": { "code": "NOT_FOUND" } },
                { "message": "Later" }
              ]
            }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"data":{"trip":null},"errors":[{"message":"No such trip","extensions":{"code":"NOT_FOUND"}},{"message":"Later"}]}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn graphql_errors_that_do_not_come() {
    let step = "  - post: /json
    json: { data: { trip: 1 } }
    expect: { graphql: { errors: [{ message: No such trip }] } }
";
    assert_data_eq!(
        problems(step),
        str![[r#"
error[expect.graphql]: the `errors` are not what was expected
 --> echo.yaml:6:34
  |
6 |     expect: { graphql: { errors: [{ message: No such trip }] } }
  |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^ the answer has no such value

"#]]
    );
}

#[test]
fn all_failures_of_a_step_are_told() {
    let step = "steps:
  - name: everything
    post: /json
    json: { v: 3, name: Ann }
    expect:
      status: 201
      headers: { x-a: 1, content-type: <contains json> }
      cookies: { sid: x }
      json: { v: <string>, name: Bob }
      at: { $.v: 4, $.name: Ann }
      that: [json.v == 4, json.v == 3]
      text: <contains zzz>
";
    let (outcome, report) = told(&with(step));
    outcome.exits(1);
    let found = &report.step("everything")["findings"];
    let ids: Vec<_> = list(found).iter().filter_map(|finding| finding["problem"]["id"].as_str()).collect();
    assert_eq!(
        ids,
        ["expect.status", "expect.header", "expect.cookie", "expect.text", "expect.json", "expect.at", "expect.that"]
    );
    assert_eq!(report.step("everything")["expectations"], serde_json::json!({ "held": 3, "total": 10 }));
    assert_data_eq!(
        outcome.plain(),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  everything  200 · TIME  7 of 10 expectations failed

error[expect.status]: the answer is 200 OK, but 201 is expected
 --> echo.yaml:8:15
  |
8 |       status: 201
  |               ^^^ the answer is 200

error[expect.header]: the answer has no header x-a
 --> echo.yaml:9:23
  |
9 |       headers: { x-a: 1, content-type: <contains json> }
  |                       ^ the answer has no such value

error[expect.cookie]: the answer has no cookie sid
  --> echo.yaml:10:23
   |
10 |       cookies: { sid: x }
   |                       ^ the answer has no such value

error[expect.text]: the body is not the text that was expected
  --> echo.yaml:14:13
   |
14 |       text: <contains zzz>
   |             ^^^^^^^^^^^^^^ the answer has "{/"v/":3,/"name/":/"Ann/"}": not found in its 20 characters

  $                            not found in its 20 characters
-  <contains zzz>
+   "{/"v/":3,/"name/":/"Ann/"}"

error[expect.json]: $.v is not what was expected, and one more thing differs
  --> echo.yaml:11:18
   |
11 |       json: { v: <string>, name: Bob }
   |                  ^^^^^^^^ the answer has 3: a number, not a string

  $.v                          a number, not a string
-  <string>
+   3
  $.name
-  "Bob"
+   "Ann"

error[expect.at]: $.v is not what was expected
  --> echo.yaml:12:18
   |
12 |       at: { $.v: 4, $.name: Ann }
   |                  ^ the answer has 3

  $.v
-  4
+   3

error[expect.that]: `json.v == 4` is not true
  --> echo.yaml:13:14
   |
13 |       that: [json.v == 4, json.v == 3]
   |              ^^^^^^^^^^^ 3 == 4 is false

  json.v == 4
  |    | |
  |    | false
  |    3
  { "v": 3, "name": "Ann" }

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            { "v": 3, "name": "Ann" }
  response  200 OK · TIME · 20 B
            content-type: application/json
            { "v": 3, "name": "Ann" }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"v":3,"name":"Ann"}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:5' --seed 7

  ✗ Echo  echo.yaml:8  expect.status

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn a_status_that_a_template_gives_is_told_as_it_came_out() {
    for passes in ["'{{ 200 + 4 }}'", "'{{ \"2xx\" }}'", "['{{ 200 }}', '{{ \"204\" }}']", "'<{{ 203 }}..{{ 205 }}>'"] {
        crate::bench::run(&format!("steps:\n  - {{ get: /status/204, expect: {{ status: {passes} }} }}\n")).exits(0);
    }
    let said = [
        "'{{ 200 + 1 }}'",
        "'{{ \"4xx\" }}'",
        "[404, '{{ 200 + 1 }}']",
        "'<{{ 300 }}..{{ 400 }}>'",
        "'{{ \"none\" }}'",
        "'{{ [] }}'",
    ]
    .map(|status| {
        let steps = format!("steps:\n  - get: /status/204\n    expect: {{ status: {status} }}\n");
        crate::bench::run(&steps).exits(1).diagnostics()
    });
    assert_data_eq!(
        said.concat(),
        str![[r#"
error[expect.status]: the answer is 204 No Content, but 201 is expected
 --> echo.yaml:5:23
  |
5 |     expect: { status: '{{ 200 + 1 }}' }
  |                       ^^^^^^^^^^^^^^^ this came out as 201; the answer is 204
error[expect.status]: the answer is 204 No Content, but 4xx is expected
 --> echo.yaml:5:23
  |
5 |     expect: { status: '{{ "4xx" }}' }
  |                       ^^^^^^^^^^^^^ this came out as 4xx; the answer is 204
error[expect.status]: the answer is 204 No Content, but 404 or 201 is expected
 --> echo.yaml:5:23
  |
5 |     expect: { status: [404, '{{ 200 + 1 }}'] }
  |                       ^^^^^^^^^^^^^^^^^^^^^^ this came out as 404 or 201; the answer is 204
error[expect.status]: the answer is 204 No Content, but <300..400> is expected
 --> echo.yaml:5:23
  |
5 |     expect: { status: '<{{ 300 }}..{{ 400 }}>' }
  |                       ^^^^^^^^^^^^^^^^^^^^^^^^ this came out as <300..400>; the answer is 204
error[expect.status]: the answer is 204 No Content, but "none" is expected
 --> echo.yaml:5:23
  |
5 |     expect: { status: '{{ "none" }}' }
  |                       ^^^^^^^^^^^^^^ this came out as "none"; the answer is 204
  |
  = help: a status is a number from 100 to 599, or a group such as 2xx
error[expect.status]: the answer is 204 No Content, but [] is expected
 --> echo.yaml:5:23
  |
5 |     expect: { status: '{{ [] }}' }
  |                       ^^^^^^^^^^ this came out as []; the answer is 204
  |
  = help: a status is a number from 100 to 599, or a group such as 2xx

"#]]
    );
}

#[test]
fn a_status_that_a_template_expects_is_no_reason_to_try_again() {
    let (outcome, report) = crate::bench::told(&crate::bench::with(
        "steps:\n  - { name: s, get: /status/503, retry: { times: 2, backoff: 1ms }, expect: '{{ 500 + 3 }}' }\n",
    ));
    outcome.exits(0);
    assert_eq!(report.step("s")["attempts"], 1);
}

#[test]
fn a_header_is_read_as_a_number_where_one_is_expected() {
    let expect = |header: &str| {
        crate::bench::run(&format!(
            "steps:\n  - get: /headers?x-count=5&x-word=many&x-on=true\n    expect:\n      headers: {{ {header} }}\n"
        ))
    };
    for holds in [
        "x-count: <integer >= 3>",
        "x-count: <4..6>",
        "x-count: 5",
        "x-count: '5'",
        "x-count: <string>",
        "x-on: true",
        "x-word: <string>",
        "x-count: '<one of 4, 5>'",
    ] {
        expect(holds).exits(0);
    }
    let said = [
        "x-count: <integer >= 7>",
        "x-count: <6..9>",
        "x-count: 6",
        "x-word: <integer >= 3>",
        "x-word: 3",
        "x-count: <boolean>",
        "x-word: <boolean>",
        "x-count: <matches /^6/>",
    ]
    .map(|header| expect(header).exits(1).diagnostics());
    assert_data_eq!(
        said.concat(),
        str![[r#"
error[expect.header]: the header x-count is not what was expected
 --> echo.yaml:6:27
  |
6 |       headers: { x-count: <integer >= 7> }
  |                           ^^^^^^^^^^^^^^ the answer has 5: it is less
error[expect.header]: the header x-count is not what was expected
 --> echo.yaml:6:27
  |
6 |       headers: { x-count: <6..9> }
  |                           ^^^^^^ the answer has 5: it is less than 6
error[expect.header]: the header x-count is not what was expected
 --> echo.yaml:6:27
  |
6 |       headers: { x-count: 6 }
  |                           ^ the answer has 5
error[expect.header]: the header x-word is not what was expected
 --> echo.yaml:6:26
  |
6 |       headers: { x-word: <integer >= 3> }
  |                          ^^^^^^^^^^^^^^ the answer has "many": this text is not an integer
error[expect.header]: the header x-word is not what was expected
 --> echo.yaml:6:26
  |
6 |       headers: { x-word: 3 }
  |                          ^ the answer has "many", this text is not a number
error[expect.header]: the header x-count is not what was expected
 --> echo.yaml:6:27
  |
6 |       headers: { x-count: <boolean> }
  |                           ^^^^^^^^^ the answer has 5: a number, not a boolean
error[expect.header]: the header x-word is not what was expected
 --> echo.yaml:6:26
  |
6 |       headers: { x-word: <boolean> }
  |                          ^^^^^^^^^ the answer has "many": this text is not a boolean
error[expect.header]: the header x-count is not what was expected
 --> echo.yaml:6:27
  |
6 |       headers: { x-count: <matches /^6/> }
  |                           ^^^^^^^^^^^^^^ the answer has "5": the pattern is not found in it

"#]]
    );
}

#[test]
fn a_graphql_answer_with_errors_fails_though_nothing_is_expected() {
    let server = Recorder::start(|_| {
        json(200, r#"{"data":null,"errors":[{"message":"no such field","extensions":{"code":"INVALID"}},{}]}"#)
    });
    let steps = |more: &str| {
        format!(
            "scenario: G\nsteps:\n  - post: {}/q\n    graphql: {{ query: '{{ a }}' }}\n{more}  - get: {}/after\n",
            server.base(),
            server.base()
        )
    };
    let ran = |more: &str| crate::bench::project().file("g.yaml", &steps(more)).run(&[]);
    let outcome = ran("");
    assert_data_eq!(
        outcome.exits(1).diagnostics(),
        str![[r#"
error[expect.graphql]: the answer has 2 GraphQL errors
 --> g.yaml:3:5
  |
3 |   - post: http://127.0.0.1:PORT/q
  |     ^^^^ no errors are expected here
  |
  = note: no such field (INVALID)
  = note: an error without a message
  = help: to expect them, write `expect: { graphql: { errors: … } }`

"#]]
    );
    assert_eq!(server.seen().len(), 1, "no step runs after it");
    ran("    expect: 200\n").exits(1).says("2 GraphQL errors");
    ran("    expect: { graphql: { errors: <any> } }\n").exits(0);
}

#[test]
fn what_is_ignored_is_looked_at_on_neither_side() {
    passes(
        "
  - post: /anything
    json: { id: 1, at: 5, list: [{ n: 1, at: 5 }] }
    expect: { json: { json: { id: 1, at: 6, gone: 1, list: [{ n: 1, at: 6 }] } }, ignore: [$..at, $.json.gone] }
  - post: /anything
    json: { id: 1, at: 5 }
    expect: { json: { json: { $exactly: { id: 1 } } }, ignore: $.json.at }
",
    );
    assert_data_eq!(
        problems(
            "  - post: /anything\n    json: { id: 2, at: 5 }\n    expect:\n      json: { json: { id: 1, at: 6 } }\n      ignore: [$.json.at, $.json.ta]\n"
        ),
        str![[r#"
error[expect.json]: $.json.id is not what was expected
 --> echo.yaml:7:27
  |
7 |       json: { json: { id: 1, at: 6 } }
  |                           ^ the answer has 2
  |
  = note: `ignore: $.json.ta` finds nothing, neither in the answer nor in what is expected

"#]]
    );
}
