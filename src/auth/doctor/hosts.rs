//! Where credentials may go, and whether that is where they are to go.

use super::{Findings, State};
use crate::auth::hosts::Forbidden;
use crate::auth::identity::Identity;
use crate::auth::resolve::Wish;

pub(super) fn examine(wish: &Wish<'_>, identity: &Identity, found: &mut Findings) {
    let written = identity.guard.written();
    if written.is_empty() {
        let text = format!("{} has no `hosts` and no URL, so credentials may be sent to any host", wish.environment);
        let finding = found.add("hosts", State::Doubtful, "hosts", text);
        finding.advise(format!("write `hosts` in the provider's file, environments: {{ {}: … }}", wish.environment));
        return;
    }
    let api = identity.api().and_then(|api| api.parse().ok());
    match api.as_ref().map(|url| (url, identity.guard.check(url))) {
        Some((url, Err(why))) => {
            let host = url.host_str().unwrap_or_default();
            let text = match why {
                Forbidden::Host => format!("the API is at {host}, but credentials may be sent to {written} only"),
                Forbidden::Plain => {
                    format!("credentials would be sent to the API at {host} unencrypted, over plain http")
                }
            };
            let finding = found.add("hosts", State::Wrong, "hosts", text);
            finding.advise("correct `api` or `hosts` of this environment in the provider's file");
        }
        _ => drop(found.add("hosts", State::Good, "hosts", format!("credentials are sent to {written} only"))),
    }
}
