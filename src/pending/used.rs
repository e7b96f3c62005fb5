//! Which snapshots the last run of everything has looked at, of scenarios whose names only a run knows: what
//! `callsheet accept --prune` goes by. What changed since is left alone.

use std::collections::BTreeSet;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use super::store::{Store, write};

/// The version of the file.
const VERSION: u32 = 1;

/// What a run has looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedSnapshots {
    /// The version of this file.
    version: u32,
    /// When the run began, in milliseconds since the epoch: a file that was written later is none of its business.
    pub at: i64,
    /// The scenarios that it has gone through.
    pub scenarios: Vec<UsedBy>,
}

/// The snapshots of one scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    /// The scenario's file, as the user knows it from the project's root.
    pub scenario: String,
    /// The SHA-256 of its text at the run, in hexadecimal.
    pub sha256: String,
    /// The names of its snapshots' files, without their endings.
    pub names: BTreeSet<String>,
}

impl UsedSnapshots {
    /// What a run that began then has looked at.
    pub fn new(at: i64, scenarios: Vec<UsedBy>) -> Self {
        Self { version: VERSION, at, scenarios }
    }
}

impl Store {
    /// Keeps what a run has looked at, in place of what an earlier one has.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_used(&self, used: &UsedSnapshots) -> io::Result<()> {
        self.make()?;
        write(&self.used_path(), serde_json::to_string_pretty(used).map_err(io::Error::other)?.as_bytes())
    }

    /// What the last run of everything has looked at; nothing where none is known.
    pub fn used(&self) -> UsedSnapshots {
        let text = fs::read(self.used_path()).unwrap_or_default();
        let used: UsedSnapshots = serde_json::from_slice(&text).unwrap_or_default();
        if used.version == VERSION { used } else { UsedSnapshots::default() }
    }

    fn used_path(&self) -> std::path::PathBuf {
        self.own().join("snapshots.json")
    }
}
