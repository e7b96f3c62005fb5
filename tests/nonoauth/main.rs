//! What is no OAuth: connections with certificates, Digest, signed requests, logins of a service's own, keys.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written with hashes by the one who updates them")]

mod aws;
mod custom;
mod digest;
mod keys;
mod moto;
mod oidc;
#[path = "../support/mod.rs"]
mod support;
mod tls;
