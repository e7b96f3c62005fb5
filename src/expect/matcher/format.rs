//! Formats of strings, each checked by the standard that is named beside it.

mod code;
mod codes;
mod date;
mod net;

pub(super) use date::{date, datetime};

use super::{Verdict, string};
use crate::json::Json;
use crate::scenario::matcher::Format;

pub(super) fn check(format: Format, actual: &Json) -> Verdict {
    let text = string(actual)?;
    let (name, verdict) = match format {
        Format::Uuid => ("a UUID", code::uuid(text)),
        Format::Email => ("an email address", net::email(text)),
        Format::Url => ("a URL", net::url(text)),
        Format::Date => ("a date", date(text).map(|_| ())),
        Format::Datetime => ("a datetime", datetime(text).map(|_| ())),
        Format::Time => ("a time", date::time(text)),
        Format::Duration => ("a duration", date::duration(text)),
        Format::Ipv4 => ("an IPv4 address", net::ipv4(text)),
        Format::Ipv6 => ("an IPv6 address", net::ipv6(text)),
        Format::Hostname => ("a hostname", net::hostname(text)),
        Format::Semver => ("a semantic version", code::semver(text)),
        Format::Base64 => ("base64", code::base64(text)),
        Format::Hex => ("hexadecimal", code::hex(text)),
        Format::Jwt => ("a JWT", code::jwt(text)),
        Format::Slug => ("a slug", code::slug(text)),
        Format::IsoCountry => ("a country code", codes::country(text)),
        Format::IsoCurrency => ("a currency code", codes::currency(text)),
    };
    verdict.map_err(|reason| {
        let reason = if text.is_empty() { "it is empty".to_owned() } else { reason };
        format!("not {name}: {reason}")
    })
}

/// A character as a message shows it.
fn shown(c: char) -> String {
    if c.is_control() || (c.is_whitespace() && c != ' ') { format!("U+{:04X}", u32::from(c)) } else { format!("`{c}`") }
}
