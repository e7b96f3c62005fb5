//! A stored snapshot as it is read: the tree with a place on every node, or the text. A file that is damaged is told, and
//! never taken for one that holds.

use std::path::Path;
use std::sync::Arc;

use crate::scenario::expected::Expected;
use crate::scenario::snapshot::SnapshotForm;
use crate::source::{Diagnostic, FileId, Read as _, Reader, SourceFile, Span, parse_json};

/// What is stored.
#[derive(Debug)]
pub(super) enum Stored {
    /// A document.
    Json(Tree),
    /// A text.
    Text(Text),
}

/// A stored document.
#[derive(Debug)]
pub(super) struct Tree {
    /// Matchers are as they are written in scenarios; templates there are none.
    pub(super) expected: Expected,
}

/// A stored text.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) source: Arc<SourceFile>,
    pub(super) file: FileId,
}

impl Stored {
    /// The document, if it is one.
    pub(super) fn tree(&self) -> Option<&Tree> {
        match self {
            Self::Json(tree) => Some(tree),
            Self::Text(_) => None,
        }
    }
}

type Damaged = (Option<Arc<SourceFile>>, Box<Diagnostic>);

/// Reads a snapshot. There may be none.
///
/// # Errors
/// What is wrong with the file, and its source as far as it could be read.
pub(super) fn read(
    path: &Path,
    shown: &str,
    form: SnapshotForm,
    file: FileId,
) -> Result<Option<(Arc<SourceFile>, Stored)>, Damaged> {
    let damaged = |what: &str| damaged(shown, what);
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err((None, Box::new(damaged(&error.to_string())))),
    };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(bytes);
    let text = String::from_utf8(bytes).map_err(|_| (None, Box::new(damaged("it is not UTF-8"))))?;
    if text.trim().is_empty() && (form == SnapshotForm::Json || text.is_empty()) {
        return Err((None, Box::new(damaged("it is empty"))));
    }
    let source = Arc::new(SourceFile::new(shown, text));
    let stored = match form {
        SnapshotForm::Text => Stored::Text(Text { source: source.clone(), file }),
        SnapshotForm::Json => match tree(&source, file) {
            Ok(tree) => Stored::Json(tree),
            Err(problem) => return Err((Some(source), problem)),
        },
    };
    Ok(Some((source, stored)))
}

fn damaged(shown: &str, what: &str) -> Diagnostic {
    Diagnostic::error("snapshot.damaged", format!("the snapshot {shown} cannot be read: {what}"))
        .help("correct the file, or delete it, run again, and store it with `callsheet accept`")
}

fn tree(source: &SourceFile, file: FileId) -> Result<Tree, Box<Diagnostic>> {
    let text = source.text();
    let node = parse_json(file, text).map_err(|fault| {
        Box::new(match (merge(text, file), fault.span()) {
            (Some(at), _) => merged(source.name(), at),
            (None, Some(at)) => damaged(source.name(), &fault.message).at(at, ""),
            (None, None) => damaged(source.name(), &fault.message),
        })
    })?;
    let mut reader = Reader::verbatim(file, text);
    Expected::read(&node, &mut reader).map(|expected| Tree { expected }).map_err(|_| {
        // What a person has written into it by hand: it is told as it is in a scenario.
        let first = std::mem::take(&mut reader.problems).into_iter().next();
        Box::new(first.unwrap_or_else(|| damaged(source.name(), "it is not a snapshot")))
    })
}

/// What is said of a file that git could not merge.
pub(super) fn merged(shown: &str, at: Span) -> Diagnostic {
    Diagnostic::error("snapshot.damaged", format!("the snapshot {shown} cannot be read: it contains the marks of a merge"))
        .at(at, "git left both sides here")
        .help(
            "delete one of the two sides and the marks, or delete the file, run again, and store it with `callsheet accept`",
        )
}

/// The first line that git leaves where it cannot merge.
pub(super) fn merge(text: &str, file: FileId) -> Option<Span> {
    let mut at = 0;
    let mut first = None;
    let mut seen = [false; 3];
    for line in text.split_inclusive('\n') {
        let marks = ["<<<<<<<", "=======", ">>>>>>>"];
        if let Some(kind) =
            marks.iter().position(|mark| line.trim_end() == *mark || line.starts_with(&format!("{mark} ")))
        {
            seen[kind] = true;
            first = first.or(Some(Span::new(file, at..at + line.trim_end().len())));
        }
        at += line.len();
    }
    // One half of the marks is as telling as all of them, unless it is a mere rule under a heading.
    first.filter(|_| seen[0] || seen[2])
}
