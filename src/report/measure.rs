//! A part of a whole, as a report finds it and others ask for it once the report has ended.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::event::{Event, Kind, Step};

/// The steps that something is measured of. Scenarios end in any order; what is told of them must not depend on it.
#[derive(Debug, Default)]
pub(super) struct Steps(BTreeMap<Option<usize>, Vec<Arc<Step>>>);

impl Steps {
    /// Takes the step that an event tells of, if it is wanted.
    pub(super) fn event(&mut self, event: &Event, wanted: impl FnOnce(&Step) -> bool) {
        if let Kind::StepFinished(step) = &event.kind
            && wanted(step)
        {
            self.0.entry(event.instance).or_default().push(step.clone());
        }
    }

    /// The steps in the order of the plan.
    pub(super) fn in_order(self) -> impl Iterator<Item = Arc<Step>> {
        self.0.into_values().flatten()
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Ratio {
    pub(super) part: usize,
    pub(super) whole: usize,
}

impl Ratio {
    /// Whole percents, rounded down: nearly all is not all. `None` where there is nothing to be a part of.
    pub(super) fn percent(self) -> Option<u64> {
        (self.whole > 0).then(|| self.part as u64 * 100 / self.whole as u64)
    }

    /// The percents as text.
    pub(super) fn text(self) -> String {
        self.percent().map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"))
    }
}

/// Where a report leaves what it has found. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Measure(Arc<OnceLock<Ratio>>);

impl Measure {
    /// Whole percents, rounded down. `None` where nothing was measured.
    pub fn percent(&self) -> Option<u64> {
        self.0.get().copied().and_then(Ratio::percent)
    }

    pub(super) fn set(&self, ratio: Ratio) {
        // A report ends once.
        let _ = self.0.set(ratio);
    }
}
