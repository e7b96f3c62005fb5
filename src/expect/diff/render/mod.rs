//! Differences for a reader: one file a form. What is shown, and in what order, is decided here once, as blocks; the
//! forms only write them down. However big the documents, only what differs is shown, and where.

mod blocks;
pub mod html;
pub mod json_patch;
pub mod markdown;
pub mod terminal;
pub mod unified;

use super::{Differences, Kind};

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Lines are cut to this many columns.
    pub width: usize,
    /// More differences than this are only counted.
    pub limit: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self { width: 100, limit: 20 }
    }
}

/// How many differences there are and of what kinds, in one line: `3 differences: 2 values, 1 missing`.
pub fn summary(differences: &Differences) -> String {
    let total = differences.total();
    if total == 0 {
        return "no differences".to_owned();
    }
    let words: [(&str, fn(&Kind) -> bool); 8] = [
        ("changed", |kind| matches!(kind, Kind::Value | Kind::Length)),
        ("of another type", |kind| matches!(kind, Kind::Type)),
        ("not as a matcher says", |kind| matches!(kind, Kind::Matcher)),
        ("missing", |kind| matches!(kind, Kind::Missing | Kind::Removed { .. })),
        ("not expected", |kind| matches!(kind, Kind::Unexpected | Kind::Inserted)),
        ("renamed", |kind| matches!(kind, Kind::Renamed { .. })),
        ("moved", |kind| matches!(kind, Kind::Moved { .. })),
        ("not contained", |kind| matches!(kind, Kind::NotContained)),
    ];
    let count = |is: fn(&Kind) -> bool| differences.list.iter().filter(|difference| is(&difference.kind)).count();
    let mut parts: Vec<String> = words
        .into_iter()
        .filter_map(|(word, is)| Some(count(is)).filter(|count| *count > 0).map(|count| format!("{count} {word}")))
        .collect();
    let more: usize = differences.more.values().sum();
    if more > 0 {
        parts.push(format!("{more} more that were only counted"));
    }
    let noun = if total == 1 { "difference" } else { "differences" };
    format!("{total} {noun}: {}", parts.join(", "))
}
