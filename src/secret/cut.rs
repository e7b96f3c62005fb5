//! Pieces of secrets. What is shown of an answer is often cut before it becomes part of an event, and a secret that was
//! cut is found by its whole text no more. So each `…` is looked at: what stands before it and begins as a secret does,
//! what stands behind it and ends as one does, what stands between two and is a part of one.

use std::ops::Range;

/// What marks a cut.
pub(super) const MARK: &str = "…";

/// Bytes before and behind a mark that are looked at: nothing that is cut is shown longer.
const WINDOW: usize = 512;

/// The pieces of patterns in a text, with the number of their pattern.
pub(super) fn pieces<'p>(
    text: &[u8],
    patterns: &(impl Iterator<Item = &'p [u8]> + Clone),
) -> Vec<(usize, Range<usize>)> {
    let mark = MARK.as_bytes();
    let marks: Vec<usize> =
        text.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark).map(|(at, _)| at).collect();
    let mut found = Vec::new();
    for (nth, &at) in marks.iter().enumerate() {
        let earlier = nth.checked_sub(1).map_or(0, |earlier| marks[earlier] + mark.len());
        let later = marks.get(nth + 1).copied().unwrap_or(text.len());
        let from = earlier.max(at.saturating_sub(WINDOW));
        let (before, start) = (&text[from..at], at + mark.len());
        let behind = &text[start..later.min(start + WINDOW)];
        // A cut may go through an escape, and leave half of it.
        let halves = [before, &before[..before.len() - half_escape(before)]];
        for (id, pattern) in patterns.clone().enumerate() {
            for before in &halves[..if halves[0].len() == halves[1].len() { 1 } else { 2 }] {
                let between = nth > 0 && from == earlier && is_part(before, pattern);
                let length = if between { Some(before.len()) } else { begun(before, pattern) };
                found.extend(length.map(|length| (id, from + before.len() - length..at)));
            }
            found.extend(ended(behind, pattern).map(|length| (id, start..start + length)));
        }
    }
    found
}

/// Pieces that are shorter say little, and are found everywhere.
fn shortest(pattern: &[u8]) -> usize {
    (pattern.len() / 2).clamp(3, 6)
}

/// How much of the text's end is the pattern's beginning.
fn begun(text: &[u8], pattern: &[u8]) -> Option<usize> {
    let longest = text.len().min(pattern.len().checked_sub(1)?);
    (shortest(pattern)..=longest)
        .rev()
        .find(|length| text[text.len() - length] == pattern[0] && text.ends_with(&pattern[..*length]))
}

/// How much of the text's beginning is the pattern's end.
fn ended(text: &[u8], pattern: &[u8]) -> Option<usize> {
    let longest = text.len().min(pattern.len().checked_sub(1)?);
    (shortest(pattern)..=longest).rev().find(|length| {
        text[0] == pattern[pattern.len() - length] && text.starts_with(&pattern[pattern.len() - length..])
    })
}

fn is_part(text: &[u8], pattern: &[u8]) -> bool {
    text.len() >= shortest(pattern) && pattern.windows(text.len()).any(|window| window == text)
}

/// The length of what is left at the text's end of an escape of JSON or of a URL.
fn half_escape(text: &[u8]) -> usize {
    let longest = text.len().min(5);
    (1..=longest)
        .rev()
        .find(|length| match &text[text.len() - length..] {
            [b'\\' | b'%'] => true,
            [b'%', digit] => digit.is_ascii_hexdigit(),
            [b'\\', b'u', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
            _ => false,
        })
        .unwrap_or(0)
}
