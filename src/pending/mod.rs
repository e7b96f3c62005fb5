//! What a failed run hands over to `callsheet accept`: changes to the files, each with all that it takes to judge it. A
//! file of them belongs to one scenario file, and the next run of that scenario file replaces it.
//!
//! Values are kept whole, and so nothing gets in here that the run knows to be secret.

mod desk;
mod store;
mod used;

pub use desk::{Desk, Taken};
pub use store::{Damage, Store, digest, sha256, write};
pub use used::{UsedBy, UsedSnapshots};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::{self, Json};

/// The version of the files, in [`Pending::version`].
pub const VERSION: u32 = 1;

/// What the last run of a scenario file left to be accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The version of this file.
    pub version: u32,
    /// The scenario file, below the project's root.
    pub scenario: String,
    /// When the answers came, in RFC 3339: what is near to it differs by nature.
    pub at: String,
    /// The files that would be changed, as they were read.
    pub files: Vec<Fingerprint>,
    /// What could be accepted, and what could not and why, in the order of the run.
    pub proposals: Vec<Proposal>,
}

/// A file as a run has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The file, below the project's root.
    pub file: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// One thing that an answer would have otherwise than the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The file that would be changed, below the project's root: the scenario's, or that of a fragment.
    pub file: String,
    /// The title of the scenario.
    pub scenario: String,
    /// The case, as `2 (lang=nl)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What the step is called.
    pub step: String,
    /// The place that the run has reported.
    pub at: Range,
    /// The diagnostic that it belongs to, as `expect.json`.
    pub id: String,
    /// The place in the answer, as people write it: `$.state`, `header etag`, `status`.
    pub path: String,
    /// The mapping of `expect`, into which `ignore` would go; nothing where `ignore` does not reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Range>,
    /// What would be changed, or why nothing can be.
    pub change: Offer,
}

/// Bytes of a file: the first, and one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Range(pub u32, pub u32);

impl From<crate::source::Span> for Range {
    fn from(span: crate::source::Span) -> Self {
        Self(span.start, span.end)
    }
}

/// Whether something can be accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// It can.
    Change(Change),
    /// It can, but only by someone who was asked: why.
    Ask(Change, String),
    /// It cannot: why, in words.
    Refused(String),
}

impl Offer {
    /// The change, if there is one.
    pub fn change(&self) -> Option<&Change> {
        match self {
            Self::Change(change) | Self::Ask(change, _) => Some(change),
            Self::Refused(_) => None,
        }
    }
}

/// A change of a file. Values are what a file of expectations says, read as YAML: in a string, `<uuid>` is a matcher,
/// `\<…>` the text, and `{{ … }}` a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Another value at this place.
    Replace {
        /// The value that stands there.
        at: Range,
        /// What came.
        #[serde(with = "whole")]
        to: Json,
        /// The matcher that is written instead, where the value differs by nature.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        matcher: Option<String>,
    },
    /// A member goes.
    RemoveMember {
        /// Its key.
        key: Range,
    },
    /// A member has another name.
    RenameMember {
        /// Its key.
        key: Range,
        /// The new name.
        to: String,
    },
    /// A member comes, behind the others.
    AddMember {
        /// The mapping.
        to: Range,
        /// Its name.
        name: String,
        /// Its value.
        #[serde(with = "whole")]
        value: Json,
    },
    /// An element comes.
    InsertElement {
        /// The list.
        list: Range,
        /// The element of the file that it stands before; none where it is the last.
        before: Option<Range>,
        /// Its value.
        #[serde(with = "whole")]
        value: Json,
    },
    /// An element goes.
    RemoveElement {
        /// The list.
        list: Range,
        /// The element.
        at: Range,
    },
    /// An element stands at another place, and is otherwise as it was expected.
    MoveElement {
        /// The list.
        list: Range,
        /// The element.
        at: Range,
        /// The element of the file that it stands before; none where it is the last.
        before: Option<Range>,
    },
    /// A snapshot is written or replaced as a whole.
    Snapshot {
        /// The file, below the project's root.
        path: String,
        /// Its whole content.
        content: String,
        /// The SHA-256 of the file that stands there, in hexadecimal; nothing where there was none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
        /// The file of the same snapshot in another form, which goes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<String>,
        /// What is not stored as it came, and why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
    },
}

impl Change {
    /// The value or key that is changed, or the collection that something comes into.
    pub fn place(&self) -> Range {
        match self {
            Self::Replace { at, .. } | Self::RemoveElement { at, .. } | Self::MoveElement { at, .. } => *at,
            Self::RemoveMember { key } | Self::RenameMember { key, .. } => *key,
            Self::AddMember { to, .. } => *to,
            Self::InsertElement { list, .. } => *list,
            Self::Snapshot { .. } => Range::default(),
        }
    }

    /// Whether two changes could not both be made: they are of one place, and not the same.
    pub fn contradicts(&self, other: &Self) -> bool {
        let same = match (self, other) {
            (Self::Replace { matcher: Some(one), .. }, Self::Replace { matcher: Some(other), .. }) => one == other,
            _ => self == other,
        };
        // Snapshots have no place in the scenario: each is a file of its own.
        if let (Self::Snapshot { path: one, .. }, Self::Snapshot { path: other, .. }) = (self, other) {
            return !same && one == other;
        }
        let adds = |change: &Self| matches!(change, Self::AddMember { .. } | Self::InsertElement { .. });
        !same && self.place() == other.place() && !adds(self) && !adds(other)
    }
}

/// Values as JSON text: every number stays as exact as it came.
mod whole {
    use super::{Deserialize, Deserializer, Json, Serializer, json};

    pub(super) fn serialize<S: Serializer>(value: &Json, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Json, D::Error> {
        let text = std::borrow::Cow::<'d, str>::deserialize(deserializer)?;
        json::parse(text.as_bytes()).map_err(|_| serde::de::Error::custom("a value is no JSON"))
    }
}

#[cfg(test)]
mod tests;
