//! What will run: the scenarios that are selected, case by case, each with its seed. Immutable once made.

use std::sync::Arc;

use crate::json::Json;
use crate::project::{Project, ScenarioFile};
use crate::scenario::{Cases, Tree};
use crate::source::{Diagnostic, Sources};

/// What the command line selects.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `--tag`: expressions over tags, all of which must hold.
    pub tags: Vec<TagExpression>,
    /// `--only`: any of these.
    pub only: Vec<String>,
}

/// A run, before it begins.
#[derive(Debug)]
pub struct RunPlan {
    /// What runs, in the order of its reports.
    pub instances: Vec<Instance>,
    /// What everything random comes from.
    pub seed: u64,
}

/// A scenario, or one of its cases.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The scenario.
    pub file: Arc<ScenarioFile>,
    /// The case, where it has several.
    pub case: Option<Case>,
    /// What everything random in it comes from: the run's seed, its path and its case, so that it draws the same alone.
    pub seed: u64,
    /// The line that `--only FILE:LINE` names: the step there is the last one that runs.
    pub until_line: Option<usize>,
}

/// A case of a scenario.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its number, from 1.
    pub number: usize,
    /// Its values.
    pub values: CaseValues,
}

/// The values of a case.
#[derive(Debug, Clone)]
pub enum CaseValues {
    /// Written out in the scenario, templates and all: the position in its list.
    Written(usize),
    /// From a file.
    Given(Arc<Json>),
}

impl Case {
    /// The written-out values, if they are.
    pub fn written<'f>(&self, file: &'f ScenarioFile) -> Option<&'f Tree> {
        match (&self.values, &file.scenario.cases) {
            (CaseValues::Written(at), Some(Cases::Inline(cases))) => cases.get(*at),
            _ => None,
        }
    }
}

impl RunPlan {
    /// Plans what is selected of a project.
    ///
    /// # Errors
    /// An `--only` that names nothing, and the name that may have been meant.
    pub fn of(project: &Project, sources: &Sources, selection: &Selection, seed: u64) -> Result<Self, Vec<Diagnostic>> {
        let mut only: Vec<(Only<'_>, bool)> = selection.only.iter().map(|text| (Only::of(text), false)).collect();
        let mut instances = Vec::new();
        for file in &project.scenarios {
            let tags: Vec<&str> = file.scenario.tags.iter().map(|tag| tag.value.as_str()).collect();
            let tagged = selection.tags.iter().all(|expression| expression.holds(&tags));
            let count = file.cases_from_file.as_ref().map(Vec::len).or(match &file.scenario.cases {
                Some(Cases::Inline(cases)) => Some(cases.len()),
                _ => None,
            });
            let lines = sources.get(file.file).map_or(0, |source| source.text().lines().count());
            for number in 1..=count.unwrap_or(1) {
                let mut until_line = None;
                let mut named = only.is_empty();
                for (one, used) in &mut only {
                    if one.names(file, number, lines) {
                        (*used, named) = (true, true);
                        until_line = one.line.filter(|line| *line > 1);
                    }
                }
                if !(tagged && named) {
                    continue;
                }
                let case = count.map(|_| Case {
                    number,
                    values: match &file.cases_from_file {
                        Some(cases) => CaseValues::Given(cases[number - 1].clone()),
                        None => CaseValues::Written(number - 1),
                    },
                });
                let seed = mix(seed, &file.path, number);
                instances.push(Instance { file: file.clone(), case, seed, until_line });
            }
        }
        let missing: Vec<Diagnostic> = only
            .iter()
            .filter(|(_, used)| !used)
            .map(|(one, _)| {
                let titles = project.scenarios.iter().flat_map(|file| [file.scenario.title.value.as_str(), file.path.as_str()]);
                let problem = Diagnostic::error("cli.only", format!("--only {}: no scenario fits", one.text));
                match crate::source::suggestion(one.name, titles) {
                    Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                    None => problem.help("give a title or a part of it, FILE or FILE:LINE, each with #CASE if you like; `callsheet list` shows them all"),
                }
            })
            .collect();
        if missing.is_empty() { Ok(Self { instances, seed }) } else { Err(missing) }
    }
}

/// A seed of its own for each scenario and case (FNV-1a).
fn mix(seed: u64, path: &str, number: usize) -> u64 {
    let bytes = path.bytes().chain(number.to_le_bytes());
    bytes.fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `NAME`, `FILE`, `FILE:LINE`, each with `#CASE`.
struct Only<'t> {
    text: &'t str,
    name: &'t str,
    line: Option<usize>,
    case: Option<usize>,
}

impl<'t> Only<'t> {
    fn of(text: &'t str) -> Self {
        let (rest, case) = match text.rsplit_once('#').map(|(rest, case)| (rest, case.parse().ok())) {
            Some((rest, Some(case))) => (rest, Some(case)),
            _ => (text, None),
        };
        let (name, line) = match rest.rsplit_once(':').map(|(name, line)| (name, line.parse().ok())) {
            Some((name, Some(line))) => (name, Some(line)),
            _ => (rest, None),
        };
        Self { text, name, line, case }
    }

    fn names(&self, file: &ScenarioFile, number: usize, lines: usize) -> bool {
        if self.case.is_some_and(|case| case != number) {
            return false;
        }
        let path = self.name.trim_start_matches("./");
        let is_file = file.path == path || file.path.ends_with(&format!("/{path}"));
        if let Some(line) = self.line {
            return is_file && (1..=lines).contains(&line);
        }
        is_file || file.scenario.title.to_lowercase().contains(&self.name.to_lowercase())
    }
}

/// An expression over tags: `smoke and not slow`, `(a or b) and c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagExpression {
    /// The scenario has the tag.
    Tag(String),
    /// The other does not hold.
    Not(Box<TagExpression>),
    /// Both hold.
    And(Box<TagExpression>, Box<TagExpression>),
    /// One of the two holds.
    Or(Box<TagExpression>, Box<TagExpression>),
}

impl TagExpression {
    /// Reads an expression. `not` binds before `and`, `and` before `or`.
    ///
    /// # Errors
    /// Where and why it is none, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut words = spaced.split_whitespace().peekable();
        let expression = Self::or(&mut words, 0)?;
        match words.next() {
            None => Ok(expression),
            Some(word) => {
                Err(format!("`{word}` is not expected there; combine tags with `and`, `or`, `not` and parentheses"))
            }
        }
    }

    fn or<'w>(words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>, depth: usize) -> Result<Self, String> {
        let mut left = Self::and(words, depth)?;
        while words.next_if_eq(&"or").is_some() {
            left = Self::Or(Box::new(left), Box::new(Self::and(words, depth)?));
        }
        Ok(left)
    }

    fn and<'w>(words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>, depth: usize) -> Result<Self, String> {
        let mut left = Self::not(words, depth)?;
        while words.next_if_eq(&"and").is_some() {
            left = Self::And(Box::new(left), Box::new(Self::not(words, depth)?));
        }
        Ok(left)
    }

    fn not<'w>(words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>, depth: usize) -> Result<Self, String> {
        if depth > 50 {
            return Err("there are too many parentheses".into());
        }
        match words.next() {
            Some("not") => Ok(Self::Not(Box::new(Self::not(words, depth + 1)?))),
            Some("(") => {
                let inner = Self::or(words, depth + 1)?;
                if words.next() == Some(")") { Ok(inner) } else { Err("a `)` is missing".into()) }
            }
            Some(word @ ("and" | "or" | ")")) => Err(format!("a tag is missing before `{word}`")),
            Some(tag) => Ok(Self::Tag(tag.trim_start_matches('@').to_owned())),
            None => Err("a tag is missing at its end".into()),
        }
    }

    /// Whether it holds for these tags.
    pub fn holds(&self, tags: &[&str]) -> bool {
        match self {
            Self::Tag(tag) => tags.contains(&tag.as_str()),
            Self::Not(inner) => !inner.holds(tags),
            Self::And(left, right) => left.holds(tags) && right.holds(tags),
            Self::Or(left, right) => left.holds(tags) || right.holds(tags),
        }
    }

    /// The tags that are named.
    pub fn tags(&self) -> Vec<&str> {
        match self {
            Self::Tag(tag) => vec![tag],
            Self::Not(inner) => inner.tags(),
            Self::And(left, right) | Self::Or(left, right) => [left.tags(), right.tags()].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TagExpression;

    #[test]
    fn tag_expressions_bind_as_one_reads_them() {
        let holds = |text: &str, tags: &[&str]| {
            TagExpression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).holds(tags)
        };
        assert!(holds("smoke and not slow", &["smoke"]));
        assert!(!holds("smoke and not slow", &["smoke", "slow"]));
        assert!(holds("a or b and c", &["a"]));
        assert!(!holds("(a or b) and c", &["a"]));
        assert!(holds("not not @a", &["a"]));
        for wrong in ["", "and", "a and", "a b", "(a", "a)", "not", "a or or b"] {
            assert!(TagExpression::parse(wrong).is_err(), "{wrong}");
        }
        assert!(TagExpression::parse(&"(".repeat(10_000)).is_err());
    }
}
