//! The JSON-Schema-Test-Suite (see the README beside this file): what each draft means, in cases that nobody here wrote.

mod differences;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use callsheet::json::{self, Json};
use callsheet::schema::{GivenUp, Library, Reading, Schema};
use callsheet::source::{Severity, Sources, Span};
use differences::DIFFERENCES;

/// The drafts, by the suite's folders, with what a schema says to name one.
const DRAFTS: [(&str, &str); 5] = [
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    ("draft2019-09", "https://json-schema.org/draft/2019-09/schema"),
    ("draft2020-12", "https://json-schema.org/draft/2020-12/schema"),
];

/// So many cases the pinned version has for these drafts. If a part of it were not read, it would pass unnoticed.
const CASES: usize = 7247;

/// Where the suite wants its files served.
const SERVED: &str = "http://localhost:1234/";

fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema_suite");
    let output = Command::new("sh").arg(folder.join("install.sh")).stdin(Stdio::null()).output().expect("sh starts");
    assert!(
        output.status.success(),
        "the JSON-Schema-Test-Suite cannot be fetched, and without it this test means nothing:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    folder.join(".suite")
}

/// The files below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|entry| if entry.is_dir() { files(&entry) } else { vec![entry] }).collect()
}

/// A folder with the suite's remotes in it, where its addresses lead to.
struct Served {
    folder: tempfile::TempDir,
    base: String,
}

impl Served {
    fn new(suite: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let place = folder.path().canonicalize().expect("it is there");
        let served = Self { base: format!("file://{}/", place.display()), folder };
        let remotes = suite.join("remotes");
        for file in files(&remotes) {
            let to = served.folder.path().join(file.strip_prefix(&remotes).expect("a file of the folder"));
            std::fs::create_dir_all(to.parent().expect("it has a folder")).expect("a folder can be made");
            std::fs::write(to, served.moved(&text(&file))).expect("a file can be written");
        }
        served
    }

    /// A text whose addresses are those of the files.
    fn moved(&self, text: &str) -> String {
        text.replace(SERVED, &self.base)
    }
}

fn text(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn member<'j>(json: &'j Json, name: &str) -> &'j Json {
    json.get(name).unwrap_or_else(|| panic!("there is no `{name}`: {json}"))
}

/// The schema, or why there is none.
fn compiled(path: &Path, schema: &Json, draft: &str) -> Result<Arc<Schema>, String> {
    let named = match schema.as_object() {
        Some(members) if members.get("$schema").is_none() => Json::Object(members.and("$schema", draft.into())),
        _ => schema.clone(),
    };
    std::fs::write(path, named.to_string()).expect("a file can be written");
    let (mut sources, mut problems) = (Sources::default(), Vec::new());
    let mut reading = Reading { working: Path::new("/"), sources: &mut sources, problems: &mut problems };
    Library::default().file(path, Span::default(), &mut reading).ok_or_else(|| {
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
        errors.map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; ")
    })
}

/// What came out, and what differs, with what was found instead.
#[derive(Default)]
struct Outcome {
    cases: usize,
    different: BTreeMap<String, String>,
}

fn run(suite: &Path, served: &Served, (draft, uri): (&str, &str), outcome: &mut Outcome) {
    let folder = suite.join("tests").join(draft);
    // Beside the remotes there must be no other file that has the `$id` of one.
    let path = served.folder.path().join(format!("of {draft}.json"));
    for file in files(&folder) {
        let name = format!("{draft}/{}", file.strip_prefix(&folder).expect("a file of the folder").display());
        let groups =
            json::parse(served.moved(&text(&file)).as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for group in groups.as_array().expect("a list of groups") {
            let title = format!("{name}: {}", member(group, "description").as_str().expect("a text"));
            let cases = member(group, "tests").as_array().expect("a list of cases");
            outcome.cases += cases.len();
            let schema = match compiled(&path, member(group, "schema"), uri) {
                Ok(schema) => schema,
                Err(why) => {
                    outcome.different.insert(title, format!("the schema is refused: {why}"));
                    continue;
                }
            };
            for case in cases {
                let found = schema.validate(member(case, "data"));
                let valid = found.list.is_empty() && found.given_up == GivenUp::Nothing;
                if Some(valid) != member(case, "valid").as_bool() {
                    let case = format!("{title}: {}", member(case, "description").as_str().expect("a text"));
                    let found = if valid { "valid".to_owned() } else { format!("invalid: {found:?}") };
                    let twice = outcome.different.insert(case.clone(), found);
                    assert!(twice.is_none(), "two cases are called {case:?}");
                }
            }
        }
    }
    std::fs::remove_file(path).expect("it was written");
}

#[test]
fn every_draft_means_what_the_suite_says() {
    let suite = installed();
    let served = Served::new(&suite);
    let mut outcome = Outcome::default();
    for draft in DRAFTS {
        run(&suite, &served, draft, &mut outcome);
    }
    assert_eq!(outcome.cases, CASES, "the suite has another number of cases");
    let listed: BTreeSet<&str> = DIFFERENCES.iter().flat_map(|(_, cases)| cases.iter().copied()).collect();
    let unlisted = outcome.different.iter().filter(|(case, _)| !listed.contains(case.as_str()));
    let unlisted: Vec<String> = unlisted.map(|(case, found)| format!("{case}\n    {found}")).collect();
    let settled: Vec<&str> = listed.iter().copied().filter(|case| !outcome.different.contains_key(*case)).collect();
    assert!(unlisted.is_empty(), "{} differ and are not listed:\n{}", unlisted.len(), unlisted.join("\n"));
    assert!(settled.is_empty(), "{} are listed and do not differ:\n{}", settled.len(), settled.join("\n"));
}
