//! Assertion coverage: which members of an answer the expectations of a step look at, and how closely. Nothing here
//! changes a verdict, and nothing of it is done unless a run asks for it.

mod looks;
mod propose;
mod shape;

pub use looks::Looks;
pub use propose::{proposal, proposal_of_both};
pub use shape::{Shape, matters, proposed_header, push_name, shape};

use jiff::Timestamp;

use self::looks::closeness_of;
use super::mutation::noticed;
use super::{Asked, render, schema, snapshot};
use crate::event::Look;
use crate::http::Response;
use crate::scenario::expected::{Expected, Tree};
use crate::scenario::{Capture, ExpectWritten, Origin, StatusPattern, Used};
use crate::template::Scope;
#[cfg(test)]
use crate::template::{Aspect, Segment};

/// What the expectations of a step look at in an answer. A template that cannot be rendered looks at nothing; the scope
/// draws from a chance of its own, so that looking changes nothing.
pub fn looks(asked: &Asked<'_>, response: &Response, scope: &Scope) -> Looks {
    let scope = &scope.aside();
    let mut looks = Looks::default();
    let keys = asked.expect.keys.as_deref();
    let status = keys.and_then(|keys| keys.status.as_ref());
    looks.look_at_named(
        "status",
        status.map_or(Look::Presence, |status| {
            let closest = status.alternatives.iter().map(|pattern| match pattern {
                StatusPattern::Range(..) => Look::Value,
                StatusPattern::Matches(expected) => closeness_of(expected),
            });
            closest.max().unwrap_or_default()
        }),
    );
    if let Some(keys) = keys {
        written(keys, response, scope, &mut looks);
    }
    if let Some(shelf) = asked.snapshot {
        snapshot::look(shelf, response, &mut looks);
    }
    looks
}

fn written(keys: &ExpectWritten, response: &Response, scope: &Scope, looks: &mut Looks) {
    let now = Timestamp::now();
    for (name, expected) in keys.headers.iter() {
        looks.look_at_named(&format!("header {}", name.value.to_ascii_lowercase()), closeness_of(expected));
    }
    for (name, expected) in keys.cookies.iter() {
        looks.look_at_named(&format!("cookie {}", name.value), closeness_of(expected));
    }
    let document = response.json().ok();
    if let Some(text) = &keys.text {
        looks.look_at_named("body", closeness_of(text));
        // A text that is written out is all of the body; of what a matcher says about it, no member can be told.
        if let (Some(document), Tree::String(_) | Tree::Template(_)) = (document, &text.tree) {
            looks.look_below(document, Look::Value);
        }
    }
    for glance in keys.that.0.iter().flat_map(|condition| condition.glances()) {
        looks.glance_at_answer(&glance, Look::Value, document.map(|document| &**document));
    }
    let Some(document) = document else { return };
    let rendered = |expected: &Expected| render::render(expected, scope).ok().map(std::borrow::Cow::into_owned);
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
    // What is ignored is so in what follows, and nowhere else.
    keys.ignore.iter().for_each(|ignore| looks.ignore(&ignore.0, document));
    for expected in [&keys.json, &keys.json_exactly].into_iter().flatten().filter_map(rendered) {
        looks.tree(&expected, document, now);
    }
    if let Some(graphql) = &keys.graphql {
        for (name, expected) in [("data", &graphql.data), ("errors", &graphql.errors)] {
            if let (Some(expected), Some(node)) = (expected.as_ref().and_then(rendered), document.get(name)) {
                looks.tree(&expected, node, now);
            }
        }
    }
}

/// Notes what later steps take of an answer, `id` being that of its step: a weak look, for what is missing would be missed.
pub fn kept(id: Option<&str>, captures: &[Capture], used: &Used, response: &Response, looks: &mut Looks) {
    let document = response.json().ok().map(|document| &**document);
    for capture in captures.iter().filter(|capture| used.names(&capture.name.value)) {
        match &capture.from {
            Origin::Json(path) => document.into_iter().for_each(|root| looks.kept(path, root)),
            Origin::Header(name) => {
                looks.look_at_named(&format!("header {}", name.to_ascii_lowercase()), Look::Presence);
            }
            Origin::Cookie(name) => looks.look_at_named(&format!("cookie {name}"), Look::Presence),
            Origin::Status => looks.look_at_named("status", Look::Presence),
            Origin::Text | Origin::Regex(_) => looks.look_at_named("body", Look::Presence),
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
