//! The name that was probably meant.

use crate::source::suggestion;

/// The name nearest to one that is not there; the same but for its prefix is nearest of all.
pub(super) fn nearest(wanted: &str, there: &[String]) -> Option<String> {
    let plain = |name: &str| name.rsplit(':').next().unwrap_or(name).to_lowercase();
    let same = there.iter().find(|name| plain(name) == plain(wanted));
    same.cloned().or_else(|| suggestion(wanted, there.iter().map(String::as_str)).map(str::to_owned))
}
