//! How closely the expectations of a step look at its answer: told only where it was asked for.

use serde::{Deserialize, Serialize};

/// What the expectations of a step look at (`--coverage`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// What was called.
    pub endpoint: Endpoint,
    /// The status, headers that matter, cookies and members of the answer, array indices folded to `[*]`.
    pub members: Vec<Member>,
    /// How many more there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
}

/// What calls are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// Method and path as written, templates folded: `GET /trips/{trip_id}`. Of a GraphQL call also the operation.
    pub call: String,
    /// What stands before the path: host, port and base path.
    pub base: String,
}

/// A member of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// `status`, `header etag`, `cookie sid`, `body`, or a path as `$.items[*].id`.
    pub path: String,
    /// How closely it is looked at.
    pub look: Look,
    /// What could be expected of it, as YAML; of those whose value nobody looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
}

/// How closely a member is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Not at all.
    #[default]
    Unseen,
    /// Only whether it is there: `<any>`, `is defined`, or it is kept and a later step uses it.
    Presence,
    /// Of what type it is: `<string>`.
    Type,
    /// Its value: a literal, or a matcher that says more than a type.
    Value,
}

/// What the expectations of a step made of its answer changed in one place at a time (`callsheet mutate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutants {
    /// What was called.
    pub endpoint: Endpoint,
    /// The status that came.
    pub status: u16,
    /// The mutants that were tried.
    pub tried: Vec<Mutant>,
    /// How many more there could have been.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
}

/// An answer changed in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutant {
    /// Where: `status`, `header etag`, `body`, or a path as `$.items[*].id`.
    pub path: String,
    /// How.
    pub change: Change,
    /// What became of it.
    pub fate: Fate,
    /// What would catch it, as YAML; of those that survived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
}

/// How an answer is changed, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The status is one of another family.
    StatusFamily,
    /// The status is another one of its family.
    Status,
    /// There is no body.
    EmptyBody,
    /// The member, the header or the cookie is missing.
    Removed,
    /// There are GraphQL errors beside the data.
    Errors,
    /// No element is left.
    Emptied,
    /// The value is null.
    Null,
    /// The value is of another type.
    Type,
    /// The value is another one of its type.
    Value,
    /// The last element is missing.
    Fewer,
    /// The last element stands twice.
    More,
    /// The elements stand in the opposite order.
    Order,
    /// The object has one more member.
    Extra,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The expectations allow it in so many words: one more member, another order where none is asked for, another value
    /// that fits the matcher. Nobody's fault, and not counted.
    Allowed,
    /// A value that is kept, and that a later step uses: whether that would notice cannot be known without a call. Not
    /// counted.
    Carried,
    /// No expectation noticed.
    Survived,
    /// An expectation noticed, or a capture found nothing.
    Caught,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Coverage {
    pub(super) fn for_each_text(&mut self, with: &mut impl FnMut(&mut String)) {
        self.endpoint.for_each_text(with);
        for member in &mut self.members {
            with(&mut member.path);
            member.proposal.iter_mut().for_each(&mut *with);
        }
    }
}

impl Mutants {
    pub(super) fn for_each_text(&mut self, with: &mut impl FnMut(&mut String)) {
        self.endpoint.for_each_text(with);
        for mutant in &mut self.tried {
            with(&mut mutant.path);
            mutant.proposal.iter_mut().for_each(&mut *with);
        }
    }
}

impl Endpoint {
    fn for_each_text(&mut self, with: &mut impl FnMut(&mut String)) {
        with(&mut self.call);
        with(&mut self.base);
    }
}
