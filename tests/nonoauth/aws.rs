//! AWS Signature Version 4 against the embedded service, which computes the signature from what came over the wire.

use crate::support::{Project, Recorder, Stage, json};

const PROVIDER: &str = r#"
provider: aws
flow: aws_sigv4
environments: { default: { api: "{{ env.api }}", region: eu-central-1 } }
sign: { service: SERVICE, region: "{{ region }}" }
"#;

fn own(project: Project, api: &str, service: &str, steps: &str) -> Project {
    project
        .file(
            "callsheet.yaml",
            &format!("callsheet: 1\nproviders: [providers]\nenvironments:\n  test:\n    vars: {{ api: \"{api}\" }}\n"),
        )
        .file("providers/aws.yaml", &PROVIDER.replace("SERVICE", service))
        .file("scenario.yaml", &format!("scenario: Calls\nauth: aws\nsteps:\n{steps}"))
        .variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .variable("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn stage(service: &str, steps: &str) -> Stage {
    let stage = Stage::recorded();
    let api = format!("{}/echo/aws", stage.wire.base());
    stage.with(|project| own(project, &api, service, steps))
}

/// Paths, parameters, headers and bodies with everything in them that can be spelt in two ways.
const STEPS: &str = r#"
  - get: /items
  - get: "/a b/(c)/d'e/ü/100%25/x:y@z/"
    query: { b: "1 + 1", a: ["ü/&=", "*~!"], empty: "" }
  - get: "/items?flag&b=2&a=1&b=1"
  - post: /items
    headers: { X-Amz-Target: "DynamoDB.List   Tables", X-Other: [one, "two  three"] }
    json: { name: "ü" }
  - put: /items/1
    form: { a: b c }
  - patch: /items/1
    text: some text
  - delete: /items/1
  - request: HEAD /items
  - get: /redirect-to?url=/echo/aws/elsewhere
"#;

#[test]
fn every_request_is_signed_for_what_it_is() {
    for service in ["execute-api", "s3"] {
        let stage = stage(service, STEPS);
        let outcome = stage.run(&["-vv"]);
        outcome.exits(0).lacks("wJalrXUtnFEMI").says("{{auth.aws.signature}}");
    }
}

#[test]
fn a_redirect_within_the_origin_is_signed_anew() {
    let stage = Stage::recorded();
    let api = format!("{}/echo", stage.wire.base());
    let other = Recorder::start(|_| json(200, "{}"));
    let steps = format!(
        "  - get: /redirect-to?url=/echo/aws/elsewhere?b=1\n    expect: {{ json: {{ path: /echo/aws/elsewhere }} }}\n  - get: /redirect-to?url={}/x\n",
        other.base()
    );
    let stage = stage.with(|project| own(project, &api, "execute-api", &steps));
    stage.run(&[]).exits(0);
    let seen = &other.seen()[0];
    assert!(seen.headers.iter().all(|(name, _)| name != "authorization" && !name.starts_with("x-amz")), "{seen:?}");
}

#[test]
fn temporary_credentials_and_nothing_of_them_shown() {
    let token = "the-session-token-of-temporary-credentials";
    let stage =
        stage("execute-api", "  - post: /items\n    json: { a: 1 }\n    expect: { json: { service: nothing } }\n")
            .with(|project| project.variable("AWS_SESSION_TOKEN", token));
    let outcome = stage.run(&["-vv", "--report", "events=events.ndjson", "--report", "junit=junit.xml"]);
    outcome.exits(1).lacks(token).says("{{credentials.aws.session_token}}");
    let seen = &stage.wire.seen()[0];
    assert_eq!(seen.header("x-amz-security-token"), Some(token));
    let sent = seen.header("authorization").expect("a signature");
    let (_, signature) = sent.split_once("Signature=").expect("a signature");
    outcome.lacks(signature).says("x-amz-security-token");
    for report in ["events.ndjson", "junit.xml"] {
        let report = stage.project.read(report);
        assert!(!report.contains(signature) && !report.contains(token), "{report}");
    }
}

#[test]
fn a_wrong_key_is_refused_and_the_request_can_be_tried_again() {
    let stage = stage("execute-api", "  - get: /items\n    retry: { times: 1, on: [403], backoff: 1ms }\n");
    let stage = stage.with(|project| project.variable("AWS_SECRET_ACCESS_KEY", "another secret key"));
    stage.run(&[]).exits(1).says("SignatureDoesNotMatch").lacks("another secret key");
    assert_eq!(stage.wire.seen().len(), 2);
}

#[test]
fn what_it_takes_is_asked_for_before_any_call() {
    let project = own(Project::new(), "http://127.0.0.1:1", "execute-api", "  - get: /x\n");
    let project = project.without("AWS_SECRET_ACCESS_KEY");
    project.run(&[]).exits(3).says("credentials for aws (test) are missing: `secret_access_key`");
    project.write("providers/aws.yaml", "provider: aws\nflow: aws_sigv4\n");
    project.callsheet(&["check"]).exits(2).says("the flow `aws_sigv4` needs the key `sign`");
}
