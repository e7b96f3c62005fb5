//! A small GraphQL service (specification of October 2021): it parses, validates and executes for real, so
//! that a client gets exactly the fields it asked for, and the errors it deserves.

mod document;
mod execute;
mod input;
mod lexer;
mod schema;
mod validate;

use serde_json::{Map, Value as Json, json};

use document::{Document, Kind, Operation};
use lexer::Location;

/// A request as it is posted.
pub(super) struct Request {
    query: String,
    variables: Map<String, Json>,
    operation: Option<String>,
}

impl Request {
    /// Reads the posted envelope. The error says what is wrong with it.
    pub(super) fn read(envelope: &Map<String, Json>) -> Result<Self, String> {
        let query = match envelope.get("query") {
            Some(Json::String(query)) => query.clone(),
            _ => return Err("the body must have a query, which is a text".to_owned()),
        };
        let variables = match envelope.get("variables") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(variables)) => variables.clone(),
            Some(_) => return Err("variables must be an object".to_owned()),
        };
        let operation = match envelope.get("operationName") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(name.clone()),
            Some(_) => return Err("operationName must be a text".to_owned()),
        };
        Ok(Self { query, variables, operation })
    }
}

/// A field whose value is wanted.
pub(super) struct Resolution<'a> {
    /// The type that the field belongs to.
    pub(super) of: &'a str,
    pub(super) field: &'a str,
    /// The value that the field belongs to; null for the fields of the root types.
    pub(super) source: &'a Json,
    pub(super) arguments: &'a Map<String, Json>,
}

/// Why a field has no value.
pub(super) struct FieldError {
    pub(super) message: String,
    pub(super) code: &'static str,
}

/// What gives fields their values.
pub(super) type Resolver<'a> = dyn Fn(&Resolution<'_>) -> Result<Json, FieldError> + 'a;

/// An error of the response.
struct Problem {
    message: String,
    at: Vec<Location>,
    path: Option<Vec<Json>>,
    code: &'static str,
}

const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
pub(super) const BAD_USER_INPUT: &str = "BAD_USER_INPUT";

impl Problem {
    fn invalid(message: String, at: Location) -> Self {
        Self { message, at: vec![at], path: None, code: VALIDATION_FAILED }
    }

    fn to_json(&self) -> Json {
        let mut error = json!({ "message": self.message });
        if !self.at.is_empty() {
            error["locations"] = json!(self.at);
        }
        if let Some(path) = &self.path {
            error["path"] = json!(path);
        }
        error["extensions"] = json!({ "code": self.code });
        error
    }
}

/// Answers a request.
pub(super) fn respond(request: &Request, resolve: &Resolver<'_>) -> Json {
    match answered(request, resolve) {
        Ok((data, problems)) if problems.is_empty() => json!({ "data": data }),
        Ok((data, problems)) => json!({ "errors": in_json(&problems), "data": data }),
        Err(problems) => json!({ "errors": in_json(&problems), "data": null }),
    }
}

fn in_json(problems: &[Problem]) -> Vec<Json> {
    problems.iter().map(Problem::to_json).collect()
}

fn answered(request: &Request, resolve: &Resolver<'_>) -> Result<(Json, Vec<Problem>), Vec<Problem>> {
    let document = document::parse(&request.query).map_err(|error| {
        vec![Problem { message: error.message, at: vec![error.at], path: None, code: PARSE_FAILED }]
    })?;
    let operation = chosen(&document, request.operation.as_deref()).map_err(|problem| vec![problem])?;
    let problems = validate::validate(&document);
    if !problems.is_empty() {
        return Err(problems);
    }
    let variables = input::variables(operation, &request.variables)?;
    Ok(execute::execute(&document, operation, &variables, resolve))
}

/// The operation that is meant: the one that is named, or the only one there is.
fn chosen<'a>(document: &'a Document, name: Option<&str>) -> Result<&'a Operation, Problem> {
    let problem =
        |message: String| Problem { message, at: Vec::new(), path: None, code: "OPERATION_RESOLUTION_FAILURE" };
    let operation = match (name, document.operations.as_slice()) {
        (None, [only]) => only,
        (None, _) => {
            return Err(problem("Must provide operation name if query contains multiple operations.".to_owned()));
        }
        (Some(name), operations) => operations
            .iter()
            .find(|operation| operation.name.as_deref() == Some(name))
            .ok_or_else(|| problem(format!("Unknown operation named \"{name}\".")))?,
    };
    if operation.kind == Kind::Subscription {
        return Err(problem("Subscriptions are not supported.".to_owned()));
    }
    Ok(operation)
}

/// The root type of an operation.
fn root(kind: Kind) -> &'static str {
    match kind {
        Kind::Query => "Query",
        Kind::Mutation => "Mutation",
        Kind::Subscription => "Subscription",
    }
}
