//! Mistakes in files: each ends the run with 2 before any request, and is told with its id, its place and its reason.

use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Project, Recorder, json};

/// A text, and the id, the place and the beginning of the sentence that it is told with.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    ("scenario: A\nbase_url: http://x\ntags: [a]\nbase_url: http://y\n", "yaml.duplicate-key", "4:1", "the key `base_url` is here twice"),
    ("scenario: A\nsteps:\n  - get: /a\n    get: /b\n", "yaml.duplicate-key", "4:5", "the key `get` is here twice"),
    ("scenario: A\nsteps:\n\t- get: /a\n", "yaml.tab", "3:1", "this line is indented with a tab, and YAML allows only spaces"),
    ("scenario: A\nsteps:\n  - {get: /a, capture: {id: $.items[0].id}}\n", "yaml.flow-value", "3:29", "inside { … } and [ … ], a value that contains one of [ ] { } , must be quoted"),
    ("scenario: “A”\n", "yaml.curly-quotes", "1:11", "curly quotes do not quote in YAML: they would become part of the value"),
    ("scenario: A\nsteps:\n  - get: *here\n", "yaml.alias", "3:10", "there is no anchor `&here` above this alias"),
    ("scenario: A\nsteps:\n  - get: !Ref x\n", "yaml.tag", "3:10", "the YAML tag `!Ref` is not supported"),
    ("scenario: A\nsteps:\n  - get: !Ref &a x\n    headers: {}\n", "yaml.tag", "3:10", "the YAML tag `!Ref` is not supported"),
    ("scenario: A\nsteps: !seq\n  - get: /\n", "yaml.tag", "2:8", "the YAML tag `!seq` is not supported"),
    ("scenario: A\n---\nscenario: B\n", "yaml.documents", "2:1", "a second YAML document starts here, and a file may contain only one"),
    ("scenario: A\nsteps:\n  - get: /a\n    headers:\n      <<: 3\n", "yaml.merge", "5:11", "`<<` can only merge a mapping, and this is not one"),
    ("scenario: A\nsteps: [get: /a\n", "yaml.syntax", "2:8", "this is not valid YAML: this `[` is never closed"),
    ("scenario: A\nsteps:\n  - get: /a: b\n", "yaml.syntax", "3:12", "this is not valid YAML: a second `: ` in one line"),
    ("scenario: A\nsteps:\n  - get: @a\n", "yaml.syntax", "3:10", "this is not valid YAML: a value cannot start with `@`"),
    ("scenario: A\nsteps:\n  - get: /a\n    expects: 200\n", "format.unknown-key", "4:5", "a step has no key `expects`"),
    ("scenario: A\nstep: []\n", "format.unknown-key", "2:1", "a scenario has no key `step`"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { sttus: 200 }\n", "format.unknown-key", "4:15", "`expect` has no key `sttus`"),
    ("scenario: [A]\n", "format.type", "1:11", "a string is expected here, not a list"),
    ("scenario: A\nauth: { as: planner }\n", "format.missing-key", "2:9", "an auth step needs the key `provider`"),
    ("scenario: A\nsteps:\n  - get: /a\n    retry: many\n", "format.type", "4:12", "`retry` must be a mapping, not a string"),
    ("scenario: A\nsteps:\n  - post: /a\n    json: {}\n    form: {}\n", "format.step", "5:5", "a call has one body, and this has both `json` and `form`"),
    ("scenario: A\nsteps:\n  - get: /a\n    post: /b\n", "format.step", "4:5", "a step does only one thing, and this has both `get` and `post`"),
    ("scenario: A\nsteps:\n  - expect: 200\n", "format.step", "3:5", "this step does nothing"),
    ("scenario: A\nsteps:\n  - pause: soon\n", "format.duration", "3:12", "`soon` is not a duration"),
    ("scenario: A\nsteps:\n  - pause: 5\n", "format.duration", "3:12", "`5` is not a duration"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { status: 99 }\n", "format.status", "4:23", "`99` is not an HTTP status"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: 2yy\n", "format.status", "4:13", "`2yy` is not an HTTP status"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { at: { \"$.a[\": 1 } }\n", "format.jsonpath", "4:25", "this JSONPath is not valid: this `[` is not closed"),
    ("scenario: A\nsteps:\n  - get: /a\n    capture: { _id: $..[ }\n", "yaml.flow-value", "4:21", "inside { … } and [ … ], a value that contains one of [ ] { } , must be quoted"),
    ("scenario: A\nsteps:\n  - get: /a\n    capture: { _id: regex \"(\" }\n", "capture.regex", "4:21", "this regular expression is not valid: unclosed group"),
    ("scenario: A\nsteps:\n  - get: /a\n    capture: { my-id: status }\n", "format.name", "4:16", "`my-id` is not a name that templates can use"),
    ("scenario: A\nsteps:\n  - get: \"/{{ env.name \"\n", "template.syntax", "3:12", "this `{{` has no `}}`"),
    ("scenario: A\nsteps:\n  - get: \"/{{ env.name | upcase }}\"\n", "template.unknown", "3:26", "there is no filter `upcase`"),
    ("scenario: A\nsteps:\n  - get: /a\n    when: \"1 +\"\n", "template.syntax", "4:14", "the expression ends too early: a value is missing"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { that: [\"json.größe == 1\"] }\n", "template.syntax", "4:30", "`ö` cannot be used here"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { that: \"\" }\n", "template.syntax", "4:21", "this expression is empty"),
    ("scenario: A\nsteps:\n  - get: /a\n    capture: { a: css }\n", "capture.origin", "4:19", "`css` does not say where the value comes from"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { that: [\"status === 1\"] }\n", "template.syntax", "4:32", "`=` is not expected here"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { that: [\"status ==\"] }\n", "template.syntax", "4:30", "the expression ends too early: a value is missing"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: <uid> } }\n", "matcher.unknown", "4:28", "there is no matcher `uid`"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: <integer >= one> } }\n", "matcher.syntax", "4:39", "`>=` needs a number, not `\"one\"`"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: \"<matches [>\" } }\n", "matcher.regex", "4:37", "this regular expression is not valid: unclosed character class"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: \"<uuid\" } }\n", "matcher.unclosed", "4:27", "this `<uuid …` has no `>` at its end"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: { $eech: 1 } } }\n", "expect.operator", "4:29", "there is no operator `$eech`"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: { $length: [] } } }\n", "format.type", "4:38", "a whole number, 0 or more, or a matcher such as `<1..10>`, is expected here, not a list"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: { $each: 1, b: 2 } } }\n", "expect.operator", "4:39", "operators and members cannot be in the same mapping"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: { $by: sku } } }\n", "expect.operator", "4:34", "`$by` needs the elements to pair next to it"),
    ("", "yaml.empty", "1:1", "the file is empty"),
    ("# nothing\n", "yaml.empty", "1:1", "the file contains only comments"),
    ("senario: A\nsteps: []\n", "format.first-key", "1:1", "a file cannot start with the key `senario`"),
    ("steps: []\nscenario: A\n", "format.first-key", "2:1", "`scenario` must be the first key of the file"),
    ("scenario: A\ncases: []\nsteps: [{ get: / }]\n", "format.cases", "2:8", "`cases` is empty, so the scenario would never run"),
    ("scenario: A\ncases: { fil: a.csv }\nsteps: [{ get: / }]\n", "format.unknown-key", "2:10", "`cases` has no key `fil`"),
    ("scenario: A\nsteps:\n  - pause: 1s\n    expect: 200\n", "format.step", "4:5", "`expect` belongs to a call, and this step has `pause`"),
    ("scenario: A\nsteps:\n  - get: /a\n    for_each: 3\n", "check.for-each", "4:15", "`for_each` needs a list, and this is a number"),
    ("scenario: A\nsteps:\n  - post: /a\n    graphql: { variables: {} }\n", "format.graphql", "4:14", "`graphql` needs either `query` or `file`"),
    ("scenario: A\nsteps:\n  - post: /a\n    multipart: { a: { type: image/png } }\n", "format.part", "4:21", "a part needs exactly one of `file`, `text` and `json`"),
    ("fragment: F\nparams: { n: { type: int } }\nsteps: [{ get: \"/{{ n }}\" }]\n", "format.param", "2:22", "there is no type `int`"),
    ("provider: own\nflow: pasword\n", "format.value", "2:7", "`pasword` is not a flow"),
    ("provider: own\nflow: password\nenvironments: { test: { base: http://x } }\nlogin: { post: \"{{ base }}/a\", encoding: xml }\n", "format.value", "4:42", "`xml` is not an encoding"),
    ("scenario: A\nsteps:\n  - get: {{ x }}\n", "yaml.unquoted-template", "3:10", "a value that starts with `{{` must be quoted"),
    ("scenario: A\nsteps:\n  - request: /a\n", "format.request", "3:14", "a method and a URL are needed here"),
    ("scenario: A\nsteps:\n  - use: fragments/nowhere.yaml\n", "fragment.file", "3:10", "there is no file `fragments/nowhere.yaml`"),
    ("scenario: A\nsteps:\n  - use: good.yaml\n", "fragment.kind", "3:10", "`good.yaml` is not a fragment"),
    ("scenario: A\ncases: { file: nowhere.csv }\nsteps: [{ get: / }]\n", "cases.file", "2:16", "nowhere.csv cannot be read: there is no such file or folder"),
    ("scenario: A\nsteps:\n  - get: /\n    capture: { _x: body }\n", "capture.origin", "4:20", "`body` does not say where the value comes from"),
    ("\u{feff}scenaro: A\n", "format.first-key", "1:1", "a file cannot start with the key `scenaro`"),
    ("\u{feff}scenario: A\r\nsteps:\r\n  - get: /a\r\n    expects: 200\r\n", "format.unknown-key", "4:5", "a step has no key `expects`"),
];

#[rustfmt::skip]
const NOT_YET: &[Mistake] = &[
    ("scenario: A\nsteps:\n  - parallel: []\n", "format.unsupported", "3:5", "`parallel` is not supported yet"),
    ("scenario: A\nneeds: [b]\nsteps: [{ get: / }]\n", "format.unsupported", "2:1", "`needs` is not supported yet"),
    ("scenario: A\nlock: trips\nsteps: [{ get: / }]\n", "format.unsupported", "2:1", "`lock` is not supported yet"),
    ("scenario: A\nexports: [id]\nsteps: [{ get: / }]\n", "format.unsupported", "2:1", "`exports` is not supported yet"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { openapi: a.yaml }\n", "format.unsupported", "4:15", "`openapi` is not supported yet"),
    ("scenario: A\nsteps:\n  - get: /a\n    expect: { contract: a.yaml }\n", "format.unsupported", "4:15", "`contract` is not supported yet"),
    ("scenario: A\nsteps:\n  - get: /a\n    parallel: true\n", "format.unsupported", "4:5", "`parallel` is not supported yet"),
];

/// A project with a scenario that would make a request, and the server that would see it.
fn beside_a_good_one() -> (Project, Recorder) {
    let server = Recorder::start(|_| json(200, "{}"));
    let project = Project::with_vars(&[("at", &server.base())])
        .file("good.yaml", "scenario: Good\nsteps: [{ get: \"{{ env.at }}/x\" }]\n");
    (project, server)
}

/// Runs a project with a file of these bytes: it ends with 2 and without any request.
#[track_caller]
fn refused(bytes: &[u8]) -> Outcome {
    let (project, server) = beside_a_good_one();
    project.write_bytes("broken.yaml", bytes);
    let outcome = project.run(&[]);
    outcome.exits(2);
    assert!(server.seen().is_empty(), "a request was made all the same\n{}", outcome.all());
    outcome
}

fn told(mistakes: &[Mistake]) {
    for (text, id, place, sentence) in mistakes {
        let outcome = refused(text.as_bytes());
        let expected = format!("error[{id}]: {sentence}");
        let first = outcome.stderr.lines().next().unwrap_or_default();
        assert!(first.starts_with(&expected), "{text}\nis told as {first}\nand not as {expected}");
        outcome.says(&format!("--> broken.yaml:{place}\n"));
        assert_eq!(outcome.stderr.matches("error[").count(), 1, "{text}\n{}", outcome.stderr);
        assert_eq!(outcome.stdout, "", "what is wrong goes to standard error");
    }
}

#[test]
fn every_mistake_is_told_with_its_id_and_its_place() {
    told(MISTAKES);
}

#[test]
fn what_is_not_built_yet_is_refused() {
    told(NOT_YET);
}

#[test]
fn the_good_one_does_make_its_request() {
    let (project, server) = beside_a_good_one();
    project.run(&[]).exits(0);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn another_encoding_is_named() {
    let utf16 = |big: bool| -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        "\u{feff}scenario: A\n".encode_utf16().flat_map(bytes).collect()
    };
    for bytes in [utf16(false), utf16(true)] {
        refused(&bytes).says("error[yaml.encoding]: broken.yaml is UTF-16, and only UTF-8 can be read");
    }
    assert_data_eq!(
        refused(b"scenario: Caf\xe9\n").plain(),
        str![[r#"
error[yaml.encoding]: the file is not UTF-8
 --> broken.yaml:1:14
  |
1 | scenario: Caf�
  |              ^ this byte is not UTF-8; the file is probably Latin-1
  |
  = help: save the file as UTF-8; on a command line: iconv -f latin1 -t utf-8


"#]]
    );
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [("[", "]"), ("{ a: ", "}")] {
        let deep = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
        let outcome = refused(format!("scenario: A\nvars:\n  _x: {deep}\n").as_bytes());
        outcome
            .says("error[yaml.depth]: lists and mappings are nested more than 128 levels deep")
            .says(" --> broken.yaml:3:");
        assert!(outcome.stderr.len() < 2_000, "only a part of the line is shown");
    }
    let deep: String = (0..100_000_usize).map(|_| "- ").collect();
    refused(format!("scenario: A\nvars:\n  _x:\n    {deep}1\n").as_bytes())
        .says("error[yaml.depth]: lists and mappings are nested more than 128 levels deep");
}

#[test]
fn aliases_are_bounded() {
    let mut text = "scenario: A\nvars:\n  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for level in 1..12 {
        let list = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("  a{level}: &a{level} [{list}]\n"));
    }
    refused(text.as_bytes())
        .says("error[yaml.alias-bomb]: with its aliases written out, this file has more than 20000 values");
}

#[test]
fn the_commonest_mistakes_read_well() {
    let shown = |text: &str| refused(text.as_bytes()).plain();
    assert_data_eq!(
        shown("scenario: A\nbase_url: http://x\ntags: [a]\nbase_url: http://y\n"),
        str![[r#"
error[yaml.duplicate-key]: the key `base_url` is here twice
 --> broken.yaml:4:1
  |
4 | base_url: http://y
  | ^^^^^^^^ again here
  |
 ::: broken.yaml:2:1
  |
2 | base_url: http://x
  | -------- first here
  |
  = help: remove one of the two


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n\t- get: /a\n"),
        str![[r#"
error[yaml.tab]: this line is indented with a tab, and YAML allows only spaces
 --> broken.yaml:3:1
  |
3 |     - get: /a
  | ^^^^ a tab
  |
  = help: replace the tab with spaces; most editors can do this for the whole file


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - get: {{ x }}\n"),
        str![[r#"
error[yaml.unquoted-template]: a value that starts with `{{` must be quoted: YAML reads `{` as the start of a mapping
 --> broken.yaml:3:10
  |
3 |   - get: {{ x }}
  |          ^^^^^^^ this is a template without quotes
  |
  = help: put quotes around the whole value: "{{ … }}"


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - { get: /a, capture: { id: $.items[0].id } }\n"),
        str![[r#"
error[yaml.flow-value]: inside { … } and [ … ], a value that contains one of [ ] { } , must be quoted
 --> broken.yaml:3:31
  |
3 |   - { get: /a, capture: { id: $.items[0].id } }
  |                               ^^^^^^^^^^^^^ quote this value
  |
  = help: write it as "…", or give the key a line of its own


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - get: “/a b”\n"),
        str![[r#"
error[yaml.curly-quotes]: curly quotes do not quote in YAML: they would become part of the value
 --> broken.yaml:3:10
  |
3 |   - get: “/a b”
  |          ^^^^^^ copied from a web page or a document?
  |
  = help: use straight quotes, "…"; if the value must contain the curly quotes, put straight quotes around them


"#]]
    );
}

#[test]
fn mistakes_about_keys_read_well() {
    let shown = |text: &str| refused(text.as_bytes()).plain();
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - get: /a\n    expects: 200\n"),
        str![[r#"
error[format.unknown-key]: a step has no key `expects`
 --> broken.yaml:4:5
  |
4 |     expects: 200
  |     ^^^^^^^ unknown key
  |
  = help: did you mean `expect`?


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - post: /a\n    json: {}\n    form: {}\n"),
        str![[r#"
error[format.step]: a call has one body, and this has both `json` and `form`
 --> broken.yaml:5:5
  |
4 |     json: {}
  |     ---- the first
5 |     form: {}
  |     ^^^^ the second
  |
  = help: remove one of the two


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - get: /a\n    expect: { json: { id: <uid> } }\n"),
        str![[r#"
error[matcher.unknown]: there is no matcher `uid`
 --> broken.yaml:4:28
  |
4 |     expect: { json: { id: <uid> } }
  |                            ^^^
  |
  = help: did you mean `uuid`?


"#]]
    );
    assert_data_eq!(
        shown("scenario: A\nsteps:\n  - get: /a\n    post: /b\n"),
        str![[r#"
error[format.step]: a step does only one thing, and this has both `get` and `post`
 --> broken.yaml:4:5
  |
3 |   - get: /a
  |     --- the first
4 |     post: /b
  |     ^^^^ the second
  |
  = help: make it two steps


"#]]
    );
    assert_data_eq!(
        shown("senario: A\nsteps: []\n"),
        str![[r#"
error[format.first-key]: a file cannot start with the key `senario`
 --> broken.yaml:1:1
  |
1 | senario: A
  | ^^^^^^^
  |
  = help: did you mean `scenario`?


"#]]
    );
}

#[test]
fn columns_count_characters_after_a_mark_and_a_carriage_return() {
    let text = "\u{feff}scenario: A\r\nsteps:\r\n  - { name: \"één 日本\", get: /a, expects: 200 }\r\n";
    refused(text.as_bytes()).says("error[format.unknown-key]").says(" --> broken.yaml:3:32\n").lacks("\r");
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_accepted() {
    let (project, server) = beside_a_good_one();
    project.write("scenario.yaml", "\u{feff}scenario: Marked\r\nvars:\r\n  lines: |\r\n    a\r\n    b\r\nsteps:\r\n  - post: \"{{ env.at }}/marked\"\r\n    text: \"{{ lines }}\"\r\n");
    project.run(&["scenario.yaml"]).exits(0);
    assert_eq!(server.seen()[0].text(), "a\nb\n");
}

#[test]
fn foreign_yaml_is_passed_over() {
    let (project, server) = beside_a_good_one();
    project.write("docker-compose.yaml", "services:\n  web: { image: nginx }\n");
    project.write("deploy/values.yml", "replicas: 3\n---\nname: !Ref x\n");
    project.write("list.yaml", "- a\n- b\n");
    project.write("chart.yaml", "{{- if .Values.on }}\nkind: Service\nspec: {{ .Values.spec }}\n{{- end }}\n");
    project.write("pipeline.yml", "jobs: &jobs\n  a: 1\njobs: 2\n");
    project.run(&[]).exits(0).says("1 passed");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_broken_file_that_may_be_ours_is_told() {
    for text in ["scenario: A\n---\na: 1\n", "\"scenario\": A\n\tb\n", "senario: A\n---\n", "a: 1\nsteps: [\n"] {
        refused(text.as_bytes()).says("error[yaml.").says("broken.yaml:");
    }
}

#[test]
fn a_foreign_file_that_is_named_is_an_error() {
    let (project, _server) = beside_a_good_one();
    project.write("compose.yaml", "services:\n  web: { image: nginx }\n");
    project.run(&["compose.yaml"]).exits(2).says("compose.yaml");
}

const MISTAKEN: &str =
    "scenario: C\nauth: simakan\nsteps:\n  - get: \"/{{ trip }}\"\n  - use: frag.yaml\n    with: { m: 1 }\n";

#[test]
fn all_problems_of_all_files_come_in_one_run() {
    let (project, server) = beside_a_good_one();
    project.write("a.yaml", "scenario: A\ntags: smoke\nsteps:\n  - get: /a\n    expects: 200\n  - get: \"/{{ b }}\"\n");
    project.write("b.yaml", "scenario: B\nsteps:\n  - get: /a\n    get: /b\n  - pause: soon\n");
    project.write("c.yaml", MISTAKEN);
    project
        .write("frag.yaml", "fragment: F\nparams: { n: { type: integer } }\nsteps: [{ get: \"/{{ n }}/{{ o }}\" }]\n");
    project.write("providers/own.yaml", "provider: own\nflow: pasword\n");
    assert_data_eq!(
        project.run(&[]).exits(2).plain(),
        str![[r#"
error[format.type]: a list is expected here, not a string
 --> a.yaml:2:7
  |
2 | tags: smoke
  |       ^^^^^
  |
  = help: for a list of one item, write [smoke]

error[format.unknown-key]: a step has no key `expects`
 --> a.yaml:5:5
  |
5 |     expects: 200
  |     ^^^^^^^ unknown key
  |
  = help: did you mean `expect`?

error[check.undefined]: the variable `b` is not defined
 --> a.yaml:6:15
  |
6 |   - get: "/{{ b }}"
  |               ^
  |
  = help: define it under `vars`, capture it in an earlier step, or give --var b=…

error[yaml.duplicate-key]: the key `get` is here twice
 --> b.yaml:4:5
  |
3 |   - get: /a
  |     --- first here
4 |     get: /b
  |     ^^^ again here
  |
  = help: remove one of the two

error[format.duration]: `soon` is not a duration
 --> b.yaml:5:12
  |
5 |   - pause: soon
  |            ^^^^
  |
  = help: write a number and a unit, for example 250ms, 10s, 2m or 1h

error[provider.unknown]: there is no provider `simakan`
 --> c.yaml:2:7
  |
2 | auth: simakan
  |       ^^^^^^^
  |
  = help: did you mean `simacan`?

error[check.undefined]: the variable `trip` is not defined
 --> c.yaml:4:15
  |
4 |   - get: "/{{ trip }}"
  |               ^^^^
  |
  = help: define it under `vars`, capture it in an earlier step, or give --var trip=…

error[fragment.param]: `frag.yaml` has no parameter `m`
 --> c.yaml:6:13
  |
6 |     with: { m: 1 }
  |             ^
  |
  = help: did you mean `n`?

error[check.undefined]: the variable `o` is not defined
 --> frag.yaml:3:29
  |
3 | steps: [{ get: "/{{ n }}/{{ o }}" }]
  |                             ^
  |
  = help: did you mean `n`?

error[format.value]: `pasword` is not a flow
 --> providers/own.yaml:2:7
  |
2 | flow: pasword
  |       ^^^^^^^
  |
  = help: did you mean `password`?

10 errors; nothing was called

"#]]
    );
    assert!(server.seen().is_empty());
}

#[test]
fn a_scenario_run_by_itself_has_the_providers_beside_the_project_file() {
    let provider = "provider: own\nflow: bearer\nenvironments: { default: { base: 'http://127.0.0.1:1' } }\n";
    let below = "scenario: Below\nbase_url: http://127.0.0.1:1\nauth: own\nsteps:\n  - get: /a\n";
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { test: {} }\n")
        .file("own.yaml", provider)
        .file("below/scenario.yaml", below);
    project.callsheet(&["check", "below/scenario.yaml"]).exits(0);
    // What lies in another folder is not looked for, unless `providers` names it.
    let project = project.file("elsewhere/other.yaml", &provider.replace("own", "other"));
    project.write("below/scenario.yaml", &below.replace("own", "other"));
    project.callsheet(&["check", "below/scenario.yaml"]).exits(2).says("there is no provider `other`");
    project.callsheet(&["check"]).exits(0);
    // Nor does a folder without a project file have what lies below it.
    let loose = Project::new().file("near.yaml", provider).file("deep/other.yaml", &provider.replace("own", "other"));
    loose.callsheet(&["provider", "show", "own"]).exits(0);
    loose.callsheet(&["provider", "show", "other"]).exits(2);
}
