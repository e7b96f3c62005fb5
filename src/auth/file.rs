//! A provider file as it is written: the keys of the format, read without a second look. [`super::check`] turns it into a
//! [`super::Provider`].

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::exchange::ExchangeFile;
use super::proof::{AssertionFile, DpopFile};
use super::revoke::RevokeFile;
use super::words::words;
use crate::json::{Json, ObjectBuilder};
use crate::jsonpath::JsonPath;
use crate::source::{Diagnostic, Duration, Entry, Keys, Kind, Node, Read, Reader, Spanned, Unread, mapping};
use crate::template::{Scope, Template};

mapping! {
    /// A provider: a service that hands out tokens or keys, declared as data.
    pub struct ProviderFile("a provider") {
        required {
            /// The name that scenarios use: letters, digits, `-` and `_`.
            "provider" => name: Spanned<String>,
            /// How the first token is had.
            "flow" => flow: Spanned<FlowName>,
        }
        optional {
            /// The name for people.
            "title" => title: Option<String>,
            /// Where the provider documents its authentication.
            "docs" => docs: Option<String>,
            /// Where the provider lives, by the project's environment; `default` serves any.
            "environments" => environments: Option<Keys<Environment>>,
            /// What a person must be given to log in.
            "credentials" => credentials: Option<Keys<CredentialSpec>>,
            /// The authorization request of `authorization_code` (RFC 6749, section 4.1.1).
            "authorize" => authorize: Option<AuthorizeFile>,
            /// The device authorization request of `device_code` (RFC 8628, section 3.1).
            "device" => device: Option<DeviceFile>,
            /// The request that yields the first token.
            "login" => login: Option<LoginFile>,
            /// How the client signs for `private_key_jwt` and `client_secret_jwt` (RFC 7523, section 2.2).
            "client_assertion" => client_assertion: Option<AssertionFile>,
            /// The JWT of the flow `jwt_bearer` (RFC 7523, section 2.1).
            "assertion" => assertion: Option<AssertionFile>,
            /// What the flow `token_exchange` exchanges (RFC 8693).
            "exchange" => exchange: Option<ExchangeFile>,
            /// Whether access tokens are bound to a key of the session (RFC 9449).
            "dpop" => dpop: Option<DpopFile>,
            /// The request that renews it.
            "refresh" => refresh: Option<RefreshFile>,
            /// The request that gives a token back.
            "revoke" => revoke: Option<RevokeFile>,
            /// Where the members of the answer stand.
            "token" => token: Option<TokenFile>,
            /// How a request carries the credential.
            "send" => send: Option<SendFile>,
            /// The statuses that say the token is no longer taken; `[401]` unless given.
            "reauth_on" => reauth_on: Option<Vec<Spanned<u32>>>,
            /// The URL of the keys that tokens are signed with.
            "jwks" => jwks: Option<Template>,
            /// The URL of the discovery document (OpenID Connect Discovery, RFC 8414): endpoints that are not written come
            /// from it.
            "discovery" => discovery: Option<Template>,
            /// Who the provider says it is, in id tokens, redirects (RFC 9207) and its discovery document.
            "issuer" => issuer: Option<Template>,
        }
    }
}

words! {
    /// How the first token is had.
    pub enum FlowName("a flow") {
        /// RFC 6749, section 4.4.
        "client_credentials" => ClientCredentials,
        /// RFC 6749, section 4.3.
        "password" => Password,
        /// RFC 6749, section 4.1.
        "authorization_code" => AuthorizationCode,
        /// RFC 7523, section 2.1.
        "jwt_bearer" => JwtBearer,
        /// RFC 8693.
        "token_exchange" => TokenExchange,
        /// RFC 8628.
        "device_code" => DeviceCode,
        /// A token that is given, sent as RFC 6750 says.
        "bearer" => Bearer,
        /// A key that is given.
        "api_key" => ApiKey,
        /// RFC 7617.
        "basic" => Basic,
        /// Nothing is sent.
        "none" => None,
        ; "digest", "aws_sigv4"
    }
}

words! {
    /// How the fields of a token request are written.
    pub enum Encoding("an encoding") {
        /// `application/x-www-form-urlencoded`
        "form" => Form,
        /// `application/json`
        "json" => Json,
        /// In the URL's query.
        "query" => Query,
        ;
    }
}

words! {
    /// How the client proves at the token endpoint who it is.
    pub enum ClientAuth("a way of client authentication") {
        /// `client_id` and `client_secret` as HTTP Basic, both form-encoded first (RFC 6749, section 2.3.1).
        "basic" => Basic,
        /// Both as fields of the request.
        "post" => Post,
        /// Both as members of a JSON body.
        "json" => Json,
        /// With a JWT that a private key signs (RFC 7523, section 2.2).
        "private_key_jwt" => PrivateKeyJwt,
        /// With a JWT that the client's secret signs.
        "client_secret_jwt" => ClientSecretJwt,
        /// Not at all.
        "none" => None,
        ; "tls"
    }
}

impl ClientAuth {
    /// Whether the client signs a JWT.
    pub fn signs(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::ClientSecretJwt)
    }
}

words! {
    /// The code challenge of RFC 7636.
    pub enum Pkce("a code challenge method") {
        /// SHA-256.
        "S256" => S256,
        /// No challenge is sent.
        "none" => None,
        ; "plain"
    }
}

words! {
    /// How the provider's login page is got through.
    pub enum By("a way through the login page") {
        /// A person's browser opens it, and comes back to a listener on this machine (RFC 8252).
        "browser" => Browser,
        /// A person opens it anywhere and pastes the URL it ends at.
        "paste" => Paste,
        /// Its HTML form is filled in, with no person.
        "form" => Form,
        ;
    }
}

mapping! {
    /// Something a login needs.
    pub struct CredentialSpec("a credential") {
        required {}
        optional {
            /// Whether it is masked in all output. True by default where its name says so: a password, a secret, a token.
            "secret" => secret: Option<bool>,
            /// What a person is asked for.
            "prompt" => prompt: Option<String>,
            /// The value where none is found.
            "default" => default: Option<Template>,
            /// Whether all personas share it: the client's own credentials beside those of its users.
            "shared" => shared: bool,
            /// Whether it may be absent; then it is empty in templates.
            "optional" => optional: bool,
        }
    }
}

mapping! {
    /// The authorization request.
    pub struct AuthorizeFile("`authorize`") {
        required {}
        optional {
            /// The authorization endpoint. May be left out where there is `discovery`.
            "url" => url: Option<Template>,
            /// Where the provider sends the code: `http://127.0.0.1/callback`, on any port that is free, unless given. With
            /// `by: form` it is never called.
            "redirect_uri" => redirect_uri: Option<Template>,
            /// The scope that is asked for unless the scenario names one.
            "scope" => scope: ScopeList,
            /// The code challenge; `S256` unless given.
            "pkce" => pkce: Option<Pkce>,
            /// More query parameters.
            "params" => params: Keys<Template>,
            /// How the login page is got through; `form` where there is a `form`, else `browser`.
            "by" => by: Option<Spanned<By>>,
            /// The inputs of the login form, by name, at least one. They are found by their looks unless given.
            "form" => form: Keys<Template>,
            /// Where the request is pushed first (RFC 9126): a URL, or `true` for the one of the discovery document.
            "par" => par: Option<Par>,
            /// Whether a nonce is sent and the id token must repeat it; where the scope holds `openid` unless given.
            "nonce" => nonce: Option<bool>,
            /// How long a person may take; `5m` unless given.
            "timeout" => timeout: Option<Duration>,
        }
    }
}

mapping! {
    /// The device authorization request.
    pub struct DeviceFile("`device`") {
        required {}
        optional {
            /// The device authorization endpoint. May be left out where there is `discovery`.
            "post" => post: Option<Template>,
            /// The fields, and no others. Those of RFC 8628 unless given.
            "fields" => fields: Option<Keys<Field>>,
        }
    }
}

mapping! {
    /// A token request.
    pub struct LoginFile("`login`") {
        required {}
        optional {
            /// The token endpoint. May be left out where there is `discovery`.
            "post" => post: Option<Template>,
            /// How the fields are written; `form` unless given.
            "encoding" => encoding: Option<Spanned<Encoding>>,
            /// How the client proves who it is; `basic` where there is a `client_secret`, else `none`.
            "client_auth" => client_auth: Option<Spanned<ClientAuth>>,
            /// The fields, and no others. Those of the flow's RFC unless given.
            "fields" => fields: Option<Keys<Field>>,
            /// More header fields.
            "headers" => headers: Keys<Template>,
            /// The scope that is asked for unless the scenario names one.
            "scope" => scope: ScopeList,
            /// Sent as `audience`, here and with the authorization request.
            "audience" => audience: Option<Template>,
            /// The services that the token is for, one `resource` each (RFC 8707), here and with the authorization request.
            "resource" => resource: ResourceList,
            /// How long the provider may take; `30s` unless given.
            "timeout" => timeout: Option<Duration>,
        }
    }
}

mapping! {
    /// The request that renews a token (RFC 6749, section 6).
    pub struct RefreshFile("`refresh`") {
        required {}
        optional {
            /// The endpoint; that of `login` unless given.
            "post" => post: Option<Template>,
            /// How the fields are written; as for `login` unless given.
            "encoding" => encoding: Option<Spanned<Encoding>>,
            /// How the client proves who it is; as for `login` unless given.
            "client_auth" => client_auth: Option<Spanned<ClientAuth>>,
            /// The fields, and no others.
            "fields" => fields: Option<Keys<Field>>,
            /// More header fields.
            "headers" => headers: Keys<Template>,
            /// How long the provider may take; `30s` unless given.
            "timeout" => timeout: Option<Duration>,
            /// Whether the old refresh token is dead once a new one is issued.
            "rotates" => rotates: bool,
            /// The status that says the refresh token is no longer taken.
            "rejected" => rejected: Option<Spanned<u32>>,
        }
    }
}

mapping! {
    /// Where the members of a token response stand. Each is the name of RFC 6749, section 5.1, unless given.
    pub struct TokenFile("`token`") {
        required {}
        optional {
            /// The access token.
            "access_token" => access_token: Option<TokenPath>,
            /// The refresh token.
            "refresh_token" => refresh_token: Option<TokenPath>,
            /// The id token of OpenID Connect.
            "id_token" => id_token: Option<TokenPath>,
            /// The type.
            "token_type" => token_type: Option<TokenPath>,
            /// The lifetime in seconds.
            "expires_in" => expires_in: Option<TokenPath>,
            /// The moment it ends, where the answer says that in place of a lifetime: RFC 3339, or seconds since 1970.
            "expires_at" => expires_at: Option<TokenPath>,
            /// The scope that was granted.
            "scope" => scope: Option<TokenPath>,
        }
    }
}

mapping! {
    /// How a request carries the credential: in a header, the query or a cookie.
    pub struct SendFile("`send`") {
        required {
            /// What is sent.
            "value" => value: Template,
        }
        optional {
            /// The header's name.
            "header" => header: Option<String>,
            /// The query parameter's name.
            "query" => query: Option<String>,
            /// The cookie's name.
            "cookie" => cookie: Option<String>,
        }
    }
}

/// A place in a token response.
#[derive(Debug, Clone)]
pub struct TokenPath(pub JsonPath);

impl Read for TokenPath {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(text) = node.as_str() else { return Err(reader.expected("a JSONPath", node)) };
        JsonPath::parse(text).map(Self).map_err(|error| {
            let mut problem = Diagnostic::error("format.jsonpath", error.message.clone()).at(node.span, "");
            if let Some(hint) = error.hint {
                problem = problem.help(hint);
            }
            reader.report(problem)
        })
    }
}

impl JsonSchema for TokenPath {
    fn schema_name() -> Cow<'static, str> {
        "TokenPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^\\$", "description": "A JSONPath (RFC 9535)." })
    }
}

/// A list of scopes, or one text with spaces between them.
#[derive(Debug, Clone, Default)]
pub struct ScopeList(pub Vec<Template>);

impl Read for ScopeList {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.items().is_some() { Vec::read(node, reader) } else { Template::read(node, reader).map(|one| vec![one]) }
            .map(Self)
    }
}

impl JsonSchema for ScopeList {
    fn schema_name() -> Cow<'static, str> {
        "Scope".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "items": { "type": "string" },
            "description": "Scopes: a list, or a text with spaces between them."
        })
    }
}

/// The services that a token is for: a list, or one.
#[derive(Debug, Clone, Default)]
pub struct ResourceList(pub Vec<Template>);

impl Read for ResourceList {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        if node.items().is_some() { Vec::read(node, reader) } else { Template::read(node, reader).map(|one| vec![one]) }
            .map(Self)
    }
}

impl JsonSchema for ResourceList {
    fn schema_name() -> Cow<'static, str> {
        "Resource".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "items": { "type": "string" },
            "description": "The URL of a service, or a list of them (RFC 8707)."
        })
    }
}

/// Where an authorization request is pushed first.
#[derive(Debug, Clone)]
pub enum Par {
    /// `true`: where the discovery document says; `false`: nowhere.
    Discovered(bool),
    /// A URL.
    Url(Template),
}

impl Read for Par {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::Bool(push) => Ok(Self::Discovered(*push)),
            Kind::String(_) => Template::read(node, reader).map(Self::Url),
            _ => Err(reader.expected("a URL or `true`", node)),
        }
    }
}

impl JsonSchema for Par {
    fn schema_name() -> Cow<'static, str> {
        "Par".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "boolean"], "description": "A URL, or true for that of the discovery document." })
    }
}

/// The value of a field of a token request. Lists and mappings are for JSON bodies.
#[derive(Debug, Clone)]
pub enum Field {
    /// Text, rendered.
    Text(Template),
    /// A number, a boolean or null, as it was written and as JSON.
    Scalar(Box<str>, Json),
    /// A list.
    List(Vec<Field>),
    /// A mapping.
    Mapping(Keys<Field>),
}

impl Read for Field {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        match &node.kind {
            Kind::String(_) => Template::read(node, reader).map(Self::Text),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
                Ok(Self::Scalar(reader.written(node.span).into(), node.to_json()))
            }
            Kind::Sequence(_) => Vec::read(node, reader).map(Self::List),
            Kind::Mapping(_) => Keys::read(node, reader).map(Self::Mapping),
        }
    }
}

impl Field {
    /// Every template in the field.
    pub(super) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::Scalar(..) => Vec::new(),
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Mapping(members) => members.iter().flat_map(|(_, value)| value.templates()).collect(),
        }
    }

    /// Whether a template in it names that variable.
    pub(super) fn refers_to(&self, name: &str) -> bool {
        let names = |template: &&Template| template.references().any(|(reference, _)| &*reference.path[0] == name);
        self.templates().iter().any(names)
    }

    /// Its value.
    pub(super) fn evaluate(&self, scope: &Scope) -> Result<Json, Diagnostic> {
        Ok(match self {
            Self::Text(template) => template.evaluate(scope)?,
            Self::Scalar(_, literal) => literal.clone(),
            Self::List(items) => {
                Json::array(items.iter().map(|item| item.evaluate(scope)).collect::<Result<Vec<_>, _>>()?)
            }
            Self::Mapping(members) => {
                let mut object = ObjectBuilder::default();
                for (name, value) in members.iter() {
                    object.push(name.value.clone(), value.evaluate(scope)?);
                }
                Json::Object(object.finish())
            }
        })
    }
}

impl JsonSchema for Field {
    fn schema_name() -> Cow<'static, str> {
        "Field".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A field's value; `{{ … }}` in it is rendered. JSON bodies may hold trees." })
    }
}

/// Where a provider lives: `base`, `api`, `hosts`, and members of the file's own.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// All members but `hosts`, in the order they were written.
    pub members: Keys<Template>,
    /// The hosts that credentials may go to.
    pub hosts: Option<Vec<Template>>,
}

impl Read for Environment {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(entries) = node.entries() else { return Err(reader.expected("an environment of a provider", node)) };
        let mut environment = Self::default();
        let mut whole = Ok(());
        for Entry { key, value } in entries {
            if &*key.value == "hosts" {
                match Vec::read(value, reader) {
                    Ok(hosts) => environment.hosts = Some(hosts),
                    Err(unread) => whole = Err(unread),
                }
            } else {
                match Template::read(value, reader) {
                    Ok(member) => environment.members.0.push((key.clone(), member)),
                    Err(unread) => whole = Err(unread),
                }
            }
        }
        whole.map(|()| environment)
    }
}

impl JsonSchema for Environment {
    fn schema_name() -> Cow<'static, str> {
        "ProviderEnvironment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Where the provider lives. Members of the file's own are `provider.NAME.KEY` in scenarios.",
            "properties": {
                "base": { "type": "string", "description": "The URL that the provider's own endpoints begin with." },
                "api": { "type": "string", "description": "The `base_url` of scenarios that have none of their own." },
                "hosts": {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "The only hosts that credentials go to; `*` for any letters, `!` in front for none of these."
                }
            },
            "additionalProperties": { "type": ["string", "number", "boolean"] }
        })
    }
}
