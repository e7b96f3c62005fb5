//! The verdict, the walk and the listing, on trees read from YAML.

mod honest;
mod ignoring;
mod listings;

use super::*;
use crate::json;
use crate::source::{self, FileId, Read, Reader};

fn expected(text: &str) -> Expected {
    let node = source::parse(FileId::default(), text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    let mut reader = Reader::new(FileId::default(), text);
    Expected::read(&node, &mut reader).unwrap_or_else(|_| panic!("{text}: {:?}", reader.problems))
}

fn document(text: &str) -> Json {
    json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn differences(yaml: &str, actual: &str, mode: Mode) -> Differences {
    let scope = Scope::new(1, ".");
    scope.set("name", minijinja::Value::from("<uuid>"));
    scope.set("n", minijinja::Value::from(3));
    scope.set("trip", crate::template::from_json(document("{\"id\":1}").into()));
    compare(&expected(yaml), Some(&document(actual)), mode, &scope, &NormalizedPath::default()).expect("renders")
}

/// Each difference as path, kind, both values, why, and the text that the caret stands under.
fn told(yaml: &str, actual: &str, mode: Mode) -> Vec<String> {
    let found = differences(yaml, actual, mode);
    let one = |difference: &Difference| {
        let Difference { path, kind, span, expected, actual, why, .. } = difference;
        let kind = format!("{kind:?}");
        let kind = kind.split([' ', '{']).next().unwrap_or_default().to_lowercase();
        let mark = yaml[span.range()].lines().next().unwrap_or_default();
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        format!("{} {kind}: {expected} | {actual}{why} ^{mark}", path.shorthand())
    };
    found.list.iter().map(one).collect()
}

fn contains(yaml: &str, actual: &str) -> Vec<String> {
    told(yaml, actual, Mode::Contains)
}

#[test]
fn scalars_compare_with_their_types() {
    for (yaml, actual) in [
        ("1", "1.0"),
        ("1.10", "1.1"),
        ("9007199254740993", "9007199254740993"),
        ("\"1\"", "\"1\""),
        ("null", "null"),
        ("'{{ n }}'", "3"),
        ("'{{ name }}'", "\"<uuid>\""),
        ("\\<uuid>", "\"<uuid>\""),
        ("'{{ trip }}'", "{\"id\":1,\"more\":2}"),
        ("[]", "[]"),
        ("{}", "{\"a\":1}"),
    ] {
        assert_eq!(contains(yaml, actual), [] as [String; 0], "{yaml}");
    }
    for (yaml, actual, wanted) in [
        ("PLANNED", "\"CANCELLED\"", "$ value: \"PLANNED\" | \"CANCELLED\" ^PLANNED"),
        (
            "9007199254740993",
            "9007199254740992",
            "$ value: 9007199254740993 | 9007199254740992 (the same as a 64-bit float: some reader on the way rounded it) ^9007199254740993",
        ),
        ("1", "\"1\"", "$ type: 1 | \"1\" (a string of the same text, not a number) ^1"),
        ("\"true\"", "true", "$ type: \"true\" | true (a boolean of the same text, not a string) ^\"true\""),
        ("null", "false", "$ type: null | false (a boolean, not null) ^null"),
        ("[1]", "{}", "$ type: [1] | {} (an object, not an array) ^[1]"),
        ("'{{ n }}'", "4", "$ value: 3 | 4 ^'{{ n }}'"),
        ("'{{ n }}'", "\"3\"", "$ type: 3 | \"3\" (a string of the same text, not a number) ^'{{ n }}'"),
        ("'{{ trip }}'", "{\"id\":2}", "$.id value: 1 | 2 ^'{{ trip }}'"),
        ("<uuid>", "1", "$ matcher: <uuid> | 1 (a number, not a string) ^<uuid>"),
    ] {
        assert_eq!(contains(yaml, actual), [wanted], "{yaml}");
    }
}

#[test]
fn objects_may_have_more_members_only_where_they_may() {
    let (yaml, actual) = ("a: 1\nb: { c: 2 }\n", r#"{"a":1,"b":{"c":2,"d":3},"e":null}"#);
    assert!(contains(yaml, actual).is_empty());
    assert_eq!(told(yaml, actual, Mode::Exactly), ["$.b.d unexpected:  | 3 ^b", "$.e unexpected:  | null ^a: 1"]);
    assert_eq!(contains("a: 1\nbb: 2", "{\"a\":1}"), ["$.bb missing: 2 |  ^bb"]);
    assert_eq!(contains("a: <absent>\nb: <optional string>\nc: <string or absent>", "{}"), [] as [String; 0]);
    assert_eq!(
        contains("a: <absent>\nb: <optional string>", "{\"a\":null,\"b\":1}"),
        [
            "$.a matcher: <absent> | null (it should not be there) ^<absent>",
            "$.b matcher: <optional string> | 1 (a number, not a string) ^<optional string>"
        ]
    );
    assert_eq!(contains("a: <any>", "{}"), ["$.a missing: <any> |  ^a"]);
    assert!(told("a: <optional any>\nb: 1", "{\"b\":1}", Mode::Exactly).is_empty());
}

#[test]
fn a_member_that_went_and_a_like_one_that_came() {
    for (yaml, actual, wanted) in [
        (
            "state: PLANNED",
            r#"{"status":"PLANNED"}"#,
            r#"$.state renamed: "state": "PLANNED" | "status": "PLANNED" ^state"#,
        ),
        (
            "phase: PLANNED",
            r#"{"status":"PLANNED"}"#,
            r#"$.phase renamed: "phase": "PLANNED" | "status": "PLANNED" ^phase"#,
        ),
        ("trip_id: T-1", r#"{"tripId":"T-2"}"#, r#"$.trip_id renamed: "trip_id": "T-1" | "tripId": "T-2" ^trip_id"#),
        ("open: true", r#"{"late":true}"#, "$.open missing: true |  ^open"),
        ("count: <integer>", r#"{"total":5}"#, "$.count missing: <integer> |  ^count"),
        (
            "stopCount: <integer>",
            r#"{"stop_count":5}"#,
            r#"$.stopCount renamed: "stopCount": <integer> | "stop_count": 5 ^stopCount"#,
        ),
    ] {
        assert_eq!(contains(yaml, actual), [wanted], "{yaml}");
    }
    let exactly = told("state: PLANNED", r#"{"status":"PLANNED"}"#, Mode::Exactly);
    assert_eq!(exactly.len(), 1, "{exactly:?}");
}

#[test]
fn arrays_are_aligned() {
    for (yaml, actual, wanted) in [
        ("[1, 2, 3]", "[1, 9, 3]", vec!["$[1] value: 2 | 9 ^2"]),
        ("[1, 2, 3]", "[1, 2, 9, 3]", vec!["$[2] inserted:  | 9 ^[1, 2, 3]"]),
        ("[1, 2, 3]", "[1, 3]", vec!["$[1] removed: 2 |  ^2"]),
        ("[1, 2, 3]", "[3, 1, 2]", vec!["$[0] moved: 3 | 3 ^3"]),
        ("[1]", "[]", vec!["$[0] removed: 1 |  ^1"]),
        ("[]", "[1]", vec!["$[0] inserted:  | 1 ^[]"]),
        ("[a, b]", "[\"b\", \"a\"]", vec!["$[1] moved: \"a\" | \"a\" ^a"]),
        (
            "[{id: 1, a: x}, {id: 2, a: y}]",
            r#"[{"id":9,"a":"q"},{"id":1,"a":"x"},{"id":2,"a":"z"}]"#,
            vec![
                r#"$[0] inserted:  | { "id": 9, "a": "q" } ^[{id: 1, a: x}, {id: 2, a: y}]"#,
                "$[2].a value: \"y\" | \"z\" ^y",
            ],
        ),
        (
            "[{id: 1}, {id: 2}, {id: 3}]",
            r#"[{"id":3},{"id":1},{"id":2}]"#,
            vec![r#"$[0] moved: { "id": 3 } | { "id": 3 } ^{id: 3}"#],
        ),
        ("[{id: 1, a: 1}, {id: 2, a: 2}]", r#"[{"id":1,"a":1},{"id":7,"a":2}]"#, vec!["$[1].id value: 2 | 7 ^2"]),
        (
            "[{v: 1, w: 1}, {v: 2, w: 2}]",
            r#"[{"v":5,"w":5},{"v":1,"w":1},{"v":2,"w":3}]"#,
            vec![r#"$[0] inserted:  | { "v": 5, "w": 5 } ^[{v: 1, w: 1}, {v: 2, w: 2}]"#, "$[2].w value: 2 | 3 ^2"],
        ),
        ("[<uuid>, 1]", "[1]", vec!["$[0] removed: <uuid> |  ^<uuid>"]),
        ("[[1, 2], [3]]", "[[1, 2, 4], [3]]", vec!["$[0][2] inserted:  | 4 ^[1, 2]"]),
    ] {
        assert_eq!(contains(yaml, actual), wanted, "{yaml} {actual}");
    }
}

#[test]
fn each_asks_every_element() {
    assert!(contains("$each: <integer>", "[1, 2]").is_empty());
    assert!(contains("$each: <integer>", "[]").is_empty());
    assert_eq!(
        contains("$each: { id: <integer> }", r#"[{"id":1},{"id":"2"},{}]"#),
        [
            "$[1].id matcher: <integer> | \"2\" (a string, not an integer) ^<integer>",
            "$[2].id missing: <integer> |  ^id"
        ]
    );
    assert_eq!(contains("$each: 1", "{}"), ["$ type: { $each: 1 } | {} (an object, not an array) ^$each: 1"]);
}

#[test]
fn contains_shows_the_nearest() {
    assert!(contains("$contains: { id: 2 }", r#"[{"id":1},{"id":2,"more":0}]"#).is_empty());
    assert!(contains("$contains: 2", "[1, 2]").is_empty());
    assert_eq!(
        contains("$contains: { id: 2, a: x }", r#"[{"id":1,"a":"y"},{"id":2,"a":"z"}]"#),
        [
            r#"$ notcontained: { "id": 2, "a": "x" } | { "id": 2, "a": "z" } (no element is like this; the nearest is [1]) ^{ id: 2, a: x }"#,
            "$[1].a value: \"x\" | \"z\" ^x"
        ]
    );
    assert_eq!(
        contains("{ $by: id, $contains: { id: 2, a: x } }", r#"[{"id":1,"a":"x"},{"id":2,"a":"z"}]"#)[1],
        "$[1].a value: \"x\" | \"z\" ^x"
    );
    assert_eq!(contains("$contains: 1", "[]"), ["$ notcontained: 1 |  (the array is empty) ^1"]);
    assert_eq!(contains("$contains: a", "[1, 2]"), ["$ notcontained: \"a\" |  (no element is like this, of 2) ^a"]);
}

#[test]
fn unordered_finds_the_assignment_that_there_is() {
    assert!(contains("$unordered: [1, 2, 3]", "[3, 1, 2]").is_empty());
    // Taking the first that fits would give 1 to <integer> and leave nothing for `1`.
    assert!(contains("$unordered: [<integer>, 1]", "[1, 2]").is_empty());
    assert!(contains("$unordered: [<any>, <integer>, 1, <integer >= 2>]", "[1, 5, 0, \"x\"]").is_empty());
    assert!(contains("$unordered: [{a: 1}, {a: 1, b: 2}]", r#"[{"a":1,"b":2},{"a":1}]"#).is_empty());
    assert_eq!(
        contains("$unordered: [1, 2, 2]", "[2, 1, 3]"),
        ["$[2] removed: 2 |  ^2", "$[2] inserted:  | 3 ^$unordered: [1, 2, 2]"]
    );
    assert_eq!(
        contains("{ $by: id, $unordered: [{id: 1, a: x}, {id: 2, a: y}] }", r#"[{"id":2,"a":"x"},{"id":1,"a":"x"}]"#),
        ["$[0].a value: \"y\" | \"x\" ^y"]
    );
    assert_eq!(
        contains("$unordered: [{v: 1, a: x}, {v: 2, a: y}]", r#"[{"v":2,"a":"z"},{"v":1,"a":"x"}]"#),
        ["$[0].a value: \"y\" | \"z\" ^y"]
    );
    assert_eq!(contains("$unordered: [1]", "[1, 1]"), ["$[1] inserted:  | 1 ^$unordered: [1]"]);
}

#[test]
fn length_takes_a_number_or_a_matcher() {
    assert!(contains("{ $length: 2, $each: <integer> }", "[1, 2]").is_empty());
    assert!(contains("$length: <1..3>", "\"äöü\"").is_empty());
    assert!(contains("$length: '{{ n }}'", r#"{"a":1,"b":2,"c":3}"#).is_empty());
    assert!(contains("$length: <length 1..3>", "[1]").is_empty());
    assert!(contains("$length: <not empty and length < 3>", "[1]").is_empty());
    assert_eq!(contains("$length: <length 2..3>", "[1]"), ["$ length: <length 2..3> | 1 element ^<length 2..3>"]);
    assert_eq!(contains("$length: 3", "[1]"), ["$ length: length 3 | 1 element ^3"]);
    assert_eq!(
        contains("$length: 3", "5"),
        ["$ type: length 3 | 5 (a number, not a string, an array or an object) ^3"]
    );
    assert_eq!(
        contains("{ $length: <integer >= 1>, $each: <uuid> }", "[]"),
        ["$ length: length <integer >= 1> | 0 elements ^<integer >= 1>"]
    );
}

#[test]
fn exactly_allows_no_more_members() {
    let yaml = "a: { $exactly: { b: 1 } }";
    assert!(contains(yaml, r#"{"a":{"b":1},"c":1}"#).is_empty());
    assert_eq!(contains(yaml, r#"{"a":{"b":1,"d":2}}"#), ["$.a.d unexpected:  | 2 ^a"]);
    assert_eq!(
        contains(
            "{ $by: sku, $exactly: [{sku: a, n: 1}, {sku: b, n: 2}] }",
            r#"[{"sku":"x","n":0},{"sku":"a","n":1},{"sku":"b","n":3}]"#
        ),
        [
            r#"$[0] inserted:  | { "sku": "x", "n": 0 } ^{ $by: sku, $exactly: [{sku: a, n: 1}, {sku: b, n: 2}] }"#,
            "$[2].n value: 2 | 3 ^2"
        ]
    );
}

#[test]
fn what_is_not_there_is_missing_unless_it_may_be() {
    let at = NormalizedPath::new(vec![PathElement::Name("x".into())]);
    let ask = |yaml: &str| compare_rendered(&expected(yaml), None, Mode::Contains, &at, Timestamp::UNIX_EPOCH);
    assert!(ask("<absent>").is_empty() && ask("<optional uuid>").is_empty());
    for yaml in ["1", "<any>", "<not null>", "{}", "$each: 1", "null"] {
        let found = ask(yaml);
        assert_eq!(found.list[0].kind, Kind::Missing, "{yaml}");
        assert_eq!(
            (found.list[0].headline(), found.list[0].label()),
            ("$.x is missing".into(), "the answer has no `x`".into())
        );
    }
}

#[test]
fn labels_and_headlines_read_well() {
    let sentence = |yaml: &str, actual: &str, mode: Mode| {
        let found = differences(yaml, actual, mode);
        format!("{}: {}", found.list[0].headline(), found.list[0].label())
    };
    for (yaml, actual, wanted) in [
        ("a: PLANNED", r#"{"a":"CANCELLED"}"#, "$.a is not what was expected: the answer has \"CANCELLED\""),
        (
            "a: 1",
            r#"{"a":"1"}"#,
            "$.a is not what was expected: the answer has \"1\", a string of the same text, not a number",
        ),
        (
            "a: <uuid>",
            r#"{"a":"x"}"#,
            "$.a is not what was expected: the answer has \"x\": not a UUID: it has 1 character, not 36",
        ),
        ("a: 1", "{}", "$.a is missing: the answer has no `a`"),
        (
            "state: abc",
            r#"{"status":"abc"}"#,
            "$.state is missing, perhaps renamed to `status`: the answer has no `state`; was it renamed to `status`?",
        ),
        ("{}", r#"{"a":[1]}"#, "$.a was not expected: the answer also has `a`: [1]"),
        ("[1]", "[1,2]", "$[1] was not expected: the answer also has 2 at [1]"),
        ("[1, 2]", "[1]", "$[1] is missing: the answer has no element [1]"),
        ("[1, 2, 3]", "[3, 1, 2]", "$[0] is at another place: element [2] came as [0]"),
        ("$length: 1", "[]", "$ does not have the expected length: the answer has 0 elements"),
        ("$contains: 1", "[2]", "$ lacks an expected element: no element is like this; the nearest is [0]"),
    ] {
        assert_eq!(sentence(yaml, actual, Mode::Exactly), wanted, "{yaml}");
    }
}

#[test]
fn a_template_is_rendered_once_however_often_its_node_is_looked_at() {
    let scope = Scope::new(5, ".");
    let text = crate::template::Template::parse("{{ uuid() }}").expect("compiles");
    let drawn = text.render(&Scope::new(5, ".")).expect("renders").into_owned();
    let tree = expected("[a, b, '{{ uuid() }}', c]");
    let actual = Json::array(["x", "a", "b", &drawn, "c"].map(Json::from));
    let found = compare(&tree, Some(&actual), Mode::Contains, &scope, &NormalizedPath::default()).expect("renders");
    assert_eq!(found.list.len(), 1, "{found:?}");
}

#[test]
fn large_arrays_take_no_quadratic_time() {
    let start = std::time::Instant::now();
    let numbers = |from: i64| Json::array((from..from + 100_000).map(Json::from));
    let ask = |expected: &Json, actual: &Json| {
        let tree = Expected::from_json(expected, Span::default());
        compare_rendered(&tree, Some(actual), Mode::Contains, &NormalizedPath::default(), Timestamp::UNIX_EPOCH)
    };
    let found = ask(&numbers(0), &numbers(1));
    assert_eq!(found.total(), 2);
    let found = ask(&numbers(0), &numbers(1_000_000));
    assert!(!found.coarse.is_empty() && found.list.len() == KEPT && found.total() == 100_000);
    let doubled = Json::array((0..100_000_i64).map(|at| Json::from(at * 2)));
    assert_eq!(ask(&numbers(0), &doubled).total(), 100_000);
    let objects = |from: i64| {
        Json::array((from..from + 100_000).map(|at| Json::object([("id", Json::from(at)), ("v", Json::from(at % 7))])))
    };
    assert_eq!(ask(&objects(0), &objects(10)).total(), 20);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn large_lists_in_another_order_are_matched() {
    let start = std::time::Instant::now();
    let items: Vec<String> = (0..20_000).map(|at| format!("{{sku: s{at}, n: {}}}", at % 5)).collect();
    let tree = expected(&format!("$unordered: [{}]", items.join(", ")));
    let came = (0..20_000_i64)
        .rev()
        .map(|at| Json::object([("n", Json::from(at % 5)), ("sku", Json::from(format!("s{at}")))]));
    let actual = Json::array(came);
    assert!(
        compare_rendered(&tree, Some(&actual), Mode::Contains, &NormalizedPath::default(), Timestamp::UNIX_EPOCH)
            .is_empty()
    );
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_list_too_large_to_match_says_so() {
    let tree = expected(&format!("$unordered: [{}]", vec!["<integer>"; 10_000].join(", ")));
    let actual = Json::array((0..10_000).map(|at| Json::from(format!("x{at}"))));
    let found =
        compare_rendered(&tree, Some(&actual), Mode::Contains, &NormalizedPath::default(), Timestamp::UNIX_EPOCH);
    assert_eq!(found.total(), 1);
    assert_eq!(found.list[0].why, "too many to try every order: name a member that identifies each element with `$by`");
}

/// Objects and lists within each other, as deep as a body may be, each with some more members.
fn deep(changed: bool) -> Json {
    (0..250_i64).fold(Json::Null, |inner, level| {
        let odd = changed && level % 60 == 0;
        let items = Json::array((0..20_i64).map(|at| Json::from(at + if odd { 100 } else { 0 })));
        Json::object([("items", items), ("inner", Json::array([inner])), ("level", Json::from(level))])
    })
}

#[test]
fn deep_documents_are_not_walked_once_for_every_level() {
    let (tree, actual) = (Expected::from_json(&deep(false), Span::default()), deep(true));
    let ground = ground::Ground::default();
    let rules = holds::Rules { mode: Mode::Exactly, now: Timestamp::UNIX_EPOCH, ground: &ground };
    let found = walk::differences(&tree, Some(&actual), rules, &NormalizedPath::default());
    assert_eq!(found.total(), 100, "20 numbers on each of 5 levels");
    let values = 250 * (20 + 4);
    assert!(ground.work() < 20 * values, "{} values were looked at, of {values}", ground.work());
    let text = render::unified::text(["a", "b"], &tree, &actual, Mode::Exactly, &[], Timestamp::UNIX_EPOCH);
    assert!(!text.is_empty() && text.len() < 20 * actual.to_string().len(), "{}", text.len());
}
