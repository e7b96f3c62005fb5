//! A login of a service's own: requests in their order, each keeping something of its answer for those behind it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration as StdDuration;

use super::check::Check;
use super::file::{SendFile, TokenFile};
use super::provider::TokenMembers;
use super::standard;
use crate::scenario::{Capture, Captures, StatusExpected, Tree, Values};
use crate::source::{Diagnostic, Duration, Keys, Span, Spanned, mapping};
use crate::template::Template;

/// How long a request may take unless it says otherwise.
const TIMEOUT: StdDuration = StdDuration::from_secs(30);

/// Names that mean something else, whichever flow it is.
const TAKEN: &[&str] = &["base", "api", "hosts", "tls", "scope"];

mapping! {
    /// A request of a login. It has one of `get`, `post`, `put`, `patch`, `delete` and `head`.
    pub struct RequestFile("a request of a login") {
        required {}
        optional {
            /// The URL of a GET.
            "get" => get: Option<Template>,
            /// The URL of a POST.
            "post" => post: Option<Template>,
            /// The URL of a PUT.
            "put" => put: Option<Template>,
            /// The URL of a PATCH.
            "patch" => patch: Option<Template>,
            /// The URL of a DELETE.
            "delete" => delete: Option<Template>,
            /// The URL of a HEAD.
            "head" => head: Option<Template>,
            /// Header fields.
            "headers" => headers: Keys<Values>,
            /// Query parameters, beside those of the URL.
            "query" => query: Keys<Values>,
            /// A body of form fields.
            "form" => form: Option<Keys<Values>>,
            /// A JSON body.
            "json" => json: Option<Tree>,
            /// A body of text.
            "text" => text: Option<Template>,
            /// The status of its answer; any 2xx unless given.
            "status" => status: Option<StatusExpected>,
            /// What is kept of its answer.
            "capture" => capture: Captures,
            /// How many redirects are followed; none unless given.
            "redirects" => redirects: u32,
            /// How long the answer may take; `30s` unless given.
            "timeout" => timeout: Option<Duration>,
        }
    }
}

/// A login of a service's own, whole.
#[derive(Debug)]
pub struct Custom {
    /// Its requests in their order.
    pub requests: Vec<CustomRequest>,
    /// Where the members of a token stand: the names of RFC 6749.
    pub token: TokenMembers,
    /// The variables that they are, where those have other names.
    pub members: Vec<(&'static str, Arc<str>)>,
    /// Whether there is an access token. Else what is sent stands for it.
    pub has_access_token: bool,
    /// Captured variables that are no secrets: lifetimes, types, scopes.
    pub plain: BTreeSet<Arc<str>>,
}

/// A request of a login.
#[derive(Debug)]
pub struct CustomRequest {
    /// The method, as `GET`.
    pub method: &'static str,
    /// The URL.
    pub url: Template,
    /// Header fields.
    pub headers: Keys<Values>,
    /// Query parameters.
    pub query: Keys<Values>,
    /// What is sent.
    pub body: CustomBody,
    /// The status of its answer; `None` for any 2xx.
    pub status: Option<StatusExpected>,
    /// What is kept of its answer.
    pub capture: Vec<Capture>,
    /// How many redirects are followed.
    pub redirects: u32,
    /// How long the answer may take.
    pub timeout: StdDuration,
    /// Where it stands.
    pub at: Span,
}

/// What a request of a login sends.
#[derive(Debug)]
pub enum CustomBody {
    /// Nothing.
    Empty,
    /// Form fields.
    Form(Keys<Values>),
    /// A JSON document.
    Json(Tree),
    /// Text.
    Text(Template),
}

/// The login that a file describes, where it describes one, and what is left of `token` for other flows. What is wrong is
/// reported; the names that are captured are known from here on.
pub(super) fn custom(
    files: Option<Spanned<Vec<RequestFile>>>,
    token: Option<TokenFile>,
    send: Option<&SendFile>,
    check: &mut Check<'_, '_>,
) -> (Option<Custom>, Option<TokenFile>) {
    if let Some(files) = files {
        return (whole(files, token.as_ref(), send, check), None);
    }
    no_names(token.as_ref(), check);
    (None, token)
}

fn whole(
    files: Spanned<Vec<RequestFile>>,
    token: Option<&TokenFile>,
    send: Option<&SendFile>,
    check: &mut Check<'_, '_>,
) -> Option<Custom> {
    let at = files.span;
    if files.value.is_empty() {
        check.reader.report(
            Diagnostic::error("provider.requests", "`requests` is empty")
                .at(at, "")
                .help("add a request: `- post: URL`"),
        );
        return None;
    }
    let mut captured: Vec<Arc<str>> = Vec::new();
    let mut requests = Vec::new();
    for file in files.value {
        let whole = request(file, check);
        for capture in whole.iter().flat_map(|request| &request.capture) {
            let name = &capture.name;
            if TAKEN.contains(&&*name.value) || check.knows(name) && !captured.contains(&name.value) {
                let what = format!("the name `{}` is taken here, so a request cannot capture it", name.value);
                let problem = Diagnostic::error("provider.name", what).at(name.span, "");
                check.reader.report(problem.help("choose another name"));
            }
            captured.push(name.value.clone());
            check.define(name.value.clone());
        }
        requests.extend(whole);
    }
    let mut plain: BTreeSet<Arc<str>> =
        ["token_type", "expires_in", "expires_at", "scope"].into_iter().map(Arc::from).collect();
    let mut members = Vec::new();
    let mut has_access_token = captured.iter().any(|name| &**name == "access_token");
    if let Some(token) = token {
        for (key, path) in token.members() {
            let Some(name) = &path.1 else {
                let problem = Diagnostic::error(
                    "provider.token",
                    format!("in the flow `custom`, `{key}` is the name of a variable, not a path"),
                );
                let problem = problem.at(token.at.value(key).unwrap_or(token.at.span), "");
                check
                    .reader
                    .report(problem.help("capture the value in a request, and write the name of the capture here"));
                continue;
            };
            if !captured.contains(name) {
                let problem = Diagnostic::error("provider.token", format!("no request captures `{name}`"));
                let problem = problem.at(token.at.value(key).unwrap_or(token.at.span), "");
                check.reader.report(match crate::source::suggestion(name, captured.iter().map(|name| &**name)) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None if captured.is_empty() => problem.help(format!("add `capture: {{ {name}: … }}` to a request")),
                    None => problem.help(format!("the captures are {}", captured.join(", "))),
                });
            }
            has_access_token |= key == "access_token";
            members.push((key, name.clone()));
            if matches!(key, "token_type" | "expires_in" | "expires_at" | "scope") {
                plain.insert(name.clone());
            }
        }
    }
    if !has_access_token && send.is_none() {
        check.reader.report(
            Diagnostic::error("provider.send", "this file does not say what to send with API calls after the login").at(at, "").help(
                "name the captured token, `token: { access_token: NAME }`, or write what is sent: `send: { header: NAME, value: … }`",
            ),
        );
    }
    Some(Custom { requests, token: standard::captured_members(), members, has_access_token, plain })
}

/// Outside the flow `custom` the members of a token have places in an answer, not names.
fn no_names(token: Option<&TokenFile>, check: &mut Check<'_, '_>) {
    for (key, path) in token.into_iter().flat_map(TokenFile::members) {
        if let (Some(name), Some(at)) = (&path.1, token.and_then(|token| token.at.value(key))) {
            check.reader.report(
                Diagnostic::error("format.jsonpath", "a JSONPath starts with `$`, the whole document")
                    .at(at, "")
                    .help(format!("write `$.{name}`")),
            );
        }
    }
}

fn request(file: RequestFile, check: &mut Check<'_, '_>) -> Option<CustomRequest> {
    let at = file.at.span;
    let urls = [
        ("GET", file.get),
        ("POST", file.post),
        ("PUT", file.put),
        ("PATCH", file.patch),
        ("DELETE", file.delete),
        ("HEAD", file.head),
    ];
    let mut urls: Vec<_> = urls.into_iter().filter_map(|(method, url)| Some((method, url?))).collect();
    for (_, url) in &urls {
        check.template(url, &[]);
    }
    for (_, values) in file.headers.iter().chain(file.query.iter()).chain(file.form.iter().flat_map(Keys::iter)) {
        check.references(values.references(), &[]);
    }
    file.json.iter().for_each(|tree| check.references(tree.references(), &[]));
    file.text.iter().for_each(|text| check.template(text, &[]));
    file.capture
        .0
        .iter()
        .for_each(|capture| check.references(capture.references(), &crate::scenario::check::OF_ANSWER));
    let bodies = [file.form.is_some(), file.json.is_some(), file.text.is_some()];
    if bodies.into_iter().filter(|is_there| *is_there).count() > 1 {
        let problem = Diagnostic::error("format.request", "a request can have only one of `form`, `json` and `text`");
        check.reader.report(problem.at(at, "").help("keep one of them"));
    }
    let one = (urls.len() == 1).then(|| urls.remove(0));
    let Some((method, url)) = one else {
        let help = if urls.is_empty() { "for example `post: /login`" } else { "keep one of them" };
        let what = "a request needs exactly one of `get`, `post`, `put`, `patch`, `delete` and `head`";
        check.reader.report(Diagnostic::error("format.request", what).at(at, "").help(help));
        return None;
    };
    let body = match (file.form, file.json, file.text) {
        (Some(fields), ..) => CustomBody::Form(fields),
        (_, Some(tree), _) => CustomBody::Json(tree),
        (_, _, Some(text)) => CustomBody::Text(text),
        _ => CustomBody::Empty,
    };
    Some(CustomRequest {
        method,
        at: url.span(),
        url,
        headers: file.headers,
        query: file.query,
        body,
        status: file.status,
        capture: file.capture.0,
        redirects: file.redirects,
        timeout: file.timeout.map_or(TIMEOUT, |timeout| timeout.0),
    })
}
