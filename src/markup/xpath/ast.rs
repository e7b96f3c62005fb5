//! An XPath that was read.

/// An expression (XPath 1.0, section 3).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// Two values and what stands between them.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `-`
    Negated(Box<Expr>),
    /// A path from the root, or from where the expression stands.
    Path { absolute: bool, steps: Vec<Step> },
    /// A value with conditions, and a path that leads on from it: `(//a)[1]/b`.
    Filter { value: Box<Expr>, conditions: Vec<Expr>, steps: Vec<Step> },
    /// A text.
    Text(Box<str>),
    /// A number.
    Number(f64),
    /// A function of the core library, by its name.
    Call(&'static str, Vec<Expr>),
}

/// What stands between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Div,
    Mod,
    Union,
}

/// A step of a path (section 2.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) axis: Axis,
    pub(super) test: Test,
    pub(super) conditions: Vec<Expr>,
    /// Where it stands in the source; empty for what `//` stands for.
    pub(super) begin: usize,
    pub(super) end: usize,
}

/// In which direction a step looks (section 2.2). There is no namespace axis: nobody who tests needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Parent,
    Preceding,
    PrecedingSibling,
    Own,
}

impl Axis {
    pub(super) const ALL: [(&'static str, Self); 12] = [
        ("ancestor", Self::Ancestor),
        ("ancestor-or-self", Self::AncestorOrSelf),
        ("attribute", Self::Attribute),
        ("child", Self::Child),
        ("descendant", Self::Descendant),
        ("descendant-or-self", Self::DescendantOrSelf),
        ("following", Self::Following),
        ("following-sibling", Self::FollowingSibling),
        ("parent", Self::Parent),
        ("preceding", Self::Preceding),
        ("preceding-sibling", Self::PrecedingSibling),
        ("self", Self::Own),
    ];

    /// Whether its nodes come in the reverse order of the document.
    pub(super) fn is_reverse(self) -> bool {
        matches!(self, Self::Ancestor | Self::AncestorOrSelf | Self::Parent | Self::Preceding | Self::PrecedingSibling)
    }
}

/// What a node of a step is (section 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// `*`
    Any,
    /// A name; the local part is `*` for all of a namespace.
    Name { prefix: Option<Box<str>>, local: Box<str> },
    /// `node()`
    Node,
    /// `text()`
    Text,
    /// `comment()`
    Comment,
    /// `processing-instruction()`, perhaps of one target.
    Instruction(Option<Box<str>>),
}

/// The functions of the core library (section 4) with the fewest and the most arguments, and whether all arguments are paths.
pub(super) const FUNCTIONS: [(&str, usize, usize); 27] = [
    ("boolean", 1, 1),
    ("ceiling", 1, 1),
    ("concat", 2, usize::MAX),
    ("contains", 2, 2),
    ("count", 1, 1),
    ("false", 0, 0),
    ("floor", 1, 1),
    ("id", 1, 1),
    ("lang", 1, 1),
    ("last", 0, 0),
    ("local-name", 0, 1),
    ("name", 0, 1),
    ("namespace-uri", 0, 1),
    ("normalize-space", 0, 1),
    ("not", 1, 1),
    ("number", 0, 1),
    ("position", 0, 0),
    ("round", 1, 1),
    ("starts-with", 2, 2),
    ("string", 0, 1),
    ("string-length", 0, 1),
    ("substring", 2, 3),
    ("substring-after", 2, 2),
    ("substring-before", 2, 2),
    ("sum", 1, 1),
    ("translate", 3, 3),
    ("true", 0, 0),
];

impl Expr {
    /// Whether it gives nodes, as far as its form says.
    pub(super) fn gives_nodes(&self) -> bool {
        match self {
            Self::Path { .. } => true,
            Self::Filter { value, steps, .. } => !steps.is_empty() || value.gives_nodes(),
            Self::Binary(Operator::Union, ..) => true,
            Self::Call(name, _) => *name == "id",
            _ => false,
        }
    }
}
