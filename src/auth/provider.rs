//! A provider: what a service that hands out tokens expects and answers, as data. It is whole: what the file leaves out
//! has been filled in from the standards, and every variable of its templates is one that is at hand.

use std::path::Path;
use std::sync::Arc;

use super::exchange::{TokenExchange, WhoseToken};
use super::file::{By, ClientAuth, Encoding, Environment, Field, FlowName, Pkce, ProviderFile, ScopeList};
use super::proof::Assertion;
use super::requests::Custom;
use super::{assembly, store};
use crate::jsonpath::JsonPath;
use crate::source::{Keys, Node, Read, Reader, Spanned, Unread};
use crate::template::Template;

/// A provider, whole and checked: what the flows work from.
#[derive(Debug)]
pub struct Provider {
    /// The name that scenarios use.
    pub name: Spanned<Arc<str>>,
    /// The name for people.
    pub title: Option<String>,
    /// Where it documents its authentication.
    pub docs: Option<String>,
    /// How the first token is had, and what that takes.
    pub flow: Flow,
    /// Where it lives, by the project's environment.
    pub environments: Keys<Environment>,
    /// What a login needs.
    pub credentials: Vec<Credential>,
    /// How the client signs, where it proves itself so.
    pub client_assertion: Option<Assertion>,
    /// Whether access tokens are bound to a key of the session (RFC 9449).
    pub dpop: bool,
    /// How a request carries the credential; `None` where the flow does it its own way.
    pub send: Option<Send>,
    /// The request that gives a token back, where there is one.
    pub revoke: Option<TokenRequest>,
    /// The statuses that say the token is no longer taken.
    pub reauth_on: Vec<u16>,
    /// The URL of the keys that tokens are signed with.
    pub jwks: Option<Template>,
    /// The URL of the discovery document.
    pub discovery: Option<Template>,
    /// Who it says it is.
    pub issuer: Option<Template>,
    /// What relative paths in its templates are relative to.
    pub folder: Box<Path>,
    /// What of its file a token depends on: what tells its sessions in the store apart from those of another file.
    pub(super) written: Box<str>,
}

impl Provider {
    /// Reads a provider file and checks it as far as that goes without the world: reports what is wrong, and warnings.
    ///
    /// # Errors
    /// [`Unread`], after what is wrong was reported.
    pub fn read(node: &Node, reader: &mut Reader<'_>, folder: &Path) -> Result<Self, Unread> {
        let file = ProviderFile::read(node, reader)?;
        let provider = assembly::provider(file, reader, folder)?;
        Ok(Self { written: store::written(node), ..provider })
    }

    /// The providers whose tokens it exchanges.
    pub fn others(&self) -> impl Iterator<Item = &WhoseToken> {
        let exchange = match &self.flow {
            Flow::TokenExchange(exchange, _) => Some(exchange),
            _ => None,
        };
        exchange.into_iter().flat_map(TokenExchange::others)
    }

    /// The word of its flow.
    pub fn flow_name(&self) -> FlowName {
        match &self.flow {
            Flow::ClientCredentials(_) => FlowName::ClientCredentials,
            Flow::Password(_) => FlowName::Password,
            Flow::AuthorizationCode(..) => FlowName::AuthorizationCode,
            Flow::JwtBearer(..) => FlowName::JwtBearer,
            Flow::TokenExchange(..) => FlowName::TokenExchange,
            Flow::DeviceCode(..) => FlowName::DeviceCode,
            Flow::Bearer => FlowName::Bearer,
            Flow::ApiKey => FlowName::ApiKey,
            Flow::Basic => FlowName::Basic,
            Flow::Digest => FlowName::Digest,
            Flow::AwsSigV4(_) => FlowName::AwsSigV4,
            Flow::Custom(_) => FlowName::Custom,
            Flow::None => FlowName::None,
        }
    }
}

/// A flow and what it takes.
#[derive(Debug)]
pub enum Flow {
    /// RFC 6749, section 4.4.
    ClientCredentials(TokenEndpoint),
    /// RFC 6749, section 4.3.
    Password(TokenEndpoint),
    /// RFC 6749, section 4.1.
    AuthorizationCode(Authorize, TokenEndpoint),
    /// RFC 7523, section 2.1.
    JwtBearer(Assertion, TokenEndpoint),
    /// RFC 8693.
    TokenExchange(TokenExchange, TokenEndpoint),
    /// RFC 8628: the device authorization request, then the token request that is repeated until a person has agreed.
    DeviceCode(TokenRequest, TokenEndpoint),
    /// The credential `token`, sent as RFC 6750 says.
    Bearer,
    /// A key, sent as `send` says.
    ApiKey,
    /// `username` and `password` (RFC 7617).
    Basic,
    /// `username` and `password`, as an answer to challenges (RFC 7616).
    Digest,
    /// `access_key_id` and `secret_access_key`, by which each request is signed.
    AwsSigV4(Sign),
    /// Requests of the file's own.
    Custom(Custom),
    /// Nothing.
    None,
}

impl Flow {
    /// What is asked for tokens, where tokens are asked for.
    pub fn token_endpoint(&self) -> Option<&TokenEndpoint> {
        match self {
            Self::ClientCredentials(endpoint) | Self::Password(endpoint) | Self::AuthorizationCode(_, endpoint) => {
                Some(endpoint)
            }
            Self::JwtBearer(_, endpoint) | Self::TokenExchange(_, endpoint) => Some(endpoint),
            Self::DeviceCode(_, endpoint) => Some(endpoint),
            Self::Bearer | Self::ApiKey | Self::Basic | Self::Digest | Self::None => None,
            Self::AwsSigV4(_) | Self::Custom(_) => None,
        }
    }

    /// Where the members of a token response stand, where there is one.
    pub fn token_members(&self) -> Option<&TokenMembers> {
        match self {
            Self::Custom(custom) => Some(&custom.token),
            other => other.token_endpoint().map(|endpoint| &endpoint.token),
        }
    }

    /// Whether a login is made; else what is sent is there from the start.
    pub fn logs_in(&self) -> bool {
        self.token_endpoint().is_some() || matches!(self, Self::Custom(_))
    }

    /// Whether a login takes a person: then a session that is lost is not had again by itself.
    pub fn needs_person(&self) -> bool {
        match self {
            Self::AuthorizationCode(authorize, _) => authorize.by != By::Form,
            Self::DeviceCode(..) => true,
            Self::ClientCredentials(_) | Self::Password(_) | Self::JwtBearer(..) | Self::TokenExchange(..) => false,
            Self::Bearer | Self::ApiKey | Self::Basic | Self::Digest | Self::AwsSigV4(_) => false,
            Self::Custom(_) | Self::None => false,
        }
    }
}

/// The requests that yield tokens and how their answers are read.
#[derive(Debug)]
pub struct TokenEndpoint {
    /// The request for the first token.
    pub login: TokenRequest,
    /// The request that renews it, where there is one.
    pub refresh: Option<Refresh>,
    /// Where the members of the answer stand.
    pub token: TokenMembers,
    /// The scope that is asked for unless the scenario names one.
    pub scope: ScopeList,
    /// What `audience` is sent with an authorization request; token requests have it among their fields.
    pub audience: Option<Template>,
    /// What `resource`s are sent with an authorization request (RFC 8707).
    pub resource: Vec<Template>,
}

/// A request to a token endpoint.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The URL.
    pub post: Template,
    /// How the fields are written.
    pub encoding: Encoding,
    /// How the client proves who it is.
    pub client_auth: ClientAuth,
    /// The fields in their order.
    pub fields: Vec<(Arc<str>, Field)>,
    /// More header fields.
    pub headers: Keys<Template>,
    /// How long the provider may take.
    pub timeout: std::time::Duration,
}

/// How a token is renewed.
#[derive(Debug)]
pub struct Refresh {
    /// The request.
    pub request: TokenRequest,
    /// Whether the old refresh token is dead once a new one is issued.
    pub rotates: bool,
    /// The status that says the refresh token is no longer taken.
    pub rejected: Option<u16>,
}

/// The authorization request, and how its pages are got through.
#[derive(Debug)]
pub struct Authorize {
    /// The authorization endpoint.
    pub url: Template,
    /// Where the provider sends the code.
    pub redirect_uri: Template,
    /// The code challenge.
    pub pkce: Pkce,
    /// More query parameters.
    pub params: Keys<Template>,
    /// How the login page is got through.
    pub by: By,
    /// The inputs of the login form, by name.
    pub form: Keys<Template>,
    /// Where the request is pushed first (RFC 9126).
    pub par: Option<Template>,
    /// Whether a nonce is sent; where the scope holds `openid` unless given.
    pub nonce: Option<bool>,
    /// How long a person may take.
    pub timeout: std::time::Duration,
}

/// Where the members of a token response stand.
#[derive(Debug)]
pub struct TokenMembers {
    /// The access token.
    pub access_token: JsonPath,
    /// The refresh token.
    pub refresh_token: JsonPath,
    /// The id token.
    pub id_token: JsonPath,
    /// The type.
    pub token_type: JsonPath,
    /// The lifetime in seconds.
    pub expires_in: JsonPath,
    /// The moment it ends, where the answer says that.
    pub expires_at: Option<JsonPath>,
    /// The scope that was granted.
    pub scope: JsonPath,
}

/// Something a login needs.
#[derive(Debug)]
pub struct Credential {
    /// Its name, as templates use it.
    pub name: Spanned<Arc<str>>,
    /// Whether it is masked in all output.
    pub secret: bool,
    /// What a person is asked for.
    pub prompt: Option<String>,
    /// The value where none is found.
    pub default: Option<Template>,
    /// Whether all personas share it.
    pub shared: bool,
    /// Whether it may be absent.
    pub optional: bool,
}

/// What requests are signed for.
#[derive(Debug)]
pub struct Sign {
    /// The service.
    pub service: Template,
    /// The region.
    pub region: Template,
}

/// How a request carries the credential.
#[derive(Debug)]
pub struct Send {
    /// Where.
    pub place: SendPlace,
    /// The name there.
    pub name: Box<str>,
    /// What is sent.
    pub value: Template,
}

/// Where a request carries a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendPlace {
    /// In a header field.
    Header,
    /// In the query.
    Query,
    /// In a cookie.
    Cookie,
}
