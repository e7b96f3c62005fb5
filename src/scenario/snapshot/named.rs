//! The snapshots that the steps of a scenario name, those in its fragments among them: the data are the scenario's own,
//! and so is the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::check::FindFragment;
use super::super::{Action, Scenario, Step, Tree};
use super::Snapshot;
use crate::json::Json;
use crate::source::{Diagnostic, Span};
use crate::template::Reference;

/// A step that names a snapshot.
#[derive(Debug, Clone)]
pub struct Named<'s> {
    /// What it names.
    pub snapshot: &'s Snapshot,
    /// The `use` in the scenario that brings the step, if a fragment does.
    pub used: Option<Span>,
    /// The lists of the loops around it, the outermost first.
    pub loops: Vec<&'s Tree>,
}

/// Names that mean something else in each environment or in each run.
const UNSETTLED: [&str; 15] = [
    "env",
    "secrets",
    "provider",
    "auth",
    "run",
    "mock",
    "steps",
    "now",
    "uuid",
    "random_int",
    "random_string",
    "fake",
    "env_var",
    "file",
    "totp",
];

impl Named<'_> {
    /// Whether a file is one of those that the step speaks of, by its name without the ending; `cases` says how many
    /// there are. `None` where a template gives the name.
    pub fn covers(&self, stem: &str, cases: Option<usize>) -> Option<bool> {
        let Some(mut rest) = stem.strip_prefix(self.snapshot.literal_name()?) else { return Some(false) };
        if let Some(count) = cases {
            let Some((number, after)) = numbered(rest, ".case-") else { return Some(false) };
            if number > count {
                return Some(false);
            }
            rest = after;
        }
        for list in &self.loops {
            let Some((number, after)) = numbered(rest, ".item-") else { return Some(false) };
            let count = list.as_literal().and_then(|list| list.as_array()).map(<[Json]>::len);
            if count.is_some_and(|count| number > count) {
                return Some(false);
            }
            rest = after;
        }
        Some(rest.is_empty())
    }

    /// Whether a run that has gone through all steps knows the files of every run: neither the name nor a list is another
    /// in each environment, as far as can be seen.
    pub fn is_settled(&self, scenario: &Scenario) -> bool {
        fn names<'r>(references: impl Iterator<Item = (&'r Reference, Span)>) -> impl Iterator<Item = &'r str> {
            references.map(|(reference, _)| &*reference.path[0])
        }
        let mut next: Vec<&str> = names(self.snapshot.name.references()).collect();
        next.extend(self.loops.iter().flat_map(|list| names(list.references())));
        // What a fragment is given may be anything.
        if self.used.is_some() && !next.is_empty() {
            return false;
        }
        let mut seen = BTreeSet::new();
        while let Some(name) = next.pop() {
            if UNSETTLED.contains(&name) {
                return false;
            }
            if seen.insert(name) {
                next.extend(scenario.vars.get(name).into_iter().flat_map(|tree| names(tree.references())));
            }
        }
        true
    }

    /// The place where a person looks for it in the scenario.
    pub fn place(&self) -> Span {
        self.used.unwrap_or(self.snapshot.span())
    }
}

/// A number from 1 behind a mark, and what follows it.
fn numbered<'t>(text: &'t str, mark: &str) -> Option<(usize, &'t str)> {
    let rest = text.strip_prefix(mark)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().ok().filter(|number| *number > 0 && !rest.starts_with('0'))?;
    Some((number, &rest[end..]))
}

/// All snapshots that the steps of a scenario name, in the order of the steps.
pub fn named<'s>(scenario: &'s Scenario, folder: &Path, find: &FindFragment<'s>) -> Vec<Named<'s>> {
    named_by([&scenario.setup, &scenario.steps, &scenario.teardown].into_iter().flatten(), folder, find)
}

/// The same of some steps of a file in that folder.
pub fn named_by<'s>(steps: impl Iterator<Item = &'s Step>, folder: &Path, find: &FindFragment<'s>) -> Vec<Named<'s>> {
    let mut walk = Walk { find, found: Vec::new(), inside: Vec::new() };
    steps.for_each(|step| walk.step(step, folder, None, &[]));
    walk.found
}

struct Walk<'w, 's> {
    find: &'w FindFragment<'s>,
    found: Vec<Named<'s>>,
    /// The fragments that the walk is in: one that uses itself is gone through once.
    inside: Vec<(PathBuf, &'s str)>,
}

impl<'s> Walk<'_, 's> {
    fn step(&mut self, step: &'s Step, folder: &Path, used: Option<Span>, loops: &[&'s Tree]) {
        let loops: Vec<&Tree> = loops.iter().copied().chain(step.for_each.as_deref()).collect();
        match &step.action {
            Action::Call(call) => {
                let snapshot = call.expect.keys.as_ref().and_then(|keys| keys.snapshot.as_deref());
                self.found.extend(snapshot.map(|snapshot| Named { snapshot, used, loops }));
            }
            Action::Use(of) => {
                let key = (folder.to_owned(), of.file.value.as_str());
                let Some((fragment, within)) = (self.find)(folder, &of.file.value) else { return };
                if self.inside.contains(&key) {
                    return;
                }
                self.inside.push(key);
                for inner in &fragment.steps {
                    self.step(inner, within, used.or(Some(of.file.span)), &loops);
                }
                self.inside.pop();
            }
            Action::AuthCheck(_) | Action::Pause(_) => {}
        }
    }
}

/// Steps of one scenario that speak of the same file. File systems that do not tell capital letters from small ones are
/// taken into account.
pub fn shared(named: &[Named<'_>]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<String, &Named<'_>> = BTreeMap::new();
    let mut problems = Vec::new();
    for one in named {
        let text = one.snapshot.name.text();
        let literal = one.snapshot.literal_name().is_some();
        // What a template in a fragment gives depends on the parameters.
        if !literal && one.used.is_some() {
            continue;
        }
        let Some(before) = first.get(&text.to_lowercase()) else {
            first.insert(text.to_lowercase(), one);
            continue;
        };
        // Within one fragment it is that file's mistake, and told of it once, however many use it.
        if one.used.is_some() && one.used == before.used {
            continue;
        }
        let problem = Diagnostic::error("snapshot.shared", format!("two steps have the same snapshot, `{text}`"))
            .at(one.place(), "the second")
            .at(before.place(), "the first");
        problems.push(if one.used.is_some() {
            problem
                .at(one.snapshot.span(), "it is named in this fragment")
                .help("give the fragment a parameter, and the snapshot a name with it: \"trips-{{ which }}\"")
        } else {
            problem.help("give one of them another name: each answer is stored in a file of its own")
        });
    }
    problems
}
