//! `callsheet explain`: every problem has a page, and every example of a page really yields the problem it is of.

#![allow(clippy::needless_raw_string_hashes, reason = "snapbox writes expected texts with hashes, needed or not")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use support::Project;

/// The pages by their ids.
fn pages() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/errors");
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let group = entry.path().file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(entry.path()).expect("a page");
        for section in text.split("\n## ").skip(1) {
            let (id, text) = section.split_once('\n').expect("a heading has a text below it");
            assert!(id.starts_with(&format!("{group}.")), "{id} stands in {group}.md");
            assert!(pages.insert(id.to_owned(), text.to_owned()).is_none(), "{id} has two pages");
        }
    }
    pages
}

/// The literals in the sources that look like ids, tests and the embedded providers left out: an id is a literal wherever
/// it is made, and whatever its group.
fn ids_in_sources(pages: &BTreeMap<String, String>) -> BTreeMap<String, PathBuf> {
    /// Names that look like ids and are none: of keys, of a secret, of a JUnit element, of a problem that a unit test makes
    /// up, of files, of a media type, of a host.
    const OTHERS: [&str; 13] = [
        "authorize.url",
        "authorize.par",
        "device.post",
        "login.post",
        "revoke.post",
        "tls.key",
        "scenario.given-up",
        "format.duplicate-key",
        "key.lock",
        "fragment.yaml",
        "schema.graphql",
        "vnd.openxmlformats-",
        "a.example",
    ];
    const FILES: [&str; 5] = [".yaml", ".json", ".html", ".xml", ".css"];
    let mut found = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "tests" && name != "mock") {
                    folders.push(path);
                }
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for literal in text.split('"').skip(1) {
                let by_hand = literal.starts_with("error[") || literal.starts_with("warning[");
                assert!(!by_hand, "{} prints a problem by hand: {literal}", path.display());
                let looks_right = |part: &str| {
                    !part.is_empty()
                        && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'_')
                };
                let Some((group, name)) = literal.split_once('.') else { continue };
                let is_file = FILES.iter().any(|ending| literal.ends_with(ending)) && !pages.contains_key(literal);
                if looks_right(group) && looks_right(name) && !is_file && !OTHERS.contains(&literal) {
                    found.insert(literal.to_owned(), path.clone());
                }
            }
        }
    }
    found
}

#[test]
fn every_problem_has_a_page_and_every_page_a_problem() {
    let pages = pages();
    let ids = ids_in_sources(&pages);
    let missing: Vec<_> = ids.iter().filter(|(id, _)| !pages.contains_key(*id)).collect();
    assert!(missing.is_empty(), "these problems have no page in specs/errors: {missing:#?}");
    let idle: Vec<_> = pages.keys().filter(|id| !ids.contains_key(*id)).collect();
    assert!(idle.is_empty(), "no problem has these ids any more: {idle:?}");
}

#[test]
fn every_page_has_an_example_and_says_what_to_do() {
    for (id, text) in pages() {
        assert!(text.contains("\n**Do this:** "), "{id}");
        assert!(text.contains("\n```"), "{id} has no example");
    }
}

/// The examples that are whole files, of scenarios or of providers.
fn examples(text: &str) -> impl Iterator<Item = &str> {
    text.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(example, _)| example).filter(
        |example| {
            let whole = |line: &str| line.starts_with("scenario:") || line.starts_with("provider:");
            example.lines().any(whole)
        },
    )
}

#[test]
fn every_example_of_a_page_yields_its_problem() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for (id, text) in pages() {
        for example in examples(&text) {
            let project = Project::new()
                .file("callsheet.yaml", "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n")
                .file("example.yaml", example);
            let project = if example.starts_with("provider: mine") {
                project.file("scenario.yaml", "scenario: A\nauth: mine\n")
            } else {
                project
            };
            let outcome = project.callsheet(&["run"]);
            let told = [format!("error[{id}]"), format!("warning[{id}]")];
            if !told.iter().any(|told| outcome.all().contains(told)) {
                wrong.push(format!("{id}:\n{example}\n{}", outcome.all()));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried >= 50, "only {tried} examples were tried");
}

#[test]
fn a_page_is_shown_as_the_file_has_it() {
    let page = Project::new().callsheet(&["explain", "yaml.tab"]);
    snapbox::assert_data_eq!(
        page.exits(0).all(),
        snapbox::str![[r#"
yaml.tab

YAML is indented with spaces. A tab may look the same, but is not allowed.

Do this: let the editor replace tabs with spaces, two for each level.

"#]]
    );
    let as_printed = Project::new().callsheet(&["explain", "error[yaml.tab]"]);
    as_printed.exits(0).says("YAML is indented with spaces");
}

#[test]
fn every_page_can_be_asked_for() {
    let list = Project::new().callsheet(&["explain"]);
    list.exits(0);
    for id in pages().keys() {
        list.says(&format!("{id} "));
    }
    let tls = Project::new().callsheet(&["explain", "tls"]);
    snapbox::assert_data_eq!(
        tls.exits(0).all(),
        snapbox::str![[r#"
tls: your own certificates and keys
  tls.file                A certificate or key cannot be read
  tls.incomplete          A certificate and its key must come together
  tls.unusable            A certificate or key cannot be used


"#]]
    );
}

#[test]
fn the_list_has_a_line_for_each_page() {
    let list = Project::new().variable("COLUMNS", "80").callsheet(&["explain"]);
    let lines: Vec<&str> = list.exits(0).stdout.lines().collect();
    for id in pages().keys() {
        let line = lines.iter().find(|line| line.trim_start().split(' ').next() == Some(id)).expect(id);
        assert!(line.chars().count() <= 80 && line.trim() != id, "{line}");
    }
    // Beside them, the headings of the groups, empty lines, and the advice at the end.
    let others: Vec<&&str> = lines.iter().filter(|line| line.starts_with("  ") && !line.contains('.')).collect();
    assert!(others.is_empty(), "a meaning goes on in the next line: {others:?}");
}

#[test]
fn an_id_that_is_none_is_no_success() {
    Project::new()
        .callsheet(&["explain", "expect.jsn"])
        .exits(2)
        .says("no problem has the id `expect.jsn`")
        .says("did you mean `expect.json`?");
    // A name without its group, which only one group has.
    Project::new().callsheet(&["explain", "unknown-key"]).exits(2).says("did you mean `format.unknown-key`?");
}
