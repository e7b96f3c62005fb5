//! Every provider's flow from end to end: the binary against the look-alikes, with what went over the wire and what the
//! mock counted.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod credentials;
mod custom;
mod examples;
mod guard;
mod identity;
mod once;
mod project;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
mod wire;
