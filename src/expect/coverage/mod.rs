//! Assertion coverage: which members of an answer the expectations of a step look at, and how closely. Nothing here
//! changes a verdict, and nothing of it is done unless a run asks for it.

mod looks;
mod propose;
mod shape;

pub use looks::Looks;
pub use propose::{proposal, proposal_of_both};
pub use shape::{Shape, matters, proposed_header, push_name, shape};

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use self::looks::closeness_of;
use super::mutation::noticed;
use super::{Asked, render, schema, snapshot, untyped};
use crate::document::Kind;
use crate::event::Look;
use crate::http::Response;
use crate::json::Json;
use crate::scenario::expected::{Expected, Tree};
use crate::scenario::{Capture, Expect, ExpectWritten, Origin, StatusExpected, StatusPattern, Used};
use crate::template::Scope;
#[cfg(test)]
use crate::template::{Aspect, Segment};

/// The document of an answer, as its expectations look at it.
#[derive(Debug)]
pub struct View {
    /// What it is written in.
    pub kind: Kind,
    /// What it holds; nothing if it is no document.
    pub document: Option<Arc<Json>>,
}

/// The document of an answer: what a key of the step reads it as, else what its media type says.
pub fn view(expect: &Expect, response: &Response) -> View {
    let said = response.kind();
    let named = expect.keys.as_deref().and_then(|keys| {
        let kinds = [
            (keys.csv.is_some(), if said == Kind::Tsv { Kind::Tsv } else { Kind::Csv }),
            (keys.ndjson.is_some(), if said == Kind::Sequence { Kind::Sequence } else { Kind::Lines }),
            (keys.form.is_some(), Kind::Form),
            (keys.jwt.is_some(), Kind::Jwt),
        ];
        kinds.into_iter().find_map(|(named, kind)| named.then_some(kind))
    });
    if let Some(kind) = named {
        return View { kind, document: response.read_as(kind).ok().map(Arc::new) };
    }
    let document = response.document().ok().cloned();
    // What calls itself a table and is JSON all the same was read as JSON.
    let is_json = |document: &Arc<Json>| response.json().is_ok_and(|json| Arc::ptr_eq(json, document));
    View { kind: if document.as_ref().is_some_and(is_json) { Kind::Json } else { said }, document }
}

/// What the expectations of a step look at in an answer. A template that cannot be rendered looks at nothing; the scope
/// draws from a chance of its own, so that looking changes nothing.
pub fn looks(asked: &Asked<'_>, response: &Response, view: &View, scope: &Scope) -> Looks {
    let scope = &scope.aside();
    let mut looks = Looks::default();
    let keys = asked.expect.keys.as_deref();
    let status = keys.and_then(|keys| keys.status.as_ref());
    let closest = |status: &StatusExpected| {
        let of = |pattern: &StatusPattern| match pattern {
            StatusPattern::Range(..) => Look::Value,
            StatusPattern::Matches(expected) => closeness_of(expected),
        };
        status.alternatives.iter().map(of).max().unwrap_or_default()
    };
    looks.look_at_named("status", status.map_or(Look::Presence, closest));
    if let Some(keys) = keys {
        apart(keys, view, &mut looks);
        if let Some(document) = &view.document {
            within(keys, document, view, scope, &mut looks);
        }
    }
    if let Some(shelf) = asked.snapshot {
        snapshot::look(shelf, response, view.document.as_deref(), &mut looks);
    }
    looks
}

/// What is said of headers, cookies, and of the body as a whole.
fn apart(keys: &ExpectWritten, view: &View, looks: &mut Looks) {
    for (name, expected) in keys.headers.iter() {
        looks.look_at_named(&format!("header {}", name.value.to_ascii_lowercase()), closeness_of(expected));
    }
    for (name, expected) in keys.cookies.iter() {
        looks.look_at_named(&format!("cookie {}", name.value), closeness_of(expected));
    }
    if let Some(text) = &keys.text {
        looks.look_at_named("body", closeness_of(text));
        // A text that is written out is all of the body; of what a matcher says about it, no member can be told.
        if let (Some(document), Tree::String(_) | Tree::Template(_)) = (&view.document, &text.tree) {
            looks.look_below(document, Look::Value);
        }
    }
    for (_, expected) in keys.at_paths.1.iter().flat_map(|paths| paths.iter()) {
        looks.look_at_named("body", closeness_of(expected));
    }
    if let Some(bytes) = &keys.bytes {
        let whole = bytes.sha256.is_some() || bytes.length.is_some();
        looks.look_at_named("body", if whole { Look::Value } else { Look::Type });
        if let (Some(document), true) = (&view.document, bytes.sha256.is_some()) {
            looks.look_below(document, Look::Value);
        }
    }
    for glance in keys.that.0.iter().flat_map(|condition| condition.glances()) {
        looks.glance_at_answer(&glance, Look::Value, view.document.as_deref());
    }
}

/// What is said of the members of the document.
fn within(keys: &ExpectWritten, document: &Json, view: &View, scope: &Scope, looks: &mut Looks) {
    let now = Timestamp::now();
    let rendered = |expected: &Expected| render::render(expected, scope).ok().map(Cow::into_owned);
    for (path, expected) in &keys.at_paths.0 {
        if let Some(expected) = rendered(expected) {
            looks.path(path, &expected, document, now);
        }
    }
    if let Some(schema) = &keys.schema {
        for (node, look) in noticed(document, |changed| schema::check(schema, changed).is_some()) {
            looks.look_at(node, look);
        }
    }
    let parts = [
        ("data", keys.graphql.as_ref().and_then(|graphql| graphql.data.as_ref())),
        ("errors", keys.graphql.as_ref().and_then(|graphql| graphql.errors.as_ref())),
        ("header", keys.jwt.as_ref().and_then(|jwt| jwt.header.as_ref())),
        ("claims", keys.jwt.as_ref().and_then(|jwt| jwt.claims.as_ref())),
    ];
    for (name, expected) in parts {
        if let (Some(expected), Some(node)) = (expected.and_then(rendered), document.get(name)) {
            looks.tree(&expected, node, now);
        }
    }
    // What is ignored is so in what follows, and nowhere else.
    keys.ignore.iter().for_each(|ignore| looks.ignore(&ignore.0, document));
    let trees = keys.json.iter().chain(keys.json_exactly.as_deref());
    let views = [&keys.csv, &keys.ndjson, &keys.form].into_iter().flatten().map(|expected| &**expected);
    for expected in trees.chain(views).filter_map(rendered) {
        match untyped::typed(&expected, document, scope) {
            Ok(copy) if view.kind.is_untyped() => {
                let mut of_copy = Looks::default();
                of_copy.tree(&expected, &copy, now);
                looks.as_in_copy(&of_copy, &copy, document);
            }
            _ => looks.tree(&expected, document, now),
        }
    }
}

/// Notes what later steps take of an answer, `id` being that of its step: a weak look, for what is missing would be missed.
pub fn kept(id: Option<&str>, captures: &[Capture], used: &Used, view: &View, looks: &mut Looks) {
    let document = view.document.as_deref();
    for capture in captures.iter().filter(|capture| used.names(&capture.name.value)) {
        match &capture.from {
            Origin::Json(path) => document.into_iter().for_each(|root| looks.kept(path, root)),
            Origin::Header(name) => {
                looks.look_at_named(&format!("header {}", name.to_ascii_lowercase()), Look::Presence);
            }
            Origin::Cookie(name) => looks.look_at_named(&format!("cookie {name}"), Look::Presence),
            Origin::Status => looks.look_at_named("status", Look::Presence),
            Origin::Text | Origin::Regex(_) | Origin::Markup(_) => looks.look_at_named("body", Look::Presence),
            Origin::Template(template) => {
                for glance in template.glances() {
                    looks.glance_at_answer(&glance, Look::Presence, document);
                }
            }
            Origin::Duration | Origin::Url => {}
        }
    }
    for (part, below, glance) in id.into_iter().flat_map(|id| used.of_answer(id)) {
        looks.answer(part, below, glance.of, Look::Presence, document);
    }
}

#[cfg(test)]
mod tests;
