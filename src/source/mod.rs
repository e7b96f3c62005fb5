//! What the user wrote, and what is wrong with it: files, places in them, the YAML tree with a span for every key and
//! value, the reader that turns it into typed models, and the one [`Diagnostic`] that carries every problem.

mod diagnostic;
pub mod edit;
mod elsewhere;
mod file;
mod harmless;
mod json;
mod keys;
mod lost;
mod node;
mod os;
mod read;
mod render;
mod scalar;
mod units;
mod yaml;

pub use diagnostic::{Diagnostic, Difference, Label, Located, Place, Severity, suggestion};
pub use file::{FileId, SourceFile, Sources, Span, Spanned};
pub use harmless::harmless;
pub use json::parse_json;
pub use keys::Keys;
pub use lost::Lost;
pub use node::{Entry, Kind, Node, Style};
pub use os::os_words;
pub use read::{Read, Reader, Unread, Written};
pub use render::{Colour, painted, render, render_within};
pub use scalar::resolve;
pub use units::{Duration, Size};
pub use yaml::{Parsed, parse, parse_on};

pub(crate) use read::{mapping, missing_key, unsupported};
