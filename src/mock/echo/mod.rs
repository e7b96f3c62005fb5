//! A site that answers what it is asked to: for tests of expectations, of redirects and cookies, and of
//! everything else about a client that no provider's API brings out.

mod aws;
mod compress;
mod digest;
mod multipart;
mod request;
mod sample;
mod session;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use hyper::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE, VARY, WWW_AUTHENTICATE,
};
use hyper::{Method, StatusCode};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::reply::{Answer, Reply, settle};
use super::state::{State, lock};
use compress::Coding;

const LONGEST_DELAY: u64 = 60_000;
const MOST_BYTES: usize = 32 * 1024 * 1024;
const MOST_OBJECTS: usize = 100_000;
const MOST_REDIRECTS: u32 = 1000;
const MOST_KEYS: usize = 10_000;

/// The counters that some paths keep, by their key.
#[derive(Default)]
pub(super) struct Echo {
    counters: Mutex<HashMap<String, u64>>,
    /// The nonces of Digest, and the last count of each.
    nonces: Mutex<HashMap<String, u64>>,
    sessions: Mutex<session::Sessions>,
}

impl Echo {
    /// Counts one more for this key; none when there are too many keys.
    fn count(&self, key: &str) -> Option<u64> {
        let mut counters = lock(&self.counters);
        if counters.len() >= MOST_KEYS && !counters.contains_key(key) {
            return None;
        }
        let count = counters.entry(key.to_owned()).or_default();
        *count += 1;
        Some(*count)
    }
}

pub(super) async fn answer(state: &State, call: &Call) -> Reply {
    match call.route().as_slice() {
        ["delay", ms] => match ms.parse::<u64>() {
            Ok(ms) if ms <= LONGEST_DELAY => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Reply::ok(&json!({ "delayed": ms }))
            }
            _ => *invalid("the delay must be a number of milliseconds up to 60000"),
        },
        [coding @ ("gzip" | "deflate" | "brotli" | "zstd")] => compressed(call, coding).await,
        route => settle(at_once(state, call, route)),
    }
}

/// What needs no waiting.
fn at_once(state: &State, call: &Call, route: &[&str]) -> Answer {
    match (route, &call.method) {
        (["anything", ..], _) => Ok(Reply::ok(&request::describe(call))),
        (["json"], &Method::POST) => json_back(call),
        (["body"], &Method::POST) => Ok(body_back(call)),
        (["json" | "body"], method) => Ok(Reply::not_allowed(method, "POST")),
        (["json", count], _) => objects(count),
        (["status", code], _) => status(code),
        (["redirect", left], _) => redirect(call, left),
        (["redirect-to"], _) => redirect_to(call),
        (["cookies"], _) => Ok(Reply::ok(&json!({ "cookies": cookies(call) }))),
        (["cookies", "set"], _) => Ok(set_cookies(call, "")),
        (["cookies", "delete"], _) => Ok(set_cookies(call, "; Max-Age=0")),
        (["charset", name], _) => Ok(charset(name)),
        (["bytes", count], _) => bytes(count),
        (["headers"], _) => headers(call),
        (["html"], _) => Ok(Reply::new(StatusCode::OK, "text/html; charset=utf-8", include_str!("sample.html"))),
        (["xml"], _) => Ok(Reply::new(StatusCode::OK, "application/xml", include_str!("sample.xml"))),
        (["sample", name], _) => Ok(sample::answer(name)),
        (["text"], _) => Ok(Reply::new(StatusCode::OK, "text/plain; charset=utf-8", "one\ntwo\nthree\n")),
        (["empty"], _) => Ok(Reply::empty(StatusCode::OK)),
        (["digest", user, password], _) => digest::answer(state, call, user, password),
        (["aws", ..], _) => aws::answer(call),
        (["session", path], _) => session::answer(state, call, path),
        (["flaky", key], _) => flaky(state, call, key),
        (["counter", key], &Method::DELETE) => {
            lock(&state.echo.counters).remove(&format!("counter {key}"));
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        (["counter", key], _) => match state.echo.count(&format!("counter {key}")) {
            Some(count) => Ok(Reply::ok(&json!({ "key": key, "count": count }))),
            None => Err(invalid("there are too many keys; reset the mock")),
        },
        _ => Ok(Reply::not_found("the echo service has no such path")),
    }
}

fn invalid(message: &str) -> Box<Reply> {
    Box::new(Reply::error(StatusCode::BAD_REQUEST, "invalid_request", message))
}

/// The status that the query asks the answer to have.
fn wanted_status(call: &Call) -> Result<StatusCode, Box<Reply>> {
    match call.query().get("status") {
        None => Ok(StatusCode::OK),
        Some(status) => read_status(status),
    }
}

fn read_status(status: &str) -> Result<StatusCode, Box<Reply>> {
    status
        .parse::<u16>()
        .ok()
        .filter(|status| (200..600).contains(status))
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| invalid("the status must be a number from 200 to 599"))
}

/// The posted JSON, byte for byte.
fn json_back(call: &Call) -> Answer {
    let status = wanted_status(call)?;
    match serde_json::from_slice::<IgnoredAny>(&call.body) {
        Ok(_) => Ok(Reply::new(status, "application/json", call.body.clone())),
        Err(error) => Err(invalid(&format!("the body is not JSON: {error}"))),
    }
}

/// The posted body with its own content type, whatever it is.
fn body_back(call: &Call) -> Reply {
    let mut reply = Reply::empty(StatusCode::OK);
    if let Some(content_type) = call.headers.get(CONTENT_TYPE) {
        reply.headers.insert(CONTENT_TYPE, content_type.clone());
    }
    reply.body = call.body.clone();
    reply
}

fn objects(count: &str) -> Answer {
    let count = count
        .parse::<usize>()
        .ok()
        .filter(|count| *count <= MOST_OBJECTS)
        .ok_or_else(|| invalid("the count must be a number up to 100000"))?;
    let objects: Vec<_> = (1..=count)
        .map(|id| {
            json!({
                "id": id,
                "name": format!("object {id}"),
                "even": id % 2 == 0,
                "tags": ["a", "b"],
                "nested": { "square": id * id },
            })
        })
        .collect();
    Ok(Reply::ok(&objects))
}

fn status(code: &str) -> Answer {
    let status = read_status(code)?;
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        return Ok(Reply::empty(status));
    }
    let reply = Reply::json(
        status,
        &json!({
            "status": status.as_u16(),
            "reason": status.canonical_reason(),
        }),
    );
    Ok(if status == StatusCode::UNAUTHORIZED { reply.with(WWW_AUTHENTICATE, "Bearer realm=\"echo\"") } else { reply })
}

fn redirect_status(call: &Call) -> Result<StatusCode, Box<Reply>> {
    match call.query().get("status") {
        None => Ok(StatusCode::FOUND),
        Some(status) => Some(read_status(status)?)
            .filter(StatusCode::is_redirection)
            .ok_or_else(|| invalid("the status of a redirect must be from 300 to 399")),
    }
}

fn redirect(call: &Call, left: &str) -> Answer {
    let status = redirect_status(call)?;
    let left = left
        .parse::<u32>()
        .ok()
        .filter(|left| *left <= MOST_REDIRECTS)
        .ok_or_else(|| invalid("the number of redirects must be up to 1000"))?;
    if left == 0 {
        return Ok(Reply::ok(&request::describe(call)));
    }
    let query = match call.raw_query() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let location = format!("/echo/redirect/{}{query}", left - 1);
    Ok(Reply::empty(status).with(LOCATION, &location))
}

fn redirect_to(call: &Call) -> Answer {
    let status = redirect_status(call)?;
    let query = call.query();
    let url = query
        .get("url")
        .filter(|url| HeaderValue::from_bytes(url.as_bytes()).is_ok())
        .ok_or_else(|| invalid("say where to, as in /echo/redirect-to?url=/echo/anything"))?;
    Ok(Reply::empty(status).with(LOCATION, url))
}

fn cookies(call: &Call) -> Map<String, Value> {
    call.cookies().into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn set_cookies(call: &Call, attributes: &str) -> Reply {
    let query = call.query();
    let names: Vec<_> = query.iter().map(|(name, _)| name).collect();
    let reply = Reply::ok(&json!({ "cookies": names }));
    query
        .iter()
        .fold(reply, |reply, (name, value)| reply.and(SET_COOKIE, &format!("{name}={value}; Path=/echo{attributes}")))
}

fn charset(name: &str) -> Reply {
    const TEXT: &str = "Grüße aus Köln, à bientôt: ½ café\n";
    let (content_type, body): (_, Vec<u8>) = match name {
        "latin1" => (
            "text/plain; charset=iso-8859-1",
            // Every character of the text is one byte in Latin-1.
            TEXT.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect(),
        ),
        "utf-16" => (
            "text/plain; charset=utf-16",
            std::iter::once(0xfeff).chain(TEXT.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        ),
        "utf-8" => ("text/plain; charset=utf-8", TEXT.into()),
        _ => {
            return Reply::not_found("the charsets are latin1, utf-16 and utf-8");
        }
    };
    Reply::new(StatusCode::OK, content_type, body)
}

fn bytes(count: &str) -> Answer {
    let count = count
        .parse::<usize>()
        .ok()
        .filter(|count| *count <= MOST_BYTES)
        .ok_or_else(|| invalid("the count must be a number up to 33554432"))?;
    let body: Vec<u8> = (0..=u8::MAX).cycle().take(count).collect();
    Ok(Reply::new(StatusCode::OK, "application/octet-stream", body))
}

fn headers(call: &Call) -> Answer {
    let mut reply = Reply::ok(&json!({}));
    for (name, value) in call.query().iter() {
        let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        else {
            return Err(invalid("a header's name or value is not valid"));
        };
        let frames_the_message = ["content-length", "transfer-encoding", "connection"];
        if frames_the_message.contains(&name.as_str()) {
            return Err(invalid("the headers that frame the message cannot be set"));
        }
        if name == CONTENT_TYPE {
            reply.headers.insert(name, value);
        } else {
            reply.headers.append(name, value);
        }
    }
    Ok(reply)
}

/// Status 503 the first `fail` times for a key, and 200 from then on.
fn flaky(state: &State, call: &Call, key: &str) -> Answer {
    let fail = match call.query().get("fail").map(str::parse::<u64>) {
        None => 1,
        Some(Ok(fail)) => fail,
        Some(Err(_)) => return Err(invalid("fail must be a number")),
    };
    let attempt =
        state.echo.count(&format!("flaky {key}")).ok_or_else(|| invalid("there are too many keys; reset the mock"))?;
    let status = if attempt <= fail { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    Ok(Reply::json(status, &json!({ "key": key, "attempt": attempt, "ok": attempt > fail })))
}

/// A description of the request, compressed whether the client asked for that or not.
async fn compressed(call: &Call, coding: &str) -> Reply {
    let Some(coding) = Coding::named(coding) else {
        return Reply::not_found("the codings are gzip, deflate, brotli and zstd");
    };
    let mut reply = Reply::ok(&json!({
        "compressed": true,
        "coding": coding.token(),
        "request": request::describe(call),
    }));
    reply.body = coding.encode(&reply.body).await.into();
    reply.with(CONTENT_ENCODING, coding.token()).with(VARY, "accept-encoding")
}
