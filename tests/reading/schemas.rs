//! What is wrong with a JSON Schema is found when files are read: nothing is called.

use snapbox::{assert_data_eq, str};

use crate::support::Project;

fn project(schemas: &[&str]) -> Project {
    let steps: String =
        schemas.iter().map(|schema| format!("  - {{ get: /, expect: {{ schema: {schema} }} }}\n")).collect();
    Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n")
        .file("scenario.yaml", &format!("scenario: A\nbase_url: \"{{{{ mock.base }}}}\"\nsteps:\n{steps}"))
}

#[test]
fn a_file_that_is_no_schema() {
    let project = project(&[
        "schemas/trap.json",
        "schemas/syntax.json",
        "schemas/twice.json",
        "schemas/broken.yaml",
        "schemas/list.json",
        "schemas/bytes.json",
        "schemas",
    ])
    .file("schemas/trip.json", "{}")
    .file("schemas/syntax.json", "{ \"type\": \"object\",\n  // no comments\n}")
    .file("schemas/twice.json", "{ \"type\": \"object\", \"type\": \"array\" }")
    .file("schemas/broken.yaml", "type: object\n type: array\n")
    .file("schemas/list.json", "[1]");
    project.write_bytes("schemas/bytes.json", b"\"\xff\"");
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).diagnostics(),
        str![[r#"
error[schema.file]: there is no schema schemas/trap.json
 --> scenario.yaml:4:33
  |
4 |   - { get: /, expect: { schema: schemas/trap.json } }
  |                                 ^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `trip.json`?
error[schema.file]: the schema schemas/bytes.json is not UTF-8 text
 --> scenario.yaml:9:33
  |
9 |   - { get: /, expect: { schema: schemas/bytes.json } }
  |                                 ^^^^^^^^^^^^^^^^^^
error[schema.file]: the schema schemas cannot be read: it is a folder
  --> scenario.yaml:10:33
   |
10 |   - { get: /, expect: { schema: schemas } }
   |                                 ^^^^^^^
error[yaml.syntax]: this is not valid YAML: this line is indented too far
 --> schemas/broken.yaml:2:6
  |
2 |  type: array
  |      ^
  |
 ::: scenario.yaml:7:33
  |
7 |   - { get: /, expect: { schema: schemas/broken.yaml } }
  |                                 ------------------- the schema is named here
  |
  = help: check the indentation: all keys of one mapping start in the same column, and so do the `-` of one list
error[json.syntax]: this is not JSON: JSON has no comments
 --> schemas/syntax.json:2:3
  |
2 |   // no comments
  |   ^
  |
 ::: scenario.yaml:5:33
  |
5 |   - { get: /, expect: { schema: schemas/syntax.json } }
  |                                 ------------------- the schema is named here
error[json.duplicate-key]: the member `type` is here twice
 --> schemas/twice.json:1:21
  |
1 | { "type": "object", "type": "array" }
  |   ------ first here ^^^^^^ again here
  |
 ::: scenario.yaml:6:33
  |
6 |   - { get: /, expect: { schema: schemas/twice.json } }
  |                                 ------------------ the schema is named here
  |
  = help: remove one of the two
error[schema.invalid]: a schema is a mapping (or `true` or `false`), not a list
 --> schemas/list.json:1:1
  |
1 | [1]
  | ^^^

"#]]
    );
}

#[test]
fn a_schema_that_is_itself_invalid() {
    let project = project(&[
        "{ type: int, required: true, minLength: -1, minimum: '3', pattern: '(a' }",
        "{ properties: { a: { pattern: '(a' } } }",
        "{ pattern: '(a{1000}){1000}{1000}' }",
        "{ items: [{ type: string }] }",
        "{ multipleOf: 0 }",
        "{ $schema: 'http://json-schema.org/draft-07/schema#', exclusiveMinimum: true }",
        "{ $schema: 'http://json-schema.org/draft-08/schema#' }",
        "{ type: null }",
        "deep.json",
        "[1]",
    ])
    .file("deep.json", "{\n  \"properties\": {\n    \"a\": { \"items\": { \"type\": \"strnig\" } }\n  }\n}\n");
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).diagnostics(),
        str![[r#"
error[schema.invalid]: this is no JSON Schema 2020-12: `type`: one of ["array","boolean","integer","null","number","object","string"] is expected
 --> scenario.yaml:4:41
  |
4 |   - { get: /, expect: { schema: { type: int, required: true, minLength: -1, minimum: '3', pattern: '(a' } } }
  |                                         ^^^
  |
  = help: did you mean `integer`?
error[schema.invalid]: this is no JSON Schema 2020-12: `required`: an array is expected, not a boolean
 --> scenario.yaml:4:56
  |
4 |   - { get: /, expect: { schema: { type: int, required: true, minLength: -1, minimum: '3', pattern: '(a' } } }
  |                                                        ^^^^
  |
  = help: `required` stands beside `properties` and lists their names: `required: [id, name]`
error[schema.invalid]: this is no JSON Schema 2020-12: `minLength`: at least 0 is expected
 --> scenario.yaml:4:73
  |
4 |   - { get: /, expect: { schema: { type: int, required: true, minLength: -1, minimum: '3', pattern: '(a' } } }
  |                                                                         ^^
error[schema.invalid]: this is no JSON Schema 2020-12: `minimum`: a number is expected, not a string
 --> scenario.yaml:4:86
  |
4 |   - { get: /, expect: { schema: { type: int, required: true, minLength: -1, minimum: '3', pattern: '(a' } } }
  |                                                                                      ^^^
error[schema.invalid]: this schema cannot be used: this is no regular expression: unclosed group
 --> scenario.yaml:5:63
  |
5 |   - { get: /, expect: { schema: { properties: { a: { pattern: '(a' } } } } }
  |                                                               ^^^^
error[schema.invalid]: this schema cannot be used: this regular expression is too large
 --> scenario.yaml:6:44
  |
6 |   - { get: /, expect: { schema: { pattern: '(a{1000}){1000}{1000}' } } }
  |                                            ^^^^^^^^^^^^^^^^^^^^^^^
error[schema.invalid]: this is no JSON Schema 2020-12: `items`: a boolean or an object is expected, not an array
 --> scenario.yaml:7:35
  |
7 |   - { get: /, expect: { schema: { items: [{ type: string }] } } }
  |                                   ^^^^^
  |
  = help: since 2020-12 such a list is written under `prefixItems`
error[schema.invalid]: this is no JSON Schema 2020-12: `multipleOf`: more than 0 is expected
 --> scenario.yaml:8:47
  |
8 |   - { get: /, expect: { schema: { multipleOf: 0 } } }
  |                                               ^
error[schema.invalid]: this is no JSON Schema draft 7: `exclusiveMinimum`: a number is expected, not a boolean
 --> scenario.yaml:9:105
  |
9 |   - { get: /, expect: { schema: { $schema: 'http://json-schema.org/draft-07/schema#', exclusiveMinimum: true } } }
  |                                                                                                         ^^^^
  |
  = help: since draft 6 it is the limit itself, a number
error[schema.draft]: this `$schema` names no draft that is known here
  --> scenario.yaml:10:44
   |
10 |   - { get: /, expect: { schema: { $schema: 'http://json-schema.org/draft-08/schema#' } } }
   |                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: did you mean `http://json-schema.org/draft-07/schema#`?
error[schema.invalid]: this is no JSON Schema 2020-12: `type`: one of ["array","boolean","integer","null","number","object","string"] is expected
  --> scenario.yaml:11:41
   |
11 |   - { get: /, expect: { schema: { type: null } } }
   |                                         ^^^^
   |
   = help: quote it: "null"
error[format.type]: a file with a JSON Schema, or the schema itself, is expected here, not a list
  --> scenario.yaml:13:33
   |
13 |   - { get: /, expect: { schema: [1] } }
   |                                 ^^^
error[schema.invalid]: this is no JSON Schema 2020-12: `type`: one of ["array","boolean","integer","null","number","object","string"] is expected
 --> deep.json:3:31
  |
3 |     "a": { "items": { "type": "strnig" } }
  |                               ^^^^^^^^
  |
  = help: did you mean `string`?

"#]]
    );
}

#[test]
fn a_schema_that_one_look_does_not_find_invalid() {
    let project = project(&[
        "{ type: [string, int] }",
        r"{ pattern: '^(?<a>x)\k<a>$' }",
        r"{ pattern: '^(?<a>x)\1$' }",
        "{ patternProperties: { '[a': { type: string } } }",
        "{ $schema: 'http://json-schema.org/draft-04/schema#', exclusiveMaximum: true }",
        "{ $ref: 'urn:x:y' }",
        "'https://example.com/schemas/trip.json'",
    ]);
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).diagnostics(),
        str![[r#"
error[schema.invalid]: this is no JSON Schema 2020-12: `type`: one of ["array","boolean","integer","null","number","object","string"] is expected
 --> scenario.yaml:4:35
  |
4 |   - { get: /, expect: { schema: { type: [string, int] } } }
  |                                   ^^^^
  |
  = help: `int` is no type; did you mean `integer`?
error[schema.invalid]: this schema cannot be used: `/k<…>` is not understood: refer to the group by its number, as in `/1`
 --> scenario.yaml:5:44
  |
5 |   - { get: /, expect: { schema: { pattern: '^(?<a>x)/k<a>$' } } }
  |                                            ^^^^^^^^^^^^^^^^
error[schema.invalid]: this schema cannot be used: this is no regular expression: unclosed character class
 --> scenario.yaml:7:56
  |
7 |   - { get: /, expect: { schema: { patternProperties: { '[a': { type: string } } } } }
  |                                                        ^^^^
error[schema.invalid]: this is no JSON Schema draft 4: `exclusiveMaximum` needs `maximum` beside it
 --> scenario.yaml:8:105
  |
8 |   - { get: /, expect: { schema: { $schema: 'http://json-schema.org/draft-04/schema#', exclusiveMaximum: true } } }
  |                                                                                                         ^^^^
error[schema.remote]: no schema is fetched from elsewhere, and `urn:x:y` is none of these
 --> scenario.yaml:9:41
  |
9 |   - { get: /, expect: { schema: { $ref: 'urn:x:y' } } }
  |                                         ^^^^^^^^^
  |
  = help: save it beside this file, and either write `$ref: ./other.json` or leave it the `$id` it has
error[schema.remote]: no schema is fetched from elsewhere
  --> scenario.yaml:10:33
   |
10 |   - { get: /, expect: { schema: 'https://example.com/schemas/trip.json' } }
   |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: save it beside this file, and write the name of that file here

"#]]
    );
}

#[test]
fn references_that_lead_nowhere() {
    let project = project(&["refs.yaml", "'{{ env.schema }}'", "{ const: '{{ env.x }}' }"])
        .file(
            "refs.yaml",
            "definitions: { plate: { type: string }, a: { $anchor: here } }
properties:
  a: { $ref: \"#/$defs/plate\" }
  b: { $ref: \"#/definitions/plat\" }
  c: { $ref: \"#hero\" }
  d: { $ref: \"common.yaml#/$defs/nothing\" }
  e: { $ref: \"#/definitions/plate/type\" }
  f: { $ref: \"http://[bad\" }
  g: { $ref: missing.json }
  h: { $ref: \"https://example.com/schemas/address.json\" }
  i: { $ref: \"https://example.com/schemas/known.json\" }
  j: { const: { $ref: \"not one\" } }
",
        )
        .file("common.yaml", "$defs: { plate: true }\n")
        .file("known.json", "{ \"$id\": \"https://example.com/schemas/known.json\" }");
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).diagnostics(),
        str![[r##"
error[schema.ref]: `#/$defs/plate` leads to nothing
 --> refs.yaml:3:14
  |
3 |   a: { $ref: "#/$defs/plate" }
  |              ^^^^^^^^^^^^^^^
  |
  = help: did you mean `#/definitions/plate`?
error[schema.ref]: `#/definitions/plat` leads to nothing
 --> refs.yaml:4:14
  |
4 |   b: { $ref: "#/definitions/plat" }
  |              ^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `#/definitions/plate`?
error[schema.ref]: `#hero` leads to nothing
 --> refs.yaml:5:14
  |
5 |   c: { $ref: "#hero" }
  |              ^^^^^^^
  |
  = help: did you mean `#here`?
error[schema.ref]: `common.yaml#/$defs/nothing` leads to nothing
 --> refs.yaml:6:14
  |
6 |   d: { $ref: "common.yaml#/$defs/nothing" }
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: there is no `nothing` in `/$defs`
error[schema.ref]: `#/definitions/plate/type` leads to nothing
 --> refs.yaml:7:14
  |
7 |   e: { $ref: "#/definitions/plate/type" }
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: what stands there is no schema, but a string
error[schema.ref]: `http://[bad` is no address
 --> refs.yaml:8:14
  |
8 |   f: { $ref: "http://[bad" }
  |              ^^^^^^^^^^^^^
  |
  = help: write `#/$defs/NAME`, or the path of a file beside this one
error[schema.file]: there is no schema missing.json
 --> refs.yaml:9:14
  |
9 |   g: { $ref: missing.json }
  |              ^^^^^^^^^^^^
  |
  = help: the path starts from the folder of this file
error[schema.remote]: no schema is fetched from elsewhere, and `https://example.com/schemas/address.json` is none of these
  --> refs.yaml:10:14
   |
10 |   h: { $ref: "https://example.com/schemas/address.json" }
   |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: save it beside this file, and either write `$ref: ./address.json` or leave it the `$id` it has
error[schema.template]: a schema is taken as it is: nothing in it is rendered
 --> scenario.yaml:5:33
  |
5 |   - { get: /, expect: { schema: '{{ env.schema }}' } }
  |                                 ^^^^^^^^^^^^^^^^^^ a template
  |
  = help: say with `json`, `at` or `that` what depends on a value
  = help: if braces are really meant, put the schema in a file: there they mean nothing
error[schema.template]: a schema is taken as it is: nothing in it is rendered
 --> scenario.yaml:6:42
  |
6 |   - { get: /, expect: { schema: { const: '{{ env.x }}' } } }
  |                                          ^^^^^^^^^^^^^ a template
  |
  = help: say with `json`, `at` or `that` what depends on a value
  = help: if braces are really meant, put the schema in a file: there they mean nothing

"##]]
    );
}

#[test]
fn what_asserts_nothing_is_warned_of() {
    let project = project(&[
        "{ properites: { a: 1 }, $defs: { x: { tpye: string, nullable: true, format: int32, mine: 1 } }, foo: 1, x-mine: 1 }",
        "{ $schema: 'http://json-schema.org/draft-07/schema#', dependentRequired: {}, $defs: { a: {} }, items: { format: uuid } }",
        "{ format: date-tiem, properties: { format: { type: string }, tpye: { type: string } } }",
    ]);
    assert_data_eq!(
        project.callsheet(&["check"]).exits(0).diagnostics(),
        str![[r#"
warning[schema.keyword]: JSON Schema 2020-12 has no keyword `properites`
 --> scenario.yaml:4:35
  |
4 |   - { get: /, expect: { schema: { properites: { a: 1 }, $defs: { x: { tpye: string, nullable: true, format: int32, mine: 1 } }, foo: ...
  |                                   ^^^^^^^^^^ this asserts nothing
  |
  = help: did you mean `properties`?
warning[schema.keyword]: JSON Schema 2020-12 has no keyword `tpye`
 --> scenario.yaml:4:71
  |
4 |   - { get: /, expect: { schema: { properites: { a: 1 }, $defs: { x: { tpye: string, nullable: true, format: int32, mine: 1 } }, foo: ...
  |                                                                       ^^^^ this asserts nothing
  |
  = help: did you mean `type`?
warning[schema.keyword]: JSON Schema 2020-12 has no keyword `nullable`
 --> scenario.yaml:4:85
  |
4 |   - { get: /, expect: { schema: { properites: { a: 1 }, $defs: { x: { tpye: string, nullable: true, format: int32, mine: 1 } }, foo: ...
  |                                                                                     ^^^^^^^^ this asserts nothing
  |
  = help: write `type: [string, "null"]`
warning[schema.format]: JSON Schema 2020-12 has no format `int32`
 --> scenario.yaml:4:109
  |
4 | ...$defs: { x: { tpye: string, nullable: true, format: int32, mine: 1 } }, foo: 1, x-mine: 1 } } }
  |                                                        ^^^^^ this asserts nothing
  |
  = help: there are date, date-time, duration, email, hostname, idn-email, idn-hostname, ipv4, ipv6, iri, iri-reference, json-pointer, regex, relative-json-pointer, time, uri, uri-reference, uri-template, uuid; or say it with `pattern`
warning[schema.keyword]: JSON Schema 2020-12 has no keyword `foo`
 --> scenario.yaml:4:129
  |
4 | ... string, nullable: true, format: int32, mine: 1 } }, foo: 1, x-mine: 1 } } }
  |                                                         ^^^ this asserts nothing
  |
  = help: a word of your own begins with `x-`
warning[schema.keyword]: JSON Schema draft 7 has no keyword `dependentRequired`
 --> scenario.yaml:5:87
  |
5 |   - { get: /, expect: { schema: { $schema: 'http://json-schema.org/draft-07/schema#', dependentRequired: {}, $defs: { a: {} }, items:...
  |                                                                                       ^^^^^^^^^^^^^^^^^ this asserts nothing
  |
  = help: 2019-09 has it: name that in `$schema`
warning[schema.format]: JSON Schema draft 7 has no format `uuid`
 --> scenario.yaml:5:145
  |
5 | ...entRequired: {}, $defs: { a: {} }, items: { format: uuid } } } }
  |                                                        ^^^^ this asserts nothing
  |
  = help: a later draft has it: name that in `$schema`
warning[schema.format]: JSON Schema 2020-12 has no format `date-tiem`
 --> scenario.yaml:6:43
  |
6 |   - { get: /, expect: { schema: { format: date-tiem, properties: { format: { type: string }, tpye: { type: string } } } } }
  |                                           ^^^^^^^^^ this asserts nothing
  |
  = help: did you mean `date-time`?

"#]]
    );
    project.callsheet(&["check"]).exits(0);
}
