//! Why there is no response.

use std::error::Error as _;
use std::time::Duration;

use url::Url;

/// Why an exchange came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct HttpError {
    /// The kind of thing that went wrong.
    pub problem: Problem,
    /// What is known about it, in a sentence without a full stop.
    pub detail: String,
}

/// The kinds of things that go wrong before there is a whole response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The request itself cannot be sent: a header that is none, say.
    Request,
    /// The host has no address.
    Dns,
    /// Nobody answers at the address.
    Connect,
    /// No trusted TLS connection.
    Tls,
    /// It took too long.
    Timeout,
    /// The connection ended before the response was whole.
    Interrupted,
    /// The body could not be decompressed.
    Decode,
    /// The body is larger than allowed.
    TooLarge,
    /// More redirects than allowed.
    Redirects,
}

impl Problem {
    /// The stable id of the diagnostic that tells of it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Request => "http.request",
            Self::Dns => "http.dns",
            Self::Connect => "http.connect",
            Self::Tls => "http.tls",
            Self::Timeout => "http.timeout",
            Self::Interrupted => "http.interrupted",
            Self::Decode => "http.decode",
            Self::TooLarge => "http.too-large",
            Self::Redirects => "http.redirects",
        }
    }

    /// What a person can do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Request => "correct the request in the file",
            Self::Dns => "check the host's spelling and whether a VPN is needed to see it",
            Self::Connect => "check that the service runs and that host and port are right",
            Self::Tls => "check the host name and the certificate; a private authority must be known to this machine",
            Self::Timeout => "allow more with `timeout`, or find out why the service is slow",
            Self::Interrupted => {
                "look at the service's log: it closed the connection; `retry: { on: [connect] }` tries again"
            }
            Self::Decode => "the service says the body is compressed, and it is not, or not wholly",
            Self::TooLarge => "allow more with `defaults: { max_body: 200MB }` in callsheet.yaml",
            Self::Redirects => {
                "allow more with `redirects`, or check whether the service sends itself round in a circle"
            }
        }
    }
}

impl HttpError {
    pub(super) fn new(problem: Problem, detail: impl Into<String>) -> Self {
        Self { problem, detail: detail.into() }
    }

    pub(super) fn timeout(after: Duration) -> Self {
        Self::new(Problem::Timeout, format!("no whole answer came within {}", crate::source::Duration(after)))
    }

    /// Reads the reason off the library's error. Its own text names the URL, query and all, and is not used.
    pub(super) fn of(error: &reqwest::Error, url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        // Whoever reads it looks for the service: the port is named even where it goes without saying in a URL.
        let address = url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let mut io = None;
        let mut tls = false;
        let mut words = String::new();
        let mut source = error.source();
        while let Some(cause) = source {
            words = cause.to_string();
            if let Some(cause) = cause.downcast_ref::<std::io::Error>() {
                io = io.or(Some(cause.kind()));
                tls |= cause.get_ref().is_some_and(|inner| inner.to_string().contains("certificate"));
            }
            source = cause.source();
        }
        tls |= words.contains("certificate")
            || words.contains("TLS")
            || words.contains("tls")
            || words.contains("handshake");
        if error.is_builder() || error.is_request() && io.is_none() && words.contains("invalid") {
            return Self::new(Problem::Request, format!("the request cannot be sent: {words}"));
        }
        if error.is_connect() {
            return match io {
                _ if words.contains("dns") || words.contains("lookup") || words.contains("resolve") => {
                    Self::new(Problem::Dns, format!("the host {host} has no address"))
                }
                _ if tls => Self::new(Problem::Tls, format!("no trusted TLS connection to {address}: {words}")),
                Some(std::io::ErrorKind::ConnectionRefused) => Self::new(
                    Problem::Connect,
                    format!("{address} refused the connection: nothing listens on that port"),
                ),
                _ => Self::new(Problem::Connect, format!("no connection to {address}: {words}")),
            };
        }
        if error.is_timeout() {
            return Self::new(Problem::Timeout, format!("{address} did not answer in time"));
        }
        if error.is_decode()
            && io.is_none_or(|kind| matches!(kind, std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput))
        {
            return Self::new(Problem::Decode, format!("the body cannot be decompressed: {words}"));
        }
        Self::new(Problem::Interrupted, format!("{address} closed the connection before the answer was whole: {words}"))
    }
}
