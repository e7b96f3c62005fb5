//! Mutation testing: an answer that was as expected is changed in one place at a time, and held against the same
//! expectations and captures again. What they do not notice, they would not notice of the server either. No call is made.

mod body;
mod change;
mod representatives;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use self::body::Printed;
use self::change::{Place, changed};
use self::representatives::{Inherited, Representatives};
use super::coverage::{self, Looks, Shape, View};
use super::snapshot::{Owner, Shelf};
use super::{Asked, Pages, answer_scope, captured, evaluate, matcher};
use crate::document::Kind;
use crate::event::{Change, Fate, Look, Mutant};
use crate::http::Response;
use crate::json::Json;
use crate::scenario::matcher::Matcher;
use crate::scenario::{Capture, Expect, ExpectWritten, Used};
use crate::secret::Redactor;
use crate::source::{Duration, Sources, Span};
use crate::template::{Aspect, Scope, Segment, to_json};

/// This many mutants of one answer are tried at most.
const MOST: usize = 2000;
/// Of a large answer fewer are: each costs a walk over all its nodes, and together they may cost this many.
const NODES: usize = 6_000_000;
/// But this many in any case.
const LEAST: usize = 40;

/// An answer that was as expected, with all that was asked of it. It owns what it holds, so that it can be tried on
/// another thread.
#[derive(Debug)]
pub struct Held {
    /// What was expected.
    pub expect: Expect,
    /// Where the call stands.
    pub call: Span,
    /// Whether the call was a GraphQL query.
    pub graphql: bool,
    /// Whether the call only reads: then it says little which of the statuses of success came.
    pub reads: bool,
    /// How long an answer may take where the step does not say.
    pub within: Option<Duration>,
    /// Where the snapshot lies, if one is expected.
    pub snapshot: Option<SnapshotOf>,
    /// What was kept.
    pub captures: Vec<Capture>,
    /// The id of the step.
    pub id: Option<String>,
    /// What the steps of its file take from each other.
    pub used: Used,
    /// What came.
    pub response: Response,
    /// What it was judged with.
    pub scope: Scope,
    /// Set once nobody waits for what comes of it any more.
    pub given_up: Arc<AtomicBool>,
}

/// Where the snapshot of a step lies.
#[derive(Debug)]
pub struct SnapshotOf {
    /// The scenario's file, as the user knows it.
    pub path: String,
    /// The folder it lies in.
    pub folder: PathBuf,
    /// The number of the case, from 1.
    pub case: Option<usize>,
    /// The numbers of the items of the loops around the step.
    pub items: Vec<usize>,
    /// All files.
    pub sources: Arc<Sources>,
    /// What knows all secrets.
    pub redactor: Arc<Redactor>,
}

impl SnapshotOf {
    fn shelf<'h>(&self, keys: &'h ExpectWritten, scope: &Scope) -> Option<Shelf<'h>> {
        let Self { path, folder, case, items, .. } = self;
        let owner = Owner { path, folder, case: *case, items, recorded: false };
        Shelf::of(keys, &owner, scope, &self.sources, &self.redactor).ok().flatten()
    }
}

/// The members of an answer, and how closely its expectations look at each.
pub fn shape(held: &Held) -> Shape {
    held.looked_at(|_, view, looks, _| coverage::shape(&held.response, view, &looks))
}

/// What became of the mutants of an answer, in the order of their places, and how many more there could have been.
pub fn mutants(held: &Held) -> (Vec<Mutant>, usize) {
    held.looked_at(|asked, view, looks, scope| tried(held, asked, view, &looks, scope))
}

fn tried(held: &Held, asked: Asked<'_>, view: &View, looks: &Looks, scope: Scope) -> (Vec<Mutant>, usize) {
    let kept = held.kept(&held.response, &scope).unwrap_or_default();
    let trial = Trial { held, asked, view, kept, scope };
    let mut candidates = named(held, view, looks);
    let mut nodes = 1;
    let printed = trial.printed();
    if let (Some(document), Some(_)) = (&view.document, printed) {
        let mut representatives = Representatives::default();
        representatives.walk(document, &mut String::from("$"), &mut Vec::new(), Inherited::default(), looks);
        nodes = representatives.nodes;
        let all = representatives.candidates(document, held.graphql, looks);
        candidates.extend(all.into_iter().filter(|candidate| body::fits(candidate.change, view.kind)));
    }
    let most = (NODES / nodes).clamp(LEAST, MOST);
    let more = candidates.len().saturating_sub(most);
    if more > 0 {
        // The gravest are tried; those that are left stand in the order of the document again.
        let mut grave: Vec<(usize, Change)> = candidates.iter().map(|one| one.change).enumerate().collect();
        grave.sort_by_key(|(_, change)| *change);
        let kept: std::collections::HashSet<usize> = grave.into_iter().take(most).map(|(at, _)| at).collect();
        let mut at = 0..;
        candidates.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
    }
    let candidates = candidates.into_iter().take_while(|_| !held.given_up.load(Ordering::Relaxed));
    let told = candidates.filter_map(|candidate| trial.judge(candidate, printed)).collect();
    (told, more)
}

/// What a check of a document notices, found out by changing it: the nodes that stand for each folded path, with how closely
/// the check looks at them. For checks that nobody can read off what they look at.
pub(super) fn noticed(document: &Json, notices: impl Fn(&Json) -> bool) -> Vec<(&Json, Look)> {
    let mut representatives = Representatives::default();
    let (path, looks) = (&mut String::from("$"), Looks::default());
    representatives.walk(document, path, &mut Vec::new(), Inherited::default(), &looks);
    let most = (NODES / representatives.nodes).clamp(LEAST, MOST);
    let mut found = Vec::new();
    for representative in representatives.list.into_iter().take(most) {
        let positions = &representative.positions;
        let Some((node, parent)) = change::find(document, positions) else { continue };
        let changes = change::of(node, parent);
        let does =
            |change| changes.contains(&change) && changed(document, positions, change).is_some_and(|it| notices(&it));
        let look = if does(Change::Value) {
            Look::Value
        } else if does(Change::Type) {
            Look::Type
        } else if does(Change::Removed) {
            Look::Presence
        } else {
            Look::Unseen
        };
        found.push((node, look));
    }
    found
}

impl Held {
    /// Hands on what is asked of the answer, its document, what the expectations look at, and the scope for all of it.
    fn looked_at<T>(&self, then: impl FnOnce(Asked<'_>, &View, Looks, Scope) -> T) -> T {
        let scope = self.scope.aside();
        let keys = self.expect.keys.as_deref();
        let shelf = self.snapshot.as_ref().zip(keys).and_then(|(snapshot, keys)| snapshot.shelf(keys, &scope));
        let asked = Asked {
            expect: &self.expect,
            call: self.call,
            graphql: self.graphql,
            within: self.within,
            snapshot: shelf.as_ref(),
        };
        let view = coverage::view(&self.expect, &self.response);
        let mut looks = coverage::looks(&asked, &self.response, &view, &scope);
        coverage::kept(self.id.as_deref(), &self.captures, &self.used, &view, &mut looks);
        then(asked, &view, looks, scope)
    }

    /// What later steps would be given of an answer. `None` where a capture finds nothing.
    fn kept(&self, response: &Response, scope: &Scope) -> Option<Vec<Json>> {
        let mut kept = Vec::new();
        // A capture sees what those before it have kept.
        let scope = &scope.inner();
        let namespaces = self.expect.keys.as_ref().and_then(|keys| keys.namespaces.as_deref());
        let pages = Pages::of(response, namespaces);
        for capture in &self.captures {
            let value = captured(capture, &pages, scope).ok()?;
            scope.set(&capture.name.value, value.clone());
            if self.used.names(&capture.name.value) {
                kept.push(to_json(&value));
            }
        }
        if let Some(id) = &self.id {
            let scope = answer_scope(response, scope);
            for (part, below, glance) in self.used.of_answer(id) {
                let root = scope.get(part).map(|value| to_json(&value)).unwrap_or_default();
                let found = picked(below, &root);
                // A later step cannot be rendered without it.
                if found.is_empty() && glance.of != Aspect::Presence {
                    return None;
                }
                kept.push(Json::array(found.into_iter().cloned()));
            }
        }
        Some(kept)
    }
}

/// The values at a place.
fn picked<'j>(path: &[Segment], root: &'j Json) -> Vec<&'j Json> {
    let Some((first, rest)) = path.split_first() else { return vec![root] };
    let children: Vec<&Json> = match (first, root) {
        (Segment::Name(name), _) => root.get(name).into_iter().collect(),
        (Segment::Index(index), Json::Array(items)) => items.get(*index).into_iter().collect(),
        (Segment::Each, Json::Array(items)) => items.iter().collect(),
        (Segment::Each, Json::Object(object)) => object.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    children.into_iter().flat_map(|child| picked(rest, child)).collect()
}

/// A mutant that can be tried.
#[derive(Debug)]
struct Candidate {
    change: Change,
    place: Place,
    path: String,
    /// How closely what is changed is looked at.
    look: Look,
    /// Whether an expectation leaves the number and the order of the elements open, or the value.
    open: bool,
    /// Whether the expectations say that they ignore it.
    ignored: bool,
    proposal: Option<String>,
}

/// The mutants of what is no part of the document.
fn named(held: &Held, view: &View, looks: &Looks) -> Vec<Candidate> {
    let response = &held.response;
    let mut found = Vec::new();
    let mut add = |path: &str, change, place, proposal: Option<String>| {
        found.push(Candidate {
            change,
            place,
            path: path.to_owned(),
            look: looks.named(path),
            open: false,
            ignored: false,
            proposal,
        });
    };
    let status = response.status;
    for change in [Change::StatusFamily, Change::Status] {
        add("status", change, Place::Status, Some(status.to_string()));
    }
    let mut seen = Vec::new();
    for (name, value) in response.headers.iter() {
        let name = name.to_ascii_lowercase();
        let path = format!("header {name}");
        if seen.contains(&name) || looks.named(&path) == Look::Unseen && !coverage::matters(&name, response, view) {
            continue;
        }
        for change in [Change::Removed, Change::Value] {
            let proposal = coverage::proposed_header(&name, value);
            add(&path, change, Place::Header(name.clone()), Some(proposal));
        }
        seen.push(name);
    }
    for (name, _) in &response.cookies {
        for change in [Change::Removed, Change::Value] {
            let place = Place::Cookie(name.clone());
            add(&format!("cookie {name}"), change, place, Some("<not empty>".to_owned()));
        }
    }
    if !response.body.is_empty() {
        let is_document = view.document.is_some();
        add("body", Change::EmptyBody, Place::Body, Some("<not empty>".to_owned()));
        if !is_document {
            add("body", Change::Value, Place::Body, Some("<not empty>".to_owned()));
        }
    }
    found
}

struct Trial<'h> {
    held: &'h Held,
    asked: Asked<'h>,
    view: &'h View,
    /// What later steps are given of the answer as it came.
    kept: Vec<Json>,
    scope: Scope,
}

impl Trial<'_> {
    /// The first manner in which the unchanged document is still as expected; none where there is no document, or where it
    /// cannot be written as it was.
    fn printed(&self) -> Option<Printed> {
        let document = self.view.document.as_deref()?;
        let holds = |printed: &&Printed| {
            let response = self.with_document(document.clone(), **printed);
            response.is_some_and(|response| self.fate_of(&response) == Fate::Survived)
        };
        let known = Printed::of(self.view.kind);
        known
            .iter()
            .find(holds)
            .or_else(|| known.iter().find(|printed| !printed.is_other()).and(Some(&Printed::AsItCame)))
            .copied()
    }

    fn with_document(&self, document: Json, printed: Printed) -> Option<Response> {
        let response = &self.held.response;
        let body = match printed {
            Printed::Compact => document.to_string().into(),
            Printed::Pretty => document.to_pretty().into(),
            Printed::AsItCame => response.body.clone(),
            Printed::As(kind) => body::text(&document, kind, self.view.document.as_deref()?)?.into(),
        };
        let json = (!printed.is_other()).then_some(document);
        Some(response.altered(response.status, response.headers.clone(), body, json))
    }

    /// What becomes of a mutant. `None` for one that would be no change.
    fn judge(&self, candidate: Candidate, printed: Option<Printed>) -> Option<Mutant> {
        let Candidate { change, place, path, look, open, ignored, proposal } = candidate;
        let response = match (&place, &self.view.document, printed) {
            (Place::Node(positions), Some(document), Some(printed)) => {
                let column = matches!(self.view.kind, Kind::Csv | Kind::Tsv)
                    && matches!((change, positions.len()), (Change::Removed, 2) | (Change::Extra, 1));
                let changed = if column {
                    body::column(document, positions, change)?
                } else {
                    changed(document, positions, change)?
                };
                self.with_document(changed, printed)?
            }
            _ => change::apart(&self.held.response, &place, change),
        };
        let fate = match self.fate_of(&response) {
            Fate::Survived if ignored || is_allowed(change, look, open) => Fate::Allowed,
            // Nobody has to write `status: 200` behind every GET: without it, any success is asked for.
            Fate::Survived if change == Change::Status && self.held.reads => Fate::Allowed,
            fate => fate,
        };
        let proposal = proposal.filter(|proposal| fate == Fate::Survived && self.notices(proposal, &place, change));
        Some(Mutant { path, change, fate, proposal })
    }

    /// Whether what is proposed would notice a change: of another value, a type alone does not.
    fn notices(&self, proposal: &str, place: &Place, change: Change) -> bool {
        let (Change::Value, Place::Node(positions), Some(document)) = (change, place, &self.view.document) else {
            return true;
        };
        let value = change::find(document, positions).and_then(|(node, _)| changed(node, &[], change));
        let matcher = Matcher::is_written(proposal).then(|| Matcher::parse(proposal).ok()).flatten();
        matcher.is_none_or(|matcher| matcher::check(&matcher, value.as_ref(), Timestamp::now()).is_err())
    }

    /// Whether an answer is noticed to be another one.
    fn fate_of(&self, response: &Response) -> Fate {
        match evaluate(&self.asked, response, &self.scope) {
            Ok(outcome) if outcome.findings.is_empty() => {}
            _ => return Fate::Caught,
        }
        match self.held.kept(response, &self.scope) {
            None => Fate::Caught,
            Some(kept) if kept != self.kept => Fate::Carried,
            Some(_) => Fate::Survived,
        }
    }
}

/// Whether the expectations say themselves that a change which they did not notice is none of their business.
fn is_allowed(change: Change, look: Look, open: bool) -> bool {
    match change {
        Change::Extra => true,
        Change::Order | Change::Fewer | Change::More => open,
        Change::EmptyBody | Change::Errors => false,
        // Another value fits what is written; so does none, where `optional` or `or null` is written.
        Change::Value => open || look == Look::Value,
        Change::Status | Change::StatusFamily => look == Look::Value,
        Change::Null | Change::Type => look >= Look::Type,
        Change::Removed | Change::Emptied => look >= Look::Type && change == Change::Removed,
    }
}
