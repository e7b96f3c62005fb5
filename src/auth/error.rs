//! Why there is no token: what the provider said, in its own words, and what to do about it.

use std::fmt;

use crate::http;
use crate::source::{Diagnostic, Span};

/// Why an identity has no token, or may not use it. Everything in it is redacted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.message())]
pub struct AuthError {
    /// Whose login it was: `simacan (stg)`.
    pub(super) who: Box<str>,
    /// The persona, unless it is the default one.
    pub(super) persona: Option<Box<str>>,
    /// What went wrong.
    pub trouble: Trouble,
    /// The request that failed: `POST https://…`, without its query.
    pub request: Option<Box<str>>,
    /// Where the provider's file says it, if it is one of several.
    pub at: Option<Span>,
    /// Where each credential came from, and what is worth knowing about them.
    pub(super) advice: Option<Box<str>>,
}

/// What went wrong.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The token endpoint refused.
    Refused {
        /// What it refused: `the password login`.
        what: Box<str>,
        /// The status of the answer.
        status: u16,
        /// The answer's own words.
        said: Box<Said>,
    },
    /// The login page came back.
    LoginRefused {
        /// What it says is wrong, if that was found.
        said: Option<Box<str>>,
    },
    /// The authorization endpoint sent an error to the redirect URI.
    Denied {
        /// The error's own words.
        said: Box<Said>,
    },
    /// The redirect did not carry what it must.
    Redirect {
        /// What is wrong with it.
        detail: Box<str>,
    },
    /// A page on the way was none that could be got through.
    Page {
        /// What is wrong with it.
        detail: Box<str>,
        /// What to do.
        help: Option<Box<str>>,
    },
    /// A token request was answered with a redirect.
    Redirected {
        /// The status.
        status: u16,
        /// Where to.
        location: Box<str>,
    },
    /// There was no answer.
    Unreachable {
        /// The kind of thing that went wrong.
        problem: http::Problem,
        /// What is known about it.
        detail: Box<str>,
    },
    /// The provider answered that it cannot answer now: 429 or 5xx.
    Unavailable {
        /// What was asked.
        what: Box<str>,
        /// The status.
        status: u16,
        /// The answer's own words.
        said: Box<Said>,
        /// The answer's `Retry-After`.
        retry_after: Option<Box<str>>,
    },
    /// Credentials would go over plain http to another machine.
    Insecure {
        /// The URL.
        url: Box<str>,
    },
    /// The answer holds no token.
    Answer {
        /// What was asked.
        what: Box<str>,
        /// What is wrong with the answer.
        detail: Box<str>,
    },
    /// A request of a login of its own was answered otherwise than expected.
    Unexpected {
        /// Which: `requests[1]`.
        what: Box<str>,
        /// What came, and what is expected.
        detail: Box<str>,
        /// What to do.
        help: Option<Box<str>>,
    },
    /// The credential must not go to that host.
    Host {
        /// The host.
        host: Box<str>,
        /// The hosts it may go to.
        allowed: Box<str>,
    },
    /// The provider's file could not be followed: a template that fails, a URL that is none.
    Provider(Box<Diagnostic>),
    /// The provider's keys, by which signatures are checked, cannot be had.
    Keys {
        /// Where from, and why not.
        detail: Box<str>,
        /// What to do.
        help: Option<Box<str>>,
    },
    /// A person must log in, and there is none.
    Person {
        /// The command that lets one.
        command: Box<str>,
    },
    /// Nobody logged in, in time or at all.
    Unanswered {
        /// What was waited for.
        detail: Box<str>,
    },
    /// Nothing can listen where the browser would come back to.
    Callback {
        /// What is wrong.
        detail: Box<str>,
        /// What to do.
        help: Box<str>,
    },
    /// The discovery document is of no use.
    Discovery {
        /// What is wrong with it.
        detail: Box<str>,
        /// What to do.
        help: Option<Box<str>>,
    },
    /// The id token is not to be trusted.
    IdToken {
        /// What is wrong with it.
        detail: Box<str>,
    },
    /// The task that fetched the token ended before it was done.
    Interrupted,
}

/// An error in the words of the server (RFC 6749, section 5.2), or what comes nearest to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// `error`
    pub error: Option<Box<str>>,
    /// `error_description`, or another message.
    pub description: Option<Box<str>>,
    /// `error_uri`
    pub uri: Option<Box<str>>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error, &self.description) {
            (Some(error), Some(description)) => write!(f, " {error} \"{description}\""),
            (Some(error), None) => write!(f, " {error}"),
            (None, Some(description)) => write!(f, " \"{description}\""),
            (None, None) => Ok(()),
        }
    }
}

impl AuthError {
    /// The stable id of its diagnostic.
    pub fn id(&self) -> &'static str {
        match &self.trouble {
            Trouble::Refused { .. } | Trouble::LoginRefused { .. } | Trouble::Denied { .. } => "auth.refused",
            Trouble::Redirect { .. } => "auth.redirect",
            Trouble::Page { .. } => "auth.page",
            Trouble::Redirected { .. } => "auth.redirected",
            Trouble::Unreachable { .. } => "auth.unreachable",
            Trouble::Unavailable { .. } => "auth.unavailable",
            Trouble::Insecure { .. } => "auth.insecure",
            Trouble::Answer { .. } | Trouble::Unexpected { .. } => "auth.answer",
            Trouble::Host { .. } => "auth.host",
            Trouble::Provider(problem) => problem.id,
            Trouble::Person { .. } => "auth.person",
            Trouble::Unanswered { .. } => "auth.unanswered",
            Trouble::Callback { .. } => "auth.callback",
            Trouble::Discovery { .. } => "auth.discovery",
            Trouble::IdToken { .. } => "auth.id-token",
            Trouble::Keys { .. } => "auth.keys",
            Trouble::Interrupted => "auth.interrupted",
        }
    }

    /// Whether the provider could not be reached at all: that is the environment's fault, not a refusal.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.trouble, Trouble::Unreachable { .. })
    }

    /// Whether a person must log in, and none was there.
    pub fn needs_person(&self) -> bool {
        matches!(self.trouble, Trouble::Person { .. })
    }

    /// Whether asking again could help. A refusal is final for a run: providers lock accounts that try again and again.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.trouble, Trouble::Unreachable { .. } | Trouble::Unavailable { .. } | Trouble::Interrupted)
    }

    /// Whether the request may have been acted upon although no answer came.
    pub(super) fn may_have_been_heard(&self) -> bool {
        use http::Problem::{Decode, Interrupted, Redirects, Timeout, TooLarge};
        match self.trouble {
            Trouble::Unreachable { problem: Timeout | Interrupted | Decode | TooLarge | Redirects, .. }
            | Trouble::Answer { .. }
            | Trouble::Redirected { .. } => true,
            // A gateway says it of an answer that it waited for.
            Trouble::Unavailable { status, .. } => matches!(status, 502 | 504),
            // A template that fails over the answer; one that fails over the request has sent none.
            Trouble::Provider(_) => self.request.is_some(),
            _ => false,
        }
    }

    /// Whether a refresh token was refused, so that only a new login helps (RFC 6749, section 5.2).
    pub(super) fn refuses_refresh(&self, rejected: Option<u16>) -> bool {
        let Trouble::Refused { status, said, .. } = &self.trouble else { return false };
        let grant = said.error.as_deref().is_none_or(|error| error == "invalid_grant" || error == "invalid_token");
        Some(*status) == rejected || matches!(status, 400 | 401) && grant
    }

    /// Whether a token that was to be exchanged may be what was refused: RFC 8693, section 2.2.2, has `invalid_request` for
    /// that, and many say it in the words of RFC 6749.
    pub(super) fn refuses_exchanged(&self) -> bool {
        let Trouble::Refused { status: 400 | 401, said, .. } = &self.trouble else { return false };
        matches!(said.error.as_deref(), None | Some("invalid_request" | "invalid_grant" | "invalid_token"))
    }

    fn message(&self) -> String {
        let who = &self.who;
        let of = self.persona.as_ref().map(|persona| format!(" of {persona}")).unwrap_or_default();
        match &self.trouble {
            Trouble::Refused { what, status, said } => format!("{who} refused {what}{of}: {status}{said}"),
            Trouble::LoginRefused { said: Some(said) } => format!("{who} refused the form login{of}: \"{said}\""),
            Trouble::LoginRefused { said: None } => {
                format!("{who} refused the form login{of}: the login page came back")
            }
            Trouble::Denied { said } => format!("{who} refused the authorization{of}:{said}"),
            Trouble::Redirect { detail } => {
                format!("the browser came back from {who} with an answer that cannot be trusted: {detail}")
            }
            Trouble::Page { detail, .. } => format!("the login page of {who} could not be filled in: {detail}"),
            Trouble::Redirected { status, location } => {
                format!("{who} answered a token request with a redirect: {status} to {location}")
            }
            Trouble::Unreachable { detail, .. } => format!("{who} cannot be reached: {detail}"),
            Trouble::Unavailable { what, status, said, .. } => {
                format!("{who} could not answer {what}{of}: {status}{said}")
            }
            Trouble::Insecure { url } => {
                format!("a credential of {who} would be sent unencrypted, over plain http, to {url}")
            }
            Trouble::Answer { what, detail } => format!("{who} answered {what}{of} without a token: {detail}"),
            Trouble::Unexpected { what, detail, .. } => format!("{who} answered {what}{of} with {detail}"),
            Trouble::Host { host, .. } => format!("a credential of {who} may not be sent to {host}"),
            Trouble::Provider(problem) => problem.message.clone(),
            Trouble::Person { .. } => format!("the login at {who}{of} needs a person"),
            Trouble::Unanswered { detail } => format!("the login at {who}{of} was not finished: {detail}"),
            Trouble::Callback { detail, .. } => format!("the browser could not come back from {who}: {detail}"),
            Trouble::Discovery { detail, .. } => {
                format!("the discovery document of {who} cannot be used: {detail}")
            }
            Trouble::IdToken { detail } => format!("{who} sent an id token that cannot be trusted: {detail}"),
            Trouble::Keys { detail, .. } => format!("the keys of {who} could not be fetched: {detail}"),
            Trouble::Interrupted => format!("the login at {who} was interrupted"),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.request.iter().map(ToString::to_string).collect();
        match &self.trouble {
            Trouble::Refused { said, .. } | Trouble::Denied { said } => {
                notes.extend(said.uri.iter().map(|uri| format!("the provider explains this at {uri}")));
            }
            Trouble::Unavailable { retry_after: Some(after), .. } => {
                notes.push(format!("it asks to wait, `Retry-After`: {after}"));
            }
            Trouble::Host { allowed, .. } => notes.push(format!("the `hosts` of the provider allow only {allowed}")),
            _ => {}
        }
        notes
    }

    fn help(&self) -> Vec<String> {
        let own = match &self.trouble {
            Trouble::Redirected { .. } => {
                Some("credentials are never sent on to another URL: correct the URL in the provider's file".to_owned())
            }
            // A token request is no step: no `retry` of a scenario reaches it.
            Trouble::Unreachable { problem: http::Problem::Interrupted, .. } => {
                Some("the provider closed the connection: look at its log".to_owned())
            }
            Trouble::Unreachable { problem, .. } => Some(problem.advice().to_owned()),
            Trouble::Insecure { .. } => Some(
                "use https; plain http is allowed to this machine, and to hosts that `hosts` lists as `http://HOST`"
                    .to_owned(),
            ),
            Trouble::Host { .. } => Some(
                "is the URL right, and the environment? If the host is right, add it to the provider's `hosts`"
                    .to_owned(),
            ),
            Trouble::Answer { detail, .. } if !detail.starts_with("the login:") => Some(
                "is this the token endpoint? If the answer has the token under another name, write \
                 `token: { access_token: $.NAME }` in the provider's file"
                    .to_owned(),
            ),
            Trouble::Unexpected { help, .. } => help.as_deref().map(str::to_owned),
            Trouble::Page { help, .. } | Trouble::Discovery { help, .. } | Trouble::Keys { help, .. } => {
                help.as_deref().map(str::to_owned)
            }
            Trouble::Person { command } => Some(format!("run `{command}`, then run this again")),
            Trouble::Callback { help, .. } => Some(help.as_ref().to_owned()),
            Trouble::Unanswered { .. } => Some("log in again, and finish the login on the provider's page".to_owned()),
            _ => None,
        };
        own.into_iter().chain(self.advice.as_deref().map(str::to_owned)).collect()
    }
}

impl From<&AuthError> for Diagnostic {
    fn from(error: &AuthError) -> Self {
        if let Trouble::Provider(problem) = &error.trouble {
            return (**problem).clone();
        }
        let mut problem = Self::error(error.id(), error.message());
        problem.notes = error.notes();
        problem.help = error.help();
        match error.at {
            Some(at) => problem.at(at, "this request"),
            None => problem,
        }
    }
}
