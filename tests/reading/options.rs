//! A command line that cannot be read is told like any other problem: with its id, what was probably meant, and where
//! the options of that command are listed.

use snapbox::{assert_data_eq, str};

use crate::support::Project;

#[test]
fn each_mistake_of_the_command_line_has_the_id_and_the_layout_of_all_others() {
    let project = Project::new();
    let lines: &[&[&str]] = &[
        &["run", "--environment", "stg"],
        &["rum"],
        &["auth", "lgin"],
        &["run", "--env"],
        &["run", "--env", "a", "--env", "b"],
        &["run", "--jobs", "many"],
        &["run", "--jobs", "0"],
        &["run", "-q", "-v"],
        &["schema", "scenarios"],
        &["init", "one", "two"],
        &["diff", "one.json"],
        &["provider", "new"],
        &["run", "--fail-fast=3"],
    ];
    let told = lines.iter().fold(String::new(), |told, line| told + &project.callsheet(line).exits(2).stderr);
    assert_data_eq!(
        told,
        str![[r#"
error[cli.option]: there is no option `--environment` here
 = help: did you mean `--env`?
 = help: `callsheet run --help` shows what is possible

error[cli.option]: there is no command `rum`
 = help: did you mean `run`?
 = help: `callsheet --help` shows what is possible

error[cli.option]: there is no command `lgin`
 = help: did you mean `login`?
 = help: `callsheet auth --help` shows what is possible

error[cli.option]: `--env <NAME>` needs a value
 = help: `callsheet run --help` shows what is possible

error[cli.option]: `--env <NAME>` is given twice
 = help: `callsheet run --help` shows what is possible

error[cli.option]: `many` is not a possible value of `--jobs <N>`: it must be a whole number
 = help: `callsheet run --help` shows what is possible

error[cli.option]: `0` is not a possible value of `--jobs <N>`: it must be from 1 to 1024
 = help: `callsheet run --help` shows what is possible

error[cli.option]: `--quiet` cannot be used together with `--verbose`
 = help: `callsheet run --help` shows what is possible

error[cli.option]: `scenarios` is not a possible value of `[KIND]`
 = help: did you mean `scenario`?
 = help: the values are scenario, provider, fragment, project
 = help: `callsheet schema --help` shows what is possible

error[cli.option]: `two` is one argument too many
 = help: `callsheet init --help` shows what is possible

error[cli.option]: `<ACTUAL>` is missing
 = help: write it as `callsheet diff <EXPECTED> <ACTUAL>`
 = help: `callsheet diff --help` shows what is possible

error[cli.option]: `--flow <FLOW>` and `<NAME>` are missing
 = help: write it as `callsheet provider new --flow <FLOW> <NAME>`
 = help: `callsheet provider new --help` shows what is possible

error[cli.option]: `--fail-fast` takes no value `3`
 = help: `callsheet run --help` shows what is possible


"#]]
    );
}

#[test]
fn what_was_asked_for_is_no_mistake() {
    let project = Project::new();
    project.callsheet(&["--help"]).exits(0).says("To start: `callsheet init`").lacks("error[");
    project.callsheet(&["run", "--help"]).exits(0).says("Exit codes");
    project.callsheet(&["--version"]).exits(0).says("callsheet ");
    // Without a command the commands are listed, and nothing has passed.
    project.callsheet(&[]).exits(2).says("Commands:");
    project.callsheet(&["auth"]).exits(2).says("Commands:");
}

#[test]
fn an_empty_list_is_told_why_it_is_empty() {
    let project = Project::new().file("notes.yaml", "a: 1\n");
    assert_data_eq!(
        project.callsheet(&["list"]).exits(0).all(),
        str![[r#"
warning[cli.empty]: no scenario is selected
 = note: ignored, because they are not callsheet files: notes.yaml
 = help: a scenario file is a .yaml file that starts with `scenario: TITLE`; `callsheet init` writes one


"#]]
    );
    assert_data_eq!(
        project.callsheet(&["check"]).exits(2).all(),
        str![[r#"
error[cli.empty]: there is no scenario here
 = note: ignored, because they are not callsheet files: notes.yaml
 = help: a scenario file is a .yaml file that starts with `scenario: TITLE`; `callsheet init` writes one


"#]]
    );
    assert_data_eq!(
        project.callsheet(&["run", "trip.yaml"]).exits(2).all(),
        str![[r#"
error[cli.path]: trip.yaml does not exist
 = help: check the spelling; the path starts from the working directory


"#]]
    );
}
