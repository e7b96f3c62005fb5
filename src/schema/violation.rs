//! What does not hold, in words: where in the body, what the schema expects there and where it says so, and what came.

use std::time::Duration;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::words::{ordinal, words};
use super::{Found, Schema, decoded, exact, steps};
use crate::json::Json;
use crate::jsonpath::{NormalizedPath, PathElement};
use crate::source::{Node, Span, suggestion};

/// So many violations are told in words; the others are counted.
const SHOWN: usize = 20;
/// So many members that nobody expects are named at one place.
const MEMBERS: usize = 5;
/// What a branch of `anyOf` lacks is told up to here.
const INSIDE: usize = 3;
/// The words for alternatives within alternatives end here.
const DEPTH: usize = 4;
/// A validation may take this long, and finding words for what does not hold a part of that.
const LIMIT: Duration = Duration::from_secs(10);
const WORDS_LIMIT: Duration = Duration::from_secs(3);

/// What of a schema does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    /// The first of them.
    pub list: Vec<Violation>,
    /// How many more there are.
    pub more: usize,
    /// What was given up because it took too long.
    pub given_up: GivenUp,
}

/// What of a validation was given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GivenUp {
    /// Nothing.
    #[default]
    Nothing,
    /// Counting: there are more violations than those that are told.
    Count,
    /// Words: the document is not as the schema says, and that is all that is known.
    Words,
    /// Everything: it is not known whether the document is as the schema says.
    Verdict,
}

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where in the body; of a member that is missing, where it would be.
    pub path: NormalizedPath,
    /// What is expected there: a clause without a full stop.
    pub what: String,
    /// Whether something is missing, so that there is no value to show.
    pub missing: bool,
    /// Where the schema says so.
    pub span: Option<Span>,
    /// The same as text: file, line and column.
    pub place: String,
    /// What the nearest of several alternatives lacks.
    pub inside: Vec<Violation>,
}

impl Schema {
    /// Holds a document against the schema.
    pub fn validate(&self, body: &Json) -> Violations {
        match exact::within(LIMIT, || self.validator.is_valid(body)) {
            Some(true) => return Violations::default(),
            Some(false) => {}
            None => return Violations { given_up: GivenUp::Verdict, ..Violations::default() },
        }
        let site = Site { schema: Some(self) };
        let all = || {
            let mut found = Violations::default();
            for error in self.validator.iter_errors(body) {
                if found.list.len() >= SHOWN {
                    found.more += 1;
                    continue;
                }
                for violation in told(&error, body, site) {
                    // What several references lead to is said once.
                    if !found.list.contains(&violation) {
                        found.list.push(violation);
                    }
                }
            }
            found
        };
        let first = || {
            let list = self.validator.validate(body).err().map(|error| told(&error, body, site)).unwrap_or_default();
            Violations { list, more: 0, given_up: GivenUp::Count }
        };
        exact::within(WORDS_LIMIT, all)
            .or_else(|| exact::within(WORDS_LIMIT, first))
            .unwrap_or(Violations { given_up: GivenUp::Words, ..Violations::default() })
    }
}

/// Where violations are told from; for a schema that is itself held against the schema of schemas, nowhere.
#[derive(Default, Clone, Copy)]
pub(super) struct Site<'s> {
    schema: Option<&'s Schema>,
}

impl<'s> Site<'s> {
    /// The keyword that does not hold, and the mapping it stands in.
    fn find(self, error: &ValidationError<'_>) -> Option<(Found<'s>, Option<Found<'s>>, usize)> {
        let schema = self.schema?;
        let (uri, pointer) = match error.absolute_keyword_location() {
            Some(uri) => {
                let (uri, fragment) = uri.as_str().split_once('#').unwrap_or((uri.as_str(), ""));
                (uri.to_owned(), decoded(fragment))
            }
            None => (schema.documents[0].uri.clone(), error.schema_path().as_str().to_owned()),
        };
        let resource = schema.resources.get(&uri).or_else(|| {
            let uri = url::Url::parse(&uri).ok()?;
            schema.resources.get(uri.as_str())
        })?;
        let document = &schema.documents[resource.document];
        let from = document.find(resource.path.iter().map(String::as_str))?;
        // A keyword such as `dependentRequired` is told with one step that no document has: its own last one stands.
        let mut found = from;
        let mut parent = None;
        for step in steps(&pointer) {
            let Some(next) = super::find(found, [step.as_str()]) else { break };
            parent = Some(found);
            found = next;
        }
        Some((found, parent, resource.document))
    }

    fn place(self, document: usize, span: Span) -> String {
        let Some(document) = self.schema.and_then(|schema| schema.documents.get(document)) else {
            return String::new();
        };
        let (line, column) = document.source.position(span.start as usize);
        format!("{}:{line}:{column}", document.source.name())
    }
}

/// An error of the validator in words.
pub(super) fn told(error: &ValidationError<'_>, body: &Json, site: Site<'_>) -> Vec<Violation> {
    told_within(error, body, site, 0)
}

fn told_within(error: &ValidationError<'_>, body: &Json, site: Site<'_>, depth: usize) -> Vec<Violation> {
    let (path, value) = located(error.instance_path().as_str(), body);
    let site_found = site.find(error);
    let node = site_found.as_ref().map(|(found, ..)| *found);
    let parent = site_found.as_ref().and_then(|(_, parent, _)| *parent);
    let document = site_found.as_ref().map_or(0, |(.., document)| *document);
    let violation = |path: NormalizedPath, what: String, missing: bool, span: Option<Span>, inside: Vec<Violation>| {
        let span = span.or_else(|| node.map(|found| found.span()));
        let place = span.map_or_else(String::new, |span| site.place(document, span));
        Violation { path, what, missing, span, place, inside }
    };
    let one = |what: String| vec![violation(path.clone(), what, false, None, Vec::new())];
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let element = node.and_then(|found| {
                found.node.items()?.iter().find(|item| item.as_str() == Some(name)).map(|item| item.span)
            });
            let like = like(name, value, parent);
            let what = match like {
                Some(like) => format!("required, and missing; was it renamed to `{like}`?"),
                None => "required, and missing".to_owned(),
            };
            vec![violation(child(&path, name), what, true, element, Vec::new())]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = names(parent);
            let mut told: Vec<Violation> = unexpected
                .iter()
                .take(MEMBERS)
                .map(|name| {
                    let absent =
                        known.iter().copied().filter(|known| value.is_none_or(|value| value.get(known).is_none()));
                    let what = match suggestion(name, absent) {
                        Some(meant) => format!("not expected; did you mean `{meant}`?"),
                        None => "not expected: the schema has no such member".to_owned(),
                    };
                    violation(child(&path, name), what, false, None, Vec::new())
                })
                .collect();
            if unexpected.len() > MEMBERS {
                let what = format!("{} more members are not expected", unexpected.len() - MEMBERS);
                told.push(violation(path.clone(), what, true, None, Vec::new()));
            }
            told
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let keyword = if matches!(error.kind(), ValidationErrorKind::AnyOf { .. }) { "anyOf" } else { "oneOf" };
            let Some(at) = nearest(context, error.instance_path().as_str()) else {
                return one(format!("none of the alternatives of `{keyword}` fits"));
            };
            let branch = &context[at];
            let mut inside: Vec<Violation> = Vec::new();
            if depth < DEPTH {
                inside =
                    branch.iter().take(INSIDE).flat_map(|error| told_within(error, body, site, depth + 1)).collect();
            }
            let more = match branch.len().saturating_sub(INSIDE) {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            let name = node.and_then(|found| called(found.node.items()?.get(at)?)).unwrap_or_default();
            let what = if context.len() == 1 {
                format!("the one alternative of `{keyword}` does not fit")
            } else {
                format!(
                    "none of the {} alternatives of `{keyword}` fits; the nearest is the {}{name}, but for{more}:",
                    context.len(),
                    ordinal(at + 1)
                )
            };
            vec![violation(path, what, inside.is_empty(), None, inside)]
        }
        ValidationErrorKind::PropertyNames { error } => {
            let name = error.instance_path().as_str();
            let whole = told_within(error, body, site, depth + 1);
            let what = whole.into_iter().next().map_or_else(String::new, |violation| violation.what);
            let name = if name.is_empty() { String::new() } else { format!(" {name}") };
            one(format!("a name of a member{name} is not as `propertyNames` says: {what}"))
        }
        kind => one(words(kind, value, node.map(|found| found.node))),
    }
}

/// The branch of alternatives that lacks least: one that is of the right type and holds the right constants, then one
/// that fails in few places, then one that fails far down.
fn nearest(context: &[Vec<ValidationError<'static>>], at: &str) -> Option<usize> {
    let score = |errors: &Vec<ValidationError<'static>>| {
        let here = |error: &&ValidationError<'static>| error.instance_path().as_str() == at;
        let wrong_type =
            errors.iter().filter(here).any(|error| matches!(error.kind(), ValidationErrorKind::Type { .. }));
        let keyword = |error: &ValidationError<'static>| error.kind().keyword().to_owned();
        let constants = errors.iter().filter(|error| matches!(&*keyword(error), "const" | "enum")).count();
        let depth = errors.iter().map(|error| error.instance_path().as_str().matches('/').count()).max();
        (wrong_type, constants, errors.len(), std::cmp::Reverse(depth))
    };
    (0..context.len()).filter(|at| !context[*at].is_empty()).min_by_key(|at| score(&context[*at]))
}

/// What an alternative is called: by its title, or what it refers to.
fn called(alternative: &Node) -> Option<String> {
    let name = alternative.get("title").or_else(|| alternative.get("$ref"))?.as_str()?;
    Some(format!(" (`{name}`)"))
}

/// A place in the body.
fn located<'b>(pointer: &str, body: &'b Json) -> (NormalizedPath, Option<&'b Json>) {
    let mut value = Some(body);
    let mut path = Vec::new();
    for step in steps(pointer) {
        let index = step.parse::<usize>().ok().filter(|_| value.is_some_and(|value| value.as_array().is_some()));
        if let Some(index) = index {
            value = value.and_then(|value| value.as_array()?.get(index));
            path.push(PathElement::Index(index));
        } else {
            value = value.and_then(|value| value.get(&step));
            path.push(PathElement::Name(step.as_str().into()));
        }
    }
    (NormalizedPath::new(path), value)
}

fn child(path: &NormalizedPath, name: &str) -> NormalizedPath {
    let mut elements = path.elements().to_vec();
    elements.push(PathElement::Name(name.into()));
    NormalizedPath::new(elements)
}

/// The members that a schema knows.
fn names(schema: Option<Found<'_>>) -> Vec<&str> {
    let properties = schema.and_then(|found| found.node.get("properties")?.entries());
    properties.into_iter().flatten().map(|entry| &*entry.key.value).collect()
}

/// A member that the schema does not know and that is like the one that is missing.
fn like<'b>(name: &str, value: Option<&'b Json>, schema: Option<Found<'_>>) -> Option<&'b str> {
    let known = names(schema);
    if known.is_empty() {
        return None;
    }
    let unknown = value?.as_object()?.keys().filter(|key| !known.contains(key));
    suggestion(name, unknown)
}
