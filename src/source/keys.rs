//! Mappings whose keys are the user's own: variables, header fields, parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::read::DASHED;
use super::{Diagnostic, Entry, Node, Read, Reader, Spanned, Unread};

/// A mapping with keys of the user's own, in the order they were written.
#[derive(Debug, Clone, PartialEq)]
pub struct Keys<T>(pub Vec<(Spanned<Arc<str>>, T)>);

impl<T> Default for Keys<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Keys<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(name, _)| &*name.value == key).map(|(_, value)| value)
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Spanned<Arc<str>>, T)> {
        self.0.iter()
    }

    /// The keys in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| &*key.value as &str)
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Read> Read for Keys<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Result<Self, Unread> {
        let Some(entries) = node.entries() else {
            let problem =
                Diagnostic::error("format.type", format!("a mapping is expected here, not {}", node.describe()));
            let dashed = node.items().is_some_and(|items| items.iter().any(|item| item.entries().is_some()));
            let problem = problem.at(node.span, "");
            return Err(reader.report(problem.help(if dashed { DASHED } else { "write it as `name: value`" })));
        };
        let read = |entry: &Entry, reader: &mut Reader<'_>| {
            let name_is_plain = literal_key(&entry.key, reader);
            let value = T::read(&entry.value, reader)?;
            name_is_plain.map(|()| (entry.key.clone(), value))
        };
        reader.each(entries, Entry::span, read).map(Self)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Keys<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Map_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

/// Refuses a template in a key of the user's own: a name that is sent as `{{ x }}` is never what was meant.
fn literal_key(key: &Spanned<Arc<str>>, reader: &mut Reader<'_>) -> Result<(), Unread> {
    if !key.contains('{') || !["{{", "{%", "{#"].iter().any(|open| key.contains(open)) {
        return Ok(());
    }
    Err(reader.report(
        Diagnostic::error("format.template-key", "templates are not rendered in names here")
            .at(key.span, "a template in a name")
            .help("write the name itself; only the names in a JSON body may contain templates"),
    ))
}
