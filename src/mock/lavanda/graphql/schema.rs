//! The schema of the API, read once from its own language.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::document::{Parser, Type, Value};
use super::lexer::{SyntaxError, Token};

/// The schema as its clients would read it.
pub(super) static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::parse(include_str!("schema.graphql")).expect("the embedded schema is valid"));

pub(super) struct Schema {
    definitions: HashMap<String, Definition>,
}

/// A type that the schema defines.
pub(super) enum Definition {
    Object(Vec<FieldDefinition>),
    Input(Vec<InputDefinition>),
    Enum(Vec<String>),
}

/// A field of an object type.
pub(super) struct FieldDefinition {
    pub(super) name: String,
    pub(super) arguments: Vec<InputDefinition>,
    pub(super) of: Type,
}

/// An argument, or a member of an input type.
pub(super) struct InputDefinition {
    pub(super) name: String,
    pub(super) of: Type,
    pub(super) default: Option<Value>,
}

impl Schema {
    /// The definition of a type; scalars have none.
    pub(super) fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.get(name)
    }

    /// The fields of an object type.
    pub(super) fn fields(&self, name: &str) -> Option<&[FieldDefinition]> {
        match self.definitions.get(name)? {
            Definition::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// A field of an object type.
    pub(super) fn field(&self, of: &str, name: &str) -> Option<&FieldDefinition> {
        self.fields(of)?.iter().find(|field| field.name == name)
    }

    fn parse(source: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser::new(source)?;
        let mut definitions = HashMap::new();
        while *parser.peek() != Token::End {
            parser.skip_text();
            let keyword = parser.name()?;
            let name = parser.name()?;
            parser.expect("{")?;
            let definition = match keyword.as_str() {
                "type" => {
                    let mut fields = Vec::new();
                    while !parser.take("}") {
                        fields.push(FieldDefinition::parse(&mut parser)?);
                    }
                    Definition::Object(fields)
                }
                "input" => {
                    let mut members = Vec::new();
                    while !parser.take("}") {
                        members.push(InputDefinition::parse(&mut parser)?);
                    }
                    Definition::Input(members)
                }
                "enum" => {
                    let mut values = Vec::new();
                    while !parser.take("}") {
                        values.push(parser.name()?);
                    }
                    Definition::Enum(values)
                }
                _ => return Err(parser.unexpected()),
            };
            definitions.insert(name, definition);
        }
        Ok(Self { definitions })
    }
}

impl FieldDefinition {
    fn parse(parser: &mut Parser) -> Result<Self, SyntaxError> {
        parser.skip_text();
        let name = parser.name()?;
        let mut arguments = Vec::new();
        if parser.take("(") {
            while !parser.take(")") {
                arguments.push(InputDefinition::parse(parser)?);
            }
        }
        parser.expect(":")?;
        let of = parser.type_reference()?;
        Ok(Self { name, arguments, of })
    }
}

impl InputDefinition {
    fn parse(parser: &mut Parser) -> Result<Self, SyntaxError> {
        parser.skip_text();
        let name = parser.name()?;
        parser.expect(":")?;
        let of = parser.type_reference()?;
        let default = if parser.take("=") { Some(parser.value()?) } else { None };
        Ok(Self { name, of, default })
    }
}
