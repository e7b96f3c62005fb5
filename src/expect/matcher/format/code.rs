//! Encodings and identifiers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::count;
use super::shown;
use crate::json::{self, Json};

/// RFC 9562 section 4: any version and variant, either case.
pub(super) fn uuid(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length != 36 {
        return Err(format!("it has {}, not 36", count(length, "character")));
    }
    for (at, c) in text.chars().enumerate() {
        match (matches!(at, 8 | 13 | 18 | 23), c) {
            (true, '-') => {}
            (true, _) => return Err(format!("{} is where `-` should be, at character {}", shown(c), at + 1)),
            (false, c) if c.is_ascii_hexdigit() => {}
            (false, _) => return Err(format!("{} is not a hexadecimal digit, at character {}", shown(c), at + 1)),
        }
    }
    Ok(())
}

/// Semantic Versioning 2.0.0.
pub(super) fn semver(text: &str) -> Result<(), String> {
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
    let parts: Vec<&str> = core.split('.').collect();
    if core.starts_with('v') {
        return Err("it starts with `v`".to_owned());
    }
    if parts.len() != 3 {
        return Err(format!("it has {}, not three", count(parts.len(), "number")));
    }
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = |part: &str| part.len() > 1 && part.starts_with('0');
    for part in parts {
        if !numeric(part) {
            return Err(if part.is_empty() {
                "a number is missing before or after a `.`".to_owned()
            } else {
                format!("`{part}` is not a number")
            });
        }
        if leading_zero(part) {
            return Err(format!("`{part}` has a leading zero"));
        }
    }
    let identifier =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let wrong = |sign: char, part: &str| {
        if part.is_empty() {
            format!("a part after `{sign}` is empty")
        } else {
            format!("`{part}` after `{sign}` has more than letters, digits and `-`")
        }
    };
    for part in pre.iter().flat_map(|pre| pre.split('.')) {
        if !identifier(part) {
            return Err(wrong('-', part));
        }
        if numeric(part) && leading_zero(part) {
            return Err(format!("`{part}` has a leading zero"));
        }
    }
    match build.iter().flat_map(|build| build.split('.')).find(|part| !identifier(part)) {
        Some(part) => Err(wrong('+', part)),
        None => Ok(()),
    }
}

/// RFC 4648 section 4: the alphabet with `+` and `/`, padded.
pub(super) fn base64(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let body = text.trim_end_matches('=');
    if let Some(wrong) = body.chars().find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/')) {
        return Err(match wrong {
            '-' | '_' => format!("{} is allowed only in base64url (RFC 4648 section 5)", shown(wrong)),
            _ => format!("{} is not in its alphabet", shown(wrong)),
        });
    }
    if text.len() - body.len() > 2 || !text.len().is_multiple_of(4) {
        return Err(format!("it has {}, which is not a multiple of 4", count(text.len(), "character")));
    }
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map(|_| ())
        .map_err(|_| "its last character has bits that belong to no byte".to_owned())
}

/// RFC 4648 section 8, either case: two digits a byte.
pub(super) fn hex(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some(wrong) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(format!("{} is not a hexadecimal digit", shown(wrong)));
    }
    if text.len().is_multiple_of(2) {
        Ok(())
    } else {
        Err(format!("it has {}, and each byte needs two", count(text.len(), "digit")))
    }
}

/// The compact form of RFC 7519: header, claims and signature, the first two JSON objects. The signature is not verified.
pub(super) fn jwt(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 3 {
        return Err(format!("it has {}, not three joined by `.`", count(parts.len(), "part")));
    }
    let object = |name: &str, part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| format!("its {name} not base64url"))?;
        match json::parse(&bytes) {
            Ok(value @ Json::Object(_)) => Ok(value),
            _ => Err(format!("its {name} not a JSON object")),
        }
    };
    if object("header is", parts[0])?.get("alg").is_none() {
        return Err("its header has no `alg`".to_owned());
    }
    object("claims are", parts[1])?;
    URL_SAFE_NO_PAD.decode(parts[2]).map(|_| ()).map_err(|_| "its signature is not base64url".to_owned())
}

/// Lower-case ASCII letters and digits, in groups joined by single hyphens. No standard names it.
pub(super) fn slug(text: &str) -> Result<(), String> {
    if let Some(wrong) = text.chars().find(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit() && *c != '-') {
        return Err(format!("{} is not allowed in it", shown(wrong)));
    }
    if text.split('-').any(str::is_empty) {
        return Err("it starts or ends with `-`, or has two in a row".to_owned());
    }
    Ok(())
}
