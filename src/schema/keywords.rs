//! The keywords that compare values and numbers: they decide by [`Number`], and not by the nearest float.

use std::sync::Arc;

use jsonschema::paths::Location;
use jsonschema::{Draft, Keyword, ValidationError, ValidationOptions};
use serde_json::{Map, Value};

use super::exact::{Body, Numbers, from_value};
use crate::json::{Json, Number};

/// A keyword that holds where this is true, and what it expects, as JSON.
struct Holds<T>(T, Box<str>);

impl<'i, T: Fn(&Json) -> bool + Send + Sync> Keyword<'i, Body> for Holds<T> {
    fn validate(&self, instance: &'i Json) -> Result<(), ValidationError<'i>> {
        if (self.0)(instance) { Ok(()) } else { Err(ValidationError::custom(&*self.1)) }
    }

    fn is_valid(&self, instance: &'i Json) -> bool {
        (self.0)(instance)
    }
}

/// What is expected, in short.
fn said(expected: &Json) -> Box<str> {
    const LONGEST: usize = 60;
    let text = expected.to_string();
    match text.char_indices().nth(LONGEST) {
        None => text.into(),
        Some((at, _)) => format!("{}…", &text[..at]).into(),
    }
}

type Made<'a> = Result<Box<dyn for<'i> Keyword<'i, Body>>, ValidationError<'a>>;

/// The keywords that are decided here.
pub(super) fn exact<'o, R>(
    mut options: ValidationOptions<'o, R, Body>,
    draft: Draft,
    numbers: &Arc<Numbers>,
) -> ValidationOptions<'o, R, Body> {
    // Draft 4 does not know it, and what is decided here is decided in every draft.
    if draft != Draft::Draft4 {
        let table = numbers.clone();
        options =
            options.with_keyword("const", move |_: &Map<String, Value>, value: &Value, _: Location| -> Made<'_> {
                let expected = from_value(value, &table);
                let said = said(&expected);
                Ok(Box::new(Holds(move |json: &Json| *json == expected, said)))
            });
    }
    let table = numbers.clone();
    options = options.with_keyword("enum", move |_: &Map<String, Value>, value: &Value, _: Location| -> Made<'_> {
        let Value::Array(items) = value else { return Err(ValidationError::schema("a list is expected here")) };
        let expected: Vec<Json> = items.iter().map(|item| from_value(item, &table)).collect();
        let said = said(&Json::array(expected.iter().cloned()));
        Ok(Box::new(Holds(move |json: &Json| expected.contains(json), said)))
    });
    for (name, strict, holds) in [
        (
            "minimum",
            "exclusiveMinimum",
            (|a, b, or_equal| a > b || or_equal && a == b) as fn(&Number, &Number, bool) -> bool,
        ),
        ("maximum", "exclusiveMaximum", |a, b, or_equal| a < b || or_equal && a == b),
        ("exclusiveMinimum", "", |a, b, _| a > b),
        ("exclusiveMaximum", "", |a, b, _| a < b),
    ] {
        let table = numbers.clone();
        options =
            options.with_keyword(name, move |parent: &Map<String, Value>, value: &Value, _: Location| -> Made<'_> {
                // In draft 4 `exclusiveMinimum: true` stands beside the limit.
                let or_equal = parent.get(strict) != Some(&Value::Bool(true));
                let limit = match value {
                    Value::Number(number) => Some(table.of(number)),
                    _ => None,
                };
                let said = limit.as_ref().map_or_else(Box::default, |limit| limit.to_string().into());
                Ok(Box::new(Holds(
                    move |json: &Json| match (json, &limit) {
                        (Json::Number(number), Some(limit)) => holds(number, limit, or_equal),
                        _ => true,
                    },
                    said,
                )))
            });
    }
    let table = numbers.clone();
    options.with_keyword("multipleOf", move |_: &Map<String, Value>, value: &Value, _: Location| -> Made<'_> {
        let Value::Number(number) = value else { return Err(ValidationError::schema("a number is expected here")) };
        let divisor = table.of(number);
        let said = divisor.to_string().into();
        Ok(Box::new(Holds(
            move |json: &Json| match json {
                Json::Number(number) => number.is_multiple_of(&divisor),
                _ => true,
            },
            said,
        )))
    })
}
