//! The matcher grammar: any text is read as a matcher or refused with a place inside it, and a matcher that was read is
//! written as a text that reads as the same matcher.

#![no_main]

use callsheet::expect::matcher::check;
use callsheet::json::Json;
use callsheet::scenario::expected::{Expected, Tree};
use callsheet::scenario::matcher::Matcher;
use callsheet::source::{FileId, Kind, Node, Read, Reader, Span, Style};
use libfuzzer_sys::fuzz_target;

/// The matcher of a text as it stands in a file, if it is one.
fn read(text: &str) -> Option<std::sync::Arc<Matcher>> {
    let file = FileId::default();
    let mut reader = Reader::new(file, text);
    let node = Node { span: Span::new(file, 0..text.len()), style: Style::Plain, kind: Kind::String(text.into()) };
    let read = Expected::read(&node, &mut reader);
    for problem in &reader.problems {
        assert!(problem.labels.iter().all(|label| label.span.range().end <= text.len()), "{problem:?}");
        assert!(!problem.message.is_empty());
    }
    assert_eq!(read.is_err(), !reader.problems.is_empty(), "what is refused is refused for a reason");
    match read.ok()?.tree {
        Tree::Matcher(matcher) => Some(matcher),
        _ => None,
    }
}

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    let Some(matcher) = read(text) else { return };
    if matcher.is_templated() {
        return;
    }
    let written = matcher.to_string();
    let again = read(&written).unwrap_or_else(|| panic!("{text:?} is written as {written:?}, which does not read"));
    assert_eq!(written, again.to_string(), "from {text:?}");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let value = callsheet::json::parse(value.as_bytes()).unwrap_or_else(|_| Json::from(value));
    for value in [Some(&value), None] {
        assert_eq!(check(&matcher, value, now), check(&again, value, now), "{text:?} and {written:?}");
    }
});
