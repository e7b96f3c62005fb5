//! `callsheet explain`: a page for each problem that a person can cause or meet, by its stable id.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::args::ExplainOptions;
use super::exit::ExitCode;
use super::output::Output;
use crate::report::Screen;
use crate::source::{Colour, Diagnostic, Sources, suggestion};

/// The pages, a file for each group of ids; a group is what stands before the dot.
const PAGES: &[&str] = &[
    include_str!("../../specs/errors/accept.md"),
    include_str!("../../specs/errors/auth.md"),
    include_str!("../../specs/errors/capture.md"),
    include_str!("../../specs/errors/cases.md"),
    include_str!("../../specs/errors/check.md"),
    include_str!("../../specs/errors/cli.md"),
    include_str!("../../specs/errors/coverage.md"),
    include_str!("../../specs/errors/diff.md"),
    include_str!("../../specs/errors/events.md"),
    include_str!("../../specs/errors/expect.md"),
    include_str!("../../specs/errors/file.md"),
    include_str!("../../specs/errors/format.md"),
    include_str!("../../specs/errors/fragment.md"),
    include_str!("../../specs/errors/http.md"),
    include_str!("../../specs/errors/init.md"),
    include_str!("../../specs/errors/json.md"),
    include_str!("../../specs/errors/matcher.md"),
    include_str!("../../specs/errors/mock.md"),
    include_str!("../../specs/errors/mutation.md"),
    include_str!("../../specs/errors/pending.md"),
    include_str!("../../specs/errors/project.md"),
    include_str!("../../specs/errors/provider.md"),
    include_str!("../../specs/errors/report.md"),
    include_str!("../../specs/errors/run.md"),
    include_str!("../../specs/errors/scenario.md"),
    include_str!("../../specs/errors/schema.md"),
    include_str!("../../specs/errors/snapshot.md"),
    include_str!("../../specs/errors/store.md"),
    include_str!("../../specs/errors/template.md"),
    include_str!("../../specs/errors/tls.md"),
    include_str!("../../specs/errors/yaml.md"),
];

/// Lines are not longer than this, however wide the terminal is.
const WIDEST: usize = 88;

pub(super) fn command(options: &ExplainOptions, output: &Output) -> ExitCode {
    let Some(asked) = &options.id else {
        output.print(&list(all(), output.stdout));
        return ExitCode::Passed;
    };
    // As it is printed: `error[expect.json]`.
    let id = asked.trim().trim_start_matches("error").trim_start_matches("warning").trim_matches(['[', ']', ':', ' ']);
    if let Some(page) = all().find(|page| page.id == id) {
        output.print(&page.shown(output.stdout));
        return ExitCode::Passed;
    }
    let group = format!("{}.", id.trim_end_matches('.'));
    if all().any(|page| page.id.starts_with(&group)) {
        output.print(&list(all().filter(|page| page.id.starts_with(&group)), output.stdout));
        return ExitCode::Passed;
    }
    let problem = Diagnostic::error("cli.explain", format!("no problem has the id `{id}`"));
    let problem = match suggestion(id, all().map(|page| page.id)) {
        Some(meant) => problem.help(format!("did you mean `{meant}`?")),
        None => problem
            .help("an id is what a message has in brackets: error[expect.json]; `callsheet explain` lists all ids"),
    };
    output.problems(&[problem], &Sources::default());
    ExitCode::Usage
}

/// What is said about one problem.
#[derive(Debug, Clone, Copy)]
struct Page {
    id: &'static str,
    /// Markdown.
    text: &'static str,
}

fn all() -> impl Iterator<Item = Page> {
    PAGES.iter().flat_map(|file| {
        file.split("\n## ").skip(1).filter_map(|section| {
            let (id, text) = section.split_once('\n')?;
            Some(Page { id: id.trim(), text: text.trim() })
        })
    })
}

/// Ids, each with the first sentence of its page.
fn list(pages: impl Iterator<Item = Page>, screen: Screen) -> String {
    let pages: Vec<Page> = pages.collect();
    let column = pages.iter().map(|page| page.id.width()).max().unwrap_or_default() + 2;
    let width = screen.columns.min(column + WIDEST);
    let mut text = String::new();
    for page in pages {
        let first: String = page.text.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let sentence =
            first.split_once(". ").map_or(first.as_str(), |(sentence, _)| sentence).trim_end_matches(['.', ':']);
        let lines = wrapped(sentence, width.saturating_sub(column));
        for (at, line) in lines.iter().enumerate() {
            let id = if at == 0 { page.id } else { "" };
            _ = writeln!(text, "{id:column$}{line}");
        }
    }
    text
}

impl Page {
    /// The page for a terminal: paragraphs filled to its width, examples set in.
    fn shown(self, screen: Screen) -> String {
        let width = screen.columns.min(WIDEST);
        let bold = |text: &str| match screen.colour {
            Colour::Always => format!("\u{1b}[1m{text}\u{1b}[0m"),
            Colour::Never => text.to_owned(),
        };
        let mut text = format!("{}\n", bold(self.id));
        let mut paragraph: Vec<&str> = Vec::new();
        let mut example = false;
        for line in self.text.lines().chain([""]) {
            if line.starts_with("```") {
                example = !example;
            } else if example {
                _ = writeln!(text, "    {line}");
            } else if !line.is_empty() {
                paragraph.push(line);
            } else if !paragraph.is_empty() {
                let whole = std::mem::take(&mut paragraph).join(" ");
                let mut lines = wrapped(&whole.replace("**", ""), width);
                if let (Some(first), Some(name)) = (lines.first_mut(), heading(&whole)) {
                    *first = first.replacen(name, &bold(name), 1);
                }
                _ = writeln!(text, "\n{}\n", lines.join("\n"));
            }
        }
        // What stands between a paragraph and an example is one empty line.
        while text.contains("\n\n\n") {
            text = text.replace("\n\n\n", "\n\n");
        }
        text.trim_end().to_owned() + "\n"
    }
}

/// What a paragraph begins with in bold.
fn heading(paragraph: &str) -> Option<&str> {
    paragraph.strip_prefix("**")?.split_once("**").map(|(name, _)| name)
}

/// Words in lines of that width; a code that stands between backticks is not broken.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut code = false;
    for word in text.split(' ') {
        let whole = code;
        code ^= word.matches('`').count() % 2 == 1;
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if whole || line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
