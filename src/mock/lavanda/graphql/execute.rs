//! The execution of an operation (specification, section 6): fields are collected, resolved and completed,
//! and an error makes null of the nearest field that may be null.

use serde_json::{Map, Value as Json, json};

use super::document::{Directive, Document, Field, Operation, Selection, Type, Value};
use super::input::from_literal;
use super::schema::{FieldDefinition, SCHEMA};
use super::{BAD_USER_INPUT, Problem, Resolution, Resolver, VALIDATION_FAILED, root};

/// How many fields one operation may have in its result, so that nested fragments cannot explode.
const MOST_FIELDS: u32 = 20_000;

/// An error was noted, and the value is null.
struct Nulled;

/// Executes an operation: its data and its problems.
pub(super) fn execute(
    document: &Document,
    operation: &Operation,
    variables: &Map<String, Json>,
    resolve: &Resolver<'_>,
) -> (Json, Vec<Problem>) {
    let mut execution = Execution { document, variables, resolve, problems: Vec::new(), fields: 0, path: Vec::new() };
    let data = execution.object(root(operation.kind), &Json::Null, &[&operation.selections]).unwrap_or(Json::Null);
    (data, execution.problems)
}

struct Execution<'a> {
    document: &'a Document,
    variables: &'a Map<String, Json>,
    resolve: &'a Resolver<'a>,
    problems: Vec<Problem>,
    fields: u32,
    path: Vec<Json>,
}

impl<'a> Execution<'a> {
    fn object(&mut self, of: &str, source: &Json, selections: &[&'a [Selection]]) -> Result<Json, Nulled> {
        let mut groups = Vec::new();
        let mut spread = Vec::new();
        for selections in selections {
            self.collect(selections, &mut groups, &mut spread);
        }
        let mut object = Map::new();
        for (key, fields) in groups {
            self.path.push(json!(key));
            let value = self.field(of, source, &fields);
            self.path.pop();
            object.insert(key.to_owned(), value?);
        }
        Ok(Json::Object(object))
    }

    /// Collects the fields that are asked for, by their key in the response, in order.
    fn collect(
        &self,
        selections: &'a [Selection],
        groups: &mut Vec<(&'a str, Vec<&'a Field>)>,
        spread: &mut Vec<&'a str>,
    ) {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.is_included(&field.directives) => {
                    match groups.iter_mut().find(|(key, _)| *key == field.key()) {
                        Some((_, fields)) => fields.push(field),
                        None => groups.push((field.key(), vec![field])),
                    }
                }
                Selection::Spread { name, directives, .. }
                    if self.is_included(directives) && !spread.contains(&name.as_str()) =>
                {
                    spread.push(name);
                    if let Some(fragment) = self.document.fragments.get(name) {
                        self.collect(&fragment.selections, groups, spread);
                    }
                }
                Selection::Inline { directives, selections, .. } if self.is_included(directives) => {
                    self.collect(selections, groups, spread);
                }
                _ => {}
            }
        }
    }

    fn is_included(&self, directives: &[Directive]) -> bool {
        directives.iter().all(|directive| {
            let condition = directive.arguments.first().is_some_and(|argument| match &argument.value {
                Value::Boolean(flag) => *flag,
                Value::Variable(name) => self.variables.get(name) == Some(&Json::Bool(true)),
                _ => false,
            });
            condition == (directive.name == "include")
        })
    }

    fn field(&mut self, of: &str, source: &Json, fields: &[&'a Field]) -> Result<Json, Nulled> {
        let Some(&first) = fields.first() else {
            return Ok(Json::Null);
        };
        if first.name == "__typename" {
            return Ok(json!(of));
        }
        // Validation has seen to it that the field exists.
        let Some(definition) = SCHEMA.field(of, &first.name) else {
            return Ok(Json::Null);
        };
        self.fields += 1;
        let outcome = if self.fields > MOST_FIELDS {
            Err(self.failed(first, "The query asks for too much.", VALIDATION_FAILED))
        } else if fields.iter().any(|field| field.name != first.name) {
            let message = format!(
                "Fields \"{}\" conflict because they are different fields; use different aliases.",
                first.key()
            );
            Err(self.failed(first, &message, VALIDATION_FAILED))
        } else {
            self.arguments(first, definition).and_then(|arguments| {
                let resolution = Resolution { of, field: &first.name, source, arguments: &arguments };
                (self.resolve)(&resolution).map_err(|error| self.failed(first, &error.message, error.code))
            })
        };
        match outcome {
            Ok(value) => self.complete(&definition.of, value, fields),
            Err(Nulled) if matches!(definition.of, Type::NonNull(_)) => Err(Nulled),
            Err(Nulled) => Ok(Json::Null),
        }
    }

    fn arguments(&mut self, field: &Field, definition: &FieldDefinition) -> Result<Map<String, Json>, Nulled> {
        let mut arguments = Map::new();
        for definition in &definition.arguments {
            let given = field
                .arguments
                .iter()
                .find(|argument| argument.name == definition.name)
                .map(|argument| &argument.value);
            let value = match given {
                Some(value) => from_literal(value, &definition.of, self.variables),
                None => Ok(None),
            };
            // An argument whose variable was not given has its default, like one that was left out.
            let value = match (value, &definition.default) {
                (Ok(None), Some(default)) => from_literal(default, &definition.of, self.variables),
                (value, _) => value,
            };
            match value {
                Ok(Some(value)) => {
                    arguments.insert(definition.name.clone(), value);
                }
                Ok(None) if matches!(definition.of, Type::NonNull(_)) => {
                    let message = format!(
                        "Argument \"{}\" of required type \"{}\" was not provided.",
                        definition.name, definition.of
                    );
                    return Err(self.failed(field, &message, BAD_USER_INPUT));
                }
                Ok(None) => {}
                Err(error) => {
                    let message = format!("Argument \"{}\" has invalid value: {error}", definition.name);
                    return Err(self.failed(field, &message, BAD_USER_INPUT));
                }
            }
        }
        Ok(arguments)
    }

    fn complete(&mut self, of: &Type, value: Json, fields: &[&'a Field]) -> Result<Json, Nulled> {
        let Type::NonNull(inner) = of else {
            return Ok(self.complete_nullable(of, value, fields).unwrap_or(Json::Null));
        };
        let completed = self.complete_nullable(inner, value, fields)?;
        if completed.is_null()
            && let Some(&field) = fields.first()
        {
            let message = format!("Cannot return null for non-nullable field {}.", field.name);
            return Err(self.failed(field, &message, "INTERNAL_SERVER_ERROR"));
        }
        Ok(completed)
    }

    fn complete_nullable(&mut self, of: &Type, value: Json, fields: &[&'a Field]) -> Result<Json, Nulled> {
        match (of, value) {
            (_, Json::Null) => Ok(Json::Null),
            (Type::List(inner), Json::Array(items)) => {
                let mut completed = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    self.path.push(json!(index));
                    let item = self.complete(inner, item, fields);
                    self.path.pop();
                    completed.push(item?);
                }
                Ok(Json::Array(completed))
            }
            (_, value) => {
                let base = of.base();
                if SCHEMA.fields(base).is_none() {
                    return Ok(value);
                }
                let selections: Vec<_> = fields.iter().map(|field| field.selections.as_slice()).collect();
                self.object(base, &value, &selections)
            }
        }
    }

    fn failed(&mut self, field: &Field, message: &str, code: &'static str) -> Nulled {
        self.problems.push(Problem {
            message: message.to_owned(),
            at: vec![field.at],
            path: Some(self.path.clone()),
            code,
        });
        Nulled
    }
}
