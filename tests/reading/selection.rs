//! Which scenarios run, in which order they are told, and what is said of a selection that selects nothing.

use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use crate::support::{Outcome, Project, Recorder, json};

/// Four scenarios with tags, and the server that sees which of them ran.
fn tagged() -> (Project, Recorder) {
    let server = Recorder::start(|_| json(200, "{}"));
    let step = |path: &str| format!("  - get: \"{{{{ env.at }}}}/{path}\"\n");
    let config = format!(
        "callsheet: 1\nenvironments:\n  test: {{ vars: {{ at: \"{0}\" }} }}\n  other: {{ vars: {{ at: \"{0}/other\" }} }}\ndefault_environment: test\n",
        server.base()
    );
    let project = Project::new()
        .file("callsheet.yaml", &config)
        .file("a.yaml", &format!("scenario: Push a trip\ntags: [smoke, trips]\nsteps:\n{}{}", step("a/1"), step("a/2")))
        .file("b.yaml", &format!("scenario: Read a trip\ntags: [trips, slow]\nsteps:\n{}", step("b")))
        .file(
            "deep/c.yaml",
            &format!(
                "scenario: Log in\ntags: [smoke]\ncases: [{{ n: x }}, {{ n: y }}, {{ n: z }}]\nsteps:\n{}",
                step("c/{{ case.n }}")
            ),
        )
        .file("deep/d.yaml", &format!("scenario: Untagged\nsteps:\n{}", step("d")));
    (project, server)
}

/// The paths that a run with these arguments asks for, in order.
#[track_caller]
fn asked(arguments: &[&str]) -> String {
    let (project, server) = tagged();
    project.run(&[&["--jobs", "1"], arguments].concat()).exits(0);
    server.seen().iter().map(|seen| seen.target.trim_start_matches('/').to_owned()).collect::<Vec<_>>().join(" ")
}

/// A run that ends with 2 and without a request.
#[track_caller]
fn refused(arguments: &[&str]) -> Outcome {
    let (project, server) = tagged();
    let outcome = project.run(arguments);
    outcome.exits(2);
    assert!(server.seen().is_empty(), "a request was made all the same\n{}", outcome.all());
    outcome
}

#[test]
fn tags_select() {
    assert_eq!(asked(&[]), "a/1 a/2 b c/x c/y c/z d");
    assert_eq!(asked(&["--tag", "smoke"]), "a/1 a/2 c/x c/y c/z");
    assert_eq!(asked(&["--tag", "smoke and not trips"]), "c/x c/y c/z");
    assert_eq!(asked(&["--tag", "slow or smoke and trips"]), "a/1 a/2 b");
    assert_eq!(asked(&["--tag", "(slow or smoke) and trips"]), "a/1 a/2 b");
    assert_eq!(asked(&["--tag", "not smoke"]), "b d");
    assert_eq!(asked(&["-t", "smoke", "-t", "trips"]), "a/1 a/2");
    assert_eq!(asked(&["--tag", "@slow"]), "b");
}

#[test]
fn tags_that_are_mistaken_are_told() {
    refused(&["--tag", "smok"])
        .says("error[cli.tag]: --tag smok: no scenario has the tag `smok`")
        .says("= help: did you mean `smoke`?");
    refused(&["--tag", "zzzzzz"]).says("= help: the tags are slow, smoke, trips");
    refused(&["--tag", "not zzzzzz"]).says("no scenario has the tag `zzzzzz`");
    refused(&["--tag", "smoke and"]).says("error[cli.tag]: --tag smoke and: a tag is missing at its end");
    refused(&["--tag", "smoke trips"])
        .says("`trips` is not expected there; combine tags with `and`, `or`, `not` and parentheses");
    refused(&["--tag", "(smoke"]).says("a `)` is missing");
    refused(&["--tag", "smok", "--tag", "or"]).says("`smok`").says("a tag is missing before `or`").says("2 errors");
}

#[test]
fn only_names_a_scenario_a_file_a_step_or_a_case() {
    assert_eq!(asked(&["--only", "Push a trip"]), "a/1 a/2");
    assert_eq!(asked(&["--only", "a TRIP"]), "a/1 a/2 b");
    assert_eq!(asked(&["--only", "a.yaml"]), "a/1 a/2");
    assert_eq!(asked(&["--only", "c.yaml"]), "c/x c/y c/z");
    assert_eq!(asked(&["--only", "./deep/c.yaml"]), "c/x c/y c/z");
    assert_eq!(asked(&["--only", "a.yaml:4"]), "a/1");
    assert_eq!(asked(&["--only", "a.yaml:5"]), "a/1 a/2");
    assert_eq!(asked(&["--only", "a.yaml:1"]), "a/1 a/2");
    assert_eq!(asked(&["--only", "c.yaml#2"]), "c/y");
    assert_eq!(asked(&["--only", "Log in#3"]), "c/z");
    assert_eq!(asked(&["--only", "deep/c.yaml:5#1"]), "c/x");
    assert_eq!(asked(&["--only", "Log in#3", "--only", "b.yaml"]), "b c/z");
    assert_eq!(asked(&["--only", "trip", "--tag", "smoke"]), "a/1 a/2");
}

#[test]
fn an_only_that_names_nothing_is_told() {
    refused(&["--only", "Push a trp"])
        .says("error[cli.only]: --only Push a trp: no scenario fits")
        .says("= help: did you mean `Push a trip`?");
    for wrong in ["zzzzzzzzzz", "a.yaml:99", "a.yaml:0", "c.yaml#4", "c.yaml#0", "Log in#9", "a.yaml#2"] {
        refused(&["--only", wrong]).says(&format!("error[cli.only]: --only {wrong}: no scenario fits"));
    }
    refused(&["--only", "a.yaml", "--only", "zzzzzzzzzz", "--only", "yyyyyyyyyy"]).says("2 errors");
}

#[test]
fn paths_select_files_and_folders() {
    assert_eq!(asked(&["deep"]), "c/x c/y c/z d");
    assert_eq!(asked(&["b.yaml", "deep/d.yaml", "deep"]), "b d c/x c/y c/z");
    refused(&["deap"]).says("error[cli.path]: deap does not exist");
}

#[test]
fn environments_select() {
    assert_eq!(asked(&["--env", "other", "--only", "b.yaml"]), "other/b");
    refused(&["--env", "tset"])
        .says("error[cli.environment]: there is no environment `tset` in callsheet.yaml")
        .says("= help: did you mean `test`?");
    refused(&["--env", "zzzzzz"]).says("= help: the environments are test, other");
    let project = Project::new()
        .file("callsheet.yaml", "callsheet: 1\nenvironments: { a: {}, b: {} }\n")
        .file("scenario.yaml", "scenario: A\nsteps: [{ get: / }]\n");
    project
        .run(&[])
        .exits(2)
        .says("error[cli.environment]: no environment is chosen, and there is no default one")
        .says("choose one with --env: a, b");
}

#[test]
fn an_empty_selection_is_an_error_unless_it_is_allowed() {
    assert_data_eq!(
        refused(&["--tag", "smoke and slow"]).plain(),
        str![[r#"
error[cli.empty]: nothing was run: no scenario is selected
 = note: 4 scenarios were found, but --tag and --only select none of them
 = help: with --allow-empty this is not an error


"#]]
    );
    let (project, server) = tagged();
    project.run(&["--tag", "smoke and slow", "--allow-empty"]).exits(0);
    assert!(server.seen().is_empty());
    let nothing = Project::new().file("values.yaml", "a: 1\n");
    assert_data_eq!(
        nothing.run(&[]).exits(2).plain(),
        str![[r#"
error[cli.empty]: nothing was run: no scenario is selected
 = note: ignored, because they are not callsheet files: values.yaml
 = help: a scenario file is a .yaml file that starts with `scenario: TITLE`; `callsheet init` writes one


"#]]
    );
    nothing.run(&["--allow-empty"]).exits(0);
    nothing.callsheet(&["check"]).exits(2).says("error[cli.empty]");
}

#[test]
fn what_list_shows_is_what_runs() {
    let (project, _server) = tagged();
    assert_data_eq!(
        project.callsheet(&["list", "--tag", "smoke"]).exits(0).plain(),
        str![[r#"
a.yaml   Push a trip   @smoke @trips
deep/c.yaml#1   Log in   @smoke
deep/c.yaml#2   Log in   @smoke
deep/c.yaml#3   Log in   @smoke

"#]]
    );
}

#[test]
fn fail_fast_begins_nothing_new() {
    let server = Recorder::start(|seen| json(if seen.path() == "/b" { 500 } else { 200 }, "{}"));
    let mut project = Project::with_vars(&[("at", &server.base())]);
    for name in ["a", "b", "c", "d"] {
        let scenario = format!(
            "scenario: {name}\nsteps:\n  - get: \"{{{{ env.at }}}}/{name}\"\nteardown:\n  - get: \"{{{{ env.at }}}}/{name}/down\"\n"
        );
        project = project.file(&format!("{name}.yaml"), &scenario);
    }
    let paths = |arguments: &[&str]| {
        let before = server.seen().len();
        let outcome = project.run(&[&["--jobs", "1"], arguments].concat());
        outcome.exits(1);
        let seen = server.seen()[before..].iter().map(|seen| seen.target.clone()).collect::<Vec<_>>().join(" ");
        (seen, outcome)
    };
    assert_eq!(paths(&[]).0, "/a /a/down /b /b/down /c /c/down /d /d/down");
    let (seen, outcome) = paths(&["--fail-fast"]);
    assert_eq!(seen, "/a /a/down /b /b/down", "the teardown of what failed runs");
    outcome.says("2 skipped");
}

#[test]
fn results_come_in_the_order_of_the_files_though_the_first_is_the_slowest() {
    let mut project =
        Project::new().file("callsheet.yaml", "callsheet: 1\nenvironments: { mock: { serve: builtin } }\n");
    for number in 0..12_u32 {
        let delay = 600_u32.saturating_sub(number * 50);
        project = project.file(
            &format!("{number:02}.yaml"),
            &format!("scenario: Number {number:02}\nsteps: [{{ get: \"{{{{ mock.base }}}}/echo/delay/{delay}\" }}]\n"),
        );
    }
    let started = Instant::now();
    let outcome = project.run(&["--jobs", "16", "-v"]);
    let took = started.elapsed();
    outcome.exits(0);
    let told: Vec<&str> =
        outcome.stdout.lines().filter_map(|line| line.strip_prefix("✓ Number ")).map(|line| &line[..2]).collect();
    assert_eq!(told, ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"]);
    assert!(took < Duration::from_secs(3), "all at once they take as long as the slowest, not {took:?}");
}

#[test]
fn a_variable_that_nothing_uses_is_an_error() {
    let project = Project::new()
        .file(
            "callsheet.yaml",
            "callsheet: 1\nenvironments: { mock: { serve: builtin, vars: { host: a, stage: b } } }\ndefaults: { headers: { x-run: \"{{ build | default('') }}\" } }\n",
        )
        .file("fragment.yaml", "fragment: F\nparams: { n: {} }\nsteps: [{ pause: 1ms }, { get: \"{{ mock.base }}/echo/{{ n }}{{ env.only_here }}\", when: false }]\n")
        .file(
            "a.yaml",
            "scenario: A\ntags: [a]\nvars: { plate: x }\nsteps:\n  - post: \"{{ mock.base }}/echo/json\"\n    json: \"{{ plate }}/{{ env.host }}\"\n",
        )
        .file(
            "b.yaml",
            "scenario: B\ntags: [b]\nsteps:\n  - post: \"{{ mock.base }}/echo/json\"\n    json: \"{{ size | default(1) }}{% if colour %}c{% endif %}\"\n  - use: fragment.yaml\n    with: { n: 1 }\n    when: false\n",
        );
    let told = |arguments: &[&str], sentence: &str, help: &str| {
        for command in ["run", "list"] {
            let arguments = [&[command], arguments, &["--var", "env.only_here=1"]].concat();
            project.callsheet(&arguments).exits(2).says(&format!("error[cli.var]: {sentence}\n = help: {help}"));
        }
    };
    told(&["--var", "plat=s3cret"], "--var plat=…: no scenario here has a variable `plat`", "did you mean `plate`?\n");
    told(
        &["--var", "zzz=1"],
        "--var zzz=…: no scenario here has a variable `zzz`",
        "the variables are build, colour, plate, size\n",
    );
    told(
        &["--var", "stage=1"],
        "--var stage=…: no scenario here has a variable `stage`",
        "did you mean `env.stage`?\n",
    );
    told(&["--var", "env.plate=1"], "--var env.plate=…: nothing here uses `env.plate`", "did you mean `plate`?\n");
    told(&["--var", "env.hots=1"], "--var env.hots=…: nothing here uses `env.hots`", "did you mean `env.host`?\n");
    told(&["--var", "case=1"], "--var case=…: the name `case` is taken", "in a scenario with `cases`");
    let all = ["--var", "plate=1", "--var", "size=2", "--var", "colour=", "--var", "build=3", "--var", "env.stage=4"];
    for command in ["list", "check", "run"] {
        project.callsheet(&[&[command, "--var", "env.only_here=5"], &all[..]].concat()).exits(0);
    }
    project.callsheet(&["check", "--var", "plat=1", "--var", "env.only_here=1"]).exits(2).says("did you mean `plate`?");
    // All files are checked whatever is selected: what one of them needs may always be given.
    project
        .callsheet(&["run", "--tag", "b", "--var", "plate=1", "--var", "colour=", "--var", "env.only_here=1"])
        .exits(0);
}
