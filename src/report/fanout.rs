//! One stream, told to many reports.

use super::{Report, ReportError};
use crate::event::Event;

/// Delivers every event to every report. One that fails is told nothing more; the others are, and what failed is said
/// in the end.
#[derive(Default)]
pub struct Fanout {
    reports: Vec<Box<dyn Report>>,
    errors: Vec<ReportError>,
}

impl Fanout {
    /// Of these reports.
    pub fn new(reports: Vec<Box<dyn Report>>) -> Self {
        Self { reports, errors: Vec::new() }
    }

    /// Adds a report, which hears what comes from now on.
    pub fn add(&mut self, report: Box<dyn Report>) {
        self.reports.push(report);
    }

    /// Tells every report what happened.
    pub fn event(&mut self, event: &Event) {
        self.each(|report| report.event(event));
    }

    /// Tells every report that nothing happens just now: see [`Report::idle`].
    pub fn idle(&mut self) {
        self.each(Report::idle);
    }

    /// Lets every report write what is left, and gives what failed, now or before.
    pub fn finish(mut self) -> Vec<ReportError> {
        self.each(Report::finish);
        self.errors
    }

    fn each(&mut self, mut tell: impl FnMut(&mut (dyn Report + 'static)) -> Result<(), ReportError>) {
        let errors = &mut self.errors;
        self.reports.retain_mut(|report| match tell(&mut **report) {
            Ok(()) => true,
            Err(error) => {
                errors.push(error);
                false
            }
        });
    }
}
