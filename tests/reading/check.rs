//! What `callsheet check` knows without a call: names that no template will find, and what can never happen.

use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Project};

const CONFIG: &str = "callsheet: 1
environments:
  test: { vars: { trips: \"http://127.0.0.1:1\" }, secrets: { key: { env: KEY } } }
";

const FRAGMENT: &str = "fragment: F
params: { n: { type: integer }, s: { type: string, default: x } }
steps: [{ get: \"/{{ n }}/{{ s }}\" }]
returns: { out: \"{{ n }}\" }
";

/// Checks a scenario with these lines below its title.
fn checked(lines: &str) -> Outcome {
    let project = Project::new()
        .file("callsheet.yaml", CONFIG)
        .file("fragment.yaml", FRAGMENT)
        .file("scenario.yaml", &format!("scenario: A\n{lines}"));
    project.callsheet(&["check"])
}

/// Each of these scenarios is wrong in this one way, and nothing else is said of it.
fn wrong(cases: &[(&str, &str, &str, &str)]) {
    for (lines, place, sentence, help) in cases {
        let outcome = checked(lines);
        outcome
            .exits(2)
            .says(&format!("]: {sentence}\n --> scenario.yaml:{place}\n"))
            .says(&format!("  = help: {help}"));
        assert_eq!(outcome.stderr.matches("error[").count(), 1, "{lines}\n{}", outcome.stderr);
    }
}

/// Nothing is wrong with these.
fn right(cases: &[&str]) {
    for lines in cases {
        let outcome = checked(lines);
        assert_eq!((outcome.code, outcome.all()), (0, "1 scenario checked: no error\n".to_owned()), "{lines}");
    }
}

#[test]
#[rustfmt::skip]
fn names_that_nobody_defines() {
    wrong(&[
        ("steps:\n  - get: \"/{{ plat }}\"\n", "3:15", "the variable `plat` is not defined", "define it under `vars`, capture it in an earlier step, or give --var plat=…"),
        ("vars: { plate: x }\nsteps:\n  - get: \"/{{ plat }}/{{ plate }}\"\n", "4:15", "the variable `plat` is not defined", "did you mean `plate`?"),
        ("steps:\n  - get: \"/{{ trips }}\"\n", "3:15", "the variable `trips` is not defined", "did you mean `env.trips`?"),
        ("steps:\n  - get: \"/{{ status }}\"\n", "3:15", "the variable `status` is not defined", "`status` exists only in `that` and `capture`"),
        ("steps:\n  - get: \"/{{ case.lang }}\"\n", "3:15", "the variable `case` is not defined", "`case` exists only in a scenario with `cases`"),
        ("vars: { a: \"{{ b }}\", b: 1 }\nsteps:\n  - get: \"/{{ a }}/{{ b }}\"\n", "2:16", "the variable `b` is not defined", ""),
        ("steps:\n  - get: /\n    for_each: [1]\n  - get: \"/{{ item }}\"\n", "5:15", "the variable `item` is not defined", "`item` exists only in a step with `for_each`"),
        ("auth: { provider: simacan, as: \"{{ who }}\" }\n", "2:36", "the variable `who` is not defined", ""),
        ("steps:\n  - post: /\n    json: { \"{{ kind }}\": 1 }\n", "4:17", "the variable `kind` is not defined", ""),
        ("steps:\n  - get: /\n    expect: { json: { a: \"<contains {{ part }}>\" } }\n", "4:40", "the variable `part` is not defined", ""),
        ("steps:\n  - get: /\n    expect: { at: { $.x: \"{{ part }}\" } }\n", "4:30", "the variable `part` is not defined", ""),
        ("steps:\n  - get: /\n    expect: { headers: { x-a: \"{{ part }}\" } }\n", "4:35", "the variable `part` is not defined", ""),
        ("steps:\n  - get: /\n    expect: { that: [\"json.a == part\"] }\n", "4:33", "the variable `part` is not defined", ""),
        ("steps:\n  - get: /\n    when: \"part == 1\"\n", "4:12", "the variable `part` is not defined", ""),
    ]);
}

#[test]
#[rustfmt::skip]
fn members_that_are_not_there() {
    wrong(&[
        ("steps:\n  - get: \"/{{ env.trip }}\"\n", "3:15", "there is no `env.trip` in the environment `test`", "did you mean `env.trips`?"),
        ("steps:\n  - get: \"/{{ env.host }}\"\n", "3:15", "there is no `env.host` in the environment `test`", "define it in callsheet.yaml under environments: test: vars, or give --var env.host=…"),
        ("steps:\n  - get: \"/{{ secrets.kay }}\"\n", "3:15", "there is no `secrets.kay` among the secrets of the environment `test`", "did you mean `secrets.key`?"),
        ("steps:\n  - get: \"/{{ secrets.other }}\"\n", "3:15", "there is no `secrets.other` among the secrets of the environment `test`", "define it in callsheet.yaml under environments: test: secrets"),
        ("steps:\n  - get: \"/{{ run.sed }}\"\n", "3:15", "there is no `run.sed`", "did you mean `run.seed`?"),
        ("steps:\n  - get: \"/{{ run.number }}\"\n", "3:15", "there is no `run.number`", "the members of `run` are id, seed, started_at"),
        ("steps:\n  - get: \"/{{ mock.base }}\"\n", "3:15", "the environment `test` has no `mock`: it does not have `serve: builtin`", "add `serve: builtin` to the environment, or skip the step elsewhere with `when: \"{{ env.name == 'mock' }}\"`"),
        ("steps:\n  - id: one\n    get: /\n  - get: \"/{{ steps.on.response.json }}\"\n", "5:15", "there is no `steps.on`", "did you mean `steps.one`?"),
        ("steps:\n  - id: one\n    get: /\n  - get: \"/{{ steps.zzz.response.json }}\"\n", "5:15", "there is no `steps.zzz`", "the steps with an `id` are one"),
        ("steps:\n  - get: \"/{{ steps.one.response.json }}\"\n", "3:15", "there is no `steps.one`", "no step has an `id`"),
    ]);
}

#[test]
#[rustfmt::skip]
fn what_is_used_before_its_step() {
    wrong(&[
        ("steps:\n  - id: one\n    get: \"/{{ steps.one.response.json }}\"\n", "4:15", "the step `one` runs later than this", "move the step that uses the value after `one`"),
        ("steps:\n  - get: \"/{{ steps.two.response.json }}\"\n  - id: two\n    get: /\n", "3:15", "the step `two` runs later than this", "move the step that uses the value after `two`"),
        ("steps:\n  - get: /\n    expect: { json: { a: \"{{ id }}\" } }\n    capture: { id: $.id }\n", "4:30", "the variable `id` is not defined", "a capture exists only after its step"),
    ]);
    assert_data_eq!(
        checked("steps:\n  - get: \"/{{ id }}\"\n  - get: /\n    capture: { id: $.id }\n").exits(2).plain(),
        str![[r#"
error[check.undefined]: the variable `id` is not defined
 --> scenario.yaml:3:15
  |
3 |   - get: "/{{ id }}"
  |               ^^
  |
 ::: scenario.yaml:5:16
  |
5 |     capture: { id: $.id }
  |                -- captured here, after it is used
  |
  = help: a capture exists only after its step


"#]]
    );
}

#[test]
#[rustfmt::skip]
fn what_is_there_is_not_complained_of() {
    right(&[
        "steps:\n  - get: \"/{{ env.trips }}/{{ env.name }}/{{ secrets.key }}/{{ run.id }}/{{ run.seed }}/{{ run.started_at }}\"\n",
        "steps:\n  - get: \"/{{ plate | default(1) }}{% if other is defined %}x{% endif %}{% for x in [1] %}{{ x }}{% endfor %}\"\n",
        "steps:\n  - get: \"/{{ mock.base }}\"\n    when: \"{{ env.name == 'mock' }}\"\n",
        "cases: [{ lang: nl }]\nsteps:\n  - get: \"/{{ case.lang }}\"\n",
        "vars: { b: 1, a: \"{{ b }}\" }\nsteps:\n  - get: \"/{{ a }}\"\n",
        "vars: { _kept: 1 }\nsteps:\n  - get: /\n",
        "steps:\n  - get: \"/{{ item }}/{{ index }}\"\n    for_each: [1]\n",
        "steps:\n  - get: /\n    capture: { id: \"{{ json.id }}\" }\n    expect: { that: [\"status == 200 and headers and cookies and text and url and duration\"] }\nteardown:\n  - delete: \"/{{ id }}\"\n",
        "setup:\n  - id: one\n    post: /\n    json: { a: 1 }\nsteps:\n  - get: \"/{{ steps.one.response.json.id }}\"\n",
        "steps:\n  - use: fragment.yaml\n    with: { n: 1 }\n  - get: \"/{{ out }}\"\n",
        "steps:\n  - use: fragment.yaml\n    with: { n: \"{{ 1 }}\", s: y }\n    capture: { kept: \"{{ out }}\" }\n  - get: \"/{{ kept }}\"\n",
    ]);
}

#[test]
fn variables_of_the_command_line_are_known() {
    let project = Project::new()
        .file("callsheet.yaml", CONFIG)
        .file("scenario.yaml", "scenario: A\nsteps:\n  - get: \"/{{ plate }}/{{ env.host }}\"\n");
    project.callsheet(&["check", "--var", "plate=x", "--var", "env.host=y"]).exits(0);
    project.callsheet(&["check", "--var", "plate=x"]).exits(2).says("there is no `env.host`").lacks("`plate`");
}

#[test]
fn an_ignore_that_nothing_heeds_is_a_warning() {
    let step = |expect: &str| checked(&format!("steps:\n  - {{ get: /, expect: {{ {expect}, ignore: [$.at] }} }}\n"));
    step("at: { $.at: 1 }").exits(0).says("warning[check.unused]: this `ignore` has no effect");
    step("json: { at: 1 }").exits(0).lacks("warning");
    step("json_exactly: { at: 1 }").exits(0).lacks("warning");
}

#[test]
fn an_expectation_that_looks_at_nothing_is_a_warning() {
    let step = |keys: &str| checked(&format!("steps:\n  - {{ get: /, {keys} }}\n"));
    for key in ["at: {}", "that: []", "headers: {}", "cookies: {}", "bytes: {}", "namespaces: { a: urn:a }"] {
        let said = format!("warning[check.unused]: this `{}` has no effect", key.split_once(':').unwrap().0);
        step(&format!("expect: {{ {key} }}")).exits(0).says(&said);
    }
    for keys in [
        "expect: { at: { $.id: 1 } }",
        "expect: { at: { /a: x } }",
        "expect: { that: status == 200 }",
        "expect: { headers: { a: b } }",
        "expect: { cookies: { a: b } }",
        "expect: { bytes: { length: 1 } }",
        "expect: { namespaces: { a: urn:a } }, capture: { _id: /a:b }",
        "expect: { json: {} }",
        "expect: { jwt: {} }",
    ] {
        step(keys).exits(0).lacks("warning");
    }
}

#[test]
fn what_is_never_used_is_a_warning() {
    let lines = "vars: { plate: x, _kept: y }\nsteps:\n  - get: /\n    capture: { id: $.id }\n";
    assert_data_eq!(
        checked(lines).exits(0).plain(),
        str![[r#"
1 scenario checked: no error, 2 warnings
warning[check.unused]: the variable `plate` is never used
 --> scenario.yaml:2:9
  |
2 | vars: { plate: x, _kept: y }
  |         ^^^^^
  |
  = help: remove it, or name it `_plate` to keep it

warning[check.unused]: the capture `id` is never used
 --> scenario.yaml:5:16
  |
5 |     capture: { id: $.id }
  |                ^^
  |
  = help: remove it, or name it `_id` to keep it


"#]]
    );
}

#[test]
fn a_step_that_never_runs_is_a_warning() {
    let lines = "steps:
  - get: /
    when: false
  - get: /
    when: \"{{ false }}\"
  - get: /
    for_each: []
  - get: /
    when: \"env.name == 'test'\"
";
    assert_data_eq!(
        checked(lines).exits(0).plain(),
        str![[r#"
1 scenario checked: no error, 3 warnings
warning[check.unreachable]: this step never runs: its `when` is always false
 --> scenario.yaml:3:5
  |
3 |   - get: /
  |     ^^^
  |
  = help: remove the step, or correct the condition

warning[check.unreachable]: this step never runs: its `when` is always false
 --> scenario.yaml:5:5
  |
5 |   - get: /
  |     ^^^
  |
  = help: remove the step, or correct the condition

warning[check.unreachable]: this step never runs: its `for_each` is an empty list
 --> scenario.yaml:7:5
  |
7 |   - get: /
  |     ^^^
  |
  = help: remove the step, or correct the condition


"#]]
    );
}

#[test]
#[rustfmt::skip]
fn providers_that_are_not_there() {
    wrong(&[
        ("auth: simakan\n", "2:7", "there is no provider `simakan`", "did you mean `simacan`?"),
        ("steps:\n  - get: /\n    auth: nobody\n", "4:11", "there is no provider `nobody`", "`callsheet provider list` lists all providers, `callsheet provider new` writes a new one"),
        ("steps:\n  - get: /\n    auth: { provider: gridshar, as: other }\n", "4:23", "there is no provider `gridshar`", "did you mean `gridshare`?"),
    ]);
}

#[test]
fn what_a_fragment_is_given() {
    let lines = "steps:
  - use: fragment.yaml
    with: { m: 1, s: 3 }
  - use: fragment.yaml
    with: { n: \"x\" }
  - use: fragment.yaml
    with: { n: 1.5 }
  - use: fragment.yaml
    with: { n: 1 }
    capture: { kept: $.id }
";
    assert_data_eq!(
        checked(lines).exits(2).plain(),
        str![[r#"
error[fragment.param]: `fragment.yaml` has no parameter `m`
 --> scenario.yaml:4:13
  |
4 |     with: { m: 1, s: 3 }
  |             ^
  |
  = help: did you mean `n`?

error[fragment.param]: the parameter `s` must be a string, and this is a number
 --> scenario.yaml:4:22
  |
4 |     with: { m: 1, s: 3 }
  |                      ^
  |
  = help: write a string, or change the parameter's `type`

error[fragment.param]: the parameter `n` must be an integer, and this is a string
 --> scenario.yaml:6:16
  |
6 |     with: { n: "x" }
  |                ^^^
  |
  = help: write an integer, or change the parameter's `type`

error[fragment.param]: the parameter `n` must be an integer, and this is a number
 --> scenario.yaml:8:16
  |
8 |     with: { n: 1.5 }
  |                ^^^
  |
  = help: write an integer, or change the parameter's `type`

error[fragment.capture]: a step with `use` has no answer to capture from: its fragment returns values by name
  --> scenario.yaml:11:22
   |
11 |     capture: { kept: $.id }
   |                      ^^^^
   |
   = help: use a name from its `returns` in a template, for example `"{{ trip_id }}"`

5 errors; nothing was called

"#]]
    );
}

#[test]
fn a_fragment_does_not_see_its_callers_variables() {
    let project = Project::new()
        .file("callsheet.yaml", CONFIG)
        .file(
            "fragment.yaml",
            "fragment: F\nparams: { n: { type: integer, default: x } }\nsteps:\n  - get: \"/{{ plate }}/{{ n }}\"\n",
        )
        .file(
            "scenario.yaml",
            "scenario: A\nvars: { plate: x }\nsteps:\n  - use: fragment.yaml\n  - get: \"/{{ plate }}\"\n",
        );
    project
        .callsheet(&["check"])
        .exits(2)
        .says("the variable `plate` is not defined\n --> fragment.yaml:4:15\n")
        .says("declare it under `params`, or capture it in an earlier step")
        .says("the parameter `n` must be an integer, and this is a string\n --> fragment.yaml:2:40\n")
        .says("2 errors");
}

#[test]
#[rustfmt::skip]
fn names_that_no_template_could_use() {
    wrong(&[
        ("vars: { trip-id: 1 }\nsteps:\n  - get: /\n", "2:9", "`trip-id` is not a name that templates can use", "use only letters, digits and `_`: `trip_id`"),
        ("vars: { 1st: 1 }\nsteps:\n  - get: /\n", "2:9", "`1st` is not a name that templates can use", "use only letters, digits and `_`: `_1st`"),
        ("vars: { env: 1 }\nsteps:\n  - get: /\n", "2:9", "the name `env` is taken", "templates already have a variable `env`; choose another name, such as `my_env`"),
        ("steps:\n  - id: my-step\n    get: /\n", "3:9", "`my-step` is not a name that templates can use", "use only letters, digits and `_`: `my_step`"),
        ("steps:\n  - get: /\n    capture: { \"a b\": $.id }\n", "4:16", "`a b` is not a name that templates can use", "use only letters, digits and `_`: `a_b`"),
        ("steps:\n  - get: /\n    capture: { run: $.id }\n", "4:16", "the name `run` is taken", "templates already have a variable `run`; choose another name, such as `my_run`"),
        ("vars: { mock: 1 }\nsteps:\n  - get: \"/{{ mock }}\"\n", "2:9", "the name `mock` is taken", "templates already have a variable `mock`"),
        ("steps:\n  - get: /\n    capture: { case: $.id }\n  - get: \"/{{ case }}\"\n", "4:16", "the name `case` is taken", "in a scenario with `cases`, `case` is the current case"),
        ("steps:\n  - get: /\n    capture: { item: $.id }\n  - get: \"/{{ item }}\"\n", "4:16", "the name `item` is taken", "`item` is set by `for_each`"),
        ("vars: { json: 1 }\nsteps:\n  - get: /\n", "2:9", "the name `json` is taken", "in `that` and `capture`, `json` is a part of the answer; choose another name, such as `my_json`"),
        ("vars: { uuid: 1 }\nsteps:\n  - get: \"/{{ uuid }}\"\n", "2:9", "the name `uuid` is taken", "templates have a function `uuid`"),
        ("vars: { not: 1 }\nsteps:\n  - get: /\n", "2:9", "the name `not` is taken", "`not` is a word of the template language"),
    ]);
}

#[test]
fn a_fragments_names_are_looked_at_too() {
    let project = Project::new()
        .file("callsheet.yaml", CONFIG)
        .file(
            "fragment.yaml",
            "fragment: F\nparams: { a-b: { default: 1 } }\nsteps: [{ get: / }]\nreturns: { c-d: 1 }\n",
        )
        .file("scenario.yaml", "scenario: A\nsteps:\n  - use: fragment.yaml\n");
    project
        .callsheet(&["check"])
        .exits(2)
        .says("error[format.name]: `a-b` is not a name that templates can use\n --> fragment.yaml:2:11\n")
        .says("error[format.name]: `c-d` is not a name that templates can use\n --> fragment.yaml:4:12\n");
}

#[test]
#[rustfmt::skip]
fn two_of_a_name_and_none_of_a_kind() {
    wrong(&[
        ("setup:\n  - id: a\n    get: /\nsteps:\n  - id: a\n    get: /\n", "6:9", "two steps have the id `a`", "give one of them another `id`"),
        ("tags: [a]\n", "1:11", "this scenario does nothing: it has no steps and no auth step", "add `steps`"),
    ]);
    checked("setup:\n  - id: a\n    get: /\nsteps:\n  - id: a\n    get: /\n").says("first here");
    checked("steps:\n  - get: /\n    expect: { that: [\"1 == 1\"] }\n")
        .exits(0)
        .says("warning[check.constant]: this condition does not use the answer, so it is always the same\n --> scenario.yaml:4:23\n");
}

/// Checks a scenario in which several things are wrong: these sentences and no others, each at its place.
#[track_caller]
fn all_told(text: &str, told: &[(&str, &str)]) {
    let outcome = checked(text);
    outcome.exits(2);
    for (place, sentence) in told {
        let pad = if place.find(':') == Some(1) { " " } else { "  " };
        outcome.says(&format!("]: {sentence}\n{pad}--> scenario.yaml:{place}\n"));
    }
    assert_eq!(outcome.stderr.matches("error[").count(), told.len(), "{text}\n{}", outcome.stderr);
}

#[test]
fn a_key_that_stands_twice_hides_nothing() {
    all_told(
        "vars: { a: 1, a: \"{{ b }}\" }
steps:
  - get: \"/{{ a }}\"
    expects: 200
    capture: { x: $.x }
    capture: { y: $.y, z: $$ }
  - get: \"/{{ x }}/{{ y }}/{{ z }}/{{ plat }}\"
steps:
  - pause: soon
",
        &[
            ("2:15", "the key `a` is here twice"),
            ("5:5", "a step has no key `expects`"),
            ("7:5", "the key `capture` is here twice"),
            ("7:28", "this JSONPath is not valid: `.`, `[` or the end was expected, not `$`"),
            ("8:39", "the variable `plat` is not defined"),
            ("9:1", "the key `steps` is here twice"),
            ("10:12", "`soon` is not a duration"),
        ],
    );
}

#[test]
fn what_stands_before_a_syntax_error_is_read() {
    all_told(
        "tags: smoke
steps:
  - get: /a
    expects: 200
  - post: \"/{{ later }}\"
    json: [1, 2
  - get: /c
",
        &[
            ("2:7", "a list is expected here, not a string"),
            ("5:5", "a step has no key `expects`"),
            ("8:8", "this is not valid YAML: this `:` is where no key can be"),
        ],
    );
    all_told(
        "auth: { provider: simacan, as: planner
steps: [
",
        &[("3:6", "this is not valid YAML: a `,` or `}` is expected here")],
    );
}

#[test]
fn a_mistake_of_reading_hides_no_name() {
    all_told(
        "vars: { plate: \"{{ wrong( }}\", other: 1 }
tag: smoke
auth: { provider: simakan, az: planner }
cases: 3
steps:
  - id: first
    get: \"/{{ plate }}/{{ case.x }}/{{ env.nowhere }}\"
    captur: { id: $.id }
  - get: \"/{{ id }}/{{ othr }}\"
    for_each: \"{{ 1 + }}\"
    expect: { status: 99, json: { a: \"{{ item }}\", b: <uid>, c: \"{{ gone }}\" }, that: [\"status ==\", \"there\"] }
    capture: { bad: nowhere, good: $.x }
  - post: \"/{{ bad }}/{{ good }}/{{ steps.first.response.status }}/{{ steps.secnd.response }}\"
    id: second
    json: { a: \"{{ x | upcas }}\", \"{{ lost }}\": \"{{ found }}\" }
    form: { a: \"{{ y }}\" }
",
        &[
            ("2:25", "the expression ends too early: a value is missing"),
            ("3:1", "a scenario has no key `tag`"),
            ("4:19", "there is no provider `simakan`"),
            ("4:28", "an auth step has no key `az`"),
            ("5:8", "a list of cases, or `{ file: cases.csv }`, is expected here, not the number 3"),
            ("8:40", "there is no `env.nowhere` in the environment `test`"),
            ("9:5", "a step has no key `captur`"),
            ("10:24", "the variable `othr` is not defined"),
            ("11:21", "the expression ends too early: a value is missing"),
            ("12:23", "`99` is not an HTTP status"),
            ("12:56", "there is no matcher `uid`"),
            ("12:69", "the variable `gone` is not defined"),
            ("12:96", "the expression ends too early: a value is missing"),
            ("12:102", "the variable `there` is not defined"),
            ("13:21", "`nowhere` does not say where the value comes from"),
            ("14:71", "there is no `steps.secnd`"),
            ("16:24", "there is no filter `upcas`"),
            ("16:39", "the variable `lost` is not defined"),
            ("16:53", "the variable `found` is not defined"),
            ("17:5", "a call has one body, and this has both `json` and `form`"),
        ],
    );
}

#[test]
#[rustfmt::skip]
fn functions_filters_and_tests_that_do_not_exist() {
    wrong(&[
        ("steps:\n  - get: \"/{{ uuuid() }}\"\n", "3:15", "there is no function `uuuid`", "did you mean `uuid`?"),
        ("steps:\n  - get: \"/{{ 'a' | b64encod }}\"\n", "3:21", "there is no filter `b64encod`", "did you mean `b64encode`?"),
        ("steps:\n  - get: \"/{{ 'a' | base64 }}\"\n", "3:21", "there is no filter `base64`", "the filters are abs, attr, batch,"),
        ("steps:\n  - get: \"/{{ 1 is defind }}\"\n", "3:20", "there is no test `defind`", "did you mean `defined`?"),
        ("steps:\n  - get: \"/{{ fake.plat() }}\"\n", "3:15", "there is no generator `fake.plat`", "did you mean `fake.plate()`?"),
        ("steps:\n  - get: \"/{% if 1 is od %}{{ 2 }}{% endif %}\"\n", "3:23", "there is no test `od`", "did you mean `odd`?"),
        ("steps:\n  - get: \"/{% for x in ['a'] %}{{ x | uper }}{% endfor %}\"\n", "3:39", "there is no filter `uper`", "did you mean `upper`?"),
        ("steps:\n  - get: /a\n    expect: { that: [\"now2() == status\"] }\n", "4:23", "there is no function `now2`", "did you mean `now`?"),
    ]);
}

#[test]
#[rustfmt::skip]
fn a_template_in_a_name_is_refused() {
    let help = "write the name itself; only the names in a JSON body may contain templates";
    let sentence = "templates are not rendered in names here";
    wrong(&[
        ("vars: { n: 1 }\nsteps:\n  - get: \"/{{ n }}\"\n    query: { \"a{{ n }}\": 1 }\n", "5:14", sentence, help),
        ("steps:\n  - get: /\n    headers: { \"x-{{ run.id }}\": 1 }\n", "4:16", sentence, help),
        ("steps:\n  - post: /\n    form: { \"{{ run.id }}\": 1 }\n", "4:13", sentence, help),
        ("steps:\n  - post: /\n    multipart: { \"{{ run.id }}\": 1 }\n", "4:18", sentence, help),
        ("steps:\n  - post: /\n    graphql: { query: \"{ a }\", variables: { \"{{ run.id }}\": 1 } }\n", "4:45", sentence, help),
        ("steps:\n  - get: /\n    expect: { headers: { \"{% if 1 %}x{% endif %}\": 1 } }\n", "4:26", sentence, help),
        ("vars: { \"{{ run.id }}\": 1 }\nsteps:\n  - get: /\n", "2:9", sentence, help),
    ]);
    right(&["steps:\n  - post: /\n    json: { \"a{{ run.id }}\": 1 }\n  - post: /\n    multipart: { a: { json: { \"{{ run.id }}\": 1 } } }\n"]);
}
