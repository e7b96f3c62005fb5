//! What is not looked at, on either side. Paths are asked of the value that came and of what is expected, so that a
//! member is ignored whether it is there or not.

use std::collections::{HashMap, HashSet};

use crate::json::{Json, ObjectBuilder};
use crate::jsonpath::{JsonPath, PathElement};
use crate::scenario::expected::{Expected, Operators, Tree};
use crate::source::Spanned;

/// The values that are not looked at, by their addresses. They stay where they are while they are compared.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    expected: HashSet<usize>,
    actual: HashSet<usize>,
}

impl Ignored {
    /// What these paths name. Gives the paths, by their places in the list, that name nothing.
    pub(super) fn of(paths: &[Spanned<JsonPath>], expected: &Expected, actual: Option<&Json>) -> (Self, Vec<usize>) {
        let skeleton = skeleton(expected);
        let (mut ignored, mut idle) = (Self::default(), Vec::new());
        for (at, path) in paths.iter().enumerate() {
            let before = ignored.len();
            if let Some(actual) = actual {
                ignored.actual.extend(path.values(actual).into_iter().map(|value| std::ptr::from_ref(value).addr()));
            }
            let mut found: HashMap<usize, (usize, usize)> = HashMap::new();
            for node in path.nodes(&skeleton) {
                if let Some((value, copies)) = locate(expected, node.path.elements()) {
                    found.entry(std::ptr::from_ref(value).addr()).or_insert((copies, 0)).1 += 1;
                }
            }
            // What stands for any number of elements is ignored only if it is at every place.
            let everywhere = found.into_iter().filter(|(_, (copies, times))| times >= copies);
            ignored.expected.extend(everywhere.map(|(address, _)| address));
            if ignored.len() == before {
                idle.push(at);
            }
        }
        (ignored, idle)
    }

    fn len(&self) -> usize {
        self.expected.len() + self.actual.len()
    }

    pub(super) fn has_expected(&self, value: &Expected) -> bool {
        self.expected.contains(&std::ptr::from_ref(value).addr())
    }

    pub(super) fn has_actual(&self, value: &Json) -> bool {
        self.actual.contains(&std::ptr::from_ref(value).addr())
    }
}

/// What is expected as a document that paths can be asked of: a matcher is its text. Elements that stand at no place of
/// their own, as that of `$each`, are there twice, so that a path with an index does not find all of them.
pub(super) fn skeleton(expected: &Expected) -> Json {
    match &expected.tree {
        Tree::Null => Json::Null,
        Tree::Bool(value) => Json::Bool(*value),
        Tree::Number(number) => Json::Number(number.clone()),
        Tree::String(text) => Json::from(&**text),
        Tree::Template(template) => Json::from(template.text()),
        Tree::Matcher(matcher) => Json::from(matcher.to_string()),
        Tree::Array(items) => Json::array(items.iter().map(skeleton)),
        Tree::Object(members) => {
            let mut object = ObjectBuilder::default();
            for member in members.iter() {
                object.push(member.key.value.clone(), skeleton(&member.value));
            }
            Json::Object(object.finish())
        }
        Tree::Operators(operators) => match &operators.exactly {
            Some(tree) => skeleton(tree),
            None => {
                let elements: Vec<Json> = elements(operators).into_iter().map(skeleton).collect();
                Json::array(elements.iter().chain(&elements).cloned())
            }
        },
    }
}

/// The elements that operators speak of without a place.
fn elements(operators: &Operators) -> Vec<&Expected> {
    let listed = match operators.unordered.as_ref().map(|tree| &tree.tree) {
        Some(Tree::Array(items)) => &items[..],
        _ => &[],
    };
    listed.iter().chain(&operators.each).chain(&operators.contains).collect()
}

/// The node at a place of the skeleton, and how often it is in there.
fn locate<'e>(mut expected: &'e Expected, path: &[PathElement]) -> Option<(&'e Expected, usize)> {
    let mut copies = 1;
    for element in path {
        while let Tree::Operators(operators) = &expected.tree
            && let Some(inner) = &operators.exactly
        {
            expected = inner;
        }
        expected = match (&expected.tree, element) {
            (Tree::Object(members), PathElement::Name(name)) => {
                &members.iter().find(|member| *member.key.value == **name)?.value
            }
            (Tree::Array(items), PathElement::Index(index)) => items.get(*index)?,
            (Tree::Operators(operators), PathElement::Index(index)) => {
                let elements = elements(operators);
                copies *= 2;
                elements.get(index % elements.len().max(1)).copied()?
            }
            _ => return None,
        };
    }
    Some((expected, copies))
}
