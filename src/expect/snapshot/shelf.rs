//! Where the snapshot of a step lies, for the case and the items that it runs for now. Its file is read when it is first
//! looked at, and gone with the step.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::stored::{self, Stored};
use crate::jsonpath::JsonPath;
use crate::scenario::ExpectWritten;
use crate::scenario::snapshot::{FOLDER_ENDING, Snapshot, SnapshotForm, file_stem, name_fault, unfit};
use crate::secret::Redactor;
use crate::source::{Diagnostic, FileId, SourceFile, Sources, Span, Spanned, suggestion};
use crate::template::Scope;

/// What tells the snapshots of a scenario apart from those of others, and its cases and items from each other.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'o> {
    /// The scenario's file, as the user knows it.
    pub path: &'o str,
    /// The folder it lies in.
    pub folder: &'o Path,
    /// The number of the case, from 1.
    pub case: Option<usize>,
    /// The numbers of the items of the loops around the step, from 1, the outermost first.
    pub items: &'o [usize],
    /// Whether `callsheet accept` will find what came.
    pub recorded: bool,
}

/// The place of one snapshot.
#[derive(Debug)]
pub struct Shelf<'s> {
    snapshot: &'s Snapshot,
    ignore: &'s [Spanned<JsonPath>],
    key: Span,
    scenario: String,
    recorded: bool,
    redactor: Arc<Redactor>,
    /// The name of its file without the ending.
    stem: String,
    /// The folder, and the same as the user knows it.
    folder: PathBuf,
    shown: String,
    /// How many sources there are beside the files of this snapshot.
    sources: usize,
    /// What was looked for: the JSON file and the text. A poll may be answered with a page before it is with JSON.
    read: [OnceLock<Read>; 2],
}

/// A file that was looked for.
#[derive(Debug)]
struct Read {
    source: Option<Arc<SourceFile>>,
    stored: Result<Option<Stored>, Box<Diagnostic>>,
}

/// The place of a form among the two.
fn place(form: SnapshotForm) -> usize {
    usize::from(form == SnapshotForm::Text)
}

/// The other of the two forms.
pub(super) fn other(form: SnapshotForm) -> SnapshotForm {
    match form {
        SnapshotForm::Json => SnapshotForm::Text,
        SnapshotForm::Text => SnapshotForm::Json,
    }
}

impl<'s> Shelf<'s> {
    /// The place of the snapshot that a step expects, if it expects one.
    ///
    /// # Errors
    /// A name that cannot be rendered, or that no file can have.
    pub fn of(
        keys: &'s ExpectWritten,
        owner: &Owner<'_>,
        scope: &Scope,
        sources: &Sources,
        redactor: &Arc<Redactor>,
    ) -> Result<Option<Self>, Box<Diagnostic>> {
        let Some(snapshot) = keys.snapshot.as_deref() else { return Ok(None) };
        let name = snapshot.name.render(scope)?;
        let templated = snapshot.literal_name().is_none();
        if templated {
            let fault = name_fault(&name).or_else(|| {
                let secret = redactor.redact(&name) != name;
                secret.then(|| "it contains a secret, and everyone can see a file name".to_owned())
            });
            if let Some(fault) = fault {
                let problem = unfit(&name, &fault).at(snapshot.span(), "");
                return Err(Box::new(problem.help("the filter `replace(\"/\", \"-\")` replaces a character")));
            }
        }
        let file_name = Path::new(owner.path).file_name().and_then(|name| name.to_str()).unwrap_or(owner.path);
        let own = file_name.strip_suffix(".yaml").or_else(|| file_name.strip_suffix(".yml")).unwrap_or(file_name);
        let own = format!("{own}{FOLDER_ENDING}");
        let shown = match owner.path.strip_suffix(file_name) {
            Some(before) => format!("{before}{own}"),
            None => own.clone(),
        };
        Ok(Some(Self {
            snapshot,
            ignore: keys.ignore.as_ref().map_or(&[], |ignore| &ignore.0),
            key: keys.at.key("snapshot").unwrap_or(snapshot.span()),
            scenario: owner.path.to_owned(),
            recorded: owner.recorded,
            redactor: redactor.clone(),
            stem: file_stem(&name, templated, owner.case, owner.items),
            folder: owner.folder.join(own),
            shown,
            sources: sources.len(),
            read: Default::default(),
        }))
    }

    /// What the step says.
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// What the step does not look at.
    pub(super) fn ignore(&self) -> &'s [Spanned<JsonPath>] {
        self.ignore
    }

    /// What knows the secrets of the run.
    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Where the step asks for it.
    pub fn key(&self) -> Span {
        self.key
    }

    /// The name of its file without the ending.
    pub fn name(&self) -> &str {
        &self.stem
    }

    /// The file that holds, or would hold, a form.
    pub fn path(&self, form: SnapshotForm) -> PathBuf {
        self.folder.join(format!("{}.{}", self.stem, form.ending()))
    }

    /// The same as the user knows it.
    pub fn shown(&self, form: SnapshotForm) -> String {
        format!("{}/{}.{}", self.shown, self.stem, form.ending())
    }

    /// The sources with the files among them that were looked at, for showing places in them.
    pub fn sources(&self, sources: &Sources) -> Sources {
        let read = self.read.iter().map(|read| read.get().and_then(|read| read.source.clone()));
        sources.with(read.map(|source| source.unwrap_or_else(|| Arc::new(SourceFile::new("", "")))))
    }

    /// What is stored, read once; nothing where nothing is. The error is what is wrong with the file.
    pub(super) fn stored(&self, form: SnapshotForm) -> &Result<Option<Stored>, Box<Diagnostic>> {
        &self.read[place(form)].get_or_init(|| self.open(form)).stored
    }

    fn open(&self, form: SnapshotForm) -> Read {
        let other = other(form);
        let file = FileId::new(self.sources + place(form));
        let (source, stored) = match stored::read(&self.path(form), &self.shown(form), form, file) {
            Ok(Some((source, _))) if self.path(other).is_file() => {
                let problem = Diagnostic::error(
                    "snapshot.damaged",
                    format!("there are two snapshots `{}`: {} and {}", self.stem, self.shown(form), self.shown(other)),
                );
                (Some(source), Err(Box::new(problem.help("delete the one that is out of date"))))
            }
            Ok(Some((source, stored))) => (Some(source), Ok(Some(stored))),
            Ok(None) => (None, Ok(None)),
            Err((source, problem)) => (source, Err(problem)),
        };
        Read { source, stored: stored.map_err(|problem| Box::new(problem.at(self.key, "this snapshot"))) }
    }

    /// What is said where nothing is stored.
    pub(super) fn missing(&self, form: SnapshotForm) -> Diagnostic {
        let other = other(form);
        if self.path(other).is_file() {
            let (is, was) = match form {
                SnapshotForm::Json => ("JSON", "a text"),
                SnapshotForm::Text => ("a text", "JSON"),
            };
            let problem = Diagnostic::error(
                "expect.snapshot",
                format!("the answer is {is}, but the snapshot `{}` is {was}: {}", self.stem, self.shown(other)),
            );
            return self.advise(problem.at(self.key, ""));
        }
        let problem = Diagnostic::error("snapshot.missing", format!("there is no snapshot `{}` yet", self.stem))
            .at(self.key, format!("{} is missing", self.shown(form)));
        let names = self.names();
        let problem = match suggestion(&self.stem, names.iter().map(String::as_str)) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem,
        };
        self.advise(problem)
    }

    /// How what came becomes the snapshot.
    pub(super) fn advise(&self, problem: Diagnostic) -> Diagnostic {
        let command = format!("callsheet accept {}", self.scenario);
        problem.help(if self.recorded {
            format!("if the answer is right, `{command}` stores it")
        } else {
            format!("if the answer is right, run it on your own machine, and then `{command}`")
        })
    }

    /// The snapshots beside it, without their endings.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> =
            names.filter_map(|name| name.rsplit_once('.').map(|(stem, _)| stem.to_owned())).collect();
        names.sort_unstable();
        names
    }
}
