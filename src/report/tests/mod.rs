//! Whole runs, told to the reports event by event, and what the reports make of them.

mod files;
mod run;
mod terminal;
mod trouble;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::Report;
use crate::event::Event;

/// A writer whose text can be looked at.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Tells a report all that happened.
fn tell(report: &mut dyn Report, events: &[Event]) {
    for event in events {
        report.event(event).unwrap();
    }
    report.finish().unwrap();
}
