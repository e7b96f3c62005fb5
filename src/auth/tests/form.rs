//! The authorization code through the provider's own login page, as no person sees it.

use std::sync::Mutex;

use super::Desk;
use super::server::{Answer, Asked, Server};
use crate::auth::Origin;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A page as they are: other forms before the login form, inputs a person does not see, the form twice.
const LOGIN: &str = r#"<!doctype html><title>Sign in</title><body>
<form action="/search" role="search"><input name="q"><button>Search</button></form>
<form id="signup-form" action="/signup" method="post">
  <input name="username"><input type="password" name="password"><input type="password" name="confirm"><button>Sign up</button>
</form>
<form name="loginForm" action="login?continue=1" method="POST">
  <input type="hidden" name="_csrf" value="tok&amp;en"><input name="username" value="old"><input type=password name=password>
  <input type="checkbox" name="remember" checked><input type="checkbox" name="spam" value="1">
  <select name="lang"><option value="en">English<option value="nl" selected>Dutch</select>
  <input name="gone" value="x" disabled><fieldset disabled><input name="gone2" value="x"></fieldset>
  <button name="action" value="login">Sign in</button><button name="action" value="cancel">Cancel</button>
</form>
<form name="loginForm" action="login?continue=2" method="POST"><input name="username"><input type=password name=password></form>
"#;

const CONSENT: &str = r#"<title>Grant access</title><form method="post" action="/consent"><input type=hidden name=req value=42>
<button name="decision" value="deny">Don't allow</button><button name="decision" value="ok">Allow access</button></form>"#;

fn desk(server: &Server, authorize: &str) -> Desk {
    let yaml = format!(
        r#"
provider: acme
flow: authorization_code
environments: {{ stg: {{ base: "{}" }} }}
credentials: {{ client_id: {{}}, client_secret: {{}}, username: {{}}, password: {{}} }}
authorize:
  url: "{{{{ base }}}}/authorize?tenant=1"
  redirect_uri: https://app.example/callback
  scope: [read, write]
  form: {{ username: "{{{{ username }}}}", password: "{{{{ password }}}}" }}
  {authorize}
login: {{ post: "{{{{ base }}}}/token" }}
"#,
        server.url
    );
    Desk::of(&yaml)
        .set("ACME_CLIENT_ID", "app")
        .set("ACME_CLIENT_SECRET", "app-s3cret")
        .set("ACME_USERNAME", "ann")
        .set("ACME_PASSWORD", "hunter22")
}

/// Where the provider sends the browser in the end.
fn callback(state: &str, rest: &str) -> Answer {
    Answer::redirect(302, &format!("https://app.example/callback?{rest}state={state}"))
}

/// A provider with a login page, a consent page, cookies, and a token endpoint that checks the code challenge.
async fn provider() -> Server {
    let kept = Mutex::new((String::new(), String::new()));
    Server::start(move |asked| {
        let mut kept = kept.lock().expect("no panic");
        match &*asked.path {
            "/authorize" => {
                *kept = (asked.param("state"), asked.param("code_challenge"));
                Answer::redirect(302, "/u/login/").header("set-cookie", "sid=1; Path=/; HttpOnly")
            }
            "/u/login/" => Answer::html(LOGIN).header("set-cookie", "form=2; Path=/"),
            "/u/login/login" if asked.field("password") == "hunter22" => Answer::redirect(303, "/consent"),
            "/u/login/login" => Answer::html(&LOGIN.replace(
                "<body>",
                r#"<p class="error" style="display: none">hidden</p><div class="form-error">Wrong <b>password</b>.</div>"#,
            )),
            "/consent" if asked.method == "GET" => Answer::html(CONSENT),
            "/consent" => callback(&kept.0, "code=c0de-c0de&"),
            "/token" => Answer::json(200, r#"{"access_token":"issued","id_token":"id-id-id","refresh_token":"again-again"}"#),
            _ => Answer::json(404, "{}"),
        }
    })
    .await
}

fn found<'a>(asked: &'a [Asked], method: &str, path: &str) -> &'a Asked {
    asked.iter().find(|asked| asked.method == method && asked.path == path).expect("asked")
}

#[tokio::test]
async fn a_login_page_is_got_through_as_a_person_would() {
    let server = provider().await;
    let desk = desk(&server, "params: { prompt: login }");
    let grant = desk.broker().acquire(&desk.identity(), false).await.expect("a token");
    assert_eq!((grant.token.access().expose(), grant.origin), ("issued", Origin::Fetched));
    let asked = server.asked();
    let lines: Vec<String> = asked.iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect();
    assert_eq!(
        lines,
        ["GET /authorize", "GET /u/login/", "POST /u/login/login", "GET /consent", "POST /consent", "POST /token"]
    );
    let authorize = &asked[0];
    for (name, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/callback"),
        ("scope", "read write"),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
    ] {
        assert_eq!(authorize.param(name), value);
    }
    assert!(authorize.param("state").len() >= 43);
    let login = found(&asked, "POST", "/u/login/login");
    assert_eq!(login.query, "continue=1");
    assert_eq!(login.body, "_csrf=tok%26en&username=ann&password=hunter22&remember=on&lang=nl&action=login");
    let mut cookies: Vec<&str> = login.header("cookie").split("; ").collect();
    cookies.sort_unstable();
    assert_eq!(cookies, ["form=2", "sid=1"]);
    assert_eq!(found(&asked, "POST", "/consent").body, "req=42&decision=ok");
    let token = found(&asked, "POST", "/token");
    assert_eq!(token.header("authorization"), "Basic YXBwOmFwcC1zM2NyZXQ=");
    assert_eq!(token.header("cookie"), "");
    let verifier = token.field("code_verifier");
    assert_eq!(
        token.body,
        format!(
            "grant_type=authorization_code&code=c0de-c0de&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code_verifier={verifier}"
        )
    );
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    assert_eq!(authorize.param("code_challenge"), URL_SAFE_NO_PAD.encode(digest));
    assert_eq!(
        desk.redactor.redact(&format!("c0de-c0de {verifier} id-id-id again-again hunter22")),
        "{{auth.acme.code}} {{auth.acme.code_verifier}} {{auth.acme.id_token}} {{auth.acme.refresh_token}} \
         {{credentials.acme.password}}"
    );
    // Each login has a state and a verifier of its own.
    desk.login().await.expect("a token");
    let second = server.asked().into_iter().filter(|asked| asked.path == "/authorize").nth(1).expect("asked");
    assert_ne!(second.param("state"), authorize.param("state"));
    assert_ne!(second.param("code_challenge"), authorize.param("code_challenge"));
}

#[tokio::test]
async fn a_login_page_that_comes_back_is_a_refusal() {
    let server = provider().await;
    let desk = desk(&server, "").set("ACME_PASSWORD", "wrong-one");
    assert_eq!(
        desk.failure().await,
        format!(
            "error[auth.refused]: acme (stg) refused the form login: \"Wrong password.\"\n \
             = note: POST {}/u/login/login\n \
             = help: ACME_CLIENT_ID, ACME_CLIENT_SECRET, ACME_USERNAME and \
             ACME_PASSWORD came from environment variables",
            server.url
        )
    );
    assert_eq!(server.asked().iter().filter(|asked| asked.method == "POST").count(), 1);
}

/// A provider whose authorization endpoint answers at once.
async fn answering(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |asked| match &*asked.path {
        "/token" => Answer::json(200, r#"{"access_token":"issued"}"#),
        _ => answer(asked),
    })
    .await
}

async fn said(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (String, usize) {
    let server = answering(answer).await;
    let error = desk(&server, "pkce: none").login().await.expect_err("refused");
    assert!(server.asked().iter().all(|asked| asked.path != "/token"), "no code is exchanged");
    (format!("[{}] {error}", error.id()).replace(&server.url, "BASE"), server.count())
}

#[tokio::test]
async fn a_redirect_that_is_not_the_answer_to_our_request_is_refused() {
    let denied = |asked: &Asked| callback(&asked.param("state"), "error=access_denied&error_description=Not%20you&");
    assert_eq!(said(denied).await.0, "[auth.refused] acme (stg) refused the authorization: access_denied \"Not you\"");
    for (rest, detail) in [
        ("code=1&state=other", "the `state` of the redirect is not the one that was sent"),
        ("code=1", "the redirect has no `state`"),
        ("", "the redirect has no `state`"),
    ] {
        let answer = move |_: &Asked| Answer::redirect(302, &format!("https://app.example/callback?{rest}"));
        let expected = format!(
            "[auth.redirect] the browser came back from acme (stg) with an answer that cannot be trusted: {detail}"
        );
        assert_eq!(said(answer).await.0, expected);
    }
    let no_code = |asked: &Asked| callback(&asked.param("state"), "iss=x&");
    assert_eq!(
        said(no_code).await.0,
        "[auth.redirect] the browser came back from acme (stg) with an answer that cannot be trusted: the redirect has no `code`, only `iss`, `state`"
    );
}

#[tokio::test]
async fn only_the_redirect_uri_itself_is_the_end() {
    for other in ["https://app.example/callback/x", "https://app.example:444/callback", "app://callback"] {
        let answer =
            move |asked: &Asked| Answer::redirect(302, &format!("{other}?code=1&state={}", asked.param("state")));
        let (text, _) = said(answer).await;
        assert!(!text.contains("issued"), "{text}");
    }
    let (text, _) = said(|_| Answer::redirect(302, "app://callback?code=1")).await;
    assert_eq!(
        text,
        "[auth.page] the login page of acme (stg) could not be filled in: it redirects to app://callback, which is not the redirect URI https://app.example/callback"
    );
    // The parameters may come in a form that a script would submit.
    let server = answering(|asked| {
        Answer::html(&format!(
            "<body onload=submit()><form method=post action='https://app.example/callback'><input type=hidden name=code \
             value=1><input type=hidden name=state value='{}'></form>",
            asked.param("state")
        ))
    })
    .await;
    assert_eq!(desk(&server, "pkce: none").login().await.expect("a token"), "issued");
    assert_eq!(
        server.asked()[1].body,
        "grant_type=authorization_code&code=1&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    );
}

#[tokio::test]
async fn circles_end() {
    let (text, count) = said(|_| Answer::redirect(302, "/authorize/again")).await;
    assert_eq!(
        text,
        "[auth.page] the login page of acme (stg) could not be filled in: it redirects more than 10 times"
    );
    assert_eq!(count, 11);
    let (text, count) = said(|_| Answer::html(CONSENT)).await;
    assert_eq!(
        text,
        "[auth.page] the login page of acme (stg) could not be filled in: its consent page comes back each time it is confirmed"
    );
    assert_eq!(count, 4);
}

#[tokio::test]
async fn pages_that_cannot_be_got_through_say_what_they_have() {
    for (page, detail) in [
        (
            Answer::html("<title>App</title><div id=root></div>"),
            "BASE/authorize answered 200 with the page \"App\": no login form",
        ),
        (
            Answer::html("<form method=post><input name=user><input type=password name=pin></form>"),
            "its form has no input named username or password; it has user, pin",
        ),
        (
            Answer::html("<form method=post><input name=otp><button>Verify</button></form>"),
            "BASE/authorize answered 200 with the page: its form has otp",
        ),
        (
            Answer::html("<form method=post><button name=a value=deny>No, don't allow</button></form>"),
            "BASE/authorize answered 200 with the page: its form has hidden inputs only",
        ),
        (
            Answer::of(400, "text/html", "<title>Error</title><p role=alert>redirect_mismatch</p>"),
            "BASE/authorize answered 400 with the page \"Error\", which says \"redirect_mismatch\": no login form",
        ),
        (Answer::json(400, r#"{"error":"invalid_client"}"#), "GET BASE/authorize answered 400 invalid_client"),
        (
            Answer::html("<form method=post enctype=text/plain><input name=username><input name=password></form>"),
            "its form is sent as text/plain, which is not supported",
        ),
    ] {
        let (text, count) = said(move |_| page.clone()).await;
        assert_eq!(text, format!("[auth.page] the login page of acme (stg) could not be filled in: {detail}"));
        assert_eq!(count, 1);
    }
    let (text, _) = said(|_| Answer::of(503, "text/html", "<title>Down</title>")).await;
    assert_eq!(text, "[auth.unavailable] acme (stg) could not answer the form login: 503 \"Down\"");
}

#[tokio::test]
async fn a_form_never_goes_over_plain_http_to_elsewhere() {
    let elsewhere = Server::start(|_| Answer::html("")).await;
    for action in ["http://login.acme.test/x".to_owned(), format!("{}/x", elsewhere.url)] {
        let shown = action.clone();
        let page = format!(
            "<form method=post action='{action}'><input name=username><input type=password name=password></form>"
        );
        let (text, _) = said(move |_| Answer::html(&page)).await;
        assert_eq!(
            text,
            format!(
                "[auth.insecure] a credential of acme (stg) would be sent unencrypted, over plain http, to {shown}"
            )
        );
    }
    let (text, _) = said(|_| Answer::redirect(302, "http://login.acme.test/")).await;
    assert_eq!(
        text,
        "[auth.insecure] a credential of acme (stg) would be sent unencrypted, over plain http, to http://login.acme.test/"
    );
    assert_eq!(elsewhere.count(), 0);
    // Nor is a form that was filled in sent on to another origin.
    let to = elsewhere.url.clone();
    let (text, _) = said(move |asked| match &*asked.method {
        "POST" => Answer::redirect(307, &to),
        _ => Answer::html(LOGIN),
    })
    .await;
    assert!(text.contains("it would send the login form on to another site"), "{text}");
}

#[tokio::test]
async fn a_login_over_two_pages_is_one_login() {
    let state = Mutex::new(String::new());
    let server = answering(move |asked| match (&*asked.method, &*asked.path) {
        (_, "/authorize") => {
            *state.lock().expect("no panic") = asked.param("state");
            Answer::html("<base href='/step/'><form method=post action=one><input type=email name=username><button>Next</button></form>")
        }
        ("POST", "/step/one") => Answer::html(
            "<form method=post enctype=multipart/form-data action=/step/two><input type=hidden name=username value=ann>\
             <input type=password name=password></form>",
        ),
        ("POST", "/step/two") if asked.body.contains("hunter22") => callback(&state.lock().expect("no panic"), "code=1&"),
        _ => Answer::json(404, "{}"),
    })
    .await;
    assert_eq!(desk(&server, "pkce: none").login().await.expect("a token"), "issued");
    assert_eq!(server.asked()[1].body, "username=ann");
    assert!(server.asked()[2].header("content-type").starts_with("multipart/form-data; boundary=callsheet-"));
}

#[tokio::test]
async fn without_names_the_form_is_found_by_its_password() {
    let state = Mutex::new(String::new());
    let server = answering(move |asked| match &*asked.path {
        "/authorize" => {
            *state.lock().expect("no panic") = asked.param("state");
            Answer::html(
                "<form action=/in><input name=q></form><form id=f action=/in><input type=hidden name=h value=1><input \
                 name=mail></form><input form=f type=password name=pin><button form=f formaction=/in2 formmethod=post>",
            )
        }
        _ => callback(&state.lock().expect("no panic"), "code=1&"),
    })
    .await;
    let yaml = format!(
        "{{ provider: acme, flow: authorization_code, login: {{ post: '{0}/token' }}, authorize: {{ url: '{0}/authorize', \
         redirect_uri: 'https://app.example/callback', by: form }} }}",
        server.url
    );
    let desk = Desk::of(&yaml)
        .set("ACME_CLIENT_ID", "app")
        .set("ACME_CLIENT_SECRET", "app-s3cret")
        .set("ACME_USERNAME", "ann")
        .set("ACME_PASSWORD", "hunter22");
    desk.login().await.expect("a token");
    let sent = &server.asked()[1];
    assert_eq!((&*sent.method, &*sent.path, &*sent.body), ("POST", "/in2", "h=1&mail=ann&pin=hunter22"));
}

#[tokio::test]
async fn what_a_browser_does_by_itself_is_done() {
    let state = Mutex::new(String::new());
    let server = answering(move |asked| match &*asked.path {
        "/authorize" => {
            *state.lock().expect("no panic") = asked.param("state");
            Answer::html("<meta http-equiv=Refresh content='0; URL=\"/hop\"'>")
        }
        "/hop" => Answer::html(
            "<body onload=go()><form method=post action=/hop2><input type=hidden name=SAMLResponse value=x></form>",
        ),
        "/hop2" if asked.body == "SAMLResponse=x" => callback(&state.lock().expect("no panic"), "code=1&"),
        _ => Answer::json(404, "{}"),
    })
    .await;
    assert_eq!(desk(&server, "pkce: none").login().await.expect("a token"), "issued");
    let (text, count) = said(|_| Answer::html("<meta http-equiv=refresh content='0;url=?again'>")).await;
    assert_eq!(text, "[auth.page] the login page of acme (stg) could not be filled in: it takes more than 20 requests");
    assert_eq!(count, 20);
    let (text, _) =
        said(|_| Answer::html("<form action='javascript:go()'><input name=username><button>Continue</button></form>"))
            .await;
    assert!(text.ends_with("with the page: its form has username"), "{text}");
}

#[test]
fn a_page_that_is_made_to_cost_time_gets_none() {
    let url = "https://login.test/".parse().expect("a URL");
    let nested = |text: &str| text.repeat(300_000 / text.len());
    let started = std::time::Instant::now();
    for page in [
        nested("<div><input name=a>"),
        nested("<form id=a><input form=a name=a></form>"),
        nested("<div class=error>a very long message that goes on and on"),
        nested("<p><b><i><a href=x>"),
        nested("<select><option>"),
        nested("é"),
        nested("<script>if(a<b)</script>"),
        nested("<li><p><option><tr><td>"),
        nested("<table><tr><td>"),
    ] {
        let _ = crate::auth::flow::read_page(&page, &url);
    }
    // What took quadratic time takes a minute and more.
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
}

proptest::proptest! {
    #[test]
    fn no_page_makes_the_reader_panic(html in "(<(form|input|button|meta|base|select|p)( (name|type|action|form|href|content|http-equiv|class)=[a-z0-9:/;='\"]{0,8}){0,3}>|[a-zé &;]{0,5}|</[a-z]{1,6}>){0,30}") {
        let _ = crate::auth::flow::read_page(&html, &"https://login.test/a".parse().expect("a URL"));
    }
}
