//! Mistakes of the first hour: what people bring along from other tools, and what YAML does to them. Each is told with
//! what to write in its place.

use crate::support::Project;

/// The lines below the title, and each problem: its place, the beginning of its sentence, the beginning of its help.
type Mistake = (&'static str, &'static [(&'static str, &'static str, &'static str)]);

const INDENTATION: &str =
    "check the indentation: all keys of one mapping start in the same column, and so do the `-` of one list";
const DASHED: &str = "remove the `- ` before each key: it makes the line an item of a list";
const CALL: &str = "write the method as the key and the URL as its value: `get: /path`";
const LOGIN: &str = "a scenario only names its provider, `auth: NAME`";

#[rustfmt::skip]
const SCENARIOS: &[Mistake] = &[
    ("steps:\n  - get: /a\n   expect: 200\n", &[("4:4", "this is not valid YAML: ", INDENTATION)]),
    ("steps:\n  - get: /a\n      expect: 200\n", &[("4:13", "this is not valid YAML: ", INDENTATION)]),
    ("steps:\n  get: /a\n  - get: /b\n", &[("4:5", "this is not valid YAML: ", INDENTATION)]),
    ("steps:\n  - get: /a\n\texpect: 200\n", &[("4:1", "this line is indented with a tab", "replace the tab with spaces")]),
    ("steps:\n  - get: \"/a\n    expect: 200\n", &[("3:10", "this is not valid YAML: a quote is never closed", "close it on the same line")]),
    ("steps:\n  - get: \"/{{ 'x' | default(\"y\") }}\"\n", &[("3:30", "this is not valid YAML: there is more text", "inside \"…\" write a quote as \\\"")]),
    ("steps:\n  - post: /a\n    json: { colour: #fff, x: 1 }\n", &[("4:11", "this is not valid YAML: this `{` is never closed", "quote a value that contains ` #`")]),
    ("vars:\n  _id: {{ uuid() }}\nsteps:\n  - get: /a\n    expect: { json: { id: {{ x }} } }\n    expcet: 1\n", &[
        ("3:8", "a value that starts with `{{` must be quoted", "put quotes around the whole value: \"{{ … }}\""),
        ("6:27", "a value that starts with `{{` must be quoted", "put quotes around the whole value: \"{{ … }}\""),
        ("7:5", "a step has no key `expcet`", "did you mean `expect`?"),
    ]),
    ("steps:\n  - get: /a\n    expect: { status: \"200\" }\n", &[("4:23", "`\"200\"` is not an HTTP status", "a status is a number: write 200, without quotes")]),
    ("steps:\n  - get: /a\n    expect: ok\n", &[("4:13", "`ok` is not an HTTP status", "write a number from 100 to 599")]),
    ("steps:\n  - get: /a\n    json: { id: <uuid> }\n", &[("4:5", "a GET request has no body, and this has `json`", "what you expect of the answer goes under `expect`")]),
    ("steps:\n  - get: /a\n    status: 200\n    body: { a: 1 }\n", &[
        ("4:5", "a step has no key `status`", "what you expect of the answer goes under `expect`"),
        ("5:5", "a step has no key `body`", "the body of a request is `json`, `form`,"),
    ]),
    ("steps:\n  - method: GET\n    url: /a\n", &[("3:5", "a step has no key `method`", CALL), ("4:5", "a step has no key `url`", CALL)]),
    ("steps:\n  - get: /a\n    assert: { status_code: 200, body: x }\n    extract: { _id: $.id }\n", &[
        ("4:5", "a step has no key `assert`", "did you mean `expect`?"),
        ("4:15", "`expect` has no key `status_code`", "did you mean `status`?"),
        ("4:33", "`expect` has no key `body`", "check the answer's body with `json`,"),
        ("5:5", "a step has no key `extract`", "did you mean `capture`?"),
    ]),
    ("steps:\n  - get: /a/{{ item }}\n    loop: [1, 2]\n", &[("4:5", "a step has no key `loop`", "did you mean `for_each`?")]),
    ("steps:\n  get: /a\n  expect: 200\n", &[("3:3", "a list is expected here, not a mapping", "start each item with `- `: a dash and a space")]),
    ("steps:\n  - GET /a\n", &[("3:5", "a step must be a mapping, not a string", "write `get: /a`")]),
    ("steps:\n", &[("2:6", "a list is expected here, not nothing", "write its items below, each on a line")]),
    ("vars:\n  - a: 1\nsteps:\n  - get: \"/{{ a }}\"\n    expect:\n      - status: 200\n", &[
        ("3:3", "a mapping is expected here, not a list", DASHED),
        ("7:7", "`expect` must be a mapping, not a list", DASHED),
    ]),
    ("auth:\n  type: bearer\n  token: abc\nsteps:\n  - get: /a\n", &[
        ("3:3", "an auth step has no key `type`", LOGIN),
        ("3:3", "an auth step needs the key `provider`", ""),
        ("4:3", "an auth step has no key `token`", LOGIN),
    ]),
    ("steps:\n  - get: /a\n    retry: 3\n    poll: 10s\n", &[
        ("4:12", "`retry` must be a mapping, not the number 3", "write it as `key: value`; the keys are `times`,"),
        ("5:11", "`poll` must be a mapping, not a string", "write it as `key: value`; the keys are `every` and `for`"),
    ]),
    ("steps:\n  - get: /a\n    expect: { json: { n: <int>, z: <gt 3>, s: <UUID> } }\n", &[
        ("4:27", "there is no matcher `int`", "did you mean `integer`?"),
        ("4:37", "there is no matcher `gt`", "did you mean `>`?"),
        ("4:48", "there is no matcher `UUID`", "did you mean `uuid`?"),
    ]),
    ("name: Again\nenv: stg\nsteps:\n  - get: /a\n", &[
        ("2:1", "a scenario has no key `name`", "the title is the value of `scenario`"),
        ("3:1", "a scenario has no key `env`", "environments and their secrets belong in callsheet.yaml, the project file"),
    ]),
];

#[rustfmt::skip]
const PROJECTS: &[Mistake] = &[
    ("enviroments:\n  stg: { vars: { a: 1 } }\n", &[("2:1", "the project file has no key `enviroments`", "did you mean `environments`?")]),
    ("environments:\n  - name: stg\n", &[("3:3", "a mapping is expected here, not a list", DASHED)]),
    ("environments:\n  stg: { vars: { a: 1 }\njobs: 1\n", &[("4:1", "this is not valid YAML: a `,` or `}` is expected here", "is this `{` closed")]),
    ("environments:\n  stg: { base_url: http://x, vars: { a: 1 } }\nproviders: specs\n", &[
        ("3:10", "an environment has no key `base_url`", "write it under `vars`; templates then see it as `env.NAME`"),
        ("4:12", "a list is expected here, not a string", "for a list of one item, write [specs]"),
    ]),
    ("vars: { a: 1 }\n", &[("2:1", "the project file has no key `vars`", "it belongs in an environment:")]),
    ("environments:\n  stg: { secrets: { key: hunter2 }, vars: { a: 1 } }\ndefaults: { retry: 3 }\n", &[
        ("3:26", "a secret itself is never written into a file, only where it comes from", "write one of { env: NAME }"),
        ("4:13", "`defaults` has no key `retry`", "did you mean `retries`?"),
    ]),
];

/// Checks a project with this one file that is wrong: it is told so, and nothing else is.
#[track_caller]
fn told(project: &Project, file: &str, text: &str, problems: &[(&str, &str, &str)]) {
    let outcome = project.callsheet(&["check"]);
    outcome.exits(2);
    let blocks: Vec<&str> = outcome.stderr.split("error[").skip(1).collect();
    assert_eq!(blocks.len(), problems.len(), "{text}\n{}", outcome.stderr);
    for (place, sentence, help) in problems {
        let fits = |block: &&str| {
            block.contains(&format!("]: {sentence}"))
                && block.contains(&format!("--> {file}:{place}\n"))
                && (help.is_empty() || block.contains(&format!("= help: {help}")))
        };
        assert!(blocks.iter().any(fits), "{text}\n{place} {sentence}\n{help}\n{}", outcome.stderr);
    }
}

#[test]
fn in_scenarios() {
    for (lines, problems) in SCENARIOS {
        let text = format!("scenario: A\n{lines}");
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            told(&Project::new().file("s.yaml", &text), "s.yaml", &text, problems);
        }
    }
}

#[test]
fn in_project_files() {
    for (lines, problems) in PROJECTS {
        let text = format!("callsheet: 1\n{lines}");
        let project = Project::new()
            .file("callsheet.yaml", &text)
            // A name of an environment that could not be read is no second mistake.
            .file("s.yaml", "scenario: A\nsteps:\n  - get: \"{{ env.a }}\"\n");
        told(&project, "callsheet.yaml", &text, problems);
    }
}

#[test]
fn a_project_file_is_told_of_once() {
    let project = Project::new().file("callsheet.yaml", "").file("s.yaml", "scenario: A\nsteps: [{ gett: / }]\n");
    project
        .callsheet(&["check"])
        .exits(2)
        .says("error[yaml.empty]: the file is empty\n --> callsheet.yaml:1:1\n")
        .says("a step has no key `gett`")
        .says("2 errors");
}

#[test]
fn an_unknown_environment_hides_no_mistake_of_the_scenarios() {
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { test: {} }\n")
        .file("s.yaml", "scenario: A\nauth: simakan\nsteps: [{ get: \"{{ env.a }}/{{ plat }}\" }]\n");
    project
        .callsheet(&["check", "--env", "tst"])
        .exits(2)
        .says("there is no environment `tst`")
        .says("there is no provider `simakan`")
        .says("the variable `plat` is not defined")
        .says("3 errors");
}

#[test]
fn a_fragment_or_a_provider_that_could_not_be_read_is_the_only_mistake() {
    let project = Project::new()
        .file("frag.yaml", "fragment: F\nsteps: [\n")
        .file("own.yaml", "provider: own\nflow: [\n")
        .file("s.yaml", "scenario: A\nauth: own\nsteps:\n  - use: frag.yaml\n  - get: \"/{{ given }}\"\n");
    project.callsheet(&["check"]).exits(2).says("frag.yaml:").says("own.yaml:").says("2 errors");
    let project = Project::new()
        .file(
            "frag.yaml",
            "fragment: F\nparams: { n: { type: int } }\nsteps: [{ pause: soon }]\nreturns: { a: \"{{ n }}\" }\n",
        )
        .file("s.yaml", "scenario: A\nsteps:\n  - use: frag.yaml\n    with: { n: 1 }\n  - get: \"/{{ a }}/{{ b }}\"\n");
    project
        .callsheet(&["check"])
        .exits(2)
        .says("there is no type `int`")
        .says("`soon` is not a duration")
        .says("the variable `b` is not defined")
        .says("3 errors");
}
