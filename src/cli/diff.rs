//! `callsheet diff`: two documents compared as a step compares what it expects with what came.

use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;

use super::args::diff::{DiffFormat, DiffOptions};
use super::exit::ExitCode;
use super::output::Output;
use crate::expect::diff::render::{html, json_patch, markdown, summary, unified};
use crate::expect::diff::{Differences, Layout, Mode, compare_rendered_but, holds_but, listing};
use crate::expect::render::render;
use crate::json::{self, Json};
use crate::jsonpath::JsonPath;
use crate::scenario::expected::Expected;
use crate::source::{self, Diagnostic, FileId, Node, Read, Reader, SourceFile, Sources, Span, Spanned, painted};
use crate::template::Scope;

/// More differences than this are only counted.
const LIMIT: usize = 50;

type Problems = Vec<Diagnostic>;

pub(super) fn command(options: &DiffOptions, output: &Output) -> ExitCode {
    let mut sources = Sources::default();
    match compare(options, output, &mut sources) {
        Ok(same) => {
            if same {
                ExitCode::Passed
            } else {
                ExitCode::Failed
            }
        }
        Err(problems) => {
            output.problems_alone(&problems, &sources);
            ExitCode::Usage
        }
    }
}

/// Compares and prints. Whether nothing differs.
fn compare(options: &DiffOptions, output: &Output, sources: &mut Sources) -> Result<bool, Problems> {
    let ignore = ignored(&options.ignore)?;
    if is_stdin(&options.expected) && is_stdin(&options.actual) {
        return Err(vec![
            Diagnostic::error("diff.read", "both documents cannot come from standard input")
                .help("name a file for one of them"),
        ]);
    }
    let names = [&options.expected, &options.actual].map(|path| name(path));
    // Both are tried, so that what is wrong with either is told.
    let (expected, actual) = (expected(options, sources), actual(&options.actual, &names[1], sources));
    let (expected, (actual, warnings)) = match (expected, actual) {
        (Ok(expected), Ok(actual)) => (expected, actual),
        (expected, actual) => {
            return Err(expected.err().into_iter().chain(actual.err()).flatten().collect());
        }
    };
    let mode = if options.exactly { Mode::Exactly } else { Mode::Contains };
    let now = Timestamp::now();
    // These two forms find for themselves what differs, in all its places.
    let complete = matches!(options.format, DiffFormat::JsonPatch | DiffFormat::Unified);
    let (same, idle, found) = if complete {
        let (same, idle) = holds_but(&expected, &actual, mode, &ignore, now);
        (same, idle, Differences::default())
    } else {
        let mut found = compare_rendered_but(&expected, &actual, mode, &ignore, now);
        (found.is_empty(), std::mem::take(&mut found.idle), found)
    };
    let idle = idle.iter().map(|at| {
        Diagnostic::warning(
            "diff.ignore",
            format!("`--ignore '{}'` names nothing in either document", options.ignore[*at]),
        )
    });
    output.problems_alone(&warnings.into_iter().chain(idle).collect::<Vec<_>>(), sources);
    let width = options.width.map_or(output.stdout.columns, usize::from);
    let layout = Layout { width, limit: LIMIT };
    let text = match options.format {
        DiffFormat::Terminal if found.is_empty() => format!("{}\n", summary(&found)),
        DiffFormat::Terminal => {
            let text = listing(&found, Some(&actual), layout);
            let head = painted(&format!("- {}\n+ {}", names[0], names[1]), output.stdout.colour);
            format!("{head}\n\n{}\n\n{}\n", painted(&text, output.stdout.colour), summary(&found))
        }
        DiffFormat::Markdown => markdown::markdown(&found, Some(&actual), layout),
        DiffFormat::Html => html::html(&found, Some(&actual), LIMIT),
        DiffFormat::JsonPatch => json_patch::text(&expected, &actual, mode, &ignore, now),
        DiffFormat::Unified => unified::text([&names[0], &names[1]], &expected, &actual, mode, &ignore, now),
    };
    output.print(&text);
    Ok(same)
}

fn ignored(paths: &[String]) -> Result<Vec<Spanned<JsonPath>>, Problems> {
    let mut problems = Vec::new();
    let mut read = Vec::new();
    for text in paths {
        match JsonPath::parse(text) {
            Ok(path) => read.push(Spanned::new(path, Span::default())),
            Err(error) => {
                let what = format!("`--ignore '{text}'` is no JSONPath: {}", error.message);
                let mut problem = Diagnostic::error("format.jsonpath", what);
                problem.help.extend(error.hint);
                problems.push(problem);
            }
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// The bytes of a document.
fn bytes(path: &Path, name: &str) -> Result<Vec<u8>, Problems> {
    let read = if is_stdin(path) {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| {
        let problem = Diagnostic::error("diff.read", format!("{name} cannot be read: {}", plain(&error)));
        vec![match error.kind() {
            std::io::ErrorKind::NotFound => problem.help("check the path; it is taken from the working directory"),
            std::io::ErrorKind::IsADirectory => problem.help("name a file, not a folder"),
            _ => problem,
        }]
    })
}

fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "you may not read it".to_owned(),
        _ => error.to_string(),
    }
}

/// What came, and what is remarkable about it.
fn actual(path: &Path, name: &str, sources: &mut Sources) -> Result<(Json, Problems), Problems> {
    let bytes = bytes(path, name)?;
    match json::parse_telling(&bytes) {
        Ok((value, repeated)) => {
            let warning = |repeated: &json::Repeated| {
                let what =
                    format!("{name} has the member `{}` twice in one object; the later one counts", repeated.name);
                Diagnostic::warning("diff.repeated", what).note(format!("the object ends on line {}", repeated.line))
            };
            Ok((value, repeated.iter().map(warning).collect()))
        }
        Err(error) => Err(vec![not_json(&bytes, name, &error, sources)]),
    }
}

/// Why some bytes are not JSON, at their place.
fn not_json(bytes: &[u8], name: &str, error: &json::ParseError, sources: &mut Sources) -> Diagnostic {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Diagnostic::error("diff.json", format!("{name} is empty")).help("an empty object is written {}");
    }
    if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
        let problem = Diagnostic::error("diff.json", format!("{name} is not JSON: it is no UTF-8 text"));
        return match bytes {
            [0x1f, 0x8b, ..] => problem.help("it is compressed with gzip: unpack it first"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => problem.help("it is UTF-16: convert it to UTF-8 first"),
            _ => problem.help("compare text documents; binary ones have no structure to compare"),
        };
    }
    let text = String::from_utf8_lossy(bytes);
    let starts = text.split_inclusive('\n').take(error.line - 1).map(str::len).sum::<usize>();
    let at = (starts + error.column - 1).min(text.len().saturating_sub(1));
    let file = sources.add(SourceFile::new(name, &*text));
    let rest = text.get(at..).unwrap_or_default();
    let (reason, help) = match error.reason.as_str() {
        _ if text.trim_start().starts_with('<') => ("a value is expected here", Some("it looks like HTML or XML")),
        reason if reason.starts_with("EOF") => ("it ends before it is complete", Some("was it cut off?")),
        "expected value" if ["NaN", "Infinity", "-Infinity"].iter().any(|word| rest.starts_with(word)) => {
            ("this is no number", Some("JSON has no NaN and no infinity; what wrote this meant `null`, most probably"))
        }
        "expected value" => ("a value is expected here", None),
        reason if reason.contains("hex escape") || reason.contains("surrogate") => (
            "half of a surrogate pair stands for no character",
            Some("whatever wrote this cut a text in the middle of a character"),
        ),
        reason => (reason, None),
    };
    let problem = Diagnostic::error("diff.json", format!("{name} is not JSON: {reason}"));
    help.into_iter().fold(problem.at(Span::new(file, at..at + 1), ""), Diagnostic::help)
}

/// What is expected.
fn expected(options: &DiffOptions, sources: &mut Sources) -> Result<Expected, Problems> {
    let (path, name) = (&options.expected, name(&options.expected));
    let bytes = bytes(path, &name)?;
    let (as_json, repeated) = match json::parse_telling(&bytes) {
        Ok((value, repeated)) => (Ok(value), repeated),
        Err(error) => (Err(error), Vec::new()),
    };
    match as_json {
        Ok(value) if (options.literal || is_literal(&value)) && repeated.is_empty() => {
            drop(bytes);
            return Ok(Expected::of_json(value, Span::default()));
        }
        Ok(value) if repeated.is_empty() => {
            // Places are only needed where something is wrong, and YAML's reader, which knows them, takes longer.
            let mut reader = Reader::new(FileId::default(), "");
            let node = Node::of_json(&value);
            drop(value);
            if let Ok(expected) = Expected::read(&node, &mut reader)
                && !expected.is_templated()
            {
                return Ok(expected);
            }
        }
        Err(error) if path.extension().is_some_and(|extension| extension == "json") => {
            return Err(vec![not_json(&bytes, &name, &error, sources)]);
        }
        Err(error) if bytes.iter().all(u8::is_ascii_whitespace) || std::str::from_utf8(&bytes).is_err() => {
            return Err(vec![not_json(&bytes, &name, &error, sources)]);
        }
        _ => {}
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    let file = sources.add(SourceFile::new(name, text.as_str()));
    let node = source::parse(file, &text)?;
    if options.literal {
        return Ok(Expected::of_json(node.to_json(), node.span));
    }
    let mut reader = Reader::new(file, &text);
    let expected = Expected::read(&node, &mut reader).map_err(|_| advised(reader.problems))?;
    let folder = path.parent().map_or_else(|| ".".to_owned(), |folder| folder.display().to_string());
    match render(&expected, &Scope::new(0, &folder)) {
        Ok(rendered) => Ok(rendered.into_owned()),
        Err(problem) => Err(advised(vec![problem])),
    }
}

/// A document that was not written for this tool may hold what looks like its own notation.
fn advised(mut problems: Problems) -> Problems {
    if let Some(last) = problems.last_mut() {
        last.help.push("if the document is to be taken as it is, say --literal".to_owned());
    }
    problems
}

/// Whether no string of it could be a matcher or a template, and no member an operator.
fn is_literal(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
        Json::String(text) => {
            !text.starts_with(['<', '\\']) && !["{{", "{%", "{#"].iter().any(|open| text.contains(open))
        }
        Json::Array(items) => items.iter().all(is_literal),
        Json::Object(object) => object
            .iter()
            .all(|(name, value)| !name.starts_with(['$', '\\']) && !name.contains("{{") && is_literal(value)),
    }
}
