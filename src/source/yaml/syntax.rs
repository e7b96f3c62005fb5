//! What the parser says of text that is no YAML, in words that name the mistake behind it.

use granit_parser::{ErrorKind, ScanError};

use super::{MAX_DEPTH, unquoted_template};
use crate::source::{Diagnostic, FileId, Span};

/// The parser's error, with the mistake behind it where that can be told. `opened` is the innermost `{ … }` or `[ … ]`
/// that had not ended there.
pub(super) fn problem(file: FileId, text: &str, error: &ScanError, opened: Option<Span>) -> Diagnostic {
    let mut at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let line = &text[start..text[at..].find('\n').map_or(text.len(), |found| at + found)];
    let here = Span::new(file, at..(at + text[at..].chars().next().map_or(0, char::len_utf8)).min(text.len()));
    let value = value_of(line);
    let value_span = || Span::new(file, start + value.0..start + value.0 + value.1.len());
    let info = error.info();
    if value.1.starts_with("{{") {
        return unquoted_template(value_span());
    }
    if let Some(tab) = indenting_tab(text, start) {
        return Diagnostic::error("yaml.tab", "this line is indented with a tab, and YAML allows only spaces")
            .at(Span::new(file, tab..tab + 1), "a tab")
            .help("replace the tab with spaces; most editors can do this for the whole file");
    }
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return Diagnostic::error(
            "yaml.depth",
            format!("lists and mappings are nested more than {MAX_DEPTH} levels deep"),
        )
        .at(here, "")
        .help("is a bracket never closed? Keep a large body in a file of its own: `file: body.json`");
    }
    let twice = info.contains("mapping values are not allowed") && value.1.contains(": ");
    let said = if twice { "a second `: ` in one line" } else { plain(&info) };
    let diagnostic = Diagnostic::error("yaml.syntax", format!("this is not valid YAML: {said}"));
    if info.contains("unknown escape character")
        && let Some(escape) = unknown_escape(text, at)
    {
        let span = Span::new(file, escape.clone());
        let letter = &text[escape.start + 1..escape.end];
        return Diagnostic::error("yaml.syntax", format!("`\\{letter}` means nothing in double quotes"))
            .at(span, "")
            .help(format!("write `\\\\{letter}`, or use single quotes, '…': they leave `\\` as it is"));
    }
    if info.contains("multiline quoted scalar")
        || info.contains("unclosed quote")
        || info.contains("document indicator")
    {
        let quote = open_quote(text, at);
        let span = quote.map_or(here, |quote| Span::new(file, quote..quote + 1));
        return diagnostic
            .at(span, "opened here")
            .help("close it on the same line; inside \"…\" write a quote as \\\", or use '…' around the whole text");
    }
    let diagnostic = diagnostic.at(here, "");
    if let Some(open) = unquoted_flow_value(line, at - start) {
        return Diagnostic::error(
            "yaml.flow-value",
            "inside { … } and [ … ], a value that contains one of [ ] { } , must be quoted",
        )
        .at(Span::new(file, start + open.start..start + open.end), "quote this value")
        .help("write it as \"…\", or give the key a line of its own");
    }
    if value.1.starts_with(['@', '`', '%', '&', '*', '!', '|', '>']) && value.1.len() > 1 {
        return diagnostic.help(format!("a value that starts with `{}` must be quoted", &value.1[..1]));
    }
    if value.1.starts_with(['[', '{']) && start + value.0 < at && info.contains("block mapping") {
        let bracket = &value.1[..1];
        return diagnostic.help(format!("a text that starts with `{bracket}` must be quoted as a whole"));
    }
    if info.contains("unclosed")
        && let Some(comment) = text[start..].lines().next().and_then(|line| line.find(" #"))
    {
        let hash = start + comment + 1;
        return diagnostic
            .at(Span::new(file, hash..hash + 1), "YAML reads a comment from here")
            .help("quote a value that contains ` #`");
    }
    if ["flow mapping", "flow sequence", "unclosed bracket", "illegal placement"]
        .iter()
        .any(|words| info.contains(words))
    {
        return match opened.filter(|opened| opened.start as usize != at) {
            Some(opened) => {
                let begin = opened.start as usize;
                let bracket = text.get(begin..=begin).unwrap_or("{");
                diagnostic
                    .at(Span::new(file, begin..begin + 1), "opened here")
                    .help(format!("is this `{bracket}` closed, and is there a comma after each item?"))
            }
            None => diagnostic.help("is each `{` and `[` closed?"),
        };
    }
    if info.contains("quoted scalar") {
        return diagnostic.help("inside \"…\" write a quote as \\\", or use '…' around the whole text");
    }
    if value.1.contains(": ") && !value.1.starts_with(['"', '\'', '{', '[']) {
        return diagnostic.help("a value that contains `: ` must be quoted");
    }
    let about_structure = ["did not find expected '-'", "did not find expected key", "mapping values are not allowed"];
    if about_structure.iter().any(|words| info.contains(words)) {
        return diagnostic.help(
            "check the indentation: all keys of one mapping start in the same column, and so do the `-` of one list",
        );
    }
    diagnostic
}

/// What the parser says, in plain words.
fn plain(info: &str) -> &str {
    /// Words of the parser, and what they mean to whoever wrote the file; the first that fit are taken.
    const WORDS: &[(&str, &str)] = &[
        ("mapping values are not allowed", "this line is indented too far"),
        ("illegal placement of ':'", "this `:` is where no key can be"),
        ("did not find expected key", "a key is expected here"),
        ("did not find expected '-'", "an item that starts with `- ` is expected here"),
        ("did not find expected ',' or '}'", "a `,` or `}` is expected here"),
        ("expected ',' or ']'", "a `,` or `]` is expected here"),
        ("unclosed bracket '{'", "this `{` is never closed"),
        ("unclosed bracket '['", "this `[` is never closed"),
        ("unclosed quote", "a quote is never closed"),
        ("multiline quoted scalar", "a quote is never closed"),
        ("unexpected document indicator", "a quote is never closed"),
        ("trailing content after", "there is more text after the closing quote"),
        ("unknown escape character", "an escape that does not exist in double quotes"),
        ("hexadecimal number", "`\\x` and `\\u` need hexadecimal digits"),
        ("surrogate", "half of a surrogate pair"),
        ("Unicode character escape", "an escape of a character that does not exist"),
        ("unexpected character: `@'", "a value cannot start with `@`"),
        ("unexpected character: ``'", "a value cannot start with a backtick"),
        ("unexpected character: `%'", "a value cannot start with `%`"),
        ("scanning a block scalar, did not find", "after `|` or `>` the text starts on the next line"),
        ("found an indentation indicator", "the number after `|` or `>` must be 1 to 9"),
        ("block scalar content cannot start with a tab", "the text is indented with a tab"),
        ("scanning an anchor or alias", "a name is expected after `&` or `*`"),
        ("simple key", "a `:` is expected after this key"),
        ("block sequence entries are not allowed", "a list item cannot start here"),
        ("mapping keys are not allowed", "a key cannot start here"),
        ("expected node content", "a value is missing here"),
        ("unexpected EOF", "the file ends too early"),
        ("unexpected eof", "the file ends too early"),
        ("unexpected end of plain scalar", "a value is missing here"),
        ("invalid indentation", "the indentation does not fit the lines above"),
        ("document end marker", "there is more text after `...`"),
        ("<document start>", "a `---` is expected here"),
        ("BOM", "a byte-order mark in the middle of the file"),
        ("tag", "a `!` that is not followed by a valid tag"),
        ("directive", "a line that starts with `%` and is not a YAML directive"),
    ];
    WORDS.iter().find(|(words, _)| info.contains(words)).map_or(info, |(_, plain)| plain)
}

/// The first escape in double quotes, from the quote at `from` on, that YAML does not know.
fn unknown_escape(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let mut rest = text[from..].char_indices();
    while let Some((at, letter)) = rest.next() {
        if letter == '\\' {
            let (_, named) = rest.next()?;
            if !"0abtnvfreN_LPxuU \t\n\r\"/\\".contains(named) {
                return Some(from + at..from + at + 1 + named.len_utf8());
            }
        }
    }
    None
}

/// The quote that was never closed, at or before the place where that was noticed: that of the last value before it
/// that begins with one.
fn open_quote(text: &str, at: usize) -> Option<usize> {
    if text[at..].starts_with(['"', '\'']) {
        return Some(at);
    }
    let mut end = at;
    loop {
        let start = text[..end].rfind('\n').map_or(0, |found| found + 1);
        let (offset, value) = value_of(&text[start..end]);
        if let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))
            && value.matches(quote).count() % 2 == 1
        {
            return Some(start + offset);
        }
        end = start.checked_sub(1)?;
    }
}

/// A tab that indents the line that begins at `start`, the one before it or the one after it: the parser may notice
/// on either side.
fn indenting_tab(text: &str, start: usize) -> Option<usize> {
    let before = text[..start.saturating_sub(1)].rfind('\n').map_or(0, |found| found + 1);
    let mut at = before;
    for line in text[before..].split_inclusive('\n').take(3) {
        let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        if let Some(tab) = line[..indent].find('\t') {
            return Some(at + tab);
        }
        at += line.len();
    }
    None
}

/// The value on a line `  - key: value`, with where it begins.
fn value_of(line: &str) -> (usize, &str) {
    let body = line.trim_start_matches([' ', '-']);
    let begin = body.find(": ").map_or(line.len() - body.len(), |colon| line.len() - body.len() + colon + 2);
    let begin = begin + line[begin..].len() - line[begin..].trim_start().len();
    (begin, line[begin..].trim_end())
}

/// The unquoted value inside `{ … }` or `[ … ]` that holds the character at which the parser gave up.
fn unquoted_flow_value(line: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let bytes = line.as_bytes();
    let mut starts: Vec<usize> = Vec::new();
    let mut quote = None;
    let mut value = None;
    for (here, byte) in bytes.iter().enumerate() {
        match (quote, *byte) {
            (Some(open), byte) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if value.is_none() => quote = Some(*byte),
            (None, b'[' | b'{' | b']' | b'}') if value.is_some() && !starts.is_empty() && here <= at + 1 => {
                let begin: usize = value?;
                // `[0]` in the midst of a word, or a bracket right after one: the value goes on to the next space.
                let ends_here =
                    matches!(byte, b']' | b'}') && !bytes[begin..here].iter().any(|byte| matches!(byte, b'[' | b'{'));
                if !ends_here {
                    let end = line[here..].find([' ', ',']).map_or(line.len(), |found| here + found);
                    return Some(begin..end);
                }
                starts.pop();
                value = None;
            }
            (None, b'[' | b'{') => starts.push(here),
            (None, b']' | b'}') => {
                starts.pop();
                value = None;
            }
            (None, b',') => value = None,
            (None, b':') if bytes.get(here + 1) == Some(&b' ') => value = None,
            (None, byte) if !byte.is_ascii_whitespace() && value.is_none() => value = Some(here),
            _ => {}
        }
    }
    None
}
