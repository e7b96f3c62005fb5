use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use url::Url;

use super::super::{Fault, FaultKind, Site};
use super::{Answered, FORM, JSON, Stage, basic, claims, form, text};

const AUTHORIZE: &str = "/gridshare/oauth2/authorize";
const TOKEN: &str = "/gridshare/oauth2/token";
const DEVICES: &str = "/gridshare/api/v1/devices";
const CLIENT: &str = "1example23456789";
const REDIRECT: &str = "https://www.example.com";

type Query = Vec<(&'static str, String)>;

fn request() -> Query {
    vec![
        ("response_type", "code".to_owned()),
        ("client_id", CLIENT.to_owned()),
        ("redirect_uri", REDIRECT.to_owned()),
        ("state", "abc&d=é".to_owned()),
        ("scope", "lunar/device.read lunar/device.write".to_owned()),
    ]
}

fn with(name: &'static str, value: &str) -> Query {
    let mut query = without(name);
    query.push((name, value.to_owned()));
    query
}

fn without(name: &str) -> Query {
    request().into_iter().filter(|(known, _)| *known != name).collect()
}

fn encoded(query: &Query) -> String {
    form(&query.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
}

/// A browser: it keeps cookies and fills in forms.
struct Browser<'a> {
    stage: &'a Stage,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    fn new(stage: &'a Stage) -> Self {
        Self { stage, cookies: Vec::new() }
    }

    async fn send(&mut self, method: Method, path: &str, body: &str) -> Answered {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [("cookie", cookies.as_str()), ("content-type", FORM)];
        let answer = self.stage.send(method, path, &headers, body).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Answered {
        self.send(Method::GET, path, "").await
    }

    /// Opens the authorization request and follows it to the login page.
    async fn open(&mut self, query: &Query) -> Form {
        let answer = self.get(&format!("{AUTHORIZE}?{}", encoded(query))).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        let page = self.get(answer.header("location")).await;
        assert_eq!(page.status, 200);
        Form::named("loginForm", &page.body)
    }

    async fn submit(&mut self, form: &Form) -> Answered {
        self.send(Method::POST, &form.action, &form.body()).await
    }

    /// Logs in and approves; the answer is the redirect to the client.
    async fn approve(&mut self, query: &Query, persona: &str) -> Answered {
        let username = self.stage.credential(Site::Gridshare, persona, "username");
        let password = self.stage.credential(Site::Gridshare, persona, "password");
        let login = self.open(query).await.fill("username", username).fill("password", password);
        let answer = self.submit(&login).await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        if !answer.header("location").starts_with("/gridshare/consent") {
            return answer;
        }
        let page = self.get(answer.header("location")).await;
        self.submit(&Form::named("consentForm", &page.body).fill("action", "approve")).await
    }
}

struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    fn named(name: &str, page: &str) -> Self {
        let html = Html::parse_document(page);
        let form = html.select(&Selector::parse(&format!("form[name={name}]")).unwrap()).next().unwrap();
        let hidden = Selector::parse("input[type=hidden]").unwrap();
        let value = |element: scraper::ElementRef<'_>, name| element.value().attr(name).unwrap().to_owned();
        Self {
            action: form.value().attr("action").unwrap().to_owned(),
            fields: form.select(&hidden).map(|input| (value(input, "name"), value(input, "value"))).collect(),
        }
    }

    fn fill(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn body(&self) -> String {
        form(&self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>())
    }
}

/// The parameters that a redirect brings back to the client.
fn answered(redirect: &Answered) -> Value {
    assert_eq!(redirect.status, 302, "{}", redirect.body);
    let url = Url::parse(redirect.header("location")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}

async fn ask(stage: &Stage, persona: &str, fields: &[(&str, &str)]) -> Answered {
    let authorization = basic(
        stage.credential(Site::Gridshare, persona, "client_id"),
        stage.credential(Site::Gridshare, persona, "client_secret"),
    );
    let headers = [("content-type", FORM), ("authorization", authorization.as_str())];
    stage.send(Method::POST, TOKEN, &headers, &form(fields)).await
}

fn exchange(code: &str) -> Vec<(&str, &str)> {
    vec![("grant_type", "authorization_code"), ("client_id", CLIENT), ("code", code), ("redirect_uri", REDIRECT)]
}

async fn code(stage: &Stage, query: &Query, persona: &str) -> String {
    let answer = answered(&Browser::new(stage).approve(query, persona).await);
    text(&answer, "code").to_owned()
}

pub(super) async fn tokens(stage: &Stage, scope: &str, persona: &str) -> Value {
    let code = code(stage, &with("scope", scope), persona).await;
    let answer = ask(stage, persona, &exchange(&code)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn a_person_is_led_through_login_and_consent_to_a_code_and_tokens() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    let redirect = browser.approve(&request(), "default").await;
    assert!(redirect.header("location").starts_with("https://www.example.com?code="));
    let answer = answered(&redirect);
    assert_eq!(answer["state"], "abc&d=é");
    let tokens = ask(&stage, "default", &exchange(text(&answer, "code"))).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"));
    let tokens = tokens.json();
    let members: Vec<_> = tokens.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["access_token", "id_token", "token_type", "expires_in", "refresh_token"]);
    assert_eq!(claims(text(&tokens, "id_token"))["aud"], CLIENT);

    // The second time neither the password nor the consent is asked for, unless the client insists.
    let again = browser.get(&format!("{AUTHORIZE}?{}", encoded(&request()))).await;
    assert!(again.header("location").starts_with(REDIRECT));
    let wider = browser.get(&format!("{AUTHORIZE}?{}", encoded(&with("scope", "lunar/plan.read")))).await;
    assert!(wider.header("location").starts_with("/gridshare/consent"));
    let insisting = browser.get(&format!("{AUTHORIZE}?{}", encoded(&with("prompt", "login")))).await;
    assert!(insisting.header("location").starts_with("/gridshare/login"));
}

#[tokio::test]
async fn what_nobody_can_be_trusted_with_is_shown_to_the_person() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    for query in [
        without("client_id"),
        with("client_id", "nobody"),
        without("redirect_uri"),
        with("redirect_uri", "https://evil.example"),
        with("redirect_uri", "https://www.example.com/"),
        with("redirect_uri", "http://127.0.0.1.evil.example/"),
        with("redirect_uri", "http://user@127.0.0.1/"),
        [request(), vec![("state", "twice".to_owned())]].concat(),
    ] {
        let answer = browser.get(&format!("{AUTHORIZE}?{}", encoded(&query))).await;
        assert_eq!(answer.status, 400, "{query:?}");
        assert!(answer.header("content-type").starts_with("text/html"));
    }
}

#[tokio::test]
async fn other_mistakes_are_reported_to_the_client() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    for (query, error) in [
        (without("response_type"), "invalid_request"),
        (with("response_type", "token"), "unsupported_response_type"),
        (without("state"), "invalid_request"),
        (without("scope"), "invalid_scope"),
        (with("scope", "lunar/device.read lunar/moon.write"), "invalid_scope"),
        (with("code_challenge", "short"), "invalid_request"),
        (with("code_challenge_method", "S256"), "invalid_request"),
        (
            [with("code_challenge", "x"), vec![("code_challenge_method", "plain".to_owned())]].concat(),
            "invalid_request",
        ),
    ] {
        let answer = answered(&browser.get(&format!("{AUTHORIZE}?{}", encoded(&query))).await);
        assert_eq!(answer["error"], error, "{query:?}");
        assert_eq!(answer.get("state").is_some(), query.iter().any(|(name, _)| *name == "state"));
    }
    assert_eq!(browser.send(Method::POST, AUTHORIZE, "").await.status, 405);
}

#[tokio::test]
async fn a_form_without_its_token_or_cookie_is_refused() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    let login = browser.open(&request()).await.fill("username", "x").fill("password", "y");
    let mut stranger = Browser::new(&stage);
    assert_eq!(stranger.submit(&login).await.status, 403);
    let mut forged = login;
    forged = forged.fill("_csrf", "guessed");
    assert_eq!(browser.submit(&forged).await.status, 403);
    forged.fields.retain(|(name, _)| name != "_csrf");
    assert_eq!(browser.submit(&forged).await.status, 403);
    let json = [("content-type", JSON)];
    assert_eq!(stage.send(Method::POST, &forged.action, &json, "{}").await.status, 415);
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    let login = browser.open(&request()).await.fill("username", "homeowner@example.com").fill("password", "wrong");
    let again = browser.submit(&login).await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("Incorrect username or password."));
    let html = Html::parse_document(&again.body);
    assert_eq!(html.select(&Selector::parse("form").unwrap()).count(), 4);
    // The form that comes first, and the one that has a password first, are not the one.
    for decoy in ["/gridshare/search", "/gridshare/language", "/gridshare/signup"] {
        assert_eq!(browser.send(Method::POST, decoy, &login.body()).await.status, 404);
    }
}

#[tokio::test]
async fn consent_can_be_denied() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    let login = browser.open(&request()).await.fill("username", "homeowner@example.com");
    let login = login.fill("password", stage.credential(Site::Gridshare, "default", "password"));
    let answer = browser.submit(&login).await;
    let consent_path = answer.header("location").to_owned();
    let page = browser.get(&consent_path).await;
    let consent = Form::named("consentForm", &page.body);
    let undecided = browser.submit(&consent).await;
    assert_eq!(undecided.status, 400);
    let denied = answered(&browser.submit(&consent.fill("action", "deny")).await);
    assert_eq!((&denied["error"], &denied["state"]), (&json!("access_denied"), &json!("abc&d=é")));
    let stranger = Browser::new(&stage).get(&consent_path).await;
    assert!(stranger.header("location").starts_with("/gridshare/login"));
}

#[tokio::test]
async fn a_loopback_redirect_may_have_any_port() {
    let stage = Stage::new().await;
    let query = with("redirect_uri", "http://127.0.0.1:54321/callback?x=1");
    let redirect = Browser::new(&stage).approve(&query, "default").await;
    assert!(redirect.header("location").starts_with("http://127.0.0.1:54321/callback?x=1&code="));
}

#[tokio::test]
async fn a_code_is_used_once_and_reuse_revokes_its_tokens() {
    let stage = Stage::new().await;
    let code = code(&stage, &request(), "default").await;
    let tokens = ask(&stage, "default", &exchange(&code)).await.json();
    let access = text(&tokens, "access_token");
    assert_eq!(stage.get(DEVICES, access).await.status, 200);
    ask(&stage, "default", &exchange(&code)).await.refuses(400, "invalid_grant");
    stage.get(DEVICES, access).await.refuses(401, "invalid_token");
    refresh(&stage, &tokens).await.refuses(400, "invalid_grant");
    assert_eq!(stage.mock.counters().violations.code_reused, 1);
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_its_redirect_and_its_minute() {
    let stage = Stage::new().await;
    let code = code(&stage, &request(), "default").await;
    ask(&stage, "default", &exchange("unknown")).await.refuses(400, "invalid_grant");
    let mut fields = exchange(&code);
    fields[1] = ("client_id", stage.credential(Site::Gridshare, "partner", "client_id"));
    ask(&stage, "partner", &fields).await.refuses(400, "invalid_grant");
    let mut fields = exchange(&code);
    fields[3] = ("redirect_uri", "http://127.0.0.1/");
    ask(&stage, "default", &fields).await.refuses(400, "invalid_grant");
    ask(&stage, "default", &exchange(&code)[..3]).await.refuses(400, "invalid_request");
    let mut fields = exchange(&code);
    fields.push(("code_verifier", "a-verifier-although-there-was-no-challenge-at-all"));
    ask(&stage, "default", &fields).await.refuses(400, "invalid_grant");
    stage.mock.advance(Duration::from_secs(61));
    ask(&stage, "default", &exchange(&code)).await.refuses(400, "invalid_grant");
}

#[tokio::test]
async fn a_challenge_is_verified() {
    let stage = Stage::new().await;
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    // The example of RFC 7636, appendix B.
    assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let mut query = with("code_challenge", &challenge);
    query.push(("code_challenge_method", "S256".to_owned()));
    let code = code(&stage, &query, "default").await;
    ask(&stage, "default", &exchange(&code)).await.refuses(400, "invalid_grant");
    let mut fields = exchange(&code);
    let wrong = verifier.replace('d', "e");
    fields.push(("code_verifier", &wrong));
    ask(&stage, "default", &fields).await.refuses(400, "invalid_grant");
    fields.pop();
    fields.push(("code_verifier", verifier));
    assert_eq!(ask(&stage, "default", &fields).await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_wants_basic_and_the_client_id_and_a_form() {
    let stage = Stage::new().await;
    let code = code(&stage, &request(), "default").await;
    stage.post(TOKEN, FORM, &form(&exchange(&code))).await.refuses(401, "invalid_client");
    let mut fields = exchange(&code);
    fields.remove(1);
    ask(&stage, "default", &fields).await.refuses(400, "invalid_request");
    fields.push(("client_id", "2example98765432"));
    ask(&stage, "default", &fields).await.refuses(400, "invalid_request");
    fields = exchange(&code);
    fields.push(("client_secret", "demo"));
    ask(&stage, "default", &fields).await.refuses(400, "invalid_request");
    fields = exchange(&code);
    fields[0].1 = "client_credentials";
    ask(&stage, "default", &fields).await.refuses(400, "unsupported_grant_type");
    let authorization = basic(CLIENT, "wrong");
    let headers = [("authorization", authorization.as_str()), ("content-type", FORM)];
    let wrong = stage.send(Method::POST, TOKEN, &headers, &form(&exchange(&code))).await;
    wrong.refuses(401, "invalid_client");
    assert_eq!(wrong.header("www-authenticate"), "Basic realm=\"gridshare\"");
    stage.post(TOKEN, JSON, "{}").await.refuses(400, "invalid_request");
    // None of that used the code up.
    assert_eq!(ask(&stage, "default", &exchange(&code)).await.status, 200);
}

async fn refresh(stage: &Stage, tokens: &Value) -> Answered {
    let token = text(tokens, "refresh_token");
    let fields = [("grant_type", "refresh_token"), ("client_id", CLIENT), ("refresh_token", token)];
    ask(stage, "default", &fields).await
}

#[tokio::test]
async fn a_refresh_yields_no_new_refresh_token() {
    let stage = Stage::new().await;
    let tokens = tokens(&stage, "lunar/device.read", "default").await;
    let refreshed = refresh(&stage, &tokens).await.json();
    let members: Vec<_> = refreshed.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["access_token", "id_token", "token_type", "expires_in"]);
    assert_ne!(refreshed["access_token"], tokens["access_token"]);
    assert_eq!(refresh(&stage, &tokens).await.status, 200);
    let token = text(&tokens, "refresh_token");
    let mut fields = vec![("grant_type", "refresh_token"), ("client_id", "2example98765432"), ("refresh_token", token)];
    ask(&stage, "partner", &fields).await.refuses(400, "invalid_grant");
    fields[1].1 = CLIENT;
    fields.push(("scope", "lunar/plan.write"));
    ask(&stage, "default", &fields).await.refuses(400, "invalid_scope");

    stage.mock.inject(Fault::new(Site::Gridshare, FaultKind::RefreshRefused(401)));
    refresh(&stage, &tokens).await.refuses(401, "invalid_grant");
    assert_eq!(stage.mock.revoke_refresh_tokens(Site::Gridshare), 1);
    refresh(&stage, &tokens).await.refuses(400, "invalid_grant");
}

#[tokio::test]
async fn each_part_of_the_api_needs_its_scope() {
    let stage = Stage::new().await;
    let one = format!("{DEVICES}/dev-1001");
    let plans = format!("{one}/plans");
    let mode = json!({ "operationMode": "BACKUP" });
    let window = json!({ "start": "2027-01-01T00:00:00Z", "end": "2027-01-01T04:00:00Z", "mode": "EXPORT" });
    let plan = json!({ "name": "Night", "windows": [window] });

    let reading = tokens(&stage, "lunar/device.read lunar/plan.read", "default").await;
    let reading = text(&reading, "access_token");
    assert_eq!(stage.get(DEVICES, reading).await.json()["total"], 3);
    assert_eq!(stage.get(&one, reading).await.json()["operationMode"], "SELF_CONSUMPTION");
    assert_eq!(stage.get(&format!("{one}/telemetry"), reading).await.status, 200);
    assert_eq!(stage.get(&plans, reading).await.json()["total"], 0);
    stage.call(Method::PATCH, &one, reading, &mode).await.refuses(403, "insufficient_scope");
    stage.call(Method::POST, &plans, reading, &plan).await.refuses(403, "insufficient_scope");
    assert_eq!(stage.get(&format!("{DEVICES}/dev-2001"), reading).await.status, 404);

    let writing = tokens(&stage, "lunar/device.write lunar/plan.write", "default").await;
    let writing = text(&writing, "access_token");
    stage.get(DEVICES, writing).await.refuses(403, "insufficient_scope");
    stage.get(&plans, writing).await.refuses(403, "insufficient_scope");
    let changed = stage.call(Method::PATCH, &one, writing, &mode).await;
    assert_eq!((changed.status, &changed.json()["operationMode"]), (200, &json!("BACKUP")));
    let created = stage.call(Method::POST, &plans, writing, &plan).await;
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(stage.get(created.header("location"), reading).await.json(), created.json());

    let bad_mode = json!({ "operationMode": "SING" });
    assert_eq!(stage.call(Method::PATCH, &one, writing, &bad_mode).await.status, 422);
    assert_eq!(stage.call(Method::PATCH, &format!("{DEVICES}/dev-1003"), writing, &mode).await.status, 409);
    assert_eq!(stage.call(Method::POST, &plans, writing, &json!({ "name": "x", "windows": [] })).await.status, 422);
    assert_eq!(stage.call(Method::DELETE, &one, writing, &json!({})).await.status, 405);
}

#[tokio::test]
async fn a_viewer_is_granted_less_than_was_asked_for_and_told_so() {
    let stage = Stage::new().await;
    let tokens = tokens(&stage, "lunar/device.read lunar/device.write", "viewer").await;
    assert_eq!(tokens["scope"], "lunar/device.read");
    let token = text(&tokens, "access_token");
    assert_eq!(stage.get(DEVICES, token).await.json()["devices"][0]["id"], "dev-2001");
    let refused = stage.call(Method::PATCH, &format!("{DEVICES}/dev-2001"), token, &json!({})).await;
    refused.refuses(403, "insufficient_scope");
}
