//! Redirect URIs that do not lead to this machine: the person pastes the URL that the browser has ended at.

use std::io::Write;

use super::support::outside;
use super::{DISCOVERY, Waiting, at_oidc, parameter, run};

/// Where the scripted browser ends.
fn walk(url: &url::Url, last: &str) -> String {
    let output = std::process::Command::new("node")
        .arg(outside::folder().join("browser.mjs"))
        .args([url.as_str(), last])
        .output()
        .expect("node starts");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn the_url_of_a_custom_scheme_is_pasted() {
    let native = format!(
        "flow: authorization_code\n{DISCOVERY}authorize: {{ scope: [openid], redirect_uri: \"com.example.app:/callback\" }}\n"
    );
    let project = at_oidc("native", &native);
    let mut waiting = Waiting::start(&project, &[]);
    let url = waiting.url();
    let ended = walk(&url, "com.example.app:");
    let mut stdin = waiting.stdin.take().expect("it is piped");
    writeln!(stdin, "https://app.example.com/callback?code=forged").expect("it reads");
    waiting.hears("this URL does not start with com.example.app:/callback");
    writeln!(stdin, "forged").expect("it reads");
    waiting.hears("this is not a URL");
    writeln!(stdin, "  {ended}  ").expect("it reads");
    let (code, heard) = waiting.end();
    assert_eq!(code, 0, "{heard}");
    run(&project, &[]).exits(0);
}

#[test]
fn a_pasted_url_of_another_login_is_refused() {
    let web = format!(
        "flow: authorization_code\n{DISCOVERY}credentials: {{ client_id: {{}}, client_secret: {{}} }}\nauthorize: {{ by: paste, scope: [openid], redirect_uri: https://app.example.com/callback }}\n"
    );
    let project = at_oidc("web", &web);
    let mut waiting = Waiting::start(&project, &[]);
    let url = waiting.url();
    let ended = walk(&url, "https://app.example.com/callback");
    let state = parameter(&url, "state").expect("there is one");
    let mut stdin = waiting.stdin.take().expect("it is piped");
    writeln!(stdin, "{}", ended.replace(&state, &"A".repeat(43))).expect("it reads");
    drop(stdin);
    let (code, heard) = waiting.end();
    assert_eq!(code, 3, "{heard}");
    assert!(heard.contains("the `state` of the redirect is not the one that was sent"), "{heard}");
}

#[test]
fn nothing_pasted_is_told() {
    let web = format!(
        "flow: authorization_code\n{DISCOVERY}authorize: {{ by: paste, scope: [openid], redirect_uri: https://app.example.com/callback }}\n"
    );
    let project = at_oidc("web", &web);
    let waiting = Waiting::start(&project, &[]);
    let (code, heard) = waiting.end();
    assert_eq!(code, 3, "{heard}");
    assert!(heard.contains("was not finished: no URL was pasted: standard input ended"), "{heard}");
}
