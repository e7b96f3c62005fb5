//! What each draft decides by itself; that the drafts as a whole are decided rightly, `tests/schema_suite` shows.

use super::*;
use crate::source::{Diagnostic, Sources};

/// A schema of a file in a folder of its own, with others beside it.
fn load(files: &[(&str, &str)]) -> Result<Arc<Schema>, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("writable");
    }
    let mut sources = Sources::default();
    let mut problems = Vec::new();
    let mut reading = Reading { working: folder.path(), sources: &mut sources, problems: &mut problems };
    let schema = Library::default().file(&folder.path().join(files[0].0), Span::default(), &mut reading);
    schema.ok_or(problems)
}

#[track_caller]
fn decides(draft: &str, schema: &str, good: &[&str], bad: &[&str]) {
    let text = format!("{{ \"$schema\": \"{draft}\", {schema} }}");
    let loaded = load(&[("schema.json", &text)]).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    for (bodies, expected) in [(good, true), (bad, false)] {
        for body in bodies {
            let json = crate::json::parse(body.as_bytes()).expect(body);
            let found = loaded.validate(&json);
            assert_eq!(found.list.is_empty(), expected, "{text}: {body}: {found:?}");
            assert_eq!(found.given_up, GivenUp::Nothing, "{text}: {body}");
            assert!(found.list.iter().all(|violation| violation.span.is_some()), "{text}: {body}: {found:?}");
        }
    }
}

const D4: &str = "http://json-schema.org/draft-04/schema#";
const D6: &str = "http://json-schema.org/draft-06/schema#";
const D7: &str = "http://json-schema.org/draft-07/schema";
const D2019: &str = "https://json-schema.org/draft/2019-09/schema";
const D2020: &str = "https://json-schema.org/draft/2020-12/schema#";

#[test]
fn each_draft_has_its_own_keywords() {
    decides(D4, r#""maximum": 3, "exclusiveMaximum": true"#, &["2", "\"x\""], &["3", "4"]);
    decides(D4, r#""type": "integer""#, &["1"], &["1.0", "1e2"]);
    decides(
        D4,
        r##""id": "http://x.test/a", "properties": { "b": { "$ref": "#n" } }, "definitions": { "n": { "id": "#n", "type": "null" } }"##,
        &[r#"{"b":null}"#],
        &[r#"{"b":1}"#],
    );
    decides(D6, r#""contains": { "const": 1 }"#, &["[2, 1.0]", "{}"], &["[]", "[\"1\"]"]);
    decides(D6, r#""type": "integer", "propertyNames": { "maxLength": 1 }"#, &["1.0"], &["1.5"]);
    decides(
        D7,
        r#""if": { "type": "string" }, "then": { "minLength": 2 }, "else": { "minimum": 5 }"#,
        &["\"ab\"", "5"],
        &["\"a\"", "4"],
    );
    decides(
        D7,
        r##""definitions": { "a": { "type": "integer" } }, "items": { "$ref": "#/definitions/a", "minimum": 9 }"##,
        &["[1]"],
        &["[1.5]"],
    );
    decides(D7, r#""items": [{ "type": "integer" }], "additionalItems": false"#, &["[1]", "[]"], &["[1, 2]"]);
    decides(
        D7,
        r#""dependencies": { "a": ["b"], "c": { "minProperties": 3 } }"#,
        &[r#"{"a":1,"b":1}"#],
        &[r#"{"a":1}"#, r#"{"c":1}"#],
    );
    decides(
        D2019,
        r##""$recursiveAnchor": true, "properties": { "kids": { "items": { "$recursiveRef": "#" } }, "n": { "type": "integer" } }, "unevaluatedProperties": false"##,
        &[r#"{"kids":[{"n":1}]}"#],
        &[r#"{"kids":[{"m":1}]}"#],
    );
    decides(
        D2019,
        r#""dependentRequired": { "a": ["b"] }, "minContains": 0, "contains": false"#,
        &["[1]", r#"{"b":1}"#],
        &[r#"{"a":1}"#],
    );
    decides(D2020, r#""prefixItems": [{ "type": "integer" }], "items": false"#, &["[1]"], &["[1, 2]", "[\"1\"]"]);
    decides(
        D2020,
        r##""$dynamicAnchor": "node", "properties": { "kid": { "$dynamicRef": "#node" } }, "required": ["v"]"##,
        &[r#"{"v":1,"kid":{"v":2}}"#],
        &[r#"{"v":1,"kid":{}}"#],
    );
    decides(
        D2020,
        r##""$defs": { "a": { "$anchor": "x", "type": "string" } }, "items": { "$ref": "#x", "minLength": 2 }"##,
        &["[\"ab\"]"],
        &["[\"a\"]", "[1]"],
    );
}

#[test]
fn what_a_draft_does_not_know_asserts_nothing_in_it() {
    decides(
        D4,
        r#""const": 2, "contains": false, "propertyNames": false, "if": true, "then": false"#,
        &["1", "[1]"],
        &[],
    );
    decides(D6, r#""if": true, "then": false"#, &["1"], &[]);
    decides(D7, r#""dependentRequired": { "a": ["b"] }, "unevaluatedProperties": false"#, &[r#"{"a":1}"#], &[]);
    decides(D2019, r#""prefixItems": [false]"#, &["[1]"], &[]);
}

#[test]
fn formats_are_asserted_in_every_draft() {
    for draft in [D4, D6, D7, D2019, D2020] {
        decides(
            draft,
            r#""format": "date-time""#,
            &["\"2026-11-21T14:05:00Z\"", "1"],
            &["\"tomorrow\"", "\"2026-02-30T00:00:00Z\""],
        );
        decides(draft, r#""format": "ipv4""#, &["\"127.0.0.1\""], &["\"127.0.0\"", "\"256.0.0.1\""]);
    }
    decides(D2020, r#""format": "idn-hostname""#, &["\"käse.example\""], &["\"-a.example\""]);
    decides(D2020, r#""format": "uuid""#, &["\"2EB8AA08-AA98-11EA-B4AA-73B441D16380\""], &["\"2eb8aa08\""]);
}

#[test]
fn drafts_may_refer_to_each_other_and_files_to_circles() {
    let loaded = load(&[
        ("a.json", r#"{ "properties": { "b": { "$ref": "b.yaml" }, "old": { "$ref": "old.json" } } }"#),
        ("b.yaml", "properties: { a: { $ref: a.json }, n: { type: integer } }\n"),
        ("old.json", r#"{ "$schema": "http://json-schema.org/draft-07/schema#", "items": [{ "type": "string" }] }"#),
    ]);
    let schema = loaded.expect("loads");
    let found = |body: &str| schema.validate(&crate::json::parse(body.as_bytes()).expect("JSON")).list;
    assert!(found(r#"{"b":{"a":{"b":{"n":1}}},"old":["x",1]}"#).is_empty());
    let list = found(r#"{"b":{"a":{"b":{"n":"1"}}},"old":[1]}"#);
    let places: Vec<(String, &str)> =
        list.iter().map(|violation| (violation.path.shorthand(), violation.place.as_str())).collect();
    assert_eq!(places, [("$.b.a.b.n".to_owned(), "b.yaml:1:47"), ("$.old[0]".to_owned(), "old.json:1:77")]);
}

#[test]
fn no_schema_makes_it_panic_or_run_without_end() {
    let deep = format!("{}true{}", "{\"not\":".repeat(100), "}".repeat(100));
    let texts = [
        "{\"$ref\": \"#\"}".to_owned(),
        "{\"$ref\": \"schema.json\"}".to_owned(),
        "{\"$id\": \"::\", \"$ref\": \"::\"}".to_owned(),
        "{\"$id\": \"urn:x:y\", \"$ref\": \"a.json\"}".to_owned(),
        "{\"$ref\": \"#/%zz/~2/\\u0000\"}".to_owned(),
        "{\"$ref\": \"\\u0000\"}".to_owned(),
        "{\"$ref\": \"#/properties/a\", \"properties\": {\"a\": {\"$ref\": \"#/properties/a\"}}}".to_owned(),
        "{\"multipleOf\": 1e-400, \"minLength\": 1e400, \"maxItems\": 18446744073709551616}".to_owned(),
        format!("{{\"multipleOf\": 0.{}1}}", "0".repeat(200)),
        format!("{{\"const\": {}}}", "9".repeat(5000)),
        "{\"enum\": [], \"required\": [], \"type\": []}".to_owned(),
        "{\"properties\": {\"\": {\"$ref\": \"#/properties/\"}}}".to_owned(),
        "{\"pattern\": \"(?<a>x)\\\\k<a>[\\\\p{Lu}--a]\"}".to_owned(),
        deep,
    ];
    for text in texts {
        match load(&[("schema.json", &text)]) {
            Ok(schema) => {
                for body in ["{\"\": {}}", "[[1e400]]", "\"x\"", "1e-400"] {
                    drop(schema.validate(&crate::json::parse(body.as_bytes()).expect("JSON")));
                }
            }
            Err(problems) => assert!(!problems.is_empty(), "{text}"),
        }
    }
}

#[test]
fn what_was_given_up_leaves_nothing_behind() {
    let branch = |more: &str| format!(r##"{{ "properties": {{ "a": {{ "$ref": "#" }} }}, "required": ["a"{more}] }}"##);
    let text = format!(r#"{{ "anyOf": [{}, {}, {}] }}"#, branch(""), branch(r#", "b""#), branch(r#", "c""#));
    let schema = load(&[("schema.json", &text)]).expect("loads");
    let deep = format!("{}{{}}{}", r#"{"a":"#.repeat(60), "}".repeat(60));
    let read = |body: &str| crate::json::parse(body.as_bytes()).expect("JSON");
    assert_eq!(schema.validate(&read(&deep)).given_up, GivenUp::Words);
    assert_eq!(schema.validate(&read(r#"{"a":{"a":1}}"#)), Violations::default());
    let found = schema.validate(&read(r#"{"a":{}}"#));
    assert_eq!((found.given_up, found.list.len()), (GivenUp::Nothing, 1));
}

#[test]
fn a_long_number_is_divided_exactly_and_soon() {
    let long = format!("{}e-3", "7".repeat(4_000));
    decides(D2020, r#""multipleOf": 0.007"#, &[&long, "0.7e5"], &["0.0071"]);
    let divides = |number: &str, divisor: &str| {
        let number = crate::json::Number::parse(number).expect("a number");
        number.is_multiple_of(&crate::json::Number::parse(divisor).expect("a number"))
    };
    for (number, divisor, expected) in [
        ("0", "7", true),
        ("7", "0", false),
        ("-4.35", "0.01", true),
        ("1e999999999999999999999", "1024", true),
        ("1e999999999999999999999", "3", false),
        ("12345678901234567890123456789", "3", true),
        ("12345678901234567890123456788", "3", false),
        ("1e-3", "1e-2", false),
        ("1000", "1e3", true),
        ("100", "1e3", false),
        ("5", "2.5", true),
        ("6", "2.5", false),
    ] {
        assert_eq!(divides(number, divisor), expected, "{number} by {divisor}");
    }
}
