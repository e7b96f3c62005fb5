use proptest::prelude::*;

use super::*;
use crate::json;
use crate::source::{Kind, Node};

fn node(text: &str) -> Node {
    parse(FileId::default(), text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"))
}

/// The value at a path as `a.b[1]`, and the place of its key, if it has one.
fn place(text: &str, path: &str) -> (Range<usize>, Option<Range<usize>>) {
    let mut found = (node(text), None);
    for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
        let next = match &found.0.kind {
            Kind::Sequence(items) => {
                (items[step.trim_end_matches(']').parse::<usize>().expect("an index")].clone(), None)
            }
            Kind::Mapping(entries) => {
                let entry = entries.iter().find(|entry| &*entry.key.value == step).unwrap_or_else(|| panic!("{step}"));
                (entry.value.clone(), Some(entry.key.span.range()))
            }
            other => panic!("{other:?} has no {step}"),
        };
        found = next;
    }
    (found.0.span.range(), found.1)
}

fn value(text: &str) -> Json {
    json::parse(text.as_bytes()).unwrap_or_else(|_| Json::from(text))
}

fn edited(text: &str, edit: &Edit) -> Result<String, Refused> {
    let mut file = Edited::new(text)?;
    file.apply(edit)?;
    Ok(file.text().to_owned())
}

#[track_caller]
fn replaces(text: &str, path: &str, with: &str, result: &str) {
    let edit = Edit::Replace { at: place(text, path).0, value: value(with) };
    assert_eq!(edited(text, &edit).as_deref(), Ok(result), "{text}");
}

#[track_caller]
fn removes(text: &str, path: &str, result: &str) {
    let (at, key) = place(text, path);
    let around = path.rfind(['.', '[']).map_or("", |end| &path[..end]);
    let edit = match key {
        Some(key) => Edit::RemoveMember { key },
        None => Edit::RemoveElement { list: place(text, around).0, at },
    };
    assert_eq!(edited(text, &edit).as_deref(), Ok(result), "{text}");
}

#[track_caller]
fn inserts(text: &str, list: &str, before: Option<&str>, with: &str, result: &str) {
    let before = before.map(|before| place(text, before).0);
    let edit = Edit::Insert { list: place(text, list).0, before, value: value(with) };
    assert_eq!(edited(text, &edit).as_deref(), Ok(result), "{text}");
}

#[track_caller]
fn adds(text: &str, to: &str, name: &str, with: &str, result: &str) {
    let edit = Edit::Add { to: place(text, to).0, name: name.into(), value: value(with) };
    assert_eq!(edited(text, &edit).as_deref(), Ok(result), "{text}");
}

#[test]
fn a_scalar_keeps_its_style() {
    replaces("a: OLD # why\nb: 1\n", "a", "NEW", "a: NEW # why\nb: 1\n");
    replaces("a: 'OLD' # why\n", "a", "NEW", "a: 'NEW' # why\n");
    replaces("a: \"OLD\"\n", "a", "it's \"x\"", "a: \"it's \\\"x\\\"\"\n");
    replaces("a: 'OLD'\n", "a", "it's", "a: 'it''s'\n");
    replaces("a: OLD\n", "a", "\"true\"", "a: \"true\"\n");
    replaces("a: OLD\n", "a", "\"12\"", "a: \"12\"\n");
    replaces("a: OLD\n", "a", "{{ x }}", "a: \"{{ x }}\"\n");
    replaces("a: OLD\n", "a", "<uuid>", "a: <uuid>\n");
    replaces("a: { b: OLD, c: 1 }\n", "a.b", "x, y", "a: { b: \"x, y\", c: 1 }\n");
    replaces("a: 12\n", "a", "12.5", "a: 12.5\n");
    replaces("a: 'OLD'\n", "a", "12", "a: 12\n");
    replaces("a: \"OLD\" # c\n", "a", "null", "a: null # c\n");
    replaces("a: &x OLD # c\nb: *x\n", "a", "NEW", "a: &x NEW # c\nb: *x\n");
    replaces("é: [ü, ö] # ß\nb: 1\n", "é[1]", "漢字", "é: [ü, 漢字] # ß\nb: 1\n");
    replaces("a: 1\r\nb: OLD\r\n", "b", "NEW", "a: 1\r\nb: NEW\r\n");
    replaces("a: OLD", "a", "NEW", "a: NEW");
    replaces("a:\nb: 1\n", "a", "NEW", "a: NEW\nb: 1\n");
    replaces("a: # c\nb: 1\n", "a", "2", "a: 2 # c\nb: 1\n");
    replaces("a:\n  - # c\n  - 1\n", "a[0]", "2", "a:\n  - 2 # c\n  - 1\n");
    replaces("a: multi\n  line # c\nb: 1\n", "a", "NEW", "a: NEW # c\nb: 1\n");
}

#[test]
fn a_key_of_its_own_line_is_no_hindrance() {
    replaces("? a # key\n# own\n: OLD # c\nb: 1\n", "a", "NEW", "? a # key\n# own\n: NEW # c\nb: 1\n");
    replaces("? a\n:\n  c: OLD\nb: 1\n", "a.c", "NEW", "? a\n:\n  c: NEW\nb: 1\n");
    replaces("{ \"a\"\n  : OLD, b: 1 }\n", "a", "NEW", "{ \"a\"\n  : NEW, b: 1 }\n");
}

#[test]
fn a_block_scalar_stays_one() {
    replaces("a: |\n  x\n  y\n\nb: 1\n", "a", "u\nv\nw\n", "a: |\n  u\n  v\n  w\n\nb: 1\n");
    replaces("a: |-\n    x\nb: 1\n", "a", "u\nv", "a: |-\n    u\n    v\nb: 1\n");
    replaces("a: | # c\n  x\nb: 1\n", "a", "u\nv", "a: |- # c\n  u\n  v\nb: 1\n");
    replaces("a: |+\n  x\n\nb: 1\n", "a", "u\n", "a: |+\n  u\nb: 1\n");
    replaces("a: |+\n  x\nb: 1\n", "a", "u\n\n\n", "a: |+\n  u\n\n\nb: 1\n");
    replaces("a: >\n  x\n  y\nb: 1\n", "a", "u v\n", "a: >\n  u v\nb: 1\n");
    replaces("a: >-\n  x\nb: 1\n", "a", "u\nv", "a: >-\n  u\n\n  v\nb: 1\n");
    replaces("a: >\n  x\nb: 1\n", "a", "u\n  v\nw\n", "a: |\n  u\n    v\n  w\nb: 1\n");
    replaces("a: |2\n    x\nb: 1\n", "a", "u\nv\n", "a: |\n  u\n  v\nb: 1\n");
    replaces("a: |\n  x\nb: 1\n", "a", "\" u\"", "a: \" u\"\nb: 1\n");
    replaces("a: |\n  x\nb: 1\n", "a", "12", "a: 12\nb: 1\n");
    replaces("a: |\r\n  x\r\nb: 1\r\n", "a", "u\nv\n", "a: |\r\n  u\r\n  v\r\nb: 1\r\n");
    replaces("a: |2+\n\n\nb: 1\n", "a", "u", "a: |-\n  u\n\n\nb: 1\n");
    replaces("a: |\n\nb: 1\n", "a", "[1]", "a:\n  - 1\n\nb: 1\n");
    replaces("a: |-\n  x", "a", "u\nv", "a: |-\n  u\n  v");
    replaces("a:\n  - |\n    x\n  - 1\n", "a[0]", "u\n", "a:\n  - |\n    u\n  - 1\n");
    replaces("a: |\n  x\nb: 1\n", "a", "{\"c\": 1}", "a:\n  c: 1\nb: 1\n");
    replaces("a: OLD # c\nb: 1\n", "a", "u\nv\n", "a: | # c\n  u\n  v\nb: 1\n");
}

#[test]
fn collections_are_written_in_the_manner_of_their_place() {
    replaces(
        "a:\n    b: 1 # c\nd: 2\n",
        "a.b",
        "{\"x\": 1, \"y\": {\"z\": \"w\"}}",
        "a:\n    b: # c\n        x: 1\n        y:\n            z: w\nd: 2\n",
    );
    replaces("a: { b: 1 }\n", "a.b", "{\"x\": 1, \"y\": [1, \"a, b\"]}", "a: { b: { x: 1, y: [1, \"a, b\"] } }\n");
    replaces("a: [1, 2] # c\n", "a", "[3, {\"b\": 4}]", "a: [3, { b: 4 }] # c\n");
    replaces("a:\n  b: 1 # one\n  c: 2 # two\nd: 3 # three\n", "a", "5", "a: 5\nd: 3 # three\n");
    replaces("a: # why\n  # own line\n  b: 1\nd: 3\n", "a", "5", "a: 5 # why\n  # own line\nd: 3\n");
    replaces("a: &x\n  b: 1\nd: *x\n", "a", "5", "a: &x 5\nd: *x\n");
    replaces("a:\n- b: 1\n- c\nd: 3\n", "a", "{\"e\": 1, \"f\": 2}", "a:\n  e: 1\n  f: 2\nd: 3\n");
    replaces(
        "a:\n  b: 1\nd: 3\n",
        "a",
        "[{\"e\": 1}, {\"f\": [], \"g\": {}}]",
        "a:\n  - e: 1\n  - f: []\n    g: {}\nd: 3\n",
    );
    replaces("a:\n  - x # c\n  - y\n", "a[0]", "{\"e\": 1, \"f\": 2}", "a:\n  - # c\n    e: 1\n    f: 2\n  - y\n");
    replaces("a:\n  - x\n  - y\n", "a[1]", "{\"e\": 1, \"f\": 2}", "a:\n  - x\n  - e: 1\n    f: 2\n");
    replaces("a:\n  - e: 1\n    f: 2\n  - y\n", "a[0]", "x", "a:\n  - x\n  - y\n");
    replaces("a:\n  - e: 1\n    f: 2\n  - y\n", "a[0]", "{\"g\": 1}", "a:\n  - g: 1\n  - y\n");
    replaces("a: 1\nd: 3\n", "a", "[1, 2, 3]", "a:\n  - 1\n  - 2\n  - 3\nd: 3\n");
    replaces("a:\n  b: 1\n", "a", "{}", "a: {}\n");
    replaces("a: 'x'\r\n", "a", "{\"e\": 1, \"f\": 2}", "a:\r\n  e: 1\r\n  f: 2\r\n");
}

#[test]
fn members_and_elements_go_with_their_lines() {
    removes("a: 1\nb: 2 # c\nd: 3\n", "b", "a: 1\nd: 3\n");
    removes("a: 1\n# about b\nb: 2\nd: 3\n", "b", "a: 1\n# about b\nd: 3\n");
    removes("a: 1\nb: 2", "b", "a: 1");
    removes("a: 1\nb:\n  c: 1\n  d: |\n    x\n\n  e: *x\n".replace("*x", "2").as_str(), "b", "a: 1\n");
    removes("a:\n  b: 1\nc: 2\n", "a.b", "a: {}\nc: 2\n");
    removes("a: { b: 1, c: 2 }\n", "a.b", "a: { c: 2 }\n");
    removes("a: { b: 1, c: 2 }\n", "a.c", "a: { b: 1 }\n");
    removes("a: { b: 1 }\n", "a.b", "a: {}\n");
    removes("a: [1, 2, 3,] # c\n", "a[2]", "a: [1, 2,] # c\n");
    removes("a: [1, 2, 3]\n", "a[0]", "a: [2, 3]\n");
    removes("a:\n  - b: 1 # x\n    c: 2\n  - 3\n", "a[0].b", "a:\n  - c: 2\n  - 3\n");
    removes("a:\n  - b: 1\n    # about c\n    c: 2\n  - 3\n", "a[0].b", "a:\n  -\n    # about c\n    c: 2\n  - 3\n");
    removes("a:\n  - b: 1\n    c: 2\n  - 3\n", "a[0]", "a:\n  - 3\n");
    removes("a:\n  - 1\n  - b: 1\n    c: 2\nd: 1\n", "a[1]", "a:\n  - 1\nd: 1\n");
    removes("a:\n- 1\n- 2 # c\n# d\n- 3\n", "a[1]", "a:\n- 1\n# d\n- 3\n");
    removes("a:\n- - 1\n  - 2\n- 3\n", "a[0][0]", "a:\n- - 2\n- 3\n");
    removes("a:\n- 1\nb: 2\n", "a[0]", "a: []\nb: 2\n");
    removes("a: [\n  1, # one\n  2, # two\n  3 # three\n]\n", "a[1]", "a: [\n  1, # one\n   # two\n  3 # three\n]\n");
    removes("a: 1\r\nb: 2\r\nc: 3\r\n", "b", "a: 1\r\nc: 3\r\n");
    removes("a:\n  b:\n    - |+\n      x\n\n    - y\n  c: 1\n", "a.c", "a:\n  b:\n    - |+\n      x\n\n    - y\n");
    removes("a: &x 1\nb: *x\nc: *x\n", "b", "a: &x 1\nc: *x\n");
}

#[test]
fn members_and_elements_come_in_the_manner_of_their_neighbours() {
    adds("a:\n  b: 1 # c\nd: 2\n", "a", "e", "x", "a:\n  b: 1 # c\n  e: x\nd: 2\n");
    adds("a: { b: 1 }\n", "a", "e", "{\"f\": 1}", "a: { b: 1, e: { f: 1 } }\n");
    adds("a: {}\nd: 2\n", "a", "e", "x", "a: { e: x }\nd: 2\n");
    adds("a:\n  b: { c: 1 }\n", "a", "e", "{\"f\": 1}", "a:\n  b: { c: 1 }\n  e: { f: 1 }\n");
    adds("a:\n  b: |\n    x\n\nd: 2\n", "a", "e", "{\"f\": 1}", "a:\n  b: |\n    x\n  e:\n    f: 1\n\nd: 2\n");
    adds("a:\n  - b: 1\n  - 2\n", "a[0]", "my key: x", "1", "a:\n  - b: 1\n    \"my key: x\": 1\n  - 2\n");
    adds("a:\n  b:", "a", "e", "1", "a:\n  b:\n  e: 1");
    adds("x: &x 1\na:\n  b: *x # c\n", "a", "e", "1", "x: &x 1\na:\n  b: *x # c\n  e: 1\n");
    inserts("a: [1, 3]\n", "a", Some("a[1]"), "2", "a: [1, 2, 3]\n");
    inserts("a: [1, 3]\n", "a", Some("a[0]"), "0", "a: [0, 1, 3]\n");
    inserts("a: [{ b: 1 }]\n", "a", Some("a[0]"), "{\"c\": 1}", "a: [{ c: 1 }, { b: 1 }]\n");
    inserts("a: []\n", "a", None, "0", "a: [0]\n");
    inserts("a: [\n  1,\n  2\n]\n", "a", None, "3", "a: [\n  1,\n  2,\n  3\n]\n");
    inserts(
        "a:\n  - 1 # one\n  # two\n  - 2\n",
        "a",
        Some("a[1]"),
        "{\"b\": 1, \"c\": 2}",
        "a:\n  - 1 # one\n  - b: 1\n    c: 2\n  # two\n  - 2\n",
    );
    inserts("a:\n- b: 1\n  c: 2\n- 2\n", "a", None, "x", "a:\n- b: 1\n  c: 2\n- 2\n- x\n");
    inserts("a:\n- b: 1\n  c: 2\n", "a", Some("a[0]"), "{\"b\": 0}", "a:\n- b: 0\n- b: 1\n  c: 2\n");
    inserts(
        "a:\n  -   b: 1\n      c: 2\n",
        "a",
        None,
        "{\"b\": 0, \"c\": 1}",
        "a:\n  -   b: 1\n      c: 2\n  -   b: 0\n      c: 1\n",
    );
    inserts("a:\n  - { b: 1 }\nd: 1", "a", None, "{\"b\": 2}", "a:\n  - { b: 1 }\n  - { b: 2 }\nd: 1");
    inserts("a:\n  - - 1\n  - - 2\n", "a[0]", Some("a[0][0]"), "0", "a:\n  - - 0\n    - 1\n  - - 2\n");
    inserts("a:\r\n  - 1", "a", None, "2", "a:\r\n  - 1\r\n  - 2");
}

#[test]
fn an_element_moves_with_its_lines() {
    for (text, from, before, result) in [
        (
            "a:\n  - 1 # one\n  # two\n  - 2\n  - b: 3 # three\n    c: 4 # four\n",
            2,
            Some(0),
            "a:\n  - b: 3 # three\n    c: 4 # four\n  - 1 # one\n  # two\n  - 2\n",
        ),
        ("a:\n  - 1 # one\n  - 2\n  - 3\nb: 1\n", 0, None, "a:\n  - 2\n  - 3\n  - 1 # one\nb: 1\n"),
        ("a: [1, 2, 3]\n", 0, Some(2), "a: [2, 1, 3]\n"),
        ("a:\n- 1\n- 2", 1, Some(0), "a:\n- 2\n- 1"),
        ("a:\n- - 1\n  - 2 # two\n  - 3\n", 0, None, "a:\n- - 1\n  - 2 # two\n  - 3\n"),
    ] {
        let item = |at: usize| place(text, &format!("a[{at}]")).0;
        let edit = Edit::Move { list: place(text, "a").0, at: item(from), before: before.map(item) };
        assert_eq!(edited(text, &edit).as_deref(), Ok(result), "{text}");
    }
}

#[test]
fn a_key_is_renamed_in_its_own_quotes() {
    for (text, key, to, result) in [
        ("a: 1 # c\n", "a", "b", "b: 1 # c\n"),
        ("'a': 1\n", "a", "it's", "'it''s': 1\n"),
        ("\"a\": 1\n", "a", "b", "\"b\": 1\n"),
        ("a: 1\n", "a", "x: y", "\"x: y\": 1\n"),
        ("{ a: 1 }\n", "a", "x, y", "{ \"x, y\": 1 }\n"),
        ("a: 1\n", "a", "<<", "\"<<\": 1\n"),
    ] {
        let edit = Edit::Rename { key: place(text, key).1.expect("a key"), to: to.into() };
        assert_eq!(edited(text, &edit).as_deref(), Ok(result), "{text}");
    }
}

#[test]
fn what_would_mean_something_else_is_refused() {
    let text = "x: &x { a: 1, b: 2 }\ny:\n  <<: *x\n  b: 3\nz: [*x]\n";
    let mut file = Edited::new(text).expect("YAML");
    assert!(file.is_shared(&place(text, "x.a").0) && file.is_shared(&place(text, "x").0));
    assert!(!file.is_shared(&place(text, "y.b").0) && !file.is_shared(&place(text, "z").0));
    // Without the member that overrides it, the merged one would show.
    let removal = Edit::RemoveMember { key: place(text, "y.b").1.expect("a key") };
    assert!(file.apply(&removal).is_err());
    assert!(file.apply(&Edit::Replace { at: 3..5, value: Json::Null }).is_err(), "nothing stands there");
    assert_eq!(file.text(), text);
    // What an alias stands for changes wherever it is shown.
    file.apply(&Edit::Replace { at: place(text, "x.a").0, value: value("7") }).expect("an edit");
    assert_eq!(node(file.text()).get("y").and_then(|y| y.get("a")).map(Node::to_json), Some(value("7")));
    assert!(Edited::new("a: [1").is_err());
}

#[test]
fn several_edits_go_by_the_places_of_the_first_text() {
    let text = "a:\n  - 1\n  - 2 # two\n  - 3\nb: { c: 1, d: 2 }\n";
    let at = |path: &str| place(text, path);
    let mut file = Edited::new(text).expect("YAML");
    for edit in [
        Edit::Insert { list: at("a").0, before: Some(at("a[0]").0), value: value("-1") },
        Edit::Insert { list: at("a").0, before: Some(at("a[0]").0), value: value("0") },
        Edit::Replace { at: at("a[1]").0, value: value("[2, 2]") },
        Edit::Insert { list: at("a").0, before: None, value: value("4") },
        Edit::Insert { list: at("a").0, before: None, value: value("5") },
        Edit::RemoveElement { list: at("a").0, at: at("a[0]").0 },
        Edit::RemoveMember { key: at("b.c").1.expect("a key") },
        Edit::RemoveMember { key: at("b.d").1.expect("a key") },
        Edit::Add { to: at("b").0, name: "e".into(), value: value("x") },
        Edit::Move { list: at("a").0, at: at("a[2]").0, before: Some(at("a[1]").0) },
    ] {
        file.apply(&edit).unwrap_or_else(|refused| panic!("{edit:?}: {refused}\n{}", file.text()));
    }
    assert_eq!(file.text(), "a:\n  - -1\n  - 0\n  - 3\n  - # two\n    - 2\n    - 2\n  - 4\n  - 5\nb: { e: x }\n");
}

fn any_json() -> impl Strategy<Value = Json> {
    let text = prop_oneof![
        "[a-z<>{}\\\\ :#,'\"\\[\\]|*&!%@`?\n.-]{0,12}",
        "[0-9.eE+_x-]{1,6}",
        "\\PC{0,6}",
        Just("true".to_owned()),
        Just("~".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        text.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::array),
            proptest::collection::vec((text.clone(), inner), 0..4).prop_map(Json::object),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any value can stand in place of any other, and nothing beyond it changes.
    #[test]
    fn any_value_replaces_any_other(old in any_json(), new in any_json(), flow in any::<bool>(), crlf in any::<bool>()) {
        let newline = if crlf { "\r\n" } else { "\n" };
        let manner = Manner { step: 2, list_step: 2, newline };
        let mut member = String::new();
        write::member(&old, 2, manner, &mut member);
        let text = if flow {
            format!("x: 1{newline}k: {{ v: {}, w: 2 }} # c{newline}", write::inline(&old, crate::source::Style::Plain, true))
        } else {
            format!("x: 1{newline}k:{newline}  v:{member}{newline}  w: 2 # c{newline}")
        };
        let root = node(&text);
        let at = root.get("k").and_then(|k| k.get("v")).expect("the value").span.range();
        prop_assert_eq!(root.get("k").and_then(|k| k.get("v")).map(Node::to_json), Some(old), "{}", text);
        let result = edited(&text, &Edit::Replace { at, value: new.clone() });
        let result = result.map_err(|refused| TestCaseError::fail(format!("{refused}\n{text}\n{new}")))?;
        prop_assert_eq!(node(&result).get("k").and_then(|k| k.get("v")).map(Node::to_json), Some(new));
        let head = format!("x: 1{newline}k:");
        let tail = if flow { format!(", w: 2 }} # c{newline}") } else { format!("{newline}  w: 2 # c{newline}") };
        prop_assert!(result.starts_with(&head) && result.ends_with(&tail), "{}", result);
        prop_assert!(!crlf || !result.replace("\r\n", "").contains('\n'), "{:?}", result);
    }
}

/// Removes every element of every list, and moves each before every other: made or refused, but in either case told.
fn goes_through_lists(text: &str) {
    let Ok(root) = parse(FileId::default(), text) else { return };
    let mut lists = vec![&root];
    while let Some(list) = lists.pop() {
        let items = list.items().unwrap_or_default();
        for item in items {
            let (list, at) = (list.span.range(), item.span.range());
            let _ = edited(text, &Edit::RemoveElement { list: list.clone(), at: at.clone() });
            for before in items.iter().map(|item| Some(item.span.range())).chain([None]) {
                let _ = edited(text, &Edit::Move { list: list.clone(), at: at.clone(), before });
            }
        }
        match &list.kind {
            Kind::Mapping(entries) => lists.extend(entries.iter().map(|entry| &entry.value)),
            _ => lists.extend(items),
        }
    }
}

/// Found by fuzzing: text that reads as a list in the bytes of another.
#[test]
fn lists_that_are_not_told_apart_by_their_place_are_no_reason_to_panic() {
    goes_through_lists("?:\t\t\t\n- \t\t\t\t\t[1,\t2]\t\t\t \t{ a: 1, b: [x, y] };\t\t\t\tw");
}

/// Found by fuzzing: where carriage returns alone end lines, elements seemed to end before their dashes, and the header of
/// another block was taken for that of an empty one.
#[test]
fn a_file_with_lines_that_a_carriage_return_alone_ends_is_not_edited() {
    for text in [
        "a&a :\n  \n-\n-  - - - - XX#- &<\r- &<e\"\\u0a:\n\r- &<a\"\\\u{64a}\u{3de}|+  \n- - | \n  \n- |+ #",
        "-\n- |+ # c\r\n  x\r- 1\r- |\n\r- 2\n",
        "a:\n \n- |+ #  \n- |+ # c\r~:\n- |+ # <",
        "a: 1\r",
    ] {
        goes_through_lists(text);
        let refused = Edited::new(text).expect_err("it cannot be edited").to_string();
        assert!(refused.contains("save the file with line feeds"), "{refused}");
    }
    assert!(Edited::new("a: 1\r\nb: |\r\n  x\r\n").is_ok());
}

/// Found by fuzzing: the `>` of the anchor was taken for the header of the block, and the anchor cut.
#[test]
fn an_anchor_that_ends_like_a_header_stays() {
    let text = "- &<a>\n  |1 \n# c";
    let Ok(root) = super::super::parse(FileId::default(), text) else { return };
    let at = root.items().expect("a list")[0].span.range();
    if let Ok(new) = edited(text, &Edit::Replace { at, value: Json::from("") }) {
        assert!(new.starts_with("- &<a>"), "{new:?}");
    }
}

/// Found by fuzzing: an anchor below its key was cut with the value.
#[test]
fn an_anchor_below_its_key_stays() {
    replaces("a:\n  &x one\n  two\nb: 1\n", "a", "u\nv", "a:\n  &x |-\n  u\n  v\nb: 1\n");
    replaces(
        "a: # c\n  # own\n  &x !!str\n  one\nb: 1\n",
        "a",
        "u\nv",
        "a: # c\n  # own\n  &x !!str |-\n  u\n  v\nb: 1\n",
    );
    replaces("- \n &x", "[0]", "u\nv", "- \n &x |-\n  u\n  v");
    replaces("a:\n", "a", "1", "a: 1\n");
    replaces("a:\n  &x\n  c: 1\nb: *x\n", "a", "5", "a:\n  &x 5\nb: *x\n");
    replaces("a:\n  &x\n  c: 1\nb: 1\n", "a", "[1, 2]", "a:\n  &x\n  - 1\n  - 2\nb: 1\n");
    // The anchor is that of the key, which would go.
    let text = "a:\n  &k c: 1\nb: 1\n";
    assert!(edited(text, &Edit::Replace { at: place(text, "a").0, value: value("5") }).is_err());
    replaces("a:\n  &k c: 1\n  d: *k\nb: 1\n", "a.c", "5", "a:\n  &k c: 5\n  d: *k\nb: 1\n");
}

/// Found by fuzzing: a comment between a key and the text below it was cut with the text.
#[test]
fn a_comment_between_a_key_and_a_text_stays() {
    replaces("a: # k\n  # own\n  OLD # c\nb: 1\n", "a", "u\nv", "a: # k\n  # own\n  |- # c\n  u\n  v\nb: 1\n");
    replaces("a:\r\n# own\r\n  OLD\r\n", "a", "u\nv\n", "a:\r\n# own\r\n  |\r\n  u\r\n  v\r\n");
    replaces("a: &x # k\n  OLD\nb: 1\n", "a", "u\nv", "a: &x # k\n  |-\n  u\n  v\nb: 1\n");
    replaces("a:\n  OLD # c\nb: 1\n", "a", "u\nv", "a: |- # c\n  u\n  v\nb: 1\n");
    replaces("a: # k\n  # own\n  OLD # c\nb: 1\n", "a", "[1, 2]", "a: # k\n  # own\n  # c\n  - 1\n  - 2\nb: 1\n");
    replaces("a:\n  - # own\n    OLD\n  - 1\n", "a[0]", "{\"c\": 1}", "a:\n  - # own\n    c: 1\n  - 1\n");
    replaces("a:\n  OLD\nb: 1\n", "a", "[1, 2]", "a:\n  - 1\n  - 2\nb: 1\n");
}
