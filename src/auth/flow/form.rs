//! An HTML form as a browser submits it (HTML, section 4.10.22): its successful controls, and the request they make.

use std::time::Duration;

use url::Url;

use crate::http::{Body, Part, Request, encode_multipart};

/// A form of a page.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Where it is submitted to.
    pub(super) action: Url,
    pub(super) method: Method,
    pub(super) encoding: FormEncoding,
    pub(super) controls: Vec<Control>,
    pub(super) buttons: Vec<Button>,
    /// Its id, name, classes and action, in lower case: what tells a search form from a login.
    pub(super) words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    /// `dialog`, or an action that is a script: it is never sent.
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FormEncoding {
    Urlencoded,
    Multipart,
    Plain,
}

/// A control with a name, and the value it is submitted with.
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) kind: ControlKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ControlKind {
    Hidden,
    Password,
    /// A control that a person fills in.
    Visible,
}

/// A submit button.
#[derive(Debug, Clone, Default)]
pub(super) struct Button {
    pub(super) name: Option<String>,
    pub(super) value: String,
    /// What stands on it.
    pub(super) label: String,
    /// Where it sends the form instead.
    pub(super) action: Option<Url>,
    pub(super) method: Option<Method>,
}

impl Form {
    /// The value that a person could have changed.
    pub(super) fn visible(&self, name: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.name == name && control.kind != ControlKind::Hidden)
    }

    pub(super) fn passwords(&self) -> usize {
        self.controls.iter().filter(|control| control.kind == ControlKind::Password).count()
    }

    /// Whether it is there for something else than a login.
    pub(super) fn is_another_kind(&self) -> bool {
        const OTHERS: &[&str] = &[
            "search",
            "signup",
            "sign-up",
            "sign_up",
            "register",
            "registration",
            "newsletter",
            "subscribe",
            "forgot",
            "reset",
        ];
        const LOGINS: &[&str] = &["login", "log-in", "log_in", "signin", "sign-in", "sign_in"];
        let says = |words: &[&str]| words.iter().any(|word| self.words.contains(word));
        // A password is asked for twice where it is chosen.
        self.passwords() > 1 || says(OTHERS) && !says(LOGINS)
    }

    /// Whether a script is to send it on: hidden inputs and nothing that a person could press.
    pub(super) fn sends_itself(&self) -> bool {
        self.method != Method::Never
            && self.buttons.is_empty()
            && !self.controls.is_empty()
            && self.controls.iter().all(|control| control.kind == ControlKind::Hidden)
    }

    /// The names of the controls that a person sees.
    pub(super) fn names(&self) -> Vec<&str> {
        self.controls
            .iter()
            .filter(|control| control.kind != ControlKind::Hidden)
            .map(|control| control.name.as_str())
            .collect()
    }

    /// The request that submits the form, with these values in place of its own, by that button.
    pub(super) fn submit(&self, fill: &[(String, String)], button: Option<&Button>, timeout: Duration) -> Request {
        let mut fields: Vec<(String, String)> = self
            .controls
            .iter()
            .map(|control| {
                let given = fill.iter().find(|(name, _)| *name == control.name && control.kind != ControlKind::Hidden);
                (control.name.clone(), given.map_or_else(|| control.value.clone(), |(_, value)| value.clone()))
            })
            .collect();
        if let Some(Button { name: Some(name), value, .. }) = button {
            fields.push((name.clone(), value.clone()));
        }
        let action = button.and_then(|button| button.action.as_ref()).unwrap_or(&self.action).clone();
        let method = button.and_then(|button| button.method).unwrap_or(self.method);
        if method != Method::Post {
            let mut request = Request::new("GET", action);
            request.url.set_query(None);
            request.url.query_pairs_mut().extend_pairs(&fields);
            request.timeout = timeout;
            return request;
        }
        let mut request = Request::new("POST", action);
        request.timeout = timeout;
        request.body = match self.encoding {
            FormEncoding::Multipart => {
                let part = |(name, value): (String, String)| Part {
                    name,
                    filename: None,
                    content_type: None,
                    content: value.into(),
                };
                let parts: Vec<Part> = fields.into_iter().map(part).collect();
                let boundary = format!("callsheet-{}", uuid::Uuid::from_u128(fastrand::u128(..)).simple());
                encode_multipart(&parts, &boundary)
            }
            FormEncoding::Plain => {
                let lines =
                    fields.iter().map(|(name, value)| format!("{name}={value}\r\n")).collect::<Vec<_>>().concat();
                Body::text(lines, "text/plain")
            }
            FormEncoding::Urlencoded => Body::form(fields),
        };
        request
    }
}

/// The button that agrees to what a consent page asks. Never one that says no.
pub(super) fn agreeing(form: &Form) -> Option<&Button> {
    const YES: &[&str] = &[
        "allow",
        "approve",
        "authorize",
        "authorise",
        "accept",
        "agree",
        "consent",
        "grant",
        "confirm",
        "permit",
        "yes",
        "continue",
    ];
    const NO: &[&str] = &[
        "deny", "denied", "cancel", "decline", "reject", "refuse", "disallow", "no", "not", "don", "dont", "never",
        "back", "abort", "disagree", "with", "cookies", "cookie", "logout", "out", "search",
    ];
    form.buttons.iter().find(|button| {
        // What is written on it and what it sends. Its name alone (`action`, `consent`) says nothing against it.
        let (said, named) = (button.says(), words(button.name.as_deref().unwrap_or_default()));
        !has(&said, NO) && !has(&named, NO) && (has(&said, YES) || has(&named, YES))
    })
}

/// The button that a login form is sent with: the one that says so, else the first, as when Enter is pressed.
pub(super) fn entering(form: &Form) -> Option<&Button> {
    const YES: &[&str] =
        &["login", "log", "signin", "sign", "continue", "next", "submit", "enter", "anmelden", "inloggen"];
    const NO: &[&str] = &["with", "up", "cancel", "forgot", "reset", "register", "back", "out"];
    form.buttons.iter().find(|button| has(&button.says(), YES) && !has(&button.says(), NO)).or(form.buttons.first())
}

impl Button {
    /// The words on it and in its value.
    fn says(&self) -> Vec<String> {
        words(&format!("{} {}", self.label, self.value))
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn has(words: &[String], of: &[&str]) -> bool {
    words.iter().any(|word| of.contains(&word.as_str()))
}
