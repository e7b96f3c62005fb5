//! Puts the values of templates into an expected tree, each once, so that the comparison neither fails nor draws another
//! random value when an alignment looks at a node again. What comes out is literal: a rendered value is never a matcher.

use std::borrow::Cow;
use std::sync::Arc;

use crate::json::{Json, Number};
use crate::scenario::expected::{Expected, Member, Operators, Tree};
use crate::scenario::matcher::{Argument, Comparison, Extent, Matcher, Pattern};
use crate::source::{Diagnostic, Duration};
use crate::template::{Scope, Template};

/// The tree with every template replaced by its value; borrowed where there is none.
///
/// # Errors
/// The first template that cannot be rendered, or whose value does not fit where it stands.
pub fn render<'e>(expected: &'e Expected, scope: &Scope) -> Result<Cow<'e, Expected>, Diagnostic> {
    if expected.is_templated() { tree(expected, scope).map(Cow::Owned) } else { Ok(Cow::Borrowed(expected)) }
}

fn tree(expected: &Expected, scope: &Scope) -> Result<Expected, Diagnostic> {
    if !expected.is_templated() {
        return Ok(expected.clone());
    }
    let rendered = match &expected.tree {
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::String(_) => expected.tree.clone(),
        Tree::Template(template) => return Ok(Expected::from_json(&template.evaluate(scope)?, expected.span)),
        Tree::Matcher(matcher) => Tree::Matcher(Arc::new(self::matcher(matcher, scope)?)),
        Tree::Array(items) => Tree::Array(items.iter().map(|item| tree(item, scope)).collect::<Result<_, _>>()?),
        Tree::Object(members) => {
            let member = |member: &Member| Ok(Member { key: member.key.clone(), value: tree(&member.value, scope)? });
            Tree::Object(members.iter().map(member).collect::<Result<_, Diagnostic>>()?)
        }
        Tree::Operators(operators) => Tree::Operators(Arc::new(self::operators(operators, scope)?)),
    };
    Ok(Expected::new(rendered, expected.span))
}

fn operators(operators: &Operators, scope: &Scope) -> Result<Operators, Diagnostic> {
    let one = |operator: &Option<Expected>| operator.as_ref().map(|inner| tree(inner, scope)).transpose();
    let rendered = Operators {
        each: one(&operators.each)?,
        contains: one(&operators.contains)?,
        unordered: one(&operators.unordered)?,
        length: one(&operators.length)?,
        by: operators.by.clone(),
        exactly: one(&operators.exactly)?,
        json: one(&operators.json)?,
    };
    let misfit = |key: &str, needed: &str, tree: &Expected| {
        Diagnostic::error("expect.operator", format!("`{key}` needs {needed}, and this template gives something else"))
            .at(tree.span, "")
    };
    if let Some(list) = rendered.unordered.as_ref().filter(|list| !matches!(list.tree, Tree::Array(_))) {
        return Err(misfit("$unordered", "a list", list));
    }
    let counts = |tree: &Tree| matches!(tree, Tree::Number(_) | Tree::Matcher(_));
    if let Some(length) = rendered.length.as_ref().filter(|length| !counts(&length.tree)) {
        return Err(misfit("$length", "a number", length));
    }
    Ok(rendered)
}

/// The matcher with every argument given.
///
/// # Errors
/// The first argument that cannot be rendered or does not fit.
pub fn matcher(matcher: &Matcher, scope: &Scope) -> Result<Matcher, Diagnostic> {
    if !matcher.is_templated() {
        return Ok(matcher.clone());
    }
    let inner = |inner: &Matcher| self::matcher(inner, scope).map(Box::new);
    let several = |all: &[Matcher]| all.iter().map(|inner| self::matcher(inner, scope)).collect::<Result<Vec<_>, _>>();
    Ok(match matcher {
        Matcher::Optional(one) => Matcher::Optional(inner(one)?),
        Matcher::Each(one) => Matcher::Each(inner(one)?),
        Matcher::Not(one) => Matcher::Not(inner(one)?),
        Matcher::And(all) => Matcher::And(several(all)?),
        Matcher::Or(all) => Matcher::Or(several(all)?),
        Matcher::Length(extent) => Matcher::Length(match extent {
            Extent::Exactly(length) => Extent::Exactly(argument(length, scope)?),
            Extent::Range(low, high) => Extent::Range(optional(low.as_ref(), scope)?, optional(high.as_ref(), scope)?),
            Extent::Compare(relation, length) => Extent::Compare(*relation, argument(length, scope)?),
        }),
        Matcher::Compare(comparison) => Matcher::Compare(self::comparison(comparison, scope)?),
        Matcher::Between(low, high) => Matcher::Between(argument(low, scope)?, argument(high, scope)?),
        Matcher::About { value, tolerance } => {
            Matcher::About { value: argument(value, scope)?, tolerance: argument(tolerance, scope)? }
        }
        Matcher::Range(low, high) => Matcher::Range(optional(low.as_ref(), scope)?, optional(high.as_ref(), scope)?),
        Matcher::Contains(text) => Matcher::Contains(argument(text, scope)?),
        Matcher::StartsWith(text) => Matcher::StartsWith(argument(text, scope)?),
        Matcher::EndsWith(text) => Matcher::EndsWith(argument(text, scope)?),
        Matcher::Matches(pattern) => Matcher::Matches(argument(pattern, scope)?),
        Matcher::OneOf(items) => {
            Matcher::OneOf(items.iter().map(|item| argument(item, scope)).collect::<Result<_, _>>()?)
        }
        Matcher::WithinOfNow(duration) => Matcher::WithinOfNow(argument(duration, scope)?),
        Matcher::Any
        | Matcher::Type(_)
        | Matcher::Absent
        | Matcher::Empty
        | Matcher::Format(_)
        | Matcher::Past
        | Matcher::Future
        | Matcher::Unique
        | Matcher::Sorted { .. } => matcher.clone(),
    })
}

fn comparison(comparison: &Comparison, scope: &Scope) -> Result<Comparison, Diagnostic> {
    let operand = argument(&comparison.operand, scope)?;
    if let (Argument::Template(template), Argument::Given(value)) = (&comparison.operand, &operand)
        && let Some(needed) = comparison.needs_instead_of(value)
    {
        return Err(unfit(template, needed, &value.to_string()));
    }
    Ok(Comparison { operand, ..comparison.clone() })
}

fn optional<T: Rendered>(given: Option<&Argument<T>>, scope: &Scope) -> Result<Option<Argument<T>>, Diagnostic> {
    given.map(|given| argument(given, scope)).transpose()
}

fn argument<T: Rendered>(argument: &Argument<T>, scope: &Scope) -> Result<Argument<T>, Diagnostic> {
    match argument {
        Argument::Given(value) => Ok(Argument::Given(value.clone())),
        Argument::Template(template) => T::rendered(template, scope).map(Argument::Given),
    }
}

fn unfit(template: &Template, needed: &str, value: &str) -> Diagnostic {
    Diagnostic::error(
        "matcher.argument",
        format!("this argument must be {needed}, but `{}` gives {value}", template.text()),
    )
    .at(template.span(), "")
}

/// An argument that a template can give.
trait Rendered: Clone {
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic>;
}

impl Rendered for Json {
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic> {
        template.evaluate(scope)
    }
}

impl Rendered for Number {
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic> {
        let value = template.evaluate(scope)?;
        value.as_number().cloned().ok_or_else(|| {
            let problem = unfit(template, "a number", &value.to_string());
            if value.as_str().is_some_and(|text| Number::parse(text).is_some()) {
                problem.help("it is text; the filters `int` and `float` convert it to a number")
            } else {
                problem
            }
        })
    }
}

impl Rendered for u64 {
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic> {
        let number = Number::rendered(template, scope)?;
        let whole = number.as_i64().and_then(|value| Self::try_from(value).ok());
        whole.ok_or_else(|| unfit(template, "a whole number, 0 or more", &number.to_string()))
    }
}

impl Rendered for Arc<str> {
    /// A number is text here as it prints, so that `<contains {{ id }}>` finds it.
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic> {
        template.render(scope).map(|text| Self::from(&*text))
    }
}

impl Rendered for Pattern {
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic> {
        let text = template.render(scope)?;
        Self::compile(&text).map_err(|(reason, _)| {
            Diagnostic::error("matcher.regex", format!("this regular expression is not valid: {reason}"))
                .at(template.span(), format!("it is {text}"))
        })
    }
}

impl Rendered for Duration {
    fn rendered(template: &Template, scope: &Scope) -> Result<Self, Diagnostic> {
        let text = template.render(scope)?;
        Self::parse(&text).ok_or_else(|| unfit(template, "a duration such as 5m", &Json::from(&*text).to_string()))
    }
}

#[cfg(test)]
mod tests;
