//! Auth as the thing under test: signatures of tokens, calls that must be refused, tokens looked into. The binary against the
//! look-alikes and against servers that publish wrong keys.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod auth_check;
mod inspect;
mod secrets;
mod signature;
#[path = "../support/mod.rs"]
mod support;
