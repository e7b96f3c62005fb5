//! `schema`: the body is as a JSON Schema says. Every violation is shown with its place in the body and in the schema.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::diff::{cut, preview};
use crate::json::Json;
use crate::scenario::SchemaExpected;
use crate::schema::{GivenUp, Violation, Violations};
use crate::source::{Diagnostic, Span};

/// So many places in the schema are shown with a caret; the others are named in the listing.
const PLACES: usize = 4;
/// A value is cut to this many characters.
const VALUE: usize = 90;
/// Where remarks begin, if what they remark on is shorter.
const REMARKS: usize = 31;

/// What of a document is not as its schema says.
pub(super) fn check(expected: &SchemaExpected, document: &Json) -> Option<Diagnostic> {
    let Some(schema) = expected.schema() else {
        return Some(Diagnostic::error("expect.schema", "this schema was not read").at(expected.span, ""));
    };
    let violations = schema.validate(document);
    let given_up = |what: &str| {
        Diagnostic::error("expect.schema", what).at(expected.span, "").help(
            "alternatives that refer to each other take much time: give each of them a member with a different `const`",
        )
    };
    match violations.given_up {
        GivenUp::Verdict => Some(given_up("the body could not be compared with the schema within 10 s")),
        GivenUp::Words => Some(given_up("the body does not fit the schema, in too many ways to list")),
        GivenUp::Nothing | GivenUp::Count => {
            (!violations.list.is_empty()).then(|| problem(expected, &violations, document))
        }
    }
}

fn problem(expected: &SchemaExpected, violations: &Violations, document: &Json) -> Diagnostic {
    let total = violations.list.len() + violations.more;
    let first = &violations.list[0];
    let message = format!("{} does not fit the schema: {}", first.path.shorthand(), first.what.trim_end_matches(':'));
    let message = match total {
        _ if violations.given_up == GivenUp::Count => format!("{message}, and very many more things are wrong"),
        1 => message,
        2 => format!("{message}, and one more thing is wrong"),
        total => format!("{message}, and {} more things are wrong", total - 1),
    };
    let mut problem = Diagnostic::error("expect.schema", message);
    // Where the schema is written out here, its places say all; else it is this file that one looks at first.
    let own = expected.span;
    let inside = |span: Span| span.file == own.file && own.range().contains(&(span.start as usize));
    if !first.span.is_some_and(inside) {
        problem = problem.at(own, label(first, document));
    }
    let mut places: Vec<Span> = Vec::new();
    for violation in flat(&violations.list) {
        let Some(span) = violation.span.filter(|span| !places.contains(span)) else { continue };
        if places.len() == PLACES {
            break;
        }
        places.push(span);
        problem = problem.at(span, label(violation, document));
    }
    let mut details = String::new();
    for violation in &violations.list {
        listed(&mut details, violation, document, 1);
    }
    if violations.more > 0 {
        let _ = writeln!(details, "  … and {} more", violations.more);
    }
    problem.details(details)
}

/// The violations with those inside of them.
fn flat(list: &[Violation]) -> impl Iterator<Item = &Violation> {
    list.iter().flat_map(|violation| {
        let inside: Box<dyn Iterator<Item = &Violation>> = Box::new(flat(&violation.inside));
        // What the nearest alternative lacks says more than that none of them fits.
        inside.chain([violation])
    })
}

fn label(violation: &Violation, document: &Json) -> String {
    let path = violation.path.shorthand();
    match violation.path.find(document) {
        None => format!("the body has no {path}"),
        Some(_) if violation.missing || !violation.inside.is_empty() => String::new(),
        Some(value) => format!("{path} is {}", cut(&preview(value), 40)),
    }
}

/// One violation as lines: its path, what is expected and where that is said; below it what came.
fn listed(out: &mut String, violation: &Violation, document: &Json, indent: usize) {
    let path = format!("{:indent$} {}", "", violation.path.shorthand());
    let place = if violation.place.is_empty() { String::new() } else { format!("  ({})", violation.place) };
    let pad = REMARKS.saturating_sub(path.width()).max(2);
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{path}{:pad$}{}{place}", "", violation.what);
    if !violation.inside.is_empty() {
        violation.inside.iter().for_each(|inside| listed(out, inside, document, indent + 2));
    } else if let Some(value) = violation.path.find(document).filter(|_| !violation.missing) {
        let _ = writeln!(out, "+{:indent$} {}", "", cut(&preview(value), VALUE), indent = indent + 1);
    }
}
