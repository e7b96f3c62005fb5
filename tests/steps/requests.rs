//! What a step sends, as the echo service saw it, and how answers are read.

use snapbox::{assert_data_eq, str};

use crate::bench::{run, told, with};
use crate::support::{Project, Recorder, nobody, reply};

/// All steps pass.
#[track_caller]
fn passes(body: &str) {
    run(body).exits(0);
}

#[test]
fn every_method() {
    let mut steps = String::from("steps:\n");
    for method in ["get", "post", "put", "patch", "delete", "options"] {
        let seen = method.to_uppercase();
        steps.push_str(&format!("  - {{ {method}: /anything, expect: {{ json: {{ method: {seen} }} }} }}\n"));
    }
    steps.push_str("  - { head: /anything, expect: { text: <empty>, headers: { content-type: application/json } } }\n");
    steps.push_str("  - { request: PURGE /anything/x, expect: { json: { method: PURGE, path: /echo/anything/x } } }\n");
    passes(&steps);
}

#[test]
fn a_query() {
    passes(
        "vars: { word: 'a b&c' }
steps:
  - get: /anything?first=0
    query: { dryRun: false, tag: [a, b], none: null, n: 1.5, name: '{{ word }}' }
    expect:
      json:
        query_list:
          - [first, '0']
          - [dryRun, 'false']
          - [tag, a]
          - [tag, b]
          - [n, '1.5']
          - [name, 'a b&c']
",
    );
}

#[test]
fn headers_take_the_place_of_the_defaults() {
    let config = "callsheet: 1\nenvironments: { mock: { serve: builtin } }
defaults: { headers: { user-agent: smoke/1.0, x-team: blue } }\n";
    let project = with(
        "steps:
  - get: /anything
    expect: { json: { headers: { user-agent: smoke/1.0, x-team: blue, accept: '*/*' } } }
  - get: /anything
    headers: { X-Team: red, accept: text/plain, x-id: 3 }
    expect: { json: { headers: { user-agent: smoke/1.0, x-team: red, accept: text/plain, x-id: '3' } } }
",
    );
    project.file("callsheet.yaml", config).run(&[]).exits(0);
}

#[test]
fn bodies() {
    with(
        "vars: { plate: AB-12, n: 3 }
steps:
  - name: JSON
    post: /anything
    json: { plate: '{{ plate }}', n: '{{ n }}', text: 'n {{ n }}', '{{ plate }}': null, big: 9007199254740993 }
    expect:
      json:
        content_type: application/json
        json: { plate: AB-12, n: 3, text: n 3, AB-12: null, big: 9007199254740993 }
  - name: a form
    post: /anything
    form: { a: 'x y&z', n: 3, tag: [p, q], none: null }
    expect:
      json:
        content_type: application/x-www-form-urlencoded
        form_list: [[a, 'x y&z'], [n, '3'], [tag, p], [tag, q]]
  - name: several parts
    post: /anything
    multipart:
      title: x
      tag: [a, b]
      photo: { file: a.txt, type: image/png, filename: b.png }
      plain: { file: a.txt }
      meta: { json: { n: '{{ n }}' } }
    expect:
      json:
        parts:
          - { name: title, text: x, filename: null }
          - { name: tag, text: a }
          - { name: tag, text: b }
          - { name: photo, filename: b.png, content_type: image/png, text: 'from a {{ \"file\" }}' }
          - { name: plain, filename: a.txt, text: <string> }
          - { name: meta, content_type: application/json, text: '{\"n\":3}' }
  - name: GraphQL
    post: /anything
    graphql: { query: 'query A($n: Int) { a(n: $n) }', variables: { n: '{{ n }}' }, operation: A }
    expect:
      json:
        content_type: application/json
        json: { $exactly: { query: 'query A($n: Int) { a(n: $n) }', variables: { n: 3 }, operationName: A } }
  - name: GraphQL from a file
    post: /anything
    graphql: { file: q.graphql }
    expect: { json: { json: { query: <contains fromFile> } } }
  - name: text
    post: /anything
    text: 'Hello {{ plate }}'
    expect: { json: { content_type: <starts with text/plain>, text: Hello AB-12 } }
  - name: a file
    put: /anything
    headers: { content-type: application/x-own }
    file: a.txt
    expect: { json: { content_type: application/x-own, size: 11, text: from a file } }
",
    )
    .file("a.txt", "from a file")
    .file("q.graphql", "{ fromFile }")
    .run(&[])
    .exits(0);
}

#[test]
fn a_file_that_is_not_there() {
    let outcome = with("steps:\n  - { post: /anything, file: none.bin }\n").run(&[]);
    assert_ne!(outcome.code, 0);
    outcome.says("none.bin");
}

#[test]
fn cookies_are_kept_in_a_scenario_and_not_across_personas() {
    passes(
        "steps:
  - get: /cookies/set?sid=1&b=2
  - { get: /cookies, expect: { json_exactly: { cookies: { sid: '1', b: '2' } } } }
  - get: /cookies/delete?b=
  - { get: /cookies, expect: { json_exactly: { cookies: { sid: '1' } } } }
  - { get: /cookies, headers: { cookie: own=1 }, expect: { json_exactly: { cookies: { own: '1', sid: '1' } } } }
  - { get: /cookies, headers: { cookie: 'own=1; sid=mine' }, expect: { json_exactly: { cookies: { own: '1', sid: mine } } } }
  - { get: /cookies, headers: { cookie: [a=1, b=2] }, expect: { json_exactly: { cookies: { a: '1', b: '2', sid: '1' } } } }
  - { get: /cookies, auth: simacan, expect: { json_exactly: { cookies: {} } } }
  - { get: /cookies/set?sid=2, auth: simacan }
  - { get: /cookies, auth: simacan, expect: { json_exactly: { cookies: { sid: '2' } } } }
  - { get: /cookies, expect: { json_exactly: { cookies: { sid: '1' } } } }
",
    );
}

const SESSIONS: &str = "provider: desk
flow: bearer
environments: { default: { base: 'https://unused', api: '{{ env.at }}' } }
credentials: { token: { secret: true } }
send: { cookie: pass, value: '{{ access_token }}' }
";

#[test]
fn a_provider_that_sends_a_cookie_leaves_the_others_where_they_are() {
    let server =
        Recorder::start(|_| reply(200, &[("set-cookie", "sid=1; Path=/"), ("set-cookie", "pass=theirs")], "{}"));
    let project = desk(&server).file(
        "s.yaml",
        "scenario: S\nauth: desk\nsteps:\n  - get: /a\n  - get: /b\n  - { get: /c, headers: { cookie: 'x=1; pass=mine' } }\n",
    );
    project.run(&[]).exits(0);
    let cookies: Vec<_> =
        server.seen().iter().map(|seen| seen.header("cookie").unwrap_or_default().to_owned()).collect();
    assert_eq!(cookies, ["pass=of-the-desk", "pass=of-the-desk; sid=1", "x=1; pass=mine; sid=1"]);
    assert!(server.seen().iter().all(|seen| seen.headers.iter().filter(|(name, _)| name == "cookie").count() == 1));
}

fn desk(server: &Recorder) -> Project {
    let base = server.base();
    Project::new()
        .file(
            "callsheet.yaml",
            &format!(
                "callsheet: 1\nproviders: [providers]\nenvironments: {{ test: {{ vars: {{ at: '{base}' }} }} }}\n"
            ),
        )
        .file("providers/desk.yaml", SESSIONS)
        .variable("DESK_TEST_TOKEN", "of-the-desk")
        .variable("DESK_TEST_NIGHT_TOKEN", "of-the-night")
}

#[test]
fn two_personas_of_one_scenario_share_no_session() {
    // Whoever comes without a session is given one that names them; it is asked for by everybody in turn.
    let server = Recorder::start(|seen| {
        let cookies = seen.header("cookie").unwrap_or_default();
        let who = if cookies.contains("of-the-night") { "night" } else { "day" };
        let session = format!("session={who}; Path=/");
        let fields = [("set-cookie", session.as_str()), ("content-type", "application/json")];
        reply(200, if cookies.contains("session=") { &fields[1..] } else { &fields }, "{}")
    });
    let night = "auth: { provider: desk, as: night }";
    let project = desk(&server).file(
        "s.yaml",
        &format!("scenario: S\nauth: desk\nsteps:\n  - get: /1\n  - {{ get: /2, {night} }}\n  - get: /3\n  - {{ get: /4, {night} }}\n  - {{ get: /5, auth: none }}\n  - get: /6\n"),
    );
    project.run(&[]).exits(0);
    let cookies: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| format!("{} {}", seen.path(), seen.header("cookie").unwrap_or("nothing")))
        .collect();
    assert_eq!(
        cookies,
        [
            "/1 pass=of-the-desk",
            "/2 pass=of-the-night",
            "/3 pass=of-the-desk; session=day",
            "/4 pass=of-the-night; session=night",
            "/5 nothing",
            "/6 pass=of-the-desk; session=day",
        ]
    );
}

#[test]
fn another_scenario_has_cookies_of_its_own() {
    let project = with("steps:\n  - get: /cookies/set?sid=1\n");
    let second = crate::bench::scenario("steps:\n  - { get: /cookies, expect: { json_exactly: { cookies: {} } } }\n");
    project.file("later.yaml", &second).run(&["-j", "1"]).exits(0);
}

#[test]
fn redirects() {
    passes(
        "steps:
  - { get: /redirect/3?x=1, expect: { json: { path: /echo/redirect/0, query: { x: '1' } }, status: 200 } }
  - { get: /redirect/10, expect: 200 }
  - { get: /redirect/3, redirects: 0, expect: { status: 302, headers: { location: /echo/redirect/2 } } }
  - { get: /redirect/2, redirects: 2, expect: 200 }
  - post: /redirect/1?status=303
    json: { a: 1 }
    expect: { json: { method: GET, size: 0 } }
  - post: /redirect/1?status=307
    json: { a: 1 }
    expect: { json: { method: POST, json: { a: 1 } } }
  - get: /redirect/2
    expect: 200
    capture: { last: url }
  - get: /anything
    expect: { that: ['last is endingwith(\"/echo/redirect/0\")'] }
",
    );
    assert_data_eq!(
        run("steps:\n  - { get: /redirect/11 }\n").exits(4).diagnostics(),
        str![[r#"
error[http.redirects]: more than 10 redirects; the last led to http://127.0.0.1:PORT/echo/redirect/0
 --> echo.yaml:4:12
  |
4 |   - { get: /redirect/11 }
  |            ^^^^^^^^^^^^
  |
  = help: allow more with `redirects`, or check whether the service redirects in a circle

"#]]
    );
    assert_data_eq!(
        run("steps:\n  - { get: /redirect/3, redirects: 2 }\n").exits(4).diagnostics(),
        str![[r#"
error[http.redirects]: more than 2 redirects; the last led to http://127.0.0.1:PORT/echo/redirect/0
 --> echo.yaml:4:12
  |
4 |   - { get: /redirect/3, redirects: 2 }
  |            ^^^^^^^^^^^
  |
  = help: allow more with `redirects`, or check whether the service redirects in a circle

"#]]
    );
}

#[test]
fn credentials_are_not_carried_to_another_origin() {
    passes(
        "vars: { there: \"{{ mock.base | replace('127.0.0.1', 'localhost') }}/echo/anything\" }
steps:
  - get: /cookies/set?sid=1
  - name: another origin
    get: /redirect-to
    query: { url: '{{ there }}' }
    headers: { authorization: Bearer secret, x-api-key: k, x-own: 1, accept: text/x }
    expect:
      json:
        headers:
          host: <starts with localhost>
          accept: text/x
          authorization: <absent>
          x-api-key: <absent>
          x-own: <absent>
          cookie: <absent>
  - name: the same origin
    get: /redirect-to?url=/echo/anything
    headers: { authorization: Bearer secret, x-api-key: k }
    expect: { json: { headers: { authorization: Bearer secret, x-api-key: k }, cookies: { sid: '1' } } }
",
    );
}

#[test]
fn compressed_and_encoded_answers() {
    let mut steps = String::from("steps:\n");
    for (path, coding) in [("gzip", "gzip"), ("deflate", "deflate"), ("brotli", "br"), ("zstd", "zstd")] {
        steps.push_str(&format!(
            "  - {{ get: /{path}, expect: {{ json: {{ compressed: true, coding: {coding} }} }} }}\n"
        ));
    }
    for charset in ["latin1", "utf-16", "utf-8"] {
        steps.push_str(&format!(
            "  - {{ get: /charset/{charset}, expect: {{ text: \"Grüße aus Köln, à bientôt: ½ café\\n\" }} }}\n"
        ));
    }
    passes(&steps);
}

#[test]
fn an_answer_that_is_too_large() {
    let config = "callsheet: 1\nenvironments: { mock: { serve: builtin } }\ndefaults: { max_body: 1KiB }\n";
    let project = with("steps:\n  - get: /bytes/1024\n  - get: /bytes/1025\n").file("callsheet.yaml", config);
    assert_data_eq!(
        project.run(&[]).exits(4).diagnostics(),
        str![[r#"
error[http.too-large]: the answer of 127.0.0.1 is larger than 1.0 KiB
 --> echo.yaml:5:10
  |
5 |   - get: /bytes/1025
  |          ^^^^^^^^^^^
  |
  = help: allow more with `defaults: { max_body: 200MB }` in callsheet.yaml

"#]]
    );
}

#[test]
fn answers_that_do_not_come() {
    let steps = [
        "{ get: /delay/5000, timeout: 30ms }",
        "{ get: /json/3, headers: { x-mock-fault: reset } }",
        "{ get: /json/3, headers: { x-mock-fault: truncated } }",
        "{ get: 'http://127.0.0.1:1/x' }",
    ];
    let said = steps.map(|step| run(&format!("steps:\n  - {step}\n")).exits(4).diagnostics()).concat();
    assert_data_eq!(
        said,
        str![[r#"
error[http.timeout]: no complete answer came within TIME
 --> echo.yaml:4:12
  |
4 |   - { get: /delay/5000, timeout: 30ms }
  |            ^^^^^^^^^^^
  |
  = help: allow more with `timeout`, or find out why the service is slow
error[http.interrupted]: 127.0.0.1:PORT closed the connection before the answer was complete: Connection reset by peer
 --> echo.yaml:4:12
  |
4 |   - { get: /json/3, headers: { x-mock-fault: reset } }
  |            ^^^^^^^
  |
  = help: the service closed the connection: look at its log; `retry: { on: [connect] }` tries again
error[http.interrupted]: 127.0.0.1:PORT closed the connection before the answer was complete: end of file before message length reached
 --> echo.yaml:4:12
  |
4 |   - { get: /json/3, headers: { x-mock-fault: truncated } }
  |            ^^^^^^^
  |
  = help: the service closed the connection: look at its log; `retry: { on: [connect] }` tries again
error[http.connect]: 127.0.0.1:PORT refused the connection: nothing listens on that port
 --> echo.yaml:4:12
  |
4 |   - { get: 'http://127.0.0.1:PORT/x' }
  |            ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: check that the service is running, and that host and port are right

"#]]
    );
    let said = run("steps:\n  - { get: /json/3, headers: { x-mock-fault: malformed }, expect: { json: <array> } }\n");
    assert_data_eq!(
        said.exits(1).diagnostics(),
        str![[r#"
error[expect.body]: the answer says it is application/json, but it is not valid JSON: EOF while parsing a value at line 1, column 118
 --> echo.yaml:4:75
  |
4 |   - { get: /json/3, headers: { x-mock-fault: malformed }, expect: { json: <array> } }
  |                                                                           ^^^^^^^ JSON is expected here

"#]]
    );
}

#[test]
fn paths_are_put_behind_the_base() {
    let scenario = "scenario: Joined
base_url: \"{{ mock.base }}/echo/anything/api\"
steps:
  - { get: /trips, expect: { json: { path: /echo/anything/api/trips } } }
  - { get: trips/1, expect: { json: { path: /echo/anything/api/trips/1 } } }
  - { get: /, expect: { json: { path: '<matches ^/echo/anything/api/?$>' } } }
  - { get: '?a=1', expect: { json: { path: '<matches ^/echo/anything/api/?$>', query: { a: '1' } } } }
  - { get: '{{ mock.base }}/echo/anything/else', expect: { json: { path: /echo/anything/else } } }
  - { get: '/{{ \"a b/c\" | urlencode }}', expect: { json: { path: <contains a%20b> } } }
";
    crate::bench::project().file("joined.yaml", scenario).run(&[]).exits(0);
}

#[test]
fn a_read_only_environment_refuses_what_writes() {
    let config = "callsheet: 1\nenvironments: { mock: { serve: builtin, read_only: true } }\n";
    for method in ["post", "put", "patch", "delete"] {
        let steps = format!("steps:\n  - get: /anything\n  - head: /anything\n  - {method}: /anything\n");
        let project = with(&steps).file("callsheet.yaml", config);
        let (outcome, report) = told(&project);
        assert_ne!(outcome.code, 0, "{method}");
        outcome.says("read-only").says("--allow-writes");
        assert_eq!(report.steps()[2]["attempts"], 0, "{method}");
        project.run(&["--allow-writes"]).exits(0);
    }
}

#[test]
fn credentials_that_cannot_be_had_are_looked_for_once_and_told_once() {
    let cases: Vec<_> = (0..30).map(|n| format!("{{ n: {n} }}")).collect();
    let scenario = format!(
        "scenario: S\ncases: [{}]\nauth: {{ provider: simacan, as: \"{{{{ case.n > 0 and 'clerk' or 'clerk' }}}}\" }}\n\
         steps: [{{ get: /trips }}]\nteardown: [{{ delete: /trips }}]\n",
        cases.join(", ")
    );
    let config = "callsheet: 1\nenvironments:\n  stg:\n    secrets:\n      simacan_clerk_username: { env: NOBODY }\n      \
                  simacan_clerk_password: { command: 'echo asked >> asked.txt; exit 1' }\n";
    let project = Project::new().file("callsheet.yaml", config).file("s.yaml", &scenario);
    let outcome = project.run(&["-j", "4", "--report", "json=r.json"]);
    outcome.exits(3);
    assert_eq!(project.read("asked.txt"), "asked\n");
    let said = outcome.plain();
    assert_eq!(said.matches("error[").count(), 2, "each of the two problems is told once: {said}");
    assert_eq!(said.matches(", as above").count(), 29, "{said}");
    assert!(said.contains("and 29 more for the same reason") && said.contains("30 could not authenticate"), "{said}");
    let report: serde_json::Value = serde_json::from_str(&project.read("r.json")).expect("a report is JSON");
    for ran in report["scenarios"].as_array().expect("scenarios") {
        assert_eq!(ran["steps"][0]["findings"].as_array().map(Vec::len), Some(2), "a file holds each in full: {ran:#}");
    }
}

/// It was put behind the base like a path, and called something that nobody meant.
#[test]
fn another_scheme_is_no_path() {
    let scenario = "scenario: Which scheme?\nbase_url: \"{{ env.echo }}\"\nsteps:\n  - get: ftp://example.com/file\n";
    let outcome = Project::with_vars(&[("echo", "http://127.0.0.1:9")]).file("scenario.yaml", scenario).run(&[]);
    outcome.exits(1).says("error[run.url]: `ftp://example.com/file` is not an http or https URL").says("0 requests");
}

#[test]
fn a_url_without_its_scheme_is_told_to_want_one() {
    for (url, meant) in [("example.com/x", "https://example.com/x"), ("htp:/example.com", "https://example.com")] {
        let project = Project::new().file("scenario.yaml", &format!("scenario: A\nsteps: [{{ get: '{url}' }}]\n"));
        let outcome = project.callsheet(&["run"]);
        outcome.exits(1).says(&format!("error[run.base-url]: `{url}` is not a complete URL"));
        outcome.says(&format!("help: write `{meant}`, or give the scenario a `base_url`"));
    }
    let path = Project::new().file("scenario.yaml", "scenario: A\nsteps: [{ get: /x.json }]\n");
    path.callsheet(&["run"]).exits(1).says("`/x.json` is a relative URL, and there is no base URL to put before it");
}

#[test]
fn a_port_that_wants_https_is_thought_of() {
    let silent = Recorder::start(|_| Vec::new());
    let text = format!("scenario: A\nsteps: [{{ get: '{}/x' }}]\n", silent.base());
    let outcome = Project::new().file("scenario.yaml", &text).callsheet(&["run"]);
    outcome
        .exits(4)
        .says("closed the connection before the answer was complete; a port that expects https may do that");
}

#[test]
fn a_proxy_that_does_not_answer_is_named_and_not_the_service() {
    let project =
        || Project::new().file("scenario.yaml", "scenario: A\nsteps: [{ get: 'http://service.invalid/x' }]\n");
    let proxied =
        project().variable("HTTP_PROXY", &format!("http://me:hush@{}", nobody().trim_start_matches("http://")));
    let outcome = proxied.callsheet(&["run"]);
    outcome.exits(4).says("error[http.proxy]: no connection to service.invalid:80 through the proxy 127.0.0.1:");
    outcome.says("(HTTP_PROXY): nothing listens on that port").says("NO_PROXY").lacks("hush");
    let secure =
        || Project::new().file("scenario.yaml", "scenario: A\nsteps: [{ get: 'https://service.invalid/x' }]\n");
    for (status, said) in [(403, "(HTTPS_PROXY): it refuses to\n"), (407, "(HTTPS_PROXY): it wants a user name")] {
        let refusing = Recorder::start(move |_| reply(status, &[], ""));
        secure().variable("HTTPS_PROXY", &refusing.base()).callsheet(&["run"]).exits(4).says(said);
    }
    let exempt = project().variable("HTTP_PROXY", &nobody()).variable("NO_PROXY", "service.invalid");
    exempt.callsheet(&["run"]).exits(4).says("error[http.dns]").lacks("proxy");
}
