//! What becomes of secrets in URLs, which are shown as they are sent: the host in lower case and in ASCII (RFC 5890),
//! `\` as `/`, without line breaks, dots in the path resolved.

use url::{Host, Url};

/// A lower-case form of this many bytes is no ordinary word.
const NO_WORD: usize = 12;

/// The texts that a URL makes of a secret wherever they are met.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    if secret.len() >= NO_WORD && secret.bytes().any(|byte| byte.is_ascii_uppercase()) {
        forms.push(secret.to_ascii_lowercase());
    }
    let whole = Url::parse(secret.trim()).ok().filter(Url::has_host).map(String::from);
    let changed = secret.contains(['\\', '\n', '\r', '\t']) || secret.contains("/.");
    let base = "http://h/";
    let path = changed.then(|| Url::parse(&format!("{base}{secret}")).ok()).flatten().map(String::from);
    let path = path.and_then(|path| path.strip_prefix(base).map(str::to_owned));
    forms.extend(whole.into_iter().chain(path).filter(|form| form.len() >= 8));
    forms
}

/// How a secret reads in a host name, if it can stand in one: mapped as hosts are, but not to ASCII.
pub(super) fn host_form(secret: &str) -> Option<String> {
    match Host::parse(secret.trim()).ok()? {
        Host::Domain(domain) => Some(readable(&domain)),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// A host name with its letters as people read them.
pub(super) fn readable(host: &str) -> String {
    idna::domain_to_unicode(host).0
}
