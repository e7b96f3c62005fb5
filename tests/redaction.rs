//! No secret in any output. Secrets are planted wherever a request, an answer, a file or a message can hold a text, in
//! every encoding it can have there; then everything that the runner writes is searched, also for pieces of them.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod support;

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use support::{Outcome, Project, Recorder, Seen, json, nobody, reply};

/// A secret of the project, with every character that an encoding changes.
const KEY: &str = r#"k3y/Zq8+"W5x'\é&=?%#<~> vT7mR2pLs9dKfG4hJ1"#;
/// One that needs no encoding.
const PLAIN_KEY: &str = "pLa1nK3yXw7QzR5tUv9Bn2MdFg6Hj4Ks";
/// One that is all digits.
const PIN: &str = "90210443817265";
/// A private key over several lines.
const PEM: &str =
    "-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASC\nATowggE2AgEAAkEAq7BFUpkGp3zLQYhs\n-----END KEY-----";
const PASSWORD: &str = "p&ss w0rd=100%+Ünïcode/Yh6Tg5Rf4Ed3";
const ACCESS: &str = "acc3ssT0kenFirstQwErTyUiOpAsDfGhJkLzXcVbNm0192837465";
const RENEWED: &str = "acc3ssT0kenSecondMnBvCxZlKjHgFdSaPoIuYtReWq5647382910";
const REFRESH: &str = "r3freshT0kenFirst/9f8e7d6c5b4a+3210-zyxwvutsrqponmlk==";
const REFRESHED: &str = "r3freshT0kenSecond/0a1b2c3d4e5f+6789-abcdefghijklmno==";
/// Long, as real ones are: nearly everything that shows it has to cut it.
const ID: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI1ZjFjNmUwYS03ZDBiLTRjNTEtOWE1NS0wZDZmMmY2ZjAwMDEiLCJub3RlIjoiSWYgeW91IGNhbiByZWFkIHRoaXMgaW4gYSByZXBvcnQsIHRoZSByZWRhY3Rpb24gaGFzIGEgaG9sZSJ9.c2lnbmF0dXJlLW9mLXRoZS1pZC10b2tlbi13aGljaC1pcy1sb25nLWVub3VnaC10by1iZS1jdXQ";
/// Known to nobody as a secret: where it is not found, nothing was searched.
const MARKER: &str = "unm4skedM4rkerThatAnybodyMaySee42";

/// What a file of the project can name, and what it is.
const SECRETS: [(&str, &str); 10] = [
    ("secrets.key", KEY),
    ("secrets.plain", PLAIN_KEY),
    ("secrets.pin", PIN),
    ("secrets.pem", PEM),
    ("credentials.own.password", PASSWORD),
    ("auth.own.access_token", ACCESS),
    ("auth.own.access_token", RENEWED),
    ("auth.own.refresh_token", REFRESH),
    ("auth.own.refresh_token", REFRESHED),
    ("auth.own.id_token", ID),
];

/// The secret in every form it is likely to be met in.
fn encodings(secret: &str) -> Vec<(&'static str, String)> {
    let in_json = |text: &str| {
        let quoted = serde_json::to_string(text).expect("a text is JSON");
        quoted[1..quoted.len() - 1].to_owned()
    };
    let in_units = |text: &str| text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<String>();
    let percent = |text: &str, upper: bool| {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                _ if upper => format!("%{byte:02X}"),
                _ => format!("%{byte:02x}"),
            })
            .collect::<String>()
    };
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let mut all = vec![
        ("raw", secret.to_owned()),
        ("percent", percent(secret, true)),
        ("percent, lower case", percent(secret, false)),
        ("percent, twice over a base64", percent(&STANDARD.encode(secret), true)),
        ("form", form(secret)),
        ("JSON", in_json(secret)),
        ("JSON in JSON", in_json(&in_json(secret))),
        ("JSON, every letter escaped", in_units(secret)),
        ("slashes escaped", in_json(secret).replace('/', "\\/")),
        ("Basic", STANDARD.encode(format!("{secret}:"))),
        ("Basic, as the password", STANDARD.encode(format!("somebody:{secret}"))),
    ];
    for before in ["", "x", "xy"] {
        all.push(("base64", STANDARD.encode(format!("{before}{secret}xyz"))));
        all.push(("base64url", URL_SAFE_NO_PAD.encode(format!("{before}{secret}xyz"))));
    }
    all
}

/// Pieces of this length give a secret away.
const PIECE: usize = 12;

/// Every piece of every secret in every encoding, and what it is a piece of.
fn pieces() -> &'static HashMap<Vec<u8>, String> {
    static PIECES: OnceLock<HashMap<Vec<u8>, String>> = OnceLock::new();
    PIECES.get_or_init(|| {
        let mut pieces = HashMap::new();
        for (name, secret) in SECRETS {
            for (encoding, text) in encodings(secret) {
                // The ends of an encoded text are not the secret's own.
                let ends = match encoding {
                    "base64" | "base64url" => (3, 6),
                    "Basic" => (0, 3),
                    "Basic, as the password" => (12, 3),
                    _ => (0, 0),
                };
                for piece in text.as_bytes()[ends.0..text.len() - ends.1].windows(PIECE) {
                    let shown = String::from_utf8_lossy(piece);
                    // The first and last line of the file are not secret.
                    if !shown.contains("---") && !shown.contains(" KEY") {
                        pieces.insert(piece.to_vec(), format!("{name}, {encoding}: {shown:?}"));
                    }
                }
            }
        }
        pieces
    })
}

/// What must not be found.
fn leaks(output: &str) -> BTreeSet<&'static str> {
    output.as_bytes().windows(PIECE).filter_map(|window| pieces().get(window)).map(String::as_str).collect()
}

/// Answers with all that it was sent, and with every secret in every encoding.
fn serve(seen: &Seen) -> Vec<u8> {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    match seen.path() {
        "/login" => {
            let again = seen.text().contains("grant_type=refresh_token");
            let (access, refresh) = if again { (RENEWED, REFRESHED) } else { (ACCESS, REFRESH) };
            json(
                200,
                &format!(
                    r#"{{"access_token":"{access}","refresh_token":"{refresh}","id_token":"{ID}","token_type":"Bearer","expires_in":3600}}"#
                ),
            )
        }
        "/refused" => json(
            400,
            &format!(
                r#"{{"error":"invalid_grant","error_description":{}}}"#,
                quoted(&format!("no {PASSWORD} {MARKER}"))
            ),
        ),
        "/rejects" if seen.header("authorization").is_some_and(|value| value.contains(ACCESS)) => reply(401, &[], ""),
        "/planted" => {
            let mut members = vec![format!("\"marker\":\"{MARKER}\"")];
            let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            for (at, (name, secret)) in SECRETS.into_iter().enumerate() {
                for (number, (encoding, text)) in encodings(secret).into_iter().enumerate() {
                    // What is JSON already stands in the body as it is.
                    let value = if encoding.starts_with("JSON") || encoding == "slashes escaped" {
                        format!("\"{text}\"")
                    } else {
                        quoted(&text)
                    };
                    members.push(format!("\"{name} {at} {encoding} {number}\":{value}"));
                    // A head of an answer holds a hundred fields at most.
                    if text.is_ascii() && !text.contains('\n') && [0, 3, 9, 12].contains(&number) {
                        headers.push((format!("x-planted-{at}-{number}"), text.clone()));
                        if number == 3 {
                            headers.push(("set-cookie".to_owned(), format!("c{at}={text}; Path=/")));
                        }
                    }
                }
                members.push(format!("{}:\"as a name {at}\"", quoted(secret)));
            }
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            reply(if seen.target.contains("fail") { 500 } else { 200 }, &headers, &format!("{{{}}}", members.join(",")))
        }
        _ => {
            let headers: Vec<String> =
                seen.headers.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).collect();
            let parsed = serde_json::from_slice::<serde_json::Value>(&seen.body).map(|body| body.to_string());
            json(
                200,
                &format!(
                    r#"{{"marker":"{MARKER}","target":{},"headers":{{{}}},"text":{},"json":{}}}"#,
                    quoted(&seen.target),
                    headers.join(","),
                    quoted(&seen.text()),
                    parsed.unwrap_or_else(|_| "null".to_owned()),
                ),
            )
        }
    }
}

const PROVIDER: &str = r#"
provider: own
flow: password
environments: { default: { base: "{{ env.at }}", api: "{{ env.at }}" } }
credentials: { username: {}, password: { secret: true } }
login: { post: "{{ base }}/login" }
"#;

/// A project that knows all secrets, and a server that answers with them.
fn stage() -> (Project, Recorder) {
    let server = Recorder::start(serve);
    let config = format!(
        r#"
callsheet: 1
providers: [providers]
environments:
  test:
    vars: {{ at: "{}", nobody: "{}", marker: {MARKER} }}
    secrets:
      key: {{ env: THE_KEY }}
      plain: {{ file: plain.txt }}
      pin: {{ dotenv: THE_PIN }}
      pem: {{ command: cat key.pem }}
"#,
        server.base(),
        nobody()
    );
    let project = Project::new()
        .file("callsheet.yaml", &config)
        .file("providers/own.yaml", PROVIDER)
        // What a run does not know it cannot mask: this comes first, names every secret and acquires every token.
        .file(
            "0.yaml",
            r#"
scenario: All secrets are named
auth: own
vars: { all: "{{ secrets.key }}{{ secrets.plain }}{{ secrets.pin }}{{ secrets.pem }}" }
steps:
  - get: /rejects
    headers: { x-all: "{{ all | length }}" }
"#,
        )
        .file("plain.txt", &format!("{PLAIN_KEY}\n"))
        .file("key.pem", &format!("{PEM}\n"))
        .file(".env", &format!("THE_PIN={PIN}\n"))
        .variable("THE_KEY", KEY)
        .variable("OWN_USERNAME", "anna")
        .variable("OWN_PASSWORD", PASSWORD);
    (project, server)
}

/// Runs a project in every way that writes something, and looks at all that was written.
#[track_caller]
fn search(project: &Project, code: i32, masks: &[&str]) {
    for verbosity in [&[][..], &["-v"], &["-vv"], &["-q"]] {
        let reports = ["--report", "junit=junit.xml", "--report", "json=run.json", "--report", "events=run.ndjson"];
        let outcome = project.run(&[verbosity, &["--jobs", "1"], &reports].concat());
        outcome.exits(code);
        let written = [
            ("the terminal", outcome.all()),
            ("JUnit", project.read("junit.xml")),
            ("JSON", project.read("run.json")),
            ("the events", project.read("run.ndjson")),
        ];
        for (name, text) in &written {
            let leaks = leaks(text);
            assert!(leaks.is_empty(), "{verbosity:?}: {name} leaks {leaks:#?}\n{text}");
            // XML has its own escapes; under them a secret is as readable.
            let unescaped =
                text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            let leaks = self::leaks(&unescaped);
            assert!(leaks.is_empty(), "{verbosity:?}: {name}, unescaped, leaks {leaks:#?}\n{text}");
        }
        if verbosity == ["-vv"] {
            let all: String = written.iter().map(|(_, text)| text.as_str()).collect();
            for mask in masks {
                assert!(all.contains(mask), "nothing is masked as {mask}:\n{all}");
            }
            assert!(all.contains(MARKER), "what is no secret is shown:\n{all}");
        }
    }
}

#[test]
fn the_search_finds_what_is_there() {
    for (_, secret) in SECRETS {
        for (encoding, text) in encodings(secret) {
            assert!(!leaks(&format!("… {text} …")).is_empty(), "{encoding} of {secret}");
        }
    }
    assert_eq!(leaks(MARKER), BTreeSet::new());
}

const EVERY_PLACE: &str = r#"
scenario: Secrets in all places of requests
auth: { provider: own, expect: { refresh_token: <any>, id_token: <not empty>, token_type: Bearer } }
vars: { all: "{{ secrets.key }} {{ secrets.plain }} {{ secrets.pin }} {{ env.marker }}" }
steps:
  - name: A renewal, so that there are two of each token
    get: /rejects
  - name: "In the path {{ secrets.plain }}"
    get: "/echo/{{ secrets.plain }}/{{ secrets.key | urlencode }}"
  - name: "In the query {{ secrets.key }} {{ auth.own.access_token }}"
    get: /echo
    query: { key: "{{ secrets.key }}", list: ["{{ secrets.plain }}", "{{ auth.own.access_token }}"] }
  - name: In headers
    get: /echo
    headers: { x-plain: "{{ secrets.plain }}", x-b64: "{{ secrets.key | b64encode }}", x-basic: "Basic {{ (env.marker ~ ':' ~ secrets.key) | b64encode }}", cookie: "sid={{ secrets.plain }}" }
  - name: In a form
    post: /echo
    form: { key: "{{ secrets.key }}", token: "{{ auth.own.access_token }}", all: "{{ all }}" }
  - name: In JSON
    post: /echo
    json: { key: "{{ secrets.key }}", nested: { json: "{{ {'k': secrets.key} | tojson }}", pin: "{{ secrets.pin }}", pem: "{{ secrets.pem }}" }, b64: "{{ secrets.key | b64encode }}", url: "{{ secrets.key | b64url }}", shifted: "{{ ('x' ~ secrets.key) | b64encode }}" }
    capture: { captured: $.json.key, line: "{{ json.json.nested.pem }}" }
  - name: "In a captured value {{ captured }} {{ line }}"
    post: /echo
    text: "{{ captured }}\n{{ line }}\n{{ env.marker }}"
  - name: In a form with files
    post: /echo
    multipart: { key: "{{ secrets.key }}", file: { text: "{{ secrets.pem }}", filename: "{{ secrets.plain }}.txt" }, json: { json: { key: "{{ secrets.key }}" } } }
  - name: In an answer
    get: /planted
  - name: "For {{ item }}"
    for_each: ["{{ secrets.plain }}", "{{ secrets.key }}"]
    get: /echo
    query: { item: "{{ item }}" }
  - name: In an answer, again
    get: /planted
    headers: { x-token: "{{ auth.own.access_token }}" }
"#;

#[test]
fn requests_and_answers() {
    let (project, _server) = stage();
    let project = project.file("scenario.yaml", EVERY_PLACE);
    let masks: Vec<String> = SECRETS.iter().map(|(name, _)| format!("{{{{{name}}}}}")).collect();
    search(&project, 0, &masks.iter().map(String::as_str).collect::<Vec<_>>());
}

/// One scenario a way to fail; each shows the secret it is about.
const FAILURES: [(&str, &str); 17] = [
    (
        "a value that differs",
        "get: /echo?x={{ secrets.plain }}\n    expect: { json: { target: other, marker: \"{{ secrets.key }}\" } }",
    ),
    ("an answer full of secrets", "get: /planted\n    expect: { json_exactly: { marker: no } }"),
    (
        "a secret in a matcher",
        "get: /echo\n    expect: { json: { marker: \"<starts with {{ secrets.key }}>\", text: \"<matches {{ secrets.plain }}>\" } }",
    ),
    (
        "a token in an answer",
        "get: /echo\n    expect: { at: { $.headers.authorization: \"<length 3>\", \"$.headers['x-none']\": \"{{ auth.own.access_token }}\" } }",
    ),
    (
        "an expression",
        "get: /planted\n    expect: { that: [\"json.marker == secrets.key\", \"headers['x-planted-1-0'] == env.marker\", \"text == secrets.pem\"] }",
    ),
    ("the text", "get: /planted\n    expect: { text: \"{{ secrets.pem }}\" }"),
    (
        "a header",
        "get: /planted\n    expect: { headers: { x-planted-1-0: no, x-planted-5-0: \"{{ secrets.plain }}\", x-planted-9-0: <empty> } }",
    ),
    ("a cookie", "get: /planted\n    expect: { cookies: { c1: no, c5: <empty>, c9: \"{{ secrets.key }}\" } }"),
    ("a status", "get: /planted?fail={{ secrets.plain }}"),
    ("a capture", "get: /planted\n    capture: { nothing: \"regex {{ 'x' }}\" }"),
    ("a capture by expression", "get: /planted\n    capture: { nothing: \"{{ json[secrets.key].deeper.still }}\" }"),
    ("nobody there", "get: \"{{ env.nobody }}/{{ secrets.plain }}?key={{ secrets.key | urlencode }}\"\n    auth: none"),
    ("no such host", "get: \"http://nobody.invalid/{{ secrets.plain }}\"\n    auth: none"),
    ("no URL", "get: \"http://[{{ secrets.key }}\"\n    auth: none"),
    ("a header that is none", "get: /echo\n    headers: { x-key: \"{{ secrets.pem }}\" }"),
    ("a file that is not there", "post: /echo\n    file: \"{{ secrets.plain }}.txt\""),
    ("a filter that fails", "get: \"/echo/{{ secrets.key | fromjson }}\""),
];

const IDS: [&str; 13] = [
    "expect.json",
    "expect.at",
    "expect.that",
    "expect.text",
    "expect.header",
    "expect.cookie",
    "expect.status",
    "capture.nothing",
    "http.connect",
    "run.url",
    "http.request",
    "run.file",
    "template.failed",
];

#[test]
fn failures() {
    let (mut project, _server) = stage();
    for (at, (title, step)) in FAILURES.into_iter().enumerate() {
        // The marker is in every one, so that what is searched is known to be there.
        let scenario = format!(
            "scenario: {title}\ntags: [{MARKER}]\nauth: own\nsteps:\n  - name: \"{title} {{{{ secrets.plain }}}} {{{{ secrets.key }}}}\"\n    {step}\n"
        );
        let scenario = if title == "a capture" { scenario.replace("{{ 'x' }}", "(no such thing)") } else { scenario };
        project = project.file(&format!("{at:02}.yaml"), &scenario);
    }
    search(&project, 1, &["{{secrets.key}}", "{{secrets.plain}}", "{{auth.own.access_token}}"]);
    // Each has failed in the way it was meant to.
    let events = project.read("run.ndjson");
    for id in IDS {
        assert!(events.contains(&format!("\"{id}\"")), "nothing fails with {id}");
    }
}

#[test]
fn polls_retries_and_fragments() {
    let (project, _server) = stage();
    let project = project
        .file(
            "poll.yaml",
            "scenario: A poll in vain\nauth: own\nsteps:\n  - get: /planted\n    poll: { every: 10ms, for: 60ms }\n    expect: { json: { marker: \"{{ secrets.key }}\" } }\n",
        )
        .file(
            "retry.yaml",
            "scenario: A retry in vain\nauth: own\nsteps:\n  - get: /planted?fail={{ secrets.plain }}\n    retry: { times: 1, backoff: 1ms, on: [500] }\n",
        )
        .file("inner.yaml", "fragment: An inner one\nparams: { n: { type: integer } }\nsteps:\n  - get: \"/echo/{{ n }}\"\n")
        .file(
            "fragment.yaml",
            "scenario: A parameter of the wrong type\nauth: own\nsteps:\n  - use: inner.yaml\n    with: { n: \"{{ secrets.key }}\" }\n",
        )
        .file(
            "list.yaml",
            "scenario: A list that is none\nauth: own\nsteps:\n  - for_each: \"{{ secrets.key }}\"\n    get: /echo\n  - get: /echo\n    query: { a: \"{{ secrets.plain }}\" }\n    when: \"{{ secrets.key }}\"\n",
        )
        .file(
            "cases.yaml",
            "scenario: Cases with secrets\nauth: own\ncases: [{ key: \"{{ secrets.plain }}\", literal: pLa1nK3yXw7QzR5tUv9Bn2MdFg6Hj4Ks }]\nsteps:\n  - get: \"/planted?fail={{ case.key }}{{ case.literal }}\"\n",
        );
    search(&project, 1, &["{{secrets.key}}", "{{secrets.plain}}"]);
}

#[test]
fn secrets_that_stand_in_the_files_themselves() {
    let (project, _server) = stage();
    // Somebody has pasted them. The lines are shown with a caret, and in titles, tags and names.
    let literal = PLAIN_KEY;
    let project = project.file(
        "scenario.yaml",
        &format!(
            "scenario: A title with {literal}\ntags: [{literal}]\nauth: own\nsteps:\n  - name: A step with {literal}\n    id: step\n    get: /echo/{literal}\n    headers: {{ x-key: \"{{{{ secrets.plain }}}}\", x-marker: {MARKER}, x-pin: \"{{{{ secrets.pin }}}}\" }}\n    expect: {{ json: {{ marker: {literal}, {literal}: 1 }}, text: \"<contains {literal} and {PIN}>\" }}\n"
        ),
    );
    search(&project, 1, &["{{secrets.plain}}"]);
}

#[test]
fn refusals_and_what_providers_say() {
    let (project, _server) = stage();
    let project = project
        .file("providers/own.yaml", &PROVIDER.replace("/login", "/refused"))
        .file("scenario.yaml", &format!("scenario: A refusal\ntags: [{MARKER}]\nauth: own\nsteps:\n  - get: /echo\n"));
    search(&project, 3, &["{{credentials.own.password}}"]);
}

#[test]
fn a_token_endpoint_that_says_everything_at_once() {
    // Not JSON, and a status that is no success: what is shown of it is an excerpt.
    for (status, body) in [
        (200, format!("<html>{PASSWORD} {MARKER}</html>")),
        (500, format!("{PASSWORD} {}", STANDARD.encode(PASSWORD))),
        (400, format!(r#"{{"error":"{}","error_description":"{MARKER}"}}"#, STANDARD.encode(PASSWORD))),
        (307, String::new()),
    ] {
        let server = Recorder::start(move |_| {
            let to = format!(
                "http://127.0.0.1:9/?password={}",
                url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect::<String>()
            );
            reply(status, &[("location", &to), ("content-type", "text/html; charset=utf-8")], &body)
        });
        let project = Project::with_vars(&[("at", &server.base())])
            .file("providers/own.yaml", PROVIDER)
            .file(
                "scenario.yaml",
                &format!("scenario: A refusal\ntags: [{MARKER}]\nauth: own\nsteps:\n  - get: /echo\n"),
            )
            .variable("OWN_USERNAME", "anna")
            .variable("OWN_PASSWORD", PASSWORD);
        search(&project, 3, &[]);
    }
}

#[test]
fn problems_before_the_run() {
    let (project, _server) = stage();
    let outcomes: Vec<Outcome> = [
        // A secret that cannot be had, an option that is none, a credential in quotes.
        project.run(&["--credential", &format!("own.pasword={PASSWORD}")]),
        project.run(&["--credential", PASSWORD]),
        project.run(&["--credential", &format!("own.password=\"{PASSWORD}\"")]),
        project.run(&["--credential", &format!("own.password=@{PLAIN_KEY}")]),
        project.run(&["--var", PASSWORD]),
    ]
    .into();
    for outcome in outcomes {
        assert_ne!(outcome.code, 0, "{outcome:?}");
        let text = outcome.all();
        let found: Vec<_> = leaks(&text).into_iter().filter(|leak| leak.starts_with("credentials")).collect();
        assert!(found.is_empty(), "{found:?}\n{text}");
    }
}

#[test]
fn a_secret_in_a_host_name() {
    // A URL is shown as it is sent: its host in lower case, and in ASCII (RFC 5890).
    let secrets = [
        ("long", "TenantKq7RzVw2Lp", "tenantkq7rzvw2lp"),
        ("middle", "QuxCorp", "quxcorp"),
        ("short", "ACME", "acme"),
        ("tiny", "Zq", "zq"),
        ("foreign", "BüroKöln", "xn--brokln-wxaz"),
        ("hook", "https://Hooks.invalid:443/services/T0kEn/../Kq7ZzPl2", "Kq7ZzPl2"),
        ("path", "Back\\Slash\\Kq7", "Back/Slash/Kq7"),
    ];
    let mut config = "callsheet: 1\nenvironments:\n  test:\n    secrets:\n".to_owned();
    let mut project = Project::new();
    for (name, secret, _) in secrets {
        config += &format!("      {name}: {{ env: SECRET_{name} }}\n");
        project = project.variable(&format!("SECRET_{name}"), secret);
    }
    let urls = [
        "https://{{ secrets.long }}.invalid/one",
        "https://x-{{ secrets.long }}.invalid/two",
        "https://{{ secrets.middle }}.invalid/three",
        "https://{{ secrets.short }}.invalid:8443/four",
        "https://{{ secrets.tiny }}.invalid/five",
        "https://{{ secrets.foreign }}.invalid/six",
        "https://pre-{{ secrets.foreign }}-post.invalid/seven",
        "https://user@{{ secrets.short }}.invalid/eight",
        "https://host.invalid/{{ secrets.path }}/nine",
        "{{ secrets.hook }}/ten",
    ];
    for (at, url) in urls.iter().enumerate() {
        let scenario = format!("scenario: An acme test with zq and dashes\nsteps:\n  - get: \"{url}\"\n");
        project = project.file(&format!("{at}.yaml"), &scenario);
    }
    let project = project.file("callsheet.yaml", &config);
    let outcome = project.run(&["-vv", "--report", "json=run.json", "--report", "events=run.ndjson"]);
    outcome.exits(4);
    for text in [outcome.all(), project.read("run.json"), project.read("run.ndjson")] {
        let hosts = text.replace("An acme test with zq", "");
        for (name, secret, shown) in secrets {
            assert!(!hosts.contains(shown) && !text.contains(secret), "{name}\n{text}");
            assert!(text.contains(&format!("{{{{secrets.{name}}}}}")), "{name}\n{text}");
        }
        assert!(!text.contains("xn--"), "{text}");
        assert!(text.contains("An acme test with zq and dashes"), "ordinary words are shown\n{text}");
        for path in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] {
            assert!(text.contains(&format!("/{path}")), "{path}\n{text}");
        }
    }
}
