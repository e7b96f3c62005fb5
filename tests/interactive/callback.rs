//! The listener that the browser comes back to: what is not the answer is refused and changes nothing, and nothing listens
//! any more once the answer is here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::support::{Project, Recorder, json};
use super::{Waiting, parameter, project};

const PROVIDER: &str = "flow: authorization_code\nauthorize: { url: \"{{ base }}/authorize\", scope: [read] }\nlogin: { post: \"{{ base }}/token\" }\n";

fn server() -> Recorder {
    Recorder::start(|_| json(200, r#"{"access_token":"t0ken-of-code","token_type":"Bearer","expires_in":600}"#))
}

/// What came back of these bytes.
fn call(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("it can be set");
    // It may be refused before the last byte was sent.
    let _ = stream.write_all(bytes.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(address: SocketAddr, target: &str) -> String {
    call(address, &format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n\r\n"))
}

/// A login that waits, where it listens, and its state.
fn waiting(project: &Project) -> (Waiting, SocketAddr, String) {
    let mut waiting = Waiting::start(project, &[]);
    let url = waiting.url();
    let redirect: url::Url = parameter(&url, "redirect_uri").expect("there is one").parse().expect("a URL");
    assert_eq!(redirect.path(), "/callback");
    assert_eq!(parameter(&url, "code_challenge_method").as_deref(), Some("S256"));
    let address = SocketAddr::from(([127, 0, 0, 1], redirect.port().expect("a port")));
    let state = parameter(&url, "state").expect("there is one");
    (waiting, address, state)
}

#[test]
fn what_is_not_the_answer_is_refused_and_changes_nothing() {
    let server = server();
    let project = project(&server.base(), "app", PROVIDER);
    let (mut waiting, address, state) = waiting(&project);
    let statuses = [
        (get(address, &format!("/callback?code=forged&state={}", "A".repeat(43))), "400"),
        (get(address, "/callback?code=forged"), "400"),
        (get(address, &format!("/callback?code=forged&state={state}&state={state}")), "400"),
        (get(address, "/callback?error=access_denied"), "400"),
        (get(address, &format!("/other?code=forged&state={state}")), "404"),
        (get(address, "/favicon.ico"), "404"),
        (
            call(
                address,
                &format!(
                    "POST /callback?code=forged&state={state} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\n\r\n"
                ),
            ),
            "405",
        ),
        (
            call(address, &format!("GET /callback?code=forged&state={state} HTTP/1.1\r\nhost: evil.example\r\n\r\n")),
            "421",
        ),
        (call(address, &format!("GET /callback?code=forged&state={state} HTTP/1.1\r\n\r\n")), "421"),
        (call(address, "what is this\r\n\r\n"), "400"),
    ];
    for (at, (answer, status)) in statuses.iter().enumerate() {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{at}: {answer}");
    }
    // Too much of one line, and of all.
    for long in [format!("/callback?state={}", "a".repeat(100_000)), format!("/{}", "a".repeat(100_000))] {
        let answer = get(address, &long);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    waiting.hears("was refused: its `state` is not the one that was sent");
    let answer = get(address, &format!("/callback?code=g00d-code-1&state={state}"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (code, heard) = waiting.end();
    assert_eq!(code, 0, "{heard}");
    assert_eq!(server.seen().len(), 1, "{}", server.told());
    assert!(server.seen()[0].text().contains("code=g00d-code-1&"), "{}", server.told());
    assert!(!heard.contains("g00d-code-1"), "{heard}");
    TcpStream::connect(address).expect_err("nothing listens any more");
}

#[test]
fn slow_callers_hold_nobody_up_and_are_sent_away() {
    let server = server();
    let project = project(&server.base(), "app", PROVIDER);
    let (waiting, address, state) = waiting(&project);
    // More of them than there is room for would be turned away; these are as many as a browser opens.
    let mut slow: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(address).expect("it listens")).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /callback?code=forged").expect("it is taken");
    }
    let answer = get(address, &format!("/callback?code=g00d-code-1&state={state}"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (code, heard) = waiting.end();
    assert_eq!(code, 0, "{heard}");
}

#[test]
fn a_refusal_is_shown_without_what_could_run_in_a_page() {
    let server = server();
    let project = project(&server.base(), "app", PROVIDER);
    let (waiting, address, state) = waiting(&project);
    let target = format!("/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&error_description=No+way&state={state}");
    let answer = get(address, &target);
    assert!(answer.contains("The provider refused: &lt;script&gt;alert(1)&lt;/script&gt;."), "{answer}");
    assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
    assert!(!answer.contains("<script"), "{answer}");
    let (code, heard) = waiting.end();
    assert_eq!(code, 3, "{heard}");
    assert!(heard.contains("own (test) refused the authorization"), "{heard}");
    assert!(server.seen().is_empty(), "{}", server.told());
}
