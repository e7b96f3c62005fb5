//! Edits of a YAML file in place: what is not edited stays as it is, byte for byte, and what is written is written in the
//! manner of its place. Nothing is believed: after every edit the text is read again, and must be the tree that was
//! meant, or the edit is refused and the text is as it was.
//!
//! Comments: one behind a value stays behind the value that replaces it, and goes with the member or element that is
//! removed; one on a line of its own stays, unless it stands within what is removed or replaced.

mod patch;
mod text;
mod tree;
mod write;

use std::ops::Range;
use std::sync::Arc;

use self::patch::Patch;
use self::tree::{Branch, Form, Ids, Member, What};
use self::write::Manner;
use super::{FileId, parse};
use crate::json::Json;

/// A change of a file. Places are byte ranges of the text as it was first read, also where other edits came before.
/// Values are YAML: what a text means to whoever reads the file is not looked at.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Another value.
    Replace {
        /// The value.
        at: Range<usize>,
        /// The new one.
        value: Json,
    },
    /// Another name of a member.
    Rename {
        /// Its key.
        key: Range<usize>,
        /// The new name.
        to: Arc<str>,
    },
    /// A member goes.
    RemoveMember {
        /// Its key.
        key: Range<usize>,
    },
    /// A member comes, behind the others.
    Add {
        /// The mapping.
        to: Range<usize>,
        /// Its name.
        name: Arc<str>,
        /// Its value.
        value: Json,
    },
    /// A value comes into the list that a mapping has under a name; the list is made where there is none, and of a single
    /// value where there is one.
    AddTo {
        /// The mapping.
        to: Range<usize>,
        /// The name of the list.
        name: Arc<str>,
        /// The value.
        value: Json,
    },
    /// An element comes.
    Insert {
        /// The list.
        list: Range<usize>,
        /// The element that it stands before; none where it is the last.
        before: Option<Range<usize>>,
        /// Its value.
        value: Json,
    },
    /// An element goes.
    RemoveElement {
        /// The list.
        list: Range<usize>,
        /// The element.
        at: Range<usize>,
    },
    /// An element stands at another place.
    Move {
        /// The list.
        list: Range<usize>,
        /// The element.
        at: Range<usize>,
        /// The element that it stands before; none where it is the last.
        before: Option<Range<usize>>,
    },
}

impl Edit {
    /// The value or key that is edited.
    pub fn place(&self) -> &Range<usize> {
        match self {
            Self::Replace { at, .. } | Self::RemoveElement { at, .. } | Self::Move { at, .. } => at,
            Self::Rename { key, .. } | Self::RemoveMember { key } => key,
            Self::Add { to, .. } | Self::AddTo { to, .. } => to,
            Self::Insert { list, .. } => list,
        }
    }
}

/// Why an edit was not made: a clause without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// A file while it is edited.
#[derive(Debug, Clone)]
pub struct Edited {
    text: String,
    tree: Branch,
    ids: Arc<Ids>,
    manner: Manner,
}

impl Edited {
    /// A file as it is.
    ///
    /// # Errors
    /// It is not YAML, or has lines that a carriage return alone ends, which nothing here knows as lines.
    pub fn new(text: &str) -> Result<Self, Refused> {
        if text.replace("\r\n", "").contains('\r') {
            let what = "a line of the file ends with a carriage return alone: save the file with line feeds";
            return Err(Refused(what.to_owned()));
        }
        let node = parse(FileId::default(), text).map_err(|problems| {
            let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            Refused(format!("the file cannot be read: {first}"))
        })?;
        let mut ids = Ids::default();
        let tree = Branch::numbered(&node, &mut ids);
        let manner = patch::manner(text, &tree);
        Ok(Self { text: text.to_owned(), tree, ids: Arc::new(ids), manner })
    }

    /// The text with the edits that were made.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the value or key at a place, or what is around it, is shown at more than one place of the file, through
    /// an alias or a merge.
    pub fn is_shared(&self, place: &Range<usize>) -> bool {
        [What::Value, What::Collection, What::Key]
            .into_iter()
            .filter_map(|what| self.ids.find(place, what))
            .any(|id| self.ids.is_shared(id))
    }

    /// Where a value or key stands now that stood at this place of the first text; nothing where it stands no more.
    pub fn now_at(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let value = |what| {
            let id = self.ids.find(place, what)?;
            self.tree.find(id)?.last().map(|value| value.span.clone())
        };
        let key = || {
            let (path, at) = self.tree.find_key(self.ids.find(place, What::Key)?)?;
            path.last()?.own().get(at).map(|member| member.at.clone())
        };
        value(What::Value).or_else(key)
    }

    /// Makes an edit.
    ///
    /// # Errors
    /// It cannot be made, or what came of it would not be what was meant: then nothing has changed.
    pub fn apply(&mut self, edit: &Edit) -> Result<(), Refused> {
        let before = self.clone();
        self.attempt(edit).inspect_err(|_| *self = before)
    }

    fn attempt(&mut self, edit: &Edit) -> Result<(), Refused> {
        let find = |place: &Range<usize>, what: What| {
            let id = self.ids.find(place, what);
            id.ok_or_else(|| Refused("the place is not in the file".to_owned()))
        };
        match edit {
            Edit::Replace { at, value } => {
                let id = find(at, What::Value)?;
                self.replace(id, value)
            }
            Edit::Rename { key, to } => {
                let id = find(key, What::Key)?;
                let (path, at) = self.tree.find_key(id).ok_or_else(gone)?;
                let patches = patch::rename(&self.text, &path, at, to);
                self.try_all(patches, |tree| {
                    tree.change_key(id, &mut |members, at| members[at].key = to.clone());
                })
            }
            Edit::RemoveMember { key } => {
                let id = find(key, What::Key)?;
                let (path, at) = self.tree.find_key(id).ok_or_else(gone)?;
                let patches = patch::remove_member(&self.text, &path, at);
                self.try_all(patches, |tree| {
                    tree.change_key(id, &mut |members, at| drop(members.remove(at)));
                })
            }
            Edit::Add { to, name, value } => {
                let id = find(to, What::Collection)?;
                self.add(id, name, value)
            }
            Edit::AddTo { to, name, value } => {
                let id = find(to, What::Collection)?;
                self.add_to(id, name, value)
            }
            Edit::Insert { list, before, value } => {
                let list = find(list, What::Collection)?;
                let before = before.as_ref().map(|before| find(before, What::Value)).transpose()?;
                self.insert(list, before, &Branch::new(value))
            }
            Edit::RemoveElement { at, .. } => {
                let id = find(at, What::Value)?;
                self.remove_element(id)
            }
            Edit::Move { list, at, before } => {
                let list = find(list, What::Collection)?;
                let id = find(at, What::Value)?;
                let before = before.as_ref().map(|before| find(before, What::Value)).transpose()?;
                self.move_element(list, id, before)
            }
        }
    }

    fn add(&mut self, id: usize, name: &Arc<str>, value: &Json) -> Result<(), Refused> {
        let path = self.tree.find(id).ok_or_else(gone)?;
        let patches = patch::add(&self.text, &path, name, value, self.manner);
        self.try_all(patches, |tree| {
            let member = Member { id: None, key: name.clone(), at: 0..0, merged: false, value: Branch::new(value) };
            tree.change(id, &mut |map| {
                if let Form::Map(members) = &mut map.form {
                    // What `<<` brings stands behind what is written.
                    let own = members.iter().take_while(|member| !member.merged).count();
                    members.insert(own, member.clone());
                }
            });
        })
    }

    fn add_to(&mut self, id: usize, name: &Arc<str>, value: &Json) -> Result<(), Refused> {
        let mut path = self.tree.find(id).ok_or_else(gone)?;
        let known = path.last().and_then(|map| map.own().into_iter().find(|member| member.key == *name));
        let Some(known) = known else { return self.add(id, name, &Json::array([value.clone()])) };
        let list = match &known.value.form {
            Form::List(items) => Json::array(items.iter().map(Branch::to_json).chain([value.clone()])),
            _ => Json::array([known.value.to_json(), value.clone()]),
        };
        path.push(&known.value);
        let patches = match &known.value.form {
            Form::List(items) => patch::insert(&self.text, &path, items.len(), value, self.manner),
            _ => patch::replace(&self.text, &path, &list, self.manner),
        };
        self.try_all(patches, |tree| {
            tree.change(id, &mut |map| {
                if let Form::Map(members) = &mut map.form
                    && let Some(member) = members.iter_mut().find(|member| member.key == *name)
                {
                    member.value.form = Branch::new(&list).form;
                }
            });
        })
    }

    fn replace(&mut self, id: usize, value: &Json) -> Result<(), Refused> {
        let path = self.tree.find(id).ok_or_else(gone)?;
        let patches = patch::replace(&self.text, &path, value, self.manner);
        self.try_all(patches, |tree| {
            tree.change(id, &mut |branch| branch.form = Branch::new(value).form);
        })
    }

    fn insert(&mut self, list: usize, before: Option<usize>, value: &Branch) -> Result<(), Refused> {
        let path = self.tree.find(list).ok_or_else(gone)?;
        let place = |items: &[Branch]| match before {
            Some(before) => items.iter().position(|item| item.id == Some(before)),
            None => Some(items.len()),
        };
        let at = path.last().and_then(|list| place(list.items())).ok_or_else(gone)?;
        let patches = patch::insert(&self.text, &path, at, &value.to_json(), self.manner);
        self.try_all(patches, |tree| {
            tree.change(list, &mut |list| {
                if let Form::List(items) = &mut list.form {
                    items.insert(at.min(items.len()), value.clone());
                }
            });
        })
    }

    fn move_element(&mut self, list: usize, id: usize, before: Option<usize>) -> Result<(), Refused> {
        let path = self.tree.find(list).ok_or_else(gone)?;
        let items = path.last().map(|list| list.items()).unwrap_or_default();
        let place = |id: usize| items.iter().position(|item| item.id == Some(id) && !item.alias).ok_or_else(gone);
        let from = place(id)?;
        let to = before.map_or(Ok(items.len()), place)?;
        let element = items[from].clone();
        let patches = patch::move_lines(&self.text, &path, from, to);
        let with_its_lines = self.try_all(patches, |tree| {
            tree.change(list, &mut |list| {
                if let Form::List(items) = &mut list.form
                    && from.max(to.saturating_sub(1)) < items.len()
                {
                    let element = items.remove(from);
                    items.insert(if to > from { to - 1 } else { to }, element);
                }
            });
        });
        with_its_lines.or_else(|_| {
            self.insert(list, before, &Branch::new(&element.to_json()))?;
            self.remove_element(id)
        })
    }

    fn remove_element(&mut self, id: usize) -> Result<(), Refused> {
        let path = self.tree.find(id).ok_or_else(gone)?;
        let [.., list, _] = &path[..] else { return Err(gone()) };
        let at = list.items().iter().position(|item| item.id == Some(id) && !item.alias).ok_or_else(gone)?;
        let list_id = list.id;
        let patches = patch::remove_element(&self.text, &path, at);
        self.try_all(patches, |tree| {
            let remove = &mut |list: &mut Branch| {
                // A list that is written in the same bytes as another, a list of that list alone, is not meant.
                if let Form::List(items) = &mut list.form
                    && at < items.len()
                {
                    items.remove(at);
                }
            };
            if let Some(list) = list_id {
                tree.change(list, remove);
            }
        })
    }

    /// Makes the first of several patches that gives what was meant.
    fn try_all(&mut self, patches: Vec<Patch>, intend: impl FnOnce(&mut Branch)) -> Result<(), Refused> {
        let mut intended = self.tree.clone();
        intend(&mut intended);
        for patch in patches {
            let Some(text) = patch.applied(&self.text) else { continue };
            let Ok(node) = parse(FileId::default(), &text) else { continue };
            let mut tree = intended.clone();
            if tree.settle(Branch::plain(&node)) {
                (self.text, self.tree) = (text, tree);
                return Ok(());
            }
        }
        Err(Refused("there is no way to write it here that would be read as it is meant".to_owned()))
    }
}

fn gone() -> Refused {
    Refused("the place is brought by an alias, or another edit has changed it".to_owned())
}

#[cfg(test)]
mod tests;
