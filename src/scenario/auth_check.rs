//! `auth_check`: one call, made without credentials and with wrong ones, which must be refused each time.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::model::{Expect, StatusExpected};
use super::sending::{BodyWritten, Graphql, OneOrMore, Values};
use super::step::{Call, Method, check_request_line};
use super::tree::Tree;
use crate::source::{Diagnostic, Duration, Keys, Kind, Node, Read, Reader, Span, Spanned, Unread, mapping, suggestion};
use crate::template::Template;

/// A wrong way to make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthCase {
    /// Without any credential.
    NoToken,
    /// With a text that is no credential.
    Garbage,
    /// With a token that has expired.
    Expired,
    /// With a token whose signature was changed.
    Tampered,
    /// With a token that says it needs no signature.
    AlgNone,
    /// With the token of somebody else.
    OtherPersona,
    /// With a token of another environment.
    OtherEnvironment,
}

impl AuthCase {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 7] = [
        Self::NoToken,
        Self::Garbage,
        Self::Expired,
        Self::Tampered,
        Self::AlgNone,
        Self::OtherPersona,
        Self::OtherEnvironment,
    ];

    /// The word of the format.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::Garbage => "garbage",
            Self::Expired => "expired",
            Self::Tampered => "tampered",
            Self::AlgNone => "alg_none",
            Self::OtherPersona => "other_persona",
            Self::OtherEnvironment => "other_environment",
        }
    }
}

/// A check of one call.
#[derive(Debug, Clone)]
pub struct AuthCheck {
    /// The call. It expects nothing and captures nothing.
    pub call: Call,
    /// What is not tried.
    pub except: Vec<AuthCase>,
    /// The status of a refusal; 401 or 403 unless given.
    pub refused: Option<StatusExpected>,
    /// Whose tokens are tried.
    pub personas: Vec<Spanned<String>>,
    /// The environments whose tokens may be sent to this one.
    pub environments: Vec<Spanned<String>>,
    /// A token that has truly expired.
    pub expired: Option<Template>,
}

mapping! {
    /// A call that must be refused without credentials and with wrong ones.
    pub struct AuthCheckKeys("`auth_check`") {
        required {
            /// The method and the URL: `GET /devices`.
            "request" => request: Template,
        }
        optional {
            /// What is not tried: no_token, garbage, expired, tampered, alg_none, other_persona, other_environment.
            "except" => except: Option<OneOrMore<AuthCase>>,
            /// The status of a refusal; `[401, 403]` unless given.
            "expect" => refused: Option<StatusExpected>,
            /// The personas whose tokens must be refused; those that the files name beside this one unless given.
            "personas" => personas: Vec<Spanned<String>>,
            /// The environments whose tokens are sent to this one and must be refused. Never one of production.
            "environments" => environments: Vec<Spanned<String>>,
            /// A token that has truly expired, in place of one that is made to look so.
            "expired" => expired: Option<Template>,
            /// Parameters added to the URL.
            "query" => query: Keys<Values>,
            /// Header fields.
            "headers" => headers: Keys<Values>,
            /// A JSON body.
            "json" => json: Option<Tree>,
            /// A form.
            "form" => form: Option<Keys<Values>>,
            /// A GraphQL query.
            "graphql" => graphql: Option<Graphql>,
            /// A text body.
            "text" => text: Option<Template>,
            /// How long each call may take.
            "timeout" => timeout: Option<Duration>,
            /// How many redirects are followed at most.
            "redirects" => redirects: Option<u32>,
        }
    }
}

impl AuthCheck {
    /// The place of the request.
    pub fn span(&self) -> Span {
        self.call.url.span()
    }
}

impl Read for AuthCheck {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if matches!(node.kind, Kind::String(_)) {
            let request = Template::read(node, reader)?;
            check_request_line(Some(&request), "GET /devices", reader)?;
            let (query, headers) = (Keys::default(), Keys::default());
            return Ok(Self {
                call: call(request, query, headers, BodyWritten::Empty),
                except: Vec::new(),
                refused: None,
                personas: Vec::new(),
                environments: Vec::new(),
                expired: None,
            });
        }
        if node.entries().is_none() {
            return Err(reader.expected("a request such as `GET /devices`, or a mapping with `request`,", node));
        }
        let written = AuthCheckKeys::read(node, reader)?;
        check_request_line(Some(&written.request), "GET /devices", reader)?;
        let bodies: Vec<_> =
            written.at.keys().filter(|(key, _)| matches!(*key, "json" | "form" | "graphql" | "text")).collect();
        if let [(first, first_at), (second, second_at), ..] = bodies[..] {
            let what = format!("a call has one body, and this has both `{first}` and `{second}`");
            let problem = Diagnostic::error("format.step", what).at(second_at, "the second").at(first_at, "the first");
            return Err(reader.report(problem.help("remove one of the two")));
        }
        let mut whole = Ok(());
        for environment in written.environments.iter().filter(|name| is_production(&name.value)) {
            let what = format!("tokens of `{}` are never sent to another environment", environment.value);
            whole = Err(reader.report(
                Diagnostic::error("format.auth-check", what)
                    .at(environment.span, "its name looks like production")
                    .help("name an environment whose tokens may be sent here, such as a test environment"),
            ));
        }
        whole?;
        let body = match (written.json, written.form, written.graphql, written.text) {
            (Some(json), ..) => BodyWritten::Json(json),
            (_, Some(form), ..) => BodyWritten::Form(form),
            (_, _, Some(graphql), _) => BodyWritten::Graphql(Box::new(graphql)),
            (.., Some(text)) => BodyWritten::Text(text),
            _ => BodyWritten::Empty,
        };
        let (timeout, redirects) = (written.timeout, written.redirects);
        Ok(Self {
            call: Call { timeout, redirects, ..call(written.request, written.query, written.headers, body) },
            except: written.except.map(|except| except.0).unwrap_or_default(),
            refused: written.refused,
            personas: written.personas,
            environments: written.environments,
            expired: written.expired,
        })
    }
}

fn call(url: Template, query: Keys<Values>, headers: Keys<Values>, body: BodyWritten) -> Call {
    Call {
        method: Method::Written,
        url,
        query,
        headers,
        body,
        timeout: None,
        redirects: None,
        retry: None,
        poll: None,
        expect: Expect::default(),
        capture: Vec::new(),
    }
}

/// Whether an environment's name says that it is production: `prod`, `eu-production`, `live`.
pub fn is_production(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split(|c: char| !c.is_alphanumeric())
        .any(|word| matches!(word, "prod" | "production" | "prd" | "live") || word.starts_with("prod"))
}

impl JsonSchema for AuthCheck {
    fn schema_name() -> Cow<'static, str> {
        "AuthCheck".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let keys = generator.subschema_for::<AuthCheckKeys>();
        json_schema!({ "anyOf": [{ "type": "string", "description": "A request: `GET /devices`." }, keys] })
    }
}

impl Read for AuthCase {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(text) = node.as_str() else { return Err(reader.expected("a case of `auth_check`", node)) };
        if let Some(case) = Self::ALL.into_iter().find(|case| case.word() == text) {
            return Ok(case);
        }
        let words = Self::ALL.map(Self::word);
        let problem = Diagnostic::error("format.value", format!("`auth_check` has no case `{text}`")).at(node.span, "");
        Err(reader.report(match suggestion(text, words) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("the cases are {}", words.join(", "))),
        }))
    }
}

impl JsonSchema for AuthCase {
    fn schema_name() -> Cow<'static, str> {
        "AuthCase".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::word) })
    }
}
