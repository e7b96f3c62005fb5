//! Keys that people bring along from other tools, or write one level too high or too low, and what to write here.

/// What to write in place of a key that the mapping does not have: the key of this mapping that means the same, or a
/// sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// A key of the same mapping.
    Key(&'static str),
    /// What to do.
    Advice(&'static str),
}

use Instead::{Advice, Key};

const EXPECTATION: Instead = Advice("what you expect of the answer goes under `expect`");
const BODY: Instead = Advice(
    "the body of a request is `json`, `form`, `multipart`, `graphql`, `text` or `file`; what you expect of the answer's body goes under `expect`",
);
const CALL: Instead = Advice("write the method as the key and the URL as its value: `get: /path`");
const PROJECT: Instead = Advice("environments and their secrets belong in callsheet.yaml, the project file");
const LOGIN: Instead = Advice(
    "a scenario only names its provider, `auth: NAME`: the login is described in the provider's file, and credentials come from environment variables or `.env`",
);
const VARIABLE: Instead = Advice("write it under `vars`; templates then see it as `env.NAME`");
const OF_ENVIRONMENT: Instead = Advice("it belongs in an environment: `environments: { NAME: { … } }`");

/// By the mapping, then by its foreign keys.
const ELSEWHERE: &[(&str, &[(&str, Instead)])] = &[
    (
        "a scenario",
        &[
            ("name", Advice("the title is the value of `scenario`")),
            ("title", Advice("the title is the value of `scenario`")),
            ("url", Key("base_url")),
            ("base", Key("base_url")),
            ("host", Key("base_url")),
            ("variables", Key("vars")),
            ("before", Key("setup")),
            ("after", Key("teardown")),
            ("cleanup", Key("teardown")),
            ("tests", Key("steps")),
            ("requests", Key("steps")),
            ("examples", Key("cases")),
            ("env", PROJECT),
            ("environment", PROJECT),
            ("environments", PROJECT),
            ("secrets", PROJECT),
            ("get", Advice("write the call as a step: `steps: [{ get: /path }]`")),
            ("post", Advice("write the call as a step: `steps: [{ post: /path }]`")),
            ("expect", Advice("`expect` belongs in a step, next to its call")),
            ("headers", Advice("headers belong in a step; those of all calls go in callsheet.yaml, under `defaults`")),
        ],
    ),
    (
        "a step",
        &[
            ("status", EXPECTATION),
            ("within", EXPECTATION),
            ("cookies", EXPECTATION),
            ("json_exactly", EXPECTATION),
            ("at", EXPECTATION),
            ("that", EXPECTATION),
            ("response", EXPECTATION),
            ("assert", Key("expect")),
            ("asserts", Key("expect")),
            ("assertions", Key("expect")),
            ("validate", Key("expect")),
            ("check", Key("expect")),
            ("checks", Key("expect")),
            ("extract", Key("capture")),
            ("save", Key("capture")),
            ("captures", Key("capture")),
            ("body", BODY),
            ("data", BODY),
            ("payload", BODY),
            ("method", CALL),
            ("url", CALL),
            ("path", CALL),
            ("call", CALL),
            ("http", CALL),
            ("params", Key("query")),
            ("if", Key("when")),
            ("condition", Key("when")),
            ("loop", Key("for_each")),
            ("with_items", Key("for_each")),
            ("sleep", Key("pause")),
            ("wait", Key("pause")),
            ("delay", Key("pause")),
            ("include", Key("use")),
            ("title", Key("name")),
            ("description", Key("name")),
            ("vars", Advice("variables belong to the scenario: write `vars` next to `steps`")),
        ],
    ),
    (
        "`expect`",
        &[
            ("body", Advice("check the answer's body with `json`, `json_exactly`, `at`, `text` or `graphql`")),
            ("response", Advice("write its parts directly under `expect`: `status`, `headers`, `json`, …")),
            ("code", Key("status")),
            ("status_code", Key("status")),
            ("time", Key("within")),
            ("duration", Key("within")),
            ("jsonpath", Key("at")),
            ("path", Key("at")),
            ("exactly", Key("json_exactly")),
            ("contains", Key("json")),
            ("capture", Advice("`capture` belongs next to `expect`, not inside it")),
        ],
    ),
    (
        "an auth step",
        &[
            ("type", LOGIN),
            ("token", LOGIN),
            ("bearer", LOGIN),
            ("basic", LOGIN),
            ("username", LOGIN),
            ("password", LOGIN),
            ("client_id", LOGIN),
            ("client_secret", LOGIN),
            ("url", LOGIN),
            ("name", Key("provider")),
            ("persona", Key("as")),
            ("user", Key("as")),
            ("scopes", Key("scope")),
        ],
    ),
    (
        "the project file",
        &[
            ("vars", OF_ENVIRONMENT),
            ("secrets", OF_ENVIRONMENT),
            ("read_only", OF_ENVIRONMENT),
            ("serve", OF_ENVIRONMENT),
            ("env", Key("environments")),
            ("envs", Key("environments")),
            ("timeout", Advice("it belongs under `defaults`")),
            ("headers", Advice("they belong under `defaults`")),
            ("base_url", Advice("it belongs in a scenario: `base_url: \"{{ env.api }}\"`")),
        ],
    ),
    ("an environment", &[("base_url", VARIABLE), ("url", VARIABLE), ("host", VARIABLE), ("variables", Key("vars"))]),
    (
        "`defaults`",
        &[("retry", Key("retries")), ("base_url", Advice("it belongs in a scenario: `base_url: \"{{ env.api }}\"`"))],
    ),
    (
        "`retry`",
        &[("count", Key("times")), ("max", Key("times")), ("attempts", Key("times")), ("delay", Key("backoff"))],
    ),
    (
        "`poll`",
        &[
            ("interval", Key("every")),
            ("timeout", Key("for")),
            ("until", Advice("the step is repeated until its `expect` is met: write the condition there")),
        ],
    ),
];

/// What to write in place of a key, if it is one that people are known to write there.
pub(super) fn instead(what: &str, key: &str) -> Option<Instead> {
    let (_, keys) = ELSEWHERE.iter().find(|(mapping, _)| *mapping == what)?;
    let lower = key.to_lowercase();
    keys.iter().find(|(foreign, _)| *foreign == lower).map(|(_, instead)| *instead)
}
