//! The listener that a browser comes back to (RFC 8252, section 7.3): on this machine only, for one answer, and gone after
//! it. What is not that answer is refused and changes nothing.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use aws_lc_rs::constant_time;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use url::Url;

use super::Person;

/// A request line and its headers take no more than this.
const REQUEST: usize = 16 * 1024;
/// Nor do they take longer.
const SLOWEST: Duration = Duration::from_secs(10);
/// Connections at once. A browser opens a few; whoever opens more is no browser.
const CONNECTIONS: usize = 32;
/// How long the last page may take on its way to the browser.
const FAREWELL: Duration = Duration::from_secs(1);

type Parameters = Vec<(String, String)>;

/// The listener, before anyone calls.
#[derive(Debug)]
pub(in crate::auth) struct Callback {
    listeners: Vec<TcpListener>,
    target: Url,
}

impl Callback {
    /// Whether a redirect URI leads to a listener of this kind: http, and this machine by its usual names.
    pub(in crate::auth) fn can_serve(target: &Url) -> bool {
        target.scheme() == "http" && addresses(target).is_some()
    }

    /// Listens where the redirect URI says, on a free port where it names none or port 0. Where it says `localhost`, both
    /// addresses of that name are listened at, if there are two.
    ///
    /// # Errors
    /// The port is taken, or must not be listened at.
    pub(in crate::auth) async fn bind(target: &Url) -> io::Result<Self> {
        let addresses = addresses(target).unwrap_or(&[Address::V4]);
        let mut port = target.port().unwrap_or(0);
        let mut listeners = Vec::new();
        for address in addresses {
            let bound = TcpListener::bind(SocketAddr::new(address.ip(), port)).await;
            match bound {
                Ok(listener) => {
                    port = listener.local_addr()?.port();
                    listeners.push(listener);
                }
                // A machine may have no IPv6, and its other address is enough.
                Err(_) if !listeners.is_empty() => {}
                Err(error) => return Err(error),
            }
        }
        let mut target = target.clone();
        // It fails only for URLs without a host.
        let _ = target.set_port(Some(port));
        Ok(Self { listeners, target })
    }

    /// The redirect URI, with the port that is listened at.
    pub(in crate::auth) fn target(&self) -> &Url {
        &self.target
    }

    /// Waits for the answer that carries this `state`, and gives its parameters.
    pub(in crate::auth) async fn answer(self, state: &str, person: &dyn Person) -> Parameters {
        let Self { listeners, target } = self;
        let (sender, mut answered) = oneshot::channel();
        let (told, mut news) = mpsc::unbounded_channel();
        let door = Arc::new(Door { target, state: state.into(), answer: Mutex::new(Some(sender)), told });
        let mut calls = JoinSet::new();
        let parameters = loop {
            tokio::select! {
                biased;
                Ok(parameters) = &mut answered => break parameters,
                Some(news) = news.recv() => person.hear(&news),
                Some(_) = calls.join_next(), if !calls.is_empty() => {}
                stream = accept(&listeners) => match stream {
                    Ok(stream) if calls.len() < CONNECTIONS => {
                        calls.spawn(door.clone().serve(stream));
                    }
                    Ok(_) => {}
                    // A connection that broke before it was taken; or too many files are open, which passes.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
            }
        };
        drop(listeners);
        // The page is on its way; then every connection ends with the set they are in.
        let _ = tokio::time::timeout(FAREWELL, async { while calls.join_next().await.is_some() {} }).await;
        parameters
    }
}

#[derive(Clone, Copy)]
enum Address {
    V4,
    V6,
}

impl Address {
    fn ip(self) -> std::net::IpAddr {
        match self {
            Self::V4 => Ipv4Addr::LOCALHOST.into(),
            Self::V6 => Ipv6Addr::LOCALHOST.into(),
        }
    }
}

fn addresses(target: &Url) -> Option<&'static [Address]> {
    match target.host()? {
        url::Host::Ipv4(Ipv4Addr::LOCALHOST) => Some(&[Address::V4]),
        url::Host::Ipv6(Ipv6Addr::LOCALHOST) => Some(&[Address::V6]),
        url::Host::Domain("localhost") => Some(&[Address::V4, Address::V6]),
        _ => None,
    }
}

async fn accept(listeners: &[TcpListener]) -> io::Result<TcpStream> {
    std::future::poll_fn(|context| {
        let ready = listeners.iter().map(|listener| listener.poll_accept(context)).find(Poll::is_ready);
        ready.map_or(Poll::Pending, |ready| ready.map_ok(|(stream, _)| stream))
    })
    .await
}

/// What every call is held against.
struct Door {
    target: Url,
    state: Box<str>,
    /// Taken by the one answer that counts.
    answer: Mutex<Option<oneshot::Sender<Parameters>>>,
    told: mpsc::UnboundedSender<String>,
}

impl Door {
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(move |request: Request<Incoming>| {
            let page = self.page(&request);
            async move { Ok::<_, Infallible>(page) }
        });
        let connection = http1::Builder::new()
            .keep_alive(false)
            .timer(TokioTimer::new())
            .header_read_timeout(SLOWEST)
            .max_buf_size(REQUEST)
            .serve_connection(TokioIo::new(stream), service);
        // What a caller does wrong is the caller's affair.
        let _ = tokio::time::timeout(SLOWEST * 2, connection).await;
    }

    fn page(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_called_by_name(request) {
            return page(StatusCode::MISDIRECTED_REQUEST, "Not here", "This is not the address that the login uses.");
        }
        if request.uri().path() != self.target.path() {
            return page(StatusCode::NOT_FOUND, "Not here", "There is no page here.");
        }
        if request.method() != Method::GET {
            return page(
                StatusCode::METHOD_NOT_ALLOWED,
                "Not like this",
                "The answer of a login must come as a GET request.",
            );
        }
        let query = request.uri().query().unwrap_or_default();
        let parameters: Parameters = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let refuse = |why: &str, news: &str| {
            // Nobody listens any more once the answer is here.
            let _ = self.told.send(format!("a request to {} was refused: {news}", self.target));
            page(StatusCode::BAD_REQUEST, "Refused", why)
        };
        let mut states = parameters.iter().filter(|(name, _)| name == "state").map(|(_, value)| value);
        match (states.next(), states.next()) {
            (Some(state), None) if same(state, &self.state) => {}
            (Some(_), None) => {
                return refuse(
                    "This is not the answer to the current login: its `state` is different. Start the login again from the terminal.",
                    "its `state` is not the one that was sent",
                );
            }
            (None, _) => return refuse("This is not the answer of a login: it has no `state`.", "it has no `state`"),
            _ => {
                return refuse(
                    "This is not the answer of a login: it has more than one `state`.",
                    "it has more than one `state`",
                );
            }
        }
        let error = parameters.iter().find(|(name, _)| name == "error").map(|(_, value)| value.clone());
        let Some(sender) = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return page(StatusCode::GONE, "Already answered", "The answer to this login has already arrived.");
        };
        // The login may have been given up a moment ago.
        if sender.send(parameters).is_err() {
            return page(StatusCode::GONE, "Too late", "This login is no longer waiting for an answer.");
        }
        match error {
            None => page(
                StatusCode::OK,
                "Back to the terminal",
                "The provider's answer has arrived. This window can be closed.",
            ),
            Some(error) => page(
                StatusCode::OK,
                "Not logged in",
                &format!("The provider refused: {error}. See the terminal for details."),
            ),
        }
    }

    /// Whether the call names this machine, as no page of another site can make a browser do by a name of its own.
    fn is_called_by_name(&self, request: &Request<Incoming>) -> bool {
        let Some(host) = request.headers().get(HOST).and_then(|host| host.to_str().ok()) else { return false };
        let port = self.target.port_or_known_default().unwrap_or(80);
        ["127.0.0.1", "[::1]", "localhost"].iter().any(|name| {
            host.eq_ignore_ascii_case(&format!("{name}:{port}")) || port == 80 && host.eq_ignore_ascii_case(name)
        })
    }
}

fn same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// A page that loads nothing and runs nothing.
fn page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    let (title, text) = (escaped(title), escaped(text));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} - callsheet</title>\n\
         <body style=\"font-family: sans-serif; margin: 4em auto; padding: 0 1em; max-width: 34em\">\n\
         <h1>{title}</h1>\n<p>{text}</p>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    );
    response
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().take(500) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
