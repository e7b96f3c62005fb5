//! Logins of a service's own: requests with captures, against the embedded service and against servers of the test.

use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Stage, json, reply};

const PROVIDER: &str = r#"
provider: own
flow: custom
environments: { default: { base: "{{ env.api }}/session", api: "{{ env.api }}/session" } }
credentials: { username: {}, password: {} }
requests:
  - get: "{{ base }}/start"
    capture:
      csrf: header X-CSRF
      ticket: regex value="(ticket-\d+[\w-]*)"
      visit: cookie visit
  - post: "{{ base }}/open"
    query: { life: "600" }
    headers: { X-CSRF: "{{ csrf }}" }
    form: { user: "{{ username }}", password: "{{ password }}", ticket: "{{ ticket }}" }
    status: 200
    capture: { session: $.session.id, lives: $.session.lives, ok: $.ok }
token: { access_token: session, expires_in: lives }
send: { header: X-Session, value: "{{ session }}" }
"#;

fn own(project: Project, api: &str, provider: &str, steps: &str) -> Project {
    project
        .file(
            "callsheet.yaml",
            &format!("callsheet: 1\nproviders: [providers]\nenvironments:\n  test:\n    vars: {{ api: \"{api}\" }}\n"),
        )
        .file("providers/own.yaml", provider)
        .file("scenario.yaml", &format!("scenario: Who am I\nauth: own\nsteps:\n{steps}"))
        .variable("OWN_USERNAME", "anna")
        .variable("OWN_PASSWORD", "open sesame")
}

fn stage(steps: &str) -> Stage {
    let stage = Stage::recorded();
    let api = format!("{}/echo", stage.wire.base());
    stage.with(|project| own(project, &api, PROVIDER, steps))
}

const WHO: &str = "  - get: /who\n    expect: { json: { user: anna } }\n";

#[test]
fn a_login_in_two_requests_with_a_cookie_between_them() {
    let stage = stage(&WHO.repeat(2));
    let outcome = stage.run(&["-vv", "--report", "events=events.ndjson", "--report", "junit=junit.xml"]);
    outcome.exits(0).says("fetched").says("{{auth.own.session}}");
    assert_data_eq!(
        stage.wire.told(),
        str![[r#"
GET /echo/session/start

POST /echo/session/open?life=600
content-type: application/x-www-form-urlencoded
user=anna&password=open+sesame&ticket=ticket-1-of-the-page

GET /echo/session/who

GET /echo/session/who

"#]]
    );
    let reports = [outcome.all(), stage.project.read("events.ndjson"), stage.project.read("junit.xml")];
    for secret in ["session-1-that", "csrf-1-of", "ticket-1-of", "visit-1-cookie", "open sesame"] {
        assert!(reports.iter().all(|report| !report.contains(secret)), "{secret}\n{}", outcome.all());
    }
}

#[test]
fn what_has_ended_is_had_again() {
    let stage = stage(&format!("{WHO}  - post: /end\n    expect: 204\n{WHO}"));
    stage.run(&["-v"]).exits(0).says("logged in again after a 401, and replayed");
    let logins = stage.wire.seen().iter().filter(|seen| seen.path() == "/echo/session/open").count();
    assert_eq!(logins, 2, "{}", stage.wire.told());
}

#[test]
fn lifetimes_and_tokens_are_seen_by_scenarios() {
    let stage = stage("").scenario(
        "scenario: Seen\nauth: { provider: own, expect: { expires_in: 600 } }\nsteps:\n  - get: /who\n    headers: { X-Other: \"{{ auth.own.access_token }}\" }\n",
    );
    stage.run(&["-vv"]).exits(0).lacks("session-1-that");
    assert_eq!(stage.wire.seen()[2].header("x-other"), Some("session-1-that-is-open"));
}

#[test]
fn a_request_that_fails_says_which() {
    let stage = stage(WHO).with(|project| project.variable("OWN_PASSWORD", "hush hush hush"));
    let outcome = stage.run(&[]);
    outcome.exits(3).lacks("hush hush");
    assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[auth.refused]: own (test) refused request 2 of the login: 401 no_session "the name or the password is wrong"
  --> providers/own.yaml:12:11
   |
12 |   - post: "{{ base }}/open"
   |           ^^^^^^^^^^^^^^^^^ this request
   |
  ::: scenario.yaml:2:7
   |
 2 | auth: own
   |       ---
   |
   = note: POST http://127.0.0.1:PORT/echo/session/open
   = help: OWN_USERNAME and OWN_PASSWORD came from environment variables

"#]]
    );
    // What was refused is refused for the whole run.
    assert_eq!(stage.wire.seen().len(), 2);
}

/// A service whose login page answers with this, and a login of that one request.
fn answering(answer: &'static str, request: &str) -> (Project, Recorder) {
    let api = Recorder::start(move |seen| match seen.path() {
        "/login" => answer.as_bytes().to_vec(),
        _ => json(200, "{}"),
    });
    let provider = format!(
        "provider: own\nflow: custom\nenvironments: {{ default: {{ base: \"{{{{ env.api }}}}\", api: \"{{{{ env.api }}}}\" }} }}\ncredentials: {{ username: {{}}, password: {{}} }}\nrequests:\n  - post: \"{{{{ base }}}}/login\"\n    json: {{ user: \"{{{{ username }}}}\", password: \"{{{{ password }}}}\" }}\n{request}"
    );
    (own(Project::new(), &api.base(), &provider, "  - get: /x\n"), api)
}

const FOUND: &str = "HTTP/1.1 302 Found\r\nlocation: /home\r\nset-cookie: SID=the-cookie-of-the-session; Path=/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn a_session_of_nothing_but_a_cookie() {
    let request = "    status: 302\n    capture: { sid: cookie SID }\nsend: { cookie: SID, value: \"{{ sid }}\" }\n";
    let (project, api) = answering(FOUND, request);
    let outcome = project.run(&["-vv"]);
    outcome.exits(0).lacks("the-cookie-of-the-session");
    assert_eq!(api.seen()[1].header("cookie"), Some("SID=the-cookie-of-the-session"));
}

#[test]
fn a_redirect_is_not_followed_unless_it_is_said() {
    let rest = "    capture: { sid: cookie SID }\nsend: { cookie: SID, value: \"{{ sid }}\" }\n";
    let (project, api) = answering(FOUND, rest);
    assert_data_eq!(
        project.run(&[]).exits(3).diagnostics(),
        str![[r#"
error[auth.answer]: own (test) answered request 1 of the login with 302 to http://127.0.0.1:PORT/home, but 2xx is expected
 --> providers/own.yaml:6:11
  |
6 |   - post: "{{ base }}/login"
  |           ^^^^^^^^^^^^^^^^^^ this request
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: POST http://127.0.0.1:PORT/login
  = help: to follow the redirect, write `redirects: 5`; to expect it, `status: 302`

"#]]
    );
    assert_eq!(api.seen().len(), 1);
    let (project, api) = answering(FOUND, &format!("    redirects: 5\n{rest}"));
    project.run(&[]).exits(0);
    assert_eq!(api.seen()[2].header("cookie"), Some("SID=the-cookie-of-the-session"));
}

#[test]
fn what_is_not_there_cannot_be_captured() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 38\r\nconnection: close\r\n\r\n{\"tokens\":\"a-secret-that-is-not-said\"}";
    let rest = "    capture: { token: $.token, other: $.tokens }\ntoken: { access_token: token }\n";
    let (project, _api) = answering(answer, rest);
    let outcome = project.run(&[]);
    outcome.exits(3).lacks("a-secret-that");
    assert_data_eq!(
        outcome.diagnostics(),
        str![[r#"
error[capture.nothing]: `token` cannot be captured: `$` has no member `token`
 --> providers/own.yaml:8:23
  |
8 |     capture: { token: $.token, other: $.tokens }
  |                       ^^^^^^^
  |
 ::: scenario.yaml:2:7
  |
2 | auth: own
  |       ---
  |
  = note: request 1 of the login: POST http://127.0.0.1:PORT/login
  = help: did you mean `tokens`?

"#]]
    );
}

#[test]
fn a_service_that_is_tired_is_told_as_such() {
    let answer = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\ncontent-type: application/json\r\ncontent-length: 18\r\nconnection: close\r\n\r\n{\"error\":\"asleep\"}";
    let (project, _api) = answering(answer, "    capture: { token: $.t }\ntoken: { access_token: token }\n");
    project
        .run(&[])
        .exits(3)
        .says("own (test) could not answer request 1 of the login: 503 asleep")
        .says("it asks to wait, `Retry-After`: 7");
}

#[test]
fn numbers_that_are_short_are_no_secrets_and_long_ones_are() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 44\r\nconnection: close\r\n\r\n{\"pin\":1234,\"otp\":987654,\"on\":true,\"t\":\"tt\"}";
    let rest = "    capture: { pin: $.pin, otp: $.otp, on: $.on }\nsend: { header: X-Sent, value: \"{{ pin }}-{{ otp }}-{{ on }}\" }\n";
    let (project, api) = answering(answer, rest);
    project.write("scenario.yaml", "scenario: Who am I\nauth: own\nsteps:\n  - get: /x/1234/987654/true\n");
    project.run(&["-vv"]).exits(0).says("/x/1234/{{auth.own.otp}}/true").lacks("987654");
    assert_eq!(api.seen()[1].header("x-sent"), Some("1234-987654-true"));
}

#[test]
fn what_is_written_wrongly_is_told_before_any_call() {
    let provider = r#"
provider: own
flow: custom
environments: { default: { base: https://own.test, api: https://own.test } }
credentials: { username: {} }
login: { post: "{{ base }}/token" }
requests:
  - get: "{{ base }}/{{ later }}"
    post: "{{ base }}"
  - put: "{{ base }}/{{ username }}"
    form: { a: b }
    text: c
    capture: { base: $.a, username: $.b, later: tokn }
  - delete: "{{ base }}/{{ later }}"
    capture: { session: $.id }
    retry: 3
token: { access_token: sesion, expires_in: $.lives }
"#;
    let project = own(Project::new(), "https://own.test", provider, "  - get: /x\n");
    let unread = project.callsheet(&["check"]).exits(2).diagnostics();
    project.write("providers/own.yaml", &provider.replace("tokn", "status").replace("    retry: 3\n", ""));
    let unfit = project.callsheet(&["check"]).exits(2).diagnostics();
    assert_data_eq!(
        unread + &unfit,
        str![[r#"
error[capture.origin]: `tokn` does not say where the value comes from
  --> providers/own.yaml:13:49
   |
13 |     capture: { base: $.a, username: $.b, later: tokn }
   |                                                 ^^^^
   |
   = help: write a JSONPath (`$.id`), `header NAME`, `cookie NAME`, `status`, `duration`, `text`, `url`, `regex "…"`, an XPath (`//item/@id`), `css SELECTOR`, or a template (`"{{ json.items | length }}"`)
error[format.unknown-key]: a request of a login has no key `retry`
  --> providers/own.yaml:16:5
   |
16 |     retry: 3
   |     ^^^^^ unknown key
   |
   = help: the keys of a request of a login are `get`, `post`, `put`, `patch`, `delete`, `head`, `headers`, `query`, `form`, `json`, `text`, `status`, `capture`, `redirects` and `timeout`
error[provider.flow]: `login` does not belong to the flow `custom`
 --> providers/own.yaml:6:1
  |
3 | flow: custom
  |       ------ the flow
...
6 | login: { post: "{{ base }}/token" }
  | ^^^^^
  |
  = help: remove it, or choose another flow
error[format.request]: a request needs exactly one of `get`, `post`, `put`, `patch`, `delete` and `head`
 --> providers/own.yaml:8:5
  |
8 |   - get: "{{ base }}/{{ later }}"
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: for example `post: /login`
error[template.undefined]: the variable `later` is not defined
 --> providers/own.yaml:8:25
  |
8 |   - get: "{{ base }}/{{ later }}"
  |                         ^^^^^
  |
  = help: defined here: username, base, api, env
error[format.request]: a request can have only one of `form`, `json` and `text`
  --> providers/own.yaml:10:5
   |
10 |   - put: "{{ base }}/{{ username }}"
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: keep one of them
error[provider.name]: the name `base` is taken here, so a request cannot capture it
  --> providers/own.yaml:13:16
   |
13 |     capture: { base: $.a, username: $.b, later: status }
   |                ^^^^
   |
   = help: choose another name
error[provider.name]: the name `username` is taken here, so a request cannot capture it
  --> providers/own.yaml:13:27
   |
13 |     capture: { base: $.a, username: $.b, later: status }
   |                           ^^^^^^^^
   |
   = help: choose another name
error[provider.token]: no request captures `sesion`
  --> providers/own.yaml:16:24
   |
16 | token: { access_token: sesion, expires_in: $.lives }
   |                        ^^^^^^
   |
   = help: did you mean `session`?
error[provider.token]: in the flow `custom`, `expires_in` is the name of a variable, not a path
  --> providers/own.yaml:16:44
   |
16 | token: { access_token: sesion, expires_in: $.lives }
   |                                            ^^^^^^^
   |
   = help: capture the value in a request, and write the name of the capture here

"#]]
    );
}

#[test]
fn a_path_of_a_token_is_told_to_begin_like_one() {
    let other = "provider: own\nflow: password\nenvironments: { default: { base: https://own.test } }\nlogin: { post: \"{{ base }}\" }\ntoken: { access_token: token }\n";
    let project = own(Project::new(), "https://own.test", other, "  - get: /x\n");
    project.callsheet(&["check"]).exits(2).says("write `$.token`");
}

/// The second run has made no login, and knows what the first one captured all the same.
#[test]
fn what_a_login_captured_is_masked_in_runs_that_find_its_session() {
    let api = Recorder::start(|seen| match seen.path() {
        "/login" => reply(
            200,
            &[
                ("content-type", "application/json"),
                ("set-cookie", "device=the-cookie-of-the-device; Path=/"),
                ("set-cookie", "other=the-cookie-that-nobody-captured; Path=/"),
                ("set-cookie", "visits=12; Path=/"),
            ],
            r#"{"session":{"id":"s-the-session-itself","keys":["k-the-first-key","k-the-second-key"]},"csrf":"x-the-csrf-token","lives":600}"#,
        ),
        _ => json(
            200,
            r#"{"seen":["s-the-session-itself","k-the-second-key","x-the-csrf-token","the-cookie-of-the-device","the-cookie-that-nobody-captured","12"],"lives":600}"#,
        ),
    });
    let provider = r#"
provider: own
flow: custom
environments: { default: { base: "{{ env.api }}", api: "{{ env.api }}" } }
credentials: { username: {}, password: {} }
requests:
  - post: "{{ base }}/login"
    json: { user: "{{ username }}", password: "{{ password }}" }
    capture: { session: $.session.id, keys: $.session.keys, csrf: $.csrf, device: cookie device, lives: $.lives }
token: { access_token: session, expires_in: lives }
send: { header: X-Session, value: "{{ session }}" }
"#;
    let step = "  - get: /x\n    expect: { json: { seen: [nobody], lives: 600 } }\n";
    let project = own(Project::new(), &api.base(), provider, step);
    let reports = ["--report", "junit=r.xml", "--report", "events=r.ndjson", "--report", "json=r.json"];
    for origin in ["fetched", "from the token store"] {
        let outcome = project.run(&[&["-vv", "--token-store", "kept"][..], &reports].concat());
        outcome.exits(1).says(origin).says("{{auth.own.csrf}}").says("600").says("\"12\"");
        let all = [outcome.all(), project.read("r.xml"), project.read("r.ndjson"), project.read("r.json")].concat();
        for secret in ["the-session-itself", "the-second-key", "the-csrf-token", "the-cookie-of", "the-cookie-that"] {
            assert!(!all.contains(secret), "{origin}: {secret}\n{}", outcome.all());
        }
    }
    assert_eq!(api.seen().iter().filter(|seen| seen.path() == "/login").count(), 1, "one login served both");
}
