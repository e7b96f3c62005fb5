//! The event stream as a report: one JSON object a line, written while the run goes on. Any other report can be made
//! from it later: [`read`] gives the events back.

use std::io::{self, BufRead};
use std::time::{Duration, Instant};

use super::destination::{Destination, Growing};
use super::{Report, ReportError};
use crate::event::Event;
use crate::source::Diagnostic;

/// How long a line waits for others to be written with.
const PATIENCE: Duration = Duration::from_millis(100);

/// Writes the event stream. It grows in `FILE.partial`, where it is found should the run be killed, and takes its
/// place in the end.
pub struct EventsReport {
    out: Growing,
    flushed: Instant,
}

impl EventsReport {
    /// Writes to `destination`.
    ///
    /// # Errors
    ///
    /// When the file cannot be made.
    pub fn new(destination: Destination) -> Result<Self, ReportError> {
        Ok(Self { out: destination.grow()?, flushed: Instant::now() })
    }
}

impl Report for EventsReport {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.out.write(|out| {
            serde_json::to_writer(&mut *out, event)?;
            out.write_all(b"\n")
        })?;
        if self.flushed.elapsed() >= PATIENCE { self.idle() } else { Ok(()) }
    }

    fn idle(&mut self) -> Result<(), ReportError> {
        self.flushed = Instant::now();
        self.out.flush()
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.out.finish()
    }
}

/// A stream that was read.
#[derive(Debug, Default)]
pub struct Stream {
    /// The events, in their order.
    pub events: Vec<Event>,
    /// What could not be read, if anything: every report is made of the rest.
    pub problems: Vec<Diagnostic>,
}

/// Reads a stream that was written before, `name` being what it is called in problems. Members that are not known are
/// passed over, and so is a last line that was not written to its end.
///
/// # Errors
///
/// When `from` cannot be read. Lines that make no sense are no such error: they are among [`Stream::problems`].
pub fn read(name: &str, mut from: impl BufRead) -> io::Result<Stream> {
    let mut stream = Stream::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if from.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        match serde_json::from_slice(text) {
            Ok(event) => stream.events.push(event),
            Err(error) => stream.problems.push(unreadable(name, number, text, &error, line.ends_with(b"\n"))),
        }
    }
    Ok(stream)
}

fn unreadable(name: &str, number: usize, line: &[u8], error: &serde_json::Error, ended: bool) -> Diagnostic {
    if !ended && error.is_eof() {
        let message = format!("{name}:{number}: the file ends in the middle of this line");
        return Diagnostic::warning("events.truncated", message)
            .note("the run that wrote it was killed, or is still running; everything before this line is reported");
    }
    if let Some(kind) = unknown_kind(line) {
        let message = format!("{name}:{number}: an event `{kind}` is not known to this version");
        return Diagnostic::warning("events.unknown", message)
            .help("read it with the version that wrote it, or a later one");
    }
    let message = format!("{name}:{number}: this line is not an event: {error}");
    Diagnostic::error("events.unreadable", message).help("is it a file written by --report events=FILE?")
}

/// The kind of an event that only a later version knows.
fn unknown_kind(line: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        event: String,
    }
    const KNOWN: [&str; 7] = [
        "run_started",
        "scenario_started",
        "step_finished",
        "scenario_finished",
        "warning",
        "interrupted",
        "run_finished",
    ];
    let named: Named = serde_json::from_slice(line).ok()?;
    (!KNOWN.contains(&named.event.as_str())).then_some(named.event)
}
