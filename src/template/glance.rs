//! What an expression looks at: the places below each variable whose values decide what comes out. Read off the syntax
//! tree, through the filters that only pick and rename (`json.items | map(attribute="id") | first`).

use std::sync::Arc;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Filter, UnaryOpKind};

use super::engine;

/// A place that an expression looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// The variable.
    pub root: Arc<str>,
    /// The way from it to the place.
    pub path: Vec<Segment>,
    /// What of it matters.
    pub of: Aspect,
}

/// A step on the way to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The member of that name.
    Name(Box<str>),
    /// The element at that place, from 0.
    Index(usize),
    /// Every element, or one that only the run knows.
    Each,
}

/// What of a place matters to an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Only that it is there: `is defined`.
    Presence,
    /// The value itself, and nothing below it: how long it is, whether it is empty.
    Itself,
    /// The value and all below it.
    Whole,
}

/// Everything that an expression looks at, in the order it stands.
pub(super) fn glances(text: &str) -> Vec<Glance> {
    let mut looking = Looking::default();
    if let Some(tree) = engine::tree(text) {
        looking.truth(&tree);
    }
    looking.found
}

#[derive(Default)]
struct Looking {
    found: Vec<Glance>,
}

/// The place that an expression is the value of.
#[derive(Clone)]
struct Place {
    root: Arc<str>,
    path: Vec<Segment>,
    /// Whether the value is the list of all values at the place, as after `map(attribute=…)`.
    spread: bool,
}

impl Place {
    fn below(mut self, part: Segment) -> Self {
        // An element of the list of values is one of the values.
        if !std::mem::take(&mut self.spread) || matches!(part, Segment::Name(_)) {
            self.path.push(part);
        }
        self
    }

    /// The elements' member of that dotted name.
    fn attribute(self, dotted: &str) -> Self {
        let mut place = self.below(Segment::Each);
        place.path.extend(dotted.split('.').map(|name| Segment::Name(name.into())));
        Self { spread: true, ..place }
    }
}

impl Looking {
    /// Notes that a value matters by whether it is true.
    fn truth(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::UnaryOp(node) if matches!(node.op, UnaryOpKind::Not) => self.truth(&node.expr),
            Expr::BinOp(node) if matches!(node.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.truth(&node.left);
                self.truth(&node.right);
            }
            _ => {
                let place = self.place(expr);
                self.note(place, Aspect::Itself);
            }
        }
    }

    /// Notes that a value matters, whatever is done with it.
    fn whole(&mut self, expr: &Expr<'_>) {
        let place = self.place(expr);
        self.note(place, Aspect::Whole);
    }

    fn note(&mut self, place: Option<Place>, of: Aspect) {
        if let Some(Place { root, path, .. }) = place {
            self.found.push(Glance { root, path, of });
        }
    }

    /// The place that an expression is the value of; what it looks at besides is noted.
    fn place(&mut self, expr: &Expr<'_>) -> Option<Place> {
        match expr {
            Expr::Var(node) => Some(Place { root: node.id.into(), path: Vec::new(), spread: false }),
            Expr::GetAttr(node) => Some(self.place(&node.expr)?.below(Segment::Name(node.name.into()))),
            Expr::GetItem(node) => {
                let place = self.place(&node.expr);
                let part = match &node.subscript_expr {
                    Expr::Const(constant) => match (constant.value.as_str(), constant.value.as_usize()) {
                        (Some(name), _) => Segment::Name(name.into()),
                        (_, Some(index)) => Segment::Index(index),
                        _ => Segment::Each,
                    },
                    subscript => {
                        self.whole(subscript);
                        Segment::Each
                    }
                };
                Some(place?.below(part))
            }
            Expr::Slice(node) => {
                [&node.start, &node.stop, &node.step].into_iter().flatten().for_each(|part| self.whole(part));
                self.place(&node.expr)
            }
            Expr::Filter(node) => self.filter(node),
            Expr::Test(node) => {
                let of = match node.name {
                    "defined" | "undefined" => Aspect::Presence,
                    "in" | "eq" | "equalto" | "ne" | "sameas" | "==" | "!=" => Aspect::Whole,
                    _ => Aspect::Itself,
                };
                let place = self.place(&node.expr);
                self.note(place, of);
                self.arguments(&node.args);
                None
            }
            _ => {
                self.parts(expr);
                None
            }
        }
    }

    /// All that an expression is made of.
    fn parts(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::UnaryOp(node) => self.whole(&node.expr),
            Expr::BinOp(node) if matches!(node.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.truth(&node.left);
                self.truth(&node.right);
            }
            Expr::BinOp(node) => {
                self.whole(&node.left);
                self.whole(&node.right);
            }
            Expr::Compare(node) => {
                self.whole(&node.expr);
                node.ops.iter().for_each(|op| self.whole(&op.expr));
            }
            Expr::IfExpr(node) => {
                self.truth(&node.test_expr);
                self.whole(&node.true_expr);
                node.false_expr.iter().for_each(|other| self.whole(other));
            }
            Expr::Call(node) => {
                match &node.expr {
                    Expr::GetAttr(method) => self.whole(&method.expr),
                    Expr::Var(_) => {}
                    function => self.whole(function),
                }
                self.arguments(&node.args);
            }
            Expr::List(node) => node.items.iter().for_each(|item| self.whole(item)),
            Expr::Tuple(node) => node.items.iter().for_each(|item| self.whole(item)),
            Expr::Map(node) => node.keys.iter().chain(&node.values).for_each(|item| self.whole(item)),
            _ => {}
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            let (CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr)) =
                argument;
            self.whole(expr);
        }
    }

    fn filter(&mut self, node: &Filter<'_>) -> Option<Place> {
        let place = node.expr.as_ref().and_then(|inner| self.place(inner));
        self.arguments(&node.args);
        let place = place?;
        let attribute = named(&node.args, "attribute");
        match (node.name, attribute) {
            ("map", Some(attribute)) => Some(place.attribute(&attribute)),
            ("selectattr" | "rejectattr" | "groupby", _) => {
                if let Some(attribute) = first(&node.args) {
                    self.note(Some(place.clone().attribute(&attribute)), Aspect::Whole);
                }
                (node.name != "groupby").then_some(place)
            }
            ("first", _) => Some(place.below(Segment::Index(0))),
            ("last", _) => Some(place.below(Segment::Each)),
            ("list" | "sort" | "unique" | "reverse" | "default" | "d", _) => Some(place),
            ("select" | "reject", _) => {
                self.note(Some(place.clone().below(Segment::Each)), Aspect::Whole);
                Some(place)
            }
            ("length" | "count", _) => {
                self.note(Some(place), Aspect::Itself);
                None
            }
            ("sum" | "min" | "max" | "join", Some(attribute)) => {
                self.note(Some(place.attribute(&attribute)), Aspect::Whole);
                None
            }
            _ => {
                self.note(Some(place), Aspect::Whole);
                None
            }
        }
    }
}

/// A text that is given by name.
fn named(arguments: &[CallArg<'_>], name: &str) -> Option<String> {
    arguments.iter().find_map(|argument| match argument {
        CallArg::Kwarg(known, Expr::Const(constant)) if *known == name => constant.value.as_str().map(str::to_owned),
        _ => None,
    })
}

/// The first text that is given by its place.
fn first(arguments: &[CallArg<'_>]) -> Option<String> {
    arguments.iter().find_map(|argument| match argument {
        CallArg::Pos(Expr::Const(constant)) => constant.value.as_str().map(str::to_owned),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_at(text: &str) -> String {
        let glance = |glance: Glance| {
            let path = glance.path.iter().map(|part| match part {
                Segment::Name(name) => format!(".{name}"),
                Segment::Index(index) => format!("[{index}]"),
                Segment::Each => "[*]".to_owned(),
            });
            let mark = match glance.of {
                Aspect::Presence => "?",
                Aspect::Itself => "!",
                Aspect::Whole => "",
            };
            format!("{}{}{mark}", glance.root, path.collect::<String>())
        };
        glances(text).into_iter().map(glance).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn places_are_found_through_subscripts_and_filters() {
        assert_eq!(looked_at("json.a.b == rate * 3"), "json.a.b rate");
        assert_eq!(looked_at("json['odd key'][2].x in names"), "json.odd key[2].x names");
        assert_eq!(looked_at("json.items[index].id > 1"), "index json.items[*].id");
        assert_eq!(looked_at("json.items | map(attribute='a.b') | first == 3"), "json.items[*].a.b");
        assert_eq!(looked_at("json.items | map(attribute='id') | list == ids"), "json.items[*].id ids");
        assert_eq!(
            looked_at("json.items | selectattr('state', 'eq', 'OPEN') | map(attribute='id') | first == id"),
            "json.items[*].state json.items[*].id id"
        );
        assert_eq!(looked_at("(json.items | first).id is defined"), "json.items[0].id?");
        assert_eq!(looked_at("json.items | length == 3"), "json.items!");
        assert_eq!(looked_at("json.items | sum(attribute='price') > 3"), "json.items[*].price");
        assert_eq!(looked_at("json.ok and not json.error"), "json.ok! json.error!");
        assert_eq!(looked_at("json.a | default(0) == 3"), "json.a");
        assert_eq!(looked_at("steps.create.response.json.id == json.id"), "steps.create.response.json.id json.id");
        assert_eq!(looked_at("1 +"), "");
    }
}
