//! The answer of a token endpoint: tokens, or an error in the server's own words (RFC 6749, sections 5.1 and 5.2).

use std::sync::Arc;
use std::time::Instant;

use scraper::Html;

use crate::auth::attach::shown;
use crate::auth::error::{Said, Trouble};
use crate::auth::identity::Identity;
use crate::auth::provider::TokenEndpoint;
use crate::auth::token::TokenSet;
use crate::http::Response;
use crate::json::Json;
use crate::secret::Redactor;

/// How much of a text that is no error of OAuth is shown.
const EXCERPT: usize = 200;

/// Reads the tokens of an answer, or why there are none.
pub(super) fn read(
    response: &Response,
    what: &str,
    endpoint: &TokenEndpoint,
    asked: Instant,
    redactor: &Redactor,
    identity: &Identity,
) -> Result<TokenSet, Trouble> {
    let status = response.status;
    let failed = |detail: String| Trouble::Answer { what: what.into(), detail: detail.into() };
    let json = json(response, what, redactor)?;
    // Whatever the answer is, its tokens are taught before a word of it is shown.
    for (name, path) in [
        ("access_token", &endpoint.token.access_token),
        ("refresh_token", &endpoint.token.refresh_token),
        ("id_token", &endpoint.token.id_token),
    ] {
        path.values(json)
            .into_iter()
            .filter_map(Json::as_str)
            .for_each(|text| redactor.learn(&identity.masked(name), text));
    }
    TokenSet::read(json, status, &endpoint.token, asked).map_err(|lacking| {
        // Some providers refuse with a 200.
        if json.get("error").is_some_and(|error| !matches!(error, Json::Null)) {
            return Trouble::Refused { what: what.into(), status, said: Box::new(said(response, redactor)) };
        }
        let names: Vec<String> = lacking.names.iter().take(20).map(|name| format!("`{name}`")).collect();
        let has = match (&**json, names.is_empty()) {
            (Json::Object(_), true) => "it is an empty object".to_owned(),
            (Json::Object(_), false) => format!("it has {}", names.join(", ")),
            (other, _) => format!("it is {}", other.kind().with_article()),
        };
        failed(format!("{status}, but there is no text at {}; {has}", lacking.path))
    })
}

/// The JSON of an answer, or why there is none.
pub(super) fn json<'r>(response: &'r Response, what: &str, redactor: &Redactor) -> Result<&'r Arc<Json>, Trouble> {
    let status = response.status;
    let failed = |detail: String| Trouble::Answer { what: what.into(), detail: detail.into() };
    match status {
        200..300 => {}
        300..400 => {
            let location = response.headers.get("location");
            let url = location.and_then(|location| response.url.join(location).ok());
            let location = url.map_or_else(
                || location.unwrap_or("an unknown place: it has no `Location`").to_owned(),
                |url| shown(&url),
            );
            return Err(Trouble::Redirected { status, location: redactor.redact(&location).into() });
        }
        429 | 500.. => {
            let retry_after = response.headers.get("retry-after").map(Box::from);
            return Err(Trouble::Unavailable {
                what: what.into(),
                status,
                said: Box::new(said(response, redactor)),
                retry_after,
            });
        }
        _ => return Err(Trouble::Refused { what: what.into(), status, said: Box::new(said(response, redactor)) }),
    }
    match response.json() {
        Ok(json) => Ok(json),
        Err(_) if response.body.is_empty() => Err(failed(format!("{status} with an empty body"))),
        Err(error) => {
            let kind = Some(response.media_type()).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "a body".into());
            Err(failed(format!("{status} with {kind} that is not JSON ({error})")))
        }
    }
}

/// What an answer says is wrong.
pub(in crate::auth) fn said(response: &Response, redactor: &Redactor) -> Said {
    let show = |text: &str| -> Box<str> { excerpt(text, redactor).into() };
    let Ok(json) = response.json() else {
        let text = response.text();
        let text = if response.media_type().contains("html") { headline(&text) } else { text.into_owned() };
        let description = Some(show(&text)).filter(|text| !text.is_empty());
        return Said { description, ..Said::default() };
    };
    let said = of_json(json);
    Said {
        error: said.error.map(|text| show(&text)),
        description: said.description.map(|text| show(&text)),
        uri: said.uri.map(|text| show(&text)),
    }
}

/// Where providers that do not follow the RFC put their words.
const MESSAGES: &[&str] = &[
    "error_description",
    "message",
    "detail",
    "msg",
    "errorMessage",
    "error_message",
    "description",
    "title",
    "reason",
];

/// The error members of the RFC, else those that providers of their own mind use.
fn of_json(json: &Arc<Json>) -> Said {
    let text = |json: &Json, names: &[&str]| {
        names.iter().find_map(|name| match json.get(name)? {
            Json::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Json::Number(number) => Some(number.to_string().into()),
            _ => None,
        })
    };
    let mut said =
        Said { error: text(json, &["error"]), description: text(json, MESSAGES), uri: text(json, &["error_uri"]) };
    let inner = match json.get("error") {
        Some(inner @ Json::Object(_)) => Some(inner),
        _ => json.get("errors").and_then(Json::as_array).and_then(<[Json]>::first),
    };
    if let Some(inner) = inner {
        said.error = said.error.or_else(|| text(inner, &["code", "type", "status", "error"]));
        let message = || inner.as_str().map(Box::from).or_else(|| text(inner, MESSAGES));
        said.description = said.description.or_else(message);
    }
    if said == Said::default() {
        said.description = match &**json {
            Json::String(text) => Some(text.clone()),
            Json::Object(object) if object.is_empty() => None,
            other => Some(other.to_string().into()),
        };
    }
    said
}

/// A text on one line, short and without secrets.
pub(super) fn excerpt(text: &str, redactor: &Redactor) -> String {
    // No more than this is looked at: an error page may be of any size.
    let words: Vec<&str> = text.split_whitespace().take(200).collect();
    let line = words.join(" ");
    let shown = redactor.excerpt(&line, EXCERPT);
    if line.len() > EXCERPT { format!("{shown}…") } else { shown }
}

/// What an HTML error page says in its title or first heading.
fn headline(html: &str) -> String {
    let page = Html::parse_document(super::page::head(html));
    let text = |name: &str| {
        page.root_element()
            .descendent_elements()
            .find(|element| element.value().name() == name)
            .map(|element| element.text().collect::<String>().trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    text("title").or_else(|| text("h1")).unwrap_or_default()
}
