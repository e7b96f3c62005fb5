//! Names and addresses of the internet.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::count;
use super::shown;

/// An address of RFC 5321 and 5322 in the dot-atom form: no quoted local part, no comment, no address literal.
pub(super) fn email(text: &str) -> Result<(), String> {
    let Some((local, domain)) = text.rsplit_once('@') else { return Err("it has no `@`".to_owned()) };
    if local.is_empty() {
        return Err("there is nothing before the `@`".to_owned());
    }
    if local.len() > 64 {
        return Err("there are more than 64 characters before the `@`".to_owned());
    }
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if let Some(wrong) = local.chars().find(|c| !atom(*c)) {
        return Err(format!("{} is not allowed before the `@`", shown(wrong)));
    }
    if local.split('.').any(str::is_empty) {
        return Err("the part before the `@` starts or ends with `.`, or has two in a row".to_owned());
    }
    if domain.ends_with('.') {
        return Err("it ends with `.`".to_owned());
    }
    hostname(domain).map_err(|reason| format!("its domain is not a hostname: {reason}"))
}

/// An absolute URL of the WHATWG standard: with a host, or of a scheme that is known to have none. White space, which
/// the standard strips with a validation error, is refused.
pub(super) fn url(text: &str) -> Result<(), String> {
    if let Some(space) = text.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{} is not allowed in it", if space == ' ' { "a space".to_owned() } else { shown(space) }));
    }
    let url = url::Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must start with a scheme, such as `https://`".to_owned(),
        other => other.to_string(),
    })?;
    // `localhost:8080/x` parses as a URL of the scheme `localhost`, which nobody means.
    if url.has_host() || matches!(url.scheme(), "mailto" | "urn" | "data" | "tel") {
        Ok(())
    } else {
        Err("it has no host, such as `example.org` in `https://example.org/path`".to_owned())
    }
}

/// Four decimal numbers, as RFC 6943 section 3.1.1 calls the strict form: no leading zeros.
pub(super) fn ipv4(text: &str) -> Result<(), String> {
    text.parse::<Ipv4Addr>()
        .map(|_| ())
        .map_err(|_| "it must be four numbers from 0 to 255, without leading zeros, joined by `.`".to_owned())
}

/// RFC 4291 section 2.2, without a zone.
pub(super) fn ipv6(text: &str) -> Result<(), String> {
    text.parse::<Ipv6Addr>().map(|_| ()).map_err(|_| {
        if text.contains('%') {
            "the zone, from `%` on, is not part of the address".to_owned()
        } else {
            "it must look like 2001:db8::1 (RFC 4291)".to_owned()
        }
    })
}

/// RFC 1123 section 2.1: labels of letters, digits and hyphens, with or without a dot at the end.
pub(super) fn hostname(text: &str) -> Result<(), String> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.len() > 253 {
        return Err(format!("it has {}, and at most 253 are allowed", count(name.len(), "character")));
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err("a part between dots is empty".to_owned());
        }
        if label.len() > 63 {
            return Err("a part between dots has more than 63 characters".to_owned());
        }
        if let Some(wrong) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Err(format!("{} is not allowed in it", shown(wrong)));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("a part between dots starts or ends with `-`".to_owned());
        }
    }
    Ok(())
}
