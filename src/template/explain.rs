//! The value of every part of an expression, for showing why it is false. Each part is evaluated once, out of the values of
//! its own parts, in the engine's order, and what `and`, `or` and `if` made the engine pass over is passed over here.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};

use super::noted::{self, Noted};
use super::{Scope, engine};

/// More parts than these explain nothing any more.
const MOST: usize = 100;
/// Names that hold much and say little: they are not shown where a member of theirs is.
const SPACES: [&str; 9] = ["env", "secrets", "steps", "auth", "provider", "run", "mock", "headers", "cookies"];
/// Members of an identity that are secrets.
const TOKENS: [&str; 4] = ["access_token", "refresh_token", "id_token", "token"];

/// A part of an expression and what it turned out to be.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The byte of the expression's text under which it is shown: an operator, the name of a member, a filter, a function.
    pub at: usize,
    /// What it turned out to be.
    pub seen: Seen,
}

/// What a part turned out to be.
#[derive(Debug, Clone)]
pub enum Seen {
    /// This value.
    Value(Value),
    /// This value, of which only a member is asked for.
    Whole(Value),
    /// There is no such thing.
    Undefined,
    /// Something made of a secret, which might give it away.
    Hidden,
    /// It was not needed: the other side of an `and` or `or` decided, or the other branch was taken.
    NotEvaluated,
    /// It failed, for this reason.
    Failed(String),
    /// It gives another value each time, and what it gave is not known.
    Unknown,
}

/// The comparison, or another part, that alone made the expression false.
#[derive(Debug, Clone)]
pub struct Decider {
    /// Where it stands in the expression's text.
    pub range: Range<usize>,
    /// The two sides and what stands between them, if it is a comparison that holds no secret.
    pub sides: Option<(Value, &'static str, Value)>,
}

/// Everything there is to show of an expression.
#[derive(Debug, Clone, Default)]
pub struct Explained {
    /// Its parts, in no order.
    pub parts: Vec<Shown>,
    /// What decided, if one part did.
    pub decider: Option<Decider>,
    /// What the whole of it turned out to be.
    pub whole: Option<Seen>,
}

/// Evaluates an expression part by part.
pub(super) fn explain(text: &str, scope: &Scope, noted: Noted) -> Explained {
    let Some(tree) = engine::tree(text) else { return Explained::default() };
    let (parts, bases) = (Vec::new(), Vec::new());
    let mut walk = Walk { text, scope, noted: noted.into_iter(), parts, bases, left: MOST };
    let Done { seen, secret, decider } = walk.of(&tree, false);
    let whole = Some(if secret && !matches!(tree, Expr::Compare(_)) { Seen::Hidden } else { seen });
    Explained { parts: walk.parts, decider, whole }
}

/// What became of a part.
struct Done {
    seen: Seen,
    /// Whether a secret is in it.
    secret: bool,
    decider: Option<Decider>,
}

impl Done {
    fn new(seen: Seen) -> Self {
        Self { seen, secret: false, decider: None }
    }

    fn is_true(&self) -> Option<bool> {
        match &self.seen {
            Seen::Value(value) => Some(value.is_true()),
            Seen::Undefined => Some(false),
            _ => None,
        }
    }
}

struct Walk<'w> {
    text: &'w str,
    scope: &'w Scope,
    noted: std::vec::IntoIter<(&'static str, Value)>,
    parts: Vec<Shown>,
    /// Variables that have been shown as what members are taken of: once is enough.
    bases: Vec<String>,
    left: usize,
}

impl Walk<'_> {
    fn show(&mut self, at: Option<usize>, seen: &Seen) {
        if let Some(at) = at {
            // Of two parts that stand at one place the outer one is what is asked for; it comes later.
            self.parts.retain(|part| part.at != at);
            self.parts.push(Shown { at, seen: seen.clone() });
        }
    }

    /// Walks through an expression. `base` says that a member of it is taken.
    fn of(&mut self, expr: &Expr<'_>, base: bool) -> Done {
        if self.left == 0 {
            return Done::new(Seen::Unknown);
        }
        self.left -= 1;
        match expr {
            Expr::Const(node) => Done::new(Seen::Value(node.value.clone())),
            Expr::Var(node) => self.variable(node.id, engine::bytes(node.span()).start, base),
            Expr::GetAttr(node) => {
                let on = self.of(&node.expr, true);
                let token = is_identity(&node.expr) && TOKENS.contains(&node.name);
                let at = engine::bytes(node.span()).end.checked_sub(node.name.len());
                let mut done = self.made(at, &format!("__0.{}", node.name), vec![on], true);
                done.secret |= token;
                done
            }
            Expr::GetItem(node) => {
                let on = self.of(&node.expr, true);
                let of_text = matches!(&on.seen, Seen::Value(value) if value.as_str().is_some());
                let key = self.of(&node.subscript_expr, false);
                let at = self.open_bracket(&node.subscript_expr);
                self.made(at, "__0[__1]", vec![on, key], !of_text)
            }
            Expr::Slice(node) => {
                let mut parts = vec![self.of(&node.expr, true)];
                let mut code = "__0[".to_owned();
                for (at, part) in [&node.start, &node.stop, &node.step].into_iter().enumerate() {
                    if at > 0 {
                        code.push(':');
                    }
                    if let Some(part) = part {
                        code.push_str(&format!("__{}", parts.len()));
                        parts.push(self.of(part, false));
                    }
                }
                let after = engine::bytes(node.expr.span()).end;
                let at = self.text.get(after..).and_then(|rest| rest.find('[')).map(|at| after + at);
                self.made(at, &(code + "]"), parts, false)
            }
            Expr::UnaryOp(node) => self.unary(expr, &node.op, &node.expr),
            Expr::BinOp(node) => match node.op {
                BinOpKind::ScAnd => self.short_circuit(&node.left, &node.right, false),
                BinOpKind::ScOr => self.short_circuit(&node.left, &node.right, true),
                op => self.binary(expr, spelt(op), &node.left, &node.right),
            },
            Expr::Compare(node) => self.chain(expr, &node.expr, node.ops.iter().map(|op| (compared(op.op), &op.expr))),
            Expr::IfExpr(node) => self.choice(&node.test_expr, &node.true_expr, node.false_expr.as_ref()),
            Expr::Filter(node) => {
                let on = node.expr.iter().map(|inner| self.of(inner, false)).collect();
                let at = engine::bytes(node.span()).start;
                self.applied(at, &format!("__0|{}", node.name), on, &node.args)
            }
            Expr::Test(node) => {
                let on = self.of(&node.expr, false);
                let at = engine::bytes(node.span()).start;
                self.applied(at, &format!("__0 is {}", node.name), vec![on], &node.args)
            }
            Expr::Call(node) => self.call(&node.expr, &node.args),
            Expr::List(node) => self.literal(&node.items, "[", "]"),
            Expr::Tuple(node) => self.literal(&node.items, "(", ",)"),
            Expr::Map(node) => {
                let mut parts = Vec::new();
                let mut code = Vec::new();
                for (key, value) in node.keys.iter().zip(&node.values) {
                    code.push(format!("__{}: __{}", parts.len(), parts.len() + 1));
                    parts.push(self.of(key, false));
                    parts.push(self.of(value, false));
                }
                self.made(None, &format!("{{{}}}", code.join(", ")), parts, false)
            }
        }
    }

    fn variable(&mut self, name: &str, at: usize, base: bool) -> Done {
        let value = self.scope.get(name);
        if value.is_none() && engine::is_global(name) {
            return self.made(None, name, Vec::new(), true);
        }
        let secret = name == "secrets";
        let whole_space = secret || name == "auth";
        let done = Done { seen: value.map_or(Seen::Undefined, Seen::Value), secret, decider: None };
        match &done.seen {
            Seen::Value(_) if !base && whole_space => self.show(Some(at), &Seen::Hidden),
            Seen::Value(value) if base => {
                if !SPACES.contains(&name) && !self.bases.iter().any(|known| known == name) {
                    self.bases.push(name.to_owned());
                    self.show(Some(at), &Seen::Whole(value.clone()));
                }
            }
            seen => {
                let seen = seen.clone();
                self.show(Some(at), &seen);
            }
        }
        done
    }

    /// A part that is made of others: evaluates `code`, in which they are `__0`, `__1` and so on. `direct` says that it is
    /// a member of the first, and so as known to be secret as that is.
    fn made(&mut self, at: Option<usize>, code: &str, parts: Vec<Done>, direct: bool) -> Done {
        let secret = parts.iter().any(|part| part.secret);
        let seen = self.evaluate(code, parts);
        let tells = |value: &Value| !matches!(value.kind(), minijinja::value::ValueKind::Bool) && !value.is_none();
        let shown = match &seen {
            Seen::Value(value) if secret && !direct && tells(value) => Seen::Hidden,
            other => other.clone(),
        };
        // Why a part has no value is told once, at that part, and not at those made of it.
        if !matches!(shown, Seen::NotEvaluated) {
            self.show(at, &shown);
        }
        Done { seen, secret, decider: None }
    }

    fn evaluate(&self, code: &str, parts: Vec<Done>) -> Seen {
        let inner = self.scope.inner();
        for (at, part) in parts.into_iter().enumerate() {
            match part.seen {
                Seen::Value(value) => inner.set(&format!("__{at}"), value),
                Seen::Undefined => inner.set(&format!("__{at}"), Value::UNDEFINED),
                _ => return Seen::NotEvaluated,
            }
        }
        match engine::compile(code).and_then(|code| code.eval(inner.context())) {
            Ok(value) if value.is_undefined() => Seen::Undefined,
            Ok(value) => Seen::Value(value),
            Err(error) => Seen::Failed(match error.detail() {
                Some(detail) => detail.replace("__0", "it"),
                None => error.kind().to_string(),
            }),
        }
    }

    fn literal(&mut self, items: &[Expr<'_>], open: &str, close: &str) -> Done {
        let parts: Vec<Done> = items.iter().map(|item| self.of(item, false)).collect();
        let names: Vec<String> = (0..parts.len()).map(|at| format!("__{at}")).collect();
        let close = if names.is_empty() { close.trim_start_matches(',') } else { close };
        self.made(None, &format!("{open}{}{close}", names.join(", ")), parts, false)
    }

    /// A filter, test or method with its arguments; `parts` holds what it is applied to.
    fn applied(&mut self, at: usize, code: &str, mut parts: Vec<Done>, arguments: &[CallArg<'_>]) -> Done {
        let mut written = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let name = format!("__{}", parts.len());
            let (expr, argument) = match argument {
                CallArg::Pos(expr) => (expr, name),
                CallArg::Kwarg(key, expr) => (expr, format!("{key}={name}")),
                CallArg::PosSplat(expr) => (expr, format!("*{name}")),
                CallArg::KwargSplat(expr) => (expr, format!("**{name}")),
            };
            parts.push(self.of(expr, false));
            written.push(argument);
        }
        let arguments = if written.is_empty() && code.contains(" is ") {
            String::new()
        } else {
            format!("({})", written.join(", "))
        };
        self.made(Some(at), &format!("{code}{arguments}"), parts, false)
    }

    fn call(&mut self, function: &Expr<'_>, arguments: &[CallArg<'_>]) -> Done {
        match function {
            Expr::Var(node) => {
                let at = engine::bytes(node.span()).start;
                if noted::FUNCTIONS.contains(&node.id) {
                    return self.noted(node.id, at, arguments);
                }
                self.applied(at, node.id, Vec::new(), arguments)
            }
            Expr::GetAttr(node) => {
                let at = engine::bytes(node.span()).end.saturating_sub(node.name.len());
                if matches!(&node.expr, Expr::Var(on) if on.id == "fake") {
                    return self.noted("fake", at, arguments);
                }
                let on = self.of(&node.expr, true);
                self.applied(at, &format!("__0.{}", node.name), vec![on], arguments)
            }
            other => {
                let at = engine::bytes(other.span()).start;
                let on = self.of(other, true);
                self.applied(at, "__0", vec![on], arguments)
            }
        }
    }

    /// A function that gives another value each time: what it gave is taken from the notes.
    fn noted(&mut self, name: &str, at: usize, arguments: &[CallArg<'_>]) -> Done {
        let mut secret = false;
        for argument in arguments {
            let (CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr)) =
                argument;
            secret |= self.of(expr, false).secret;
        }
        let seen = match self.noted.next() {
            Some((function, value)) if function == name => Seen::Value(value),
            _ => Seen::Unknown,
        };
        self.show(Some(at), if secret { &Seen::Hidden } else { &seen });
        Done { seen, secret, decider: None }
    }

    fn unary(&mut self, whole: &Expr<'_>, op: &UnaryOpKind, inner: &Expr<'_>) -> Done {
        match op {
            UnaryOpKind::Neg if matches!(inner, Expr::Const(_)) => {
                let inner = self.of(inner, false);
                self.made(None, "-__0", vec![inner], false)
            }
            UnaryOpKind::Neg => {
                let done = self.of(inner, false);
                self.made(Some(leftmost(whole, self.text)), "-__0", vec![done], false)
            }
            // `a not in b` and `a is not b` are one thing to whoever wrote them.
            UnaryOpKind::Not => {
                let before = leftmost(whole, self.text);
                let prefix = self.text.get(before..).is_some_and(|rest| rest.starts_with("not"));
                let at = match inner {
                    _ if prefix => before,
                    Expr::Test(test) => engine::bytes(test.span()).start,
                    Expr::BinOp(node) => self.operator("in", &node.right).unwrap_or(before),
                    _ => before,
                };
                let done = self.of(inner, false);
                self.made(Some(at), "not __0", vec![done], false)
            }
        }
    }

    fn binary(&mut self, whole: &Expr<'_>, op: &'static str, left: &Expr<'_>, right: &Expr<'_>) -> Done {
        let (first, second) = (self.of(left, false), self.of(right, false));
        let at = self.operator(op, right);
        let sides = sides(&first, op, &second);
        let mut done = self.made(at, &format!("__0 {op} __1"), vec![first, second], false);
        done.decider = sides.map(|sides| Decider { range: self.extent(whole), sides });
        done
    }

    /// `a < b < c`: each side is evaluated once, and none behind the first that does not hold.
    fn chain<'e, 'a: 'e>(
        &mut self,
        whole: &Expr<'_>,
        first: &Expr<'_>,
        ops: impl Iterator<Item = (&'static str, &'e Expr<'a>)>,
    ) -> Done {
        let mut left = self.of(first, false);
        let mut last = Done::new(Seen::Unknown);
        let mut over = false;
        for (op, expr) in ops {
            if over {
                self.unevaluated(expr);
                continue;
            }
            let right = self.of(expr, false);
            let again = Done { seen: right.seen.clone(), secret: right.secret, decider: None };
            let sides = sides(&left, op, &right);
            let at = self.operator(op, expr);
            last = self.made(at, &format!("__0 {op} __1"), vec![left, right], false);
            last.decider = sides.map(|sides| Decider { range: self.extent(whole), sides });
            over = last.is_true() != Some(true);
            left = again;
        }
        last
    }

    /// `and` (decided by what is false) and `or` (decided by what is true).
    fn short_circuit(&mut self, left: &Expr<'_>, right: &Expr<'_>, decides: bool) -> Done {
        let at = self.operator(if decides { "or" } else { "and" }, right);
        let first = self.of(left, false);
        let over = match first.is_true() {
            Some(value) => value == decides,
            None => return first,
        };
        let mut done = if over {
            self.unevaluated(right);
            self.named(first, left)
        } else {
            let second = self.of(right, false);
            self.named(second, right)
        };
        if decides {
            // That an `or` is false, both sides have decided.
            done.decider = None;
        }
        if let Some(value) = done.is_true() {
            self.show(at, &Seen::Value(Value::from(value)));
        }
        done
    }

    /// What decided, where an operand of `and` is no comparison.
    fn named(&self, mut done: Done, expr: &Expr<'_>) -> Done {
        done.decider = done.decider.or_else(|| Some(Decider { range: self.extent(expr), sides: None }));
        done
    }

    fn choice(&mut self, test: &Expr<'_>, yes: &Expr<'_>, no: Option<&Expr<'_>>) -> Done {
        let tested = self.of(test, false);
        let at = before(self.text, leftmost(test, self.text), "if");
        let (taken, left_out) = match tested.is_true() {
            None => return tested,
            Some(true) => (Some(yes), no),
            Some(false) => (no, Some(yes)),
        };
        left_out.into_iter().for_each(|expr| self.unevaluated(expr));
        let mut done = taken.map_or_else(|| Done::new(Seen::Undefined), |expr| self.of(expr, false));
        done.decider = None;
        self.show(at, if done.secret { &Seen::Hidden } else { &done.seen });
        done
    }

    fn unevaluated(&mut self, expr: &Expr<'_>) {
        if !matches!(expr, Expr::Const(_)) {
            self.show(Some(leftmost(expr, self.text)), &Seen::NotEvaluated);
        }
    }

    /// Where an operator stands, by what stands behind it.
    fn operator(&self, op: &str, right: &Expr<'_>) -> Option<usize> {
        let op = if op == "not in" { "in" } else { op };
        let at = before(self.text, leftmost(right, self.text), op)?;
        let head = self.text[..at].trim_end();
        // The two words of `not in`.
        Some(if op == "in" && head.ends_with("not") { head.len() - 3 } else { at })
    }

    /// Where a subscript begins.
    fn open_bracket(&self, subscript: &Expr<'_>) -> Option<usize> {
        self.text.get(..leftmost(subscript, self.text))?.rfind(['[', '.'])
    }

    /// All of a part; the whole expression where brackets around it make that unclear.
    fn extent(&self, expr: &Expr<'_>) -> Range<usize> {
        let range = leftmost(expr, self.text)..engine::bytes(expr.span()).end;
        let count = |text: &str, c: char| text.matches(c).count();
        match self.text.get(range.clone()) {
            Some(text) if count(text, '(') == count(text, ')') => range,
            _ => 0..self.text.len(),
        }
    }
}

/// The sides of a comparison; what is no comparison decides nothing by itself.
#[expect(clippy::option_option, reason = "not a comparison, and one that cannot be shown, are two things")]
fn sides(left: &Done, op: &'static str, right: &Done) -> Option<Option<(Value, &'static str, Value)>> {
    if !matches!(op, "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in") {
        return None;
    }
    Some(match (&left.seen, &right.seen) {
        (Seen::Value(a), Seen::Value(b)) if !left.secret && !right.secret => Some((a.clone(), op, b.clone())),
        _ => None,
    })
}

/// Where a word or sign stands, if nothing but space and brackets stand between it and `at`.
fn before(text: &str, at: usize, word: &str) -> Option<usize> {
    let head = text.get(..at)?.trim_end_matches(|c: char| c.is_whitespace() || c == '(');
    head.ends_with(word).then(|| head.len() - word.len())
}

/// Where an expression begins. The engine's own spans begin, for what stands behind another expression, only there.
fn leftmost(expr: &Expr<'_>, text: &str) -> usize {
    let own = engine::bytes(expr.span()).start;
    match expr {
        Expr::Filter(node) => node.expr.as_ref().map_or(own, |inner| leftmost(inner, text)),
        Expr::Test(node) => leftmost(&node.expr, text),
        Expr::GetAttr(node) => leftmost(&node.expr, text),
        Expr::GetItem(node) => leftmost(&node.expr, text),
        Expr::Call(node) => leftmost(&node.expr, text),
        Expr::Slice(node) => leftmost(&node.expr, text),
        Expr::BinOp(node) => leftmost(&node.left, text),
        Expr::Compare(node) => leftmost(&node.expr, text),
        Expr::IfExpr(node) => leftmost(&node.true_expr, text),
        Expr::UnaryOp(node) => {
            let inner = leftmost(&node.expr, text);
            let sign = if matches!(node.op, UnaryOpKind::Not) { "not" } else { "-" };
            before(text, inner, sign).unwrap_or(inner)
        }
        _ => own,
    }
}

/// Whether an expression is `auth.NAME`.
fn is_identity(expr: &Expr<'_>) -> bool {
    let on = match expr {
        Expr::GetAttr(node) => &node.expr,
        Expr::GetItem(node) => &node.expr,
        _ => return false,
    };
    matches!(on, Expr::Var(node) if node.id == "auth")
}

fn spelt(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

fn compared(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}
