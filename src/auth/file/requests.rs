//! The requests of a login, as they are written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::field::Field;
use super::words::{By, ClientAuth, Encoding, Pkce};
use crate::source::{Duration, Keys, Kind, Node, Read, Reader, Spanned, Unread, mapping};
use crate::template::Template;

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

/// A list of scopes, or one text with spaces between them.
#[derive(Debug, Clone, Default)]
pub struct ScopeList(pub Vec<Template>);

impl Read for ScopeList {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        one_or_more(node, reader).map(Self)
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
        one_or_more(node, reader).map(Self)
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

/// A list of templates, or a single one.
fn one_or_more(node: &Node, reader: &mut Reader<'_>) -> Result<Vec<Template>, Unread> {
    if node.items().is_some() { Vec::read(node, reader) } else { Template::read(node, reader).map(|one| vec![one]) }
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
