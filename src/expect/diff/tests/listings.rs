//! Whole listings.

use super::*;

fn lines(yaml: &str, actual: &str, mode: Mode) -> String {
    listing(&differences(yaml, actual, mode), Some(&document(actual)), Layout::default())
}

/// A listing as it is written here, from the second line on.
fn page(text: &str) -> &str {
    &text[1..]
}

const CASES: &[(&str, &str, Mode, &str)] = &[
    (
        "state: PLANNED\nstops: [{ id: S-1 }, { id: S-2 }, { id: S-3 }]",
        "{\"state\":\"CANCELLED\",\"stops\":[{\"id\":\"S-1\"},{\"id\":\"S-9\",\"eta\":null},{\"id\":\"S-2\"},{\"id\":\"S-3\"}]}",
        Mode::Contains,
        r#"
  $.state
-   "PLANNED"
+   "CANCELLED"
  $.stops                      (3 expected, 4 came)
    [0] …                      same
+   [1] { "id": "S-9", "eta": null }  not expected
    [2..3] …                   same
"#,
    ),
    (
        "a: <uuid>\nb: 1\nc: 1\nstate: abc",
        "{\"a\":\"x\",\"b\":\"1\",\"status\":\"abc\",\"d\":{\"e\":[1,2]}}",
        Mode::Exactly,
        r#"
  $.a                          not a UUID: it has 1 character, not 36
-   <uuid>
+   "x"
  $.b                          a string of the same text, not a number
-   1
+   "1"
  $.c                          missing
-   1
  $.state                      renamed?
-   "state": "abc"
+   "status": "abc"
  $.d                          not expected
+   { "e": [1, 2] }
"#,
    ),
    (
        "[1, 2, 3]",
        "[3, 1, 2]",
        Mode::Contains,
        r"
  $                            (3 elements)
+   [0] 3                      moved here from [2]
    [1..2] …                   same
",
    ),
    (
        "[1, 2, 3, 4]",
        "[1, 9, 3, 8]",
        Mode::Contains,
        r"
  $[1]
-   2
+   9
  $[3]
-   4
+   8
",
    ),
    (
        "[1, 2, 3, 4, 5, 6, 7]",
        "[1, 7]",
        Mode::Contains,
        r"
  $                            (7 expected, 2 came)
    [0] …                      same
-   [1] 2                      missing
-   [2] 3                      missing
-   [3] 4                      missing
-   [4..5] …                   2 more missing
    [1] …                      same
",
    ),
    (
        "[1, 2]",
        "[1, 10, 11, 12, 13, 14, 15, 2]",
        Mode::Contains,
        r"
  $                            (2 expected, 8 came)
    [0] …                      same
+   [1] 10                     not expected
+   [2] 11                     not expected
+   [3] 12                     not expected
+   [4..6] …                   3 more not expected
    [7] …                      same
",
    ),
    (
        "a: [1, 2]\nb: [{ id: 1, v: 1 }, { id: 2, v: 2 }, { id: 3, v: 3 }]",
        "{\"a\":[2],\"b\":[{\"id\":7,\"v\":0},{\"id\":1,\"v\":1},{\"id\":2,\"v\":9},{\"id\":3,\"v\":3}]}",
        Mode::Contains,
        r#"
  $.a                          (2 expected, 1 came)
-   [0] 1                      missing
    [0] …                      same
  $.b                          (3 expected, 4 came)
+   [0] { "id": 7, "v": 0 }    not expected
    [1] …                      same
    [2] …                      differs, see below
    [3] …                      same
  $.b[2].v
-   2
+   9
"#,
    ),
    (
        "1",
        "\"1\"",
        Mode::Contains,
        r#"
  $                            a string of the same text, not a number
-   1
+   "1"
"#,
    ),
    (
        "{}",
        "[]",
        Mode::Contains,
        r"
  $                            an array, not an object
-   {}
+   []
",
    ),
    (
        "\"odd key\": { \"a.b\": 1 }",
        "{\"odd key\":{\"a.b\":2}}",
        Mode::Contains,
        r#"
  $["odd key"]["a.b"]
-   1
+   2
"#,
    ),
    (
        "$contains: { id: 2, a: x }",
        "[{\"id\":1,\"a\":\"y\"},{\"id\":2,\"a\":\"z\"}]",
        Mode::Contains,
        r#"
  $                            no element is like this; the nearest is [1]
-   { "id": 2, "a": "x" }
+   { "id": 2, "a": "z" }
  $[1].a
-   "x"
+   "z"
"#,
    ),
    (
        "items: { $length: 3, $each: { id: <integer> } }",
        "{\"items\":[{\"id\":1},{\"id\":\"x\"}]}",
        Mode::Contains,
        r#"
  $.items
-   length 3
+   2 elements
  $.items[1].id                a string, not an integer
-   <integer>
+   "x"
"#,
    ),
    (
        "$unordered: [1, 2, 3]",
        "[3, 4, 1]",
        Mode::Contains,
        r"
  $                            (3 elements)
    [0] …                      same
+   [1] 4                      not expected
    [2] …                      same
-   [1] 2                      missing
",
    ),
    (
        "a: \"line one\\nline two\"",
        "{\"a\":\"line one\\nline 2\"}",
        Mode::Contains,
        r"
  $.a
    line one
-   line two
+   line 2
",
    ),
    (
        "a: { b: { c: [{ d: 1 }] } }",
        "{\"a\":{\"b\":{\"c\":[{\"d\":2}]}}}",
        Mode::Contains,
        r"
  $.a.b.c[0].d
-   1
+   2
",
    ),
    (
        "a: { b: 1, c: 2, description: some rather long text that is longer than forty characters, d: [1, 2, 3], e: 5 }",
        "{}",
        Mode::Contains,
        r#"
  $.a                          missing
-   { "b": 1, "c": 2, "description": "some rather long text that is longer…", … }
"#,
    ),
    (
        "a: <one of a, b> \nb: <each integer>\nc: <starts with https://>",
        "{\"a\":\"c\",\"b\":[1,\"x\"],\"c\":\"http://example.org/a\"}",
        Mode::Contains,
        r#"
  $.a                          none of these
-   <one of a, b>
+   "c"
  $.b                          [1]: a string, not an integer
-   <each integer>
+   [1, "x"]
  $.c                          it starts with "http://e…"
-   <starts with https://>
+   "http://example.org/a"
"#,
    ),
    (
        "[{ v: 1, w: 1 }, { v: 2, w: 2 }]",
        "[{\"v\":2,\"w\":3},{\"v\":5,\"w\":5},{\"v\":1,\"w\":1}]",
        Mode::Contains,
        r#"
  $                            (2 expected, 3 came)
+   [0] { "v": 2, "w": 3 }     not expected
+   [1] { "v": 5, "w": 5 }     not expected
    [2] …                      same
-   [1] { "v": 2, "w": 2 }     missing
"#,
    ),
];

#[test]
fn every_kind_of_difference_reads_well() {
    for (yaml, actual, mode, wanted) in CASES {
        assert_eq!(lines(yaml, actual, *mode), page(wanted), "{yaml}");
    }
}

/// A text of 300 letters with a `#` at one place.
fn long_text(at: usize) -> String {
    let letters = (b'a'..=b'z').cycle().map(char::from).take(300).enumerate();
    letters.map(|(place, letter)| if place == at { '#' } else { letter }).collect()
}

#[test]
fn long_texts_are_cut_around_the_first_difference() {
    let (yaml, actual) = (format!("a: {}", long_text(200)), format!("{{\"a\":\"{}\"}}", long_text(201)));
    assert_eq!(
        lines(&yaml, &actual, Mode::Contains),
        page(
            r"
  $.a                          they differ from character 201 on
-   …mnopqrstuvwxyzabcdefghijklmnopqr#tuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzab…
                                     ^^
+   …mnopqrstuvwxyzabcdefghijklmnopqrs#uvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzab…
                                     ^^
"
        )
    );
    let (yaml, actual) = (format!("a: {}", long_text(2)), format!("{{\"a\":\"{}\"}}", long_text(3)));
    assert_eq!(
        lines(&yaml, &actual, Mode::Contains),
        page(
            r#"
  $.a                          they differ from character 3 on
-   "ab#defghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop…
       ^^
+   "abc#efghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop…
       ^^
"#
        )
    );
}

/// A document of 2000 leaves: 40 sections of 50 members, and a list of items.
pub(super) fn big() -> Json {
    let section = |at: i64| {
        Json::object((0..48).map(|field| {
            let value = match field % 3 {
                0 => Json::from(at * 100 + field),
                1 => Json::from(format!("value {field} of section {at}")),
                _ => Json::from(field % 2 == 0),
            };
            (format!("field{field}"), value)
        }))
    };
    let item = |at: i64| Json::object([("id", Json::from(at)), ("price", Json::from(at * 10))]);
    let sections = (0..40).map(|at| (format!("section{at}"), section(at)));
    Json::object(sections.chain([("items".to_owned(), Json::array((0..40).map(item)))]))
}

#[test]
fn four_faults_in_two_thousand_members_are_four_blocks() {
    let good = big().to_string();
    let bad = good
        .replace("value 7 of section 3\"", "value 7 of section three\"")
        .replace("{\"id\":17,\"price\":170}", "{\"id\":17,\"price\":171}")
        .replace("\"field9\":2009,", "")
        .replace("\"field30\":3030,", "\"field30\":3030,\"surprise\":[1,2],");
    let tree = Expected::from_json(&document(&good), Span::default());
    let actual = document(&bad);
    let ask = |mode| compare_rendered(&tree, Some(&actual), mode, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
    assert_eq!(
        listing(&ask(Mode::Exactly), Some(&actual), Layout::default()),
        page(
            r#"
  $.section3.field7
-   "value 7 of section 3"
                        ^
+   "value 7 of section three"
                        ^^^^^
  $.section20.field9           missing
-   2009
  $.section30.surprise         not expected
+   [1, 2]
  $.items[17].price
-   170
+   171
"#
        )
    );
    assert_eq!(ask(Mode::Contains).total(), 3);
}

#[test]
fn too_many_differences_are_counted_by_region() {
    let good = big();
    let bad = document(&good.to_string().replace("of section", "in section"));
    let tree = Expected::from_json(&good, Span::default());
    let found = compare_rendered(&tree, Some(&bad), Mode::Exactly, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
    let text = listing(&found, Some(&bad), Layout { limit: 2, ..Layout::default() });
    assert_eq!(
        text,
        page(
            r#"
  $.section0.field1
-   "value 1 of section 0"
             ^^
+   "value 1 in section 0"
             ^^
  $.section0.field4
-   "value 4 of section 0"
             ^^
+   "value 4 in section 0"
             ^^
  … and 638 more differences: 16 in $.section1, 16 in $.section10, 16 in $.section11, 590 elsewhere
"#
        )
    );
    let numbers = |from: i64| Json::array((from..from + 5_000).map(Json::from));
    let tree = Expected::from_json(&Json::object([("a", numbers(0))]), Span::default());
    let actual = Json::object([("a", numbers(9_000))]);
    let found =
        compare_rendered(&tree, Some(&actual), Mode::Exactly, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
    let text = listing(&found, Some(&actual), Layout::default());
    assert!(text.lines().count() == 62 && text.contains("  … and 4980 more differences in $.a\n"), "{text}");
    let none = Expected::from_json(&Json::object([("a", Json::array([]))]), Span::default());
    let found =
        compare_rendered(&none, Some(&actual), Mode::Exactly, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
    assert_eq!(
        listing(&found, Some(&actual), Layout::default()),
        page(
            r"
  $.a                          (5000 came)
+   [0] 9000                   not expected
+   [1] 9001                   not expected
+   [2] 9002                   not expected
+   [3..999] …                 997 more not expected
  … and 4000 more differences in $.a
"
        )
    );
}

#[test]
fn narrow_pages_are_kept_to() {
    for (yaml, actual, mode, _) in CASES {
        let found = differences(yaml, actual, *mode);
        for width in [40, 60] {
            let text = listing(&found, Some(&document(actual)), Layout { width, limit: 20 });
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }
}
