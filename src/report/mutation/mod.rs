//! What expectations would miss, endpoint by endpoint: a fold over the events of a run whose answers were changed in one
//! place at a time. A change of an answer is caught if the expectations of any step catch it.

mod document;
mod page;
mod survivors;

pub use document::MutationFile;

use std::collections::HashMap;
use std::io::Write;

use super::coverage::called;
use super::measure::{Measure, Ratio, Steps};
use super::terminal::{Screen, Verbosity};
use super::{Report, ReportError};
use crate::event::{Change, Endpoint, Event, Fate, Kind, Step};

/// What became of the mutants, gathered over all answers.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// In the order in which they first came.
    pub(super) answers: Vec<Answers>,
    at: HashMap<(Endpoint, u16), usize>,
    /// Whether anything of the run did not pass.
    pub(super) failed: bool,
}

/// The answers of one endpoint with one status.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) endpoint: Endpoint,
    pub(super) status: u16,
    pub(super) mutants: Vec<Tried>,
    at: HashMap<(String, Change), usize>,
    /// Mutants that were not tried.
    pub(super) more: usize,
}

/// A mutant and what became of it.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) path: String,
    pub(super) change: Change,
    pub(super) fate: Fate,
    pub(super) proposal: Option<String>,
    /// The file and line of the step whose answer it was first.
    pub(super) place: (String, usize),
}

/// Mutants by what became of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) caught: usize,
    pub(super) survived: usize,
    pub(super) carried: usize,
    pub(super) allowed: usize,
    /// Those that were not tried.
    pub(super) more: usize,
}

impl Figures {
    /// Of those that somebody should notice, those that somebody does.
    pub(super) fn score(self) -> Ratio {
        Ratio { part: self.caught, whole: self.caught + self.survived }
    }
}

impl std::iter::Sum for Figures {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            caught: sum.caught + one.caught,
            survived: sum.survived + one.survived,
            carried: sum.carried + one.carried,
            allowed: sum.allowed + one.allowed,
            more: sum.more + one.more,
        })
    }
}

impl Answers {
    pub(super) fn figures(&self) -> Figures {
        let of = |fate| self.mutants.iter().filter(|mutant| mutant.fate == fate).count();
        Figures {
            caught: of(Fate::Caught),
            survived: of(Fate::Survived),
            carried: of(Fate::Carried),
            allowed: of(Fate::Allowed),
            more: self.more,
        }
    }
}

/// Of several steps that the same answer comes to, the one that looks most closely decides.
fn closeness(fate: Fate) -> u8 {
    match fate {
        Fate::Survived => 0,
        Fate::Carried => 1,
        Fate::Allowed => 2,
        Fate::Caught => 3,
    }
}

impl Fold {
    /// Of steps in the order of the plan, whatever the order they ended in.
    fn of(gathered: Gathered) -> Self {
        let mut fold = Self { failed: gathered.failed, ..Self::default() };
        if !fold.failed {
            gathered.steps.in_order().for_each(|step| fold.take(&step));
        }
        fold
    }

    fn take(&mut self, step: &Step) {
        let Some(mutants) = &step.mutants else { return };
        let at = *self.at.entry((mutants.endpoint.clone(), mutants.status)).or_insert_with(|| {
            self.answers.push(Answers {
                endpoint: mutants.endpoint.clone(),
                status: mutants.status,
                mutants: Vec::new(),
                at: HashMap::new(),
                more: 0,
            });
            self.answers.len() - 1
        });
        let answers = &mut self.answers[at];
        answers.more = answers.more.max(mutants.more);
        for mutant in &mutants.tried {
            let key = (mutant.path.clone(), mutant.change);
            if let Some(known) = answers.at.get(&key) {
                let known = &mut answers.mutants[*known];
                if closeness(mutant.fate) > closeness(known.fate) {
                    known.fate = mutant.fate;
                }
                continue;
            }
            answers.at.insert(key, answers.mutants.len());
            answers.mutants.push(Tried {
                path: mutant.path.clone(),
                change: mutant.change,
                fate: mutant.fate,
                proposal: mutant.proposal.clone(),
                place: (step.file.clone(), step.line),
            });
        }
    }

    pub(super) fn figures(&self) -> Figures {
        self.answers.iter().map(Answers::figures).sum()
    }

    /// What the answers of an endpoint are called.
    pub(super) fn name(&self, answers: &Answers) -> String {
        let called = called(&answers.endpoint, self.answers.iter().map(|other| &other.endpoint));
        format!("{called} → {}", answers.status)
    }
}

/// What is gathered while the run goes on.
#[derive(Debug, Default)]
struct Gathered {
    steps: Steps,
    /// Whether anything of the run did not pass.
    failed: bool,
}

impl Gathered {
    fn event(&mut self, event: &Event) {
        match &event.kind {
            Kind::StepFinished(step) => self.failed |= step.verdict.is_bad(),
            Kind::RunFinished(finished) => self.failed |= finished.exit_code != 0,
            _ => {}
        }
        self.steps.event(event, |step| step.mutants.is_some());
    }
}

/// Shows what expectations would miss, below the report of the run.
pub struct Mutation {
    gathered: Gathered,
    out: Box<dyn Write + Send>,
    screen: Screen,
    verbosity: Verbosity,
    measure: Measure,
}

impl Mutation {
    /// Writes to `out`, for `screen`; what it finds is left in `measure`.
    pub fn new(out: Box<dyn Write + Send>, screen: Screen, verbosity: Verbosity, measure: Measure) -> Self {
        Self { gathered: Gathered::default(), out, screen, verbosity, measure }
    }
}

impl Report for Mutation {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.gathered.event(event);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let fold = Fold::of(std::mem::take(&mut self.gathered));
        if !fold.failed {
            self.measure.set(fold.figures().score());
        }
        let text = page::page(&fold, self.screen, self.verbosity);
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|source| ReportError { path: "the mutants".to_owned(), source })
    }
}
