//! The binary: a thin front door over the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    callsheet::cli::main().into()
}
