//! YAML text to [`Node`]. The parser's events are put together here, so that spans are kept, duplicate keys refused,
//! aliases bounded, and the mistakes people make with YAML named for what they are.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle};

use super::{Diagnostic, Entry, FileId, Kind, Node, Span, Spanned, Style, scalar};

/// Deeper nesting than this is refused.
const MAX_DEPTH: usize = 128;
/// Aliases may add this many nodes to a file: far more than anyone writes, far fewer than an alias bomb makes.
const MAX_ALIASED_NODES: usize = 20_000;

/// A document, as far as it is YAML.
#[derive(Debug)]
pub struct Parsed {
    /// The tree, if there is any. Of two values of one key it has the first; mappings and lists have what both hold.
    pub root: Option<Node>,
    /// What is wrong with the YAML itself.
    pub problems: Vec<Diagnostic>,
    /// Values that are not in the tree.
    pub dropped: Vec<Span>,
    /// The collections that were open where the parser gave up, if it did: what is missing in them says nothing.
    pub open: Option<Vec<Span>>,
}

impl Parsed {
    /// Whether a problem that the reading of the tree found stands by itself, and does not come of what is wrong with
    /// the YAML.
    pub fn stands(&self, problem: &Diagnostic) -> bool {
        let Some(at) = problem.span() else { return true };
        let of_key = matches!(problem.id, "format.unknown-key" | "format.unsupported");
        let halved = !of_key && self.open.iter().flatten().any(|open| open.start == at.start);
        !halved && self.problems.iter().all(|cause| !cause.causes(problem))
    }
}

/// Reads one YAML 1.2 document.
///
/// # Errors
/// Everything that is wrong with the YAML itself. The parser stops at the first syntax error; duplicate keys and the
/// like are all reported.
pub fn parse(file: FileId, text: &str) -> Result<Node, Vec<Diagnostic>> {
    match parse_on(file, text) {
        Parsed { root: Some(root), problems, .. } if problems.is_empty() => Ok(root),
        Parsed { problems, .. } => Err(problems),
    }
}

/// Reads one YAML 1.2 document, and gives what there is of it even where something is wrong.
pub fn parse_on(file: FileId, text: &str) -> Parsed {
    let mut builder = Builder { text, ..Builder::default() };
    let mut options = Options::default();
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    options.emit_unresolved_aliases = true;
    options.set_emit_comments(false);
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                if builder.event(event, Span::new(file, range)).is_break() {
                    break;
                }
            }
            Err(error) => {
                let opened = builder.open.last().filter(|open| open.style == Style::Flow).map(|open| open.span);
                supersede(&mut builder.problems, syntax::problem(file, text, &error, opened));
                builder.gave_up = true;
                break;
            }
        }
    }
    let open = builder.close();
    if builder.root.is_none() && builder.problems.is_empty() {
        let what = if text.trim().is_empty() { "the file is empty" } else { "the file contains only comments" };
        builder.problems.push(Diagnostic::error("yaml.empty", what).at(Span::new(file, 0..0), "").help(
            "start a scenario with `scenario: TITLE`, a provider with `provider: NAME`, \
                 a fragment with `fragment: TITLE`, the project file with `callsheet: 1`",
        ));
    }
    Parsed { root: builder.root, problems: builder.problems, dropped: builder.dropped, open }
}

#[derive(Default)]
struct Builder<'t> {
    text: &'t str,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
    documents: usize,
    root: Option<Node>,
    problems: Vec<Diagnostic>,
    dropped: Vec<Span>,
    gave_up: bool,
}

/// A collection whose end has not been seen.
struct Open {
    span: Span,
    style: Style,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<PendingKey>, merges: Vec<Node> },
}

enum PendingKey {
    Name(Spanned<Arc<str>>),
    Merge,
    /// A key that stands there already: its value is taken for more of the first.
    Again(usize),
    /// A key that was refused; its value is dropped.
    Refused,
}

type Flow = std::ops::ControlFlow<()>;

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Flow {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.problems.push(
                        Diagnostic::error(
                            "yaml.documents",
                            "a second YAML document starts here, and a file may contain only one",
                        )
                        .at(span, "")
                        .help("move what comes after `---` to a file of its own"),
                    );
                    self.dropped.push(Span::new(span.file, span.start as usize..self.text.len()));
                    return Flow::Break(());
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let forced_string = tag.as_ref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                if let Some(tag) = tag.filter(|_| !forced_string) {
                    self.problems.push(unknown_tag(&tag.original(), span, self.text));
                }
                let (style, kind) = match style {
                    ScalarStyle::Plain if !forced_string => {
                        self.look_for_curly_quotes(&text, span);
                        (Style::Plain, scalar::resolve(&text))
                    }
                    ScalarStyle::Plain => (Style::Plain, Kind::String(Arc::from(&*text))),
                    ScalarStyle::SingleQuoted => (Style::SingleQuoted, Kind::String(Arc::from(&*text))),
                    ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, Kind::String(Arc::from(&*text))),
                    _ => (Style::BlockScalar, Kind::String(Arc::from(&*text))),
                };
                self.node(Node { span, style, kind }, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.begin(span, style, anchor, tag.as_deref(), Content::Sequence(Vec::new()));
            }
            Event::MappingStart(style, anchor, tag) => {
                let content = Content::Mapping { entries: Vec::new(), key: None, merges: Vec::new() };
                self.begin(span, style, anchor, tag.as_deref(), content);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(id) => return self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                self.problems.push(
                    Diagnostic::error("yaml.alias", format!("there is no anchor `&{name}` above this alias"))
                        .at(span, "")
                        .help(format!("if this is plain text that starts with `*`, quote it: \"*{name}\"")),
                );
                self.node(Node { span, style: Style::Plain, kind: Kind::Null }, 0);
            }
            _ => {}
        }
        Flow::Continue(())
    }

    fn begin(
        &mut self,
        span: Span,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&granit_parser::Tag>,
        content: Content,
    ) {
        if let Some(tag) = tag {
            self.problems.push(unknown_tag(&tag.original(), span, self.text));
        }
        let style = match style {
            StructureStyle::Block => Style::Block,
            StructureStyle::Flow => Style::Flow,
        };
        self.open.push(Open { span, style, anchor, content });
    }

    fn end(&mut self, end: Span) {
        let Some(open) = self.open.pop() else { return };
        let (kind, last) = match open.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.span);
                (Kind::Sequence(items), last)
            }
            Content::Mapping { entries, merges, .. } => {
                let last = entries.last().map(|entry| entry.key.span.to(entry.value.span));
                (Kind::Mapping(self.merged(entries, merges)), last)
            }
        };
        let start = match &kind {
            Kind::Sequence(items) if open.style == Style::Block => dash(self.text, open.span, items),
            _ => open.span,
        };
        // A block collection ends with its last item; the parser's end event stands on the line after it.
        let end = if open.style == Style::Block { last.unwrap_or(open.span) } else { end };
        self.node(Node { span: start.to(end), style: open.style, kind }, open.anchor);
    }

    /// Closes what the text left open: the places of those collections, if the text ended within them.
    fn close(&mut self) -> Option<Vec<Span>> {
        let mut open = self.gave_up.then(Vec::new);
        let problems = self.problems.len();
        while let Some(span) = self.open.last().map(|open| open.span) {
            self.end(span);
            open.get_or_insert_default().push(span);
        }
        // What seems wrong with a half is no mistake of its own.
        self.problems.truncate(problems);
        open
    }

    fn alias(&mut self, id: usize, span: Span) -> Flow {
        let Some(target) = self.anchors.get(&id) else {
            self.problems.push(
                Diagnostic::error("yaml.alias", "this alias is inside the value that it repeats")
                    .at(span, "")
                    .help("move the alias below the value with the anchor"),
            );
            self.node(Node { span, style: Style::Plain, kind: Kind::Null }, 0);
            return Flow::Continue(());
        };
        self.aliased += count(target);
        if self.aliased > MAX_ALIASED_NODES {
            self.problems.push(
                Diagnostic::error(
                    "yaml.alias-bomb",
                    format!("with its aliases written out, this file has more than {MAX_ALIASED_NODES} values"),
                )
                .at(span, "the limit is passed here")
                .help("use fewer aliases of aliases, or generate the file with a script"),
            );
            return Flow::Break(());
        }
        let node = target.clone();
        self.node(node, 0);
        Flow::Continue(())
    }

    /// A whole node: it becomes the key or the value that is next, an item, or the root.
    fn node(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| (open.style, &mut open.content)) {
            None => self.root = Some(node),
            Some((_, Content::Sequence(items))) => items.push(node),
            Some((style, Content::Mapping { entries, key, merges })) => match key.take() {
                None => {
                    *key = Some(match key_of(node, self.text) {
                        Ok(name) if &**name == "<<" && self.text[name.span.range()] == *"<<" => PendingKey::Merge,
                        Ok(name) => match entries.iter().position(|entry| entry.key == name) {
                            None => PendingKey::Name(name),
                            Some(at) => {
                                let earlier = &entries[at];
                                self.problems.push(
                                    Diagnostic::error(
                                        "yaml.duplicate-key",
                                        format!("the key `{}` is here twice", name.value),
                                    )
                                    .at(name.span, "again here")
                                    .at(earlier.key.span, "first here")
                                    .help("remove one of the two"),
                                );
                                PendingKey::Again(at)
                            }
                        },
                        Err(problem) => {
                            supersede(&mut self.problems, *problem);
                            PendingKey::Refused
                        }
                    });
                }
                Some(PendingKey::Refused) => self.dropped.push(node.span),
                Some(PendingKey::Again(at)) => {
                    self.dropped.push(node.span);
                    add(&mut entries[at].value, node);
                }
                Some(PendingKey::Merge) => merges.push(node),
                Some(PendingKey::Name(name)) => {
                    let implicit = matches!(node.kind, Kind::Null) && node.span.start == node.span.end;
                    if style == Style::Flow
                        && implicit
                        && !self.text[name.span.end as usize..].trim_start().starts_with(':')
                    {
                        self.problems.push(valueless(&name));
                    }
                    entries.push(Entry { key: name, value: node });
                }
            },
        }
    }

    /// The entries with what `<<` brings: an entry written out stands before a merged one, an earlier merge before a
    /// later one.
    fn merged(&mut self, mut entries: Vec<Entry>, merges: Vec<Node>) -> Vec<Entry> {
        for merge in merges {
            let span = merge.span;
            let sources = match merge.kind {
                Kind::Sequence(items) => items,
                kind => vec![Node { kind, ..merge }],
            };
            for source in sources {
                if let Kind::Mapping(more) = source.kind {
                    for entry in more {
                        if !entries.iter().any(|known| known.key == entry.key) {
                            entries.push(entry);
                        }
                    }
                } else {
                    self.problems.push(
                        Diagnostic::error("yaml.merge", "`<<` can only merge a mapping, and this is not one")
                            .at(span, "")
                            .help("write the name of an anchor that is set on a mapping: `<<: *defaults`"),
                    );
                }
            }
        }
        entries
    }

    fn look_for_curly_quotes(&mut self, text: &str, span: Span) {
        if text.len() > 3 && text.starts_with(['“', '”', '‘', '’']) && text.ends_with(['“', '”', '‘', '’'])
        {
            self.problems.push(
                Diagnostic::error(
                    "yaml.curly-quotes",
                    "curly quotes do not quote in YAML: they would become part of the value",
                )
                .at(span, "copied from a web page or a document?")
                .help("use straight quotes, \"…\"; if the value must contain the curly quotes, put straight quotes around them"),
            );
        }
    }
}

/// Where a list in lines begins: at its first dash. Of a list that is as far to the left as its key, the parser says that
/// it begins behind that dash, where its first item does.
fn dash(text: &str, list: Span, items: &[Node]) -> Span {
    let start = list.start as usize;
    let stands_there = items.first().is_some_and(|item| item.span.start > list.start);
    if text[start..].starts_with('-') && stands_there {
        return list;
    }
    let before = text[..start].trim_end_matches(' ');
    if before.ends_with('-') { Span::new(list.file, before.len() - 1..list.end as usize) } else { list }
}

/// Adds to a value what was written again under the same key, so that the mistakes in it are told in the same go.
fn add(first: &mut Node, again: Node) {
    match (&mut first.kind, again.kind) {
        (Kind::Sequence(items), Kind::Sequence(more)) => items.extend(more),
        (Kind::Mapping(entries), Kind::Mapping(more)) => {
            for entry in more {
                match entries.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => add(&mut known.value, entry.value),
                    None => entries.push(entry),
                }
            }
        }
        _ => {}
    }
}

/// Reports a problem, in place of all that was found inside the text it marks.
fn supersede(problems: &mut Vec<Diagnostic>, problem: Diagnostic) {
    let inside = |other: &Diagnostic| {
        let (Some(outer), Some(inner)) = (problem.span(), other.span()) else { return false };
        outer.start <= inner.start && inner.end <= outer.end
    };
    problems.retain(|other| !inside(other));
    problems.push(problem);
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Sequence(items) => items.iter().map(count).sum(),
        Kind::Mapping(entries) => entries.iter().map(|entry| count(&entry.value)).sum(),
        _ => 0,
    }
}

/// The text of a key: scalars as they are written.
fn key_of(node: Node, text: &str) -> Result<Spanned<Arc<str>>, Box<Diagnostic>> {
    match node.kind {
        Kind::String(name) => Ok(Spanned::new(name, node.span)),
        Kind::Bool(_) | Kind::Number(_) => Ok(Spanned::new(Arc::from(&text[node.span.range()]), node.span)),
        Kind::Null if node.span.start == node.span.end => {
            let problem = Diagnostic::error("yaml.key", "a key is missing before the `:`").at(node.span, "");
            Err(Box::new(problem.help("write the key, `name: value`; if this is text, quote it")))
        }
        Kind::Null => Ok(Spanned::new(Arc::from(&text[node.span.range()]), node.span)),
        Kind::Mapping(_) if text[..node.span.start as usize].trim_end().ends_with('{') => {
            Err(Box::new(unquoted_template(with_outer_braces(node.span, text))))
        }
        Kind::Mapping(_) | Kind::Sequence(_) => Err(Box::new(
            Diagnostic::error("yaml.key", format!("a key must be text, not {}", node.describe()))
                .at(node.span, "")
                .help("if this is meant as text, quote it"),
        )),
    }
}

/// The span of `{ x }` in `{{ x }}`, with the braces around it.
fn with_outer_braces(inner: Span, text: &str) -> Span {
    let range = inner.range();
    let start = text[..range.start].trim_end().len().saturating_sub(1);
    let rest = &text[range.end..];
    let closed = rest.trim_start().starts_with('}');
    let end = if closed { text.len() - rest.trim_start().len() + 1 } else { range.end };
    Span::new(inner.file, start..end)
}

fn unquoted_template(span: Span) -> Diagnostic {
    Diagnostic::error(
        "yaml.unquoted-template",
        "a value that starts with `{{` must be quoted: YAML reads `{` as the start of a mapping",
    )
    .at(span, "this is a template without quotes")
    .help("put quotes around the whole value: \"{{ … }}\"")
}

fn valueless(name: &Spanned<Arc<str>>) -> Diagnostic {
    Diagnostic::error(
        "yaml.flow-value",
        format!("`{}` has no value: inside {{ … }} a comma starts the next key", name.value),
    )
    .at(name.span, "")
    .help("if the comma belongs to the value before it, quote that value; for an empty value write `key: null`")
}

fn unknown_tag(tag: &str, value: Span, text: &str) -> Diagnostic {
    // The parser tells where the value stands; before it comes its tag, with an anchor between the two perhaps.
    let before = &text[..(value.start as usize).min(text.len())];
    let line = before.rfind('\n').map_or(0, |found| found + 1);
    let found = before.rfind(tag).filter(|at| *at >= line || before[*at + tag.len()..].trim().is_empty());
    let span = found.map_or(value, |at| Span::new(value.file, at..at + tag.len()));
    Diagnostic::error("yaml.tag", format!("the YAML tag `{tag}` is not supported"))
        .at(span, "")
        .help("remove the tag; if this is plain text that starts with `!`, quote it")
}

mod syntax;
#[cfg(test)]
mod tests;
