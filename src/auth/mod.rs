//! Who the runner is to a service: providers as data, credentials found before any call, tokens fetched once for all,
//! renewed and guarded. It never prints, and what it learns it teaches the [`Redactor`](crate::secret::Redactor) first.
//!
//! The way through: [`Catalogue`] → [`Provider`] → [`Identity::resolve`] → [`Broker::acquire`] → [`Identity::attach`];
//! after a 401, [`Broker::renew`].

mod assembly;
mod attach;
mod authorize;
mod broker;
mod catalogue;
mod check;
mod credential;
mod desk;
mod discovery;
pub mod doctor;
mod dpop;
mod error;
mod exchange;
mod file;
mod flight;
mod flow;
mod forge;
mod hosts;
mod identity;
mod interactive;
mod jwks;
pub mod jwt;
mod notices;
mod preflight;
mod proof;
mod provider;
mod requests;
mod resolve;
mod revoke;
pub mod sealed;
mod session;
mod standard;
pub mod store;
mod tls;
mod token;
mod words;

pub use broker::Broker;
pub use catalogue::Catalogue;
pub use credential::{CredentialOrigin, CredentialSources, DotEnv, Override, SecretLookup, variable_prefix};
pub use error::{AuthError, Said, Trouble};
pub use exchange::{ExchangeFile, Exchanged, TokenExchange, TokenSource, WhoseToken, WhoseTokenFile};
pub use file::{
    AuthorizeFile, By, ClientAuth, CredentialSpec, DeviceFile, Encoding, Environment, Field, FlowName, LoginFile, Par,
    Pkce, ProviderFile, RefreshFile, ResourceList, ScopeList, SendFile, SignFile, TokenFile, TokenPath,
};
pub use flow::Exchange;
pub use forge::Forgery;
pub use identity::Identity;
pub use interactive::{Answer, Person, Then, Visit};
pub use jwks::KeySets;
pub use proof::{Assertion, AssertionFile, DpopFile, DpopKeyFile};
pub use provider::{
    Authorize, Credential, Flow, Provider, Refresh, Send, SendPlace, Sign, TokenEndpoint, TokenMembers, TokenRequest,
};
pub use requests::{Custom, CustomBody, CustomRequest, RequestFile};
pub use resolve::{Embedded, Others, Wish};
pub use revoke::{RevokeFile, TokenKind, revoke};
pub use session::{Grant, Origin};
pub use tls::tls;
pub use token::Token;

#[cfg(test)]
mod tests;
