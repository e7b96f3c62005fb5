//! The tree that an edit goes by: every value knows whether it stands where it seems to, or is brought by an alias, and
//! keeps its number while the text around it changes.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::json::Json;
use crate::source::{Kind, Node, Style};

/// A value.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    /// The number of the value as it was first read; an alias has that of what it stands for. None of what is new.
    pub(super) id: Option<usize>,
    pub(super) span: Range<usize>,
    pub(super) style: Style,
    /// Whether it stands somewhere else.
    pub(super) alias: bool,
    pub(super) form: Form,
}

#[derive(Debug, Clone)]
pub(super) enum Form {
    Scalar(Json),
    List(Vec<Branch>),
    Map(Vec<Member>),
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) id: Option<usize>,
    pub(super) key: Arc<str>,
    pub(super) at: Range<usize>,
    /// Whether `<<` brings it.
    pub(super) merged: bool,
    pub(super) value: Branch,
}

/// The numbers of values, by their places in the text that was read first.
#[derive(Debug, Default)]
pub(super) struct Ids {
    values: HashMap<(Range<usize>, u8), usize>,
    /// How often a value stands in the tree.
    uses: Vec<usize>,
}

impl Ids {
    /// The value, or the key, at exactly this place.
    pub(super) fn find(&self, place: &Range<usize>, what: What) -> Option<usize> {
        let kinds: &[u8] = match what {
            What::Value => &[1, 2, 0],
            What::Collection => &[1, 2],
            What::Key => &[3],
        };
        kinds.iter().find_map(|kind| self.values.get(&(place.clone(), *kind)).copied())
    }

    /// Whether more than one place of the file shows this value.
    pub(super) fn is_shared(&self, id: usize) -> bool {
        self.uses.get(id).is_some_and(|uses| *uses > 1)
    }

    fn number(&mut self, place: &Range<usize>, kind: u8) -> usize {
        let next = self.values.len();
        let id = *self.values.entry((place.clone(), kind)).or_insert(next);
        if id == self.uses.len() {
            self.uses.push(0);
        }
        self.uses[id] += 1;
        id
    }
}

/// What is looked for at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Value,
    Collection,
    Key,
}

impl Branch {
    /// The tree of a document, its values numbered.
    pub(super) fn numbered(node: &Node, ids: &mut Ids) -> Self {
        Self::of(node, &mut 0, false, &mut |place, kind| Some(ids.number(place, kind)))
    }

    /// The tree of a document that was read again.
    pub(super) fn plain(node: &Node) -> Self {
        Self::of(node, &mut 0, false, &mut |_, _| None)
    }

    /// `cursor` is how far the text has been gone through: what stands before it, an alias brings.
    fn of(
        node: &Node,
        cursor: &mut usize,
        elsewhere: bool,
        number: &mut impl FnMut(&Range<usize>, u8) -> Option<usize>,
    ) -> Self {
        let span = node.span.range();
        let alias = elsewhere || span.start < *cursor;
        let mut inner = if alias { usize::MAX } else { span.start };
        let kind = match node.kind {
            Kind::Sequence(_) => 1,
            Kind::Mapping(_) => 2,
            _ => 0,
        };
        let id = number(&span, kind);
        let form = match &node.kind {
            Kind::Sequence(items) => {
                Form::List(items.iter().map(|item| Self::of(item, &mut inner, alias, number)).collect())
            }
            Kind::Mapping(entries) => Form::Map(
                entries
                    .iter()
                    .map(|entry| {
                        let at = entry.key.span.range();
                        let merged = alias || at.start < inner;
                        if !merged {
                            inner = at.end;
                        }
                        let id = number(&at, 3);
                        let value = Self::of(&entry.value, &mut inner, merged, number);
                        Member { id, key: entry.key.value.clone(), at, merged, value }
                    })
                    .collect(),
            ),
            _ => Form::Scalar(node.to_json()),
        };
        if !alias {
            *cursor = (*cursor).max(span.end).max(inner);
        }
        Self { id, span, style: node.style, alias, form }
    }

    /// A value that stands nowhere yet.
    pub(super) fn new(value: &Json) -> Self {
        let form = match value {
            Json::Array(items) => Form::List(items.iter().map(Self::new).collect()),
            Json::Object(object) => Form::Map(
                object
                    .iter()
                    .map(|(key, value)| Member {
                        id: None,
                        key: key.into(),
                        at: 0..0,
                        merged: false,
                        value: Self::new(value),
                    })
                    .collect(),
            ),
            scalar => Form::Scalar(scalar.clone()),
        };
        Self { id: None, span: 0..0, style: Style::Plain, alias: false, form }
    }

    pub(super) fn to_json(&self) -> Json {
        match &self.form {
            Form::Scalar(value) => value.clone(),
            Form::List(items) => Json::array(items.iter().map(Self::to_json)),
            Form::Map(members) => {
                Json::object(members.iter().map(|member| (member.key.clone(), member.value.to_json())))
            }
        }
    }

    pub(super) fn is_block(&self) -> bool {
        self.style == Style::Block
    }

    pub(super) fn is_empty_collection(&self) -> bool {
        match &self.form {
            Form::Scalar(_) => false,
            Form::List(items) => items.is_empty(),
            Form::Map(members) => members.is_empty(),
        }
    }

    /// The members that stand in the mapping itself.
    pub(super) fn own(&self) -> Vec<&Member> {
        match &self.form {
            Form::Map(members) => members.iter().filter(|member| !member.merged).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn items(&self) -> &[Branch] {
        match &self.form {
            Form::List(items) => items,
            _ => &[],
        }
    }

    /// Where a value stands itself: the collections around it from the outermost, and the value.
    pub(super) fn find(&self, id: usize) -> Option<Vec<&Branch>> {
        if self.alias {
            return None;
        }
        if self.id == Some(id) {
            return Some(vec![self]);
        }
        let below = match &self.form {
            Form::Scalar(_) => None,
            Form::List(items) => items.iter().find_map(|item| item.find(id)),
            Form::Map(members) => {
                members.iter().filter(|member| !member.merged).find_map(|member| member.value.find(id))
            }
        };
        below.map(|mut path| {
            path.insert(0, self);
            path
        })
    }

    /// The mapping that a key stands in.
    pub(super) fn find_key(&self, id: usize) -> Option<(Vec<&Branch>, usize)> {
        if self.alias {
            return None;
        }
        let below = match &self.form {
            Form::Scalar(_) => None,
            Form::List(items) => items.iter().find_map(|item| item.find_key(id)),
            Form::Map(_) => {
                let own = self.own();
                if let Some(at) = own.iter().position(|member| member.id == Some(id)) {
                    return Some((vec![self], at));
                }
                own.into_iter().find_map(|member| member.value.find_key(id))
            }
        };
        below.map(|(mut path, at)| {
            path.insert(0, self);
            (path, at)
        })
    }

    /// Changes every value of that number: the one that stands there, and those that aliases bring.
    pub(super) fn change(&mut self, id: usize, with: &mut impl FnMut(&mut Branch)) {
        if self.id == Some(id) {
            return with(self);
        }
        match &mut self.form {
            Form::Scalar(_) => {}
            Form::List(items) => items.iter_mut().for_each(|item| item.change(id, with)),
            Form::Map(members) => members.iter_mut().for_each(|member| member.value.change(id, with)),
        }
    }

    /// Changes every mapping that has a key of that number.
    pub(super) fn change_key(&mut self, id: usize, with: &mut impl FnMut(&mut Vec<Member>, usize)) {
        match &mut self.form {
            Form::Scalar(_) => {}
            Form::List(items) => items.iter_mut().for_each(|item| item.change_key(id, with)),
            Form::Map(members) => {
                if let Some(at) = members.iter().position(|member| member.id == Some(id)) {
                    return with(members, at);
                }
                members.iter_mut().for_each(|member| member.value.change_key(id, with));
            }
        }
    }

    /// Takes over the places of a tree that was read, if it is the same but for them.
    pub(super) fn settle(&mut self, read: Branch) -> bool {
        (self.span, self.style, self.alias) = (read.span, read.style, read.alias);
        match (&mut self.form, read.form) {
            (Form::Scalar(value), Form::Scalar(read)) => *value == read,
            (Form::List(items), Form::List(read)) => {
                items.len() == read.len() && items.iter_mut().zip(read).all(|(item, read)| item.settle(read))
            }
            (Form::Map(members), Form::Map(read)) => {
                members.len() == read.len()
                    && members.iter_mut().zip(read).all(|(member, read)| {
                        (member.at, member.merged) = (read.at, read.merged);
                        member.key == read.key && member.value.settle(read.value)
                    })
            }
            _ => false,
        }
    }
}
