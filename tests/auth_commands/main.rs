//! `callsheet auth` and `callsheet provider` from end to end: the binary against the look-alikes and against servers that
//! write down what they are sent.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod carried;
mod doctor;
mod providers;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod token;
