use jiff::Timestamp;
use proptest::prelude::*;

use super::content::{Content, Unstorable, Varying, of_json, of_text};
use super::stored::{Stored, read};
use super::*;
use crate::jsonpath::JsonPath;
use crate::scenario::expected::Expected;
use crate::secret::Redactor;
use crate::source::{FileId, Spanned};

const NOTHING: Varying<'static> = Varying { mask: &[], ignore: &[] };

fn json(text: &str) -> Json {
    crate::json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().expect("a moment")
}

/// What a file of that text holds.
fn stored(text: &str) -> Result<Option<Stored>, Box<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("a.json");
    std::fs::write(&path, text).expect("a file can be written");
    read(&path, "a.json", SnapshotForm::Json, FileId::default())
        .map(|found| found.map(|(_, stored)| stored))
        .map_err(|(_, problem)| problem)
}

fn tree(text: &str) -> Expected {
    match stored(text) {
        Ok(Some(Stored::Json(tree))) => tree.expected,
        other => panic!("{text}: {other:?}"),
    }
}

fn written_with(came: &str, before: Option<&str>, mask: &[&str], secrets: &[&str]) -> Result<Content, Unstorable> {
    let redactor = Redactor::default();
    secrets.iter().for_each(|secret| redactor.learn("secrets.key", secret));
    let before = before.map(tree);
    let path = |path: &&str| Spanned::new(JsonPath::parse(path).expect("a path"), Default::default());
    let mask: Vec<_> = mask.iter().map(path).collect();
    of_json(&json(came), before.as_ref(), Varying { mask: &mask, ignore: &[] }, &redactor, now())
}

/// What is stored, on one line.
#[track_caller]
fn kept(came: &str, before: &str) -> String {
    let content = written_with(came, Some(before), &[], &[]).expect("it can be stored");
    json(&content.text).to_string()
}

fn holds(text: &str, came: &Json) -> bool {
    let root = NormalizedPath::default();
    diff::compare_rendered(&tree(text), Some(came), Mode::Exactly, &root, now()).is_empty()
}

#[test]
fn what_is_stored_is_in_order_and_readable() {
    let came = r#"{"b":1.10,"a":[],"é":"naïve","$ref":"x","\\$ref":1,"m":"<uuid>","n":"\\<uuid>","o":"<p","t":"{{ a }}","big":12345678901234567890.50}"#;
    let content = written_with(came, None, &[], &[]).expect("it can be stored");
    assert_eq!(
        content.text,
        r#"{
  "\\$ref": "x",
  "\\\\$ref": 1,
  "a": [],
  "b": 1.1,
  "big": 12345678901234567890.50,
  "m": "\\<uuid>",
  "n": "\\\\<uuid>",
  "o": "<p",
  "t": "{{ a }}",
  "é": "naïve"
}
"#
    );
    assert!(content.notes.is_empty());
    assert!(holds(&content.text, &json(came)));
}

#[test]
fn masked_values_keep_their_type() {
    let came = r#"{"id":"x","n":1,"ok":true,"nil":null,"list":[{"at":1},{"at":"2"}],"deep":{"a":{}}}"#;
    let mask = ["$.id", "$.n", "$.ok", "$.nil", "$.list[*].at", "$.deep.a", "$.none"];
    let content = written_with(came, None, &mask, &[]).expect("it can be stored");
    assert_eq!(
        json(&content.text).to_string(),
        r#"{"deep":{"a":"<object>"},"id":"<string>","list":[{"at":"<number>"},{"at":"<string>"}],"n":"<number>","nil":"<any>","ok":"<boolean>"}"#
    );
    let other = r#"{"id":"y","n":2,"ok":false,"nil":[],"list":[{"at":5},{"at":""}],"deep":{"a":{"b":1}}}"#;
    assert!(holds(&content.text, &json(other)));
    assert!(!holds(&content.text, &json(&other.replace("\"y\"", "3"))));
}

#[test]
fn what_differs_by_nature_is_stored_as_a_matcher() {
    let came =
        r#"{"id":"0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11","at":"2026-11-21T11:59:58Z","then":"2020-01-01T00:00:00Z"}"#;
    let content = written_with(came, None, &[], &[]).expect("it can be stored");
    assert_eq!(json(&content.text).to_string(), r#"{"at":"<datetime>","id":"<uuid>","then":"2020-01-01T00:00:00Z"}"#);
    // One that was written out by hand, and is still the same, is a constant.
    let sorted =
        r#"{"at":"2026-11-21T11:59:58Z","id":"0190f5e2-7c39-7b1a-9c55-5a8a6e4b1c11","then":"2020-01-01T00:00:00Z"}"#;
    assert_eq!(kept(came, came), sorted);
}

#[test]
fn what_is_ignored_is_not_stored_unless_it_was() {
    let path = |path: &str| Spanned::new(JsonPath::parse(path).expect("a path"), Default::default());
    let ignore = [path("$.seen"), path("$.list[1]"), path("$.list[*].n")];
    let varying = Varying { mask: &[], ignore: &ignore };
    let came = json(r#"{"a":1,"seen":5,"list":[{"n":1,"m":2},3]}"#);
    let store = |before: Option<&Expected>| {
        let content = of_json(&came, before, varying, &Redactor::default(), now()).expect("there is no secret");
        json(&content.text).to_string()
    };
    assert_eq!(store(None), r#"{"a":1,"list":[{"m":2},"<any>"]}"#);
    let before = tree(r#"{"a":2,"seen":4,"list":[{"n":7,"m":2},8]}"#);
    assert_eq!(store(Some(&before)), r#"{"a":1,"list":[{"m":2,"n":7},8],"seen":4}"#);
}

#[test]
fn matchers_that_hold_stay_where_they_are() {
    assert_eq!(kept(r#"{"id":"x","n":2}"#, r#"{"id":"<string>","n":1}"#), r#"{"id":"<string>","n":2}"#);
    assert_eq!(kept(r#"{"id":5}"#, r#"{"id":"<string>"}"#), r#"{"id":5}"#);
    assert_eq!(
        kept(r#"{"a":1}"#, r#"{"a":1,"b":"<optional string>","c":"<absent>","d":2}"#),
        r#"{"a":1,"b":"<optional string>","c":"<absent>"}"#
    );
    assert_eq!(
        kept(
            r#"{"tags":["b","a"],"list":[1,2]}"#,
            r#"{"tags":{"$unordered":["a","b"]},"list":{"$each":"<number >= 2>"}}"#
        ),
        r#"{"list":[1,2],"tags":{"$unordered":["a","b"]}}"#
    );
    // One element more: those after it keep what was said of them.
    assert_eq!(
        kept(
            r#"[{"id":1,"at":"x"},{"id":7,"at":"y"},{"id":2,"at":"z"}]"#,
            r#"[{"id":1,"at":"<string>"},{"id":2,"at":"<string>"}]"#
        ),
        r#"[{"at":"<string>","id":1},{"at":"y","id":7},{"at":"<string>","id":2}]"#
    );
    // A mask does not take a matcher away that says more.
    let content = written_with(r#"{"id":"x"}"#, Some(r#"{"id":"<length 1>"}"#), &["$.id"], &[]);
    assert_eq!(json(&content.expect("it can be stored").text).to_string(), r#"{"id":"<length 1>"}"#);
}

#[test]
fn secrets_are_never_stored() {
    let came = r#"{"token":"abc hunter2-hunter2 def","pin":123456789,"fine":1,"a":{"b":"hunter2-hunter2"}}"#;
    let content = written_with(came, None, &[], &["hunter2-hunter2", "123456789"]).expect("it can be stored");
    assert_eq!(
        json(&content.text).to_string(),
        r#"{"a":{"b":"<string>"},"fine":1,"pin":"<number>","token":"<string>"}"#
    );
    assert_eq!(content.notes, ["$.token, $.pin, $.a.b are secrets: only their types are stored"]);
    assert!(holds(&content.text, &json(came)));
    let named = written_with(r#"{"hunter2-hunter2":1}"#, None, &[], &["hunter2-hunter2"]);
    assert!(named.is_err(), "{named:?}");
    let redactor = Redactor::default();
    redactor.learn("secrets.key", "hunter2-hunter2");
    assert!(of_text("it is hunter2-hunter2\n", &redactor).is_err());
    assert_eq!(of_text("it is not\n", &redactor).expect("it can be stored").text, "it is not\n");
}

#[test]
fn damaged_files_are_told_and_never_taken_for_good_ones() {
    let told = |text: &str| {
        let problem = stored(text).expect_err(text);
        (problem.id, problem.message.clone(), problem.span().map(|span| text[span.range()].to_owned()))
    };
    let (id, message, at) = told("{\n<<<<<<< HEAD\n  \"a\": 1\n=======\n  \"a\": 2\n>>>>>>> other\n}\n");
    assert_eq!((id, at.as_deref()), ("snapshot.damaged", Some("<<<<<<< HEAD")));
    assert!(message.ends_with("it contains the marks of a merge"), "{message}");
    assert_eq!(told("{\"a\": }").2.as_deref(), Some("}"));
    assert_eq!(told("{\"a\": 1").0, "snapshot.damaged");
    assert_eq!(told(" \n").1, "the snapshot a.json cannot be read: it is empty");
    assert_eq!(told("{\"a\": 1, \"a\": 1}").2.as_deref(), Some("\"a\""));
    assert_eq!(told("{\"a\": \"<strng>\"}").0, "matcher.unknown");
    assert_eq!(told("{\"a\": \"<contains {{ b }}>\"}").0, "matcher.template");
    assert!(matches!(stored("{\"a\": \"{{ b }}\", \"{{ c }}\": 1}"), Ok(Some(_))));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        "[a-c<>{}$\\\\ \"é\n]{0,6}".prop_map(Json::from),
        Just(Json::from("<uuid>")),
        Just(Json::from("<contains {{ a }}>")),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::array),
            proptest::collection::vec(("[a-c$\\\\<{]{0,3}", inner), 0..5).prop_map(Json::object),
        ]
    })
}

proptest! {
    /// Whatever came is as it was stored, and nothing else is.
    #[test]
    fn what_is_stored_holds_for_what_came(came in any_json(), other in any_json()) {
        let content = of_json(&came, None, NOTHING, &Redactor::default(), now()).expect("there is no secret");
        prop_assert!(holds(&content.text, &came), "{}", content.text);
        prop_assert_eq!(holds(&content.text, &other), came == other);
    }

    /// What is stored anew holds too, whatever was stored before; and it changes no more.
    #[test]
    fn what_is_stored_again_holds_for_what_came(before in any_json(), came in any_json()) {
        let redactor = Redactor::default();
        let first = of_json(&before, None, NOTHING, &redactor, now()).expect("there is no secret");
        let second = of_json(&came, Some(&tree(&first.text)), NOTHING, &redactor, now()).expect("there is no secret");
        prop_assert!(holds(&second.text, &came), "{}", second.text);
        let third = of_json(&came, Some(&tree(&second.text)), NOTHING, &redactor, now()).expect("there is no secret");
        prop_assert_eq!(&third.text, &second.text);
    }
}
