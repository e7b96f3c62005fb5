//! The differences as a fragment of HTML that needs nothing else: its style is its own, its text is escaped. It follows
//! light and dark, and is read on a phone as well as on a screen.

use std::fmt::Write;

use super::super::{Differences, TextLine};
use super::blocks::{Block, Row, blocks};
use super::summary;
use crate::json::Json;
use crate::source::harmless;

const STYLE: &str = include_str!("html.css");

/// The fragment. Ends with a line break. More differences than `limit` are only counted.
pub fn html(differences: &Differences, actual: Option<&Json>, limit: usize) -> String {
    let mut out = format!("<section class=\"callsheet-diff\">\n<style>\n{STYLE}</style>\n");
    let _ = writeln!(out, "<p class=\"summary\">{}</p>", escaped(&summary(differences)));
    for block in blocks(differences, actual, limit) {
        match block {
            Block::Place { path, remark, lines } => {
                head(&mut out, &path, &remark);
                text_lines(&mut out, &lines);
                out.push_str("</div>\n");
            }
            Block::Elements { path, counts, rows } => {
                head(&mut out, &path, counts.trim_matches(['(', ')']));
                out.push_str("<div class=\"lines\">\n");
                rows.iter().for_each(|one| row(&mut out, one));
                out.push_str("</div>\n</div>\n");
            }
            Block::Remark(text) => {
                let _ = writeln!(out, "<p class=\"remark\">{}</p>", escaped(&text));
            }
        }
    }
    out.push_str("</section>\n");
    out
}

fn head(out: &mut String, path: &str, remark: &str) {
    let _ = write!(out, "<div class=\"place\">\n<p><code class=\"path\">{}</code>", escaped(path));
    if !remark.is_empty() {
        let _ = write!(out, " <span class=\"why\">{}</span>", escaped(remark));
    }
    out.push_str("</p>\n");
}

fn text_lines(out: &mut String, lines: &[TextLine]) {
    out.push_str("<div class=\"lines\">\n");
    for line in lines {
        let text: String = line
            .parts
            .iter()
            .map(|part| {
                let text = escaped(&part.text);
                if part.marked { format!("<mark>{text}</mark>") } else { text }
            })
            .collect();
        let text = if line.mark == '…' { format!("… {text}") } else { text };
        tagged(out, line.mark, &text);
    }
    out.push_str("</div>\n");
}

/// A line that went or came, as the elements of HTML that mean so.
fn tagged(out: &mut String, mark: char, text: &str) {
    let _ = match mark {
        '-' => writeln!(out, "<del><span class=\"sign\">−</span><code>{text}</code></del>"),
        '+' => writeln!(out, "<ins><span class=\"sign\">+</span><code>{text}</code></ins>"),
        _ => writeln!(out, "<span class=\"same\"><span class=\"sign\"> </span><code>{text}</code></span>"),
    };
}

fn row(out: &mut String, row: &Row) {
    let value = row.value.as_deref().unwrap_or("…");
    let text = format!(
        "<b>{}</b> {} <span class=\"why\">{}</span>",
        escaped(&row.place),
        escaped(value),
        escaped(&row.remark)
    );
    tagged(out, row.sign, &text);
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in harmless(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
