//! The cases that come out otherwise than the suite says, each for a reason that holds.

/// A reason, and the cases it accounts for: `draft/file: group: case`, or `draft/file: group` where the schema is refused, so
/// that no case of the group is decided.
pub(crate) const DIFFERENCES: &[(&str, &[&str])] = &[
    (
        "2020-12 leaves it to the implementation whether a format is asserted; whoever writes one into a test means it",
        &[
            "draft2020-12/format.json: date format: invalid date string is only an annotation by default",
            "draft2020-12/format.json: date-time format: invalid date-time string is only an annotation by default",
            "draft2020-12/format.json: duration format: invalid duration string is only an annotation by default",
            "draft2020-12/format.json: email format: invalid email string is only an annotation by default",
            "draft2020-12/format.json: hostname format: invalid hostname string is only an annotation by default",
            "draft2020-12/format.json: idn-email format: invalid idn-email string is only an annotation by default",
            "draft2020-12/format.json: idn-hostname format: invalid idn-hostname string is only an annotation by default",
            "draft2020-12/format.json: ipv4 format: invalid ipv4 string is only an annotation by default",
            "draft2020-12/format.json: ipv6 format: invalid ipv6 string is only an annotation by default",
            "draft2020-12/format.json: iri format: invalid iri string is only an annotation by default",
            "draft2020-12/format.json: iri-reference format: invalid iri-reference string is only an annotation by default",
            "draft2020-12/format.json: json-pointer format: invalid json-pointer string is only an annotation by default",
            "draft2020-12/format.json: regex format: invalid regex string is only an annotation by default",
            "draft2020-12/format.json: relative-json-pointer format: invalid relative-json-pointer string is only an annotation by default",
            "draft2020-12/format.json: time format: invalid time string is only an annotation by default",
            "draft2020-12/format.json: uri format: invalid uri string is only an annotation by default",
            "draft2020-12/format.json: uri-reference format: invalid uri-reference string is only an annotation by default",
            "draft2020-12/format.json: uri-template format: invalid uri-template string is only an annotation by default",
            "draft2020-12/format.json: uuid format: invalid uuid string is only an annotation by default",
        ],
    ),
    (
        "a `$schema` that is none of the five drafts is refused: a mistyped one would assert other things than meant",
        &[
            "draft2019-09/vocabulary.json: ignore unrecognized optional vocabulary",
            "draft2019-09/vocabulary.json: schema that uses custom metaschema with with no validation vocabulary",
            "draft2020-12/optional/format-assertion.json: schema that uses custom metaschema with format-assertion: false",
            "draft2020-12/optional/format-assertion.json: schema that uses custom metaschema with format-assertion: true",
            "draft2020-12/vocabulary.json: ignore unrecognized optional vocabulary",
            "draft2020-12/vocabulary.json: schema that uses custom metaschema with with no validation vocabulary",
        ],
    ),
];
