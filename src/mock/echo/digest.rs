//! A path behind HTTP Digest (RFC 7616). The service is strict: a nonce takes its counts in their order, each once, and only for
//! as many calls as it was made for.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_lc_rs::digest;
use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde_json::json;

use super::super::call::Call;
use super::super::reply::{Answer, Reply};
use super::super::state::{State, lock};
use super::{MOST_KEYS, invalid};

const REALM: &str = "echo, \"strict\"";
/// Calls that a nonce is good for unless the query says otherwise.
const USES: u64 = 1000;

/// What the query asks of the service.
struct Terms<'c> {
    algorithm: &'c str,
    quality: Option<&'c str>,
    hides_user: bool,
    uses: u64,
}

/// Answers with the name of whoever has proved to be that user.
pub(super) fn answer(state: &State, call: &Call, user: &str, password: &str) -> Answer {
    let query = call.query();
    let terms = Terms {
        algorithm: query.get("algorithm").unwrap_or("SHA-256"),
        quality: Some(query.get("qop").unwrap_or("auth")).filter(|quality| *quality != "none"),
        hides_user: query.get("userhash") == Some("true"),
        uses: query.get("uses").and_then(|uses| uses.parse().ok()).unwrap_or(USES),
    };
    if hash(terms.algorithm, b"").is_none() {
        return Err(invalid("the algorithms are MD5, SHA-256 and SHA-512-256, each also with -sess"));
    }
    let given = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(given) = given.and_then(|value| value.strip_prefix("Digest ")).map(parameters) else {
        return challenge(state, &terms, false);
    };
    let get = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
    let proved = proof(&terms, call, user, password, &given).is_some_and(|response| response == get("response"));
    let Some(used) = lock(&state.echo.nonces).get(get("nonce")).copied() else {
        return challenge(state, &terms, false);
    };
    if !proved {
        return challenge(state, &terms, false);
    }
    let count = u64::from_str_radix(get("nc"), 16).unwrap_or(used + 1);
    if count <= used || count > terms.uses {
        return challenge(state, &terms, true);
    }
    lock(&state.echo.nonces).insert(get("nonce").to_owned(), count);
    Ok(Reply::ok(&json!({ "user": user, "nonce": get("nonce"), "count": count, "qop": get("qop") })))
}

fn challenge(state: &State, terms: &Terms<'_>, stale: bool) -> Answer {
    let mut nonces = lock(&state.echo.nonces);
    if nonces.len() >= MOST_KEYS {
        return Err(invalid("there are too many nonces; reset the mock"));
    }
    let nonce = format!("nonce-{}", nonces.len() + 1);
    nonces.insert(nonce.clone(), 0);
    drop(nonces);
    let realm = REALM.replace('"', "\\\"");
    let mut field =
        format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", opaque=\"o/p=q\", algorithm={}", terms.algorithm);
    if let Some(quality) = terms.quality {
        _ = write!(field, ", qop=\"{quality}\"");
    }
    if terms.hides_user {
        field.push_str(", userhash=true");
    }
    if stale {
        field.push_str(", stale=true");
    }
    Ok(Reply::error(StatusCode::UNAUTHORIZED, "unauthorized", "prove who you are").with(WWW_AUTHENTICATE, &field))
}

/// What the response must be, if all beside it is as it must be.
fn proof(
    terms: &Terms<'_>,
    call: &Call,
    user: &str,
    password: &str,
    given: &HashMap<String, String>,
) -> Option<String> {
    let get = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
    let digest = |text: String| hash(terms.algorithm, text.as_bytes());
    let target = call.uri.path_and_query()?.as_str();
    let named = if terms.hides_user {
        get("userhash") == "true" && get("username") == digest(format!("{user}:{REALM}"))?
    } else if user.is_ascii() {
        get("username") == user
    } else {
        let encoded = get("username*").strip_prefix("UTF-8''")?;
        super::super::call::percent_decode(encoded, false) == user
    };
    if !named || get("realm") != REALM || get("uri") != target || get("opaque") != "o/p=q" {
        return None;
    }
    let (nonce, cnonce) = (get("nonce"), get("cnonce"));
    let mut secret = digest(format!("{user}:{REALM}:{password}"))?;
    if terms.algorithm.ends_with("-sess") {
        secret = digest(format!("{secret}:{nonce}:{cnonce}"))?;
    }
    let mut what = format!("{}:{target}", call.method);
    if get("qop") == "auth-int" {
        _ = write!(what, ":{}", hash(terms.algorithm, &call.body)?);
    }
    let what = digest(what)?;
    match terms.quality {
        None => digest(format!("{secret}:{nonce}:{what}")),
        Some(offered) if offered.split(',').any(|one| one.trim() == get("qop")) => {
            digest(format!("{secret}:{nonce}:{}:{cnonce}:{}:{what}", get("nc"), get("qop")))
        }
        Some(_) => None,
    }
}

fn hash(algorithm: &str, bytes: &[u8]) -> Option<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(match algorithm.trim_end_matches("-sess") {
        "MD5" => format!("{:x}", md5::compute(bytes)),
        "SHA-256" => hex(digest::digest(&digest::SHA256, bytes).as_ref()),
        "SHA-512-256" => hex(digest::digest(&digest::SHA512_256, bytes).as_ref()),
        _ => return None,
    })
}

/// The parameters of an `Authorization` field: `name=value` or `name="value"`, with commas between them.
fn parameters(field: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut rest = field;
    while let Some((name, behind)) = rest.split_once('=') {
        let mut value = String::new();
        let mut letters = behind.char_indices();
        let is_quoted = behind.starts_with('"');
        if is_quoted {
            letters.next();
        }
        let mut end = behind.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' if is_quoted => {
                    end = at + 1;
                    break;
                }
                ',' if !is_quoted => {
                    end = at;
                    break;
                }
                '\\' if is_quoted => value.extend(letters.next().map(|(_, letter)| letter)),
                _ => value.push(letter),
            }
        }
        found.insert(name.trim_matches([' ', ',']).to_owned(), value.trim().to_owned());
        rest = &behind[end..];
    }
    found
}
