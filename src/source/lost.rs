//! What of a file could not be read. Names are looked for in it before they are called undefined: the step that captures
//! one may be the very step that has a mistake.

use std::collections::BTreeSet;

/// The words of what could not be read. A name among them may be defined there, or used.
#[derive(Debug, Clone, Default)]
pub struct Lost {
    words: BTreeSet<String>,
    everything: bool,
    anything: bool,
}

impl Lost {
    /// Of a file that could not be read at all.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// Adds the words of a text.
    pub fn add(&mut self, text: &str) {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        self.anything = true;
        self.words.extend(words.map(str::to_owned));
    }

    /// Whether a name may be defined in what is lost.
    pub fn names(&self, name: &str) -> bool {
        self.everything || self.words.contains(name)
    }

    /// Whether nothing is lost.
    pub fn is_empty(&self) -> bool {
        !self.anything && !self.everything
    }
}
