//! A problem as text for people: the rustc manner, drawn by annotate-snippets.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use unicode_width::UnicodeWidthChar;

use super::{Located, Place, Severity, harmless};

/// Whether output may hold colour codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Text only.
    Never,
    /// ANSI colour codes.
    Always,
}

/// The columns that long lines of a file are cut to where nothing else is said.
const COLUMNS: usize = 140;

/// So many lines may lie between two places of one file that are drawn as one piece of it.
const MOST_BETWEEN: usize = 200;

/// Draws a problem: head line, every place with its caret, notes, help, and the details below. Ends without a line
/// break.
pub fn render(problem: &Located, colour: Colour) -> String {
    render_within(problem, colour, COLUMNS)
}

/// The same, lines of files cut to what is around the caret where they are longer than `columns`.
pub fn render_within(problem: &Located, colour: Colour, columns: usize) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(harmless(&problem.message)).id(harmless(&problem.id)));
    group = group.elements(pieces(&problem.places).into_iter().map(|piece| snippet(&piece)));
    group = group.elements(problem.notes.iter().map(|note| Level::NOTE.message(harmless(note))));
    group = group.elements(problem.help.iter().map(|help| Level::HELP.message(harmless(help))));
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    let mut text = renderer.term_width(columns).render(&[group]);
    if problem.places.is_empty() {
        // The empty margin of a place that is not there.
        let margin = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() == "|";
        text = text.lines().filter(|line| !margin(line)).collect::<Vec<_>>().join("\n");
    }
    if !problem.details.is_empty() {
        text.push_str("\n\n");
        text.push_str(&details(&problem.details, colour));
    }
    text
}

/// A place, and whether it is the primary one.
type Marked<'p> = (&'p Place, bool);

/// Puts together the places that can be drawn as one piece of a file, those in it in their order; the piece with the
/// primary place comes first.
fn pieces(places: &[Place]) -> Vec<Vec<Marked<'_>>> {
    let mut marked: Vec<Marked<'_>> = places.iter().enumerate().map(|(at, place)| (place, at == 0)).collect();
    marked.sort_by_key(|(place, _)| (&place.path, place.line, place.column));
    let mut pieces: Vec<Vec<Marked<'_>>> = Vec::new();
    for (place, primary) in marked {
        let above = pieces.last_mut().filter(|piece| piece.last().is_some_and(|(above, _)| joins(above, place)));
        match above {
            Some(piece) => piece.push((place, primary)),
            None => pieces.push(vec![(place, primary)]),
        }
    }
    pieces.sort_by_key(|piece| !piece.iter().any(|(_, primary)| *primary));
    pieces
}

/// Whether two places can be drawn as one piece. Lines between them are folded away, but for a single one, which is
/// always drawn: and what it says is not known here.
fn joins(above: &Place, below: &Place) -> bool {
    let between = below.line.saturating_sub(above.line);
    above.path == below.path && between != 2 && between <= MOST_BETWEEN
}

fn snippet<'p>(piece: &[Marked<'p>]) -> Snippet<'p, Annotation<'p>> {
    let first = piece[0].0;
    let mut source = String::new();
    let mut line = first.line;
    let mut start = 0;
    let mut annotations = Vec::with_capacity(piece.len());
    for (at, (place, primary)) in piece.iter().enumerate() {
        if at == 0 || place.line > line {
            source.extend(std::iter::repeat_n('\n', place.line - line));
            line = place.line;
            start = source.len();
            source.extend(place.source.iter().map(String::as_str));
        }
        let from = start + place.source[0].len();
        let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(from..from + place.source[1].len());
        let text = harmless(&place.text);
        annotations.push(if text.is_empty() { annotation } else { annotation.label(text) });
    }
    Snippet::source(source).path(&first.path).line_start(first.line).annotations(annotations)
}

/// The lines of a diff: what should be there in red, what came in green. A line of `^` marks parts of the line above it;
/// where there is colour, those parts are turned round instead.
fn details(text: &str, colour: Colour) -> String {
    let text = harmless(text.trim_end());
    if colour == Colour::Never {
        return text.into_owned();
    }
    let mut painted: Vec<String> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let code = match line.as_bytes().first() {
            Some(b'-') => "\u{1b}[31m",
            Some(b'+') => "\u{1b}[32m",
            _ => {
                painted.push(line.to_owned());
                continue;
            }
        };
        let marks = lines.next_if(|next| is_marks(next)).unwrap_or_default();
        painted.push(format!("{code}{}\u{1b}[0m", highlighted(line, marks)));
    }
    painted.join("\n")
}

/// A diff as [`render`] shows it below a problem. Ends without a line break.
pub fn painted(text: &str, colour: Colour) -> String {
    details(text, colour)
}

/// Whether a line only marks parts of the one above it.
fn is_marks(line: &str) -> bool {
    line.contains('^') && line.bytes().all(|byte| matches!(byte, b' ' | b'^'))
}

/// The line with its marked columns turned round.
fn highlighted(line: &str, marks: &str) -> String {
    let marks = marks.as_bytes();
    let (mut out, mut column, mut on) = (String::with_capacity(line.len() + 16), 0, false);
    for c in line.chars() {
        let width = c.width().unwrap_or(0);
        // What takes no column belongs to the character before it.
        let marked = if width == 0 { on } else { marks.get(column) == Some(&b'^') };
        if marked != on {
            out.push_str(if marked { "\u{1b}[7m" } else { "\u{1b}[27m" });
            on = marked;
        }
        out.push(c);
        column += width;
    }
    if on {
        out.push_str("\u{1b}[27m");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, line: usize, source: [&str; 3], text: &str) -> Place {
        let column = source[0].chars().count() + 1;
        Place { path: path.to_owned(), line, column, source: source.map(str::to_owned), text: text.to_owned() }
    }

    fn problem(places: Vec<Place>) -> Located {
        Located {
            id: "format.duplicate-key".to_owned(),
            severity: Severity::Error,
            message: "json is given twice".to_owned(),
            places,
            notes: Vec::new(),
            help: Vec::new(),
            details: String::new(),
        }
    }

    fn shown(places: Vec<Place>) -> String {
        render_within(&problem(places), Colour::Never, 100)
    }

    #[test]
    fn a_place_has_its_line_and_a_caret_and_notes_stand_below() {
        let mut problem = problem(vec![place("trip.yaml", 14, ["    ", "json", ": 2"], "a second time")]);
        problem.notes.push("a note\nof two lines".to_owned());
        problem.help.push("leave one out".to_owned());
        problem.details = "  $.a\n-   1\n+   2\n".to_owned();
        let expected = "\
error[format.duplicate-key]: json is given twice
  --> trip.yaml:14:5
   |
14 |     json: 2
   |     ^^^^ a second time
   |
   = note: a note
           of two lines
   = help: leave one out

  $.a
-   1
+   2";
        assert_eq!(render(&problem, Colour::Never), expected);
        let coloured = render(&problem, Colour::Always);
        assert!(coloured.ends_with("\n\n  $.a\n\u{1b}[31m-   1\u{1b}[0m\n\u{1b}[32m+   2\u{1b}[0m"), "{coloured}");
    }

    #[test]
    fn marks_below_a_line_become_colour_in_it() {
        let text = "  $.a\n-   \"a 短い day\"\n         ^^\n+   \"a 短 day\"\n       ^^";
        assert_eq!(details(text, Colour::Never), text);
        let expected = "  $.a\n\u{1b}[31m-   \"a 短\u{1b}[7mい\u{1b}[27m day\"\u{1b}[0m\n\
                        \u{1b}[32m+   \"a \u{1b}[7m短\u{1b}[27m day\"\u{1b}[0m";
        assert_eq!(details(text, Colour::Always), expected);
    }

    #[test]
    fn places_of_one_file_are_drawn_as_one_piece_of_it() {
        let second = place("trip.yaml", 14, ["    ", "json", ": 2"], "a second time");
        let first = place("trip.yaml", 5, ["    ", "json", ": 1"], "first here");
        let expected = "\
error[format.duplicate-key]: json is given twice
  --> trip.yaml:14:5
   |
 5 |     json: 1
   |     ---- first here
...
14 |     json: 2
   |     ^^^^ a second time";
        assert_eq!(shown(vec![second, first]), expected);
        let first = place("trip.yaml", 5, ["  { ", "a", ": 2, a: 3 }"], "first here");
        let second = place("trip.yaml", 5, ["  { a: 2, ", "a", ": 3 }"], "again");
        let expected = "\
error[format.duplicate-key]: json is given twice
 --> trip.yaml:5:11
  |
5 |   { a: 2, a: 3 }
  |     -     ^ again
  |     |
  |     first here";
        assert_eq!(shown(vec![second, first]), expected);
    }

    #[test]
    fn a_line_that_is_not_known_is_not_drawn() {
        let first = place("trip.yaml", 5, ["    ", "json", ": 1"], "");
        let second = place("trip.yaml", 7, ["    ", "json", ": 2"], "");
        let other = place("fragment.yaml", 1, ["", "fragment", ": x"], "used here");
        let expected = "\
error[format.duplicate-key]: json is given twice
 --> trip.yaml:7:5
  |
7 |     json: 2
  |     ^^^^
  |
 ::: fragment.yaml:1:1
  |
1 | fragment: x
  | -------- used here
  |
 ::: trip.yaml:5:5
  |
5 |     json: 1
  |     ----";
        assert_eq!(shown(vec![second, first, other]), expected);
    }

    #[test]
    fn neither_files_nor_answers_steer_the_terminal() {
        let place = place("trip.yaml", 5, ["\t\tjson: ", "\u{1b}[31m", "\u{0}"], "the answer has \"\u{1b}[2J\"");
        let mut problem = problem(vec![place]);
        problem.message = "red \u{1b}[31m".to_owned();
        problem.details = "+ \u{1b}[31m".to_owned();
        problem.notes = vec!["\u{7}".to_owned()];
        let text = render(&problem, Colour::Never);
        assert!(!text.chars().any(|char| char.is_control() && char != '\n'), "{text:?}");
        assert!(text.contains("the answer has \"␛[2J\""), "{text}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let long = shown(vec![place("trip.yaml", 5, [&"x".repeat(300), "json", &"y".repeat(300)], "far out")]);
        assert!(long.lines().all(|line| line.chars().count() <= 106), "{long}");
        assert!(long.contains("xjsony"), "{long}");
    }
}
