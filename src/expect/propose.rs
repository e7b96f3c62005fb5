//! What could be accepted of an answer that was not as expected: the expectations once more, each that did not hold with
//! the changes of the file that would make it hold, or the reason why there are none.
//!
//! This looks at an answer only after [`super::evaluate`] has found fault with it, and only where somebody keeps what it
//! gives: it decides nothing.

mod bytes;

use jiff::Timestamp;

use super::diff::{self, Mode, Proposed, replacement};
use super::{Asked, Pages, TokenFacts, body, markup, snapshot, status, tree, untyped};
use crate::document::Kind;
use crate::http::Response;
use crate::json::{Json, Number};
use crate::jsonpath::{JsonPath, NormalizedPath};
use crate::pending::{Change, Offer};
use crate::scenario::expected::{Expected, Tree};
use crate::scenario::{ExpectWritten, StatusExpected, StatusPattern, TokenExpect};
use crate::source::{Diagnostic, Span, Spanned};
use crate::template::Scope;

/// Something that could be accepted, or could not.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The diagnostic that it belongs to.
    pub id: &'static str,
    /// What was written there.
    pub at: Span,
    /// The place in the answer, as people write it.
    pub path: String,
    /// The mapping of `expect`, where `ignore` in it would do as well.
    pub expect: Option<Span>,
    /// What would be changed, or why nothing can be.
    pub offer: Offer,
}

/// What could be accepted of an answer. `step` is the mapping of the step, into which an `expect` would go.
pub fn propose(asked: &Asked<'_>, step: Span, response: &Response, scope: &Scope) -> Vec<Proposal> {
    let mut found = Found { proposals: Vec::new(), scope, now: Timestamp::now() };
    let keys = asked.expect.keys.as_deref();
    let status_failed = found.status(asked, step, response);
    if let Some(keys) = keys {
        for (name, expected) in keys.headers.iter() {
            let values: Vec<Json> = response.headers.all(&name.value).map(Json::from).collect();
            found.named("header", name, expected, &values);
        }
        for (name, expected) in keys.cookies.iter() {
            let value = response.cookies.iter().rev().find(|(known, _)| known.eq_ignore_ascii_case(&name.value));
            let values: Vec<Json> = value.map(|(_, value)| Json::from(value.as_str())).into_iter().collect();
            found.named("cookie", name, expected, &values);
        }
        found.body(keys, response);
        if let (Some(expected), Ok(json)) = (&keys.graphql, response.document()) {
            found.graphql(expected, json);
        }
    }
    if let Some(shelf) = asked.snapshot
        && let Some((id, offer)) = snapshot::propose(shelf, response, scope, status_failed)
    {
        found.add(id, shelf.key(), "snapshot", offer);
    }
    if status_failed && is_trouble(response.status) {
        let why = format!("the answer was a {}: rarely what a test is for", response.status);
        for proposal in &mut found.proposals {
            if let Offer::Change(change) = &proposal.offer {
                proposal.offer = Offer::Ask(change.clone(), why.clone());
            }
        }
    }
    found.proposals
}

/// What could be accepted of a token response.
pub fn propose_token(expect: &TokenExpect, facts: &TokenFacts<'_>, scope: &Scope) -> Vec<Proposal> {
    let mut found = Found { proposals: Vec::new(), scope, now: Timestamp::now() };
    let granted = facts.scope.map(Json::from);
    let scope_said = facts.said.scope.filter(|said| !matches!(said, Json::Null)).or(granted.as_ref());
    for (name, expected, came) in [
        ("expires_in", &expect.expires_in, facts.said.expires_in),
        ("token_type", &expect.token_type, facts.said.token_type),
        ("scope", &expect.scope, scope_said),
    ] {
        let (Some(expected), key) = (expected, expect.at.key(name)) else { continue };
        found.value("expect.token", name, expected, key, came, &[], Mode::Contains);
    }
    for (name, expected, came) in [
        ("refresh_token", &expect.refresh_token, facts.said.refresh_token),
        ("id_token", &expect.id_token, facts.said.id_token),
    ] {
        let Some(expected) = expected else { continue };
        if found.fails(expected, came) {
            found.refuse("expect.token", expected.span, name, "a token is a secret, and never written into a file");
        }
    }
    if let (Some(expected), Some(claims)) = (&expect.claims, facts.claims) {
        found.value("expect.claims", "claims", expected, None, Some(claims), &[], Mode::Contains);
    }
    found.proposals
}

/// Why what is found by other means than comparing cannot be accepted, by the diagnostic's id.
pub fn refusal(id: &str) -> &'static str {
    match id {
        "expect.that" => "an expression is not a value: what it should say only its author knows",
        "expect.within" => "how long an answer may take is not learned from one answer",
        "expect.schema" => "a schema says more than one answer shows",
        "expect.body" | "expect.csv" | "expect.ndjson" | "expect.form" | "expect.jwt" | "expect.at" | "expect.json" => {
            UNFIT
        }
        "expect.graphql" => "errors are accepted only where `graphql: { errors: … }` expects some",
        "expect.auth-check" => "what must be refused is not learned from an answer: only its author knows",
        "expect.signature" => "a signature holds, or does not",
        "snapshot.damaged" => "the file of the snapshot is damaged: mend it, or delete it and run again",
        "expect.claims" => "the token has no claims that could be looked at",
        _ => "there is no value in the file that could be replaced",
    }
}

/// Why nothing is accepted of a body that cannot be read as what is looked at in it.
const UNFIT: &str = "the body is not of the kind that is expected";

/// Statuses of troubles that pass: nobody wants them for what is expected without having looked.
fn is_trouble(status: u16) -> bool {
    matches!(status, 401 | 403 | 407 | 408 | 425 | 429 | 500..)
}

struct Found<'s> {
    proposals: Vec<Proposal>,
    scope: &'s Scope,
    now: Timestamp,
}

impl Found<'_> {
    fn add(&mut self, id: &'static str, at: Span, path: impl Into<String>, offer: Offer) {
        self.proposals.push(Proposal { id, at, path: path.into(), expect: None, offer });
    }

    fn refuse(&mut self, id: &'static str, at: Span, path: impl Into<String>, why: &str) {
        self.add(id, at, path, Offer::Refused(why.to_owned()));
    }

    fn fails(&self, expected: &Expected, came: Option<&Json>) -> bool {
        tree::compare(expected, came, Mode::Contains, self.scope).is_ok_and(|differences| !differences.is_empty())
    }

    /// Whether the status is none that was expected.
    fn status(&mut self, asked: &Asked<'_>, step: Span, response: &Response) -> bool {
        let keys = asked.expect.keys.as_deref();
        let expected = keys.and_then(|keys| keys.status.as_ref());
        if !matches!(status::check(expected, asked.call, response, self.scope), Ok(Some(_))) {
            return false;
        }
        let came = Json::from(i64::from(response.status));
        let (at, offer) = match (expected, keys) {
            (Some(expected), _) => {
                let change = Change::Replace { at: expected.span.into(), to: came, matcher: None };
                let offer = if is_templated(expected) {
                    Offer::Ask(change, format!("a template stands here: {}", expected.written))
                } else {
                    Offer::Change(change)
                };
                (expected.span, offer)
            }
            (None, Some(keys)) => {
                let change = Change::AddMember { to: keys.at.span.into(), name: "status".to_owned(), value: came };
                (asked.call, Offer::Change(change))
            }
            (None, None) => {
                let change = Change::AddMember { to: step.into(), name: "expect".to_owned(), value: came };
                (asked.call, Offer::Change(change))
            }
        };
        self.add("expect.status", at, "status", offer);
        true
    }

    /// A text that has no type, and may be there several times.
    fn named(&mut self, what: &str, name: &Spanned<std::sync::Arc<str>>, expected: &Expected, values: &[Json]) {
        let id = if what == "header" { "expect.header" } else { "expect.cookie" };
        let path = format!("{what} {}", name.value);
        let holds =
            |value| tree::compare_text(expected, value, self.scope).map_or(true, |differences| differences.is_empty());
        match values {
            [] if holds(None) => {}
            [] => self.add(id, name.span, path, Offer::Change(Change::RemoveMember { key: name.span.into() })),
            values if values.iter().any(|value| holds(Some(value))) => {}
            [value] => {
                let number =
                    value.as_str().filter(|_| matches!(expected.tree, Tree::Number(_))).and_then(Number::parse);
                let typed = number.map(Json::Number);
                let change = replacement(expected.span, typed.as_ref().unwrap_or(value), self.now);
                let offer = match change {
                    Err(why) => Offer::Refused(why),
                    Ok(change) if expected.is_templated() => Offer::Ask(change, "a template stands here".to_owned()),
                    Ok(change) => Offer::Change(change),
                };
                self.add(id, expected.span, path, offer);
            }
            _ => self.refuse(id, expected.span, path, "it came several times, and which one is meant cannot be told"),
        }
    }

    /// A value or its absence. `key` is the key that goes where nothing came.
    #[expect(clippy::too_many_arguments, reason = "what is expected, what came, and how it is told")]
    fn value(
        &mut self,
        id: &'static str,
        what: &str,
        expected: &Expected,
        key: Option<Span>,
        came: Option<&Json>,
        ignore: &[Spanned<JsonPath>],
        mode: Mode,
    ) {
        let Some(came) = came else {
            if self.fails(expected, None) {
                match key {
                    Some(key) => self.add(id, key, what, Offer::Change(Change::RemoveMember { key: key.into() })),
                    None => self.refuse(id, expected.span, what, "nothing came that could stand here"),
                }
            }
            return;
        };
        let root = NormalizedPath::default();
        match diff::propose(expected, came, mode, ignore, self.scope, &root) {
            Ok(found) => self.take(id, what, found),
            Err(problem) => self.cannot(id, what, &problem),
        }
    }

    fn take(&mut self, id: &'static str, what: &str, found: Vec<Proposed>) {
        for Proposed { at, path, offer } in found {
            let path = match (what, path.shorthand()) {
                ("", path) => path,
                (what, path) => format!("{what}{}", path.trim_start_matches('$')),
            };
            self.add(id, at, path, offer);
        }
    }

    fn cannot(&mut self, id: &'static str, what: &str, problem: &Diagnostic) {
        let at = problem.span().unwrap_or_default();
        self.refuse(id, at, what, &format!("it could not be rendered again: {}", problem.message));
    }

    fn body(&mut self, keys: &ExpectWritten, response: &Response) {
        if let Some(expected) = &keys.text {
            let text = Json::from(&*response.text());
            self.value("expect.text", "text", expected, None, Some(&text), &[], Mode::Contains);
        }
        for (expected, kind, id) in body::views(keys, response) {
            let Some(expected) = expected else { continue };
            let Ok(came) = body::read(kind, id, expected.span, response) else {
                self.refuse(id, expected.span, "", UNFIT);
                continue;
            };
            let typed = if kind.is_untyped() { untyped::typed(expected, &came, self.scope).ok() } else { None };
            self.value(id, "", expected, None, Some(typed.as_ref().unwrap_or(&came)), &[], Mode::Contains);
        }
        if let Some(expected) = &keys.bytes {
            self.bytes(expected, &response.body);
        }
        if let Some(jwt) = &keys.jwt
            && let Ok(token) = body::read(Kind::Jwt, "expect.jwt", jwt.at.span, response)
        {
            for (name, expected) in [("header", &jwt.header), ("claims", &jwt.claims)] {
                let Some(expected) = expected else { continue };
                self.value("expect.jwt", name, expected, jwt.at.key(name), token.get(name), &[], Mode::Contains);
            }
        }
        if let Some(paths) = &keys.at_paths.1 {
            let pages = Pages::of(response, keys.namespaces.as_deref());
            for (path, expected) in paths.iter() {
                let source = path.value.source();
                let Ok(came) = markup::found(&path.value, expected, &pages, self.scope) else {
                    self.refuse("expect.at", path.span, source, UNFIT);
                    continue;
                };
                self.value("expect.at", source, expected, Some(path.span), came.as_ref(), &[], Mode::Contains);
            }
        }
        let Ok(json) = response.document() else {
            for (path, _) in &keys.at_paths.0 {
                self.refuse("expect.at", path.span, path.source(), UNFIT);
            }
            return;
        };
        let ignore = keys.ignore.as_ref().map_or(&[][..], |ignore| &ignore.0);
        for (expected, mode) in [(keys.json.as_ref(), Mode::Contains), (keys.json_exactly.as_deref(), Mode::Exactly)] {
            let Some(expected) = expected else { continue };
            let Ok(json) = untyped::of(expected, json, response, self.scope) else { continue };
            let first = self.proposals.len();
            self.value("expect.json", "", expected, None, Some(&json), ignore, mode);
            for proposal in &mut self.proposals[first..] {
                proposal.expect = Some(keys.at.span);
            }
        }
        for (path, expected) in &keys.at_paths.0 {
            self.at_path(path, expected, json, response.is_untyped());
        }
    }

    fn at_path(&mut self, path: &Spanned<JsonPath>, expected: &Expected, root: &Json, is_untyped: bool) {
        let id = "expect.at";
        let typed = |came: &Json| {
            let typed = if is_untyped { untyped::typed(expected, came, self.scope).ok() } else { None };
            typed.unwrap_or_else(|| came.clone())
        };
        if path.is_singular() {
            let Some(node) = path.nodes(root).into_iter().next() else {
                return self.value(id, path.source(), expected, Some(path.span), None, &[], Mode::Contains);
            };
            match diff::propose(expected, &typed(node.value), Mode::Contains, &[], self.scope, &node.path) {
                Ok(found) => self.take(id, "", found),
                Err(problem) => self.cannot(id, path.source(), &problem),
            }
        } else {
            let list = typed(&Json::array(path.values(root).into_iter().cloned()));
            self.value(id, path.source(), expected, None, Some(&list), &[], Mode::Contains);
        }
    }

    fn graphql(&mut self, expected: &crate::scenario::GraphqlExpect, json: &Json) {
        let errors = json.get("errors").filter(|errors| !matches!(errors, Json::Null));
        for (name, tree, came) in [("errors", &expected.errors, errors), ("data", &expected.data, json.get("data"))] {
            let Some(tree) = tree else { continue };
            self.value("expect.graphql", name, tree, expected.at.key(name), came, &[], Mode::Contains);
        }
    }
}

fn is_templated(expected: &StatusExpected) -> bool {
    expected.alternatives.iter().any(|one| matches!(one, StatusPattern::Matches(tree) if tree.is_templated()))
}
