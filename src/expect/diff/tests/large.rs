//! What is large, or so different that it cannot be compared with all care: the time and the memory stay bounded.

use std::time::Instant;

use super::super::render::{html, json_patch, unified};
use super::*;
use crate::scenario::expected::{Operators, Tree};

fn compared(expected: &Json, actual: &Json) -> Differences {
    let tree = Expected::from_json(expected, Span::default());
    compare_rendered(&tree, Some(actual), Mode::Exactly, &NormalizedPath::default(), Timestamp::UNIX_EPOCH)
}

fn patch(expected: &Json, actual: &Json) -> String {
    let tree = Expected::from_json(expected, Span::default());
    json_patch::text(&tree, actual, Mode::Exactly, &[], Timestamp::UNIX_EPOCH)
}

fn unified_text(expected: &Json, actual: &Json) -> String {
    let tree = Expected::from_json(expected, Span::default());
    unified::text(["a", "b"], &tree, actual, Mode::Exactly, &[], Timestamp::UNIX_EPOCH)
}

fn members(prefix: &str, count: i64, value: i64) -> Json {
    Json::object((0..count).map(|at| (format!("{prefix}{at}"), Json::from(at + value))))
}

#[test]
fn objects_with_no_member_in_common_take_no_quadratic_time() {
    let start = Instant::now();
    let (expected, actual) = (members("member_", 40_000, 0), members("quite_another_", 40_000, 100_000));
    let found = compared(&expected, &actual);
    assert_eq!(found.total(), 80_000);
    let text = listing(&found, Some(&actual), Layout::default());
    assert!(
        text.contains("compared coarsely from here: $ (too many members are missing to look for renamed"),
        "{text}"
    );
    assert!(text.contains("elsewhere"), "{text}");
    assert_eq!(found.more.len(), 1_001, "regions are bounded, too");
    assert!(html::html(&found, Some(&actual), 50).contains("compared coarsely from here"));
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn objects_whose_members_are_all_renamed_take_no_quadratic_time() {
    let start = Instant::now();
    let found = compared(&members("memberA", 60_000, 100), &members("memberB", 60_000, 100));
    assert!(matches!(&found.list[0].kind, Kind::Renamed { to } if **to == *"memberB0"), "{:?}", found.list[0]);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

#[test]
fn names_of_a_hundred_thousand_letters_are_not_held_against_each_other() {
    let start = Instant::now();
    let object = |letter: &str, value: &str| {
        Json::object((0..5).map(|at| (format!("{at}{}", letter.repeat(100_000)), Json::from(value))))
    };
    assert_eq!(compared(&object("a", "one"), &object("b", "two")).total(), 10);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_patch_is_not_longer_than_what_it_would_replace() {
    let numbers = |from: i64| Json::array((from..from + 20_000).map(Json::from));
    let backwards = Json::array((0..20_000_i64).rev().map(Json::from));
    for (expected, actual) in [
        (numbers(0), numbers(50_000)),
        (numbers(0), backwards),
        (members("a", 20_000, 0), members("b", 20_000, 50_000)),
        (members("a", 20_000, 0), members("a", 20_000, 1)),
    ] {
        let within = |value: &Json| Json::object([("kept", Json::from(1_i64)), ("changed", value.clone())]);
        let text = patch(&within(&expected), &within(&actual));
        let whole = format!("[\n  {{\"op\":\"replace\",\"path\":\"/changed\",\"value\":{actual}}}\n]\n");
        assert!(text == whole, "{}", &text[..500.min(text.len())]);
    }
    // What is shorter than the value stays a patch.
    let few = Json::array((0..20_000_i64).map(|at| Json::from(if at % 1_000 == 1 { -1 } else { at })));
    assert_eq!(patch(&numbers(0), &few).lines().count(), 22);
}

#[test]
fn very_deep_values_have_their_lines_in_a_unified_diff() {
    let deep = |leaf: i64| {
        let items = Json::array((0..100_i64).map(|at| Json::from(if at == 50 { leaf } else { at })));
        (0..100).fold(items, |inner, _| Json::object([("a", inner)]))
    };
    let text = unified_text(&deep(1), &deep(2));
    assert_eq!(text.lines().count(), 11, "{text}");
    assert!(text.contains(&format!("\n-{}1,\n+{0}2,\n", " ".repeat(40))), "{text}");
}

#[test]
fn lines_of_millions_of_characters_are_cut_before_they_are_looked_at() {
    let start = Instant::now();
    let text = |end: &str| Json::from(format!("first\n{}{end}\nlast {end}", ".;".repeat(1_000_000)));
    let found = compared(&text("x"), &text("y"));
    let listing = listing(&found, None, Layout::default());
    assert!(listing.contains(".;x") && listing.contains(".;y") && listing.contains("last x"), "{listing}");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn equal_values_in_any_order_are_counted_and_not_tried() {
    let start = Instant::now();
    let list = |values: [(i64, usize); 3]| {
        Json::array(values.into_iter().flat_map(|(value, times)| std::iter::repeat_n(Json::from(value), times)))
    };
    let list_of = |values| Expected::from_json(&list(values), Span::default());
    let unordered = |values| {
        let operators = Operators { unordered: Some(list_of(values)), ..Operators::default() };
        Expected::new(Tree::Operators(std::sync::Arc::new(operators)), Span::default())
    };
    let ask = |tree: &Expected, actual: &Json| {
        compare_rendered(tree, Some(actual), Mode::Contains, &NormalizedPath::default(), Timestamp::UNIX_EPOCH)
    };
    let tree = unordered([(1, 50_000), (2, 50_000), (3, 1)]);
    assert!(ask(&tree, &list([(3, 1), (2, 50_000), (1, 50_000)])).is_empty());
    // Some that came in no place, among others that came in several.
    let all = Json::array((0..100_i64).map(Json::from));
    let operators = Operators { unordered: Some(Expected::from_json(&all, Span::default())), ..Operators::default() };
    let some = Expected::new(Tree::Operators(std::sync::Arc::new(operators)), Span::default());
    let twice = Json::array((0..100_i64).map(|at| Json::from(at - at % 2)));
    assert_eq!(ask(&some, &twice).total(), 100, "the odd ones are missing, the even ones came again");
    let found = ask(&tree, &list([(2, 50_000), (1, 49_999), (4, 2)]));
    assert_eq!(found.total(), 4, "{found:?}");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn changes_to_large_lists_are_proposed_in_time_that_grows_with_them() {
    let start = Instant::now();
    let numbers = |range: std::ops::Range<i64>| range.map(Json::from).collect::<Vec<_>>();
    let proposed = |tree: &Expected, actual: Json| {
        propose(tree, &actual, Mode::Contains, &[], &Scope::new(1, "."), &NormalizedPath::default())
            .expect("nothing is rendered")
            .len()
    };
    let tree = |items: Vec<Json>| Expected::from_json(&Json::array(items), Span::default());
    let operators = Operators { unordered: Some(tree(numbers(0..40_000))), ..Operators::default() };
    let unordered = Expected::new(Tree::Operators(std::sync::Arc::new(operators)), Span::default());
    assert_eq!(proposed(&unordered, Json::array(numbers(1..60_001))), 20_002, "one went, and 20,001 came");
    let grown = numbers(0..1_000).into_iter().chain(numbers(100_000..160_000)).chain(numbers(1_000..2_000));
    assert_eq!(proposed(&tree(numbers(0..2_000)), Json::array(grown)), 60_000);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
