//! AWS Signature Version 4 against moto, which has botocore verify each signature (see `tests/outside/README.md`).

use std::sync::OnceLock;

use crate::support::outside::{Server, start};
use crate::support::{Outcome, Project};

/// moto.
fn aws() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(|| start("python3", "aws_server.py", &[])).base
}

const PROVIDER: &str = r#"
provider: aws
flow: aws_sigv4
environments: { default: { api: "{{ env.api }}", region: us-east-1 } }
sign: { service: SERVICE, region: "{{ region }}" }
"#;

/// Calls of a user who may do everything.
fn project(service: &str, steps: &str) -> Project {
    Project::with_vars(&[("api", aws())])
        .file("providers/aws.yaml", &PROVIDER.replace("SERVICE", service))
        .file("scenario.yaml", &format!("scenario: Calls\nauth: aws\nsteps:\n{steps}"))
        .variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .variable("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

/// The same of whoever has assumed the role.
fn assumed(service: &str, steps: &str) -> Project {
    project(service, steps)
        .variable("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
        .variable("AWS_SECRET_ACCESS_KEY", "a/secret+of=a/role-for/one/hour-EXAMPLEK")
        .variable("AWS_SESSION_TOKEN", "FwoGZXIvYXdzE+/session/token==of+temporary/credentials")
}

fn calls(service: &str, steps: &str) -> Outcome {
    project(service, steps).run(&["-v"])
}

/// Who it is, as the service says it.
const WHO: &str = "  - post: /\n    form: { Action: GetCallerIdentity, Version: 2011-06-15 }\n    expect: { text: <contains \"ARN\"> }\n";

#[test]
fn a_service_knows_who_has_signed() {
    calls("sts", &WHO.replace("ARN", ":user/callsheet<")).exits(0);
    assumed("sts", &WHO.replace("ARN", ":assumed-role/runner/a-run<")).run(&[]).exits(0);
}

#[test]
fn whoever_has_not_signed_rightly_is_refused_in_the_service_s_own_words() {
    let who = WHO.replace("ARN", "Arn");
    let secret = "another/secret+than=that-of/the/userEXAMP";
    let outcome = project("sts", &who).variable("AWS_SECRET_ACCESS_KEY", secret).run(&["-v"]);
    outcome.exits(1).says("403").says("SignatureDoesNotMatch").lacks(secret);
    // Any region will do, since the key is made for the one that the signature names.
    let elsewhere = PROVIDER.replace("SERVICE", "sts").replace("us-east-1", "eu-central-1");
    project("sts", &who).file("providers/aws.yaml", &elsewhere).run(&[]).exits(0);
    project("sts", &who)
        .variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7UNKNOWN")
        .run(&[])
        .exits(1)
        .says("InvalidClientTokenId");
    let listing = "  - get: /\n";
    project("s3", listing).variable("AWS_SECRET_ACCESS_KEY", secret).run(&[]).exits(1).says("SignatureDoesNotMatch");
    project("s3", listing)
        .variable("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7UNKNOWN")
        .run(&[])
        .exits(1)
        .says("InvalidAccessKeyId");
    assumed("s3", listing).variable("AWS_SESSION_TOKEN", "another").run(&[]).exits(1).says("InvalidToken");
    assumed("s3", listing).variable("AWS_SECRET_ACCESS_KEY", secret).run(&[]).exits(1).says("SignatureDoesNotMatch");
    assumed("s3", listing).run(&[]).exits(0);
}

/// Requests of services that name their actions in a header, and have JSON.
const QUEUE: &str = r#"
  - post: /
    headers: { X-Amz-Target: AmazonSQS.CreateQueue, Content-Type: application/x-amz-json-1.0 }
    json: { QueueName: the-queue-of-NAME }
    capture: { queue: $.QueueUrl }
  - post: /
    headers: { X-Amz-Target: "AmazonSQS.SendMessage", Content-Type: application/x-amz-json-1.0, X-Note: "two   spaces,  and more", X-Many: [one, "two  three"] }
    json: { QueueUrl: "{{ queue }}", MessageBody: "ü & = + %20 \"quoted\"" }
  - post: /
    headers: { X-Amz-Target: AmazonSQS.ReceiveMessage, Content-Type: application/x-amz-json-1.0 }
    json: { QueueUrl: "{{ queue }}" }
    expect: { at: { "$.Messages[0].Body": "ü & = + %20 \"quoted\"" } }
"#;

#[test]
fn headers_and_bodies_are_signed_as_they_are_sent() {
    calls("sqs", &QUEUE.replace("NAME", "user")).exits(0);
    assumed("sqs", &QUEUE.replace("NAME", "role")).run(&[]).exits(0);
}

/// Parameters and fields that can be read in two ways.
const SPELLINGS: &str = r#"
  - put: /spellings
  - get: "/spellings?&list-type=2&&prefix=a%2Fb&start-after=%20&"
  - get: "/spellings?prefix=a+b&marker=a%2Bb"
  - get: "/spellings?list-type=2&prefix==a=b="
  - get: "/spellings?"
  - put: /spellings//lead
    headers: { x-amz-meta-a: "  lead and trail  ", x-amz-meta-b: "", x-amz-meta-c: "tab\there", x-amz-meta-d: ["a, b,c", d] }
    text: a
  - get: /spellings//lead
    headers: { Range: bytes=0-0, Cookie: a=b, Accept-Encoding: identity, User-Agent: somebody }
    expect: 206
  - put: /spellings/parts
    multipart: { a: { text: hello }, b: { json: { c: 1 } } }
  - post: /spellings?delete
    text: <Delete><Object><Key>parts</Key></Object></Delete>
    headers: { Content-Type: application/xml }
"#;

#[test]
fn what_can_be_read_in_two_ways_is_read_in_one() {
    calls("s3", SPELLINGS).exits(0);
}

/// Topics that are a path of their own, and parameters beside them.
const TOPICS: &str = r#"
  - post: /topics/plain
    text: hello
  - post: "/topics/a b/(c)/d'e/ü/100%25/x:y@z/*~!"
    text: ü
  - post: "/topics/a%2Fb"
    query: { qos: 1, contentType: "text/plain; charset=utf-8", responseTopic: "a+b&c=d/~ü*" }
    text: hello
  - post: "/topics/two//slashes"
    json: { name: "ü" }
  - post: "/topics/query?qos=1&payloadFormatIndicator=UTF8_DATA&flag&b=2&a=1&b=1&B=3&a-b=1&a=%7E"
    text: "a=b+c&d=%2B"
"#;

#[test]
fn paths_and_parameters_of_services_are_encoded_twice() {
    calls("iotdata", TOPICS).exits(0);
    assumed("iotdata", TOPICS).run(&[]).exits(0);
}

/// A shadow of a thing: the one resource here that is read by a path and a parameter of one service.
const SHADOW: &str = r#"
  - post: /things/NAME:1/shadow
    query: { name: "a b" }
    json: { state: { desired: { light: "on" } } }
  - get: /things/NAME:1/shadow
    query: { name: "a b" }
    headers: { x-amz-content-sha256: HASH }
    expect: { json: { state: { desired: { light: "on" } } } }
"#;

#[test]
fn a_hash_that_a_step_writes_is_the_one_that_is_signed() {
    for (name, hash) in [("unsigned", "UNSIGNED-PAYLOAD"), ("signed", "to be computed")] {
        calls("iot", &format!("  - post: /things/{name}:1\n    json: {{}}\n")).exits(0);
        calls("iotdata", &SHADOW.replace("NAME", name).replace("HASH", hash)).exits(0);
    }
    calls("s3", "  - put: /unsigned\n  - put: /unsigned/a b\n    headers: { x-amz-content-sha256: UNSIGNED-PAYLOAD }\n    text: a\n").exits(0);
}

/// Objects whose names can be spelt in two ways.
const OBJECTS: &str = r#"
  - put: /BUCKET
  - put: "/BUCKET/{{ case.key }}"
    headers: { x-amz-meta-note: "two   spaces,  and more", Content-Type: text/plain }
    text: "it is {{ case.name }}"
  - get: "/BUCKET/{{ case.key }}"
    expect: { text: "it is {{ case.name }}", headers: { x-amz-meta-note: <any> } }
  - get: "/BUCKET"
    query: { list-type: 2, prefix: "{{ case.name }}", delimiter: "&=+ü", encoding-type: url }
    expect: { text: <contains "<KeyCount>1</KeyCount>"> }
  - request: HEAD /BUCKET/{{ case.key }}
  - get: "/BUCKET?location"
  - delete: "/BUCKET/{{ case.key }}"
"#;

const NAMES: &str = r#"
cases:
  - { key: plain, name: plain }
  - { key: "a b/ü", name: "a b/ü" }
  - { key: "a+b", name: "a+b" }
  - { key: "(a)!*'~", name: "(a)!*'~" }
  - { key: "100%25", name: "100%" }
  - { key: "x:y@z=1,2;3&4", name: "x:y@z=1,2;3&4" }
  - { key: "two//slashes/", name: "two//slashes/" }
"#;

#[test]
fn objects_of_s3_are_kept_and_found_by_their_names() {
    for (bucket, project) in [("of-the-user", project as fn(&str, &str) -> Project), ("of-the-role", assumed)] {
        let text = format!("scenario: Objects\nauth: aws\n{NAMES}steps:\n{}", OBJECTS.replace("BUCKET", bucket));
        project("s3", "").file("scenario.yaml", &text).run(&["-v"]).exits(0);
    }
}
