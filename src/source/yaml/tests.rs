use super::*;
use crate::json::Json;

fn read(text: &str) -> Node {
    parse(FileId::default(), text).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"))
}

/// The stable id, the words and the marked text of the first problem.
fn refused(text: &str) -> (String, String) {
    let problems = parse(FileId::default(), text).expect_err(text);
    let first = &problems[0];
    let marked = first.span().map(|span| text[span.range()].to_owned()).unwrap_or_default();
    (first.id.to_owned(), marked)
}

fn json(text: &str) -> Json {
    crate::json::parse(text.as_bytes()).expect("JSON")
}

#[test]
fn scalars_are_those_of_the_core_schema_less_what_would_be_lost() {
    let node = read(
        "a: [no, on, y, 00123, +31, 1_000, .inf, 1.2.3, 12e03, 0x1F, 0o17, .5, -1, ~, null, True, '1', 2024-01-01]",
    );
    assert_eq!(
        node.to_json(),
        json(
            r#"{"a":["no","on","y","00123","+31","1_000",".inf","1.2.3",12000,31,15,0.5,-1,null,null,true,"1","2024-01-01"]}"#
        )
    );
}

#[test]
fn every_key_and_value_knows_its_bytes() {
    let text = "é: 1\nsteps:\n  - get: /x   # why\n    json: { a: \"b\", c: [1, 2] }\nlast: >-\n  folded\n  text\n";
    let node = read(text);
    let at = |node: &Node| text[node.span.range()].to_owned();
    let steps = node.get("steps").expect("steps");
    assert_eq!(at(steps), "- get: /x   # why\n    json: { a: \"b\", c: [1, 2] }");
    let step = &steps.items().expect("a list")[0];
    assert_eq!(at(step.get("get").expect("get")), "/x");
    let body = step.get("json").expect("json");
    assert_eq!(at(body), "{ a: \"b\", c: [1, 2] }");
    assert_eq!(at(body.get("a").expect("a")), "\"b\"");
    assert_eq!(at(body.get("c").expect("c")), "[1, 2]");
    assert_eq!(&text[node.entries().expect("a mapping")[0].key.span.range()], "é");
    assert_eq!(node.get("last").and_then(Node::as_str), Some("folded text"));
}

#[test]
fn anchors_aliases_and_merges_work() {
    let node = read("base: &b { x: 1, y: 2 }\nmore: &m\n  z: 3\nall:\n  <<: [*b, *m]\n  y: 9\nplain: *b\n'<<': text\n");
    assert_eq!(node.get("all").expect("all").to_json(), json(r#"{"y":9,"x":1,"z":3}"#));
    assert_eq!(node.get("plain").expect("plain").to_json(), json(r#"{"x":1,"y":2}"#));
    assert_eq!(node.get("<<").and_then(Node::as_str), Some("text"));
    assert_eq!(refused("a: &a 1\nb:\n  <<: *a\n").0, "yaml.merge");
    assert_eq!(refused("a: *nowhere\n").0, "yaml.alias");
    assert_eq!(refused("a: &a\n  b: *a\n").0, "yaml.alias");
}

#[test]
fn an_alias_bomb_is_refused_before_it_goes_off() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(refused(&text).0, "yaml.alias-bomb");
}

#[test]
fn deep_nesting_is_refused_and_not_recursed_into() {
    assert_eq!(refused(&"[".repeat(100_000)).0, "yaml.depth");
    let deep: String = (0..20_000).map(|level| format!("{}a:\n", " ".repeat(level % 4000))).collect();
    assert!(parse(FileId::default(), &deep).is_err());
    let block: String = (0..2_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert_eq!(refused(&block).0, "yaml.depth");
    assert_eq!(refused(&"- ".repeat(100_000)).0, "yaml.depth");
}

#[test]
fn the_mistakes_people_make_are_named() {
    let cases = [
        ("a: 1\nb: 2\na: 3\n", "yaml.duplicate-key", "a"),
        ("a: {b: 1, b: 2}", "yaml.duplicate-key", "b"),
        ("get: {{ base }}\n", "yaml.unquoted-template", "{{ base }}"),
        ("get: {{ base }}/items\n", "yaml.unquoted-template", "{{ base }}/items"),
        ("- x: {{ base }}/items # why\n", "yaml.unquoted-template", "{{ base }}/items # why"),
        ("steps:\n\t- get: /\n", "yaml.tab", "\t"),
        ("steps:\n  - get: /\n\t  name: x\n", "yaml.tab", "\t"),
        ("capture: { a: $.items[0].id }\n", "yaml.flow-value", "$.items[0].id"),
        ("capture: { b: x, a: $.items[0] }\n", "yaml.flow-value", "$.items[0]"),
        ("json: { a: <one of x, y> }\n", "yaml.flow-value", "y>"),
        ("id: “xxx”\n", "yaml.curly-quotes", "“xxx”"),
        ("a: 1\n---\nb: 2\n", "yaml.documents", "---"),
        ("a: !secret x\n", "yaml.tag", "!secret"),
        ("", "yaml.empty", ""),
        ("# only a comment\n", "yaml.empty", ""),
        ("? [a, b]\n: c\n", "yaml.key", "[a, b]"),
        ("a: \"open\nb: 1\n", "yaml.syntax", ""),
        ("a: @b\n", "yaml.syntax", "@"),
    ];
    for (text, id, marked) in cases {
        let (found, at) = refused(text);
        assert_eq!(found, id, "{text:?}");
        if id != "yaml.syntax" && id != "yaml.empty" {
            assert_eq!(at, marked, "{text:?}");
        }
    }
}

#[test]
fn windows_line_ends_change_nothing() {
    let node = read("a: |\r\n  x\r\n  y\r\nb: 1\r\n");
    assert_eq!(node.get("a").and_then(Node::as_str), Some("x\ny\n"));
    assert_eq!(node.get("b").expect("b").to_json(), json("1"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-c:{}\\[\\],&*!|>'\"%@`# \\n\\t\\-?<~é“”1.]{0,60}") {
        if let Err(problems) = parse(FileId::default(), &text) {
            proptest::prop_assert!(!problems.is_empty());
            for span in problems.iter().filter_map(Diagnostic::span) {
                proptest::prop_assert!(text.get(span.range()).is_some(), "{text:?} {span:?}");
            }
        }
    }
}
