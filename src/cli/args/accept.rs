//! The options of `callsheet accept`.

use std::path::PathBuf;

use clap::Args;

pub(in crate::cli) const HELP: &str = "\
Files are edited in place: comments, layout, quotes, anchors, and matchers that still hold stay. To undo: git.
Nothing is written before the review has ended; Ctrl-C leaves every file as it was.

Exit codes:
  0  what was chosen is written, or nothing is pending
  1  some of it could not be written, or nothing of it can be accepted
  2  a file or an option is wrong, or nobody is there to be asked
  130  interrupted: nothing was written";

#[derive(Debug, Args)]
pub(in crate::cli) struct AcceptOptions {
    /// Only what was found in these scenario files, or in folders [default: the whole project]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Take everything without asking, but nothing that would replace a template or change what an alias shares
    #[arg(long, conflicts_with = "list")]
    pub(in crate::cli) all: bool,
    /// Only what has this text in its title, its step, its path such as $.state, or its id such as expect.json; or FILE:LINE
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) only: Vec<String>,
    /// Remove the snapshots that no step names any more, and accept nothing; with --list they are only shown
    #[arg(long, conflicts_with_all = ["all", "only"])]
    pub(in crate::cli) prune: bool,
    /// Show what is pending, and change nothing
    #[arg(long)]
    pub(in crate::cli) list: bool,
}
