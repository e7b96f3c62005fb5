//! One change of an answer.

use bytes::Bytes;

use crate::event::Change;
use crate::http::{Headers, Response};
use crate::json::{Json, Number};

/// The name of a member that no server sends.
const EXTRA: &str = "callsheet_mutant";

/// Where an answer is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Status,
    Header(String),
    Cookie(String),
    Body,
    /// A node of the document: the positions of elements and members from the root down.
    Node(Vec<usize>),
}

/// The changes that make another value of a node; `parent` is what it stands in.
pub(super) fn of(node: &Json, parent: Option<&Json>) -> Vec<Change> {
    let mut changes = Vec::new();
    if matches!(parent, Some(Json::Object(_))) {
        changes.push(Change::Removed);
    }
    if !matches!(node, Json::Null) && parent.is_some() {
        changes.push(Change::Null);
    }
    match node {
        Json::Null => changes.push(Change::Type),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => changes.extend([Change::Type, Change::Value]),
        Json::Array(items) => {
            if !items.is_empty() {
                changes.push(Change::Emptied);
            }
            if items.len() > 1 {
                changes.push(Change::Fewer);
            }
            if !items.is_empty() {
                changes.push(Change::More);
            }
            if items.iter().zip(items.iter().rev()).any(|(item, other)| item != other) {
                changes.push(Change::Order);
            }
        }
        Json::Object(_) => changes.push(Change::Extra),
    }
    changes
}

/// The node at some positions, and what it stands in.
pub(super) fn find<'j>(root: &'j Json, positions: &[usize]) -> Option<(&'j Json, Option<&'j Json>)> {
    positions.iter().try_fold((root, None), |(node, _), at| {
        let child = match node {
            Json::Array(items) => items.get(*at),
            Json::Object(object) => object.iter().nth(*at).map(|(_, value)| value),
            _ => None,
        };
        Some((child?, Some(node)))
    })
}

/// The document with one node changed.
pub(super) fn changed(node: &Json, positions: &[usize], change: Change) -> Option<Json> {
    let Some((at, rest)) = positions.split_first() else { return another(node, change) };
    let remove = rest.is_empty() && change == Change::Removed;
    match node {
        Json::Array(items) => {
            let mut items = items.to_vec();
            items[*at] = changed(&items[*at], rest, change)?;
            Some(Json::Array(items.into()))
        }
        Json::Object(object) if remove => Some(Json::Object(object.changed(*at, None))),
        Json::Object(object) => {
            let (_, value) = object.iter().nth(*at)?;
            Some(Json::Object(object.changed(*at, Some(changed(value, rest, change)?))))
        }
        _ => None,
    }
}

fn another(node: &Json, change: Change) -> Option<Json> {
    Some(match (change, node) {
        (Change::Null, _) => Json::Null,
        (Change::Type, Json::String(_)) => Json::from(0_i64),
        (Change::Type, Json::Null) => Json::from("~"),
        (Change::Type, scalar) => Json::from(scalar.to_string()),
        (Change::Value, Json::Bool(value)) => Json::Bool(!value),
        (Change::Value, Json::Number(number)) => Json::Number(other_number(number)?),
        (Change::Value, Json::String(text)) => Json::from(format!("{text}~")),
        (Change::Emptied, Json::Array(_)) => Json::array([]),
        (Change::Fewer, Json::Array(items)) => Json::Array(items[..items.len().checked_sub(1)?].into()),
        (Change::More, Json::Array(items)) => Json::array(items.iter().chain(items.last()).cloned()),
        (Change::Order, Json::Array(items)) => Json::array(items.iter().rev().cloned()),
        (Change::Extra, Json::Object(object)) => Json::Object(object.and(EXTRA, Json::Bool(true))),
        (Change::Errors, Json::Object(object)) => {
            let error = Json::object([("message", Json::from("a mutant"))]);
            Json::Object(object.and("errors", Json::array([error])))
        }
        _ => return None,
    })
}

/// A number on the other side of zero, so that a lower bound notices.
fn other_number(number: &Number) -> Option<Number> {
    match number.as_i64().and_then(|value| value.checked_neg()?.checked_sub(1)) {
        Some(value) => Some(Number::from(value)),
        None => Number::from_f64(-number.as_f64() - 1.0),
    }
}

/// An answer that is changed outside its document.
pub(super) fn apart(response: &Response, place: &Place, change: Change) -> Response {
    let mut status = response.status;
    let mut headers = response.headers.clone();
    let mut body = response.body.clone();
    let mut cookies = response.cookies.clone();
    match (place, change) {
        (Place::Status, Change::StatusFamily) => status = if status < 400 { 500 } else { 200 },
        (Place::Status, _) => status = sibling(status),
        (Place::Header(name), Change::Removed) => headers.remove(name),
        (Place::Header(name), _) => headers = with_other(&headers, name),
        (Place::Cookie(name), Change::Removed) => cookies.retain(|(known, _)| known != name),
        (Place::Cookie(name), _) => {
            cookies.iter_mut().filter(|(known, _)| known == name).for_each(|(_, value)| value.push('~'));
        }
        (Place::Body, Change::EmptyBody) => body = Bytes::new(),
        (Place::Body, _) => body = Bytes::from_static(b"~"),
        (Place::Node(_), _) => {}
    }
    let same_body = *place != Place::Body;
    let document = response.json().ok().filter(|_| same_body).map(|document| (**document).clone());
    let mut altered = response.altered(status, headers, body, document);
    altered.cookies = cookies;
    altered
}

fn with_other(headers: &Headers, name: &str) -> Headers {
    let mut changed = Headers::default();
    for (known, value) in headers.iter() {
        let value = if known.eq_ignore_ascii_case(name) { format!("~{value}") } else { value.to_owned() };
        changed.append(known, &value);
    }
    changed
}

/// Another status of the same family.
fn sibling(status: u16) -> u16 {
    match status {
        200 => 202,
        201..=299 => 200,
        302 => 303,
        300..=399 => 302,
        404 => 400,
        400..=499 => 404,
        500 => 503,
        _ => 500,
    }
}
