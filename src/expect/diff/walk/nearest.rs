//! Which element that came is nearest to one that was expected at no place of its own.

use std::collections::{HashMap, HashSet};

use super::super::assign::member_key;
use super::super::fingerprint::fingerprint;
use super::super::holds::Rules;
use super::super::similar::ALIKE;
use crate::json::Json;
use crate::scenario::expected::Expected;

/// So many elements are looked at for the one nearest to what `$contains` says.
const NEAREST: usize = 1_000;
/// So many pairs of leftovers of `$unordered` are looked at for the most alike.
const LEFTOVER_PAIRS: usize = 10_000;

/// The element nearest to what is expected: the one with the same member, else the one most alike.
pub(super) fn to<'j>(
    rules: Rules<'_>,
    tree: &Expected,
    came: &'j [Json],
    by: Option<&str>,
) -> Option<(usize, &'j Json)> {
    if let Some(found) = by.and_then(|name| named(tree, came, name)) {
        return Some(found);
    }
    let scored = came
        .iter()
        .enumerate()
        .filter(|(_, item)| !rules.ignores(item))
        .take(NEAREST)
        .map(|(at, item)| (rules.likeness(tree, item), at, item));
    // Of several that are equally near, the first.
    let best = scored.fold(None, |best: Option<(f64, usize, &Json)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.filter(|(score, ..)| *score >= ALIKE / 2.0).map(|(_, at, item)| (at, item))
}

/// The element whose member of this name is as the tree has it.
pub(in super::super) fn named<'j>(tree: &Expected, came: &'j [Json], name: &str) -> Option<(usize, &'j Json)> {
    let key = member_key(tree, name)?;
    came.iter().enumerate().find(|(_, item)| item.get(name).is_some_and(|value| fingerprint(value) == key))
}

/// Takes out of the leftovers of `$unordered` the pairs that are rather one element that changed.
pub(in super::super) fn pairs(
    rules: Rules<'_>,
    items: &[&Expected],
    came: &[&Json],
    left: &mut Vec<usize>,
    new: &mut Vec<usize>,
    by: Option<&str>,
) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    if let Some(name) = by {
        let keys = new.iter().filter_map(|to| Some((fingerprint(came[*to].get(name)?), *to)));
        let mut by_key: HashMap<u64, usize> = keys.collect();
        pairs.extend(left.iter().filter_map(|at| Some((*at, by_key.remove(&member_key(items[*at], name)?)?))));
    } else if left.len().saturating_mul(new.len()) <= LEFTOVER_PAIRS {
        let mut scored: Vec<(f64, usize, usize)> = left
            .iter()
            .flat_map(|at| new.iter().map(|to| (rules.likeness(items[*at], came[*to]), *at, *to)))
            .filter(|(score, ..)| *score >= ALIKE)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        for (_, at, to) in scored {
            if !pairs.iter().any(|pair| pair.0 == at || pair.1 == to) {
                pairs.push((at, to));
            }
        }
    }
    let paired: (HashSet<usize>, HashSet<usize>) = pairs.iter().copied().unzip();
    left.retain(|at| !paired.0.contains(at));
    new.retain(|to| !paired.1.contains(to));
    pairs.sort_by_key(|(_, to)| *to);
    pairs
}
