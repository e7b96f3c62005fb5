//! The structural diff: a value differs from itself in nothing, two values differ exactly if they are not equal, and
//! every listing of differences is told in lines that begin as they should.

#![no_main]

use callsheet::expect::diff::{Layout, Mode, compare_rendered, listing};
use callsheet::json::Json;
use callsheet::jsonpath::NormalizedPath;
use callsheet::scenario::expected::Expected;
use callsheet::source::{FileId, Read, Reader, Span, parse};
use libfuzzer_sys::fuzz_target;

fn differ(expected: &Expected, actual: &Json, mode: Mode) -> bool {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let differences = compare_rendered(expected, Some(actual), mode, &NormalizedPath::default(), now);
    let text = listing(&differences, Some(actual), Layout::default());
    assert_eq!(text.is_empty(), differences.is_empty());
    assert!(text.lines().all(|line| line.starts_with(['-', '+', ' '])), "{text}");
    !differences.is_empty()
}

fuzz_target!(|input: (&str, &str)| {
    let (expected, actual) = input;
    let Ok(actual) = callsheet::json::parse(actual.as_bytes()) else { return };
    assert!(!differ(&Expected::from_json(&actual, Span::default()), &actual, Mode::Exactly));
    if let Ok(value) = callsheet::json::parse(expected.as_bytes()) {
        let literal = Expected::from_json(&value, Span::default());
        assert_eq!(differ(&literal, &actual, Mode::Exactly), value != actual);
        let _ = differ(&literal, &actual, Mode::Contains);
    }
    // What a file says, with matchers and operators.
    let Ok(node) = parse(FileId::default(), expected) else { return };
    let mut reader = Reader::new(FileId::default(), expected);
    if let Ok(tree) = Expected::read(&node, &mut reader)
        && !tree.is_templated()
    {
        let exactly = differ(&tree, &actual, Mode::Exactly);
        let contains = differ(&tree, &actual, Mode::Contains);
        assert!(exactly || !contains, "what holds exactly is also contained");
    }
});
