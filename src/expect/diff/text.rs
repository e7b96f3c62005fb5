//! Two texts against each other: line by line where there are several, and within the line word by word, so that what
//! differs can be marked.

mod lines;

pub(in crate::expect) use lines::line_by_line;

use std::borrow::Cow;
use std::fmt;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::explain::unicode::is_hidden;

/// A line of two texts that are held against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine {
    /// `-` for what was expected, `+` for what came, a space for what is the same, `…` for lines left out.
    pub mark: char,
    /// The line, in parts.
    pub parts: Vec<Part>,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its text, with escapes for what would not be seen.
    pub text: String,
    /// Whether it is on this side only. A line of which no part is marked differs as a whole, or not at all.
    pub marked: bool,
}

/// Shorter texts need no marks.
const SHORT: usize = 16;
/// Texts are compared word by word up to this many words.
const WORDS: usize = 4_000;
/// What is the same, and longer, is cut to its ends; what differs, and longer, too.
const SAME: usize = 72;
const ENDS: usize = 160;
const MARKED: usize = 400;
/// Longer texts are cut to what lies around their differences.
const LONG: usize = 20_000;
/// Nothing more of a line is kept.
const PARTS: usize = 40;

impl TextLine {
    /// A line that is not marked.
    fn plain(mark: char, text: String) -> Self {
        Self { mark, parts: vec![Part { text, marked: false }] }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }

    /// Whether parts of it are marked.
    pub fn is_marked(&self) -> bool {
        self.parts.iter().any(|part| part.marked)
    }
}

/// Two texts against each other, as lines.
pub(super) fn against(expected: &str, actual: &str) -> Vec<TextLine> {
    if has_lines(expected) || has_lines(actual) {
        return line_by_line(expected, actual);
    }
    let (expected, actual) = near(expected, actual);
    let (written, came) = marked(&Piece::quoted(&expected), &Piece::quoted(&actual));
    vec![TextLine { mark: '-', parts: written }, TextLine { mark: '+', parts: came }]
}

fn has_lines(text: &str) -> bool {
    text.trim_end_matches(['\n', '\r']).contains('\n')
}

/// Of long texts, what lies around the first difference and up to the last.
fn near<'t>(expected: &'t str, actual: &'t str) -> (Cow<'t, str>, Cow<'t, str>) {
    if expected.len().max(actual.len()) <= LONG {
        return (expected.into(), actual.into());
    }
    let front = expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b).count();
    let back = expected.chars().rev().zip(actual.chars().rev()).take_while(|(a, b)| a == b).count();
    let cut = |text: &str| {
        let length = text.chars().count();
        let end = length - back.min(length - front.min(length));
        let from = front.saturating_sub(SAME);
        let kept = (end + SAME).min(length).min(from + LONG) - from;
        let begins = if from > 0 { "…" } else { "" };
        let ends = if from + kept < length { "…" } else { "" };
        Cow::from(begins.chars().chain(text.chars().skip(from).take(kept)).chain(ends.chars()).collect::<String>())
    };
    (cut(expected), cut(actual))
}

/// A text in double quotes as JSON has it, with escapes also for characters that nobody would see.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut before = None;
    for c in text.chars() {
        push(&mut out, c, before, true);
        before = Some(c);
    }
    out.push('"');
    out
}

/// Adds a character as it is shown. Nothing that steers a terminal is left.
fn push(out: &mut String, c: char, before: Option<char>, quoted: bool) {
    match c {
        '"' | '\\' if quoted => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() || is_hidden(c, before) => match u32::from(c) {
            code @ 0..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\u{{{code:x}}}")),
        },
        c => out.push(c),
    }
}

/// Takes JSON text without anything that steers a terminal or turns the direction of writing: such characters stand only
/// in its strings, and an escape means the same there.
pub(super) struct Safe<'o>(pub(super) &'o mut String);

impl fmt::Write for Safe<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let steers = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let mut rest = text;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| steers(*c)) {
            self.0.push_str(&rest[..at]);
            self.0.push_str(&format!("\\u{:04x}", u32::from(c)));
            rest = &rest[at + c.len_utf8()..];
        }
        self.0.push_str(rest);
        Ok(())
    }
}

/// A text in words, each as it is shown.
struct Piece {
    words: Vec<String>,
}

impl Piece {
    fn quoted(text: &str) -> Self {
        let mut words = Self::words(text, true);
        words.insert(0, "\"".to_owned());
        words.push("\"".to_owned());
        Self { words }
    }

    fn line(text: &str) -> Self {
        let kept = text.trim_end_matches(' ');
        let mut words = Self::words(kept, false);
        // Blanks at the end would not be seen.
        words.extend(std::iter::repeat_n("·".to_owned(), text.len() - kept.len()));
        Self { words }
    }

    /// Runs of letters and digits, and every other character by itself.
    fn words(text: &str, quoted: bool) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let (mut in_word, mut before) = (false, None);
        for c in text.chars() {
            let joins = (c.is_alphanumeric() && in_word) || goes_on(before, c);
            match words.last_mut() {
                Some(word) if joins => push(word, c, before, quoted),
                _ => {
                    let mut word = String::new();
                    push(&mut word, c, before, quoted);
                    words.push(word);
                }
            }
            in_word = c.is_alphanumeric() || (in_word && is_mark(c));
            // Two letters make a flag, the third begins another.
            before = if joins && is_flag_letter(c) { None } else { Some(c) };
        }
        words
    }

    fn all(&self) -> String {
        self.words.concat()
    }
}

/// Joins two characters into one that is seen.
pub(super) const JOINER: char = '\u{200d}';

/// Whether a character belongs to the one before it.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | JOINER | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Half of a flag.
fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Whether a character is seen as one with what stands before it.
pub(super) fn goes_on(before: Option<char>, c: char) -> bool {
    is_mark(c) || before.is_some_and(|before| before == JOINER || (is_flag_letter(before) && is_flag_letter(c)))
}

/// Both lines with what differs in them marked; unmarked where too little is the same for marks to help.
fn marked(expected: &Piece, actual: &Piece) -> (Vec<Part>, Vec<Part>) {
    let whole = |piece: &Piece| vec![Part { text: shorten(&piece.all(), MARKED * 5), marked: false }];
    let length = |words: &[String]| words.iter().map(|word| word.chars().count()).sum::<usize>();
    let longest = length(&expected.words).max(length(&actual.words));
    let mut both = Both::default();
    let (a, b) = (&expected.words, &actual.words);
    let front = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(a, b)| a == b).count();
    both.same(&a[..front]);
    let (left, right) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    if left.len().max(right.len()) > WORDS {
        both.differ(left, right);
    } else {
        for op in capture_diff_slices(Algorithm::Myers, left, right) {
            match op {
                DiffOp::Equal { old_index, len, .. } => both.same(&left[old_index..old_index + len]),
                _ => both.differ(&left[op.old_range()], &right[op.new_range()]),
            }
        }
    }
    both.same(&a[a.len() - back..]);
    both.join();
    let same = both.parts.iter().map(|part| if let Stretch::Same(text) = part { text.chars().count() } else { 0 });
    // The quotes are always the same.
    let same = same.sum::<usize>().saturating_sub(2);
    let only_signs = both.parts.iter().all(|part| match part {
        Stretch::Same(_) => true,
        Stretch::Differ(old, new) => !old.chars().chain(new.chars()).any(char::is_alphanumeric),
    });
    if (longest < SHORT && !only_signs) || same * 5 < longest * 2 {
        return (whole(expected), whole(actual));
    }
    both.finish()
}

/// What two lines are made of.
#[derive(Default)]
struct Both {
    parts: Vec<Stretch>,
}

enum Stretch {
    Same(String),
    Differ(String, String),
}

impl Both {
    fn same(&mut self, words: &[String]) {
        if words.iter().all(String::is_empty) {
            return;
        }
        match self.parts.last_mut() {
            Some(Stretch::Same(text)) => text.extend(words.iter().map(String::as_str)),
            _ => self.parts.push(Stretch::Same(words.concat())),
        }
    }

    fn differ(&mut self, left: &[String], right: &[String]) {
        match self.parts.last_mut() {
            Some(Stretch::Differ(old, new)) => {
                old.extend(left.iter().map(String::as_str));
                new.extend(right.iter().map(String::as_str));
            }
            _ => self.parts.push(Stretch::Differ(left.concat(), right.concat())),
        }
    }

    /// Puts together what is divided only by a blank or a sign, then narrows what differs to its characters.
    fn join(&mut self) {
        let mut joined: Vec<Stretch> = Vec::new();
        for part in std::mem::take(&mut self.parts) {
            match (part, joined.as_mut_slice()) {
                (Stretch::Differ(left, right), [.., Stretch::Differ(old, new), Stretch::Same(between)])
                    if between.chars().count() <= 1 =>
                {
                    *old += &format!("{between}{left}");
                    *new += &format!("{between}{right}");
                    joined.pop();
                }
                (part, _) => joined.push(part),
            }
        }
        for part in joined {
            match part {
                Stretch::Same(text) => self.same(&[text]),
                Stretch::Differ(left, right) => self.narrow(&left, &right),
            }
        }
    }

    /// The same characters at either end of two words that differ; not within an escape.
    fn narrow(&mut self, left: &str, right: &str) {
        let plain = !left.contains('\\') && !right.contains('\\');
        let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
        let shorter = if plain { a.len().min(b.len()) } else { 0 };
        let mut front = (0..shorter).take_while(|at| a[*at] == b[*at]).count();
        let mut back = (0..shorter - front).take_while(|at| a[a.len() - 1 - at] == b[b.len() - 1 - at]).count();
        // What is seen as one character is not taken apart.
        let goes_on = |text: &[char], at: usize| at > 0 && at < text.len() && goes_on(Some(text[at - 1]), text[at]);
        while front > 0 && (goes_on(&a, front) || goes_on(&b, front)) {
            front -= 1;
        }
        while back > 0 && (goes_on(&a, a.len() - back) || goes_on(&b, b.len() - back)) {
            back -= 1;
        }
        // A letter that happens to be the same says nothing.
        if (front + back) * 2 < shorter {
            (front, back) = (0, 0);
        }
        let text = |chars: &[char]| chars.iter().collect::<String>();
        self.same(&[text(&a[..front])]);
        self.parts.push(Stretch::Differ(text(&a[front..a.len() - back]), text(&b[front..b.len() - back])));
        self.same(&[text(&a[a.len() - back..])]);
    }

    /// The parts of either line, long ones cut.
    fn finish(self) -> (Vec<Part>, Vec<Part>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let add = |line: &mut Vec<Part>, text: String, marked: bool| {
            if !text.is_empty() {
                line.push(Part { text, marked });
            }
        };
        let length = self.parts.len();
        for (at, part) in self.parts.into_iter().enumerate() {
            if left.len().max(right.len()) >= PARTS {
                add(&mut left, "…".to_owned(), false);
                add(&mut right, "…".to_owned(), false);
                break;
            }
            match part {
                Stretch::Same(text) => {
                    let text = match at {
                        0 => keep_end(&text, ENDS),
                        _ if at + 1 == length => keep_start(&text, ENDS),
                        _ => shorten(&text, SAME),
                    };
                    add(&mut left, text.clone(), false);
                    add(&mut right, text, false);
                }
                Stretch::Differ(old, new) => {
                    add(&mut left, shorten(&old, MARKED), true);
                    add(&mut right, shorten(&new, MARKED), true);
                }
            }
        }
        (left, right)
    }
}

/// A text without its middle, if it is longer than `limit` characters.
fn shorten(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    let (head, tail) = (limit / 2, limit - limit / 2 - 1);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

fn keep_start(text: &str, limit: usize) -> String {
    super::preview::cut(text, limit)
}

fn keep_end(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    if length <= limit {
        return text.to_owned();
    }
    std::iter::once('…').chain(text.chars().skip(length + 1 - limit)).collect()
}
