//! Texts over several lines, line by line: what went, what came, and a little of what stayed around it.

use super::diff::{line_by_line, text_listing};
use super::render;
use crate::json::Json;
use crate::scenario::expected::Expected;
use crate::template::Scope;

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
    let mut text = text_listing(&line_by_line(written, came));
    if written.trim_end() == came.trim_end() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str("  only the line breaks at the end differ");
    }
    Some(text)
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
