//! JSONPath: any text compiles or is refused with a place inside it, and every node that a query finds stands where its
//! normalized path says.

#![no_main]

use callsheet::jsonpath::JsonPath;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (query, document) = input;
    let path = match JsonPath::parse(query) {
        Ok(path) => path,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let Ok(document) = callsheet::json::parse(document.as_bytes()) else { return };
    let nodes = path.nodes(&document);
    assert_eq!(nodes.len(), path.values(&document).len());
    assert!(!path.is_singular() || nodes.len() <= 1);
    assert_eq!(path.first(&document).is_some(), !nodes.is_empty());
    for node in nodes {
        let found = node.path.find(&document);
        assert!(found.is_some_and(|found| std::ptr::eq(found, node.value)), "{query:?} at {}", node.path);
        // The path, read as a query, finds that node and no other.
        let again = JsonPath::parse(&node.path.to_string()).expect("a normalized path is a query");
        assert!(again.first(&document).is_some_and(|found| std::ptr::eq(found, node.value)));
    }
    let _ = path.explain_absence(&document);
});
