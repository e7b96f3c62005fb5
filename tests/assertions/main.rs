//! What logins prove themselves with, from end to end: signed assertions, exchanged tokens, proofs of possession. Servers
//! here look at each signature with a library that did not make it.

mod client;
mod dpop;
mod grants;
mod jwt;
mod outside;
mod small;
#[path = "../support/mod.rs"]
mod support;
mod unseen;
