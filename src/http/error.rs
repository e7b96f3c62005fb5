//! Why there is no response.

use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError};
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
    /// The proxy that the environment variables name does not let the call through.
    Proxy,
    /// No trusted TLS connection.
    Tls,
    /// The service's certificate is of an authority that is not known here.
    Authority,
    /// The service's certificate is for other names.
    CertificateName,
    /// The service's certificate is not valid now.
    CertificateDates,
    /// The service's certificate is that of an authority, and not of a server.
    CertificateUse,
    /// The service wants a client certificate, or another one.
    ClientCertificate,
    /// It took too long.
    Timeout,
    /// The connection ended before the response was whole.
    Interrupted,
    /// What came is no HTTP.
    Malformed,
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
            Self::Proxy => "http.proxy",
            Self::Tls
            | Self::Authority
            | Self::CertificateName
            | Self::CertificateDates
            | Self::CertificateUse
            | Self::ClientCertificate => "http.tls",
            Self::Timeout => "http.timeout",
            Self::Interrupted => "http.interrupted",
            Self::Malformed => "http.malformed",
            Self::Decode => "http.decode",
            Self::TooLarge => "http.too-large",
            Self::Redirects => "http.redirects",
        }
    }

    /// What a person can do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Request => "correct the request in the file",
            Self::Dns => "check the spelling of the host; it may be known only inside a VPN",
            Self::Connect => "check that the service is running, and that host and port are right",
            Self::Proxy => "correct or unset that variable, or list the host in NO_PROXY to go around the proxy",
            Self::Tls => {
                "is this an https service, or should the URL start with http? `openssl s_client -connect HOST:PORT` shows what it offers"
            }
            Self::Authority => {
                "add the certificate of its authority, a PEM file: `tls: { ca: FILE }` in the environment, in callsheet.yaml or in the provider's file"
            }
            Self::CertificateName => {
                "use a name that is in its certificate, or have a certificate issued for this name"
            }
            Self::CertificateDates => "the service needs a new certificate, or the clock of this machine is wrong",
            Self::CertificateUse => {
                "give the service a certificate that is not an authority's: `openssl req` makes one with `-addext basicConstraints=critical,CA:FALSE`"
            }
            Self::ClientCertificate => {
                "add your client certificate: `tls: { certificate: FILE, key: FILE }` in the environment, in callsheet.yaml or in the provider's file"
            }
            Self::Timeout => "allow more with `timeout`, or find out why the service is slow",
            Self::Interrupted => {
                "the service closed the connection: look at its log; `retry: { on: [connect] }` tries again"
            }
            Self::Malformed => {
                "check the port, and whether the URL must start with `https`; `curl -v` shows what comes"
            }
            Self::Decode => "the service says that the body is compressed, but it is not, or only a part of it",
            Self::TooLarge => "allow more with `defaults: { max_body: 200MB }` in callsheet.yaml",
            Self::Redirects => "allow more with `redirects`, or check whether the service redirects in a circle",
        }
    }
}

impl HttpError {
    pub(super) fn new(problem: Problem, detail: impl Into<String>) -> Self {
        Self { problem, detail: detail.into() }
    }

    pub(super) fn timeout(after: Duration) -> Self {
        Self::new(Problem::Timeout, format!("no complete answer came within {}", crate::source::Duration(after)))
    }

    /// Reads the reason off the library's error. Its own text names the URL, query and all, and is not used.
    pub(super) fn of(error: &reqwest::Error, url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        // Whoever reads it looks for the service: the port is named even where it goes without saying in a URL.
        let address = url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if let Some((problem, reason)) = handshake(error, host) {
            return Self::new(problem, format!("no trusted TLS connection to {address}: {reason}"));
        }
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
        let of_connection = of_connection(error);
        if of_connection.is_some_and(hyper::Error::is_parse) || words.starts_with("Invalid chunk") {
            return Self::new(Problem::Malformed, format!("what {address} answers is not HTTP: {words}"));
        }
        if error.is_builder() || error.is_request() && io.is_none() && words.contains("invalid") {
            return Self::new(Problem::Request, format!("the request cannot be sent: {words}"));
        }
        if let (true, false, Some(proxy)) = (error.is_connect(), tls, super::proxy::told(url)) {
            let why = match io {
                Some(ErrorKind::ConnectionRefused) => "nothing listens on that port".to_owned(),
                _ if is_dns(&words) => "its host was not found".to_owned(),
                _ if words == "tunnel error: unsuccessful" => "it refuses to".to_owned(),
                _ if words == "tunnel error: proxy authorization required" => {
                    "it wants a user name and a password, as in `http://USER:PASSWORD@HOST:PORT`".to_owned()
                }
                _ => words,
            };
            return Self::new(Problem::Proxy, format!("no connection to {address} through {proxy}: {why}"));
        }
        if error.is_connect() {
            return match io {
                _ if is_dns(&words) => {
                    Self::new(Problem::Dns, format!("the host {host} was not found: DNS knows no address"))
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
        if error.is_decode() && of_connection.is_none() {
            return Self::new(Problem::Decode, format!("the body cannot be decompressed: {words}"));
        }
        // The alert that tells why is lost where the reset overtakes it.
        let broken_off =
            matches!(io, Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof));
        let unanswered = of_connection.is_some_and(hyper::Error::is_incomplete_message);
        let perhaps = match url.scheme() {
            "https" if broken_off => "; a service that wants a client certificate, or another one, may do that",
            "http" if unanswered => "; a port that expects https may do that",
            _ => "",
        };
        let words = words.split_once(" (os error ").map_or(&*words, |(words, _)| words);
        // What the library says of it is the same in other words.
        let words = if unanswered { String::new() } else { format!(": {words}") };
        let what = format!("{address} closed the connection before the answer was complete{words}{perhaps}");
        Self::new(Problem::Interrupted, what)
    }
}

/// Whether the words of a cause say that a name has no address.
fn is_dns(words: &str) -> bool {
    ["dns", "lookup", "resolve"].iter().any(|word| words.contains(word))
}

/// What went wrong with the connection, if it is that and not what came over it.
fn of_connection(error: &reqwest::Error) -> Option<&hyper::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        let mut io = cause.downcast_ref::<std::io::Error>();
        let mut found = cause.downcast_ref::<hyper::Error>();
        // What an io::Error wraps is not its source, but takes its place.
        while let Some(wrapped) = io.and_then(std::io::Error::get_ref) {
            found = found.or_else(|| wrapped.downcast_ref());
            io = wrapped.downcast_ref();
        }
        if found.is_some() {
            return found;
        }
        source = cause.source();
    }
    None
}

/// What came in the way of a TLS connection, if anything did.
fn handshake(error: &reqwest::Error, host: &str) -> Option<(Problem, String)> {
    let mut source = error.source();
    while let Some(cause) = source {
        let mut inner = cause.downcast_ref::<rustls::Error>();
        let mut io = cause.downcast_ref::<std::io::Error>();
        // What an io::Error wraps is not its source, but takes its place.
        while let (None, Some(wrapped)) = (inner, io.and_then(std::io::Error::get_ref)) {
            inner = wrapped.downcast_ref();
            io = wrapped.downcast_ref();
        }
        if let Some(error) = inner {
            return Some(told(error, host));
        }
        source = cause.source();
    }
    None
}

fn told(error: &rustls::Error, host: &str) -> (Problem, String) {
    let day = |moment: rustls::pki_types::UnixTime| {
        let moment = i64::try_from(moment.as_secs()).ok().and_then(|secs| jiff::Timestamp::from_second(secs).ok());
        moment.map_or_else(|| "an invalid date".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
    };
    match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::UnknownIssuer => (
                Problem::Authority,
                "its certificate was signed by an authority that this machine does not know".to_owned(),
            ),
            CertificateError::NotValidForNameContext { presented, .. } => {
                let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
                let names = if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") };
                (Problem::CertificateName, format!("its certificate is for {names}, not for {host}"))
            }
            CertificateError::NotValidForName => {
                (Problem::CertificateName, format!("its certificate is not for {host}"))
            }
            CertificateError::ExpiredContext { not_after, .. } => {
                (Problem::CertificateDates, format!("its certificate expired on {}", day(*not_after)))
            }
            CertificateError::Expired => (Problem::CertificateDates, "its certificate has expired".to_owned()),
            CertificateError::NotValidYetContext { not_before, .. } => {
                (Problem::CertificateDates, format!("its certificate is not valid before {}", day(*not_before)))
            }
            CertificateError::NotValidYet => (Problem::CertificateDates, "its certificate is not valid yet".to_owned()),
            // The library that says so shows no more of it than its words.
            other if other.to_string().contains("CaUsedAsEndEntity") => (
                Problem::CertificateUse,
                "its certificate is that of an authority (CA:TRUE), which no server may use".to_owned(),
            ),
            other => (Problem::Tls, format!("its certificate is not accepted: {other}")),
        },
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            (Problem::ClientCertificate, "it wants a client certificate, and none was sent".to_owned())
        }
        // Before TLS 1.3 there is no alert of its own for a certificate that is missing.
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            Problem::ClientCertificate,
            "it broke off the handshake (handshake_failure); it may want a client certificate".to_owned(),
        ),
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied),
        ) => (Problem::ClientCertificate, format!("it does not accept the client certificate ({alert:?})")),
        rustls::Error::InvalidMessage(_) => (Problem::Tls, "it does not answer with TLS".to_owned()),
        other => (Problem::Tls, other.to_string()),
    }
}

/// A name of a certificate without the word for its kind: `DnsName("a.example")`, `IpAddress(127.0.0.1)`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"')
}
