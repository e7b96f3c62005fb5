//! Honest verdicts: what differs is found, and what does not differ is not, whatever the document.

use proptest::prelude::*;

use super::*;
use crate::expect::diff::ground::Ground;
use crate::expect::diff::holds::Rules;
use crate::expect::diff::render::{html, json_patch, markdown, unified};
use crate::json::ObjectBuilder;

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (-3_i64..12).prop_map(Json::from),
        (-400_i64..400).prop_map(|cents| document(&format!("{}.{:02}", cents / 100, cents.abs() % 100))),
        "[a-c<>{}1]{0,4}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::array),
            proptest::collection::vec((prop_oneof!["id", "key", "[a-d]{1,2}"], inner), 0..5).prop_map(Json::object),
        ]
    })
}

/// One change of a document: at the place that `at` picks, of the kind that `how` picks.
fn mutate(value: &Json, at: &mut usize, how: usize, with: &Json) -> Json {
    if *at == 0 {
        *at = usize::MAX;
        return change(value, how, with);
    }
    *at = at.saturating_sub(1);
    match value {
        Json::Array(items) => Json::array(items.iter().map(|item| mutate(item, at, how, with)).collect::<Vec<_>>()),
        Json::Object(object) => {
            let mut builder = ObjectBuilder::default();
            for (key, value) in object.iter() {
                builder.push(key.into(), mutate(value, at, how, with));
            }
            Json::Object(builder.finish())
        }
        other => other.clone(),
    }
}

fn change(value: &Json, how: usize, with: &Json) -> Json {
    match (value, how % 6) {
        (Json::Array(items), 0) => Json::array(items.iter().skip(1).cloned().collect::<Vec<_>>()),
        (Json::Array(items), 1) => Json::array(items.iter().chain([with]).cloned().collect::<Vec<_>>()),
        (Json::Array(items), 2) => Json::array(items.iter().rev().cloned().collect::<Vec<_>>()),
        (Json::Object(object), 0) => {
            Json::object(object.iter().skip(1).map(|(key, value)| (key, value.clone())).collect::<Vec<_>>())
        }
        (Json::Object(object), 1) => Json::object(
            object.iter().map(|(key, value)| (key, value.clone())).chain([("added", with.clone())]).collect::<Vec<_>>(),
        ),
        (Json::Object(object), 2) => {
            Json::object(object.iter().rev().map(|(key, value)| (key, value.clone())).collect::<Vec<_>>())
        }
        (Json::Number(number), 3) => Json::from(number.to_string()),
        (Json::String(text), 3) => crate::json::Number::parse(text).map_or(Json::Bool(true), Json::Number),
        (_, 4) => Json::Null,
        _ => with.clone(),
    }
}

/// Whether all of `small` is in `big`, objects having more members at most.
fn within(small: &Json, big: &Json) -> bool {
    match (small, big) {
        (Json::Object(small), Json::Object(big)) => {
            small.iter().all(|(key, value)| big.get(key).is_some_and(|other| within(value, other)))
        }
        (Json::Array(small), Json::Array(big)) => {
            small.len() == big.len() && small.iter().zip(big).all(|(a, b)| within(a, b))
        }
        (small, big) => small == big,
    }
}

fn ask(expected: &Json, actual: &Json, mode: Mode) -> Differences {
    let tree = Expected::from_json(expected, Span::default());
    let found = compare_rendered(&tree, Some(actual), mode, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
    let ground = Ground::default();
    let rules = Rules { mode, now: Timestamp::UNIX_EPOCH, ground: &ground };
    assert_eq!(rules.holds(&tree, actual), found.is_empty(), "the verdict and the walk fall apart");
    let text = listing(&found, Some(actual), Layout::default());
    assert_eq!(text.is_empty(), found.is_empty());
    assert!(text.lines().all(|line| line.starts_with(['-', '+', ' '])), "{text}");
    every_form(&tree, actual, mode, &found);
    let operations = json_patch::text(&tree, actual, mode, &[], Timestamp::UNIX_EPOCH);
    let patched = patched(expected, &operations);
    match mode {
        Mode::Exactly => {
            assert_eq!(by_value(&patched), by_value(&foreign(actual)), "{expected} {actual} {operations}");
        }
        Mode::Contains => {
            let patched = Expected::from_json(&document(&patched.to_string()), Span::default());
            assert!(rules.holds(&patched, actual), "{expected} {actual} {operations}");
        }
    }
    found
}

/// The forms tell of a difference if there is one, and none of them lets anything through that steers a terminal.
fn every_form(tree: &Expected, actual: &Json, mode: Mode, found: &Differences) {
    let operations = json_patch::text(tree, actual, mode, &[], Timestamp::UNIX_EPOCH);
    assert_eq!(operations == "[]\n", found.is_empty(), "{operations}");
    let unified = unified::text(["a", "b"], tree, actual, mode, &[], Timestamp::UNIX_EPOCH);
    assert_eq!(unified.is_empty(), found.is_empty(), "{unified}");
    let texts = [
        operations,
        unified,
        markdown::markdown(found, Some(actual), Layout::default()),
        html::html(found, Some(actual), 20),
        found.list.iter().map(|one| format!("{} {} {:?}", one.headline(), one.label(), one.told())).collect(),
    ];
    for text in &texts[..4] {
        assert!(
            !text.chars().any(|c| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c)),
            "{text:?}"
        );
    }
}

/// A value as another implementation has it.
fn foreign(value: &Json) -> serde_json::Value {
    serde_json::from_str(&value.to_string()).expect("JSON")
}

/// The document after the operations, which another implementation does.
fn patched(document: &Json, operations: &str) -> serde_json::Value {
    let mut document = foreign(document);
    let patch: ::json_patch::Patch = serde_json::from_str(operations).expect("RFC 6902");
    ::json_patch::patch(&mut document, &patch).unwrap_or_else(|error| panic!("{error}: {operations}"));
    document
}

/// A value with its numbers as floats: `1` and `1.0` are one.
fn by_value(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) => serde_json::Value::from(number.as_f64().map(|float| float + 0.0)),
        serde_json::Value::Array(items) => items.iter().map(by_value).collect(),
        serde_json::Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), by_value(value))).collect()
        }
        other => other.clone(),
    }
}

/// A number that the other implementation reads as it is written, and writes as it is: it takes some floats for their
/// neighbours, and of two decimals that are equally short and near it may choose the other.
fn alike(float: f64) -> Option<Json> {
    let number = crate::json::Number::from_f64(float)?;
    let theirs: f64 = serde_json::from_str(&number.to_string()).ok()?;
    let again = crate::json::Number::parse(&serde_json::Value::from(theirs).to_string())?;
    (again == number).then_some(Json::Number(number))
}

/// Values with texts of any characters, and names too.
fn odd_json() -> impl Strategy<Value = Json> {
    let text = || {
        prop_oneof![
            any::<String>(),
            "[a-z \u{200b}\u{a0}\u{301}\r\n\t·…`<>&\"é]{0,40}",
            "([a-d]{1,3}\n){0,9}",
            "2026-1[12]-[0-9]{2}(T0[0-9]:00:00(Z|[+]01:00))?"
        ]
    };
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_filter_map("not alike for both", alike),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::array),
            proptest::collection::vec((prop_oneof![text(), "[ab]"], inner), 0..6).prop_map(Json::object),
        ]
    })
}

/// Trees with matchers and operators, for values of the shapes that `any_json` makes.
const TREES: [&str; 16] = [
    "$length: <1..3>\n",
    "<string and length 9>",
    "a: <integer>\nb: <optional string>",
    "$each: <any>",
    "$each: { a: <number>, id: <integer> }",
    "$contains: { id: 1 }",
    "$unordered: [1, <any>, { a: <any> }]",
    "$length: <1..3>",
    "{ $by: id, $exactly: [{ id: 1, a: 1 }, { id: 2 }] }",
    "a: { $exactly: { b: <any> } }\nc: { $each: <string> }",
    "[<any>, <optional any>, { id: <integer> }, [<string>]]",
    "<array or null>",
    "a: <absent>\nb: <not null>",
    "[<integer>, <string>, 1]",
    "{ $length: 2, $each: [<any>] }",
    "id: <uuid or integer>\nkey: <each boolean>",
];

/// The value with another in every member of a name.
fn replaced(value: &Json, name: &str, with: &Json) -> Json {
    match value {
        Json::Array(items) => Json::array(items.iter().map(|item| replaced(item, name, with)).collect::<Vec<_>>()),
        Json::Object(object) => Json::object(
            object
                .iter()
                .map(|(key, value)| (key, if key == name { with.clone() } else { replaced(value, name, with) })),
        ),
        other => other.clone(),
    }
}

/// The same tree written as YAML flow and read back, so that the reader is part of the proof.
fn written(value: &Json) -> String {
    match value {
        Json::String(text)
            if text.starts_with('<') || text.contains("{{") || text.contains("{%") || text.contains("{#") =>
        {
            Json::from(format!("\\{text}")).to_string()
        }
        Json::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Json::Object(object) => {
            let members = object.iter().map(|(key, value)| format!("{}: {}", Json::from(key), written(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_document_is_as_itself(document in any_json()) {
        prop_assert!(ask(&document, &document, Mode::Exactly).is_empty());
        prop_assert!(ask(&document, &document, Mode::Contains).is_empty());
        let text = written(&document);
        if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
            let found = differences(&text, &document.to_string(), Mode::Exactly);
            prop_assert!(found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn one_change_is_found_and_nothing_else(document in any_json(), at in 0_usize..12, how in 0_usize..6, with in any_json()) {
        let mut place = at;
        let changed = mutate(&document, &mut place, how, &with);
        let exactly = ask(&document, &changed, Mode::Exactly);
        prop_assert_eq!(exactly.is_empty(), document == changed, "{} {}", document, changed);
        let contains = ask(&document, &changed, Mode::Contains);
        prop_assert_eq!(contains.is_empty(), within(&document, &changed), "{} {}", document, changed);
        for difference in &exactly.list {
            prop_assert!(matches!(difference.kind, Kind::Missing | Kind::Removed { .. } | Kind::Renamed { .. }) || difference.path.find(&changed).is_some(), "{difference:?}");
        }
        // An expectation over another member says nothing of the change.
        let both = Json::object([("other", with.clone()), ("here", changed)]);
        prop_assert!(ask(&Json::object([("other", with)]), &both, Mode::Contains).is_empty());
    }

    #[test]
    fn any_two_values_are_told_apart(a in odd_json(), b in odd_json()) {
        ask(&a, &a, Mode::Exactly);
        prop_assert_eq!(ask(&a, &b, Mode::Exactly).is_empty(), a == b);
        ask(&a, &b, Mode::Contains);
    }

    #[test]
    fn the_verdict_and_the_walk_agree_on_matchers_and_operators(tree in 0..TREES.len(), actual in any_json()) {
        let tree = expected(TREES[tree]);
        for mode in [Mode::Contains, Mode::Exactly] {
            let ground = Ground::default();
            let rules = Rules { mode, now: Timestamp::UNIX_EPOCH, ground: &ground };
            let found = compare_rendered(&tree, Some(&actual), mode, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
            prop_assert_eq!(rules.holds(&tree, &actual), found.is_empty(), "{}", actual);
            every_form(&tree, &actual, mode, &found);
        }
    }

    #[test]
    fn what_is_ignored_makes_no_difference(value in any_json(), with in any_json(), name in "id|key|[a-d]") {
        // Whatever stands in members of that name, on either side.
        let ignore = [Spanned::new(JsonPath::parse(&format!("$..{name}")).expect("a path"), Span::default())];
        let changed = replaced(&value, &name, &with);
        let tree = Expected::from_json(&value, Span::default());
        let found = compare_rendered_but(&tree, &changed, Mode::Exactly, &ignore, Timestamp::UNIX_EPOCH);
        prop_assert!(found.is_empty(), "{} {} {:?}", value, changed, found);
    }

    #[test]
    fn two_arrays_differ_where_they_differ(a in proptest::collection::vec(any_json(), 0..8), b in proptest::collection::vec(any_json(), 0..8)) {
        let (a, b) = (Json::array(a), Json::array(b));
        prop_assert_eq!(ask(&a, &b, Mode::Exactly).is_empty(), a == b);
        prop_assert_eq!(ask(&a, &b, Mode::Contains).is_empty(), within(&a, &b));
    }

    #[test]
    fn unordered_holds_for_every_order(mut items in proptest::collection::vec(any_json(), 0..7), seed in any::<u64>()) {
        let tree = |items: &[Json]| {
            let list: Vec<Expected> = items.iter().map(|item| Expected::from_json(item, Span::default())).collect();
            let list = Expected::new(crate::scenario::expected::Tree::Array(list.into()), Span::default());
            let operators = crate::scenario::expected::Operators { unordered: Some(list), ..Default::default() };
            Expected::new(crate::scenario::expected::Tree::Operators(operators.into()), Span::default())
        };
        let tree = tree(&items);
        fastrand::Rng::with_seed(seed).shuffle(&mut items);
        let actual = Json::array(items.clone());
        let found = compare_rendered(&tree, Some(&actual), Mode::Contains, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
        prop_assert!(found.is_empty(), "{found:?}");
        items.push(Json::from("one more"));
        let more = Json::array(items);
        let found = compare_rendered(&tree, Some(&more), Mode::Contains, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
        prop_assert_eq!(found.total(), 1);
    }
}
