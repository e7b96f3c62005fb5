//! What a comparison keeps while it goes on: what it does not look at, what it has found out already, and how much work
//! it has done. The work is counted in values looked at, not in seconds, so that the same two documents are always told
//! apart in the same way.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::ignore::Ignored;
use crate::json::Json;
use crate::scenario::expected::Expected;

/// Values that may be looked at to align elements; what goes through both documents once is not counted.
const PATIENCE: u64 = 24_000_000;
/// Values that may be looked at for members that were renamed; two names count as several values, by their length.
const RENAMING: u64 = 10_000_000;
const NAMES: u64 = 50;
const LETTERS: u64 = 4;
/// A verdict that took less work than this is found again sooner than looked up.
const WORTH_KEEPING: u64 = 8;
/// More verdicts than this are not kept.
const MOST_KEPT: usize = 1_000_000;

/// What a comparison stands on.
#[derive(Default)]
pub(super) struct Ground {
    pub(super) ignored: Option<Ignored>,
    /// Verdicts by the addresses of both values, and whether more members were allowed. While nothing has been found
    /// different there is nothing to find out twice, and nothing is kept.
    verdicts: RefCell<HashMap<(usize, usize, bool), bool>>,
    keeps: Cell<bool>,
    work: Cell<u64>,
    /// Work that was done to align elements.
    aligning: Cell<u64>,
    /// Work that was done to find renamed members.
    renaming: Cell<u64>,
}

impl Ground {
    pub(super) fn new(ignored: Option<Ignored>) -> Self {
        Self { ignored, ..Self::default() }
    }

    /// From now on verdicts are kept: every value is looked at from each of those around it.
    pub(super) fn keep_verdicts(&self) {
        self.keeps.set(true);
    }

    /// Counts one value that was looked at.
    pub(super) fn count(&self) {
        self.work.set(self.work.get() + 1);
    }

    /// How many values were looked at.
    pub(super) fn work(&self) -> u64 {
        self.work.get()
    }

    /// The verdict over two values, from before or by `decide`.
    pub(super) fn verdict(
        &self,
        expected: &Expected,
        actual: &Json,
        exactly: bool,
        decide: impl FnOnce() -> bool,
    ) -> bool {
        self.count();
        if !self.keeps.get() {
            return decide();
        }
        let key = (std::ptr::from_ref(expected).addr(), std::ptr::from_ref(actual).addr(), exactly);
        if let Some(known) = self.verdicts.borrow().get(&key) {
            return *known;
        }
        let before = self.work();
        let verdict = decide();
        let mut kept = self.verdicts.borrow_mut();
        if self.work() - before >= WORTH_KEEPING && kept.len() < MOST_KEPT {
            kept.insert(key, verdict);
        }
        verdict
    }

    /// Does some of the work of aligning, which is bounded.
    pub(super) fn align<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = self.work();
        let done = work();
        self.aligning.set(self.aligning.get() + self.work() - before);
        done
    }

    /// Looks at one member that may be another one renamed, as long as that is not too much. `letters` is the product
    /// of the lengths of both names.
    pub(super) fn rename<T>(&self, letters: usize, work: impl FnOnce() -> T) -> Option<T> {
        if self.is_done_renaming() {
            return None;
        }
        let before = self.work();
        let done = work();
        let names = NAMES + letters as u64 / LETTERS;
        self.renaming.set(self.renaming.get() + names + self.work() - before);
        Some(done)
    }

    /// Whether no more is looked at for renamed members.
    pub(super) fn is_done_renaming(&self) -> bool {
        self.renaming.get() > RENAMING
    }

    /// Adds work that was done otherwise.
    pub(super) fn add_aligning(&self, work: u64) {
        self.aligning.set(self.aligning.get() + work);
    }

    /// How much more may be done to align elements.
    pub(super) fn patience(&self) -> u64 {
        PATIENCE.saturating_sub(self.aligning.get())
    }

    /// Whether no more may be done to align elements.
    pub(super) fn is_spent(&self) -> bool {
        self.patience() == 0
    }
}
