//! The parts of a `multipart/form-data` body (RFC 7578). Only as much is understood as describing them needs.

use super::super::call::Call;

/// How many parts a body may have.
const MOST_PARTS: usize = 1000;

/// One part.
pub(super) struct Part<'a> {
    pub(super) name: Option<String>,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: &'a [u8],
}

/// The parts of the body, if it says it has any. The error says what is wrong with them.
pub(super) fn read(call: &Call) -> Option<Result<Vec<Part<'_>>, String>> {
    if !call.is("multipart/form-data") {
        return None;
    }
    let Some(boundary) = parameter(call.header("content-type")?, "boundary") else {
        return Some(Err("the content type names no boundary".to_owned()));
    };
    Some(parts(&call.body, &boundary))
}

fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, String> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    let start = if body.starts_with(opening.as_bytes()) {
        opening.len()
    } else {
        // What comes before the first delimiter is to be ignored.
        find(body, delimiter.as_bytes()).ok_or("the boundary never comes")? + delimiter.len()
    };
    let mut rest = &body[start..];
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let content = rest.strip_prefix(b"\r\n").ok_or("a boundary is not followed by a line break")?;
        let end = find(content, delimiter.as_bytes()).ok_or("the closing boundary is missing")?;
        if parts.len() == MOST_PARTS {
            return Err("there are too many parts".to_owned());
        }
        parts.push(part(&content[..end])?);
        rest = &content[end + delimiter.len()..];
    }
    Ok(parts)
}

fn part(content: &[u8]) -> Result<Part<'_>, String> {
    let (head, body) = if let Some(body) = content.strip_prefix(b"\r\n") {
        (&[][..], body)
    } else {
        let end = find(content, b"\r\n\r\n").ok_or("a part has no end of its headers")?;
        (&content[..end], &content[end + 4..])
    };
    let head = String::from_utf8_lossy(head);
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition").unwrap_or_default();
    Ok(Part {
        name: parameter(&disposition, "name"),
        filename: parameter(&disposition, "filename"),
        content_type: header("content-type"),
        body,
    })
}

/// A parameter of a header value, whose value may be quoted.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            let end = quoted.find('"')?;
            (&quoted[..end], &quoted[end + 1..])
        } else {
            let end = after.find(';').unwrap_or(after.len());
            (after[..end].trim(), &after[end..])
        };
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = next;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut start = 0;
    while let Some(offset) = haystack[start..].iter().position(|byte| *byte == first) {
        let at = start + offset;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        start = at + 1;
    }
    None
}
