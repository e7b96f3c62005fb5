//! The binary against servers nobody here wrote: oauth2-mock-server and oidc-provider for the flows, httpbin for everything else that goes
//! over HTTP. See `tests/outside/README.md`. They are installed once, which needs node with npm, python3 and, the first
//! time, a network.

#![allow(clippy::needless_raw_string_hashes, reason = "scenarios are written with hashes where one of them needs some")]

mod support;

use support::outside::{httpbin, oauth2, oidc};
use support::{Outcome, Project};

/// A project whose provider `own` has tokens of oauth2-mock-server, and httpbin as its API.
fn with(provider: &str, scenario: &str) -> Project {
    Project::with_vars(&[("oauth2", oauth2()), ("httpbin", httpbin())])
        .file("providers/own.yaml", provider)
        .file("scenario.yaml", scenario)
        .variable("OWN_CLIENT_ID", "a client")
        .variable("OWN_CLIENT_SECRET", "s3cret: with+signs&%")
        .variable("OWN_USERNAME", "anna")
        .variable("OWN_PASSWORD", "hüsh hush+hush")
}

/// Runs these steps against httpbin, without a provider.
fn steps(steps: &str) -> Outcome {
    Project::with_vars(&[("httpbin", httpbin())])
        .file("scenario.yaml", &format!("scenario: A call\nbase_url: \"{{{{ env.httpbin }}}}\"\nsteps:\n{steps}"))
        .run(&["-v"])
}

const ENVIRONMENTS: &str = "environments: { default: { base: \"{{ env.oauth2 }}\", api: \"{{ env.httpbin }}\" } }\n";

#[test]
fn client_credentials() {
    let provider = format!(
        "provider: own\nflow: client_credentials\n{ENVIRONMENTS}credentials: {{ client_id: {{}}, client_secret: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\" }}\n"
    );
    let project = with(
        &provider,
        r#"
scenario: Client credentials
auth:
  provider: own
  scope: [read, write]
  expect:
    token_type: Bearer
    expires_in: 3600
    refresh_token: <absent>
    scope: read write
    claims: { iss: <url>, scope: read write, exp: <in the future>, iat: <within 5m of now> }
steps:
  - get: /bearer
    expect: { json: { authenticated: true, token: "{{ auth.own.access_token }}" } }
"#,
    );
    project.run(&["-v"]).exits(0).says("{{auth.own.access_token}}");
}

#[test]
fn client_credentials_as_json() {
    let provider = format!(
        "provider: own\nflow: client_credentials\n{ENVIRONMENTS}credentials: {{ client_id: {{}}, client_secret: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\", encoding: json, client_auth: json }}\n"
    );
    with(&provider, "scenario: As JSON\nauth: own\nsteps:\n  - get: /bearer\n").run(&[]).exits(0);
}

const PASSWORD: &str = "provider: own\nflow: password\nlogin: { post: \"{{ base }}/token?expires_in=1\" }\nrefresh: { post: \"{{ base }}/token\" }\ncredentials: { username: {}, password: {} }\n";

#[test]
fn password_and_refresh() {
    let project = with(
        &format!("{PASSWORD}{ENVIRONMENTS}"),
        r#"
scenario: A short life
auth: { provider: own, expect: { refresh_token: <any>, id_token: <jwt>, expires_in: 1 } }
steps:
  - get: /bearer
    capture: { first: $.token }
  - pause: 1200ms
  - get: /bearer
    expect: { that: [json.token != first, json.token == auth.own.access_token] }
    capture: { second: $.token }
  - get: /bearer
    expect: { json: { token: "{{ second }}" } }
"#,
    );
    project.run(&[]).exits(0);
}

#[test]
fn authorization_code_with_a_challenge_and_without_a_page() {
    let provider = |pkce: &str| {
        format!(
            r#"
provider: own
flow: authorization_code
{ENVIRONMENTS}
credentials: {{ client_id: {{}}, client_secret: {{}}, username: {{}}, password: {{}} }}
authorize:
  url: "{{{{ base }}}}/authorize"
  redirect_uri: https://www.example.com/back?from=here
  scope: [read]
  pkce: {pkce}
  by: form
login: {{ post: "{{{{ base }}}}/token" }}
"#
        )
    };
    for pkce in ["S256", "none"] {
        let project = with(
            &provider(pkce),
            "scenario: A code\nauth: { provider: own, expect: { refresh_token: <any> } }\nsteps:\n  - get: /bearer\n    expect: { json: { authenticated: true } }\n",
        );
        project.run(&["-v"]).exits(0);
    }
}

#[test]
fn a_grant_that_the_server_does_not_know_is_refused_in_its_own_words() {
    let provider = format!(
        "provider: own\nflow: client_credentials\n{ENVIRONMENTS}credentials: {{ client_id: {{}}, client_secret: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\", fields: {{ grant_type: telepathy }} }}\n"
    );
    let project = with(&provider, "scenario: Refused\nauth: own\nsteps:\n  - get: /bearer\n");
    project.run(&[]).exits(3).says("own (test) refused the client_credentials login: 400 invalid_grant");
}

/// The keys are fetched with the first token; then there is one more, which half of the later tokens are signed with.
#[test]
fn signatures_are_checked_with_keys_that_change() {
    let provider = format!(
        "provider: own\nflow: password\n{ENVIRONMENTS}credentials: {{ username: {{}}, password: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\" }}\ndiscovery: \"{{{{ base }}}}/.well-known/openid-configuration\"\n"
    );
    // A server of its own: the others would meet its keys.
    let server = support::outside::start("node", "oauth2.mjs", &[]);
    let signed = "auth: { provider: own, fresh: true, expect: { signature: { of: [access_token, id_token] } } }\n";
    let rotate = "steps:\n  - post: \"{{ env.oauth2 }}/token?rotate=yes\"\n    auth: none\n    form: { grant_type: client_credentials }\n  - pause: 1s\n";
    let mut project = Project::with_vars(&[("oauth2", &server.base), ("httpbin", &server.base)])
        .file("providers/own.yaml", &provider)
        .file("1.yaml", &format!("scenario: The first key\n{signed}{rotate}"))
        .variable("OWN_USERNAME", "anna")
        .variable("OWN_PASSWORD", "hush hush");
    for number in 2..6 {
        project = project.file(&format!("{number}.yaml"), &format!("scenario: Later {number}\n{signed}steps: []\n"));
    }
    let outcome = project.run(&["--jobs", "1", "-v", "--report", "events=run.ndjson"]);
    outcome.exits(0).says("5 passed");
    // Both kinds of keys have signed, or nothing has changed.
    project.write("6.yaml", "scenario: By the new key alone\nauth: { provider: own, fresh: true, expect: { signature: { of: [access_token], alg: ES256 } } }\nsteps: []\n");
    project.write("7.yaml", "scenario: By the new key alone\nauth: { provider: own, fresh: true, expect: { signature: { of: [access_token], alg: ES256 } } }\nsteps: []\n");
    let either = project.run(&["--jobs", "1"]).all();
    assert!(either.contains("is signed with RS256, but ES256 was expected") && either.contains("6 passed"), "{either}");
}

#[test]
fn many_scenarios_share_one_token() {
    let rows: String = (0..100).map(|row| format!("{row}\n")).collect();
    let provider = format!(
        "provider: own\nflow: client_credentials\n{ENVIRONMENTS}credentials: {{ client_id: {{}}, client_secret: {{}} }}\nlogin: {{ post: \"{{{{ base }}}}/token\" }}\n"
    );
    let project = with(
        &provider,
        "scenario: One of many\ncases: { file: cases.csv }\nauth: own\nsteps:\n  - get: /bearer\n    query: { n: \"{{ case.n }}\" }\n",
    )
    .file("cases.csv", &format!("n\n{rows}"));
    let outcome = project.run(&["-v"]);
    outcome.exits(0).says("100 passed");
    assert_eq!(outcome.stdout.matches("fetched").count(), 1);
}

#[test]
fn bodies_of_every_kind_arrive_as_they_were_meant() {
    steps(
        r#"
  - post: /anything/json
    query: { tag: [a, "b c"], none: null, n: 3 }
    headers: { x-one: "1" }
    json: { text: "ünï \"quoted\"", n: 1.50, deep: [[], {}, null, true] }
    expect:
      json:
        method: POST
        args: { tag: [a, "b c"], n: "3" }
        headers: { X-One: "1", Content-Type: application/json }
        json: { text: "ünï \"quoted\"", n: 1.5, deep: [[], {}, null, true] }
      at: { $.args.none: <absent> }
  - put: /anything
    form: { a: "1 & 2", list: [x, y], empty: "" }
    expect:
      json:
        form: { a: "1 & 2", list: [x, y], empty: "" }
        headers: { Content-Type: application/x-www-form-urlencoded }
  - patch: /anything
    text: "ünï\n"
    expect: { json: { data: "ünï\n", headers: { Content-Type: <starts with text/plain> } } }
  - post: /post
    multipart:
      field: "ünï value"
      file: { text: "the content", filename: "a \"name\".txt", type: text/plain }
      json: { json: { a: 1 } }
    expect:
      json: { form: { field: "ünï value", json: '{"a":1}' }, files: { file: the content } }
  - delete: /anything
    expect: { json: { method: DELETE } }
  - request: OPTIONS /anything
    expect: { headers: { allow: <contains PATCH> } }
  - head: /anything
    expect: { text: "", headers: { content-type: application/json } }
"#,
    )
    .exits(0);
}

#[test]
fn redirects_are_followed_as_far_as_allowed() {
    steps(
        r#"
  - get: /redirect/3
    expect: { status: 200, json: { url: <ends with /get> } }
    capture: { _url: url }
  - get: /absolute-redirect/2
    expect: 200
  - get: /relative-redirect/1
    redirects: 0
    expect: { status: 302, headers: { location: /get } }
  - post: /redirect-to
    query: { url: /anything, status_code: 307 }
    json: { kept: true }
    expect: { json: { method: POST, json: { kept: true } } }
  - post: /redirect-to
    query: { url: /anything, status_code: 303 }
    json: { kept: false }
    expect: { json: { method: GET, data: "" } }
"#,
    )
    .exits(0);
    steps("  - get: /redirect/5\n    redirects: 2\n").exits(4).says("more than 2 redirects");
}

#[test]
fn compressed_answers_are_read() {
    steps(
        r#"
  - get: /gzip
    expect: { json: { gzipped: true } }
  - get: /deflate
    expect: { json: { deflated: true } }
  - get: /brotli
    expect: { json: { brotli: true } }
  - get: /encoding/utf8
    expect: { text: <contains STARGΛ̊TE> }
  - get: /stream/3
    expect: { status: 200, text: "<contains '\"id\": 2'>" }
  - get: /image/png
    expect: { headers: { content-type: image/png } }
  - get: /xml
    expect: { text: <matches (?s)<slideshow.*</slideshow>> }
"#,
    )
    .exits(0);
}

#[test]
fn basic_and_bearer() {
    let basic = format!("provider: own\nflow: basic\n{ENVIRONMENTS}");
    let scenario = "scenario: Basic\nauth: own\nsteps:\n  - get: /basic-auth/anna/hush-hush\n    expect: { json: { authenticated: true, user: anna } }\n  - get: /basic-auth/anna/other\n    expect: 401\n";
    with(&basic, scenario).variable("OWN_PASSWORD", "hush-hush").run(&[]).exits(0);
    with(&basic, scenario).variable("OWN_PASSWORD", "wrong").run(&[]).exits(1).says("401");
    let bearer = format!("provider: own\nflow: bearer\n{ENVIRONMENTS}");
    with(&bearer, "scenario: Bearer\nauth: own\nsteps:\n  - get: /bearer\n    expect: { json: { authenticated: true } }\n  - get: /bearer\n    auth: none\n    expect: 401\n")
        .variable("OWN_TOKEN", "given-token")
        .run(&[])
        .exits(0);
}

#[test]
fn cookies_are_kept_and_let_go() {
    steps(
        r#"
  - get: /cookies/set
    query: { session: abc, other: def }
    expect: { json: { cookies: { session: abc, other: def } } }
  - get: /cookies
    expect: { json: { cookies: { session: abc, other: def } } }
  - get: /cookies/set/session/xyz
    redirects: 0
    expect: { status: 302, cookies: { session: xyz } }
    capture: { sid: cookie session }
  - get: /cookies
    expect: { json: { cookies: { session: "{{ sid }}" } } }
  - get: /cookies/delete?session=
  - get: /cookies
    expect: { json_exactly: { cookies: { other: def } } }
"#,
    )
    .exits(0);
}

#[test]
fn slow_answers_run_out_of_time() {
    steps("  - get: /delay/1\n    timeout: 5s\n    expect: { status: 200 }\n").exits(0);
    steps("  - get: /delay/3\n    timeout: 300ms\n").exits(4).says("error[http.timeout]");
    steps("  - get: /delay/1\n    expect: { within: 200ms }\n").exits(1).says("error[expect.within]");
    steps("  - get: /drip\n    query: { duration: 5, numbytes: 5, delay: 0 }\n    timeout: 700ms\n")
        .exits(4)
        .says("error[http.timeout]");
}

#[test]
fn statuses_and_headers() {
    steps(
        r#"
  - get: /status/418
    expect: { status: 4xx, text: <contains teapot> }
  - get: /status/503
    retry: { times: 1, backoff: 1ms, on: [503] }
    expect: 503
  - get: /response-headers
    query: { x-list: [a, b], etag: '"1"' }
    expect: { headers: { x-list: b, ETag: '"1"' } }
  - get: /etag/abc
    headers: { if-none-match: abc }
    expect: 304
  - get: /user-agent
    expect: { json: { user-agent: <starts with callsheet/> } }
"#,
    )
    .exits(0);
    steps("  - get: /status/500\n").exits(1).says("the answer is 500");
}

#[test]
fn a_provider_that_checks_everything_gives_a_client_its_token() {
    let provider = "provider: own\nflow: client_credentials\nenvironments: { default: { base: \"{{ env.oidc }}\", api: \"{{ env.oidc }}\" } }\ncredentials: { client_id: {}, client_secret: {} }\nlogin: { post: \"{{ base }}/token\", scope: read }\n";
    let project = Project::with_vars(&[("oidc", oidc())])
        .file("providers/own.yaml", provider)
        .file(
            "scenario.yaml",
            "scenario: A machine\nauth: { provider: own, expect: { scope: read, refresh_token: <absent> } }\nsteps:\n  - get: /api\n    expect: { json: { client_id: machine, scope: read } }\n",
        )
        .variable("OWN_CLIENT_ID", "machine")
        .variable("OWN_CLIENT_SECRET", "a-secret-of-enough-letters-for-hs256-0123456789");
    project.run(&[]).exits(0);
    project.variable("OWN_CLIENT_SECRET", "another").run(&[]).exits(3).says("401 invalid_client");
}

#[test]
fn digest_in_every_algorithm_and_quality_that_httpbin_knows() {
    let provider = "provider: own\nflow: digest\nenvironments: { default: { api: \"{{ env.httpbin }}\" } }\n";
    // It fails with a query, and takes a path apart before it hashes it: nothing here is escaped.
    let mut steps = String::new();
    for algorithm in ["MD5", "SHA-256"] {
        for quality in ["auth", "auth-int"] {
            // Twice: the second time with the challenge that is known.
            let path = format!("/digest-auth/{quality}/anna/hush-hush/{algorithm}");
            let call = format!("  - get: \"{path}\"\n    expect: {{ json: {{ authenticated: true, user: anna }} }}\n");
            steps += &call.repeat(2);
        }
    }
    let scenario = format!("scenario: Digest\nauth: own\nsteps:\n{steps}");
    with(provider, &scenario).variable("OWN_PASSWORD", "hush-hush").run(&["-vv"]).exits(0).says("{{auth.own.digest}}");
    // A nonce that is stale the first time, and a password that is wrong.
    let stale = "  - get: /digest-auth/auth/anna/hush-hush/MD5/1\n    expect: { json: { authenticated: true } }\n";
    let wrong = "  - get: /digest-auth/auth/anna/another/MD5/never\n    expect: 401\n";
    let scenario = format!("scenario: Digest\nauth: own\nsteps:\n{stale}{wrong}");
    with(provider, &scenario).variable("OWN_PASSWORD", "hush-hush").run(&[]).exits(0);
}

#[test]
fn bodies_of_other_kinds_than_json() {
    steps(
        r##"
  - get: /xml
    expect:
      at:
        /slideshow/@title: Sample Slide Show
        //slide[1]/title: Wake up to WonderWidgets!
        //slide[2]/item: { $length: 3 }
        count(//slide): 2
        (//item)[last()]: Who buys WonderWidgets
        //em: [WonderWidgets, buys]
    capture:
      author: /slideshow/@author
  - get: /html
    expect:
      at: { h1: Herman Melville - Moby-Dick, p: <starts with Availing himself>, //h1: <contains Melville> }
      that: author == 'Yours Truly'
  - get: /image/png
    expect: { bytes: { magic: png, length: 8090 } }
  - get: /image/jpeg
    expect: { bytes: { magic: jpeg } }
  - get: /image/webp
    expect: { bytes: { magic: webp } }
  - get: /image/svg
    expect: { at: { //svg:svg/@width: <any> }, namespaces: { svg: "http://www.w3.org/2000/svg" } }
  - get: /encoding/utf8
    expect: { at: { h1: Unicode Demo }, text: <contains ∮ E⋅da = Q> }
  - get: /robots.txt
    expect: { text: "User-agent: *\nDisallow: /deny\n" }
  - get: /deny
    expect: { text: <contains YOU SHOULDN'T BE HERE> }
  - get: /stream/3
    expect: { ndjson: [{ id: 0 }, { id: 1 }, { id: <integer> }] }
"##,
    )
    .exits(0);
    let failed = steps(
        r##"
  - { get: /xml, expect: { at: { /slideshow/slid/title: Wake up, //slide/@kind: all } } }
"##,
    );
    failed.exits(1).says("did you mean `slide`?").says("`//slide` has no `@kind`; it has @type");
    steps("  - { get: /html, expect: { json: { a: 1 } } }\n").exits(1).says("the answer is text/html, not JSON");
    steps("  - { get: /image/png, expect: { at: { h1: x } } }\n").exits(1).says("the answer is image/png, not HTML");
}
