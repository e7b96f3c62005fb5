mod properties;
mod refusals;
mod rfc;

use super::*;
use crate::json::{Type, parse};

fn json(text: &str) -> Json {
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn compile(text: &str) -> JsonPath {
    JsonPath::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn absence(query: &str, document: &str) -> Absence {
    compile(query).explain_absence(&json(document)).unwrap_or_else(|| panic!("{query} finds nothing in {document}"))
}

#[test]
fn a_compiled_query_is_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let path = compile("$.a['b']");
    shared(&path);
    assert_eq!((path.source(), path.to_string()), ("$.a['b']", "$.a['b']".to_owned()));
    assert_eq!(format!("{path:?}"), r#"JsonPath("$.a['b']")"#);
    assert_eq!("$.a['b']".parse(), Ok(path));
}

#[test]
fn singular_queries_are_known() {
    for query in ["$", "$.a", "$['a'][0].b", "$[-1]", "$ .a"] {
        assert!(compile(query).is_singular(), "{query}");
    }
    for query in ["$..a", "$.*", "$['a','b']", "$[0:1]", "$[?@.a]", "$..[0]"] {
        assert!(!compile(query).is_singular(), "{query}");
        assert_eq!(compile(query).explain_absence(&Json::Null), None, "{query}");
    }
}

#[test]
fn paths_are_written_for_machines_and_for_people() {
    let document = json(r#"{"a":[{"odd key":{"é":{"it's":{"_b1":{"1b":{"":{"\"\\\n":0}}}}}}}]}"#);
    let nodes = compile("$..[?@ == 0]").nodes(&document);
    let path = &nodes[0].path;
    assert_eq!(path.to_string(), r#"$['a'][0]['odd key']['é']['it\'s']['_b1']['1b']['']['"\\\n']"#);
    assert_eq!(path.shorthand(), r#"$.a[0]["odd key"].é["it's"]._b1["1b"][""]["\"\\\n"]"#);
    for text in [path.to_string(), path.shorthand()] {
        assert_eq!(compile(&text).first(&document), Some(&Json::from(0_i64)), "{text}");
    }
    assert_eq!(path.find(&document), Some(&Json::from(0_i64)));
    assert_eq!(path.find(&Json::Null), None);
    assert_eq!(path.elements()[1], PathElement::Index(0));
}

#[test]
fn normalized_paths_escape_as_the_rfc_says() {
    let name = "\u{8}\t\n\u{c}\r'\\\u{b}\u{1f}\"/";
    let path = NormalizedPath::new(vec![PathElement::Name(name.into())]);
    assert_eq!(path.to_string(), r#"$['\b\t\n\f\r\'\\\u000b\u001f"/']"#);
    assert_eq!(NormalizedPath::default().to_string(), "$");
}

#[test]
fn an_absence_says_how_far_the_query_got() {
    let document = r#"{"owner":{"name":"Ann","Id":7},"items":[1,2,3],"none":[],"nothing":{}}"#;
    let found = absence("$.owner.nmae.first", document);
    assert_eq!(found.path.to_string(), "$['owner']");
    assert_eq!((found.kind, found.length), (Type::Object, Some(2)));
    assert_eq!(found.missing, Missing::Name("nmae".into()));
    assert_eq!(found.names, ["name".into(), "Id".into()]);
    for (query, message, nearest) in [
        ("$.owner.nmae.first", "`$.owner` has no member `nmae`", Some("name")),
        ("$.owner.id", "`$.owner` has no member `id`", Some("Id")),
        ("$.owner.age", "`$.owner` has no member `age`", None),
        ("$.owner.name.first", "`$.owner.name` is a string, so it has no member `first`", None),
        ("$.owner[0]", "`$.owner` is an object, so it has no element `[0]`", None),
        ("$.items[3]", "`$.items` has only 3 elements, so it has no element `[3]`", None),
        ("$.items[-4]", "`$.items` has only 3 elements, so it has no element `[-4]`", None),
        ("$.items.name", "`$.items` is an array, so it has no member `name`", None),
        ("$.none[-1]", "`$.none` is an empty array, so it has no element `[-1]`", None),
        ("$.nothing.a", "`$.nothing` is an empty object, so it has no member `a`", None),
        ("$.item", "`$` has no member `item`", Some("items")),
    ] {
        let found = absence(query, document);
        assert_eq!((found.to_string().as_str(), found.nearest()), (message, nearest), "{query}");
    }
    for query in ["$", "$.owner.name", "$.items[-3]"] {
        assert_eq!(compile(query).explain_absence(&json(document)), None, "{query}");
    }
}

#[test]
fn numbers_are_compared_digit_by_digit() {
    let document = json("[0.1, 0.10000000000000000001, 12345678901234567890, 9007199254740993, 1e400, 1, -0]");
    for (query, found) in [
        ("$[?@ == 0.1]", "[0.1]"),
        ("$[?@ == 0.10000000000000000001]", "[0.10000000000000000001]"),
        ("$[?@ == 12345678901234567890]", "[12345678901234567890]"),
        ("$[?@ == 9007199254740992]", "[]"),
        ("$[?@ > 1e399]", "[1e400]"),
        ("$[?@ == 1.0]", "[1]"),
        ("$[?@ <= 0]", "[-0]"),
    ] {
        let values: Vec<Json> = compile(query).values(&document).into_iter().cloned().collect();
        assert_eq!(Json::array(values), json(found), "{query}");
    }
}

#[test]
fn regular_expressions_mean_what_rfc_9485_says() {
    for (pattern, text, matches) in [
        ("a.c", "a\u{2028}c", true),
        ("a.c", "a\nc", false),
        ("a.c", "a\rc", false),
        ("a|b", "b", true),
        ("a|b", "ab", false),
        ("[a&&b]", "&", true),
        ("[a~~b]", "~", true),
        ("[^&&a]", "b", true),
        ("[^&&a]", "&", false),
        (r"[\[\]]+", "[]", true),
        (r"[a\-c]", "b", false),
        ("[-a]+", "a-", true),
        (r"\p{Lu}{2}", "ÄÖ", true),
        (r"\.\\", r".\", true),
        ("(ab){1,2}", "abab", true),
        ("a{2,}", "aaaa", true),
        // These go beyond the RFC.
        (r"\d+", "123", true),
        ("(?i)abc", "ABC", true),
        ("^abc$", "abc", true),
    ] {
        let regex = regexp::compile(pattern, true).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(regex.is_match(text), matches, "{pattern} {text:?}");
    }
    assert!(regexp::compile("b", false).is_ok_and(|regex| regex.is_match("abc")));
}

#[test]
fn a_pattern_that_is_no_regular_expression_matches_nothing_and_is_told() {
    let document = json(r#"[{"a":"(","p":"("},{"a":"b","p":"b"}]"#);
    for pattern in ["(", "[", "[]", "a)|(b", "*", "[[:alpha:]]", "[a--b]", r"\\", "(a{1000}){1000}"] {
        let path = compile(&format!("$[?search(@.a, '{pattern}')]"));
        assert_eq!(path.values(&document).len(), 0, "{pattern}");
        let cautions = path.cautions();
        assert!(pattern == r"\\" || cautions.len() == 1, "{pattern} {cautions:?}");
    }
    assert_eq!(compile("$[?search(@.a, 1)]").cautions()[0].range, 15..16);
    assert_eq!(compile("$[?search(@.a, 'a')]").cautions(), []);
    assert_eq!(compile("$[?match(@.a, @.p)].a").values(&document), [&Json::from("b")]);
}
