//! A command line that cannot be read, told like any other problem: clap knows what is wrong, and the words are ours.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use clap::CommandFactory;

use super::args::Arguments;
use crate::source::Diagnostic;

/// What is wrong with the command line, or nothing where clap prints what was asked for (help, the version).
pub(super) fn mistaken(error: &clap::Error) -> Option<Diagnostic> {
    if !error.use_stderr() || matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) {
        return None;
    }
    let problem = Diagnostic::error("cli.option", message(error));
    let problem = suggestions(error).fold(problem, Diagnostic::help);
    let problem = valid(error).into_iter().fold(problem, Diagnostic::help);
    // An option that is wrong shows in the usage, and an argument that is missing: only the second is how to write it.
    let problem = match (error.kind(), usage(error)) {
        (ErrorKind::MissingRequiredArgument, Some(usage)) => problem.help(format!("write it as `{usage}`")),
        _ => problem,
    };
    Some(problem.help(format!("`{} --help` shows what is possible", command())))
}

fn message(error: &clap::Error) -> String {
    let first = |kind| text(error, kind).unwrap_or_default();
    let (argument, value) = (first(ContextKind::InvalidArg), first(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => format!("there is no option `{argument}` here"),
        ErrorKind::UnknownArgument => format!("`{argument}` is one argument too many"),
        ErrorKind::InvalidSubcommand => format!("there is no command `{}`", first(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "a command is missing".to_owned(),
        ErrorKind::MissingRequiredArgument => match all(error, ContextKind::InvalidArg) {
            several if several.contains(" and ") => format!("{several} are missing"),
            one => format!("{one} is missing"),
        },
        ErrorKind::ArgumentConflict => match all(error, ContextKind::PriorArg) {
            prior if prior.is_empty() || prior == format!("`{argument}`") => format!("`{argument}` is given twice"),
            prior => format!("`{argument}` cannot be used together with {prior}"),
        },
        ErrorKind::InvalidValue | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues if value.is_empty() => {
            format!("`{argument}` needs a value")
        }
        ErrorKind::InvalidValue => format!("`{value}` is not a possible value of `{argument}`"),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error).map(reason).unwrap_or_default();
            format!("`{value}` is not a possible value of `{argument}`: {reason}")
        }
        ErrorKind::TooManyValues => format!("`{argument}` takes no value `{value}`"),
        ErrorKind::NoEquals => format!("`{argument}` needs its value after a `=`"),
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8".to_owned(),
        other => other.to_string(),
    }
}

/// What was probably meant.
fn suggestions(error: &clap::Error) -> impl Iterator<Item = String> {
    let kinds = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    kinds.into_iter().filter_map(|kind| match error.get(kind) {
        Some(ContextValue::String(meant)) => Some(format!("did you mean `{meant}`?")),
        Some(ContextValue::Strings(meant)) => meant.first().map(|meant| format!("did you mean `{meant}`?")),
        _ => None,
    })
}

fn valid(error: &clap::Error) -> Option<String> {
    let values = match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(values) => values.join(", "),
        _ => return None,
    };
    (!values.is_empty()).then(|| format!("the values are {values}"))
}

/// How the command is written, in one line.
fn usage(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return None };
    let usage = usage.to_string();
    let usage = usage.trim().trim_start_matches("Usage:").trim();
    let line = usage.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// The command that was called: `callsheet auth login`.
fn command() -> String {
    let mut words = vec!["callsheet".to_owned()];
    let mut command = &Arguments::command();
    for word in std::env::args_os().skip(1) {
        let Some(inner) = word.to_str().and_then(|word| command.find_subcommand(word)) else { continue };
        words.push(inner.get_name().to_owned());
        command = inner;
    }
    words.join(" ")
}

/// Why a value is not possible, in words that are not a programmer's.
fn reason(source: &(dyn std::error::Error + 'static)) -> String {
    if source.is::<std::num::ParseIntError>() {
        return "it must be a whole number".to_owned();
    }
    let text = source.to_string();
    // `0 is not in 1..=1024`
    match text.rsplit_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
        Some((low, high)) => format!("it must be from {low} to {high}"),
        None => text,
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.trim_end_matches("...").to_owned()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}

fn all(error: &clap::Error, kind: ContextKind) -> String {
    let texts: Vec<String> = match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    // Dots say that an option may be repeated.
    texts.iter().map(|text| format!("`{}`", text.trim_end_matches("..."))).collect::<Vec<_>>().join(" and ")
}
