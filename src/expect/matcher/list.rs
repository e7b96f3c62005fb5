//! Arrays as a whole.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::Timestamp;

use super::{Verdict, array, check};
use crate::expect::diff::fingerprint;
use crate::json::Json;
use crate::scenario::matcher::Matcher;

pub(super) fn each(inner: &Matcher, actual: &Json, now: Timestamp) -> Verdict {
    let items = array(actual)?;
    let mut failing =
        items.iter().enumerate().filter_map(|(at, item)| Some((at, check(inner, Some(item), now).err()?)));
    let Some((at, reason)) = failing.next() else { return Ok(()) };
    match failing.count() {
        0 => Err(format!("[{at}]: {reason}")),
        more => Err(format!("[{at}]: {reason} (and {more} more of {})", items.len())),
    }
}

pub(super) fn unique(actual: &Json) -> Verdict {
    let items = array(actual)?;
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let alike = seen.entry(fingerprint(item)).or_default();
        if let Some(first) = alike.iter().find(|first| items[**first] == *item) {
            return Err(format!("[{first}] and [{at}] are equal"));
        }
        alike.push(at);
    }
    Ok(())
}

/// Numbers by value, strings by their Unicode code points.
pub(super) fn sorted(descending: bool, actual: &Json) -> Verdict {
    let items = array(actual)?;
    for (at, pair) in items.windows(2).enumerate() {
        let order = match (&pair[0], &pair[1]) {
            (Json::Number(a), Json::Number(b)) => a.cmp(b),
            (Json::String(a), Json::String(b)) => a.cmp(b),
            (a, b) if a.kind() == b.kind() => {
                return Err(format!("[{at}] is {}, which has no order", a.kind().with_article()));
            }
            (a, b) => {
                let (a, b) = (a.kind().with_article(), b.kind().with_article());
                return Err(format!("[{at}] is {a}, and [{}] is {b}", at + 1));
            }
        };
        let wrong = if descending { Ordering::Less } else { Ordering::Greater };
        if order == wrong {
            let word = if descending { "less" } else { "greater" };
            return Err(format!("[{at}] is {word} than [{}]", at + 1));
        }
    }
    Ok(())
}
