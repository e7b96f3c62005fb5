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
    assert_data_eq!(told, str![[""]]);
}

#[test]
fn what_was_asked_for_is_no_mistake() {
    let project = Project::new();
    project.callsheet(&["--help"]).exits(0).says("To start: `callsheet init`").lacks("error");
    project.callsheet(&["run", "--help"]).exits(0).says("Exit codes");
    project.callsheet(&["--version"]).exits(0).says("callsheet ");
    // Without a command the commands are listed, and nothing has passed.
    project.callsheet(&[]).exits(2).says("Commands:");
    project.callsheet(&["auth"]).exits(2).says("Commands:");
}

#[test]
fn an_empty_list_is_told_why_it_is_empty() {
    let project = Project::new().file("notes.yaml", "a: 1\n");
    assert_data_eq!(project.callsheet(&["list"]).exits(0).all(), str![[""]]);
    assert_data_eq!(project.callsheet(&["check"]).exits(2).all(), str![[""]]);
    assert_data_eq!(project.callsheet(&["run", "trip.yaml"]).exits(2).all(), str![[""]]);
}
