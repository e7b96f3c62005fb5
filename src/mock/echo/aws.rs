//! Paths behind AWS Signature Version 4, for the access key of AWS's own examples. The signature is computed from what
//! came over the wire.

use std::collections::BTreeMap;

use aws_lc_rs::{digest, hmac};
use hyper::StatusCode;
use hyper::header::AUTHORIZATION;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::json;

use super::super::call::{Call, percent_decode};
use super::super::reply::{Answer, Reply};

const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// How far the clocks may be apart, in seconds.
const SKEW: i64 = 15 * 60;

/// Answers with what was signed, or why it is not taken.
pub(super) fn answer(call: &Call) -> Answer {
    match verify(call) {
        Ok((service, signed)) => Ok(Reply::ok(
            &json!({ "service": service, "signed": signed, "path": call.path(), "query": call.raw_query() }),
        )),
        Err(why) => Err(Box::new(Reply::error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", &why))),
    }
}

fn verify(call: &Call) -> Result<(String, Vec<String>), String> {
    let field = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or("it is not signed")?;
    let list = field.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("it is signed in another way")?;
    let parts: BTreeMap<&str, &str> = list.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let part = |name: &str| parts.get(name).copied().ok_or_else(|| format!("the signature has no {name}"));
    let credential: Vec<&str> = part("Credential")?.split('/').collect();
    let [key, day, region, service, "aws4_request"] = credential[..] else {
        return Err("the credential is none".to_owned());
    };
    if key != KEY.0 {
        return Err("the access key is not known".to_owned());
    }
    let moment = call.header("x-amz-date").ok_or("there is no x-amz-date")?;
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", moment).and_then(|time| time.to_zoned(TimeZone::UTC));
    let time = time.map_err(|_| "x-amz-date is no date")?.timestamp();
    if !moment.starts_with(day) || (time.as_second() - Timestamp::now().as_second()).abs() > SKEW {
        return Err("the signature is not of now".to_owned());
    }
    let names: Vec<&str> = part("SignedHeaders")?.split(';').collect();
    let must = call.headers.keys().map(hyper::header::HeaderName::as_str);
    let must = must.filter(|name| name.starts_with("x-amz-") || matches!(*name, "host" | "content-type"));
    if let Some(missing) = must.into_iter().find(|name| !names.contains(name)) {
        return Err(format!("{missing} is not signed"));
    }
    let body = sha256(&call.body);
    if service == "s3" && call.header("x-amz-content-sha256") != Some(&*body) {
        return Err("x-amz-content-sha256 is not that of the body".to_owned());
    }
    let mut canonical = vec![call.method.to_string(), path(call.path(), service), query(call.raw_query())];
    for name in &names {
        let values: Vec<&str> =
            call.headers.get_all(*name).iter().filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()).collect();
        let mut value = values.iter().map(|value| value.trim()).collect::<Vec<_>>().join(",");
        while value.contains("  ") {
            value = value.replace("  ", " ");
        }
        canonical.push(format!("{name}:{value}"));
    }
    canonical.extend([String::new(), names.join(";"), body]);
    let canonical = canonical.join("\n");
    let text =
        format!("AWS4-HMAC-SHA256\n{moment}\n{day}/{region}/{service}/aws4_request\n{}", sha256(canonical.as_bytes()));
    let mut secret = format!("AWS4{}", KEY.1).into_bytes();
    for step in [day, region, service, "aws4_request", &text] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        secret = hmac::sign(&key, step.as_bytes()).as_ref().to_vec();
    }
    if hex(&secret) != part("Signature")? {
        return Err(format!("the signature is another one; what was signed should have been:\n{canonical}"));
    }
    Ok((service.to_owned(), names.into_iter().map(str::to_owned).collect()))
}

fn path(path: &str, service: &str) -> String {
    let once: Vec<String> = path.split('/').map(|segment| encode(&percent_decode(segment, false))).collect();
    if service == "s3" {
        return once.join("/");
    }
    let segments: Vec<String> =
        once.iter().map(|segment| encode(segment)).filter(|segment| !segment.is_empty()).collect();
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

fn query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(&percent_decode(name, true)), encode(&percent_decode(value, true))))
        .collect();
    pairs.sort();
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn encode(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
