//! Options that ask how closely expectations look: `run --coverage`, `mutate`.

use clap::Args;

use super::RunOptions;
use crate::report::{Format, ReportSpec};

/// What is asked of a run beside whether it passes.
#[derive(Debug, Args)]
pub(in crate::cli) struct ScrutinyOptions {
    /// Tell which members of the answers no expectation looked at
    #[arg(long)]
    pub(in crate::cli) coverage: bool,
    /// Exit with 1 if a smaller part of the members than this was looked at; implies --coverage
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(in crate::cli) coverage_min: Option<u8>,
    /// Set by `mutate`.
    #[arg(skip)]
    pub(in crate::cli) mutate: Option<Mutate>,
}

/// That mutants are tried, and how many must be caught.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Mutate {
    /// Percent.
    pub(in crate::cli) min_score: Option<u8>,
}

impl ScrutinyOptions {
    /// Whether what expectations look at is shown.
    pub(in crate::cli) fn shows_coverage(&self) -> bool {
        self.coverage || self.coverage_min.is_some()
    }

    /// Whether what expectations look at is needed, to be shown or to be written.
    pub(in crate::cli) fn wants_coverage(&self, reports: &[ReportSpec]) -> bool {
        self.shows_coverage() || reports.iter().any(|spec| spec.format == Format::Coverage)
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MutateOptions {
    #[command(flatten)]
    pub(in crate::cli) run: RunOptions,
    /// Exit with 1 if a smaller part of the mutants than this was caught
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(in crate::cli) min_score: Option<u8>,
}
