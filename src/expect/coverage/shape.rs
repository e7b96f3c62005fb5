//! The shape of an answer: the paths of its members, array indices folded to `[*]`, each with how closely it is looked at.

use std::collections::HashMap;

use super::View;
use super::looks::Looks;
use super::propose::{proposal, proposal_of_both};
use crate::event::{Look, Member};
use crate::http::Response;
use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};

/// This many members are told of one answer; of the others only the number is.
const MOST: usize = 1000;

/// Headers that say something of what was asked for. The rest speaks of the connection, the cache or the server.
const TELLING: [&str; 10] = [
    "location",
    "etag",
    "link",
    "allow",
    "retry-after",
    "www-authenticate",
    "content-disposition",
    "content-language",
    "deprecation",
    "sunset",
];

/// The shape of an answer.
#[derive(Debug, Default)]
pub struct Shape {
    /// Status, headers and cookies, then the members of the document in their order: scalars, and arrays and objects with
    /// nothing in them.
    pub members: Vec<Member>,
    /// How many more there are.
    pub more: usize,
}

/// Whether a header says something of what was asked for. The content type does where the body is no document: a document
/// is read as what it is, whatever it says of itself.
pub fn matters(name: &str, response: &Response, view: &View) -> bool {
    TELLING.iter().any(|telling| name.eq_ignore_ascii_case(telling))
        || name.eq_ignore_ascii_case("content-type") && !response.body.is_empty() && view.document.is_none()
}

/// The shape of an answer.
pub fn shape(response: &Response, view: &View, looks: &Looks) -> Shape {
    let mut folded = Folded::default();
    folded.add("status", looks.named("status"), || Some(response.status.to_string()));
    for (name, value) in response.headers.iter() {
        let path = format!("header {}", name.to_ascii_lowercase());
        let look = looks.named(&path);
        if look > Look::Unseen || matters(name, response, view) {
            folded.add(&path, look, || Some(proposed_header(name, value)));
        }
    }
    for (name, _) in &response.cookies {
        let path = format!("cookie {name}");
        folded.add(&path, looks.named(&path), || Some("<not empty>".to_owned()));
    }
    match &view.document {
        Some(document) => folded.walk(document, &mut String::from("$"), Look::Unseen, looks),
        None if !response.body.is_empty() => {
            folded.add("body", looks.named("body"), || Some("<not empty>".to_owned()));
        }
        None => {}
    }
    folded.shape
}

/// What could be expected of a header.
pub fn proposed_header(name: &str, value: &str) -> String {
    match &*name.to_ascii_lowercase() {
        "content-type" => format!("<starts with {}>", value.split(';').next().unwrap_or(value).trim()),
        "allow" | "content-language" => value.to_owned(),
        _ => "<not empty>".to_owned(),
    }
}

#[derive(Default)]
struct Folded {
    places: HashMap<String, usize>,
    shape: Shape,
}

impl Folded {
    fn add(&mut self, path: &str, look: Look, propose: impl FnOnce() -> Option<String>) {
        if let Some(at) = self.places.get(path) {
            let member = &mut self.shape.members[*at];
            member.look = member.look.max(look);
            if member.look == Look::Value {
                member.proposal = None;
            }
        } else if self.places.len() < MOST {
            self.places.insert(path.to_owned(), self.shape.members.len());
            let proposal = if look < Look::Value { propose() } else { None };
            self.shape.members.push(Member { path: path.to_owned(), look, proposal });
        } else {
            self.shape.more += 1;
        }
    }

    fn walk(&mut self, node: &Json, path: &mut String, inherited: Look, looks: &Looks) {
        let (own, below) = looks.at(node, inherited);
        if looks.is_ignored(node) && own == Look::Unseen {
            return;
        }
        let end = path.len();
        match node {
            Json::Array(items) if !items.is_empty() => {
                path.push_str("[*]");
                items.iter().for_each(|item| self.walk(item, path, below, looks));
                path.truncate(end);
            }
            Json::Object(object) if !object.is_empty() => {
                for (name, value) in object.iter() {
                    push_name(path, name);
                    self.walk(value, path, below, looks);
                    path.truncate(end);
                }
            }
            leaf => {
                if let Some(at) = self.places.get(path.as_str())
                    && let Some(known) = &mut self.shape.members[*at].proposal
                {
                    *known = proposal_of_both(known, path, leaf);
                }
                self.add(path, own, || Some(proposal(path, leaf)));
            }
        }
    }
}

/// Adds the name of a member to a folded path: `*` for one that is itself a value, as an id or a date.
pub fn push_name(path: &mut String, name: &str) {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits(name) || uuid::Uuid::try_parse(name).is_ok() || name.parse::<jiff::civil::Date>().is_ok() {
        path.push_str(".*");
    } else {
        path.push_str(&NormalizedPath::new(vec![PathElement::Name(name.into())]).shorthand()[1..]);
    }
}
