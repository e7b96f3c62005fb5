//! `schema`: answers that are as a JSON Schema says, and such as are not; and schemas that would take for ever.

use snapbox::{assert_data_eq, str};

use crate::bench::{list, project, run, scenario, text, told, with};
use crate::conditions::findings;
use crate::support::Project;

const TRIP: &str = r##"{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"$id": "https://example.com/schemas/trip.json",
	"type": "object",
	"required": ["id", "plate", "stops"],
	"properties": {
		"id": { "type": "integer", "minimum": 1 },
		"plate": { "$ref": "common.yaml#/$defs/plate" },
		"state": { "enum": ["PLANNED", "ACTIVE", "CANCELLED"] },
		"stops": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/stop" } },
		"vehicle": { "oneOf": [{ "$ref": "#/$defs/truck" }, { "$ref": "#van" }] }
	},
	"additionalProperties": false,
	"$defs": {
		"stop": {
			"type": "object",
			"required": ["eta"],
			"properties": {
				"eta": { "type": "string", "format": "date-time" },
				"price": { "type": "number", "multipleOf": 0.01 }
			}
		},
		"truck": { "properties": { "kind": { "const": "truck" }, "axles": { "type": "integer" } }, "required": ["kind", "axles"] },
		"van": { "$anchor": "van", "properties": { "kind": { "const": "van" } }, "required": ["kind"] }
	}
}
"##;
const COMMON: &str = "$defs:
  plate:
    type: string
    pattern: ^[A-Z0-9]{1,3}(-[A-Z0-9]{1,3}){2}$
";

/// A project with schemas, whose one step posts this and expects the answer to be a trip.
fn trips(body: &str) -> Project {
    let steps = format!("steps:\n  - post: /json\n    json: {body}\n    expect:\n      schema: schemas/trip.json\n");
    project().file("schemas/trip.json", TRIP).file("schemas/common.yaml", COMMON).file("echo.yaml", &scenario(&steps))
}

/// What is said of a body that is held against a schema in one line.
#[track_caller]
fn said(schema: &str, body: &str) -> String {
    let outcome = run(&format!("steps:\n  - {{ post: /json, json: {body}, expect: {{ schema: {schema} }} }}\n"));
    outcome.exits(1).diagnostics()
}

/// All of these bodies are as the schema says, and none of those.
#[track_caller]
fn decides(schema: &str, good: &[&str], bad: &[&str]) {
    let step = |body: &&str| {
        format!(
            "  - {{ post: /json, text: '{body}', headers: {{ content-type: application/json }}, expect: {{ schema: {schema} }} }}\n"
        )
    };
    let steps: String = good.iter().map(step).collect();
    run(&format!("steps:\n{steps}")).exits(0);
    for body in bad {
        let outcome = run(&format!("steps:\n{}", step(body)));
        outcome.exits(1).says("error[expect.schema]");
    }
}

#[test]
fn an_answer_that_is_as_the_schema_says() {
    let body = r#"{ id: 7, plate: AB-12-C, state: ACTIVE, stops: [{ eta: "2026-11-21T14:05:00Z", price: 0.3 }], vehicle: { kind: van } }"#;
    trips(body).run(&[]).exits(0);
    run("steps:
  - { post: /json, json: [1], expect: { schema: true } }
  - post: /json
    json: { a: [1, x] }
    expect:
      json: { a: [<integer>, <string>] }
      schema: { properties: { a: { prefixItems: [{ type: integer }, { type: string }], items: false } } }
")
    .exits(0);
}

#[test]
fn every_violation_with_its_place_in_the_body_and_in_the_schema() {
    let body = r#"{ id: 0, plat: AB, state: PLANED, colour: red, stops: [{ eta: tomorrow, price: 0.1 }, { price: 1.005 }], vehicle: { kind: truck, axles: many } }"#;
    assert_data_eq!(
        trips(body).run(&[]).exits(1).plain(),
        str![[r#"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  1 of 2 expectations failed

error[expect.schema]: $.plate does not fit the schema: required, and missing; was it renamed to `plat`?, and 8 more things are wrong
  --> echo.yaml:7:15
   |
 7 |       schema: schemas/trip.json
   |               ^^^^^^^^^^^^^^^^^ the body has no $.plate
   |
  ::: schemas/trip.json:5:21
   |
 5 |     "required": ["id", "plate", "stops"],
   |                        ------- the body has no $.plate
   |
  ::: schemas/trip.json:7:41
   |
 7 |         "id": { "type": "integer", "minimum": 1 },
   |                                               - $.id is 0
   |
  ::: schemas/trip.json:9:14
   |
 9 |         "state": { "enum": ["PLANNED", "ACTIVE", "CANCELLED"] },
   |                    ------ $.state is "PLANED"
...
19 |                 "eta": { "type": "string", "format": "date-time" },
   |                                                      ----------- $.stops[0].eta is "tomorrow"

  $.plate                      required, and missing; was it renamed to `plat`?  (schemas/trip.json:5:21)
  $.id                         at least 1 is expected  (schemas/trip.json:7:41)
+   0
  $.state                      one of "PLANNED", "ACTIVE", "CANCELLED" is expected; did you mean "PLANNED"?  (schemas/trip.json:9:14)
+   "PLANED"
  $.stops[0].eta               a date and time (as MOMENT) is expected  (schemas/trip.json:19:42)
+   "tomorrow"
  $.stops[1].eta               required, and missing  (schemas/trip.json:17:17)
  $.stops[1].price             a multiple of 0.01 is expected  (schemas/trip.json:20:48)
+   1.005
  $.vehicle                    none of the 2 alternatives of `oneOf` fits; the nearest is the first (`#/$defs/truck`), but for:  (schemas/trip.json:11:16)
    $.vehicle.axles            an integer is expected, not a string  (schemas/trip.json:23:79)
+     "many"
  $.plat                       not expected; did you mean `plate`?  (schemas/trip.json:13:26)
+   "AB"
  $.colour                     not expected: the schema has no such member  (schemas/trip.json:13:26)
+   "red"

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            {
              "id": 0,
              "plat": "AB",
            …
  response  200 OK · TIME · 151 B
            content-type: application/json
            {
              "id": 0,
              "plat": "AB",
              "state": "PLANED",
              "colour": "red",
              "stops": [{ "eta": "tomorrow", "price": 0.1 }, { "price": 1.005 }],
              "vehicle": { "kind": "truck", "axles": "many" }
            }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"id":0,"plat":"AB","state":"PLANED","colour":"red","stops":[{"eta":"tomorrow","price":0.1},{"price":1.005}],"vehicle":{"kind":"truck","axles":"many"}}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

  ✗ Echo  echo.yaml:7  expect.schema

1 failed · 1 request · TIME · mock · seed 7

"#]]
    );
    let body = r#"{ id: 1.5, plate: ab-1-2, stops: [], vehicle: { kind: tank } }"#;
    assert_data_eq!(
        trips(body).run(&[]).exits(1).plain(),
        str![[r##"
✗ Echo  mock · TIME · echo.yaml
  ✗ POST  /json  200 · TIME  1 of 2 expectations failed

error[expect.schema]: $.id does not fit the schema: an integer is expected, not a number with a fraction, and 3 more things are wrong
  --> echo.yaml:7:15
   |
 7 |       schema: schemas/trip.json
   |               ^^^^^^^^^^^^^^^^^ $.id is 1.5
   |
  ::: schemas/common.yaml:4:14
   |
 4 |     pattern: ^[A-Z0-9]{1,3}(-[A-Z0-9]{1,3}){2}$
   |              ---------------------------------- $.plate is "ab-1-2"
   |
  ::: schemas/trip.json:7:19
...
10 | ... "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/stop" } },
   |                                  - $.stops is []
...
24 | ...$anchor": "van", "properties": { "kind": { "const": "van" } }, "required": ["kind"] }
   |                                                        ----- $.vehicle.kind is "tank"

  $.id                         an integer is expected, not a number with a fraction  (schemas/trip.json:7:19)
+   1.5
  $.plate                      it does not match the pattern `^[A-Z0-9]{1,3}(-[A-Z0-9]{1,3}){2}$`  (schemas/common.yaml:4:14)
+   "ab-1-2"
  $.stops                      at least 1 element is expected, not 0  (schemas/trip.json:10:43)
+   []
  $.vehicle                    none of the 2 alternatives of `oneOf` fits; the nearest is the second (`#van`), but for:  (schemas/trip.json:11:16)
    $.vehicle.kind             exactly "van" is expected  (schemas/trip.json:24:65)
+     "tank"

  request   POST http://127.0.0.1:PORT/echo/json
            content-type: application/json
            { "id": 1.5, "plate": "ab-1-2", "stops": [], "vehicle": { "kind": "tank" } }
  response  200 OK · TIME · 64 B
            content-type: application/json
            { "id": 1.5, "plate": "ab-1-2", "stops": [], "vehicle": { "kind": "tank" } }
  by hand   curl http://127.0.0.1:PORT/echo/json -H 'content-type: application/json' --data-raw '{"id":1.5,"plate":"ab-1-2","stops":[],"vehicle":{"kind":"tank"}}'
  rerun     callsheet run echo.yaml --only 'echo.yaml:4' --seed 7

  ✗ Echo  echo.yaml:7  expect.schema

1 failed · 1 request · TIME · mock · seed 7

"##]]
    );
}

#[test]
fn a_schema_that_is_written_in_the_step() {
    let steps = "steps:
  - name: inline
    post: /json
    json: { id: 9007199254740993, n: [1, 2, 2.0], tags: [], kind: b, size: 12 }
    expect:
      schema:
        type: object
        properties:
          id: { const: 9007199254740992 }
          n: { uniqueItems: true }
          tags: { minItems: 1 }
          kind:
            anyOf:
              - { const: a }
              - { enum: [b1, b2] }
          size: { not: { minimum: 10 } }
        maxProperties: 2
        dependentRequired: { id: [owner] }
        unevaluatedProperties: false
";
    let (outcome, report) = told(&with(steps));
    assert_data_eq!(
        findings(outcome.exits(1)),
        str![[r#"
error[expect.schema]: $ does not fit the schema: at most 2 members are expected, not 5, and 6 more things are wrong
  --> echo.yaml:19:24
   |
11 |           id: { const: 9007199254740992 }
   |                        ---------------- $.id is 9007199254740993
12 |           n: { uniqueItems: true }
   |                             ---- $.n is [1, 2, 2.0]
...
19 |         maxProperties: 2
   |                        ^ $ is { "id": 9007199254740993, "n": [1, 2, 2…
20 |         dependentRequired: { id: [owner] }
   |         ----------------- the body has no $.owner

  $                            at most 2 members are expected, not 5  (echo.yaml:19:24)
+   { "id": 9007199254740993, "n": [1, 2, 2.0], "tags": [], "kind": "b", … }
  $.owner                      required, and missing  (echo.yaml:20:9)
  $.id                         exactly 9007199254740992 is expected  (echo.yaml:11:24)
+   9007199254740993
  $.n                          its elements must differ, and [1] and [2] are equal  (echo.yaml:12:29)
+   [1, 2, 2.0]
  $.tags                       at least 1 element is expected, not 0  (echo.yaml:13:29)
+   []
  $.kind                       none of the 2 alternatives of `anyOf` fits; the nearest is the first, but for:  (echo.yaml:15:13)
    $.kind                     exactly "a" is expected  (echo.yaml:16:26)
+     "b"
  $.size                       this is what `not` forbids  (echo.yaml:18:19)
+   12

"#]]
    );
    let findings = list(&report.step("inline")["findings"]);
    assert_eq!(findings.len(), 1);
    assert_eq!(text(&findings[0]["problem"]["places"][0]["path"]), "echo.yaml");
    assert_eq!(report.step("inline")["expectations"], serde_json::json!({ "held": 1, "total": 2 }));
}

#[test]
fn every_keyword_in_words() {
    let cases = [
        ("{ type: [string, 'null'] }", "[1]"),
        ("{ minLength: 3 }", "ab"),
        ("{ maxLength: 1 }", "ab"),
        ("{ maxItems: 1 }", "[1, 2]"),
        ("{ minProperties: 1 }", "{}"),
        ("{ exclusiveMinimum: 3 }", "3"),
        ("{ exclusiveMaximum: 3 }", "3"),
        ("{ maximum: 2.5 }", "3"),
        ("{ format: uuid }", "x"),
        ("{ format: ipv6 }", "127.0.0.1"),
        ("{ contains: { type: string } }", "[1]"),
        ("{ contains: { type: integer }, maxContains: 1 }", "[1, 2]"),
        ("{ propertyNames: { maxLength: 2 } }", "{ abc: 1 }"),
        ("{ oneOf: [{ type: integer }, { minimum: 3 }, { type: string }] }", "4"),
        ("{ properties: { a: false } }", "{ a: 1 }"),
        ("{ if: { required: [a] }, then: { required: [b] } }", "{ a: 1 }"),
        ("{ prefixItems: [true], unevaluatedItems: false }", "[1, 2, 3]"),
        (
            "{ patternProperties: { '^x': true }, additionalProperties: false }",
            "{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }",
        ),
        ("{ $schema: 'http://json-schema.org/draft-07/schema#', contentEncoding: base64 }", "'~~'"),
    ];
    let lines: String = cases
        .iter()
        .map(|(schema, body)| {
            let said = said(schema, body);
            let head = said.lines().next().unwrap_or_default();
            format!("{schema} {body}\n  {}\n", head.trim_start_matches("error[expect.schema]: "))
        })
        .collect();
    assert_data_eq!(
        lines,
        str![[r#"
{ type: [string, 'null'] } [1]
  $ does not fit the schema: null or a string is expected, not an array
{ minLength: 3 } ab
  $ does not fit the schema: at least 3 characters are expected, not 2
{ maxLength: 1 } ab
  $ does not fit the schema: at most 1 character is expected, not 2
{ maxItems: 1 } [1, 2]
  $ does not fit the schema: at most 1 element is expected, not 2
{ minProperties: 1 } {}
  $ does not fit the schema: at least 1 member is expected, not 0
{ exclusiveMinimum: 3 } 3
  $ does not fit the schema: more than 3 is expected
{ exclusiveMaximum: 3 } 3
  $ does not fit the schema: less than 3 is expected
{ maximum: 2.5 } 3
  $ does not fit the schema: at most 2.5 is expected
{ format: uuid } x
  $ does not fit the schema: a UUID is expected
{ format: ipv6 } 127.0.0.1
  $ does not fit the schema: an IPv6 address is expected
{ contains: { type: string } } [1]
  $ does not fit the schema: too few or too many of its elements are as `contains` says
{ contains: { type: integer }, maxContains: 1 } [1, 2]
  $ does not fit the schema: too few or too many of its elements are as `contains` says
{ propertyNames: { maxLength: 2 } } { abc: 1 }
  $ does not fit the schema: a name of a member is not as `propertyNames` says: at most 2 characters are expected, not 1
{ oneOf: [{ type: integer }, { minimum: 3 }, { type: string }] } 4
  $ does not fit the schema: 2 alternatives of `oneOf` fit (first, second), and only one may
{ properties: { a: false } } { a: 1 }
  $.a does not fit the schema: nothing is allowed here
{ if: { required: [a] }, then: { required: [b] } } { a: 1 }
  $.b does not fit the schema: required, and missing
{ prefixItems: [true], unevaluatedItems: false } [1, 2, 3]
  $ does not fit the schema: 2 of its elements are not described by the schema
{ patternProperties: { '^x': true }, additionalProperties: false } { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }
  $.a does not fit the schema: not expected: the schema has no such member, and 5 more things are wrong
{ $schema: 'http://json-schema.org/draft-07/schema#', contentEncoding: base64 } '~~'
  $ does not fit the schema: a text in base64 is expected

"#]]
    );
}

#[test]
fn numbers_are_compared_exactly() {
    decides("{ maximum: 9007199254740992 }", &["9007199254740992", "-1e400", "1e-400"], &["9007199254740993", "1e400"]);
    decides("{ const: 9007199254740993 }", &["9007199254740993", "9007199254740993.0"], &["9007199254740992"]);
    decides(
        "{ enum: [1e400, 123456789012345678901234567890] }",
        &["10e399", "123456789012345678901234567890"],
        &["1e401", "123456789012345678901234567891"],
    );
    decides("{ multipleOf: 0.01 }", &["19.99", "1e400", "0", "-0.07", "4.35"], &["19.999", "1e-3"]);
    decides("{ multipleOf: 1e-400 }", &["1e-399", "3"], &["1.5e-400"]);
    decides("{ exclusiveMaximum: 0.1 }", &["0.09999999999999999999"], &["0.1", "0.10000000000000000000001", "0.100"]);
    decides("{ type: integer }", &["1.0", "1e400", "-0.0", "18446744073709551616"], &["1.5", "1e-400"]);
    decides("{ uniqueItems: true }", &["[9007199254740992, 9007199254740993]", "[1, true, \"1\"]"], &["[1, 1.0]"]);
    decides(
        "{ $schema: \"http://json-schema.org/draft-04/schema#\", type: integer, minimum: 3, exclusiveMinimum: true }",
        &["4"],
        &["3", "4.0"],
    );
    // Of two members of one name the last stands, as everywhere.
    decides("{ properties: { a: { const: 2 } } }", &["{\"a\": 1, \"a\": 2}"], &["{\"a\": 2, \"a\": 1}"]);
}

#[test]
fn references_are_followed_within_and_beside_a_file() {
    let project = project()
        .file(
            "schemas/tree.json",
            r##"{ "$schema": "https://json-schema.org/draft/2019-09/schema", "$id": "https://example.com/tree", "$recursiveAnchor": true,
  "type": "object", "properties": { "children": { "items": { "$recursiveRef": "#" } }, "of": { "$ref": "https://example.com/leaf" } } }"##,
        )
        .file("schemas/leaf.yaml", "$id: https://example.com/leaf\n$ref: ../more/%C3%BCber.json#here\n")
        .file("more/über.json", r#"{ "$defs": { "a/b": { "$anchor": "here", "$ref": "/absent/none.json#/$defs/x" } } }"#)
        .file("steps.yaml", "fragment: F\nsteps:\n  - { post: /json, json: { children: [{ of: 3 }] }, expect: { schema: schemas/tree.json } }\n")
        .file("echo.yaml", &scenario("steps: [{ use: steps.yaml }]\n"));
    project.run(&["echo.yaml"]).exits(2).says("error[schema.file]: there is no schema /absent/none.json");
    project.write(
        "more/über.json",
        r##"{ "$defs": { "a/b": { "$anchor": "here", "$ref": "#/$defs/c%20d" }, "c d": { "type": "string" } } }"##,
    );
    assert_data_eq!(
        findings(project.run(&["echo.yaml"]).exits(1)),
        str![[r#"
error[expect.schema]: $.children[0].of does not fit the schema: a string is expected, not a number
 --> steps.yaml:3:71
  |
3 |   - { post: /json, json: { children: [{ of: 3 }] }, expect: { schema: schemas/tree.json } }
  |                                                                       ^^^^^^^^^^^^^^^^^ $.children[0].of is 3
  |
 ::: schemas/../more/über.json:1:86
  |
1 | ...fs/c%20d" }, "c d": { "type": "string" } } }
  |                                  -------- $.children[0].of is 3

  $.children[0].of             a string is expected, not a number  (schemas/../more/über.json:1:86)
+   3

"#]]
    );
}

#[test]
fn schemas_that_would_take_for_ever_do_not() {
    let mut deep = "{}".to_owned();
    for _ in 0..60 {
        deep = format!("{{ \"a\": {deep} }}");
    }
    let branch = |more: &str| format!("{{ properties: {{ a: {{ $ref: \"#\" }} }}, required: [a{more}] }}");
    let tangled = format!("{{ anyOf: [{}, {}, {}] }}", branch(""), branch(", b"), branch(", c"));
    assert_data_eq!(
        said(&tangled, &deep).lines().next().unwrap_or_default(),
        str!["error[expect.schema]: the body does not fit the schema, in too many ways to list"]
    );
    let text = format!("{}!", "a".repeat(60));
    said(r"{ pattern: '^(a+)+$' }", &text);
    said(r"{ pattern: '^(?=(a+)+$)(a|aa)+\1$' }", &text);
    let loops = "{ $ref: \"#/$defs/a\", $defs: { a: { $ref: \"#/$defs/b\" }, b: { allOf: [{ $ref: \"#/$defs/a\" }, { minProperties: 5 }] } } }";
    said(loops, &deep);
    run("steps: [{ post: /json, json: 1, expect: { schema: { $ref: '#' } } }]\n").exits(0);
    let names: Vec<String> = (0..10_000).map(|n| format!("p{n}")).collect();
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\": {{ \"type\": \"string\" }}")).collect();
    let wide = format!(
        "{{ \"properties\": {{ {} }}, \"required\": {names:?}, \"additionalProperties\": false }}",
        members.join(", ")
    );
    let outcome = project()
        .file("wide.json", &wide)
        .file("echo.yaml", &scenario("steps: [{ post: /json, json: { x: 1 }, expect: { schema: wide.json } }]\n"))
        .run(&[]);
    outcome.exits(1).says("and 10000 more things are wrong").says("… and 9981 more");
}

#[test]
fn a_body_that_is_no_json_and_a_schema() {
    let outcome = run("steps: [{ post: /text, text: plain, expect: { schema: { type: object } } }]\n");
    outcome.exits(1).says("error[expect.body]").says("JSON is expected here");
}

#[test]
fn a_secret_in_a_violation_is_masked() {
    let config = "callsheet: 1\nenvironments: { mock: { serve: builtin, secrets: { key: { env: KEY } } } }\n";
    let steps = "steps: [{ post: /json, json: { key: '{{ secrets.key }}' }, expect: { schema: { properties: { key: { maxLength: 3 }, kez: true }, additionalProperties: false } } }]\n";
    let project =
        project().file("callsheet.yaml", config).variable("KEY", "Zq8-hush-W5xvT7").file("echo.yaml", &scenario(steps));
    project.run(&[]).exits(1).says("{{secrets.key}}").lacks("hush");
}
