//! `callsheet explain`: a page for each problem that a person can cause or meet, by its stable id.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

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
        paged(&(list("", output.stdout) + "`callsheet explain ID` shows the page of one of them\n"), output);
        return ExitCode::Passed;
    };
    // As it is printed: `error[expect.json]`.
    let id = asked.trim().trim_start_matches("error").trim_start_matches("warning").trim_matches(['[', ']', ':', ' ']);
    if let Some(page) = all().find(|page| page.id == id) {
        paged(&page.shown(output.stdout), output);
        return ExitCode::Passed;
    }
    let group = format!("{}.", id.trim_end_matches('.'));
    if all().any(|page| page.id.starts_with(&group)) {
        paged(&list(&group, output.stdout), output);
        return ExitCode::Passed;
    }
    let problem = Diagnostic::error("cli.explain", format!("no problem has the id `{id}`"));
    // A name without its group, as people remember it.
    let mut named = all().filter(|page| page.id.split_once('.').is_some_and(|(_, name)| name == id));
    let named = named.next().filter(|_| named.next().is_none()).map(|page| page.id);
    let problem = match named.or_else(|| suggestion(id, all().map(|page| page.id))) {
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
    PAGES.iter().flat_map(|file| of_file(file))
}

fn of_file(file: &'static str) -> impl Iterator<Item = Page> {
    file.split("\n## ").skip(1).filter_map(|section| {
        let (id, text) = section.split_once('\n')?;
        Some(Page { id: id.trim(), text: text.trim() })
    })
}

/// Ids below the heading of their group, each with what it means in one line where the screen is wide enough: of all
/// groups, or of the one that a prefix with a dot names.
fn list(prefix: &str, screen: Screen) -> String {
    let column = 2 + all().map(|page| page.id.width()).max().unwrap_or_default() + 2;
    let width = screen.columns.min(column + WIDEST);
    let mut text = String::new();
    for file in PAGES {
        let mut pages = of_file(file).filter(|page| page.id.starts_with(prefix)).peekable();
        if pages.peek().is_none() {
            continue;
        }
        let heading = file.lines().next().unwrap_or_default().trim_start_matches("# ").replace(['`'], "");
        _ = writeln!(text, "{}", bold(&heading.replacen(".…:", ":", 1), screen));
        for page in pages {
            for (at, line) in wrapped(page.meaning(), width.saturating_sub(column)).iter().enumerate() {
                let id = if at == 0 { page.id } else { "" };
                _ = writeln!(text, "  {id:indent$}{line}", indent = column - 2);
            }
        }
        text.push('\n');
    }
    text
}

/// Prints a text; what is longer than the terminal is given to the user's pager, as git does.
fn paged(text: &str, output: &Output) {
    let rows = output.stdout.rows.filter(|rows| text.lines().count() > *rows);
    let pager = std::env::var("PAGER").unwrap_or_else(|_| if cfg!(windows) { "" } else { "less" }.to_owned());
    let mut words = pager.split_whitespace();
    let Some((program, _)) = words.next().zip(rows) else { return output.print(text) };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Colours are shown as such, and the text stays on the screen.
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return output.print(text) };
    if let Some(mut input) = child.stdin.take() {
        // A reader who quits early has seen enough.
        _ = input.write_all(text.as_bytes());
    }
    _ = child.wait();
}

fn bold(text: &str, screen: Screen) -> String {
    match screen.colour {
        Colour::Always => format!("\u{1b}[1m{text}\u{1b}[0m"),
        Colour::Never => text.to_owned(),
    }
}

impl Page {
    /// The first sentence, without what explains it behind a colon.
    fn meaning(self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        let sentence = line.split_once(". ").map_or(line, |(sentence, _)| sentence);
        sentence.split_once(": ").map_or(sentence, |(sentence, _)| sentence).trim_end_matches(['.', ':'])
    }

    /// The page for a terminal: paragraphs filled to its width, examples set in.
    fn shown(self, screen: Screen) -> String {
        let width = screen.columns.min(WIDEST);
        let bold = |text: &str| bold(text, screen);
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
