//! What a step sends and what it expects, what guides it, and what reports tell of it: the binary over the embedded echo
//! service.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]
#![allow(clippy::too_many_lines, reason = "what is compared whole is written down whole")]

mod bench;
mod bodies;
mod conditions;
mod control;
mod coverage;
mod encodings;
mod expectations;
mod honest;
#[cfg(unix)]
mod killed;
mod markup;
mod matchers;
mod mutate;
mod reports;
mod requests;
mod schemas;
mod snapshot_accept;
mod snapshot_files;
mod snapshots;
#[path = "../support/mod.rs"]
mod support;
