//! An executable GraphQL document: operations, fragments, and the selections in them. Parsing knows nothing
//! of the schema; whether a document makes sense is decided when it is executed.

use std::collections::HashMap;

use super::lexer::{Location, SyntaxError, Token, tokens};

/// How deep selections, values and types may nest. Parsing recurses, and the stack is finite.
const DEEPEST: u32 = 60;

#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: HashMap<String, Fragment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Mutation,
    Subscription,
}

#[derive(Debug)]
pub(super) struct Operation {
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    pub(super) variables: Vec<Variable>,
    pub(super) selections: Vec<Selection>,
    pub(super) at: Location,
}

#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) of: Type,
    pub(super) default: Option<Value>,
    pub(super) at: Location,
}

#[derive(Debug)]
pub(super) struct Fragment {
    pub(super) on: String,
    pub(super) selections: Vec<Selection>,
    pub(super) at: Location,
}

#[derive(Debug)]
pub(super) enum Selection {
    Field(Field),
    Spread { name: String, directives: Vec<Directive>, at: Location },
    Inline { on: Option<String>, directives: Vec<Directive>, selections: Vec<Selection>, at: Location },
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) alias: Option<String>,
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
    pub(super) at: Location,
}

#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) at: Location,
}

#[derive(Debug)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Variable(String),
    Int(i64),
    Float(f64),
    Text(String),
    Boolean(bool),
    Null,
    Enum(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Named(String),
    List(Box<Type>),
    NonNull(Box<Type>),
}

impl Type {
    /// The type without its lists and exclamation marks.
    pub(super) fn base(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.base(),
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => formatter.write_str(name),
            Self::List(inner) => write!(formatter, "[{inner}]"),
            Self::NonNull(inner) => write!(formatter, "{inner}!"),
        }
    }
}

impl Field {
    /// The name of the field in the response.
    pub(super) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// Parses an executable document.
pub(super) fn parse(source: &str) -> Result<Document, SyntaxError> {
    let mut parser = Parser::new(source)?;
    let mut document = Document::default();
    loop {
        let at = parser.at();
        match parser.peek() {
            Token::End if !document.operations.is_empty() => return Ok(document),
            Token::Punctuator("{") => document.operations.push(Operation {
                kind: Kind::Query,
                name: None,
                variables: Vec::new(),
                selections: parser.selections()?,
                at,
            }),
            Token::Name(word) if word == "fragment" => {
                let (name, fragment) = parser.fragment()?;
                document.fragments.insert(name, fragment);
            }
            Token::Name(word) => {
                let kind = match word.as_str() {
                    "query" => Kind::Query,
                    "mutation" => Kind::Mutation,
                    "subscription" => Kind::Subscription,
                    _ => return Err(parser.unexpected()),
                };
                document.operations.push(parser.operation(kind)?);
            }
            _ => return Err(parser.unexpected()),
        }
    }
}

/// Reads tokens one after the other; the schema is read with it too.
pub(super) struct Parser {
    tokens: Vec<(Token, Location)>,
    index: usize,
    depth: u32,
}

impl Parser {
    pub(super) fn new(source: &str) -> Result<Self, SyntaxError> {
        Ok(Self { tokens: tokens(source)?, index: 0, depth: 0 })
    }

    pub(super) fn peek(&self) -> &Token {
        // The last token is the end, and nothing goes past it.
        &self.tokens[self.index.min(self.tokens.len() - 1)].0
    }

    pub(super) fn at(&self) -> Location {
        self.tokens[self.index.min(self.tokens.len() - 1)].1
    }

    pub(super) fn unexpected(&self) -> SyntaxError {
        SyntaxError { message: format!("Syntax Error: Unexpected {}.", self.peek()), at: self.at() }
    }

    pub(super) fn take(&mut self, punctuator: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Punctuator(next) if *next == punctuator);
        self.index += usize::from(is_next);
        is_next
    }

    pub(super) fn expect(&mut self, punctuator: &str) -> Result<(), SyntaxError> {
        if self.take(punctuator) {
            return Ok(());
        }
        Err(SyntaxError {
            message: format!("Syntax Error: Expected \"{punctuator}\", found {}.", self.peek()),
            at: self.at(),
        })
    }

    pub(super) fn name(&mut self) -> Result<String, SyntaxError> {
        let Token::Name(name) = self.peek() else {
            return Err(SyntaxError {
                message: format!("Syntax Error: Expected Name, found {}.", self.peek()),
                at: self.at(),
            });
        };
        let name = name.clone();
        self.index += 1;
        Ok(name)
    }

    /// Skips a description, which only schemas have.
    pub(super) fn skip_text(&mut self) {
        if matches!(self.peek(), Token::Text(_)) {
            self.index += 1;
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        if self.depth == DEEPEST {
            return Err(SyntaxError {
                message: "Syntax Error: The document nests too deeply.".to_owned(),
                at: self.at(),
            });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn operation(&mut self, kind: Kind) -> Result<Operation, SyntaxError> {
        let at = self.at();
        self.name()?;
        let name = match self.peek() {
            Token::Name(_) => Some(self.name()?),
            _ => None,
        };
        let mut variables = Vec::new();
        if self.take("(") {
            while !self.take(")") {
                variables.push(self.variable()?);
            }
        }
        self.directives()?;
        Ok(Operation { kind, name, variables, selections: self.selections()?, at })
    }

    fn variable(&mut self) -> Result<Variable, SyntaxError> {
        let at = self.at();
        self.expect("$")?;
        let name = self.name()?;
        self.expect(":")?;
        let of = self.type_reference()?;
        let default = if self.take("=") { Some(self.value()?) } else { None };
        self.directives()?;
        Ok(Variable { name, of, default, at })
    }

    pub(super) fn type_reference(&mut self) -> Result<Type, SyntaxError> {
        let inner = if self.take("[") {
            let inner = self.nested(Self::type_reference)?;
            self.expect("]")?;
            Type::List(Box::new(inner))
        } else {
            Type::Named(self.name()?)
        };
        Ok(if self.take("!") { Type::NonNull(Box::new(inner)) } else { inner })
    }

    fn fragment(&mut self) -> Result<(String, Fragment), SyntaxError> {
        let at = self.at();
        self.name()?;
        let name = self.name()?;
        self.on()?;
        let on = self.name()?;
        self.directives()?;
        let selections = self.selections()?;
        Ok((name, Fragment { on, selections, at }))
    }

    fn on(&mut self) -> Result<(), SyntaxError> {
        match self.peek() {
            Token::Name(word) if word == "on" => {
                self.index += 1;
                Ok(())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn selections(&mut self) -> Result<Vec<Selection>, SyntaxError> {
        self.expect("{")?;
        let mut selections = vec![self.nested(Self::selection)?];
        while !self.take("}") {
            selections.push(self.nested(Self::selection)?);
        }
        Ok(selections)
    }

    fn selection(&mut self) -> Result<Selection, SyntaxError> {
        let at = self.at();
        if !self.take("...") {
            return Ok(Selection::Field(self.field()?));
        }
        match self.peek() {
            Token::Name(word) if word != "on" => {
                Ok(Selection::Spread { name: self.name()?, directives: self.directives()?, at })
            }
            next => {
                let on = if matches!(next, Token::Name(_)) {
                    self.on()?;
                    Some(self.name()?)
                } else {
                    None
                };
                Ok(Selection::Inline { on, directives: self.directives()?, selections: self.selections()?, at })
            }
        }
    }

    fn field(&mut self) -> Result<Field, SyntaxError> {
        let at = self.at();
        let mut name = self.name()?;
        let mut alias = None;
        if self.take(":") {
            alias = Some(name);
            name = self.name()?;
        }
        let arguments = self.arguments()?;
        let directives = self.directives()?;
        let selections = if matches!(self.peek(), Token::Punctuator("{")) { self.selections()? } else { Vec::new() };
        Ok(Field { alias, name, arguments, directives, selections, at })
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, SyntaxError> {
        let mut arguments = Vec::new();
        if self.take("(") {
            while !self.take(")") {
                let at = self.at();
                let name = self.name()?;
                self.expect(":")?;
                let value = self.value()?;
                arguments.push(Argument { name, value, at });
            }
        }
        Ok(arguments)
    }

    fn directives(&mut self) -> Result<Vec<Directive>, SyntaxError> {
        let mut directives = Vec::new();
        loop {
            let at = self.at();
            if !self.take("@") {
                return Ok(directives);
            }
            directives.push(Directive { name: self.name()?, arguments: self.arguments()?, at });
        }
    }

    pub(super) fn value(&mut self) -> Result<Value, SyntaxError> {
        if self.take("$") {
            return Ok(Value::Variable(self.name()?));
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.nested(Self::value)?);
            }
            return Ok(Value::List(items));
        }
        if self.take("{") {
            let mut members = Vec::new();
            while !self.take("}") {
                let name = self.name()?;
                self.expect(":")?;
                members.push((name, self.nested(Self::value)?));
            }
            return Ok(Value::Object(members));
        }
        let value = match self.peek() {
            Token::Int(number) => Value::Int(*number),
            Token::Float(number) => Value::Float(*number),
            Token::Text(text) => Value::Text(text.clone()),
            Token::Name(name) => match name.as_str() {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                "null" => Value::Null,
                _ => Value::Enum(name.clone()),
            },
            _ => return Err(self.unexpected()),
        };
        self.index += 1;
        Ok(value)
    }
}
