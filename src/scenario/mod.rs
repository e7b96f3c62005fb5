//! The model of a scenario file.

pub mod expected;
pub mod matcher;
