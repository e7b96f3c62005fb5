//! Evaluates what a step expects against what came.

pub mod diff;
pub mod matcher;
pub mod render;
