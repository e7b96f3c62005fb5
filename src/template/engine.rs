//! The one template environment of the process, and what callsheet changes about minijinja: JSON forms when printing,
//! a limit on steps, no HTML escaping.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use minijinja::machinery::{Span, ast};
use minijinja::{AutoEscape, Environment, Error, Expression, UndefinedBehavior, Value};

use super::analyse::{self, Reference};
use super::{Scope, fake, filters, functions, to_json};

/// Steps a single template may take; a loop over a large answer needs some ten thousand.
const FUEL: u64 = 1_000_000;

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_debug(false);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(100);
        environment.set_formatter(|out, _, value| {
            if value.is_undefined() {
                return Err(Error::from(minijinja::ErrorKind::UndefinedError));
            }
            out.write_str(&printed(value)).map_err(Error::from)
        });
        filters::register(&mut environment);
        functions::register(&mut environment);
        environment
    })
}

/// A value as text: strings as they are, all else in its JSON form.
pub(super) fn printed(value: &Value) -> String {
    value.as_str().map_or_else(|| to_json(value).to_string(), str::to_owned)
}

pub(super) fn compile(text: &str) -> Result<Expression<'static, 'static>, Error> {
    environment().compile_expression_owned(text.to_owned())
}

/// An expression, compiled, and what it refers to.
pub(super) struct Compiled {
    pub(super) expression: Expression<'static, 'static>,
    pub(super) references: Vec<Reference>,
}

/// Expressions that have been compiled. A thousand scenarios say `{{ id }}` and `{{ env.base }}` over and over.
static COMPILED: LazyLock<RwLock<HashMap<Box<str>, Arc<Compiled>>>> = LazyLock::new(RwLock::default);
/// More than this many are compiled anew each time.
const COMPILED_KEPT: usize = 4096;

/// Compiles an expression, or takes it from those that have been.
pub(super) fn compiled(text: &str) -> Result<Arc<Compiled>, Error> {
    if let Some(known) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(text) {
        return Ok(known.clone());
    }
    let made = Arc::new(Compiled { expression: compile(text)?, references: analyse::references(text) });
    let mut kept = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < COMPILED_KEPT {
        kept.insert(text.into(), made.clone());
    }
    Ok(made)
}

/// Whether a name is a function of ours or of the engine.
pub fn is_global(name: &str) -> bool {
    environment().globals().any(|(global, _)| global == name)
}

/// Whether a name is a filter.
pub(super) fn is_filter(name: &str) -> bool {
    filters::NAMES.contains(&name)
}

/// A name of the template language that does not exist.
pub(super) struct Unknown {
    pub(super) message: String,
    pub(super) help: String,
    pub(super) range: std::ops::Range<usize>,
}

/// The first function, filter, test or generator that does not exist.
pub(super) fn unknown_name(references: &[Reference]) -> Option<Unknown> {
    references.iter().find_map(|reference| {
        let name = &*reference.path[0];
        let functions = || environment().globals().map(|(name, _)| name).filter(|name| *name != "fake");
        let (what, known): (_, Vec<&str>) = match reference.kind {
            analyse::Kind::Variable => return None,
            // A recursive `for` calls its own loop.
            analyse::Kind::Function if name == "loop" || is_global(name) => return None,
            analyse::Kind::Function => ("function", functions().collect()),
            analyse::Kind::Filter => ("filter", filters::NAMES.to_vec()),
            analyse::Kind::Test => ("test", TESTS.to_vec()),
            analyse::Kind::Fake => ("generator", fake::NAMES.to_vec()),
        };
        let prefix = if reference.kind == analyse::Kind::Fake { "fake." } else { "" };
        (!known.contains(&name)).then(|| {
            let behind = if reference.kind == analyse::Kind::Fake { "()" } else { "" };
            let help = match reference.kind {
                analyse::Kind::Function if is_filter(name) => {
                    format!("`{name}` is a filter: write `VALUE | {name}`, with any other arguments in parentheses")
                }
                analyse::Kind::Filter if is_global(name) => format!("`{name}` is a function: write `{name}(…)`"),
                _ => crate::source::suggestion(name, known.iter().copied()).map_or_else(
                    || format!("the {what}s are {}", known.join(", ")),
                    |meant| format!("did you mean `{prefix}{meant}{behind}`?"),
                ),
            };
            let message = format!("there is no {what} `{prefix}{name}`");
            Unknown { message, help, range: reference.range.clone() }
        })
    })
}

/// The engine's tests: what may stand behind `is`.
const TESTS: &[&str] = &[
    "defined",
    "undefined",
    "none",
    "boolean",
    "number",
    "integer",
    "int",
    "float",
    "string",
    "sequence",
    "iterable",
    "mapping",
    "true",
    "false",
    "odd",
    "even",
    "divisibleby",
    "startingwith",
    "endingwith",
    "lower",
    "upper",
    "sameas",
    "in",
    "eq",
    "equalto",
    "ne",
    "lt",
    "lessthan",
    "le",
    "gt",
    "greaterthan",
    "ge",
    "filter",
    "test",
    "safe",
    "escaped",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
];

/// Checks a template with blocks, and tells what variables it needs.
pub(super) fn check_block(text: &str) -> Result<Vec<Reference>, Error> {
    let template = environment().template_from_named_str("template", text)?;
    let names = template.undeclared_variables(true);
    let mut references: Vec<Reference> = names
        .into_iter()
        .map(|name| Reference {
            path: name.split('.').map(Into::into).collect(),
            range: 0..text.len(),
            kind: analyse::Kind::Variable,
            guarded: true,
        })
        .collect();
    references.sort_by(|a, b| a.path.cmp(&b.path));
    references.extend(analyse::names_of_blocks(text));
    Ok(references)
}

pub(super) fn render_block(text: &str, scope: &Scope) -> Result<String, Error> {
    environment().render_named_str("template", text, scope.context())
}

/// The syntax tree of an expression; it has been compiled before, so there is one.
pub(super) fn tree(text: &str) -> Option<ast::Expr<'_>> {
    minijinja::machinery::parse_expr(text).ok()
}

/// The bytes of a node.
pub(super) fn bytes(span: Span) -> std::ops::Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}
