//! `callsheet accept`: what the last run found different is taken into the files, one by one or all at once.

mod choose;
mod review;
mod show;

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::args::accept::AcceptOptions;
use super::exit::ExitCode;
use super::output::Output;
use super::pending::is_ci;
use super::prune;
use crate::pending::{Desk, Pending, Store, Taken};
use crate::project::PROJECT_FILE;
use crate::source::{Diagnostic, Sources};

use self::choose::{Item, Pile};

pub(super) fn command(options: &AcceptOptions, output: &Output) -> ExitCode {
    if options.prune {
        if is_ci() && !options.list {
            output.problems(&[no_ci()], &Sources::default());
            return ExitCode::Usage;
        }
        return prune::command(&options.paths, options.list, output);
    }
    match accept(options, output) {
        Ok(code) => code,
        Err(problem) => {
            output.problems(&[problem], &Sources::default());
            ExitCode::Usage
        }
    }
}

fn no_ci() -> Diagnostic {
    Diagnostic::error("accept.ci", "CI is set, and there no file is changed")
        .help("accept where the files are yours, and commit them; --list works here, too")
}

fn accept(options: &AcceptOptions, output: &Output) -> Result<ExitCode, Diagnostic> {
    let working = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Place { root, below } = Place::of(&options.paths, &working)?;
    if is_ci() && !options.list {
        return Err(no_ci());
    }
    let store = Store::of(&root);
    let (mut all, damaged) = store
        .all()
        .map_err(|error| Diagnostic::error("accept.read", format!("what is pending cannot be read: {error}")))?;
    for damage in damaged {
        let message = format!("{} was set aside: {}", damage.path.display(), damage.why);
        output.problems(&[Diagnostic::warning("accept.damaged", message).help("run again")], &Sources::default());
    }
    // What was deleted or renamed since has nothing to be accepted.
    all.retain(|pending| {
        let is_there = root.join(&pending.scenario).exists();
        if !is_there && !options.list {
            // One that cannot be removed is passed over all the same.
            _ = store.forget(&pending.scenario);
        }
        is_there
    });
    let selected =
        |pending: &Pending| below.as_ref().is_none_or(|below| below.iter().any(|path| is_in(&pending.scenario, path)));
    let pile: Vec<&Pending> = all.iter().filter(|pending| selected(pending)).collect();
    let mut desk = Desk::of(&root);
    let pile = Pile::of(&pile, &options.only, &mut desk);
    if pile.items.is_empty() && pile.refused.is_empty() {
        return nothing(options, &all, output);
    }
    if options.list {
        output.print(&show::list(&pile, &mut desk, output.stdout));
        return Ok(ExitCode::Passed);
    }
    let taken = if options.all {
        pile.take_all(&mut desk)
    } else if pile.items.is_empty() {
        let refused: Vec<_> = pile.refused.iter().collect();
        output.print(&show::refusals(&refused, &mut desk));
        output.print("nothing was written\n");
        return Ok(ExitCode::Failed);
    } else {
        if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
            return Err(Diagnostic::error("accept.terminal", "nobody is here to be asked: this is no terminal")
                .help("--all takes everything that can be taken unasked; --list shows what is pending"));
        }
        let Some(taken) = review::review(&pile, &mut desk, output) else {
            output.say("nothing was written\n");
            return Ok(ExitCode::Run(130));
        };
        taken
    };
    Ok(settle(&store, &all, &pile, &desk, &taken, options, output))
}

/// Writes what was taken, brings what is still pending up to date, and tells of both.
fn settle(
    store: &Store,
    all: &[Pending],
    pile: &Pile<'_>,
    desk: &Desk,
    taken: &[(usize, Result<Taken, String>)],
    options: &AcceptOptions,
    output: &Output,
) -> ExitCode {
    let written = desk.write();
    let failed: BTreeSet<&str> =
        written.iter().filter(|(_, result)| result.is_err()).map(|(name, _)| name.as_str()).collect();
    let done: Vec<&Item<'_>> = taken
        .iter()
        .filter(|(_, result)| result.is_ok())
        .map(|(at, _)| &pile.items[*at])
        .filter(|item| !failed.contains(item.written_to()))
        .collect();
    let mut problems: Vec<Diagnostic> = Vec::new();
    for (name, result) in &written {
        if let Err(error) = result {
            problems.push(
                Diagnostic::error("accept.write", format!("{name} was not written: {error}"))
                    .help("nothing of it was changed; accept again once it can be written"),
            );
        }
    }
    for (at, result) in taken {
        if let Err(why) = result {
            let item = &pile.items[*at];
            problems.push(
                Diagnostic::error("accept.edit", format!("{} is as it was: {why}", show::place(item)))
                    .help("change it by hand"),
            );
        }
    }
    if !done.is_empty() {
        for pending in all {
            let touched = pending.files.iter().any(|file| written.iter().any(|(name, _)| *name == file.file));
            let before = pending.proposals.len();
            let mut left = pending.clone();
            left.proposals.retain(|proposal| !done.iter().any(|item| item.is(proposal)));
            if !touched && left.proposals.len() == before {
                continue;
            }
            let left = desk.rebased(left, &failed);
            let kept = if left.proposals.is_empty() { store.forget(&left.scenario) } else { store.keep(&left) };
            if let Err(error) = kept {
                problems.push(
                    Diagnostic::warning("pending.write", format!("what is left cannot be kept: {error}"))
                        .help("run again before you accept again"),
                );
            }
        }
    }
    output.print(&show::summary(pile, &done, taken, options.all));
    output.problems_alone(&problems, &Sources::default());
    let wrong = problems.iter().any(|problem| problem.severity == crate::source::Severity::Error);
    if wrong || (done.is_empty() && options.all) { ExitCode::Failed } else { ExitCode::Passed }
}

fn nothing(options: &AcceptOptions, all: &[Pending], output: &Output) -> Result<ExitCode, Diagnostic> {
    if all.is_empty() {
        output.print(
            "nothing is pending: the last run passed, found nothing that could be accepted, or was told to keep nothing\n",
        );
        return Ok(ExitCode::Passed);
    }
    let asked = options.only.iter().map(|only| format!("--only {only}"));
    let asked: Vec<String> = options.paths.iter().map(|path| path.display().to_string()).chain(asked).collect();
    Err(Diagnostic::error("accept.empty", format!("nothing that is pending fits {}", asked.join(" ")))
        .help("--list shows what is pending"))
}

/// The project, and what of it is meant.
pub(super) struct Place {
    pub(super) root: PathBuf,
    /// The paths below the root; none where the whole project is meant.
    below: Option<Vec<PathBuf>>,
}

impl Place {
    pub(super) fn of(paths: &[PathBuf], working: &Path) -> Result<Self, Diagnostic> {
        let whole = |path: &Path| {
            working
                .join(path)
                .canonicalize()
                .map_err(|_| Diagnostic::error("cli.path", format!("{} does not exist", path.display())))
        };
        let working_whole = whole(Path::new("."))?;
        let all = paths.iter().map(|path| whole(path)).collect::<Result<Vec<_>, _>>()?;
        let start = all.first().unwrap_or(&working_whole);
        let project = start.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file());
        let root = project.map_or(working_whole.clone(), Path::to_owned);
        let below = (!all.is_empty())
            .then(|| all.iter().map(|path| path.strip_prefix(&root).unwrap_or(path).to_owned()).collect());
        Ok(Self { root, below })
    }
}

fn is_in(file: &str, path: &Path) -> bool {
    path.as_os_str().is_empty() || Path::new(file).starts_with(path)
}
