//! Bodies that are read as what a key says: CSV, JSON Lines, a form, a JSON Web Token, bytes.

use std::fmt::Write;

use aws_lc_rs::digest;

use super::{Outcome, answer, tree, untyped};
use crate::document::Kind;
use crate::http::Response;
use crate::json::Json;
use crate::scenario::expected::Expected;
use crate::scenario::{BytesExpect, ExpectWritten, JwtExpect, Magic, Sha256};
use crate::source::{Diagnostic, Span, Spanned};
use crate::template::{Scope, Template};

/// Holds what is expected of a body of another kind than JSON against an answer.
///
/// # Errors
/// A template that cannot be rendered, a file that cannot be read.
pub(super) fn evaluate(
    keys: &ExpectWritten,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    if let (None, None, None, None, None) = (&keys.csv, &keys.ndjson, &keys.form, &keys.jwt, &keys.bytes) {
        return Ok(());
    }
    for (expected, kind, id) in views(keys, response) {
        if let Some(expected) = expected {
            outcome.add(view(expected, kind, id, response, scope)?);
        }
    }
    if let Some(expected) = &keys.jwt {
        jwt(expected, response, scope, outcome)?;
    }
    if let Some(expected) = &keys.bytes {
        bytes(expected, response, scope, outcome)?;
    }
    Ok(())
}

/// What is expected of the body as a table, as lines, or as a form.
pub(super) fn views<'k>(
    keys: &'k ExpectWritten,
    response: &Response,
) -> [(Option<&'k Expected>, Kind, &'static str); 3] {
    [
        (keys.csv.as_deref(), if response.kind() == Kind::Tsv { Kind::Tsv } else { Kind::Csv }, "expect.csv"),
        (
            keys.ndjson.as_deref(),
            if response.kind() == Kind::Sequence { Kind::Sequence } else { Kind::Lines },
            "expect.ndjson",
        ),
        (keys.form.as_deref(), Kind::Form, "expect.form"),
    ]
}

/// The body read as a kind, if nothing says that it is of another.
pub(super) fn read(kind: Kind, id: &'static str, at: Span, response: &Response) -> Result<Json, Box<Diagnostic>> {
    let said = response.kind();
    // What is strict about its form is known by it. Anything at all can be read as a table or a form, so that the content
    // type has the word there.
    let lenient = matches!(kind, Kind::Csv | Kind::Tsv | Kind::Form);
    let fits = said == kind || matches!(said, Kind::Text | Kind::Unknown);
    let html = said != kind && crate::markup::begins_like_html(&response.text());
    let missing = kind == Kind::Form && response.body.is_empty();
    let read = if lenient && !fits || html || missing {
        Err(answer::unfit(id, response, kind, &"its content type says otherwise"))
    } else {
        response.read_as(kind).map_err(|error| answer::unfit(id, response, kind, &error))
    };
    read.map_err(|problem| Box::new(problem.at(at, format!("{} is expected here", kind.name()))))
}

fn view(
    expected: &Expected,
    kind: Kind,
    id: &'static str,
    response: &Response,
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let mut value = match read(kind, id, expected.span, response) {
        Ok(value) => value,
        Err(problem) => return Ok(Some(*problem)),
    };
    if kind.is_untyped() {
        value = untyped::typed(expected, &value, scope)?;
    }
    let mut differences = tree::compare(expected, Some(&value), tree::Mode::Contains, scope)?;
    if differences.is_empty() {
        return Ok(None);
    }
    if kind.is_untyped() {
        differences.list.iter_mut().for_each(tree::untyped);
    }
    Ok(Some(tree::diagnostic(id, &tree::title(&differences), &differences, Some(&value))))
}

fn jwt(expected: &JwtExpect, response: &Response, scope: &Scope, outcome: &mut Outcome) -> Result<(), Box<Diagnostic>> {
    let token = match read(Kind::Jwt, "expect.jwt", expected.at.span, response) {
        Ok(token) => token,
        Err(problem) => {
            outcome.add([*problem]);
            return Ok(());
        }
    };
    if expected.header.is_none() && expected.claims.is_none() {
        outcome.add([]);
    }
    for (name, tree) in [("header", &expected.header), ("claims", &expected.claims)] {
        let Some(tree) = tree else { continue };
        let came = token.get(name);
        let differences = tree::compare(tree, came, tree::Mode::Contains, scope)?;
        let title =
            format!("the {name} of the token {} not what was expected", if name == "claims" { "are" } else { "is" });
        outcome.add((!differences.is_empty()).then(|| tree::diagnostic("expect.jwt", &title, &differences, came)));
    }
    Ok(())
}

fn bytes(
    expected: &BytesExpect,
    response: &Response,
    scope: &Scope,
    outcome: &mut Outcome,
) -> Result<(), Box<Diagnostic>> {
    let body = &response.body;
    // What is wrong with a page that came in place of an image is first of all that it is a page.
    let told = |problem: Diagnostic| match response.kind() {
        Kind::Html | Kind::Json | Kind::Xml | Kind::Text => {
            let media_type = response.media_type();
            let page = crate::markup::title(&response.text()).filter(|_| response.kind() == Kind::Html);
            let page = page.map(|title| format!(", a page with the title \"{title}\"")).unwrap_or_default();
            answer::advised(problem.note(format!("the answer is {media_type}{page}")), response)
        }
        _ => problem,
    };
    if let Some(length) = &expected.length {
        let came = Json::from(body.len() as u64);
        let differences = tree::compare(length, Some(&came), tree::Mode::Contains, scope)?;
        outcome.add(differences.list.first().map(|difference| {
            let what = format!("the body has {}, but {} is expected", sized(body.len()), difference.expected);
            told(Diagnostic::error("expect.bytes", what).at(length.span, format!("it has {}", sized(body.len()))))
        }));
    }
    if let Some(magic) = &expected.magic {
        outcome.add((!magic.value.begins(body)).then(|| told(begins_otherwise(magic, body))));
    }
    if let Some(sha256) = &expected.sha256 {
        outcome.add(digest_differs(sha256, body, scope)?.map(told));
    }
    Ok(())
}

fn begins_otherwise(magic: &Spanned<Magic>, body: &[u8]) -> Diagnostic {
    let wanted = match &magic.value {
        Magic::Known(name) => format!("a file of the kind {name}"),
        Magic::Bytes(bytes) => format!("`{}`", hex(bytes)),
    };
    let begins = match body {
        [] => "it is empty".to_owned(),
        body => format!("it starts with `{}`", hex(&body[..body.len().min(8)])),
    };
    let kind = Magic::of(body).map(|kind| format!(", like {kind}")).unwrap_or_default();
    let what = format!("the body does not start like {wanted}: {begins}{kind}");
    Diagnostic::error("expect.bytes", what).at(magic.span, "")
}

fn digest_differs(
    expected: &Spanned<Sha256>,
    body: &[u8],
    scope: &Scope,
) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let came = sha256(body);
    let different =
        |what: String| Some(Diagnostic::error("expect.bytes", what).at(expected.span, format!("it is {came}")));
    match &expected.value {
        Sha256::Hex(template) => {
            let wanted = template.render(scope).map_err(Box::new)?.trim().to_ascii_lowercase();
            Ok((wanted != came).then(|| different(format!("the SHA-256 of the body is not {wanted}"))).flatten())
        }
        Sha256::File(template) => {
            let (wanted, path) = file(template, scope)?;
            if wanted == body {
                return Ok(None);
            }
            let first = wanted.iter().zip(body).position(|(wanted, came)| wanted != came);
            let lengths = format!("{path} has {}, the body {}", sized(wanted.len()), sized(body.len()));
            let at = match first {
                Some(at) => format!("the first byte that differs is byte {at}"),
                None => "one is the start of the other".to_owned(),
            };
            Ok(different(format!("the body is not the same as the file {path}"))
                .map(|problem| problem.note(format!("{lengths}; {at}"))))
        }
    }
}

/// The bytes of a file beside the scenario, and its path as it was written.
fn file(template: &Template, scope: &Scope) -> Result<(Vec<u8>, String), Box<Diagnostic>> {
    let path = template.render(scope).map_err(Box::new)?.into_owned();
    match std::fs::read(scope.folder().join(&path)) {
        Ok(bytes) => Ok((bytes, path)),
        Err(error) => Err(Box::new(
            Diagnostic::error(
                "run.file",
                format!("the file {path} cannot be read: {}", crate::source::os_words(&error)),
            )
            .at(template.span(), "")
            .help("the path starts from the folder of this file"),
        )),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref()).replace(' ', "")
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        // Writing to a `String` cannot fail.
        _ = write!(out, "{}{byte:02x}", if at > 0 { " " } else { "" });
    }
    out
}

fn sized(length: usize) -> String {
    if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") }
}
