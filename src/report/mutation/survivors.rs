//! The mutants that nobody noticed, place by place.

use super::super::paste;
use super::super::telling::{telling, together};
use super::{Answers, Tried};
use crate::event::{Change, Fate};

/// What survived at one place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Survivor {
    pub(super) path: String,
    /// The gravest first.
    pub(super) changes: Vec<Change>,
    /// Whether no change of it was noticed.
    pub(super) unseen: bool,
    /// How many places below it survived altogether, and are told with it.
    pub(super) below: usize,
    /// The file and line of the step.
    pub(super) place: (String, usize),
    /// What would catch it, to be pasted below `expect`.
    pub(super) paste: Option<String>,
}

/// What survived of the answers of an endpoint, the gravest first.
pub(super) fn survivors(answers: &Answers) -> Vec<Survivor> {
    let mut found: Vec<Survivor> = Vec::new();
    let whole = body(answers);
    for mutant in answers.mutants.iter().filter(|mutant| mutant.fate == Fate::Survived) {
        // Of an object nothing of which is looked at, the members need no line of their own.
        let told = found.iter().any(|above| above.below > 0 && is_below(&mutant.path, &above.path));
        if told || whole.is_some() && (mutant.path.starts_with('$') || mutant.path == "body") {
            continue;
        }
        if let Some(known) = found.iter_mut().find(|known| known.path == mutant.path) {
            known.changes.push(mutant.change);
            continue;
        }
        let below = if mutant.change == Change::Removed { unseen_below(&mutant.path, &answers.mutants) } else { 0 };
        found.push(Survivor {
            path: mutant.path.clone(),
            changes: vec![mutant.change],
            unseen: false,
            below,
            place: mutant.place.clone(),
            paste: None,
        });
    }
    for survivor in &mut found {
        survivor.changes.sort_unstable();
        let all = answers.mutants.iter().filter(|mutant| mutant.path == survivor.path);
        let known = all.filter(|mutant| mutant.fate != Fate::Allowed).count();
        survivor.unseen = known == survivor.changes.len() && known > 1;
        survivor.paste = pasted(survivor, &answers.mutants);
    }
    found.extend(whole);
    // Of what is equally grave, the name tells what would be missed most.
    found.sort_by_key(|survivor| (survivor.changes.first().copied(), std::cmp::Reverse(telling(&survivor.path).0)));
    found
}

/// A document that might as well be missing, told as one.
fn body(answers: &Answers) -> Option<Survivor> {
    let body = answers.mutants.iter().find(|mutant| mutant.change == Change::EmptyBody)?;
    let mut members: Vec<(&str, &str)> = Vec::new();
    for mutant in answers.mutants.iter().filter(|mutant| mutant.path.starts_with('$') && mutant.path != "$") {
        if mutant.fate == Fate::Caught {
            return None;
        }
        if members.last().is_none_or(|(path, _)| *path != mutant.path) {
            members.push((&mutant.path, mutant.proposal.as_deref().unwrap_or("<any>")));
        }
    }
    if body.fate != Fate::Survived || members.is_empty() {
        return None;
    }
    Some(Survivor {
        path: "body".to_owned(),
        changes: vec![Change::EmptyBody],
        unseen: true,
        below: members.len(),
        place: body.place.clone(),
        paste: together("$", &members),
    })
}

/// What would catch the gravest change of a place. What says of which value something is, also says that it is there.
fn pasted(survivor: &Survivor, mutants: &[Tried]) -> Option<String> {
    if survivor.below > 0 {
        let mut members: Vec<(&str, &str)> = Vec::new();
        for mutant in mutants.iter().filter(|mutant| is_below(&mutant.path, &survivor.path)) {
            if members.last().is_none_or(|(path, _)| *path != mutant.path) {
                members.push((&mutant.path, mutant.proposal.as_deref().unwrap_or("<any>")));
            }
        }
        if let Some(line) = together(&survivor.path, &members) {
            return Some(line);
        }
    }
    let proposals = || mutants.iter().filter(|mutant| mutant.path == survivor.path);
    let of =
        |change: Change| proposals().find(|mutant| mutant.change == change).and_then(|one| one.proposal.as_deref());
    // That nothing is left says more of an array than that it is one.
    let best = of(Change::Emptied).or_else(|| survivor.changes.iter().find_map(|change| of(*change)))?;
    Some(paste::line(&survivor.path, best))
}

fn is_below(path: &str, above: &str) -> bool {
    above.starts_with('$') && path.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// How many places there are below one, if nothing of any of them was caught.
fn unseen_below(above: &str, mutants: &[Tried]) -> usize {
    let below: Vec<&Tried> = mutants.iter().filter(|mutant| is_below(&mutant.path, above)).collect();
    if below.iter().any(|mutant| !matches!(mutant.fate, Fate::Survived | Fate::Allowed)) {
        return 0;
    }
    let mut paths: Vec<&str> = below.iter().map(|mutant| mutant.path.as_str()).collect();
    paths.dedup();
    paths.len()
}

/// A change in words.
pub(super) fn said(change: Change) -> &'static str {
    match change {
        Change::StatusFamily => "another family",
        Change::Status => "another of its family",
        Change::EmptyBody => "empty",
        Change::Removed => "missing",
        Change::Errors => "added",
        Change::Emptied => "no element",
        Change::Null => "null",
        Change::Type => "another type",
        Change::Value => "another value",
        Change::Fewer => "one element less",
        Change::More => "one element more",
        Change::Order => "another order",
        Change::Extra => "one member more",
    }
}
