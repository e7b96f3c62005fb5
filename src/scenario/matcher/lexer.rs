//! A cursor over the text of a matcher that steps over `{{ … }}` as over one opaque letter.

use std::ops::Range;

/// Where reading stands.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'t> {
    /// The whole string, brackets included.
    pub(super) text: &'t str,
    /// The next byte to read.
    pub(super) at: usize,
    /// Where the closing bracket stands.
    pub(super) end: usize,
    /// The templates, braces included.
    opaque: Vec<Range<usize>>,
    /// How many parentheses are open.
    pub(super) open: usize,
}

impl<'t> Cursor<'t> {
    /// A cursor behind the opening bracket. The error is where an unclosed `{{` stands.
    pub(super) fn new(text: &'t str) -> Result<Self, usize> {
        let mut opaque = Vec::new();
        if text.contains("{{") {
            let parts = crate::template::split(text)?;
            opaque = parts.into_iter().filter(|(_, is)| *is).map(|(part, _)| part.start - 2..part.end + 2).collect();
        }
        Ok(Self { text, at: 1, end: text.len() - 1, opaque, open: 0 })
    }

    /// What is left before the closing bracket.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..self.end]
    }

    /// The template that begins at a byte.
    pub(super) fn template_at(&self, at: usize) -> Option<Range<usize>> {
        self.opaque.iter().find(|range| range.start == at).cloned()
    }

    /// Whether there is a template in a part of the text.
    pub(super) fn has_template(&self, part: &Range<usize>) -> bool {
        self.opaque.iter().any(|range| part.start <= range.start && range.end <= part.end)
    }

    /// Whether a byte stands within a template.
    pub(super) fn inside_template(&self, at: usize) -> bool {
        self.opaque.iter().any(|range| range.contains(&at))
    }

    pub(super) fn skip_spaces(&mut self) {
        self.at = self.end - self.rest().trim_start().len();
    }

    /// The character that is next, behind white space.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.rest().chars().next()
    }

    /// Steps over a sign, if it is next.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// The word that is next, not stepped over: letters and what may stand in a word after them.
    pub(super) fn word(&mut self) -> Option<Range<usize>> {
        self.skip_spaces();
        let rest = self.rest();
        if !rest.starts_with(char::is_alphabetic) {
            return None;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
        Some(self.at..self.at + end)
    }

    /// Steps over a word, if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        match self.word() {
            Some(range) if &self.text[range.clone()] == word => {
                self.at = range.end;
                true
            }
            _ => false,
        }
    }

    /// What is next, for marking it: a template, a word, a run of what is no space, or the closing bracket.
    pub(super) fn next_piece(&mut self) -> Range<usize> {
        self.skip_spaces();
        if self.at >= self.end {
            return self.end..self.end + 1;
        }
        if let Some(template) = self.template_at(self.at) {
            return template;
        }
        self.word().unwrap_or_else(|| {
            let length = self.rest().find(|c: char| c.is_whitespace() || c == ')').unwrap_or(self.rest().len());
            self.at..self.at + length.max(self.rest().chars().next().map_or(0, char::len_utf8))
        })
    }

    /// The first byte from here at which `stop` says so, templates stepped over; else the closing bracket.
    pub(super) fn find(&self, mut stop: impl FnMut(usize, char) -> bool) -> usize {
        let mut at = self.at;
        while at < self.end {
            if let Some(template) = self.template_at(at) {
                at = template.end.min(self.end);
                continue;
            }
            let Some(c) = self.text[at..self.end].chars().next() else { break };
            if stop(at, c) {
                return at;
            }
            at += c.len_utf8();
        }
        self.end
    }

    /// Where an unquoted text ends that begins here: at the parenthesis that closes, or at the closing bracket; also at
    /// a comma where `list` is set.
    pub(super) fn text_end(&self, list: bool) -> usize {
        let (mut depth, mut escaped) = (0_usize, false);
        let in_group = self.open > 0;
        self.find(|_, c| {
            let was_escaped = escaped;
            escaped = c == '\\' && !escaped;
            match c {
                _ if was_escaped => false,
                ',' => list && depth == 0,
                '(' => {
                    depth += 1;
                    false
                }
                ')' if depth > 0 => {
                    depth -= 1;
                    false
                }
                ')' => in_group,
                _ => false,
            }
        })
    }

    /// The inside of the quotes that open here, and what comes behind them. `doubled` says that a quote within is
    /// written twice, otherwise a backslash stands before it.
    pub(super) fn quoted(&self, quote: char, doubled: bool) -> Option<(Range<usize>, usize)> {
        let mut inner = self.clone();
        inner.at += quote.len_utf8();
        let start = inner.at;
        let mut skip = false;
        let close = inner.find(|at, c| {
            if std::mem::take(&mut skip) {
                return false;
            }
            if doubled && c == quote && self.text[at + 1..self.end].starts_with(quote) {
                skip = true;
                return false;
            }
            skip = !doubled && c == '\\';
            c == quote
        });
        (close < self.end).then(|| (start..close, close + quote.len_utf8()))
    }
}
