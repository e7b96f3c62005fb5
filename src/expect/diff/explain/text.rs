//! How two texts differ where the eye does not see it, or not at once.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::moment::Moment;
use super::unicode::{invisible, is_space, look_alike, plain};
use crate::json::Number;

/// Texts longer than this are only said to differ from some character on.
const EXAMINED: usize = 200_000;
/// Long texts are said to differ from some character on.
const LONG: usize = 60;

/// What there is to say about two different texts; may be empty.
pub(in crate::expect::diff) fn text(expected: &str, actual: &str) -> String {
    let known = if expected.len().max(actual.len()) <= EXAMINED { examine(expected, actual) } else { None };
    known.or_else(|| from_where(expected, actual)).unwrap_or_default()
}

fn examine(expected: &str, actual: &str) -> Option<String> {
    if expected.is_empty() {
        return Some("an empty string was expected".to_owned());
    }
    if actual.is_empty() {
        return Some("it is empty".to_owned());
    }
    line_breaks(expected, actual)
        .or_else(|| around(expected, actual))
        .or_else(|| normal_form(expected, actual))
        .or_else(|| unseen(expected, actual))
        .or_else(|| spaces(expected, actual))
        .or_else(|| {
            (expected.to_lowercase() == actual.to_lowercase()).then(|| "only upper and lower case differ".into())
        })
        .or_else(|| alike(expected, actual))
        .or_else(|| misread(expected, actual))
        .or_else(|| Moment::of_text(expected)?.distance(&Moment::of_text(actual)?))
        .or_else(|| numbers(expected, actual))
}

fn line_breaks(expected: &str, actual: &str) -> Option<String> {
    let has_cr = |text: &str| text.contains('\r');
    let plain = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    if !(has_cr(expected) || has_cr(actual)) || plain(expected) != plain(actual) {
        return None;
    }
    let name = |text: &str| match (text.contains("\r\n"), text.replace("\r\n", "").contains(['\n', '\r'])) {
        (true, true) => "a mixture",
        (true, false) => "CR LF",
        (false, _) if text.contains('\r') => "CR",
        (false, _) => "LF",
    };
    Some(format!("only the line breaks differ: {} was expected, {} came", name(expected), name(actual)))
}

/// White space at either end.
fn around(expected: &str, actual: &str) -> Option<String> {
    if expected.trim_matches(is_space) != actual.trim_matches(is_space) {
        return None;
    }
    if expected.trim_matches(is_space).is_empty() {
        return Some("only white space, and not the same".to_owned());
    }
    let start = |text: &str| text.len() - text.trim_start_matches(is_space).len();
    let end = |text: &str| text.len() - text.trim_end_matches(is_space).len();
    let ends = |text: &str| (text[..start(text)].to_owned(), text[text.len() - end(text)..].to_owned());
    let ((before, after), (came_before, came_after)) = (ends(expected), ends(actual));
    let what = |wanted: &str, came: &str, place: &str| {
        if wanted == came {
            return None;
        }
        let only_breaks = |text: &str| text.chars().all(|c| c == '\n' || c == '\r');
        let kind = if only_breaks(wanted) && only_breaks(came) { "line breaks" } else { "white space" };
        Some(match (wanted.is_empty(), came.is_empty()) {
            (true, false) => format!("{kind} at the {place} that was not expected"),
            (false, true) => format!("the {kind} at the {place} did not come"),
            _ => format!("other {kind} at the {place}"),
        })
    };
    let told: Vec<String> =
        [what(&before, &came_before, "start"), what(&after, &came_after, "end")].into_iter().flatten().collect();
    Some(format!("the same but for {}", told.join(", and ")))
}

/// The same characters, put together otherwise.
fn normal_form(expected: &str, actual: &str) -> Option<String> {
    if expected.is_ascii() || actual.is_ascii() {
        return None;
    }
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    if nfc.normalize(expected) == nfc.normalize(actual) {
        let form = |text: &str| if nfc.is_normalized(text) { "composed (NFC)" } else { "decomposed (NFD)" };
        let (wanted, came) = (form(expected), form(actual));
        return Some(match wanted == came {
            true => "the same characters, put together in another order".to_owned(),
            false => format!("the same to the eye: {wanted} was expected, {came} came"),
        });
    }
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    (nfkc.normalize(expected) == nfkc.normalize(actual))
        .then(|| "the same but for compatibility forms of characters, such as ligatures or wide letters".to_owned())
}

/// Characters that show nothing, on one side only.
fn unseen(expected: &str, actual: &str) -> Option<String> {
    let strip = |text: &str| text.chars().filter(|c| invisible(*c).is_none_or(|_| *c == '\t')).collect::<String>();
    if strip(expected) != strip(actual) {
        return None;
    }
    let at = first_difference(expected, actual);
    let (wanted, came) = (expected.chars().nth(at), actual.chars().nth(at));
    let hidden = |c: Option<char>| c.and_then(|c| Some((c, invisible(c)?)));
    Some(match (hidden(wanted), hidden(came)) {
        (_, Some((c, name))) => {
            format!("the same but for an invisible character that came: {} at character {}", named(c, name), at + 1)
        }
        (Some((c, name)), None) => {
            format!(
                "the same but for an invisible character that is missing: {} at character {}",
                named(c, name),
                at + 1
            )
        }
        (None, None) => "the same but for characters that show nothing".to_owned(),
    })
}

fn named(c: char, name: &str) -> String {
    format!("{name} (U+{:04X})", u32::from(c))
}

/// White space of another kind or amount.
fn spaces(expected: &str, actual: &str) -> Option<String> {
    let words =
        |text: &str| text.split(is_space).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    if words(expected) != words(actual) {
        return None;
    }
    let at = first_difference(expected, actual);
    let name = |c: Option<char>| match c {
        Some(' ') => Some("a space".to_owned()),
        Some('\n') => Some("a line break".to_owned()),
        Some('\t') => Some("a tab".to_owned()),
        Some(c) => invisible(c).map(|name| named(c, name)),
        None => None,
    };
    Some(match (name(expected.chars().nth(at)), name(actual.chars().nth(at))) {
        (Some(wanted), Some(came)) => {
            format!("only white space differs: {wanted} was expected at character {}, {came} came", at + 1)
        }
        _ => format!("only white space differs, from character {} on", at + 1),
    })
}

/// Letters of another script, typographers' quotes and wide letters.
fn alike(expected: &str, actual: &str) -> Option<String> {
    let skeleton = |text: &str| -> String {
        text.chars().map(|c| look_alike(c).map(|(latin, _)| latin).or_else(|| plain(c)).unwrap_or(c)).collect()
    };
    if (expected.is_ascii() && actual.is_ascii()) || skeleton(expected) != skeleton(actual) {
        return None;
    }
    let at = first_difference(expected, actual);
    let (wanted, came) = (expected.chars().nth(at)?, actual.chars().nth(at)?);
    let place = at + 1;
    Some(match (look_alike(wanted), look_alike(came)) {
        (None, Some((latin, script))) => {
            format!("character {place} looks like `{latin}` and is a {script} letter, U+{:04X}", u32::from(came))
        }
        (Some((latin, script)), None) => {
            format!("character {place} is the Latin `{latin}`; a {script} letter that looks like it was expected")
        }
        _ => format!(
            "character {place} is `{came}` (U+{:04X}), not `{wanted}` (U+{:04X})",
            u32::from(came),
            u32::from(wanted)
        ),
    })
}

/// The same text after a decoding too few or too many.
fn misread(expected: &str, actual: &str) -> Option<String> {
    let entities = |text: &str| {
        let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'")];
        plain.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain)).replace("&amp;", "&")
    };
    let decoded = |text: &str| {
        url::form_urlencoded::parse(format!("t={}", text.replace('&', "%26")).as_bytes())
            .next()
            .map(|(_, text)| text.into_owned())
    };
    // Each byte of UTF-8 taken for a character of its own.
    let latin = |text: &str| {
        let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        String::from_utf8(bytes?).ok()
    };
    if entities(actual) == expected {
        Some("the same with HTML entities in it: escaped once too often".to_owned())
    } else if actual.contains('%') && decoded(actual).as_deref() == Some(expected) {
        Some("the same, percent-encoded".to_owned())
    } else if !actual.is_ascii() && latin(actual).as_deref() == Some(expected) {
        Some("the same, its UTF-8 read as Latin-1".to_owned())
    } else {
        None
    }
}

fn numbers(expected: &str, actual: &str) -> Option<String> {
    let (wanted, came) = (Number::parse(expected)?, Number::parse(actual)?);
    (wanted == came).then(|| "the same number, written otherwise".to_owned())
}

fn first_difference(expected: &str, actual: &str) -> usize {
    expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b).count()
}

/// Where two long texts begin to differ.
fn from_where(expected: &str, actual: &str) -> Option<String> {
    let (length, came) = (expected.chars().count(), actual.chars().count());
    let at = first_difference(expected, actual);
    match (length.max(came) > LONG, at == length.min(came)) {
        (false, _) => None,
        (true, false) => Some(format!("they differ from character {} on", at + 1)),
        (true, true) if came < length => Some(format!("it ends after {at} characters")),
        (true, true) => Some(format!("it goes on after {at} characters")),
    }
}
