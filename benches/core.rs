//! What a run spends its time on: reading a file, rendering a template, matching, comparing, and one whole step against
//! a server on loopback. `cargo bench`; compare figures of one machine and one run only.

use std::sync::Arc;

use callsheet::expect::diff::{Layout, Mode, compare, listing};
use callsheet::expect::{Asked, evaluate};
use callsheet::http::{Client, Limits, Request};
use callsheet::json::{self, Json};
use callsheet::jsonpath::{JsonPath, NormalizedPath};
use callsheet::mock::{Mock, MockOptions};
use callsheet::scenario::Scenario;
use callsheet::scenario::expected::Expected;
use callsheet::secret::Redactor;
use callsheet::source::{FileId, Node, Read, Reader, Span, parse};
use callsheet::template::{Scope, Template, from_json};
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// A workflow of six calls, as the benchmark against other runners has it.
const SCENARIO: &str = include_str!("scenario.yaml");

fn node(text: &str) -> Node {
    parse(FileId::default(), text).expect("YAML")
}

fn read<T: Read>(node: &Node, text: &str) -> T {
    T::read(node, &mut Reader::new(FileId::default(), text)).expect("it reads")
}

/// A document of 2000 leaves in 50 sections.
fn document(changed: bool) -> Json {
    let leaf = |section: usize, field: usize| match (section * 40 + field) % 4 {
        0 => Json::from(format!("value-{section}-{field}")),
        1 => Json::from(i64::try_from(section * field).unwrap_or(0)),
        2 => Json::Bool(field.is_multiple_of(3)),
        _ => Json::array([
            Json::from(1_i64),
            Json::from(if changed && section % 12 == 3 && field == 3 { -1_i64 } else { 2 }),
        ]),
    };
    Json::object((0..50).map(|section| {
        let fields = (0..40).map(|field| (format!("field_{field:03}"), leaf(section, field)));
        (format!("section_{section:02}"), Json::object(fields))
    }))
}

#[divan::bench]
fn parse_yaml(bencher: Bencher) {
    bencher.bench(|| node(SCENARIO));
}

#[divan::bench]
fn parse_and_read_scenario(bencher: Bencher) {
    bencher.bench(|| read::<Scenario>(&node(SCENARIO), SCENARIO));
}

#[divan::bench]
fn parse_json_of_2000_leaves(bencher: Bencher) {
    let text = document(false).to_string();
    bencher.bench(|| json::parse(text.as_bytes()));
}

#[divan::bench]
fn compile_template(bencher: Bencher) {
    bencher.bench(|| Template::parse(divan::black_box("/items/{{ trip.id }}?n={{ n }}")));
}

#[divan::bench]
fn render_template(bencher: Bencher) {
    let template = Template::parse("/items/{{ trip.id }}?n={{ n }}").expect("a template");
    let scope = Scope::new(1, ".");
    scope.set("trip", from_json(Arc::new(json::parse(br#"{"id":"T-1"}"#).expect("JSON"))));
    scope.set("n", 5.into());
    bencher.bench(|| template.render(&scope).map(|text| text.len()));
}

#[divan::bench(args = ["$.owner.name", "$.items[?@.price > 10].id", "$..id"])]
fn jsonpath(bencher: Bencher, path: &str) {
    let path = JsonPath::parse(path).expect("a path");
    let document =
        json::parse(br#"{"owner":{"name":"ann"},"items":[{"id":1,"price":9.5},{"id":2,"price":10.5}]}"#).expect("JSON");
    bencher.bench(|| path.values(&document).len());
}

#[divan::bench(args = ["<uuid>", "<integer >= 1>", "<matches ^[a-z]+$>", "<one of a, b, c>", "<datetime>"])]
fn read_matcher(bencher: Bencher, matcher: &str) {
    let text = format!("'{matcher}'");
    let node = node(&text);
    bencher.bench(|| read::<Expected>(&node, &text));
}

#[divan::bench(args = [false, true])]
fn compare_2000_leaves(bencher: Bencher, different: bool) {
    let (expected, actual) = (Expected::from_json(&document(false), Span::default()), document(different));
    let (scope, root) = (Scope::new(1, "."), NormalizedPath::default());
    bencher.bench(|| {
        let found = compare(&expected, Some(&actual), Mode::Exactly, &scope, &root).expect("it compares");
        listing(&found, Some(&actual), Layout::default()).len()
    });
}

/// Documents of that many leaves in ten places of which something else came. What counts is that the three sizes of a
/// shape have about the same throughput (`item/s`, below each time): the time grows as the document does. Where a document
/// outgrows the caches of the processor, up to a half is lost.
const LEAVES: [usize; 3] = [8_000, 32_000, 128_000];

/// A list of objects that nothing tells apart, an object of many members, and objects within objects and lists.
fn large(shape: &str, leaves: usize, changed: bool) -> Json {
    let value = |at: usize| {
        let odd = changed && at % (leaves / 10) == leaves / 20;
        Json::from(i64::try_from(at % 97).unwrap_or(0) - if odd { 1_000 } else { 0 })
    };
    let item = |at: usize| {
        let texts = (0..3).map(|field| (format!("field_{field}"), Json::from(format!("text {}", at % 13))));
        Json::object(texts.chain([("value".to_owned(), value(at))]))
    };
    match shape {
        "list" => Json::array((0..leaves / 4).map(|at| item(at * 4))),
        "members" => Json::object((0..leaves).map(|at| (format!("member_{at:07}"), value(at)))),
        _ => {
            let levels = 300;
            (0..levels).fold(Json::Null, |inner, level| {
                let each = leaves / 4 / levels;
                let items = Json::array((0..each).map(|at| item((level * each + at) * 4)));
                Json::object([("items", items), ("inner", Json::array([inner]))])
            })
        }
    }
}

/// The comparison and its listing alone: both documents are there before.
fn compared(bencher: Bencher, leaves: usize, expected: &Json, actual: &Json) {
    let expected = Expected::from_json(expected, Span::default());
    let (scope, root) = (Scope::new(1, "."), NormalizedPath::default());
    bencher.counter(ItemsCount::new(leaves)).bench(|| {
        let found = compare(&expected, Some(actual), Mode::Exactly, &scope, &root).expect("it compares");
        listing(&found, Some(actual), Layout::default()).len()
    });
}

#[divan::bench(args = LEAVES)]
fn compare_large_list(bencher: Bencher, leaves: usize) {
    compared(bencher, leaves, &large("list", leaves, false), &large("list", leaves, true));
}

#[divan::bench(args = LEAVES)]
fn compare_many_members(bencher: Bencher, leaves: usize) {
    compared(bencher, leaves, &large("members", leaves, false), &large("members", leaves, true));
}

#[divan::bench(args = LEAVES)]
fn compare_deep(bencher: Bencher, leaves: usize) {
    compared(bencher, leaves, &large("deep", leaves, false), &large("deep", leaves, true));
}

/// Two lists with nothing in common: the bounded case. A longest common subsequence is sought up to a fixed number of
/// edits, which is most of the time of a short list; so the throughput grows with the size, and must not fall.
#[divan::bench(args = LEAVES)]
fn compare_lists_of_nothing_in_common(bencher: Bencher, leaves: usize) {
    let list = |from: i64| Json::array((0..i64::try_from(leaves).unwrap_or(0)).map(|at| Json::from(from + at)));
    compared(bencher, leaves, &list(0), &list(1_000_000));
}

/// Two objects with no name in common: no more renamed members are looked for than the budget allows.
#[divan::bench(args = LEAVES)]
fn compare_objects_of_nothing_in_common(bencher: Bencher, leaves: usize) {
    let object = |name: &str| {
        Json::object((0..i64::try_from(leaves).unwrap_or(0)).map(|at| (format!("{name}_{at}"), Json::from(at))))
    };
    compared(bencher, leaves, &object("member"), &object("another"));
}

#[divan::bench]
fn redact_a_line(bencher: Bencher) {
    let redactor = Redactor::default();
    for serial in 0..1000 {
        redactor.learn("auth.bench.access_token", &format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.{serial:043}"));
    }
    bencher.bench(|| redactor.redact(divan::black_box("GET https://api.example.com/items/42?page=3 HTTP/1.1")).len());
}

/// One call over a kept connection, with its expectations.
#[divan::bench]
fn whole_step(bencher: Bencher) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mock = runtime.block_on(Mock::start(MockOptions::default())).expect("the mock starts");
    let client = Client::new(Limits::default());
    let url = format!("{}/echo/anything", mock.base()).parse().expect("a URL");
    let request = Request::new("GET", url);
    let text = "{ status: 200, at: { $.method: GET }, headers: { content-type: <contains json> } }";
    let expect = read(&node(text), text);
    let scope = Scope::new(1, ".");
    bencher.bench_local(|| {
        let response = runtime.block_on(client.send(&request, None)).expect("an answer");
        let asked = Asked { expect: &expect, call: Span::default(), graphql: false, within: None, snapshot: None };
        let outcome = evaluate(&asked, &response, &scope).expect("it evaluates");
        assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    });
}
