//! The core function library (XPath 1.0, section 4).

use super::ast::Expr;
use super::eval::{Context, Evaluation};
use super::value::{Value, number_of};
use crate::markup::tree::NodeId;

impl Evaluation<'_> {
    /// The value of a function. The grammar has seen to the number of its arguments.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no document has so many nodes that a float could not hold their number"
    )]
    pub(super) fn call(&self, name: &str, arguments: &[Expr], context: Context) -> Result<Value, String> {
        let value = |at: usize| match arguments.get(at) {
            Some(argument) => self.value(argument, context),
            // Without an argument, it is asked of where the expression stands.
            None => Ok(Value::Nodes(vec![context.node])),
        };
        let text = |at: usize| -> Result<String, String> {
            match value(at)? {
                Value::Nodes(nodes) => nodes.first().map_or(Ok(String::new()), |node| self.text(*node)),
                other => Ok(other.text(self.tree)),
            }
        };
        let number = |at: usize| -> Result<f64, String> {
            match value(at)? {
                Value::Nodes(nodes) => {
                    Ok(number_of(&nodes.first().map_or(Ok(String::new()), |node| self.text(*node))?))
                }
                other => Ok(other.number(self.tree)),
            }
        };
        let nodes = |at: usize| -> Result<Vec<NodeId>, String> {
            arguments.get(at).map_or_else(|| Ok(vec![context.node]), |argument| self.nodes(argument, context))
        };
        let name_of = |part: fn(&crate::markup::tree::Name) -> String| -> Result<Value, String> {
            let first = nodes(0)?.first().copied();
            Ok(Value::Text(first.and_then(|node| self.tree.name(node)).map(part).unwrap_or_default()))
        };
        Ok(match name {
            "last" => Value::Number(context.size as f64),
            "position" => Value::Number(context.position as f64),
            "count" => Value::Number(nodes(0)?.len() as f64),
            "id" => {
                let wanted = match value(0)? {
                    Value::Nodes(nodes) => nodes.iter().map(|node| self.text(*node)).collect::<Result<_, _>>()?,
                    other => vec![other.text(self.tree)],
                };
                Value::Nodes(self.with_ids(&wanted)?)
            }
            "local-name" => name_of(|name| name.local.to_string())?,
            "namespace-uri" => name_of(|name| name.namespace.to_string())?,
            "name" => name_of(crate::markup::tree::Name::written)?,
            "string" => Value::Text(text(0)?),
            "concat" => Value::Text((0..arguments.len()).map(text).collect::<Result<_, _>>()?),
            "starts-with" => Value::Boolean(text(0)?.starts_with(&text(1)?)),
            "contains" => Value::Boolean(text(0)?.contains(&text(1)?)),
            "substring-before" => {
                let whole = text(0)?;
                Value::Text(whole.split_once(&*text(1)?).map(|(before, _)| before.to_owned()).unwrap_or_default())
            }
            "substring-after" => {
                let whole = text(0)?;
                Value::Text(whole.split_once(&*text(1)?).map(|(_, after)| after.to_owned()).unwrap_or_default())
            }
            "substring" => {
                let length = arguments.get(2).map(|_| number(2)).transpose()?;
                Value::Text(substring(&text(0)?, number(1)?, length))
            }
            "string-length" => Value::Number(text(0)?.chars().count() as f64),
            "normalize-space" => Value::Text(text(0)?.split_ascii_whitespace().collect::<Vec<_>>().join(" ")),
            "translate" => {
                let (from, to): (Vec<char>, Vec<char>) = (text(1)?.chars().collect(), text(2)?.chars().collect());
                let whole = text(0)?;
                let translated = whole.chars().filter_map(|c| match from.iter().position(|from| *from == c) {
                    Some(at) => to.get(at).copied(),
                    None => Some(c),
                });
                Value::Text(translated.collect())
            }
            "boolean" => Value::Boolean(value(0)?.boolean()),
            "not" => Value::Boolean(!value(0)?.boolean()),
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            "lang" => Value::Boolean(self.is_of_language(context.node, &text(0)?)),
            "number" => Value::Number(number(0)?),
            "sum" => {
                let texts = nodes(0)?.into_iter().map(|node| self.text(node)).collect::<Result<Vec<_>, _>>()?;
                Value::Number(texts.iter().map(|text| number_of(text)).fold(0.0, |sum, number| sum + number))
            }
            "floor" => Value::Number(number(0)?.floor()),
            "ceiling" => Value::Number(number(0)?.ceil()),
            "round" => Value::Number(round(number(0)?)),
            other => return Err(format!("XPath 1.0 has no function `{other}`")),
        })
    }

    fn is_of_language(&self, node: NodeId, wanted: &str) -> bool {
        let mut here = Some(node);
        while let Some(element) = here {
            let lang = self.tree.attributes(element).find(|attribute| {
                self.tree.name(*attribute).is_some_and(|name| {
                    &*name.local == "lang" && (&*name.prefix == "xml" || self.tree.is_html && name.prefix.is_empty())
                })
            });
            if let Some(lang) = lang {
                let (lang, wanted) = (self.tree.text(lang).to_lowercase(), wanted.to_lowercase());
                return lang == wanted || lang.strip_prefix(&*wanted).is_some_and(|rest| rest.starts_with('-'));
            }
            here = self.tree.parent(element);
        }
        false
    }
}

/// To the nearest whole number, halves upward (section 4.4).
fn round(number: f64) -> f64 {
    if number.is_finite() { (number + 0.5).floor() } else { number }
}

/// The characters whose places, from 1, are within (section 4.2); places are compared as numbers, so that a place that is
/// no number takes none.
#[expect(
    clippy::cast_precision_loss,
    reason = "no text has so many characters that a float could not hold their number"
)]
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let start = round(start);
    let end = length.map_or(f64::INFINITY, |length| start + round(length));
    let within = |at: usize| (at as f64) >= start && (at as f64) < end;
    text.chars().enumerate().filter(|(at, _)| within(at + 1)).map(|(_, c)| c).collect()
}
