//! What a run must come to beside passing: `--coverage-min`, `--min-score`.

use std::io::Write;

use super::args::scrutiny::ScrutinyOptions;
use super::exit::ExitCode;
use super::output::Output;
use crate::report::{Coverage, Measure, Mutation, Report, Screen, Verbosity};
use crate::source::{Diagnostic, Sources};

/// The measures that are taken of a run, and the least they must come to.
pub(super) struct Gates {
    coverage: Option<Gate>,
    mutation: Option<Gate>,
}

struct Gate {
    least: Option<u8>,
    measure: Measure,
}

impl Gates {
    pub(super) fn of(options: &ScrutinyOptions) -> Self {
        let gate = |least| Gate { least, measure: Measure::default() };
        Self {
            coverage: options.shows_coverage().then(|| gate(options.coverage_min)),
            mutation: options.mutate.map(|mutate| gate(mutate.min_score)),
        }
    }

    /// Adds the reports that take the measures. They stand behind that of the run itself.
    pub(super) fn open(
        &self,
        reports: &mut Vec<Box<dyn Report>>,
        out: impl Fn() -> Box<dyn Write + Send>,
        screen: Screen,
        verbosity: Verbosity,
    ) {
        if let Some(gate) = &self.coverage {
            reports.push(Box::new(Coverage::new(out(), screen, verbosity, gate.measure.clone())));
        }
        if let Some(gate) = &self.mutation {
            reports.push(Box::new(Mutation::new(out(), screen, verbosity, gate.measure.clone())));
        }
    }

    /// The exit code: 1 where a run that passed comes to less than it must.
    pub(super) fn judge(&self, code: ExitCode, output: &Output) -> ExitCode {
        if code.number() != 0 {
            return code;
        }
        let problems: Vec<Diagnostic> = [
            (
                &self.coverage,
                "coverage.below",
                "of the members were looked at",
                "--coverage-min",
                "expect more of the answers: with -v, the coverage above lists what nothing looks at",
            ),
            (
                &self.mutation,
                "mutation.below",
                "of the mutants were caught",
                "--min-score",
                "expect more where a mutant survived: the list above shows each of them",
            ),
        ]
        .into_iter()
        .filter_map(|(gate, id, what, option, help)| {
            let gate = gate.as_ref()?;
            let (least, percent) = (gate.least?, gate.measure.percent()?);
            let message = format!("{percent}% {what}, but {option} asks for at least {least}%");
            (percent < u64::from(least)).then(|| Diagnostic::error(id, message).help(help))
        })
        .collect();
        problems.iter().for_each(|problem| output.problems(std::slice::from_ref(problem), &Sources::default()));
        if problems.is_empty() { code } else { ExitCode::Failed }
    }
}
