//! A key that is given, in each place that it can be sent in: sent as it is, shown nowhere.

use crate::support::{Project, Recorder, json};

/// Runs a call with a key with everything in it that URLs and cookies escape, and looks for it in every report.
fn sent(send: &str, key: &str, spellings: &[&str]) -> Recorder {
    // The service says back what it was sent.
    let api = Recorder::start(|seen| {
        let header = seen.header("x-api-key").or(seen.header("cookie")).unwrap_or_default();
        json(200, &format!("{{\"target\":{:?},\"header\":{header:?}}}", seen.target))
    });
    let provider = format!(
        "provider: own\nflow: api_key\nenvironments: {{ default: {{ api: \"{{{{ env.api }}}}\" }} }}\ncredentials: {{ key: {{ secret: true }} }}\nsend: {send}\n"
    );
    let project = Project::with_vars(&[("api", &api.base())])
        .file("providers/own.yaml", &provider)
        .file("scenario.yaml", "scenario: A call\nauth: own\nsteps:\n  - get: /things?page=1\n    headers: { cookie: other=1 }\n    expect: { json: { nothing: 1 } }\n")
        .variable("OWN_KEY", key);
    let outcome = project.run(&[
        "-vv",
        "--report",
        "events=events.ndjson",
        "--report",
        "junit=junit.xml",
        "--report",
        "json=run.json",
    ]);
    outcome.exits(1).says("{{credentials.own.key}}");
    let reports = ["events.ndjson", "junit.xml", "run.json"].map(|report| project.read(report));
    for spelling in spellings.iter().chain([&key]) {
        outcome.lacks(spelling);
        assert!(reports.iter().all(|report| !report.contains(spelling)), "{spelling}");
    }
    api
}

#[test]
fn in_a_header() {
    let api = sent("{ header: X-Api-Key, value: \"{{ key }}\" }", "hush+hush/key=", &["hush%2Bhush"]);
    assert_eq!(api.seen()[0].header("x-api-key"), Some("hush+hush/key="));
}

#[test]
fn in_the_query() {
    let api = sent("{ query: key, value: \"{{ key }}\" }", "hush+hush/key=", &["hush%2Bhush%2Fkey", "hush%2bhush"]);
    assert_eq!(api.seen()[0].target, "/things?page=1&key=hush%2Bhush%2Fkey%3D");
}

#[test]
fn in_a_cookie() {
    let api = sent("{ cookie: SID, value: \"{{ key }}\" }", "hush+hush/key=", &["hush%2Bhush"]);
    assert_eq!(api.seen()[0].header("cookie"), Some("other=1; SID=hush+hush/key="));
}
