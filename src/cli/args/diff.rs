//! The options of `callsheet diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What `callsheet diff` ends with.
pub(in crate::cli) const EXIT_CODES: &str = "\
Exit codes:
  0  the document is as expected
  1  it is not
  2  a file cannot be read, or an option is wrong";

#[derive(Debug, Args)]
pub(in crate::cli) struct DiffOptions {
    /// What is expected, in JSON or YAML, with matchers such as `<uuid>` and operators such as `$each`; `-` is standard
    /// input
    pub(in crate::cli) expected: PathBuf,
    /// What came, in JSON; `-` is standard input
    pub(in crate::cli) actual: PathBuf,
    /// Allow no members beside those that are expected, like `json_exactly`
    #[arg(long)]
    pub(in crate::cli) exactly: bool,
    /// A JSONPath (RFC 9535) to what is ignored on both sides, such as `$.items[*].updated_at`; can be given several times
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) ignore: Vec<String>,
    /// Take EXPECTED as it is: `<…>`, `{{ … }}` and `$…` are text
    #[arg(long)]
    pub(in crate::cli) literal: bool,
    /// The form of the output
    #[arg(long, value_name = "FORM", default_value = "terminal")]
    pub(in crate::cli) format: DiffFormat,
    /// Cut lines to this many columns [default: those of the terminal, else 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    pub(in crate::cli) width: Option<u16>,
}

/// The forms of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
    /// For people, place by place
    Terminal,
    /// For a comment or a job's summary
    Markdown,
    /// A part of a page, with all that it needs
    Html,
    /// RFC 6902: the changes that lead from EXPECTED to ACTUAL
    JsonPatch,
    /// The lines that differ, as `diff -u` shows them
    Unified,
}
