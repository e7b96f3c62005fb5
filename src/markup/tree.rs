//! The tree that paths lead through: all nodes of a document in one list, in the order of the document, so that a node's
//! number is its place in that order. Attributes stand right behind their element.

use std::collections::HashMap;

/// A node, by its place in the document.
pub(super) type NodeId = u32;

/// A document as a tree. The first node is its root, which stands above the root element.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    names: Vec<Name>,
    /// Prefixes and what the first element that declares them binds them to.
    pub(super) namespaces: Vec<(Box<str>, Box<str>)>,
    /// Whether it is HTML: white space is folded, and `id` is what elements are found by.
    pub(super) is_html: bool,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    parent: NodeId,
    /// The sibling before it; itself where there is none.
    previous: NodeId,
    /// The first node behind all that is in it.
    end: NodeId,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind {
    /// The document.
    Root,
    /// An element, by its name.
    Element(usize),
    /// An attribute: its name and its value.
    Attribute(usize, Box<str>),
    /// A text, neighbours and CDATA joined.
    Text(Box<str>),
    /// A comment.
    Comment(Box<str>),
    /// A processing instruction: its target and what follows.
    Instruction(Box<str>, Box<str>),
}

/// A name as it is written, and the namespace that it is in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Name {
    /// Before the colon; empty where there is none.
    pub(super) prefix: Box<str>,
    /// Behind the colon.
    pub(super) local: Box<str>,
    /// The namespace; empty where it is in none.
    pub(super) namespace: Box<str>,
}

impl Name {
    /// As it is written.
    pub(super) fn written(&self) -> String {
        if self.prefix.is_empty() { self.local.to_string() } else { format!("{}:{}", self.prefix, self.local) }
    }
}

/// Makes a tree of events in the order of the document.
pub(super) struct Builder {
    tree: Tree,
    known: HashMap<Name, usize>,
    /// The elements that are open, the root first, each with its last child.
    open: Vec<(NodeId, Option<NodeId>)>,
}

impl Builder {
    pub(super) fn new(is_html: bool) -> Self {
        let root = Node { kind: Kind::Root, parent: 0, previous: 0, end: 1 };
        let xml = ("xml".into(), "http://www.w3.org/XML/1998/namespace".into());
        let tree = Tree { nodes: vec![root], names: Vec::new(), namespaces: vec![xml], is_html };
        Self { tree, known: HashMap::new(), open: vec![(0, None)] }
    }

    fn name(&mut self, name: Name) -> usize {
        if let Some(at) = self.known.get(&name) {
            return *at;
        }
        let at = self.tree.names.len();
        self.tree.names.push(name.clone());
        self.known.insert(name, at);
        at
    }

    fn push(&mut self, kind: Kind) -> NodeId {
        let id = NodeId::try_from(self.tree.nodes.len()).unwrap_or(NodeId::MAX);
        let (parent, last) = self.open.last().copied().unwrap_or((0, None));
        let sibling = !matches!(kind, Kind::Attribute(..));
        let previous = last.filter(|_| sibling).unwrap_or(id);
        self.tree.nodes.push(Node { kind, parent, previous, end: id + 1 });
        if let Some(open) = self.open.last_mut().filter(|_| sibling) {
            open.1 = Some(id);
        }
        id
    }

    /// Begins an element.
    pub(super) fn begin(&mut self, name: Name) {
        let kind = Kind::Element(self.name(name));
        let id = self.push(kind);
        self.open.push((id, None));
    }

    /// An attribute of the element that was begun last.
    pub(super) fn attribute(&mut self, name: Name, value: &str) {
        let name = self.name(name);
        self.push(Kind::Attribute(name, value.into()));
    }

    /// A prefix that an element declares; the first declaration of it stands.
    pub(super) fn declares(&mut self, prefix: &str, namespace: &str) {
        if !self.tree.namespaces.iter().any(|(known, _)| &**known == prefix) {
            self.tree.namespaces.push((prefix.into(), namespace.into()));
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some((_, Some(last))) = self.open.last()
            && *last as usize + 1 == self.tree.nodes.len()
            && let Some(Node { kind: Kind::Text(before), .. }) = self.tree.nodes.last_mut()
        {
            *before = format!("{before}{text}").into();
        } else if !text.is_empty() {
            self.push(Kind::Text(text.into()));
        }
    }

    pub(super) fn comment(&mut self, text: &str) {
        self.push(Kind::Comment(text.into()));
    }

    pub(super) fn instruction(&mut self, target: &str, data: &str) {
        self.push(Kind::Instruction(target.into(), data.into()));
    }

    /// Ends the element that was begun last.
    pub(super) fn end(&mut self) {
        if let Some((id, _)) = self.open.pop() {
            self.tree.nodes[id as usize].end = NodeId::try_from(self.tree.nodes.len()).unwrap_or(NodeId::MAX);
        }
    }

    pub(super) fn finish(mut self) -> Tree {
        while !self.open.is_empty() {
            self.end();
        }
        self.tree
    }
}

impl Tree {
    pub(super) fn kind(&self, node: NodeId) -> &Kind {
        &self.nodes[node as usize].kind
    }

    /// The name of an element or an attribute.
    pub(super) fn name(&self, node: NodeId) -> Option<&Name> {
        match self.kind(node) {
            Kind::Element(name) | Kind::Attribute(name, _) => Some(&self.names[*name]),
            _ => None,
        }
    }

    pub(super) fn parent(&self, node: NodeId) -> Option<NodeId> {
        (node > 0).then(|| self.nodes[node as usize].parent)
    }

    /// The first node behind all that is in this one.
    pub(super) fn end(&self, node: NodeId) -> NodeId {
        self.nodes[node as usize].end
    }

    pub(super) fn is_attribute(&self, node: NodeId) -> bool {
        matches!(self.kind(node), Kind::Attribute(..))
    }

    pub(super) fn attributes(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let of_element = matches!(self.kind(node), Kind::Element(_));
        (node + 1..self.end(node))
            .take_while(move |next| of_element && self.is_attribute(*next) && self.nodes[*next as usize].parent == node)
    }

    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.end(node);
        let mut next = node + 1;
        while next < end && self.is_attribute(next) {
            next += 1;
        }
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.end(child);
            Some(child)
        })
    }

    pub(super) fn next_sibling(&self, node: NodeId) -> Option<NodeId> {
        let (parent, next) = (self.parent(node)?, self.end(node));
        (!self.is_attribute(node) && next < self.end(parent)).then_some(next)
    }

    pub(super) fn previous_sibling(&self, node: NodeId) -> Option<NodeId> {
        let previous = self.nodes[node as usize].previous;
        (previous != node && node > 0).then_some(previous)
    }

    /// The string value of a node (XPath 1.0, section 5).
    pub(super) fn text(&self, node: NodeId) -> String {
        match self.kind(node) {
            Kind::Root | Kind::Element(_) => {
                let mut out = String::new();
                for inner in node + 1..self.end(node) {
                    if let Kind::Text(text) = self.kind(inner) {
                        out.push_str(text);
                    }
                }
                out
            }
            Kind::Attribute(_, text) | Kind::Text(text) | Kind::Comment(text) | Kind::Instruction(_, text) => {
                text.to_string()
            }
        }
    }

    /// The names of all elements, each once, in the order of their first appearance.
    pub(super) fn element_names(&self) -> impl Iterator<Item = String> {
        let mut seen = vec![false; self.names.len()];
        self.nodes.iter().filter_map(move |node| match node.kind {
            Kind::Element(name) if !std::mem::replace(&mut seen[name], true) => Some(self.names[name].written()),
            _ => None,
        })
    }
}
