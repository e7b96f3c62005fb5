//! The binary: a thin front door over the library.

use std::process::ExitCode;

/// Trees of small pieces are made and dropped by several threads at once: a fifth of a run's work is the allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    callsheet::cli::main().into()
}
