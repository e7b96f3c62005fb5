//! Evaluates what a step expects against what came.
