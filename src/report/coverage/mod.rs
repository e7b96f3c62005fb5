//! What expectations look at, endpoint by endpoint: a fold over the events of a run that was asked for it.

mod blind;
mod document;
mod page;

pub use document::CoverageFile;

use std::collections::HashMap;
use std::io::Write;

use super::measure::{Measure, Ratio, Steps};
use super::terminal::{Screen, Verbosity};
use super::{Report, ReportError};
use crate::event::{self, Endpoint, Event, Look, Step};

/// What was looked at, gathered over all answers.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// In the order in which they were first called.
    pub(super) endpoints: Vec<Answers>,
    at: HashMap<Endpoint, usize>,
}

/// The answers of one endpoint.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) endpoint: Endpoint,
    /// How many came.
    pub(super) count: usize,
    /// In the order in which they first came.
    pub(super) members: Vec<Seen>,
    at: HashMap<String, usize>,
    /// Members that were not told of any more.
    pub(super) more: usize,
}

/// A member of the answers of one endpoint.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) path: String,
    /// How closely it is looked at, at best.
    pub(super) look: Look,
    /// In how many answers it was.
    pub(super) count: usize,
    /// What could be expected of it.
    pub(super) proposal: Option<String>,
    /// The file and line of the step in whose answer it first came.
    pub(super) place: (String, usize),
}

/// Members by how closely they are looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) value: usize,
    pub(super) type_: usize,
    pub(super) presence: usize,
    pub(super) unseen: usize,
}

impl Figures {
    fn add(&mut self, look: Look) {
        *match look {
            Look::Value => &mut self.value,
            Look::Type => &mut self.type_,
            Look::Presence => &mut self.presence,
            Look::Unseen => &mut self.unseen,
        } += 1;
    }

    pub(super) fn members(self) -> usize {
        self.value + self.type_ + self.presence + self.unseen
    }

    /// Those that are looked at in any way.
    pub(super) fn seen(self) -> Ratio {
        Ratio { part: self.members() - self.unseen, whole: self.members() }
    }

    /// Those that are looked at by their value.
    pub(super) fn by_value(self) -> Ratio {
        Ratio { part: self.value, whole: self.members() }
    }
}

impl Answers {
    pub(super) fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        self.members.iter().for_each(|member| figures.add(member.look));
        figures
    }

    /// Takes out what was empty in one answer and not in another: what stands below it is told.
    fn tidy(&mut self) {
        let above: Vec<String> = self
            .members
            .iter()
            .flat_map(|member| {
                let ends = member.path.char_indices().filter(|(_, c)| matches!(c, '.' | '['));
                ends.map(|(end, _)| member.path[..end].to_owned())
            })
            .collect();
        let above: std::collections::HashSet<String> = above.into_iter().collect();
        self.members.retain(|member| !above.contains(&member.path));
        self.at.clear();
    }

    fn take(&mut self, coverage: &event::Coverage, step: &Step) {
        self.count += 1;
        self.more = self.more.max(coverage.more);
        for member in &coverage.members {
            let Some(at) = self.at.get(&member.path) else {
                self.at.insert(member.path.clone(), self.members.len());
                self.members.push(Seen {
                    path: member.path.clone(),
                    look: member.look,
                    count: 1,
                    proposal: member.proposal.clone(),
                    place: (step.file.clone(), step.line),
                });
                continue;
            };
            let seen = &mut self.members[*at];
            seen.count += 1;
            seen.look = seen.look.max(member.look);
            // What is not always the same is no literal to be expected.
            if let (Some(known), Some(other)) = (&seen.proposal, &member.proposal)
                && known != other
                && seen.path != "status"
            {
                let both_matchers = known.starts_with('<') && other.starts_with('<');
                seen.proposal = Some(if both_matchers { known.clone() } else { "<any>".to_owned() });
            }
        }
    }
}

impl Fold {
    /// Of steps in the order of the plan, whatever the order they ended in.
    fn of(steps: Steps) -> Self {
        let mut fold = Self::default();
        steps.in_order().for_each(|step| fold.take(&step));
        fold.endpoints.iter_mut().for_each(Answers::tidy);
        fold
    }

    fn take(&mut self, step: &Step) {
        let Some(coverage) = &step.coverage else { return };
        let at = *self.at.entry(coverage.endpoint.clone()).or_insert_with(|| {
            self.endpoints.push(Answers {
                endpoint: coverage.endpoint.clone(),
                count: 0,
                members: Vec::new(),
                at: HashMap::new(),
                more: 0,
            });
            self.endpoints.len() - 1
        });
        self.endpoints[at].take(coverage, step);
    }

    pub(super) fn figures(&self) -> Figures {
        let mut figures = Figures::default();
        self.endpoints.iter().flat_map(|answers| &answers.members).for_each(|member| figures.add(member.look));
        figures
    }

    /// What an endpoint is called.
    pub(super) fn name(&self, endpoint: &Endpoint) -> String {
        called(endpoint, self.endpoints.iter().map(|answers| &answers.endpoint))
    }
}

/// What an endpoint is called among others: where two have one path, it is called by what stands before that too.
pub(super) fn called<'e>(endpoint: &Endpoint, all: impl Iterator<Item = &'e Endpoint>) -> String {
    let mut bases: Vec<&str> =
        all.filter(|other| other.call == endpoint.call).map(|other| other.base.as_str()).collect();
    bases.dedup();
    let host = |base: &str| base.find('/').unwrap_or(base.len());
    let own = endpoint.base.as_str();
    if bases.iter().all(|base| *base == own) {
        endpoint.call.clone()
    } else if bases.iter().all(|base| base[..host(base)] == own[..host(own)]) {
        format!("{} ({}/)", endpoint.call, &own[host(own)..])
    } else {
        format!("{} ({own})", endpoint.call)
    }
}

/// Shows what expectations look at, below the report of the run.
pub struct Coverage {
    steps: Steps,
    out: Box<dyn Write + Send>,
    screen: Screen,
    verbosity: Verbosity,
    measure: Measure,
}

impl Coverage {
    /// Writes to `out`, for `screen`; what it finds is left in `measure`.
    pub fn new(out: Box<dyn Write + Send>, screen: Screen, verbosity: Verbosity, measure: Measure) -> Self {
        Self { steps: Steps::default(), out, screen, verbosity, measure }
    }
}

impl Report for Coverage {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.steps.event(event, |step| step.coverage.is_some());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let fold = Fold::of(std::mem::take(&mut self.steps));
        self.measure.set(fold.figures().seen());
        let text = page::page(&fold, self.screen, self.verbosity);
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|source| ReportError { path: "the coverage".to_owned(), source })
    }
}
