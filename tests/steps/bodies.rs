//! Bodies of other kinds than JSON: each with answers that are as expected and answers that are not, through the real
//! binary; and bodies that are made to do harm.

use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use crate::bench::{run, scenario, with};

/// All steps pass.
#[track_caller]
pub(crate) fn passes(steps: &str) {
    run(&format!("steps:\n{steps}")).exits(0);
}

/// Each step, a scenario of its own, fails; what the diagnostics say.
#[track_caller]
pub(crate) fn problems(steps: &[&str]) -> String {
    steps.iter().map(|step| run(&format!("steps:\n  - {step}\n")).exits(1).diagnostics()).collect()
}

/// What the diagnostics of a file that cannot be read say.
#[track_caller]
pub(crate) fn refused(step: &str) -> String {
    run(&format!("steps:\n  - {step}\n")).exits(2).diagnostics()
}

#[test]
fn tables_lines_and_forms() {
    passes(
        r##"
  - get: /sample/csv
    expect:
      csv: [{ id: 1, item: Bell, price: 12.5, note: "" }, { id: "2", item: 'Lamp, "big"', note: <contains lines> }]
      json: { $length: 2 }
      json_exactly:
        - { id: 1, item: Bell, price: 12.50, note: <empty> }
        - { id: 2, item: <string>, price: <number < 40>, note: <any> }
      at: { "$[1].id": 2, "$[*].price": [12.50, 39.95], "$[1].item": <string> }
      that: json[0].item == 'Bell'
    capture: { bell: "$[0].item" }
  - get: /sample/csv-semicolon
    expect: { csv: { $contains: { item: Kühler, id: <between 1 and 5> } }, that: bell == 'Bell' }
  - get: /sample/tsv
    expect: { csv: { $by: id, $unordered: [{ id: 2, item: Lamp }, { id: 1 }] } }
  - get: /sample/ndjson
    expect:
      ndjson: { $each: { seq: <integer> } }
      json: [{ seq: 1 }, { event: paid }, {}]
      at: { "$[*].seq": <sorted> }
  - get: /sample/json-seq
    expect: { ndjson: [{ seq: 1 }, { seq: 2 }], json: { $length: 2 } }
  - get: /sample/form
    expect: { form: { state: done, tag: [a, b], left: 3, message: all is well }, at: { $.left: <between 1 and 5> } }
  - get: /text
    expect: { csv: [{ one: two }, { one: three }] }
  - post: /body
    headers: { content-type: text/csv; header=absent }
    text: "1,a\n2,b\n"
    expect: { csv: [[1, a], [2, b]] }
  - post: /body
    headers: { content-type: text/csv }
    text: '[{ "id": 1 }]'
    expect: { json: [{ id: 1 }] }
"##,
    );
}

#[test]
fn tables_lines_and_forms_that_are_not_so() {
    let said = problems(&[
        "{ get: /sample/csv, expect: { csv: [{ id: 1, item: Gong }, { price: <number < 20> }] } }",
        "{ get: /sample/csv, expect: { csv: [{ id: 2 }, { id: 1 }, { id: 3 }] } }",
        "{ get: /json/2, expect: { csv: [{ id: 1 }], form: { id: 1 } } }",
        "{ get: /sample/login, expect: { csv: [], ndjson: [] } }",
        "{ post: /body, headers: { content-type: text/csv }, text: \"a,b\\n1\\n\", expect: { csv: [] } }",
        "{ post: /body, headers: { content-type: text/csv }, text: \"a,a\\n1,2\\n\", expect: { json: [] } }",
        "{ post: /body, headers: { content-type: text/csv }, text: \"a,b\\n1,\\\"2\\n\", expect: { csv: [] } }",
        "{ get: /sample/ndjson-broken, expect: { ndjson: [{ seq: 1 }] } }",
        "{ get: /sample/ndjson, expect: { ndjson: { $each: { seq: <integer < 3> } } } }",
        "{ get: /sample/form, expect: { form: { state: open, tag: [a], left: 4 } } }",
        "{ get: /empty, expect: { form: { a: 1 }, csv: [] } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.csv]: $[0] is missing, and one more thing differs
 --> echo.yaml:4:41
  |
4 |   - { get: /sample/csv, expect: { csv: [{ id: 1, item: Gong }, { price: <number < 20> }] } }
  |                                         ^^^^^^^^^^^^^^^^^^^^^ the answer has no element [0]
error[expect.csv]: $[2] is missing, and one more thing differs
 --> echo.yaml:4:63
  |
4 |   - { get: /sample/csv, expect: { csv: [{ id: 2 }, { id: 1 }, { id: 3 }] } }
  |                                                               ^^^^^^^^^ the answer has no element [2]
error[expect.csv]: the answer is application/json, not CSV; it starts with `[{"id":1,"name":"object 1","even":false,…`
 --> echo.yaml:4:36
  |
4 |   - { get: /json/2, expect: { csv: [{ id: 1 }], form: { id: 1 } } }
  |                                    ^^^^^^^^^^^ CSV is expected here
error[expect.form]: the answer is application/json, not a form; it starts with `[{"id":1,"name":"object 1","even":false,…`
 --> echo.yaml:4:55
  |
4 |   - { get: /json/2, expect: { csv: [{ id: 1 }], form: { id: 1 } } }
  |                                                       ^^^^^^^^^ a form is expected here
error[expect.csv]: the answer is text/html, not CSV; it is a page with the title "Sign in – Example"
 --> echo.yaml:4:42
  |
4 |   - { get: /sample/login, expect: { csv: [], ndjson: [] } }
  |                                          ^^ CSV is expected here
error[expect.ndjson]: the answer is text/html, not JSON Lines; it is a page with the title "Sign in – Example"
 --> echo.yaml:4:54
  |
4 |   - { get: /sample/login, expect: { csv: [], ndjson: [] } }
  |                                                      ^^ JSON Lines is expected here
error[expect.csv]: the answer says it is text/csv, but it is not valid CSV: the row on line 2 has 1 cell, and the names above it are 2
 --> echo.yaml:4:90
  |
4 |   - { post: /body, headers: { content-type: text/csv }, text: "a,b/n1/n", expect: { csv: [] } }
  |                                                                                          ^^ CSV is expected here
error[expect.body]: the answer says it is text/csv, but it is not valid CSV: the columns 1 and 2 have one name, `a`
 --> echo.yaml:4:93
  |
4 | ...t: "a,a/n1,2/n", expect: { json: [] } }
  |                                     ^^ JSON is expected here
error[expect.csv]: the answer says it is text/csv, but it is not valid CSV: the quote that opens on line 2 is never closed
 --> echo.yaml:4:94
  |
4 | ...: "a,b/n1,/"2/n", expect: { csv: [] } }
  |                                     ^^ CSV is expected here
error[expect.ndjson]: the answer says it is application/x-ndjson, but it is not valid JSON Lines: line 3 is not JSON: EOF while parsing an object at column 8; it is `{"seq":3`
 --> echo.yaml:4:53
  |
4 |   - { get: /sample/ndjson-broken, expect: { ndjson: [{ seq: 1 }] } }
  |                                                     ^^^^^^^^^^^^ JSON Lines is expected here
error[expect.ndjson]: $[2].seq is not what was expected
 --> echo.yaml:4:62
  |
4 |   - { get: /sample/ndjson, expect: { ndjson: { $each: { seq: <integer < 3> } } } }
  |                                                              ^^^^^^^^^^^^^ the answer has 3: it is equal
error[expect.form]: $.state is not what was expected, and 2 more things differ
 --> echo.yaml:4:51
  |
4 |   - { get: /sample/form, expect: { form: { state: open, tag: [a], left: 4 } } }
  |                                                   ^^^^ the answer has "done"
error[expect.csv]: the answer has no body, but CSV is expected
 --> echo.yaml:4:51
  |
4 |   - { get: /empty, expect: { form: { a: 1 }, csv: [] } }
  |                                                   ^^ CSV is expected here
error[expect.form]: the answer has no body, but a form is expected
 --> echo.yaml:4:36
  |
4 |   - { get: /empty, expect: { form: { a: 1 }, csv: [] } }
  |                                    ^^^^^^^^ a form is expected here

"#]]
    );
}

#[test]
fn bytes_and_their_kinds() {
    const SHA256: &str = "3f4745edf6de4abf808999d8a5bcf14a53906b43b14004d70d74fa33fc529c24";
    let steps = format!(
        "steps:
  - get: /sample/png
    expect: {{ bytes: {{ length: 69, magic: png, sha256: {SHA256} }} }}
  - get: /sample/png
    expect: {{ bytes: {{ length: <50..100>, magic: 89504E47 }} }}
  - get: /sample/png
    expect: {{ bytes: {{ sha256: 'file:pixel.png', magic: '89 50:4e' }} }}
  - get: /sample/png
    expect: {{ bytes: {{ sha256: '{{{{ \"{SHA256}\" }}}}' }} }}
"
    );
    let project = with(&steps);
    project.write_bytes("pixel.png", include_bytes!("../../src/mock/echo/sample/pixel.png"));
    project.run(&[]).exits(0);
    project.write_bytes("pixel.png", b"\x89PNG");
    assert_data_eq!(
        project.run(&[]).exits(1).diagnostics(),
        str![[r#"
error[expect.bytes]: the body is not the same as the file pixel.png
 --> echo.yaml:9:32
  |
9 |     expect: { bytes: { sha256: 'file:pixel.png', magic: '89 50:4e' } }
  |                                ^^^^^^^^^^^^^^^^ it is 3f4745edf6de4abf808999d8a5bcf14a53906b43b14004d70d74fa33fc529c24
  |
  = note: pixel.png has 4 bytes, the body 69 bytes; one is the start of the other

"#]]
    );
    let said = problems(&[
        "{ get: /sample/png, expect: { bytes: { length: 70, magic: jpeg } } }",
        "{ get: /sample/login, expect: { bytes: { length: <1000..>, magic: png } } }",
        "{ get: /empty, expect: { bytes: { magic: '00' } } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.bytes]: the body has 69 bytes, but 70 is expected
 --> echo.yaml:4:52
  |
4 |   - { get: /sample/png, expect: { bytes: { length: 70, magic: jpeg } } }
  |                                                    ^^ it has 69 bytes
error[expect.bytes]: the body does not start like a file of the kind jpeg: it starts with `89 50 4e 47 0d 0a 1a 0a`, like png
 --> echo.yaml:4:63
  |
4 |   - { get: /sample/png, expect: { bytes: { length: 70, magic: jpeg } } }
  |                                                               ^^^^
error[expect.bytes]: the body has 200 bytes, but <1000..> is expected
 --> echo.yaml:4:54
  |
4 |   - { get: /sample/login, expect: { bytes: { length: <1000..>, magic: png } } }
  |                                                      ^^^^^^^^ it has 200 bytes
  |
  = note: the answer is text/html, a page with the title "Sign in – Example"
error[expect.bytes]: the body does not start like a file of the kind png: it starts with `3c 21 64 6f 63 74 79 70`
 --> echo.yaml:4:71
  |
4 |   - { get: /sample/login, expect: { bytes: { length: <1000..>, magic: png } } }
  |                                                                       ^^^
  |
  = note: the answer is text/html, a page with the title "Sign in – Example"
error[expect.bytes]: the body does not start like `00`: it is empty
 --> echo.yaml:4:46
  |
4 |   - { get: /empty, expect: { bytes: { magic: '00' } } }
  |                                              ^^^^

"#]]
    );
    let said = refused("{ get: /, expect: { bytes: { magic: pngg, sha256: abc, length: -1 } } }");
    assert_data_eq!(
        said,
        str![[r#"
error[format.magic]: `pngg` is neither a kind of file nor hexadecimal
 --> echo.yaml:4:41
  |
4 |   - { get: /, expect: { bytes: { magic: pngg, sha256: abc, length: -1 } } }
  |                                         ^^^^
  |
  = help: did you mean `png`?
error[format.digest]: a SHA-256 has 64 hexadecimal digits, but this has 3
 --> echo.yaml:4:55
  |
4 |   - { get: /, expect: { bytes: { magic: pngg, sha256: abc, length: -1 } } }
  |                                                       ^^^
  |
  = help: write `file:PATH` for the SHA-256 of a file

"#]]
    );
}

#[test]
fn tokens_as_bodies() {
    passes(
        "
  - get: /sample/jwt
    expect:
      jwt:
        header: { alg: HS256, kid: <any> }
        claims: { sub: alice, aud: { $contains: fleet }, exp: <in the future> }
        signature: { secret: the echo service signs with this, alg: HS256 }
      at: { $.claims.scope: orders/read }
      that: json.header.typ == 'JWT'
",
    );
    let said = problems(&[
        "{ get: /sample/jwt, expect: { jwt: { header: { alg: RS256 }, claims: { sub: bob, exp: <in the past> } } } }",
        "{ get: /sample/jwt, expect: { jwt: { signature: { secret: wrong } } } }",
        "{ get: /sample/jwt, expect: { jwt: { signature: { secret: the echo service signs with this, alg: HS512 } } } }",
        "{ get: /sample/jwt, expect: { jwt: { signature: jwks } } }",
        "{ get: /text, expect: { jwt: { claims: { sub: alice } } } }",
        "{ get: /sample/login, expect: { jwt: {} } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.jwt]: the header of the token is not what was expected
 --> echo.yaml:4:57
  |
4 |   - { get: /sample/jwt, expect: { jwt: { header: { alg: RS256 }, claims: { sub: bob, exp: <in...
  |                                                         ^^^^^ the answer has "HS256"
error[expect.jwt]: the claims of the token are not what was expected
 --> echo.yaml:4:81
  |
4 | ... { alg: RS256 }, claims: { sub: bob, exp: <in the past> } } } }
  |                                    ^^^ the answer has "alice"
error[expect.signature]: the token in the body cannot be trusted: the signature is wrong
 --> echo.yaml:4:53
  |
4 |   - { get: /sample/jwt, expect: { jwt: { signature: { secret: wrong } } } }
  |                                                     ^^^^^^^^^^^^^^^^^
  |
  = note: checked as HS256 with a key without `kid` (a shared secret)
error[expect.signature]: the token is signed with HS256, but HS512 was expected
 --> echo.yaml:4:102
  |
4 | ...o service signs with this, alg: HS512 } } } }
  |                                    ^^^^^ the token uses HS256
error[run.keys]: this step has no `auth`, so there is no provider that has the keys
 --> echo.yaml:4:53
  |
4 |   - { get: /sample/jwt, expect: { jwt: { signature: jwks } } }
  |                                                     ^^^^
  |
  = help: give the step `auth: PROVIDER`, or name the key: `{ file: keys.json }`, `{ secret: … }`
error[expect.jwt]: the answer is text/plain, and cannot be read as a JWT: a JWT has three parts with dots between them, and this has none
 --> echo.yaml:4:34
  |
4 |   - { get: /text, expect: { jwt: { claims: { sub: alice } } } }
  |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^ a JWT is expected here
error[expect.jwt]: the answer is text/html, not a JWT; it is a page with the title "Sign in – Example"
 --> echo.yaml:4:42
  |
4 |   - { get: /sample/login, expect: { jwt: {} } }
  |                                          ^^ a JWT is expected here

"#]]
    );
}

#[test]
fn json_within_text() {
    passes(
        r#"
  - get: /sample/json-in-text
    expect: { json: { payload: { $json: { id: 7, tags: [a, <string>] } } } }
  - get: /sample/json-in-text
    expect: { at: { $.payload: { $json: { $exactly: { id: 7, tags: { $unordered: [b, a] } } } } } }
  - get: /sample/json-as-text
    expect: { json: { id: 7 }, text: { $json: { state: open } } }
  - get: /headers
    query: { x-meta: '{"a": [1, 2]}' }
    expect: { headers: { x-meta: { $json: { a: [1, <integer>] } } } }
"#,
    );
    let said = problems(&[
        "{ get: /sample/json-in-text, expect: { json: { topic: { $json: 1 }, payload: { $json: { id: 8, tags: [a] } } } } }",
        "{ get: /json/1, expect: { at: { \"$[0].id\": { $json: 1 } } } }",
        "{ get: /text, expect: { text: { $json: { a: 1 } } } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.json]: $.topic is not what was expected, and 2 more things differ
 --> echo.yaml:4:68
  |
4 | ...n: 1 }, payload: { $json: { id: 8, tags: [a] } } } } }
  |       ^ the answer has "orders": this text is not JSON: expected value at line 1, column 1
error[expect.at]: $[0].id is not what was expected
 --> echo.yaml:4:57
  |
4 |   - { get: /json/1, expect: { at: { "$[0].id": { $json: 1 } } } }
  |                                                         ^ the answer has 1: a number, not a text that is JSON
error[expect.text]: the body is not the text that was expected
 --> echo.yaml:4:44
  |
4 |   - { get: /text, expect: { text: { $json: { a: 1 } } } }
  |                                            ^^^^^^^^ the answer has "one/ntwo/nthree/n": this text is not JSON: expected value at line 1, column 1

"#]]
    );
}

#[test]
fn the_content_type_is_said_first() {
    let said = problems(&[
        "{ get: /sample/login, expect: { json: { a: 1 }, at: { $.a: 1, $.b: 2 } } }",
        "{ get: /sample/html-as-json, expect: { json: { a: 1 } } }",
        "{ get: '/redirect-to?url=/echo/sample/login', expect: { json: { a: 1 } } }",
        "{ get: /sample/png, expect: { json: { a: 1 }, at: { /a: 1, h1: 1 } } }",
        "{ get: /sample/not-utf8, expect: { text: café } }",
    ]);
    assert_data_eq!(
        said,
        str![[r#"
error[expect.body]: the answer is text/html, not JSON; it is a page with the title "Sign in – Example"
 --> echo.yaml:4:43
  |
4 |   - { get: /sample/login, expect: { json: { a: 1 }, at: { $.a: 1, $.b: 2 } } }
  |                                           ^^^^^^^^ JSON is expected here
error[expect.body]: the answer says it is application/json, but it is a page with the title "Sign in – Example"
 --> echo.yaml:4:50
  |
4 |   - { get: /sample/html-as-json, expect: { json: { a: 1 } } }
  |                                                  ^^^^^^^^ JSON is expected here
error[expect.body]: the answer is text/html, not JSON; it is a page with the title "Sign in – Example"
 --> echo.yaml:4:67
  |
4 |   - { get: '/redirect-to?url=/echo/sample/login', expect: { json: { a: 1 } } }
  |                                                                   ^^^^^^^^ JSON is expected here
  |
  = note: a redirect (302) led to http://127.0.0.1:PORT/echo/sample/login, perhaps to a login page
  = help: with `redirects: 0`, the step follows no redirect
error[expect.body]: the answer is image/png, not JSON; it has 69 bytes
 --> echo.yaml:4:41
  |
4 |   - { get: /sample/png, expect: { json: { a: 1 }, at: { /a: 1, h1: 1 } } }
  |                                         ^^^^^^^^ JSON is expected here
error[expect.body]: the answer is image/png, not XML; it has 69 bytes
 --> echo.yaml:4:57
  |
4 |   - { get: /sample/png, expect: { json: { a: 1 }, at: { /a: 1, h1: 1 } } }
  |                                                         ^^
error[expect.body]: the answer is image/png, not HTML; it has 69 bytes
 --> echo.yaml:4:64
  |
4 |   - { get: /sample/png, expect: { json: { a: 1 }, at: { /a: 1, h1: 1 } } }
  |                                                                ^^
error[expect.text]: the body is not the text that was expected
 --> echo.yaml:4:46
  |
4 |   - { get: /sample/not-utf8, expect: { text: café } }
  |                                              ^^^^ the answer has "caf�/n"
  |
  = note: the body has bytes that are not UTF-8, the first at byte 3; they are shown as �

"#]]
    );
}

#[test]
fn bodies_that_are_made_to_do_harm() {
    let bodies: [(&str, &str, Vec<u8>); 12] = [
        ("bomb", "application/xml", b"<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><l>&b;</l>".to_vec()),
        ("deep.xml", "application/xml", "<a>".repeat(100_000).into()),
        ("deep.html", "text/html", "<div>".repeat(100_000).into()),
        ("deep.json", "application/json", "[".repeat(100_000).into()),
        ("deep.ndjson", "application/x-ndjson", "[".repeat(100_000).into()),
        ("utf8.xml", "application/xml", b"<a>\xff\xfe\xfa</a>".to_vec()),
        ("nul.xml", "application/xml", b"<a>\0</a>".to_vec()),
        ("nul.html", "text/html", b"<p>\0</p>".to_vec()),
        ("nul.csv", "text/csv", b"a,b\n\0,1\n".to_vec()),
        ("quote.csv", "text/csv", b"\"".to_vec()),
        ("quotes.csv", "text/csv", "\"a".repeat(100_000).into()),
        ("form", "application/x-www-form-urlencoded", "%ff&=&&%zz=%".repeat(10_000).into()),
    ];
    let mut steps = String::from("steps: []\n");
    let mut project = with(&steps);
    for (name, media_type, body) in &bodies {
        project.write_bytes(name, body);
        steps = format!(
            "steps:
  - post: /body
    headers: {{ content-type: {media_type} }}
    file: {name}
    expect:
      json: {{ a: 1 }}
      csv: [{{ a: 1 }}]
      ndjson: [1]
      form: {{ a: [1] }}
      jwt: {{ claims: {{ a: 1 }} }}
      text: x
      at: {{ /a: 1, //b: [1], h1: 1, \"p > b @c\": 1, $.a: 1 }}
      bytes: {{ magic: png, length: 1 }}
"
        );
        project = project.file(&format!("{}.yaml", name.replace('.', "-")), &scenario(&steps));
    }
    // A table of many rows, and one of many columns, are read.
    let rows: String = (0..100_000).map(|at| format!("{at},name {at}\n")).collect();
    project.write_bytes("rows.csv", format!("id,name\n{rows}").as_bytes());
    let huge = "steps:
  - post: /body
    headers: { content-type: text/csv }
    file: rows.csv
    expect: { csv: { $length: 100000, $contains: { id: 77777, name: name 77777 } }, at: { \"$[99999].id\": 99999 } }
";
    project = project.file("rows.yaml", &scenario(huge)).file("echo.yaml", &scenario("steps: [{ get: /json/1 }]\n"));
    let started = Instant::now();
    let outcome = project.run(&[]);
    outcome.exits(1).lacks("panicked").lacks("run.internal");
    outcome.says("2 passed").says("12 failed");
    outcome.says("cannot be read as XML: entities (`<!ENTITY …>`) are refused");
    outcome.says("elements nest deeper than 512 levels");
    outcome.says("only the first part of the page was read");
    outcome.says("the quote that opens on line 1 is never closed");
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}
