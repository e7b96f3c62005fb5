//! Objects: members in the order they came, found by name without a scan where there are many.

use std::sync::Arc;

use super::Json;

/// Above this many members a name is looked up in an index instead of by a scan.
const SCAN_LIMIT: usize = 12;

/// The members of a JSON object, in the order they came, each name once.
///
/// One pointer, so that a [`Json`] is three words: the numbers of a large list weigh what the widest form does.
#[derive(Debug, Clone, Default)]
pub struct Object(Option<Box<Content>>);

#[derive(Debug, Clone)]
struct Content {
    members: Box<[(Arc<str>, Json)]>,
    /// Positions of the members sorted by name; empty where a scan is quicker.
    index: Box<[u32]>,
}

impl Object {
    fn members(&self) -> &[(Arc<str>, Json)] {
        self.0.as_ref().map_or(&[], |content| &content.members)
    }

    /// The value of that name.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.position(key).map(|at| &self.members()[at].1)
    }

    /// Where the member of that name stands in the order of the members.
    pub fn position(&self, key: &str) -> Option<usize> {
        let Content { members, index } = &**self.0.as_ref()?;
        if index.is_empty() {
            return members.iter().position(|(name, _)| &**name == key);
        }
        let found = index.binary_search_by(|at| (*members[*at as usize].0).cmp(key)).ok()?;
        Some(index[found] as usize)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    /// The members in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> + DoubleEndedIterator {
        self.members().iter().map(|(key, value)| (&**key, value))
    }

    /// The same members with one replaced or, without a value, left out.
    #[must_use]
    pub fn changed(&self, at: usize, value: Option<Json>) -> Self {
        let mut members = self.members().to_vec();
        match value {
            Some(value) => members[at].1 = value,
            None => drop(members.remove(at)),
        }
        ObjectBuilder { members }.finish()
    }

    /// The same members with one more behind them.
    #[must_use]
    pub fn and(&self, name: &str, value: Json) -> Self {
        let mut members = self.members().to_vec();
        members.push((name.into(), value));
        ObjectBuilder { members }.finish()
    }

    /// The members in their order, taken out.
    pub fn into_members(self) -> impl ExactSizeIterator<Item = (Arc<str>, Json)> {
        self.0.map_or_else(Vec::new, |content| content.members.into_vec()).into_iter()
    }

    /// The names in their order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.members().iter().map(|(key, _)| &**key)
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

/// Collects members into an [`Object`].
#[derive(Debug, Default)]
pub struct ObjectBuilder {
    members: Vec<(Arc<str>, Json)>,
}

impl ObjectBuilder {
    /// Adds a member. Of two members with one name the later stands, at the place of the earlier.
    pub fn push(&mut self, key: Arc<str>, value: Json) {
        self.members.push((key, value));
    }

    /// The object of what was added.
    pub fn finish(self) -> Object {
        self.finish_telling().0
    }

    /// The object of what was added, and a name that was added twice, if one was.
    pub(super) fn finish_telling(mut self) -> (Object, Option<Arc<str>>) {
        let mut twice = None;
        if self.members.len() <= SCAN_LIMIT {
            let mut at = 1;
            while at < self.members.len() {
                let (before, after) = self.members.split_at_mut(at);
                if let Some(earlier) = before.iter_mut().find(|(key, _)| *key == after[0].0) {
                    earlier.1 = std::mem::take(&mut after[0].1);
                    twice = Some(self.members.remove(at).0);
                } else {
                    at += 1;
                }
            }
            return (self.boxed(Vec::new()), twice);
        }
        let mut index = self.sorted();
        let repeated = index.windows(2).any(|pair| self.name(pair[0]) == self.name(pair[1]));
        if repeated {
            let mut dropped = vec![false; self.members.len()];
            for pair in index.windows(2).rev() {
                // From the last of a run to its first: the value of the last travels to the first.
                let (earlier, later) = (pair[0] as usize, pair[1] as usize);
                if self.members[earlier].0 == self.members[later].0 {
                    self.members[earlier].1 = std::mem::take(&mut self.members[later].1);
                    dropped[later] = true;
                    twice = Some(self.members[later].0.clone());
                }
            }
            let mut dropped = dropped.into_iter();
            self.members.retain(|_| !dropped.next().unwrap_or(false));
            index = self.sorted();
        }
        (self.boxed(index), twice)
    }

    fn boxed(self, index: Vec<u32>) -> Object {
        if self.members.is_empty() {
            return Object::default();
        }
        Object(Some(Box::new(Content { members: self.members.into(), index: index.into() })))
    }

    fn name(&self, at: u32) -> &str {
        &self.members[at as usize].0
    }

    /// Positions by name, and by place where a name stands twice.
    fn sorted(&self) -> Vec<u32> {
        let mut index: Vec<u32> = (0..u32::try_from(self.members.len()).unwrap_or(u32::MAX)).collect();
        index.sort_by(|a, b| self.name(*a).cmp(self.name(*b)));
        index
    }
}
