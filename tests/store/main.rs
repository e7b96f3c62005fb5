//! The token store through the real binary: several processes at once, processes that die, files that are damaged.

mod damage;
mod death;
mod once;
mod room;
mod scope;
#[path = "../support/mod.rs"]
mod support;
