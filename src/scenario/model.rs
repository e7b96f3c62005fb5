//! What a scenario says, as data: read from its file, with the place of everything that can turn out wrong.

use std::sync::Arc;

use super::auth_check::AuthCheck;
use super::body::{BytesExpect, JwtExpect, MarkupPath};
use super::capture::Capture;
use super::expected::Expected;
use super::ignore::Ignore;
use super::schema::SchemaExpected;
use super::signature::SignatureExpected;
use super::snapshot::Snapshot;
use super::step::{Call, StepWritten};
use super::tree::Tree;
use crate::jsonpath::JsonPath;
use crate::source::{Duration, Keys, Span, Spanned, Written, mapping};
use crate::template::{Expression, Template};

mapping! {
    /// A workflow against an API: an auth step, then calls with expectations.
    pub struct Scenario("a scenario") {
        required {
            /// The title; a scenario file begins with it.
            "scenario" => title: Spanned<String>,
        }
        optional {
            /// What the scenario is about, in Markdown; shown in reports.
            "description" => description: Option<String>,
            /// Words that `--tag` selects by.
            "tags" => tags: Vec<Spanned<String>>,
            /// What relative URLs resolve against. Without it, the `api` of the provider that the scenario
            /// authenticates with.
            "base_url" => base_url: Option<Template>,
            /// The auth step: a provider by name, a mapping, or `none`.
            "auth" => auth: Option<Auth>,
            /// Variables, evaluated in their order when the scenario starts.
            "vars" => vars: Keys<Tree>,
            /// The scenario runs once for each of these, `case` holding its values.
            "cases" => cases: Option<Cases>,
            /// How long the scenario may take, teardown not counted.
            "timeout" => timeout: Option<Duration>,
            /// Steps that prepare; a failure here is a setup failure, and no step is run.
            "setup" => setup: Vec<Step>,
            /// The steps, in their order; after a failed one the rest is skipped.
            "steps" => steps: Vec<Step>,
            /// Steps that tidy up; they always run, also after a failure, a time-out or Ctrl-C.
            "teardown" => teardown: Vec<Step>,
        }
        later { "lock", "needs", "exports", }
    }
}

mapping! {
    /// Steps that several scenarios share, with parameters.
    pub struct Fragment("a fragment") {
        required {
            /// The title; a fragment file begins with it.
            "fragment" => title: Spanned<String>,
            /// The steps.
            "steps" => steps: Vec<Step>,
        }
        optional {
            /// What the fragment is about, in Markdown.
            "description" => description: Option<String>,
            /// The parameters that `with` gives.
            "params" => params: Keys<Param>,
            /// The variables that the caller gets, each an expression over the fragment's captures.
            "returns" => returns: Keys<Tree>,
        }
    }
}

mapping! {
    /// A parameter of a fragment.
    pub struct Param("a parameter") {
        required {}
        optional {
            /// Its type.
            "type" => kind: Option<Spanned<ParamType>>,
            /// Its value where `with` gives none; a parameter without a default is required.
            "default" => default: Option<Tree>,
            /// What it is for.
            "description" => description: Option<String>,
        }
    }
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParamType {
    /// Any value.
    Any,
    /// A string.
    String,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// A mapping.
    Object,
}

/// Who a scenario or a step acts as.
#[derive(Debug, Clone)]
pub enum Auth {
    /// `auth: none`: no credentials are sent.
    None(Span),
    /// A provider's token.
    Provider(Box<AuthStep>),
}

mapping! {
    /// An auth step.
    pub struct AuthStep("an auth step") {
        required {
            /// The provider, by its name.
            "provider" => provider: Spanned<String>,
        }
        optional {
            /// The persona: a named set of credentials. Without it, `default`.
            "as" => persona: Option<Spanned<Template>>,
            /// The scopes to ask for, in place of the provider's own.
            "scope" => scope: Option<Scopes>,
            /// Take no token that is there already.
            "fresh" => fresh: bool,
            /// Checks on the token response itself.
            "expect" => expect: Option<Box<TokenExpect>>,
        }
    }
}

/// Scopes: a list, or one string with spaces between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(pub Vec<String>);

mapping! {
    /// What a token response must hold. `claims` are those of the access token where it is a JWT.
    pub struct TokenExpect("the expectations of an auth step") {
        required {}
        optional {
            /// The token's lifetime in seconds, as the server says it or as the moment that it names makes it.
            "expires_in" => expires_in: Option<Expected>,
            /// The kind of token.
            "token_type" => token_type: Option<Expected>,
            /// The scope that was granted.
            "scope" => scope: Option<Expected>,
            /// The refresh token: `<any>`, `<absent>`.
            "refresh_token" => refresh_token: Option<Expected>,
            /// The id token.
            "id_token" => id_token: Option<Expected>,
            /// Claims of the access token.
            "claims" => claims: Option<Expected>,
            /// The signature, checked with the provider's keys (`jwks`), the `client_secret`, or a file of keys.
            "signature" => signature: Option<SignatureExpected>,
        }
    }
}

/// What a scenario runs once for each of.
#[derive(Debug, Clone)]
pub enum Cases {
    /// Written out.
    Inline(Vec<Tree>),
    /// A CSV, JSON or YAML file beside the scenario.
    File(Spanned<String>),
}

/// A step.
#[derive(Debug, Clone)]
pub struct Step {
    /// What refers to it.
    pub id: Option<Spanned<String>>,
    /// What it is called in reports, if not by its request line.
    pub name: Option<Template>,
    /// What it does.
    pub action: Action,
    /// Who it acts as, if not as the scenario.
    pub auth: Option<Auth>,
    /// Whether a 401 renews the token and replays the step.
    pub reauth: bool,
    /// The step is skipped unless this holds.
    pub when: Option<Arc<Expression>>,
    /// The step is run once for each element of this list.
    pub for_each: Option<Box<Tree>>,
    /// Where it stands.
    pub at: Written,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Makes a call.
    Call(Box<Call>),
    /// Runs a fragment.
    Use(Box<UseFragment>),
    /// Makes a call without credentials and with wrong ones.
    AuthCheck(Box<AuthCheck>),
    /// Waits.
    Pause(Spanned<Duration>),
}

/// `use`: a fragment with its parameters.
#[derive(Debug, Clone)]
pub struct UseFragment {
    /// The fragment's file, beside the scenario.
    pub file: Spanned<String>,
    /// The parameters.
    pub with: Keys<Tree>,
    /// What is taken from its `returns`, by name; without it all of them under their own names.
    pub capture: Vec<Capture>,
}

mapping! {
    /// What a step expects of the answer.
    pub struct ExpectWritten("`expect`") {
        required {}
        optional {
            /// The status: `201`, `2xx`, `[200, 204]`, `<400..499>`. Without it, 2xx or 3xx is required.
            "status" => status: Option<StatusExpected>,
            /// The answer took no longer.
            "within" => within: Option<Box<Spanned<Duration>>>,
            /// Header fields; names are case-insensitive, a repeated field matches if any of its values does.
            "headers" => headers: Keys<Expected>,
            /// Cookies that the answer sets.
            "cookies" => cookies: Keys<Expected>,
            /// The body contains this tree: objects may have more members, arrays have the same length and order.
            "json" => json: Option<Expected>,
            /// The body is this tree, and no object has more members.
            "json_exactly" => json_exactly: Option<Box<Expected>>,
            /// JSONPaths (RFC 9535) to what `json`, `json_exactly` and `snapshot` do not look at, whether it is there or not.
            "ignore" => ignore: Option<Box<Ignore>>,
            /// JSONPath (RFC 9535), XPath or CSS selector to a value or matcher.
            "at" => at_paths: AtPaths,
            /// Prefixes that XPaths of the step use, and the namespaces they stand for; those that the answer itself
            /// declares need not be named.
            "namespaces" => namespaces: Option<Box<Keys<String>>>,
            /// Expressions, all of them true.
            "that" => that: Conditions,
            /// A JSON Schema that the body is as: a file beside this one, or the schema itself.
            "schema" => schema: Option<Box<SchemaExpected>>,
            /// The body as text.
            "text" => text: Option<Box<Expected>>,
            /// The rows of a CSV body, as objects: this tree, as `json` has it.
            "csv" => csv: Option<Box<Expected>>,
            /// The values of a body with a JSON value a line: this tree, as `json` has it.
            "ndjson" => ndjson: Option<Box<Expected>>,
            /// The fields of a form: this tree, as `json` has it.
            "form" => form: Option<Box<Expected>>,
            /// A body of any bytes.
            "bytes" => bytes: Option<Box<BytesExpect>>,
            /// A body that is a JSON Web Token.
            "jwt" => jwt: Option<Box<JwtExpect>>,
            /// The `data` and `errors` of a GraphQL answer.
            "graphql" => graphql: Option<Box<GraphqlExpect>>,
            /// The body is the one that was stored: its name, or a mapping with `name`.
            "snapshot" => snapshot: Option<Box<Snapshot>>,
        }
        later { "openapi", "contract", }
    }
}

mapping! {
    /// What a GraphQL answer must hold.
    pub struct GraphqlExpect("`graphql`") {
        required {}
        optional {
            /// `data` contains this tree.
            "data" => data: Option<Expected>,
            /// `errors` matches this; without it there must be none.
            "errors" => errors: Option<Expected>,
        }
    }
}

/// JSONPaths and what they must give; and paths into XML and HTML.
#[derive(Debug, Clone, Default)]
pub struct AtPaths(pub Vec<(Spanned<JsonPath>, Expected)>, pub Option<Box<MarkupPaths>>);

/// Paths into XML and HTML, and what they must give.
pub type MarkupPaths = Vec<(Spanned<MarkupPath>, Expected)>;

/// Expressions that must be true.
#[derive(Debug, Clone, Default)]
pub struct Conditions(pub Vec<Arc<Expression>>);

/// What a status must be.
#[derive(Debug, Clone)]
pub struct StatusExpected {
    /// Where it stands.
    pub span: Span,
    /// As it was written.
    pub written: String,
    /// One of these holds.
    pub alternatives: Vec<StatusPattern>,
}

/// A status or a family of them.
#[derive(Debug, Clone)]
pub enum StatusPattern {
    /// From the first to the last, both included: `201`, `2xx`.
    Range(u16, u16),
    /// A matcher or template over the number.
    Matches(Expected),
}

/// What a step expects.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// As it was written; `expect: 201` is short for the status.
    pub keys: Option<Box<ExpectWritten>>,
    /// Where the whole stands.
    pub span: Option<Span>,
}

impl schemars::JsonSchema for Step {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        StepWritten::json_schema(generator)
    }
}
