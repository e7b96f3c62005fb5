//! What a step sends and what it expects, what guides it, and what reports tell of it: the binary over the embedded echo
//! service.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod bench;
mod control;
mod expectations;
mod honest;
#[cfg(unix)]
mod killed;
mod matchers;
mod reports;
mod requests;
mod snapshot_accept;
mod snapshot_files;
mod snapshots;
#[path = "../support/mod.rs"]
mod support;
