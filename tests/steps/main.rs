//! What a step sends and what it expects, what guides it, and what reports tell of it: the binary over the embedded echo
//! service.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod bench;
mod conditions;
mod bodies;
mod control;
mod expectations;
mod honest;
#[cfg(unix)]
mod killed;
mod markup;
mod matchers;
mod reports;
mod requests;
mod snapshot_accept;
mod snapshot_files;
mod snapshots;
mod schemas;
#[path = "../support/mod.rs"]
mod support;
