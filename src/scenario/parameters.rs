//! What a step gives a fragment, held against what the fragment asks for.

use super::{Fragment, Origin, ParamType, Tree, UseFragment};
use crate::json::{Json, Type};
use crate::source::{Diagnostic, Lost, suggestion};

/// Checks what a step gives a fragment: no unknown, missing or mistyped parameter.
pub fn parameters(used: &UseFragment, fragment: &Fragment, lost: &Lost, problems: &mut Vec<Diagnostic>) {
    // A parameter whose name was misspelt is not missing as well.
    let mut misspelt = Vec::new();
    for (name, value) in used.with.iter() {
        if let Some(param) = fragment.params.get(&name.value) {
            problems.extend(param.kind.as_ref().and_then(|kind| mistyped(&name.value, kind.value, value)));
        } else if !lost.names(&name.value) {
            let mut problem =
                Diagnostic::error("fragment.param", format!("`{}` has no parameter `{}`", used.file.value, name.value))
                    .at(name.span, "");
            problem = match suggestion(&name.value, fragment.params.names()) {
                Some(meant) => {
                    misspelt.push(meant);
                    problem.help(format!("did you mean `{meant}`?"))
                }
                None if fragment.params.is_empty() => problem.help("this fragment has no parameters"),
                None => {
                    let names: Vec<&str> = fragment.params.names().collect();
                    problem.help(format!("its parameters are {}", names.join(", ")))
                }
            };
            problems.push(problem);
        }
    }
    for (name, param) in fragment.params.iter() {
        if param.default.is_none() && used.with.get(&name.value).is_none() && !misspelt.contains(&&*name.value) {
            problems.push(
                Diagnostic::error(
                    "fragment.param",
                    format!("`{}` needs the parameter `{}`", used.file.value, name.value),
                )
                .at(used.file.span, "")
                .at(name.span, "it has no default")
                .help(format!("add `with: {{ {}: … }}`", name.value)),
            );
        }
    }
    for capture in &used.capture {
        if !matches!(capture.from, Origin::Template(_)) {
            problems.push(
                Diagnostic::error(
                    "fragment.capture",
                    "a step with `use` has no answer to capture from: its fragment returns values by name",
                )
                .at(capture.span, "")
                .help("use a name from its `returns` in a template, for example `\"{{ trip_id }}\"`"),
            );
        }
    }
}

/// Whether a value fits a parameter's type; `None` where it does or cannot be known yet.
pub(super) fn mistyped(name: &str, kind: ParamType, value: &Tree) -> Option<Diagnostic> {
    let literal = value.as_literal()?;
    (!fits(kind, literal)).then(|| {
        Diagnostic::error(
            "fragment.param",
            format!(
                "the parameter `{name}` must be {}, and this is {}",
                kind.with_article(),
                literal.kind().with_article()
            ),
        )
        .at(value.span, "")
        .help(format!("write {}, or change the parameter's `type`", kind.with_article()))
    })
}

/// Whether a value is of a parameter's type.
pub fn fits(kind: ParamType, value: &Json) -> bool {
    match (kind, value.kind()) {
        (ParamType::Any, _)
        | (ParamType::String, Type::String)
        | (ParamType::Number, Type::Number)
        | (ParamType::Boolean, Type::Boolean)
        | (ParamType::Array, Type::Array)
        | (ParamType::Object, Type::Object) => true,
        (ParamType::Integer, Type::Number) => value.as_number().is_some_and(crate::json::Number::is_integer),
        _ => false,
    }
}

impl ParamType {
    /// The type with its article, for sentences.
    pub fn with_article(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Integer => "an integer",
            Self::Boolean => "a boolean",
            Self::Array => "a list",
            Self::Object => "a mapping",
        }
    }
}
