//! What a run leaves to be accepted, gathered while it goes on: what came of every step that failed, and how often such a
//! step ran, for a change of the file is one for all cases, items and users of a fragment.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::expect::{self, Proposal as Found};
use crate::pending::{Change, Fingerprint, Offer, Pending, Proposal, Range, VERSION, sha256};
use crate::plan::Instance;
use crate::secret::Redactor;
use crate::source::{Diagnostic, FileId, Sources, Span};

/// Bytes of values that are kept of a whole run.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of snapshots that are kept of a whole run.
const MOST_SNAPSHOTS: usize = 32 * 1024 * 1024;
/// Changes that are kept of a whole run.
const MOST_CHANGES: usize = 5_000;

/// Gathers what could be accepted.
#[derive(Debug)]
pub struct Gathering {
    /// The project's root, below which files are named.
    root: PathBuf,
    /// What names of files are relative to.
    working: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The scenario files that were run.
    ran: BTreeSet<String>,
    /// How often the expectations of a step were looked at for good, by where the step stands.
    looked_at: HashMap<Place, usize>,
    kept: Vec<Kept>,
    bytes: usize,
    /// Bytes of snapshots, which are whole answers.
    snapshots: usize,
}

type Place = (FileId, u32);

#[derive(Debug)]
struct Kept {
    /// The scenario file.
    path: String,
    step: Place,
    /// Which look at the step it is of.
    look: usize,
    file: FileId,
    proposal: Proposal,
}

/// A step that was looked at.
pub(super) struct Looked<'l> {
    pub(super) instance: &'l Instance,
    /// The mapping of the step.
    pub(super) step: Span,
    pub(super) title: String,
    pub(super) case: Option<String>,
}

impl Gathering {
    /// Gathers for the project in this folder; files are named relative to the working directory.
    pub fn new(root: &Path, working: &Path) -> Self {
        let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Self { root: whole(root), working: whole(working), state: Mutex::default() }
    }

    /// A scenario file was run, or some of its cases.
    pub(super) fn ran(&self, path: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.ran.contains(path) {
            state.ran.insert(path.to_owned());
        }
    }

    /// The expectations of a step were looked at for good. `found` is what could be accepted, and `problems` what was
    /// found wrong.
    pub(super) fn looked(&self, looked: &Looked<'_>, found: Vec<Found>, problems: &[Diagnostic]) {
        let step = (looked.step.file, looked.step.start);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = state.looked_at.entry(step).or_default();
        *looks += 1;
        let look = *looks;
        let unexplained = problems.iter().filter(|problem| !found.iter().any(|found| found.id == problem.id));
        let refused = unexplained.map(|problem| Found {
            id: problem.id,
            at: problem.labels.iter().map(|label| label.span).find(|at| at.file == step.0).unwrap_or(looked.step),
            path: String::new(),
            expect: None,
            offer: Offer::Refused(expect::refusal(problem.id).to_owned()),
        });
        let refused: Vec<Found> = refused.collect();
        for Found { id, at, path, expect, mut offer } in refused.into_iter().chain(found) {
            let bytes = serde_json::to_string(&offer).map_or(0, |text| text.len());
            let is_snapshot = matches!(offer.change(), Some(Change::Snapshot { .. }));
            // One that is longer than all may be is kept by itself: else it could never be accepted.
            let most = if is_snapshot { MOST_SNAPSHOTS.max(bytes) } else { MOST_BYTES };
            let kept = if is_snapshot { &mut state.snapshots } else { &mut state.bytes };
            let is_full = *kept > 0 && *kept + bytes > most;
            if !is_full {
                *kept += bytes;
            }
            if is_full || state.kept.len() >= MOST_CHANGES {
                offer = Offer::Refused("the run found more than is kept: accept the rest, and run again".to_owned());
                if state.kept.len() >= MOST_CHANGES {
                    break;
                }
            }
            let proposal = Proposal {
                file: String::new(),
                scenario: looked.instance.file.scenario.title.value.clone(),
                case: looked.case.clone(),
                step: looked.title.clone(),
                at: at.into(),
                id: id.to_owned(),
                path,
                expect: expect.map(Range::from),
                change: offer,
            };
            let path = looked.instance.file.path.clone();
            state.kept.push(Kept { path, step, look, file: at.file, proposal });
        }
    }

    /// All that was gathered, by scenario file; nothing for a file of which nothing is left to be accepted, if
    /// those are asked for.
    pub fn finish(&self, sources: &Sources, redactor: &Redactor, passed: bool) -> Vec<(String, Option<Pending>)> {
        let State { ran, looked_at, kept, .. } =
            std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_path: BTreeMap<String, Vec<(FileId, Proposal)>> = BTreeMap::new();
        for (path, file, mut proposal) in agreed(kept, &looked_at) {
            keep_secrets(&mut proposal, redactor);
            if let Offer::Change(Change::Snapshot { path, instead_of, .. })
            | Offer::Ask(Change::Snapshot { path, instead_of, .. }, _) = &mut proposal.change
            {
                *path = self.below_root(path);
                if let Some(other) = instead_of {
                    *other = self.below_root(other);
                }
            }
            proposal.file = self.below_root(sources.get(file).map_or("", |file| file.name()));
            by_path.entry(path).or_default().push((file, proposal));
        }
        let at = format!("{:.3}", jiff::Timestamp::now());
        let mut finished = Vec::new();
        for path in ran {
            let Some(proposals) = by_path.remove(&path) else {
                if passed {
                    finished.push((self.below_root(&path), None));
                }
                continue;
            };
            let scenario = self.below_root(&path);
            let files: BTreeSet<FileId> = proposals.iter().map(|(file, _)| *file).collect();
            let files = files.into_iter().filter_map(|file| sources.get(file));
            let files = files
                .map(|file| Fingerprint { file: self.below_root(file.name()), sha256: sha256(file.text()) })
                .collect();
            let proposals = proposals.into_iter().map(|(_, proposal)| proposal).collect();
            let pending = Pending { version: VERSION, scenario: scenario.clone(), at: at.clone(), files, proposals };
            finished.push((scenario, Some(pending)));
        }
        finished
    }

    /// A file as it is named below the root; as a whole where it lies elsewhere.
    fn below_root(&self, name: &str) -> String {
        let whole = self.working.join(name);
        // What is not there yet has a folder that is, perhaps some way up.
        let known = whole.ancestors().find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)));
        let whole = known.map_or_else(
            || whole.clone(),
            |(above, found)| match whole.strip_prefix(above) {
                Ok(rest) if !rest.as_os_str().is_empty() => found.join(rest),
                _ => found,
            },
        );
        let below = whole.strip_prefix(&self.root).unwrap_or(&whole);
        below.to_string_lossy().replace('\\', "/")
    }
}

/// What all looks at a step agree on. What some of them want and others do not is refused: the file has one place for all.
fn agreed(kept: Vec<Kept>, looked_at: &HashMap<Place, usize>) -> Vec<(String, FileId, Proposal)> {
    // How many looks want a change, of those steps that were looked at several times.
    let mut wanted: HashMap<(Place, String), BTreeSet<usize>> = HashMap::new();
    // What would be stored in each snapshot: cases and items have files of their own, unless a template names one twice.
    let mut stored: HashMap<String, BTreeSet<String>> = HashMap::new();
    for one @ Kept { step, look, proposal, .. } in &kept {
        if let Some((path, content)) = snapshot(&proposal.change) {
            stored.entry(path.to_owned()).or_default().insert(sha256(content));
        } else if looks(one, looked_at) > 1 {
            wanted.entry((*step, effect(&proposal.change))).or_default().insert(*look);
        }
    }
    let mut told: BTreeSet<(String, Place, u32, String)> = BTreeSet::new();
    let mut result = Vec::new();
    for kept in kept {
        let looks = looks(&kept, looked_at);
        let Kept { path, step, file, mut proposal, .. } = kept;
        if let Some((name, _)) = snapshot(&proposal.change) {
            let name = name.to_owned();
            if stored.get(&name).is_some_and(|contents| contents.len() > 1) {
                let why = "other answers of the run would be stored in the same file: take what tells them apart into the name";
                proposal.change = Offer::Refused(format!("{name}: {why}"));
            }
            if told.insert((name, step, proposal.at.0, String::new())) {
                result.push((path, file, proposal));
            }
            continue;
        }
        if looks > 1 {
            let effect = effect(&proposal.change);
            let by = wanted.get(&(step, effect.clone())).map_or(0, BTreeSet::len);
            let refused = proposal.change.change().is_none();
            if !refused && by < looks {
                proposal.change = Offer::Refused(format!(
                    "this step ran {looks} times, and {by} of them would have this: the file has one place for all"
                ));
            }
            // Once for all looks that agree, and once for a place on which they do not.
            let once = if by < looks { String::new() } else { effect };
            if !told.insert((path.clone(), step, proposal.at.0, once)) {
                continue;
            }
            if by == looks {
                proposal.case = None;
            }
        }
        result.push((path, file, proposal));
    }
    result
}

/// The file and the content of a snapshot.
fn snapshot(offer: &Offer) -> Option<(&str, &str)> {
    match offer.change() {
        Some(Change::Snapshot { path, content, .. }) => Some((path, content)),
        _ => None,
    }
}

fn looks(kept: &Kept, looked_at: &HashMap<Place, usize>) -> usize {
    looked_at.get(&kept.step).copied().unwrap_or(1)
}

/// What the file would say: two values of one nature come to the same.
fn effect(offer: &Offer) -> String {
    let change = match offer.change() {
        Some(Change::Replace { at, matcher: Some(matcher), .. }) => {
            return format!("replace {at:?} {matcher}");
        }
        Some(change) => change,
        None => return String::new(),
    };
    serde_json::to_string(change).unwrap_or_default()
}

/// Nothing that the run knows to be secret gets into a file.
fn keep_secrets(proposal: &mut Proposal, redactor: &Redactor) {
    for text in [&mut proposal.scenario, &mut proposal.step, &mut proposal.path].into_iter().chain(&mut proposal.case) {
        redactor.apply(text);
    }
    let text = serde_json::to_string(&proposal.change).unwrap_or_default();
    if let std::borrow::Cow::Owned(_) = redactor.redact(&text) {
        proposal.change = Offer::Refused("the answer contains a secret here".to_owned());
        proposal.expect = None;
    }
}
