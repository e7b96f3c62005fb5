//! From a call as it is written to a request that can be sent.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use super::executor::Environment;
use crate::http::{Body, Headers, Part, Request, encode_multipart};
use crate::json::{Json, ObjectBuilder};
use crate::scenario::{BodyWritten, Call, Graphql, Method, OneOrMore, PartWritten};
use crate::source::{Diagnostic, Keys, Span, Spanned, os_words};
use crate::template::{Scope, Template};

/// How many redirects are followed where nobody says it.
const REDIRECTS: u32 = 10;

/// Renders a call.
///
/// # Errors
/// What could not be rendered, a URL that is none, a file that is not there, a write where only reads are allowed.
pub(super) fn build(
    call: &Call,
    scope: &Scope,
    base: Option<&str>,
    environment: &Environment,
) -> Result<Request, Diagnostic> {
    let written = call.url.render(scope)?;
    let (method, target) = match call.method {
        Method::Key(method) => (method, &*written),
        Method::Written => written.split_once(' ').ok_or_else(|| {
            Diagnostic::error("format.request", "`request` needs a method and a URL")
                .at(call.url.span(), "")
                .help("for example `request: PURGE /cache`")
        })?,
    };
    check_write(method, call.url.span(), environment)?;
    let mut url = resolve(target.trim(), base, call.url.span())?;
    environment.redactor.learn_host(&url);
    for (name, values) in call.query.iter() {
        for value in values.render(scope)? {
            url.query_pairs_mut().append_pair(&name.value, &value);
        }
    }
    let mut request = Request::new(method, url);
    let defaults = &environment.defaults;
    for (name, values) in
        defaults.headers.iter().filter(|(name, _)| !overridden(call, &name.value)).chain(call.headers.iter())
    {
        for value in values.render(scope)? {
            check_header(name, &value)?;
            request.headers.append(&name.value, &value);
        }
    }
    request.timeout = call.timeout.map_or_else(|| defaults.timeout(), |timeout| timeout.0);
    request.redirects = call.redirects.or(defaults.redirects).unwrap_or(REDIRECTS);
    request.body = body(&call.body, scope, &mut request.headers)?;
    Ok(request)
}

/// What no header can be is marked where it is written.
fn check_header(name: &Spanned<Arc<str>>, value: &str) -> Result<(), Diagnostic> {
    let wrong = |what: String, help: &str| Err(Diagnostic::error("http.request", what).at(name.span, "").help(help));
    if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
        let what = format!("`{}` is not a valid header name", name.value);
        return wrong(what, "a header name has no spaces and no special characters except `-` and `_`");
    }
    if reqwest::header::HeaderValue::from_bytes(value.as_bytes()).is_err() {
        let what =
            format!("the value of the header `{}` contains a line break or another control character", name.value);
        return wrong(what, "does a variable or secret in it end with a line break? The filter `trim` removes it");
    }
    Ok(())
}

fn overridden(call: &Call, name: &str) -> bool {
    call.headers.names().any(|own| own.eq_ignore_ascii_case(name))
}

/// A read-only environment is not written to: the mistake it guards against is the one that cannot be undone.
fn check_write(method: &str, at: Span, environment: &Environment) -> Result<(), Diagnostic> {
    let writes = !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
    if !writes || !environment.read_only || environment.options.allow_writes {
        return Ok(());
    }
    Err(Diagnostic::error(
        "run.read-only",
        format!("the environment `{}` is read-only, and {method} writes", environment.name),
    )
    .at(at, "this call was not made")
    .help("if you want this call to be made, give --allow-writes"))
}

/// The whole URL of a target. A path is put behind the base, path and all: `/trips` below `https://x/api` is
/// `https://x/api/trips`.
fn resolve(target: &str, base: Option<&str>, at: Span) -> Result<Url, Diagnostic> {
    // `ftp://…` is no path: below a base it would make a call that nobody meant.
    let absolute = target.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme));
    let whole = match base {
        _ if absolute => target.to_owned(),
        // "/" is the base itself: a GraphQL endpoint at `https://x/v1` is not at `https://x/v1/`.
        Some(base) if target.is_empty() || target == "/" => base.to_owned(),
        Some(base) if target.starts_with('?') => format!("{base}{target}"),
        Some(base) => format!("{}/{}", base.trim_end_matches('/'), target.trim_start_matches('/')),
        // `example.com/x`, `http:/example.com`: a host was meant, and its scheme is missing or broken.
        None if !target.starts_with(['/', '?', '.']) && target.contains('.') => {
            let rest = target.split_once(':').filter(|(scheme, _)| is_scheme(scheme) && !scheme.contains('.'));
            let rest = rest.map_or(target, |(_, rest)| rest.trim_start_matches('/'));
            let problem = Diagnostic::error("run.base-url", format!("`{target}` is not a complete URL")).at(at, "");
            return Err(problem.help(format!("write `https://{rest}`, or give the scenario a `base_url`")));
        }
        None => {
            return Err(Diagnostic::error("run.base-url", format!("`{target}` is a relative URL, and there is no base URL to put before it"))
                .at(at, "")
                .help("give the scenario a `base_url`, or write the complete URL; with `auth: PROVIDER` the `api` of that provider is the base URL"));
        }
    };
    let wrong = |what: String| {
        let help = "a URL starts with http:// or https:// and a host; is a variable in it empty?";
        Diagnostic::error("run.url", what).at(at, "").help(help)
    };
    let url = Url::parse(&whole).map_err(|error| wrong(format!("`{whole}` is not a valid URL: {error}")))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        return Ok(url);
    }
    Err(wrong(format!("`{whole}` is not an http or https URL")))
}

/// Whether a text is the scheme of a URL (RFC 3986, section 3.1).
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn body(written: &BodyWritten, scope: &Scope, headers: &mut Headers) -> Result<Body, Diagnostic> {
    Ok(match written {
        BodyWritten::Empty => Body::Empty,
        BodyWritten::Json(tree) => Body::json(&*tree.evaluate(scope)?),
        BodyWritten::Form(fields) => {
            let mut pairs = Vec::new();
            for (name, values) in fields.iter() {
                pairs.extend(values.render(scope)?.into_iter().map(|value| (name.value.clone(), value)));
            }
            Body::form(pairs)
        }
        BodyWritten::Text(text) => Body::text(text.render(scope)?.into_owned(), "text/plain; charset=utf-8"),
        BodyWritten::File(file) => {
            let (bytes, _) = read_file(file, scope)?;
            Body::Bytes { bytes, content_type: Some("application/octet-stream".into()) }
        }
        BodyWritten::Graphql(graphql) => {
            if headers.get("accept").is_none() {
                headers.append("accept", "application/graphql-response+json, application/json");
            }
            Body::json(&envelope(graphql, scope)?)
        }
        BodyWritten::Multipart(parts) => multipart(parts, scope)?,
    })
}

/// The JSON that GraphQL over HTTP posts.
fn envelope(graphql: &Graphql, scope: &Scope) -> Result<Json, Diagnostic> {
    let query = match (&graphql.query, &graphql.file) {
        (Some(query), _) => query.render(scope)?.into_owned(),
        (None, Some(file)) => {
            let (bytes, name) = read_file(file, scope)?;
            String::from_utf8(bytes.to_vec()).map_err(|_| {
                Diagnostic::error("run.file", format!("{name} is not UTF-8 text"))
                    .at(file.span(), "")
                    .help("save it as UTF-8")
            })?
        }
        (None, None) => String::new(),
    };
    let mut members = ObjectBuilder::default();
    members.push("query".into(), Json::from(query));
    if !graphql.variables.is_empty() {
        let mut variables = ObjectBuilder::default();
        for (name, tree) in graphql.variables.iter() {
            variables.push(name.value.clone(), (*tree.evaluate(scope)?).clone());
        }
        members.push("variables".into(), Json::Object(variables.finish()));
    }
    if let Some(operation) = &graphql.operation {
        members.push("operationName".into(), Json::from(&*operation.render(scope)?));
    }
    Ok(Json::Object(members.finish()))
}

fn multipart(written: &Keys<OneOrMore<PartWritten>>, scope: &Scope) -> Result<Body, Diagnostic> {
    let mut parts = Vec::new();
    for (name, several) in written.iter() {
        for one in &several.0 {
            let name = name.value.to_string();
            parts.push(match one {
                PartWritten::Text(text) => {
                    let content = Bytes::from(text.render(scope)?.into_owned());
                    Part { name, filename: None, content_type: None, content }
                }
                PartWritten::Detailed(keys) => {
                    let render = |template: &Option<Template>| {
                        template
                            .as_ref()
                            .map(|template| template.render(scope).map(std::borrow::Cow::into_owned))
                            .transpose()
                    };
                    let (mut filename, mut content_type) = (render(&keys.filename)?, render(&keys.content_type)?);
                    let content = match (&keys.file, &keys.text, &keys.json) {
                        (Some(file), ..) => {
                            let (bytes, path) = read_file(file, scope)?;
                            let own = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
                            filename = filename.or(own);
                            content_type = content_type.or_else(|| Some("application/octet-stream".to_owned()));
                            bytes
                        }
                        (_, Some(text), _) => Bytes::from(text.render(scope)?.into_owned()),
                        (_, _, Some(json)) => {
                            content_type = content_type.or_else(|| Some("application/json".to_owned()));
                            Bytes::from(json.evaluate(scope)?.to_string())
                        }
                        _ => Bytes::new(),
                    };
                    Part { name, filename, content_type, content }
                }
            });
        }
    }
    Ok(encode_multipart(&parts, &scope.boundary()))
}

/// The bytes of a file beside the scenario, and its path as it was written.
fn read_file(file: &Template, scope: &Scope) -> Result<(Bytes, String), Diagnostic> {
    let path = file.render(scope)?.into_owned();
    match std::fs::read(scope.folder().join(&path)) {
        Ok(bytes) => Ok((bytes.into(), path)),
        Err(error) => Err(Diagnostic::error("run.file", format!("{path} cannot be read: {}", os_words(&error)))
            .at(file.span(), "")
            .help("the path starts from the folder of this file")),
    }
}
