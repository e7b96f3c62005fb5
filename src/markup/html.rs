//! HTML that a server sent, read as browsers read it: nothing is ever wrong with it.

use scraper::{ElementRef, Node, Selector};

use super::tree::{Builder, Name};
use super::xml::Xml;

/// No more of a page than this is read.
const LONGEST: usize = 32 * 1024 * 1024;

/// A page.
#[derive(Debug)]
pub struct Html {
    page: scraper::Html,
    /// Whether the page goes on behind what was read of it.
    pub cut: bool,
}

impl Html {
    /// Reads a page, up to a length and to the depth at which browsers stop, too.
    pub fn parse(text: &str) -> Self {
        let read = shallow(text, LONGEST);
        Self { page: scraper::Html::parse_document(read), cut: read.len() < text.len() }
    }

    pub(super) fn select<'h>(&'h self, selector: &'h Selector) -> impl Iterator<Item = ElementRef<'h>> {
        self.page.select(selector)
    }

    /// The page as a document that XPaths lead through: names in lower case and in no namespace, white space folded.
    pub fn to_xml(&self) -> Xml {
        enum Part<N> {
            Node(N),
            End,
        }
        let plain = |local: &str| Name { prefix: "".into(), local: local.into(), namespace: "".into() };
        let mut builder = Builder::new(true);
        // A stack of its own, so that no page is too deep for that of the thread.
        let mut left: Vec<_> = self.page.tree.root().children().rev().map(Part::Node).collect();
        while let Some(part) = left.pop() {
            let Part::Node(node) = part else {
                builder.end();
                continue;
            };
            match node.value() {
                Node::Element(element) => {
                    builder.begin(plain(element.name()));
                    element.attrs().for_each(|(name, value)| builder.attribute(plain(name), value));
                    left.push(Part::End);
                    left.extend(node.children().rev().map(Part::Node));
                }
                Node::Text(text) => builder.text(text),
                Node::Comment(comment) => builder.comment(comment),
                _ => {}
            }
        }
        Xml(builder.finish())
    }
}

/// The elements that begin on a line of their own, so that the words before and after them are not one.
const BLOCKS: [&str; 41] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

enum Part<N> {
    Node(N),
    Break,
}

/// The text of an element as a reader sees it: white space folded, blocks apart, no scripts.
pub(super) fn text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    let mut left = vec![Part::Node(*element)];
    let root = element.id();
    while let Some(part) = left.pop() {
        let Part::Node(node) = part else {
            out.push(' ');
            continue;
        };
        match node.value() {
            Node::Text(text) => out.push_str(text),
            Node::Element(inner) => {
                if node.id() != root && matches!(inner.name(), "script" | "style" | "template" | "noscript") {
                    continue;
                }
                if BLOCKS.binary_search(&inner.name()).is_ok() {
                    out.push(' ');
                    left.push(Part::Break);
                }
                left.extend(node.children().rev().map(Part::Node));
            }
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The title of a page, for messages.
pub fn title(text: &str) -> Option<String> {
    const ENOUGH: usize = 64 * 1024;
    let page = Html { page: scraper::Html::parse_document(shallow(text, ENOUGH)), cut: false };
    let selector = Selector::parse("title").ok()?;
    let found = page.select(&selector).next().map(self::text)?;
    Some(found.chars().take(100).collect::<String>()).filter(|title| !title.is_empty())
}

/// Whether a text is most probably a page, whatever its content type says.
pub fn begins_like_html(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|begin| text.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin)))
}

/// The part of a page that is read: up to a length, and to a depth. The parser's time grows with the square of the
/// depth, so that a page of nothing but `<div>` would never end; browsers stop at this depth, too.
pub fn shallow(html: &str, limit: usize) -> &str {
    const DEPTH: usize = 512;
    /// Elements without content, and those whose end is often left out because the next one of their kind ends them.
    const FLAT: &[&str] = &[
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p",
        "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup",
    ];
    let mut end = html.len().min(limit);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let html = &html[..end];
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(found) = html[at..].find('<') {
        let open = at + found;
        let rest = &html[open + 1..];
        let name = |rest: &str| -> String {
            rest.chars().take_while(char::is_ascii_alphanumeric).take(16).collect::<String>().to_ascii_lowercase()
        };
        at = open + 1;
        if rest.starts_with("!--") {
            at += rest.find("-->").unwrap_or(rest.len());
        } else if let Some(rest) = rest.strip_prefix('/') {
            if !FLAT.contains(&name(rest).as_str()) {
                depth = depth.saturating_sub(1);
            }
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let name = name(rest);
            if matches!(name.as_str(), "script" | "style") {
                // What looks like a tag in there is none. Its own end tag is met next.
                let ends =
                    |at: &usize| rest[*at..].get(2..2 + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(&name));
                at += rest.match_indices("</").map(|(at, _)| at).find(ends).unwrap_or(rest.len());
            }
            if !FLAT.contains(&name.as_str()) {
                depth += 1;
            }
            if depth > DEPTH {
                return &html[..open];
            }
        }
    }
    html
}
