//! What is pending, sorted: what can be taken, what only by someone who was asked, and what cannot be taken and why.

use crate::pending::{Change, Desk, Offer, Pending, Proposal, Taken};

/// All that is pending and was asked for.
pub(super) struct Pile<'p> {
    pub(super) items: Vec<Item<'p>>,
    pub(super) refused: Vec<(&'p Pending, &'p Proposal, String)>,
}

/// A change that could be made.
pub(super) struct Item<'p> {
    pub(super) pending: &'p Pending,
    pub(super) proposal: &'p Proposal,
    pub(super) change: &'p Change,
    /// Why it is not made unasked.
    pub(super) caution: Option<String>,
}

impl Item<'_> {
    /// Whether a proposal, perhaps of another scenario, is this change.
    pub(super) fn is(&self, proposal: &Proposal) -> bool {
        let same = |change: &Change| {
            let matchers = matches!(
                (change, self.change),
                (Change::Replace { matcher: Some(one), .. }, Change::Replace { matcher: Some(other), .. }) if one == other
            );
            change == self.change || (matchers && change.place() == self.change.place())
        };
        // Two elements that come may be alike, and both are to come.
        let both_come = matches!(self.change, Change::InsertElement { .. }) && proposal.path != self.proposal.path;
        proposal.file == self.proposal.file && !both_come && proposal.change.change().is_some_and(same)
    }

    /// The file that is written when it is taken.
    pub(super) fn written_to(&self) -> &str {
        match self.change {
            Change::Snapshot { path, .. } => path,
            _ => &self.proposal.file,
        }
    }
}

impl<'p> Pile<'p> {
    /// Sorts what is pending. What `only` says nothing of is left out.
    pub(super) fn of(pile: &[&'p Pending], only: &[String], desk: &mut Desk) -> Self {
        let mut sorted = Self { items: Vec::new(), refused: Vec::new() };
        for pending in pile {
            for proposal in &pending.proposals {
                if only.is_empty() || only.iter().any(|text| is_meant(pending, proposal, text, desk)) {
                    sorted.add(pending, proposal, desk);
                }
            }
        }
        sorted
    }

    fn add(&mut self, pending: &'p Pending, proposal: &'p Proposal, desk: &mut Desk) {
        let (change, caution) = match &proposal.change {
            Offer::Refused(why) => return self.refused.push((pending, proposal, why.clone())),
            Offer::Change(change) => (change, None),
            Offer::Ask(change, why) => (change, Some(why.clone())),
        };
        let caution = match desk.caution(pending, proposal) {
            Err(why) => return self.refused.push((pending, proposal, why)),
            Ok(more) => caution.or(more),
        };
        if self.items.iter().any(|item| item.is(proposal)) {
            // Two scenarios use one fragment, and ask for the same.
            return;
        }
        let mut item = Item { pending, proposal, change, caution };
        for other in self.items.iter_mut().filter(|other| other.proposal.file == proposal.file) {
            if other.change.contradicts(change) {
                let why = |scenario: &str| format!("`{scenario}` would have something else here");
                other.caution.get_or_insert_with(|| why(&proposal.scenario));
                item.caution.get_or_insert_with(|| why(&other.proposal.scenario));
            }
        }
        self.items.push(item);
    }

    /// Takes everything that needs no question.
    pub(super) fn take_all(&self, desk: &mut Desk) -> Vec<(usize, Result<Taken, String>)> {
        let unasked = self.items.iter().enumerate().filter(|(_, item)| item.caution.is_none());
        unasked
            .map(|(at, item)| (at, desk.take(item.pending, item.proposal, &Taken::Came).map(|()| Taken::Came)))
            .collect()
    }
}

fn is_meant(pending: &Pending, proposal: &Proposal, text: &str, desk: &mut Desk) -> bool {
    let line = desk
        .first(pending, &proposal.file)
        .map(|first| 1 + first.get(..proposal.at.0 as usize).unwrap_or_default().matches('\n').count());
    let place = line.map(|line| format!("{}:{line}", proposal.file)).unwrap_or_default();
    let told = [&proposal.scenario, &proposal.step, &proposal.path, &proposal.id, &proposal.file];
    told.into_iter().any(|told| told.contains(text)) || place == text || place.ends_with(&format!("/{text}"))
}
