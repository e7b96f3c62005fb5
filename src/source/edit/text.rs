//! The text around values: where lines begin and end, and where what belongs to a value ends.

use std::ops::Range;

use super::tree::{Branch, Form, Member};
use crate::source::Style;

/// The text of a file, and how to find one's way in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t>(pub(super) &'t str);

/// A block scalar: `|`, what stands behind it, and its lines.
#[derive(Debug)]
pub(super) struct Block<'t> {
    /// Where the `|` or `>` stands.
    pub(super) header: usize,
    pub(super) folded: bool,
    pub(super) keeps: bool,
    /// Whether the header says how far the lines are indented.
    pub(super) explicit: bool,
    /// What stands behind the header on its line: a comment, or nothing.
    pub(super) comment: &'t str,
    /// The column of its lines.
    pub(super) column: usize,
    /// Where its last line that is not empty ends, or its last one where empty ones belong to it.
    pub(super) end: usize,
}

impl<'t> Text<'t> {
    pub(super) fn line_start(self, at: usize) -> usize {
        self.0[..at].rfind('\n').map_or(0, |found| found + 1)
    }

    /// Where the line ends, before its break.
    pub(super) fn line_end(self, at: usize) -> usize {
        let end = self.0[at..].find('\n').map_or(self.0.len(), |found| at + found);
        if end > at && self.0.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Where the next line begins.
    pub(super) fn next_line(self, at: usize) -> usize {
        self.0[at..].find('\n').map_or(self.0.len(), |found| at + found + 1)
    }

    pub(super) fn column(self, at: usize) -> usize {
        self.0[self.line_start(at)..at].chars().count()
    }

    /// Whether nothing but spaces stands before it on its line.
    pub(super) fn is_first(self, at: usize) -> bool {
        self.0[self.line_start(at)..at].bytes().all(|byte| byte == b' ')
    }

    /// Whether a comment begins within a range. A `#` within quotes counts, too: then more care is taken than needed.
    pub(super) fn has_comment(self, range: Range<usize>) -> bool {
        self.0.get(range).is_some_and(|text| text.contains('#'))
    }

    /// What stands behind a place on its line, if it is nothing or a comment.
    pub(super) fn rest(self, at: usize) -> Option<&'t str> {
        let rest = &self.0[at..self.line_end(at)];
        let text = rest.trim_start();
        let apart = text.len() < rest.len() || at == self.line_start(at);
        (text.is_empty() || (text.starts_with('#') && apart)).then_some(rest.trim_end())
    }

    /// Past the `:` behind a key; that of `? key` stands on a line of its own.
    pub(super) fn colon(self, key_end: usize) -> Option<usize> {
        let mut at = key_end;
        loop {
            let rest = &self.0[at..];
            let word = rest.trim_start_matches(' ');
            if word.starts_with(':') {
                return Some(at + rest.len() - word.len() + 1);
            }
            at = self.next_line(at + self.rest(at)?.len());
            if at >= self.0.len() {
                return None;
            }
        }
    }

    /// Past the anchor and the tag that stand behind a place, if any do.
    pub(super) fn past_properties(self, mut at: usize) -> usize {
        loop {
            let rest = &self.0[at..];
            let word = rest.trim_start_matches(' ');
            if !word.starts_with(['&', '!']) {
                return at;
            }
            let length = word.find(|c: char| c.is_whitespace()).unwrap_or(word.len());
            at += rest.len() - word.len() + length;
        }
    }

    /// Past the anchor and the tag of a value that stand on lines of their own, or on its own line, below this place.
    pub(super) fn properties_below(self, at: usize, value: &Branch) -> usize {
        let (mut past, mut look) = (at, at);
        while let Some(rest) = self.rest(look).filter(|_| look < value.span.start) {
            look = self.next_line(look + rest.len());
            let found = self.past_properties(look);
            if found > value.span.start {
                break;
            }
            // Before a mapping in lines, an anchor on the line of the first key is that key's.
            if found > look && (!value.is_block() || self.rest(found).is_some()) {
                (past, look) = (found, found);
            }
        }
        past
    }

    /// Before the anchor and the tag that stand before a value, if any do.
    pub(super) fn before_properties(self, mut at: usize) -> usize {
        loop {
            let before = self.0[..at].trim_end_matches(' ');
            let word = before.rfind([' ', '\n', '[', '{', ',', ':']).map_or(0, |found| found + 1);
            if before.len() == at || !before[word..].starts_with(['&', '!']) {
                return at;
            }
            at = word;
        }
    }

    /// The dash of an element of a list in lines.
    pub(super) fn dash(self, list: &Branch, index: usize) -> Option<usize> {
        let items = list.items();
        if index > 0 {
            let before = self.end(&items[index - 1], Some(self.dash(list, index - 1)? + 1))?;
            let mut line = self.next_line(before);
            loop {
                let text = &self.0[line..self.line_end(line)];
                let word = text.trim_start();
                if word.starts_with('-') {
                    return Some(line + text.len() - word.len());
                }
                if line >= self.0.len() || !(word.is_empty() || word.starts_with('#')) {
                    return None;
                }
                line = self.next_line(line);
            }
        }
        let start = list.span.start;
        (!items.is_empty() && self.0[start..].starts_with('-')).then_some(start)
    }

    /// Where a value ends, what stands in it included. `slot` is where its key or its dash has ended.
    pub(super) fn end(self, value: &Branch, slot: Option<usize>) -> Option<usize> {
        if value.alias {
            let at = slot?;
            let rest = &self.0[at..];
            let word = rest.trim_start_matches([' ', '\n', '\r']);
            let length = word.find(|c: char| c.is_whitespace() || ",]}".contains(c)).unwrap_or(word.len());
            return word.starts_with('*').then_some(at + rest.len() - word.len() + length);
        }
        match &value.form {
            Form::Scalar(_) if value.style == Style::BlockScalar => Some(self.block_scalar(value)?.end),
            // Nothing stands there: it ends with its colon or dash, and an anchor.
            Form::Scalar(_) if value.span.is_empty() => {
                Some(slot.map_or(value.span.end, |slot| self.past_properties(slot)))
            }
            Form::List(items) if value.is_block() && !items.is_empty() => {
                let last = items.len() - 1;
                self.end(&items[last], Some(self.dash(value, last)? + 1))
            }
            Form::Map(_) if value.is_block() => {
                let own = value.own();
                self.member_end(own.last()?)
            }
            _ => Some(value.span.end),
        }
    }

    /// Where a member ends.
    pub(super) fn member_end(self, member: &Member) -> Option<usize> {
        match self.colon(member.at.end) {
            Some(colon) => self.end(&member.value, Some(colon)),
            // `{ a }`: a key alone.
            None => Some(member.at.end),
        }
    }

    pub(super) fn block_scalar(self, value: &Branch) -> Option<Block<'t>> {
        let mut line = self.line_start(value.span.start);
        let column = value.span.start - line;
        // Up to the header: the lines between are empty.
        let header_line = loop {
            let above = self.line_start(line.checked_sub(1)?);
            if !self.0[above..self.line_end(above)].trim().is_empty() {
                break above;
            }
            line = above;
        };
        let text = &self.0[header_line..self.line_end(header_line)];
        let code = text.find(" #").map_or(text, |hash| &text[..hash]);
        let at = code.rfind(['|', '>'])?;
        // The end of an anchor, as `&<a>`, is no header.
        if code[..at].ends_with(|c: char| !c.is_whitespace()) {
            return None;
        }
        let indicators = code[at + 1..].trim_end();
        if !indicators.chars().all(|c| matches!(c, '+' | '-' | '0'..='9')) {
            return None;
        }
        let keeps = indicators.contains('+');
        let content = &self.0[value.span.clone()];
        let kept = if keeps {
            // The indentation of what follows may be counted in.
            let content = content.trim_end_matches(' ');
            let content = content.strip_suffix('\n').unwrap_or(content);
            content.strip_suffix('\r').unwrap_or(content)
        } else {
            content.trim_end_matches([' ', '\n', '\r'])
        };
        Some(Block {
            header: header_line + at,
            folded: code[at..].starts_with('>'),
            keeps,
            explicit: indicators.contains(|c: char| c.is_ascii_digit()),
            comment: text[at + 1 + indicators.len()..].trim_end(),
            column,
            // A block of empty lines ends with its header.
            end: if content.trim().is_empty() { self.line_end(header_line) } else { value.span.start + kept.len() },
        })
    }
}
