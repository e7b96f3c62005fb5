//! The token store through the real binary: several processes at once, processes that die, files that are damaged.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod damage;
mod death;
mod once;
mod room;
mod scope;
#[path = "../support/mod.rs"]
mod support;
