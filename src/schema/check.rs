//! What is allowed in a schema and probably a mistake: keywords and formats that mean nothing in its draft.

use jsonschema::Draft;

use super::draft;
use crate::source::{Diagnostic, Entry, Kind, Node, suggestion};

/// More of them than this say nothing new.
const MOST: usize = 20;

/// Warns of what in a schema asserts nothing.
pub(super) fn warnings(root: &Node, draft: Draft, problems: &mut Vec<Diagnostic>) {
    let draft = root.get("$schema").and_then(Node::as_str).and_then(draft::named).unwrap_or(draft);
    let mut checker = Checker { problems, left: MOST };
    checker.schema(root, draft, true);
}

struct Checker<'c> {
    problems: &'c mut Vec<Diagnostic>,
    left: usize,
}

impl Checker<'_> {
    fn warn(&mut self, problem: Diagnostic) {
        if self.left > 0 {
            self.left -= 1;
            self.problems.push(problem);
        }
    }

    fn schema(&mut self, node: &Node, draft: Draft, top: bool) {
        let Some(entries) = node.entries() else { return };
        let draft = node.get("$schema").and_then(Node::as_str).and_then(draft::named).unwrap_or(draft);
        for entry in entries {
            self.keyword(entry, draft, top);
            let key = &*entry.key.value;
            if draft::ONE.contains(&key) && entry.value.entries().is_some() {
                self.schema(&entry.value, draft, false);
            } else if draft::LIST.contains(&key) {
                entry.value.items().into_iter().flatten().for_each(|item| self.schema(item, draft, false));
            } else if draft::NAMED.contains(&key) {
                let inner = entry.value.entries().into_iter().flatten();
                inner.for_each(|entry| self.schema(&entry.value, draft, false));
            } else if key == "format"
                && let Kind::String(format) = &entry.value.kind
            {
                self.format(format, entry, draft);
            }
        }
    }

    fn keyword(&mut self, entry: &Entry, draft: Draft, top: bool) {
        let key = &*entry.key.value;
        if key.starts_with("x-") || draft::keywords(draft).any(|known| known == key) {
            return;
        }
        let name = draft::name(draft);
        let problem = Diagnostic::warning("schema.keyword", format!("JSON Schema {name} has no keyword `{key}`"))
            .at(entry.key.span, "this asserts nothing");
        if let Some((from, to)) = draft::lifetime(key) {
            let advice = match key {
                "additionalItems" => "write `prefixItems`, and `items` for what follows".to_owned(),
                "dependencies" => "write `dependentRequired` or `dependentSchemas`".to_owned(),
                "id" => "write `$id`".to_owned(),
                "$recursiveRef" => "write `$dynamicRef`".to_owned(),
                "$recursiveAnchor" => "write `$dynamicAnchor`".to_owned(),
                "$defs" => "write `definitions`, or name a later draft in `$schema`".to_owned(),
                _ if from > draft => format!("{} has it: name that in `$schema`", draft::name(from)),
                _ => format!("{} was the last to have it", draft::name(to)),
            };
            // Both are the place of definitions wherever a `$ref` leads to them.
            if !matches!(key, "$defs") {
                self.warn(problem.help(advice));
            }
            return;
        }
        if key == "nullable" {
            return self.warn(problem.help("write `type: [string, \"null\"]`"));
        }
        match suggestion(key, draft::keywords(draft)) {
            Some(meant) => self.warn(problem.help(format!("did you mean `{meant}`?"))),
            // Deeper down a word of one's own is no rarity; on top of a schema it is mostly a misunderstanding.
            None if top => self.warn(problem.help("a word of your own begins with `x-`")),
            None => {}
        }
    }

    fn format(&mut self, format: &str, entry: &Entry, draft: Draft) {
        if jsonschema::options().is_known_format(draft, format) {
            return;
        }
        let name = draft::name(draft);
        let problem = Diagnostic::warning("schema.format", format!("JSON Schema {name} has no format `{format}`"))
            .at(entry.value.span, "this asserts nothing");
        self.warn(match suggestion(format, draft::FORMATS) {
            _ if draft::FORMATS.contains(&format) => problem.help("a later draft has it: name that in `$schema`"),
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => problem.help(format!("there are {}; or say it with `pattern`", draft::FORMATS.join(", "))),
        });
    }
}
