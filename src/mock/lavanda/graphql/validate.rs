//! Whether a document makes sense against the schema (specification, section 5). All problems are found,
//! not the first, and none of the document is executed if there is one.

use std::collections::{HashMap, HashSet};

use serde_json::Map;

use super::document::{Argument, Directive, Document, Field, Selection, Type, Value};
use super::input::from_literal;
use super::lexer::Location;
use super::schema::{Definition, InputDefinition, SCHEMA};
use super::{Problem, root};

/// The problems of a document.
pub(super) fn validate(document: &Document) -> Vec<Problem> {
    let mut validation = Validation { document, variables: None, problems: Vec::new() };
    let mut depths = Depths { document, known: HashMap::new(), open: Vec::new() };
    for operation in &document.operations {
        if let Err(problem) = depths.of(&operation.selections, 0) {
            // Nothing that is too deep or endless is looked into any further.
            return vec![Problem::invalid(problem, operation.at)];
        }
        let mut known = HashSet::new();
        for variable in &operation.variables {
            if !known.insert(variable.name.as_str()) {
                let message = format!("There can be only one variable named \"${}\".", variable.name);
                validation.invalid(message, variable.at);
            }
            if !is_input(variable.of.base()) {
                let message = format!("Unknown input type \"{}\".", variable.of.base());
                validation.invalid(message, variable.at);
            }
        }
        validation.variables = Some(known);
        validation.selections(root(operation.kind), &operation.selections);
    }
    // What variables a fragment may use depends on the operations that use it; an unknown one simply has
    // no value when it is executed.
    validation.variables = None;
    for fragment in document.fragments.values() {
        if SCHEMA.fields(&fragment.on).is_none() {
            let message = format!("Unknown type \"{}\".", fragment.on);
            validation.invalid(message, fragment.at);
        } else {
            validation.selections(&fragment.on, &fragment.selections);
        }
    }
    validation.problems
}

fn is_input(name: &str) -> bool {
    match SCHEMA.definition(name) {
        Some(Definition::Object(_)) => false,
        Some(Definition::Input(_) | Definition::Enum(_)) => true,
        None => matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID"),
    }
}

/// How deep the selections of an operation may nest with its fragments spread. Validation and execution
/// recurse, and the stack is finite.
const DEEPEST: usize = 100;

/// Measures how deep selections nest, each fragment once.
struct Depths<'a> {
    document: &'a Document,
    known: HashMap<&'a str, usize>,
    /// The fragments that are being measured, outermost first.
    open: Vec<&'a str>,
}

impl<'a> Depths<'a> {
    /// How deep these selections nest, which begin at a level. The error says what is wrong.
    fn of(&mut self, selections: &'a [Selection], level: usize) -> Result<usize, String> {
        let mut deepest = 0;
        for selection in selections {
            let depth = if level >= DEEPEST {
                DEEPEST
            } else {
                match selection {
                    Selection::Field(field) => self.of(&field.selections, level + 1)?,
                    Selection::Inline { selections, .. } => self.of(selections, level + 1)?,
                    Selection::Spread { name, .. } => self.of_fragment(name, level + 1)?,
                }
            };
            deepest = deepest.max(depth + 1);
        }
        if level + deepest > DEEPEST {
            return Err("The document nests too deeply.".to_owned());
        }
        Ok(deepest)
    }

    fn of_fragment(&mut self, name: &'a str, level: usize) -> Result<usize, String> {
        if self.open.contains(&name) {
            return Err(format!("Cannot spread fragment \"{name}\" within itself."));
        }
        if let Some(depth) = self.known.get(name) {
            return Ok(*depth);
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // That it is unknown is said elsewhere.
            return Ok(0);
        };
        self.open.push(name);
        let depth = self.of(&fragment.selections, level)?;
        self.open.pop();
        self.known.insert(name, depth);
        Ok(depth)
    }
}

struct Validation<'a> {
    document: &'a Document,
    /// The variables of the operation at hand; none within a fragment.
    variables: Option<HashSet<&'a str>>,
    problems: Vec<Problem>,
}

impl Validation<'_> {
    fn invalid(&mut self, message: String, at: Location) {
        self.problems.push(Problem::invalid(message, at));
    }

    fn selections(&mut self, of: &str, selections: &[Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(of, field),
                Selection::Spread { name, directives, at } => {
                    self.directives(directives);
                    match self.document.fragments.get(name) {
                        None => self.invalid(format!("Unknown fragment \"{name}\"."), *at),
                        Some(fragment) => self.same_type(of, &fragment.on, *at),
                    }
                }
                Selection::Inline { on, directives, selections, at } => {
                    self.directives(directives);
                    self.same_type(of, on.as_deref().unwrap_or(of), *at);
                    self.selections(of, selections);
                }
            }
        }
    }

    /// The schema has no interfaces and no unions, so that a fragment fits its own type only.
    fn same_type(&mut self, of: &str, on: &str, at: Location) {
        if of != on {
            let message =
                format!("Fragment cannot be spread here as objects of type \"{of}\" can never be of type \"{on}\".");
            self.invalid(message, at);
        }
    }

    fn field(&mut self, of: &str, field: &Field) {
        self.directives(&field.directives);
        if field.name == "__typename" {
            return;
        }
        if field.name.starts_with("__") {
            self.problems.push(Problem {
                code: "INTROSPECTION_DISABLED",
                ..Problem::invalid("Introspection is not allowed here.".to_owned(), field.at)
            });
            return;
        }
        let Some(definition) = SCHEMA.field(of, &field.name) else {
            let message = format!("Cannot query field \"{}\" on type \"{of}\".", field.name);
            self.invalid(message, field.at);
            return;
        };
        self.arguments(&format!("{of}.{}", field.name), &definition.arguments, &field.arguments, field.at);
        let base = definition.of.base();
        let is_object = SCHEMA.fields(base).is_some();
        if is_object && field.selections.is_empty() {
            let message =
                format!("Field \"{}\" of type \"{}\" must have a selection of subfields.", field.name, definition.of);
            self.invalid(message, field.at);
        } else if !is_object && !field.selections.is_empty() {
            let message = format!(
                "Field \"{}\" must not have a selection since type \"{}\" has no subfields.",
                field.name, definition.of
            );
            self.invalid(message, field.at);
        } else if is_object {
            self.selections(base, &field.selections);
        }
    }

    fn arguments(&mut self, place: &str, definitions: &[InputDefinition], arguments: &[Argument], at: Location) {
        for (index, argument) in arguments.iter().enumerate() {
            let name = &argument.name;
            if arguments[..index].iter().any(|earlier| earlier.name == *name) {
                let message = format!("There can be only one argument named \"{name}\".");
                self.invalid(message, argument.at);
            }
            self.used_variables(&argument.value, argument.at);
            match definitions.iter().find(|definition| definition.name == *name) {
                None => self.invalid(format!("Unknown argument \"{name}\" on field \"{place}\"."), argument.at),
                // What holds variables is judged when their values are known.
                Some(definition) if !holds_variable(&argument.value) => {
                    if let Err(error) = from_literal(&argument.value, &definition.of, &Map::new()) {
                        self.invalid(format!("Argument \"{name}\" has invalid value: {error}"), argument.at);
                    }
                }
                Some(_) => {}
            }
        }
        for definition in definitions {
            let is_required = matches!(definition.of, Type::NonNull(_)) && definition.default.is_none();
            let is_given = arguments.iter().any(|argument| argument.name == definition.name);
            if is_required && !is_given {
                let message = format!(
                    "Field \"{place}\" argument \"{}\" of type \"{}\" is required, but it was not provided.",
                    definition.name, definition.of
                );
                self.invalid(message, at);
            }
        }
    }

    fn used_variables(&mut self, value: &Value, at: Location) {
        match value {
            Value::Variable(name) => {
                if let Some(known) = &self.variables
                    && !known.contains(name.as_str())
                {
                    self.invalid(format!("Variable \"${name}\" is not defined."), at);
                }
            }
            Value::List(items) => {
                for item in items {
                    self.used_variables(item, at);
                }
            }
            Value::Object(members) => {
                for (_, member) in members {
                    self.used_variables(member, at);
                }
            }
            _ => {}
        }
    }

    fn directives(&mut self, directives: &[Directive]) {
        for directive in directives {
            let is_known = matches!(directive.name.as_str(), "include" | "skip");
            let has_condition = matches!(directive.arguments.as_slice(), [only] if only.name == "if");
            if !is_known {
                let message = format!("Unknown directive \"@{}\".", directive.name);
                self.invalid(message, directive.at);
            } else if !has_condition {
                let message =
                    format!("Directive \"@{}\" argument \"if\" of type \"Boolean!\" is required.", directive.name);
                self.invalid(message, directive.at);
            }
            for argument in &directive.arguments {
                self.used_variables(&argument.value, argument.at);
            }
        }
    }
}

fn holds_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(holds_variable),
        Value::Object(members) => members.iter().any(|(_, member)| holds_variable(member)),
        _ => false,
    }
}
