//! Templates where they are used: what reaches the wire, what comes of a name that turns out to be missing, secrets,
//! seeds and variables of the command line.

use snapbox::{assert_data_eq, str};

use crate::mocked;
use crate::support::{Project, Recorder, json};

#[test]
fn a_single_expression_keeps_its_type_and_all_else_prints_json_forms() {
    let scenario = r#"scenario: Types
vars:
  n: 3
  yes: true
  nothing: null
  list: [1, "b", { c: 2.5 }]
  word: "00123"
steps:
  - post: "{{ mock.base }}/echo/json"
    json:
      number: "{{ n }}"
      sum: "{{ n + 1 }}"
      boolean: "{{ yes }}"
      compared: "{{ n > 2 }}"
      null_: "{{ nothing }}"
      list: "{{ list }}"
      inner: "{{ list[2].c }}"
      text: "{{ word }}"
      "key_{{ n }}": k
      told: "n={{ n }} yes={{ yes }} nothing={{ nothing }} list={{ list }}"
      spaced: " {{ n }}"
      quoted: "{{ n ~ '' }}"
      literal: 1.0
      large: 12345678901234567890
    expect:
      json_exactly:
        number: 3
        sum: 4
        boolean: true
        compared: true
        null_: null
        list: [1, b, { c: 2.5 }]
        inner: 2.5
        text: "00123"
        key_3: k
        told: 'n=3 yes=true nothing=null list=[1,"b",{"c":2.5}]'
        spaced: " 3"
        quoted: "3"
        literal: 1.0
        large: 12345678901234567890
"#;
    mocked(scenario).run(&[]).exits(0);
}

#[test]
fn filters_and_functions_reach_the_wire() {
    let scenario = r#"scenario: Filters
vars: { word: "naïve ü", tree: { a: [{ b: 1 }, { b: 2 }] } }
steps:
  - post: "{{ mock.base }}/echo/json"
    json:
      b64: "{{ word | b64encode }}"
      back: "{{ word | b64encode | b64decode }}"
      url: "{{ word | urlencode }}"
      sha: "{{ 'abc' | sha256 }}"
      mac: "{{ 'what do ya want for nothing?' | hmac_sha256('Jefe') }}"
      hex: "{{ 'hi' | hex }}"
      path: "{{ tree | jsonpath('$.a[*].b') }}"
      parsed: "{{ '[1,2]' | fromjson }}"
      group: "{{ 'p=42;' | regex_capture('p=([0-9]+)') }}"
    expect:
      json:
        b64: bmHDr3ZlIMO8
        back: naïve ü
        url: na%C3%AFve%20%C3%BC
        sha: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
        mac: 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
        hex: "6869"
        path: [1, 2]
        parsed: [1, 2]
        group: "42"
"#;
    mocked(scenario).run(&[]).exits(0);
}

#[test]
fn what_turns_out_to_be_missing_is_told_with_its_place() {
    let scenario = "scenario: Missing
vars: { trip: { stops: [] } }
steps:
  - post: \"{{ mock.base }}/echo/json\"
    json: { first: \"{{ trip.stops[0].id }}\" }
";
    assert_data_eq!(
        mocked(scenario).run(&[]).exits(1).diagnostics(),
        str![[r#"
error[template.undefined]: `trip.stops[0].id` has no value
 --> scenario.yaml:5:24
  |
5 |     json: { first: "{{ trip.stops[0].id }}" }
  |                        ^^^^^^^^^^^^^^^^
  |
  = help: a part of this path is missing in the value; `default('none')` gives another value instead

"#]]
    );
}

#[test]
fn a_condition_with_braces_or_a_name_of_other_letters_says_how_it_is_written() {
    let scenario = "scenario: Conditions
steps:
  - get: /
    expect:
      that:
        - \"{{ json.a }} == 1\"
        - json.größe == 1
        - status === 200
";
    assert_data_eq!(
        mocked(scenario).run(&[]).exits(2).diagnostics(),
        str![[r#"
error[template.syntax]: `:` is expected here, not `}`
 --> scenario.yaml:6:22
  |
6 |         - "{{ json.a }} == 1"
  |                      ^
  |
  = help: the whole is an expression: leave out the `{{` and `}}`
error[template.syntax]: `ö` cannot be used here
 --> scenario.yaml:7:18
  |
7 |         - json.größe == 1
  |                  ^
  |
  = help: a name has the letters a to z; a member of any other name is reached by `json["NAME"]`
error[template.syntax]: `=` is not expected here
 --> scenario.yaml:8:20
  |
8 |         - status === 200
  |                    ^
  |
  = help: to compare, write `==` or `!=`

"#]]
    );
}

#[test]
fn secrets_come_from_four_places_and_are_shown_from_none() {
    let server = Recorder::start(|_| json(404, "{\"said\": \"from-a-command\"}"));
    let config = format!(
        "callsheet: 1
environments:
  test:
    vars: {{ at: \"{}\" }}
    secrets:
      by_variable: {{ env: CALLSHEET_KEY }}
      by_file: {{ file: keys/key.txt }}
      by_command: {{ command: \"echo from-a-command\" }}
      by_dotenv: {{ dotenv: THE_KEY }}
      by_dotenv_too: {{ dotenv: OTHER_KEY }}
      never_asked_for: {{ env: NOT_THERE }}
",
        server.base()
    );
    let project = Project::new()
        .file("callsheet.yaml", &config)
        .file("keys/key.txt", "from-a-file\n")
        .file(".env.test", "THE_KEY=from-dotenv-test\n")
        .file(".env", "THE_KEY=from-dotenv\nOTHER_KEY=from-dotenv-too\n")
        .variable("CALLSHEET_KEY", "from-a-variable")
        .file(
            "scenario.yaml",
            "scenario: Secrets
steps:
  - post: \"{{ env.at }}/keys\"
    headers: { x-key: \"{{ secrets.by_variable }}\" }
    json: [\"{{ secrets.by_file }}\", \"{{ secrets.by_command }}\", \"{{ secrets.by_dotenv }}\", \"{{ secrets.by_dotenv_too }}\"]
    expect: { json: { said: \"{{ secrets.by_file }}\" } }
",
        );
    let outcome = project.run(&["-vv", "--report", "json=out.json", "--report", "junit=out.xml"]);
    outcome.exits(1);
    let seen = server.seen();
    assert_eq!(seen[0].header("x-key"), Some("from-a-variable"));
    assert_eq!(seen[0].text(), r#"["from-a-file","from-a-command","from-dotenv-test","from-dotenv-too"]"#);
    for shown in [outcome.all(), project.read("out.json"), project.read("out.xml")] {
        for secret in ["from-a-variable", "from-a-file", "from-a-command", "from-dotenv-test", "from-dotenv-too"] {
            assert!(!shown.contains(secret), "{secret} is shown\n{shown}");
        }
    }
}

#[test]
fn a_secret_that_cannot_be_had_ends_the_run_before_any_call() {
    let server = Recorder::start(|_| json(200, "{}"));
    let config = format!(
        "callsheet: 1
environments:
  test:
    vars: {{ at: \"{}\" }}
    secrets:
      by_variable: {{ env: CALLSHEET_KEY }}
      by_file: {{ file: keys/key.txt }}
      by_command: {{ command: \"exit 3\" }}
      by_nothing: {{ command: \"true\" }}
",
        server.base()
    );
    let project = Project::new().file("callsheet.yaml", &config).file(
        "scenario.yaml",
        "scenario: Secrets\nsteps:\n  - post: \"{{ env.at }}/keys\"\n    json: [\"{{ secrets.by_variable }}\", \"{{ secrets.by_file }}\", \"{{ secrets.by_command }}\", \"{{ secrets.by_nothing }}\"]\n",
    );
    assert_data_eq!(
        project.run(&[]).exits(2).plain(),
        str![[r#"
error[project.secret]: the secret `by_variable` could not be read: the environment variable `CALLSHEET_KEY` is not set
 --> callsheet.yaml:6:27
  |
6 |       by_variable: { env: CALLSHEET_KEY }
  |                           ^^^^^^^^^^^^^
  |
  = help: set it: `export CALLSHEET_KEY=…`

error[project.secret]: the secret `by_file` could not be read: keys/key.txt cannot be read: there is no such file or folder
 --> callsheet.yaml:7:24
  |
7 |       by_file: { file: keys/key.txt }
  |                        ^^^^^^^^^^^^
  |
  = help: the path starts from the folder of callsheet.yaml

error[project.secret]: the secret `by_command` could not be read: its command failed with exit status: 3
 --> callsheet.yaml:8:30
  |
8 |       by_command: { command: "exit 3" }
  |                              ^^^^^^^^
  |
  = help: run the command by hand: it must print the secret and end with 0

error[project.secret]: the secret `by_nothing` could not be read: it is empty
 --> callsheet.yaml:9:30
  |
9 |       by_nothing: { command: "true" }
  |                              ^^^^^^
  |
  = help: run the command by hand: it must print the secret and end with 0

4 errors; nothing was called

"#]]
    );
    assert!(server.seen().is_empty());
}

#[test]
fn a_seed_repeats_everything_random() {
    let server = Recorder::start(|_| json(200, "{}"));
    let project = Project::with_vars(&[("at", &server.base())]).file(
        "scenario.yaml",
        "scenario: Random
cases: [{ n: 1 }, { n: 2 }]
steps:
  - post: \"{{ env.at }}/{{ case.n }}\"
    json: [\"{{ uuid() }}\", \"{{ random_int(1, 1000000) }}\", \"{{ random_string(12) }}\", \"{{ fake.name() }}\", \"{{ fake.plate() }}\"]
",
    );
    let bodies = |arguments: &[&str]| {
        let before = server.seen().len();
        project.callsheet(&[&["run", "--jobs", "1"], arguments].concat()).exits(0);
        server.seen()[before..].iter().map(|seen| format!("{} {}", seen.target, seen.text())).collect::<Vec<_>>()
    };
    let first = bodies(&["--seed", "11"]);
    assert_eq!(first.len(), 2);
    assert_ne!(first[0][2..], first[1][2..], "each case draws its own");
    assert_eq!(bodies(&["--seed", "11"]), first);
    assert_eq!(bodies(&["--seed", "11", "--only", "Random#2"]), first[1..], "a case draws the same alone");
    assert_ne!(bodies(&["--seed", "12"]), first);
    assert_ne!(bodies(&[]), bodies(&[]));
}

#[test]
fn variables_of_the_command_line_stand_in_place_of_the_files() {
    let scenario = "scenario: Variables
vars: { plate: \"AA-11\", length: \"{{ plate | length }}\" }
steps:
  - post: \"{{ mock.base }}/echo/json\"
    json: { plate: \"{{ plate }}\", length: \"{{ length }}\", stops: \"{{ stops }}\", host: \"{{ env.host }}\", code: \"{{ code }}\" }
    expect: { json_exactly: { plate: B-2, length: 3, stops: 4, host: \"h=1\", code: \"007\" } }
";
    let set = ["--var", "plate=B-2", "--var", "stops=4", "--var", "env.host=h=1", "--var", "code=007"];
    mocked(scenario).run(&set).exits(0);
    let without = mocked(scenario).run(&set[..2]);
    without.exits(2).says("the variable `stops` is not defined").says("there is no `env.host`").lacks("`plate` is");
    mocked(scenario)
        .run(&["--var", "plate"])
        .exits(2)
        .says("error[cli.var]: --var plate: a variable is written NAME=VALUE");
}

#[test]
fn a_rendered_value_never_becomes_a_template_or_a_matcher() {
    let scenario = r#"scenario: Taken as they are
vars: { template: "{{ '{{' }} env.name }}", matcher: "{{ '<any>' }}" }
steps:
  - post: "{{ mock.base }}/echo/json"
    json: { a: "{{ template }}", b: "{{ matcher }}", c: "x" }
    expect: { json: { a: "{{ '{{ env.name }}' }}", b: '\<any>' } }
  - post: "{{ mock.base }}/echo/json"
    json: { c: "x" }
    expect: { json: { c: "{{ matcher }}" } }
"#;
    mocked(scenario).run(&[]).exits(1).says("scenario.yaml:9:").says("1 failed");
}
