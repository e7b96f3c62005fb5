//! The drafts of JSON Schema, and what each of them knows.

use jsonschema::Draft;

/// The drafts, by what `$schema` says, and what people call them.
const DRAFTS: [(&str, Draft, &str); 5] = [
    ("json-schema.org/draft/2020-12/schema", Draft::Draft202012, "2020-12"),
    ("json-schema.org/draft/2019-09/schema", Draft::Draft201909, "2019-09"),
    ("json-schema.org/draft-07/schema", Draft::Draft7, "draft 7"),
    ("json-schema.org/draft-06/schema", Draft::Draft6, "draft 6"),
    ("json-schema.org/draft-04/schema", Draft::Draft4, "draft 4"),
];

/// The draft that a `$schema` names.
pub(super) fn named(schema: &str) -> Option<Draft> {
    let bare = schema.trim_end_matches('#').trim_start_matches("https://").trim_start_matches("http://");
    DRAFTS.iter().find(|(uri, ..)| *uri == bare).map(|(_, draft, _)| *draft)
}

/// What a draft is called.
pub(super) fn name(draft: Draft) -> &'static str {
    DRAFTS.iter().find(|(_, known, _)| *known == draft).map_or("2020-12", |(.., name)| name)
}

/// What `$schema` may be, for advice.
pub(super) fn uris() -> impl Iterator<Item = String> {
    DRAFTS.iter().map(|(uri, draft, _)| match draft {
        Draft::Draft201909 | Draft::Draft202012 => format!("https://{uri}"),
        _ => format!("http://{uri}#"),
    })
}

/// The keywords, and the drafts from and to which they are one.
const KEYWORDS: &[(&str, Draft, Draft)] = {
    use Draft::{Draft4, Draft6, Draft7, Draft201909, Draft202012};
    &[
        ("$anchor", Draft201909, Draft202012),
        ("$comment", Draft7, Draft202012),
        ("$defs", Draft201909, Draft202012),
        ("$dynamicAnchor", Draft202012, Draft202012),
        ("$dynamicRef", Draft202012, Draft202012),
        ("$id", Draft6, Draft202012),
        ("$recursiveAnchor", Draft201909, Draft201909),
        ("$recursiveRef", Draft201909, Draft201909),
        ("$ref", Draft4, Draft202012),
        ("$schema", Draft4, Draft202012),
        ("$vocabulary", Draft201909, Draft202012),
        ("additionalItems", Draft4, Draft201909),
        ("additionalProperties", Draft4, Draft202012),
        ("allOf", Draft4, Draft202012),
        ("anyOf", Draft4, Draft202012),
        ("const", Draft6, Draft202012),
        ("contains", Draft6, Draft202012),
        ("contentEncoding", Draft7, Draft202012),
        ("contentMediaType", Draft7, Draft202012),
        ("contentSchema", Draft201909, Draft202012),
        ("default", Draft4, Draft202012),
        ("definitions", Draft4, Draft202012),
        ("dependencies", Draft4, Draft7),
        ("dependentRequired", Draft201909, Draft202012),
        ("dependentSchemas", Draft201909, Draft202012),
        ("deprecated", Draft4, Draft202012),
        ("description", Draft4, Draft202012),
        ("else", Draft7, Draft202012),
        ("enum", Draft4, Draft202012),
        ("examples", Draft4, Draft202012),
        ("exclusiveMaximum", Draft4, Draft202012),
        ("exclusiveMinimum", Draft4, Draft202012),
        ("format", Draft4, Draft202012),
        ("id", Draft4, Draft4),
        ("if", Draft7, Draft202012),
        ("items", Draft4, Draft202012),
        ("maxContains", Draft201909, Draft202012),
        ("maxItems", Draft4, Draft202012),
        ("maxLength", Draft4, Draft202012),
        ("maxProperties", Draft4, Draft202012),
        ("maximum", Draft4, Draft202012),
        ("minContains", Draft201909, Draft202012),
        ("minItems", Draft4, Draft202012),
        ("minLength", Draft4, Draft202012),
        ("minProperties", Draft4, Draft202012),
        ("minimum", Draft4, Draft202012),
        ("multipleOf", Draft4, Draft202012),
        ("not", Draft4, Draft202012),
        ("oneOf", Draft4, Draft202012),
        ("pattern", Draft4, Draft202012),
        ("patternProperties", Draft4, Draft202012),
        ("prefixItems", Draft202012, Draft202012),
        ("properties", Draft4, Draft202012),
        ("propertyNames", Draft6, Draft202012),
        ("readOnly", Draft4, Draft202012),
        ("required", Draft4, Draft202012),
        ("then", Draft7, Draft202012),
        ("title", Draft4, Draft202012),
        ("type", Draft4, Draft202012),
        ("unevaluatedItems", Draft201909, Draft202012),
        ("unevaluatedProperties", Draft201909, Draft202012),
        ("uniqueItems", Draft4, Draft202012),
        ("writeOnly", Draft4, Draft202012),
    ]
};

/// The keywords of a draft.
pub(super) fn keywords(draft: Draft) -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().filter(move |(_, from, to)| (*from..=*to).contains(&draft)).map(|(name, ..)| *name)
}

/// The drafts from and to which a word is a keyword.
pub(super) fn lifetime(keyword: &str) -> Option<(Draft, Draft)> {
    KEYWORDS.iter().find(|(name, ..)| *name == keyword).map(|(_, from, to)| (*from, *to))
}

/// The formats that are asserted.
pub(super) const FORMATS: [&str; 19] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// Keywords whose value is a schema.
pub(super) const ONE: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is a list of schemas.
pub(super) const LIST: [&str; 5] = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
/// Keywords whose value holds schemas by name.
pub(super) const NAMED: [&str; 6] =
    ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];
