//! Texts as they read once their escapes are undone, with the places that everything came from.

/// A text decoded, and where each of its bytes (and its end) came from.
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    pub(super) origin: Vec<usize>,
}

impl Decoded {
    /// Percent-decoding; a `+` reads as `space`.
    pub(super) fn percent(text: &[u8], space: u8) -> Self {
        Self::with(text, |rest| match rest {
            [b'%', high, low, ..] => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(*high).zip(digit(*low)).map(|(high, low)| (3, vec![high << 4 | low]))
            }
            [b'+', ..] => Some((1, vec![space])),
            _ => None,
        })
    }

    /// The escapes of a JSON string, undone.
    pub(super) fn json(text: &[u8]) -> Self {
        let unit = |rest: &[u8]| {
            let digits = rest.strip_prefix(b"\\u")?.get(..4)?;
            u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        Self::with(text, |rest| {
            if let Some(first) = unit(rest) {
                let pair = rest.get(6..).and_then(unit);
                let units = [first, pair.unwrap_or(0)];
                let whole = char::decode_utf16(units).next()?;
                let c = whole.ok()?;
                return Some((c.len_utf16() * 6, c.to_string().into_bytes()));
            }
            let [b'\\', escaped, ..] = rest else { return None };
            let byte = match escaped {
                b'"' | b'\\' | b'/' => *escaped,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                _ => return None,
            };
            Some((2, vec![byte]))
        })
    }

    /// Copies the text, with `decode` telling how many bytes at the front of a rest mean which others.
    fn with(text: &[u8], decode: impl Fn(&[u8]) -> Option<(usize, Vec<u8>)>) -> Self {
        let mut decoded = Self { bytes: Vec::with_capacity(text.len()), origin: Vec::with_capacity(text.len() + 1) };
        let mut at = 0;
        while at < text.len() {
            let plain = !matches!(text[at], b'%' | b'+' | b'\\');
            let (read, meant) = if plain { None } else { decode(&text[at..]) }.unwrap_or_else(|| (1, vec![text[at]]));
            decoded.origin.extend(std::iter::repeat_n(at, meant.len()));
            decoded.bytes.extend(meant);
            at += read;
        }
        decoded.origin.push(text.len());
        decoded
    }

    /// The same, with places of what `outer` was decoded from.
    pub(super) fn within(mut self, outer: &Self) -> Self {
        self.origin.iter_mut().for_each(|at| *at = outer.origin[*at]);
        self
    }
}
