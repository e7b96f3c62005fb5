//! What an expression refers to, read off its syntax tree: so that a typo is found before any call is made.

use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::ast::{CallArg, Expr, Stmt};

use super::engine;

/// A name that an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The dotted name, taken apart: `steps.create.response` is three.
    pub path: Vec<Arc<str>>,
    /// Where it stands in the expression.
    pub range: Range<usize>,
    /// What is referred to.
    pub(super) kind: Kind,
    /// Whether the expression copes with it being undefined (`default`, `is defined`).
    pub guarded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Variable,
    Filter,
    Test,
    Function,
    /// A method of `fake`.
    Fake,
}

impl Reference {
    /// Whether it is a variable that a scope must know.
    pub fn is_variable(&self) -> bool {
        self.kind == Kind::Variable && !engine::is_global(&self.path[0])
    }
}

/// All variables and filters of an expression, in the order they stand.
pub(super) fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    if let Some(tree) = engine::tree(text) {
        visit(&tree, text, false, &mut found);
    }
    found
}

/// The functions, filters and tests of a template with blocks. Its variables are the engine's matter: a block defines
/// some of its own.
pub(super) fn names_of_blocks(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    if let Ok(tree) = minijinja::machinery::parse(text, "template", Default::default()) {
        visit_block(&tree, text, &mut found);
    }
    found.retain(|reference| reference.kind != Kind::Variable);
    found
}

fn visit_block(block: &Stmt<'_>, text: &str, found: &mut Vec<Reference>) {
    let (expressions, bodies): (Vec<&Expr<'_>>, Vec<&[Stmt<'_>]>) = match block {
        Stmt::Template(node) => (Vec::new(), vec![&node.children]),
        Stmt::EmitExpr(node) => (vec![&node.expr], Vec::new()),
        Stmt::ForLoop(node) => {
            let expressions = std::iter::once(&node.iter).chain(&node.filter_expr).collect();
            (expressions, vec![&node.body, &node.else_body])
        }
        Stmt::IfCond(node) => (vec![&node.expr], vec![&node.true_body, &node.false_body]),
        Stmt::WithBlock(node) => (node.assignments.iter().map(|(_, value)| value).collect(), vec![&node.body]),
        Stmt::Set(node) => (vec![&node.expr], Vec::new()),
        Stmt::SetBlock(node) => (node.filter.iter().collect(), vec![&node.body]),
        Stmt::AutoEscape(node) => (vec![&node.enabled], vec![&node.body]),
        Stmt::FilterBlock(node) => (vec![&node.filter], vec![&node.body]),
        _ => (Vec::new(), Vec::new()),
    };
    for expression in expressions {
        visit(expression, text, true, found);
    }
    for inner in bodies.into_iter().flatten() {
        visit_block(inner, text, found);
    }
}

fn visit(expr: &Expr<'_>, text: &str, guarded: bool, found: &mut Vec<Reference>) {
    if let Some((path, range)) = dotted(expr) {
        found.push(Reference { path, range, kind: Kind::Variable, guarded });
        return;
    }
    match expr {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(node) => {
            visit(&node.expr, text, guarded, found);
            for part in [&node.start, &node.stop, &node.step].into_iter().flatten() {
                visit(part, text, guarded, found);
            }
        }
        Expr::UnaryOp(node) => visit(&node.expr, text, guarded, found),
        Expr::BinOp(node) => {
            visit(&node.left, text, guarded, found);
            visit(&node.right, text, guarded, found);
        }
        Expr::Compare(node) => {
            visit(&node.expr, text, guarded, found);
            node.ops.iter().for_each(|op| visit(&op.expr, text, guarded, found));
        }
        Expr::IfExpr(node) => {
            visit(&node.test_expr, text, guarded, found);
            visit(&node.true_expr, text, true, found);
            if let Some(other) = &node.false_expr {
                visit(other, text, true, found);
            }
        }
        Expr::Filter(node) => {
            let copes = matches!(node.name, "default" | "d");
            if let Some(inner) = &node.expr {
                visit(inner, text, guarded || copes, found);
            }
            // The engine knows where the whole expression stands; the filter's name is the last in its front part.
            let whole = engine::bytes(node.span());
            let range = named(text, whole, node.name);
            found.push(Reference { path: vec![node.name.into()], range, kind: Kind::Filter, guarded });
            node.args.iter().for_each(|arg| visit_argument(arg, text, guarded, found));
        }
        Expr::Test(node) => {
            visit(&node.expr, text, guarded || matches!(node.name, "defined" | "undefined"), found);
            let whole = engine::bytes(node.span());
            let range = named(text, whole, node.name);
            found.push(Reference { path: vec![node.name.into()], range, kind: Kind::Test, guarded });
            node.args.iter().for_each(|arg| visit_argument(arg, text, guarded, found));
        }
        Expr::GetAttr(node) => visit(&node.expr, text, guarded, found),
        Expr::GetItem(node) => {
            visit(&node.expr, text, guarded, found);
            visit(&node.subscript_expr, text, guarded, found);
        }
        Expr::Call(node) => {
            match &node.expr {
                // A method: what it is called on must exist, the method is the engine's matter.
                Expr::GetAttr(method) => {
                    visit(&method.expr, text, guarded, found);
                    if matches!(&method.expr, Expr::Var(on) if on.id == "fake") {
                        let range = engine::bytes(method.span());
                        found.push(Reference { path: vec![method.name.into()], range, kind: Kind::Fake, guarded });
                    }
                }
                Expr::Var(function) => {
                    let range = engine::bytes(function.span());
                    found.push(Reference { path: vec![function.id.into()], range, kind: Kind::Function, guarded });
                }
                function => visit(function, text, guarded, found),
            }
            node.args.iter().for_each(|arg| visit_argument(arg, text, guarded, found));
        }
        Expr::List(node) => node.items.iter().for_each(|item| visit(item, text, guarded, found)),
        Expr::Tuple(node) => node.items.iter().for_each(|item| visit(item, text, guarded, found)),
        Expr::Map(node) => {
            node.keys.iter().chain(&node.values).for_each(|item| visit(item, text, guarded, found));
        }
    }
}

/// Where a name stands within a part of the text; all of the part where it is not found.
fn named(text: &str, part: Range<usize>, name: &str) -> Range<usize> {
    let found = text.get(part.clone()).and_then(|inner| inner.find(name));
    found.map_or(part.clone(), |at| part.start + at..part.start + at + name.len())
}

fn visit_argument(argument: &CallArg<'_>, text: &str, guarded: bool, found: &mut Vec<Reference>) {
    match argument {
        CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
            visit(expr, text, guarded, found);
        }
    }
}

/// A plain dotted name, with its place.
fn dotted(expr: &Expr<'_>) -> Option<(Vec<Arc<str>>, Range<usize>)> {
    match expr {
        Expr::Var(node) => Some((vec![node.id.into()], engine::bytes(node.span()))),
        Expr::GetAttr(node) => {
            let (mut path, range) = dotted(&node.expr)?;
            path.push(node.name.into());
            Some((path, range.start..engine::bytes(node.span()).end.max(range.end)))
        }
        _ => None,
    }
}
