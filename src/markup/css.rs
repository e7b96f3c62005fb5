//! CSS selectors, with one addition: `SELECTOR @NAME` is the attribute of that name of what is selected. No selector has an
//! `@` outside of quotes and brackets, so that the two cannot be confused.

use std::ops::Range;

use scraper::Selector;
use scraper::error::SelectorErrorKind;

use super::html::Html;

/// Why a text is no selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CssError {
    /// What is wrong.
    pub message: String,
    /// Where in the text.
    pub range: Range<usize>,
}

/// A selector, and the attribute that is taken of what it selects.
#[derive(Debug, Clone)]
pub struct CssPath {
    source: Box<str>,
    selector: Selector,
    attribute: Option<Box<str>>,
}

impl CssPath {
    /// Reads `h1`, `form input[name=token] @value`.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(source: &str) -> Result<Self, CssError> {
        let (css, attribute) = match at_sign(source) {
            Some(at) => {
                let name = source[at + 1..].trim();
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
                if name.is_empty() || !name.chars().all(plain) {
                    let message = "the name of one attribute is expected after `@`".to_owned();
                    return Err(CssError { message, range: at..source.len() });
                }
                (&source[..at], Some(name.to_ascii_lowercase().into()))
            }
            None => (source, None),
        };
        let begin = css.len() - css.trim_start().len();
        let css = css.trim();
        let range = begin..(begin + css.len()).max(begin + 1).min(source.len().max(begin + 1));
        if css.is_empty() {
            return Err(CssError { message: "there is no selector".to_owned(), range });
        }
        if let Some((message, at)) = unpaired(css) {
            return Err(CssError { message, range: begin + at.start..begin + at.end });
        }
        let selector = Selector::parse(css).map_err(|error| {
            let (message, at) = fault(css, &error);
            CssError { message, range: at.map_or(range, |at| begin + at.start..begin + at.end) }
        })?;
        Ok(Self { source: source.trim().into(), selector, attribute })
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The texts, or attributes, of what is selected, in the order of the page; `None` for an attribute that is not there.
    pub fn evaluate(&self, page: &Html) -> Vec<Option<String>> {
        let selected = page.select(&self.selector);
        selected
            .map(|element| match &self.attribute {
                Some(name) => element.attr(name).map(str::to_owned),
                None => Some(super::html::text(element)),
            })
            .collect()
    }

    /// How far the selector leads where it selects nothing: its longest beginning that selects something.
    pub fn explain_absence(&self, page: &Html) -> Option<String> {
        let css = at_sign(&self.source).map_or(&*self.source, |at| &self.source[..at]).trim_end();
        if css.contains(',') {
            return None;
        }
        let ends =
            css.char_indices().filter(|(_, c)| c.is_whitespace() || matches!(c, '>' | '+' | '~')).map(|(at, _)| at);
        let ends: Vec<usize> = ends.collect();
        for end in ends.into_iter().rev() {
            let part = css[..end].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '+' | '~'));
            let Ok(selector) = Selector::parse(part) else { continue };
            let Some(element) = page.select(&selector).next() else { continue };
            let mut names: Vec<&str> = Vec::new();
            for child in element.child_elements() {
                let name = child.value().name();
                if !names.contains(&name) && names.len() < 8 {
                    names.push(name);
                }
            }
            let there = if names.is_empty() { "no elements".to_owned() } else { names.join(", ") };
            return Some(format!("`{part}` is there, and has {there} in it"));
        }
        None
    }
}

/// Where the attribute begins: the last `@` outside of quotes and brackets.
fn at_sign(source: &str) -> Option<usize> {
    let (mut quote, mut depth, mut found, mut escaped) = (None, 0_usize, None, false);
    for (at, c) in source.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match (quote, c) {
            (_, '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, '@') if depth == 0 => found = Some(at),
            _ => {}
        }
    }
    found
}

/// Quotes and brackets that are left open, or closed unopened: the parser itself closes at the end what is open.
fn unpaired(css: &str) -> Option<(String, Range<usize>)> {
    let (mut depth, mut quote, mut open) = (Vec::new(), None, 0);
    for (at, c) in css.char_indices() {
        match (quote, c) {
            (Some(mark), _) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => (quote, open) = (Some(c), at),
            (None, '[' | '(') => depth.push((at, c)),
            (None, ']' | ')') => {
                let wanted = if c == ']' { '[' } else { '(' };
                match depth.pop() {
                    Some((_, open)) if open == wanted => {}
                    _ => return Some((format!("there is nothing that this `{c}` closes"), at..at + 1)),
                }
            }
            _ => {}
        }
    }
    if quote.is_some() {
        return Some(("this text has no closing quote".to_owned(), open..open + 1));
    }
    let (at, c) = depth.pop()?;
    let close = if c == '[' { ']' } else { ')' };
    Some((format!("this is not closed by `{close}`"), at..at + 1))
}

/// What is wrong with a selector, and where, as far as it can be told.
fn fault(css: &str, error: &SelectorErrorKind) -> (String, Option<Range<usize>>) {
    if let Some(end) = css.chars().last().filter(|c| matches!(c, '>' | '+' | '~' | ',' | '.' | '#' | ':')) {
        return (format!("something is expected after this `{end}`"), Some(css.len() - 1..css.len()));
    }
    // The longest beginning that could be a selector ends before what is wrong.
    let ends = css.char_indices().map(|(at, _)| at).skip(1).collect::<Vec<_>>();
    let good = ends.into_iter().rev().take(200).find(|end| Selector::parse(&css[..*end]).is_ok());
    let at = good.map(|end| {
        let next = end + css[end..].len() - css[end..].trim_start().len();
        next..css.len().min(next + css[next..].chars().next().map_or(1, char::len_utf8))
    });
    let pseudo = matches!(error, SelectorErrorKind::UnexpectedSelectorParseError(kind) if format!("{kind:?}").contains("Pseudo"));
    if pseudo {
        let what = "this pseudo-class is not known, or says nothing of a page that nobody looks at";
        return (what.to_owned(), at);
    }
    let what = match &at {
        Some(at) => format!("`{}` is not expected here", &css[at.clone()]),
        None => "it does not begin like one".to_owned(),
    };
    (what, at)
}
