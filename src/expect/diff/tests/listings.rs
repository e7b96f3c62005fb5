//! Whole listings.

use super::*;

fn lines(yaml: &str, actual: &str, mode: Mode) -> String {
    listing(&differences(yaml, actual, mode), Some(&document(actual)), Layout::default())
}

#[test]
fn placeholder() {
    for (yaml, actual) in [
        (
            "state: PLANNED\nstops: [{id: S-1, eta: 1}, {id: S-2, eta: 2}, {id: S-3, eta: 3}]",
            r#"{"state":"CANCELLED","stops":[{"id":"S-1","eta":1},{"id":"S-9","eta":9,"name":"a quite long name"},{"id":"S-2","eta":2},{"id":"S-3","eta":3}]}"#,
        ),
        ("[1, 2, 3]", "[3, 1, 2]"),
        ("a: <uuid>\nb: 1\nc: 1\nstate: abc", r#"{"a":"x","b":"1","status":"abc","d":{"e":[1,2]}}"#),
    ] {
        println!("{}", lines(yaml, actual, Mode::Exactly));
    }
}
