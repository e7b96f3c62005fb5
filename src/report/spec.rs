//! `--report KIND=PATH`, as the user writes it.

use std::io::Write;
use std::path::PathBuf;

use super::destination::Destination;
use super::events::EventsReport;
use super::{CoverageFile, JsonReport, JunitReport, MutationFile, Report, ReportError};
use crate::source::{Diagnostic, suggestion};

/// A report that was asked for: what kind, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSpec {
    /// What kind.
    pub format: Format,
    /// Where to.
    pub target: Target,
}

/// The kinds of reports that can be written to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JUnit XML, as CI servers read it.
    Junit,
    /// One JSON document.
    Json,
    /// The event stream itself, one JSON object a line.
    Events,
    /// What expectations look at, as one JSON document.
    Coverage,
    /// What became of the mutants, as one JSON document.
    Mutation,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To standard output, written `-`. What is shown to people belongs on standard error then.
    Stdout,
    /// To a file, which is complete from the moment it is there. Missing folders are made.
    File(PathBuf),
}

impl Format {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Junit, Self::Json, Self::Events, Self::Coverage, Self::Mutation];

    /// The name it is asked for by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Json => "json",
            Self::Events => "events",
            Self::Coverage => "coverage",
            Self::Mutation => "mutation",
        }
    }
}

impl ReportSpec {
    /// Reads `KIND=PATH`.
    ///
    /// # Errors
    ///
    /// `report.unknown-kind` or `report.no-path`, which name what can be written instead.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let (kind, path) = text.split_once('=').unwrap_or((text, ""));
        let Some(format) = Format::ALL.into_iter().find(|format| format.name() == kind) else {
            return Err(unknown_kind(text, kind, path));
        };
        let target = match path {
            "" => {
                let message = format!("--report {text} does not say where to write");
                let help = format!("write --report {kind}=FILE, or {kind}=- for standard output");
                return Err(Diagnostic::error("report.no-path", message).help(help));
            }
            "-" => Target::Stdout,
            path => Target::File(PathBuf::from(path)),
        };
        Ok(Self { format, target })
    }

    /// Reads several, and sees to it that no two of them write to the same place.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of them.
    pub fn parse_all<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Vec<Self>, Vec<Diagnostic>> {
        let mut specs: Vec<Self> = Vec::new();
        let mut problems = Vec::new();
        for text in texts {
            match Self::parse(text) {
                Ok(spec) if specs.iter().any(|other| other.target == spec.target) => {
                    let place = spec.target.name();
                    let message = format!("--report {text}: another report is already written to {place}");
                    problems
                        .push(Diagnostic::error("report.same-place", message).help("give each report its own file"));
                }
                Ok(spec) => specs.push(spec),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(specs) } else { Err(problems) }
    }

    /// Opens the report. `stdout` gives standard output, where this report goes there.
    ///
    /// # Errors
    ///
    /// When it is plain from the start that the file cannot be written: better said before a long run than after it.
    pub fn open(&self, stdout: impl FnOnce() -> Box<dyn Write + Send>) -> Result<Box<dyn Report>, ReportError> {
        let destination = match &self.target {
            Target::Stdout => Destination::stream("standard output", stdout()),
            Target::File(path) => Destination::file(path)?,
        };
        Ok(match self.format {
            Format::Junit => Box::new(JunitReport::new(destination)),
            Format::Json => Box::new(JsonReport::new(destination)),
            Format::Events => Box::new(EventsReport::new(destination)?),
            Format::Coverage => Box::new(CoverageFile::new(destination)),
            Format::Mutation => Box::new(MutationFile::new(destination)),
        })
    }
}

impl Target {
    fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

fn unknown_kind(text: &str, kind: &str, path: &str) -> Diagnostic {
    let names = Format::ALL.map(Format::name);
    let problem = Diagnostic::error("report.unknown-kind", format!("--report {text}: there is no report `{kind}`"));
    let problem = match suggestion(kind, names) {
        Some(name) if path.is_empty() => problem.help(format!("did you mean {name}=FILE?")),
        Some(name) => problem.help(format!("did you mean {name}={path}?")),
        None => problem,
    };
    problem.help(format!("write KIND=FILE; the kinds are {}", names.join(", ")))
}
