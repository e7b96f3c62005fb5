//! A provider file as it is written: the keys of the format, read without a second look. [`super::assembly`] turns it into a
//! [`super::Provider`].
//!
//! Here the file itself, with its credentials and how they are sent; [`words`] has the closed sets of words, [`requests`] the
//! requests of a login, [`field`] their fields, [`token`] their answer, [`environment`] where the provider lives.

mod environment;
mod field;
mod requests;
mod token;
mod words;

use super::exchange::ExchangeFile;
use super::proof::{AssertionFile, DpopFile};
use super::requests::RequestFile;
use super::revoke::RevokeFile;
use crate::source::{Keys, Spanned, mapping};
use crate::template::Template;

pub use environment::Environment;
pub use field::Field;
pub use requests::{AuthorizeFile, DeviceFile, LoginFile, Par, RefreshFile, ResourceList, ScopeList};
pub use token::{TokenFile, TokenPath};
pub use words::{By, ClientAuth, Encoding, FlowName, Pkce};

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
            /// The requests of the flow `custom`, in their order.
            "requests" => requests: Option<Spanned<Vec<RequestFile>>>,
            /// What the flow `aws_sigv4` signs for.
            "sign" => sign: Option<SignFile>,
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
    /// What requests are signed for (AWS Signature Version 4).
    pub struct SignFile("`sign`") {
        required {
            /// The service, as `execute-api` or `s3`.
            "service" => service: Template,
            /// The region, as `eu-central-1`.
            "region" => region: Template,
        }
        optional {}
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
