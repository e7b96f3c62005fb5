//! A step as it is written, and the one thing it does.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::again::{Poll, Retry};
use super::auth_check::AuthCheck;
use super::capture::{Capture, Captures};
use super::model::{Action, Auth, Expect, Step, UseFragment};
use super::sending::{BodyWritten, Graphql, OneOrMore, PartWritten, Values};
use super::tree::Tree;
use crate::source::{Diagnostic, Duration, Keys, Node, Read, Reader, Span, Spanned, Unread, Written, mapping};
use crate::template::{Expression, Template};

mapping! {
    /// A step: exactly one of a call, `auth_check`, `use` and `pause`.
    pub struct StepWritten("a step") {
        required {}
        optional {
            /// What other steps refer to this one by: `steps.ID.response`.
            "id" => id: Option<Spanned<String>>,
            /// What reports call it; by default its request line.
            "name" => name: Option<Template>,
            /// A GET of this URL.
            "get" => get: Option<Template>,
            /// A POST to this URL.
            "post" => post: Option<Template>,
            /// A PUT to this URL.
            "put" => put: Option<Template>,
            /// A PATCH of this URL.
            "patch" => patch: Option<Template>,
            /// A DELETE of this URL.
            "delete" => delete: Option<Template>,
            /// A HEAD of this URL.
            "head" => head: Option<Template>,
            /// An OPTIONS of this URL.
            "options" => options: Option<Template>,
            /// Any other method with its URL: `PURGE /cache`.
            "request" => request: Option<Template>,
            /// A fragment's file, whose steps are run here.
            "use" => fragment: Option<Spanned<String>>,
            /// The fragment's parameters.
            "with" => with: Keys<Tree>,
            /// A call that must be refused without credentials and with wrong ones: `GET /devices`, or a mapping.
            "auth_check" => auth_check: Option<AuthCheck>,
            /// Waits this long.
            "pause" => pause: Option<Spanned<Duration>>,
            /// Parameters added to the URL; a list repeats the parameter, null leaves it out.
            "query" => query: Keys<Values>,
            /// Header fields; a list repeats the field, null leaves it out.
            "headers" => headers: Keys<Values>,
            /// A JSON body.
            "json" => json: Option<Tree>,
            /// A form (`application/x-www-form-urlencoded`).
            "form" => form: Option<Keys<Values>>,
            /// A form with files (`multipart/form-data`).
            "multipart" => multipart: Option<Keys<OneOrMore<PartWritten>>>,
            /// A GraphQL query over POST.
            "graphql" => graphql: Option<Graphql>,
            /// A text body.
            "text" => text: Option<Template>,
            /// A file beside the scenario, sent as it is.
            "file" => file: Option<Template>,
            /// How long the call may take.
            "timeout" => timeout: Option<Duration>,
            /// How many redirects are followed at most; 10 unless given.
            "redirects" => redirects: Option<u32>,
            /// The step is skipped unless this is true.
            "when" => when: Option<Condition>,
            /// The step is run for each element of this list, as `item` and `index`.
            "for_each" => for_each: Option<Box<Tree>>,
            /// Tries again after a failure of the transport or one of these statuses.
            "retry" => retry: Option<Box<Retry>>,
            /// Repeats the call until the expectations hold.
            "poll" => poll: Option<Box<Poll>>,
            /// What the answer must be.
            "expect" => expect: Expect,
            /// What is kept of the answer for later steps.
            "capture" => capture: Captures,
            /// Who the step acts as, if not as the scenario.
            "auth" => auth: Option<Auth>,
            /// `false` leaves a 401 alone: no renewal, no replay.
            "reauth" => reauth: Option<bool>,
        }
        later { "parallel", }
    }
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method; that of `request` is part of its template.
    pub method: Method,
    /// The URL, absolute or relative to the base; for `request`, with the method before it.
    pub url: Template,
    /// Parameters added to the URL.
    pub query: Keys<Values>,
    /// Header fields.
    pub headers: Keys<Values>,
    /// The body.
    pub body: BodyWritten,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How many redirects are followed.
    pub redirects: Option<u32>,
    /// When it is tried again.
    pub retry: Option<Box<Retry>>,
    /// Until when it is repeated.
    pub poll: Option<Box<Poll>>,
    /// What the answer must be.
    pub expect: Expect,
    /// What is kept of it.
    pub capture: Vec<Capture>,
}

/// How a step names its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By its key: `get: …`.
    Key(&'static str),
    /// In the text: `request: PURGE /cache`.
    Written,
}

/// An expression that decides.
#[derive(Debug, Clone)]
pub struct Condition(pub Arc<Expression>);

impl Read for Condition {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        Expression::of(node, reader).map(|expression| Self(Arc::new(expression)))
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "boolean"], "description": "An expression, with or without `{{ }}` around it." })
    }
}

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
const BODIES: [&str; 6] = ["json", "form", "multipart", "graphql", "text", "file"];
/// Keys that only a call has.
const OF_CALLS: [&str; 14] = [
    "query",
    "headers",
    "json",
    "form",
    "multipart",
    "graphql",
    "text",
    "file",
    "timeout",
    "redirects",
    "retry",
    "poll",
    "expect",
    "reauth",
];

impl Read for Step {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if let Some((method, url)) = node.as_str().and_then(|text| text.split_once(' '))
            && METHODS.contains(&&*method.to_lowercase())
        {
            let problem = Diagnostic::error("format.type", "a step must be a mapping, not a string").at(node.span, "");
            return Err(reader.report(problem.help(format!("write `{}: {}`", method.to_lowercase(), url.trim()))));
        }
        let written = StepWritten::read(node, reader)?;
        let at = written.at.clone();
        let mut whole = check_combination(&at, node, reader).is_ok();
        whole &= check_request_line(written.request.as_ref(), "PURGE /cache", reader).is_ok();
        if let Some(id) = &written.id {
            whole &= super::capture::check_id(&Spanned::new(id.value.as_str().into(), id.span), reader).is_ok();
        }
        if let Some(graphql) = &written.graphql
            && graphql.query.is_some() == graphql.file.is_some()
        {
            reader.report(
                Diagnostic::error("format.graphql", "`graphql` needs either `query` or `file`")
                    .at(graphql.at.span, "")
                    .help("write `query: \"…\"` or `file: query.graphql`, but not both"),
            );
            whole = false;
        }
        if !whole {
            reader.leave_out(Span::default())?;
        }
        Ok(Self {
            id: written.id.clone(),
            name: written.name.clone(),
            auth: written.auth.clone(),
            reauth: written.reauth.unwrap_or(true),
            when: written.when.clone().map(|condition| condition.0),
            for_each: written.for_each.clone(),
            action: action(written),
            at,
        })
    }
}

/// One action, one body, and nothing that goes with another action.
fn check_combination(at: &Written, node: &Node, reader: &mut Reader<'_>) -> Result<(), Unread> {
    let written = |names: &[&str]| at.keys().filter(|(key, _)| names.contains(key)).collect::<Vec<_>>();
    let actions = written(&[METHODS.as_slice(), &["request", "use", "pause", "auth_check"]].concat());
    let bodies = written(&BODIES);
    let problem = match actions[..] {
        // A key that is none of a step's was meant to be what it does.
        [] if node.entries().is_some_and(|entries| entries.len() > at.keys().count()) => None,
        [] => {
            let first = node.entries().and_then(<[_]>::first).map_or(node.span, |entry| entry.key.span);
            let mut problem =
                Diagnostic::error("format.step", "this step does nothing").at(first, "the step starts here");
            problem = problem.help("add a call (`get: /path`, `post`, `put`, `patch`, `delete`, `head`, `options`, `request: METHOD /path`), `auth_check`, `use` or `pause`");
            Some(problem)
        }
        [(first, first_at), (second, second_at), ..] => Some(
            Diagnostic::error("format.step", format!("a step does only one thing, and this has both `{first}` and `{second}`"))
                .at(second_at, "the second")
                .at(first_at, "the first")
                .help("make it two steps"),
        ),
        [(action @ ("use" | "pause" | "auth_check"), _)] => at
            .keys()
            .find(|(key, _)| OF_CALLS.contains(key) || foreign(action, key))
            .map(|(key, key_at)| {
                let what = format!("`{key}` belongs to a call, and this step has `{action}`");
                let problem = Diagnostic::error("format.step", what).at(key_at, "");
                let own = action == "auth_check" && super::auth_check::AuthCheckKeys::KEYS.contains(&key);
                problem.help(if own {
                    format!("write it inside: `auth_check: {{ request: …, {key}: … }}`")
                } else {
                    format!("remove `{key}`, or make the call a step of its own")
                })
            }),
        [(method, _)] => match bodies[..] {
            [(first, first_at), (second, second_at), ..] => Some(
                Diagnostic::error("format.step", format!("a call has one body, and this has both `{first}` and `{second}`"))
                    .at(second_at, "the second")
                    .at(first_at, "the first")
                    .help("remove one of the two"),
            ),
            [(body @ "graphql", body_at)] if method != "post" && method != "request" => Some(
                Diagnostic::error("format.step", format!("`{body}` needs POST, and this is `{method}`"))
                    .at(body_at, "")
                    .help(format!("write `post` instead of `{method}`")),
            ),
            [(body, body_at)] if matches!(method, "get" | "head") => Some(
                Diagnostic::error(
                    "format.step",
                    format!("a {} request has no body, and this has `{body}`", method.to_uppercase()),
                )
                .at(body_at, "")
                .help(format!(
                    "what you expect of the answer goes under `expect`, parameters go under `query`; if the body is meant, write `request: {} /path`",
                    method.to_uppercase()
                )),
            ),
            _ => at.key("with").map(|with| {
                Diagnostic::error("format.step", "`with` is only for a step with `use`")
                    .at(with, "")
                    .help("add `use: FILE`, or remove `with`")
            }),
        },
    };
    problem.map_or(Ok(()), |problem| Err(reader.report(problem)))
}

/// Whether a key that several kinds of steps have is none of this one.
fn foreign(action: &str, key: &str) -> bool {
    match action {
        "pause" => matches!(key, "capture" | "auth"),
        "auth_check" => matches!(key, "capture" | "with"),
        _ => false,
    }
}

/// A `request` that is written out has a method before its URL; of one with a template it shows when it is rendered.
pub(super) fn check_request_line(
    request: Option<&Template>,
    example: &str,
    reader: &mut Reader<'_>,
) -> Result<(), Unread> {
    match request.and_then(|request| request.as_literal().map(|text| (text, request.span()))) {
        Some((text, span)) if !text.trim().contains(' ') => Err(reader.report(
            Diagnostic::error("format.request", "a method and a URL are needed here")
                .at(span, "")
                // A path alone lacks the method only.
                .help(match text.trim() {
                    path if path.starts_with('/') || path.contains("://") => format!("for example `GET {path}`"),
                    _ => format!("for example `{example}`"),
                }),
        )),
        _ => Ok(()),
    }
}

fn action(mut written: StepWritten) -> Action {
    if let Some(file) = written.fragment {
        return Action::Use(Box::new(UseFragment { file, with: written.with, capture: written.capture.0 }));
    }
    if let Some(check) = written.auth_check {
        return Action::AuthCheck(Box::new(check));
    }
    if let Some(pause) = written.pause {
        return Action::Pause(pause);
    }
    let by_key = [
        ("GET", &mut written.get),
        ("POST", &mut written.post),
        ("PUT", &mut written.put),
        ("PATCH", &mut written.patch),
        ("DELETE", &mut written.delete),
        ("HEAD", &mut written.head),
        ("OPTIONS", &mut written.options),
    ];
    let found = by_key.into_iter().find_map(|(method, url)| url.take().map(|url| (Method::Key(method), url)));
    let (method, url) = found.unwrap_or_else(|| {
        (Method::Written, written.request.take().unwrap_or_else(|| Template::literal("", written.at.span)))
    });
    let body = if let Some(json) = written.json {
        BodyWritten::Json(json)
    } else if let Some(form) = written.form {
        BodyWritten::Form(form)
    } else if let Some(parts) = written.multipart {
        BodyWritten::Multipart(parts)
    } else if let Some(graphql) = written.graphql {
        BodyWritten::Graphql(Box::new(graphql))
    } else if let Some(text) = written.text {
        BodyWritten::Text(text)
    } else if let Some(file) = written.file {
        BodyWritten::File(file)
    } else {
        BodyWritten::Empty
    };
    Action::Call(Box::new(Call {
        method,
        url,
        query: written.query,
        headers: written.headers,
        body,
        timeout: written.timeout,
        redirects: written.redirects,
        retry: written.retry,
        poll: written.poll,
        expect: written.expect,
        capture: written.capture.0,
    }))
}
