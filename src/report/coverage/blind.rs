//! Blind spots: of all that nobody looks at, what would be missed most.

use super::super::paste::{self, Step};
use super::super::text::count;
use super::{Answers, Fold, Seen};
use crate::event::Look;

/// So many are told.
const MOST: usize = 3;
/// A line that is to be pasted names so many members at most.
const PASTED: usize = 4;
/// An object is told as a whole from so many members on.
const WHOLE: usize = 3;

/// Something that nobody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlindSpot {
    pub(super) endpoint: String,
    pub(super) path: String,
    /// Why it is told, in one sentence.
    pub(super) why: String,
    /// The file and line of the step.
    pub(super) place: (String, usize),
    /// What would look at it, to be pasted below `expect`.
    pub(super) paste: String,
    weight: usize,
}

/// What a name says of its value: how much it would be missed, and what it is.
fn telling(path: &str) -> (usize, &'static str) {
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
        (5, &["id", "uuid", "ref", "reference", "key"], "what others refer to it by"),
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

/// The most telling blind spots, the gravest first: one an endpoint, as long as there are others.
pub(super) fn spots(fold: &Fold) -> Vec<BlindSpot> {
    let mut all: Vec<BlindSpot> =
        fold.endpoints.iter().flat_map(|answers| of(answers, &fold.name(&answers.endpoint))).collect();
    all.sort_by_key(|spot| std::cmp::Reverse(spot.weight));
    let mut chosen: Vec<BlindSpot> = Vec::new();
    for again in [false, true] {
        for spot in &all {
            let known = |other: &BlindSpot| {
                other.endpoint == spot.endpoint && (!again || spot.path.starts_with(&other.path) || other.path == "$")
            };
            if chosen.len() < MOST && !chosen.iter().any(known) {
                chosen.push(spot.clone());
            }
        }
    }
    chosen
}

fn of(answers: &Answers, endpoint: &str) -> Vec<BlindSpot> {
    let document: Vec<&Seen> = answers.members.iter().filter(|member| member.path.starts_with('$')).collect();
    let often = answers.count.min(3);
    let spot = |path: &str, why: String, first: &Seen, paste: String, weight: usize| BlindSpot {
        endpoint: endpoint.to_owned(),
        path: path.to_owned(),
        why,
        place: first.place.clone(),
        paste,
        weight,
    };
    if let Some(first) = document.first()
        && document.iter().all(|member| member.look == Look::Unseen)
    {
        let why = match document.len() {
            1 => "Of this answer nothing is looked at but the status.".to_owned(),
            members => format!("Of the {members} members of this answer none is looked at, only the status."),
        };
        let paste = pasted("$", &document).unwrap_or_else(|| line(first));
        return vec![spot("$", why, first, paste, 12 + often + document.len().min(9) / 3)];
    }
    let mut found = Vec::new();
    let mut below: Option<String> = None;
    for member in document.iter().filter(|member| member.look == Look::Unseen) {
        if below.as_ref().is_some_and(|above| is_below(&member.path, above)) {
            continue;
        }
        let (weight, what) = telling(&member.path);
        if let Some((above, members)) = unseen_object(&member.path, &document) {
            let most = members.iter().map(|member| telling(&member.path).0).max().unwrap_or(weight);
            let why = format!("Nothing below {above} is looked at: {}.", count(members.len(), "member"));
            let paste = pasted(&above, &members).unwrap_or_else(|| line(member));
            found.push(spot(&above, why, member, paste, most + 2 + often + members.len().min(9) / 3));
            below = Some(above);
            continue;
        }
        let times = match (member.count, answers.count) {
            (_, 1) => "it came once".to_owned(),
            (some, all) if some == all => format!("it came in all {all} answers"),
            (some, all) => format!("it came in {some} of {all} answers"),
        };
        let why = if what.is_empty() {
            format!("Nobody looks at it, and {times}.")
        } else {
            format!("It tells {what}, nobody looks at it, and {times}.")
        };
        found.push(spot(&member.path, why, member, line(member), weight + often.min(member.count)));
    }
    found
}

fn line(member: &Seen) -> String {
    paste::line(&member.path, member.proposal.as_deref().unwrap_or("<any>"))
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// The highest object above a member of which nothing is looked at, with its members.
fn unseen_object<'s>(path: &str, document: &[&'s Seen]) -> Option<(String, Vec<&'s Seen>)> {
    let ends = path.char_indices().skip(1).filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    // The first end is that of the root.
    for end in ends.skip(1) {
        let above = &path[..end];
        if path[end..].starts_with('[') && !path[end..].starts_with("[*]") {
            continue;
        }
        let members: Vec<&Seen> = document.iter().copied().filter(|member| is_below(&member.path, above)).collect();
        if members.len() >= WHOLE && members.iter().all(|member| member.look == Look::Unseen) {
            return Some((above.to_owned(), members));
        }
    }
    None
}

/// The line that looks at the most telling members that stand right below a path.
fn pasted(above: &str, members: &[&Seen]) -> Option<String> {
    let depth = paste::steps(above)?.len();
    // Below an array its elements are told.
    let inner = format!("{above}[*]");
    let is_array = members.iter().all(|member| member.path.starts_with(&inner));
    let depth = depth + usize::from(is_array);
    let mut direct: Vec<(usize, String, &str)> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let steps = paste::steps(&member.path)?;
        if let (Some(Step::Name(name)), true) = (steps.last(), steps.len() == depth + 1) {
            direct.push((at, name.clone(), member.proposal.as_deref().unwrap_or("<any>")));
        }
    }
    if direct.is_empty() {
        return None;
    }
    direct.sort_by_key(|(at, ..)| std::cmp::Reverse(telling(&members[*at].path).0));
    direct.truncate(PASTED);
    direct.sort_by_key(|(at, ..)| *at);
    let pairs: Vec<(&str, &str)> = direct.iter().map(|(_, name, proposal)| (name.as_str(), *proposal)).collect();
    Some(paste::line_of_several(if is_array { &inner } else { above }, &pairs))
}
