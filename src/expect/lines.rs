//! Texts over several lines, line by line: what went, what came, and a little of what stayed around it.

use std::time::Duration;

use similar::{Algorithm, ChangeTag, TextDiff};

use super::render;
use crate::json::Json;
use crate::scenario::expected::Expected;
use crate::template::Scope;

/// Lines shown before and after a change.
const AROUND: usize = 2;
/// More lines than this are only counted.
const SHOWN: usize = 40;
/// Characters of a line that are shown.
const WIDTH: usize = 200;
/// Two large texts that have nothing in common are not compared for longer than this; then they are compared coarsely.
const PATIENCE: Duration = Duration::from_millis(500);

/// The differences between a text that is written out and the one that came. `None` where there is nothing to be shown
/// line by line: a matcher, or two texts of one line.
pub(super) fn listing(expected: &Expected, came: &str, scope: &Scope) -> Option<String> {
    let rendered = render::render(expected, scope).ok()?.as_json();
    let Some(Json::String(written)) = rendered else { return None };
    between(&written, came)
}

/// The same of two texts.
pub(super) fn between(written: &str, came: &str) -> Option<String> {
    if !written.trim_end().contains('\n') && !came.trim_end().contains('\n') {
        return None;
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).timeout(PATIENCE).diff_lines(written, came);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if at > 0 {
            lines.push("  …".to_owned());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let line = change.value().trim_end_matches(['\n', '\r']);
            // What is cut says so: a secret that is cut is known by the mark.
            let text: String = line.chars().take(WIDTH).chain(line.chars().nth(WIDTH).map(|_| '…')).collect();
            lines.push(format!("{mark}   {text}"));
        }
    }
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("  … and {more} more lines"));
    }
    if written.trim_end() == came.trim_end() {
        lines.push("  only the line breaks at the end differ".to_owned());
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn listed(expected: &str, came: &str) -> Option<String> {
        listing(&Expected::from_json(&Json::from(expected), Span::default()), came, &Scope::new(0, ""))
    }

    #[test]
    fn lines_that_went_and_came_are_shown_with_what_is_around_them() {
        let text = |n: usize| {
            (0..20)
                .map(|line| format!("line {line}\n"))
                .collect::<String>()
                .replace("line 9\n", &format!("line {n}!\n"))
        };
        let shown = listed(&text(9), &text(10)).expect("several lines");
        assert_eq!(shown, "    line 7\n    line 8\n-   line 9!\n+   line 10!\n    line 10\n    line 11");
        assert_eq!(listed("a", "b"), None);
        assert_eq!(
            listed("a\nb", "a\nb\n").expect("several lines").lines().last(),
            Some("  only the line breaks at the end differ")
        );
        let long: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert!(listed(&long, "").expect("several lines").ends_with("… and 60 more lines"));
    }
}
