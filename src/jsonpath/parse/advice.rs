//! What to say where a query does not go on as the grammar wants. Nothing here accepts anything: each function looks
//! around the place where the parser stopped, names what is wrong in plain words, and offers what was probably meant.

use super::super::error::JsonPathError;
use super::super::functions;
use super::{MAX_NESTING, Parser};

/// Longer texts get the plain message: a hint that repeats a page helps nobody.
const MAX_QUOTED: usize = 60;

const REGEX_HINT: &str = "write `match(@.name, 'a.*z')`, or `search(…)` for a part of the text";

impl Parser<'_> {
    /// The text does not begin with `$`.
    pub(super) fn no_root(&self) -> JsonPathError {
        let text = self.text;
        let first = text.chars().next().map_or(0, char::len_utf8);
        let error = JsonPathError::new(0..first, "a JSONPath starts with `$`, which is the whole document");
        if text.is_empty() {
            return JsonPathError::new(0..0, "an empty text is not a JSONPath").hint("`$` is the whole document");
        }
        if text.trim_start().starts_with('$') {
            return error.hint("remove the white space before it");
        }
        if text.starts_with('@') {
            return error.hint("`@` has a meaning only inside a filter: `$.items[?@.id == 1]`");
        }
        let candidate = if text.starts_with(['.', '[']) { format!("${text}") } else { format!("$.{text}") };
        if text.len() <= MAX_QUOTED && super::query(&candidate).is_ok() {
            return error.hint(format!("write `{candidate}`"));
        }
        error
    }

    /// Text is left after a whole query.
    pub(super) fn trailing(&self) -> JsonPathError {
        let rest = self.rest();
        let blank = rest.len() - rest.trim_start().len();
        if blank == rest.len() {
            return JsonPathError::new(self.at..self.text.len(), "there is white space after the end")
                .hint("remove it");
        }
        if let Some(error) = self.unquoted_name(false) {
            return error;
        }
        let next = &rest[blank..];
        let found = next.chars().next().map_or(0, char::len_utf8);
        let range = self.at + blank..self.at + blank + found;
        if next.starts_with('(') {
            return JsonPathError::new(range, "a function is possible only inside a filter")
                .hint("for example `$.items[?length(@.name) > 3]`");
        }
        if next.starts_with(['=', '<', '>', '!', '&', '|']) {
            return JsonPathError::new(range, "a comparison is possible only inside a filter")
                .hint("for example `$.items[?@.id == 1]`");
        }
        if next.starts_with(['^', '~']) {
            return JsonPathError::new(range, format!("`{}` is not part of JSONPath (RFC 9535)", &next[..1]))
                .hint("a query leads to values only, not to parents or to names");
        }
        let error = JsonPathError::new(range, format!("`.`, `[` or the end was expected, not `{}`", &next[..found]));
        if self.at == 1 && next.starts_with(char::is_alphabetic) {
            error.hint("put a dot before a name")
        } else {
            error
        }
    }

    /// A shorthand name broken off at a character that it cannot hold: `odd-key`, `two words`.
    fn unquoted_name(&self, in_filter: bool) -> Option<JsonPathError> {
        let start = self.last_name?;
        let read = &self.text[start..self.at];
        if read.contains(['.', '[']) {
            return None;
        }
        let from = &self.text[start..];
        let next = self.rest().chars().next()?;
        if !matches!(next, '-' | '/' | ':' | '#' | '@' | '$' | '%' | '+' | '?' | ' ' | '\'' | '\\') {
            return None;
        }
        // In a filter a blank ends the name for good, and so does what could be an operator.
        let ends: &[char] = if in_filter {
            &['.', '[', ']', '(', ')', '=', '<', '>', '!', '&', '|', ',', ' ', '\n', '\t']
        } else {
            &['.', '[', ']', '(', ')', '=', '<', '>', '!', '&', '|', ',', '\n']
        };
        let name = from[..from.find(ends).unwrap_or(from.len())].trim_end();
        if name.len() <= read.len() || name.len() > MAX_QUOTED {
            return None;
        }
        let range = self.at..self.at + next.len_utf8();
        let hint = format!("quote a name that has not only letters, digits and `_`: `['{}']`", escaped(name));
        let found = if next == ' ' { "a space".to_owned() } else { format!("`{next}`") };
        Some(JsonPathError::new(range, format!("{found} is not allowed in a name after a dot")).hint(hint))
    }

    /// No name follows a `.` or `..`.
    pub(super) fn no_name(&self, descendant: bool) -> JsonPathError {
        let dots = if descendant { ".." } else { "." };
        let start = self.at - dots.len();
        let rest = self.rest();
        let Some(next) = rest.chars().next() else {
            return JsonPathError::new(start..self.at, format!("a name is missing after `{dots}`"));
        };
        let range = self.at..self.at + next.len_utf8();
        match next {
            ' ' | '\t' | '\n' | '\r' => {
                JsonPathError::new(range, format!("white space is not allowed after `{dots}`")).hint("remove it")
            }
            '[' => JsonPathError::new(start..self.at, "there must be no dot before `[`").hint("remove the dot"),
            '.' => JsonPathError::new(range, "there are too many dots")
                .hint("`.name` is a member, `..name` finds members of that name at any depth"),
            '\'' | '"' => JsonPathError::new(range, "a quoted name needs brackets and no dot").hint("write `['name']`"),
            '0'..='9' => {
                let end = rest.find(|c: char| c.is_ascii() && c != '_' && !c.is_ascii_alphanumeric());
                let word = &rest[..end.unwrap_or(rest.len())];
                let error =
                    JsonPathError::new(self.at..self.at + word.len(), "a name after a dot cannot start with a digit");
                let before = if descendant { ".." } else { "" };
                if word.len() > MAX_QUOTED {
                    error
                } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
                    error.hint(format!(
                        "an element of an array is `{before}[{word}]`, a member of that name `{before}['{word}']`"
                    ))
                } else {
                    error.hint(format!("quote it: `{before}['{word}']`"))
                }
            }
            '-' | '$' | '@' | '#' | '/' => {
                let end = rest.find(['.', '[', ']', '(', ')', '=', '<', '>', '!', '&', '|', ',', ' ', '\n', '\t']);
                let name = &rest[..end.unwrap_or(rest.len())];
                let error = JsonPathError::new(range, format!("a name after a dot cannot start with `{next}`"));
                let before = if descendant { ".." } else { "" };
                if name.len() > MAX_QUOTED {
                    error
                } else {
                    error.hint(format!("quote it: `{before}['{}']`", escaped(name)))
                }
            }
            _ => JsonPathError::new(range, format!("a name was expected after `{dots}`, not `{next}`")),
        }
    }

    /// What stands in brackets is no selector.
    pub(super) fn no_selector(&self, open: usize) -> JsonPathError {
        let rest = self.rest();
        let Some(next) = rest.chars().next() else { return self.unclosed_bracket(open) };
        let range = self.at..self.at + next.len_utf8();
        match next {
            ']' if self.text[open + 1..self.at].trim().is_empty() => {
                JsonPathError::new(open..self.at + 1, "nothing is selected in `[]`").hint("`[*]` selects everything")
            }
            ']' | ',' => JsonPathError::new(range, format!("a selector is missing before `{next}`")),
            '(' => JsonPathError::new(range, "script expressions are not part of JSONPath (RFC 9535)")
                .hint("a filter is `[?@.id == 1]`, the last element `[-1]`"),
            '@' | '$' => JsonPathError::new(range, "a query in brackets must be part of a filter")
                .hint("put `?` before it: `[?@.id == 1]`"),
            '‘' | '’' | '“' | '”' => typographic(range, next),
            '+' => JsonPathError::new(range, "an index has no `+`").hint("remove it"),
            '=' | '!' => {
                JsonPathError::new(range, "a test in brackets is a filter").hint("put `?` before it: `[?@.id == 1]`")
            }
            _ => {
                let word = &rest[..rest.find([']', ',', '[']).unwrap_or(rest.len())].trim_end();
                let error =
                    JsonPathError::new(self.at..self.at + word.len().max(next.len_utf8()), "this is not a selector");
                if word.is_empty() || word.len() > MAX_QUOTED {
                    error.hint("write a quoted name, an index, a slice such as `0:3`, `*`, or a filter after `?`")
                } else {
                    error.hint(format!("quote a name: `['{}']`", escaped(word)))
                }
            }
        }
    }

    /// A selector is not followed by `,` or `]`.
    pub(super) fn bracket_goes_on(&self, open: usize, filtered: bool) -> JsonPathError {
        if self.at == self.text.len() {
            return self.unclosed_bracket(open);
        }
        if filtered {
            return self.filter_goes_on("`]`");
        }
        let next = self.rest().chars().next().unwrap_or(' ');
        let error = JsonPathError::new(self.at..self.at + next.len_utf8(), format!("`]` was expected, not `{next}`"));
        if matches!(next, '\'' | '"' | '*' | '?' | '-' | '0'..='9') {
            return error.hint("put a `,` between two selectors");
        }
        error
    }

    /// A group or a call is not followed by `)`.
    pub(super) fn group_goes_on(&self, open: usize) -> JsonPathError {
        if self.at == self.text.len() {
            return JsonPathError::new(open..open + 1, "this `(` is not closed").hint("`)` is missing");
        }
        self.filter_goes_on("`)`")
    }

    fn unclosed_bracket(&self, open: usize) -> JsonPathError {
        let hint = if self.text.ends_with('[') { "`[*]` selects everything" } else { "`]` is missing" };
        JsonPathError::new(open..open + 1, "this `[` is not closed").hint(hint)
    }

    /// Something else follows where a part of a filter is complete.
    fn filter_goes_on(&self, wanted: &str) -> JsonPathError {
        let rest = self.rest();
        let next = rest.chars().next().unwrap_or(' ');
        let one = self.at..self.at + next.len_utf8();
        let word = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
        let instead = match word.to_ascii_lowercase().as_str() {
            "and" => "`&&`",
            "or" => "`||`",
            "eq" | "equals" | "is" => "`==`",
            "in" => "each comparison, joined with `||`",
            _ => "",
        };
        if !instead.is_empty() {
            return JsonPathError::new(self.at..self.at + word.len(), format!("`{word}` is not an operator"))
                .hint(format!("write {instead}"));
        }
        if rest.starts_with("=~") {
            return JsonPathError::new(self.at..self.at + 2, "`=~` is not an operator").hint(REGEX_HINT);
        }
        if ["==", "!=", "<", ">"].iter().any(|sign| rest.starts_with(sign)) {
            return JsonPathError::new(one, "a comparison has only two sides")
                .hint("join two comparisons with `&&` or `||`");
        }
        match next {
            '=' => JsonPathError::new(one, "`=` is not an operator").hint("write `==`"),
            '&' | '|' => {
                JsonPathError::new(one, format!("`{next}` is not an operator")).hint(format!("write `{next}{next}`"))
            }
            '‘' | '’' | '“' | '”' => typographic(one, next),
            _ => match self.unquoted_name(true) {
                Some(error) => error,
                None if matches!(next, '+' | '-' | '*' | '/' | '%') => {
                    JsonPathError::new(one, "JSONPath has no arithmetic")
                }
                None => JsonPathError::new(one, format!("{wanted} was expected, not `{next}`")),
            },
        }
    }

    /// Neither a literal nor a query nor a call stands where a filter wants one.
    pub(super) fn no_operand(&self, word: &str) -> JsonPathError {
        let rest = self.rest();
        let Some(next) = rest.chars().next() else {
            let missing = JsonPathError::new(self.at..self.at, "the filter ends too early");
            return missing.hint("add a query such as `@.name`, a text, a number, `true`, `false` or `null`");
        };
        let one = self.at..self.at + next.len_utf8();
        if !word.is_empty() {
            let range = self.at..self.at + word.len();
            let lower = word.to_ascii_lowercase();
            if matches!(lower.as_str(), "true" | "false" | "null") {
                return JsonPathError::new(range, format!("`{word}` must be in small letters"))
                    .hint(format!("write `{lower}`"));
            }
            if rest[word.len()..].starts_with('(') {
                return JsonPathError::new(range, format!("there is no function `{word}`"))
                    .hint("the functions are `length`, `count`, `value`, `match` and `search`");
            }
            if rest[word.len()..].trim_start().starts_with('(') && functions::is_known(word) {
                return JsonPathError::new(range, "white space is not allowed between a function and its `(`")
                    .hint("remove it");
            }
            let error = JsonPathError::new(range, format!("`{word}` is neither a text nor a query"));
            return if lower == "not" {
                error.hint("`!` negates: `!(@.a == 1)`")
            } else if word.len() > MAX_QUOTED {
                error
            } else {
                error
                    .hint(format!("write `'{word}'` for a text, `@.{word}` for a member of the element that is tested"))
            };
        }
        match next {
            ']' | ')' | ',' => JsonPathError::new(one, format!("something is missing before `{next}`"))
                .hint("write a query such as `@.name`, a text, a number, `true`, `false` or `null`"),
            '=' | '~' => JsonPathError::new(one, format!("`{next}` is not allowed here")).hint("write `==` to compare"),
            '!' => JsonPathError::new(one, "only one `!` is allowed, before a whole test"),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                JsonPathError::new(one, "a number starts with a digit").hint("put a `0` before the point")
            }
            '.' => JsonPathError::new(one, "a query in a filter starts with `@`, the element that is tested")
                .hint("write `@.name`"),
            '+' => JsonPathError::new(one, "a number has no `+`").hint("remove it"),
            '[' | '{' => JsonPathError::new(one, "arrays and objects cannot be written in a filter")
                .hint("compare their parts: `@[0] == 1`"),
            '/' => JsonPathError::new(one, "a regular expression needs a function").hint(REGEX_HINT),
            '‘' | '’' | '“' | '”' => typographic(one, next),
            _ => JsonPathError::new(
                one,
                format!("a query such as `@.name`, a text or a number was expected, not `{next}`"),
            ),
        }
    }

    pub(super) fn unclosed_text(&self, open: usize) -> JsonPathError {
        let quote = &self.text[open..=open];
        JsonPathError::new(open..open + 1, "this text is not closed").hint(format!("`{quote}` is missing at its end"))
    }

    pub(super) fn too_deep(&self) -> JsonPathError {
        JsonPathError::new(
            self.at..self.at,
            format!("filters, groups and functions are nested more than {MAX_NESTING} levels deep"),
        )
    }
}

/// `!@.a == 1`.
pub(super) fn negated_comparison(start: usize) -> JsonPathError {
    JsonPathError::new(start..start + 1, "`!` belongs before a test, not before one side of a comparison")
        .hint("write `!(@.a == 1)`, or `@.a != 1`")
}

/// `(@.a) == 1`.
pub(super) fn compared_group(start: usize) -> JsonPathError {
    JsonPathError::new(start..start + 1, "a group in parentheses is true or false, which cannot be compared")
        .hint("remove the parentheses, or put them around the whole comparison")
}

fn typographic(range: std::ops::Range<usize>, quote: char) -> JsonPathError {
    JsonPathError::new(range, format!("`{quote}` is a typographic quotation mark")).hint("write `'` or `\"`")
}

/// A name as it stands in single quotes.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('\'', "\\'")
}
