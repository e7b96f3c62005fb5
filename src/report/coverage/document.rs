//! The coverage as one JSON document, for programs.
//!
//! Its shape, version 1: members may be added within a version; none is renamed or removed.
//!
//! ```text
//! version      1
//! members      how many members the answers had, each counted once for its endpoint
//! looked_at    how many of them an expectation looks at in any way
//! percent      the one of the other, rounded down; null where there was no answer
//! by_value     how many of them an expectation looks at by their value
//! endpoints    [ { call, base, answers, members, looked_at, percent, by_value, more,
//!                  paths: [ { path, look, answers, proposal, file, line } ] } ]
//! blind_spots  [ { endpoint, path, why, file, line, paste } ], the most telling, three at most
//! ```
//!
//! `look` is `unseen`, `presence`, `type` or `value`.

use std::io;

use serde::Serialize;

use super::super::destination::Destination;
use super::super::measure::Steps;
use super::super::{Report, ReportError};
use super::{Answers, Fold, Seen, blind};
use crate::event::{Event, Look};

/// Writes the document when the run has ended.
pub struct CoverageFile {
    steps: Steps,
    destination: Destination,
}

impl CoverageFile {
    /// Writes to `destination`.
    pub fn new(destination: Destination) -> Self {
        Self { steps: Steps::default(), destination }
    }
}

impl Report for CoverageFile {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.steps.event(event, |step| step.coverage.is_some());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let fold = Fold::of(std::mem::take(&mut self.steps));
        let spots = blind::spots(&fold);
        let figures = fold.figures();
        let document = Document {
            version: 1,
            members: figures.members(),
            looked_at: figures.seen().part,
            percent: figures.seen().percent(),
            by_value: figures.value,
            endpoints: fold.endpoints.iter().map(Entry::of).collect(),
            blind_spots: spots
                .iter()
                .map(|spot| Spot {
                    endpoint: &spot.endpoint,
                    path: &spot.path,
                    why: &spot.why,
                    file: &spot.place.0,
                    line: spot.place.1,
                    paste: &spot.paste,
                })
                .collect(),
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
    members: usize,
    looked_at: usize,
    percent: Option<u64>,
    by_value: usize,
    endpoints: Vec<Entry<'f>>,
    blind_spots: Vec<Spot<'f>>,
}

#[derive(Serialize)]
struct Entry<'f> {
    call: &'f str,
    base: &'f str,
    answers: usize,
    members: usize,
    looked_at: usize,
    percent: Option<u64>,
    by_value: usize,
    more: usize,
    paths: Vec<Member<'f>>,
}

#[derive(Serialize)]
struct Member<'f> {
    path: &'f str,
    look: Look,
    answers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<&'f str>,
    file: &'f str,
    line: usize,
}

#[derive(Serialize)]
struct Spot<'f> {
    endpoint: &'f str,
    path: &'f str,
    why: &'f str,
    file: &'f str,
    line: usize,
    paste: &'f str,
}

impl<'f> Entry<'f> {
    fn of(answers: &'f Answers) -> Self {
        let figures = answers.figures();
        let path = |seen: &'f Seen| Member {
            path: &seen.path,
            look: seen.look,
            answers: seen.count,
            proposal: seen.proposal.as_deref().filter(|_| seen.look < Look::Value),
            file: &seen.place.0,
            line: seen.place.1,
        };
        Self {
            call: &answers.endpoint.call,
            base: &answers.endpoint.base,
            answers: answers.count,
            members: figures.members(),
            looked_at: figures.seen().part,
            percent: figures.seen().percent(),
            by_value: figures.value,
            more: answers.more,
            paths: answers.members.iter().map(path).collect(),
        }
    }
}
