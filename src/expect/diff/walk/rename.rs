//! Which member that nobody expected may be the one that is missing, under another name.

use std::collections::VecDeque;

use crate::expect::diff::holds::Rules;
use crate::expect::diff::similar::same_kind;
use crate::json::Json;
use crate::scenario::expected::{Expected, Member, Tree};

/// So many members are looked at.
const CANDIDATES: usize = 200;
/// Longer names are not compared with others, only their values are.
const LONG: usize = 200;
/// From here on two names are very similar (Jaro-Winkler).
const SIMILAR: f64 = 0.88;

/// The place of the member that the missing one was probably renamed to: of the same value, if that value says anything,
/// or of a very similar name and the same type. Members that are taken out of `extra` are among its first.
pub(in crate::expect::diff) fn find(
    rules: Rules<'_>,
    missing: &Member,
    extra: &VecDeque<(&str, &Json)>,
) -> Option<usize> {
    let missing_name = &*missing.key.value;
    let name = if missing_name.len() <= LONG { plain(missing_name) } else { String::new() };
    let score = |(candidate, value): &(&str, &Json)| {
        let likeness = if missing_name.len().max(candidate.len()) > LONG {
            0.0
        } else {
            let candidate = plain(candidate);
            if candidate == name { 1.0 } else { strsim::jaro_winkler(&candidate, &name) }
        };
        let holds = rules.holds(&missing.value, value);
        let similar = likeness >= SIMILAR && (holds || fits_type(&missing.value, value));
        let same_value = holds && is_telling(&missing.value);
        (similar || same_value).then_some(likeness + if holds { 1.0 } else { 0.0 })
    };
    let asked = |member: &(&str, &Json)| {
        let letters = missing_name.len().min(LONG) * member.0.len().min(LONG);
        rules.ground.rename(letters, || score(member))
    };
    let scored = extra.iter().take(CANDIDATES).map_while(asked).enumerate();
    let scored = scored.filter_map(|(at, score)| Some((score?, at)));
    scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, at)| at)
}

/// A name without what differs between the styles of writing: `trip_id`, `tripId`, `Trip-ID`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn fits_type(expected: &Expected, value: &Json) -> bool {
    same_kind(expected, value) || matches!(expected.tree, Tree::Matcher(_) | Tree::Operators(_))
}

/// Whether two members of this value are hardly so by chance; `true`, `0` and `""` are everywhere.
pub(super) fn is_telling(expected: &Expected) -> bool {
    match &expected.tree {
        Tree::String(text) => text.chars().count() >= 3,
        Tree::Number(number) => number.as_f64().abs() >= 10.0,
        Tree::Array(items) => !items.is_empty(),
        Tree::Object(members) => !members.is_empty(),
        _ => false,
    }
}
