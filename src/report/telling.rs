//! What the name of a member says of its value: which of several that nobody looks at would be missed most.

use super::paste::{self, Step};

/// A line that is to be pasted names so many members at most.
const PASTED: usize = 4;

/// What a name says of its value: how much it would be missed, and what it is.
pub(super) fn telling(path: &str) -> (usize, &'static str) {
    const KINDS: [(usize, &[&str], &str); 7] = [
        (9, &["permission", "permissions", "role", "roles", "scope", "admin", "owner", "allowed"], "who may do what"),
        (8, &["status", "state", "phase", "mode"], "a state"),
        (
            8,
            &["amount", "price", "total", "balance", "currency", "cost", "fee", "rate", "tax", "discount", "value"],
            "money",
        ),
        (7, &["error", "errors", "code", "reason", "message", "warnings"], "what went wrong"),
        (6, &["active", "enabled", "online", "verified", "deleted", "locked", "valid"], "a switch"),
        (5, &["id", "uuid", "ref", "reference"], "what others refer to it by"),
        (4, &["date", "at", "time", "expires", "until", "eta", "timestamp", "created", "updated"], "a moment"),
    ];
    let last = match paste::steps(path) {
        Some(steps) => steps.into_iter().rev().find_map(|step| match step {
            Step::Name(name) => Some(name),
            Step::Each => None,
        }),
        None => None,
    };
    let words = words(&last.unwrap_or_default());
    let named = KINDS.iter().find(|(_, names, _)| {
        // The last word is what it is: a `statusId` is an id, a `isActive` is active.
        words.last().is_some_and(|word| names.contains(&word.as_str()))
    });
    named.map_or((1, ""), |(weight, _, what)| (*weight, what))
}

/// The words of a name: `createdAt` and `created_at` are two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (lower && c.is_uppercase()) {
            words.push(String::new());
        }
        lower = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The line that looks at the most telling of some members, those that stand right below a path: each with its path and what
/// could be expected of it.
pub(super) fn together(above: &str, members: &[(&str, &str)]) -> Option<String> {
    let depth = paste::steps(above)?.len();
    // Below an array its elements are told.
    let inner = format!("{above}[*]");
    let is_array = members.iter().all(|(path, _)| path.starts_with(&inner));
    let depth = depth + usize::from(is_array);
    let mut direct: Vec<(usize, String, &str)> = Vec::new();
    for (at, (path, proposal)) in members.iter().enumerate() {
        let steps = paste::steps(path)?;
        if let (Some(Step::Name(name)), true) = (steps.last(), steps.len() == depth + 1) {
            direct.push((at, name.clone(), proposal));
        }
    }
    if direct.is_empty() {
        return None;
    }
    direct.sort_by_key(|(at, ..)| std::cmp::Reverse(telling(members[*at].0).0));
    direct.truncate(PASTED);
    direct.sort_by_key(|(at, ..)| *at);
    let pairs: Vec<(&str, &str)> = direct.iter().map(|(_, name, proposal)| (name.as_str(), *proposal)).collect();
    Some(paste::line_of_several(if is_array { &inner } else { above }, &pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_they_are_of_by_their_last_word() {
        let of = |path: &str| telling(path).1;
        assert_eq!(of("$.trips[*].state"), "a state");
        assert_eq!(of("$.order.statusId"), "what others refer to it by");
        assert_eq!(of("$.total_amount"), "money");
        assert_eq!(of("$.createdAt"), "a moment");
        assert_eq!(of("$.roles[*]"), "who may do what");
        assert_eq!(of("$.name"), "");
        assert_eq!(words("HTTPStatus_code2"), ["httpstatus", "code2"]);
    }

    #[test]
    fn the_most_telling_members_are_pasted_together() {
        let members = [("$.a.name", "<string>"), ("$.a.state", "OPEN"), ("$.a.b.c", "<any>"), ("$.a.id", "<uuid>")];
        assert_eq!(
            together("$.a", &members).as_deref(),
            Some("at: { $.a: { name: <string>, state: OPEN, id: <uuid> } }")
        );
        let items = [("$.list[*].id", "<uuid>")];
        assert_eq!(together("$.list", &items).as_deref(), Some("at: { '$.list[*]': { $each: { id: <uuid> } } }"));
        assert_eq!(together("$", &members[2..3]), None);
    }
}
