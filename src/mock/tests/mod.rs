//! The mock driven over real HTTP. Every refusal that the look-alikes are for has a test here, for a
//! mock that accepts what it should not would make every client look good.

mod cognito;
mod echo;
mod faults;
mod general;
mod graphql;
mod gridshare;
mod lavanda;
mod simacan;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Mock, MockOptions, Site};

pub(super) const FORM: &str = "application/x-www-form-urlencoded";
pub(super) const JSON: &str = "application/json";

/// A mock and a client for it, which follows no redirects and keeps no cookies.
pub(super) struct Stage {
    pub(super) mock: Mock,
    pub(super) client: reqwest::Client,
}

/// An answer, read whole.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answered {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts an OAuth refusal: its status, its error, and what every such answer must have.
    #[track_caller]
    pub(super) fn refuses(&self, status: u16, error: &str) {
        assert_eq!((self.status, &self.json()["error"]), (status, &json!(error)), "{}", self.body);
        assert!(self.json()["error_description"].is_string(), "{}", self.body);
        assert_eq!(self.header("cache-control"), "no-store");
        assert!(status != 401 || !self.header("www-authenticate").is_empty());
    }
}

impl Stage {
    pub(super) async fn new() -> Self {
        let mock = Mock::start(MockOptions { seed: Some(7), ..MockOptions::default() }).await.unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { mock, client }
    }

    /// Sends a request. A path without a host is one of the mock.
    pub(super) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.mock.base()) };
        let mut request = self.client.request(method, url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        Answered {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str, token: &str) -> Answered {
        self.send(Method::GET, path, &[("authorization", &bearer(token))], "").await
    }

    pub(super) async fn post(&self, path: &str, content_type: &str, body: &str) -> Answered {
        self.send(Method::POST, path, &[("content-type", content_type)], body).await
    }

    /// Sends JSON with a token.
    pub(super) async fn call(&self, method: Method, path: &str, token: &str, body: &Value) -> Answered {
        let authorization = bearer(token);
        let headers = [("authorization", authorization.as_str()), ("content-type", JSON)];
        self.send(method, path, &headers, &body.to_string()).await
    }

    pub(super) fn credential(&self, site: Site, persona: &str, name: &str) -> &'static str {
        let facts = self.mock.facts();
        let provider = facts.iter().find(|facts| facts.site == site).unwrap();
        let persona = provider.personas.iter().find(|known| known.name == persona).unwrap();
        persona.credentials.iter().find(|(known, _)| *known == name).unwrap().1
    }
}

pub(super) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(super) fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The claims of a token, unverified.
pub(super) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

pub(super) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}
