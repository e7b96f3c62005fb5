//! The only printer.

use std::io::{self, BufWriter, IsTerminal, Write};

use crate::report::{ColourChoice, Screen};
use crate::source::{Diagnostic, Severity, Sources, render};

/// Standard output and standard error, each with its manner.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) stdout: Screen,
    stderr: Screen,
}

impl Output {
    pub(super) fn new(choice: ColourChoice) -> Self {
        Self { stdout: Screen::of_stdout(choice), stderr: Screen::of_stderr(choice) }
    }

    /// Prints to standard output. Where nobody reads any more, there is nothing left to say.
    #[expect(clippy::unused_self, reason = "whoever prints holds the output")]
    pub(super) fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints to standard error.
    #[expect(clippy::unused_self, reason = "whoever prints holds the output")]
    pub(super) fn say(&self, text: &str) {
        let mut out = io::stderr().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints problems to standard error, in the order of their places, and how many there are.
    pub(super) fn problems(&self, problems: &[Diagnostic], sources: &Sources) {
        self.problems_alone(problems, sources);
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        if errors > 1 {
            self.say(&format!("{errors} errors; nothing was called\n"));
        }
    }

    /// The same without their number.
    pub(super) fn problems_alone(&self, problems: &[Diagnostic], sources: &Sources) {
        let mut sorted: Vec<&Diagnostic> = problems.iter().collect();
        sorted.sort_by_key(|problem| problem.span().map(|span| (span.file, span.start)));
        let mut text = String::new();
        for problem in &sorted {
            text.push_str(&render(&problem.locate(sources), self.stderr.colour));
            text.push_str("\n\n");
        }
        self.say(&text);
    }

    /// A writer of standard output, for a report.
    #[expect(clippy::unused_self, reason = "whoever prints holds the output")]
    pub(super) fn stdout(&self) -> Box<dyn Write + Send> {
        if io::stdout().is_terminal() { Box::new(io::stdout()) } else { Box::new(BufWriter::new(io::stdout())) }
    }
}
