//! One type for every problem a user can cause or meet.

use serde::{Deserialize, Serialize};

use super::{Sources, Span};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing can be concluded, or an expectation did not hold.
    Error,
    /// Probably not what was meant, but no reason to stop.
    Warning,
}

impl Severity {
    /// The word it is printed as.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place and what is to be said about it.
#[derive(Debug, Clone)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is said beside the caret; may be empty.
    pub text: String,
}

/// A problem: what is wrong, where, and what to do next.
///
/// The first of `labels` is the primary one: what must be read if only one thing can be.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Stable identifier, as `format.unknown-key`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The places, the primary one first.
    pub labels: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// Text over several lines that is shown below; see [`Located::details`].
    pub details: String,
    /// What was compared and differs, place by place, for programs: reports have it beside the problem.
    pub differences: Vec<Difference>,
}

/// What is different at one place of a document, as texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The place, a JSONPath in short form: in what came; of what is missing, where it would be.
    pub path: String,
    /// In what way: `value`, `type`, `matcher`, `missing`, `unexpected`, `renamed`, `removed`, `inserted`, `moved`,
    /// `not_contained`, `length`.
    pub kind: String,
    /// What was expected, as JSON with matchers in it, abbreviated. Left out where nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// What came, as JSON, abbreviated. Left out where nothing did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub actual: String,
    /// What the two values do not say by themselves, without a full stop.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(id: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            id,
            severity: Severity::Error,
            message,
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            details: String::new(),
            differences: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(id: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(id, message) }
    }

    /// Whether another problem may come of this one alone: this is about the YAML, and the other about a value that it
    /// spoils or about a key that is missing because of it.
    pub(crate) fn causes(&self, other: &Self) -> bool {
        let (Some(cause), Some(at)) = (self.span(), other.span()) else { return false };
        let of_yaml = self.id.starts_with("yaml.") && self.id != "yaml.duplicate-key" && !other.id.starts_with("yaml.");
        let touches = cause.start <= at.end && at.start <= cause.end;
        let missing = matches!(other.id, "format.missing-key" | "format.first-key");
        of_yaml && cause.file == at.file && (touches || missing)
    }

    /// Adds a place; the first one added is the primary one.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds text that is shown below.
    #[must_use]
    pub fn details(mut self, text: impl Into<String>) -> Self {
        self.details = text.into();
        self
    }

    /// The primary place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// The same problem with its places resolved, so that it can be shown without the files.
    pub fn locate(&self, sources: &Sources) -> Located {
        let places = self.labels.iter().filter_map(|label| Place::of(label, sources)).collect();
        Located {
            id: self.id.to_owned(),
            severity: self.severity,
            message: self.message.clone(),
            places,
            notes: self.notes.clone(),
            help: self.help.clone(),
            details: self.details.clone(),
        }
    }
}

/// A [`Diagnostic`] that carries the lines it points at: what events hold and reports show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// Stable identifier.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The places, the primary one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Facts that help to understand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// Text over several lines that is shown below, as the listing of a structural diff; lines begin with `-`, `+` or
    /// a space. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
}

/// A resolved place: one line of a file and the part of it that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file as the user named it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The line's text before what is meant, what is meant (to the end of the line at most), and the text after it.
    pub source: [String; 3],
    /// What is said beside the caret; may be empty.
    pub text: String,
}

impl Place {
    fn of(label: &Label, sources: &Sources) -> Option<Self> {
        let file = sources.get(label.span.file)?;
        let (line, column) = file.position(label.span.start as usize);
        let text = file.line(line);
        let offset = (label.span.start as usize).saturating_sub(file.line_start(line)).min(text.len());
        let end = (label.span.end as usize).saturating_sub(file.line_start(line)).clamp(offset, text.len());
        let cut = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
        let source = [cut(0..offset), cut(offset..end), cut(end..text.len())];
        Some(Self { path: file.name().to_owned(), line, column, source, text: label.text.clone() })
    }
}

/// The candidate that was probably meant by `given`, if one is near enough.
pub fn suggestion<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = given.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(3) / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
