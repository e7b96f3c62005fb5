//! From files to trees and scenarios, on all processors where there are many files. A scenario's tree is gone as soon as
//! the scenario has been read from it: a thousand of them need not be held at once.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::scenario::{FileKind, Fragment, Scenario, is_foreign, kind_of};
use crate::source::{self, Diagnostic, FileId, Kind, Lost, Node, Parsed, Read, Reader, SourceFile, Span, Style};

/// A file larger than this is no scenario.
const MAX_FILE_SIZE: u64 = 16 << 20;
/// Below this many files a second thread costs more than it saves.
const SHARE: usize = 16;

/// A file that was found: its path, and whether it was named and not come across.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) named: bool,
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A scenario, and what of it could not be read.
    Scenario(Box<Scenario>, Lost),
    /// A provider whose text breaks off, by the name that it gives itself.
    Broken(String),
    /// Another kind of file, or (`None`) somebody else's.
    Node(Option<FileKind>, Node),
}

/// A file, read as far as it can be.
#[derive(Debug)]
pub(super) struct ReadFile {
    pub(super) source: SourceFile,
    pub(super) content: Option<Content>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Reads files; `first` is the number that the first of them will have among the sources.
pub(super) fn read_files(files: &[Found], working: &Path, first: usize) -> Vec<ReadFile> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(files.len() / SHARE + 1);
    let share = files.len().div_ceil(workers).max(1);
    let work = |(part, files): (usize, &[Found])| {
        let one = |(at, file): (usize, &Found)| read_file(file, working, FileId::new(first + part * share + at));
        files.iter().enumerate().map(one).collect::<Vec<_>>()
    };
    if workers == 1 {
        return work((0, files));
    }
    std::thread::scope(|scope| {
        let mut parts = files.chunks(share).enumerate();
        let own = parts.next();
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        // This thread has a share too: one more thread would be one more set of pages.
        let mut read = own.map(work).unwrap_or_default();
        // A thread that panics takes its files with it; the panic itself has been printed.
        read.extend(threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()));
        read
    })
}

fn read_file(file: &Found, working: &Path, id: FileId) -> ReadFile {
    let name = shown(&file.path, working);
    let text = match read_text(&working.join(&file.path), &name, id) {
        Ok(text) => text,
        Err((text, problem)) => {
            return ReadFile { source: SourceFile::new(name, text), content: None, problems: vec![*problem] };
        }
    };
    let (content, problems) = content(&text, id, file.named);
    ReadFile { source: SourceFile::new(name, text), content, problems }
}

fn content(text: &str, id: FileId, named: bool) -> (Option<Content>, Vec<Diagnostic>) {
    let mut parsed = source::parse_on(id, text);
    // Several documents, tags of their own, templates: what is wrong with somebody else's file is none of ours.
    if !parsed.problems.is_empty() && !named && is_foreign(text) {
        let nothing = Node { span: Span::new(id, 0..0), style: Style::Plain, kind: Kind::Null };
        return (Some(Content::Node(None, nothing)), Vec::new());
    }
    let Some(node) = parsed.root.take() else { return (None, parsed.problems) };
    let mut reader = Reader::lenient(id, text);
    let content = match kind_of(&node, named) {
        Ok(Some(FileKind::Scenario)) => scenario(node, &parsed, &mut reader),
        Ok(Some(FileKind::Fragment)) if parsed.open.is_some() => {
            // It is read for its mistakes only.
            Fragment::read(&node, &mut reader).ok().and(None)
        }
        Ok(Some(FileKind::Provider)) if parsed.open.is_some() => {
            node.get("provider").and_then(Node::as_str).map(|name| Content::Broken(name.to_owned()))
        }
        Ok(kind) if parsed.open.is_none() => Some(Content::Node(kind, node)),
        Ok(_) => None,
        Err(problem) => {
            reader.report(problem);
            None
        }
    };
    let stands = |problem: &Diagnostic| parsed.stands(problem);
    let own: Vec<_> = std::mem::take(&mut reader.problems).into_iter().filter(stands).collect();
    parsed.problems.extend(own);
    let content = content.map(|content| match content {
        Content::Scenario(scenario, _) => {
            for span in &parsed.dropped {
                // A lenient reader leaves out whatever it is told to.
                let _ = reader.leave_out(*span);
            }
            Content::Scenario(scenario, reader.lost())
        }
        other => other,
    });
    (content, parsed.problems)
}

/// The scenario, as far as it can be read. One whose text breaks off is read for its mistakes only.
fn scenario(mut node: Node, parsed: &Parsed, reader: &mut Reader<'_>) -> Option<Content> {
    // A title that is none must not hide what the scenario says.
    if let Kind::Mapping(entries) = &mut node.kind
        && let Some(title) = entries.iter_mut().find(|entry| &*entry.key.value == "scenario")
        && String::read(&title.value, reader).is_err()
    {
        let _ = reader.leave_out(title.value.span);
        title.value.kind = Kind::String("".into());
    }
    let scenario = Scenario::read(&node, reader).ok()?;
    parsed.open.is_none().then(|| Content::Scenario(Box::new(scenario), Lost::default()))
}

/// A path as the user knows it: with forward slashes, without `./`.
pub(super) fn shown(path: &Path, working: &Path) -> String {
    let relative = path.strip_prefix(working).unwrap_or(path);
    let text = relative.display().to_string().replace('\\', "/");
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

/// The text of a file. In an error the text comes too, as far as it can be shown.
fn read_text(path: &Path, shown: &str, id: FileId) -> Result<String, (String, Box<Diagnostic>)> {
    let unreadable = |error: String| {
        (String::new(), Box::new(Diagnostic::error("file.read", format!("{shown} cannot be read: {error}"))))
    };
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(source::os_words(&error)))?;
    if bytes.len() as u64 > MAX_FILE_SIZE {
        return Err(unreadable(format!("it is larger than {}", source::Size(MAX_FILE_SIZE))));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        let problem = Diagnostic::error("yaml.encoding", format!("{shown} is UTF-16, and only UTF-8 can be read"))
            .help("save the file as UTF-8; on a command line: iconv -f utf-16 -t utf-8");
        return Err((String::new(), Box::new(problem)));
    }
    // The byte-order mark that some editors put before UTF-8 means nothing.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let end = text[valid..].chars().next().map_or(valid, |c| valid + c.len_utf8());
        let problem = Diagnostic::error("yaml.encoding", "the file is not UTF-8")
            .at(Span::new(id, valid..end), "this byte is not UTF-8; the file is probably Latin-1")
            .help("save the file as UTF-8; on a command line: iconv -f latin1 -t utf-8");
        (text, Box::new(problem))
    })
}
