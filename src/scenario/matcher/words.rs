//! The words that begin a matcher, and what people write in their place.

use crate::source::suggestion;

/// The beginnings of all matchers, as they are written.
const MATCHERS: &[&str] = &[
    "any",
    "string",
    "number",
    "integer",
    "boolean",
    "array",
    "object",
    "null",
    "absent",
    "optional",
    "empty",
    "not",
    "length",
    "between",
    "about",
    "uuid",
    "email",
    "url",
    "date",
    "datetime",
    "time",
    "duration",
    "ipv4",
    "ipv6",
    "hostname",
    "semver",
    "base64",
    "hex",
    "jwt",
    "slug",
    "iso country",
    "iso currency",
    "contains",
    "starts with",
    "ends with",
    "matches",
    "one of",
    "in the past",
    "in the future",
    "within",
    "each",
    "unique",
    "sorted",
];

/// What other tools and languages call them.
const SYNONYMS: &[(&str, &str)] = &[
    ("int", "integer"),
    ("bool", "boolean"),
    ("str", "string"),
    ("text", "string"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("numeric", "number"),
    ("list", "array"),
    ("map", "object"),
    ("dict", "object"),
    ("nil", "null"),
    ("none", "null"),
    ("guid", "uuid"),
    ("uri", "url"),
    ("timestamp", "datetime"),
    ("iso8601", "datetime"),
    ("regex", "matches"),
    ("regexp", "matches"),
    ("pattern", "matches"),
    ("like", "matches"),
    ("present", "any"),
    ("exists", "any"),
    ("defined", "any"),
    ("missing", "absent"),
    ("undefined", "absent"),
    ("enum", "one of"),
    ("oneof", "one of"),
    ("startswith", "starts with"),
    ("endswith", "ends with"),
    ("includes", "contains"),
    ("size", "length"),
    ("len", "length"),
    ("count", "length"),
    ("every", "each"),
    ("all", "each"),
    ("distinct", "unique"),
    ("ordered", "sorted"),
    ("past", "in the past"),
    ("future", "in the future"),
    ("country", "iso country"),
    ("currency", "iso currency"),
    ("version", "semver"),
    ("host", "hostname"),
    ("nonempty", "not empty"),
    ("notempty", "not empty"),
    ("notnull", "not null"),
    ("approx", "about"),
    ("ip", "ipv4"),
    ("gt", ">"),
    ("gte", ">="),
    ("ge", ">="),
    ("lt", "<"),
    ("lte", "<="),
    ("le", "<="),
    ("eq", "=="),
    ("ne", "!="),
];

/// The matcher whose first word this is, as it is written.
pub(super) fn exact(word: &str) -> Option<&'static str> {
    MATCHERS.iter().copied().find(|matcher| matcher.split(' ').next() == Some(word))
}

/// The matcher that was probably meant by a word that begins none.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase().replace(['_', '-'], "");
    SYNONYMS
        .iter()
        .find(|(other, _)| *other == lower)
        .map(|(_, ours)| *ours)
        .or_else(|| MATCHERS.iter().copied().find(|matcher| matcher.replace(' ', "") == lower))
        .or_else(|| exact(suggestion(word, MATCHERS.iter().filter_map(|matcher| matcher.split(' ').next()))?))
}
