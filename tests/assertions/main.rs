//! What logins prove themselves with, from end to end: signed assertions, exchanged tokens, proofs of possession. Servers
//! here look at each signature with a library that did not make it.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod client;
mod dpop;
mod exchange;
mod grants;
mod jwt;
mod outside;
mod small;
#[path = "../support/mod.rs"]
mod support;
mod unseen;
