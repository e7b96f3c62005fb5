//! Blind spots: of all that nobody looks at, what would be missed most.

use super::super::paste;
use super::super::telling::{telling, together};
use super::super::text::count;
use super::{Answers, Fold, Seen};
use crate::event::Look;

/// So many are told.
const MOST: usize = 3;
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
            1 => "The only member of its body is not looked at.".to_owned(),
            members => format!("None of the {members} members of its body is looked at."),
        };
        let paste = pasted("$", &document).unwrap_or_else(|| line(first));
        return vec![spot("$", why, first, paste, 12 + often + document.len().min(9) / 3)];
    }
    let mut found: Vec<BlindSpot> = Vec::new();
    for member in answers.members.iter().filter(|member| member.look == Look::Unseen) {
        let (weight, why) = match member.path.as_str() {
            "body" => (12, "Its body is not looked at."),
            "header location" => (5, "It tells where what was asked for is to be found, and nobody looks at it."),
            path if path.starts_with("header ") || path.starts_with("cookie ") => (2, "Nobody looks at it."),
            _ => continue,
        };
        found.push(spot(&member.path, why.to_owned(), member, line(member), weight + often));
    }
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

/// The line that looks at the most telling members right below a path.
fn pasted(above: &str, members: &[&Seen]) -> Option<String> {
    let all: Vec<(&str, &str)> =
        members.iter().map(|member| (member.path.as_str(), member.proposal.as_deref().unwrap_or("<any>"))).collect();
    together(above, &all)
}
