//! The kinds of files, told apart by their first key.

use crate::source::{Diagnostic, Node, suggestion};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Begins with `scenario:`.
    Scenario,
    /// Begins with `provider:`.
    Provider,
    /// Begins with `fragment:`.
    Fragment,
    /// Begins with `callsheet:`.
    Project,
}

const KINDS: [(&str, FileKind); 4] = [
    ("scenario", FileKind::Scenario),
    ("provider", FileKind::Provider),
    ("fragment", FileKind::Fragment),
    ("callsheet", FileKind::Project),
];

/// What a file is, by its first key. `Ok(None)` is a file of somebody else's: nothing in it looks like ours.
///
/// # Errors
/// The file is meant to be ours and does not begin as it must: a typo in the first key, or another key before it.
pub fn kind_of(root: &Node, named: bool) -> Result<Option<FileKind>, Diagnostic> {
    let names = || KINDS.iter().map(|(name, _)| *name);
    let Some(first) = root.entries().and_then(<[_]>::first) else {
        return if named { Err(not_ours(root)) } else { Ok(None) };
    };
    if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == &**first.key) {
        return Ok(Some(*kind));
    }
    if let Some(late) = root.entries().into_iter().flatten().find(|entry| names().any(|name| name == &**entry.key)) {
        return Err(Diagnostic::error(
            "format.first-key",
            format!("`{}` must be the first key of the file", late.key.value),
        )
        .at(late.key.span, "move this to the top")
        .at(first.key.span, "this comes before it"));
    }
    if let Some(meant) = suggestion(&first.key, names()) {
        return Err(Diagnostic::error(
            "format.first-key",
            format!("a file cannot start with the key `{}`", first.key.value),
        )
        .at(first.key.span, "")
        .help(format!("did you mean `{meant}`?")));
    }
    // A file with steps and no title is a scenario that would otherwise be passed over in silence.
    if named || root.get("steps").is_some() {
        return Err(not_ours(root));
    }
    Ok(None)
}

/// Whether a text that is not YAML as it is read here is somebody else's: it has keys, and none of them is ours or
/// nearly ours.
pub fn is_foreign(text: &str) -> bool {
    let key = |line: &'_ str| -> Option<String> {
        let outermost = !line.starts_with(|first: char| first.is_whitespace() || matches!(first, '#' | '-' | '%'));
        let (key, _) = line.split_once(':').filter(|_| outermost)?;
        Some(key.trim_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '"' | '\'')).to_owned())
    };
    let names = || KINDS.iter().map(|(name, _)| *name);
    let mut keys = text.lines().filter_map(key);
    let ours = |key: &str| names().any(|name| name == key) || key == "steps";
    keys.next().is_some_and(|first| !ours(&first) && suggestion(&first, names()).is_none())
        && !keys.any(|key| ours(&key))
}

fn not_ours(root: &Node) -> Diagnostic {
    let first = root.entries().and_then(<[_]>::first).map_or(root.span, |entry| entry.key.span);
    Diagnostic::error("format.first-key", "this is not a callsheet file: its first key is not one of callsheet's")
        .at(first, "")
        .help(
            "start a scenario with `scenario: TITLE`, a provider with `provider: NAME`, a fragment with \
             `fragment: TITLE`, the project file with `callsheet: 1`",
        )
}
