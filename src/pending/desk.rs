//! The files while changes are chosen: read when they are first needed, changed in memory, and written at the end or not
//! at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Change, Pending, Proposal, Range, digest, sha256, write};
use crate::json::Json;
use crate::source::edit::{Edit, Edited};

/// The files below a project's root.
#[derive(Debug)]
pub struct Desk {
    root: PathBuf,
    files: BTreeMap<String, Result<Open, String>>,
    snapshots: BTreeMap<String, Snapshot>,
}

/// A snapshot that will be written.
#[derive(Debug)]
struct Snapshot {
    content: String,
    /// The file of the same snapshot in another form, which goes.
    instead_of: Option<String>,
}

/// A file that is open.
#[derive(Debug)]
struct Open {
    /// The marks of the byte order, which are no text.
    mark: bool,
    first: String,
    edited: Edited,
}

/// How a change is taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// As it came; what differs by nature as a matcher.
    Came,
    /// As it came, also where it differs by nature.
    Literally,
    /// As this matcher, in place of the value.
    Matcher(String),
    /// Not at all: this path is ignored from now on.
    Ignored(String),
}

impl Desk {
    /// A desk without a file.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), files: BTreeMap::new(), snapshots: BTreeMap::new() }
    }

    /// The text of a file as it is now, with the changes taken so far.
    ///
    /// # Errors
    /// Why the file cannot be changed.
    pub fn text(&mut self, pending: &Pending, name: &str) -> Result<String, String> {
        self.open(pending, name).map(|open| open.edited.text().to_owned())
    }

    /// The text of a file as the run has read it.
    ///
    /// # Errors
    /// Why the file cannot be changed.
    pub fn first(&mut self, pending: &Pending, name: &str) -> Result<&str, String> {
        self.open(pending, name).map(|open| open.first.as_str())
    }

    /// Why a change must not be made unasked, apart from what the run has said.
    ///
    /// # Errors
    /// Why the file cannot be changed at all.
    pub fn caution(&mut self, pending: &Pending, proposal: &Proposal) -> Result<Option<String>, String> {
        let Some(change) = proposal.change.change() else { return Ok(None) };
        if matches!(change, Change::Snapshot { .. }) {
            return Ok(None);
        }
        let open = self.open(pending, &proposal.file)?;
        let shared = open.edited.is_shared(&bytes(change.place()));
        Ok(shared.then(|| "an alias (`*…`) or a merge (`<<`) shows this at other places of the file, too".to_owned()))
    }

    /// The file as it would be after one more change.
    ///
    /// # Errors
    /// Why the change cannot be made.
    pub fn preview(&mut self, pending: &Pending, proposal: &Proposal, taken: &Taken) -> Result<[String; 2], String> {
        if let Some(Change::Snapshot { path, content, was, .. }) = proposal.change.change() {
            let before = self.stored(path, was.as_deref())?;
            return Ok([before, content.clone()]);
        }
        let open = self.open(pending, &proposal.file)?;
        let mut edited = open.edited.clone();
        let edit = edit(proposal, taken)?;
        edited.apply(&edit).map_err(|refused| refused.to_string())?;
        Ok([open.edited.text().to_owned(), edited.text().to_owned()])
    }

    /// Makes a change, in memory.
    ///
    /// # Errors
    /// Why it cannot be made; then nothing has changed.
    pub fn take(&mut self, pending: &Pending, proposal: &Proposal, taken: &Taken) -> Result<(), String> {
        if let Some(Change::Snapshot { path, content, was, instead_of, .. }) = proposal.change.change() {
            self.stored(path, was.as_deref())?;
            if let Some(other) = instead_of {
                self.below(other)?;
            }
            let snapshot = Snapshot { content: content.clone(), instead_of: instead_of.clone() };
            self.snapshots.insert(path.clone(), snapshot);
            return Ok(());
        }
        let edit = edit(proposal, taken)?;
        let open = self.open(pending, &proposal.file)?;
        open.edited.apply(&edit).map_err(|refused| refused.to_string())
    }

    /// Writes every file that has changed, each whole or not at all. Gives their names, with what went wrong.
    pub fn write(&self) -> Vec<(String, io::Result<()>)> {
        let mut written = Vec::new();
        for (name, open) in &self.files {
            let Ok(open) = open else { continue };
            if open.edited.text() == open.first {
                continue;
            }
            let mark = if open.mark { "\u{feff}" } else { "" };
            let path = self.root.join(name);
            // Somebody may have edited it while it was looked at.
            let result = fs::read_to_string(&path).and_then(|now| {
                if now.strip_prefix('\u{feff}').unwrap_or(&now) == open.first {
                    write(&path, format!("{mark}{}", open.edited.text()).as_bytes())
                } else {
                    Err(io::Error::other("it was changed meanwhile"))
                }
            });
            written.push((name.clone(), result));
        }
        for (name, Snapshot { content, instead_of }) in &self.snapshots {
            let path = self.root.join(name);
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            let result = folder.and_then(|()| write(&path, content.as_bytes())).and_then(|()| {
                let other = instead_of.as_ref().map(|other| self.root.join(other));
                other.filter(|other| other.is_file()).map_or(Ok(()), fs::remove_file)
            });
            written.push((name.clone(), result));
        }
        written
    }

    /// What is still pending after the files were written, but for those that were not: the places of the changes that
    /// were not taken are those of the text as it is now. A change whose place is gone is gone, too.
    pub fn rebased(&self, mut pending: Pending, unwritten: &BTreeSet<&str>) -> Pending {
        let written = |file: &str| match self.files.get(file) {
            Some(Ok(open)) if !unwritten.contains(file) && open.edited.text() != open.first => Some(&open.edited),
            _ => None,
        };
        pending.proposals.retain_mut(|proposal| match written(&proposal.file) {
            Some(edited) => rebase(proposal, edited).is_some(),
            None => true,
        });
        for fingerprint in &mut pending.files {
            if let Some(edited) = written(&fingerprint.file) {
                fingerprint.sha256 = sha256(edited.text());
            }
        }
        pending
    }

    fn open(&mut self, pending: &Pending, name: &str) -> Result<&mut Open, String> {
        if !self.files.contains_key(name) {
            let opened = self.read(name);
            self.files.insert(name.to_owned(), opened);
        }
        let open = match self.files.get_mut(name) {
            Some(Ok(open)) => open,
            Some(Err(why)) => return Err(why.clone()),
            None => return Err("the file cannot be read".to_owned()),
        };
        let known = pending.files.iter().find(|known| known.file == name);
        if known.is_none_or(|known| known.sha256 != sha256(&open.first)) {
            return Err("the file has changed since the run: run again".to_owned());
        }
        Ok(open)
    }

    fn read(&self, name: &str) -> Result<Open, String> {
        let bytes = fs::read(self.root.join(name)).map_err(|error| format!("the file cannot be read: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned())?;
        let first = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        if let Some(line) = merge_marker(&first) {
            return Err(format!("line {line} is a mark of a merge conflict: resolve it, and run again"));
        }
        let edited = Edited::new(&first).map_err(|refused| refused.to_string())?;
        Ok(Open { mark: first.len() < text.len(), first, edited })
    }

    /// A snapshot's text as the run has seen it; empty where there was none.
    fn stored(&self, path: &str, was: Option<&str>) -> Result<String, String> {
        let bytes = fs::read(self.below(path)?).ok();
        if bytes.as_deref().map(digest).as_deref() != was {
            return Err("the snapshot has changed since the run: run again".to_owned());
        }
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default())
    }

    /// The place of a snapshot, which is never outside the project.
    fn below(&self, path: &str) -> Result<PathBuf, String> {
        let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if plain { Ok(self.root.join(path)) } else { Err("the snapshot lies outside the project".to_owned()) }
    }
}

/// The first line (from 1) with a mark that git leaves where a merge has failed.
fn merge_marker(text: &str) -> Option<usize> {
    let is_marker = |line: &str| {
        ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
            .iter()
            .any(|mark| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    };
    text.lines().position(|line| is_marker(line.trim_end())).map(|at| at + 1)
}

fn bytes(range: Range) -> std::ops::Range<usize> {
    range.0 as usize..range.1 as usize
}

fn edit(proposal: &Proposal, taken: &Taken) -> Result<Edit, String> {
    let change = proposal.change.change().ok_or_else(|| "nothing can be changed".to_owned())?;
    if let Taken::Ignored(path) = taken {
        let to = proposal.expect.ok_or_else(|| "`ignore` does not reach this".to_owned())?;
        return Ok(Edit::AddTo { to: bytes(to), name: "ignore".into(), value: Json::from(path.as_str()) });
    }
    Ok(match change {
        Change::Replace { at, to, matcher } => {
            let value = match (taken, matcher) {
                (Taken::Matcher(matcher), _) | (Taken::Came, Some(matcher)) => Json::from(matcher.as_str()),
                _ => to.clone(),
            };
            Edit::Replace { at: bytes(*at), value }
        }
        Change::RemoveMember { key } => Edit::RemoveMember { key: bytes(*key) },
        Change::RenameMember { key, to } => Edit::Rename { key: bytes(*key), to: to.as_str().into() },
        Change::AddMember { to, name, value } => {
            Edit::Add { to: bytes(*to), name: name.as_str().into(), value: value.clone() }
        }
        Change::InsertElement { list, before, value } => {
            Edit::Insert { list: bytes(*list), before: before.map(bytes), value: value.clone() }
        }
        Change::RemoveElement { list, at } => Edit::RemoveElement { list: bytes(*list), at: bytes(*at) },
        Change::MoveElement { list, at, before } => {
            Edit::Move { list: bytes(*list), at: bytes(*at), before: before.map(bytes) }
        }
        Change::Snapshot { .. } => return Err("a snapshot is written as a whole".to_owned()),
    })
}

/// Moves the places of a change to where they are now.
fn rebase(proposal: &mut Proposal, edited: &Edited) -> Option<()> {
    let now = |range: &mut Range| {
        let place = edited.now_at(&bytes(*range))?;
        *range = Range(u32::try_from(place.start).ok()?, u32::try_from(place.end).ok()?);
        Some(())
    };
    now(&mut proposal.at)?;
    if let Some(expect) = &mut proposal.expect {
        now(expect)?;
    }
    let change = match &mut proposal.change {
        super::Offer::Change(change) | super::Offer::Ask(change, _) => change,
        super::Offer::Refused(_) => return Some(()),
    };
    match change {
        Change::Replace { at, .. } => now(at),
        Change::RemoveMember { key } | Change::RenameMember { key, .. } => now(key),
        Change::AddMember { to, .. } => now(to),
        Change::InsertElement { list, before, .. } => {
            now(list)?;
            before.as_mut().map_or(Some(()), now)
        }
        Change::RemoveElement { list, at } => {
            now(list)?;
            now(at)
        }
        Change::MoveElement { list, at, before } => {
            now(list)?;
            now(at)?;
            before.as_mut().map_or(Some(()), now)
        }
        Change::Snapshot { .. } => Some(()),
    }
}
