//! HTTP Digest against the embedded service, which knows nothing of the client's code and takes no count twice.

use std::sync::atomic::{AtomicUsize, Ordering};

use snapbox::{assert_data_eq, str};

use crate::support::{Project, Recorder, Stage, json};

const PROVIDER: &str = r#"
provider: own
flow: digest
environments: { default: { api: "{{ env.api }}" } }
"#;

const USER: &str = "Mufasa";
const PASSWORD: &str = "Circle of Life";

fn own(project: Project, api: &str, steps: &str) -> Project {
    project
        .file(
            "callsheet.yaml",
            &format!("callsheet: 1\nproviders: [providers]\nenvironments:\n  test:\n    vars: {{ api: \"{api}\" }}\n"),
        )
        .file("providers/own.yaml", PROVIDER)
        .file("scenario.yaml", &format!("scenario: Calls\nauth: own\nsteps:\n{steps}"))
        .variable("OWN_USERNAME", USER)
        .variable("OWN_PASSWORD", PASSWORD)
}

/// A recorder before the mock, and a project whose API is the embedded service.
fn stage(steps: &str) -> Stage {
    let stage = Stage::recorded();
    let api = format!("{}/echo", stage.wire.base());
    stage.with(|project| own(project, &api, steps))
}

/// The path of the service that wants this user.
const PATH: &str = "/digest/Mufasa/Circle%20of%20Life";

#[test]
fn every_algorithm_and_quality_is_answered() {
    let mut steps = String::new();
    for algorithm in ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"] {
        for (terms, quality) in [
            ("qop=auth", "auth"),
            ("qop=auth-int,auth", "auth"),
            ("qop=auth-int", "auth-int"),
            ("userhash=true", "auth"),
        ] {
            steps += &format!(
                "  - post: \"{PATH}?algorithm={algorithm}&{terms}&a=b%20c\"\n    json: {{ a: \"ü\" }}\n    expect: {{ json: {{ user: Mufasa, qop: {quality} }} }}\n"
            );
        }
    }
    steps += &format!("  - get: {PATH}?algorithm=MD5&qop=none\n    expect: {{ json: {{ qop: \"\" }} }}\n");
    stage(&steps).run(&[]).exits(0);
}

#[test]
fn a_challenge_is_answered_once_and_then_known() {
    let call = format!("  - get: {PATH}\n    expect: {{ json: {{ count: <integer> }} }}\n");
    let stage = stage(&call.repeat(5));
    let outcome = stage.run(&["-vv"]);
    outcome.exits(0).lacks(PASSWORD);
    let seen = stage.wire.seen();
    assert_eq!(seen.len(), 6, "{}", stage.wire.told());
    assert_eq!(seen[0].header("authorization"), None);
    for (count, seen) in seen[1..].iter().enumerate() {
        let sent = seen.header("authorization").expect("an answer");
        assert!(sent.contains("nonce=\"nonce-1\"") && sent.contains(&format!("nc=0000000{}", count + 1)), "{sent}");
    }
}

#[test]
fn a_stale_nonce_is_replaced_without_a_question() {
    let call = format!("  - get: {PATH}?uses=2\n    expect: {{ json: {{ count: <integer> }} }}\n");
    let stage = stage(&call.repeat(5));
    stage.run(&[]).exits(0);
    // Two calls to a nonce, and a question before the first, the third and the fifth.
    assert_eq!(stage.wire.seen().len(), 5 + 3, "{}", stage.wire.told());
}

#[test]
fn many_at_once_never_send_counts_out_of_order() {
    let call = format!("  - get: {PATH}\n");
    let cases = "cases: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }, { n: 6 }, { n: 7 }, { n: 8 }]";
    let stage = stage("");
    let scenario = format!("scenario: Calls\nauth: own\n{cases}\nsteps:\n{}", call.repeat(6));
    let stage = stage.scenario(&scenario);
    stage.run(&["--jobs", "8"]).exits(0);
    let questions = stage.wire.seen().iter().filter(|seen| seen.header("authorization").is_none()).count();
    assert!((1..=8).contains(&questions), "{questions}");
}

#[test]
fn a_wrong_password_is_what_the_401_means() {
    let steps = format!("  - get: {PATH}\n    expect: 401\n  - get: {PATH}\n    retry: {{ times: 2, on: [401] }}\n");
    let stage = stage(&steps).with(|project| project.variable("OWN_PASSWORD", "another one"));
    stage.run(&[]).exits(1).says("the answer is 401").lacks("another one");
    // Once each, and never the same answer again. A retry is another call.
    assert_eq!(stage.wire.seen().len(), 2 + 3 * 2, "{}", stage.wire.told());
}

#[test]
fn a_redirect_is_answered_for_where_it_leads() {
    let other = Recorder::start(|_| {
        let head = "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Digest realm=\"foreign\", nonce=\"n\"\r\n";
        format!("{head}content-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
    });
    let steps = format!(
        "  - get: /redirect-to?url=/echo{PATH}\n    expect: {{ json: {{ user: Mufasa }} }}\n  - get: /redirect-to?url=/echo{PATH}\n    expect: {{ json: {{ count: <integer> }} }}\n  - get: /redirect-to?url={}/x\n    expect: 401\n",
        other.base()
    );
    let stage = stage(&steps);
    stage.run(&[]).exits(0);
    assert_eq!(other.seen().len(), 1);
    assert_eq!(other.seen()[0].header("authorization"), None);
}

#[test]
fn a_user_whose_name_is_not_ascii() {
    let project = |stage: Stage, terms: &str| {
        let steps = format!("  - get: /digest/J%C3%A4s%C3%B8n%20Doe/Secret,%20or%20not%3F{terms}\n");
        let api = format!("{}/echo", stage.wire.base());
        stage.with(|project| {
            own(project, &api, &steps).variable("OWN_USERNAME", "Jäsøn Doe").variable("OWN_PASSWORD", "Secret, or not?")
        })
    };
    for terms in ["", "?userhash=true&algorithm=SHA-512-256"] {
        project(Stage::recorded(), terms).run(&[]).exits(0);
    }
}

#[test]
fn the_answer_is_never_shown_nor_sent_to_a_foreign_host() {
    // It is shown back by the service, so that every report has it in its bodies too.
    let calls = AtomicUsize::new(0);
    let api = Recorder::start(move |seen| match seen.header("authorization") {
        Some(sent) if calls.fetch_add(1, Ordering::Relaxed) == 0 => json(200, &format!("{{\"sent\":{sent:?}}}")),
        Some(_) => json(500, "{}"),
        None => {
            let head =
                "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
            format!("{head}content-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
        }
    });
    let project = own(Project::new(), &api.base(), "  - get: /x\n  - get: http://localhost:1/x\n");
    let outcome = project.run(&["-vv", "--report", "events=events.ndjson", "--report", "junit=junit.xml"]);
    outcome.exits(3).says("{{auth.own.digest}}").says("may not be sent to localhost");
    let sent = api.seen()[1].header("authorization").expect("an answer").to_owned();
    let (_, response) = sent.split_once("response=\"").expect("a response");
    let response = &response[..32];
    outcome.lacks(response);
    for report in ["events.ndjson", "junit.xml"] {
        assert!(!project.read(report).contains(response), "{report}");
    }
}

#[test]
fn what_only_a_token_endpoint_hears_is_refused_where_there_is_none() {
    for flow in
        ["flow: digest", "flow: aws_sigv4\nsign: { service: s3, region: r }", "flow: custom\nrequests: [{ get: /a }]"]
    {
        for key in ["dpop: true", "client_assertion: { alg: RS256 }"] {
            let provider = format!("provider: own\n{flow}\n{key}\n");
            let project = own(Project::new(), "http://127.0.0.1:1", "  - get: /x\n");
            project.write("providers/own.yaml", &provider);
            let (name, _) = key.split_once(':').expect("a key");
            project.callsheet(&["check"]).exits(2).says(&format!("`{name}` does not belong to the flow"));
        }
    }
}

#[test]
fn a_digest_provider_says_nothing_of_sending() {
    let project = own(Project::new(), "http://127.0.0.1:1", "  - get: /x\n");
    project.write("providers/own.yaml", &format!("{PROVIDER}send: {{ header: X, value: \"{{{{ password }}}}\" }}\n"));
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).diagnostics(),
        str![[r#"
error[provider.flow]: `send` does not belong to the flow `digest`
 --> providers/own.yaml:5:1
  |
5 | send: { header: X, value: "{{ password }}" }
  | ^^^^
  |
 ::: providers/own.yaml:3:7
  |
3 | flow: digest
  |       ------ the flow
  |
  = help: remove it, or choose another flow

"#]]
    );
}
