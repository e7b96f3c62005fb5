//! The host guard: a credential goes to the provider's own hosts and nowhere else, whatever a scenario's URL says, so
//! that a staging token never reaches production nor the other way round.

use url::Url;

use crate::http::is_loopback;

/// The hosts that credentials may go to.
#[derive(Debug, Default)]
pub(super) struct HostGuard {
    patterns: Vec<Pattern>,
}

/// A pattern of host names: `[!][http://]HOST[:PORT]`, with `*` in the host for any letters, dots too.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    written: Box<str>,
    negated: bool,
    /// Credentials may go there over plain http; else only to this machine.
    plain: bool,
    host: Box<str>,
    port: Option<u16>,
}

/// Why a credential may not go to a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forbidden {
    /// No pattern allows the host.
    Host,
    /// It is plain http to another machine.
    Plain,
}

impl Pattern {
    /// Reads a pattern, or tells why it is none.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let (negated, rest) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let (plain, rest) = match (rest.strip_prefix("http://"), rest.strip_prefix("https://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => (false, rest),
        };
        if rest.is_empty() {
            return Err("it is empty");
        }
        if rest.contains(['/', '?', '#', '@']) {
            return Err("it is a URL, not a host");
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') && (!host.contains(':') || host.starts_with('[')) => {
                (host, Some(port.parse().map_err(|_| "its port is not a number below 65536")?))
            }
            _ => (rest, None),
        };
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err("it has no host name, or contains spaces");
        }
        Ok(Self { written: text.into(), negated, plain, host: normal(host).into(), port })
    }

    /// The pattern of one origin.
    fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?;
        let port = url.port_or_known_default();
        let written = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self {
            written: written.into(),
            negated: false,
            plain: url.scheme() == "http",
            host: normal(host).into(),
            port,
        })
    }

    fn matches(&self, host: &str, port: Option<u16>) -> bool {
        self.port.is_none_or(|own| Some(own) == port) && glob(self.host.as_bytes(), host.as_bytes())
    }
}

impl HostGuard {
    /// A guard of these patterns.
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        Self { patterns }
    }

    /// The guard of a provider that names no hosts: those of its own URLs.
    pub(super) fn of_urls<'u>(urls: impl IntoIterator<Item = &'u str>) -> Self {
        let mut patterns: Vec<Pattern> = Vec::new();
        for pattern in urls.into_iter().filter_map(|url| Pattern::of(&url.parse().ok()?)) {
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        Self { patterns }
    }

    /// Whether a credential may go to that URL. A guard without patterns allows every host.
    pub(super) fn check(&self, url: &Url) -> Result<(), Forbidden> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let port = url.port_or_known_default();
        let mut allowed = self.patterns.iter().all(|pattern| pattern.negated);
        let mut plain = false;
        for pattern in self.patterns.iter().filter(|pattern| pattern.matches(host, port)) {
            if pattern.negated {
                return Err(Forbidden::Host);
            }
            allowed = true;
            plain |= pattern.plain;
        }
        match allowed {
            false => Err(Forbidden::Host),
            true if url.scheme() != "https" && !plain && !is_loopback(url) => Err(Forbidden::Plain),
            true => Ok(()),
        }
    }

    /// The patterns as they were written.
    pub(super) fn written(&self) -> String {
        self.patterns.iter().map(|pattern| &*pattern.written).collect::<Vec<_>>().join(", ")
    }
}

fn normal(host: &str) -> String {
    host.trim_end_matches('.').to_lowercase()
}

/// Whether the whole text is of the pattern, `*` standing for any letters. Takes time in the product of both lengths at
/// most.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while here < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, here));
            at += 1;
        } else if pattern.get(at) == Some(&text[here]) {
            at += 1;
            here += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            at = after;
            here = from + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}
