//! HTTP as callsheet needs it: one shared pool of connections, cookies per scenario, redirects that carry no
//! credentials to another origin, answers bounded in size and time, and errors that say what went wrong.

mod client;
mod cookies;
mod error;
mod message;
mod multipart;
pub mod proxy;
mod redirect;
mod tls;
mod validity;

pub use client::{Client, Limits};
pub use cookies::CookieJar;
pub use error::{HttpError, Problem};
pub use message::{Body, Headers, Hop, Request, Resign, Response, Timings, is_loopback, origin};
pub use multipart::{Part, encode as encode_multipart};
pub use tls::{Tls, Unusable};
