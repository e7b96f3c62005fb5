//! Characters that nobody sees, and characters that look like others.

/// The name of a character that shows nothing, or turns others round.
pub(in crate::expect::diff) fn invisible(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{a0}' => "NO-BREAK SPACE",
        '\u{ad}' => "SOFT HYPHEN",
        '\u{34f}' => "COMBINING GRAPHEME JOINER",
        '\u{61c}' => "ARABIC LETTER MARK",
        '\u{1680}' => "OGHAM SPACE MARK",
        '\u{180e}' => "MONGOLIAN VOWEL SEPARATOR",
        '\u{2000}'..='\u{200a}' => "a space of another width",
        '\u{200b}' => "ZERO WIDTH SPACE",
        '\u{200c}' => "ZERO WIDTH NON-JOINER",
        '\u{200d}' => "ZERO WIDTH JOINER",
        '\u{200e}' => "LEFT-TO-RIGHT MARK",
        '\u{200f}' => "RIGHT-TO-LEFT MARK",
        '\u{2028}' => "LINE SEPARATOR",
        '\u{2029}' => "PARAGRAPH SEPARATOR",
        '\u{202a}' => "LEFT-TO-RIGHT EMBEDDING",
        '\u{202b}' => "RIGHT-TO-LEFT EMBEDDING",
        '\u{202c}' => "POP DIRECTIONAL FORMATTING",
        '\u{202d}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202e}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{202f}' => "NARROW NO-BREAK SPACE",
        '\u{205f}' => "MEDIUM MATHEMATICAL SPACE",
        '\u{2060}' => "WORD JOINER",
        '\u{2061}'..='\u{2064}' => "an invisible operator",
        '\u{2066}'..='\u{2069}' => "a directional isolate",
        '\u{206a}'..='\u{206f}' => "a deprecated format character",
        '\u{3000}' => "IDEOGRAPHIC SPACE",
        '\u{3164}' | '\u{ffa0}' | '\u{115f}' | '\u{1160}' => "HANGUL FILLER",
        '\u{feff}' => "BYTE ORDER MARK",
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => "a variation selector",
        '\u{e0000}'..='\u{e007f}' => "a tag character",
        '\u{fff9}'..='\u{fffb}' => "an annotation mark",
        '\u{0}' => "NUL",
        '\u{7}' => "BELL",
        '\u{8}' => "BACKSPACE",
        '\u{9}' => "TAB",
        '\u{b}' => "VERTICAL TAB",
        '\u{1b}' => "ESCAPE",
        '\u{7f}' => "DELETE",
        '\u{85}' => "NEXT LINE",
        c if c.is_control() && c != '\n' && c != '\r' => "a control character",
        _ => return None,
    })
}

/// Whether a character is shown as an escape. What joins the parts of an emoji or of letters belongs to them.
pub(in crate::expect::diff) fn is_hidden(c: char, before: Option<char>) -> bool {
    match c {
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}' => {
            !before.is_some_and(|before| before >= '\u{600}' && !is_hidden(before, None))
        }
        _ => invisible(c).is_some(),
    }
}

/// White space, whatever its width.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// The Latin letter that a letter of another script looks like, and the name of that script.
pub(super) fn look_alike(c: char) -> Option<(char, &'static str)> {
    const CYRILLIC: &str = "аaеeоoрpсcуyхxѕsіiјjԁdһhԛqԝwАAВBЕEКKМMНHОOРPСCТTУYХXЅSІIЈJҮY";
    const GREEK: &str = "οoνvαaρpκkιiτtυuΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX";
    [(CYRILLIC, "Cyrillic"), (GREEK, "Greek")].into_iter().find_map(|(pairs, script)| {
        let mut pairs = pairs.chars();
        while let (Some(foreign), Some(latin)) = (pairs.next(), pairs.next()) {
            if foreign == c {
                return Some((latin, script));
            }
        }
        None
    })
}

/// The character of ASCII that typographers' and wide ones stand for.
pub(super) fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201f}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        _ => return None,
    })
}
