//! The corpus of pairs in `tests/diffs`: each is compared by the real binary, and all that it says is compared whole.
//!
//! A pair is a folder with `expected.json` or `expected.yaml`, `actual.json`, and `options`, an argument a line, where it
//! needs any. `out.txt` is what a person without colour sees, `out.md`, `out.html`, `out.patch.json` and `out.diff` are the
//! other forms, for those pairs that have them. `SNAPSHOTS=overwrite` writes them anew.

#![allow(clippy::needless_raw_string_hashes, reason = "snapbox writes expected texts with hashes, needed or not")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use snapbox::data::DataFormat;
use snapbox::{Assert, Data, assert_data_eq, str};

/// The files of the forms.
const FORMS: [(&str, &str); 4] =
    [("out.md", "markdown"), ("out.html", "html"), ("out.patch.json", "json-patch"), ("out.diff", "unified")];

struct Pair {
    folder: PathBuf,
    expected: &'static str,
    options: Vec<String>,
}

impl Pair {
    fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diffs");
        let mut folders: Vec<PathBuf> =
            fs::read_dir(&root).expect("the corpus").flatten().map(|entry| entry.path()).collect();
        folders.sort();
        folders.into_iter().map(Self::of).collect()
    }

    fn of(folder: PathBuf) -> Self {
        let expected = if folder.join("expected.json").exists() { "expected.json" } else { "expected.yaml" };
        let options = fs::read_to_string(folder.join("options")).unwrap_or_default();
        // `--width 60` may stand on one line.
        let options = options.lines().flat_map(|line| match line.split_once(' ') {
            Some((option, value)) if option.starts_with("--") => vec![option.to_owned(), value.to_owned()],
            _ => vec![line.to_owned()],
        });
        let options = options.collect();
        Self { folder, expected, options }
    }

    fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn run(&self, more: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_callsheet"))
            .args(["diff", self.expected, "actual.json"])
            .args(&self.options)
            .args(more)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env_clear()
            .output()
            .expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("all output is UTF-8");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// Compares a text with what is kept of it.
    fn check(&self, file: &str, said: &str, failed: &mut Vec<String>) {
        let kept = Data::read_from(&self.folder.join(file), Some(DataFormat::Text)).raw();
        let assert = Assert::new().action_env("SNAPSHOTS");
        if let Err(error) = assert.try_eq(None, Data::text(said).raw(), kept) {
            failed.push(format!("{}/{file}\n{error}", self.name()));
        }
    }
}

#[test]
fn every_pair_reads_as_it_should() {
    let pairs = Pair::all();
    assert!(pairs.len() >= 80, "the corpus has only {} pairs", pairs.len());
    let mut failed = Vec::new();
    for pair in &pairs {
        let (code, stdout, stderr) = pair.run(&[]);
        assert!((0..=2).contains(&code), "{}: {code}\n{stderr}", pair.name());
        let all = stdout.chars().chain(stderr.chars());
        let steers =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!all.into_iter().any(steers), "{}: something steers the terminal", pair.name());
        let wide = pair.options.iter().skip_while(|option| *option != "--width").nth(1);
        let width = wide.map_or(100, |width| width.parse().expect("a number"));
        for line in stdout.lines() {
            assert!(
                unicode_width::UnicodeWidthStr::width(line) <= width,
                "{}: wider than {width}: {line}",
                pair.name()
            );
        }
        pair.check("out.txt", &format!("{stderr}{stdout}exit {code}\n"), &mut failed);
        for (file, form) in FORMS {
            if pair.folder.join(file).exists() {
                let (form_code, stdout, _) = pair.run(&["--format", form]);
                assert_eq!(form_code, code, "{}: the exit code does not depend on the form", pair.name());
                pair.check(file, &stdout, &mut failed);
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn every_patch_makes_the_expected_document_the_one_that_came() {
    let mut applied = 0;
    for pair in Pair::all() {
        let mut literal = Pair::of(pair.folder.clone());
        literal.options = vec!["--exactly".to_owned(), "--literal".to_owned()];
        let (code, stdout, _) = literal.run(&["--format", "json-patch"]);
        let read =
            |file: &str| -> Option<Value> { serde_json::from_slice(&fs::read(pair.folder.join(file)).ok()?).ok() };
        // What is no JSON is told by the other test; numbers that no machine type holds are no match for the verifier.
        let (Some(mut document), Some(actual)) = (read("expected.json"), read("actual.json")) else { continue };
        if code == 2 || pair.name().starts_with("numbers_") {
            continue;
        }
        let patch: json_patch::Patch = serde_json::from_str(&stdout).expect("RFC 6902");
        json_patch::patch(&mut document, &patch).unwrap_or_else(|error| panic!("{}: {error}\n{stdout}", pair.name()));
        assert_eq!(by_value(&document), by_value(&actual), "{}\n{stdout}", pair.name());
        applied += 1;
    }
    assert!(applied >= 60, "only {applied} patches were applied");
}

/// A value with its numbers as floats: `1` and `1.0` are one.
fn by_value(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.iter().map(by_value).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), by_value(value))).collect(),
        other => other.clone(),
    }
}

/// The binary in the folder of a pair, something at its standard input.
fn run(pair: &str, arguments: &[&str], input: &str) -> (i32, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diffs").join(pair);
    let mut child = Command::new(env!("CARGO_BIN_EXE_callsheet"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear()
        .spawn()
        .expect("the binary starts");
    // Who needs no input may have ended before it was written.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8([output.stderr, output.stdout].concat()).expect("all output is UTF-8");
    (output.status.code().unwrap_or(-1), text)
}

#[test]
fn documents_that_cannot_be_read_are_told_both() {
    let (code, said) = run("value", &["diff", "nowhere.yaml", "elsewhere.json"], "");
    assert_eq!(code, 2);
    assert_data_eq!(
        said,
        str![[r#"
error[diff.read]: nowhere.yaml cannot be read: there is no such file
 = help: check the path; it is taken from the working directory

error[diff.read]: elsewhere.json cannot be read: there is no such file
 = help: check the path; it is taken from the working directory


"#]]
    );
    let (code, said) = run("value", &["diff", ".", "actual.json"], "");
    assert_eq!(code, 2);
    assert!(said.contains("name a file, not a folder"), "{said}");
}

#[test]
fn a_document_may_come_through_a_pipe() {
    let (code, said) = run("value", &["diff", "expected.json", "-"], "{\"state\":\"CLOSED\"}");
    assert_eq!(code, 1);
    assert!(said.starts_with("- expected.json\n+ standard input\n") && said.contains("\"CLOSED\""), "{said}");
    let (code, said) = run("value", &["diff", "-", "actual.json"], "state: <string>\n");
    assert_eq!((code, said.as_str()), (0, "no differences\n"));
    let (code, said) = run("value", &["diff", "-", "-"], "");
    assert_eq!(code, 2);
    assert!(said.contains("both documents cannot come from standard input"), "{said}");
}

#[test]
fn options_that_are_wrong_are_told() {
    let (code, said) = run("value", &["diff", "expected.json", "actual.json", "--ignore", "$.a[", "--ignore", "b"], "");
    assert_eq!(code, 2);
    assert_eq!(said.matches("is no JSONPath").count(), 2, "{said}");
    let (code, said) = run("value", &["diff", "expected.json", "actual.json", "--format", "xml"], "");
    assert_eq!(code, 2);
    assert!(said.contains("json-patch"), "{said}");
    let (code, said) = run("value", &["diff", "--help"], "");
    assert_eq!(code, 0);
    for word in ["--exactly", "--ignore <PATH>", "--literal", "--format <FORM>", "--width <N>", "Exit codes:"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn colour_marks_what_differs_within_a_line() {
    let (code, said) = run("text_words", &["diff", "expected.json", "actual.json", "--color", "always"], "");
    assert_eq!(code, 1);
    assert!(said.contains("\u{1b}[31m-   \"The quick \u{1b}[7mbrown\u{1b}[27m fox"), "{said:?}");
    assert!(said.contains("\u{1b}[32m+   \"The quick \u{1b}[7mred\u{1b}[27m fox"), "{said:?}");
    assert!(!said.contains('^'), "the marks have become colour: {said:?}");
}
