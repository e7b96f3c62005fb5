//! What holds of every text and every document.

use proptest::prelude::*;

use super::{JsonPath, compile};
use crate::json::{Json, parse};

/// Texts made of what queries are made of, so that many get far into the grammar.
fn near_queries() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "$",
        "@",
        ".",
        "..",
        "[",
        "]",
        "?",
        "(",
        ")",
        "*",
        ",",
        ":",
        "'a'",
        "\"b\"",
        "'",
        "\"",
        "\\",
        "\\u",
        "d83d",
        "a",
        "0",
        "1",
        "-1",
        "1.5e3",
        "9007199254740992",
        " ",
        "\t",
        "==",
        "!=",
        "<",
        ">=",
        "=",
        "!",
        "&&",
        "||",
        "true",
        "null",
        "count(",
        "length(",
        "match(",
        "value(",
        "foo(",
        "é",
        "😀",
        "and",
        "-",
        "@.a",
        "$.a",
        "[?@",
        "'[a'",
    ]);
    prop::collection::vec(parts, 0..24).prop_map(|parts| parts.concat())
}

fn documents() -> impl Strategy<Value = Json> {
    let name = prop::sample::select(vec!["a", "b", "c d", "é", "'", "\\", "\n", ""]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3_i64..12).prop_map(Json::from),
        prop::sample::select(vec!["", "a", "ab", "[", "é", "a.*"]).prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::array),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(Json::object),
        ]
    })
}

const QUERIES: [&str; 26] = [
    "$",
    "$.a",
    "$.a.b[0]['c d']",
    "$[-1]",
    "$..*",
    "$..a",
    "$..['b','a',0,-1]",
    "$.*.*",
    "$[::-1]",
    "$[5:0:-2]",
    "$..[1:]",
    "$..[::2]",
    "$..[?@.a]",
    "$..[?@ > 1]",
    "$..[?@.a == @.b]",
    "$..[?@ == $.a]",
    "$..[?@[?@ > 1]]",
    "$..[?length(@) > 1]",
    "$..[?count(@..*) > 2]",
    "$..[?count(@.*) == length(@)]",
    "$..[?match(@, 'a.*')]",
    "$..[?search($.a, @)]",
    "$..[?value(@..a) == 1]",
    "$..[?!(@.a || @.b) && @ != null]",
    "$..a..b",
    "$..*..*",
];

proptest! {
    #[test]
    fn any_text_is_compiled_or_refused_at_a_place_in_it(text in prop_oneof![any::<String>(), near_queries()]) {
        for text in [text.clone(), format!("${text}"), format!("$[?{text}]")] {
            match JsonPath::parse(&text) {
                Ok(path) => prop_assert_eq!(path.source(), text),
                Err(error) => {
                    prop_assert!(text.get(error.range.clone()).is_some(), "{text:?} {error:?}");
                    prop_assert!(!error.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn any_query_can_be_asked_of_any_document(document in documents(), text in near_queries()) {
        let own = JsonPath::parse(&format!("${text}")).into_iter().chain(JsonPath::parse(&format!("$..[?{text}]")));
        for path in QUERIES.iter().map(|query| compile(query)).chain(own) {
            let nodes = path.nodes(&document);
            let values: Vec<&Json> = nodes.iter().map(|node| node.value).collect();
            prop_assert_eq!(path.first(&document), values.first().copied());
            prop_assert_eq!(path.values(&document), values);
            prop_assert_eq!(path.explain_absence(&document).is_some(), path.is_singular() && nodes.is_empty());
            for node in &nodes {
                prop_assert!(node.path.find(&document).is_some_and(|value| std::ptr::eq(value, node.value)));
                for written in [node.path.to_string(), node.path.shorthand()] {
                    let found = compile(&written).first(&document);
                    prop_assert!(found.is_some_and(|value| std::ptr::eq(value, node.value)), "{}", written);
                }
            }
        }
    }

    /// jsonpath-rust is a second opinion where it follows the RFC; its known faults (nested filters, the order of
    /// several selectors after `..`, a blank in a name) are kept out of the way.
    #[test]
    fn a_second_implementation_agrees(document in documents(), query in agreed_queries()) {
        use jsonpath_rust::JsonPath as _;
        let theirs: serde_json::Value = serde_json::from_str(&document.to_string()).expect("it is JSON");
        let their_values = theirs.query(&query).expect("it accepts the query");
        let printed: Vec<String> = compile(&query).values(&document).into_iter().map(Json::to_string).collect();
        let their_printed: Vec<String> = their_values.into_iter().map(ToString::to_string).collect();
        prop_assert_eq!(printed, their_printed, "{}", query);
    }
}

fn agreed_queries() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        ".a",
        ".b",
        "['c d']",
        "[0]",
        "[-1]",
        "[*]",
        "[1:]",
        "[::-1]",
        "..a",
        "..*",
        "..[0]",
        "[?@.a]",
        "[?@.b > 1]",
        "[?@.a == 'a']",
        "[?@ < 'b']",
        "[?length(@) == 2]",
        "[?count(@.*) > 1]",
        "[?!@.a && @ != 1]",
        "[?match(@, 'a.')]",
        "[?@.a == $.a || @ >= 3]",
    ]);
    prop::collection::vec(segment, 0..4).prop_map(|segments| format!("${}", segments.concat()))
}

/// A thread of the runtime has 2 MiB, the main thread of Windows 1 MiB.
#[test]
fn deep_documents_and_nested_filters_fit_a_small_stack() {
    let deep = parse(format!("{}1{}", "{\"a\":[".repeat(255), "]}".repeat(255)).as_bytes()).expect("it is JSON");
    let nested = format!("$..[?{}$.a{}]", "$..[?@.a && ".repeat(31), "]".repeat(31));
    let test = std::thread::Builder::new().stack_size(1024 * 1024).spawn(move || {
        assert_eq!(compile("$..*").nodes(&deep).len(), 510);
        assert_eq!(compile("$..a").nodes(&deep).len(), 255);
        assert!(compile(&format!("${}", ".a[0]".repeat(255))).first(&deep).is_some());
        assert!(compile(&format!("${}", ".*".repeat(510))).first(&deep).is_some());
        assert!(!compile(&nested).nodes(&deep).is_empty());
        std::mem::forget(deep);
    });
    assert!(test.is_ok_and(|thread| thread.join().is_ok()));
}
