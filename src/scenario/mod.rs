//! The scenario model: what files say, as data with places. Nothing here makes a call or touches a file but to read it.

mod again;
mod auth_check;
mod body;
mod capture;
pub mod check;
pub mod expected;
mod file;
mod ignore;
pub mod matcher;
mod model;
mod parameters;
mod schema;
mod sending;
mod shorthand;
mod signature;
pub mod snapshot;
mod step;
mod tls;
mod tree;
mod used;

pub use again::{Poll, Retry, RetryCause, RetryOn};
pub use auth_check::{AuthCase, AuthCheck, AuthCheckKeys, is_production};
pub use body::{BytesExpect, JwtExpect, Magic, MarkupPath, Sha256};
pub use capture::{Capture, Captures, Origin, taken};
pub use file::{FileKind, is_foreign, kind_of};
pub use ignore::Ignore;
pub use model::{
    Action, AtPaths, Auth, AuthStep, Cases, Conditions, Expect, ExpectWritten, Fragment, GraphqlExpect, MarkupPaths,
    Param, ParamType, Scenario, Scopes, StatusExpected, StatusPattern, Step, TokenExpect, UseFragment,
};
pub use schema::{SchemaExpected, SchemaWritten};
pub use sending::{BodyWritten, Graphql, OneOrMore, PartKeys, PartWritten, Values};
pub use signature::{SignatureExpected, SignatureKeys, SignedBy, SignedToken};
pub use step::{Call, Condition, Method, StepWritten};
pub use tls::TlsFile;
pub use tree::Tree;
pub use used::Used;
