//! Input values made to fit their types (specification, section 3.5 and 6.1.2): variables as they were
//! sent, and literals as they stand in the document.

use serde_json::{Map, Number, Value as Json};

use super::document::{Operation, Type, Value};
use super::schema::{Definition, InputDefinition, SCHEMA};
use super::{BAD_USER_INPUT, Problem};

/// The variables of an operation, made to fit their declared types.
pub(super) fn variables(operation: &Operation, given: &Map<String, Json>) -> Result<Map<String, Json>, Vec<Problem>> {
    let mut variables = Map::new();
    let mut problems = Vec::new();
    for variable in &operation.variables {
        let name = &variable.name;
        let problem = |message: String| Problem { message, at: vec![variable.at], path: None, code: BAD_USER_INPUT };
        let value = match given.get(name) {
            Some(value) => from_json(value, &variable.of).map(Some),
            None => match &variable.default {
                Some(default) => from_literal(default, &variable.of, &Map::new()),
                None => Ok(None),
            },
        };
        match value {
            Ok(Some(value)) => {
                variables.insert(name.clone(), value);
            }
            Ok(None) if matches!(variable.of, Type::NonNull(_)) => problems
                .push(problem(format!("Variable \"${name}\" of required type \"{}\" was not provided.", variable.of))),
            Ok(None) => {}
            Err(error) => problems.push(problem(format!("Variable \"${name}\" got invalid value: {error}"))),
        }
    }
    if problems.is_empty() { Ok(variables) } else { Err(problems) }
}

/// A value from outside, made to fit a type.
pub(super) fn from_json(value: &Json, of: &Type) -> Result<Json, String> {
    match of {
        Type::NonNull(_) if value.is_null() => Err(format!("Expected value of type \"{of}\", found null.")),
        Type::NonNull(inner) => from_json(value, inner),
        _ if value.is_null() => Ok(Json::Null),
        Type::List(inner) => match value {
            Json::Array(items) => items.iter().map(|item| from_json(item, inner)).collect(),
            // One value stands for a list of one.
            one => Ok(Json::Array(vec![from_json(one, inner)?])),
        },
        Type::Named(name) => named_from_json(value, name),
    }
}

fn named_from_json(value: &Json, name: &str) -> Result<Json, String> {
    let unfit = || Err(format!("{name} cannot represent value: {value}"));
    match (SCHEMA.definition(name), value) {
        (Some(Definition::Enum(values)), Json::String(given)) => {
            if values.contains(given) {
                Ok(value.clone())
            } else {
                Err(format!("Value \"{given}\" does not exist in \"{name}\" enum."))
            }
        }
        (Some(Definition::Input(members)), Json::Object(given)) => {
            let unknown = given.keys().find(|key| !members.iter().any(|member| member.name == **key));
            if let Some(key) = unknown {
                return Err(format!("Field \"{key}\" is not defined by type \"{name}\"."));
            }
            complete_object(name, members, |member| {
                given.get(&member.name).map(|value| from_json(value, &member.of)).transpose()
            })
        }
        (Some(_), _) => unfit(),
        (None, _) => {
            let fits = match name {
                "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                "Float" => value.is_number(),
                "String" => value.is_string(),
                "Boolean" => value.is_boolean(),
                "ID" => value.is_string() || value.is_i64() || value.is_u64(),
                _ => return Err(format!("Unknown type \"{name}\".")),
            };
            match value {
                _ if !fits => unfit(),
                Json::Number(number) if name == "ID" => Ok(Json::String(number.to_string())),
                _ => Ok(value.clone()),
            }
        }
    }
}

/// A literal of the document, made to fit a type. A variable that was not given is no value at all.
pub(super) fn from_literal(value: &Value, of: &Type, variables: &Map<String, Json>) -> Result<Option<Json>, String> {
    match (value, of) {
        (Value::Variable(name), _) => match variables.get(name) {
            Some(value) => from_json(value, of).map(Some),
            None => Ok(None),
        },
        (Value::Null, Type::NonNull(_)) => Err(format!("Expected value of type \"{of}\", found null.")),
        (_, Type::NonNull(inner)) => from_literal(value, inner, variables),
        (Value::Null, _) => Ok(Some(Json::Null)),
        (Value::List(items), Type::List(inner)) => items
            .iter()
            .map(|item| Ok(from_literal(item, inner, variables)?.unwrap_or(Json::Null)))
            .collect::<Result<Vec<_>, String>>()
            .map(|items| Some(Json::Array(items))),
        (one, Type::List(inner)) => {
            let one = from_literal(one, inner, variables)?;
            Ok(one.map(|one| Json::Array(vec![one])))
        }
        (_, Type::Named(name)) => named_from_literal(value, name, variables).map(Some),
    }
}

fn named_from_literal(value: &Value, name: &str, variables: &Map<String, Json>) -> Result<Json, String> {
    let unfit = || Err(format!("Expected value of type \"{name}\", found another."));
    match (value, SCHEMA.definition(name)) {
        (Value::Enum(given), Some(Definition::Enum(_))) => named_from_json(&Json::String(given.clone()), name),
        (Value::Object(given), Some(Definition::Input(members))) => {
            let unknown = given.iter().find(|(key, _)| !members.iter().any(|member| member.name == *key));
            if let Some((key, _)) = unknown {
                return Err(format!("Field \"{key}\" is not defined by type \"{name}\"."));
            }
            complete_object(name, members, |member| match given.iter().find(|(key, _)| *key == member.name) {
                Some((_, value)) => from_literal(value, &member.of, variables),
                None => Ok(None),
            })
        }
        (Value::Int(number), None) => named_from_json(&Json::from(*number), name),
        (Value::Float(number), None) => match Number::from_f64(*number) {
            Some(number) => named_from_json(&Json::Number(number), name),
            None => unfit(),
        },
        (Value::Text(text), None) => named_from_json(&Json::String(text.clone()), name),
        (Value::Boolean(flag), None) => named_from_json(&Json::Bool(*flag), name),
        _ => unfit(),
    }
}

fn complete_object(
    name: &str,
    members: &[InputDefinition],
    mut value_of: impl FnMut(&InputDefinition) -> Result<Option<Json>, String>,
) -> Result<Json, String> {
    let mut object = Map::new();
    for member in members {
        match value_of(member)? {
            Some(value) => {
                object.insert(member.name.clone(), value);
            }
            None if matches!(member.of, Type::NonNull(_)) => {
                return Err(format!(
                    "Field \"{name}.{}\" of required type \"{}\" was not provided.",
                    member.name, member.of
                ));
            }
            None => {}
        }
    }
    Ok(Json::Object(object))
}
