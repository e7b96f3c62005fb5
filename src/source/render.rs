//! A problem as text for people: the rustc manner, drawn by annotate-snippets.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Located, Place, Severity};

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
    let mut group = Group::with_title(level.primary_title(&problem.message).id(&problem.id));
    for run in problem.places.chunk_by(|a, b| a.path == b.path) {
        group = run.iter().enumerate().fold(group, |group, (at, place)| {
            // The primary place of the problem is the first place of its first file.
            let primary = at == 0 && std::ptr::eq(place, &raw const problem.places[0]);
            group.element(snippet(place, primary))
        });
    }
    for note in &problem.notes {
        group = group.element(Level::NOTE.message(note));
    }
    for help in &problem.help {
        group = group.element(Level::HELP.message(help));
    }
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

fn snippet(place: &Place, primary: bool) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let start = place.source[0].len();
    let end = start + place.source[1].len();
    let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let mut annotation = kind.span(start..end);
    if !place.text.is_empty() {
        annotation = annotation.label(&place.text);
    }
    Snippet::source(place.source.concat()).path(&place.path).line_start(place.line).annotation(annotation)
}

/// The lines of a diff in red and green.
fn details(text: &str, colour: Colour) -> String {
    if colour == Colour::Never {
        return text.trim_end().to_owned();
    }
    let painted = text.trim_end().lines().map(|line| match line.as_bytes().first() {
        Some(b'-') => format!("\u{1b}[31m{line}\u{1b}[0m"),
        Some(b'+') => format!("\u{1b}[32m{line}\u{1b}[0m"),
        _ => line.to_owned(),
    });
    painted.collect::<Vec<_>>().join("\n")
}
