//! Why a singular query found nothing: how far it got, and what there is instead.

use std::fmt;

use super::ast::{Query, Selector};
use super::path::{NormalizedPath, PathElement};
use crate::json::{Json, Type};

/// How far a singular query got in a document that lacks its node. `Display` says it in one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The deepest node that exists.
    pub path: NormalizedPath,
    /// The type of its value.
    pub kind: Type,
    /// What the query asked of it in vain.
    pub missing: Missing,
    /// The names of its members, in their order, if it is an object.
    pub names: Vec<Box<str>>,
    /// How many elements or members it has, if it is an array or an object.
    pub length: Option<usize>,
}

/// The step that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A member.
    Name(Box<str>),
    /// An element, as the query writes it: a negative index counts from the end.
    Index(i64),
}

impl Absence {
    pub(super) fn of(query: &Query, root: &Json) -> Option<Self> {
        if !query.singular {
            return None;
        }
        let mut node = root;
        let mut path = Vec::new();
        for selector in query.segments.iter().flat_map(|segment| segment.selectors.as_slice()) {
            let next = match selector {
                Selector::Name(name) => node.get(name).map(|child| (PathElement::Name(name.clone()), child)),
                Selector::Index(index) => node.as_array().and_then(|items| {
                    let place = super::eval::place(*index, items.len())?;
                    Some((PathElement::Index(place), items.get(place)?))
                }),
                _ => None,
            };
            let Some((element, child)) = next else {
                return Some(Self::at(path, node, selector));
            };
            path.push(element);
            node = child;
        }
        None
    }

    fn at(path: Vec<PathElement>, node: &Json, selector: &Selector) -> Self {
        let missing = match selector {
            Selector::Index(index) => Missing::Index(*index),
            Selector::Name(name) => Missing::Name(name.clone()),
            _ => Missing::Name(Box::default()),
        };
        Self {
            path: NormalizedPath::new(path),
            kind: node.kind(),
            missing,
            names: node.as_object().into_iter().flat_map(|object| object.keys().map(Box::from)).collect(),
            length: match node {
                Json::Array(items) => Some(items.len()),
                Json::Object(object) => Some(object.len()),
                _ => None,
            },
        }
    }

    /// What there is instead, where no name is near: the members that the deepest node has.
    pub fn instead(&self) -> Option<String> {
        const MOST: usize = 8;
        if !matches!(self.missing, Missing::Name(_)) || self.names.is_empty() {
            return None;
        }
        let shown = self.names.iter().take(MOST).map(|name| inner(name)).collect::<Vec<_>>().join(", ");
        let more = self.names.len().saturating_sub(MOST);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        Some(format!("the members of `{}` are {shown}{more}", self.path.shorthand()))
    }

    /// The existing name that was probably meant: the same but for case, or a slip of the pen away.
    pub fn nearest(&self) -> Option<&str> {
        let Missing::Name(wanted) = &self.missing else { return None };
        let plain = |name: &str| -> String {
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let folded = plain(wanted);
        let allowed = wanted.chars().count().div_ceil(4).min(3);
        self.names
            .iter()
            // The distance takes time in the product of both lengths; no slip of the pen is that long.
            .filter(|name| name.len() <= wanted.len() + 16 && wanted.len() <= 128)
            .map(|name| {
                let same = !folded.is_empty() && plain(name) == folded;
                (if same { 0 } else { strsim::damerau_levenshtein(name, wanted) }, name)
            })
            .filter(|(distance, _)| *distance <= allowed)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, name)| &**name)
    }
}

/// A name as a message shows it: on one line, and not longer than one.
fn inner(name: &str) -> String {
    const LONGEST: usize = 60;
    let short =
        name.char_indices().nth(LONGEST).map_or_else(|| name.to_owned(), |(end, _)| format!("{}…", &name[..end]));
    let quoted = Json::from(&*short).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.path.shorthand();
        match (&self.missing, self.kind, self.length) {
            (Missing::Name(name), Type::Object, Some(0)) => {
                write!(f, "`{place}` is an empty object, so it has no member `{}`", inner(name))
            }
            (Missing::Name(name), Type::Object, _) => write!(f, "`{place}` has no member `{}`", inner(name)),
            (Missing::Name(name), kind, _) => {
                write!(f, "`{place}` is {}, so it has no member `{}`", kind.with_article(), inner(name))
            }
            (Missing::Index(index), Type::Array, Some(0)) => {
                write!(f, "`{place}` is an empty array, so it has no element `[{index}]`")
            }
            (Missing::Index(index), Type::Array, Some(1)) => {
                write!(f, "`{place}` has only 1 element, so it has no element `[{index}]`")
            }
            (Missing::Index(index), Type::Array, Some(length)) => {
                write!(f, "`{place}` has only {length} elements, so it has no element `[{index}]`")
            }
            (Missing::Index(index), kind, _) => {
                write!(f, "`{place}` is {}, so it has no element `[{index}]`", kind.with_article())
            }
        }
    }
}
