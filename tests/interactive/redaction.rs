//! Nothing of a login that is a secret is shown, not even by a provider that repeats it: codes, verifiers, device codes.

use super::support::{Recorder, json, reply};
use super::{log_in, parameter, project};

/// A provider that sends the browser back at once, and refuses with all that it was sent.
fn parrot() -> Recorder {
    Recorder::start(|seen| {
        let url: url::Url =
            format!("http://{}{}", seen.header("host").unwrap_or_default(), seen.target).parse().expect("a URL");
        match seen.path() {
            "/authorize" => {
                let state = parameter(&url, "state").unwrap_or_default();
                reply(302, &[("location", &format!("https://app.example/back?code=c0de-of-anna-77&state={state}"))], "")
            }
            "/device" => json(
                200,
                r#"{"device_code":"dev1ce-of-anna-77","user_code":"WDJB-MJHT","verification_uri":"https://tv.example/","expires_in":60,"interval":0.1}"#,
            ),
            _ => {
                // The parts that are secrets first: messages are cut.
                let said: Vec<&str> = seen.text().leak().split('&').rev().collect();
                json(400, &format!(r#"{{"error":"invalid_grant","error_description":"you sent {}"}}"#, said.join(" ")))
            }
        }
    })
}

#[test]
fn the_code_and_its_verifier_are_masked() {
    let server = parrot();
    let provider = "flow: authorization_code\nauthorize: { url: \"{{ base }}/authorize\", redirect_uri: https://app.example/back, by: form }\nlogin: { post: \"{{ base }}/token\" }\n";
    let project =
        project(&server.base(), "app", provider).variable("OWN_USERNAME", "anna").variable("OWN_PASSWORD", "hush-hush");
    let outcome = project.run(&[
        "-vv",
        "--report",
        "junit=junit.xml",
        "--report",
        "events=events.ndjson",
        "--report",
        "json=run.json",
    ]);
    outcome.exits(3).says("invalid_grant").says("{{auth.own.code}}").says("{{auth.own.code_verifier}}");
    let sent = server.seen().into_iter().find(|seen| seen.path() == "/token").expect("it is asked");
    let sent: url::Url = format!("http://x/?{}", sent.text()).parse().expect("a URL");
    let verifier = parameter(&sent, "code_verifier").expect("it is sent");
    for text in [outcome.all(), project.read("junit.xml"), project.read("events.ndjson"), project.read("run.json")] {
        for secret in ["c0de-of-anna-77", verifier.as_str()] {
            assert!(!text.contains(secret), "{secret} is shown:\n{text}");
        }
    }
}

#[test]
fn the_device_code_is_masked() {
    let server = parrot();
    let provider =
        "flow: device_code\ndevice: { post: \"{{ base }}/device\" }\nlogin: { post: \"{{ base }}/token\" }\n";
    let outcome = log_in(&project(&server.base(), "tv", provider), &["--no-browser"]);
    outcome.exits(3).says("{{auth.own.device_code}}").lacks("dev1ce-of-anna-77");
}
