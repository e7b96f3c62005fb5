//! What the place that people read at can do: how wide it is, whether it shows colour, whether things may move on it.

use std::env;
use std::io::{self, IsTerminal};

use crate::source::Colour;

/// The columns taken where there is no terminal to ask.
const COLUMNS: usize = 100;

/// Fewer columns than these hold nothing that could be read.
const FEWEST_COLUMNS: usize = 40;

/// What the place that people read at can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Its width.
    pub columns: usize,
    /// Its height, if it is a terminal.
    pub rows: Option<usize>,
    /// Whether it shows colour.
    pub colour: Colour,
    /// Whether a progress bar may be shown on standard error.
    pub animated: bool,
}

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourChoice {
    /// Where it can be seen and is wanted.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Screen {
    /// That of standard output.
    pub fn of_stdout(choice: ColourChoice) -> Self {
        let size = terminal_size::terminal_size_of(io::stdout());
        Self::with(choice, io::stdout().is_terminal(), size.map(|(columns, rows)| (columns.0, rows.0)))
    }

    /// That of standard error, for when a report goes to standard output.
    pub fn of_stderr(choice: ColourChoice) -> Self {
        let size = terminal_size::terminal_size_of(io::stderr());
        Self::with(choice, io::stderr().is_terminal(), size.map(|(columns, rows)| (columns.0, rows.0)))
    }

    /// No terminal: 100 columns, no colour, nothing moves.
    pub fn plain() -> Self {
        Self { columns: COLUMNS, rows: None, colour: Colour::Never, animated: false }
    }

    /// Whether it is a terminal, where what is too long would break lines, and not a log, where it would be missed.
    pub fn is_terminal(&self) -> bool {
        self.rows.is_some()
    }

    fn with(choice: ColourChoice, is_terminal: bool, size: Option<(u16, u16)>) -> Self {
        let variable = |name: &str| env::var(name).ok();
        let size = size.filter(|(columns, _)| is_terminal && *columns > 0);
        Self {
            columns: size.map_or(COLUMNS, |(columns, _)| usize::from(columns).max(FEWEST_COLUMNS)),
            rows: size.map(|(_, rows)| usize::from(rows)),
            colour: colour(choice, is_terminal, variable),
            animated: io::stderr().is_terminal() && !is_set(variable("CI")) && !is_dumb(variable("TERM").as_deref()),
        }
    }
}

/// Whether there is colour, by the conventions of <https://no-color.org> and <https://bixense.com/clicolors>. What the
/// user asks for on the command line goes before what the environment asks for.
fn colour(choice: ColourChoice, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Colour {
    let forced = || is_set(variable("CLICOLOR_FORCE"));
    let refused = || variable("CLICOLOR").as_deref() == Some("0");
    // The log viewers of CI servers that offer a terminal show colour, but say nothing in TERM.
    let able = || !is_dumb(variable("TERM").as_deref()) || is_set(variable("CI"));
    let wanted = match choice {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        ColourChoice::Auto => forced() || (is_terminal && !refused() && able()),
    };
    if wanted { Colour::Always } else { Colour::Never }
}

fn is_set(variable: Option<String>) -> bool {
    variable.is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

fn is_dumb(term: Option<&str>) -> bool {
    if cfg!(windows) { term == Some("dumb") } else { matches!(term, None | Some("" | "dumb")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(choice: ColourChoice, is_terminal: bool, variables: &[(&str, &str)]) -> bool {
        let of = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        colour(choice, is_terminal, of) == Colour::Always
    }

    #[test]
    fn colour_is_shown_where_it_can_be_seen_and_is_wanted() {
        use ColourChoice::{Always, Auto, Never};
        let term = ("TERM", "xterm-256color");
        assert!(decided(Auto, true, &[term]));
        assert!(!decided(Auto, false, &[term]), "a file");
        assert!(!decided(Auto, true, &[("TERM", "dumb")]));
        assert!(!decided(Auto, true, &[term, ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(decided(Auto, true, &[term, ("NO_COLOR", "")]), "an empty NO_COLOR says nothing");
        assert!(decided(Auto, false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!decided(Auto, true, &[term, ("CLICOLOR", "0")]));
        assert!(decided(Auto, true, &[("CI", "true")]), "a CI server's terminal");
        assert!(!decided(Auto, false, &[("CI", "true")]), "a CI server's log");
        assert!(decided(Always, false, &[("NO_COLOR", "1")]));
        assert!(!decided(Never, true, &[term, ("CLICOLOR_FORCE", "1")]));
    }
}
