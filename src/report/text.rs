//! Text that stays in its place: measured by the columns it takes, cut and padded.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(crate) use crate::source::harmless;

/// A text from outside, made harmless and put on one line.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    let clean = harmless(text);
    if clean.contains('\n') { Cow::Owned(clean.split_whitespace().collect::<Vec<_>>().join(" ")) } else { clean }
}

/// The columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text with spaces behind it, so that it takes at least `columns`.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    pad(&mut padded, width(text), columns);
    padded
}

/// Adds the spaces that a text of `taken` columns lacks.
pub(crate) fn pad(line: &mut String, taken: usize, columns: usize) {
    line.extend(std::iter::repeat_n(' ', columns.saturating_sub(taken)));
}

/// The text in at most `columns`, its middle replaced by `…`: beginnings and ends of titles and paths tell most.
pub(crate) fn cut_middle(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(1);
    let end = tail(text, room / 2);
    let start = head(text, room - width(end));
    Cow::Owned(format!("{start}…{end}"))
}

/// The text in at most `columns`, its end replaced by `…`.
pub(crate) fn cut_end(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", head(text, columns.saturating_sub(1))))
}

fn head(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, char)| {
        taken += char.width().unwrap_or(0);
        taken > columns
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

fn tail(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let mut start = text.len();
    for (at, char) in text.char_indices().rev() {
        let columns_of_char = char.width().unwrap_or(0);
        if taken + columns_of_char > columns {
            break;
        }
        taken += columns_of_char;
        // A character of no width belongs to the one before it, and is not kept without it.
        if columns_of_char > 0 {
            start = at;
        }
    }
    &text[start..]
}

/// Milliseconds as people say them: `34 ms`, `1.24 s`, `2 min 05 s`.
pub(crate) fn duration(ms: f64) -> String {
    let seconds = ms / 1000.0;
    if ms < 0.5 {
        "<1 ms".to_owned()
    } else if ms < 999.5 {
        format!("{ms:.0} ms")
    } else if seconds < 9.995 {
        format!("{seconds:.2} s")
    } else if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let minutes = (seconds / 60.0).floor();
        format!("{minutes:.0} min {:02.0} s", (seconds - minutes * 60.0).floor())
    }
}

/// A number of bytes as people say it: `183 B`, `12.1 KiB`.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// `1 step`, `2 steps`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_several_lines_is_put_on_one() {
        assert_eq!(one_line("a\n  b\u{1b}"), "a b␛");
    }

    #[test]
    fn texts_are_cut_by_columns() {
        assert_eq!(cut_middle("examples/simacan/trip.yaml", 15), "example…ip.yaml");
        assert_eq!(cut_middle("短い旅程の確認をする", 11), "短い旅…する");
        assert_eq!(cut_end("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut_middle("short", 5), "short");
        assert_eq!(cut_end("abc", 0), "…");
    }

    #[test]
    fn times_and_sizes_are_said_as_people_say_them() {
        let said = [0.2, 0.6, 34.4, 999.7, 1240.0, 12_340.0, 59_999.0, 125_900.0].map(duration);
        assert_eq!(said, ["<1 ms", "1 ms", "34 ms", "1.00 s", "1.24 s", "12.3 s", "0 min 59 s", "2 min 05 s"]);
        assert_eq!([183, 12_400, 20_000_000].map(size), ["183 B", "12.1 KiB", "19.1 MiB"]);
    }
}
