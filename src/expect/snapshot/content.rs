//! What would be stored of an answer: what holds of what was stored stays, matchers above all; what is masked, differs by
//! nature or is secret is stored as a matcher, and the rest as it came.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;

use super::written::{object, of_type, written};
use super::{below, paths};
use crate::expect::diff::{self, Counterparts, Mode};
use crate::expect::nature::nature_of;
use crate::json::{Json, Type};
use crate::jsonpath::{JsonPath, NormalizedPath, PathElement};
use crate::scenario::expected::{Expected, Tree};
use crate::secret::Redactor;
use crate::source::Spanned;

/// The text of a snapshot's file, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    /// The text.
    pub(super) text: String,
    /// What is not stored as it came, and why.
    pub(super) notes: Vec<String>,
}

/// Why nothing can be stored: a clause without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unstorable(pub(super) String);

/// What a step says of the values that differ from answer to answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Varying<'v> {
    /// Of these the type is stored.
    pub(super) mask: &'v [Spanned<JsonPath>],
    /// These are not looked at: they need not be stored.
    pub(super) ignore: &'v [Spanned<JsonPath>],
}

/// So many places are named in a note.
const NAMED: usize = 3;

/// A document as it would be stored.
pub(super) fn of_json(
    came: &Json,
    before: Option<&Expected>,
    varying: Varying<'_>,
    redactor: &Redactor,
    now: Timestamp,
) -> Result<Content, Unstorable> {
    let mut writer = Writer {
        now,
        counterparts: Counterparts::new(now),
        // Nearly no answer holds a secret: then no value of it need be asked.
        redactor: holds_secret(&came.to_string(), redactor).then_some(redactor),
        path: Vec::new(),
        secret: Vec::new(),
        named_secret: false,
    };
    let masked = paths(varying.mask, came);
    let ignored = paths(varying.ignore, came);
    let json = writer.value(came, before, Places { masked: &masked, ignored: &ignored });
    let text = format!("{}\n", json.to_pretty());
    if writer.named_secret || holds_secret(&text, redactor) {
        return Err(Unstorable("it contains a secret where a matcher cannot replace it".to_owned()));
    }
    Ok(Content { text, notes: said(&writer.secret) })
}

/// A text as it would be stored.
pub(super) fn of_text(came: &str, redactor: &Redactor) -> Result<Content, Unstorable> {
    if holds_secret(came, redactor) {
        return Err(Unstorable("the text contains a secret, and a text is stored as it is".to_owned()));
    }
    Ok(Content { text: came.to_owned(), notes: Vec::new() })
}

fn holds_secret(text: &str, redactor: &Redactor) -> bool {
    matches!(redactor.redact(text), Cow::Owned(_))
}

fn said(secret: &[NormalizedPath]) -> Vec<String> {
    let names: Vec<String> = secret.iter().take(NAMED).map(NormalizedPath::shorthand).collect();
    let names = names.join(", ");
    match secret.len() {
        0 => Vec::new(),
        1 => vec![format!("{names} is a secret: only its type is stored")],
        count if count <= NAMED => vec![format!("{names} are secrets: only their types are stored")],
        count => {
            vec![format!("{names} and {} more are secrets: only their types are stored", count - NAMED)]
        }
    }
}

/// The places at a value and below it that a step says something of, in order.
#[derive(Clone, Copy)]
struct Places<'p> {
    masked: &'p [NormalizedPath],
    ignored: &'p [NormalizedPath],
}

impl Places<'_> {
    /// Those below an element.
    fn below(self, depth: usize, element: &PathElement) -> Self {
        Self { masked: below(self.masked, depth, element), ignored: below(self.ignored, depth, element) }
    }

    fn mask_at(self, depth: usize) -> bool {
        self.masked.first().is_some_and(|path| path.elements().len() == depth)
    }

    fn ignore_at(self, depth: usize) -> bool {
        self.ignored.first().is_some_and(|path| path.elements().len() == depth)
    }
}

struct Writer<'w> {
    now: Timestamp,
    counterparts: Counterparts,
    /// What knows the secrets, if there may be one.
    redactor: Option<&'w Redactor>,
    path: Vec<PathElement>,
    /// Where secrets stood.
    secret: Vec<NormalizedPath>,
    named_secret: bool,
}

impl Writer<'_> {
    /// A value as it is stored.
    fn value(&mut self, came: &Json, before: Option<&Expected>, places: Places<'_>) -> Json {
        let depth = self.path.len();
        if places.ignore_at(depth) {
            return before.map_or_else(|| Json::from("<any>"), written);
        }
        let before = before.filter(|before| self.keeps(before, came));
        if let Some(kept @ Expected { tree: Tree::Matcher(_) | Tree::Operators(_), .. }) = before {
            return written(kept);
        }
        if self.is_secret(came) {
            self.secret.push(NormalizedPath::new(self.path.clone()));
            return Json::from(of_type(came.kind()).to_string());
        }
        if places.mask_at(depth) {
            return Json::from(of_type(came.kind()).to_string());
        }
        match came {
            Json::Array(items) => self.array(items, before, places),
            Json::Object(members) => self.object(members.iter(), before, places),
            // A value that is as it was stored has been looked at by a person.
            scalar if before.is_some() => literal(scalar),
            scalar => nature_of(scalar, self.now).map_or_else(|| literal(scalar), Json::from),
        }
    }

    /// Whether what was stored still says something of what came: a matcher or a literal that holds, or a collection of
    /// the same type.
    fn keeps(&self, before: &Expected, came: &Json) -> bool {
        match (&before.tree, came.kind()) {
            (Tree::Array(_), Type::Array) | (Tree::Object(_), Type::Object) => true,
            (Tree::Array(_) | Tree::Object(_), _) => false,
            _ => {
                let root = NormalizedPath::default();
                diff::compare_rendered(before, Some(came), Mode::Exactly, &root, self.now).is_empty()
            }
        }
    }

    fn is_secret(&mut self, came: &Json) -> bool {
        let Some(redactor) = self.redactor else { return false };
        match came {
            Json::String(text) => holds_secret(text, redactor),
            Json::Number(number) => holds_secret(&number.to_string(), redactor),
            Json::Object(members) => {
                self.named_secret |= members.keys().any(|name| holds_secret(name, redactor));
                false
            }
            Json::Null | Json::Bool(_) | Json::Array(_) => false,
        }
    }

    fn array(&mut self, items: &[Json], before: Option<&Expected>, places: Places<'_>) -> Json {
        let before = match before.map(|before| &before.tree) {
            Some(Tree::Array(before)) => &before[..],
            _ => &[],
        };
        let pairs = self.counterparts.of(before, items);
        let depth = self.path.len();
        let mut stored = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let element = PathElement::Index(at);
            let places = places.below(depth, &element);
            self.path.push(element);
            stored.push(self.value(item, pairs[at].map(|at| &before[at]), places));
            self.path.pop();
        }
        Json::array(stored)
    }

    fn object<'m>(
        &mut self,
        members: impl Iterator<Item = (&'m str, &'m Json)>,
        before: Option<&Expected>,
        places: Places<'_>,
    ) -> Json {
        let before = match before.map(|before| &before.tree) {
            Some(Tree::Object(before)) => &before[..],
            _ => &[],
        };
        let depth = self.path.len();
        let mut stored: Vec<(&str, Json)> = Vec::new();
        let mut known: HashMap<&str, &Expected> =
            before.iter().map(|member| (&*member.key.value, &member.value)).collect();
        for (name, value) in members {
            let element = PathElement::Name(name.into());
            let places = places.below(depth, &element);
            let before = known.remove(name);
            if before.is_none() && places.ignore_at(depth + 1) {
                continue;
            }
            self.path.push(element);
            stored.push((name, self.value(value, before, places)));
            self.path.pop();
        }
        // Members that need not be there, and are not, stay.
        let absent = known.into_iter().filter(|(_, value)| value.allows_absence());
        object(stored.into_iter().chain(absent.map(|(name, value)| (name, written(value)))))
    }
}

/// A value as it came.
fn literal(came: &Json) -> Json {
    match came {
        Json::String(text) => Json::from(&*Expected::escape(text)),
        other => other.clone(),
    }
}
