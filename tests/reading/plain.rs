//! Places and advice that a first reader depends on: the caret at what is wrong, and a next step that is one.

use snapbox::{assert_data_eq, str};

use crate::mocked;
use crate::support::{Outcome, Project};

/// What `check` says of a scenario.
fn checked(scenario: &str) -> Outcome {
    mocked(scenario).callsheet(&["check"])
}

#[test]
fn a_fragment_that_uses_itself_is_refused() {
    let project = mocked("scenario: A\nsteps:\n  - use: one.yaml\n")
        .file("one.yaml", "fragment: One\nsteps:\n  - use: two.yaml\n")
        .file("two.yaml", "fragment: Two\nsteps:\n  - use: one.yaml\n");
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).all(),
        str![[r#"
error[fragment.depth]: these fragments use each other in a circle: one.yaml -> two.yaml -> one.yaml
 --> two.yaml:3:10
  |
3 |   - use: one.yaml
  |          ^^^^^^^^
  |
  = help: remove one of these `use` steps


"#]]
    );
    let alone = mocked("scenario: A\nsteps:\n  - use: one.yaml\n")
        .file("one.yaml", "fragment: One\nsteps:\n  - use: one.yaml\n");
    alone.callsheet(&["run"]).exits(2).says("error[fragment.depth]: the fragment `one.yaml` uses itself");
}

#[test]
fn a_fragment_may_be_used_by_two_that_are_used_together() {
    let project = mocked("scenario: A\nsteps:\n  - use: one.yaml\n  - use: two.yaml\n")
        .file("one.yaml", "fragment: One\nsteps:\n  - use: leaf.yaml\n")
        .file("two.yaml", "fragment: Two\nsteps:\n  - use: leaf.yaml\n")
        .file("leaf.yaml", "fragment: Leaf\nsteps:\n  - get: \"{{ mock.base }}/echo/anything\"\n");
    project.callsheet(&["run"]).exits(0);
}

#[test]
fn a_file_that_is_no_fragment_is_called_that_and_not_missing() {
    let project = mocked("scenario: A\nsteps:\n  - use: other.yaml\n").file("other.yaml", "openapi: 3.0.0\n");
    project.callsheet(&["check"]).exits(2).says("error[fragment.kind]: `other.yaml` is not a fragment");
}

#[test]
fn a_scenario_that_is_used_outside_of_what_runs_is_called_that_where_it_is_used() {
    let project = mocked("").file("a.yaml", "scenario: A\nsteps:\n  - use: b.yaml\n").file("b.yaml", "scenario: B\n");
    let outcome = project.callsheet(&["check", "a.yaml"]);
    outcome.exits(2).says("error[fragment.kind]: `b.yaml` is not a fragment").says("a.yaml:3:10");
}

#[test]
fn a_scenario_in_the_place_of_the_project_file_is_called_that() {
    let project = mocked("").file("callsheet.yaml", "scenario: A\nsteps: []\n");
    let outcome = project.callsheet(&["check"]);
    outcome.exits(2).says("callsheet.yaml is the project file, and this is a scenario").says("callsheet.yaml:1:1");
}

#[test]
fn a_parameter_that_is_misspelt_is_not_missing_as_well() {
    let project = mocked("scenario: A\nsteps:\n  - use: one.yaml\n    with: { plat: x }\n").file(
        "one.yaml",
        "fragment: One\nparams: { plate: {} }\nsteps:\n  - get: \"{{ mock.base }}/echo/anything?{{ plate }}\"\n",
    );
    let outcome = project.callsheet(&["check"]);
    outcome.exits(2).says("did you mean `plate`?").lacks("needs the parameter");
}

#[test]
fn a_range_that_no_value_is_in_is_refused() {
    for (matcher, marked) in
        [("<between 5 and 1>", "5 and 1"), ("<5..1>", "5..1"), ("<length 5..1>", "5..1"), ("<integer> and <5..1>", "")]
    {
        let outcome = checked(&format!("scenario: A\nsteps:\n  - get: /\n    expect: {{ text: '{matcher}' }}\n"));
        if marked.is_empty() {
            outcome.lacks("no value can match");
            continue;
        }
        outcome.exits(2).says("no value can match: 5 is greater than 1").says("write the smaller number first");
        outcome.says(&"^".repeat(marked.len()));
    }
    checked("scenario: A\nbase_url: http://x\nsteps:\n  - get: /\n    expect: { json: [\"<between 1 and 1>\", \"<length 2..2>\"] }\n")
        .exits(0);
}

#[test]
fn an_algorithm_that_does_not_exist_is_found_before_the_login() {
    let auth = "auth: { provider: simacan, expect: { signature: { file: keys.json, alg: [RS256, RS257] } } }";
    checked(&format!("scenario: A\n{auth}\n"))
        .exits(2)
        .says("error[format.value]: `RS257` is not a signature algorithm")
        .says("did you mean `RS256`?");
}

#[test]
fn columns_of_cases_are_named_once_and_filled() {
    let told = |csv: &str, text: &str| {
        mocked(
            "scenario: A\ncases: { file: a.csv }\nsteps:\n  - get: /{{ case.a }}\n"
                .replace("/{{", "\"/{{")
                .replace("}}\n", "}}\"\n")
                .as_str(),
        )
        .file("a.csv", csv)
        .callsheet(&["check"])
        .exits(2)
        .says(&format!("error[cases.file]: {text}\n"));
    };
    told("a,a\n1,2\n", "a.csv: two columns are named `a`");
    told("a,b\n1,2\n1,2,3\n", "a.csv: line 3 has 3 values, and the first line has 2 names");
    told("", "a.csv contains no case, so the scenario would never run");
}

#[test]
fn a_variable_in_a_block_of_text_is_marked_where_it_is() {
    let block = "scenario: A\nbase_url: http://x\nsteps:\n  - post: /\n    text: |\n      Dear sir\n\n      {{ nam }} and {{ 1 + }}\n";
    assert_data_eq!(
        checked(block).exits(2).all(),
        str![[r#"
error[template.syntax]: the expression ends too early: a value is missing
 --> scenario.yaml:8:26
  |
8 |       {{ nam }} and {{ 1 + }}
  |                          ^


"#]]
    );
    let names = block.replace("{{ 1 + }}", "{{ nobody }}");
    checked(&names).exits(2).says("--> scenario.yaml:8:10").says("--> scenario.yaml:8:24");
    let escaped = "scenario: A\nbase_url: http://x\nsteps:\n  - post: /\n    text: \"a\\n{{ nam }}\\t{{ nobody }}\"\n";
    checked(escaped).exits(2).says("--> scenario.yaml:5:18").says("--> scenario.yaml:5:29");
}

#[test]
fn what_the_parser_trips_over_is_marked_where_it_began() {
    let told = |lines: &str| checked(&format!("scenario: A\nsteps:\n{lines}")).exits(2).all();
    let escape = told("  - get: \"/items/\\d\"\n");
    assert!(
        escape.starts_with("error[yaml.syntax]: `\\d` means nothing in double quotes\n --> scenario.yaml:3:18\n"),
        "{escape}"
    );
    assert!(escape.contains("write `\\\\d`, or use single quotes"), "{escape}");
    assert_data_eq!(
        told("  - get: \"/a\n  - get: /b\n"),
        str![[r#"
error[yaml.syntax]: this is not valid YAML: a quote is never closed
 --> scenario.yaml:3:10
  |
3 |   - get: "/a
  |          ^ opened here
  |
  = help: close it on the same line; inside "…" write a quote as /", or use '…' around the whole text


"#]]
    );
    assert_data_eq!(
        told("  - get: /a\n    query: { a: 1\n  - get: /b\n"),
        str![[r#"
error[yaml.syntax]: this is not valid YAML: a `,` or `}` is expected here
 --> scenario.yaml:5:8
  |
4 |     query: { a: 1
  |            - opened here
5 |   - get: /b
  |        ^
  |
  = help: is this `{` closed, and is there a comma after each item?


"#]]
    );
    assert_data_eq!(
        told("  - name: Read: a trip\n    get: /b\n"),
        str![[r#"
error[yaml.syntax]: this is not valid YAML: a second `: ` in one line
 --> scenario.yaml:3:15
  |
3 |   - name: Read: a trip
  |               ^
  |
  = help: a value that contains `: ` must be quoted


"#]]
    );
}

#[test]
fn operators_of_other_languages_are_answered_with_those_of_templates() {
    for (expression, message, help) in [
        ("a && b", "`&` cannot be used here", "write `and`"),
        ("!a", "`!` cannot be used here", "write `not`"),
        ("a ? 1 : 2", "`?` cannot be used here", "write `A if CONDITION else B`"),
        ("a = 1", "`=` is not expected here", "to compare, write `==`"),
        ("if a", "`a` is not expected here", "write `A if CONDITION else B`, or"),
        ("hmac_sha256(a)", "there is no function `hmac_sha256`", "`hmac_sha256` is a filter: write"),
        ("a | now", "there is no filter `now`", "`now` is a function: write `now(…)`"),
        ("fake.plat()", "there is no generator `fake.plat`", "did you mean `fake.plate()`?"),
    ] {
        let scenario = format!("scenario: A\nvars: {{ a: 1, b: 2 }}\nsteps:\n  - get: \"/{{{{ {expression} }}}}\"\n");
        checked(&scenario).exits(2).says(&format!("]: {message}\n")).says(&format!("= help: {help}"));
    }
}

#[test]
fn a_template_that_fails_names_the_filter_and_what_it_needs() {
    for (expression, message) in [
        ("s | int", "`int` needs a number, and this text is not one"),
        ("s | jsonpath", "`jsonpath` needs an argument that is missing"),
        ("random_int('a', 2)", "`random_int` needs a whole number, not a string"),
        ("s + 1", "`+` cannot be used with a string and a number"),
        ("s.upper()", "a string has no method `upper`"),
        ("s | regex_capture('(')", "regex_capture: `(` is not a valid regular expression: unclosed group"),
    ] {
        let get = format!("  - get: \"{{{{ mock.base }}}}/echo/anything?{{{{ {expression} }}}}\"\n");
        mocked(&format!("scenario: A\nvars: {{ s: text }}\nsteps:\n{get}"))
            .callsheet(&["run"])
            .exits(1)
            .says(&format!("error[template.failed]: this template cannot be rendered: {message}\n"));
    }
}

#[test]
fn a_secret_comes_from_exactly_one_place() {
    for (secret, message) in [
        ("abc", "a secret itself is never written into a file, only where it comes from"),
        ("{ env: A, file: b }", "a secret comes from one place, and this names several"),
        ("{}", "this secret does not say where it comes from"),
    ] {
        Project::new()
            .file("callsheet.yaml", &format!("callsheet: 1\nenvironments: {{ a: {{ secrets: {{ k: {secret} }} }} }}\n"))
            .file("scenario.yaml", "scenario: A\nsteps:\n  - get: http://x/\n")
            .callsheet(&["check"])
            .exits(2)
            .says(&format!("error[format.secret]: {message}\n"));
    }
}

#[test]
fn a_project_without_environments_does_not_list_them() {
    let outcome = Project::new()
        .file("callsheet.yaml", "callsheet: 1\njobs: 2\n")
        .file("scenario.yaml", "scenario: A\nsteps:\n  - get: http://x/\n")
        .callsheet(&["check", "--env", "stg"]);
    outcome.exits(2).says("there is no environment `stg` in callsheet.yaml\n = help: add it under `environments`\n");
}

/// It was accepted without a word, and changed nothing.
#[test]
fn a_credential_of_a_provider_that_does_not_exist_is_refused() {
    let project = Project::new().file("scenario.yaml", "scenario: One\nauth: simacan\n");
    let outcome = project.callsheet(&["run", "--credential", "simacna.username=x"]);
    outcome.exits(2).says("error[cli.credential]: --credential simacna.username=…: there is no provider `simacna`");
    outcome.says("did you mean `simacan`?");
}

#[test]
fn no_jobs_at_once_is_refused() {
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\njobs: 0\n")
        .file("scenario.yaml", "scenario: One\nsteps: [{ pause: 1ms }]\n");
    project.callsheet(&["check"]).exits(2).says("with no job at once, no scenario would ever run");
}

#[test]
fn a_capture_that_lacks_its_name_is_told_so() {
    let scenario = "scenario: One\nsteps:\n  - get: http://127.0.0.1:9/\n    capture: { a: header, b: status code }\n";
    let outcome = Project::new().file("scenario.yaml", scenario).callsheet(&["check"]);
    outcome.exits(2).says("`header` needs a name: `header ETag`").says("write `status` alone");
}
