//! The client: one pool of connections for the whole run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::{Body, CookieJar, Headers, Hop, HttpError, Problem, Request, Response, Timings, Tls, is_loopback};
use super::{cookies, redirect};

/// What the client allows.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest body, decompressed, in bytes.
    pub max_body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_body: 100_000_000 }
    }
}

/// Sends requests over one pool of connections. Cheap to share by reference; makes nothing before it is needed.
#[derive(Debug, Default)]
pub struct Client {
    limits: Limits,
    /// Requests that were sent, redirects that were followed not among them.
    sent: AtomicUsize,
    /// For plain http: reading the machine's certificates costs more than a whole small run.
    plain: Pool,
    /// For https.
    secure: Pool,
    /// The same for this machine, which is reached without a proxy, whatever `HTTP_PROXY` says.
    plain_here: Pool,
    secure_here: Pool,
    /// What all connections over TLS are made with, unless a request says more.
    tls: Option<Arc<Tls>>,
    /// For https with an authority or a certificate of its own, by what that is and whether it leads to this machine.
    own: Mutex<HashMap<Profile, Arc<Pool>>>,
}

/// The fingerprint of what connections are made with, and whether they lead to this machine.
type Profile = ([u8; 32], bool);

type Pool = OnceLock<Result<reqwest::Client, String>>;

impl Client {
    /// A client with these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The same with what all its connections over TLS are made with.
    #[must_use]
    pub fn with_tls(self, tls: Option<Arc<Tls>>) -> Self {
        Self { tls, ..self }
    }

    /// Whether a client certificate goes along with a request that is made with this.
    pub fn has_certificate(&self, tls: Option<&Tls>) -> bool {
        tls.into_iter().chain(self.tls.as_deref()).any(Tls::has_certificate)
    }

    /// How many requests were sent. A redirect that was followed belongs to the request that met it.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends a request and follows the redirects it allows, within its time.
    ///
    /// # Errors
    /// Why there is no whole response.
    pub async fn send(&self, request: &Request, jar: Option<&CookieJar>) -> Result<Response, HttpError> {
        let started = Instant::now();
        self.sent.fetch_add(1, Ordering::Relaxed);
        let whole = self.follow(request, jar, started);
        tokio::time::timeout(request.timeout, whole).await.unwrap_or_else(|_| Err(HttpError::timeout(request.timeout)))
    }

    async fn follow(
        &self,
        request: &Request,
        jar: Option<&CookieJar>,
        started: Instant,
    ) -> Result<Response, HttpError> {
        let mut hops = Vec::new();
        let mut cookies = Vec::new();
        let mut next: Option<Request> = None;
        loop {
            let current = next.as_ref().unwrap_or(request);
            let mut answer = self.once(current, jar).await?;
            let headers = headers_of(answer.headers());
            for field in headers.all("set-cookie") {
                let scratch = CookieJar::default();
                cookies.extend(jar.unwrap_or(&scratch).store(&current.url, field));
            }
            let status = answer.status().as_u16();
            if request.redirects > 0
                && let Some(following) = redirect::follow(current, status, headers.get("location"))
            {
                if hops.len() >= request.redirects as usize {
                    let detail =
                        format!("more than {} redirects; the last led to {}", request.redirects, following.url);
                    return Err(HttpError::new(Problem::Redirects, detail));
                }
                hops.push(Hop { status, location: following.url.clone() });
                next = Some(following);
                continue;
            }
            let first_byte = started.elapsed();
            let version = if answer.version() == reqwest::Version::HTTP_2 { "2" } else { "1.1" };
            let url = current.url.clone();
            let body = self.read(&mut answer, &url).await?;
            let timings = Timings { first_byte, total: started.elapsed() };
            let (json, document) = (OnceLock::new(), OnceLock::new());
            return Ok(Response { status, url, version, headers, body, cookies, hops, timings, json, document });
        }
    }

    async fn once(&self, request: &Request, jar: Option<&CookieJar>) -> Result<reqwest::Response, HttpError> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| HttpError::new(Problem::Request, format!("`{}` is not an HTTP method", request.method)))?;
        let mut out = reqwest::Request::new(method, request.url.clone());
        let mut fields = HeaderMap::with_capacity(8);
        let cookies = cookies::field(request.headers.all("cookie"), jar, &request.url);
        let cookies = cookies.as_deref().map(|cookies| ("cookie", cookies));
        let others = request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
        for (name, value) in others.chain(cookies) {
            let name_is_none = |_| HttpError::new(Problem::Request, format!("`{name}` is not a valid header name"));
            let value_is_none = |_| {
                HttpError::new(
                    Problem::Request,
                    format!("the value of the header `{name}` contains a line break or another control character"),
                )
            };
            let field = HeaderName::from_bytes(name.as_bytes()).map_err(name_is_none)?;
            fields.append(field, HeaderValue::from_bytes(value.as_bytes()).map_err(value_is_none)?);
        }
        if let Body::Bytes { bytes, content_type } = &request.body {
            if let Some(content_type) = content_type
                && !fields.contains_key(reqwest::header::CONTENT_TYPE)
                && let Ok(value) = HeaderValue::from_str(content_type)
            {
                fields.insert(reqwest::header::CONTENT_TYPE, value);
            }
            *out.body_mut() = Some(bytes.clone().into());
        }
        *out.headers_mut() = fields;
        let client = self.client(request)?;
        client.execute(out).await.map_err(|error| HttpError::of(&error, &request.url))
    }

    /// The client of the request's kind of connection. One is made when it is first needed: for TLS that is dear.
    fn client(&self, request: &Request) -> Result<reqwest::Client, HttpError> {
        let (secure, here) = (request.url.scheme() == "https", is_loopback(&request.url));
        let tls = match (&request.tls, &self.tls) {
            _ if !secure => None,
            (Some(own), all) => Some(Arc::new(own.over(all.as_deref()))),
            (None, all) => all.clone(),
        };
        let Some(tls) = tls else {
            let pool = match (secure, here) {
                (false, false) => &self.plain,
                (true, false) => &self.secure,
                (false, true) => &self.plain_here,
                (true, true) => &self.secure_here,
            };
            return made(pool, secure, here, None);
        };
        let pool = {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            own.entry((tls.fingerprint(), here)).or_default().clone()
        };
        made(&pool, secure, here, Some(&tls))
    }

    async fn read(&self, answer: &mut reqwest::Response, url: &Url) -> Result<Bytes, HttpError> {
        let limit = self.limits.max_body;
        let too_large = || {
            let host = url.host_str().unwrap_or_default();
            let detail = format!("the answer of {host} is larger than {}", crate::source::Size(limit));
            HttpError::new(Problem::TooLarge, detail)
        };
        let announced = answer.content_length();
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body: Vec<u8> = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| HttpError::of(&error, url))? {
            if body.is_empty() {
                // What is announced is asked for at once, but no server makes us reserve more than a little on its word.
                let room = announced.unwrap_or(0).min(64 << 20);
                body.reserve_exact(usize::try_from(room).unwrap_or(0).max(chunk.len()));
            }
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.into())
    }
}

/// The client of a pool, which is made now unless it is there.
fn made(pool: &Pool, secure: bool, here: bool, tls: Option<&Tls>) -> Result<reqwest::Client, HttpError> {
    let make = || {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("callsheet/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(1024)
            .connect_timeout(Duration::from_secs(30));
        if !secure {
            builder = builder.tls_certs_only(std::iter::empty());
        }
        if here {
            builder = builder.no_proxy();
        }
        if let Some(tls) = tls {
            builder = tls.apply(builder)?;
        }
        builder.build()
    };
    let client = pool.get_or_init(|| make().map_err(|error| error.to_string()));
    client.clone().map_err(|error| HttpError::new(Problem::Tls, format!("no client can be made: {error}")))
}

fn headers_of(fields: &HeaderMap) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in fields {
        // A value that is not UTF-8 is shown as Latin-1, as RFC 9110 tells of old senders.
        let value = value.to_str().map_or_else(
            |_| {
                std::str::from_utf8(value.as_bytes())
                    .map_or_else(|_| value.as_bytes().iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
            },
            str::to_owned,
        );
        headers.append(name.as_str(), &value);
    }
    headers
}
