//! What is not looked at, on either side.

use super::*;

/// The paths of the differences, and which of the ignored paths name nothing.
fn ask(yaml: &str, actual: &str, mode: Mode, ignore: &[&str]) -> (Vec<String>, Vec<usize>) {
    let ignore: Vec<_> =
        ignore.iter().map(|path| Spanned::new(JsonPath::parse(path).expect("a path"), Span::default())).collect();
    let found = compare_rendered_but(&expected(yaml), &document(actual), mode, &ignore, Timestamp::UNIX_EPOCH);
    (found.list.iter().map(|one| format!("{} {}", one.path.shorthand(), one.kind.name())).collect(), found.idle)
}

#[track_caller]
fn passes(yaml: &str, actual: &str, ignore: &[&str]) {
    assert_eq!(ask(yaml, actual, Mode::Exactly, ignore), (Vec::new(), Vec::new()), "{yaml} {actual}");
    assert!(!ask(yaml, actual, Mode::Exactly, &[]).0.is_empty(), "it would pass anyway: {yaml} {actual}");
}

#[track_caller]
fn fails(yaml: &str, actual: &str, ignore: &[&str], wanted: &[&str]) {
    assert_eq!(ask(yaml, actual, Mode::Exactly, ignore).0, wanted, "{yaml} {actual}");
}

#[test]
fn members_of_any_value_missing_or_not_expected() {
    passes("{ a: 1, at: 2 }", r#"{"a":1,"at":3}"#, &["$.at"]);
    passes("{ a: 1, at: 2 }", r#"{"a":1,"at":{"x":[]}}"#, &["$.at"]);
    passes("{ a: 1, at: 2 }", r#"{"a":1}"#, &["$.at"]);
    passes("{ a: 1 }", r#"{"a":1,"at":3}"#, &["$.at"]);
    passes("{ a: { at: 1, b: 2 }, at: 1 }", r#"{"a":{"b":2}}"#, &["$..at"]);
    passes("1", "2", &["$"]);
    fails("{ a: 1, at: 2 }", r#"{"a":2,"at":3}"#, &["$.at"], &["$.a value"]);
    fails("{ a: 1, at: 2 }", r#"{"a":1}"#, &["$.b.at"], &["$.at missing"]);
    fails("{ a: 1 }", r#"{"a":1,"b":2,"at":3}"#, &["$.at"], &["$.b unexpected"]);
}

#[test]
fn members_of_elements() {
    let ignore = &["$.items[*].at"];
    passes("items: [{ id: 1, at: 1 }, { id: 2 }]", r#"{"items":[{"id":1},{"id":2,"at":5}]}"#, ignore);
    passes("items: { $each: { id: <integer>, at: 1 } }", r#"{"items":[{"id":1},{"id":2,"at":5}]}"#, ignore);
    passes("items: { $contains: { id: 2, at: 1 } }", r#"{"items":[{"id":1},{"id":2}]}"#, ignore);
    passes("items: { $unordered: [{ id: 2, at: 1 }, { id: 1, at: 1 }] }", r#"{"items":[{"id":1},{"id":2}]}"#, ignore);
    passes("items: { $exactly: [{ id: 1, at: 1 }] }", r#"{"items":[{"id":1,"at":5}]}"#, ignore);
    // The member of one element says nothing about those of the others.
    fails(
        "items: { $each: { id: <integer>, at: 1 } }",
        r#"{"items":[{"id":1},{"id":2}]}"#,
        &["$.items[0].at"],
        &["$.items[0].at missing", "$.items[1].at missing"],
    );
    fails(
        "items: { $each: { at: 1 } }",
        r#"{"items":[{"at":5},{"at":5}]}"#,
        &["$.items[0].at"],
        &["$.items[1].at value"],
    );
}

#[test]
fn elements_are_left_out_of_their_arrays() {
    passes("[1, 2, 3]", "[9, 2, 3]", &["$[0]"]);
    passes("[{ k: a }, { k: b }]", r#"[{"k":"ad","ad":1},{"k":"a"},{"k":"b"}]"#, &["$[?@.ad]"]);
    passes("{ $length: 2, $each: { k: <string> } }", r#"[{"ad":1},{"k":"a"},{"k":"b"}]"#, &["$[?@.ad]"]);
    passes("$length: <length 2>", r#"[{"ad":1},{"k":"a"},{"k":"b"}]"#, &["$[?@.ad]"]);
    passes("$unordered: [{ k: b }, { k: a }]", r#"[{"ad":1},{"k":"a"},{"k":"b"}]"#, &["$[?@.ad]"]);
    fails(
        "$contains: { k: a }",
        r#"[{"ad":1,"k":"a"},{"k":"b"}]"#,
        &["$[?@.ad]"],
        &["$ not_contained", "$[1].k value"],
    );
    // Places are those of the whole array.
    fails("[1, 2, 3]", "[9, 2, 4]", &["$[0]"], &["$[2] value"]);
    fails("[1, 2]", "[9, 2, 4]", &["$[0]"], &["$[2] inserted"]);
}

#[test]
fn a_path_that_names_nothing_is_known() {
    let (found, idle) = ask("{ a: 1, b: { c: 1 } }", r#"{"a":2}"#, Mode::Contains, &["$.x", "$.b.c", "$.a.b", "$.b"]);
    assert_eq!((found, idle), (vec!["$.a value".to_owned()], vec![0, 2]));
}
