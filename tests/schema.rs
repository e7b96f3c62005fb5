//! The JSON Schema under `specs/schema` is the one that the types give, and it agrees with the reader: what one takes the
//! other takes, what one refuses the other refuses.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The kinds as `callsheet schema` names them, and the file of each. Without a kind it is the schema of every file.
const KINDS: [(&str, &str); 5] = [
    ("", "callsheet.json"),
    ("scenario", "scenario.json"),
    ("provider", "provider.json"),
    ("fragment", "fragment.json"),
    ("project", "project.json"),
];

fn schema(kind: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callsheet"));
    command.arg("schema");
    if !kind.is_empty() {
        command.arg(kind);
    }
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// To bring the files up to date: `CALLSHEET_UPDATE=1 cargo test --test schema`.
#[test]
fn the_schema_under_specs_is_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/schema");
    for (kind, file) in KINDS {
        let path = folder.join(file);
        let made = schema(kind);
        if std::env::var_os("CALLSHEET_UPDATE").is_some() {
            std::fs::write(&path, &made).expect("writable");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == made,
            "{} is not current; CALLSHEET_UPDATE=1 cargo test --test schema writes it",
            path.display()
        );
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            yaml_files(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "yaml") {
            found.push(entry);
        }
    }
}

fn validator() -> jsonschema::Validator {
    let schema: serde_json::Value = serde_json::from_str(&schema("")).expect("JSON");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

#[test]
fn the_schema_takes_every_example_and_built_in_provider() {
    let validator = validator();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    yaml_files(&root.join("examples"), &mut files);
    yaml_files(&root.join("specs/providers"), &mut files);
    yaml_files(&root.join("src/cli/init"), &mut files);
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        // Read by a reader that nobody here wrote. It does not apply `<<`, which the files do without.
        let value: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = validator();
    for text in [
        "scenario: x\nstepz: []",
        "scenario: x\nsteps: [{ get: /, expcet: 200 }]",
        "scenario: x\nsteps: [{ get: /, timeout: soon }]",
        "scenario: x\nsteps: [{ get: /, expect: 99 }]",
        "scenario: x\nsteps: [{ get: /, expect: { status: ok } }]",
        "scenario: x\nsteps: [{ get: /, retry: { on: [often] } }]",
        "scenario: x\nsteps: [{ get: /, redirects: many }]",
        "scenario: x\nsteps: {}",
        "scenario: 5",
        "scenario: x\ncases: []",
        "scenario: x\nauth: { as: someone }",
        "fragment: x",
        "fragment: x\nsteps: []\nparams: { a: { type: text } }",
        "callsheet: 2",
        "callsheet: 1\nenvironments: { a: { serve: all } }",
        "callsheet: 1\nenvironments: { a: { secrets: { k: plain } } }",
        "provider: x\nflow: passwords",
        "title: x",
    ] {
        let value: serde_json::Value = serde_yaml::from_str(text).expect("YAML");
        assert!(!validator.is_valid(&value), "the schema takes {text:?}");
        let folder = tempfile::tempdir().expect("a folder");
        let name = if text.starts_with("callsheet") { "callsheet.yaml" } else { "file.yaml" };
        std::fs::write(folder.path().join(name), text).expect("writable");
        let output = Command::new(env!("CARGO_BIN_EXE_callsheet"))
            .args(["check", name])
            .current_dir(folder.path())
            .output()
            .expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "the reader takes {text:?}");
    }
}
