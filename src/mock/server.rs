//! The way of a request: read, recorded, struck by the faults that are due, answered by its site, and sent.
//! Every connection is served here; what the sites answer is their own business.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::call::Call;
use super::fault::{FaultKind, RetryAfter};
use super::journal::{Violation, Visit};
use super::payload::Payload;
use super::reply::Reply;
use super::site::Site;
use super::state::{State, World, http_date};
use super::wire::{Fuse, Wire};
use super::{cognito, control, echo, gridshare, lavanda, simacan, wellknown};

/// The largest body that a provider takes.
const BODY_LIMIT: usize = 1024 * 1024;
/// The largest body that the echo service takes.
const ECHO_BODY_LIMIT: usize = 32 * 1024 * 1024;
/// How long a stopping mock waits for the answers that are under way.
const STOPPING: Duration = Duration::from_secs(1);

/// Serves connections until the other end of `stop` is dropped.
pub(super) async fn serve(listener: TcpListener, world: Arc<World>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve_connection(stream, Arc::clone(&world), stop.clone()));
                }
                // Too many open files, most likely. They get fewer, if one only waits.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // Who is not done by then is cut off when the set is dropped.
    let _ = tokio::time::timeout(STOPPING, ended).await;
}

async fn serve_connection(stream: TcpStream, world: Arc<World>, mut stop: watch::Receiver<()>) {
    let number = world.state().journal.connected();
    let fuse = Fuse::default();
    let wire = TokioIo::new(Wire::new(stream, fuse.clone()));
    let service = service_fn(move |request| {
        let world = Arc::clone(&world);
        let fuse = fuse.clone();
        async move { serve_request(&world, &fuse, number, request).await }
    });
    let connection = http1::Builder::new().serve_connection(wire, service);
    tokio::pin!(connection);
    // Errors are the doing of clients that went away, or of faults: there is nobody to tell.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn serve_request(
    world: &World,
    fuse: &Fuse,
    connection: u64,
    request: Request<Incoming>,
) -> io::Result<Response<Payload>> {
    let (parts, body) = request.into_parts();
    let is_echo = parts.uri.path().starts_with("/echo/");
    let limit = if is_echo { ECHO_BODY_LIMIT } else { BODY_LIMIT };
    let body = read(body, limit).await.map_err(io::Error::other)?;
    let call = Call::new(parts, body.clone().unwrap_or_default());
    if call.site() == "__mock" {
        return Ok(send(control::answer(world, &call)));
    }

    let state = world.state();
    let site = Site::named(call.site());
    let now = state.clock.now();
    let mut visit = Visit::new(&state.journal, &call, site, now, connection);
    if body.is_none() {
        let reply = too_large(limit);
        visit.answered(reply.status.as_u16());
        return Ok(send(reply));
    }
    let Some(site) = site else {
        let reply = unknown_site(&call, &state);
        visit.answered(reply.status.as_u16());
        return Ok(send(reply));
    };
    note_token(&state, site, &call, &mut visit);

    let effects = match state.faults.befall(site, &call) {
        Ok(effects) => effects,
        Err(problem) => {
            let reply = Reply::error(StatusCode::BAD_REQUEST, "no_such_fault", &problem);
            visit.answered(reply.status.as_u16());
            return Ok(send(reply));
        }
    };
    for name in effects.names() {
        visit.befell(name);
    }
    state.faults.expire_tokens(&state, site, &call, &effects, now);
    if let Some(delay) = effects.delay {
        tokio::time::sleep(delay).await;
    }
    let (reply, truncated) = match effects.answer {
        Some(FaultKind::Reset) => {
            fuse.light();
            return Err(io::Error::from(io::ErrorKind::ConnectionReset));
        }
        Some(FaultKind::Status(status, retry_after)) => (failed(status, retry_after, state.clock.now()), false),
        Some(FaultKind::Html(status)) => (page(status), false),
        Some(FaultKind::Malformed) => (malformed(answer(&state, site, &call).await), false),
        Some(FaultKind::Truncated) => (answer(&state, site, &call).await, true),
        _ => (answer(&state, site, &call).await, false),
    };
    visit.answered(reply.status.as_u16());
    Ok(match effects.per_chunk {
        _ if truncated => truncate(reply),
        Some(every) => drip(reply, every),
        None => send(reply),
    })
}

/// Reads a body. One that is too large is none; it is read on for a while even so, for a client that is
/// still sending would not see the refusal.
async fn read(mut body: Incoming, limit: usize) -> Result<Option<Bytes>, hyper::Error> {
    let mut collected = BytesMut::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        size += data.len();
        if size <= limit {
            collected.extend_from_slice(&data);
        } else {
            collected = BytesMut::new();
        }
        if size > limit.saturating_mul(4) {
            break;
        }
    }
    Ok((size <= limit).then(|| collected.freeze()))
}

async fn answer(state: &State, site: Site, call: &Call) -> Reply {
    match (site, call.route().as_slice()) {
        (Site::Echo, _) => echo::answer(state, call).await,
        (_, [".well-known", "jwks.json"]) => wellknown::jwks(state, site),
        (_, [".well-known", "openid-configuration"]) => wellknown::configuration(state, site),
        (Site::Lavanda, _) => lavanda::answer(state, call),
        (Site::Cognito, _) => cognito::answer(state, call),
        (Site::Simacan, _) => simacan::answer(state, call),
        (Site::Gridshare, _) => gridshare::answer(state, call),
    }
}

/// Notes in the journal which token a request carries, and whether it went astray.
fn note_token(state: &State, site: Site, call: &Call, visit: &mut Visit<'_>) {
    let Some(raw) = call.bearer() else { return };
    let serial_by = |issuer| state.authority(issuer)?.serial_of(raw);
    if let Some(serial) = serial_by(site) {
        visit.carried(serial);
    } else if let Some(serial) = Site::PROVIDERS.into_iter().find_map(serial_by) {
        state.journal.violated(Violation::ForeignToken);
        visit.carried(serial);
    } else {
        visit.carried("unknown".to_owned());
    }
}

fn too_large(limit: usize) -> Reply {
    Reply::error(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", &format!("a body may have {limit} bytes here"))
        .with(CONNECTION, "close")
}

fn unknown_site(call: &Call, state: &State) -> Reply {
    let sites: Vec<_> = Site::ALL.into_iter().map(|site| format!("{}/{site}", state.base)).collect();
    if call.path() == "/" {
        return Reply::ok(&json!({
            "sites": sites,
            "control": format!("{}/__mock/", state.base),
        }));
    }
    Reply::json(
        StatusCode::NOT_FOUND,
        &json!({ "error": "not_found", "message": "no site has this path", "sites": sites }),
    )
}

/// The answer of an injected status.
fn failed(status: u16, retry_after: Option<RetryAfter>, now: i64) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let reply = if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        Reply::empty(status)
    } else {
        let reason = status.canonical_reason().unwrap_or("injected fault");
        Reply::error(status, "injected_fault", reason)
    };
    match retry_after {
        None => reply,
        Some(RetryAfter::Seconds(seconds)) => reply.with(RETRY_AFTER, &seconds.to_string()),
        Some(RetryAfter::Date(seconds)) => {
            let ahead = i64::try_from(seconds).unwrap_or(i64::MAX);
            let moment = now.saturating_add(ahead.saturating_mul(1000));
            reply.with(RETRY_AFTER, &http_date(moment))
        }
    }
}

/// The page that a proxy or a captive portal would answer with.
fn page(status: u16) -> Reply {
    Reply::html(
        StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
        "<!doctype html>\n<html><head><title>Maintenance</title></head>\
         <body><h1>We will be right back</h1></body></html>\n",
    )
}

/// Breaks the JSON of an answer off in the middle. The message itself stays whole.
fn malformed(mut reply: Reply) -> Reply {
    reply.status = with_body(reply.status);
    reply.body = if reply.body.len() > 3 {
        reply.body.slice(..reply.body.len() / 2)
    } else {
        Bytes::from_static(b"{\"unfinished\":")
    };
    reply.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    reply
}

/// The status, unless it is one that has no body: nothing could be broken there.
fn with_body(status: StatusCode) -> StatusCode {
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED { StatusCode::OK } else { status }
}

fn send(reply: Reply) -> Response<Payload> {
    let payload = Payload::Whole(reply.body.clone());
    respond(reply, payload)
}

fn drip(mut reply: Reply, every: Duration) -> Response<Payload> {
    let length = reply.body.len();
    reply.headers.insert(CONTENT_LENGTH, length.into());
    let payload = Payload::slow(&reply.body, every);
    respond(reply, payload)
}

fn truncate(mut reply: Reply) -> Response<Payload> {
    reply.status = with_body(reply.status);
    if reply.body.len() < 2 {
        reply.body = Bytes::from_static(b"{\"unfinished\":true}");
    }
    let length = reply.body.len();
    reply.headers.insert(CONTENT_LENGTH, length.into());
    let payload = Payload::truncated(&reply.body);
    respond(reply, payload)
}

fn respond(reply: Reply, payload: Payload) -> Response<Payload> {
    let mut response = Response::new(payload);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
