//! Closed sets of words: an enum, how it is read with a "did you mean", and its JSON Schema, written down once.

/// Declares an enum of words of the format. Words after the semicolon are the format's too, but not built yet: they are
/// refused as such, never ignored.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident($what:literal) {
            $( $(#[$vmeta:meta])* $word:literal => $variant:ident, )*
            ; $( $later:literal ),*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name {
            $( $(#[$vmeta])* $variant, )*
        }

        impl $name {
            /// The words, in the order of the reference.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word of the format.
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl $crate::source::Read for $name {
            fn read(
                node: &$crate::source::Node,
                reader: &mut $crate::source::Reader<'_>,
            ) -> Result<Self, $crate::source::Unread> {
                match node.as_str() {
                    $( Some($word) => Ok(Self::$variant), )*
                    $( Some($later) => Err($crate::auth::words::later($later, Self::WORDS, node, reader)), )*
                    Some(other) => Err($crate::auth::words::unknown($what, other, Self::WORDS, node, reader)),
                    None => Err(reader.expected($what, node)),
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": Self::WORDS })
            }
        }
    };
}
pub(super) use words;

use crate::source::{Diagnostic, Node, Reader, Unread, suggestion};

pub(super) fn later(word: &str, known: &[&str], node: &Node, reader: &mut Reader<'_>) -> Unread {
    let mut problem = crate::source::unsupported(word, node.span);
    problem.help = vec![format!("use one of {}", known.join(", "))];
    reader.report(problem)
}

pub(super) fn unknown(what: &str, word: &str, known: &[&'static str], node: &Node, reader: &mut Reader<'_>) -> Unread {
    let problem = Diagnostic::error("format.value", format!("`{word}` is not {what}")).at(node.span, "");
    let help = suggestion(word, known.iter().copied())
        .map_or_else(|| format!("use one of {}", known.join(", ")), |meant| format!("did you mean `{meant}`?"));
    reader.report(problem.help(help))
}
