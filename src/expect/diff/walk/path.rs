//! The place of the walk in the document.

use crate::jsonpath::{NormalizedPath, PathElement};
use crate::source::Span;

/// Where the walk is, as a chain through its callers: no path is built before there is something to tell.
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
    /// Where the value's key was written, or the value itself where it has none.
    pub(super) span: Span,
}

enum Step<'p> {
    Root(&'p NormalizedPath),
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(super) fn root(root: &'p NormalizedPath, span: Span) -> Self {
        Self { parent: None, step: Step::Root(root), span }
    }

    pub(super) fn member(&'p self, name: &'p str, span: Span) -> Self {
        Self { parent: Some(self), step: Step::Name(name), span }
    }

    pub(super) fn element(&'p self, at: usize, span: Span) -> Self {
        Self { parent: Some(self), step: Step::Index(at), span }
    }

    /// The part of the path that says the region.
    pub(super) fn beginning(&self) -> NormalizedPath {
        let (mut here, mut first) = (self, None);
        while let Some(parent) = here.parent {
            first = Some(&here.step);
            here = parent;
        }
        let first = match (&here.step, first) {
            (Step::Root(root), _) if !root.elements().is_empty() => root.elements().first().cloned(),
            (_, Some(Step::Name(name))) => Some(PathElement::Name((*name).into())),
            _ => None,
        };
        NormalizedPath::new(first.into_iter().collect())
    }

    pub(super) fn build(&self) -> NormalizedPath {
        let mut elements = Vec::new();
        let mut next = Some(self);
        while let Some(path) = next {
            match path.step {
                Step::Name(name) => elements.push(PathElement::Name(name.into())),
                Step::Index(at) => elements.push(PathElement::Index(at)),
                Step::Root(root) => elements.extend(root.elements().iter().rev().cloned()),
            }
            next = path.parent;
        }
        elements.reverse();
        NormalizedPath::new(elements)
    }
}
