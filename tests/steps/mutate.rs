//! `mutate`: the changes of an answer that its expectations notice, and those that they do not.

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::bench::{project, scenario, with};
use crate::support::{Outcome, Project, Recorder, json, plain};

fn mutate(project: &Project, arguments: &[&str]) -> Outcome {
    project.callsheet(&[&["mutate", "--seed", "7"], arguments].concat())
}

/// All that stands below the figures of the run.
fn page(outcome: &Outcome) -> String {
    let text = plain(&outcome.stdout);
    let at = text.find("mutants:").unwrap_or_else(|| panic!("there are no mutants\n{}", outcome.all()));
    text[at..].to_owned()
}

/// What became of each mutant: `change path fate`.
fn fates(steps: &str) -> Vec<String> {
    let project = with(steps);
    mutate(&project, &["--report", "mutation=m.json"]).exits(0);
    let report: Value = serde_json::from_str(&project.read("m.json")).expect("JSON");
    let all = report["answers"].as_array().expect("a list").iter().flat_map(|answers| {
        answers["mutants"].as_array().expect("a list").iter().map(|mutant| {
            let text = |name: &str| mutant[name].as_str().expect("a text").to_owned();
            format!("{} {} {}", text("path"), text("change"), text("fate"))
        })
    });
    all.collect()
}

const ORDER: &str = r#"
steps:
  - post: "/json?status=201"
    json:
      id: a-1
      state: PLANNED
      total: { amount: 12.5, currency: EUR }
      lines: [{ sku: A, count: 2 }, { sku: B, count: 3 }]
      owner: { name: Ann, admin: false }
    expect:
      json: { id: a-1, total: { amount: <number> }, lines: { $each: { sku: <string>, count: <integer > 0> } } }
"#;

#[test]
fn what_nobody_noticed_is_told_with_what_would_notice() {
    let outcome = mutate(&with(ORDER), &[]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
mutants: 48% caught, 21 of 43; 22 survived
not counted: 7 allowed by what is written

POST /json → 201                                                               21 of 43 caught · 48%
  echo.yaml:5
  status                        another of its family
    status: 201
  $.owner                       nobody looks at it, nor at 2 places below it
    at: { $.owner: { name: <string>, admin: false } }
  $.state                       nobody looks at it
    at: { $.state: PLANNED }
  $.total.currency              nobody looks at it
  $.lines                       no element
  $.total.amount                another value
  $.lines[*].sku                another value

"#]]
    );
    assert_data_eq!(
        page(mutate(&with(ORDER), &["-v"]).exits(0)),
        str![[r#"
mutants: 48% caught, 21 of 43; 22 survived
not counted: 7 allowed by what is written

POST /json → 201                                                               21 of 43 caught · 48%
  echo.yaml:5
  status                        another of its family
    status: 201
  $.owner                       nobody looks at it, nor at 2 places below it
    at: { $.owner: { name: <string>, admin: false } }
  $.state                       nobody looks at it
    at: { $.state: PLANNED }
  $.total.currency              nobody looks at it
    at: { $.total.currency: EUR }
  $.lines                       no element
    at: { $.lines: { $length: <1..> } }
  $.total.amount                another value
    at: { $.total.amount: <number >= 0> }
  $.lines[*].sku                another value
  allowed by what is written:
    $ (one member more)
    $.total (one member more)
    $.lines (one element less, one element more, another order)
    $.lines[*] (one member more)
    $.owner (one member more)

"#]]
    );
    assert_data_eq!(
        mutate(&with(ORDER), &["-q"]).exits(0).plain(),
        str![[r#"
1 passed · 1 request · TIME · mock · seed 7
mutants: 48% caught, 21 of 43; 22 survived
not counted: 7 allowed by what is written

"#]]
    );
}

#[test]
fn what_is_pasted_catches() {
    let pasted = ORDER.replace(
        "    expect:\n",
        "    expect:\n      status: 201\n      at: { $.state: PLANNED, $.total.currency: <string>, $.lines: { $length: <1..> }, $.owner: { name: <string>, admin: false } }\n",
    );
    let outcome = mutate(&with(&pasted), &[]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
mutants: 90% caught, 39 of 43; 4 survived
not counted: 7 allowed by what is written

POST /json → 201                                                               39 of 43 caught · 90%
  echo.yaml:5
  $.total.amount                another value
    at: { $.total.amount: <number >= 0> }
  $.total.currency              another value
    at: { $.total.currency: EUR }
  $.lines[*].sku                another value
  $.owner.name                  another value

"#]]
    );
}

#[test]
fn expectations_that_say_everything_catch_everything() {
    let told = fates(
        r#"
steps:
  - post: "/json?status=201"
    json: { id: a-1, n: 3, ok: true, none: null, list: [{ x: 1 }, { x: 2 }], empty: [] }
    expect:
      status: 201
      json_exactly: { id: a-1, n: 3, ok: true, none: null, list: [{ x: 1 }, { x: 2 }], empty: [] }
"#,
    );
    assert_eq!(told.len(), 32, "{told:#?}");
    assert!(told.iter().all(|mutant| mutant.ends_with(" caught")), "{told:#?}");
}

#[test]
fn what_the_format_allows_is_not_held_against_the_scenario() {
    let told = fates(
        r#"
steps:
  - post: /json
    json: { id: a-1, maybe: x, loose: [2, 1], each: [{ a: 1 }, { a: 2 }], one: [{ k: 1, v: 1 }, { k: 2, v: 2 }], size: [1, 2] }
    expect:
      status: 2xx
      json:
        id: <matches "^a-">
        maybe: <optional string or null>
        loose: { $unordered: [1, 2] }
        each: { $each: { a: <integer> } }
        one: { $contains: { k: 2, v: 2 } }
        size: <length 1..>
"#,
    );
    let of = |path: &str| -> Vec<&str> {
        let mine = told.iter().filter_map(|mutant| mutant.strip_prefix(path)?.strip_prefix(' '));
        mine.collect()
    };
    assert_eq!(of("status"), ["status_family caught", "status allowed"]);
    assert_eq!(of("$.id"), ["removed caught", "null caught", "type caught", "value allowed"]);
    assert_eq!(of("$.maybe"), ["removed allowed", "null allowed", "type caught", "value survived"]);
    assert_eq!(
        of("$.loose"),
        ["removed caught", "null caught", "emptied caught", "fewer caught", "more caught", "order allowed"]
    );
    assert_eq!(
        of("$.each"),
        ["removed caught", "null caught", "emptied survived", "fewer allowed", "more allowed", "order allowed"]
    );
    // The element that is looked at stands for all.
    assert_eq!(of("$.one[*].v"), ["removed caught", "null caught", "type caught", "value caught"]);
    assert_eq!(
        of("$.size"),
        ["removed caught", "null caught", "emptied caught", "fewer allowed", "more allowed", "order allowed"]
    );
    assert_eq!(of("$"), ["extra allowed"]);
}

#[test]
fn what_is_kept_for_later_steps_is_judged_as_far_as_can_be_known() {
    let told = fates(
        r#"
steps:
  - id: first
    post: /json
    json: { id: a-1, next: c-2, unused: u, other: { x: 1 } }
    capture: { id: $.id, next: $.next, unused: $.unused, count: "{{ json.other.x + 1 }}" }
  - post: /json
    json: { id: "{{ id }}", x: "{{ steps.first.response.json.other.x }}" }
    expect: { json: { id: "{{ id }}" } }
    capture: { id: "{{ json.id ~ '!' }}" }
"#,
    );
    let of = |path: &str| -> Vec<&str> {
        let mine = told.iter().filter_map(|mutant| mutant.strip_prefix(path)?.strip_prefix(' '));
        mine.collect()
    };
    // Of the first answer what is missing is missed, what is another value goes on; the second compares it.
    assert_eq!(of("$.id"), ["removed caught", "null caught", "type caught", "value caught"]);
    assert_eq!(of("$.next"), ["removed caught", "null survived", "type survived", "value survived"]);
    assert_eq!(of("$.unused"), ["removed caught", "null survived", "type survived", "value survived"]);
    assert_eq!(of("$.other.x"), ["removed caught", "null caught", "type caught", "value carried"]);
}

#[test]
fn no_call_is_made_for_it_and_nothing_else_is_drawn() {
    let steps = r#"
vars: { seen: "{{ random_string(8) }}" }
steps:
  - post: /json
    json: { a: "{{ random_string(8) }}", b: [1, 2, 3] }
    poll: { every: 10ms, for: 1s }
    expect: { json: { a: <string>, b: { $each: "<not one of {{ range(1) | map('int') | list }}>" } } }
  - get: "/counter/{{ random_string(8) }}"
    expect: { json: { count: 1 } }
"#;
    let steps = &steps.replace("\"<not one of {{ range(1) | map('int') | list }}>\"", "<integer>");
    let targets = |mutate: bool| {
        let project = with(steps);
        let command = if mutate { "mutate" } else { "run" };
        let outcome = project.callsheet(&[command, "--seed", "7", "--report", "events=e.jsonl"]);
        outcome.exits(0).says("1 passed · 2 requests");
        let events = project.read("e.jsonl");
        let steps = events.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        steps
            .filter(|event| event["event"] == "step_finished")
            .map(|step| step["target"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(targets(true), targets(false));
}

#[test]
fn a_run_that_fails_is_told_as_such_and_nothing_is_judged() {
    let project =
        with("steps:\n  - get: /json/2\n  - post: /json\n    json: { a: 1 }\n    expect: { json: { a: 2 } }\n");
    let outcome = mutate(&project, &["--min-score", "1", "--report", "mutation=m.json"]);
    outcome.exits(1).says("error[expect.json]").lacks("mutation.below");
    assert_data_eq!(
        page(&outcome),
        str![[r#"
mutants: none were judged, for the run did not pass; first see to that

"#]]
    );
    let report: Value = serde_json::from_str(&project.read("m.json")).expect("JSON");
    assert_eq!((&report["judged"], &report["caught"]), (&Value::Bool(false), &Value::from(0)));
}

#[test]
fn a_score_that_is_too_low_fails() {
    let project = with(ORDER);
    mutate(&project, &["-q", "--min-score", "20"]).exits(0);
    let outcome = mutate(&project, &["-q", "--min-score", "95"]);
    assert_data_eq!(
        outcome.exits(1).plain(),
        str![[r#"
1 passed · 1 request · TIME · mock · seed 7
mutants: 48% caught, 21 of 43; 22 survived
not counted: 7 allowed by what is written
error[mutation.below]: 48% of the mutants were caught, but --min-score asks for at least 95%
 = help: expect more where a mutant survived: the list above shows each of them


"#]]
    );
    let outcome = project.run(&["--report", "mutation=m.json"]);
    assert_data_eq!(
        outcome.exits(2).plain(),
        str![[r#"
error[report.mutation]: --report mutation=…: `callsheet run` makes no mutants
 = help: use this report with `callsheet mutate`


"#]]
    );
}

#[test]
fn headers_cookies_texts_and_graphql_errors_are_changed_too() {
    let told = fates(
        "steps:\n  - get: /text\n    expect: { text: <contains two> }\n  - get: '/cookies/set?a=1&b=2'\n    expect: { cookies: { a: '1' } }\n  - get: /redirect/1\n    redirects: 0\n    \
         expect: { status: 302, headers: { location: <not empty> } }\n",
    );
    assert_data_eq!(
        told.join("\n"),
        str![[r#"
status status_family caught
status status allowed
header content-type removed survived
header content-type value survived
body empty_body caught
body value caught
status status_family caught
status status allowed
cookie a removed caught
cookie a value caught
cookie b removed survived
cookie b value survived
body empty_body survived
$ extra allowed
$.cookies removed survived
$.cookies null survived
$.cookies emptied survived
$.cookies fewer survived
$.cookies more survived
$.cookies order survived
$.cookies[*] null survived
$.cookies[*] type survived
$.cookies[*] value survived
status status_family caught
status status caught
header location removed caught
header location value allowed
"#]]
    );
    let project = project().file(
        "stay.yaml",
        "scenario: A property is found\nauth: lavanda\nsteps:\n  - post: /\n    graphql: { query: \"{ viewer { id } }\" }\n    \
         expect: { graphql: { data: { viewer: { id: <string> } } } }\n",
    );
    assert_data_eq!(
        page(mutate(&project, &["-v"]).exits(0)),
        str![[r#"
mutants: 90% caught, 10 of 11; 1 survived
not counted: 4 allowed by what is written

POST / query { viewer } → 200                                                  10 of 11 caught · 90%
  stay.yaml:4
  $.data.viewer.id              another value
  allowed by what is written:
    status (another of its family)
    $ (one member more)
    $.data (one member more)
    $.data.viewer (one member more)

"#]]
    );
}

#[test]
fn what_any_step_catches_is_caught_and_failing_polls_are_not_looked_at() {
    let project = project()
        .file("a.yaml", &scenario("steps:\n  - get: /counter/k\n  - get: /counter/k\n    poll: { every: 5ms, for: 2s }\n    expect: { json: { count: <integer > 3>, key: k } }\n"))
        .file("b.yaml", &scenario("cases: [{ n: 1 }, { n: 2 }]\nsteps:\n  - get: /counter/k\n    expect: { json: { key: <string> } }\n"));
    let outcome = mutate(&project, &["--jobs", "1"]);
    assert_data_eq!(
        page(outcome.exits(0)),
        str![[r#"
mutants: 100% caught, 10 of 10; 0 survived
not counted: 2 allowed by what is written

"#]]
    );
}

#[test]
fn large_answers_are_changed_in_so_many_places_and_no_more() {
    let project = with("steps:\n  - get: /json/20000\n    expect: { that: json | length == 20000 }\n");
    let started = std::time::Instant::now();
    let outcome = mutate(&project, &["-q"]);
    outcome.exits(0).says("mutants:");
    assert!(started.elapsed() < std::time::Duration::from_mins(1), "it took {:?}", started.elapsed());
}

#[test]
fn mutants_take_no_time_of_the_scenario_s() {
    // To judge the answer once takes a fraction of a second, and there are some sixty mutants of it.
    let slow = ["(range(90000) | sum)"; 6].join(" + ");
    let scenario = format!(
        "timeout: 3s\nsteps:\n  - post: /json\n    json: {{ a: 1, b: x, c: true, d: [1, 2], e: {{ f: 1, g: x }}, h: [{{ i: 1, j: x }}], k: 2.5, l: y }}\n    expect: {{ that: json.a + {slow} > 0 }}\n"
    );
    let project = with(&format!("{scenario}teardown: [{{ get: /json/1 }}]\n"));
    let started = std::time::Instant::now();
    let outcome = mutate(&project, &["--report", "json=report.json"]);
    outcome.exits(0).says("mutants:");
    let report: Value = serde_json::from_str(&project.read("report.json")).expect("JSON");
    let took = |value: &Value| value["duration_ms"].as_f64().expect("a number");
    assert!(took(&report["scenarios"][0]) < 3000.0, "{report:#}");
    assert!(
        started.elapsed() > std::time::Duration::from_secs(2),
        "too fast to show anything: {:?}",
        started.elapsed()
    );
}

#[test]
fn an_interrupted_run_does_not_wait_for_its_mutants() {
    let server =
        Recorder::start(|_| json(200, r#"{ "a": 1, "b": [1, 2, 3], "c": "x", "d": { "e": true, "f": 2 }, "g": "y" }"#));
    // To judge each of some forty mutants takes a second.
    let slow = ["(range(90000) | sum)"; 60].join(" + ");
    let base = server.base();
    let scenario =
        format!("scenario: Slow\nbase_url: {base}\nsteps: [{{ get: /, expect: {{ that: json.a + {slow} > 0 }} }}]\n");
    let project = Project::new().file("slow.yaml", &scenario);
    let mut child = project.start(&["mutate"]);
    let started = std::time::Instant::now();
    while server.seen().is_empty() {
        assert!(started.elapsed() < std::time::Duration::from_mins(1), "it never called");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_secs(4));
    let interrupted = std::time::Instant::now();
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("`kill` starts").success(), "it ended before it could be interrupted");
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert!(interrupted.elapsed() < std::time::Duration::from_secs(12), "it took {:?}", interrupted.elapsed());
}

#[test]
fn tables_lines_forms_and_pages_are_changed_in_their_own_form() {
    let answer = |name: &str, kind: &str, text: &str, expect: &str| {
        format!(
            "  - post: \"{{{{ mock.base }}}}/echo/body\"\n    name: {name}\n    headers: {{ content-type: {kind}, x-of: {name} }}\n    text: \"{text}\"\n    expect: {{ {expect} }}\n"
        )
    };
    let told = |step: String| {
        let all = fates(&format!("steps:\n{step}"));
        all.into_iter().filter(|mutant| !mutant.starts_with("header")).collect::<Vec<_>>().join("\n")
    };
    let csv = answer(
        "csv",
        "text/csv",
        "id,price,note\\n1,12.50,\\n2,3,b\\n",
        "csv: { $each: { id: <integer>, price: <number > 0> } }",
    );
    assert_data_eq!(
        told(csv),
        str![[r#"
status status_family caught
status status survived
body empty_body caught
$ emptied survived
$ fewer allowed
$ more allowed
$ order allowed
$[*] extra allowed
$[*].id removed caught
$[*].id value caught
$[*].price removed caught
$[*].price value caught
$[*].note removed survived
$[*].note value survived
"#]]
    );
    let lines =
        answer("lines", "application/x-ndjson", "{\\\"a\\\":1}\\n{\\\"a\\\":2}\\n", "ndjson: [{ a: 1 }, { a: <any> }]");
    assert_data_eq!(
        told(lines),
        str![[r#"
status status_family caught
status status survived
body empty_body caught
$ emptied caught
$ fewer caught
$ more caught
$ order caught
$[*] null caught
$[*] extra allowed
$[*].a removed caught
$[*].a null caught
$[*].a type caught
$[*].a value caught
"#]]
    );
    let form = answer(
        "form",
        "application/x-www-form-urlencoded",
        "a=1&b=x+y&b=z",
        "form: { a: 1 }, that: 'json.b | length == 2'",
    );
    assert_data_eq!(
        told(form),
        str![[r#"
status status_family caught
status status survived
body empty_body caught
$ extra allowed
$.a removed caught
$.a value caught
$.b removed caught
$.b emptied caught
$.b fewer caught
$.b more caught
$.b order allowed
$.b[*] value survived
"#]]
    );
    let page = answer("page", "text/html", "<p class=a>x</p>", "at: { p.a: x }");
    assert_data_eq!(
        told(page),
        str![[r#"
status status_family caught
status status survived
body empty_body caught
body value caught
"#]]
    );
}
