//! What guides a scenario: conditions, repetition, captures, fragments, setup and teardown, cases.

use snapbox::{assert_data_eq, str};

use crate::bench::{Report, list, scenario, text, told, with};
use crate::support::{Outcome, Project, Recorder, reply};

fn outline(body: &str) -> (Outcome, String) {
    let (outcome, report) = told(&with(body));
    let outline = report.outline();
    (outcome, outline)
}

#[test]
fn steps_that_are_left_out() {
    let (outcome, outline) = outline(
        "vars: { ids: [1, 2], n: 3 }
steps:
  - { name: a, get: /anything, when: '{{ n > 2 }}' }
  - { name: b, get: /status/500, when: '{{ n > 3 }}' }
  - { name: c, get: /status/500, when: \"{{ env.name != 'mock' }}\" }
  - { name: d, get: '/anything/{{ index }}/{{ item }}', for_each: '{{ ids }}', expect: { json: { path: '/echo/anything/{{ index }}/{{ item }}' } } }
  - { name: e, get: /status/500, for_each: [] }
",
    );
    outcome.exits(0);
    assert_data_eq!(
        outline,
        str![[r#"
steps a: passed
steps b: skipped, `when` is false: n > 3
steps c: skipped, `when` is false: env.name != 'mock'
steps d: passed, 1 of 2
steps d: passed, 2 of 2
steps e: skipped, the list of `for_each` is empty

"#]]
    );
}

#[test]
fn a_failure_leaves_out_the_rest() {
    let (outcome, outline) = outline(
        "steps:
  - { name: a, get: /anything/x }
  - { name: b, get: '/status/{{ item }}', for_each: [200, 500, 201] }
  - { name: c, get: /anything }
teardown:
  - { name: t, get: /status/500 }
  - { name: u, get: /anything }
",
    );
    outcome.exits(1);
    assert_data_eq!(
        outline,
        str![[r#"
steps a: passed
steps b: passed, 1 of 3
steps b: failed, 2 of 3, [expect.status] the answer is 500 Internal Server Error, and 2xx or 3xx is expected (no `status` is written)
steps b: passed, 3 of 3
steps c: skipped, an earlier step failed
teardown t: failed, [expect.status] the answer is 500 Internal Server Error, and 2xx or 3xx is expected (no `status` is written)
teardown u: passed

"#]]
    );
}

#[test]
fn tries_again() {
    let (outcome, outline) = outline(
        "steps:
  - { name: after a status, get: /flaky/a?fail=2, retry: { times: 3, backoff: 1ms } }
  - { name: not for this status, get: /status/500, retry: { times: 3, backoff: 1ms }, expect: 500 }
  - { name: a status that is expected, get: /status/503, retry: { times: 3, backoff: 1ms }, expect: 503 }
  - { name: a status of its own, get: /flaky/b, retry: { times: 1, backoff: 1ms, on: [503] } }
  - { name: after a time-out, get: /delay/500, timeout: 20ms, retry: { times: 1, backoff: 1ms, on: [timeout] } }
",
    );
    outcome.exits(4);
    assert_data_eq!(
        outline,
        str![[r#"
steps after a status: flaky, 3 attempts, tried again after a 503, tried again after a 503
steps not for this status: passed
steps a status that is expected: passed
steps a status of its own: flaky, 2 attempts, tried again after a 503
steps after a time-out: errored, 2 attempts, tried again after a time-out, [http.timeout] no complete answer came within TIME

"#]]
    );
}

#[test]
fn what_passes_only_on_a_retry_is_flaky() {
    let outcome = crate::bench::run("steps:\n  - { get: /flaky/k?fail=1, retry: { backoff: 1ms } }\n");
    assert_data_eq!(
        outcome.exits(0).plain(),
        str![[r#"
~ Echo  mock · TIME · passed on a retry

1 flaky · 2 requests · TIME · mock · seed 7

"#]]
    );
}

#[test]
fn the_server_says_when_to_try_again() {
    // It asks for no time at all, and so the long one of the step is not waited for.
    let (outcome, report) = told(&with(
        "steps:
  - name: soon
    get: /anything
    headers: { x-mock-fault: 'status=503, retry-after=0' }
    retry: { times: 2, backoff: 1h }
  - { name: later, get: /anything }
",
    ));
    outcome.exits(1);
    assert_eq!(report.step("soon")["attempts"], 3);
    let (_, report) = told(&with(
        "steps:
  - name: a second
    get: /anything
    headers: { x-mock-fault: 'status=429, retry-after=1' }
    retry: { times: 1, backoff: 1ms }
",
    ));
    let took = report.step("a second")["duration_ms"].as_f64().unwrap_or_default();
    assert!(took >= 990.0, "it took {took} ms");
}

#[test]
fn the_server_says_by_a_date_when_to_try_again() {
    // The date has no parts of a second: two seconds ahead are more than one.
    let (_, report) = told(&with(
        "steps:
  - name: in two seconds
    get: /anything
    headers: { x-mock-fault: 'status=503, retry-after-date=2' }
    retry: { times: 1, backoff: 1ms }
",
    ));
    let step = report.step("in two seconds");
    let took = step["duration_ms"].as_f64().unwrap_or_default();
    assert!((950.0..30_000.0).contains(&took), "it took {took} ms");
    assert_eq!(step["attempts"], 2);
    // A date that has passed means at once, and so the long wait of the step is not waited for.
    let server = Recorder::start(|_| reply(503, &[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], ""));
    let steps =
        format!("scenario: S\nsteps:\n  - {{ get: '{}/', retry: {{ times: 2, backoff: 1h }} }}\n", server.base());
    crate::bench::project().file("s.yaml", &steps).run(&[]).exits(1);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn a_poll_that_comes_true() {
    let (outcome, outline) = outline(
        "steps:
  - { name: poll, get: /counter/p, poll: { every: 2ms, for: 20s }, expect: { json: { count: 4 } }, capture: { n: $.count } }
  - { name: kept, get: '/anything/{{ n }}', expect: { json: { path: /echo/anything/4 } } }
",
    );
    outcome.exits(0);
    assert_data_eq!(
        outline,
        str![[r#"
steps poll: passed, 4 attempts, passed on call 4
steps kept: passed

"#]]
    );
}

#[test]
fn a_poll_in_vain_shows_the_last_answers() {
    let (outcome, report) = told(&with(
        "steps:\n  - { name: p, get: /counter/v, poll: { every: 10ms, for: 300ms }, expect: { json: { count: -1 } } }\n",
    ));
    outcome.exits(1).says("without success");
    let step = report.step("p");
    let attempts = step["attempts"].as_u64().expect("a number");
    assert!(attempts > 3, "{attempts} attempts");
    let answers: Vec<_> = list(&step["earlier"])
        .iter()
        .chain([&step["exchange"]])
        .map(|exchange| text(&exchange["response"]["body"]["text"]).to_owned())
        .collect();
    assert_eq!(answers.len(), 3);
    for (answer, count) in answers.iter().zip(attempts - 2..) {
        assert!(answer.contains(&format!("\"count\":{count}")), "{answer} is not number {count}");
    }
}

#[test]
fn a_pause_waits() {
    let (outcome, report) = told(&with("steps:\n  - { name: wait, pause: 60ms }\n"));
    outcome.exits(0);
    assert!(report.step("wait")["duration_ms"].as_f64().unwrap_or_default() >= 59.0);
}

#[test]
fn captures_in_all_forms() {
    with(
        "steps:
  - id: first
    get: /headers?etag=v1&set-cookie=SESSION%3Dabc
    capture: { tag: header ETag, sid: cookie SESSION, code: status, ms: duration }
  - get: /json/3
    capture:
      one: $[0].nested.square
      many: '$[*].id'
      nothing: '$[?@.id > 9]'
      body: text
      at: url
      found: regex \"object (\\d+)\"
      sum: '{{ json | map(attribute=\"id\") | sum + status }}'
  - post: /json
    json: { tag: '{{ tag }}', sid: '{{ sid }}', code: '{{ code }}', one: '{{ one }}', many: '{{ many }}', none: '{{ nothing }}', found: '{{ found }}', sum: '{{ sum }}', at: '{{ at }}', whole: '{{ steps.first.response.status }}', ms: '{{ ms }}', length: '{{ body | length > 20 }}' }
    expect:
      json: { tag: v1, sid: abc, code: 200, one: 1, many: [1, 2, 3], none: [], found: '1', sum: 206, at: <ends with /json/3>, whole: 200, ms: <integer >= 0>, length: true }
",
    )
    .run(&[])
    .exits(0);
}

#[test]
fn what_cannot_be_captured_is_an_error() {
    let said = [
        "$[0].nmae",
        "$[7]",
        "header x-none",
        "header content-typ",
        "cookie NONE",
        "regex \"p=(\\d+)\"",
        "'{{ json[0].none }}'",
    ]
    .map(|from| {
        let outcome = crate::bench::run(&format!("steps:\n  - get: /json/1\n    capture:\n      _x: {from}\n"));
        outcome.exits(1).diagnostics()
    })
    .concat();
    assert_data_eq!(
        said,
        str![[r#"
error[capture.nothing]: `_x` cannot be captured: `$[0]` has no member `nmae`
 --> echo.yaml:6:11
  |
6 |       _x: $[0].nmae
  |           ^^^^^^^^^
  |
  = help: did you mean `name`?
error[capture.nothing]: `_x` cannot be captured: `$` has only 1 element, so it has no element `[7]`
 --> echo.yaml:6:11
  |
6 |       _x: $[7]
  |           ^^^^
error[capture.nothing]: `_x` cannot be captured: the answer has no header x-none
 --> echo.yaml:6:11
  |
6 |       _x: header x-none
  |           ^^^^^^^^^^^^^
  |
  = help: the headers are content-length, content-type, date
error[capture.nothing]: `_x` cannot be captured: the answer has no header content-typ
 --> echo.yaml:6:11
  |
6 |       _x: header content-typ
  |           ^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean content-type?
error[capture.nothing]: `_x` cannot be captured: the answer sets no cookie NONE
 --> echo.yaml:6:11
  |
6 |       _x: cookie NONE
  |           ^^^^^^^^^^^
  |
  = help: the answer has no cookies at all
error[capture.nothing]: `_x` cannot be captured: /p=(/d+)/ does not match the answer
 --> echo.yaml:6:11
  |
6 |       _x: regex "p=(/d+)"
  |           ^^^^^^^^^^^^^^^
error[template.undefined]: `json[0].none` has no value
 --> echo.yaml:6:15
  |
6 |       _x: '{{ json[0].none }}'
  |               ^^^^^^^^^^^^
  |
  = help: if the value may be missing, write `json[0].none | default('none')`

"#]]
    );
}

const FRAGMENT: &str = "fragment: Post it
params:
  plate: { type: string }
  stops: { type: integer, default: 2 }
steps:
  - post: '{{ mock.base }}/echo/json'
    json: { plate: '{{ plate }}', stops: '{{ stops }}', id: 7 }
    expect: { json: { stops: <integer> } }
    capture: { id: $.id, stops_seen: $.stops }
returns: { trip_id: '{{ id }}', stops: '{{ stops_seen }}' }
";

#[test]
fn fragments() {
    let project = with(
        "steps:
  - { use: fragments/post.yaml, with: { plate: A } }
  - { get: '/anything/{{ trip_id }}/{{ stops }}', expect: { json: { path: /echo/anything/7/2 } } }
  - { use: fragments/post.yaml, with: { plate: B, stops: 5 }, capture: { second: '{{ stops }}' } }
  - { get: '/anything/{{ second }}', expect: { json: { path: /echo/anything/5 } } }
",
    );
    project.file("fragments/post.yaml", FRAGMENT).run(&[]).exits(0);
}

#[test]
fn parameters_are_checked_before_any_call() {
    let said = ["{}", "{ plate: A, stpos: 1 }", "{ plate: A, stops: many }"].map(|with_these| {
        let steps = format!("steps:\n  - {{ use: fragments/post.yaml, with: {with_these} }}\n");
        with(&steps).file("fragments/post.yaml", FRAGMENT).run(&[]).exits(2).diagnostics()
    });
    assert_data_eq!(
        said.concat(),
        str![[r#"
error[fragment.param]: `fragments/post.yaml` needs the parameter `plate`
 --> echo.yaml:4:12
  |
4 |   - { use: fragments/post.yaml, with: {} }
  |            ^^^^^^^^^^^^^^^^^^^
  |
 ::: fragments/post.yaml:3:3
  |
3 |   plate: { type: string }
  |   ----- it has no default
  |
  = help: add `with: { plate: … }`
error[fragment.param]: `fragments/post.yaml` has no parameter `stpos`
 --> echo.yaml:4:51
  |
4 |   - { use: fragments/post.yaml, with: { plate: A, stpos: 1 } }
  |                                                   ^^^^^
  |
  = help: did you mean `stops`?
error[fragment.param]: the parameter `stops` must be an integer, and this is a string
 --> echo.yaml:4:58
  |
4 |   - { use: fragments/post.yaml, with: { plate: A, stops: many } }
  |                                                          ^^^^
  |
  = help: write an integer, or change the parameter's `type`

"#]]
    );
}

#[test]
fn a_fragment_does_not_see_its_callers_variables() {
    let fragment = "fragment: Curious\nsteps:\n  - get: '{{ mock.base }}/echo/anything/{{ word }}'\n";
    let outcome = with("vars: { word: x }\nsteps:\n  - use: f.yaml\n").file("f.yaml", fragment).run(&[]);
    assert_ne!(outcome.code, 0);
    outcome.says("`word`");
}

#[test]
fn a_failed_setup_runs_no_step() {
    let (outcome, outline) = outline(
        "setup:
  - { name: s, get: /status/500 }
  - { name: s2, get: /anything }
steps:
  - { name: a, get: /anything }
teardown:
  - { name: t, get: /anything }
",
    );
    outcome.exits(1);
    assert_data_eq!(
        outline,
        str![[r#"
setup s: failed, [expect.status] the answer is 500 Internal Server Error, and 2xx or 3xx is expected (no `status` is written)
setup s2: skipped, an earlier step failed
steps a: skipped, setup failed
teardown t: passed

"#]]
    );
}

#[test]
fn the_step_in_which_the_time_was_used_up_keeps_its_name_and_its_place() {
    let project = with("timeout: 300ms
setup:
  - { name: first, get: /anything }
steps:
  - { name: before, get: /anything }
  - { use: f.yaml }
  - { name: never, get: /anything }
  - { id: nor_this, get: '/anything/{{ slow }}' }
teardown:
  - { name: t, get: /delay/100 }
")
    .file(
        "f.yaml",
        "fragment: Inner\nsteps:\n  - { id: slow, name: 'slow {{ item }}', get: '{{ mock.base }}/echo/delay/{{ item }}', \
         for_each: [1, 20000], capture: { slow: status } }\n  - { name: in here, get: '{{ mock.base }}/echo/json' }\n\
         returns: { slow: '{{ slow }}' }\n",
    );
    let outcome = project.run(&["--report", "json=report.json", "--report", "junit=j.xml"]);
    outcome.exits(4);
    let report = Report(serde_json::from_str(&project.read("report.json")).expect("a report is JSON"));
    assert_data_eq!(
        report.outline(),
        str![[r#"
setup first: passed
steps before: passed
steps Inner: passed
steps slow 1: passed, 1 of 2
steps slow 20000: errored, 2 of 2, [scenario.timeout] the scenario's `timeout` of TIME ended in this step
steps in here: skipped, the scenario's `timeout` of TIME ended
steps never: skipped, the scenario's `timeout` of TIME ended
steps nor_this: skipped, the scenario's `timeout` of TIME ended
teardown t: passed

"#]]
    );
    let step = report.step("slow 20000");
    assert_eq!((text(&step["id"]), text(&step["file"])), ("slow", "f.yaml"));
    assert_eq!((&step["line"], &step["depth"], &step["attempts"]), (&3.into(), &1.into(), &1.into()));
    assert!(text(&step["exchange"]["url"]).ends_with("/echo/delay/20000"), "{step:#}");
    assert!(step["duration_ms"].as_f64().is_some_and(|ms| (50.0..5000.0).contains(&ms)), "{step:#}");
    assert!(text(&step["rerun"]).starts_with("echo.yaml --only 'echo.yaml:8'"), "{step:#}");
    let junit = project.read("j.xml");
    let case = junit.split("<testcase ").find(|case| case.starts_with("name=\"slow 20000\"")).expect("a test case");
    assert!(case.contains("<error") && case.contains("scenario.timeout"), "{case}");
    for never in ["name=\"in here\"", "name=\"never\""] {
        let case = junit.split("<testcase ").find(|case| case.starts_with(never)).expect("a test case");
        assert!(case.contains("<skipped"), "{case}");
    }
    assert_data_eq!(
        outcome.plain(),
        str![[r#"
! Echo  mock · TIME · echo.yaml
  setup
  ✓ GET  first  200 · TIME
  steps
  ✓ GET  before  200 · TIME
  ✓ use  Inner  TIME
    ✓ GET  slow 1  200 · TIME  1 of 2
    ! GET  slow 20000  TIME  scenario.timeout · 2 of 2
    - GET  in here  the scenario's `timeout` of TIME ended
  - GET  never  the scenario's `timeout` of TIME ended
  - GET  /anything/{{ slow }}  the scenario's `timeout` of TIME ended
  teardown
  ✓ GET  t  200 · TIME
  ! the scenario's `timeout` of TIME ended

error[scenario.timeout]: the scenario's `timeout` of TIME ended in this step
 --> f.yaml:3:42
  |
3 |   - { id: slow, name: 'slow {{ item }}', get: '{{ mock.base }}/echo/delay/{{ item }}', for_ea...
  |                                          ^^^
  |
 ::: echo.yaml:3:1
  |
3 | timeout: 300ms
  | ------- it is set here
  |
  = help: allow more with the scenario's `timeout`, or find out why the service is slow

  request   GET http://127.0.0.1:PORT/echo/delay/20000
  response  none after TIME
  by hand   curl http://127.0.0.1:PORT/echo/delay/20000
  rerun     callsheet run echo.yaml --only 'echo.yaml:8' --seed 7

1 errored · 5 requests · TIME · mock · seed 7
1 ran out of time

"#]]
    );
}

#[test]
fn what_was_polled_until_the_time_was_up_is_told() {
    let (outcome, report) = told(&with(
        "timeout: 300ms\nsteps:\n  - { name: p, get: /counter/t, poll: { every: 5ms, for: 1h }, expect: { json: { count: -1 } } }\n",
    ));
    outcome.exits(4);
    let step = report.step("p");
    assert!(step["attempts"].as_u64().is_some_and(|attempts| attempts > 3), "{step:#}");
    assert!(!list(&step["earlier"]).is_empty(), "{step:#}");
    assert!(text(&step["earlier"][0]["response"]["body"]["text"]).contains("count"), "{step:#}");
}

#[test]
fn a_login_in_which_the_time_is_used_up_leaves_out_everything() {
    let body = "scenario: Late\ntimeout: 100ms\nbase_url: '{{ mock.base }}/echo'\nauth: slow\nsetup: [{ name: s, get: /anything }]\n\
                steps: [{ name: a, get: /anything }]\nteardown: [{ name: t, get: /anything }]\n";
    // Connections are taken by the machine; nobody ever answers them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let base = format!("http://{}", silent.local_addr().expect("it has an address"));
    let provider = format!(
        "provider: slow\nflow: client_credentials\nenvironments: {{ default: {{ base: '{base}', api: '{base}' }} }}\n\
         credentials: {{ client_id: {{}}, client_secret: {{ secret: true }} }}\nlogin: {{ post: '{{{{ base }}}}/token' }}\n"
    );
    let config = "callsheet: 1\nproviders: [providers]\nenvironments: { mock: { serve: builtin } }\n";
    let project = Project::new()
        .file("callsheet.yaml", config)
        .file("providers/slow.yaml", &provider)
        .file("late.yaml", body)
        .variable("SLOW_CLIENT_ID", "c")
        .variable("SLOW_CLIENT_SECRET", "s3cret-of-slow");
    let (outcome, report) = told(&project);
    outcome.exits(4);
    assert_data_eq!(
        report.outline(),
        str![[r#"
auth slow: errored, [scenario.timeout] the scenario's `timeout` of TIME ended in this step
setup s: skipped, the scenario's `timeout` of TIME ended
steps a: skipped, the scenario's `timeout` of TIME ended
teardown t: skipped, nothing was done that must be cleaned up

"#]]
    );
}

/// What the cases were called, and that each saw its own values.
#[track_caller]
fn cases(cases: &str, file: Option<(&str, &str)>) -> String {
    let body = format!(
        "cases: {cases}\nsteps:\n  - post: /json\n    json: '{{{{ case }}}}'\n    expect: {{ json_exactly: '{{{{ case }}}}', json: {{ lang: <string>, n: <integer or null> }} }}\n"
    );
    let mut project = with(&body);
    if let Some((path, text)) = file {
        project = project.file(path, text);
    }
    let (outcome, report) = told(&project);
    outcome.exits(0);
    labels(&report)
}

fn labels(report: &Report) -> String {
    let of = |ran: &serde_json::Value| format!("{} {}\n", ran["case"]["number"], text(&ran["case"]["label"]));
    report.scenarios().iter().map(of).collect()
}

#[test]
fn cases_of_every_kind() {
    let expected = "1 lang=nl, n=1\n2 lang=007, n=2\n";
    let json = r#"[{"lang":"nl","n":1},{"lang":"007","n":2}]"#;
    for told in [
        cases("[{ lang: nl, n: 1 }, { lang: '007', n: 2 }]", None),
        cases("{ file: c.csv }", Some(("c.csv", "lang,n\nnl,1\n007,2\n"))),
        cases("{ file: c.json }", Some(("c.json", json))),
        cases("{ file: c.yaml }", Some(("c.yaml", "- { lang: nl, n: 1 }\n- { lang: '007', n: 2 }\n"))),
    ] {
        assert_eq!(told, expected);
    }
}

#[test]
fn cases_that_cannot_be_read() {
    for (name, content) in
        [("c.csv", "lang,n\nnl\n"), ("c.json", "{"), ("c.yaml", "a: 1\n"), ("c.txt", "x"), ("c.json", "[]")]
    {
        let project = with(&format!("cases: {{ file: {name} }}\nsteps: [{{ get: /anything }}]\n")).file(name, content);
        project.run(&[]).exits(2).says(name);
    }
    with("cases: { file: none.csv }\nsteps: [{ get: /anything }]\n").run(&[]).exits(2).says("none.csv");
}

#[test]
fn one_case_can_be_picked() {
    let body = scenario("cases: [{ n: 1 }, { n: 2 }]\nsteps: [{ get: '/anything/{{ case.n }}' }]\n");
    let project = crate::bench::project().file("c.yaml", &body);
    project.run(&["--only", "c.yaml#2", "--report", "json=r.json"]).exits(0);
    let report = Report(serde_json::from_str(&project.read("r.json")).expect("a report is JSON"));
    assert_eq!(labels(&report), "2 n=2\n");
}
