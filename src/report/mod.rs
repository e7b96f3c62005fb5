//! Reports: what a run looks like to a person, to a CI server and to a program. Every one is a fold over the event
//! stream, whether the run is going on or its stream is read again later; none knows anything else about the run.

mod body;
mod coverage;
mod destination;
pub mod events;
mod exchange;
mod fanout;
pub mod json;
mod junit;
mod measure;
mod mutation;
mod paste;
mod spec;
mod summary;
mod telling;
mod terminal;
mod text;

#[cfg(test)]
mod tests;

pub use coverage::{Coverage, CoverageFile};
pub use destination::Destination;
pub use fanout::Fanout;
pub use json::JsonReport;
pub use junit::JunitReport;
pub use measure::Measure;
pub use mutation::{Mutation, MutationFile};
pub use spec::{Format, ReportSpec, Target};
pub use terminal::{ColourChoice, Screen, Terminal, Verbosity};

use std::io;

use crate::event::Event;
use crate::source::{Diagnostic, os_words};

/// Something that a run is told to, event by event.
pub trait Report: Send {
    /// Takes the next event.
    ///
    /// # Errors
    ///
    /// When the report could not be written. It is of no use from then on, and takes no more events.
    fn event(&mut self, event: &Event) -> Result<(), ReportError>;

    /// Shows what was held back. To be called when no event has come for about 100 ms: reports have no clock of their
    /// own, so what they gather to write at once would otherwise wait for the next event.
    ///
    /// # Errors
    ///
    /// As [`Report::event`].
    fn idle(&mut self) -> Result<(), ReportError> {
        Ok(())
    }

    /// Writes what is left to write. The run need not have come to its end: what is known of it is reported, and
    /// scenarios that were under way are reported as interrupted.
    ///
    /// # Errors
    ///
    /// As [`Report::event`].
    fn finish(&mut self) -> Result<(), ReportError>;
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write {path}: {source}")]
pub struct ReportError {
    /// Where to.
    pub path: String,
    /// Why not.
    pub source: io::Error,
}

impl ReportError {
    /// The problem, as it is shown to the user.
    pub fn diagnostic(&self) -> Diagnostic {
        let what = format!("could not write {}: {}", self.path, os_words(&self.source));
        Diagnostic::error("report.write", what).help(match self.source.kind() {
            io::ErrorKind::IsADirectory => "name a file, not a folder",
            io::ErrorKind::StorageFull => "make room on that disk, or name a file on another one",
            _ => "choose a folder that exists and that you may write to",
        })
    }

    /// Whether the reader of a pipe went away, as `head` does: no news to the user.
    pub fn is_broken_pipe(&self) -> bool {
        self.source.kind() == io::ErrorKind::BrokenPipe
    }
}
