//! `cases: { file: … }`: the rows of a CSV file, or the list of a JSON or YAML file.

use std::path::Path;
use std::sync::Arc;

use crate::json::{self, Json};
use crate::source::{self, Diagnostic, FileId, Node, Spanned, Style};

/// Reads the cases of a file. The format follows the name's ending.
pub(super) fn read(folder: &Path, file: &Spanned<String>) -> Result<Vec<Arc<Json>>, Diagnostic> {
    let path = folder.join(&file.value);
    let problem = |text: String| Diagnostic::error("cases.file", text).at(file.span, "");
    let bytes = std::fs::read(&path).map_err(|error| {
        problem(format!("{} cannot be read: {}", file.value, source::os_words(&error)))
            .help("the path starts from the folder of the scenario")
    })?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| problem(format!("{} is not UTF-8", file.value)))?;
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let cases = match ending.as_str() {
        "csv" => rows(text).map_err(|reason| problem(format!("{}: {reason}", file.value)))?,
        "json" => list(
            json::parse(text.as_bytes()).map_err(|error| problem(format!("{} is not JSON: {error}", file.value)))?,
        )
        .ok_or_else(|| problem(format!("{} must contain a list of objects: [{{ … }}, …]", file.value)))?,
        "yaml" | "yml" => {
            let node: Node = source::parse(FileId::default(), text).map_err(|problems| {
                let first = problems.first().map(|first| first.message.clone()).unwrap_or_default();
                problem(format!("{}: {first}", file.value))
            })?;
            list(node.to_json())
                .ok_or_else(|| problem(format!("{} must contain a list of mappings: `- name: value`", file.value)))?
        }
        _ => return Err(problem(format!("{} must end in .csv, .json, .yaml or .yml", file.value))),
    };
    if cases.is_empty() {
        return Err(problem(format!("{} contains no case, so the scenario would never run", file.value)));
    }
    Ok(cases)
}

fn list(json: Json) -> Option<Vec<Arc<Json>>> {
    let Json::Array(items) = json else { return None };
    items.iter().all(|item| item.as_object().is_some()).then(|| items.into_iter().map(Arc::new).collect())
}

/// A row a case, the first row naming the columns. Cells are typed as unquoted YAML is: `3` is a number, `003` a string.
fn rows(text: &str) -> Result<Vec<Arc<Json>>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
    if let Some(empty) = names.iter().position(String::is_empty) {
        return Err(format!("column {} has no name in the first line", empty + 1));
    }
    if let Some(twice) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name)) {
        return Err(format!("two columns are named `{twice}`"));
    }
    let mut cases = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| match error.kind() {
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.as_ref().map_or(0, csv::Position::line);
                format!("line {line} has {len} values, and the first line has {expected_len} names")
            }
            _ => error.to_string(),
        })?;
        let members = names.iter().zip(row.iter()).map(|(name, cell)| (name.as_str(), typed(cell)));
        cases.push(Arc::new(Json::object(members)));
    }
    Ok(cases)
}

/// A text from outside (a CSV cell, an option), typed as an unquoted YAML scalar is; empty stays an empty string.
pub(super) fn typed(text: &str) -> Json {
    if text.is_empty() {
        return Json::from("");
    }
    Node { span: crate::source::Span::default(), style: Style::Plain, kind: source::resolve(text) }.to_json()
}
