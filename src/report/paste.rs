//! Lines of YAML that can be pasted below `expect`: what would look at a member that nobody looks at.

use super::text::width;
use crate::json::Json;

/// A step of a folded path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    /// `[*]` or `.*`
    Each,
}

/// The steps of a folded path as `$.items[*].id`; none of what is no part of the document.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut found = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("[*]").or_else(|| rest.strip_prefix(".*")) {
            found.push(Step::Each);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            found.push(Step::Name(after[..end].to_owned()));
            rest = &after[end..];
        } else {
            // A name in brackets is written as JSON has it.
            let quoted = rest.strip_prefix('[')?;
            let end = (1..quoted.len()).find(|at| quoted.get(..*at).is_some_and(is_string))?;
            let name = crate::json::parse(&quoted.as_bytes()[..end]).ok()?;
            found.push(Step::Name(name.as_str()?.to_owned()));
            rest = quoted[end..].strip_prefix(']')?;
        }
    }
    Some(found)
}

fn is_string(text: &str) -> bool {
    text.ends_with('"') && crate::json::parse(text.as_bytes()).is_ok_and(|json| json.as_str().is_some())
}

/// The line that looks at a member, as `at: { $.state: PLANNED }`.
pub(super) fn line(path: &str, proposal: &str) -> String {
    match path.split_once(' ') {
        Some(("header", name)) => format!("headers: {{ {}: {} }}", key(name), value(proposal)),
        Some(("cookie", name)) => format!("cookies: {{ {}: {} }}", key(name), value(proposal)),
        _ if path == "body" => format!("text: {}", value(proposal)),
        _ if path == "status" => format!("status: {proposal}"),
        _ => {
            let several = steps(path).is_some_and(|steps| steps.contains(&Step::Each));
            let value = value(proposal);
            let value = if several { format!("{{ $each: {value} }}") } else { value };
            format!("at: {{ {}: {value} }}", key(path))
        }
    }
}

/// The line that looks at several members of one object, as `at: { $.total: { amount: <number>, currency: EUR } }`.
pub(super) fn line_of_several(path: &str, members: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        members.iter().map(|(name, proposal)| format!("{}: {}", key(name), value(proposal))).collect();
    let object = format!("{{ {} }}", pairs.join(", "));
    if path == "$" { format!("json: {object}") } else { line(path, &object) }
}

/// A line in lines of at most so many columns where it can be: to YAML, what stands in `{ }` may go on in another line.
pub(super) fn broken(line: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in line.split_inclusive(", ") {
        // A comma within quotes is no place to break at.
        let open = lines.last().is_some_and(|last| last.matches('\'').count() % 2 == 1);
        match lines.last_mut() {
            Some(last) if open || width(last) + width(part.trim_end()) <= columns => last.push_str(part),
            Some(_) => lines.push(format!("    {part}")),
            None => lines.push(part.to_owned()),
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// A key within `{ }`.
fn key(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '$' | '.' | '_' | '-'))
        && !text.starts_with(['-', '.'])
        && text.parse::<f64>().is_err();
    if plain { text.to_owned() } else { single_quoted(text) }
}

/// A value within `{ }`: a mapping is one already.
fn value(text: &str) -> String {
    let risky = |c: char| {
        matches!(c, ',' | '[' | ']' | '{' | '}' | '#' | ':' | '"' | '\'' | '&' | '*' | '!' | '|' | '%' | '@' | '`')
    };
    let is_mapping = text.starts_with("{ ") || text == "[]";
    if !is_mapping && (text.is_empty() || text.contains(risky)) { single_quoted(text) } else { text.to_owned() }
}

fn single_quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        Json::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_yaml_whatever_the_names_are() {
        assert_eq!(line("$.state", "PLANNED"), "at: { $.state: PLANNED }");
        assert_eq!(line("$.stops[*].eta", "<datetime>"), "at: { '$.stops[*].eta': { $each: <datetime> } }");
        assert_eq!(line("$[\"it's [x]\"].y", "<any>"), "at: { '$[\"it''s [x]\"].y': <any> }");
        assert_eq!(line("header etag", "<not empty>"), "headers: { etag: <not empty> }");
        assert_eq!(line("status", "201"), "status: 201");
        assert_eq!(line("body", "<contains: a>"), "text: '<contains: a>'");
        assert_eq!(
            line_of_several("$.total", &[("amount", "<number>"), ("17", "x")]),
            "at: { $.total: { amount: <number>, '17': x } }"
        );
        assert_eq!(line_of_several("$", &[("id", "<uuid>")]), "json: { id: <uuid> }");
    }

    #[test]
    fn long_lines_are_broken_where_yaml_may_be() {
        let line = "at: { $.total: { amount: <number>, currency: 'a, b', vat: 21 } }";
        assert_eq!(broken(line, 80), [line]);
        let expected = ["at: { $.total: { amount: <number>,", "    currency: 'a, b', vat: 21 } }"];
        assert_eq!(broken(line, 34), expected);
    }

    #[test]
    fn paths_are_taken_apart() {
        let name = |text: &str| Step::Name(text.to_owned());
        assert_eq!(steps("$.a[*].b"), Some(vec![name("a"), Step::Each, name("b")]));
        assert_eq!(steps("$[\"odd \\\"key].\"].b.*"), Some(vec![name("odd \"key]."), name("b"), Step::Each]));
        assert_eq!(steps("$"), Some(vec![]));
        assert_eq!(steps("status"), None);
    }
}
