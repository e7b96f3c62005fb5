//! The device flow (RFC 8628): with oidc-provider and a person who agrees, and with a server that wants to be asked less.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::{Recorder, json};
use super::{DISCOVERY, Waiting, at_oidc, log_in, project, run, with_browser};

#[test]
fn a_person_agrees_in_the_browser() {
    let provider = format!("flow: device_code\n{DISCOVERY}login: {{ scope: [openid] }}\n");
    let project = with_browser(at_oidc("device", &provider));
    run(&project, &[]).exits(6).says("run `callsheet auth login own --env test`, then run this again");
    let outcome = log_in(&project, &[]);
    outcome.exits(0).says("and enter the code").says("/device?user_code=");
    assert!(project.read("page").contains("Sign-in Success"), "{}", project.read("page"));
    run(&project, &["-v"]).exits(0).says("from the token store");
}

const DEVICE: &str = "flow: device_code\ndevice: { post: \"{{ base }}/device\" }\nlogin: { post: \"{{ base }}/token\", scope: [read] }\n";

const GRANTED: &str = r#"{"device_code":"dev1ce-c0de-1","user_code":"WDJB-MJHT","verification_uri":"http://127.0.0.1:9/device","expires_in":EXPIRES,"interval":0.2}"#;

/// A server whose token endpoint answers one after the other, and with the last from then on.
fn server(expires: &str, answers: &'static [(u16, &'static str)]) -> Recorder {
    let granted = GRANTED.replace("EXPIRES", expires);
    let asked = AtomicUsize::new(0);
    Recorder::start(move |seen| {
        if seen.path() == "/device" {
            return json(200, &granted);
        }
        let at = asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
        json(answers[at].0, answers[at].1)
    })
}

const PENDING: (u16, &str) = (400, r#"{"error":"authorization_pending"}"#);

#[test]
fn it_is_asked_until_the_person_has_agreed_and_slower_when_that_is_wanted() {
    let token = (200, r#"{"access_token":"t0ken-of-device","token_type":"Bearer","expires_in":600}"#);
    let answers: &[_] = &[PENDING, (400, r#"{"error":"slow_down"}"#), token];
    let server = server("600", Box::leak(answers.to_vec().into_boxed_slice()));
    let project = project(&server.base(), "tv", DEVICE);
    let started = std::time::Instant::now();
    let outcome = log_in(&project, &["--no-browser"]);
    outcome.exits(0).says("and enter the code WDJB-MJHT").says("To log in to own (test), go to");
    // Five seconds are added (section 3.5).
    assert!(started.elapsed().as_secs_f64() > 5.0, "{:?}", started.elapsed());
    let seen = server.seen();
    let bodies: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.path(), seen.text())).collect();
    let poll = "/token grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=dev1ce-c0de-1&client_id=tv";
    assert_eq!(bodies, ["/device scope=read&client_id=tv", poll, poll, poll]);
    outcome.lacks("dev1ce-c0de-1").lacks("t0ken-of-device");
}

#[test]
fn a_refusal_and_an_end_are_told() {
    let denied = server("600", &[(400, r#"{"error":"access_denied","error_description":"No, said Anna"}"#)]);
    log_in(&project(&denied.base(), "tv", DEVICE), &["--no-browser"])
        .exits(3)
        .says("refused the device code: 400 access_denied \"No, said Anna\"");
    let expired = server("600", &[(400, r#"{"error":"expired_token"}"#)]);
    log_in(&project(&expired.base(), "tv", DEVICE), &["--no-browser"])
        .exits(3)
        .says("was not finished: the code expired before anybody confirmed it");
    let late = server("1", &[PENDING]);
    log_in(&project(&late.base(), "tv", DEVICE), &["--no-browser"])
        .exits(3)
        .says("was not finished: nobody confirmed it within 1 s");
}

#[test]
fn answers_that_lack_what_they_must_have_are_told() {
    for (answer, says) in [
        ("{}", "it has no `device_code`"),
        (r#"{"device_code":"dev1ce-c0de-1"}"#, "it has no `user_code`"),
        (r#"{"device_code":"dev1ce-c0de-1","user_code":"A"}"#, "it has no `verification_uri`"),
        (
            r#"{"device_code":"dev1ce-c0de-1","user_code":"A","verification_uri":"file:///etc/passwd","expires_in":5}"#,
            "file:///etc/passwd",
        ),
        (
            r#"{"device_code":"dev1ce-c0de-1","user_code":"A","verification_uri":"http://tv.example/","expires_in":5}"#,
            "would be sent unencrypted, over plain http, to http://tv.example/",
        ),
        (
            r#"{"device_code":"dev1ce-c0de-1","user_code":"A","verification_uri":"https://tv.example/"}"#,
            "no `expires_in`",
        ),
    ] {
        let server = Recorder::start(move |_| json(200, answer));
        log_in(&project(&server.base(), "tv", DEVICE), &["--no-browser"]).exits(3).says(says);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait() {
    let server = server("600", &[PENDING]);
    let project = project(&server.base(), "tv", DEVICE);
    let mut waiting = Waiting::start(&project, &[]);
    waiting.hears("Ctrl-C ends it");
    let id = waiting.process.id().to_string();
    let status = std::process::Command::new("kill").args(["-INT", &id]).status();
    assert!(status.expect("kill is there").success());
    let (code, heard) = waiting.end();
    assert_eq!(code, 130, "{heard}");
}
