//! The mutants as one JSON document, for programs.
//!
//! Its shape, version 1: members may be added within a version; none is renamed or removed.
//!
//! ```text
//! version     1
//! judged      whether the mutants were judged; they are not where the run did not pass
//! caught, survived, allowed, carried, not_tried
//!             how many mutants there were of each kind
//! score       caught of caught and survived, in percent, rounded down; null where there were none
//! answers     [ { call, base, status, caught, survived, allowed, carried, not_tried, score,
//!                 mutants: [ { path, change, fate, file, line, paste } ] } ]
//! ```
//!
//! `fate` is `caught`, `survived`, `allowed` or `carried`; `change` is as in [`crate::event::Change`].

use std::io;

use serde::Serialize;

use super::super::destination::Destination;
use super::super::{Report, ReportError, paste};
use super::{Answers, Figures, Fold, Gathered, Tried};
use crate::event::{Change, Event, Fate};

/// Writes the document when the run has ended.
pub struct MutationFile {
    gathered: Gathered,
    destination: Destination,
}

impl MutationFile {
    /// Writes to `destination`.
    pub fn new(destination: Destination) -> Self {
        Self { gathered: Gathered::default(), destination }
    }
}

impl Report for MutationFile {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.gathered.event(event);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let fold = Fold::of(std::mem::take(&mut self.gathered));
        let document = Document {
            version: 1,
            judged: !fold.failed,
            figures: Counts::of(fold.figures()),
            answers: fold.answers.iter().map(Entry::of).collect(),
        };
        self.destination.write(|out| {
            serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
            out.write_all(b"\n")
        })
    }
}

#[derive(Serialize)]
struct Document<'f> {
    version: u32,
    judged: bool,
    #[serde(flatten)]
    figures: Counts,
    answers: Vec<Entry<'f>>,
}

#[derive(Serialize)]
struct Counts {
    caught: usize,
    survived: usize,
    allowed: usize,
    carried: usize,
    not_tried: usize,
    score: Option<u64>,
}

#[derive(Serialize)]
struct Entry<'f> {
    call: &'f str,
    base: &'f str,
    status: u16,
    #[serde(flatten)]
    figures: Counts,
    mutants: Vec<Mutant<'f>>,
}

#[derive(Serialize)]
struct Mutant<'f> {
    path: &'f str,
    change: Change,
    fate: Fate,
    file: &'f str,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    paste: Option<String>,
}

impl Counts {
    fn of(figures: Figures) -> Self {
        let Figures { caught, survived, allowed, carried, more } = figures;
        Self { caught, survived, allowed, carried, not_tried: more, score: figures.score().percent() }
    }
}

impl<'f> Entry<'f> {
    fn of(answers: &'f Answers) -> Self {
        let mutant = |tried: &'f Tried| Mutant {
            path: &tried.path,
            change: tried.change,
            fate: tried.fate,
            file: &tried.place.0,
            line: tried.place.1,
            paste: tried
                .proposal
                .as_deref()
                .filter(|_| tried.fate == Fate::Survived)
                .map(|proposal| paste::line(&tried.path, proposal)),
        };
        Self {
            call: &answers.endpoint.call,
            base: &answers.endpoint.base,
            status: answers.status,
            figures: Counts::of(answers.figures()),
            mutants: answers.mutants.iter().map(mutant).collect(),
        }
    }
}
