//! The review: one change after the other, in the terminal. What is chosen is kept in memory until the end, so that
//! Ctrl-C at any time leaves every file as it was.

use std::io::BufRead as _;

use jiff::Timestamp;

use super::choose::{Item, Pile};
use super::show;
use crate::cli::output::Output;
use crate::expect::matcher;
use crate::json::Json;
use crate::pending::{Change, Desk, Taken};
use crate::scenario::matcher::Matcher;

const HELP: &str = "\
  a  accept: the file says what came
  l  accept it literally, though it differs from run to run
  m  accept as a matcher, which you name
  i  ignore this path from now on
  s  skip: it stays pending
  q  quit: what was accepted so far is written, the rest stays pending
  Ctrl-C or Ctrl-D: leave, and write nothing
";

/// What is done with a change.
enum Choice {
    Take(Taken),
    Skip,
    Quit,
}

/// What the user said who was asked for a matcher.
enum Matching {
    Named(String),
    /// That there shall be none.
    Not,
}

type Chosen = Vec<(usize, Result<Taken, String>)>;

/// Asks for every change. Nothing where the input has ended before the review has.
pub(super) fn review(pile: &Pile<'_>, desk: &mut Desk, output: &Output) -> Option<Chosen> {
    let refused: Vec<_> = pile.refused.iter().collect();
    output.print(&show::refusals(&refused, desk));
    let mut chosen = Chosen::new();
    let mut ignored: Vec<(&Item<'_>, String)> = Vec::new();
    for (at, item) in pile.items.iter().enumerate() {
        // What is below an ignored path is settled with it.
        if let Some((_, path)) = ignored.iter().find(|(other, path)| covers(other, path, item)) {
            chosen.push((at, Ok(Taken::Ignored(path.clone()))));
            continue;
        }
        match show::item(item, &Taken::Came, desk, output.stdout) {
            Ok(text) => output.print(&format!("[{}/{}] {text}", at + 1, pile.items.len())),
            Err(why) => {
                output.print(&format!("{}: cannot be written: {why}\n\n", show::place(item)));
                continue;
            }
        }
        loop {
            match ask(item, output)? {
                Choice::Skip => break,
                Choice::Quit => return Some(chosen),
                Choice::Take(taken) => match desk.take(item.pending, item.proposal, &taken) {
                    Ok(()) => {
                        if let Taken::Ignored(path) = &taken {
                            ignored.push((item, path.clone()));
                        }
                        chosen.push((at, Ok(taken)));
                        break;
                    }
                    Err(why) => output.print(&format!("this cannot be written: {why}\n")),
                },
            }
        }
        output.print("\n");
    }
    Some(chosen)
}

fn ask(item: &Item<'_>, output: &Output) -> Option<Choice> {
    let ignorable = item.proposal.expect.map(|_| general(&item.proposal.path));
    let (replaces, by_nature) = match item.change {
        Change::Replace { matcher, .. } => (takes_matchers(item), matcher.is_some()),
        _ => (false, false),
    };
    let mut question = "a accept".to_owned();
    if by_nature {
        question.push_str(", l literally");
    }
    if replaces {
        question.push_str(", m matcher");
    }
    if let Some(path) = &ignorable {
        question.push_str(&format!(", i ignore {path}"));
    }
    let default = if item.caution.is_some() { "s" } else { "a" };
    question.push_str(&format!(", s skip, q quit, ? help [{default}] "));
    loop {
        let line = prompt(&question, output)?;
        let answer = if line.is_empty() { default } else { &line };
        match (answer, &ignorable) {
            ("a" | "y", _) => return Some(Choice::Take(Taken::Came)),
            ("l", _) if by_nature => return Some(Choice::Take(Taken::Literally)),
            ("s" | "n", _) => return Some(Choice::Skip),
            ("q", _) => return Some(Choice::Quit),
            ("i", Some(path)) => return Some(Choice::Take(Taken::Ignored(path.clone()))),
            ("m", _) if replaces => {
                if let Matching::Named(matcher) = ask_for_matcher(item, output)? {
                    return Some(Choice::Take(Taken::Matcher(matcher)));
                }
            }
            ("?" | "h", _) => output.print(HELP),
            _ => output.print("one of these letters, and Enter\n"),
        }
    }
}

/// Whether a matcher can stand at the place: a digest and a kind of file are written out.
fn takes_matchers(item: &Item<'_>) -> bool {
    !matches!(item.proposal.path.as_str(), "bytes.sha256" | "bytes.magic") || item.proposal.id != "expect.bytes"
}

/// A matcher that holds for what came. Nothing where the input has ended.
fn ask_for_matcher(item: &Item<'_>, output: &Output) -> Option<Matching> {
    let Change::Replace { to, matcher, .. } = item.change else { return Some(Matching::Not) };
    let suggested = matcher.clone().unwrap_or_else(|| by_type(to).to_owned());
    loop {
        let line = prompt(&format!("matcher, or `-` for none [{suggested}] "), output)?;
        let text = match line.as_str() {
            "" => suggested.clone(),
            "-" => return Some(Matching::Not),
            bare if bare.starts_with('<') => bare.to_owned(),
            bare => format!("<{bare}>"),
        };
        let parsed = match Matcher::parse(&text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                output.print(&format!("{}\n", problem.message));
                continue;
            }
        };
        match came(to) {
            Some(value) if !parsed.is_templated() => match matcher::check(&parsed, Some(&value), Timestamp::now()) {
                Ok(()) => return Some(Matching::Named(text)),
                Err(why) => output.print(&format!("{text} does not hold for what came: {why}\n")),
            },
            _ => return Some(Matching::Named(text)),
        }
    }
}

/// The value that came, of how it is written; nothing where it is not simple.
fn came(written: &Json) -> Option<Json> {
    match written {
        Json::String(text) if text.contains("{%") => None,
        Json::String(text) if text.trim_start_matches('\\').starts_with('<') => {
            Some(Json::from(text.strip_prefix('\\').unwrap_or(text)))
        }
        Json::Array(_) | Json::Object(_) => None,
        scalar => Some(scalar.clone()),
    }
}

fn by_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "<null>",
        Json::Bool(_) => "<boolean>",
        Json::Number(number) if number.is_integer() => "<integer>",
        Json::Number(_) => "<number>",
        Json::String(_) => "<string>",
        Json::Array(_) => "<array>",
        Json::Object(_) => "<object>",
    }
}

/// A line of the user's; nothing where the input has ended.
fn prompt(question: &str, output: &Output) -> Option<String> {
    output.print(question);
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(read) if read > 0 => Some(line.trim().to_owned()),
        _ => {
            output.print("\n");
            None
        }
    }
}

/// The path for all elements of the arrays on the way to a value; an element itself is named by its place.
fn general(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('[') {
        let (before, bracket) = rest.split_at(at);
        out.push_str(before);
        let end = if bracket.starts_with("[\"") { quoted_end(bracket) } else { bracket.find(']').map(|end| end + 1) };
        let (step, after) = bracket.split_at(end.unwrap_or(bracket.len()));
        let is_index = step[1..].bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        out.push_str(if is_index && !after.is_empty() { "[*]" } else { step });
        rest = after;
    }
    out + rest
}

/// Past the bracket behind a quoted name.
fn quoted_end(bracket: &str) -> Option<usize> {
    let mut escaped = false;
    let end = bracket[2..].char_indices().find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| (at + 4).min(bracket.len()))
}

/// Whether a path that is ignored settles another change of the same expectation.
fn covers(ignored: &Item<'_>, path: &str, item: &Item<'_>) -> bool {
    let same = ignored.proposal.expect == item.proposal.expect && ignored.proposal.file == item.proposal.file;
    let below =
        |whole: &str| whole.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    same && item.proposal.expect.is_some() && (below(&item.proposal.path) || below(&general(&item.proposal.path)))
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn elements_on_the_way_are_meant_all() {
        assert_eq!(general("$.a[0].b[12].c"), "$.a[*].b[*].c");
        assert_eq!(general("$.a[3]"), "$.a[3]");
        assert_eq!(general("$[\"odd \\\" [1] key\"].x[1].y"), "$[\"odd \\\" [1] key\"].x[*].y");
        assert_eq!(general("$.plain"), "$.plain");
    }
}
