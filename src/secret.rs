//! Secrets: a type that does not print itself, and the [`Redactor`] that stands between a run and everything it writes.

mod address;
mod cut;
mod decoded;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::{Host, Url};

use decoded::Decoded;

/// A text that must not be shown. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Knows every secret of a run in all the forms it takes on the way, and masks them.
///
/// A secret is found raw and as base64 and base64url (at any alignment, so also inside a Basic header), and both also
/// where the text is percent-encoded, form-encoded or JSON-escaped; and in pieces where a `…` tells that it was cut.
/// Where secrets overlap, the whole of what they cover is masked, under the name of the longest.
///
/// In a host a secret stands in lower case, and perhaps as a part of what RFC 5890 makes of a label. Such forms can be
/// ordinary words, so it is the hosts of requests that are learned, see [`Redactor::learn_host`].
#[derive(Debug, Default)]
pub struct Redactor {
    index: RwLock<Index>,
    /// Secrets as they read in hosts.
    in_hosts: RwLock<Index>,
}

#[derive(Debug, Default)]
struct Index {
    patterns: Vec<Pattern>,
    /// Patterns of [`LONG`] bytes or more by their last [`LONG`] bytes. Ends tell tokens apart where beginnings
    /// (`eyJhbGci…`) do not.
    long: HashMap<u64, Vec<u32>, BuildHasherDefault<Mix>>,
    /// The shorter ones.
    short: Vec<u32>,
    /// A bit for the last two bytes of each long pattern: nearly every place of a text is passed over with one look.
    ends: Vec<u64>,
    known: std::collections::HashSet<Arc<str>>,
}

#[derive(Debug)]
struct Pattern {
    text: Box<str>,
    mask: Arc<str>,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// The letters around it belong to the same encoded text and give away the secret's ends: they are masked too.
    Base64,
    /// Too short to be masked inside of words.
    Word,
}

/// How many times over a text may be JSON inside of a JSON string.
const NESTED: usize = 5;

/// Bytes of a pattern that are looked up at once.
const LONG: usize = 8;

/// Mixes the bits of one `u64`; the keys are parts of secrets, not chosen by an adversary who gains by collisions.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, key: u64) {
        self.0 = (key ^ (key >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Redactor {
    /// Learns a secret under the name it is masked by: `secrets.key` is shown as `{{secrets.key}}`.
    pub fn learn(&self, name: &str, secret: &str) {
        if secret.is_empty() || self.read().known.contains(secret) {
            return;
        }
        let mut index = write(&self.index);
        if !index.known.insert(secret.into()) {
            return;
        }
        let mask: Arc<str> = format!("{{{{{name}}}}}").into();
        for (text, form) in forms(secret) {
            index.add(Pattern { text: text.into(), mask: mask.clone(), form });
        }
        drop(index);
        if let Some(text) = address::host_form(secret) {
            let form = if text.len() < 4 { Form::Word } else { Form::Plain };
            write(&self.in_hosts).add(Pattern { text: text.into(), mask, form });
        }
    }

    /// Learns the host of a URL that is about to be used, if a secret stands in it: from then on it is masked as a
    /// whole, but for what is not the secret.
    pub fn learn_host(&self, url: &Url) {
        let Some(Host::Domain(host)) = url.host() else { return };
        let known: Arc<str> = format!("//{host}").into();
        if self.read().known.contains(&*known) {
            return;
        }
        let read = self.in_hosts.read().unwrap_or_else(PoisonError::into_inner);
        let readable = address::readable(host);
        let Cow::Owned(masked) = read.mask(&readable) else { return };
        drop(read);
        let mut index = write(&self.index);
        if index.known.insert(known) {
            // A name without a dot may be a word, too.
            let form = if host.contains('.') { Form::Plain } else { Form::Word };
            index.add(Pattern { text: host.into(), mask: masked.into(), form });
        }
    }

    /// The text with every secret masked.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.read().mask(text)
    }

    /// Masks in place.
    pub fn apply(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.redact(text) {
            *text = masked;
        }
    }

    /// The first `limit` bytes of a text, masked. A secret that the limit cuts through is masked, not cut.
    pub fn excerpt(&self, text: &str, limit: usize) -> String {
        let longest = self.read().patterns.iter().map(|pattern| pattern.text.len()).max().unwrap_or(0);
        let boundary = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        if text.len() <= limit {
            return self.redact(text).into_owned();
        }
        let cut = boundary(limit);
        let wide = &text[..boundary((limit + longest).min(text.len()))];
        // What the wider look masks beyond the narrow one begins before the cut: then the cut moves to its start.
        let index = self.read();
        let start =
            index.find_all(wide).iter().filter(|hit| hit.start < cut && hit.end > cut).map(|hit| hit.start).min();
        drop(index);
        self.redact(&text[..start.unwrap_or(cut)]).into_owned()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(index: &RwLock<Index>) -> RwLockWriteGuard<'_, Index> {
    index.write().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Hit {
    start: usize,
    end: usize,
    pattern: usize,
    length: usize,
}

fn tail(text: &[u8]) -> Option<u64> {
    text.last_chunk::<LONG>().map(|bytes| u64::from_le_bytes(*bytes))
}

impl Index {
    fn add(&mut self, pattern: Pattern) {
        let id = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let bytes = pattern.text.as_bytes();
        if let Some(key) = tail(bytes) {
            self.ends.resize(1024, 0);
            let pair = usize::from(bytes[bytes.len() - 2]) << 8 | usize::from(bytes[bytes.len() - 1]);
            self.ends[pair / 64] |= 1 << (pair % 64);
            self.long.entry(key).or_default().push(id);
        } else {
            self.short.push(id);
        }
        self.patterns.push(pattern);
    }

    /// The text with every pattern masked.
    fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found = self.find_all(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
        let mut merged: Vec<Hit> = Vec::with_capacity(found.len());
        for hit in found {
            match merged.last_mut() {
                Some(last) if hit.start < last.end => {
                    if hit.length > last.length {
                        (last.pattern, last.length) = (hit.pattern, hit.length);
                    }
                    last.end = last.end.max(hit.end);
                }
                _ => merged.push(hit),
            }
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for hit in merged {
            out.push_str(&text[at..hit.start]);
            out.push_str(&self.patterns[hit.pattern].mask);
            at = hit.end;
        }
        out.push_str(&text[at..]);
        Cow::Owned(out)
    }

    /// Everything that is found in the text as it is and as it reads once decoded, in places of the text as it is.
    fn find_all(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.find(text.as_bytes(), &mut hits);
        if text.contains(cut::MARK) {
            self.find_cut(text.as_bytes(), &mut hits);
        }
        if text.contains(['%', '+']) {
            for space in [b'+', b' '] {
                self.find_decoded(text, &Decoded::percent(text.as_bytes(), space), &mut hits);
            }
        }
        if text.contains('\\') {
            // JSON inside of JSON strings, a few times over.
            let mut decoded = Decoded::json(text.as_bytes());
            for _ in 0..NESTED {
                self.find_decoded(text, &decoded, &mut hits);
                let inner = Decoded::json(&decoded.bytes);
                if inner.bytes.len() == decoded.bytes.len() {
                    break;
                }
                decoded = inner.within(&decoded);
            }
        }
        hits
    }

    fn find_decoded(&self, text: &str, decoded: &Decoded, hits: &mut Vec<Hit>) {
        let first = hits.len();
        self.find(&decoded.bytes, hits);
        if text.contains(cut::MARK) {
            self.find_cut(&decoded.bytes, hits);
        }
        for hit in &mut hits[first..] {
            (hit.start, hit.end) = (decoded.origin[hit.start], decoded.origin[hit.end]);
            while !text.is_char_boundary(hit.start) {
                hit.start -= 1;
            }
            while !text.is_char_boundary(hit.end) {
                hit.end += 1;
            }
        }
    }

    fn find(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        if !self.long.is_empty() {
            for end in LONG..=bytes.len() {
                let pair = usize::from(bytes[end - 2]) << 8 | usize::from(bytes[end - 1]);
                if self.ends[pair / 64] & (1 << (pair % 64)) == 0 {
                    continue;
                }
                let ids = tail(&bytes[..end]).and_then(|key| self.long.get(&key));
                for id in ids.into_iter().flatten() {
                    if bytes[..end].ends_with(self.patterns[*id as usize].text.as_bytes()) {
                        self.hit(bytes, *id as usize, end, hits);
                    }
                }
            }
        }
        for id in &self.short {
            let pattern = self.patterns[*id as usize].text.as_bytes();
            for (start, window) in bytes.windows(pattern.len()).enumerate() {
                if window == pattern {
                    self.hit(bytes, *id as usize, start + pattern.len(), hits);
                }
            }
        }
    }

    /// Pieces of secrets that somebody has cut before they came here.
    fn find_cut(&self, bytes: &[u8], hits: &mut Vec<Hit>) {
        let texts = self.patterns.iter().map(|pattern| pattern.text.as_bytes());
        for (id, place) in cut::pieces(bytes, &texts) {
            if self.patterns[id].form != Form::Word {
                self.hit_at(bytes, id, place, hits);
            }
        }
    }

    fn hit(&self, bytes: &[u8], id: usize, end: usize, hits: &mut Vec<Hit>) {
        self.hit_at(bytes, id, end - self.patterns[id].text.len()..end, hits);
    }

    fn hit_at(&self, bytes: &[u8], id: usize, place: Range<usize>, hits: &mut Vec<Hit>) {
        let pattern = &self.patterns[id];
        let length = place.len();
        let (mut start, mut end) = (place.start, place.end);
        match pattern.form {
            Form::Plain => {}
            Form::Word => {
                let word = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
                if word(start.checked_sub(1).and_then(|at| bytes.get(at))) || word(bytes.get(end)) {
                    return;
                }
            }
            Form::Base64 => {
                let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
                start -= bytes[..start].iter().rev().take_while(|byte| letter(byte)).count();
                end += bytes[end..].iter().take_while(|byte| letter(byte) || **byte == b'=').count();
            }
        }
        hits.push(Hit { start, end, pattern: id, length });
    }
}

/// The texts a secret may appear as, once decoded. Short secrets appear raw only: their encodings would be found everywhere.
fn forms(secret: &str) -> Vec<(String, Form)> {
    let mut forms: Vec<(String, Form)> = Vec::new();
    let mut add = |text: String, form: Form| {
        if !text.is_empty() && !forms.iter().any(|(known, _)| *known == text) {
            forms.push((text, form));
        }
    };
    if secret.len() < 4 {
        add(secret.to_owned(), Form::Word);
        return forms;
    }
    add(secret.to_owned(), Form::Plain);
    if secret.trim().len() >= 4 {
        add(secret.trim().to_owned(), Form::Plain);
    }
    // A key over several lines may be shown line by line.
    for line in secret.lines().map(str::trim).filter(|line| line.len() >= 16 && !line.starts_with("-----")) {
        add(line.to_owned(), Form::Plain);
    }
    for text in address::forms(secret) {
        add(text, Form::Plain);
    }
    if secret.len() >= 6 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            for shift in 0..3 {
                // The letters that the secret alone decides, whatever stands before and after it.
                let encoded = engine.encode([&[0_u8; 2][..shift], secret.as_bytes()].concat());
                let first = [0, 2, 3][shift];
                let whole = (shift + secret.len()) * 8 / 6;
                add(encoded[first..whole].to_owned(), Form::Base64);
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests;
