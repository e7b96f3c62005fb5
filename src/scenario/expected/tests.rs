use super::*;
use crate::source::{self, FileId};

fn read(text: &str) -> Result<Expected, Vec<Diagnostic>> {
    let node = source::parse(FileId::default(), text)?;
    let mut reader = Reader::new(FileId::default(), text);
    Expected::read(&node, &mut reader).map_err(|_| reader.problems)
}

/// The message, the marked text and the first help of the only problem.
fn refused(text: &str) -> (String, String, String) {
    let problems = read(text).expect_err(text);
    assert_eq!(problems.len(), 1, "{text}: {problems:?}");
    let problem = &problems[0];
    let marked = &text[problem.span().expect("a place").range()];
    (problem.message.clone(), marked.to_owned(), problem.help.first().cloned().unwrap_or_default())
}

#[test]
fn strings_are_literals_templates_or_matchers() {
    let tree = |text: &str| format!("{:?}", read(text).expect(text).tree);
    assert_eq!(tree("plain"), "String(\"plain\")");
    assert_eq!(tree(r"\<uuid>"), "String(\"<uuid>\")");
    assert_eq!(tree(r"\\<uuid>"), r#"String("\\<uuid>")"#);
    assert_eq!(tree(r"\<a href"), "String(\"<a href\")");
    assert_eq!(tree(r"\d+"), r#"String("\\d+")"#);
    assert_eq!(tree("<uuid>"), "Matcher(Format(Uuid))");
    assert_eq!(tree("<p>text</b"), "String(\"<p>text</b\")");
    assert!(tree("\"{{ a }}\"").starts_with("Template("));
    assert!(tree("'\\<{{ a }}>'").starts_with("Template("));
    assert_eq!(tree("1.0"), "Number(Number(Float(1.0)))");
    assert_eq!(tree("no"), "String(\"no\")");
}

#[test]
fn problems_stand_at_their_place() {
    for (text, message, marked, help) in [
        ("a: <uudi>", "there is no matcher `uudi`", "uudi", "did you mean `uuid`?"),
        ("a: '<integer >= x>'", "`>=` needs a number, not `\"x\"`", "x", ""),
        ("a: \"<\\x73trng>\"", "there is no matcher `strng`", "\"<\\x73trng>\"", "did you mean `string`?"),
        (
            "a: [<one of x, y>]",
            "YAML reads the comma in this matcher as the end of the item",
            "<one of x, y>",
            "put quotes around the whole matcher: \"<one of x, y>\"",
        ),
        (
            "a: <matches a #b>",
            "this `<matches …` has no `>` at its end",
            "<matches a",
            "YAML reads a comment from ` #` on: put quotes around the whole value",
        ),
        (
            "{ a: <between 1 and 2, b: 1 }",
            "this `<between …` has no `>` at its end",
            "<between 1 and 2",
            "YAML ends the value at the comma: put quotes around the whole matcher",
        ),
        ("$eahc: 1", "there is no operator `$eahc`", "$eahc", "did you mean `$each`?"),
        (
            "$ref: 1",
            "there is no operator `$ref`",
            "$ref",
            "the operators are $each, $contains, $unordered, $length, $by, $exactly, $json",
        ),
        (
            "a: { b: 1, $each: 2 }",
            "operators and members cannot be in the same mapping",
            "b",
            "if the body has a member `$each`, write `\\$each`",
        ),
        ("$unordered: 1", "a list is expected here, not the number 1", "1", ""),
        (
            "$length: -1",
            "a whole number, 0 or more, or a matcher such as `<1..10>`, is expected here, not the number -1",
            "-1",
            "",
        ),
        (
            "$length: [1]",
            "a whole number, 0 or more, or a matcher such as `<1..10>`, is expected here, not a list",
            "[1]",
            "",
        ),
        (
            "$by: id",
            "`$by` needs the elements to pair next to it",
            "id",
            "for example `{ $by: id, $unordered: [ … ] }`; `$exactly` and `$contains` work too",
        ),
        (
            "\"{{ a }}\": 1",
            "templates are not rendered in names of members here",
            "\"{{ a }}\"",
            "check such a member with an expression: `that: json[name] == …`",
        ),
    ] {
        assert_eq!(refused(text), (message.to_owned(), marked.to_owned(), help.to_owned()), "{text}");
    }
    assert_eq!(read("a: <x>\nb: <y>\nc: [<z>]").expect_err("three").len(), 3);
}

#[test]
fn operators_combine_and_escape() {
    let Tree::Operators(operators) = read("{ $each: { id: <uuid> }, $length: 3 }").expect("reads").tree else {
        panic!("operators")
    };
    assert!(operators.each.is_some() && operators.length.is_some() && operators.trees().count() == 2);
    let Tree::Object(members) = read(r"{ \$each: 1, \\$each: 2, \d: 3 }").expect("reads").tree else {
        panic!("object")
    };
    let names: Vec<&str> = members.iter().map(|member| &*member.key.value as &str).collect();
    assert_eq!(names, ["$each", "\\$each", "\\d"]);
    assert!(read("{ $by: id, $unordered: [{ id: 1 }] }").is_ok());
}

#[test]
fn references_are_found_wherever_they_stand() {
    let text = "a: ['{{ x }}', '<integer >= {{ y.z }}>']\nb: { $each: '<one of {{ w }}, 1>', $length: '{{ n }}' }\n";
    let expected = read(text).expect("reads");
    let found: Vec<_> = expected
        .references()
        .into_iter()
        .map(|(reference, at)| (reference.path.join("."), &text[at.range()]))
        .collect();
    let names = [("x", "x"), ("y.z", "y.z"), ("w", "w"), ("n", "n")];
    assert_eq!(found, names.map(|(name, at)| (name.to_owned(), at)));
    assert!(expected.as_json().is_none());
    assert_eq!(
        read("a: [1, {b: null}]").expect("reads").as_json().expect("literal").to_string(),
        r#"{"a":[1,{"b":null}]}"#
    );
}

#[test]
fn a_node_is_small() {
    assert!(size_of::<Expected>() <= 48, "{}", size_of::<Expected>());
    assert!(size_of::<Member>() <= 80, "{}", size_of::<Member>());
}
