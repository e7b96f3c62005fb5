//! Colour, used sparingly: what is wrong is red, what holds has a green mark and is otherwise quiet.

use crate::event::Verdict;
use crate::source::Colour;

/// What a piece of text is to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Tone {
    /// It holds.
    Good,
    /// It does not hold.
    Bad,
    /// It could not be found out.
    Unclear,
    /// It deserves a look.
    Doubtful,
    /// What is read first.
    Strong,
    /// What is read last.
    Quiet,
    /// Text like any other.
    Plain,
}

impl Tone {
    /// That of a verdict.
    pub(in crate::report) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Good,
            Verdict::Skipped => Self::Quiet,
            Verdict::Flaky => Self::Doubtful,
            Verdict::Failed => Self::Bad,
            Verdict::Errored => Self::Unclear,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[1;31m",
            Self::Unclear => "\u{1b}[1;35m",
            Self::Doubtful => "\u{1b}[33m",
            Self::Strong => "\u{1b}[1m",
            Self::Quiet => "\u{1b}[2m",
            Self::Plain => "",
        }
    }
}

/// The mark that a line about something with this verdict begins with.
pub(in crate::report) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::Skipped => "-",
        Verdict::Flaky => "~",
        Verdict::Failed => "✗",
        Verdict::Errored => "!",
    }
}

/// Adds a text in its tone.
pub(in crate::report) fn paint(out: &mut String, colour: Colour, tone: Tone, text: &str) {
    if colour == Colour::Never || tone == Tone::Plain || text.is_empty() {
        out.push_str(text);
        return;
    }
    out.push_str(tone.code());
    out.push_str(text);
    out.push_str("\u{1b}[0m");
}
