//! `callsheet mutate`: a run whose answers are changed in one place at a time, and held against their expectations again.

use super::args::scrutiny::{Mutate, MutateOptions};
use super::exit::ExitCode;
use super::output::Output;
use super::run;

pub(super) fn command(mut options: MutateOptions, output: &Output) -> ExitCode {
    options.run.scrutiny.mutate = Some(Mutate { min_score: options.min_score });
    run::command(&options.run, output)
}
