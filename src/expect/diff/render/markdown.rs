//! The differences as Markdown: for the comment of a pull request or the summary of a job. The listing stands in a fenced
//! block that sites colour as a diff; the fence is longer than any run of backticks in it.

use super::super::Differences;
use super::terminal::listing;
use super::{Layout, summary};
use crate::json::Json;
use crate::source::harmless;

/// The whole text. Ends with a line break.
pub fn markdown(differences: &Differences, actual: Option<&Json>, layout: Layout) -> String {
    let head = format!("**{}**\n", summary(differences));
    if differences.is_empty() {
        return head;
    }
    let listing = listing(differences, actual, layout);
    let listing = harmless(&listing);
    let longest = listing.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{head}\n{fence}diff\n{}{fence}\n", listing)
}
